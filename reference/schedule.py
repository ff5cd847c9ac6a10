"""Which dates hold for whom: what schedule.csv inherits, overrides and leaves to be computed (R46, reading 36)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

from reference.pack import Cohort, Course, ScheduleRow, Start

# Of one course: by cohort, start as a participant's `schedule` names it ("" where there is one alone), and output.
CourseDates: TypeAlias = Mapping[tuple[str, str, int], ScheduleRow]
ONLY = Start("")  # of a group for which a cohort names no starts
DATES = ("review", "cut_off", "invoice", "payment")


def in_order(cohorts: Iterable[Cohort]) -> list[Cohort]:
    """Cohorts by their first day, then by key; those of which no first day is known come last."""
    return sorted(cohorts, key=lambda c: (c.starts_on is None, c.starts_on, _by_number(c.key)))


def dates_of(course: Course, cohorts: Iterable[Cohort], rows: Sequence[ScheduleRow], before: int | None) -> CourseDates:
    """The dates of a course in each cohort that offers it. `before`: days from a computed review date to the cut-off."""
    found: dict[tuple[str, str, int], ScheduleRow] = {}
    theirs = [row for row in rows if row.group == course.group and row.course in (None, course.code)]
    for cohort in cohorts:
        if course.code not in cohort.courses:
            continue
        starts = cohort.starts_of(course.group) or (ONLY,)
        here = [row for row in theirs if row.cohort == cohort.key]
        for output in sorted({row.output for row in here}):
            for start in starts:
                levels = [row for row in here if row.output == output and row.start in (None, start.key)]
                if levels:
                    row = _resolved(sorted(levels, key=_how_special), before)
                    names = start.names if len(starts) > 1 else start.names | {""}
                    found |= {(cohort.key, name, output): row for name in names}
    return found


def each_that_differs(by_course: Mapping[str, CourseDates]) -> dict[tuple[str, str, int], tuple[ScheduleRow, ...]]:
    """By group, cohort and output: the dates that hold for anybody, each once, in the order of their review dates."""
    found: dict[tuple[str, str, int], dict[tuple[object, ...], ScheduleRow]] = {}
    for dates in by_course.values():
        for row in dates.values():
            alike = tuple(getattr(row, name) for name in DATES)
            found.setdefault((row.group, row.cohort, row.output), {}).setdefault(alike, row)
    return {key: tuple(sorted(rows.values(), key=_by_review)) for key, rows in found.items()}


def _resolved(levels: Sequence[ScheduleRow], before: int | None) -> ScheduleRow:
    """The most special row with what it inherits. A computed review date never beats a given one of the same level."""
    given = {name: _last(getattr(row, name) for row in levels) for name in (*DATES, "price_share", "payment_printed")}
    row = replace(levels[-1], **given)
    for level in reversed(levels):
        if level.review is not None:
            return replace(row, review=level.review)
        if level.cut_off is not None and before is not None:
            return replace(row, review=level.cut_off - timedelta(days=before), review_computed=True)
    return row


def _last(values: Iterable[object]) -> object:
    known: Iterator[object] = filter(None, list(values)[::-1])
    return next(known, None)


def _how_special(row: ScheduleRow) -> tuple[bool, bool]:
    """A row for one course goes before one for a start, and both before the group's."""
    return (row.course is not None, row.start is not None)


def _by_review(row: ScheduleRow) -> tuple[bool, object, str, str]:
    return (row.review is None, row.review, row.course or "", row.start or "")


def _by_number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdecimal() else (0, key)
