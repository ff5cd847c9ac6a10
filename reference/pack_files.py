"""Reads the files of a pack as they stand, and says of each fault in them in which line it is."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from reference.entries.toml_lines import line_of, lines_of
from reference.problems import Fault, PackPlace, PackProblem

FILES = ("pack.toml", "schedule.csv", "blocks.csv", "activities.csv")
LONGEST_SHOWN = 80  # characters of a wrong value
_IN_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
_MARK_MISSING = "often a quotation mark, a bracket or an = is missing in this line or the one before"
_SAID_TWICE = {  # by the parser's own words
    "Cannot overwrite a value": "this name is given twice; leave one of them out",
    "Cannot declare": "this table is given twice; leave one of them out",
    "Cannot mutate immutable namespace": "this is given already above with =; leave one of them out",
}
_UNQUOTED_DATE = re.compile(r"[=\[,]\s*(\d{4})-(\d\d?)-(\d\d?)(?!\d)")
_SURE = 0.75  # how alike a name is that is meant, if not begun alike
_BEGINNING = 3  # letters
Row = tuple[int, dict[str, str] | None]  # line and cells; None: which cell is which can't be said
Labels = Callable[[PackPlace], str]


class PackFiles:
    """The files of one folder, and what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self._bytes: dict[str, bytes] = {}
        self._texts: dict[str, str] = {}

    def digest(self) -> str:
        """A hash over all files, so that a verdict can say which pack it rests on."""
        return hash_of(self._bytes)

    def wrong(self, at: PackPlace, message: str) -> None:
        """Notes a fault."""
        self.faults.append(Fault(at, message))

    def text(self, name: str) -> str | None:
        """A file's text; None where it is missing or badly encoded, which is noted."""
        try:
            self._bytes[name] = (self.folder / name).read_bytes()
            self._texts[name] = self._bytes[name].decode("utf-8-sig")
            return self._texts[name]
        except OSError:
            self.wrong(PackPlace(name), "this file is missing or can't be read")
        except UnicodeDecodeError:
            self.wrong(PackPlace(name), "this file is not UTF-8; save it as UTF-8")
        return None

    def toml(self, name: str) -> dict[str, Any] | None:
        """A TOML file as a table; None where it says nothing or can't be read as one, which is noted."""
        text = self.text(name)
        if text is None:
            return None
        try:
            if not (found_in_it := tomllib.loads(text)):
                self.wrong(PackPlace(name), "it is empty")
            return found_in_it or None
        except tomllib.TOMLDecodeError as error:
            said = str(error)
            found = _IN_LINE.search(said)
            last = len(text.rstrip().splitlines())  # where the parser has come to the end, something was left open
            line = int(found[1]) if found and found[1] else last
            said = _IN_LINE.sub("", said)
        except RecursionError:  # nested without end
            line, said = 1, "its brackets are nested too deeply"
        about = next((about for start, about in _SAID_TWICE.items() if said.startswith(start)), None)
        about = about or _no_date(text, line) or _MARK_MISSING
        self.wrong(PackPlace(name, line=line), f"this is not valid TOML ({said}): {about}")
        return None

    def rows(self, name: str, columns: Sequence[str], needed: Sequence[str]) -> list[Row] | None:
        """The filled cells of each row of a CSV file, with its line; None where it can't be read, which is noted."""
        text = self.text(name)
        if text is None:
            return None
        written = io.StringIO(text, newline=None).read().split("\n")
        header = self._cells(PackPlace(name, line=1), written[0])
        if header is None:
            return None
        width = len(header)
        while header and not header[-1]:  # as a spreadsheet saves a column that was touched and left empty
            header.pop()
        if not self._header(name, header, columns, needed):
            return None
        found: list[Row] = []
        torn = False  # below a cell that its line leaves open, until a line that may close it
        for line, one in enumerate(written[1:], start=2):
            cells = self._cells(PackPlace(name, line=line), one)
            if cells is None or (torn and any(cells) and len(cells) != width):
                found.append((line, None))
            elif any(cells[len(header) :]) or len(cells) > width:
                says = "this row has more cells than the header: put words with a comma in quotation marks"
                self.wrong(PackPlace(name, line=line), says)
                found.append((line, None))
            elif any(cells):
                found.append((line, {key: cell for key, cell in zip(header, cells, strict=False) if cell}))
            torn = cells is None or (torn and one.count('"') % 2 == 0)
        return found

    def _cells(self, at: PackPlace, written: str) -> list[str] | None:
        """The cells of one line; None where it can't be read, which is noted. No cell spans lines: rows would vanish in it."""
        reader = csv.reader((written, ""))
        try:
            cells = [cell.strip() for cell in next(reader)]
        except csv.Error as error:
            self.wrong(at, f"this can't be read as CSV: {error}")
            return None
        if reader.line_num == 1:
            return cells
        opens = f"a quotation mark opens a cell in line {at.line} and none closes it there"
        self.wrong(at, f"{opens}: close it, or take it out")
        return None

    def _header(self, name: str, header: list[str], columns: Sequence[str], needed: Sequence[str]) -> bool:
        """Whether every column is known and there once: said once for the file, not for each row."""
        said = len(self.faults)
        first = PackPlace(name, line=1)
        for mark, named in ((";", "semicolons"), ("\t", "tabs")):
            if len(header) == 1 and mark in header[0]:
                self.wrong(first, f"the cells are separated by {named}; save it with commas")
                return False
        if not any(column in columns or meant(column, columns) for column in header):
            self.wrong(first, f"the first line must name the columns: {','.join(columns)}")
            return False
        for column in dict.fromkeys(header):
            if column not in columns:
                self.wrong(first, unknown(column, columns))
            elif header.count(column) > 1:
                self.wrong(first, f"the column “{column}” is there twice")
        misspelt = {likely for column in header if column not in columns for likely in meant(column, columns)}
        for column in needed:
            if column not in header and column not in misspelt:
                self.wrong(first, f"the column “{column}” is missing")
        return len(self.faults) == said

    def lines(self, name: str) -> list[str]:
        """A file's lines, once it has been read."""
        return self._texts[name].splitlines()

    def problems(self, label: Labels, faults: Sequence[Fault] | None = None) -> list[PackProblem]:
        """What is wrong, each once, by file and line. `label` names the entry of pack.toml in which something stands."""
        found = self.faults if faults is None else faults
        lines = lines_of(self._texts.get("pack.toml", "")) if any(_needs_lines(fault) for fault in found) else {}
        problems = {self._problem(fault, lines, label) for fault in found}
        return sorted(problems, key=lambda p: (FILES.index(p.file), p.line or 0, p.entry, p.message))

    def _problem(self, fault: Fault, lines: Mapping[Any, int], label: Labels) -> PackProblem:
        def line(place: PackPlace) -> int | None:
            return line_of(lines, place.path) if place.path else place.line

        message = fault.message
        number = line(fault.other) if fault.other is not None else None
        if (
            fault.other is not None
            and number is not None
            and (fault.other.file, number) != (fault.at.file, line(fault.at))
        ):
            file = "" if fault.other.file == fault.at.file else f"{fault.other.file}, "
            message = f"{message} ({fault.beside} in {file}line {number})"
        return PackProblem(fault.at.file, message, line(fault.at), label(fault.at))


