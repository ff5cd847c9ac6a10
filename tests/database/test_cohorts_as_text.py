"""Cohorts were numbers before version 13: what was stored and planned then is the same afterwards, and nobody is told twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from bot.platforms import IDS
from core.database.database import migrate, reading
from core.database.tables import DeclarationRow, Place, RegisterRow
from core.derived import progress_store
from core.derived.installation import Installation
from core.posts import planning
from core.records import participant_rows
from core.services.acts import deferral, resumption
from core.services.acts.recording import Deed
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.loading import loading
from tests.records.made import enrolled, stored_person
from tests.versions import step

NOW = datetime(2022, 6, 16, 8, 30, tzinfo=UTC)  # a week before the second review of cohort 1
CONSOLE = Actor.console("Sam")
WITH_COHORTS = ("decision", "place", "imported_kinds")  # and the table of participants, later of enrolments
UPCOMING = "review_upcoming|North Star|specialist|1|2|2022-06-23|-7|"
EHCO = "review_upcoming|North Star|leadership|1|2|2022-06-23|-7|"


@pytest.fixture
def before(installation: Installation) -> Installation:
    """On each kind of database: people, what was decided about them, and planned messages, as version 12 had them."""
    with loading(installation) as session:
        people = [
            stored_person("p-1"),
            stored_person("p-2", course="NPQSL"),
            stored_person("p-3", cohort="2"),
            stored_person("p-4", cohort="4"),
        ]
        session.add_all(people)
        session.add_all(
            [
                Place(platform="slack", platform_id="C1", delivery_partner="North Star", cohort="1"),
                Place(platform="slack", platform_id="C2", delivery_partner="North Star", cohort=None),
            ]
        )
        session.flush()
        for who in ("p-1", "p-2", "p-3"):
            session.add(DeclarationRow(enrolment_id=enrolled(who), output=1, declared_on=date(2022, 3, 20)))
        session.add(
            RegisterRow(
                event_id="e-1",
                enrolment_id=enrolled("p-1"),
                event_type="f2f",
                event_date=date(2021, 12, 1),
                status="attended",
            )
        )
    away = Deed(date(2022, 4, 1), datetime(2022, 4, 1, 9, tzinfo=UTC))
    deferral.defer(
        installation, CONSOLE, "p-3", away, starts_on=date(2022, 4, 1), until=date(2022, 5, 1), reason="career-break"
    )
    back = Deed(date(2022, 5, 2), datetime(2022, 5, 2, 9, tzinfo=UTC))
    resumption.resume(installation, CONSOLE, "p-3", back, cohort="1")
    assert planning.plan(installation, NOW).planned > 0
    run(installation.engine, f"UPDATE message SET state = 'sent', sent_at = planned_at WHERE identity = '{UPCOMING}'")
    step(installation.engine, command.downgrade, "0012")
    return installation


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def rows(engine: Engine, asked: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(text(asked))), key=repr)


def cohorts(engine: Engine, *more: str) -> dict[str, set[object]]:
    return {name: {row[0] for row in rows(engine, f"SELECT cohort FROM {name}")} for name in (*more, *WITH_COHORTS)}


def messages(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, "SELECT id, identity, series, state, channel FROM message")


def told_cohorts(engine: Engine) -> set[tuple[Any, ...]]:
    """What the messages' occasions say of their cohorts, as JSON has it."""
    by_kind = "json_extract(occasion, '$.cohort')" if engine.dialect.name == "sqlite" else "occasion ->> 'cohort'"
    kinds = (
        "json_type(occasion, '$.cohort')" if engine.dialect.name == "sqlite" else "json_typeof(occasion -> 'cohort')"
    )
    return set(rows(engine, f"SELECT {kinds}, CAST({by_kind} AS VARCHAR) FROM message"))


def afterwards(before: Installation, pack: Pack) -> Installation:
    """The installation that is opened once the database has come up."""
    migrate(before.engine)
    return Installation(before.engine, pack, platforms=IDS)


