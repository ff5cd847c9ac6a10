"""Rows of text become rows of values, each cell checked by itself. Problems are noted, never raised: one reading finds all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.imports.checks.date_order import Dates
from core.imports.checks.enrolling import Return
from core.imports.headers.mapping_files import NOTHING_MAPPED, ColumnMapping
from core.imports.headers.recognised_headers import Layout
from core.imports.kinds import Column
from core.records.damaged_text import Damaged, mended
from core.spreadsheets import cells
from core.spreadsheets.cells import AfterToday, MonthFirst, NotRight, Value, listed
from core.spreadsheets.file_problems import RowProblem, shown
from core.spreadsheets.number_formats import ONLY_A_TIME
from core.spreadsheets.reading import Broken, Record, header_name
from core.spreadsheets.spoilt_cells import error_words

_REMEMBERED = 10_000  # parsed cells kept per column, so that memory does not grow with the file


@dataclass(slots=True)
class Row:
    """One row of a file. `values` has every column of its kind: None is a blank, what could not be read is absent.

    Of a key a blank is its default.
    """

    number: int
    values: dict[str, Value | None]
    cells: list[str]
    wrong: bool = False
    enrolment: int | None = None  # which it is about, once that is known
    returning: Return | None = None  # where a participants row brings them back to a course

    @property
    def about(self) -> int:
        """The enrolment that a row of facts is about, which is known."""
        assert self.enrolment is not None
        return self.enrolment

    def word(self, name: str) -> str:
        """The text in a column that is known not to be blank."""
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def count(self, name: str) -> int:
        """The whole number in a column that is known not to be blank."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def day(self, name: str) -> date:
        """The date in a column that is known not to be blank."""
        value = self.values[name]
        assert isinstance(value, date)
        return value


