"""The dates of one file, judged together.

A program writes all its dates alike: where one of them shows that the month comes first, no other is believed that could be read
either way, whatever its column. And what has been done was not done after today.
"""

from __future__ import annotations

from datetime import date

from core.records.imports.cells import LAST_MONTH, NotRight, listed
from core.records.imports.kinds import Column
from core.records.imports.report import FileFault

_MOST_NAMED = 3  # rows that show it


class Dates:
    """Sees every date of a file once. In a sheet Excel itself may have read a date the wrong way round before we see it."""

    def __init__(self, file: str, today: date, *, in_sheet: bool) -> None:
        self._file = file
        self._today = today
        self._in_sheet = in_sheet
        self._either_way = ""  # the first that could be read either way
        self._month_first: list[tuple[int, str, str]] = []  # row, column and text of those that show it
        self._count = 0

    def see(self, day: date, text: str, column: Column) -> None:
        """Looks at a date as it was read. Raises `NotRight` where it can't have been done yet."""
        if not self._either_way and ("/" in text or self._in_sheet) and day.month != day.day <= LAST_MONTH:
            self._either_way = text
        if column.done and day > self._today:
            raise NotRight(f"It lies after today, {self._today}: give the day on which it was done.")

    def month_first(self, row: int, column: str, text: str) -> None:
        """Notes a date that can only have its month first."""
        self._count += 1
        if len(self._month_first) < _MOST_NAMED:
            self._month_first.append((row, column, text))

    @property
    def fault(self) -> FileFault | None:
        """Why no date of the file can be believed, once all have been seen; None where each is certain by itself."""
        if not self._month_first or not self._either_way:
            return None
        row, column, text = self._month_first[0]
        shown = [f"{one} in row {number}" for number, _, one in self._month_first]
        if more := self._count - len(shown):
            shown.append(f"{more:,} more")
        read_by = "Excel may have read" if self._in_sheet else "we would read"
        return FileFault(
            self._file,
            f"Its dates seem to have the month first, as {listed(shown, 'and')} {'show' if self._count > 1 else 'shows'}, "
            f"and {read_by} {self._either_way} the wrong way round: give all dates of the file as 2021-12-13.",
            row=row,
            column=column,
            value=text,
        )
