"""What the two ways of writing rows share: the parts of their statement, and values as a driver takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.types import TypeEngine

from core.imports.kinds import Column
from core.spreadsheets.cells import Value

_REMEMBERED = 10_000

Columns = Mapping[str, Sequence[Value | None]]


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were new, and how many changed what is stored."""

    added: int
    changed: int


NOTHING = Written(0, 0)


class Statement:
    """The parts of the one statement: insert into a table, or else change what differs.

    `columns` are all that a file may say of it, `given` those that it has. `whose` is the column, stored as such, by which is told
    of whom a row was new or changed; None where rows are nobody's.
    """

    def __init__(self, table: str, columns: Sequence[Column], given: Sequence[Column], whose: str | None) -> None:
        self.table = quoted(table)
        self.given = given
        self.names = [column.name for column in given]
        keys = [column.stored for column in columns if column.key]
        self.keys = ", ".join(map(quoted, keys))
        self.others = [column for column in columns if column.default is not None and column not in given]
        self.kept = [column for column in given if not column.key]
        self.whose = whose
        self.who_given = next((column.name for column in given if column.stored == whose), None)
        self.is_by_person = whose is not None and keys[0] == whose
        self.into = ", ".join(quoted(column.stored) for column in (*given, *self.others))

    def stored(self, column: Column) -> str:
        """A column as it is stored."""
        return f"{self.table}.{quoted(column.stored)}"

    def new(self, column: Column) -> str:
        """What a column will hold: what is given, or where that may be blank and is, what is stored."""
        excluded = f"excluded.{quoted(column.stored)}"
        return excluded if column.required else f"coalesce({excluded}, {self.stored(column)})"


def quoted(name: str) -> str:
    return f'"{name}"'  # names are our own


def literal(column: Column) -> str:
    default = column.default
    return str(default) if isinstance(default, int) else f"'{default}'"  # a number, or one of our own words


def or_default(column: Column, place: str) -> str:
    return place if column.default is None else f"coalesce({place}, {literal(column)})"


class Made(dict[Any, Any]):
    """Values as the driver takes them, each made once."""

    def __init__(self, process: Callable[[Any], Any]) -> None:
        super().__init__()
        self._process = process

    def __missing__(self, value: Any) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        made = self[value] = self._process(value)
        return made


def maker(type_: TypeEngine[Any], dialect: Dialect) -> Made | None:
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    return None if process is None else Made(process)
