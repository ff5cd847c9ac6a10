"""Cells that Excel shows as one: their value is that of every row they span, though only the first of them holds it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from core.spreadsheets.shown_by_excel import MergedArea

_UNMERGE = "The cell is merged with {}{}: unmerge the cells and fill each."


@dataclass(slots=True)
class _Open:
    """A merged cell whose first row has been read: what it shows, or why that cannot be read."""

    merged: MergedArea
    text: str
    why: str | None


class MergedCells:
    """Fills the merged cells of a sheet that begin below the row `header`, page after page from the top down."""

    def __init__(self, merged: Iterable[MergedArea], left: int, header: int) -> None:
        self._ahead = deque(sorted(one for one in merged if one.top > header))
        self._left = left  # the column in which the sheet's reader begins
        self._open: list[_Open] = []

    def fill(self, first: int, texts: list[list[str]], wrong: dict[int, dict[int, str]]) -> None:
        """Gives each row what it shows; a row that holds nothing of its own stays blank."""
        end = first + len(texts)
        blank = {row for row, cells in enumerate(texts, first) if not any(cells)} if self._open or self._ahead else ()
        while self._ahead and self._ahead[0].top < end:
            self._begin(self._ahead.popleft(), first, texts, wrong)
        for one in self._open:
            for row in range(max(one.merged.top, first), min(one.merged.bottom + 1, end)):
                if row not in blank:
                    self._fill_row(one, row, texts[row - first], wrong)
        self._open = [one for one in self._open if one.merged.bottom >= end]

    def _begin(self, merged: MergedArea, first: int, texts: list[list[str]], wrong: dict[int, dict[int, str]]) -> None:
        place = merged.left - self._left
        cells = texts[merged.top - first] if merged.top >= first else []
        if 0 <= place < len(cells):
            opened = _Open(merged, cells[place], wrong.get(merged.top, {}).get(place))
            if opened.text or opened.why:
                self._open.append(opened)

    def _fill_row(self, one: _Open, row: int, cells: list[str], wrong: dict[int, dict[int, str]]) -> None:
        merged, place = one.merged, one.merged.left - self._left
        cells[place] = one.text
        if one.why is not None:
            wrong.setdefault(row, {})[place] = one.why
        for other in range(place + 1, min(merged.right - self._left + 1, len(cells))):
            wrong.setdefault(row, {})[other] = _UNMERGE.format(_letters(merged.left), merged.top)


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters, column = chr(ord("A") + letter) + letters, column - 1
    return letters
