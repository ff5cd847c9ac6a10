"""Files as they come become rows of text: CSV and XLSX, told apart by what is in them and never by their name.

A row's number is the one a spreadsheet shows: blank rows count, and a cell of several lines is one row.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import python_calamine

from core.records.damaged_text import cleaned
from core.spreadsheets import cells, unreadable_formats
from core.spreadsheets.file_problems import FileFault
from core.spreadsheets.headings import bare
from core.spreadsheets.sheets import Texts, Workbook, workbook
from core.spreadsheets.shown_by_excel import UNCALCULATED, Seen, look_at

Fits = Callable[[tuple[str, ...]], bool]  # whether a header is meant as that of a kind
Broken = Mapping[int, str]  # index of a cell -> why nothing can be read from it
Record = tuple[int, list[str], Broken | None]  # spreadsheet row, cells as text, cells that cannot be read

LONGEST_QUOTED = 16_000_000  # characters; an opening quote that never closes is found here at the latest
LARGEST_SHEET = 20_000_000  # cells in the rectangle a sheet spans
LARGEST_UNPACKED = 4_000_000_000  # bytes

_DELIMITERS = (",", ";", "\t", "|")
_TEXT_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_SAVE_UTF8 = "save it again as “CSV UTF-8”"
_SAVE_XLSX = "save it as XLSX or as “CSV UTF-8”"
_SNIFFED = 65_536
_AT_THE_TOP = 30  # rows in which a header is looked for
PAGE = 500  # rows in a page: few enough that they stay near the processor

csv.field_size_limit(LONGEST_QUOTED)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a file that follow each other, blank ones too. `first` numbers the first; `broken` is by row number."""

    first: int
    rows: list[list[str]]
    broken: Mapping[int, Broken] = field(default_factory=dict)

    def records(self) -> Iterator[Record]:
        """Its rows one by one, blank ones left out."""
        for number, row in enumerate(self.rows, self.first):
            broken = self.broken.get(number)
            if broken is not None or not is_blank(row):
                yield number, row, broken


@dataclass(frozen=True, slots=True)
class Table:
    """One file, opened so far that its header is known.

    `pages` starts a fresh pass over the rows below the header; it raises `FileFault` where the file turns out to be
    broken. `total` counts the rows where that is known beforehand. `sheet` is its name in an XLSX, `others` are the further
    sheets that can be seen there; `hidden` names the columns of the header that cannot, `unseen` what else Excel hides and may be
    meant where the header does not fit. `titles` are the header's cells as they stand, in the row `header_row`.
    """

    file: str
    header: tuple[str, ...]
    pages: Callable[[], Iterator[Page]]
    header_row: int
    titles: tuple[str, ...]
    total: int | None = None
    sheet: str | None = None
    others: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    def top(self) -> list[tuple[int, list[str]]]:
        """Its first rows with their numbers, the header before the others."""
        below = ((number, row) for page in self.pages() for number, row, _ in page.records())
        return [(self.header_row, list(self.titles)), *islice(below, _AT_THE_TOP)]


def is_blank(row: list[str]) -> bool:
    """Whether nothing can be seen in any cell."""
    return not row or not (row[0][:1].isalnum() or any(cells.trimmed(cell) for cell in row))


def open_table(
    path: Path, *, known_names: Collection[str], sheet_names: Collection[str], fits: Fits = lambda header: True
) -> Table:
    """Opens a CSV or XLSX by its content.

    `known_names` are header names as `header_name` gives them: they decide which character separates a CSV's cells.
    Of an XLSX the first visible sheet is read whose header `fits`, or else one where a lower row does, or the first; sheets
    that are named like one of `sheet_names` come before others. Raises `FileFault`.
    """
    file = str(path)
    known = frozenset(map(bare, known_names))
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise FileFault(file, "It is a folder: name the files in it, e.g. with *.csv.")
        if not stat.S_ISREG(kind):
            raise FileFault(file, "It is no ordinary file: give a CSV or XLSX file.")
        with path.open("rb") as stream:
            start = stream.read(8192)
    except (FileNotFoundError, NotADirectoryError):
        raise FileFault(file, "There is no such file: check its name and folder.") from None
    except (OSError, ValueError) as trouble:
        why = getattr(trouble, "strerror", None) or "its name is not allowed"
        raise FileFault(file, f"It cannot be opened ({why}): check its name and who may read it.") from None
    if not start.strip():
        raise FileFault(file, "It is empty: it needs a header row that names the columns.")
    if start.startswith(_OLE):
        raise _old_or_locked(path, file)
    if (said := unreadable_formats.said_of(start)) is not None:
        raise FileFault(file, said)
    if start.startswith(_ZIP):
        return _open_xlsx(path, file, known, sheet_names, fits)
    return _open_csv(path, file, start, known)


