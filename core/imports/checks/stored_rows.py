"""What is stored already, as far as the rows of a file are checked against it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import FromClause, and_, func, or_, select
from sqlmodel import Session, SQLModel, col

from core.database.key_batches import in_pieces
from core.database.tables import PARTICIPANTS as EVERYBODY
from core.database.tables import Decision, EnrolmentRow, PeopleRow, columns_of
from core.imports.checks.enrolling import HeldEnrolment
from core.imports.checks.event_rows import StoredEvent, StoredSession
from core.imports.checks.neighbour_rows import Activity
from core.imports.checks.row_checks import SEVERAL, ListedPerson, TakenCourse
from core.imports.checks.same_person import Held, HeldColumns
from core.imports.kinds import BOOKED, DEAD_STATES, KINDS, PARTICIPANTS, Kind
from core.imports.rows import Row
from core.records.participant_rows import load_participants
from core.rules.enrolment import training_status
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
    """The stored row with the key of this one, by column; None when there is none."""
    table = table_of(kind)
    wanted = and_(*(table.c[name] == row.values[name] for name in kind.keys))
    if row.enrolment is not None and kind.name != PARTICIPANTS:
        wanted = and_(wanted, table.c.enrolment_id == row.enrolment)
    columns = [table.c[column.name].label(column.name) for column in kind.columns if column.stored]
    found = session.execute(select(*columns).where(wanted)).mappings().first()
    return None if found is None else {str(name): value for name, value in found.items()}


def courses_stored(session: Session, kind: Kind, rows: Sequence[Row]) -> dict[int, str]:
    """Under which course the key of each of these rows is stored, by the row's number; left out where it is under none or several."""
    table, enrolment = table_of(kind), columns_of(EnrolmentRow)
    found: dict[int, str] = {}
    for row in rows:
        if any(name not in row.values for name in kind.keys):
            continue
        wanted = select(enrolment.course).where(
            enrolment.id == table.c.enrolment_id, *(table.c[name] == row.values[name] for name in kind.keys)
        )
        courses = list(session.execute(wanted).scalars())
        if len(courses) == 1:
            [found[row.number]] = courses
    return found


def enrolments_held(session: Session, pack: Pack, participant_id: str, today: date) -> list[HeldEnrolment]:
    """Somebody's stored enrolments, with what is known of each."""
    wanted = select(columns_of(EnrolmentRow).id).where(columns_of(EnrolmentRow).participant_id == participant_id)
    ids = list(session.execute(wanted).scalars())
    return [_held(pack, one, today) for one in load_participants(session, ids=ids)]


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
        declared=bool(counted),
        recorded=any(facts) or any(decided),
        resumed_into=back[-1] if back else None,
    )


def stored_person(session: Session, participant_id: str) -> Mapping[str, Value | None]:
    """Who somebody is, as stored."""
    table = columns_of(PeopleRow)
    row = session.execute(select(*table).where(table.participant_id == participant_id)).mappings().one()
    return {str(name): value for name, value in row.items()}


def stored_titles(session: Session, participants: Sequence[str]) -> list[Activity]:
    """Participant, block, component and title of each participant's stored activities."""
    table = table_of(KINDS["activities"])
    columns = (table.c.participant_id, table.c.block, table.c.component, table.c.title)
    return [
        (row[0], row[1], row[2], row[3])
        for some in in_pieces(participants)
        for row in session.execute(select(*columns).where(table.c.participant_id.in_(some)))
    ]


def stored_periods(session: Session, participants: Sequence[str]) -> dict[str, list[tuple[date, date]]]:
    """The periods of each participant's stored Declaration reports."""
    table = table_of(KINDS["declaration_report"])
    answer: dict[str, list[tuple[date, date]]] = {}
    for some in in_pieces(participants):
        rows = select(table.c.participant_id, table.c.period_start, table.c.period_end)
        for participant_id, start, end in session.execute(rows.where(table.c.participant_id.in_(some))):
            answer.setdefault(participant_id, []).append((start, end))
    return answer


def stored_events(session: Session, events: Sequence[str]) -> dict[str, StoredEvent]:
    """Each event as its register is stored."""
    table = table_of(KINDS["register"])
    names = ("event_id", "event_type", "event_date", "participant_id", "contingency_on", "status", "hours")
    wanted = select(*(table.c[name] for name in names))
    answer: dict[str, StoredEvent] = {}
    for some in in_pieces(events):
        for event_id, event_type, event_date, participant_id, contingency_on, status, hours in session.execute(
            wanted.where(table.c.event_id.in_(some))
        ):
            event = answer.setdefault(event_id, StoredEvent(event_type, event_date, {}))
            event.contingencies[participant_id] = contingency_on
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


def stored_declarations(session: Session, participants: Sequence[str]) -> dict[str, dict[tuple[int, date], str]]:
    """The state of each participant's stored declarations, by output and day."""
    table = table_of(KINDS["declarations"])
    answer: dict[str, dict[tuple[int, date], str]] = {}
    for some in in_pieces(participants):
        rows = select(table.c.participant_id, table.c.output, table.c.declared_on, table.c.state)
        for participant_id, output, declared_on, state in session.execute(rows.where(table.c.participant_id.in_(some))):
            answer.setdefault(participant_id, {})[output, declared_on] = state
    return answer
