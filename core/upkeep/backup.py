"""Saves a SQLite database into a file while it is in use, and puts such a file back. PostgreSQL has pg_dump for that."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from core.database import audit
from core.database.database_faults import DatabaseRefused
from core.database.database_urls import file_of
from core.database.sqlite_file import look, require_file


@dataclass(frozen=True, slots=True)
class Saved:
    """What a whole database holds."""

    audit_entries: int
    posts: int  # that went out


def backup(engine: Engine, file: Path) -> Saved:
    """Copies the database as it is at one moment. Raises `DatabaseRefused`; an unfinished or unsound copy is not kept."""
    place = _place(engine)
    require_file(place)
    if os.path.exists(file):  # never raises, whatever the name
        raise DatabaseRefused(f"{file} exists already; give the backup a new name.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        saved = _verified(unfinished)
        unfinished.rename(file)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseRefused(
            f"The backup could not be written: {error}. Check the folder and its free space."
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return saved


def restore(engine: Engine, file: Path, *, over_newer: bool) -> Saved:
    """Puts the backup in the database's place. Raises `DatabaseRefused`; then the database is as it was."""
    place = _place(engine)
    look(place)  # that no folder, say, is there; a file may be missing: this puts it back
    if not os.path.isfile(file):
        raise DatabaseRefused(f"There is no file {file}; give the name of a backup.")
    if place.exists() and place.samefile(file):
        raise DatabaseRefused("The backup is the database itself; give the name of another file.")
    saved = _verified(file)
    try:
        with closing(sqlite3.connect(place, timeout=2, isolation_level=None)) as target:
            target.execute("PRAGMA locking_mode=EXCLUSIVE")  # no other process may have it open
            target.execute("BEGIN EXCLUSIVE")
            present = _holds(target)
            target.execute("COMMIT")  # the lock stays until it is closed
            if not over_newer:
                _refuse_newer(present, saved)
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
                source.backup(target)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseRefused(
                "The database is in use; stop npq serve and npq worker, then restore again."
            ) from error
        raise DatabaseRefused(f"The backup could not be restored: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise DatabaseRefused(
            f"The database in place is damaged: move {place} away, with {place.name}-wal and {place.name}-shm if they are "
            "there, then restore again."
        ) from error
    return saved


def _refuse_newer(present: Saved, saved: Saved) -> None:
    if present.audit_entries > saved.audit_entries:
        raise DatabaseRefused(
            f"The database in place holds {present.audit_entries - saved.audit_entries} audit entries more than this "
            "backup; add --over-newer if these shall be lost."
        )
    if present.posts > saved.posts:
        raise DatabaseRefused(
            f"Posts went out since this backup ({present.posts - saved.posts}) of which it knows nothing: what is still due "
            "would be posted again. Add --over-newer if that is better than keeping the database in place."
        )


def _place(engine: Engine) -> Path:
    if engine.dialect.name != "sqlite":
        raise DatabaseRefused("This saves and restores SQLite files only; for PostgreSQL use pg_dump and pg_restore.")
    return file_of(engine.url)


def _verified(file: Path) -> Saved:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            held = _holds(copy)
            known = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.DatabaseError as error:
        raise DatabaseRefused(f"{file} is not a sound database; use another backup.") from error
    if not sound or not known:
        raise DatabaseRefused(f"{file} is not a sound npq database; use another backup.")
    looking = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    )
    with Session(looking) as session:
        broken = audit.verify(session) if held.audit_entries else None
    looking.dispose()
    if broken is not None:
        raise DatabaseRefused(f"The audit trail in {file} is not whole: {broken} Use another backup.")
    return held


def _holds(connection: sqlite3.Connection) -> Saved:
    return Saved(
        _count(connection, "audit", "SELECT count(*) FROM audit"),
        _count(connection, "post", "SELECT count(*) FROM post WHERE ts IS NOT NULL"),
    )


def _count(connection: sqlite3.Connection, table: str, asked: str) -> int:
    """What a question finds; 0 where an earlier version of the database has no such table."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
        return 0
    return int(connection.execute(asked).fetchone()[0])
