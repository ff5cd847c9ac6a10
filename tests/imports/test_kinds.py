"""Each kind of file and its table are one: what the file may have is what is stored, and is read as what it is stored as."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Boolean, Date, Integer, String
from sqlmodel.sql.sqltypes import AutoString

from core.database.tables import Hours, Percentage
from core.imports.checks.stored_rows import table_of
from core.imports.kinds import KINDS, Column, Kind
from core.spreadsheets.cells import NotRight

COLUMNS = [(kind, column) for kind in KINDS.values() for column in kind.columns if column.stored]
NAMES = [f"{kind.name}-{column.name}" for kind, column in COLUMNS]
CELLS = ("2021-12-13", "13", "1234567", "yes", "Ann", "ann@example.org", "09:30")
STORED_AS: dict[type, type] = {
    Date: date,
    Integer: int,
    Percentage: Decimal,
    Hours: Decimal,
    Boolean: bool,
    String: str,
    AutoString: str,
}


def what_is_read(column: Column) -> set[type]:
    """As what a column's reader gives those of the cells that it takes; one that takes words alone begins with one."""
    found: set[type] = set()
    for text in (*CELLS, re.split(",| or ", column.right)[0]):
        with suppress(NotRight):
            found.add(type(column.parse(text)))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_a_file_has_its_tables_columns(name: str) -> None:
    kind = KINDS[name]
    stored = [column.name for column in kind.columns if column.stored]
    assert sorted(stored) == sorted(set(table_of(kind).c.keys()) - {"enrolment_id"})
    of_facts = kind.is_personal and name != "participants"
    said_besides = {column.name for column in kind.columns} - set(stored)
    assert said_besides == ({"course"} if of_facts else set()), "which of somebody's courses a row is about"


@pytest.mark.parametrize("name", KINDS)
def test_no_part_of_a_key_may_be_blank(name: str) -> None:
    assert KINDS[name].keys
    parts = [KINDS[name].by_name[key] for key in KINDS[name].keys]
    assert [part.name for part in parts if not part.required and part.default is None] == []


@pytest.mark.parametrize(("kind", "column"), COLUMNS, ids=NAMES)
def test_a_cell_is_read_as_what_is_stored(kind: Kind, column: Column) -> None:
    stored = table_of(kind).c[column.name]
    assert what_is_read(column) == {STORED_AS[type(stored.type)]}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_one_default_at_most_which_is_a_word_or_a_whole_number(name: str) -> None:
    """More than one is more than PostgreSQL's way to write rows allows for."""
    defaults = [column.default for column in KINDS[name].columns if column.default is not None]
    assert len(defaults) <= 1
    assert all(isinstance(default, str | int) for default in defaults)
