"""Who may be somebody else who is known: by an id that is nearly theirs, or by the TRN or e-mail of another on the same course.

Nothing here reads a database: what is stored is asked for through `stored`, and only when a participants file needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from core.records.identity_keys import email_key, id_key, trn_key

Keys = list[tuple[str, str]]  # each with whose it is
_BESIDE = "\0"  # between course and key: in neither


class Held(NamedTuple):
    """What a participant has that nobody else on the course should have."""

    participant_id: str
    course: str
    trn: str | None
    email: str | None


class HeldColumns(NamedTuple):
    """The same of many participants, column by column."""

    ids: Sequence[str]
    courses: Sequence[str]
    trns: Sequence[str | None]
    emails: Sequence[str | None]


class Another(NamedTuple):
    """Somebody whom a row may be about as well, and the column that says so."""

    column: str
    participant_id: str


class Doubles:
    """Everybody's ids, TRNs and e-mails as compared; grows with every participants row that is taken."""

    def __init__(self, people: Collection[str], stored: Callable[[], Iterable[HeldColumns]]) -> None:
        self._people = people
        self._stored = stored

    def near(self, participant_id: str) -> str | None:
        """Whose id an unknown one nearly is."""
        return self._ids.other(id_key(participant_id), participant_id)

    def others(self, row: Held) -> list[Another]:
        """Whom a row may be about as well; each is named once, by the first column that says so."""
        found: dict[str, Another] = {}
        for column, holders, keys in self._keys(_as_columns(row)):
            for key, who in keys:
                if (other := holders.other(key, who)) is not None:
                    found.setdefault(other, Another(column, other))
        return list(found.values())

    def take(self, row: Held) -> None:
        """Remembers a row that is taken, before its participant is among the people."""
        for _, holders, keys in self._keys(_as_columns(row)):
            holders.take(keys, self._people)

    def take_all(self, rows: HeldColumns) -> bool:
        """Remembers rows that are each about one person for certain; otherwise none of them."""
        found = self._keys(rows)
        fit = all(holders.fit(keys) for _, holders, keys in found)
        if fit:
            for _, holders, keys in found:
                holders.take(keys, self._people)
        return fit

    def odd_trn(self, participant_id: str) -> str | None:
        """What is stored as somebody's TRN and is none."""
        return self._held.odd_trns.get(participant_id)

    def load(self) -> None:
        """Asks what is stored, unless that is known: later, somebody may be writing."""
        _ = self._held

    def forget(self) -> None:
        """Keeps nothing in memory that only participants rows need."""
        self.__dict__.pop("_held", None)

    def _keys(self, rows: HeldColumns) -> list[tuple[str, _Holders, Keys]]:
        ids, courses, trns, emails = rows
        people, found = self._people, list[tuple[str, _Holders, Keys]]()
        if fresh := [(id_key(one), one) for one in ids if one not in people]:
            found.append(("participant_id", self._ids, fresh))
        if any(trns):
            found.append(("trn", self._held.trns, _on_course(trn_key, ids, courses, trns)))
        if any(emails):
            found.append(("email", self._held.emails, _on_course(email_key, ids, courses, emails)))
        return found

    @cached_property
    def _ids(self) -> _Holders:
        ids = _Holders()
        ids.know((id_key(one), one) for one in self._people)
        return ids

    @cached_property
    def _held(self) -> _StoredHolders:
        return _StoredHolders(self._stored())


class _StoredHolders:
    """Whose TRN and e-mail is whose, and what is stored as a TRN and is none."""

    def __init__(self, stored: Iterable[HeldColumns]) -> None:
        self.trns, self.emails = _Holders(), _Holders()
        self.odd_trns: dict[str, str] = {}
        for ids, courses, trns, emails in stored:
            self.trns.know(_on_course(trn_key, ids, courses, trns))
            self.emails.know(_on_course(email_key, ids, courses, emails))
            self.odd_trns |= {who: trn for who, trn in zip(ids, trns, strict=True) if trn and trn_key(trn) is None}


class _Holders:
    """Whose each key is."""

    def __init__(self) -> None:
        self._whose: dict[str, str] = {}
        self._also: set[tuple[str, str]] = set()  # who share one that is stored
        self._now: dict[tuple[str, str], str] = {}  # by whom and course, the key of those who had another

    def know(self, keys: Iterable[tuple[str, str]]) -> None:
        """Takes what is stored; of those who share a key the first stands for all."""
        whose = self._whose
        self._also.update((key, who) for key, who in keys if whose.setdefault(key, who) != who)

    def other(self, key: str, who: str) -> str | None:
        """Who else has a key, unless the two have shared it all along."""
        holder = self._whose.get(key, who)
        if holder == who or (key, who) in self._also or self._now.get((holder, _course_of(key)), key) != key:
            return None
        return holder

    def fit(self, keys: Keys) -> bool:
        """Whether each of these keys is nobody's yet, or is this very person's."""
        whose = self._whose
        return len(dict(keys)) == len(keys) and all(whose.get(key, who) == who for key, who in keys)

    def take(self, keys: Keys, people: Collection[str]) -> None:
        """Takes what rows say; a key that two are meant to share stays with the first."""
        for key, who in keys:
            there = who, _course_of(key)
            if self._whose.get(key) == who or (key, who) in self._also:
                if there in self._now:
                    self._now[there] = key
                continue
            if self.other(key, who) is None:
                self._whose[key] = who
            if who in people:
                self._now[there] = key


def _course_of(key: str) -> str:
    course, beside, _ = key.partition(_BESIDE)
    return course if beside else ""


def _as_columns(row: Held) -> HeldColumns:
    return HeldColumns((row.participant_id,), (row.course,), (row.trn,), (row.email,))


def _on_course(
    key_of: Callable[[str], str | None], ids: Sequence[str], courses: Sequence[str], values: Sequence[str | None]
) -> Keys:
    """The keys of those who have one: the same on another course is another."""
    return [
        (f"{course}{_BESIDE}{key}", who)
        for who, course, value in zip(ids, courses, values, strict=True)
        if value is not None and (key := key_of(value))
    ]
