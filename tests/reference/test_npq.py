"""The pack that is used where none is chosen: DfE's courses, cohorts and dates typed a second time, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from bot.settings import Settings
from core.rules.facts import ActivityDone, EngagementReport, Participant
from core.rules.standing import standing
from reference.loading import check_pack, load_pack
from reference.pack import Pack
from tests.rules.conftest import assessed, day, declared, did, period, person, ran, session, watched

COURSES = [
    # code, DfE's identifier, group
    ("NPQEYL", "npq-early-years-leadership", "leadership"),
    ("NPQEL", "npq-executive-leadership", "leadership"),
    ("NPQH", "npq-headship", "leadership"),
    ("NPQLBC", "npq-leading-behaviour-culture", "specialist"),
    ("NPQLL", "npq-leading-literacy", "specialist"),
    ("NPQLPM", "npq-leading-primary-mathematics", "specialist"),
    ("NPQLT", "npq-leading-teaching", "specialist"),
    ("NPQLTD", "npq-leading-teaching-development", "specialist"),
    ("NPQSL", "npq-senior-leadership", "leadership"),
    ("NPQSENCO", "npq-senco", "leadership"),
    ("EHCO", "npq-early-headship-coaching-offer", "ehco"),
]
DECLARED = {
    "specialist": ["started", "retained-1", "completed"],
    "leadership": ["started", "retained-1", "retained-2", "completed"],
    "ehco": ["started", "retained-1", "retained-2", "completed"],
}
COHORTS = [
    # key, name, from when DfE takes declarations, funding, the starts of EHCO
    ("2024a", "Autumn 2024", "2024-10-01", "capped", ["november", "december", "june"]),
    ("2025a", "Spring 2025", "2025-02-01", "capped", ["march", "june"]),
    ("2025b", "Autumn 2025", "2025-08-01", "capped", ["november", "december"]),
    ("2026a", "Spring 2026", None, "zero", ["march", "june"]),
    ("2026b", "Autumn 2026", None, None, ["november", "december"]),
]
MILESTONES = [
    # group, cohort, output, milestone, payment: as DfE has published them, for these two groups alone
    ("specialist", "2024a", 1, "2024-11-25", "2024-12-15"),
    ("specialist", "2024a", 2, "2025-05-26", "2025-06-25"),
    ("specialist", "2024a", 3, "2026-02-21", "2026-03-26"),
    ("leadership", "2024a", 1, "2024-11-25", "2024-12-15"),
    ("leadership", "2024a", 2, "2025-05-26", "2025-06-25"),
    ("leadership", "2024a", 3, "2026-01-24", "2026-02-25"),
    ("leadership", "2024a", 4, "2026-07-25", "2026-08-25"),
    ("specialist", "2025a", 1, "2025-05-30", "2025-06-25"),
    ("specialist", "2025a", 2, "2025-12-19", "2026-01-26"),
    ("specialist", "2025a", 3, "2026-08-21", "2026-09-25"),
    ("leadership", "2025a", 1, "2025-05-30", "2025-06-25"),
    ("leadership", "2025a", 2, "2025-12-19", "2026-01-26"),
    ("leadership", "2025a", 3, "2026-07-24", "2026-08-25"),
    ("leadership", "2025a", 4, "2027-02-25", "2027-03-25"),
]
SHARES = {"specialist": "20%", "leadership": "15%", "ehco": "25%"}


@pytest.fixture(scope="module")
def npq() -> Pack:
    return load_pack("npq")


def test_it_is_the_one_that_is_used_and_it_is_well(npq: Pack) -> None:
    assert Settings.model_fields["npq_pack"].default == npq.name
    assert check_pack("npq") == []


def test_the_eleven_courses_and_what_is_declared_of_them(npq: Pack) -> None:
    assert sorted((c.code, c.identifier, c.group) for c in npq.courses.values()) == sorted(COURSES)
    assert {group: [o.declaration_type for o in outputs] for group, outputs in npq.outputs.items()} == DECLARED
    assert {course.total for course in npq.courses.values()} == {None}, "no credits are published"
    assert npq.papers == ()


def test_the_cohorts_each_with_every_course_and_dfes_schedules(npq: Pack) -> None:
    found = [(c.key, c.name, c.starts_on and str(c.starts_on), c.funding) for c in npq.cohorts.values()]
    assert found == [row[:4] for row in COHORTS]
    for key, *_, of_ehco in COHORTS:
        cohort = npq.cohorts[key]
        assert sorted(cohort.courses) == sorted(npq.courses)
        season = "spring" if "Spring" in cohort.name else "autumn"
        for group in ("specialist", "leadership"):
            assert [start.identifier for start in cohort.starts_of(group)] == [f"npq-{group}-{season}"]
        assert [(start.key, start.identifier) for start in cohort.starts_of("ehco")] == [
            (month, f"npq-ehco-{month}") for month in of_ehco
        ]


def test_every_published_date_and_no_other(npq: Pack) -> None:
    rows = [row for rows in npq.schedule.values() for row in rows]
    dated = [
        (row.group, row.cohort, row.output, str(row.cut_off), str(row.payment))
        for row in rows
        if row.cut_off or row.payment
    ]
    assert sorted(dated) == sorted(MILESTONES)
    assert [row for row in rows if row.review or row.invoice] == []
    assert {(row.group, row.price_share) for row in rows} == set(SHARES.items())
    shares = {(group, output.share) for group, outputs in npq.outputs.items() for output in outputs}
    assert shares == {(group, Fraction(int(share.removesuffix("%")), 100)) for group, share in SHARES.items()}


def test_who_became_senco_is_told_a_year_before_three_years_are_over(npq: Pack) -> None:
    became = person(course="NPQSENCO", cohort="2024a", senco_start_date=day("2024-02-29"))
    for on, codes in (("2026-02-27", []), ("2026-02-28", ["personal_limit"]), ("2027-02-28", ["personal_limit"]),
                      ("2027-03-01", ["personal_limit_past"])):  # fmt: skip
        told = standing(npq, became, day(on)).outputs[0].warning_codes
        assert [code for code in told if code.startswith("personal")] == codes, on


def test_what_no_source_says_is_marked(npq: Pack) -> None:
    """Whatever is neither DfE's nor a line of the guidance."""
    told = [npq.setting_sources[name] for name in npq.setting_sources]
    told += [criteria.source for criteria in npq.criteria.values()]
    told += [criterion.source for criteria in npq.criteria.values() for criterion in criteria.criteria]
    assert [source for source in told if not source.startswith(("house", "DfE", "EDT v18, L"))] == []
    assert all("house" in npq.criteria["ehco", number].source for number in (1, 2, 3, 4))
    assert npq.settings.inactive_after_days == 90
    assert npq.setting_sources["inactive_after_days"] == "house"


