"""Which keys stand in a file more than once, found in little memory however long the file is.

Of every key only a hash is kept, and of many only on disk. Hashes that come twice are suspects: the file is read again,
and for their rows alone whole keys are compared.
"""

from __future__ import annotations

import itertools
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import IO

from core.records.imports.cells import Value
from core.records.imports.checking import folded
from core.records.imports.kinds import Kind

_DRAWERS = 64  # hashes are sorted into so many, of which one at a time is looked through
_BOUNDS = [-(1 << 63) + (1 << 64) // _DRAWERS * drawer for drawer in range(1, _DRAWERS)]
_UNSORTED = 20_000
_IN_MEMORY = 1 << 17  # hashes, of 8 bytes

Repeats = frozenset[int]


class KeyHasher:
    """Hashes the keys of one kind. A title or component in another case is the same title or component."""

    def __init__(self, kind: Kind) -> None:
        self._names = kind.keys
        self._folded = _Folded() if kind.name == "activities" else None

    def of_columns(self, values: Mapping[str, Sequence[Value | None]]) -> list[int]:
        """The hash of each row's key, from whole columns."""
        first, *others = (values[name] for name in self._names)
        if self._folded is not None:
            others = [list(map(self._folded.__getitem__, column)) for column in others]
        return list(map(hash, zip(first, *others, strict=True)))

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
    """The hashes of a file's keys so far."""

    def __init__(self) -> None:
        self._new: list[int] = []
        self._drawers = [array("q") for _ in range(_DRAWERS)]
        self._files: list[IO[bytes]] = []
        self._held = 0
        self._since_mark: set[int] = set()
        self._count = 0
        self._repeated: set[int] = set()

    def add(self, hashes: Sequence[int]) -> bool:
        """Takes some more; whether there are repeats for certain, because they stand among those since the last mark."""
        self._new += hashes
        if len(self._new) >= _UNSORTED:
            self._sort_new()
        self._count += len(hashes)
        self._since_mark.update(hashes)
        return len(self._since_mark) != self._count

    def mark(self) -> None:
        """Forgets for `add` what came before."""
        self._since_mark.clear()
        self._count = 0

    def _sort_new(self) -> None:
        ordered = sorted(self._new)
        start = 0
        for drawer, bound in zip(self._drawers, [*_BOUNDS, 1 << 63], strict=True):
            end = bisect_left(ordered, bound, start)
            drawer.extend(ordered[start:end])
            start = end
        self._held += len(ordered)
        self._new.clear()
        if self._held >= _IN_MEMORY:
            self._put_away()

    def repeated(self) -> Repeats:
        """Those that came more than once."""
        self._sort_new()
        for number, drawer in enumerate(self._drawers):
            whole = array("q")
            if self._files:
                self._files[number].seek(0)
                whole.frombytes(self._files[number].read())
            whole.extend(drawer)
            if len(set(whole)) != len(whole):
                ordered = sorted(whole)
                self._repeated.update(one for one, other in itertools.pairwise(ordered) if one == other)
        return frozenset(self._repeated)

    def close(self) -> None:
        """Deletes what is on disk."""
        for file in self._files:
            file.close()

    def _put_away(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile() for _ in range(_DRAWERS)]  # noqa: SIM115 - closed by `close`
        for file, drawer in zip(self._files, self._drawers, strict=True):
            file.write(drawer.tobytes())
            del drawer[:]
        self._held = 0
