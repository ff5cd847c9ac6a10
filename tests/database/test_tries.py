"""Version 16 has several tries at the assessment: what is stored is everybody's first, and is read as before."""

from __future__ import annotations

from datetime import date

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from core.database.database import migrate, reading, schema_state
from core.database.tables import AssessmentRow
from core.derived.installation import Installation
from core.records import participant_rows
from tests import guard
from tests.database.test_cohorts_as_text import shape
from tests.loading import loading
from tests.records.made import enrolled, stored_person
from tests.versions import step

COLUMNS = "participant_id, submitted_on, marked_on, moderated_on, external_moderation, copies_held, result"


def held(engine: Engine, more: str = "") -> list[tuple[object, ...]]:
    enrolled_there = " JOIN enrolments ON enrolments.id = enrolment_id" if schema_state(engine) == "head" else ""
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {COLUMNS}{more} FROM assessments{enrolled_there} ORDER BY 1"))
        return [tuple(map(str, row)) for row in found]


def put(installation: Installation, *rows: AssessmentRow) -> None:
    with loading(installation) as session:
        session.add_all([stored_person(f"p-{n}") for n in range(1, 5)])
        session.flush()
        session.add_all(rows)


def tried(who: str, number: int, result: str | None) -> AssessmentRow:
    return AssessmentRow(enrolment_id=enrolled(who), try_=number, marked_on=date(2022, 5, number), result=result)


def test_the_tables_are_those_of_a_new_database(engine: Engine) -> None:
    step(engine, command.downgrade, "0016")
    new = shape(engine)
    step(engine, command.downgrade, "0015")
    before = shape(engine)
    assert before["assessments"][1] == ["participant_id"]
    assert {name: before[name] for name in before if name != "assessments"} == {
        name: new[name] for name in new if name != "assessments"
    }
    step(engine, command.upgrade, "0016")
    assert shape(engine) == new
    migrate(engine)
    assert shape(engine)["assessments"][1] == ["enrolment_id", "try"]
    assert new["assessments"][1] == ["participant_id", "try"]
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_what_is_stored_is_everybodys_first_try(installation: Installation) -> None:
    put(
        installation,
        AssessmentRow(
            enrolment_id=enrolled("p-1"),
            submitted_on=date(2022, 4, 1),
            marked_on=date(2022, 5, 1),
            moderated_on=date(2022, 5, 2),
            external_moderation="not_sampled",
            copies_held=True,
            result="failed",
        ),
        AssessmentRow(enrolment_id=enrolled("p-2")),
    )
    stored = held(installation.engine)
    step(installation.engine, command.downgrade, "0015")
    assert held(installation.engine) == stored
    migrate(installation.engine)
    assert held(installation.engine) == stored
    assert [row[-1] for row in held(installation.engine, ', "try"')] == ["1", "1"]
    with reading(installation.engine) as session:
        one, two, *others = participant_rows.load_participants(session)
    (first,) = one.assessments
    assert (first.try_, first.result, first.copies_held) == (1, "failed", True)
    assert [len(who.assessments) for who in (two, *others)] == [1, 0, 0]


def test_of_several_the_version_before_holds_the_one_that_counts(installation: Installation) -> None:
    put(
        installation,
        tried("p-1", 1, "passed"),
        tried("p-1", 2, "failed"),
        tried("p-2", 1, "failed"),
        tried("p-2", 2, None),
        tried("p-3", 3, "failed"),
    )
    step(installation.engine, command.downgrade, "0015")
    assert [(row[0], row[2], row[-1]) for row in held(installation.engine)] == [
        ("p-1", "2022-05-01", "passed"),
        ("p-2", "2022-05-02", "None"),
        ("p-3", "2022-05-03", "failed"),
    ]


def test_each_try_is_there_once(installation: Installation) -> None:
    put(installation, tried("p-1", 1, None), tried("p-1", 2, None))
    insert = text(f'INSERT INTO assessments (enrolment_id, "try") VALUES ({enrolled("p-1")}, 2)')
    with pytest.raises(IntegrityError), installation.engine.begin() as connection, guard.let_through(connection):
        connection.execute(insert)
