"""Which Delivery Partner a row means: a name that is there, however it is spelt, or a new one. A slip of the pen makes no new one."""

from __future__ import annotations

from collections.abc import Iterable

from core.records.imports.cells import NotRight, listed
from core.records.names import alike, folded, nearly


class PartnerNames:
    """The Delivery Partners that are stored, and those that a call's rows add. `said_new`: said to be new by whoever imports."""

    def __init__(self, stored: Iterable[str] = (), said_new: Iterable[str] = ()) -> None:
        self._stored = frozenset(stored)
        self._said_new = set(map(folded, said_new))
        self._names = sorted(self._stored)
        self._meant: dict[str, str] = {}

    def meant(self, written: str) -> str:
        """The name under which the Delivery Partner of a row is kept: as it was first written.

        Raises `NotRight` where it may be another one mistyped, or is one of two that are spelt alike.
        """
        name = self._meant.get(written)
        if name is None:
            name = self._meant[written] = self._one(written) or self._new(written)
        return name

    def _one(self, written: str) -> str | None:
        """The name that is there already."""
        found = alike(written, self._names)
        if len(found) > 1:
            raise NotRight(
                f"Both {_quoted(found, 'and')} are stored: give one of them as it stands "
                "(if they are one Delivery Partner: npq partner merge)."
            )
        return found[0] if found else None

    def _new(self, written: str) -> str:
        near = [name for name in self._names if nearly(written, name)]
        if near and folded(written) not in self._said_new:
            raise NotRight(
                f"There is no such Delivery Partner yet, and it is nearly {_quoted(near, 'or')}: correct it, "
                f'or say that it is another one with --new-partner "{written}".'
            )
        self._names.append(written)
        return written

    def added(self, names: Iterable[str]) -> list[str]:
        """Of the names that rows were taken with: the new ones, where there were others before."""
        return sorted(set(names).difference(self._stored)) if self._stored else []


def _quoted(names: list[str], joined_by: str) -> str:
    return listed([f"“{name}”" for name in names], joined_by)
