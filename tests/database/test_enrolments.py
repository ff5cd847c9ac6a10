"""Version 18 makes people and enrolments of participants: what was stored is there under its enrolment, on both kinds of database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from core.database import audit
from core.database.database import DatabaseRefused, migrate, reading, schema_state, writing
from tests import guard
from tests.database.test_cohorts_as_text import shape
from tests.records.made import NOW
from tests.versions import step

PEOPLE = ("p-10", "p-2", "P-3", "zoë", "Żaneta", "p 1")
IN_ORDER = ("P-3", "p 1", "p-10", "p-2", "zoë", "Żaneta")  # letter by letter, whatever a server's own order is
ALL_OF_THEM = (
    "participant_id, full_name, email, trn, school, senco_start_date, course, cohort, delivery_partner, facilitator, "
    "application_status, contract_returned_on, sponsorship_returned_on, training_status, schedule"
)
FACTS = {
    "activities": "block, component, title, credits, completed_on, logged_by",
    "declaration_report": "period_start, period_end, credits, self_study_credits, cumulative_credits",
    "engagement_report": "run_on, percent_complete, cumulative_credits",
    "register": "event_id, event_type, event_date, status, marked_on, contingency, contingency_on, confirmed_by, hours",
    "videos": "block, viewed_on, percent_viewed",
    "assessments": '"try", submitted_on, marked_on, moderated_on, external_moderation, copies_held, result',
    "declarations": "output, declared_on, evidence_cutoff, state",
    "decision": (
        'id, kind, told, decided_on, recorded_at, "by", output, starts_on, until, reason, channel, outcome, cohort, '
        "schedule, side, decision, staff_id"
    ),
}
STORED = (
    "INSERT INTO activities VALUES ('{who}', 10, 'Self-study', 'É', 2, '2021-11-20', 'auto')",
    "INSERT INTO activities VALUES ('{who}', 2, 'Self-study', 'b', 3, '2021-11-22', '')",
    "INSERT INTO declaration_report VALUES ('{who}', '2021-11-01', '2021-12-13', 5, NULL, 7)",
    "INSERT INTO engagement_report VALUES ('{who}', '2021-12-13', '89.9', NULL)",
    "INSERT INTO register (event_id, participant_id, event_type, event_date, status, hours) "
    "VALUES ('e-1', '{who}', 'f2f', '2021-12-01', 'attended', '1.25')",
    "INSERT INTO register (event_id, participant_id, event_type, event_date, status, marked_on) "
    "VALUES ('a-2', '{who}', 'f2f', '2021-12-02', 'absent', '2021-12-03')",
    "INSERT INTO videos VALUES ('{who}', 1, '2021-12-01', '33.3')",
    "INSERT INTO assessments (participant_id, \"try\", copies_held, result) VALUES ('{who}', 1, true, 'failed')",
    "INSERT INTO assessments (participant_id, \"try\", submitted_on) VALUES ('{who}', 2, '2022-05-01')",
    "INSERT INTO declarations VALUES ('{who}', 1, '2022-03-20', NULL, 'submitted')",
    'INSERT INTO decision (participant_id, kind, told, decided_on, recorded_at, "by", output, until, reason, staff_id) '
    "VALUES ('{who}', 'extension', 'Output 2 extended', '2022-01-10', '2022-01-10 09:30:00.5', 'Sam', 2, '2022-02-01', "
    "'workload', 7)",
    'INSERT INTO decision (participant_id, kind, told, decided_on, recorded_at, "by", cohort) '
    "VALUES ('{who}', 'resumption', 'Back', '2022-06-10', '2022-06-10 09:30:00', 'Sam', '2026b')",
    "INSERT INTO participant_revision VALUES ('{who}', 2)",
    "INSERT INTO progress (participant_id, delivery_partner, course, cohort, kinds, revision, facts) "
    "VALUES ('{who}', 'North Star', 'NPQLTD', '1', 1, 1, 'x')",
)
SOMEBODY = (
    f"INSERT INTO participants ({ALL_OF_THEM}) VALUES ('{{who}}', 'Name of {{who}}', 'a@b.example', NULL, 'A school', "
    "'2024-02-29', 'NPQLTD', '2026b', 'North Star', 'Mo', 'accepted', '2021-10-01', NULL, 'deferred', 'november')"
)


@pytest.fixture
def before(engine: Engine) -> Engine:
    """Each kind of database as version 17 had it; the first of the people has neither facts nor decisions."""
    with writing(engine) as session:
        audit.append(session, at=NOW, actor="Sam", actor_id=1, act="extend", participant_id="p-2", detail={})
    step(engine, command.downgrade, "0017")
    run(engine, *(SOMEBODY.format(who=who) for who in PEOPLE))
    run(engine, *(each.format(who=who).replace("'x'", a_record(engine)) for who in PEOPLE[1:] for each in STORED))
    run(engine, "INSERT INTO progress_basis VALUES (1, 'a basis')")
    return engine


def a_record(engine: Engine) -> str:
    return "X'00'" if engine.dialect.name == "sqlite" else r"'\x00'"


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection, guard.let_through(connection):
        for statement in statements:
            connection.exec_driver_sql(statement)


def run_past_the_keys(engine: Engine, statement: str) -> None:
    """As another program does with a SQLite file: keys are looked at where somebody says so only."""
    with closing(sqlite3.connect(engine.url.database or "")) as connection, connection:
        connection.execute(statement)


def rows(engine: Engine, asked: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return sorted(map(tuple, connection.exec_driver_sql(asked)), key=repr)


def stored(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything about anybody, with their participant_id, at this version or the one before."""
    split = inspect(engine).has_table("enrolments")
    whole = "people JOIN enrolments USING (participant_id)" if split else "participants"
    found = {name: rows(engine, f"SELECT * FROM {name}") for name in ("participant_revision", "audit", "post_person")}
    found["participants"] = rows(engine, f"SELECT {ALL_OF_THEM} FROM {whole}")
    for name, columns in FACTS.items():
        mine = ", ".join(f"mine.{column}" for column in columns.split(", "))
        whose = "JOIN enrolments ON enrolments.id = mine.enrolment_id" if split else ""
        found[name] = rows(engine, f"SELECT participant_id, {mine} FROM {name} AS mine {whose}")
    return found


