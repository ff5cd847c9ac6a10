"""The house's floors and rooms: who may import whom, and what may not stand in core."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
ROOMS = (
    "reference",
    "core/rules",
    "core/reminders",
    "core/database",
    "core/records",
    "core/spreadsheets",
    "core/imports",
    "core/derived",
    "core/posts",
    "core/upkeep",
    "core/changes",
    "core/services",
    "bot/conversation",
    "bot/delivery",
)
PLATFORMS = ("bot.slack", "bot.teams", "bot.terminal")

# What a room may import of ours, besides itself. Imports go down only.
BELOW = ("reference", "core.rules", "core.database", "core.records", "core.reminders", "core.derived", "core.posts")
MAY_IMPORT = {
    "reference": (),
    "core/rules": ("reference",),
    "core/reminders": ("reference", "core.rules"),
    "core/database": (),
    "core/records": BELOW[:3],
    "core/spreadsheets": ("core.rules", "core.records"),
    "core/imports": ("reference", "core.rules", "core.database", "core.records", "core.spreadsheets"),
    "core/derived": BELOW[:5],
    "core/posts": BELOW[:6],
    "core/upkeep": BELOW,
    "core/changes": BELOW,
    "core/services": (*BELOW, "core.imports", "core.spreadsheets", "core.changes"),
    "bot/conversation": ("reference", "core.rules", "core.reminders", "core.services"),
    "bot/delivery": (
        "reference",
        "core.rules",
        "core.reminders",
        "core.services",
        "core.posts",
        "bot.conversation",
        "bot.clock",
        "bot.faults",
    ),
}
# What any module of the bot may import of core; and who opens databases, what besides for that.
FOR_THE_BOT = ("core.rules", "core.reminders", "core.posts", "core.services")
OPENS_DATABASES = ("bot/app.py", "bot/open_installation.py", "bot/cli")
TO_OPEN_ONE = ("core.database.database", "core.upkeep")
TRANSACTIONS = ("reading", "writing", "exclusively", "changing")  # what begins one
# Libraries that a room must not know.
NEVER = {
    "reference": ("sqlmodel", "sqlalchemy", "slack_sdk", "slack_bolt", "starlette", "httpx", "click", "rich"),
    "core": (
        "slack_sdk",
        "slack_bolt",
        "starlette",
        "httpx",
        "aiohttp",
        "click",
        "rich",
        "apscheduler",
        "pydantic_settings",
    ),
    "core/rules": ("sqlmodel", "sqlalchemy", "alembic"),
    "core/reminders": ("sqlmodel", "sqlalchemy", "alembic"),
    "bot": ("sqlmodel", "sqlalchemy", "alembic"),
    "bot/conversation": ("slack_sdk", "slack_bolt", "starlette", "rich", "click"),
    "bot/delivery": ("slack_sdk", "slack_bolt", "starlette"),
}
# The wall clock is read at the edges only: core gets `now` and `today` as arguments.
CLOCKS = {("date", "today"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("time", "time")}


def modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    one = (HOUSE / room).with_suffix(".py")
    for path in [one] if one.exists() else sorted((HOUSE / room).rglob("*.py")):
        yield path, parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    """Once for all who look at it; nobody changes it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_down_only(room: str) -> None:
    own = room.replace("/", ".")
    allowed = (own, *MAY_IMPORT[room])
    broken = [
        f"{path.relative_to(HOUSE)} imports {name}"
        for path, tree in modules(room)
        for name in imported(tree)
        if name.split(".")[0] in ("bot", "core", "reference", "migrations")
        and name not in ("core", "bot")
        and not any(inside(name, package) for package in allowed)
        and not (room == "core/database" and name == "migrations")  # the database runs its own history
    ]
    assert broken == []


def test_the_bot_asks_core_by_its_services_posts_and_rules() -> None:
    """Only who opens databases knows the records, and of them nothing but the door."""
    broken = [
        f"{path.relative_to(HOUSE)} imports {name}"
        for path, tree in modules("bot")
        for name in imported(tree)
        if inside(name, "core")
        and name != "core"
        and not any(inside(name, package) for package in FOR_THE_BOT)
        and not (opens_databases(path) and any(inside(name, package) for package in TO_OPEN_ONE))
    ]
    assert broken == []


