"""Checked rows go into the tables, many at a time, and only where they change something.

A new key is inserted; for a key that is there a blank cell leaves the stored value, and a row that says nothing new
touches nothing. SQLite runs prepared statements; PostgreSQL gets them by COPY and takes them in at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from core.records import tables
from core.records.imports.cells import Value
from core.records.imports.kinds import Column, Kind
from core.records.imports.stored import table_of

_REMEMBERED = 10_000
_AT_ONCE = 50  # rows in one statement of SQLite's, whose parameters are limited
_WHO = "participant_id"
_CALLBACK = "npq_changing"

Columns = Mapping[str, Sequence[Value | None]]


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were new, and how many changed what is stored."""

    added: int
    changed: int


class Writer:
    """Writes the rows of one file into its kind's table.

    `names` are the columns that the file has. `touched` gets the ids of participants of whom a row was new or changed.
    """

    def __init__(self, session: Session, kind: Kind, names: Iterable[str], touched: set[str]) -> None:
        given = set(names)
        statement = _Statement(kind, [column for column in kind.columns if column.name in given])
        connection = session.connection()
        make = _Copied if connection.dialect.name == "postgresql" else _Prepared
        self._way: _Copied | _Prepared = make(connection, table_of(kind), statement, touched)

    def write(self, count: int, columns: Columns) -> Written:
        """Takes so many rows, given column by column; what came of those that are written by now."""
        return self._way.write(count, columns) if count else Written(0, 0)

    def flush(self) -> Written:
        """Writes what it has taken since the last time, which must be rows of distinct keys."""
        return self._way.flush()

    def close(self) -> None:
        """Leaves nothing behind on the connection, which others will use."""
        self._way.close()


class _Statement:
    """The parts of the one statement: insert, or else change what differs."""

    def __init__(self, kind: Kind, given: Sequence[Column]) -> None:
        self.table = _quoted(kind.name)
        self.given = given
        self.names = [column.name for column in given]
        self.keys = ", ".join(_quoted(name) for name in kind.keys)
        self.others = [column for column in kind.columns if column.default is not None and column not in given]
        self.kept = [column for column in given if not column.key]
        self.is_personal = _WHO in kind.by_name
        self.into = ", ".join(_quoted(column.name) for column in (*given, *self.others))

    def stored(self, column: Column) -> str:
        """A column as it is stored."""
        return f"{self.table}.{_quoted(column.name)}"

    def new(self, column: Column) -> str:
        """What a column will hold: what is given, or where that may be blank and is, what is stored."""
        excluded = f"excluded.{_quoted(column.name)}"
        return excluded if column.required else f"coalesce({excluded}, {self.stored(column)})"


class _Prepared:
    """SQLite: prepared statements of one row and of many. They call back for each stored row that they change."""

    def __init__(self, connection: Connection, table: Table, statement: _Statement, touched: set[str]) -> None:
        self._connection = connection
        self._touched = touched
        self._changed = 0
        self._table = statement.table
        self._is_personal = statement.is_personal
        self._columns = [(name, _maker(table.c[name].type, connection.dialect)) for name in statement.names]
        self._with_default = [column.name for column in statement.given if column.default is not None]
        self._one = self._upsert(statement, 1)
        self._many = self._upsert(statement, _AT_ONCE)
        driver: Any = connection.connection.driver_connection
        driver.create_function(_CALLBACK, 2, self._changing)
        self._last = int(connection.exec_driver_sql(f"SELECT coalesce(max(rowid), 0) FROM {self._table}").scalar_one())

    def write(self, count: int, columns: Columns) -> Written:
        before = self._changed
        values = [
            columns[name] if made is None else map(made.__getitem__, columns[name]) for name, made in self._columns
        ]
        flat = list(chain.from_iterable(zip(*values, strict=True)))
        together = 0 if any(None in columns[name] for name in self._with_default) else count - count % _AT_ONCE
        width = len(values)
        done = self._run(self._many, flat, 0, together * width, _AT_ONCE * width)
        done += self._run(self._one, flat, together * width, count * width, width)
        changed = self._changed - before
        added = done - changed
        if self._is_personal and added == count:
            self._touched.update(columns[_WHO])  # type: ignore[arg-type]
        elif self._is_personal and added:  # new rows come after all that were there
            new = f"SELECT {_WHO} FROM {self._table} WHERE rowid > ?"
            self._touched.update(self._connection.exec_driver_sql(new, (self._last,)).scalars())
        self._last += added
        return Written(added, changed)

    def flush(self) -> Written:
        return Written(0, 0)  # nothing waits here

    def close(self) -> None:
        driver: Any = self._connection.connection.driver_connection
        driver.create_function(_CALLBACK, 2, None)

    def _run(self, sql: str, flat: list[Any], start: int, end: int, width: int) -> int:
        if start == end:
            return 0
        sets = [tuple(flat[place : place + width]) for place in range(start, end, width)]
        counting = {"preserve_rowcount": True}
        return self._connection.exec_driver_sql(sql, sets, execution_options=counting).rowcount

    def _changing(self, participant_id: str | None, value: Any) -> Any:
        self._changed += 1
        if participant_id is not None:
            self._touched.add(participant_id)
        return value

    def _upsert(self, statement: _Statement, rows: int) -> str:
        """The statement for so many rows; where it is for several, nothing in them is blank that has a default."""
        given = {column: f"?{place}" for place, column in enumerate(statement.given, 1)} if rows == 1 else {}
        values = [_or_default(column, given.get(column, "?")) for column in statement.given]
        values += [_literal(column) for column in statement.others]
        each = ", ".join(f"({', '.join(values)})" for _ in range(rows))
        insert = f"INSERT INTO {statement.table} ({statement.into}) VALUES {each}"
        if not statement.kept:
            return f"{insert} ON CONFLICT ({statement.keys}) DO NOTHING"
        news = {
            column: f"coalesce({given[column]}, {statement.stored(column)})"
            if column.default is not None and column in given
            else statement.new(column)
            for column in statement.kept
        }
        differs = " OR ".join(f"{statement.stored(column)} IS NOT {new}" for column, new in news.items())
        first, *_ = news
        who = f"{statement.table}.{_WHO}" if statement.is_personal else "NULL"
        news[first] = f"{_CALLBACK}({who}, {news[first]})"
        sets = ", ".join(f"{_quoted(column.name)} = {new}" for column, new in news.items())
        return f"{insert} ON CONFLICT ({statement.keys}) DO UPDATE SET {sets} WHERE {differs}"


