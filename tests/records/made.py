"""Stored rows for tests, made up."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Date, Integer, event, insert, text
from sqlmodel import Session, SQLModel

from core.database.tables import EnrolmentRow, PeopleRow, Percentage, columns_of
from core.imports.kinds import ENROLMENT, WHO, Kind

NOW = datetime(2022, 6, 1, 9, 0, tzinfo=UTC)


def enrolled(participant_id: str, course: str = "") -> int:
    """The id of the enrolment that `stored_person` stores: of the same participant always the same."""
    return zlib.crc32(f"{participant_id}{course}".encode()) // 2 + 1


def stored_person(participant_id: str, **more: object) -> EnrolmentRow:
    """Somebody's one enrolment; who they are is stored with it."""
    person: dict[str, object] = {"participant_id": participant_id, "full_name": f"Person {participant_id}"}
    own: dict[str, object] = {
        "id": enrolled(participant_id),
        "participant_id": participant_id,
        "course": "NPQLTD",
        "cohort": "1",
        "delivery_partner": "North Star",
    }
    persons = columns_of(PeopleRow)
    for name, value in more.items():
        (person if name in persons else own)[name] = value
    made = EnrolmentRow(**own)
    _PEOPLE[id(made)] = (made, person)
    return made


_PEOPLE: dict[int, tuple[EnrolmentRow, dict[str, object]]] = {}  # of those that are still to be stored


@event.listens_for(Session, "before_flush")
def _store_people(session: Session, *_: object) -> None:
    """People go in before their enrolments."""
    for made in list(session.new):
        _, person = _PEOPLE.pop(id(made), (None, None))
        if person is not None:
            session.connection().execute(insert(PeopleRow).values(**person))


def store_numbered(connection: Connection, *participant_ids: str) -> None:
    """The same people in a database from before version 13, whose cohorts are numbers."""
    for who in participant_ids:
        connection.execute(
            text(
                "INSERT INTO participants (participant_id, full_name, course, cohort, delivery_partner, training_status) "
                "VALUES (:id, :name, 'NPQLTD', 1, 'North Star', 'active')"
            ),
            {"id": who, "name": f"Person {who}"},
        )


def a_row(kind: Kind, who: str) -> dict[str, Any]:
    """What a row of a kind must have, of this participant; made up from nothing but its table."""
    table = SQLModel.metadata.tables[kind.name]
    made = {name: _a_value(table.c[name].type) for name in kind.required if name != WHO}
    return made | ({ENROLMENT: enrolled(who)} if kind.is_personal else {})


def _a_value(stored_as: Any) -> object:
    match stored_as:
        case Date():
            return date(2021, 12, 1)
        case Integer():
            return 1
        case Percentage():
            return Decimal(5)
        case _:
            return "x"
