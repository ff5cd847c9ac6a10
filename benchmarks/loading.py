"""Puts a made-up caseload straight into a SQLite database: what the importer would store, sooner (a test compares)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.sqlite import dialect
from sqlmodel import Session, SQLModel

from benchmarks.caseloads import HEADERS, MADE_UP, Caseload
from benchmarks.nation import TODAY, Nation
from core.changes import DOOR, changing
from core.database.database import migrate, open_database
from core.database.tables import Decision
from core.derived.installation import Installation
from core.imports.checks.stored_rows import table_of
from core.imports.kinds import ENROLMENT, KINDS, PARTICIPANTS, WHO
from reference.pack import Pack

_AT_ONCE = 10_000


def installation_of(path: Path, pack: Pack) -> Installation:
    """An installation that remembers in this SQLite file."""
    return Installation(open_database(f"sqlite:///{path}"), pack)


def load(caseload: Caseload, path: Path, kinds: Sequence[str] = MADE_UP) -> Installation:
    """A new database with the whole caseload, its decisions and everybody's progress record."""
    installation = installation_of(path, caseload.pack)
    migrate(installation.engine)
    raw = installation.engine.raw_connection()
    raw.info[DOOR] = True  # goes with it
    cursor = raw.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.execute("BEGIN IMMEDIATE")
    enrolments: dict[str, int] = {}
    for kind in kinds:
        _fill(cursor, kind, getattr(caseload, kind)(), enrolments)
    cursor.execute("COMMIT")
    cursor.execute("PRAGMA foreign_key_check")
    assert cursor.fetchone() is None, "a row about nobody"
    cursor.close()
    raw.invalidate()  # with its settings
    with changing(installation, now=datetime.combine(TODAY, time(), UTC)) as change:
        if isinstance(caseload, Nation):
            _decide(change.session, caseload, enrolments)
        change.everybody()
    return installation


def _fill(cursor: Any, kind: str, rows: Iterator[list[Any]], enrolments: dict[str, int]) -> None:
    """Stores the rows of a kind: the first is participants, whose `enrolments` it numbers."""
    names, parsers = HEADERS[kind], [KINDS[kind].by_name[name].parse for name in HEADERS[kind]]
    defaults = [KINDS[kind].by_name[name].default for name in names]
    table = table_of(KINDS[kind])
    as_stored = [_binder(table.c[name]) for name in names]
    remembered: list[dict[Any, Any]] = [{} for _ in names]

    def stored(row: list[Any]) -> list[Any]:
        cells = []
        for place, cell in enumerate((*row, *[""] * (len(names) - len(row)))):
            known = remembered[place]
            if cell not in known:
                if len(known) > _AT_ONCE:
                    known.clear()
                known[cell] = as_stored[place](defaults[place] if cell == "" else parsers[place](str(cell)))
            cells.append(known[cell])
        return cells

    columns = (*names, ENROLMENT) if KINDS[kind].is_personal else names
    while some := [stored(row) for row in islice(rows, _AT_ONCE)]:
        if WHO in names:
            for row in some:
                row.append(enrolments.setdefault(row[names.index(WHO)], len(enrolments) + 1))
        for table_name, own in _stored_in(kind, columns):
            places, listed = [columns.index(name) for name in own], ",".join(own.values())
            marks = ",".join("?" * len(own))
            cells = ([row[place] for place in places] for row in some)
            cursor.executemany(f"INSERT INTO {table_name} ({listed}) VALUES ({marks})", cells)


def _stored_in(kind: str, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The tables of a kind of file, each with those of the columns that it has, and as what."""
    if kind != PARTICIPANTS:
        whose = {WHO} if ENROLMENT in columns else set()
        yield kind, {name: name for name in columns if name not in whose}
        return
    for table in ("people", "enrolments"):
        there = SQLModel.metadata.tables[table].c
        own = {name: name for name in columns if name in there}
        yield table, own | ({ENROLMENT: "id"} if table == "enrolments" else {})


def _binder(column: Any) -> Any:
    """How a column's value is written down in SQLite."""
    bind = column.type.dialect_impl(dialect()).bind_processor(dialect())
    return bind if bind is not None else lambda value: value.isoformat() if isinstance(value, date) else value


def _decide(session: Session, nation: Nation, enrolments: Mapping[str, int]) -> None:
    columns = [column.name for column in SQLModel.metadata.tables["decision"].c if column.name != "id"]
    rows: Iterable[dict[str, Any]] = (
        {name: row.get(name) for name in columns} | {ENROLMENT: enrolments[row[WHO]]} for row in nation.decisions()
    )
    waiting = iter(rows)
    while some := list(islice(waiting, _AT_ONCE)):
        session.connection().execute(insert(Decision), some)
