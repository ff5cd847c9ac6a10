"""Version 15 brings planned sessions and a column for the length of events: what is stored stays, and is read as before."""

from __future__ import annotations

from datetime import date

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from core.database.database import migrate, reading, schema_state
from core.database.tables import RegisterRow
from core.derived.installation import Installation
from core.records import participant_rows
from reference.pack import Pack
from tests.database.test_cohorts_as_text import shape
from tests.loading import loading
from tests.records.made import enrolled, stored_person
from tests.versions import step


def registers(engine: Engine) -> list[tuple[object, ...]]:
    names = "event_id, participant_id, event_type, event_date, status, marked_on"
    enrolled_there = " JOIN enrolments ON enrolments.id = enrolment_id" if schema_state(engine) == "head" else ""
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {names} FROM register{enrolled_there} ORDER BY 1, 2"))
        return [tuple(map(str, row)) for row in found]


def test_the_tables_are_those_of_a_new_database(engine: Engine) -> None:
    newest = shape(engine)
    step(engine, command.downgrade, "0015")
    new = shape(engine)
    step(engine, command.downgrade, "0014")
    before = shape(engine)
    assert "sessions" not in before
    assert "hours" not in {name for name, *_ in before["register"][0]}
    assert {name: before[name] for name in before if name not in ("register", "assessments")} == {
        name: new[name] for name in new if name not in ("register", "assessments", "sessions")
    }
    assert before["register"][1:] == new["register"][1:], "its key, what it refers to and how it is found"
    migrate(engine)
    assert shape(engine) == newest
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_registers_from_before_are_kept_and_say_nothing_of_a_length(installation: Installation, pack: Pack) -> None:
    with loading(installation) as session:
        session.add_all([stored_person("p-1"), stored_person("p-2")])
        session.flush()
        for who, status in (("p-1", "attended"), ("p-2", "booked")):
            session.add(
                RegisterRow(
                    event_id="e-1",
                    enrolment_id=enrolled(who),
                    event_type="f2f",
                    event_date=date(2021, 12, 1),
                    status=status,
                )
            )
    held = registers(installation.engine)
    step(installation.engine, command.downgrade, "0014")
    assert registers(installation.engine) == held
    migrate(installation.engine)
    assert registers(installation.engine) == held
    with reading(installation.engine) as session:
        people = participant_rows.load_participants(session)
        assert participant_rows.partners(session) == ["North Star"]
    assert [(entry.event_date, entry.hours, entry.planned_hours) for who in people for entry in who.register] == [
        (date(2021, 12, 1), None, None)
    ] * 2
    assert [who.planned for who in people] == [(), ()]
