"""Which dates hold for whom: what schedule.csv inherits, overrides and leaves to be computed (R46, reading 36)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias, TypeVar

from reference.pack import Cohort, Course, Pack, ScheduleRow, Start

# Of one course: by cohort, start as a participant's `schedule` names it ("" where there is one alone), and output.
CourseDates: TypeAlias = Mapping[tuple[str, str, int], ScheduleRow]
Value = TypeVar("Value")
ONLY = Start("")  # of a group for which a cohort names no starts
DATE_NAMES = {"review": "review date", "cut_off": "cut-off", "invoice": "invoice date", "payment": "payment date"}
DATES = tuple(DATE_NAMES)
_NONE = (None,) * len(DATES)


class Levels(NamedTuple):
    """The rows that speak of one output of a course in a cohort's start: the group's first, the most special one last."""

    cohort: Cohort
    start: Start
    alone: bool  # whether it is the only start
    output: int
    rows: tuple[ScheduleRow, ...]

    @property
    def begins(self) -> date | None:
        """Whoever starts here begins on this day; None: not known yet."""
        return self.start.starts_on or self.cohort.starts_on

    def giving(self, name: str) -> ScheduleRow | None:
        """The row from which a date is taken: the most special one that gives it."""
        return next((row for row in reversed(self.rows) if getattr(row, name) is not None), None)

    def review(self, before: int | None) -> tuple[date | None, ScheduleRow | None]:
        """The review date and the row that it comes from. A computed one never beats a given one of the same row."""
        for row in reversed(self.rows):
            if row.review is not None:
                return row.review, row
            if row.cut_off is not None and before is not None:
                return row.cut_off - timedelta(days=before), row
        return None, None


class DatesOf(NamedTuple):
    """The dates that some people share; no courses or no starts named: all of the group's in that cohort."""

    group: str
    cohort: str
    output: int
    courses: tuple[str, ...]
    starts: tuple[str, ...]
    row: ScheduleRow | None  # None: nothing is given for them


def in_order(cohorts: Iterable[Cohort]) -> list[Cohort]:
    """Cohorts by their first day, then by key; those of which no first day is known come last."""
    return sorted(cohorts, key=lambda c: (c.starts_on is None, c.starts_on, _by_number(c.key)))


def levels_of(course: Course, cohorts: Iterable[Cohort], rows: Sequence[ScheduleRow]) -> Iterator[Levels]:
    """What schedule.csv says of a course in each cohort that offers it, by start and output."""
    theirs: dict[str, list[ScheduleRow]] = {}
    for row in rows:
        if row.group == course.group and row.course in (None, course.code):
            theirs.setdefault(row.cohort, []).append(row)
    for cohort in cohorts:
        here = theirs.get(cohort.key)
        if here is None or course.code not in cohort.courses:
            continue
        starts = cohort.starts_of(course.group) or (ONLY,)
        by_output: dict[int, list[ScheduleRow]] = {}
        for row in sorted(here, key=_how_special):
            by_output.setdefault(row.output, []).append(row)
        for output, all_levels in sorted(by_output.items()):
            for start in starts:
                levels = tuple(row for row in all_levels if row.start in (None, start.key))
                if levels:
                    yield Levels(cohort, start, len(starts) == 1, output, levels)


def dates_of(
    courses: Iterable[Course],
    cohorts: Sequence[Cohort],
    rows: Sequence[ScheduleRow],
    before: int | None,
    with_criteria: Container[tuple[str, int]],
) -> dict[str, CourseDates]:
    """The dates of each course in each cohort that offers it; those that are alike within a group are one row for all.

    `before`: days from a computed review date to the cut-off. `with_criteria`: the groups and outputs that are reviewed at
    all, to which alone one is computed (R3).
    """
    same: dict[tuple[object, ...], ScheduleRow] = {}
    found: dict[str, CourseDates] = {}
    for course in courses:
        dates: dict[tuple[str, str, int], ScheduleRow] = {}
        for levels in levels_of(course, cohorts, rows):
            reviewed = (course.group, levels.output) in with_criteria
            resolved = _resolved(levels, before if reviewed else None)
            alike = (*_days(resolved), resolved.review_computed)
            row = same.setdefault((course.group, levels.cohort.key, levels.output, *alike), resolved)
            names = levels.start.names | {""} if levels.alone else levels.start.names
            dates |= {(levels.cohort.key, name, levels.output): row for name in names}
        found[course.code] = dates
    return found


def each_that_differs(by_course: Mapping[str, CourseDates]) -> dict[tuple[str, str, int], tuple[ScheduleRow, ...]]:
    """By group, cohort and output: the dates that hold for anybody, each once, in the order of their review dates."""
    found: dict[tuple[str, str, int], dict[tuple[date | None, ...], ScheduleRow]] = {}
    for dates in by_course.values():
        for row in dates.values():
            found.setdefault((row.group, row.cohort, row.output), {}).setdefault(_days(row), row)
    return {key: tuple(sorted(rows.values(), key=_by_review)) for key, rows in found.items()}


def by_whom(pack: Pack) -> Iterator[DatesOf]:
    """The dates of everybody, by cohort, group and output; those who share them together."""
    for cohort in pack.cohorts.values():
        for group, outputs in pack.outputs.items():
            courses = [c.code for c in pack.courses.values() if c.group == group and c.code in cohort.courses]
            starts = [start.key for start in cohort.starts_of(group)]
            starts = starts if len(starts) > 1 else [""]
            for output in outputs:
                alike: dict[tuple[object, ...], list[tuple[str, str, ScheduleRow | None]]] = {}
                for course in courses:
                    for start in starts:
                        row = pack.dates[course].get((cohort.key, start.casefold(), output.number))
                        dates = (*_days(row), row.review_computed) if row else (*_NONE, False)
                        alike.setdefault(dates, []).append((course, start, row))
                for theirs in sorted(alike.values(), key=len, reverse=True):
                    whose = tuple(dict.fromkeys(course for course, _, _ in theirs))
                    of_starts = tuple(dict.fromkeys(start for _, start, _ in theirs))
                    row = next((row for _, _, row in theirs if row), None)
                    yield DatesOf(
                        group,
                        cohort.key,
                        output.number,
                        () if len(whose) == len(courses) else whose,
                        () if len(of_starts) == len(starts) else of_starts,
                        row,
                    )


def _days(row: ScheduleRow) -> tuple[date | None, ...]:
    return tuple(getattr(row, name) for name in DATES)


def _resolved(levels: Levels, before: int | None) -> ScheduleRow:
    """The most special row with what it inherits."""
    *inherited, row = levels.rows
    if not inherited and (row.review is not None or before is None or row.cut_off is None):
        return row
    paid = levels.giving("payment")
    review, source = levels.review(before)
    return replace(
        row,
        review=review,
        cut_off=_last(level.cut_off for level in levels.rows),
        invoice=_last(level.invoice for level in levels.rows),
        payment=paid.payment if paid else None,
        payment_printed=paid.payment_printed if paid else None,
        price_share=_last(level.price_share or None for level in levels.rows) or "",
        review_computed=source is not None and source.review is None,
    )


def _last(values: Iterable[Value | None]) -> Value | None:
    """What the most special row says that says anything."""
    return next((value for value in list(values)[::-1] if value is not None), None)


def _how_special(row: ScheduleRow) -> tuple[bool, bool]:
    """A row for one course goes before one for a start, and both before the group's."""
    return (row.course is not None, row.start is not None)


def _by_review(row: ScheduleRow) -> tuple[bool, object, str, str]:
    return (row.review is None, row.review, row.course or "", row.start or "")


def _by_number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdecimal() else (0, key)
