"""From SQLite to PostgreSQL with nothing lost, and saved files that can be put back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Engine, Integer, LargeBinary, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from core.database import audit
from core.database.database import DatabaseBusy, DatabaseRefused, open_database, reading, require_head, writing
from core.database.tables import (
    ActivityRow,
    AuditEntry,
    EngagementReportRow,
    Instant,
    PackInUse,
    PeopleRow,
    Percentage,
    Place,
    Staff,
)
from core.derived import following
from core.posts import outbox
from core.upkeep.backup import backup, restore
from core.upkeep.to_postgres import LEFT_OUT, move, reopen
from tests import guard
from tests.conftest import _administer as administer
from tests.fakes import postgres
from tests.loading import loading_rows
from tests.records.made import NOW, enrolled, stored_person

NAMES = ("Siân Llŷr", "Zażółć Gęślą", "مريم", "a\\N\tb\nc", "")


def furnish(engine: Engine) -> None:
    with loading_rows(engine) as session:
        for number, name in enumerate(NAMES):
            session.add(stored_person(f"p-{number}", full_name=name))
        session.flush()
        session.add(
            EngagementReportRow(enrolment_id=enrolled("p-0"), run_on=date(2022, 6, 1), percent_complete=Decimal("89.9"))
        )
        session.add(Staff(id=7, platform="slack", platform_id="U1", name="Sam", role="lead"))
        for number in range(300):
            session.add(
                ActivityRow(
                    enrolment_id=enrolled("p-1"),
                    block=1,
                    component="c",
                    title=str(number),
                    credits=1,
                    completed_on=date(2022, 5, 1),
                )
            )
        for number in range(3):
            audit.append(
                session, at=NOW, actor="Siân", actor_id=7, act="x", participant_id="p-0", detail={"n": number, "w": "ŷ"}
            )


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def test_everything_arrives_and_the_old_file_is_closed(sqlite_url: str, postgres_url: str) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    before = contents(old)
    moved = move(old, new)
    assert contents(new) == before == contents(old)
    assert moved.rows["activities"] == 300
    with writing(new) as session:
        audit.append(session, at=NOW, actor="S", actor_id=None, act="y", participant_id=None, detail={})
        session.add(newcomer := Staff(platform="slack", platform_id="U2", name="Mo", role="lead"))
        session.flush()
        assert newcomer.id == 8
        assert session.execute(select(func.max(col(AuditEntry.id)))).scalar_one() == 4
        assert audit.verify(session) is None
    with pytest.raises(DatabaseRefused, match="was moved to PostgreSQL"), writing(old):
        pass
    with pytest.raises(DatabaseRefused, match="set DATABASE_URL"):
        require_head(old)
    with pytest.raises(DatabaseRefused, match="was moved"):
        move(old, new)
    assert reopen(old)
    assert not reopen(old)
    with writing(old) as session:
        following.move_on(session)
    with pytest.raises(DatabaseRefused, match="worked with since"):
        move(old, new)
    old.dispose()
    new.dispose()


def test_which_pack_a_process_uses_is_left_behind_and_in_nobodys_way(sqlite_url: str, postgres_url: str) -> None:
    """Somebody has started a process on the new database already; the old ones' notes say nothing of it."""
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    for engine, label in ((old, "old"), (new, "new")):
        with writing(engine) as session:
            session.add(PackInUse(process="web", label=label, hash=label, folder="edt-v18", noted_at=NOW))
    move(old, new)
    with reading(new) as session:
        assert [used.label for used in session.scalars(select(PackInUse))] == ["new"]
    old.dispose()
    new.dispose()


def a_value(column: Column[Any], number: int) -> object:
    """Something that is hard to carry, by the column's type; what other rows refer to is the same in all tables."""
    if column.name == "participant_id":
        return f"p-{number}"
    if column.name == "state" and column.table.name in ("message", "post"):
        return outbox.STATES[number]
    kind = column.type
    if isinstance(kind, Instant):
        return datetime(2022, 3, 27, 0, 59, 59, 123456 * number, tzinfo=UTC)
    if isinstance(kind, Percentage):
        return Decimal("33.333333") * number
    for of, value in {
        Boolean: number % 2 == 1,
        Integer: 10 * number if column.primary_key or column.foreign_keys else number,
        Date: date(2020, 2, 29),
        JSON: {"ŷ": [number, None, "a\\N\tb"], "z": {"deep": True}},
        LargeBinary: bytes([0, 255, 92, number, 10]),
    }.items():
        if isinstance(kind, of):
            return value
    return f"Siân \\N\t{number} مريم"


