"""Every rule has its line of the guidance, the function that holds it and the test that proves it (docs/rules.md)."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from core.reminders import messages

HOUSE = Path(__file__).parents[2]
RULES = {f"R{number}" for number in range(1, 55)}
READINGS = {f"Reading {number}" for number in (*range(1, 34), 36, 37)}
HEAD = {"Verdicts", "Ladder", "Credits", "Stages"}
MESSAGES = {kind.key for kind in messages.MESSAGES}


def rows() -> dict[str, tuple[str, str, str]]:
    found = {}
    for line in (HOUSE / "docs" / "rules.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[0] not in ("Rule", "---"):
            found[cells[0].strip("`")] = (cells[2], cells[3].strip("`"), cells[4].strip("`"))
    return found


TABLE = rows()


def test_every_rule_is_there() -> None:
    assert (RULES | READINGS | HEAD | MESSAGES) - set(TABLE) == set()


@pytest.mark.parametrize("rule", sorted(TABLE))
def test_its_line_is_given(rule: str) -> None:
    source = TABLE[rule][0]
    assert re.search(r"L\d+", source) or source == "house"


@pytest.mark.parametrize("rule", sorted(TABLE))
def test_its_function_exists(rule: str) -> None:
    path = TABLE[rule][1]
    if path.startswith("reference/packs/"):
        assert (HOUSE / path).is_file()
        return
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name)
        return
    pytest.fail(f"{path} cannot be imported")


@pytest.mark.parametrize("rule", sorted(TABLE))
def test_its_test_exists(rule: str) -> None:
    path, _, name = TABLE[rule][2].partition("::")
    tree = ast.parse((HOUSE / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
