"""New dates become rows of a schedule: as few as say them, with no override where nothing differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from reference.dated_outputs import DatedOutput, GivenDates, OutputDates, by_rows, expected, news
from reference.pack import Cohort, Pack, ScheduleRow
from reference.schedule import DATES, ONLY


@dataclass(frozen=True, slots=True)
class EditedRow:
    """A row of the schedule as it will be. `was`: its place among the rows there are; None where it is new."""

    was: int | None
    row: ScheduleRow


class _Level(NamedTuple):
    """How special a row is: for all of a group, or for one course of it, one start, or both."""

    course: str | None
    start: str | None


_GROUP = _Level(None, None)
_SAID = (*DATES, "price_share", "note")


def schedule_with(pack: Pack, given: GivenDates, source: str) -> list[EditedRow]:
    """The rows of the pack's schedule with the given dates in them, which are right by themselves (`clashes`).

    `source` is where the dates come from. Everything that is not given, and not computed from what is, stays as it is.
    """
    rows = [EditedRow(place, row) for place, row in enumerate(pack.given_dates)]
    touched: dict[tuple[str, str, int], dict[DatedOutput, Mapping[str, date]]] = {}
    for dated, dates in news(pack, given).items():
        touched.setdefault((pack.courses[dated.course].group, dated.cohort, dated.output), {})[dated] = dates
    for (group, cohort, output), dates_here in touched.items():
        mine = [one for one in rows if (one.row.group, one.row.cohort, one.row.output) == (group, cohort, output)]
        block = _Block(pack, group, pack.cohorts[cohort], output, [one.row for one in mine])
        block.take(dates_here)
        rows = _merged(rows, mine, block.rows(), source)
    return rows


class _Block:
    """The rows of one output of a group in a cohort, while they are changed."""

    def __init__(self, pack: Pack, group: str, cohort: Cohort, output: int, rows: Sequence[ScheduleRow]) -> None:
        self._pack, self._group, self._cohort, self._output = pack, group, cohort, output
        self._courses = [code for code, one in pack.courses.items() if one.group == group and code in cohort.courses]
        named = cohort.starts_of(group) or (ONLY,)
        self._starts = [start.key or None for start in named]
        self._keys = [start.key if len(named) > 1 else ONLY.key for start in named]
        self._given = {_Level(row.course, row.start): row for row in rows}
        self._levels = dict(self._given)

    def rows(self) -> list[ScheduleRow]:
        """The rows as they are by now."""
        return list(self._levels.values())

    def take(self, given: Mapping[DatedOutput, Mapping[str, date]]) -> None:
        """Makes the given dates those that hold."""
        wanted = {
            (course, start): expected(self._pack, dated, given.get(dated, {}))
            for course in self._courses
            for start, dated in self._outputs_of(course)
        }
        for name in DATES:
            if any(name in dates for dates in given.values()):
                self._spread(name, {key: _typed(dates, name) for key, dates in wanted.items()})
        self._drop_empty()
        self._mend(wanted)
        assert not self._wrong(wanted), "the rows do not say what was given"

    def _outputs_of(self, course: str) -> list[tuple[str | None, DatedOutput]]:
        both = zip(self._starts, self._keys, strict=True)
        return [(start, DatedOutput(self._cohort.key, course, key, self._output)) for start, key in both]

    def _spread(self, name: str, wanted: Mapping[tuple[str, str | None], date | None]) -> None:
        """One date, by course and start, onto as few rows as say it."""
        if (shared := _shared(wanted.values())) is not None:
            self._set(_GROUP, name, shared)
            for level in self._own_levels():
                self._set(level, name, None)
            return
        for start in self._starts:
            own = _shared(day for (_, one), day in wanted.items() if one == start)
            level = _Level(None, start)
            if start is not None and own is not None and (len(self._starts) > 1 or level in self._levels):
                self._set(level, name, None if own == self._get(_GROUP, name) else own)
        for course in self._courses:
            mine = {start: wanted[course, start] for start in self._starts}
            inherited = {start: self._get(_Level(None, start), name) or self._get(_GROUP, name) for start in mine}
            own = None if mine == inherited else _shared(mine.values())
            self._set(_Level(course, None), name, own)
            for start, day in mine.items():
                if start is not None:
                    self._set(_Level(course, start), name, None if day == (own or inherited[start]) else day)

    def _own_levels(self) -> list[_Level]:
        """Those below the group's of whatever the cohort offers."""
        return [level for level in self._levels if level != _GROUP and level.course in (None, *self._courses)]

    def _mend(self, wanted: Mapping[tuple[str, str | None], OutputDates]) -> None:
        """Where a date would still be another, because a review date is computed from a row's own cut-off: said outright."""
        for course, start in self._wrong(wanted):
            now, then = self._found(course, start), wanted[course, start]
            alone = len(self._starts) == 1 and _Level(course, start) not in self._levels
            level = _Level(course, None) if alone else _Level(course, start)
            for name in DATES[1:]:
                if now.named(name) != then.named(name):
                    self._set(level, name, then.named(name))
            if (now.review, now.review_computed) != (then.review, then.review_computed):
                self._set(level, "review", None if then.review_computed else then.review)
                if then.review_computed:
                    self._set(level, "cut_off", then.cut_off)

    def _wrong(self, wanted: Mapping[tuple[str, str | None], OutputDates]) -> list[tuple[str, str | None]]:
        return [key for key, then in wanted.items() if self._found(*key) != then]

    def _found(self, course: str, start: str | None) -> OutputDates:
        """The dates that hold by the rows as they are by now."""
        return by_rows(self._pack, dict(self._outputs_of(course))[start], self.rows())

    def _get(self, level: _Level, name: str) -> date | None:
        row = self._levels.get(level)
        day: date | None = None if row is None else getattr(row, name)
        return day

    def _set(self, level: _Level, name: str, day: date | None) -> None:
        if day == self._get(level, name):
            return
        row = self._levels.get(level) or ScheduleRow(
            self._group, self._cohort.key, self._output, "", level.course, level.start
        )
        changed: dict[str, Any] = {name: day}
        if name == "payment":
            changed["payment_printed"] = None  # which was of the one before
        self._levels[level] = replace(row, **changed)

    def _drop_empty(self) -> None:
        """An override that overrides nothing any more goes, unless it says something besides."""
        for level in self._own_levels():
            row = self._levels[level]
            says = any(getattr(row, name) for name in (*DATES, "price_share", "payment_printed", "note"))
            if not says and row != self._given.get(level):
                del self._levels[level]