def fill(engine: Engine) -> None:
    """Two rows in every table there is but the audit trail: all columns filled, and only those that must be."""
    with engine.begin() as connection, guard.let_through(connection):
        for table in SQLModel.metadata.sorted_tables:
            if table.name == "audit":
                continue
            connection.execute(table.delete())
            rows = [{column.name: a_value(column, number) for column in table.columns} for number in (1, 2)]
            rows[1] |= {column.name: None for column in table.columns if column.nullable and not column.foreign_keys}
            connection.execute(table.insert(), rows)


def test_every_table_arrives_whatever_is_in_it(sqlite_url: str, postgres_url: str) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    fill(old)
    with writing(old) as session:
        audit.append(session, at=NOW, actor="S", actor_id=None, act="y", participant_id=None, detail={})
    before = contents(old)
    assert all(before.values())
    moved = move(old, new)
    assert contents(new) == before
    assert moved.rows == {name: len(rows) for name, rows in before.items()}
    with writing(new) as session:
        session.add(next_place := Place(platform="slack", platform_id="C9", delivery_partner="Hub"))
        session.flush()
        assert next_place.id == 21
    new.dispose()


KILLED = """
import os, signal, sys
from core.database import database
from core.upkeep import to_postgres

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

where, source, target = sys.argv[1:]
if where == "before the source is closed":
    to_postgres.database.close_for_good = die
tell = (lambda name, done, total: die() if name == where else None)
to_postgres.move(database.open_database(source), database.open_database(target), tell)
"""


def kill_a_move(where: str, source: str, target: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, where, source, target],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("where", ["enrolments", "activities", "audit"])
def test_a_move_killed_half_way_has_changed_nothing_and_works_again(
    sqlite_url: str, postgres_url: str, where: str
) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    before = contents(new)
    kill_a_move(where, sqlite_url, postgres_url)
    assert contents(new) == before
    require_head(old)
    assert not move(old, new).before
    assert contents(new) == contents(old)
    new.dispose()


def test_a_move_killed_at_its_very_end_is_recognised(sqlite_url: str, postgres_url: str) -> None:
    """Everything is there and the old file is still open: run again, it is compared and closed."""
    old, new = open_database(sqlite_url), open_database(postgres_url)
    fill(old)
    furnish_audit(old)
    kill_a_move("before the source is closed", sqlite_url, postgres_url)
    require_head(old)
    arrived = contents(new)
    with writing(new) as session:
        session.execute(text("UPDATE lane SET failures = 7"))
    with pytest.raises(DatabaseRefused, match=r"worked with since \(lane differs\).*set DATABASE_URL"):
        move(old, new)
    require_head(old)
    with writing(new) as session:
        session.execute(text("UPDATE lane SET failures = 1 WHERE platform LIKE '%1%'"))
        session.execute(text("UPDATE lane SET failures = 2 WHERE platform LIKE '%2%'"))
    assert contents(new) == arrived
    assert move(old, new).before
    assert contents(new) == arrived
    with pytest.raises(DatabaseRefused, match="was moved"):
        require_head(old)
    new.dispose()


def furnish_audit(engine: Engine) -> None:
    with writing(engine) as session:
        audit.append(session, at=NOW, actor="S", actor_id=None, act="y", participant_id=None, detail={})


def test_another_installations_database_is_left_alone(sqlite_url: str, postgres_url: str) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    with loading_rows(new) as session:
        session.add(stored_person("q-1"))
    furnish_audit(new)
    with pytest.raises(DatabaseRefused, match="not empty"):
        move(old, new)
    require_head(old)
    new.dispose()


