"""Where two sources of credits disagree it is said, with both figures, their days and which is used (the rulebook's head)."""

from __future__ import annotations

from typing import Any

import pytest

from core.rules.facts import DeclarationReport
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.conftest import day, declared, did, period, person, ran, session

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
     "the Declaration periods add up to 25: 30 is used, 40 by now."),
    ("three that disagree are each named", RUNNING | run("2021-12-10", 28),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Engagement report says 28, "
     "the Declaration periods add up to 25: 30 is used."),
    ("three with two figures between them", RUNNING | run("2021-12-10", 25),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Engagement report says 25, "
     "the Declaration periods add up to 25: 30 is used."),
    ("a report that agrees with its periods, and another", told(period("2021-11-01", "2021-12-10", 30, None, 30)) | run("2021-12-10", 25),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Engagement report says 25: 30 is used."),
    ("two that agree against the first", told(period("2021-11-01", "2021-12-10", 25, None, 30)) | run("2021-12-10", 30),
     "By 10 December 2021 the Declaration report says 30 credits in all, the Declaration periods add up to 25: 30 is used."),
    ("the log and both reports", LOG | told(period("2021-11-01", "2021-12-10", 4, None, 4)) | run("2021-12-10", 4),
     "By 10 December 2021 the activity log gives 3 credits in all, the Declaration report says 4, "
     "the Engagement report says 4: the log is used."),
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


def said(pack: Pack, facts: dict[str, Any], number: int = 1, as_of: str = AS_OF) -> str:
    """The warnings about sources, of an output."""
    found = standing(pack, person(**facts), day(as_of)).outputs[number - 1]
    return "; ".join(warning for warning in found.warnings if " in all, " in warning)


@pytest.mark.parametrize(("what", "facts", "expected"), SOURCES, ids=[row[0] for row in SOURCES])
def test_sources_that_disagree_are_named(pack: Pack, what: str, facts: dict[str, Any], expected: str) -> None:
    assert said(pack, facts) == expected


def test_a_declared_output_looks_no_further_than_its_cutoff(pack: Pack) -> None:
    """Reading 25; what they disagree about later is said of the outputs that it concerns."""
    facts = RUNNING | {"declarations": (declared(1, "2021-12-14", "2021-12-01"),)}
    assert said(pack, facts, 1) == ""
    assert said(pack, facts, 2).endswith("30 is used.")


SAID_35, SAID_25_35 = (
    told(period("2021-11-01", "2021-11-30", 35, 30, 35), period("2021-12-01", "2021-12-31", 0, None, 35)),
    {"engagement_reports": (ran("2021-11-30", "14", 25), ran("2021-12-31", "14", 35))},
)
LOGGED = {"activities": (did("2021-11-20", 25), did("2021-12-20", 10, "S 1.1b"))}
AT_THE_BASELINE = [
    # what the sources say, what is said about Output 2, whose new evidence counts from 14 December
    ("two reports that disagree at the baseline only", SAID_35 | SAID_25_35,
     "By 30 November 2021 the Declaration report says 35 credits in all, the Engagement report says 25: 35 is used."),
    ("the log and a report that disagree at the baseline only", LOGGED | SAID_35,
     "By 30 November 2021 the activity log gives 25 credits in all, the Declaration report says 35: the log is used."),
    ("then and now", SAID_35 | {"engagement_reports": (ran("2021-11-30", "14", 25), ran("2021-12-31", "14", 36))},
     "By 30 November 2021 the Declaration report says 35 credits in all, the Engagement report says 25: 35 is used.; "
     "By 31 December 2021 the Declaration report says 35 credits in all, the Engagement report says 36: 35 is used."),
    ("both agree then and now", SAID_35 | {"engagement_reports": (ran("2021-11-30", "14", 35), ran("2021-12-31", "14", 35))}, ""),
    ("they disagree, and nothing is newer", told(period("2021-11-01", "2021-11-30", 35, 30, 35)) | run("2021-11-30", 25),
     "By 30 November 2021 the Declaration report says 35 credits in all, the Engagement report says 25: 35 is used."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "facts", "expected"), AT_THE_BASELINE, ids=[row[0] for row in AT_THE_BASELINE])
def test_what_new_credits_are_counted_from_is_compared_too(
    pack: Pack, what: str, facts: dict[str, Any], expected: str
) -> None:
    """A disagreement at the baseline decides whether anything is new, even where the newest day agrees."""
    facts = {"register": (session("2021-12-01"),)} | facts
    assert said(pack, facts, 2, as_of="2022-03-10") == expected


def test_what_is_said_of_two_outputs_is_said_in_the_same_words(pack: Pack) -> None:
    """So that people are told once; what is used of a day doesn't depend on who asks."""
    facts = RUNNING | run("2021-12-15", 40) | {"register": (session("2021-12-01"),)}
    assert said(pack, facts, 1) == said(pack, facts, 2) != ""


def test_what_is_used_stays_the_first_in_the_order(pack: Pack) -> None:
    """Said or not: the log, else the newest running figure, else the periods."""
    for what, facts, _ in SOURCES:
        earned = standing(pack, person(**facts), day(AS_OF)).outputs[0].credits.earned
        assert earned == 8 if "activities" in facts else earned in (20, 24, 25, 28, 30, 32, 40), what
