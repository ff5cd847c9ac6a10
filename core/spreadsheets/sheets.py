"""What is in an XLSX: its sheets and where they are, and typed cells as text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from core.spreadsheets.cells import NotRight
from core.spreadsheets.merged_cells import MergedCells
from core.spreadsheets.number_formats import Format, as_stored, decimal, telling_formats
from core.spreadsheets.shown_by_excel import Seen


@dataclass(frozen=True, slots=True)
class Workbook:
    """An XLSX's worksheets in order, by name: where in the package each is. `hidden` are those that nobody sees.

    `formats` are the styles that show something else than what is stored; in a `stale` one Excel has yet to calculate.
    """

    parts: Mapping[str, str]
    hidden: frozenset[str]
    formats: Mapping[int, Format]
    stale: bool


def workbook(package: zipfile.ZipFile) -> Workbook:
    """What a package says of its sheets."""
    targets: dict[str, str] = {}
    for relation in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels")):
        if relation.get("Type", "").endswith("/worksheet"):
            target = relation.get("Target", "")
            targets[relation.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    parts: dict[str, str] = {}
    hidden: set[str] = set()
    stale = False
    for element in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        kind = element.tag.rpartition("}")[2]
        if kind == "sheet":
            name = element.get("name", "")
            relation_id = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            if relation_id in targets:
                parts[name] = targets[relation_id]
            if element.get("state", "visible") != "visible":
                hidden.add(name)
        elif kind == "calcPr":
            stale = element.get("fullCalcOnLoad") in ("1", "true")
    return Workbook(parts, frozenset(hidden), telling_formats(package), stale)


class Texts:
    """Makes the typed cells of one sheet below the row `header` into the texts that Excel shows, page by page."""

    def __init__(self, seen: Seen, formats: Mapping[int, Format], left: int, header: int) -> None:
        self._seen = seen
        self._left = left  # the column in which its reader begins
        self._merged = MergedCells(seen.merged, left, header)
        self._plain = _Known(None)
        self._by_style = {style: _Known(one) for style, one in formats.items()}

    def page(self, first: int, rows: Sequence[Sequence[Any]]) -> tuple[list[list[str]], dict[int, dict[int, str]]]:
        """Rows of typed cells, all equally long, as texts; and why some cells, by row number and place, have none."""
        seen, left = self._seen, self._left
        numbers = range(first, first + len(rows))
        wrong = {
            row: {column - left: why for column, why in seen.wrong[row].items()} for row in numbers if row in seen.wrong
        }
        columns = [self._column(place, first, values, wrong) for place, values in enumerate(zip(*rows, strict=True))]
        texts = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in rows]
        self._merged.fill(first, texts, wrong)
        for row in seen.hidden_rows.intersection(numbers):
            texts[row - first] = [""] * len(columns)
            wrong.pop(row, None)
        return texts, wrong

    def _column(self, place: int, first: int, values: Sequence[Any], wrong: dict[int, dict[int, str]]) -> Iterable[str]:
        column = place + self._left
        if self._seen.late:
            values = [self._in_time(row, column, value) for row, value in enumerate(values, first)]
        texts: list[str] = []
        ahead = iter(values)
        for style, count in self._seen.styles(column, first, len(values)):
            some = values if count == len(values) else list(islice(ahead, count))
            known = self._plain if style is None else self._by_style[style]
            mine = known.texts(some)
            if known.refused:
                for row, value in enumerate(some, first + len(texts)):
                    if type(value) is not bool and (why := known.refused.get(value)):
                        wrong.setdefault(row, {}).setdefault(place, why)
            if some is values:
                return mine
            texts.extend(mine)
        return texts

    def _in_time(self, row: int, column: int, value: Any) -> Any:
        """A cell of the last second of a day, which its reader takes for the next."""
        is_next = isinstance(value, datetime) and value.time() == time()
        return value - timedelta(days=1) if is_next and (row, column) in self._seen.late else value


class _Known(dict[Any, str]):
    """Cells of one format as text, each made once. `refused` says why some have none."""

    def __init__(self, format_: Format | None) -> None:
        super().__init__()
        self.refused: dict[Any, str] = {}
        self._format = format_

    def texts(self, values: Sequence[Any]) -> Iterable[str]:
        """The text of each value."""
        kinds = set(map(type, values))
        if self._format is None and kinds == {str}:
            return values
        if kinds <= _ALIKE:
            return list(map(self.__getitem__, values))
        if self._format is None:
            return [value if (kind := type(value)) is str else self._text(kind, value) for value in values]
        return [self._text(type(value), value) for value in values]

    def _text(self, kind: type, value: Any) -> str:
        return self[value] if kind is not bool else "TRUE" if value else "FALSE"

    def __missing__(self, value: Any) -> str:
        if len(self) >= 10_000:
            self.clear()
        try:
            text = as_stored(value) if self._format is None else self._format.read(value)
        except NotRight as trouble:
            self.refused[value] = trouble.message
            text = decimal(value) if isinstance(value, float) else str(value)
        self[value] = text
        return text


_ALIKE = {float, date}  # kinds of which equal values have one text

__all__ = ["Texts", "Workbook", "workbook"]
