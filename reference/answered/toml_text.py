"""Writes tables as TOML the way the shipped packs have it: a line for each key, lists of tables one below another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

NESTED = ("criterion", "part")  # each is a table of its own below its entry
_LONGEST = 120  # a list that is longer takes a line for each of its entries


def entry_lines(table: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """An entry of a list of tables, with the entries below it."""
    yield ""
    yield f"[[{table}]]"
    yield from key_lines({key: value for key, value in entry.items() if key not in NESTED})
    for key in NESTED:
        for below in entry.get(key, ()):
            yield from entry_lines(f"{table}.{key}", below)


def key_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a table; what is None is left out."""
    for key, value in table.items():
        if value is None:
            continue
        line = f"{key} = {written(value)}"
        if isinstance(value, list) and value and (isinstance(value[0], Mapping) or len(line) > _LONGEST):
            yield f"{key} = ["
            yield from (f"    {written(one)}," for one in value)
            yield "]"
        else:
            yield line


def written(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | date):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {written(one)}' for key, one in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    raise TypeError(type(value).__name__)