@dataclass(slots=True)
class Findings:
    """What is found in one file: its problems, and its warnings with the first row and the number of rows of each."""

    file: str
    layout: Layout
    sheet: str | None = None
    dates: Dates | None = None
    problems: list[RowProblem] = field(default_factory=list)
    _warnings: dict[str, tuple[int, int]] = field(default_factory=dict)

    def wrong(self, row: Row, column: str | None, message: str) -> None:
        """Notes that a row is wrong, and what would be right."""
        row.wrong = True
        place = self.layout.places.get(column) if column is not None else None
        value = None
        if place is not None:
            value = shown(cells.trimmed(row.cells[place])) if place < len(row.cells) else ""
        self.problems.append(RowProblem(self.file, row.number, column, value, message, self.sheet))

    def ahead(self, row: Row, column: str, day: date, message: str) -> None:
        """Notes that something would be done after today; perhaps the month of its day comes first."""
        self.wrong(row, column, message)
        if self.dates is not None:
            self.dates.ahead(row.number, column, self.problems[-1].value or "", day)

    def wrong_unused(self, row: Row, place: int, message: str) -> None:
        """Notes that a row is wrong in a cell of a column that means nothing here."""
        row.wrong = True
        name = self.layout.header[place] if place < len(self.layout.header) else None
        problem = RowProblem(self.file, row.number, name or None, shown(row.cells[place]), message, self.sheet)
        self.problems.append(problem)

    def wrong_if_scant(self, row: Row) -> None:
        """Notes that a row is wrong where half of what it needs, or more, is blank: it may be none of the table."""
        needed = self.layout.kind.required
        blank = [name for name in needed if not cells.trimmed(row.cells[self.layout.places[name]])]
        if len(blank) < 2 or len(blank) * 2 < len(needed):
            return
        only = listed([f"“{shown(text)}”" for cell in row.cells if (text := cells.trimmed(cell))], "and")
        self.wrong(
            row,
            None,
            f"The row has only {only}, and no {listed(blank)}: fill them in, or delete the row if it is none of the table, "
            "as a total or a note.",
        )

    def warn(self, row: Row, message: str) -> None:
        """Notes something odd about a row that is taken all the same."""
        first, count = self._warnings.get(message, (row.number, 0))
        self._warnings[message] = (min(first, row.number), count + 1)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line per warning, by its first row."""
        return tuple(
            f"Row {first}: {message}" if count == 1 else f"Row {first} and {count - 1} more: {message}"
            for message, (first, count) in sorted(self._warnings.items(), key=lambda item: item[1][0])
        )


_Reading = tuple[str, int, dict[str, Value | None], Column, Mapping[str, str]]  # name, place, parsed cells, …, words
_NOT_READ_YET = object()


class RowReader:
    """Reads the cells of one file's rows. Repeated cells are parsed once."""

    def __init__(self, findings: Findings, dates: Dates, mapping: ColumnMapping = NOTHING_MAPPED) -> None:
        layout = findings.layout
        self._findings = findings
        self._dates = dates
        self._last = max(layout.places.values(), default=0)
        self._keys = [layout.places[name] for name in layout.kind.keys if name in layout.places]
        self._columns: list[_Reading] = [
            (column.name, layout.places[column.name], {}, column, mapping.words.get(column.name, {}))
            for column in layout.kind.columns
            if column.name in layout.places
        ]
        self._absent: dict[str, Value | None] = {
            column.name: column.default if column.key else None
            for column in layout.kind.columns
            if column.name not in layout.places
        }

    def rows(self, header_width: int, records: Iterable[Record]) -> Iterator[Row]:
        """The rows of a file; the wrong ones too, with their problems noted."""
        used = {place for _, place, *_ in self._columns}
        others = [place for place in range(header_width) if place not in used]
        for number, record, broken in records:
            if len(record) <= self._last:
                record = record + [""] * (header_width - len(record))
            values = self._absent.copy()
            row = Row(number, values, record)
            if self._is_no_row(row, header_width, broken):
                yield row
                continue
            for reading in self._columns:
                name, place, known, _, _ = reading
                value = known.get(record[place], _NOT_READ_YET)
                if value is _NOT_READ_YET or broken:
                    self._read(row, reading, broken)
                else:
                    values[name] = value  # type: ignore[assignment]
            if others:
                self._check_unused(row, others)
            yield row

    def _is_no_row(self, row: Row, header_width: int, broken: Broken | None) -> bool:
        """Notes one problem where a row's cells are shifted, or where it is the header again, a total or a note below."""
        if len(row.cells) > header_width and any(map(cells.trimmed, row.cells[header_width:])):
            self._findings.wrong(
                row,
                None,
                f"The row has {len(row.cells)} cells and the header {header_width}: "
                "put quotation marks around a cell that holds the separator.",
            )
        elif self._is_header(row.cells):
            self._findings.wrong(row, None, "This is the header again: delete the row.")
        elif not broken and "" in [row.cells[place] for place in self._keys]:
            self._findings.wrong_if_scant(row)
        return row.wrong

    def _is_header(self, record: list[str]) -> bool:
        return all(map(self._is_name, self._findings.layout.header, record))

    def _is_name(self, name: str, cell: str) -> bool:
        return len(cell) >= len(name) and header_name(cell) == name  # the length: nearly every row is none, at once

    def _read(self, row: Row, reading: _Reading, broken: Broken | None) -> None:
        name, place, known, column, words = reading
        raw = row.cells[place]
        if broken and place in broken and not (column.timed and broken[place] == ONLY_A_TIME):
            self._findings.wrong(row, name, broken[place])
            return
        try:
            value = value_of(raw, column, words, self._dates)
        except AfterToday as ahead:
            self._findings.ahead(row, name, ahead.day, ahead.message)
            return
        except NotRight as trouble:
            self._findings.wrong(row, name, trouble.message)
            if isinstance(trouble, MonthFirst):
                self._dates.month_first(row.number, name, shown(cells.trimmed(raw)))
            return
        done = mended(raw).done
        for what in done:
            self._findings.warn(row, f"In {name}, {what}.")
        if value is None and column.key:
            value = column.default
            if value is None:
                self._findings.wrong(row, name, f"Must not be blank: give {column.right}.")
                return
        row.values[name] = value
        if not done:  # else each such row is told of
            if len(known) >= _REMEMBERED:
                known.clear()
            known[raw] = value

    def _check_unused(self, row: Row, others: list[int]) -> None:
        for place in others:
            if trouble := unreadable(row.cells[place] if place < len(row.cells) else ""):
                self._findings.wrong_unused(row, place, f"In column {place + 1}, which is not used: {trouble}")


def value_of(raw: str, column: Column, words: Mapping[str, str], dates: Dates) -> Value | None:
    """What a cell says in a column; None when it is blank. Raises `NotRight`."""
    if trouble := unreadable(raw):
        raise NotRight(trouble)
    text = cells.trimmed(_as_meant(raw))
    if words:
        text = words.get(text.casefold(), text)
    if trouble := error_words(text):
        raise NotRight(trouble)
    value = column.parse(text) if text else None
    if isinstance(value, date):
        dates.see(value, text, column)
    return value


def _as_meant(raw: str) -> str:
    try:
        return mended(raw).text
    except Damaged as damage:
        raise NotRight(
            f"The letters “{damage.letters}” were damaged on the way: "
            "type them again, or export the file again as “CSV UTF-8” or XLSX."
        ) from None


def unreadable(raw: str) -> str | None:
    """Why nothing is read from a cell, whatever it should hold; None when it can be read."""
    if len(raw) > cells.LONGEST:
        return (
            f"The cell has {len(raw):,} characters: give at most {cells.LONGEST:,} (is a quotation mark never closed?)."
        )
    if "\0" in raw:
        return "The cell has a NUL byte in it: type the value again."
    return None
