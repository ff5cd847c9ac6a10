"""Opening, migrating and sharing a database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel

from core.database import audit
from core.database.database import (
    DatabaseRefused,
    SchemaNotReady,
    _alembic,
    _versions,
    migrate,
    open_database,
    reading,
    require_head,
    schema_state,
    writing,
)
from core.database.sqlite_file import make
from core.database.tables import EnrolmentRow
from core.derived import following
from core.posts import outbox
from core.records import participant_rows
from tests import guard
from tests.loading import loading_by_hand, loading_rows
from tests.records.made import NOW, store_numbered, stored_person
from tests.versions import step

assert outbox  # its tables belong to the metadata


def test_migrations_and_tables_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_new_database_says_npq_migrate(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/new.db")
    assert schema_state(engine) == "missing"
    with pytest.raises(SchemaNotReady, match="npq migrate"):
        require_head(engine)


def _empty(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Engine:
    if kind == "sqlite":
        make(tmp_path / "old.db")
        return open_database(f"sqlite:///{tmp_path}/old.db")
    engine = open_database(request.getfixturevalue("postgres_url"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return engine


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_one_version_behind_loses_no_row(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> None:
    engine = _empty(request, kind, tmp_path)
    config = _alembic()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert schema_state(engine) == "old"
    with pytest.raises(SchemaNotReady, match="npq migrate"):
        require_head(engine)
    with loading_by_hand(engine) as session:
        store_numbered(session.connection(), "p-1")
        audit.append(session, at=NOW, actor="Sam", actor_id=None, act="import", participant_id=None, detail={})
    migrate(engine)
    assert schema_state(engine) == "head"
    with reading(engine) as session:
        assert session.execute(select(func.count()).select_from(EnrolmentRow)).scalar_one() == 1
        assert audit.verify(session) is None
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_activities_are_the_same_however_they_lie(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> None:
    """What 0008 does on SQLite, and takes back."""
    log = [
        ("p-2", 1, "Self-study", "A", 2, "2021-11-20", "auto"),
        ("p-1", 10, "b", "É", 0, "2021-11-21", "self_report"),
    ]
    log += [("p-1", 2, "Self-study", "B", 3, "2021-11-22", "auto"), ("p-1", 2, "Self-study", "b", 3, "2021-11-22", "")]
    engine, config = _empty(request, kind, tmp_path), _alembic()
    with engine.begin() as connection, guard.let_through(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        store_numbered(connection, "p-1", "p-2")
        for row in log:
            connection.execute(text(f"INSERT INTO activities VALUES {row}"))
    for way, version in ((command.upgrade, "0008"), (command.downgrade, "0007"), (command.upgrade, "0017")):
        step(engine, way, version)
        with engine.begin() as connection, guard.let_through(connection):
            held = connection.execute(text("SELECT *, CAST(completed_on AS VARCHAR) FROM activities")).all()
            assert sorted((*row[:5], row[-1], row[6]) for row in held) == sorted(log)
            for refused in (log[0], ("p-3", *log[0][1:])):  # stored already; about nobody
                with pytest.raises(IntegrityError), connection.begin_nested():
                    connection.execute(text(f"INSERT INTO activities VALUES {refused}"))
    migrate(engine)
    numbers = {"p-1": 1, "p-2": 2}
    with engine.connect() as connection:
        held = connection.execute(text("SELECT *, CAST(completed_on AS VARCHAR) FROM activities")).all()
    assert sorted((*row[:5], row[-1], row[6]) for row in held) == sorted((numbers[who], *rest) for who, *rest in log)
    engine.dispose()


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert schema_state(engine) == "head"


def test_a_newer_database_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaNotReady, match="newer version"):
        migrate(engine)


def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    engine = open_database("postgres://someone:secret-word@127.0.0.1:1/npq")
    with pytest.raises(DatabaseRefused) as refused:
        schema_state(engine)
    assert "Nothing takes connections at 127.0.0.1, port 1" in str(refused.value)
    assert "secret-word" not in str(refused.value)


def test_two_writers_lose_no_update(engine: Engine) -> None:
    """Read, then write, from four threads at once: every one of the updates counts."""

    def raise_often() -> None:
        for _ in range(25):
            with writing(engine) as session:
                following.move_on(session)

    threads = [threading.Thread(target=raise_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert following.now(session).number == 100


def test_an_error_leaves_nothing_behind(engine: Engine) -> None:
    def half() -> None:
        with loading_rows(engine) as session:
            session.add(stored_person("p-1"))
            session.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        half()
    with reading(engine) as session:
        assert participant_rows.people(session) == []


def test_the_audit_trail_is_only_ever_added_to(engine: Engine) -> None:
    for number in range(3):
        with writing(engine) as session:
            audit.append(
                session, at=NOW, actor="Sam", actor_id=1, act="extend", participant_id="p-1", detail={"n": number}
            )
    with reading(engine) as session:
        assert audit.verify(session) is None
        assert [entry.detail["n"] for entry in audit.entries(session, "p-1")] == [2, 1, 0]
    for statement in ("UPDATE audit SET actor = 'Eve'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="only ever added to"), engine.begin() as connection:
            connection.execute(text(statement))


def test_the_newest_version_is_the_one_that_alembic_calls_its_head() -> None:
    scripts = ScriptDirectory.from_config(_alembic())
    assert max(_versions()) == scripts.get_current_head()
    assert _versions() == {script.revision for script in scripts.walk_revisions()}


def test_another_programs_file_is_neither_changed_nor_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "cats.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE cats (name TEXT)")
    connection.close()
    before = file.read_bytes()
    for use in (require_head, migrate):
        engine = open_database(f"sqlite:///{file}")
        with pytest.raises(DatabaseRefused, match="Another program works with"):
            use(engine)
        engine.dispose()
    assert file.read_bytes() == before