def test_the_tables_are_those_of_a_new_database(engine: Engine) -> None:
    new = shape(engine)
    step(engine, command.downgrade, "0017")
    before = shape(engine)
    assert schema_state(engine) == "old"
    assert before.keys() - new.keys() == {"participants"}
    assert new.keys() - before.keys() == {"people", "enrolments"}
    changed = {"participant_revision", "post_person", "progress", *FACTS}
    assert {name for name in before.keys() & new.keys() if before[name] != new[name]} == changed
    migrate(engine)
    assert shape(engine) == new
    assert schema_state(engine) == "head"
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_keys_lie_as_they_did(engine: Engine) -> None:
    there = inspect(engine)
    keys = {name: there.get_pk_constraint(name)["constrained_columns"] for name in FACTS}
    assert keys["activities"] == ["enrolment_id", "block", "component", "title"]
    assert keys["register"] == ["event_id", "enrolment_id"]
    if engine.dialect.name == "sqlite":
        ((made,),) = rows(engine, "SELECT sql FROM sqlite_master WHERE name = 'activities'")
        assert "WITHOUT ROWID" in made


def test_everything_is_there_under_its_enrolment(before: Engine) -> None:
    held = stored(before)
    assert len(held["participants"]) == len(PEOPLE)
    assert len(held["activities"]) == len(held["decision"]) == 2 * (len(PEOPLE) - 1)
    migrate(before)
    assert stored(before) == held
    with reading(before) as session:
        assert audit.verify(session) is None


def test_enrolments_are_numbered_by_their_peoples_ids_and_go_on_from_there(before: Engine) -> None:
    migrate(before)
    numbered = "SELECT id, participant_id FROM enrolments"
    assert rows(before, numbered) == list(enumerate(IN_ORDER, start=1))
    another = (
        "INSERT INTO enrolments (participant_id, course, cohort, delivery_partner, training_status) "
        "VALUES ('p-2', '{}', '1', 'North Star', 'active')"
    )
    run(before, another.format("NPQSL"), "DELETE FROM enrolments WHERE course = 'NPQSL'", another.format("NPQEL"))
    assert rows(before, f"{numbered} WHERE course = 'NPQEL'") == [(len(PEOPLE) + 2, "p-2")], "no id is given twice"
    with pytest.raises(IntegrityError):
        run(before, another.format("NPQEL"))


