"""Holds rows that can only be judged beside others of their file, without holding the file.

Many are put into drawers by what they are judged beside, an event or a participant, and one drawer is looked through after the
other. The drawers are files without a name, which are gone when they are closed.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import IO

from core.imports.rows import Row
from core.spreadsheets.file_problems import finding_room

IN_MEMORY = 20_000  # rows that are simply held
_DRAWERS = 128


class HeldRows:
    """Rows by the value of a column; those that have the same come back at once, in the order of the file."""

    def __init__(self, file: str, column: str) -> None:
        self._file = file
        self._column = column
        self._held: list[Row] = []
        self._drawers: list[IO[bytes]] = []

    def add(self, rows: Iterable[Row]) -> None:
        """Takes some more. Raises `FileFault` when there is no room for them."""
        self._held += rows
        if len(self._held) >= IN_MEMORY:
            self._put_away()

    def all(self) -> Iterator[list[Row]]:
        """All rows, some at a time; whoever asks has added them all."""
        if not self._drawers:
            yield self._held
            return
        self._put_away()
        for drawer in self._drawers:
            rows: list[Row] = []
            end = drawer.tell()
            drawer.seek(0)
            while drawer.tell() < end:
                rows += pickle.load(drawer)  # what `_put_away` wrote, in a file that nobody else can open
            yield rows

    def close(self) -> None:
        """Deletes what is on disk."""
        for drawer in self._drawers:
            drawer.close()

    def _put_away(self) -> None:
        by_drawer: dict[int, list[Row]] = defaultdict(list)
        for row in self._held:
            by_drawer[hash(row.values.get(self._column)) % _DRAWERS].append(row)
        self._held = []
        with finding_room(self._file):
            while len(self._drawers) < _DRAWERS:
                self._drawers.append(tempfile.TemporaryFile())  # noqa: SIM115 - closed by `close`
            for number, rows in by_drawer.items():
                pickle.dump(rows, self._drawers[number], pickle.HIGHEST_PROTOCOL)
