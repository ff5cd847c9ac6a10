"""What is stored already, as far as the rows of a file are checked against it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import FromClause, and_, func, or_, select
from sqlmodel import Session, SQLModel, col

from core.database.key_batches import in_pieces
from core.database.tables import PARTICIPANTS as EVERYBODY
from core.database.tables import Decision, EnrolmentRow, PeopleRow, columns_of
from core.imports.checks.enrolling import HeldEnrolment
from core.imports.checks.event_rows import StoredEvent, StoredLine, StoredSession
from core.imports.checks.import_context import SEVERAL, ListedPerson, TakenCourse
from core.imports.checks.neighbour_rows import StoredTitle
from core.imports.checks.same_person import Held, HeldColumns
from core.imports.kinds import BOOKED, COURSE, DEAD_STATES, KINDS, PARTICIPANTS, WHO, Kind
from core.imports.rows import Row
from core.records.compared_names import folded
from core.records.participant_rows import all_enrolments_of, iterate_participants
from core.rules.enrolment import removal_on, training_status
from core.rules.facts import FACTS, Decided, Participant
from core.rules.progress import NOT_DECLARED
from core.spreadsheets.cells import Value
from reference.pack import Pack

_AT_ONCE = 2_000  # rows


def table_of(kind: Kind) -> FromClause:
    """The rows of a kind: under its columns' names, and with whose they are where they are somebody's."""
    if kind.name == PARTICIPANTS:
        return EVERYBODY
    table = SQLModel.metadata.tables[kind.name]
    if not kind.is_personal:
        return table
    enrolment = columns_of(EnrolmentRow)
    whose = enrolment.id == table.c.enrolment_id
    return select(enrolment.participant_id, *table.c).where(whose).subquery(kind.name)


def stored_people(
    session: Session,
) -> tuple[dict[str, ListedPerson], dict[str, int], dict[str, dict[str, TakenCourse]]]:
    """Every stored participant by id, the ids of their enrolments, and those of whoever has several, as `ImportContext` has them.

    They come in one row of whole columns: arrays, or from SQLite as JSON.
    """
    table = columns_of(EnrolmentRow)
    columns = (table.participant_id, table.id, table.course, table.cohort, table.delivery_partner)
    is_array = session.get_bind().dialect.name == "postgresql"
    together = func.array_agg if is_array else func.json_group_array
    found = session.connection().execute(select(*map(together, columns))).one()
    ids, enrolments, *others = found if is_array else map(json.loads, found)
    if not ids:
        return {}, {}, {}
    alike = {whose: ListedPerson(*whose) for whose in set(zip(*others, strict=True))}
    listed = list(map(alike.__getitem__, zip(*others, strict=True)))
    people, own = dict(zip(ids, listed, strict=True)), dict(zip(ids, enrolments, strict=True))
    several: dict[str, dict[str, TakenCourse]] = {}
    if len(people) < len(ids):
        many = {who for who, count in Counter(ids).items() if count > 1}
        for who, enrolment, one in zip(ids, enrolments, listed, strict=True):
            if who in many:
                several.setdefault(who, {})[one.course] = TakenCourse(enrolment, one)
        people.update(dict.fromkeys(many, SEVERAL))
    return people, own, several


def stored_marks(session: Session) -> Iterator[HeldColumns]:
    """The TRN and e-mail of every stored participant who has one, some at a time."""
    table = table_of(KINDS["participants"])
    wanted = select(*(table.c[name] for name in Held._fields))
    wanted = wanted.where(or_(table.c.trn.is_not(None), table.c.email.is_not(None)))
    for some in session.connection().execute(wanted.order_by(table.c.participant_id)).partitions(_AT_ONCE):
        yield HeldColumns(*zip(*some, strict=True))


def moved_people(session: Session) -> frozenset[str]:
    """Who came back from deferral into a cohort, so that their file's cohort says little of their later days."""
    whose = col(EnrolmentRow.id) == col(Decision.enrolment_id)
    back = select(col(EnrolmentRow.participant_id)).where(
        whose, col(Decision.kind) == "resumption", col(Decision.cohort).is_not(None)
    )
    return frozenset(session.execute(back).scalars())


