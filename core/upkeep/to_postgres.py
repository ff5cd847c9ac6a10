"""Takes an installation from its SQLite file to PostgreSQL: everything or nothing, compared before it counts.

The source's write lock is held all the while, so that nothing is written there that the copy would miss. All of the target is one
transaction. Afterwards the source refuses further writes and names its new home (`reopen` takes that back).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, inspect, select, text
from sqlmodel import Session, SQLModel, col

from core.database import audit, database
from core.database.database import DatabaseRefused
from core.database.tables import AuditEntry, PackInUse
from core.posts import outbox

assert outbox  # its tables belong to the metadata
BATCH = 5_000
LEFT_OUT = {PackInUse.__tablename__}  # of processes, which note it anew when they start on the new database
Tell = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: the rows of each table, and where to."""

    home: str
    rows: dict[str, int]
    before: bool = False  # an earlier move had brought everything, and was stopped before it closed the source


def move(source: Engine, target: Engine, tell: Tell | None = None) -> Moved:
    """Copies every table to an empty PostgreSQL database and closes the source. Raises `DatabaseRefused`; then nothing changed."""
    if source.dialect.name != "sqlite":
        raise DatabaseRefused("Only a SQLite database can be moved; DATABASE_URL must name the one to move from.")
    if target.dialect.name != "postgresql":
        raise DatabaseRefused("The new home must be a PostgreSQL database: postgresql://user:password@host/name.")
    database.require_head(source)
    state = database.schema_state(target)
    if state not in ("missing", "head"):
        raise DatabaseRefused("The target is at another version of npq; give the address of a new, empty database.")
    home = f"{target.url.host or 'this machine'}, database {target.url.database}"
    with database.reachable(), database.exclusively(source) as old:
        with target.begin() as new:
            filled = _prepare(new, state)
            if filled is None:
                rows = {table.name: _copy(old, new, table, tell) for table in _carried()}
                _compare(old, new, rows)
            else:
                rows = _rows_of_an_earlier_move(old, new, filled)
        database.close_for_good(old, home)
    return Moved(home, rows, before=filled is not None)


def _carried() -> list[Table]:
    """The tables that are taken along, each after those it refers to."""
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in LEFT_OUT]


def _prepare(new: Connection, state: str) -> str | None:
    """Makes the tables where there are none and keeps others out; names a table that has rows already."""
    new.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")  # SQLite's instants are UTC and say no zone
    new.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    if state == "missing":
        if inspect(new).get_table_names():
            raise DatabaseRefused("The target holds tables that are not npq's; give the address of an empty database.")
        database.upgrade(new)
    quoted = ", ".join(new.dialect.identifier_preparer.format_table(t) for t in _carried())
    new.exec_driver_sql(f"LOCK TABLE {quoted} IN EXCLUSIVE MODE")
    for table in reversed(_carried()):
        if not _count(new, table):
            continue
        if state != "missing":
            return str(table.name)
        new.execute(table.delete())  # what a migration itself put there
    return None


def _rows_of_an_earlier_move(old: Connection, new: Connection, filled: str) -> dict[str, int]:
    """The rows of each table, where a move was stopped between the target's commit and the closing of the source."""
    newest = old.execute(select(col(AuditEntry.id), col(AuditEntry.hash)).order_by(col(AuditEntry.id).desc())).first()
    wanted = select(col(AuditEntry.hash)).where(col(AuditEntry.id) == (newest.id if newest else None))
    if newest is None or new.execute(wanted).scalar() != newest.hash:
        raise DatabaseRefused(
            f"The target is not empty ({filled} has rows); give the address of a new database, or use the one there."
        )
    rows = {}
    for table in _carried():
        here, there = _contents(old, table), _contents(new, table)
        if here != there:
            raise DatabaseRefused(
                f"This database was brought to the target before, and one of the two was worked with since ({table.name} "
                "differs): to go on with the target, set DATABASE_URL to it; to go on with this one, move it to a new, "
                "empty database."
            )
        rows[table.name] = here[0]
    return rows


def _contents(connection: Connection, table: Table) -> tuple[int, int]:
    """How many rows a table has and a figure over all their values, the same in whatever order they come."""
    count = figure = 0
    streaming = connection.execution_options(yield_per=BATCH)
    for row in streaming.execute(select(table)):
        count += 1
        figure += int.from_bytes(hashlib.blake2b(repr(tuple(row)).encode(), digest_size=16).digest())
    return count, figure


def _copy(old: Connection, new: Connection, table: Table, tell: Tell | None) -> int:
    total, done = _count(old, table), 0
    names = [column.name for column in table.columns]
    prepare = new.dialect.identifier_preparer
    columns = ", ".join(prepare.quote(name) for name in names)
    # Values go as SQLite stores them: its texts of days, instants, figures and JSON are what PostgreSQL reads.
    reader: Any = old.connection.cursor()
    writer: Any = new.connection.cursor()
    try:
        reader.execute(f"SELECT {columns} FROM {prepare.format_table(table)}")
        with writer.copy(f"COPY {prepare.format_table(table)} ({columns}) FROM STDIN") as copying:
            while batch := reader.fetchmany(BATCH):
                for row in batch:
                    copying.write_row(row)
                done += len(batch)
                if tell is not None:
                    tell(table.name, done, total)
    except new.dialect.loaded_dbapi.Error as error:
        raise DatabaseRefused(_unfit(table, error)) from error
    finally:
        reader.close()
        writer.close()
    _continue_ids(old, new, table)
    return done


def _unfit(table: Table, error: Exception) -> str:
    """Names the table and the database's kind of complaint; never the value, which may be somebody's."""
    kind = type(error).__name__
    return f"PostgreSQL did not take a row of {table.name} ({kind}), so nothing was moved: mend that row and try again."


def _continue_ids(old: Connection, new: Connection, table: Table) -> None:
    """Lets the target count on from the highest id ever given, also where its row is gone."""
    column = table.autoincrement_column
    if column is None:
        return
    given = {"table": table.name, "column": column.name}
    sequence = new.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), given).scalar()
    if sequence is None:
        return
    highest = new.execute(select(func.max(column))).scalar() or 0
    if inspect(old).has_table("sqlite_sequence"):
        known = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        highest = max(highest, old.execute(known, {"table": table.name}).scalar() or 0)
    new.execute(
        text("SELECT setval(:sequence, :value, :used)"),
        {"sequence": sequence, "value": max(highest, 1), "used": highest > 0},
    )


def _compare(old: Connection, new: Connection, rows: dict[str, int]) -> None:
    for table in _carried():
        if not _count(old, table) == _count(new, table) == rows[table.name]:
            raise DatabaseRefused(f"Not all rows of {table.name} arrived, so nothing was moved; please try again.")
    newest = select(col(AuditEntry.hash)).order_by(col(AuditEntry.id).desc()).limit(1)
    with Session(new) as session:
        broken = audit.verify(session)
    if broken is not None:
        raise DatabaseRefused(f"The audit trail is not whole, so nothing was moved: {broken} Run npq doctor.")
    if old.execute(newest).scalar() != new.execute(newest).scalar():
        raise DatabaseRefused("The audit trail did not arrive as it was, so nothing was moved; please try again.")


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def reopen(source: Engine) -> bool:
    """Lets a closed SQLite file be used again; says whether it was closed."""
    with database.reachable():
        return database.open_again(source)
