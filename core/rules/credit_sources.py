"""Where two sources of credits disagree ("Credits as of a day", R29, R35); which of them is used, `Evidence.credits_on` says.

Like is compared with like: what both say of one day. Of two days only what can't be, more credits on the earlier one, and
a running figure that is used although the periods go on after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Literal, NamedTuple

from core.rules.evidence import Evidence
from core.rules.progress import CREDITS

Source = Literal["log", "declaration", "engagement", "periods"]  # the reports' running figures, and the periods' sum
RUNNING: tuple[Source, ...] = ("declaration", "engagement")
Series = dict[int, int]  # credits in all by the end of each day, an ordinal, of which a source says so

Said = tuple[Source, Series]


class CreditsTold(NamedTuple):
    """What one source says the credits come to by the end of a day."""

    source: Source
    day: int
    credits: int


class Disagreement(NamedTuple):
    """A source that goes before others, what they say instead, and what is used of the newest day they speak of."""

    one: CreditsTold
    others: tuple[CreditsTold, ...]
    used: int | None


def disagreements(evidence: Evidence, days: Iterable[int]) -> list[Disagreement]:
    """Which sources disagree as of any of the days whose figures count: a disagreement that lasts is found once.

    An older day's decides what is new since then, even where the newest agree.
    """
    found: dict[CreditsTold, list[CreditsTold]] = {}
    named: set[CreditsTold] = set()
    for told in (told for until in days for told in _as_of(evidence, until)):
        if not _is_said(told, named):
            found.setdefault(told[0], []).append(told[1])
            named.update(map(_by_report, told))
    return [_disagreement(evidence, one, tuple(others)) for one, others in found.items()]


def _disagreement(evidence: Evidence, one: CreditsTold, others: tuple[CreditsTold, ...]) -> Disagreement:
    return Disagreement(one, others, evidence.credits_on(max(each.day for each in (one, *others))))


def _as_of(evidence: Evidence, until: int) -> Iterator[tuple[CreditsTold, CreditsTold]]:
    """What two and two of the sources say, as of a day, that can't both be."""
    reported = {source: series for source, series in _reported(evidence, until).items() if series}
    newest = max((max(reported[source]) for source in RUNNING if source in reported), default=0)
    for one, other in _pairs(evidence, reported):
        told = _apart(one, other, newest)
        if told is not None:
            yield told


def _is_said(told: tuple[CreditsTold, CreditsTold], named: set[CreditsTold]) -> bool:
    """Whether the second is named already, and against the very figure that the first says too."""
    one, other = told
    return _by_report(other) in named and (one.day, one.credits) in {(each.day, each.credits) for each in named}


def _by_report(told: CreditsTold) -> CreditsTold:
    """A figure of a report's: periods that add up to what their own report says are not named beside it."""
    return told._replace(source="declaration") if told.source == "periods" else told


def _reported(evidence: Evidence, until: int) -> dict[Source, Series]:
    """What the reports say of the days up to one, in the order in which they are used (reading 6)."""
    past = [period for period in evidence.periods if period.end <= until]
    sums = {period.end: evidence.total_of_periods(period.end) for period in past}
    return {
        "declaration": {period.end: period.cumulative for period in past if period.cumulative >= 0},
        "engagement": {run.on: run.cumulative for run in evidence.runs if run.on <= until and run.cumulative >= 0},
        "periods": {day: total for day, total in sums.items() if total is not None},
    }


def _pairs(evidence: Evidence, reported: dict[Source, Series]) -> list[tuple[Said, Said]]:
    """The log with each report where there is one, it knows every day; else the reports among themselves."""
    if not evidence.has_log:
        return list(combinations(reported.items(), 2))
    logged = evidence.progress.until
    return [(("log", {day: logged(CREDITS, day) for day in said[1]}), said) for said in reported.items()]


def _apart(one: Said, other: Said, newest: int) -> tuple[CreditsTold, CreditsTold] | None:
    """What two sources say that can't both be: their newest figures, or those of the newest day of which both speak.

    `newest` is the day of the running figure that is used.
    """
    (a, first), (b, second) = one, other
    days = [(max(first), max(second)), *((day, day) for day in sorted(first.keys() & second.keys())[-1:])]
    for day, on in days:
        told = CreditsTold(a, day, first[day]), CreditsTold(b, on, second[on])
        earlier, later = sorted(told, key=lambda each: each.day)
        comparable = day == on or day == newest < on
        if earlier.credits > later.credits or (comparable and earlier.credits != later.credits):
            return told
    return None