def hash_of(files: Mapping[str, bytes]) -> str:
    """A pack's hash, by what its files hold; one that is missing counts as such."""
    whole = hashlib.sha256()
    for name in FILES:
        if name in files:
            whole.update(name.encode() + b"\0" + files[name])
    return whole.hexdigest()


def _needs_lines(fault: Fault) -> bool:
    return any(place is not None and place.path for place in (fault.at, fault.other))


def unknown(name: str, known: Sequence[str]) -> str:
    """A name that nothing reads, the one that is probably meant, and all there are."""
    is_meant = "".join(f"is “{likely}” meant? " for likely in meant(name, known))
    return f"“{shortened(name)}” is not known here; {is_meant}known are {', '.join(known)}"


def meant(name: str, known: Sequence[str]) -> list[str]:
    """The known name that is probably meant, if there is one: very like it, or like it and begun alike."""
    written = name.casefold()
    sure = get_close_matches(written, known, n=1, cutoff=_SURE)
    return sure or [one for one in get_close_matches(written, known) if one[:_BEGINNING] == written[:_BEGINNING]][:1]


def _no_date(text: str, line: int) -> str | None:
    """What to say of a line in which a date stands that is none; None where none does."""
    for found in _UNQUOTED_DATE.finditer("".join(text.split("\n")[line - 1 : line])):
        year, month, day = map(int, found.groups())
        try:
            right = date(year, month, day).isoformat()
        except ValueError:
            return f"there is no such day as {found[0][1:].strip()}; give a date such as 2026-11-24"
        if right != found[0][1:].strip():
            return f"write the date as {right}"
    return None


def shortened(text: str) -> str:
    """As much of what was typed as a sentence bears."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
