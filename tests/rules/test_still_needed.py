"""What each still needs, from any tree: a programme manager's table of what was asked, what they did, and what they are told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.rules.facts import PlannedSession
from core.rules.standing import standing
from reference.criteria import CriteriaGroup, Criterion, Item, WeightedPart
from tests.rules.conftest import day, did, ran
from tests.rules.test_trees import GOING_ON, asking, leaf, session, somebody

SEMINARS = leaf("count", metric="sessions", n=3, kinds=("seminar",))
HOURS = leaf("count", metric="hours", n=10.5)
MODULES = leaf("count", metric="activities", n=2, component="Online module")
CREDITS = leaf("share", metric="credits", min_share=50)
FILM = leaf("video", min_percent=65, block=1)
NAMED = leaf("items", items=tuple(Item("NPQLT", n, f"Evaluation of block {n}") for n in (1, 2)))
HALF = leaf("share", metric="sessions", min_share=50)
OF_TWELVE = leaf("share", metric="sessions", min_share=90, of=12)
CONTENT = leaf("share", metric="percent_complete", min_share=87.5)
THEIRS = Criterion("marked", "assessment_tracked", "p. 1", "Marked", "p. 1", owner="lead_provider")


def weighted(at_least: float, *parts: WeightedPart) -> Criterion:
    return leaf("weighted", min_share=at_least, parts=parts)


def part(weight: int, metric: Any, **numbers: Any) -> WeightedPart:
    return WeightedPart(Decimal(weight), metric, **numbers)


def group(combine: Any, *nodes: Any, n: int | None = None) -> CriteriaGroup:
    return CriteriaGroup(combine, nodes, n)


ONE_MODULE = (did("2025-10-20", 7, "Module 1.1", 1, "Online module"),)
TWO_SEMINARS = (session("2025-11-03"), session("2025-11-05"))
UNMARKED = session("2025-11-10", "booked", marked=False)
FILM_SAID = "watch at least 65% of the Block 1 video introduction"

STEPS = [
    # what is asked for, what is known of them, what they are told on 20 November 2025
    ("one count", [SEMINARS], {}, ["Attend 3 sessions (seminar)."]),
    ("some of it done", [SEMINARS], {"register": TWO_SEMINARS}, ["Attend 1 more session (seminar)."]),
    ("a register that would do", [SEMINARS], {"register": (*TWO_SEMINARS, UNMARKED)},
     ["Ask the facilitator to mark the register of 10 November 2025."]),
    ("hours", [HOURS], {"register": TWO_SEMINARS}, ["Attend 5.5 more hours of sessions."]),
    ("activities", [MODULES], {"activities": ONE_MODULE}, ["Complete 1 more Online module activity."]),
    ("named ones", [NAMED], {}, ["Complete “Evaluation of block 1” and “Evaluation of block 2”."]),
    ("credits", [CREDITS], {"activities": ONE_MODULE}, ["Earn 21 more credits (7 of 56 so far)."]),
    ("content", [CONTENT], {"engagement_reports": (ran("2025-11-01", "40"),)}, ["Complete at least 87.5% of the course content."]),
    ("a share of what was offered", [HALF],
     {"register": (session("2025-11-03"), *(session(f"2025-11-1{n}", "absent") for n in (0, 1)))},
     ["Make up 1 missed session (1 of 3 so far, 2 needed), or attend the next one."]),
    ("a share of a number", [OF_TWELVE], {"register": TWO_SEMINARS}, ["Attend 9 more sessions (2 of 12 so far, 11 needed)."]),
    ("nothing offered yet", [HALF], {}, ["Attend a session."]),
    ("all of several", [SEMINARS, NAMED, THEIRS], {"register": TWO_SEMINARS},
     ["Attend 1 more session (seminar).", "Complete “Evaluation of block 1” and “Evaluation of block 2”."]),
    ("a choice among all", [SEMINARS, group("any", FILM, MODULES)], {"register": TWO_SEMINARS},
     ["Attend 1 more session (seminar).", f"One of these: {FILM_SAID}; complete 2 Online module activities."]),
    ("a choice that is made", [SEMINARS, group("any", FILM, MODULES)],
     {"activities": (*ONE_MODULE, did("2025-10-22", 6, "Module 1.2", 1, "Online module"))},
     ["Attend 3 sessions (seminar)."]),
    ("two of three", [group("at_least", SEMINARS, MODULES, FILM, n=2)], {},
     [f"2 of these: attend 3 sessions (seminar); complete 2 Online module activities; {FILM_SAID}."]),
    ("two of three, one done", [group("at_least", SEMINARS, MODULES, FILM, n=2)], {"register": (*TWO_SEMINARS, session("2025-11-06"))},
     [f"One of these: complete 2 Online module activities; {FILM_SAID}."]),
    ("weighted: what a part alone would take", [weighted(60, part(50, "sessions", of=4), part(50, "component", component="Online module"))],
     {"register": TWO_SEMINARS, "activities": ONE_MODULE},
     ["Reach 60% by weight, 38.4% so far: attend 2 more sessions, or earn 12 more credits of Online module."]),
    ("weighted: no part alone would do",
     [weighted(90, part(50, "sessions", of=4, label="seminars"), part(50, "component", component="Online module"))],
     {"register": TWO_SEMINARS},
     ["Reach 90% by weight, 25% so far, for which no single part is enough (seminars 2 of 4, Online module 0 of 26)."]),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "known", "told"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_what_is_still_needed(nodes: list[Any], known: dict[str, Any], told: list[str]) -> None:
    assert steps(1, "all", nodes, known, "2025-11-20") == told


CHOICES = [
    # of several ways those with fewest open criteria first, then in the pack's order
    ([group("all", SEMINARS, MODULES), FILM],
     [f"Any one of these is enough: {FILM_SAID}; attend 3 sessions (seminar) and complete 2 Online module activities."]),
    ([FILM, THEIRS, CREDITS], [f"Any one of these is enough: {FILM_SAID}; earn 28 credits (0 of 56 so far)."]),
    ([group("all", group("any", SEMINARS, FILM), MODULES), NAMED],
     ["Any one of these is enough: complete “Evaluation of block 1” and “Evaluation of block 2”; "
      f"(attend 3 sessions (seminar) or {FILM_SAID}) and complete 2 Online module activities."]),
    ([group("all", THEIRS, SEMINARS)], ["Attend 3 sessions (seminar)."]),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "told"), CHOICES)
def test_any_one_is_enough(nodes: list[Any], told: list[str]) -> None:
    assert steps(1, "any", nodes, {}, "2025-11-20") == told


def test_the_next_session_that_is_planned_is_named() -> None:
    planned = (PlannedSession("seminar", day("2025-11-19")), PlannedSession("conference", day("2025-11-25"), "2025b"))
    assert steps(1, "any", [leaf("attendance")], {"planned": planned}, "2025-11-20") == [
        "Attend the conference day on 25 November 2025."
    ]


def test_what_only_counts_from_an_output_that_is_open_is_not_asked_for_yet() -> None:
    coached = leaf("count", metric="sessions", n=2, since_last=True)
    waiting = steps(3, "all", [coached], {}, "2026-12-01")
    assert waiting == ["Output 2 comes first."]
    assert steps(3, "all", [coached], {"declarations": GOING_ON}, "2026-12-01") == ["Attend 2 sessions."]


def steps(output: int, combine: Any, nodes: list[Any], known: dict[str, Any], on: str) -> list[str]:
    """What somebody is told, papers and what staff do left out."""
    found = standing(asking(output, *nodes, combine=combine), somebody(**known), day(on)).outputs[output - 1]
    left_out = {*found.staff_steps, *found.paper_steps}
    return [step for step in found.next_steps if step not in left_out]
