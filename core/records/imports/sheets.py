"""What is in an XLSX: its sheets and where they are, what their reader does not tell, and typed cells as text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree


def texts(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Rows of typed cells, all equally long, as the texts that a CSV would hold."""
    columns = [_column(values) for values in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in rows]


def _column(values: Sequence[Any]) -> Iterable[str]:
    kinds = set(map(type, values))
    if kinds == {str}:
        return values
    if kinds <= _ALIKE:
        return map(_KNOWN_TEXTS.__getitem__, values)
    return [
        value if (kind := type(value)) is str else _KNOWN_TEXTS[value] if kind in _ALIKE else _as_text(value)
        for value in values
    ]


class _KnownTexts(dict[float | date, str]):
    """Numbers and days as text, each made once."""

    def __missing__(self, value: float | date) -> str:
        if len(self) >= 10_000:
            self.clear()
        answer = self[value] = _as_text(value)
        return answer


_ALIKE = {float, date}  # equal values of these have one text
_KNOWN_TEXTS = _KnownTexts()


def _as_text(value: Any) -> str:
    """A typed cell as the text a CSV would hold: dates ISO, whole numbers bare, others to their last digit."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else _plain(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _plain(value: float) -> str:
    short = repr(value)
    return short if "e" not in short else f"{value:.20f}".rstrip("0")


def sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """The worksheets of a workbook in order: name -> where in the package it is."""
    targets: dict[str, str] = {}
    for relation in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels")):
        if relation.get("Type", "").endswith("/worksheet"):
            target = relation.get("Target", "")
            targets[relation.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    parts: dict[str, str] = {}
    for sheet in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation_id = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            if relation_id in targets:
                parts[sheet.get("name", "")] = targets[relation_id]
    return parts


_CELL_NAME = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})[0-9]+"')
_ROW_NAME = re.compile(rb'<row\b[^>]*?\br="([0-9]+)"')
_PREFIXED_ROW_NAME = re.compile(rb'<\w+:row\b[^>]*?\br="([0-9]+)"')
_ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]+)"[^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<',
    re.DOTALL,
)


def scan(package: zipfile.ZipFile, part: str) -> tuple[dict[tuple[int, int], str], int, int]:
    """The error cells of a sheet by (row, column index), and how many rows and columns it spans.

    The reader of XLSX files shows an error as a blank and reserves the whole rectangle, so both are looked for first.
    """
    errors: dict[tuple[int, int], str] = {}
    columns = last_row = 0
    wider = _wider_than(columns)
    rest = b""
    with package.open(part) as stream:
        while True:
            chunk = stream.read(1 << 20)
            text = rest + chunk
            cut = max(text.rfind(b"<c "), text.rfind(b":c "), text.rfind(b"<row ")) if chunk else len(text)
            whole, rest = (text[:cut], text[cut:]) if cut > 0 else (b"", text)
            if wider.search(whole):
                names = set(_CELL_NAME.findall(whole))
                columns = max([columns, *(_column_index(name) + 1 for name in names)])
                wider = _wider_than(columns)
            for row_name in (_ROW_NAME, _PREFIXED_ROW_NAME) if b":row" in whole else (_ROW_NAME,):
                last_row = max(last_row, max(map(int, row_name.findall(whole)), default=0))
            if b't="e"' in whole:
                for column, row, value in _ERROR_CELL.findall(whole):
                    errors[int(row), _column_index(column)] = value.decode("utf-8", errors="replace")
            if not chunk:
                break
    return errors, last_row, columns


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
