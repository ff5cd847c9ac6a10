"""Whether an output is met, by which criterion and why (R4-R31)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.rules.facts import DeclarationReport, Participant
from core.rules.results import OutputStanding
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.conftest import (
    assessed,
    day,
    declared,
    did,
    period,
    person,
    ran,
    session,
    watched,
)

REVIEW_1 = "2021-12-13"  # cohort 1, output 1
REVIEW_2 = "2022-06-23"


def look(pack: Pack, who: Participant, number: int, on: str) -> OutputStanding:
    return standing(pack, who, day(on)).outputs[number - 1]


FIRST_OUTPUT = [
    # what they did, verdict on the review date, rule
    ("nothing", {}, "not_met", "R8"),
    ("attended a face-to-face event", {"register": (session("2021-12-01"),)}, "met", "R9"),
    ("attended on the review date itself", {"register": (session(REVIEW_1),)}, "met", "R9"),
    ("attended the day after", {"register": (session("2021-12-14"),)}, "not_met", "R9"),
    ("marked completed", {"register": (session("2021-12-01", "completed"),)}, "met", "R13"),
    ("booked, others are marked", {"register": (session("2021-12-01", "booked"),)}, "not_met", "R9"),
    ("booked, nobody marked yet", {"register": (session("2021-12-01", "booked", marked=False),)}, "unknown", "R9"),
    ("absent", {"register": (session("2021-12-01", "absent"),)}, "not_met", "R9"),
    ("missed, covered by a recording, register updated",
     {"register": (session("2021-12-01", contingency="recording", contingency_on="2021-12-10", confirmed_by="Sam"),)},
     "met", "R13"),
    ("covered after the review date",
     {"register": (session("2021-12-01", contingency="recording", contingency_on="2021-12-20", confirmed_by="Sam"),)},
     "not_met", "R13"),
    ("covered, but the register still says absent",
     {"register": (session("2021-12-01", "absent", contingency="recording", contingency_on="2021-12-02"),)},
     "not_met", "R13"),
    ("self-reported an event worth 15 credits, register blank",
     {"activities": (did("2021-12-01", 15, "NPQLTD F2F Training Session", 1, "Training event", "self_report"),)},
     "not_met", "R11"),
    ("one self-study credit", {"activities": (did("2021-12-01", 1),)}, "met", "R16"),
    ("an event survey only", {"activities": (did("2021-12-01", 1, "Survey", 1, "Event survey"),)}, "not_met", "R16"),
    ("Micro Implementation Tasks only",
     {"activities": (did("2021-12-01", 2, "Micro Implementation Tasks (MITs)"),)}, "unknown", "R16"),
    ("a credited intro video", {"activities": (did("2021-12-01", 1, "Video Introduction to Block 1"),)}, "met", "R16"),
    ("a report with self-study credits", {"declaration_reports": (period("2021-11-01", "2021-12-10", 5, 2),)}, "met", "R16"),
    ("a report without self-study", {"declaration_reports": (period("2021-11-01", "2021-12-10", 5, 0),)}, "not_met", "R16"),
    ("only zeros, but a period is missing",
     {"declaration_reports": (period("2021-11-20", "2021-12-10", 5, 0),)}, "unknown", "reading 26"),
    ("a total of 26 without a split", {"declaration_reports": (period("2021-11-01", "2021-12-10", 26),)}, "unknown", "R16"),
    ("a total of 27 without a split", {"declaration_reports": (period("2021-11-01", "2021-12-10", 27),)}, "met", "R16"),
    ("Block 1 video to exactly 90%", {"videos": (watched("2021-12-01", "90"),)}, "met", "R17"),
    ("Block 1 video to 89.9%", {"videos": (watched("2021-12-01", "89.9"),)}, "not_met", "R17"),
    ("two halves of the video", {"videos": (watched("2021-12-01", "50"), watched("2021-12-02", "50"))}, "not_met", "R17"),
    ("Block 2 video in full", {"videos": (watched("2021-12-01", "100", 2),)}, "not_met", "R17"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "facts", "verdict", "rule"), FIRST_OUTPUT, ids=[row[0] for row in FIRST_OUTPUT])
def test_first_output(pack: Pack, what: str, facts: dict[str, object], verdict: str, rule: str) -> None:
    output = look(pack, person(**facts), 1, REVIEW_1)
    assert output.verdict == verdict, [c.reason for c in output.criteria]
    assert output.baseline is None
    assert output.credits.at_baseline == 0


def test_nothing_imported_is_unknown_not_unmet(pack: Pack) -> None:
    output = look(pack, person(imported=frozenset()), 1, REVIEW_1)
    assert {c.criterion: c.verdict for c in output.criteria} == {
        "attendance": "unknown",
        "self_study": "unknown",
        "video": "unknown",
    }
    assert output.verdict == "unknown"
    assert output.credits.earned is None


def test_met_beats_unknown(pack: Pack) -> None:
    output = look(pack, person(imported=frozenset({"videos"}), videos=(watched("2021-12-01", "95"),)), 1, REVIEW_1)
    assert output.verdict == "met"
    assert any("weakest" in warning for warning in output.warnings)


def test_self_reported_credits_say_why_they_do_not_count(pack: Pack) -> None:
    row = did("2021-12-01", 15, "NPQLTD F2F Training Session", 1, "Training event", "self_report")
    output = look(pack, person(activities=(row,)), 1, REVIEW_1)
    attendance = next(c for c in output.criteria if c.criterion == "attendance")
    assert output.credits.earned == 15
    assert "self-report alone is not evidence" in attendance.reason


def test_unconfirmed_contingency_is_met_with_a_warning(pack: Pack) -> None:
    who = person(register=(session("2021-12-01", contingency="mop_up"),))
    output = look(pack, who, 1, REVIEW_1)
    assert output.verdict == "met"
    assert any("no confirmation is on file" in warning for warning in output.warnings)


def test_an_application_not_accepted_blocks_every_undeclared_output(pack: Pack) -> None:
    who = person(application_status="pending", activities=(did("2021-12-01"),))
    output = look(pack, who, 1, REVIEW_1)
    assert output.verdict == "not_met"
    assert output.met_on is None
    assert next(c for c in output.criteria if c.criterion == "self_study").verdict == "met"
    assert any("application" in step for step in output.next_steps)


def test_a_blank_application_is_only_a_warning(pack: Pack) -> None:
    output = look(pack, person(application_status=None, activities=(did("2021-12-01"),)), 1, REVIEW_1)
    assert output.verdict == "met"
    assert any("application status is blank" in warning for warning in output.warnings)


@pytest.mark.parametrize(
    ("contract", "sponsorship", "missing"),
    [
        ("2021-11-01", None, ("sponsorship_agreement",)),
        (None, "2021-11-01", ("school_contract",)),
        (None, None, ("school_contract", "sponsorship_agreement")),
        ("2021-12-14", "2021-11-01", ("school_contract",)),
        ("2021-12-13", "2021-11-01", ()),
    ],
)
def test_papers_gate_the_payment_never_the_verdict(
    pack: Pack, contract: str | None, sponsorship: str | None, missing: tuple[str, ...]
) -> None:
    who = replace(
        person(activities=(did("2021-12-01"),)),
        contract_returned_on=day(contract) if contract else None,
        sponsorship_returned_on=day(sponsorship) if sponsorship else None,
    )
    output = look(pack, who, 1, REVIEW_1)
    assert (output.verdict, output.papers_missing, output.payable) == ("met", missing, not missing)


RETENTION = [
    # after output 1 was declared on 14 December 2021 with evidence up to 13 December
    ("nothing new", {}, "not_met"),
    ("one more credit", {"activities": (did("2021-12-01"), did("2022-01-10", 1, "S 1.1b"))}, "met"),
    ("the same event as before", {"register": (session("2021-12-13"),)}, "not_met"),
    ("an event the day after the cut-off", {"register": (session("2021-12-14"),)}, "met"),
    ("a contingency engaged with after the cut-off",
     {"register": (session("2021-12-01", contingency="recording", contingency_on="2022-01-05", confirmed_by="Sam"),)}, "met"),
    ("a video that first reached 90% before", {"videos": (watched("2021-12-01", "95"), watched("2022-02-01", "100"))}, "not_met"),
    ("a video that crosses 90% after", {"videos": (watched("2021-12-01", "80"), watched("2022-02-01", "95"))}, "met"),
    ("another block's video", {"videos": (watched("2022-02-01", "90", 2),)}, "met"),
    ("credits fell in the reports", {"engagement_reports": (ran("2021-12-10", "20", 40), ran("2022-05-01", "18", 38))}, "unknown"),
    ("a period with credits after a gap", {"declaration_reports": (period("2022-02-01", "2022-05-31", 4),)}, "met"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "facts", "verdict"), RETENTION, ids=[row[0] for row in RETENTION])
def test_retention_needs_something_new(pack: Pack, what: str, facts: dict[str, object], verdict: str) -> None:
    who = person(declarations=(declared(1, "2021-12-14", "2021-12-13"),), **facts)
    output = look(pack, who, 2, REVIEW_2)
    assert output.verdict == verdict, [c.reason for c in output.criteria]
    assert output.baseline == day("2021-12-13")


def test_the_metric_is_progress_or_attendance(pack: Pack) -> None:
    who = person(
        declarations=(declared(1, "2021-12-14", "2021-12-13"),),
        register=(session("2022-03-01"),),
        engagement_reports=(ran("2022-03-05", "40.25", None),),
    )
    metric = next(c for c in look(pack, who, 2, REVIEW_2).criteria if c.criterion == "engagement_metric")
    assert metric.verdict == "met"
    assert "40.2%" in metric.reason


COURSE_EDGES = [
    # course, credits, total, verdict of the 90% criterion, percentage shown
    ("NPQLTD", 167, "met", "90.2"),
    ("NPQLTD", 166, "not_met", "89.7"),
    ("NPQLT", 180, "met", "90.4"),
    ("NPQLT", 179, "not_met", "89.9"),
    ("NPQLBC", 168, "met", "90.3"),
    ("NPQLBC", 167, "not_met", "89.7"),
    ("NPQSL", 225, "met", "90.3"),
    ("NPQSL", 224, "not_met", "89.9"),
    ("NPQH", 214, "met", "90.2"),
    ("NPQH", 213, "not_met", "89.8"),
]


@pytest.mark.parametrize(("course", "credits", "verdict", "percent"), COURSE_EDGES)
def test_ninety_percent_is_never_rounded_up(pack: Pack, course: str, credits: int, verdict: str, percent: str) -> None:
    who = person(course, engagement_reports=(ran("2023-02-01", "90.0", credits),), assessments=(assessed(),))
    output = standing(pack, who, day("2023-08-01")).outputs[-1]
    share = next(c for c in output.criteria if c.criterion == "credits_90")
    assert (share.verdict, output.credits.percent) == (verdict, percent)
    assert output.credits.needed == {"NPQLTD": 167, "NPQLT": 180, "NPQLBC": 168, "NPQSL": 225, "NPQH": 214}[course]
    assert percent in share.reason


@pytest.mark.parametrize("course", ["NPQLL", "NPQEYL"])
def test_a_total_to_be_confirmed_is_unknown_never_met(pack: Pack, course: str) -> None:
    who = person(course, "3", engagement_reports=(ran("2023-06-01", "100", 49),), assessments=(assessed(),))
    output = standing(pack, who, day("2024-02-01")).outputs[-1]
    share = next(c for c in output.criteria if c.criterion == "credits_90")
    assert share.verdict == "unknown"
    assert (output.credits.total, output.credits.needed, output.credits.percent) == (None, None, None)


ASSESSMENTS = [
    # marked, moderated, outside, copies, result → tracked, copies (readings 9 and 23)
    ("2023-02-01", "2023-02-10", "done", True, "failed", "met", "met"),
    ("2023-02-01", "2023-02-10", "not_sampled", True, "passed", "met", "met"),
    ("2023-02-01", "2023-02-10", "pending", True, "passed", "not_met", "met"),
    ("2023-02-01", "2023-03-10", "done", True, "passed", "not_met", "not_met"),
    ("2023-03-01", "2023-02-10", "done", True, "passed", "not_met", "not_met"),
    (None, "2023-02-10", "done", True, "passed", "unknown", "met"),
    ("2023-02-01", "2023-02-10", None, True, "passed", "unknown", "met"),
    ("2023-02-01", "2023-02-10", "done", None, "passed", "met", "unknown"),
    ("2023-02-01", "2023-02-10", "done", False, "passed", "met", "not_met"),
    ("2023-02-01", "2023-02-10", "done", True, None, "met", "unknown"),
    (None, None, "pending", None, None, "not_met", "unknown"),
    (None, None, None, None, None, "unknown", "unknown"),
]


@pytest.mark.parametrize(("marked", "moderated", "outside", "copies", "result", "tracked", "held"), ASSESSMENTS)
def test_assessment_record(
    pack: Pack,
    marked: str | None,
    moderated: str | None,
    outside: str | None,
    copies: bool | None,
    result: str | None,
    tracked: str,
    held: str,
) -> None:
    who = person(assessments=(assessed(marked, moderated, outside, copies, result),))
    found = {c.criterion: c.verdict for c in look(pack, who, 3, "2023-02-24").criteria}
    assert (found["assessment_tracked"], found["assessment_copies"]) == (tracked, held)


def test_completion_takes_all_three(pack: Pack) -> None:
    done = {
        "declarations": (declared(1, "2021-12-14", "2021-12-13"), declared(2, "2022-06-24", "2022-06-23")),
        "engagement_reports": (ran("2023-02-15", "91", 170),),
    }
    assert look(pack, person(assessments=(assessed(),), **done), 3, "2023-02-24").verdict == "met"
    assert look(pack, person(**done), 3, "2023-02-24").verdict == "unknown"
    assert look(pack, person(assessments=(assessed(copies=False),), **done), 3, "2023-02-24").verdict == "not_met"


def test_ehco_is_not_defined_and_says_so_in_the_guidances_words(pack: Pack) -> None:
    output = look(pack, person("EHCO"), 1, REVIEW_1)
    assert (output.verdict, output.stage, output.criteria) == ("not_defined", "not_defined", ())
    assert "will be circulated in advance of the EHCO launch" in " ".join(output.next_steps)
    assert output.credits.earned is None


def test_report_and_log_that_disagree_are_said(pack: Pack) -> None:
    who = person(activities=(did("2021-12-01", 3),), engagement_reports=(ran("2021-12-05", "3", 5),))
    output = look(pack, who, 1, REVIEW_1)
    assert output.credits.earned == 3
    assert any("the log is used" in warning for warning in output.warnings)


CREDIT_SOURCES = [
    # what is held, credits on 2022-01-31
    ("a log", {"activities": (did("2021-12-01", 3), did("2022-02-01", 4, "S 1.1b"))}, 3),
    ("the newest cumulative figure", {"engagement_reports": (ran("2021-12-01", "1", 5), ran("2022-01-15", "2", 9))}, 9),
    ("same day: the Declaration report's figure",
     {"engagement_reports": (ran("2022-01-15", "2", 9),), "declaration_reports": (period("2021-12-01", "2022-01-15", 1, None, 8),)}, 8),
    ("contiguous periods",
     {"declaration_reports": (period("2021-11-01", "2021-12-13", 5), period("2021-12-14", "2022-01-20", 6))}, 11),
    ("a gap between periods",
     {"declaration_reports": (period("2021-11-01", "2021-12-13", 5), period("2021-12-15", "2022-01-20", 6))}, None),
    ("a first period that starts late", {"declaration_reports": (period("2021-11-02", "2021-12-13", 5),)}, None),
    ("before the first period ends", {"declaration_reports": (period("2021-11-01", "2022-03-31", 5),)}, 0),
    ("only a percentage", {"engagement_reports": (ran("2022-01-15", "2"),)}, None),
    ("no row of their own", {}, 0),
]  # fmt: skip


@pytest.mark.parametrize(("what", "facts", "credits"), CREDIT_SOURCES, ids=[row[0] for row in CREDIT_SOURCES])
def test_where_credits_come_from(pack: Pack, what: str, facts: dict[str, object], credits: int | None) -> None:
    assert look(pack, person(**facts), 1, "2022-01-31").credits.earned == credits


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        pytest.param([period("2021-11-01", "2021-12-12", 30, 0)], "not_met", id="a whole report that splits: none"),
        pytest.param([period("2021-11-02", "2021-12-12", 30, 0)], "unknown", id="a day is missing, and only zeros"),
        pytest.param([period("2021-11-01", "2021-12-12", 26)], "unknown", id="no split, and 26 may all be other things"),
        pytest.param([period("2021-11-01", "2021-12-12", 27)], "met", id="no split, and 27 can't be"),
        pytest.param([period("2021-11-01", "2021-12-12", 27, None, 0)], "not_met", id="the cumulative figure says 0"),
        pytest.param([period("2021-11-01", "2021-12-12", 27, None, 9)], "unknown", id="the cumulative figure says 9"),
        pytest.param(
            [period("2021-11-01", "2021-11-20", 20, 0), period("2021-11-21", "2021-12-12", 10)],
            "unknown",
            id="what is split counts for nothing in the sum of what is not",
        ),
    ],
)  # fmt: skip
def test_self_study_from_reports_of_totals(pack: Pack, reports: list[DeclarationReport], expected: str) -> None:
    """Readings 6, 10 and 26: NPQLTD's Block 1 gives 26 credits without a self-study unit."""
    found = standing(pack, person(declaration_reports=tuple(reports)), day("2021-12-20")).outputs[0]
    assert next(c.verdict for c in found.criteria if c.criterion == "self_study") == expected


def test_the_figure_at_the_baseline_is_of_the_baseline_day_whatever_the_cutoff(pack: Pack) -> None:
    """Reading 25: only the earned figure stops at the cut-off; declared out of order, the baseline may lie after it."""
    who = person(
        activities=(did("2022-07-10", 15, "NPQLTD F2F Training Session", component="Training event"),),
        register=(session("2022-07-10"),),
        declarations=(declared(2, "2022-06-30", "2022-06-23"),),
    )
    found = standing(pack, who, day("2022-08-01")).outputs[1]
    assert (found.baseline, found.credits.at_baseline, found.credits.earned) == (day("2022-07-10"), 15, 0)
