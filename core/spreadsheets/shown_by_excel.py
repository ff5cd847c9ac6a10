"""What Excel shows of a sheet and its reader does not tell: errors, formulas never calculated, what is hidden or formatted.

Most sheets have nothing of all this, which a quick look finds out; only the others are gone through cell by cell.
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO
from xml.parsers import expat

from core.spreadsheets.spoilt_cells import ERROR

UNCALCULATED = "The cell holds a formula that was never calculated: open the file in Excel and save it."

_MOST_OF_A_FORMULA = 10_000  # cells that one formula fills which nobody has calculated
_CHUNK = 1 << 20


@dataclass(slots=True)
class Seen:
    """One sheet, by its row numbers from 1 and its column indexes from 0. `rows` and `columns` are what it spans.

    `wrong` says why nothing can be read from a cell; `hidden_rows` are those that hold something; `late` are cells within a
    second of midnight, which their reader takes for the next day; `merged` are cells that Excel shows as one.
    """

    rows: int = 0
    columns: int = 0
    wrong: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    late: set[tuple[int, int]] = field(default_factory=set)
    merged: list[MergedArea] = field(default_factory=list)
    _runs: dict[int, list[_Run]] = field(default_factory=dict)  # by column

    def note_style(self, row: int, column: int, style: int) -> None:
        """Remembers a cell's style, which mostly is that of the cell above it."""
        runs = self._runs.setdefault(column, [])
        if runs and runs[-1].style == style and runs[-1].end == row:
            runs[-1].end = row + 1
        else:
            runs.append(_Run(row, row + 1, style))

    def styles(self, column: int, first: int, count: int) -> Iterator[tuple[int | None, int]]:
        """The styles of so many cells of a column from the row `first` on: which, if it was noted, and of how many."""
        runs = self._runs.get(column, [])
        row, end = first, first + count
        for place in range(max(bisect_right(runs, first, key=lambda run: run.start) - 1, 0), len(runs)):
            run = runs[place]
            if run.start >= end:
                break
            if run.end <= row:
                continue
            if run.start > row:
                yield None, run.start - row
                row = run.start
            yield run.style, min(run.end, end) - row
            row = min(run.end, end)
        if row < end:
            yield None, end - row