def header_name(cell: str) -> str:
    """A header cell as names are compared: lower case, spaces as underscores."""
    return re.sub(r"\s+", "_", cells.trimmed(cleaned(cell)).casefold())


def text_at_the_top(path: Path, known_names: Collection[str]) -> list[tuple[int, list[str]]]:
    """The first rows of a file of text with their numbers, in whatever encoding and however badly written."""
    try:
        with path.open("rb") as stream:
            start = stream.read(_SNIFFED)
    except (OSError, ValueError):
        return []
    text = start.decode(_decoder(start), errors="replace").removeprefix("\ufeff")
    return _rows_of(text, _delimiter(text, frozenset(map(bare, known_names))))


def _decoder(start: bytes) -> str:
    encoding = _encoding(start)
    if encoding == "UTF-16" and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-be" if start[0] == 0 else "utf-16-le"
    return encoding or "utf-8"


# ---- CSV


def _open_csv(path: Path, file: str, start: bytes, known: Collection[str]) -> Table:
    if (encoding := _encoding(start)) is not None:
        raise FileFault(file, f"It is {encoding} text, and only UTF-8 can be read: {_SAVE_UTF8}.")
    strange = sum(start.count(code) for code in range(32) if code not in (9, 10, 12, 13))
    if strange * 10 > len(start) and not _is_utf8(start):
        raise FileFault(file, unreadable_formats.NEITHER)
    delimiter = _delimiter(_opening(path), known)
    header_row, header = 0, list[str]()
    for page in _csv_pages(path, file, delimiter, at_once=1):  # no further than the header: row for row
        header_row, [header] = page.first, page.rows
        if not _says_separator(header_row, header) and not is_blank(header):
            break
    else:
        raise FileFault(file, "It is empty: it needs a header row that names the columns.")

    def pages() -> Iterator[Page]:
        return _csv_pages(path, file, delimiter, after=header_row)

    return Table(file, _named(file, header), pages, header_row, tuple(header))


def _encoding(start: bytes) -> str | None:
    """The encoding of text that begins with these bytes, where it shows that it is none of UTF-8's kind."""
    for mark, encoding in _TEXT_MARKS:
        if start.startswith(mark):
            return encoding
    nulls = start.count(0)
    if nulls * 4 > len(start) and (not any(start[0:512:2]) or not any(start[1:512:2])):
        return "UTF-16"
    return None


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as trouble:
        return trouble.start >= len(start) - 3  # a character cut in two by where we stopped reading
    return True


def _opening(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_SNIFFED).decode("utf-8-sig", errors="replace")


def _delimiter(opening: str, known: Collection[str]) -> str:
    """The separator under which the header has the most names we know; where it has none, a lower row, or the most cells."""

    def in_the_header(delimiter: str) -> int:
        return max((_names_in(row, known) for _, row in _rows_of(opening, delimiter, most=1)), default=0)

    def at_the_top(delimiter: str) -> tuple[int, int]:
        rows = [row for _, row in _rows_of(opening, delimiter)]
        return max((_names_in(row, known) for row in rows), default=0), sum(len(row) - 1 for row in rows)

    best = max(_DELIMITERS, key=lambda one: (in_the_header(one), at_the_top(one)[0]))  # "Title;;;;" is a name for each
    return best if in_the_header(best) else max(_DELIMITERS, key=at_the_top)


def _names_in(row: list[str], known: Collection[str]) -> int:
    return sum(bare(header_name(cell)) in known for cell in row)


def _rows_of(opening: str, delimiter: str, most: int = _AT_THE_TOP) -> list[tuple[int, list[str]]]:
    """The first rows of a text that are not blank, with their numbers, as far as it can be taken apart."""
    rows = enumerate(csv.reader(io.StringIO(opening, newline=""), delimiter=delimiter), 1)
    found: list[tuple[int, list[str]]] = []
    with suppress(csv.Error):
        wanted = (one for one in rows if not is_blank(one[1]) and not _says_separator(*one))
        found.extend(islice(wanted, most))
    return found


def _says_separator(number: int, row: list[str]) -> bool:
    """Whether a row is Excel's own note of what separates the cells."""
    return number == 1 and bool(row) and row[0].casefold().startswith("sep=")


def _csv_pages(path: Path, file: str, delimiter: str, *, after: int = 0, at_once: int = PAGE) -> Iterator[Page]:
    number = 1
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        while True:
            rows: list[list[str]] = []
            try:
                rows.extend(islice(reader, after if number <= after else at_once))  # keeps those before a fault
            except UnicodeDecodeError:
                raise _not_utf8(path, file, delimiter) from None
            except csv.Error as trouble:
                raise _broken_csv(file, number + len(rows), str(trouble)) from None
            if not rows:
                return
            if number > after:
                yield Page(number, rows)
            number += len(rows)


