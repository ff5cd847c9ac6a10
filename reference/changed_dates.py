"""Which dates differ between two packs, or between one pack before and after it was edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reference.pack import Pack
from reference.schedule import DATES


class Dated(NamedTuple):
    """What has dates: an output of a group in a cohort, an assessment window (no output, but which of them, from 1), the cohort
    (no group).

    `course` and `start` where the dates are for one course, or one start of the cohort, alone.
    """

    cohort: str
    group: str | None = None
    output: int | None = None
    course: str | None = None
    start: str | None = None
    window: int = 0


@dataclass(frozen=True, slots=True)
class ChangedDate:
    """A date that two packs have otherwise. None: that pack has none there."""

    of: Dated
    which: str  # one of `DATES`; "opens", "closes" of a window; "starts" of a cohort
    before: date | None
    after: date | None


_Moved = tuple[str, date | None, date | None]  # which, before, after


def changed_dates(before: Pack, after: Pack) -> list[ChangedDate]:
    """Every date that was moved, came or went: by cohort, group and output, each one's dates as they follow each other."""
    earlier, later = dict(_dates(before)), dict(_dates(after))
    moved = {dated: list(_moved(earlier.get(dated, {}), later.get(dated, {}))) for dated in {**earlier, **later}}
    found = [(dated, *each) for dated, changes in _told_together(moved) for each in changes]
    found.sort(key=lambda change: (*_place(after, change[0]), _ORDER.index(change[1])))
    return [ChangedDate(*change) for change in found]


def _dates(pack: Pack) -> Iterator[tuple[Dated, Mapping[str, date | None]]]:
    """Everything in a pack that has dates, with these by what they are called; an output's for each course and start."""
    for cohort in pack.cohorts.values():
        yield Dated(cohort.key), {"starts": cohort.starts_on}
    for windows in pack.assessment_windows.values():
        nth = Counter[str | None]()
        for window in windows:
            nth[window.course] += 1
            dated = Dated(window.cohort, window.group, course=window.course, window=nth[window.course])
            yield dated, {"opens": window.opens, "closes": window.closes}
    for course, rows in pack.dates.items():
        for (cohort_key, start, output), row in rows.items():
            dated = Dated(cohort_key, row.group, output, course, start)
            yield dated, {name: getattr(row, name) for name in DATES}


def _moved(before: Mapping[str, date | None], after: Mapping[str, date | None]) -> Iterator[_Moved]:
    for which in {**before, **after}:
        if before.get(which) != after.get(which):
            yield which, before.get(which), after.get(which)


def _told_together(moved: Mapping[Dated, list[_Moved]]) -> Iterator[tuple[Dated, list[_Moved]]]:
    """What moved alike for every course and start of a group is told of the group, for every start of a course of that."""
    for dated in moved:
        if dated.window:  # of a course alone, or of those courses of the group that have none of their own
            yield dated, moved[dated]
    outputs = {dated: its for dated, its in moved.items() if not dated.window}
    yield from _of_outputs(outputs)


def _of_outputs(moved: dict[Dated, list[_Moved]]) -> Iterator[tuple[Dated, list[_Moved]]]:
    for whole in dict.fromkeys(dated._replace(course=None, start=None) for dated in moved):
        here = {dated: its for dated, its in moved.items() if dated._replace(course=None, start=None) == whole}
        if _alike(here):
            yield whole, next(iter(here.values()))
            continue
        for course in dict.fromkeys(dated._replace(start=None) for dated in here):
            theirs = {dated: its for dated, its in here.items() if dated._replace(start=None) == course}
            if _alike(theirs):
                yield course, next(iter(theirs.values()))
            else:
                yield from theirs.items()


def _alike(moved: Mapping[Dated, list[_Moved]]) -> bool:
    return all(its == next(iter(moved.values())) for its in moved.values())


_ORDER = ("starts", "opens", "closes", *DATES)


def _place(pack: Pack, dated: Dated) -> tuple[tuple[int, str], str, int, str, str, int]:
    """Where it stands in a list; what is for all comes before what is for some."""
    cohort, whose = pack.cohort_rank(dated.cohort), (dated.course or "", dated.start or "")
    return cohort, dated.group or "", dated.output or 0, *whose, dated.window