def still_to_come(session: Session, today: date) -> dict[str, int]:
    """How many stored rows, by kind, say that something was done which lies after today: older versions took them."""
    counted = {kind.name: _to_come(session, kind, today) for kind in KINDS.values() if kind.dated}
    return {name: rows for name, rows in counted.items() if rows}


def _to_come(session: Session, kind: Kind, today: date) -> int:
    table = table_of(kind)
    late = or_(*(table.c[name] > today for name in kind.dated))
    if kind.name == "register":
        late = and_(late, table.c.status != BOOKED)
    if kind.name == "declarations":
        late = and_(late, table.c.state.not_in(DEAD_STATES))
    return int(session.execute(select(func.count()).select_from(table).where(late)).scalar_one())


def stored_row(session: Session, kind: Kind, row: Row) -> Mapping[str, Value | None] | None:
    """The stored row with the key of this one, by column; None when there is none, or somebody has several and it names no course."""
    table = table_of(kind)
    wanted = and_(*(table.c[name] == row.values[name] for name in kind.keys))
    if kind.name == PARTICIPANTS and row.values.get(COURSE) is not None:
        wanted = and_(wanted, table.c.course == row.values[COURSE])
    elif kind.name != PARTICIPANTS and row.enrolment is not None:
        wanted = and_(wanted, table.c.enrolment_id == row.enrolment)
    columns = [table.c[column.name].label(column.name) for column in kind.columns if column.stored]
    found = session.execute(select(*columns).where(wanted).limit(2)).mappings().all()
    return {str(name): value for name, value in found[0].items()} if len(found) == 1 else None


def courses_stored(session: Session, kind: Kind, rows: Sequence[Row]) -> dict[int, str]:
    """Under which course the key of each of these rows is stored, by the row's number; left out where it is under none or several."""
    stored: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for some in in_pieces(dict.fromkeys(row.word(WHO) for row in rows)):
        for course, *key in session.execute(_keys_with_courses(kind, some)):
            stored[_as_compared(kind, key)].add(course)
    found: dict[int, str] = {}
    for row in rows:
        courses = stored.get(_as_compared(kind, [row.values.get(name) for name in kind.keys]), ())
        if len(courses) == 1:
            [found[row.number]] = courses
    return found


def _keys_with_courses(kind: Kind, participants: Sequence[str]) -> Any:
    table, enrolment = SQLModel.metadata.tables[kind.name], columns_of(EnrolmentRow)
    keys = (enrolment.participant_id if name == WHO else table.c[name] for name in kind.keys)
    wanted = select(enrolment.course, *keys).where(table.c.enrolment_id == enrolment.id)
    return wanted.where(enrolment.participant_id.in_(participants))


def _as_compared(kind: Kind, key: Sequence[Any]) -> tuple[Any, ...]:
    folds = (kind.by_name[name].folds for name in kind.keys)
    return tuple(
        folded(part) if fold and isinstance(part, str) else part for part, fold in zip(key, folds, strict=True)
    )


def enrolments_held(
    session: Session, pack: Pack, participants: Sequence[str], today: date
) -> dict[str, list[HeldEnrolment]]:
    """The stored enrolments of each of these people, with what is known of each; left out is who has none."""
    found: dict[str, list[HeldEnrolment]] = defaultdict(list)
    ids = [one for own in all_enrolments_of(session, participants).values() for one in own]
    for one in iterate_participants(session, ids=ids):
        found[one.id].append(_held(pack, one, today))
    return found


def _held(pack: Pack, person: Participant, today: date) -> HeldEnrolment:
    counted = {one.output for one in person.declarations if one.state not in NOT_DECLARED}
    last = len(pack.outputs_of(person.course)) if person.course in pack.courses else 0
    facts = [getattr(person, kept.field) for kept in FACTS.values()]
    decided = [getattr(person, name) for name in Decided._fields]
    back = [one.cohort for one in person.resumptions if one.cohort is not None]
    return HeldEnrolment(
        person.enrolment_id,
        person.course,
        person.cohort,
        over=training_status(person, today) == "withdrawn" or last in counted,
        removed=removal_on(person, today).removed_on is not None,
        declared=bool(counted),
        recorded=any(facts) or any(decided),
        resumed_into=back[-1] if back else None,
    )


