"""Checked rows go into the tables, many at a time, and only where they change something.

A new key is inserted; for a key that is there a blank cell leaves the stored value, and a row that says nothing new
touches nothing. SQLite runs prepared statements; PostgreSQL gets them by COPY and takes them in at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlmodel import Session, SQLModel

from core.database import tables
from core.imports.kinds import ENROLMENT, PARTICIPANTS, WHO, Column, Kind
from core.imports.writers.postgres_writer import PostgresWriter, take_turn
from core.imports.writers.sqlite_writer import SqliteWriter
from core.imports.writers.upsert_sql import NOTHING, Columns, Statement, Written


def one_at_a_time(session: Session) -> None:
    """Lets no other import read what is stored, or write, until the transaction ends; on SQLite nobody else writes anyway."""
    if session.get_bind().dialect.name == "postgresql":
        take_turn(session.connection())


class Writer:
    """Writes the rows of one file into its kind's table, beside the caller.

    `names` are the columns that the file has. `touched` gets the ids of enrolments of which a row was new or changed. Columns that
    are written have `ENROLMENT` beside `WHO`.
    """

    def __init__(self, session: Session, kind: Kind, names: Iterable[str], touched: set[int]) -> None:
        given, connection = set(names), session.connection()
        self._way: PostgresWriter | SqliteWriter | _PeopleWriter
        if kind.name == PARTICIPANTS:
            self._way = _PeopleWriter(connection, kind, given, touched)
        else:
            columns = [_of_enrolment(column) for column in kind.columns if column.stored]
            whose = ENROLMENT if kind.is_personal else None
            self._way = _way(connection, kind.name, columns, given | {ENROLMENT}, whose, touched)

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


def _of_enrolment(column: Column) -> Column:
    """A column of facts: whose row it is, is stored as of which enrolment."""
    return replace(column, name=ENROLMENT) if column.name == WHO else column


def _way(
    connection: Connection, table: str, columns: Sequence[Column], given: set[str], whose: str | None, touched: set[Any]
) -> PostgresWriter | SqliteWriter:
    statement = Statement(table, columns, [column for column in columns if column.name in given], whose)
    make = PostgresWriter if connection.dialect.name == "postgresql" else SqliteWriter
    return make(connection, SQLModel.metadata.tables[table], statement, touched)


class _PeopleWriter:
    """Participants go into two tables: who they are first, then their enrolments."""

    def __init__(self, connection: Connection, kind: Kind, given: set[str], touched: set[int]) -> None:
        person = tables.columns_of(tables.PeopleRow)
        people = [column for column in kind.columns if column.name in person]
        own = [replace(column, key=False) for column in kind.columns if column.name not in person]
        who = replace(kind.by_name[WHO], key=False)
        enrolment = Column(ENROLMENT, int, "", required=True, key=True, stored="id")
        self._touched = touched
        self._people, self._enrolments = set[str](), set[int]()  # of whom this file's rows are new or changed something
        self._enrolment_of: dict[Any, Any] = {}  # of those whom this file names
        self._added, self._told = 0, NOTHING
        self._ways = (
            _way(connection, "people", people, given, WHO, self._people),
            _way(connection, "enrolments", [enrolment, who, *own], given | {ENROLMENT}, "id", self._enrolments),
        )

    def write(self, count: int, columns: Columns) -> Written:
        self._enrolment_of.update(zip(columns[WHO], columns[ENROLMENT], strict=True))
        people, enrolments = self._ways
        self._note(enrolments.rest())
        people.write(count, columns)
        people.rest()
        self._note(enrolments.write(count, columns))
        return NOTHING

    def flush(self) -> Written:
        people, enrolments = self._ways
        self._note(enrolments.rest())
        people.flush()
        people.rest()
        self._note(enrolments.flush())
        return NOTHING

    def rest(self) -> Written:
        """What came of all rows since this was told last: one that changes something in both tables has changed once."""
        self._note(self._ways[1].rest())
        touched = self._enrolments | {self._enrolment_of[who] for who in self._people}
        self._touched |= touched
        now, before = Written(self._added, len(touched) - self._added), self._told
        self._told = now
        return Written(now.added - before.added, now.changed - before.changed)

    def close(self) -> None:
        for way in reversed(self._ways):  # enrolments may still be being written
            way.close()

    def _note(self, written: Written) -> None:
        self._added += written.added


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