def _broken_csv(file: str, number: int, trouble: str) -> FileFault:
    if "unexpected end" in trouble or "field larger" in trouble:
        what = "a quotation mark opens a cell and none closes it: close it, or double one that is meant as text"
    elif "expected after" in trouble:
        what = "a quotation mark stands inside a quoted cell: double each one that is meant as text"
    else:
        what = f"the row cannot be taken apart ({trouble}): save the file again as CSV"
    return FileFault(file, f"In row {number}, {what}.", row=number)


def _not_utf8(path: Path, file: str, delimiter: str) -> FileFault:
    """Finds the row of the first byte that is not UTF-8 (the decoder reads ahead, so it has to be looked for)."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
        good = content
    except UnicodeDecodeError as trouble:
        good = content[: trouble.start]
    before = io.StringIO(f"{good.decode('utf-8-sig')}?", newline="")  # the wrong byte, as some character
    number = 0
    try:
        for _ in csv.reader(before, delimiter=delimiter):
            number += 1
    except csv.Error:
        number += 1
    what = f"Row {number} is not UTF-8 text"
    if good.removeprefix(codecs.BOM_UTF8).isascii():
        return FileFault(file, f"{what} (Excel's plain “CSV” writes Windows-1252): {_SAVE_UTF8}.", row=number)
    return FileFault(
        file,
        f"{what}, and what stands above it is: save each file as “CSV UTF-8” before you put several into one.",
        row=number,
    )


# ---- XLSX


def _old_or_locked(path: Path, file: str) -> FileFault:
    with path.open("rb") as stream:
        content = stream.read(4_000_000)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return FileFault(file, "It is protected by a password: save a copy without one.")
    if "WordDocument".encode("utf-16-le") in content:
        return FileFault(file, f"It is a Word document, not a table: {_SAVE_XLSX}.")
    if "__substg1.0_".encode("utf-16-le") in content:
        return FileFault(file, "It is an e-mail of Outlook, not a table: save the file that is attached to it.")
    return FileFault(file, f"It is in the old Excel format (.xls) or another Office format: {_SAVE_XLSX}.")


def _open_xlsx(path: Path, file: str, known: Collection[str], sheet_names: Collection[str], fits: Fits) -> Table:
    broken = FileFault(file, f"It is damaged or no Excel workbook: open it in Excel and {_SAVE_XLSX}.")
    try:
        with zipfile.ZipFile(path) as package, path.open("rb") as stream:
            if "xl/workbook.xml" not in package.namelist():
                raise FileFault(file, unreadable_formats.said_of_package(package.namelist()))
            if sum(part.file_size for part in package.infolist()) > LARGEST_UNPACKED:
                raise FileFault(file, "It unpacks to more than can be read at once: split it or save it as CSV.")
            return _one_sheet(_Package(file, package, stream), known, sheet_names, fits)
    except python_calamine.PasswordError:
        raise FileFault(file, "It is protected by a password: save a copy without one.") from None
    except FileFault:
        raise
    except Exception:  # a damaged package makes its readers raise almost anything
        raise broken from None
    except BaseException as panic:  # the reader of XLSX files is Rust, whose panics are no Exception
        if type(panic).__name__ != "PanicException":
            raise
        raise broken from None


class _Package:
    """An XLSX whose sheets can be opened one by one."""

    def __init__(self, file: str, package: zipfile.ZipFile, stream: BinaryIO) -> None:
        self.file = file
        self.book: Workbook = workbook(package)
        self._package = package
        self._stream = stream
        self._reader: python_calamine.CalamineWorkbook | None = None

    def sheet(self, name: str) -> tuple[python_calamine.CalamineSheet, Seen]:
        """One sheet and what Excel shows of it. Raises `FileFault` where it spans too much."""
        seen = look_at(self._package, self.book.parts[name], formats=self.book.formats, stale=self.book.stale)
        if seen.rows * seen.columns > LARGEST_SHEET:
            raise FileFault(
                self.file,
                f"Its sheet “{name}” spans {seen.rows:,} rows and {seen.columns:,} columns: "
                "delete the stray cells far from the table, or save it as CSV.",
            )
        if self._reader is None:
            self._reader = python_calamine.CalamineWorkbook.from_filelike(self._stream)
        return self._reader.get_sheet_by_name(name), seen


def _one_sheet(package: _Package, known: Collection[str], sheet_names: Collection[str], fits: Fits) -> Table:
    """The first visible sheet whose header fits, those with the name of a kind before others; else where a lower row does."""
    file, book = package.file, package.book
    visible = [name for name in book.parts if name not in book.hidden]
    if not visible:
        what = "only hidden sheets: show the one that has the rows" if book.parts else "no sheet with cells"
        raise FileFault(file, f"It has {what}: put the rows on its first sheet.")
    fault: FileFault | None = None
    first: Table | None = None
    lower: Table | None = None
    for name in sorted(visible, key=lambda name: header_name(name) not in sheet_names):
        others = tuple(other for other in visible if other != name)
        try:
            table = _sheet_table(file, *package.sheet(name), name, others, book, known)
        except FileFault as trouble:
            fault = fault or trouble
            continue
        if fits(table.header):
            return table
        first = first or table
        if lower is None and any(fits(tuple(map(header_name, row))) for _, row in table.top()):
            lower = table
    if first is not None:
        return lower or first
    assert fault is not None
    raise fault


def _sheet_table(
    file: str,
    sheet: python_calamine.CalamineSheet,
    seen: Seen,
    name: str,
    others: tuple[str, ...],
    book: Workbook,
    known: Collection[str],
) -> Table:
    left = sheet.start[1] if sheet.start else 0
    last = sheet.end[0] + 1 if sheet.end else 0

    def pages(after: int = 0, at_once: int = PAGE) -> Iterator[Page]:
        texts = Texts(seen, book.formats, left, after)
        all_rows = sheet.iter_rows()
        number = sum(1 for _ in islice(all_rows, after)) + 1
        while rows := list(islice(all_rows, at_once)):
            yield Page(number, *texts.page(number, rows))
            number += len(rows)
        for beyond in sorted(row for row in seen.wrong if row > max(last, after)):
            yield Page(beyond, *texts.page(beyond, [[]]))

    first = next((record for page in pages(at_once=1) for record in page.records()), None)
    if first is None:
        what = "shows nothing, for Excel hides its rows" if seen.hidden_rows else "is empty"
        raise FileFault(file, f"Its sheet “{name}” {what}: it needs a header row that names the columns.")
    header_row, header, broken = first
    if UNCALCULATED in (broken or {}).values():
        raise FileFault(file, f"In the header row, a name is missing. {UNCALCULATED}", row=header_row, sheet=name)
    columns = [column - left for column in seen.hidden_columns if 0 <= column - left < len(header)]
    hidden = tuple(header_name(header[place]) for place in columns)
    titles = ["" if place in columns else cell for place, cell in enumerate(header)]
    return Table(
        file,
        _named(file, titles),
        lambda: pages(header_row),
        header_row,
        tuple(titles),
        max(last - header_row, 0),
        name,
        others,
        hidden,
        _unseen(book, [row for row in sorted(seen.hidden_rows) if row < header_row]),
        _told(name, others, seen, header_row, [one for one in hidden if bare(one) in known]),
    )


def _unseen(book: Workbook, rows: list[int]) -> tuple[str, ...]:
    """The sheets that Excel hides, and the rows above what seems to be the header."""
    sheets = [f"the sheet {name}" for name in book.parts if name in book.hidden]
    return (*sheets, *([f"row {rows[0]}" if len(rows) == 1 else f"rows {rows[0]} to {rows[-1]}"] if rows else []))


def _told(name: str, others: tuple[str, ...], seen: Seen, header_row: int, hidden: list[str]) -> tuple[str, ...]:
    """What is not read of a workbook."""
    told = [f"Only the sheet “{name}” was read, not {cells.listed(others, 'and')}."] if others else []
    if rows := sum(row > header_row for row in seen.hidden_rows):
        what = "1 row that Excel hides was" if rows == 1 else f"{rows:,} rows that Excel hides were"
        told.append(f"{what} left out of the sheet “{name}” (is a filter on?): show them to have them read.")
    if hidden:
        what = (
            f"column {hidden[0]}, which Excel hides, was"
            if len(hidden) == 1
            else f"columns {cells.listed(hidden, 'and')}, which Excel hides, were"
        )
        told.append(f"The {what} left out of the sheet “{name}”: show it to have it read.")
    return tuple(told)


# ---- the header


def _named(file: str, header: list[str]) -> tuple[str, ...]:
    for cell in header:
        if "\0" in cell or len(cell) > cells.LONGEST:
            raise FileFault(file, "Its header row is not readable text: give the columns their names in row 1.", row=1)
    return tuple(header_name(cell) for cell in header)


__all__ = ["Broken", "Fits", "Page", "Record", "Table", "header_name", "is_blank", "open_table", "text_at_the_top"]
