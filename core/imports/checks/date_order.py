"""The dates of one file, judged together.

A program writes all its dates alike: where one of them shows that the month comes first, no other is believed that could be read
either way, whatever its column. And what has been done was not done after today: a day that would have passed if its month came
first shows it too, unless another can only have its day first.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from core.imports.kinds import Column
from core.spreadsheets.cells import LAST_MONTH, AfterToday, listed
from core.spreadsheets.file_problems import FileFault

_MOST_NAMED = 3  # rows that show it


class _Shown(NamedTuple):
    """A date that shows it: its row, its column, and what stands there."""

    row: int
    column: str
    text: str


class _Signs:
    """The first of the dates that show it, and how many they are."""

    def __init__(self) -> None:
        self.first: list[_Shown] = []
        self.count = 0

    def add(self, row: int, column: str, text: str) -> None:
        self.count += 1
        if self.count <= _MOST_NAMED:
            self.first.append(_Shown(row, column, text))


class Dates:
    """Sees every date of a file once. In a sheet Excel itself may have read a date the wrong way round before we see it."""

    def __init__(self, file: str, today: date, *, in_sheet: bool) -> None:
        self._file = file
        self._today = today
        self._in_sheet = in_sheet
        self._either_way = ""  # the first that could be read either way
        self._booked_either_way = ""  # the same of what may still be to come
        self._day_first = ""  # the first that can only have its day first
        self._month_first, self._ahead = _Signs(), _Signs()

    def see(self, day: date, text: str, column: Column) -> None:
        """Looks at a date as it was read. Raises `AfterToday` where it can't have been done yet."""
        if column.done and day > self._today:
            raise AfterToday(day, f"It lies after today, {self._today}: give the day on which it was done.")
        if "/" not in text and not self._in_sheet:
            return
        if day.day > LAST_MONTH:
            self._day_first = self._day_first or text
        elif day.day != day.month and day > self._today:
            self._booked_either_way = self._booked_either_way or text
        elif day.day != day.month:
            self._either_way = self._either_way or text

    def month_first(self, row: int, column: str, text: str) -> None:
        """Notes a date that can only have its month first."""
        self._month_first.add(row, column, text)

    def ahead(self, row: int, column: str, text: str, day: date) -> None:
        """Notes a day after today of something that has been done, if it would have passed with its month first."""
        may_be_turned = ("/" in text or self._in_sheet) and day.day <= LAST_MONTH
        if may_be_turned and date(day.year, day.day, day.month) <= self._today:
            self._ahead.add(row, column, text)

    @property
    def fault(self) -> FileFault | None:
        """Why no date of the file can be believed, once all have been seen; None where each is certain by itself."""
        if self._month_first.count:
            return self._told(self._month_first, self._either_way or self._booked_either_way)
        return None if self._day_first else self._told(self._ahead, self._either_way)

    def _told(self, signs: _Signs, either_way: str) -> FileFault | None:
        if not signs.count or not either_way:
            return None
        shown = [f"{one.text} in row {one.row}" for one in signs.first]
        if more := signs.count - len(shown):
            shown.append(f"{more:,} more")
        show = f"as {listed(shown, 'and')} {'show' if signs.count > 1 else 'shows'}"
        found = signs.first[0]
        return FileFault(
            self._file,
            f"{self._said(signs, show, either_way)}: give all dates of the file as 2021-12-13.",
            row=found.row,
            column=found.column,
            value=found.text,
        )

    def _said(self, signs: _Signs, show: str, either_way: str) -> str:
        if signs is self._month_first and self._day_first:
            others = f"others the day, as {self._day_first} does"
            return f"Some of its dates have the month first, {show}, {others}, and {either_way} could be either"
        ahead = ", as it would lie after today" if signs is self._ahead else ""
        read_by = "Excel may have read" if self._in_sheet else "we would read"
        return f"Its dates seem to have the month first, {show}{ahead}, and {read_by} {either_way} the wrong way round"
