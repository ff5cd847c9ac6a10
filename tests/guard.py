"""Refuses, in every test, whoever writes facts or decisions past the door (`core.changes`), and remembers that they did.

On SQLite whatever a connection prepares is looked at. It is set to look again at each transaction's beginning, which makes it
prepare anew what it had prepared before. On PostgreSQL the test's database itself looks as a transaction commits, whatever wrote
there and in whichever process: a row of these tables may change only where the state has moved on as well.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from core.changes import DOOR
from core.imports.kinds import KINDS, PARTICIPANTS

OF_PARTICIPANTS = ("people", "enrolments")
OF_FILES = (*OF_PARTICIPANTS, *(kind for kind in KINDS if kind != PARTICIPANTS))
GUARDED = (*OF_FILES, "decision", "participant_revision", "caseload_revision", "revision_mark")
# Who brings whole tables, or moves the state on: they need not come through the door.
EXEMPT = {
    ("core.database.database", "migrate"),
    ("core.database.database", "upgrade"),
    ("alembic.command", "upgrade"),
    ("alembic.command", "downgrade"),
    ("core.upkeep.to_postgres", "move"),
    ("core.upkeep.backup", "restore"),
    ("core.derived.following", "move_on"),
    ("core.derived.following", "held"),  # makes the row that it holds
}
REFUSED = "NPQ01"  # PostgreSQL's word for it
_EXEMPTED = "npq_tests.exempt"
_WRITES = {sqlite3.SQLITE_INSERT: "INSERT", sqlite3.SQLITE_UPDATE: "UPDATE", sqlite3.SQLITE_DELETE: "DELETE"}

_seen: list[str] = []


def watch_connections() -> None:
    """Every engine's connections in this process, from now on."""
    event.listen(Engine, "connect", _connected)
    event.listen(Engine, "begin", _begun)
    event.listen(Engine, "handle_error", _went_wrong)


def watch_server(connection: Connection) -> None:
    """A PostgreSQL database of this program's, and every copy of it."""
    connection.exec_driver_sql(_FUNCTION)
    for table in GUARDED:
        connection.exec_driver_sql(
            f"CREATE CONSTRAINT TRIGGER by_the_door AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION by_the_door()"
        )


@contextmanager
def let_through(connection: Connection) -> Iterator[None]:
    """What a transaction writes meanwhile is no business of the guard's."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL {_EXEMPTED} = 'on'")
    connection.info[DOOR] = True
    try:
        yield
    finally:
        connection.info.pop(DOOR, None)


@contextmanager
def watching() -> Iterator[None]:
    """Fails where anybody was refused meanwhile, also when somebody else made a sentence of it."""
    yield
    seen = list(_seen)
    _seen.clear()
    assert not seen, f"facts and decisions change through core.changes alone: {', '.join(seen)}"


@contextmanager
def refusing() -> Iterator[list[str]]:
    """Whatever is refused in here is expected, and told at the end: there must be something."""
    before, refused = list(_seen), list[str]()
    _seen.clear()
    try:
        yield refused
        refused += _seen
        assert refused, "nobody was refused"
    finally:
        _seen[:] = before


def _connected(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        _look(connection, record.info)


def _begun(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        _look(connection.connection.driver_connection, connection.info)
    elif _exempt():
        connection.exec_driver_sql(f"SET LOCAL {_EXEMPTED} = 'on'")


def _look(connection: Any, info: Any) -> None:
    def judge(action: int, table: str | None, *_: str | None) -> int:
        if action not in _WRITES or table not in GUARDED or info.get(DOOR) or _exempt():
            return sqlite3.SQLITE_OK
        _seen.append(f"{_WRITES[action]} {table}")
        return sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)


def _exempt() -> bool:
    """Whether somebody exempt is at work: everything that called this is looked through."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) in EXEMPT:
            return True
    return False


def _went_wrong(context: Any) -> None:
    if getattr(context.original_exception, "sqlstate", None) == REFUSED:
        _seen.append(str(context.original_exception).splitlines()[0])


# Of a row that a transaction sees, only itself can have made a version that is not committed yet.
_FUNCTION = f"""
CREATE FUNCTION by_the_door() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM caseload_revision WHERE pg_xact_status(xmin::text::xid8) = 'in progress')
        AND coalesce(current_setting('{_EXEMPTED}', true), '') <> 'on'
    THEN
        RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = TG_OP || ' ' || TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
"""
