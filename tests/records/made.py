"""Stored rows for tests, made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Date, Integer, text
from sqlmodel import SQLModel

from core.database.tables import ParticipantRow, Percentage
from core.imports.kinds import WHO, Kind

NOW = datetime(2022, 6, 1, 9, 0, tzinfo=UTC)


def stored_person(participant_id: str, **more: object) -> ParticipantRow:
    given: dict[str, object] = {
        "participant_id": participant_id,
        "full_name": f"Person {participant_id}",
        "course": "NPQLTD",
        "cohort": "1",
        "delivery_partner": "North Star",
    }
    return ParticipantRow(**(given | more))


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
    made = {name: _a_value(table.c[name].type) for name in kind.required}
    return made | ({WHO: who} if kind.is_personal else {})


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