def opens_databases(path: Path) -> bool:
    return any(path.is_relative_to(HOUSE / place) for place in OPENS_DATABASES)


def test_the_bot_opens_no_transaction() -> None:
    """What is one transaction is one step or one question, and has a name in core."""
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path, tree in modules("bot")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in TRANSACTIONS
    ]
    broken += [
        f"{path.relative_to(HOUSE)} imports {name}"
        for path, tree in modules("bot")
        for name in imported(tree)
        if name.rpartition(".")[2] in TRANSACTIONS
    ]
    assert broken == []


def called(node: ast.Call) -> str | None:
    return getattr(node.func, "id", None) or getattr(node.func, "attr", None)


@pytest.mark.parametrize("room", NEVER)
def test_rooms_do_not_know_what_is_not_theirs(room: str) -> None:
    broken = [
        f"{path.relative_to(HOUSE)} imports {name}"
        for path, tree in modules(room)
        for name in imported(tree)
        if any(inside(name, library) for library in NEVER[room])
    ]
    assert broken == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_platforms_do_not_know_each_other(platform: str) -> None:
    others = [other for other in PLATFORMS if other != platform]
    broken = [
        f"{path.relative_to(HOUSE)} imports {name}"
        for path, tree in modules(platform.replace(".", "/"))
        for name in imported(tree)
        if any(inside(name, other) for other in others)
    ]
    assert broken == []


def test_the_state_moves_on_in_the_door_alone() -> None:
    """Whoever changes facts or decisions, or makes all records anew, goes through `core.changes`."""
    allowed = {"core/changes.py", "core/derived/following.py"}
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for room in ("bot", "core", "reference", "benchmarks")
        for path, tree in modules(room)
        if str(path.relative_to(HOUSE)) not in allowed
        for node in ast.walk(tree)
        if "move_on" in (getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "name", None))
    ]
    assert broken == []


def test_nobody_else_knows_what_a_state_is_kept_in() -> None:
    tables = {"CaseloadRevision", "RevisionMark", "caseload_revision", "revision_mark"}
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for room in ("bot", "core", "reference", "benchmarks")
        for path, tree in modules(room)
        if not path.is_relative_to(HOUSE / "core/derived") and path != HOUSE / "core/database/tables.py"
        for node in ast.walk(tree)
        if not tables.isdisjoint(names_in(node))
    ]
    assert broken == []


def names_in(node: ast.AST) -> set[str]:
    """What one node calls by name, in words of SQL too."""
    named = {getattr(node, field, None) for field in ("attr", "id", "name")}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        named |= set(re.findall(r"\w+", node.value))
    return {name for name in named if isinstance(name, str)}


def test_core_never_reads_the_clock() -> None:
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path, tree in modules("core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]
    assert broken == []


def test_the_rules_hold_no_date() -> None:
    """Dates of the guidance are data in the pack."""
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path, tree in modules("core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("date", "datetime")
        and any(isinstance(argument, ast.Constant) for argument in node.args)
    ]
    assert broken == []


def test_the_rules_hold_no_threshold() -> None:
    """Counts, lead times and thresholds are data in the pack; what is left are positions, tenths and weekdays."""
    harmless = {
        0,
        1,
        2,
        5,
        10,
        12,
        100,
        256,
        1000,
        10_000,
    }  # 5: Saturday; 12: a year's months; 10, 100 and 1000: percent arithmetic; 256 and 10,000: a cache's size
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}: {node.value}"
        for room in ("core/rules", "core/reminders")
        for path, tree in modules(room)
        # a record's layout, and what a date can be at all: they judge nothing
        if path.name not in ("progress.py", "folding.py", "folding_measures.py", "plausible_dates.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and node.value not in harmless
    ]
    assert broken == []


def test_a_question_starts_no_web_framework() -> None:
    """`npq status` must not pay for what only the web process needs."""
    program = (
        "import sys; from bot.cli import main, questions, command_output; "
        "print(sorted({name.split('.')[0] for name in sys.modules} "
        "& {'fastapi', 'starlette', 'aiohttp', 'slack_bolt', 'uvicorn', 'microsoft_teams'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=HOUSE, check=True)
    assert done.stdout.strip() == "[]"
