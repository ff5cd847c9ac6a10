"""Which keys stand in a file more than once, found in little memory however long the file is.

Of every key only a hash is kept, and of many only on disk. Hashes that come twice are suspects: the file is read again,
and for their rows alone whole keys are compared.

Most files have the rows of one participant together. As long as nobody comes again whose rows had ended, a key can repeat
only among rows that are near each other, and these are looked at as they come.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import compress, pairwise
from typing import IO

from core.imports.kinds import Kind
from core.records.compared_names import folded
from core.spreadsheets.cells import Value
from core.spreadsheets.file_problems import finding_room

_DRAWERS = 64  # hashes are sorted into so many, of which one at a time is looked through
_BOUNDS = [-(1 << 63) + (1 << 64) // _DRAWERS * drawer for drawer in range(1, _DRAWERS)]
_IN_MEMORY = 1 << 17  # hashes, of 8 bytes

Repeats = frozenset[int]


class KeyHasher:
    """Hashes the keys of one kind. A name that folds is the same however it is spelt."""

    def __init__(self, kind: Kind) -> None:
        self._names = kind.told_apart_by
        self.first = self._names[0]
        self._folds = [kind.by_name[name].folds for name in self._names]
        self._folded = _Folded()

    def of_columns(self, values: Mapping[str, Sequence[Value | None]]) -> list[int]:
        """The hash of each row's key, from whole columns."""
        parts = (
            map(self._folded.__getitem__, values[name]) if folds else values[name]
            for name, folds in zip(self._names, self._folds, strict=True)
        )
        return list(map(hash, zip(*parts, strict=True)))

    def first_of(self, values: Mapping[str, Value | None]) -> Value | None:
        """The first part of one row's key; None where it could not be read."""
        value = values.get(self.first)
        return self._folded[value] if self._folds[0] else value

    def of_row(self, values: Mapping[str, Value | None]) -> int | None:
        """The hash of one row's key; None where a cell of it could not be read."""
        if any(name not in values for name in self._names):
            return None
        return self.of_columns({name: (values[name],) for name in self._names})[0]


class _Folded(dict[Value | None, Value | None]):
    def __missing__(self, value: Value | None) -> Value | None:
        if len(self) >= 10_000:
            self.clear()
        answer = self[value] = folded(value) if isinstance(value, str) else value
        return answer


class KeyHashes:
    """The hashes of a file's keys so far, each with the first part of its key: mostly the participant."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._all = _Heap()
        self._pages: list[tuple[Sequence[Value | None], Sequence[int]]] = []  # since the last mark
        self._since_mark: set[int] = set()
        self._count = 0
        self._ended: set[Value | None] = set()  # firsts of which no more should come
        self._may_repeat = False

    def add(self, firsts: Sequence[Value | None], hashes: Sequence[int]) -> bool:
        """Takes some more; whether there are repeats for certain, because they stand among those since the last mark.

        Raises `FileFault` when there is no room for them, as `repeated` does.
        """
        if hashes:
            with finding_room(self._file):
                self._all.add(hashes)
            self._since(firsts, hashes)
        return len(self._since_mark) != self._count

    def mark(self) -> None:
        """Forgets for `add` what came before, but for those whose rows may go on."""
        if len(self._since_mark) != self._count:
            self._may_repeat = True
        pages, self._pages = self._pages, []
        self._since_mark, self._count = set(), 0
        if self._may_repeat or not pages:
            return
        here = set[Value | None]().union(*(firsts for firsts, _ in pages))
        last = set(pages[-1][0])
        self._may_repeat = not here.isdisjoint(self._ended)
        self._ended |= here - last
        for firsts, hashes in pages:
            if not last.isdisjoint(firsts):
                kept = [first in last for first in firsts]
                self._since(list(compress(firsts, kept)), list(compress(hashes, kept)))

    def _since(self, firsts: Sequence[Value | None], hashes: Sequence[int]) -> None:
        self._pages.append((firsts, hashes))
        self._since_mark.update(hashes)
        self._count += len(hashes)

    def repeated(self) -> Repeats:
        """Those that came more than once."""
        self.mark()
        with finding_room(self._file):
            return self._all.repeated() if self._may_repeat else frozenset()

    def close(self) -> None:
        """Deletes what is on disk."""
        self._all.close()


class _Heap:
    """Any number of hashes as they came; looked through only when need be."""

    def __init__(self) -> None:
        self._held = array("q")
        self._file: IO[bytes] | None = None

    def add(self, hashes: Sequence[int]) -> None:
        """Takes some more."""
        self._held += array("q", hashes)
        if len(self._held) >= _IN_MEMORY:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._file.write(self._held)
            self._held = array("q")

    def repeated(self) -> Repeats:
        """Those that came more than once: all are sorted into drawers, and one drawer at a time is looked through."""
        repeated: set[int] = set()
        with ExitStack() as stack:
            drawers = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(_DRAWERS)]
            for some in self._by_some():
                ordered = array("q", sorted(some))
                start = 0
                for drawer, bound in zip(drawers, [*_BOUNDS, 1 << 63], strict=True):
                    end = bisect_left(ordered, bound, start)
                    drawer.write(ordered[start:end])
                    start = end
            for drawer in drawers:
                drawer.seek(0)
                whole = array("q", drawer.read())
                if len(set(whole)) != len(whole):
                    repeated.update(one for one, other in pairwise(sorted(whole)) if one == other)
        return frozenset(repeated)

    def _by_some(self) -> Iterator[array[int]]:
        if self._file is not None:
            self._file.seek(0)
            while some := self._file.read(_IN_MEMORY * 8):
                yield array("q", some)
        yield self._held

    def close(self) -> None:
        """Deletes what is on disk."""
        if self._file is not None:
            self._file.close()
