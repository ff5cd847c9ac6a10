"""What a process remembers between questions, so that an answer costs one small query when nothing has changed.

Everything here belongs to one state of the facts and decisions, which every change leaves behind in its own transaction: a
remembered answer is never older than the data. A decision drops what is known of its participant, an import what is known of
those whom it concerns: their progress records say who these are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from sqlmodel import Session

from core.derived import following, progress_store
from core.derived.finished_answers import FinishedAnswers
from core.derived.following import State
from core.records import participant_rows
from core.records.compared_names import folded
from core.records.damaged_text import cleaned
from core.records.identity_keys import email_key, id_key, trn_key
from core.records.participant_rows import PersonName
from core.rules.results import Standing
from core.rules.standing import standing
from reference.pack import Pack

MOST_REMEMBERED = 20_000  # standings: enough for a lead provider


ONLY_ID = "id:"  # what somebody types in front of an id that is another's TRN


def only_an_id(text: str) -> bool:
    """Whether a text can be nobody's TRN, e-mail or name: names have no digits."""
    return any(map(str.isdecimal, text)) and trn_key(text) is None and email_key(text) is None


class _Index:
    """People by a key."""

    def __init__(self) -> None:
        self._by_key: dict[str, PersonName] = {}
        self._further: dict[str, list[PersonName]] = {}  # of the same key: few are not one person's own

    def add(self, key: str, person: PersonName) -> None:
        if self._by_key.setdefault(key, person) is not person:
            self._further.setdefault(key, []).append(person)

    def of(self, key: str) -> Iterator[PersonName]:
        if key in self._by_key:
            yield self._by_key[key]
            yield from self._further.get(key, ())


def _keys(name: str, email: str | None, trn: str | None) -> set[str]:
    """By what somebody is found: the name as folded, e-mail and TRN as compared."""
    keys = (name, email and email_key(email), trn and trn_key(trn))
    return {key for key in keys if key}


class Directory:
    """Everyone's names and keys, indexed for finding."""

    def __init__(self, people: Sequence[PersonName]) -> None:
        self.people = people  # each as often as they are enrolled
        self.by_id: dict[str, list[PersonName]] = {}
        for person in people:
            self.by_id.setdefault(person.id, []).append(person)
        self.by_enrolment = {person.enrolment_id: person for person in people}
        self.names = [folded(person.name) for person in people]
        self._by_key = _Index()
        for person, name in zip(people, self.names, strict=True):
            for key in _keys(name, person.email, person.trn):
                self._by_key.add(key, person)

    def differs_from(self, people: Iterable[PersonName]) -> bool:
        """Whether any of these is not here exactly like this."""
        return any(self.by_enrolment.get(person.enrolment_id) != person for person in people)

    def named(self, text: str, visible: Callable[[PersonName], bool]) -> list[PersonName]:
        """Of those who are visible: whoever has this id, e-mail, TRN or full name; else a name with such beginnings.

        Where nobody has exactly this id, those with nearly this one count too. After `id:` the exact id alone counts.
        Somebody who is not visible hides nobody who is: to the asker they do not exist.
        """
        given = cleaned(text)
        own = self._of_id(text.strip(), visible) or self._of_id(given, visible)
        if not own and given[: len(ONLY_ID)].casefold() == ONLY_ID:
            return self._of_id(given[len(ONLY_ID) :].strip(), visible)
        wanted = folded(given)
        others = [person for key in _keys(wanted, given, given) for person in self._by_key.of(key)]
        near = [] if own else self._by_id_key.of(id_key(given))
        if found := _each_once(person for person in (*own, *others, *near) if visible(person)):
            return found
        parts = wanted.split()
        if not parts:
            return []
        return _each_once(
            person
            for person, name in zip(self.people, self.names, strict=True)
            if all(name.startswith(part) or f" {part}" in name for part in parts) and visible(person)
        )

    def _of_id(self, participant_id: str, visible: Callable[[PersonName], bool]) -> list[PersonName]:
        return _each_once(person for person in self.by_id.get(participant_id, ()) if visible(person))

    @cached_property
    def _by_id_key(self) -> _Index:
        """Everyone by id as compared; made when somebody types what is nobody's id."""
        index = _Index()
        for person in self.people:
            index.add(id_key(person.id), person)
        return index


