"""A connection that has gone bad is not kept: the process goes on by itself once the fault is over."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from core.database.database import DatabaseRefused, open_database, reading, writing
from core.derived import following
from tests.fakes.relay import relay

SOON = 60.0  # seconds; without a limit it takes two hours


def revision(engine: Engine) -> int:
    with reading(engine) as session:
        return following.now(session).number


def touch(engine: Engine) -> None:
    with writing(engine) as session:
        following.move_on(session)


def test_a_connection_that_went_silent_is_given_up(postgres_url: str) -> None:
    """A proxy that hangs takes what is sent, so that the system notices nothing; a new connection is well."""
    url = make_url(postgres_url)
    with relay(url.host or "", url.port or 0) as way:
        through = url.set(host="127.0.0.1", port=way.port).render_as_string(hide_password=False)
        engine = open_database(through, silence=0.5)
        touch(engine)
        way.hush()
        began = time.monotonic()
        assert revision(engine) == 1, "whoever takes it up notices, and takes another"
        assert time.monotonic() - began < SOON
        engine.dispose()


def test_it_may_go_silent_in_the_middle_of_a_transaction(postgres_url: str) -> None:
    url = make_url(postgres_url)
    with relay(url.host or "", url.port or 0) as way:
        through = url.set(host="127.0.0.1", port=way.port).render_as_string(hide_password=False)
        engine = open_database(through, silence=0.5)

        def write_twice() -> None:
            with writing(engine) as session:
                following.move_on(session)
                way.hush()
                following.move_on(session)

        began = time.monotonic()
        with pytest.raises(DatabaseRefused, match="does not answer"):
            write_twice()
        assert time.monotonic() - began < SOON
        touch(engine)
        assert revision(engine) == 1, "nothing of the other was kept"
        engine.dispose()


def test_what_takes_long_on_purpose_is_not_given_up_where_nobody_said_so(postgres_url: str) -> None:
    """An import may wait for another for minutes."""
    engine = open_database(postgres_url)
    with reading(engine) as session:
        session.execute(text("SELECT pg_sleep(1.2)"))
    engine.dispose()


def test_a_server_that_took_no_writes_for_a_while(postgres_url: str) -> None:
    """As in a failover: each connection keeps what held when it was opened."""
    url = make_url(postgres_url)
    engine = open_database(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{url.database}" SET default_transaction_read_only = on')
        with pytest.raises(DatabaseRefused, match="may only be read"):
            touch(engine)
        other.execute(f'ALTER DATABASE "{url.database}" RESET default_transaction_read_only')
    touch(engine)
    assert revision(engine) == 1
    engine.dispose()


def test_a_file_that_might_not_be_written_for_a_while(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with reading(engine) as session:
        session.execute(text("PRAGMA query_only = ON"))  # as it is for who opened it then
    with pytest.raises(DatabaseRefused, match="may only be read"):
        touch(engine)
    touch(engine)
    assert revision(engine) == 1
    engine.dispose()


def test_a_file_that_was_replaced_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    """Whoever went on in the old one would write what nobody finds."""
    file = Path(make_url(sqlite_url).database or "")
    engine = open_database(sqlite_url)
    touch(engine)
    with reading(engine) as session:
        session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    shutil.copy(file, tmp_path / "other.db")
    touch(engine)
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink()
    os.replace(tmp_path / "other.db", file)
    assert revision(engine) == 1, "the one that stands there now"
    touch(engine)
    with open_database(sqlite_url).connect() as another:
        assert another.execute(text("SELECT revision FROM caseload_revision")).scalar() == 2
    engine.dispose()


def test_a_file_that_is_gone_is_said(sqlite_url: str) -> None:
    file = Path(make_url(sqlite_url).database or "")
    engine = open_database(sqlite_url)
    touch(engine)
    file.unlink()
    with pytest.raises(DatabaseRefused, match="is gone: put it back, or restore a backup"):
        touch(engine)
    assert not file.exists(), "and none is made in its place"
    engine.dispose()


@pytest.mark.parametrize("pooled", [True, False])
def test_behind_a_pooler_nothing_is_prepared(postgres_url: str, monkeypatch: pytest.MonkeyPatch, pooled: bool) -> None:
    """It would be there for others, who are given the connection next. A pooler tells a number of its own for the server's process."""
    if pooled:
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)
    engine = open_database(postgres_url)
    with engine.connect() as connection:
        for _ in range(7):
            connection.execute(text("SELECT revision FROM caseload_revision"))
        prepared = connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    assert (prepared == 0) == pooled
    engine.dispose()