def test_decisions_keep_their_ids_and_new_ones_follow(before: Engine) -> None:
    ((last,),) = rows(before, "SELECT max(id) FROM decision")
    migrate(before)
    run(
        before,
        'INSERT INTO decision (enrolment_id, kind, told, decided_on, recorded_at, "by") '
        "VALUES (1, 'contact', '', '2022-07-01', '2022-07-01 09:00:00', 'Sam')",
    )
    assert rows(before, "SELECT id FROM decision WHERE enrolment_id = 1 AND kind = 'contact'") == [(last + 1,)]


def test_records_are_made_anew_by_whoever_needs_them_first(before: Engine) -> None:
    migrate(before)
    assert rows(before, "SELECT enrolment_id FROM progress") == rows(before, "SELECT id FROM progress_basis") == []


def test_nothing_is_about_nobody(before: Engine) -> None:
    migrate(before)
    if before.dialect.name == "sqlite":
        assert rows(before, "PRAGMA foreign_key_check") == []
        assert rows(before, "PRAGMA integrity_check") == [("ok",)]
    for about_nobody in (
        "INSERT INTO videos VALUES (99, 1, '2021-12-01', '5')",
        "INSERT INTO activities VALUES (99, 1, 'c', 't', 1, '2021-12-01', 'auto')",
        "INSERT INTO participant_revision VALUES ('nobody', 1)",
        "DELETE FROM people WHERE participant_id = 'p-10'",
        "DELETE FROM enrolments WHERE participant_id = 'p-2'",
    ):
        with pytest.raises(IntegrityError):
            run(before, about_nobody)


def test_rows_about_nobody_are_not_thrown_away_unasked(before: Engine) -> None:
    if before.dialect.name == "postgresql":
        return
    run_past_the_keys(before, "DELETE FROM participants WHERE participant_id = 'p-2'")
    held = stored(before)
    with pytest.raises(DatabaseRefused, match=r"rows about p-2.*\(in activities, .*decision\).*nothing was changed"):
        migrate(before)
    assert schema_state(before) == "old"
    assert stored(before) == held
    run(before, SOMEBODY.format(who="p-2"))
    migrate(before)
    assert stored(before)["decision"] == held["decision"]


def test_a_count_of_decisions_about_nobody_is_left_behind(before: Engine) -> None:
    if before.dialect.name == "postgresql":
        return
    run_past_the_keys(before, "INSERT INTO participant_revision VALUES ('nobody', 3)")
    migrate(before)
    assert rows(before, "SELECT * FROM participant_revision WHERE participant_id = 'nobody'") == []
    assert rows(before, "PRAGMA foreign_key_check") == []


def test_down_and_up_again_loses_nothing(before: Engine) -> None:
    held, tables = stored(before), shape(before)
    migrate(before)
    newer = shape(before)
    step(before, command.downgrade, "0017")
    assert shape(before) == tables
    assert stored(before) == held
    migrate(before)
    assert shape(before) == newer
    assert stored(before) == held


@pytest.mark.parametrize(
    ("done", "refused"),
    [
        (
            "INSERT INTO enrolments (participant_id, course, cohort, delivery_partner, training_status) "
            "VALUES ('p-2', 'NPQSL', '1', 'North Star', 'active')",
            r"on several courses \(p-2\): the version before has one course for each",
        ),
        ("DELETE FROM enrolments WHERE participant_id = 'p-10'", r"on no course \(p-10\)"),
    ],
    ids=["several", "none"],
)
def test_whom_the_version_before_could_not_hold_is_not_forgotten(before: Engine, done: str, refused: str) -> None:
    migrate(before)
    run(before, done)
    held = stored(before)
    with pytest.raises(ValueError, match=refused):
        step(before, command.downgrade, "0017")
    assert schema_state(before) == "head"
    assert stored(before) == held