def _each_once(people: Iterable[PersonName]) -> list[PersonName]:
    """Everybody once, by the first of their enrolments."""
    found: dict[str, PersonName] = {}
    for person in people:
        found.setdefault(person.id, person)
    return list(found.values())


class KnownState:
    """What is known of one state of the caseload; asked with the session that saw that state."""

    def __init__(self, state: State, decided: dict[str, int], basis: str | None = None) -> None:
        self.state = state
        self._basis = basis  # of the progress records; None: they do not tell who has changed
        self._decided = decided  # each participant's own revision, of those about whom anything was decided
        self._directory: Directory | None = None
        self._standings: dict[tuple[int, date], Standing] = {}
        self.answers = FinishedAnswers()

    def keep(self, older: KnownState, session: Session, changed: Collection[int]) -> None:
        """Takes over from an older one what is about those whose facts and decisions have not `changed` since."""
        if self._basis is None or self._basis != older._basis:
            return
        if older._directory is not None and not older._directory.differs_from(
            participant_rows.people_named(session, changed)
        ):
            self._directory = older._directory
        self._standings = {key: found for key, found in older._standings.copy().items() if key[0] not in changed}
        self.answers = older.answers.without(changed)

    @property
    def has_directory(self) -> bool:
        """Whether the directory is made already."""
        return self._directory is not None

    @property
    def names(self) -> Directory:
        """The directory, made already."""
        assert self._directory is not None
        return self._directory

    def directory(self, session: Session) -> Directory:
        """Everyone who can be found by name."""
        if self._directory is None:
            self._directory = Directory(participant_rows.people(session))
        return self._directory

    def decided(self, participant_id: str) -> int:
        """A participant's own revision: 0 when nothing was ever decided about them."""
        return self._decided.get(participant_id, 0)

    def standing(self, session: Session, pack: Pack, enrolment: int, as_of: date) -> Standing:
        """The standing of one enrolment; `KeyError` when there is none of this id."""
        return self.standings(session, pack, [enrolment], as_of)[0]

    def standings(
        self, session: Session, pack: Pack, enrolments: Sequence[int], as_of: date, *, remember: bool = True
    ) -> list[Standing]:
        """Standings in the order asked for; the records of those that are not remembered are loaded together."""
        known = self._standings
        missing = [i for i in enrolments if (i, as_of) not in known]
        loaded = participant_rows.load_participants(session, ids=missing)
        found = {one.enrolment_id: standing(pack, one, as_of) for one in loaded}
        if remember and len(known) + len(found) <= MOST_REMEMBERED:
            known.update({(i, as_of): each for i, each in found.items()})
        return [found[i] if i in found else known[i, as_of] for i in enrolments]

    def forget_other_days(self, as_of: date) -> None:
        """Lets go of all standings but those of this day."""
        self._standings = {key: found for key, found in self._standings.copy().items() if key[1] == as_of}


class PeopleIndex:
    """What is known of the state asked about last, and of one beside it: a session may still see the one before."""

    def __init__(self) -> None:
        self._held: tuple[KnownState, ...] = ()  # the one asked about last comes first

    @property
    def has_directory(self) -> bool:
        """Whether everybody's names are at hand."""
        return any(known.has_directory for known in self._held)

    def at(self, state: State) -> KnownState | None:
        """What is known of this state, where names are at hand."""
        for known in self._held:
            if known.state == state and known._directory is not None:
                return known
        return None

    def known(self, session: Session) -> KnownState:
        """What is known of the state that this session sees: all that has not changed since one that is remembered.

        Where that belongs to another past (a database that was put back, or replaced) nothing is taken over from it.
        """
        state, held = following.now(session), self._held
        for known in held:
            if known.state == state:
                return known
        fresh = KnownState(state, participant_rows.participant_revisions(session), progress_store.basis(session))
        for known in sorted(held, key=lambda each: each.state, reverse=True):  # the newer, the more is kept
            changed = following.changed(session, known.state, state)
            if changed is not None:
                fresh.keep(known, session, changed)
                self._held = (fresh,)
                return fresh
        self._held = (fresh, *held[:1])
        return fresh
