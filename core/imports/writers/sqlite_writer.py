"""SQLite: checked rows go in by prepared statements of many rows at once.

They run beside the caller, who meanwhile takes in the next page: nothing else may be asked of the connection before `rest`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from core.database.one_thread import OneThread
from core.imports.writers.upsert_sql import NOTHING, Columns, Statement, Written, literal, maker, or_default, quoted
from core.spreadsheets.reading import PAGE

_AT_ONCE = (PAGE, 50, 1)  # rows in one statement
_CALLBACK = "npq_changing"
_NEW = "npq_of_whom_new"  # whose row is new, noted by a trigger
_NOTE = "npq_note_new"


class SqliteWriter:
    """SQLite's way to write the rows of one file. The statements call back for each stored row that they change."""

    def __init__(self, connection: Connection, table: Table, statement: Statement, touched: set[Any]) -> None:
        driver: Any = connection.connection.driver_connection
        self._driver = driver
        self._touched = touched
        self._changed = 0
        self._who = statement.who_given
        self._called = {name: f"{name}_{table.name}" for name in (_CALLBACK, _NEW, _NOTE)}  # one for each table
        self._columns = [
            (column.name, maker(table.c[column.stored].type, connection.dialect)) for column in statement.given
        ]
        self._with_default = [column.name for column in statement.given if column.default is not None]
        most = driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(self._columns)
        self._statements = {rows: self._upsert(statement, rows) for rows in _AT_ONCE if rows <= most}
        driver.create_function(self._called[_CALLBACK], 2, self._changing)
        self._aside = OneThread[Written]()
        anything = driver.execute(f"SELECT EXISTS (SELECT * FROM {statement.table})").fetchone()
        self._notes_new = self._who is not None and bool(*anything)  # else all rows are new
        if self._notes_new:  # in SQL: whoever is called back waits for Python, which reads on
            new, note = self._called[_NEW], self._called[_NOTE]
            driver.execute(f"CREATE TEMPORARY TABLE {new} (who PRIMARY KEY) WITHOUT ROWID")
            driver.execute(
                f"CREATE TEMPORARY TRIGGER {note} AFTER INSERT ON main.{statement.table} "
                f"BEGIN INSERT OR IGNORE INTO {new} VALUES (new.{quoted(statement.whose or '')}); END"
            )

    def write(self, count: int, columns: Columns) -> Written:
        values = [
            columns[name] if made is None else map(made.__getitem__, columns[name]) for name, made in self._columns
        ]
        flat = tuple(chain.from_iterable(zip(*values, strict=True)))
        alone = any(None in columns[name] for name in self._with_default)
        new: Sequence[Any] = columns[self._who] if self._who is not None and not self._notes_new else ()
        written = self.rest()
        self._touched.update(new)
        self._aside.start(partial(self._run, count, flat, alone=alone))
        return written

    def flush(self) -> Written:
        written = self.rest()
        if self._notes_new:
            new = self._called[_NEW]
            self._touched.update(who for (who,) in self._driver.execute(f"SELECT who FROM {new}"))
            self._driver.execute(f"DELETE FROM {new}")
        return written

    def rest(self) -> Written:
        return self._aside.result(NOTHING)

    def close(self) -> None:
        self._aside.close()
        self._driver.create_function(self._called[_CALLBACK], 2, None)
        self._driver.execute(f"DROP TRIGGER IF EXISTS temp.{self._called[_NOTE]}")
        self._driver.execute(f"DROP TABLE IF EXISTS temp.{self._called[_NEW]}")

    def _run(self, count: int, flat: tuple[Any, ...], *, alone: bool) -> Written:
        """Writes so many rows, the cells of which follow each other; each row `alone` where one has to be looked at."""
        before = self._changed
        width = len(self._columns)
        done = start = 0
        for rows, sql in self._statements.items():
            if rows > 1 and alone:
                continue
            while start + rows <= count:
                done += self._driver.execute(sql, flat[start * width : (start + rows) * width]).rowcount
                start += rows
        changed = self._changed - before
        return Written(done - changed, changed)

    def _changing(self, who: str | int | None, value: Any) -> Any:
        self._changed += 1
        if who is not None:
            self._touched.add(who)
        return value

    def _upsert(self, statement: Statement, rows: int) -> str:
        """The statement for so many rows; where it is for several, nothing in them is blank that has a default."""
        given = {column: f"?{place}" for place, column in enumerate(statement.given, 1)} if rows == 1 else {}
        values = [or_default(column, given.get(column, "?")) for column in statement.given]
        values += [literal(column) for column in statement.others]
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
        who = f"{statement.table}.{quoted(statement.whose)}" if statement.whose else "NULL"
        news[first] = f"{self._called[_CALLBACK]}({who}, {news[first]})"
        sets = ", ".join(f"{quoted(column.stored)} = {new}" for column, new in news.items())
        return f"{insert} ON CONFLICT ({statement.keys}) DO UPDATE SET {sets} WHERE {differs}"
