"""PostgreSQL: checked rows are copied to where they belong, or past a table of this transaction where something is stored.

Rows of whom nothing is stored yet are new whatever they say, and are copied straight into their table. All others are copied
into a table of this transaction and taken in from there at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Integer, Table
from sqlalchemy.types import TypeEngine

from core.database.one_thread import OneThread
from core.imports.writers.upsert_sql import NOTHING, Columns, Made, Statement, Written, literal, quoted
from core.spreadsheets.cells import Value

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('npq import'))"


def take_turn(connection: Connection) -> None:
    """Waits until no other import is under way; none begins until the transaction ends."""
    connection.exec_driver_sql(_ONE_AT_A_TIME)


class PostgresWriter:
    """PostgreSQL's way to write the rows of one file."""

    def __init__(self, connection: Connection, table: Table, statement: Statement, touched: set[Any]) -> None:
        self._connection = connection
        self._touched = touched
        self._waiting: list[str] = []
        self._whose: list[Value | None] = []
        self._blank: set[str] = set()
        self._names = statement.names
        self._made = [_CopyText(table.c[column.stored].type, connection.dialect) for column in statement.given]
        name = quoted(f"given_{table.name}")
        given = f"pg_temp.{name}"
        names = ", ".join(quoted(column.stored) for column in statement.given)
        ids = "integer" if isinstance(table.c[statement.whose or 0].type, Integer) else "text"
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {names} FROM {statement.table} WITH NO DATA"
        )
        self._copy = f"COPY {given} ({names}) FROM STDIN"
        self._straight = f"COPY {statement.table} ({statement.into}) FROM STDIN"
        self._end = "".join(f"\t{column.default}" for column in statement.others)
        self._who_has_rows = (  # one by one: of many at once the database would think that reading everything is quicker
            f"SELECT wanted.one FROM unnest(%s::{ids}[]) AS wanted (one) CROSS JOIN LATERAL (SELECT count(*) AS rows "
            f"FROM {statement.table} WHERE {quoted(statement.whose or '')} = wanted.one) AS held WHERE held.rows > 0"
        )
        anything = connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {statement.table})").scalar_one()
        self._was_empty = statement.is_by_person and not anything
        self._written = set[Value | None]()  # whose rows
        self._empty = f"TRUNCATE {given}"
        self._with_default = [column.name for column in statement.given if column.default is not None]
        self._statement = statement
        self._given = given
        self._aside = OneThread[Written]()

    def write(self, count: int, columns: Columns) -> Written:
        texts = [map(made.__getitem__, columns[name]) for name, made in zip(self._names, self._made, strict=True)]
        self._waiting.extend(map("\t".join, zip(*texts, strict=True)))
        if self._statement.is_by_person:
            self._whose.extend(columns[self._statement.who_given or ""])
        self._blank.update(name for name in self._with_default if None in columns[name])
        return NOTHING

    def flush(self) -> Written:
        if not self._waiting:
            return NOTHING
        written = self.rest()
        self._aside.start(partial(self._run, self._waiting, self._whose, sorted(self._blank)))
        self._waiting, self._whose, self._blank = [], [], set()
        return written

    def rest(self) -> Written:
        return self._aside.result(NOTHING)

    def close(self) -> None:
        self._aside.close()
        self._connection.exec_driver_sql(f"DROP TABLE {self._given}")

    def _run(self, lines: list[str], whose: list[Value | None], blank: Sequence[str]) -> Written:
        people = set(whose)
        held = self._held(people)
        self._written |= people
        if blank or not people:  # a blank cell's default is for new rows only; or the rows are not by person
            return self._take_in(lines, blank)
        self._touched.update(people - held)
        new = lines
        if held:
            new = [line for line, who in zip(lines, whose, strict=True) if who not in held]
            lines = [line for line, who in zip(lines, whose, strict=True) if who in held]
        self._copied(self._straight, new, self._end)
        others = self._take_in(lines, ()) if held else NOTHING
        return Written(others.added + len(new), others.changed)

    def _held(self, people: set[Value | None]) -> set[Value | None]:
        """Who of these has rows in the table."""
        if self._was_empty or not people:
            return people & self._written
        return set(self._connection.exec_driver_sql(self._who_has_rows, (list(people),)).scalars())

    def _take_in(self, lines: list[str], blank: Sequence[str]) -> Written:
        """Rows some of which may be stored."""
        self._copied(self._copy, lines, "")
        added = changed = 0
        for sql in self._upserts(blank):
            for who, new, differing in self._connection.exec_driver_sql(sql):
                added += new
                changed += differing
                if who is not None:
                    self._touched.add(who)
        self._connection.exec_driver_sql(self._empty)
        return Written(added, changed)

    def _copied(self, sql: str, lines: list[str], end: str) -> None:
        if not lines:
            return
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(sql) as copy:
            copy.write(f"{end}\n".join(lines) + f"{end}\n")

    def _upserts(self, blank: Sequence[str]) -> list[str]:
        """One statement; more where a column is blank in some rows whose default is for new rows only."""
        if not blank:
            return [self._upsert((), "")]
        name, *more = blank
        assert not more  # no kind has two such columns
        return [self._upsert((name,), f" WHERE {name} IS NULL"), self._upsert((), f" WHERE {name} IS NOT NULL")]

    def _upsert(self, blank: Sequence[str], where: str) -> str:
        statement = self._statement
        values = [literal(one) if one.name in blank else quoted(one.stored) for one in statement.given]
        values += [literal(one) for one in statement.others]
        kept = {
            column: f"excluded.{quoted(column.stored)}" if column.default is not None else statement.new(column)
            for column in statement.kept
            if column.name not in blank
        }
        sets = ", ".join(f"{quoted(column.stored)} = {new}" for column, new in kept.items())
        differs = " OR ".join(f"{statement.stored(column)} IS DISTINCT FROM {new}" for column, new in kept.items())
        action = f"DO UPDATE SET {sets} WHERE {differs}" if kept else "DO NOTHING"
        who = f"{statement.table}.{quoted(statement.whose)}" if statement.whose else "NULL::text"
        return (
            f"WITH written (who, is_new) AS (INSERT INTO {statement.table} ({statement.into}) "
            f"SELECT {', '.join(values)} FROM {self._given}{where} ON CONFLICT ({statement.keys}) {action} "
            f"RETURNING {who}, {statement.table}.xmax = 0) "  # nobody has locked a row that is new
            "SELECT who, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written GROUP BY who"
        )


class _CopyText(Made):
    """Values as COPY reads them in its text format."""

    def __init__(self, type_: TypeEngine[Any], dialect: Dialect) -> None:
        bound = type_.dialect_impl(dialect).bind_processor(dialect)

        def process(value: Any) -> str:
            ready = value if value is None or bound is None else bound(value)
            return "\\N" if ready is None else str(ready).translate(_ESCAPES)

        super().__init__(process)


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
