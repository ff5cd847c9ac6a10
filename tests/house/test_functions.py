"""A function is short enough to be read as a story, and is called without counting commas."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.test_rooms import HOUSE

FLOORS = ("bot", "core", "reference")
LONGEST = 50  # lines, from `def` to the last one
MOST = 8  # parameters that can be passed by position

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    """Every function of the house with its place, those within others as well."""
    for floor in FLOORS:
        for path in sorted((HOUSE / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, Function):
                    yield f"{path.relative_to(HOUSE)}:{node.lineno} {node.name}", node


def lines(function: Function) -> int:
    """From `def` to the last line: decorators stand before."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def by_position(function: Function) -> int:
    """How many parameters can be passed by position; `self` is passed by nobody."""
    given = [*function.args.posonlyargs, *function.args.args]
    return len(given) - (bool(given) and given[0].arg in ("self", "cls"))


def test_no_function_is_longer_than_a_page() -> None:
    long = [f"{place}: {lines(function)} lines" for place, function in functions() if lines(function) > LONGEST]
    assert long == []


def test_no_function_takes_more_by_position_than_can_be_told_apart() -> None:
    many = [f"{place}: {by_position(function)}" for place, function in functions() if by_position(function) > MOST]
    assert many == []