def stored_persons(session: Session, participants: Sequence[str]) -> dict[str, Mapping[str, Value | None]]:
    """Who each of these people is, as stored; unknown ones are left out."""
    table = columns_of(PeopleRow)
    return {
        row["participant_id"]: {str(name): value for name, value in row.items()}
        for some in in_pieces(participants)
        for row in session.execute(select(*table).where(table.participant_id.in_(some))).mappings()
    }


def stored_titles(session: Session, enrolments: Sequence[int]) -> list[StoredTitle]:
    """Enrolment, block, component and title of the stored activities of each of these."""
    return [StoredTitle(*row) for row in _stored_of(session, "activities", enrolments, StoredTitle._fields)]


def stored_periods(session: Session, enrolments: Sequence[int]) -> dict[int, list[tuple[date, date]]]:
    """The periods of the stored Declaration reports of each of these enrolments."""
    answer: dict[int, list[tuple[date, date]]] = {}
    for one, start, end in _stored_of(
        session, "declaration_report", enrolments, ("enrolment_id", "period_start", "period_end")
    ):
        answer.setdefault(one, []).append((start, end))
    return answer


def stored_declarations(session: Session, enrolments: Sequence[int]) -> dict[int, dict[tuple[int, date], str]]:
    """The state of the stored declarations of each of these enrolments, by output and day."""
    answer: dict[int, dict[tuple[int, date], str]] = {}
    columns = ("enrolment_id", "output", "declared_on", "state")
    for one, output, declared_on, state in _stored_of(session, "declarations", enrolments, columns):
        answer.setdefault(one, {})[output, declared_on] = state
    return answer


def _stored_of(session: Session, kind: str, enrolments: Sequence[int], columns: Sequence[str]) -> Iterator[Any]:
    table = SQLModel.metadata.tables[kind]
    wanted = select(*(table.c[name] for name in columns))
    for some in in_pieces(enrolments):
        yield from session.execute(wanted.where(table.c.enrolment_id.in_(some)))


def stored_events(session: Session, events: Sequence[str]) -> dict[str, StoredEvent]:
    """Each event as its register is stored."""
    table = table_of(KINDS["register"])
    names = (
        "event_id",
        "event_type",
        "event_date",
        "participant_id",
        "enrolment_id",
        "contingency_on",
        "status",
        "hours",
    )
    wanted = select(*(table.c[name] for name in names))
    answer: dict[str, StoredEvent] = {}
    for some in in_pieces(events):
        for event_id, event_type, event_date, who, enrolment, contingency_on, status, hours in session.execute(
            wanted.where(table.c.event_id.in_(some))
        ):
            event = answer.setdefault(event_id, StoredEvent(event_type, event_date, {}))
            event.lines[enrolment] = StoredLine(who, contingency_on)
            event.marked = event.marked or status != BOOKED
            event.unsaid = event.unsaid or hours is None
            event.hours = hours or event.hours
    return answer


def stored_sessions(session: Session, events: Sequence[str] | None = None) -> dict[str, StoredSession]:
    """Each of these events, or every one, as it is planned; left out is one that is not."""
    table = table_of(KINDS["sessions"])
    wanted = select(table.c.event_id, *(table.c[name] for name in StoredSession._fields))
    every = [wanted] if events is None else [wanted.where(table.c.event_id.in_(some)) for some in in_pieces(events)]
    return {event_id: StoredSession(*rest) for one in every for event_id, *rest in session.execute(one)}


def tries_out_of_order(session: Session) -> dict[int, str]:
    """Which enrolments have a try at the assessment that lies before one of a smaller number, or lack one in between; and whose."""
    table = SQLModel.metadata.tables["assessments"]
    later, enrolment = table.alias(), columns_of(EnrolmentRow)
    day, later_day = (func.coalesce(t.c.submitted_on, t.c.marked_on, t.c.moderated_on) for t in (table, later))
    both = and_(later.c.enrolment_id == table.c.enrolment_id, later.c["try"] > table.c["try"])
    before = select(table.c.enrolment_id).join(later, both).where(day > later_day)
    lacking = select(table.c.enrolment_id).group_by(table.c.enrolment_id)
    lacking = lacking.having(func.max(table.c["try"]) > func.count())
    odd = select(enrolment.id, enrolment.participant_id).where(enrolment.id.in_(before.union(lacking)))
    return {row.id: row.participant_id for row in session.execute(odd.order_by(enrolment.participant_id))}