# --- what meets its outputs --------------------------------------------------------------------------------------------

ONE = {"declarations": (declared(1, "2025-11-01", "2025-10-31"),)}
ALL_BUT_LAST = {
    "declarations": tuple(declared(number, f"2026-0{number}-01", f"2026-0{number}-01") for number in (1, 2, 3))
}
BEFORE, AFTER = "2025-10-15", "2025-12-10"
MARKED = assessed("2026-09-01", "2026-09-10")
VERDICTS: list[tuple[str, str, dict[str, object], int, str]] = [
    # what, on which course, what is known, of which output → verdict on 1 December 2026
    ("nothing", "NPQH", {}, 1, "not_met"),
    ("a session", "NPQH", {"register": (session(BEFORE),)}, 1, "met"),
    ("a coaching session", "EHCO", {"register": (session(BEFORE, kind="coaching"),)}, 1, "met"),
    ("credits of any component", "NPQLPM", {"activities": (did(BEFORE, 1, "Anything", 9, "Task"),)}, 1, "met"),
    ("a period with credits", "NPQSENCO", {"declaration_reports": (period("2025-08-01", BEFORE, 1),)}, 1, "met"),
    ("any per cent", "NPQEL", {"engagement_reports": (ran(BEFORE, "1"),)}, 1, "met"),
    ("no per cent yet", "NPQEL", {"engagement_reports": (ran(BEFORE, "0"),)}, 1, "not_met"),
    ("90% of any video", "NPQLT", {"videos": (watched(BEFORE, "90", 3),)}, 1, "met"),
    ("89.9% of it", "NPQLT", {"videos": (watched(BEFORE, "89.9"),)}, 1, "not_met"),
    ("what was before", "NPQLT", ONE | {"register": (session(BEFORE),)}, 2, "not_met"),
    ("a new session", "NPQLT", ONE | {"register": (session(AFTER),)}, 2, "met"),
    ("more per cent", "NPQLT", ONE | {"engagement_reports": (ran(BEFORE, "10"), ran(AFTER, "11"))}, 2, "met"),
    ("as many per cent", "NPQLT", ONE | {"engagement_reports": (ran(BEFORE, "10"), ran(AFTER, "10"))}, 2, "not_met"),
    ("new credits", "NPQLT", ONE | {"activities": (did(AFTER),)}, 2, "met"),
    ("a new video", "NPQLT", ONE | {"videos": (watched(BEFORE, "95"), watched(AFTER, "90", 2))}, 2, "met"),
    ("90% and the assessment", "NPQH",
     ALL_BUT_LAST | {"engagement_reports": (ran("2026-10-01", "90"),), "assessments": (MARKED,)}, 4, "met"),
    ("89.9%", "NPQH",
     ALL_BUT_LAST | {"engagement_reports": (ran("2026-10-01", "89.9"),), "assessments": (MARKED,)}, 4, "not_met"),
    ("90% alone", "NPQH", ALL_BUT_LAST | {"engagement_reports": (ran("2026-10-01", "90"),)}, 4, "unknown"),
    ("coaching since the last output", "EHCO",
     ALL_BUT_LAST | {"register": (session("2026-10-01", kind="coaching"),)}, 4, "met"),
    ("coaching before it", "EHCO",
     ALL_BUT_LAST | {"register": (session("2026-02-20", kind="coaching"),)}, 4, "not_met"),
    ("90% without anything new", "EHCO", ALL_BUT_LAST | {"engagement_reports": (ran("2026-02-20", "90"),)}, 4, "not_met"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("course", "facts", "number", "verdict"),
    [row[1:] for row in VERDICTS],
    ids=[f"{row[1]}: {row[0]}" for row in VERDICTS],
)
def test_what_meets_an_output(npq: Pack, course: str, facts: dict[str, object], number: int, verdict: str) -> None:
    output = standing(npq, of_autumn(course, **facts), day("2026-12-01")).outputs[number - 1]
    assert output.verdict == verdict, [(c.criterion, c.reason) for c in output.criteria]


def of_autumn(course: str, **facts: object) -> Participant:
    """On a course of autumn 2025; of EHCO since November."""
    return person(course, "2025b", schedule="november" if course == "EHCO" else None, **facts)


def test_what_somebody_still_needs_is_said_in_one_line(npq: Pack) -> None:
    steps: Sequence[str] = standing(npq, of_autumn("NPQH"), day("2026-12-01")).outputs[0].next_steps
    assert steps == (
        "Any one of these is enough: attend a session; begin the course content; watch at least 90% of a video.",
    )


WHICH = [
    # credits by the log, percentages → verdict on Output 2, why
    ((), (ran(BEFORE, "10"), ran(AFTER, "11")), "met", "11% complete, more than at the last output point (10%)."),
    ((), (ran(BEFORE, "10"), ran(AFTER, "10")), "not_met", "10% complete by the last output point, and no more since."),
    ((did(BEFORE),), (), "not_met", "No new credits since the last output point (3 in all)."),
    ((did(BEFORE), did(AFTER, 1, "S 1.1b")), (ran(BEFORE, "10"), ran(AFTER, "10")), "met",
     "1 more credit than at the last output point (4 in all)."),
    ((did(BEFORE),), (ran(BEFORE, "10"), ran(AFTER, "11")), "met", "11% complete, more than at the last output point (10%)."),
    ((did(BEFORE),), (ran(AFTER, "11"),), "not_met", "No new credits since the last output point (3 in all)."),
]  # fmt: skip


@pytest.mark.parametrize(("log", "runs", "verdict", "why"), WHICH)
def test_progress_is_told_by_whichever_report_is_held(
    npq: Pack, log: tuple[ActivityDone, ...], runs: tuple[EngagementReport, ...], verdict: str, why: str
) -> None:
    held = frozenset({"register", "videos", *(["activities"] if log else []), *(["engagement_report"] if runs else [])})
    who = of_autumn("NPQLT", **ONE, activities=log, engagement_reports=runs, imported=held)
    [told] = [c for c in standing(npq, who, day("2026-12-01")).outputs[1].criteria if c.criterion == "progress"]
    assert (told.verdict, told.reason) == (verdict, why)


def test_without_any_report_progress_is_not_known(npq: Pack) -> None:
    who = of_autumn("NPQLT", **ONE, imported=frozenset({"register", "videos"}))
    assert standing(npq, who, day("2026-12-01")).outputs[1].verdict == "unknown"
