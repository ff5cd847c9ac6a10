"""Which dates hold for whom: what schedule.csv inherits, overrides and leaves to be computed (R46, reading 36)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias, TypeVar

from reference.pack import Cohort, Course, ScheduleRow, Start

# Of one course: by cohort, start as a participant's `schedule` names it ("" where there is one alone), and output.
CourseDates: TypeAlias = Mapping[tuple[str, str, int], ScheduleRow]
Given = TypeVar("Given")
ONLY = Start("")  # of a group for which a cohort names no starts
DATES = ("review", "cut_off", "invoice", "payment")


def in_order(cohorts: Iterable[Cohort]) -> list[Cohort]:
    """Cohorts by their first day, then by key; those of which no first day is known come last."""
    return sorted(cohorts, key=lambda c: (c.starts_on is None, c.starts_on, _by_number(c.key)))


def dates_of(
    courses: Iterable[Course], cohorts: Sequence[Cohort], rows: Sequence[ScheduleRow], before: int | None
) -> dict[str, CourseDates]:
    """The dates of each course in each cohort that offers it; dates that are alike are one row for all of a group.

    `before`: days from a computed review date to DfE's cut-off.
    """
    same: dict[tuple[object, ...], ScheduleRow] = {}
    found: dict[str, CourseDates] = {}
    for course in courses:
        theirs = [row for row in rows if row.group == course.group and row.course in (None, course.code)]
        offering = [cohort for cohort in cohorts if course.code in cohort.courses]
        found[course.code] = {
            key: same.setdefault((row.group, row.cohort, row.output, *(getattr(row, name) for name in DATES)), row)
            for cohort in offering
            for key, row in _in_cohort(course, cohort, theirs, before)
        }
    return found


def each_that_differs(by_course: Mapping[str, CourseDates]) -> dict[tuple[str, str, int], tuple[ScheduleRow, ...]]:
    """By group, cohort and output: the dates that hold for anybody, each once, in the order of their review dates."""
    found: dict[tuple[str, str, int], dict[int, ScheduleRow]] = {}
    for dates in by_course.values():
        for row in dates.values():
            found.setdefault((row.group, row.cohort, row.output), {})[id(row)] = row
    return {key: tuple(sorted(rows.values(), key=_by_review)) for key, rows in found.items()}


def _in_cohort(
    course: Course, cohort: Cohort, rows: Sequence[ScheduleRow], before: int | None
) -> Iterator[tuple[tuple[str, str, int], ScheduleRow]]:
    starts = cohort.starts_of(course.group) or (ONLY,)
    here = [row for row in rows if row.cohort == cohort.key]
    for output in sorted({row.output for row in here}):
        for start in starts:
            levels = [row for row in here if row.output == output and row.start in (None, start.key)]
            if levels:
                resolved = _resolved(sorted(levels, key=_how_special), before)
                for name in start.names if len(starts) > 1 else start.names | {""}:
                    yield (cohort.key, name, output), resolved


def _resolved(levels: Sequence[ScheduleRow], before: int | None) -> ScheduleRow:
    """The most special row with what it inherits. A computed review date never beats a given one of the same level."""
    row = replace(
        levels[-1],
        review=None,
        cut_off=_last([each.cut_off for each in levels]),
        invoice=_last([each.invoice for each in levels]),
        payment=_last([each.payment for each in levels]),
        payment_printed=_last([each.payment_printed for each in levels]),
        price_share=_last([each.price_share or None for each in levels]) or "",
    )
    for level in reversed(levels):
        if level.review is not None:
            return replace(row, review=level.review)
        if level.cut_off is not None and before is not None:
            return replace(row, review=level.cut_off - timedelta(days=before), review_computed=True)
    return row


def _last(values: Sequence[Given | None]) -> Given | None:
    return next((value for value in reversed(values) if value is not None), None)


def _how_special(row: ScheduleRow) -> tuple[bool, bool]:
    """A row for one course goes before one for a start, and both before the group's."""
    return (row.course is not None, row.start is not None)


def _by_review(row: ScheduleRow) -> tuple[bool, object, str, str]:
    return (row.review is None, row.review, row.course or "", row.start or "")


def _by_number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdecimal() else (0, key)