def shape(engine: Engine) -> dict[str, Any]:
    there = inspect(engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in there.get_columns(name)),
            there.get_pk_constraint(name)["constrained_columns"],
            sorted((key["constrained_columns"], key["referred_table"]) for key in there.get_foreign_keys(name)),
            sorted((each["name"], each["column_names"]) for each in there.get_indexes(name)),
            sorted(each["column_names"] for each in there.get_unique_constraints(name)),
        )
        for name in there.get_table_names()
    }


def test_numbers_become_their_digits_everywhere(before: Installation, pack: Pack) -> None:
    assert cohorts(before.engine, "participants") == {
        "participants": {1, 2, 4},
        "decision": {None, 1},
        "place": {1, None},
        "imported_kinds": {1, 2, 4},
    }
    assert {(kind, cohort) for kind, cohort in told_cohorts(before.engine) if cohort} <= {
        ("integer", "1"),
        ("number", "1"),
    }
    after = afterwards(before, pack)
    with loading(after):
        pass  # everybody's records are made anew
    assert cohorts(after.engine, "enrolments", "progress") == {
        "enrolments": {"1", "2", "4"},
        "decision": {None, "1"},
        "place": {"1", None},
        "progress": {"1", "2", "4"},
        "imported_kinds": {"1", "2", "4"},
    }
    assert {(kind, cohort) for kind, cohort in told_cohorts(after.engine) if cohort} <= {("text", "1"), ("string", "1")}
    with reading(after.engine) as session:
        people = {person.id: person for person in participant_rows.load_participants(session)}
        assert {who: person.cohort for who, person in people.items()} == {
            "p-1": "1",
            "p-2": "1",
            "p-3": "2",
            "p-4": "4",
        }
        assert [back.cohort for back in people["p-3"].resumptions] == ["1"]
        assert people["p-1"].imported == {"register"}
        assert {
            record.id: record.cohort for record in progress_store.load(session, before.fold, partner="North Star")
        } == {who: person.cohort for who, person in people.items()}


def test_nothing_is_planned_twice_and_nothing_is_missed(before: Installation, pack: Pack) -> None:
    known = messages(before.engine)
    assert {(identity, state) for _, identity, _, state, _ in known} >= {(UPCOMING, "sent"), (EHCO, "planned")}
    after = afterwards(before, pack)
    assert messages(after.engine) == known, "what names a message is left letter for letter"
    with loading(after, "p-4"):
        pass  # something has changed, so that it is planned anew
    report = planning.plan(after, NOW)
    assert (report.planned, report.superseded) == (0, 0)
    assert messages(after.engine) == known


def test_what_was_not_planned_before_is_planned_afterwards(before: Installation, pack: Pack) -> None:
    known = messages(before.engine)
    run(before.engine, f"DELETE FROM message WHERE identity = '{EHCO}'")
    after = afterwards(before, pack)
    with loading(after, "p-4"):
        pass
    assert planning.plan(after, NOW).planned == 1
    assert sorted(row[1:] for row in messages(after.engine)) == sorted(row[1:] for row in known)


def test_the_tables_are_those_of_a_new_database(engine: Engine) -> None:
    new = shape(engine)
    step(engine, command.downgrade, "0012")
    assert ("cohort", "INTEGER", False) in shape(engine)["participants"][0]
    migrate(engine)
    assert shape(engine) == new
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_down_and_up_again_loses_nothing(before: Installation, pack: Pack) -> None:
    tables = ["participants", *WITH_COHORTS, "message", "declarations", "register"]
    held = {name: rows(before.engine, f"SELECT * FROM {name}") for name in tables}
    afterwards(before, pack)
    step(before.engine, command.downgrade, "0012")
    assert {name: rows(before.engine, f"SELECT * FROM {name}") for name in tables} == held


def test_an_enrolment_has_to_be_there_for_what_is_told_of_them(before: Installation, pack: Pack) -> None:
    """On SQLite the table that others refer to was made anew."""
    after = afterwards(before, pack)
    if after.engine.dialect.name == "sqlite":
        assert rows(after.engine, "PRAGMA foreign_key_check") == []
    referring = {key["referred_table"] for key in inspect(after.engine).get_foreign_keys("declarations")}
    assert referring == {"enrolments"}