class _Copied:
    """PostgreSQL: rows are copied into a table of this transaction, and go from there to where they belong."""

    def __init__(self, connection: Connection, table: Table, statement: _Statement, touched: set[str]) -> None:
        self._connection = connection
        self._touched = touched
        self._waiting: list[str] = []
        self._blank: set[str] = set()
        self._names = statement.names
        self._made = [_CopyText(table.c[name].type, connection.dialect) for name in statement.names]
        name = _quoted(f"given_{table.name}")
        given = f"pg_temp.{name}"
        names = ", ".join(_quoted(name) for name in statement.names)
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {names} FROM {statement.table} WITH NO DATA"
        )
        self._copy = f"COPY {given} ({names}) FROM STDIN"
        self._empty = f"TRUNCATE {given}"
        self._with_default = [column.name for column in statement.given if column.default is not None]
        self._statement = statement
        self._given = given

    def write(self, count: int, columns: Columns) -> Written:
        texts = [map(made.__getitem__, columns[name]) for name, made in zip(self._names, self._made, strict=True)]
        self._waiting.extend(map("\t".join, zip(*texts, strict=True)))
        self._blank.update(name for name in self._with_default if None in columns[name])
        return Written(0, 0)

    def flush(self) -> Written:
        if not self._waiting:
            return Written(0, 0)
        self._waiting.append("")
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(self._copy) as copy:
            copy.write("\n".join(self._waiting))
        added = changed = 0
        for sql in self._upserts(sorted(self._blank)):
            for participant_id, new, differing in self._connection.exec_driver_sql(sql):
                added += new
                changed += differing
                if participant_id is not None:
                    self._touched.add(participant_id)
        self._connection.exec_driver_sql(self._empty)
        self._waiting.clear()
        self._blank.clear()
        return Written(added, changed)

    def close(self) -> None:
        self._connection.exec_driver_sql(f"DROP TABLE {self._given}")

    def _upserts(self, blank: Sequence[str]) -> list[str]:
        """One statement; more where a column is blank in some rows whose default is for new rows only."""
        if not blank:
            return [self._upsert((), "")]
        name, *more = blank
        assert not more  # no kind has two such columns
        return [self._upsert((name,), f" WHERE {name} IS NULL"), self._upsert((), f" WHERE {name} IS NOT NULL")]

    def _upsert(self, blank: Sequence[str], where: str) -> str:
        statement = self._statement
        values = [_literal(one) if one.name in blank else _quoted(one.name) for one in statement.given]
        values += [_literal(one) for one in statement.others]
        kept = {
            column: f"excluded.{_quoted(column.name)}" if column.default is not None else statement.new(column)
            for column in statement.kept
            if column.name not in blank
        }
        sets = ", ".join(f"{_quoted(column.name)} = {new}" for column, new in kept.items())
        differs = " OR ".join(f"{statement.stored(column)} IS DISTINCT FROM {new}" for column, new in kept.items())
        action = f"DO UPDATE SET {sets} WHERE {differs}" if kept else "DO NOTHING"
        who = f"{statement.table}.{_WHO}" if statement.is_personal else "NULL::text"
        return (
            f"WITH written (who, is_new) AS (INSERT INTO {statement.table} ({statement.into}) "
            f"SELECT {', '.join(values)} FROM {self._given}{where} ON CONFLICT ({statement.keys}) {action} "
            f"RETURNING {who}, {statement.table}.xmax = 0) "  # nobody has locked a row that is new
            "SELECT who, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written GROUP BY who"
        )


def _quoted(name: str) -> str:
    return f'"{name}"'  # names are our own


def _literal(column: Column) -> str:
    return f"'{column.default}'"  # one of our own words


def _or_default(column: Column, place: str) -> str:
    return place if column.default is None else f"coalesce({place}, {_literal(column)})"


class _Made(dict[Any, Any]):
    """Values as the driver takes them, each made once."""

    def __init__(self, process: Callable[[Any], Any]) -> None:
        super().__init__()
        self._process = process

    def __missing__(self, value: Any) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        made = self[value] = self._process(value)
        return made


def _maker(type_: TypeEngine[Any], dialect: Dialect) -> _Made | None:
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    return None if process is None else _Made(process)


class _CopyText(_Made):
    """Values as COPY reads them in its text format."""

    def __init__(self, type_: TypeEngine[Any], dialect: Dialect) -> None:
        bound = type_.dialect_impl(dialect).bind_processor(dialect)

        def process(value: Any) -> str:
            ready = value if value is None or bound is None else bound(value)
            return "\\N" if ready is None else str(ready).translate(_ESCAPES)

        super().__init__(process)


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


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
    session.add(
        tables.ImportLog(at=at, actor=actor, files=[dict(file) for file in files], problems=problems, written=written)
    )
