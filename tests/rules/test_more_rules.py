"""Rules that are mostly data or words (R1, R2, R15, R20, R29, R31, R34, R49)."""

from __future__ import annotations

import pytest

from core.rules.calendar import in_words
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.conftest import assessed, day, declared, did, extended, person, ran, session

GROUPS = [
    ("NPQLT", ["started", "retention", "completion"], ["started", "retained-1", "completed"]),
    (
        "NPQSL",
        ["started", "retention", "retention", "completion"],
        ["started", "retained-1", "retained-2", "completed"],
    ),
    ("EHCO", ["started", "retention", "completion"], ["started", "retained-1", "completed"]),
]


@pytest.mark.parametrize(("course", "kinds", "types"), GROUPS)
def test_the_outputs_of_each_group(pack: Pack, course: str, kinds: list[str], types: list[str]) -> None:
    outputs = standing(pack, person(course), day("2022-01-10")).outputs
    assert [o.kind for o in outputs] == kinds
    assert [o.declaration_type for o in outputs] == types


@pytest.mark.parametrize("facts", [{}, {"register": (session("2021-12-01", "absent"),)}])
def test_nobody_is_sent_to_the_lead_provider_for_a_recording(pack: Pack, facts: dict[str, object]) -> None:
    said = " ".join(
        step for o in standing(pack, person(**facts), day("2021-12-20")).outputs for step in o.next_steps
    ).casefold()
    assert "recording" not in said
    assert "mop-up" not in said


DONE = (declared(1, "2021-12-14", "2021-12-13"), declared(2, "2022-06-24", "2022-06-23"))


def test_the_engagement_report_may_disagree(pack: Pack) -> None:
    """91% in the report and 166 of 185 credits: the credits count, and it is said."""
    who = person(declarations=DONE, engagement_reports=(ran("2023-02-01", "91", 166),), assessments=(assessed(),))
    output = standing(pack, who, day("2023-02-24")).outputs[2]
    assert output.verdict == "not_met"
    assert any("The Engagement report says 91.0%, the credits 89.7%" in warning for warning in output.warnings)


def test_enough_but_below_the_expectation(pack: Pack) -> None:
    who = person(declarations=DONE, engagement_reports=(ran("2023-02-01", "95", 176),), assessments=(assessed(),))
    output = standing(pack, who, day("2023-02-24")).outputs[2]
    assert output.verdict == "met"
    assert any("below the expectation" in warning for warning in output.warnings)
    assert not any("more credits" in step for step in output.next_steps)


def test_what_is_self_reported(pack: Pack) -> None:
    """R34: training events and Micro Implementation Tasks; without them nobody of cohorts 1 and 2 reaches 90%."""
    capped = {}
    for course in ("NPQLTD", "NPQLT", "NPQLBC", "NPQSL", "NPQH"):
        rows = [activity for block in pack.blocks[course] for activity in block.activities]
        auto = sum(row.credits or 0 for row in rows if row.logged == "auto")
        capped[course] = auto * 1000 // (pack.totals[course] or 1) / 10
    assert capped == {"NPQLTD": 65.4, "NPQLT": 67.8, "NPQLBC": 65.5, "NPQSL": 66.2, "NPQH": 64.5}


@pytest.mark.parametrize("course", ["NPQLL", "NPQEYL"])
@pytest.mark.parametrize(("cohort", "offered"), [("1", False), ("2", False), ("3", True), ("4", True)])
def test_courses_that_a_cohort_does_not_offer(pack: Pack, course: str, cohort: str, offered: bool) -> None:
    assert (pack.outlines[course].dates.get((cohort, "", 1)) is not None) is offered


def test_next_steps_name_the_cheapest_ways(pack: Pack) -> None:
    who = person(
        declarations=(declared(1, "2021-12-14", "2021-12-13"),),
        activities=(did("2021-12-01", 2, "Diagnostic Assessment for Block 1"),),
        register=(session("2022-06-12", "booked", kind="live_webinar", marked=False),),
    )
    steps = " ".join(standing(pack, who, day("2022-06-01")).outputs[1].next_steps)
    assert "any one self-study unit, e.g. S 1.1a (3 credits)" in steps
    assert "attend the live webinar on 12 June 2022" in steps
    assert "watch at least 90% of the Block 1 video introduction" in steps


IN_TIME = [
    # Output 2, review 23 June 2022, deadline 14 July; as of; booked on; extended to; whether the session is named
    ("in the window, before the deadline", "2022-07-01", "2022-07-10", None, True),
    ("in the window, on the deadline", "2022-07-01", "2022-07-14", None, True),
    ("in the window, the day after", "2022-07-01", "2022-07-15", None, False),
    ("in the window, a year later", "2022-07-01", "2023-07-13", None, False),
    ("before the review, long after it", "2022-05-01", "2023-07-13", None, False),
    ("within the agreed deadline", "2022-07-01", "2022-07-20", "2022-07-29", True),
    ("past the deadline, the next one", "2022-07-20", "2022-09-13", None, True),
    ("past the deadline, after the next output's review", "2022-07-20", "2023-07-13", None, False),
    ("past that too", "2023-03-20", "2023-07-13", None, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "booked", "extended_to", "named"), [row[1:] for row in IN_TIME], ids=[r[0] for r in IN_TIME]
)
def test_a_session_is_named_only_where_it_is_in_time(
    pack: Pack, as_of: str, booked: str, extended_to: str | None, named: bool
) -> None:
    who = person(
        declarations=(declared(1, "2021-12-14", "2021-12-13"),),
        register=(session(booked, "booked", marked=False),),
        extensions=(extended(2, extended_to, "2022-06-30"),) if extended_to else (),
    )
    steps = " ".join(standing(pack, who, day(as_of)).outputs[1].next_steps)
    assert (f"attend the face-to-face event on {in_words(day(booked))}" in steps) is named
    assert ("attend a face-to-face event or live webinar" in steps) is not named


def test_next_steps_count_the_credits_left(pack: Pack) -> None:
    rows = tuple(
        did("2022-12-01", a.credits or 0, a.title, b.number, a.component)
        for b in pack.blocks["NPQLTD"]
        if b.number <= 3
        for a in b.activities
    )
    who = person(activities=rows, declarations=DONE, assessments=(assessed(),))
    steps = standing(pack, who, day("2023-02-01")).outputs[2].next_steps
    assert "48 more credits; Blocks 4 and 5 have 66 left." in steps
