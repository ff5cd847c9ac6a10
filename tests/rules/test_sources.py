"""Where two sources of credits disagree it is said, with both figures, their days and which is used (the rulebook's head)."""

from __future__ import annotations

from typing import Any

import pytest

from core.rules.facts import DeclarationReport
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.conftest import day, declared, did, period, person, ran

AS_OF = "2021-12-31"
LOG = {"activities": (did("2021-12-01", 3), did("2021-12-20", 5, "S 1.1b"))}


def told(*periods: DeclarationReport) -> dict[str, Any]:
    return {"declaration_reports": periods}


def run(on: str, credits: int | None) -> dict[str, Any]:
    return {"engagement_reports": (ran(on, "20", credits),)}


PERIODS = told(period("2021-11-01", "2021-11-20", 10), period("2021-11-21", "2021-12-10", 15))
RUNNING = told(period("2021-11-01", "2021-11-20", 10, None, 10), period("2021-11-21", "2021-12-10", 15, None, 30))
PART = told(period("2021-11-02", "2021-12-10", 5, None, 30))  # a day is missing, so that the periods add up to nothing
SOURCES = [
    # what the sources say, what is said about that on 31 December; "; " between two warnings
    ("a running figure and periods that add up to less", RUNNING,
     "By 10 December 2021 the Declaration report says 30 credits in all, the Declaration periods add up to 25: 30 is used."),
    ("a running figure and periods that add up to it", told(period("2021-11-01", "2021-12-10", 25, None, 25)), ""),
    ("a running figure and periods with a gap", PART, ""),
    ("both reports of one day", PART | run("2021-12-10", 28),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Engagement report says 28: 30 is used."),
    ("both reports of one day agree", PART | run("2021-12-10", 30), ""),
    ("the newer report says less", PART | run("2021-12-15", 28),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Engagement report says 28 by 15 December 2021: 28 is used."),
    ("the newer report says more", PART | run("2021-12-15", 32), ""),
    ("a run on the day a period ends", PERIODS | run("2021-12-10", 30),
     "By 10 December 2021 the Engagement report says 30 credits in all, the Declaration periods add up to 25: 30 is used."),
    ("a run before the last period ends, with more", PERIODS | run("2021-12-05", 30),
     "By 5 December 2021 the Engagement report says 30 credits in all, "
     "the Declaration periods add up to 25 by 10 December 2021: 30 is used."),
    ("a run that the periods go on after", PERIODS | run("2021-12-05", 20),
     "By 5 December 2021 the Engagement report says 20 credits in all, "
     "the Declaration periods add up to 25 by 10 December 2021: 20 is used."),
    ("a run after the last period, with more", PERIODS | run("2021-12-15", 30), ""),
    ("a run after the last period, with less", PERIODS | run("2021-12-15", 24),
     "By 15 December 2021 the Engagement report says 24 credits in all, "
     "the Declaration periods add up to 25 by 10 December 2021: 24 is used."),
    ("a newer figure than those that disagree", RUNNING | run("2021-12-15", 40),
     "By 10 December 2021 the Declaration report says 30 credits in all, "
     "the Declaration periods add up to 25: 40 is used, the newest figure."),
    ("three that disagree are each named", RUNNING | run("2021-12-10", 28),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Engagement report says 28: 30 is used.; "
     "By 10 December 2021 the Declaration report says 30 credits in all, the Declaration periods add up to 25: 30 is used."),
    ("the log and a report", LOG | run("2021-12-05", 5),
     "By 5 December 2021 the activity log gives 3 credits in all, the Engagement report says 5: the log is used."),
    ("the log went on after the report", LOG | run("2021-12-05", 3), ""),
    ("the log and periods", LOG | PERIODS,
     "By 10 December 2021 the activity log gives 3 credits in all, the Declaration periods add up to 25: the log is used."),
    ("the log and a report that says the same twice", LOG | told(period("2021-11-01", "2021-12-10", 4, None, 4)),
     "By 10 December 2021 the activity log gives 3 credits in all, the Declaration report says 4: the log is used."),
    ("only a percentage", LOG | run("2021-12-05", None), ""),
    ("a report of a later day", LOG | run("2022-01-05", 50), ""),
]  # fmt: skip


def said(pack: Pack, facts: dict[str, Any], number: int = 1) -> str:
    """The warnings about sources, of an output."""
    found = standing(pack, person(**facts), day(AS_OF)).outputs[number - 1]
    return "; ".join(warning for warning in found.warnings if " in all, " in warning)


@pytest.mark.parametrize(("what", "facts", "expected"), SOURCES, ids=[row[0] for row in SOURCES])
def test_sources_that_disagree_are_named(pack: Pack, what: str, facts: dict[str, Any], expected: str) -> None:
    assert said(pack, facts) == expected


def test_a_declared_output_looks_no_further_than_its_cutoff(pack: Pack) -> None:
    """Reading 25; what they disagree about later is said of the outputs that it concerns."""
    facts = RUNNING | {"declarations": (declared(1, "2021-12-14", "2021-12-01"),)}
    assert said(pack, facts, 1) == ""
    assert said(pack, facts, 2).endswith("30 is used.")


def test_what_is_used_stays_the_first_in_the_order(pack: Pack) -> None:
    """Said or not: the log, else the newest running figure, else the periods."""
    for what, facts, _ in SOURCES:
        earned = standing(pack, person(**facts), day(AS_OF)).outputs[0].credits.earned
        assert earned == 8 if "activities" in facts else earned in (20, 24, 25, 28, 30, 32, 40), what
