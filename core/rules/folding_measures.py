"""Folds what a pack's trees measure: every session with what became of it, and totals of what they name of the activity log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from core.rules.progress import ABSENT, MADE_UP_FOR, OPEN, THERE, UNKNOWN, WAS_THERE, millionths
from reference import measures
from reference.measures import LogTotal
from reference.pack import Pack

Read = TypeVar("Read")
Told = tuple[int, str, str, int]  # a row of the activity log: credits, component and title as compared, and its block
_MOST = 100_000  # values that are remembered
_NOTHING_TOLD: list[list[int]] = []


class Remembered(dict[Any, Read]):
    """What each value comes to, worked out once."""

    def __init__(self, work_out: Callable[[Any], Read]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, value: Any) -> Read:
        if len(self) >= _MOST:
            self.clear()
        found = self[value] = self._work_out(value)
        return found


class MeasuredFold:
    """The sections that stand behind a record; none for a course and a pack that measure nothing."""

    def __init__(self, pack: Pack, day_of: Callable[[Any], int], told: Callable[[str], Told]) -> None:
        self._pack = pack
        self._day_of = day_of
        self._told = told
        self._kinds = {key: place for place, key in enumerate(pack.event_kinds)}
        self._hours = [UNKNOWN if kind.hours is None else millionths(kind.hours) for kind in pack.event_kinds.values()]
        self._sessions = measures.counts_sessions(pack)
        self._planned_hours = measures.counts_hours(pack)
        self._credited: dict[Any, int] = {}
        self._counting: dict[str, Remembered[tuple[tuple[int, int], ...]]] = {}  # by course, then by what a row tells

    @property
    def basis(self) -> str:
        """On what of the pack these sections rest."""
        tracked = [(course, *measures.tracked(self._pack, course)) for course in self._pack.courses]
        named = [f"{course}:{measured}" for course, *measured in tracked if measured]
        kinds = (f"{key}={self._hours[place]}" for key, place in self._kinds.items())
        return "|".join([*kinds, *named, *(["sessions"] * self._sessions), *(["hours"] * self._planned_hours)])

    def sections(
        self, course: str, register: Iterable[Any], hours: Mapping[str, Any], days: Sequence[int], told: Sequence[str]
    ) -> list[list[int]]:
        """Of a participant on this course: their lines of registers, the planned hours by event, and of their log the days and
        what each row tells.
        """
        tracked = measures.tracked(self._pack, course) if course in self._pack.courses else ()
        if not self._sessions and not tracked:
            return _NOTHING_TOLD
        return [self._counted(register, hours), *self._totals(course, tracked, days, told)]

    def _counted(self, register: Iterable[Any], hours: Mapping[str, Any]) -> list[int]:
        if not self._sessions:
            return []
        rows = []
        for line in register:
            _, event_id, event_type, event_date, status, _, contingency, contingency_on, _, credited = line
            kind = self._kinds.get(event_type)
            if kind is None:
                continue  # of another pack's
            own = governs = self._day_of(event_date)
            state = OPEN if status == "booked" else ABSENT
            if status in WAS_THERE:
                state = THERE if contingency is None else MADE_UP_FOR
                governs = (self._day_of(contingency_on) if contingency is not None else 0) or own
            length = self._length(credited if credited is not None else hours.get(event_id), kind)
            rows.append((own, governs, kind, state, length))
        rows.sort()
        return list(chain.from_iterable(rows))

    def _length(self, credited: Any, kind: int) -> int:
        """A session's credited hours in millionths."""
        if credited is None:
            return self._hours[kind]
        found = self._credited.get(credited)
        if found is None:
            found = self._credited[credited] = millionths(credited)
        return found

    def _totals(
        self, course: str, tracked: Sequence[LogTotal], days: Sequence[int], told: Sequence[str]
    ) -> list[list[int]]:
        """Days and running totals of each thing that is tracked."""
        if not tracked:
            return []
        counting = self._counting.get(course)
        if counting is None:
            counting = self._counting[course] = Remembered(lambda row: tuple(_amounts(tracked, self._told(row))))
        dated = [(day, amounts) for day, amounts in zip(days, map(counting.__getitem__, told), strict=True) if amounts]
        dated.sort()
        running = [(list[int](), list[int]()) for _ in tracked]  # of each the days, and the total by each
        for day, amounts in dated:
            for place, amount in amounts:
                on, totals = running[place]
                totals.append(totals[-1] + amount if totals else amount)
                on.append(day)
        return [[*on, *totals] for on, totals in running]


def _amounts(tracked: Sequence[LogTotal], told: Told) -> Iterable[tuple[int, int]]:
    """For which of the tracked things a row of the activity log counts, and how much; without credits for none."""
    credits, component, title, block = told
    for place, each in enumerate(tracked if credits else ()):
        if each.what == "item":
            if (each.name, each.block) == (title, block):
                yield place, 1
        elif each.name == component:
            yield place, credits if each.what == "credits" else 1
