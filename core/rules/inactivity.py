"""How long there has been no new evidence of somebody, whatever an output asks for (reading 35)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from core.rules import enrolment
from core.rules.ladder import Ladder
from core.rules.progress import ATTENDED, CREDITS, UNKNOWN, Progress


def evidence_days(progress: Progress) -> list[int]:
    """The days (ordinals) of evidence of any kind, in order: sessions attended, credits, videos, and rises in a report."""
    found = set(progress.days(ATTENDED))
    found.update(_rises(zip(progress.days(CREDITS), progress.figures(CREDITS), strict=True)))
    found.update(day for day, _, watched in progress.views() if watched)
    if progress.has_periods:
        periods = progress.periods()
        found.update(period.end for period in periods if period.credits)
        found.update(_rises((period.end, period.cumulative) for period in periods))
    if progress.has_runs:
        runs = progress.runs()
        found.update(_rises((run.on, run.percent) for run in runs))
        found.update(_rises((run.on, run.cumulative) for run in runs))
    return sorted(found)


def _rises(figures: Iterable[tuple[int, int]]) -> Iterator[int]:
    """The days on which a figure is above the one before; the first, above nothing."""
    before = 0
    for day, figure in figures:
        if figure == UNKNOWN:
            continue
        if figure > before:
            yield day
        before = figure


def newest_evidence(progress: Progress, as_of: date) -> date | None:
    """The newest day of evidence by the end of a day; None where there is none."""
    until = as_of.toordinal()
    days = [day for day in evidence_days(progress) if day <= until]
    return date.fromordinal(days[-1]) if days else None


def inactive_since(ladder: Ladder, as_of: date) -> date | None:
    """Since when somebody in training has had no new evidence, where that is longer than the pack lets pass; else None.

    That is the day of their newest evidence or, where there is none, the first day of the present cohort, or of their start in it.
    """
    longest, person = ladder.pack.settings.inactive_after_days, ladder.progress
    if longest is None or enrolment.training_status(person, as_of) != "active":
        return None
    since = newest_evidence(person, as_of) or _first_day(ladder, enrolment.cohort_on(person, as_of))
    return since if since is not None and (as_of - since).days > longest else None


def silences(ladder: Ladder, cohorts: Iterable[str]) -> tuple[tuple[date, date], ...]:
    """Each time without new evidence that is longer than the pack lets pass: since when, and until which day (or `date.max`).

    `cohorts` are those that somebody is, or comes to be, in: where there is no evidence it is counted from their first day.
    """
    longest = ladder.pack.settings.inactive_after_days
    if longest is None:
        return ()
    days = [date.fromordinal(day) for day in evidence_days(ladder.progress)]
    first = days[0] if days else date.max
    begun = {_first_day(ladder, cohort) for cohort in cohorts}
    quiet = [(day, first) for day in begun if day is not None] + list(pairwise((*days, date.max)))
    return tuple((since, until) for since, until in quiet if until - since > timedelta(days=longest))


def _first_day(ladder: Ladder, cohort: str) -> date | None:
    return ladder.pack.first_day(ladder.progress.course, cohort, ladder.schedule(cohort))
