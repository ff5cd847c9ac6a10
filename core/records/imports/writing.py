"""Checked rows go into the tables, many at a time, and only where they change something.

A new key is inserted; for a key that is there a blank cell leaves the stored value, and a row that says nothing new
touches nothing. SQLite and PostgreSQL differ only in how many rows travel in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import column as table_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine
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
        self._with_default = [column.name for column in kind.columns if column.default and column.name in columns]
        self._kind = kind
        self._write: dict[tuple[str, ...], Callable[[Sequence[Row]], int]] = {}

    def write(self, rows: Sequence[Row]) -> int:
        """Writes rows of distinct keys; answers how many were new or changed something."""
        groups: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            blank = tuple([name for name in self._with_default if row.values[name] is None])
            groups.setdefault(blank, []).append(row)
        return sum(self._writer_leaving(blank)(group) for blank, group in groups.items())

    def count(self) -> int:
        """How many rows the table holds now."""
        return int(self._connection.execute(select(func.count()).select_from(self._table)).scalar_one())

    def _writer_leaving(self, blank: tuple[str, ...]) -> Callable[[Sequence[Row]], int]:
        if blank not in self._write:
            names = [name for name in self._names if name not in blank]
            make = _in_arrays if self._connection.dialect.name == "postgresql" else _in_tuples
            self._write[blank] = make(self._connection, self._table, self._kind, names)
        return self._write[blank]


def _in_arrays(connection: Connection, table: Table, kind: Kind, names: list[str]) -> Callable[[Sequence[Row]], int]:
    """PostgreSQL: one statement for many rows, each column an array."""
    arrays = [bindparam(f"v_{name}", type_=postgresql.ARRAY(table.c[name].type)) for name in names]
    columns = [table_column(name, table.c[name].type) for name in names]
    given = func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    defaults = _defaults(kind, names)
    insert = postgresql.insert(table).from_select(
        [*names, *defaults], select(*(given.c[name] for name in names), *defaults.values())
    )
    statement = _keeping(insert, table, kind, names).execution_options(preserve_rowcount=True)

    def write(rows: Sequence[Row]) -> int:
        parameters = {f"v_{name}": [row.values[name] for row in rows] for name in names}
        return connection.execute(statement, parameters).rowcount

    return write


def _in_tuples(connection: Connection, table: Table, kind: Kind, names: list[str]) -> Callable[[Sequence[Row]], int]:
    """SQLite: one prepared statement, run for each row.

    Values are made ready for the driver here: the general way takes longer than SQLite does for the row itself.
    """
    given = {name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names}
    insert = sqlite.insert(table).values({**given, **_defaults(kind, names)})
    compiled = _keeping(insert, table, kind, names).compile(dialect=connection.dialect)
    text = str(compiled)
    makers = [(name, _maker(table.c[name].type, connection.dialect)) for name in _order(compiled)]

    def write(rows: Sequence[Row]) -> int:
        tuples = [
            tuple([make(row.values[name]) if make else row.values[name] for name, make in makers]) for row in rows
        ]
        return connection.exec_driver_sql(text, tuples, execution_options={"preserve_rowcount": True}).rowcount

    return write


def _order(compiled: Any) -> list[str]:
    """The columns in the order of a compiled statement's positional parameters."""
    return [bound.removeprefix("v_") for bound in compiled.positiontup]


def _defaults(kind: Kind, names: Collection[str]) -> dict[str, ColumnElement[Any]]:
    """What stands in a new row for columns that are not given."""
    return {
        column.name: literal_column(f"'{column.default}'")  # one of our own words
        for column in kind.columns
        if column.default is not None and column.name not in names
    }


def _keeping(insert: Any, table: Table, kind: Kind, names: Collection[str]) -> Any:
    """The insert, told what to do with a key that is there: change what differs, and leave what is blank."""
    keys = [table.c[name] for name in kind.keys]
    kept: dict[str, ColumnElement[Any]] = {}
    for column in kind.columns:
        name = column.name
        if name in names and not column.key:
            always = column.required or column.default is not None
            new = insert.excluded[name]
            kept[name] = new if always else func.coalesce(new, table.c[name])
    if not kept:
        return insert.on_conflict_do_nothing(index_elements=keys)
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in kept.items()))
    return insert.on_conflict_do_update(index_elements=keys, set_=kept, where=differs)


def _maker(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a column's value ready for the driver, each value once."""
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None
    known: dict[Any, Any] = {}

    def make(value: Any) -> Any:
        try:
            return known[value]
        except KeyError:
            if len(known) > _REMEMBERED:
                known.clear()
            made = known[value] = process(value)
            return made

    return make


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


def stored_titles(session: Session, participants: Sequence[str]) -> list[tuple[str, int, str, str]]:
    """Participant, block, component and title of each participant's stored activities."""
    table = table_of(KINDS["activities"])
    columns = (table.c.participant_id, table.c.block, table.c.component, table.c.title)
    return [
        (row[0], row[1], row[2], row[3])
        for some in _some(participants)
        for row in session.execute(select(*columns).where(table.c.participant_id.in_(some)))
    ]


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
