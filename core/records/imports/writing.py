"""Checked rows go into the tables, many at a time, and only where they change something.

One statement per file, the same for SQLite and PostgreSQL: a new key is inserted; for a key that is there a blank cell
leaves the stored value, and a row that says nothing new touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Dialect, Table, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from core.records import tables
from core.records.imports.cells import Value
from core.records.imports.checking import Person, Row, StoredEvent
from core.records.imports.kinds import KINDS, Kind

_T = TypeVar("_T")
_REMEMBERED = 10_000
_AT_ONCE = 400  # keys in one question, well below SQLite's limit on variables


def table_of(kind: Kind) -> Table:
    """The table of a kind: it has the kind's name and columns."""
    return SQLModel.metadata.tables[kind.name]


class Writer:
    """Writes the rows of one file into its kind's table. `columns` are those that the file has."""

    def __init__(self, session: Session, kind: Kind, columns: Collection[str]) -> None:
        self._connection = session.connection()
        self._table = table_of(kind)
        self._names = [column.name for column in kind.columns if column.name in columns]
        self._statement = _upsert(self._table, kind, self._names, self._connection.dialect.name)
        self._prepared = _prepare(self._statement, self._table, self._connection.dialect)

    def write(self, rows: Sequence[Row]) -> int:
        """Writes rows of distinct keys; answers how many were new or changed something."""
        if not rows:
            return 0
        if self._prepared is None:
            parameters = [{f"v_{name}": row.values[name] for name in self._names} for row in rows]
            return self._connection.execute(self._statement, parameters).rowcount
        text, makers = self._prepared
        tuples = [
            tuple([make(row.values[name]) if make else row.values[name] for name, make in makers]) for row in rows
        ]
        return self._connection.exec_driver_sql(text, tuples, execution_options={"preserve_rowcount": True}).rowcount

    def count(self) -> int:
        """How many rows the table holds now."""
        return int(self._connection.execute(select(func.count()).select_from(self._table)).scalar_one())


Maker = Callable[[Any], Any]  # a Python value as the driver wants it


def _prepare(statement: Any, table: Table, dialect: Dialect) -> tuple[str, list[tuple[str, Maker | None]]] | None:
    """For a driver with positional parameters: the statement's text and its parameters' columns in order.

    It spares the general way of binding parameters, which takes longer than SQLite does for the row itself.
    """
    compiled = statement.compile(dialect=dialect)
    if not compiled.positional or compiled.positiontup is None:
        return None
    makers: dict[str, Maker | None] = {}
    for column in table.c:
        process = column.type.dialect_impl(dialect).bind_processor(dialect)
        makers[column.name] = _remembering(process) if process else None
    order = [name.removeprefix("v_") for name in compiled.positiontup]
    if any(f"v_{name}" != bound for name, bound in zip(order, compiled.positiontup, strict=True)):
        return None
    return str(compiled), [(name, makers[name]) for name in order]


def _remembering(make: Maker) -> Maker:
    known: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        try:
            return known[value]
        except KeyError:
            if len(known) > _REMEMBERED:
                known.clear()
            made = known[value] = make(value)
            return made

    return remembered


def _upsert(table: Table, kind: Kind, names: Sequence[str], dialect: str) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    given = {name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names}
    fresh: dict[str, Any] = dict(given)
    kept: dict[str, ColumnElement[Any]] = {}
    for column in kind.columns:
        name = column.name
        if column.default is not None:
            default: ColumnElement[Any] = literal_column(f"'{column.default}'")  # one of our own words
            fresh[name] = func.coalesce(given[name], default) if name in given else default
        if name in given and not column.key:
            kept[name] = given[name] if column.required else func.coalesce(given[name], table.c[name])
    statement = insert.values(fresh)
    keys = [table.c[name] for name in kind.keys]
    if kept:
        differs = or_(*(table.c[name].is_distinct_from(value) for name, value in kept.items()))
        statement = statement.on_conflict_do_update(index_elements=keys, set_=kept, where=differs)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    return statement.execution_options(preserve_rowcount=True)


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


# ---- what is stored already


def stored_people(session: Session) -> dict[str, Person]:
    """Every stored participant by id."""
    table = table_of(KINDS["participants"])
    columns = (table.c.participant_id, table.c.course, table.c.cohort, table.c.delivery_partner)
    return {row[0]: Person(row[1], row[2], row[3]) for row in session.execute(select(*columns))}


def stored_row(session: Session, kind: Kind, values: Mapping[str, Value | None]) -> Mapping[str, Value | None] | None:
    """The stored row with the key in `values`, by column; None when there is none."""
    table = table_of(kind)
    wanted = and_(*(table.c[name] == values[name] for name in kind.keys))
    columns = [table.c[column.name].label(column.name) for column in kind.columns]
    found = session.execute(select(*columns).where(wanted)).mappings().first()
    return None if found is None else {str(name): value for name, value in found.items()}


def stored_periods(session: Session, participants: Sequence[str]) -> dict[str, list[tuple[date, date]]]:
    """The periods of each participant's stored Declaration reports."""
    table = table_of(KINDS["declaration_report"])
    answer: dict[str, list[tuple[date, date]]] = {}
    for some in _some(participants):
        rows = select(table.c.participant_id, table.c.period_start, table.c.period_end)
        for participant_id, start, end in session.execute(rows.where(table.c.participant_id.in_(some))):
            answer.setdefault(participant_id, []).append((start, end))
    return answer


def stored_events(session: Session, events: Sequence[str]) -> dict[str, StoredEvent]:
    """Each event as its register is stored."""
    table = table_of(KINDS["register"])
    columns = (
        table.c.event_id,
        table.c.event_type,
        table.c.event_date,
        table.c.participant_id,
        table.c.contingency_on,
    )
    answer: dict[str, StoredEvent] = {}
    for some in _some(events):
        for event_id, event_type, event_date, participant_id, contingency_on in session.execute(
            select(*columns).where(table.c.event_id.in_(some))
        ):
            event = answer.setdefault(event_id, StoredEvent(event_type, event_date, {}))
            event.contingencies[participant_id] = contingency_on
    return answer


def stored_declarations(session: Session, participants: Sequence[str]) -> dict[str, dict[tuple[int, date], str]]:
    """The state of each participant's stored declarations, by output and day."""
    table = table_of(KINDS["declarations"])
    answer: dict[str, dict[tuple[int, date], str]] = {}
    for some in _some(participants):
        rows = select(table.c.participant_id, table.c.output, table.c.declared_on, table.c.state)
        for participant_id, output, declared_on, state in session.execute(rows.where(table.c.participant_id.in_(some))):
            answer.setdefault(participant_id, {})[output, declared_on] = state
    return answer


def _some(keys: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
