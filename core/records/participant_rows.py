"""Loads what the rules read: whole participants in a handful of set-based queries, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from sys import intern
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select, update
from sqlmodel import Session, col

from core.database.key_batches import in_pieces
from core.database.tables import (
    PARTICIPANTS,
    DeclarationRow,
    EnrolmentRow,
    MeetingRow,
    ParticipantRevision,
    PeopleRow,
    RegisterRow,
    SessionRow,
    columns_of,
)
from core.database.upserts import insert_for
from core.records import decisions
from core.records.planned_sessions import PlannedSessions
from core.rules.facts import FACTS, NOTHING_DECIDED, Participant, RegisterEntry, columns_read
from core.rules.progress import KINDS

SHORTLY = (
    1_000  # milliseconds that a post waits for decisions and imports under way, before it is left to the next pass
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """What is needed to find somebody and to say who they are, and as whom they are enrolled."""

    id: str
    name: str
    email: str | None
    trn: str | None
    delivery_partner: str
    course: str
    cohort: str
    school: str | None
    facilitator: str | None
    enrolment_id: int = 0


def load_participants(
    session: Session, *, ids: Sequence[int] | None = None, partner: str | None = None
) -> list[Participant]:
    """Whole records of enrolments: of these ids (unknown ones are left out), of one Delivery Partner, or everybody's."""
    return list(iterate_participants(session, ids=ids, partner=partner))


def iterate_participants(
    session: Session, *, ids: Sequence[int] | None = None, partner: str | None = None
) -> Iterator[Participant]:
    """As `load_participants`, a few hundred at a time; without `ids` in the order of the participants' ids."""
    if ids is None:
        everyone = select(col(EnrolmentRow.id)).order_by(col(EnrolmentRow.participant_id), col(EnrolmentRow.id))
        if partner is not None:
            everyone = everyone.where(col(EnrolmentRow.delivery_partner) == partner)
        ids = list(session.execute(everyone).scalars())
    imported: dict[tuple[str, str, str], frozenset[str]] = {}
    planned = PlannedSessions(session, ())
    for some in in_pieces(ids):
        yield from _load(session, some, imported, planned)


def decided_since(session: Session, person: Participant) -> Participant:
    """The same record with what has been decided about them by now; their facts have not changed."""
    own = decisions.by_enrolment(session, [person.enrolment_id]).get(person.enrolment_id, NOTHING_DECIDED)
    return replace(person, **own._asdict())


def people(session: Session) -> list[PersonName]:
    """Everybody's names and keys, ordered by id."""
    return [_named(row) for row in session.execute(_NAMES.order_by(_whole.participant_id, _whole.enrolment_id))]


def enrolments_of(session: Session, participant_ids: Collection[str]) -> dict[str, int]:
    """The first enrolment of each of these participants; unknown ones are left out."""
    return {who: ids[0] for who, ids in all_enrolments_of(session, participant_ids).items()}


def all_enrolments_of(session: Session, participant_ids: Collection[str]) -> dict[str, list[int]]:
    """The enrolments of each of these participants; unknown ones are left out."""
    found: dict[str, list[int]] = defaultdict(list)
    for some in in_pieces(participant_ids):
        for who, one in session.execute(_ENROLMENTS_OF, {"ids": some}):
            found[who].append(one)
    return found


def courses_of(session: Session, participant_id: str) -> set[str]:
    """The courses that somebody takes or took."""
    wanted = select(_enrolment.course).where(_enrolment.participant_id == participant_id)
    return set(session.execute(wanted).scalars())


def anybody_takes_several(session: Session) -> bool:
    """Whether anybody has more enrolments than one."""
    several = select(_enrolment.participant_id).group_by(_enrolment.participant_id).having(func.count() > 1)
    return session.execute(several.limit(1)).first() is not None


def set_course(session: Session, enrolment_id: int, course: str) -> None:
    """Makes an enrolment one of another course."""
    session.execute(update(EnrolmentRow).where(_enrolment.id == enrolment_id).values(course=course))


def set_training_status(session: Session, enrolment_id: int, status: str) -> None:
    """What the participants file would say of somebody's training."""
    session.execute(update(EnrolmentRow).where(_enrolment.id == enrolment_id).values(training_status=status))


def people_named(session: Session, ids: Collection[int]) -> Iterator[PersonName]:
    """The names and keys of those with these enrolments, in no order."""
    for some in in_pieces(ids):
        yield from (_named(row) for row in session.execute(_NAMES_OF, {"ids": some}))


