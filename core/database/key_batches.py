"""Many keys go into several questions: one holds only so many variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 500  # well below SQLite's limit on variables


def in_pieces(keys: Collection[T]) -> Iterator[list[T]]:
    """The keys in their order, a few hundred at a time."""
    ordered = list(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