def _typed(dates: OutputDates, name: str) -> date | None:
    """A date as a row may hold it: a computed review date is in none."""
    return None if name == "review" and dates.review_computed else dates.named(name)


def _shared(days: Iterable[date | None]) -> date | None:
    """The day that all are; None where they differ or one is not known."""
    different = set(days)
    return next(iter(different)) if len(different) == 1 else None


def _merged(
    rows: Sequence[EditedRow], mine: Sequence[EditedRow], changed: Sequence[ScheduleRow], source: str
) -> list[EditedRow]:
    """All rows, those of one block as they were changed: each in its place, new ones after those that they belong to."""
    before = [one.row for one in mine]
    kept = {(row.course, row.start): row for row in changed}
    found: list[EditedRow] = []
    for one in rows:
        if one not in mine:
            found.append(one)
        elif (row := kept.pop((one.row.course, one.row.start), None)) is not None:
            found.append(one if row == one.row else replace(one, row=_from(before, row, source)))
    for row in sorted(kept.values(), key=lambda row: (row.course is not None, row.start is not None)):
        place = max((_after(number, one.row, row) for number, one in enumerate(found, 1)), default=(0, 0))
        found.insert(place[1] if place[0] else len(found), EditedRow(None, _from(before, row, source)))
    return found


def _after(number: int, there: ScheduleRow, new: ScheduleRow) -> tuple[int, int]:
    """How well a new row goes below one that is there, and where that is."""
    if there.group != new.group:
        return 0, 0
    if there.cohort != new.cohort:
        return 1, number
    return (2, number) if there.output <= new.output else (1, 0)


def _from(before: Sequence[ScheduleRow], after: ScheduleRow, source: str) -> ScheduleRow:
    """A changed or new row with where it comes from: the older sources as well, of whatever it says that they said."""
    older = [one for row in before if _says_of(row, after) for one in row.source.split("; ") if one]
    return replace(after, source="; ".join(dict.fromkeys([*older, source])))


def _says_of(before: ScheduleRow, after: ScheduleRow) -> bool:
    """Whether a row of before gave something that a row says, to somebody for whom that is."""
    meet = all(
        one is None or other is None or one == other
        for one, other in ((before.course, after.course), (before.start, after.start))
    )
    return meet and any(getattr(after, name) and getattr(after, name) == getattr(before, name) for name in _SAID)
