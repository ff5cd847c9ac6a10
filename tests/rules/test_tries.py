"""Tries at the assessment (reading 38, R27): a pass in any of them stands, otherwise the newest counts."""

from __future__ import annotations

import pytest

from core.rules.facts import Assessment
from core.rules.folding import progress_of
from reference.pack import Pack
from tests.rules.conftest import assessed, day, declared, maybe, person, ran
from tests.rules.test_verdicts import look

DONE = (declared(1, "2021-12-20", "2021-12-13"), declared(2, "2022-06-24", "2022-06-23"))


def tried(number: int, submitted: str | None, marked: str | None, result: str | None,
          outside: str | None = "done", copies: bool | None = True) -> Assessment:  # fmt: skip
    """Moderated on the day on which it was marked."""
    return Assessment(maybe(submitted), maybe(marked), maybe(marked), outside, copies, result, number)


PASSED_THEN_FAILED = (tried(1, "2022-10-03", "2022-11-01", "passed"), tried(2, "2023-01-09", "2023-02-01", "failed"))
FAILED_THEN_PASSED = (tried(1, "2022-10-03", "2022-11-01", "failed"), tried(2, "2023-01-09", "2023-02-01", "passed"))
TWO_FAILS = (tried(1, "2022-10-03", "2022-11-01", "failed"), tried(2, "2023-01-09", "2023-02-01", "failed"))
STILL_OUT = (tried(1, "2022-10-03", "2022-11-01", "failed"), tried(2, "2023-01-09", None, None, None, None))

TWO_PASSES = (
    tried(1, "2022-10-03", "2022-11-01", "passed", "pending"),
    tried(2, "2023-01-09", "2023-02-01", "passed"),
)

COUNTS = [
    # tries, day, which of them counts, tracked, copies
    (PASSED_THEN_FAILED, "2022-10-02", 1, "not_met", "not_met"),  # marked later: as it is with one try
    (PASSED_THEN_FAILED, "2022-11-01", 1, "met", "met"),
    (PASSED_THEN_FAILED, "2023-01-09", 1, "met", "met"),  # the pass stands
    (PASSED_THEN_FAILED, "2023-02-01", 1, "met", "met"),
    (FAILED_THEN_PASSED, "2022-10-31", 1, "not_met", "not_met"),
    (FAILED_THEN_PASSED, "2023-01-08", 1, "met", "met"),  # a result is asked for, no pass (R27)
    (FAILED_THEN_PASSED, "2023-01-09", 2, "not_met", "not_met"),  # from its first day it is the newest
    (FAILED_THEN_PASSED, "2023-01-31", 2, "not_met", "not_met"),
    (FAILED_THEN_PASSED, "2023-02-01", 2, "met", "met"),
    (TWO_FAILS, "2023-01-31", 2, "not_met", "not_met"),
    (TWO_FAILS, "2023-02-01", 2, "met", "met"),
    (STILL_OUT, "2023-01-08", 1, "met", "met"),
    (STILL_OUT, "2023-03-01", 2, "unknown", "unknown"),  # nothing is recorded of the newest yet
    ((tried(2, None, "2023-02-01", "failed"), tried(1, None, None, "passed")), "2023-03-01", 1, "unknown", "unknown"),
    (TWO_PASSES, "2023-03-01", 2, "met", "met"),  # of them the one that is moderated
    ((tried(3, None, None, "failed", None, False),), "2023-03-01", 3, "unknown", "not_met"),  # the only one, whatever its number
]  # fmt: skip


@pytest.mark.parametrize(("tries", "on", "which", "tracked", "copies"), COUNTS)
def test_which_try_counts(
    pack: Pack, tries: tuple[Assessment, ...], on: str, which: int, tracked: str, copies: str
) -> None:
    who = person(declarations=DONE, engagement_reports=(ran("2022-09-01", "95", 176),), assessments=tries)
    counts = progress_of(pack, who).assessment(day(on).toordinal())
    assert counts is not None
    assert counts.number == which
    verdicts = {c.criterion: c.verdict for c in look(pack, who, 3, on).criteria}
    assert (verdicts["assessment_tracked"], verdicts["assessment_copies"]) == (tracked, copies)
    again = person(declarations=DONE, engagement_reports=who.engagement_reports, assessments=tries[::-1])
    assert look(pack, again, 3, on) == look(pack, who, 3, on), "they may come in any order"


def test_since_when_it_is_met(pack: Pack) -> None:
    """Reading 3: the latest spell. A further try begins a new one, unless the one before was passed."""

    def met_on(tries: tuple[Assessment, ...]) -> str:
        who = person(declarations=DONE, engagement_reports=(ran("2022-09-01", "95", 176),), assessments=tries)
        return str(look(pack, who, 3, "2023-02-24").met_on)

    assert met_on(PASSED_THEN_FAILED) == "2022-11-01"
    assert met_on(FAILED_THEN_PASSED) == met_on(TWO_FAILS) == "2023-02-01"
    assert met_on(FAILED_THEN_PASSED[:1]) == "2022-11-01"


def test_one_try_is_judged_as_ever_whatever_its_number(pack: Pack) -> None:
    for first in (assessed(), assessed(marked=None), assessed(outside="pending"), assessed(result=None, copies=None)):
        one = person(declarations=DONE, assessments=(first,))
        for on in ("2023-01-31", "2023-02-05", "2023-02-24"):
            numbered = Assessment(first.submitted_on, first.marked_on, first.moderated_on, first.external_moderation,
                                  first.copies_held, first.result, 4)  # fmt: skip
            assert look(pack, person(declarations=DONE, assessments=(numbered,)), 3, on) == look(pack, one, 3, on)
