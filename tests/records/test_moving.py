"""From SQLite to PostgreSQL with nothing lost, and saved files that can be put back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlmodel import SQLModel, col

from core.records import audit, caseload
from core.records.database import (
    DatabaseBusy,
    DatabaseRefused,
    open_database,
    reading,
    require_head,
    writing,
)
from core.records.moving import move, reopen
from core.records.saving import backup, restore
from core.records.tables import ActivityRow, AuditEntry, EngagementReportRow, ParticipantRow, Staff
from tests.records.made import NOW, stored_person

NAMES = ("Siân Llŷr", "Zażółć Gęślą", "مريم", "a\\N\tb\nc", "")


def furnish(engine: Engine) -> None:
    with writing(engine) as session:
        for number, name in enumerate(NAMES):
            person = stored_person(f"p-{number}")
            person.full_name = name
            session.add(person)
        session.flush()
        session.add(
            EngagementReportRow(participant_id="p-0", run_on=date(2022, 6, 1), percent_complete=Decimal("89.9"))
        )
        session.add(Staff(id=7, platform="slack", platform_id="U1", name="Sam", role="lead"))
        for number in range(300):
            session.add(
                ActivityRow(
                    participant_id="p-1",
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
        caseload.touch(session)
    with pytest.raises(DatabaseRefused, match="not empty"):
        move(old, new)
    old.dispose()
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
    with old.begin() as connection:
        connection.execute(text("UPDATE participants SET school = 'a' || char(0) WHERE participant_id = 'p-4'"))
    with pytest.raises(DatabaseRefused, match="a row of participants"):
        move(old, new)
    with reading(new) as session:
        assert session.execute(select(func.count()).select_from(ParticipantRow)).scalar_one() == 0
    require_head(old)
    with old.begin() as connection:
        connection.execute(text("UPDATE participants SET school = NULL"))
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
        caseload.touch(session)
        with pytest.raises(DatabaseBusy, match="try again in a minute"), writing(hurried) as waiting:
            caseload.touch(waiting)
    with writing(hurried) as session:
        caseload.touch(session)
    busy.dispose()
    hurried.dispose()


def test_a_backup_taken_in_use_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_database(sqlite_url)
    furnish(engine)
    before = contents(engine)
    saved = tmp_path / "saved.db"
    with writing(engine) as session:
        caseload.touch(session)
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


def test_a_file_that_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    (wrong := tmp_path / "wrong.db").write_text("not a database, whatever it is called" * 50)
    with pytest.raises(DatabaseRefused, match="not a sound"):
        restore(open_database(sqlite_url), wrong, over_newer=False)
