"""Nobody writes facts or decisions past the door: who forgets it is refused in any test, on both kinds of database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from core.changes import changing
from core.database.database import DatabaseRefused, exclusively, open_database, reading, writing
from core.database.tables import ActivityRow, Decision, PeopleRow
from core.derived import following
from core.derived.installation import Installation
from core.imports.kinds import KINDS
from core.services.acts import contact, declaration
from core.services.acts.recording import Deed
from core.services.everybody import keep_current
from core.services.imports import import_files
from core.services.partners import merge_partners
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests import guard
from tests.loading import loading
from tests.records.made import NOW, a_row, enrolled, stored_person

SAM = Actor.console("Sam")
TODAY = date(2022, 6, 1)
_ENROLMENTS = SQLModel.metadata.tables["enrolments"]


@pytest.fixture
def hub(installation: Installation) -> Installation:
    """Jane and Omar, on each kind of database."""
    with loading(installation) as session:
        session.add_all([stored_person("p-1"), stored_person("p-2", delivery_partner="NORTH STAR")])
    return installation


@pytest.fixture
def on_the_server(postgres_url: str, pack: Pack) -> Iterator[Installation]:
    """Nobody yet, on PostgreSQL."""
    engine = open_database(postgres_url)
    yield Installation(engine, pack)
    engine.dispose()


def by_the_orm(session: Session) -> None:
    session.add(
        ActivityRow(enrolment_id=enrolled("p-1"), block=1, component="c", title="t", credits=1, completed_on=TODAY)
    )


def by_the_orm_what_is_loaded(session: Session) -> None:
    found = session.get(PeopleRow, "p-1")
    assert found is not None
    found.full_name = "Somebody Else"


def by_core(session: Session) -> None:
    session.execute(update(PeopleRow).values(school="Hill"))


def by_core_many(session: Session) -> None:
    more = [stored_person("p-1", course=course).model_dump() | {"id": None} for course in ("NPQSL", "NPQH", "EHCO")]
    session.connection().execute(
        insert(_ENROLMENTS), [{name: one[name] for name in one if name != "id"} for one in more]
    )


def by_a_decision(session: Session) -> None:
    session.add(Decision(enrolment_id=enrolled("p-1"), kind="contact", decided_on=TODAY, recorded_at=NOW, by="Sam"))


def by_words(session: Session) -> None:
    session.execute(text("DELETE FROM enrolments WHERE participant_id = 'p-2'"))


def by_the_driver(session: Session) -> None:
    session.connection().exec_driver_sql("INSERT INTO meetings VALUES ('North Star', '2022-06-20')")


FORGETFUL = [
    by_the_orm,
    by_the_orm_what_is_loaded,
    by_core,
    by_core_many,
    by_a_decision,
    by_words,
    by_the_driver,
]


def stored(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as session:
        return {
            table: sorted((tuple(row) for row in session.execute(text(f"SELECT * FROM {table}"))), key=repr)
            for table in guard.GUARDED
        }


def past_the_door(installation: Installation, write: Callable[[Session], object]) -> None:
    with writing(installation.engine) as session:
        write(session)


def refused(installation: Installation, write: Callable[[Session], object]) -> list[str]:
    """What of a writer that does not come by the door is refused: it is, and nothing is kept."""
    before = stored(installation.engine)
    with guard.refusing() as said, pytest.raises((DBAPIError, DatabaseRefused)):
        past_the_door(installation, write)
    assert stored(installation.engine) == before
    return said


@pytest.mark.parametrize("write", FORGETFUL)
def test_a_writer_that_forgets_the_door_is_refused(hub: Installation, write: Callable[[Session], None]) -> None:
    assert refused(hub, write)


@pytest.mark.parametrize("table", guard.GUARDED)
def test_each_of_the_tables_is_guarded(hub: Installation, table: str) -> None:
    with loading(hub) as session:
        by_a_decision(session)
        session.execute(text("INSERT INTO participant_revision VALUES ('p-1', 1)"))
        session.execute(text("INSERT INTO people (participant_id, full_name) VALUES ('p-3', 'Nobody')"))
        for kind in KINDS.values():
            if kind.name != "participants":
                session.execute(insert(SQLModel.metadata.tables[kind.name]).values(a_row(kind, "p-1")))
    where = {"people": " WHERE participant_id = 'p-3'", "enrolments": " WHERE participant_id = 'p-2'"}.get(
        table, ""
    )  # to which no row refers
    assert refused(hub, lambda session: session.execute(text(f"DELETE FROM {table}{where}")))[0].endswith(f" {table}")


def test_the_tables_that_are_guarded_are_those_of_facts_and_decisions() -> None:
    """Every table about a participant that is neither worked out nor about posts and entries."""
    others = {"audit", "progress", "post_person"}
    whose = {"participant_id", "enrolment_id"}
    about = {t.name for t in SQLModel.metadata.sorted_tables if whose & {c.name for c in t.columns}} - others
    assert about <= set(guard.GUARDED)
    assert set(guard.GUARDED) - about == {"meetings", "sessions", "caseload_revision", "revision_mark"}


def test_a_statement_that_was_prepared_in_the_door_is_looked_at_again(hub: Installation) -> None:
    """SQLite and psycopg keep what they have prepared, on the connection that comes back from the pool."""
    statement = "UPDATE people SET school = 'Hill' WHERE participant_id = 'p-1'"
    for _ in range(7):  # psycopg prepares what it has been asked five times
        with changing(hub, now=NOW) as change:
            change.session.connection().exec_driver_sql(statement)
            change.facts({enrolled("p-1"): "p-1"})
            inside = change.session.connection().connection.driver_connection

    def once_more(session: Session) -> None:
        assert session.connection().connection.driver_connection is inside
        session.connection().exec_driver_sql(statement)

    assert refused(hub, once_more)


def test_sqlite_would_not_look_again_by_itself(sqlite_url: str) -> None:
    """Why it is told to at each transaction's beginning: what it has prepared it runs as it is."""
    looked: list[int] = []

    def look(*_: object) -> int:
        looked.append(1)
        return sqlite3.SQLITE_OK

    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    connection.set_authorizer(look)
    connection.execute("UPDATE people SET school = 'Hill'")
    first = len(looked)
    connection.execute("UPDATE people SET school = 'Hill'")
    assert len(looked) == first > 0
    connection.set_authorizer(look)
    connection.execute("UPDATE people SET school = 'Hill'")
    assert len(looked) == 2 * first
    connection.close()


