"""What an import says afterwards: per file what happened, per wrong row what would be right."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong in a file. `row` is a spreadsheet's (the header is 1); None: the whole file.

    `message` says what would be right, in one sentence; `value` is the cell as it stands, cut when it is long; `sheet` is
    the name of an XLSX's sheet.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one file came to. `rows` counts its rows below the header that are not blank.

    `added`, `changed` and `unchanged` count the good rows by what they did (in a dry run: would do) to what is stored,
    and are 0 where a wrong row stopped everything; `skipped` counts the wrong ones. `ignored_columns` are the header's
    names that mean nothing here.
    """

    path: str
    kind: str
    rows: int
    added: int
    changed: int
    unchanged: int
    skipped: int
    ignored_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a call came to. `written` is False after a dry run and when a wrong row stopped everything."""

    files: tuple[FileReport, ...]
    problems: tuple[RowProblem, ...]
    written: bool


class FileFault(Exception):
    """A whole file (or mapping) that cannot be read; `message` is one sentence that says how to mend it."""

    def __init__(
        self,
        file: str,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        sheet: str | None = None,
    ) -> None:
        super().__init__(message)
        self.file = file
        self.message = message
        self.row = row
        self.column = column
        self.value = value
        self.sheet = sheet

    def as_problem(self) -> RowProblem:
        """The same as a line among the problems."""
        return RowProblem(self.file, self.row, self.column, self.value, self.message, self.sheet)


@contextmanager
def finding_room(file: str) -> Iterator[None]:
    """For what is put aside on disk meanwhile: raises `FileFault` when there is no room for it."""
    try:
        yield
    except OSError as trouble:
        raise FileFault(
            file,
            f"There is no room in {tempfile.gettempdir()} to look through so many rows, so nothing was changed: "
            "free some space there, then try again.",
        ) from trouble


def shown(value: str) -> str:
    """A cell's text as a problem shows it: on one line, cut when long."""
    text = " ".join(value.replace("\0", "\N{SYMBOL FOR NULL}").split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(value):,} characters)"


def where(found: RowProblem | FileFault) -> str:
    """The file, and in a workbook the sheet."""
    return found.file if found.sheet is None else f"{found.file}, sheet “{found.sheet}”"