def person(session: Session, participant_id: str) -> list[PersonName]:
    """One participant's name and keys, for each of their enrolments."""
    found = _NAMES.where(_whole.participant_id == participant_id).order_by(_whole.enrolment_id)
    return [_named(row) for row in session.execute(found)]


def _named(row: Any) -> PersonName:
    """Names and keys, as `_NAMES` asks for them; what many share is kept once for all of them."""
    id, name, email, trn, delivery_partner, course, cohort, school, facilitator, enrolment = row
    return PersonName(
        id,
        name,
        email,
        trn,
        intern(delivery_partner),
        intern(course),
        intern(cohort),
        school and intern(school),
        facilitator and intern(facilitator),
        enrolment,
    )


def partners(session: Session) -> list[str]:
    """The Delivery Partners of whom anybody, a meeting or a planned session is stored, by name."""
    tables = (EnrolmentRow, MeetingRow, SessionRow)
    stored = [session.execute(select(columns_of(one).delivery_partner).distinct()).scalars() for one in tables]
    return sorted(set().union(*stored))


def by_course_and_cohort(session: Session) -> dict[tuple[str, str], int]:
    """How many participants are on each course in each cohort."""
    stored = columns_of(EnrolmentRow)
    found = select(stored.course, stored.cohort, func.count()).group_by(stored.course, stored.cohort)
    return {(course, cohort): count for course, cohort, count in session.execute(found)}


def any_declaration(session: Session) -> bool:
    """Whether any declaration is stored."""
    return session.execute(select(columns_of(DeclarationRow).enrolment_id).limit(1)).first() is not None


def meetings(session: Session) -> dict[str, list[date]]:
    """Each Delivery Partner's Partnership meetings, in order."""
    found: dict[str, list[date]] = defaultdict(list)
    rows = select(col(MeetingRow.delivery_partner), col(MeetingRow.meeting_on)).order_by(col(MeetingRow.meeting_on))
    for partner, meeting_on in session.execute(rows):
        found[partner].append(meeting_on)
    return found


def participant_revision(session: Session, participant_id: str) -> int:
    """Rises with every decision about a participant; 0 when there is none yet."""
    return session.execute(_PARTICIPANT_REVISION, {"id": participant_id}).scalar() or 0


def participant_revisions(session: Session) -> dict[str, int]:
    """The revision of everybody about whom anything was ever decided."""
    return {row.participant_id: row.revision for row in session.execute(_PARTICIPANT_REVISIONS)}


def lock_participant(session: Session, participant_id: str) -> None:
    """Holds a participant until the transaction ends: of two who decide at once the second sees what the first did."""
    session.connection().execute(_LOCKED, {"id": participant_id})


def touch_participant(session: Session, participant_id: str) -> None:
    """Raises a participant's revision; in the same transaction as the decision."""
    connection = session.connection()
    connection.execute(_raised(connection.dialect.name), {"participant_id": participant_id})


@cache
def _raised(dialect: str) -> Any:
    first = insert_for(dialect, ParticipantRevision).values(participant_id=bindparam("participant_id"), revision=1)
    raised = {"revision": _own_revision.revision + 1}
    return first.on_conflict_do_update(index_elements=["participant_id"], set_=raised)


def _load(
    session: Session,
    ids: Sequence[int],
    imported: dict[tuple[str, str, str], frozenset[str]],
    planned: PlannedSessions,
) -> Iterator[Participant]:
    rows = session.execute(_PEOPLE_WANTED, {"ids": ids}).all()
    planned.ask_for(session, {row.delivery_partner for row in rows})
    facts = {kind: _facts(session, ids, kind) for kind in FACTS}
    decided = decisions.by_enrolment(session, ids)
    for row in rows:
        group = (row.delivery_partner, row.course, row.cohort)
        if group not in imported:
            imported[group] = _imported(session, *group)
        own = decided.get(row.enrolment_id, NOTHING_DECIDED)
        yield Participant(
            **dict(zip(_PERSON, row, strict=True)),
            imported=imported[group],
            planned=planned.of(row.delivery_partner, row.course),
            **_own(facts, row.enrolment_id),
            **own._asdict(),
        )


def _own(facts: Mapping[str, Mapping[int, Sequence[Any]]], enrolment_id: int) -> dict[str, Any]:
    """One enrolment's facts by field."""
    return {kept.field: tuple(facts[kind].get(enrolment_id, ())) for kind, kept in FACTS.items()}


