"""Checked rows go into the tables, many at a time, and only where they change something.

A new key is inserted; for a key that is there a blank cell leaves the stored value, and a row that says nothing new
touches nothing. SQLite runs prepared statements; PostgreSQL gets them by COPY and takes them in at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from core.database import tables
from core.imports.checks.stored_rows import table_of
from core.imports.kinds import Kind
from core.imports.writers.postgres_writer import PostgresWriter
from core.imports.writers.sqlite_writer import SqliteWriter
from core.imports.writers.upsert_sql import NOTHING, Columns, Statement, Written


class Writer:
    """Writes the rows of one file into its kind's table, beside the caller.

    `names` are the columns that the file has. `touched` gets the ids of participants of whom a row was new or changed.
    """

    def __init__(self, session: Session, kind: Kind, names: Iterable[str], touched: set[str]) -> None:
        given = set(names)
        statement = Statement(kind, [column for column in kind.columns if column.name in given])
        connection = session.connection()
        make = PostgresWriter if connection.dialect.name == "postgresql" else SqliteWriter
        self._way: PostgresWriter | SqliteWriter = make(connection, table_of(kind), statement, touched)

    def write(self, count: int, columns: Columns) -> Written:
        """Takes so many rows, given column by column; what came of those that are written by now."""
        return self._way.write(count, columns) if count else NOTHING

    def flush(self) -> Written:
        """Begins to write what it has taken since the last time, which must be rows of distinct keys."""
        return self._way.flush()

    def rest(self) -> Written:
        """Waits until nothing is being written: before that nobody else may use the session."""
        return self._way.rest()

    def close(self) -> None:
        """Leaves nothing behind on the connection, which others will use."""
        self._way.close()


def log_import(
    session: Session,
    *,
    at: datetime,
    actor: str,
    files: Sequence[Mapping[str, str | int]],
    problems: int,
    written: bool,
) -> None:
    """Adds a line to the import log: counts only."""
    line = {"at": at, "actor": actor, "files": [dict(file) for file in files], "problems": problems, "written": written}
    session.execute(insert(SQLModel.metadata.tables[str(tables.ImportLog.__tablename__)]), line)