def test_what_pg_dump_saves_pg_restore_brings_back(
    sqlite_url: str, postgres_url: str, postgres_server: str, tmp_path: Path
) -> None:
    """As docs/running.md says it, with the programs that come with the server."""
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    move(old, new)
    before = contents(new)
    dump = tmp_path / "npq.dump"
    subprocess.run(
        [postgres.client("pg_dump"), "--format=custom", f"--file={dump}", postgres_url], check=True, timeout=300
    )
    name = f"npq_back_{uuid4().hex}"
    administer(postgres_server, f'CREATE DATABASE "{name}"')
    try:
        url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
        restoring = [postgres.client("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={url}", dump]
        subprocess.run(restoring, check=True, timeout=300)
        back = open_database(url)
        require_head(back)
        assert contents(back) == before
        with writing(back) as session:
            assert audit.verify(session) is None
            session.add(newcomer := Staff(platform="slack", platform_id="U2", name="Mo", role="lead"))
            session.flush()
            assert newcomer.id == 8
        with pytest.raises(DBAPIError, match="only ever added to"), back.begin() as connection:
            connection.execute(text("DELETE FROM audit"))
        back.dispose()
    finally:
        administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')
    new.dispose()


def test_an_empty_postgres_without_tables_gets_them(sqlite_url: str, postgres_url: str) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    with new.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    move(old, new)
    require_head(new)
    assert contents(new) == contents(old)
    new.dispose()


def test_a_row_that_cannot_go_stops_it_with_nothing_moved(sqlite_url: str, postgres_url: str) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    furnish(old)
    with loading_rows(old) as session:
        session.execute(text("UPDATE people SET school = 'a' || char(0) WHERE participant_id = 'p-4'"))
    with pytest.raises(DatabaseRefused, match="a row of people"):
        move(old, new)
    with reading(new) as session:
        assert session.execute(select(func.count()).select_from(PeopleRow)).scalar_one() == 0
    require_head(old)
    with loading_rows(old) as session:
        session.execute(text("UPDATE people SET school = NULL"))
    move(old, new)
    new.dispose()


def test_only_from_sqlite_to_postgres(sqlite_url: str, postgres_url: str) -> None:
    old, new = open_database(sqlite_url), open_database(postgres_url)
    with pytest.raises(DatabaseRefused, match="must be a PostgreSQL"):
        move(old, old)
    with pytest.raises(DatabaseRefused, match="Only a SQLite"):
        move(new, new)
    new.dispose()


def test_who_must_not_wait_is_told_so(database_url: str) -> None:
    busy, hurried = open_database(database_url), open_database(database_url, patience=1)
    with writing(busy) as session:
        following.move_on(session)
        with pytest.raises(DatabaseBusy, match="try again in a minute"), writing(hurried) as waiting:
            following.move_on(waiting)
    with writing(hurried) as session:
        following.move_on(session)
    busy.dispose()
    hurried.dispose()


def test_a_backup_of_a_name_that_no_file_can_have_is_one_sentence(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with pytest.raises(DatabaseRefused, match="could not be written"):
        backup(engine, Path("x" * 5_000))
    with pytest.raises(DatabaseRefused, match="There is no file"):
        restore(engine, Path("x" * 5_000), over_newer=False)
    engine.dispose()


def test_a_backup_taken_in_use_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_database(sqlite_url)
    furnish(engine)
    before = contents(engine)
    saved = tmp_path / "saved.db"
    with writing(engine) as session:
        following.move_on(session)
        assert backup(engine, saved).audit_entries == 3  # what is being written is not in it
    with pytest.raises(DatabaseRefused, match="exists already"):
        backup(engine, saved)
    with writing(engine) as session:
        audit.append(session, at=NOW, actor="S", actor_id=None, act="y", participant_id=None, detail={})
    with pytest.raises(DatabaseRefused, match="in use"):
        restore(engine, saved, over_newer=True)
    engine.dispose()
    with pytest.raises(DatabaseRefused, match="1 audit entries more"):
        restore(engine, saved, over_newer=False)
    restore(engine, saved, over_newer=True)
    assert contents(engine) == before
    engine.dispose()


def test_a_damaged_database_in_place_is_moved_away_first(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_database(sqlite_url)
    furnish(engine)
    before, saved = contents(engine), tmp_path / "saved.db"
    backup(engine, saved)
    engine.dispose()
    place = Path(engine.url.database or "")
    place.write_text("not a database any more" * 500)
    with pytest.raises(DatabaseRefused, match=f"is damaged: move {place} away"):
        restore(engine, saved, over_newer=False)
    place.unlink()
    for end in ("-wal", "-shm"):
        place.with_name(place.name + end).unlink(missing_ok=True)
    restore(engine, saved, over_newer=False)
    assert contents(engine) == before
    engine.dispose()


def test_a_file_that_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    (wrong := tmp_path / "wrong.db").write_text("not a database, whatever it is called" * 50)
    with pytest.raises(DatabaseRefused, match="not a sound"):
        restore(open_database(sqlite_url), wrong, over_newer=False)
