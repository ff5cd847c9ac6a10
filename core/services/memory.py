"""What a process remembers between questions, so that an answer costs one small query when nothing has changed.

Everything here is keyed on the caseload's revision, which every import and decision raises in its own transaction: a
remembered answer is never older than the data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

from sqlmodel import Session

from core.records import caseload
from core.records.caseload import PersonName
from core.rules.facts import Participant
from core.rules.results import Standing
from core.rules.standing import standing
from reference.pack import Pack

MOST_REMEMBERED = 20_000  # records, and standings: enough for a lead provider


def folded(text: str) -> str:
    """Text as compared: no case, no accents, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().replace("ł", "l").split())


def _key(text: str) -> str:
    """An e-mail or TRN as compared: spreadsheets drop a number's leading zeros."""
    bare = text.strip().casefold()
    return bare.lstrip("0") if bare.isdecimal() else bare


class Directory:
    """Everyone's names and keys, indexed for finding."""

    def __init__(self, people: Sequence[PersonName]) -> None:
        self.people = people
        self.by_id = {person.id: person for person in people}
        self.names = [folded(person.name) for person in people]
        self.words = [name.split() for name in self.names]
        self.by_key: dict[str, list[PersonName]] = {}
        for person, name in zip(people, self.names, strict=True):
            for key in {name, *(_key(k) for k in (person.email, person.trn) if k)}:
                self.by_key.setdefault(key, []).append(person)

    def named(self, text: str, visible: Callable[[PersonName], bool]) -> list[PersonName]:
        """Of those who are visible: who has this exact id; else e-mail, TRN or full name; else a name with such beginnings.

        Somebody who is not visible hides nobody who is: to the asker they do not exist.
        """
        exact = self.by_id.get(text.strip())
        if exact is not None and visible(exact):
            return [exact]
        wanted = folded(text)
        for key in (wanted, _key(text)):
            if found := [person for person in self.by_key.get(key, ()) if visible(person)]:
                return found
        parts = wanted.split()
        if not parts:
            return []
        return [
            person
            for person, words in zip(self.people, self.words, strict=True)
            if all(any(word.startswith(part) for word in words) for part in parts) and visible(person)
        ]


class _Snapshot:
    """What is known of one revision of the caseload."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.directory: Directory | None = None
        self.records: dict[str, Participant] = {}
        self.standings: dict[tuple[str, date], Standing] = {}


class Memory:
    """The directory, records and standings of the newest revision of the caseload."""

    def __init__(self) -> None:
        self._newest = _Snapshot(-1)

    def directory(self, session: Session) -> Directory:
        """Everyone who can be found by name."""
        snapshot = self._snapshot(session)
        if snapshot.directory is None:
            snapshot.directory = Directory(caseload.people(session))
        return snapshot.directory

    def standing(self, session: Session, pack: Pack, participant_id: str, as_of: date) -> Standing:
        """One participant's standing; `KeyError` when there is no such participant."""
        return self.standings(session, pack, [participant_id], as_of)[0]

    def standings(self, session: Session, pack: Pack, participant_ids: Sequence[str], as_of: date) -> list[Standing]:
        """Standings in the order asked for; records that are not remembered are loaded together."""
        snapshot = self._snapshot(session)
        records, standings = snapshot.records, snapshot.standings
        missing = [i for i in participant_ids if (i, as_of) not in standings and i not in records]
        loaded = {p.id: p for p in caseload.load_participants(session, ids=missing)} if missing else {}
        found = []
        for participant_id in participant_ids:
            known = standings.get((participant_id, as_of))
            if known is None:
                record = loaded.get(participant_id) or records[participant_id]
                known = standing(pack, record, as_of)
                if len(standings) < MOST_REMEMBERED:
                    standings[participant_id, as_of] = known
            found.append(known)
        if len(records) + len(loaded) <= MOST_REMEMBERED:
            records.update(loaded)
        return found

    def _snapshot(self, session: Session) -> _Snapshot:
        """The snapshot of the revision that this session sees; a session still on an older one gets its own."""
        revision = caseload.revision(session)
        newest = self._newest
        if revision == newest.revision:
            return newest
        fresh = _Snapshot(revision)
        if revision > newest.revision:
            self._newest = fresh
        return fresh
