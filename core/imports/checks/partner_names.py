"""Which Delivery Partner a row means: a name that is there, however it is spelt, or a new one. A slip of the pen makes no new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.records.compared_names import Words, alike, folded, words_of
from core.spreadsheets.cells import NotRight, listed

MOST_NAMED = 3


class PartnerNames:
    """The Delivery Partners that are stored, and those that a call's rows add.

    `said_new` are said to be new by whoever imports. Of two new names that may be one the rows decide: the more frequent ones, once
    they are known, are `preferred`, and the other ones are wrong.
    """

    def __init__(self, stored: Iterable[str] = (), said_new: Iterable[str] = (), preferred: Iterable[str] = ()) -> None:
        self._stored = frozenset(stored)
        self._preferred = frozenset(preferred)
        self._said_new = set(map(folded, said_new))
        self._names: dict[str, Words] = {}
        self._doubted: list[tuple[str, str]] = []  # new names that may be one, the earlier first
        self._meant: dict[str, str] = {}
        for name in sorted(self._stored | self._preferred):
            self._add(name)

    def meant(self, written: str) -> str:
        """The name under which the Delivery Partner of a row is kept: as it was first written.

        Raises `NotRight` where it may be another one mistyped, or is one of two that are spelt alike.
        """
        name = self._meant.get(written)
        if name is None:
            name = self._meant[written] = self._one(written) or self._new(written)
        return name

    def added(self, names: Iterable[str]) -> list[str]:
        """Of the names that rows were taken with: the new ones, where there were others before."""
        return sorted(set(names).difference(self._stored)) if self._stored else []

    def preferable(self, rows: Mapping[str, int]) -> frozenset[str]:
        """Of new names that may be one: those with the most rows, as `rows` counts them; none where no name is in doubt.

        Then the call begins anew with these as the preferred ones.
        """
        better = {max(pair, key=lambda name: rows.get(name, 0)) for pair in self._doubted}
        worse = {name for pair in self._doubted for name in pair} - better
        return frozenset(better | self._preferred) if worse else frozenset()

    @property
    def doubted(self) -> frozenset[str]:
        """The new names that may be one with another new one."""
        return frozenset(name for pair in self._doubted for name in pair)

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
        words = words_of(written)
        near = [name for name, others in self._names.items() if words.nearly(others)]
        known = [name for name in near if name in self._stored or name in self._preferred]
        if folded(written) not in self._said_new:
            if known:
                raise NotRight(
                    f"There is no such Delivery Partner yet, and it is nearly {_quoted(known[:MOST_NAMED], 'or')}: correct it, "
                    f'or say that it is another one with --new-partner "{written}".'
                )
            self._doubted += [(name, written) for name in near if folded(name) not in self._said_new]
        self._add(written)
        return written

    def _add(self, name: str) -> None:
        self._names[name] = words_of(name)


def _quoted(names: list[str], joined_by: str) -> str:
    return listed([f"“{name}”" for name in names], joined_by)
