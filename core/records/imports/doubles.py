"""Who may be somebody else who is known: by an id that is nearly theirs, or by the TRN or e-mail of another on the same course.

Nothing here reads a database: what is stored is asked for through `stored`, and only when a participants row needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from core.records.keys import email_key, id_key, trn_key


class Held(NamedTuple):
    """What is stored of a participant that nobody else on the course should have."""

    participant_id: str
    course: str
    trn: str | None
    email: str | None


class Another(NamedTuple):
    """Somebody whom a row may be about as well, and the column that says so."""

    column: str
    participant_id: str


class Doubles:
    """Everybody's ids, TRNs and e-mails as compared; grows with every participants row that is taken."""

    def __init__(self, people: Collection[str], stored: Callable[[], Iterable[Held]]) -> None:
        self._people = people
        self._stored = stored

    def near(self, participant_id: str) -> str | None:
        """Whose id an unknown one nearly is."""
        return self._ids.get(id_key(participant_id))

    def others(self, row: Held) -> list[Another]:
        """Whom a row may be about as well; each is named once, by the first column that says so."""
        found: dict[str, Another] = {}
        for column, other in self._look(row):
            if other is not None and other != row.participant_id:
                found.setdefault(other, Another(column, other))
        return list(found.values())

    def _look(self, row: Held) -> Iterator[tuple[str, str | None]]:
        who, course, trn, email = row
        if who not in self._people:
            yield "participant_id", self.near(who)
        if trn is not None:
            yield "trn", self._held.trns.other(who, course, trn)
        if email is not None:
            yield "email", self._held.emails.other(who, course, email)

    def take(self, row: Held) -> None:
        """Remembers a row that is taken, before its participant is among the people."""
        who, course, trn, email = row
        is_new = who not in self._people
        if is_new:
            self._ids.setdefault(id_key(who), who)
        if trn is not None:
            self._held.trns.take(who, course, trn, is_new=is_new)
        if email is not None:
            self._held.emails.take(who, course, email, is_new=is_new)

    def odd_trn(self, participant_id: str) -> str | None:
        """What is stored as somebody's TRN and is none."""
        return self._held.odd_trns.get(participant_id)

    @cached_property
    def _ids(self) -> dict[str, str]:
        """Ids as compared; of two that were near each other already the first stands."""
        ids: dict[str, str] = {}
        for one in self._people:
            ids.setdefault(id_key(one), one)
        return ids

    def load(self) -> None:
        """Asks what is stored, unless that is known: later, somebody may be writing."""
        _ = self._held

    @cached_property
    def _held(self) -> _AllHeld:
        return _AllHeld(self._stored())


class _AllHeld:
    def __init__(self, stored: Iterable[Held]) -> None:
        self.trns, self.emails = _Holders(trn_key), _Holders(email_key)
        self.odd_trns: dict[str, str] = {}
        for who, course, trn, email in stored:
            if trn is not None:
                self.trns.know(who, course, trn)
                if trn_key(trn) is None:
                    self.odd_trns[who] = trn
            if email is not None:
                self.emails.know(who, course, email)


class _Holders:
    """Whose a TRN or an e-mail is, course by course."""

    def __init__(self, key_of: Callable[[str], str | None]) -> None:
        self._key_of = key_of
        self._first: dict[str, dict[str, str]] = defaultdict(dict)
        self._also: set[tuple[str, str, str]] = set()  # who share one that is stored
        self._now: dict[str, tuple[str, str]] = {}  # what somebody stored has instead since this call

    def know(self, who: str, course: str, value: str) -> None:
        """Takes what is stored."""
        key = self._key_of(value)
        if key is not None and self._first[course].setdefault(key, who) != who:
            self._also.add((who, course, key))

    def other(self, who: str, course: str, value: str) -> str | None:
        """Who else has it, unless the two have shared it all along."""
        key = self._key_of(value)
        holder = None if key is None else self._first[course].get(key)
        if key is None or holder is None or holder == who or (who, course, key) in self._also:
            return None
        return holder if self._now.get(holder, (course, key)) == (course, key) else None

    def take(self, who: str, course: str, value: str, *, is_new: bool) -> None:
        """Takes what a row says: it is its holder's from now on, unless somebody else's is meant to be theirs too."""
        key = self._key_of(value)
        if key is None:
            return
        if self._first[course].get(key) != who and (who, course, key) not in self._also:
            if self.other(who, course, value) is None:
                self._first[course][key] = who
            if not is_new:
                self._now[who] = course, key
        elif who in self._now:
            self._now[who] = course, key