@dataclass(frozen=True, slots=True, order=True)
class MergedArea:
    """Cells that Excel shows as one, which has the value of the first: rows and columns, from and to."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class _Run:
    """Cells of one style below each other, from the row `start` to before `end`."""

    start: int
    end: int
    style: int


def look_at(package: zipfile.ZipFile, part: str, *, formats: Collection[int], stale: bool) -> Seen:
    """One sheet of a workbook. `formats` are the styles to note; where it is `stale`, no formula's value is Excel's own."""
    with package.open(part) as stream:
        seen = _quickly(stream, formats)
    if seen is None:
        with package.open(part) as stream:
            seen = _Careful(formats, stale).through(stream)
    return seen


# ---- the quick look

_CELL_NAME = re.compile(rb'<c r="([A-Z]{1,3})[0-9]+"')
_ROW_NAME = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"')
# Of errors, what is hidden, a time just before midnight; and of how few programs write.
_MARKS = (b't="e"', b'hidden="1"', b'hidden="true"', b' width="0', b' ht="0', b".9999", b"='", b"<c>", b":sheetData")
_FORMULA = re.compile(rb"<f[\s>/]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3}[0-9]+:[A-Z]{1,3}[0-9]+)"')  # these stand behind all rows


def _quickly(stream: IO[bytes], formats: Collection[int]) -> Seen | None:
    """What a sheet spans, and its formats; None where there is more to see, or where it is written in a rare way."""
    seen, wider, rest = Seen(), _wider_than(0), b""
    styled = _cells_of(formats)
    while 0 not in formats:
        chunk = stream.read(_CHUNK)
        text = rest + chunk
        cut = max(text.rfind(b"<c "), text.rfind(b"<row ")) if chunk else len(text)
        whole, rest = (text[:cut], text[cut:]) if cut > 0 else (b"", text)
        if any(mark in whole for mark in _MARKS) or (b"<f" in whole and _FORMULA.search(whole)):
            return None
        if whole.count(b"<c ") != whole.count(b'<c r="'):
            return None
        if wider.search(whole):
            names = set(_CELL_NAME.findall(whole))
            seen.columns = max([seen.columns, *(_column_index(name) + 1 for name in names)])
            wider = _wider_than(seen.columns)
        seen.rows = max(seen.rows, max(map(int, _ROW_NAME.findall(whole)), default=0))
        if styled is not None:
            for column, row, style in styled.findall(whole):
                seen.note_style(int(row), _column_index(column), int(style))
        if not chunk:
            seen.merged.extend(span for one in _MERGED.findall(whole) if (span := _span(one.decode())))
            return seen if seen.rows and len(seen.merged) == whole.count(b"<mergeCell ") else None
    return None


def _cells_of(styles: Collection[int]) -> re.Pattern[bytes] | None:
    """Finds the cells of these styles: column, row and style of each."""
    listed = b"|".join(b"%d" % style for style in styles)
    return re.compile(rb'<c r="([A-Z]{1,3})([0-9]+)"(?:[^>]*?) s="(%s)"' % listed) if styles else None


def _wider_than(columns: int) -> re.Pattern[bytes]:
    """Finds the name of a cell that lies beyond so many columns (from 26 on: perhaps beyond); also other things."""
    beyond = "A-Z" if columns == 0 else f"{chr(ord('A') + columns)}-Z" if columns < 26 else ""
    return re.compile(
        rf'r="(?:{f"[{beyond}]|" if beyond else ""}[A-Z]{{2,3}})[0-9]'.encode()
    )  # begins with letters: fast


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)")


def _place(reference: str) -> tuple[int, int] | None:
    found = _PLACE.match(reference)
    return (int(found[2]), _column_index(found[1].encode())) if found else None


def _span(reference: str) -> MergedArea | None:
    """The cells of a reference such as B2:C4."""
    first, last = (_place(one) for one in (reference + ":").split(":")[:2])
    return MergedArea(*first, *last) if first and last else None


# ---- cell by cell


class _Careful:
    """Goes through a sheet cell by cell, however it is written."""

    def __init__(self, formats: Collection[int], stale: bool) -> None:
        self._formats = formats
        self._stale = stale
        self._seen = Seen()
        self._row = self._column = 0
        self._row_is_hidden = False
        self._cell: dict[str, str] = {}
        self._formula: dict[str, str] | None = None
        self._has_value = self._in_value = False
        self._value: list[str] = []

    def through(self, stream: IO[bytes]) -> Seen:
        """All there is to see."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ParseFile(stream)
        return self._seen

    def _start(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._begin_cell(given)
        elif name in ("v", "is"):
            self._has_value = self._in_value = True
        elif name == "f":
            self._formula = given
        elif name == "row":
            self._row = int(given.get("r", self._row + 1))
            self._column = -1
            self._row_is_hidden = _is_on(given.get("hidden")) or _is_nothing(given.get("ht"))
            self._seen.rows = max(self._seen.rows, self._row)
        elif name == "col" and (_is_on(given.get("hidden")) or _is_nothing(given.get("width"))):
            self._seen.hidden_columns.update(range(int(given.get("min", "1")) - 1, int(given.get("max", "1"))))
        elif name == "mergeCell" and (span := _span(given.get("ref", ""))):
            self._seen.merged.append(span)

    def _begin_cell(self, given: dict[str, str]) -> None:
        place = _place(given.get("r", ""))
        self._row, self._column = place or (self._row, self._column + 1)
        self._cell, self._formula, self._has_value, self._value = given, None, False, []

    def _characters(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "is"):
            self._in_value = False
        elif name == "c":
            self._end_cell("".join(self._value).strip())

    def _end_cell(self, value: str) -> None:
        seen, kind = self._seen, self._cell.get("t", "n")
        seen.columns = max(seen.columns, self._column + 1)
        if self._formula is not None and (self._stale or not self._is_calculated(value, kind)):
            for row, column in self._filled_by(self._formula):
                self._note_wrong(row, column, UNCALCULATED)
        elif kind == "e":
            self._note_wrong(self._row, self._column, ERROR.format(value))
        elif not value:
            return
        if self._row_is_hidden:
            seen.hidden_rows.add(self._row)
        if (style := int(self._cell.get("s", "0"))) in self._formats:
            seen.note_style(self._row, self._column, style)
        if kind == "n" and ".9999" in value:
            seen.late.add((self._row, self._column))

    def _is_calculated(self, value: str, kind: str) -> bool:
        """Whether a formula's value stands beside it; Excel writes an empty text as such, others write no kind then."""
        return bool(value) or (kind == "str" and self._has_value)

    def _filled_by(self, formula: dict[str, str]) -> Iterator[tuple[int, int]]:
        """The cells that a formula fills: its own, or those of an array."""
        yield self._row, self._column
        span = _span(formula.get("ref", ""))
        if formula.get("t", "normal") in ("array", "dataTable") and span:
            rows, columns = range(span.top, span.bottom + 1), range(span.left, span.right + 1)
            places = ((row, column) for row in rows for column in columns)
            yield from islice(places, _MOST_OF_A_FORMULA)

    def _note_wrong(self, row: int, column: int, why: str) -> None:
        self._seen.wrong.setdefault(row, {})[column] = why


def _is_on(flag: str | None) -> bool:
    return flag in ("1", "true", "on")


def _is_nothing(size: str | None) -> bool:
    """Whether a height or width is 0, however it is written."""
    return size is not None and re.fullmatch(r"0+(?:\.0*)?", size) is not None