def test_what_is_copied_in_is_seen(on_the_server: Installation) -> None:
    def copied(session: Session) -> None:
        cursor: Any = session.connection().connection.cursor()
        with cursor.copy("COPY people (participant_id, full_name) FROM STDIN") as copy:
            copy.write_row(("p-9", "Ann"))

    assert refused(on_the_server, copied) == ["INSERT people"]


def test_a_connection_of_ones_own_is_seen_on_the_server(postgres_url: str) -> None:
    """As another process would have one."""
    with psycopg.connect(postgres_url) as own:
        own.execute("INSERT INTO meetings VALUES ('Hub', '2022-06-20')")
        with pytest.raises(psycopg.Error, match="INSERT meetings"):
            own.commit()


def test_a_refusal_that_somebody_makes_a_sentence_of_is_remembered(hub: Installation) -> None:
    def quietly() -> None:
        with guard.watching(), suppress(DBAPIError, DatabaseRefused):
            past_the_door(hub, by_core)

    with pytest.raises(AssertionError, match="UPDATE people"):
        quietly()


# --- who may


def test_the_door_lets_through(hub: Installation) -> None:
    with changing(hub, now=NOW) as change:
        by_the_orm(change.session)
        by_core(change.session)
        by_a_decision(change.session)
        change.facts({enrolled(who): who for who in ("p-1", "p-2")})
        change.decided("p-1", enrolled("p-1"))
    assert stored(hub.engine)["activities"]


def test_after_the_door_is_shut_its_connection_is_refused_again(hub: Installation) -> None:
    def half() -> None:
        with changing(hub, now=NOW) as change:
            by_core(change.session)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        half()
    assert refused(hub, by_core)


def test_the_door_without_a_word_of_what_changed_is_refused_by_the_server(on_the_server: Installation) -> None:
    """On SQLite nobody looks at that."""

    def silently() -> None:
        with changing(on_the_server, now=NOW) as change:
            change.session.add(stored_person("p-1"))

    with guard.refusing() as said, pytest.raises((DBAPIError, DatabaseRefused)):
        silently()
    assert said == ["INSERT people"]


def test_an_import_passes(hub: Installation, tmp_path: Path) -> None:
    (file := tmp_path / "videos.csv").write_text("participant_id,block,percent_viewed,viewed_on\np-1,1,5,2022-01-01\n")
    assert import_files(hub, SAM, [file], now=NOW).written
    (file := tmp_path / "more.csv").write_text("delivery_partner,meeting_on\nNorth Star,2022-06-20\n")
    assert import_files(hub, SAM, [file], now=NOW).written


def test_an_act_passes(hub: Installation) -> None:
    contact.log_contact(hub, SAM, "p-1", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    declaration.declare(hub, SAM, "p-1", Deed(TODAY, NOW), output=1)


def test_a_merge_passes(hub: Installation) -> None:
    assert merge_partners(hub, SAM, "NORTH STAR", "North Star", now=NOW)


def test_making_everybodys_records_anew_passes(hub: Installation) -> None:
    with writing(hub.engine) as session:
        session.execute(text("DELETE FROM progress_basis"))
    keep_current(hub)
    with writing(hub.engine) as session:
        following.held(session)


def test_holding_the_state_of_a_new_database_passes(engine: Engine) -> None:
    with writing(engine) as session:
        following.held(session)


def test_who_only_reads_or_locks_is_not_refused(hub: Installation) -> None:
    with exclusively(hub.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM enrolments")).scalar_one() == 2