# Questions are put together once: to do that for each answer takes longer than the answer.
_whole, _person, _enrolment, _register_line = (
    PARTICIPANTS.c,
    columns_of(PeopleRow),
    columns_of(EnrolmentRow),
    columns_of(RegisterRow),
)
_own_revision = columns_of(ParticipantRevision)
_PERSON = columns_read(Participant)
_IDS: Any = bindparam("ids", expanding=True)


def _of_person(made: type[Any]) -> list[Any]:
    """The columns of participants that something is made from, two of which have longer names there."""
    longer = {"id": "participant_id", "name": "full_name"}
    return [_whole[longer.get(field, field)] for field in columns_read(made)]


_NAMES = select(*_of_person(PersonName))
_NAMES_OF = _NAMES.where(_whole.enrolment_id.in_(_IDS))
_ENROLMENTS_OF = (
    select(_enrolment.participant_id, _enrolment.id).where(_enrolment.participant_id.in_(_IDS)).order_by(_enrolment.id)
)
_LOCKED = select(_person.participant_id).where(_person.participant_id == bindparam("id")).with_for_update()
_PARTICIPANT_REVISIONS = select(_own_revision.participant_id, _own_revision.revision)
_PARTICIPANT_REVISION = select(_own_revision.revision).where(_own_revision.participant_id == bindparam("id"))
_PEOPLE_WANTED = (
    select(*_of_person(Participant))
    .where(_whole.enrolment_id.in_(_IDS))
    .order_by(_whole.participant_id, _whole.enrolment_id)
)
_FACTS_WANTED: dict[str, Select[Any]] = {
    kind: select(*(columns_of(kind)[name] for name in ("enrolment_id", *columns_read(kept.fact)))).where(
        columns_of(kind).enrolment_id.in_(_IDS)
    )
    for kind, kept in FACTS.items()
}
_plan = columns_of(SessionRow)
_FACTS_WANTED["register"] = (  # with its last column, of which a fact is not made alone
    _FACTS_WANTED["register"]
    .add_columns(_plan.hours.label("planned_hours"))
    .outerjoin(SessionRow, _plan.event_id == _register_line.event_id)
)
_MARKED = (
    select(_register_line.event_id)
    .where(_register_line.event_id.in_(_IDS), _register_line.status != "booked")
    .distinct()
)
_IMPORTED = select(
    *(
        exists()
        .where(
            columns_of(kind).enrolment_id == _enrolment.id,
            _enrolment.delivery_partner == bindparam("partner"),
            _enrolment.course == bindparam("course"),
            _enrolment.cohort == bindparam("cohort"),
        )
        .label(kind)
        for kind in KINDS
    )
)


def _facts(session: Session, ids: Sequence[int], kind: str) -> dict[int, list[Any]]:
    """Facts of one kind by enrolment, each made from its columns in the order of its fields."""
    rows: Iterable[Any] = session.execute(_FACTS_WANTED[kind], {"ids": ids})
    make: Callable[..., Any] = FACTS[kind].fact
    if kind == "register":
        make = _maker_of_entries(session, rows := list(rows))
    found: dict[int, list[Any]] = defaultdict(list)
    for enrolment_id, *values in rows:
        found[enrolment_id].append(make(*values))
    return found


def _maker_of_entries(session: Session, lines: Sequence[Any]) -> Callable[..., RegisterEntry]:
    """Makes entries of these register lines; an event counts as marked as soon as anybody on it is (R9)."""
    marked = marked_events(session, sorted({line.event_id for line in lines if line.status == "booked"}))

    def entry(event_id: str, event_type: str, event_date: date, status: str, *rest: Any) -> RegisterEntry:
        is_marked = status != "booked" or event_id in marked
        *others, planned = rest
        return RegisterEntry(
            event_id, event_type, event_date, status, *others, event_marked=is_marked, planned_hours=planned
        )

    return entry


def marked_events(session: Session, events: Sequence[str]) -> set[str]:
    """Of these events: those on whose register anybody has a mark (R9)."""
    marked: set[str] = set()
    for some in in_pieces(events):
        marked.update(session.execute(_MARKED, {"ids": some}).scalars())
    return marked


def _imported(session: Session, partner: str, course: str, cohort: str) -> frozenset[str]:
    """Reading 5: the kinds of file of which any row is stored for anybody of this partner, course and cohort."""
    answers = session.execute(_IMPORTED, {"partner": partner, "course": course, "cohort": cohort}).one()
    return frozenset(kind for kind, answer in zip(KINDS, answers, strict=True) if answer)
