"""Rows become a file that people open in a spreadsheet: XLSX with real dates, or CSV, by the name's ending."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

Cell: TypeAlias = str | int | date | None
ENDINGS = (".xlsx", ".csv")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would work out what begins so

_DATE_FORMAT = "dd/mm/yyyy"
_NARROWEST, _WIDEST = 12, 40  # characters


def write_table(
    path: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]], dated: Collection[str]
) -> None:
    """Makes a new file of a header and rows. The name ends as one of `ENDINGS`; `title` names the sheet.

    `dated` are the columns in which dates are, or are to be filled in.

    Raises `FileExistsError` where there is one of that name, and any other `OSError`; then no file is made.
    """
    with path.open("xb"):
        pass
    try:
        if path.suffix.casefold() == ".csv":
            _write_csv(path, header, rows)
        else:
            _write_xlsx(path, title, header, rows, dated)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:  # without the mark Excel takes it for another code
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows([[_harmless(cell) for cell in row] for row in rows])


def _write_xlsx(
    path: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]], dated: Collection[str]
) -> None:
    from openpyxl import Workbook  # here: only who writes a workbook waits for it
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(header))
    for row in rows:
        sheet.append([_harmless(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place, name in enumerate(header):
        if name in dated:
            for number in range(2, len(rows) + 2):
                sheet.cell(number, place + 1).number_format = _DATE_FORMAT
        longest = max((len(str(row[place] or "")) for row in rows), default=0)
        wide = min(max(longest, len(name)) + 2, _WIDEST)
        sheet.column_dimensions[get_column_letter(place + 1)].width = max(wide, _NARROWEST)
    sheet.freeze_panes = "A2"
    book.save(path)


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell
