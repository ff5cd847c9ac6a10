"""A name means one thing, and no room is too large to be looked over."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.test_rooms import HOUSE

FLOORS = ("bot", "core", "reference")
# Each platform has the same modules, and the bot those that put them together.
SYMMETRIC = ("bot/slack", "bot/teams", "bot/terminal")
PUT_TOGETHER = {"parity", "settings"}
# One noun in several rooms: as rows, as a service, as a command, as people see it.
ONE_NOUN = {
    "database": "the room's own module, and `npq database`",
    "decisions": "their rows, and the commands that make them",
    "installation": "what it is, and as much of it as the bot is given",
    "messages": "the two halves of a kind of message: when it is due, and its words",
    "partners": "the service, and its command",
    "staffing": "the service, and its commands",
    "teams_conversations": "their rows, and the service",
}
# Words that need explaining before they say what a module does.
METAPHORS = {
    "office",
    "desk",
    "aside",
    "ahead",
    "afterwards",
    "memory",
    "gathering",
    "together",
    "copied",
    "utils",
    "misc",
}
MOST_MODULES = 15  # in a folder
NAMED_BY_THE_GUIDANCE = "core/rules"  # may have more: its names are the guidance's own
LARGEST_SHARE = 4  # no room holds more than a quarter of core


def modules() -> Iterator[Path]:
    for floor in FLOORS:
        for path in sorted((HOUSE / floor).rglob("*.py")):
            if path.name != "__init__.py":
                yield path.relative_to(HOUSE)


def on_one_platform(path: Path) -> bool:
    return any(path.is_relative_to(platform) for platform in SYMMETRIC)


def meanings(paths: Iterable[Path], name: str) -> int:
    """How many things a name means: the same one on each platform, and each of the others another."""
    paths = list(paths)
    elsewhere = [path for path in paths if not on_one_platform(path)]
    platforms = len(paths) > len(elsewhere)
    return len(elsewhere) + (platforms and not (name in PUT_TOGETHER and elsewhere))


def test_no_two_modules_share_a_name_that_means_different_things() -> None:
    named = defaultdict(list)
    for path in modules():
        named[path.stem].append(path)
    shared = {name: paths for name, paths in named.items() if meanings(paths, name) > 1}
    assert {name: paths for name, paths in shared.items() if name not in ONE_NOUN} == {}
    assert set(ONE_NOUN) - set(shared) == set(), "no longer shared"


def test_no_two_classes_share_a_name_that_means_different_things() -> None:
    named = defaultdict(list)
    for path in modules():
        for node in ast.parse((HOUSE / path).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named[node.name].append(path)
    assert {name: paths for name, paths in named.items() if meanings(paths, name) > 1} == {}


def test_nothing_is_named_by_a_metaphor() -> None:
    named = [path.stem for path in modules()]
    for path in modules():
        tree = ast.parse((HOUSE / path).read_text(encoding="utf-8"))
        named += [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in named if name.strip("_").lower() in METAPHORS] == []


def test_no_folder_has_more_modules_than_can_be_looked_over() -> None:
    held: dict[str, int] = defaultdict(int)
    for path in modules():
        held[str(path.parent)] += 1
    assert {f: n for f, n in held.items() if n > MOST_MODULES and f != NAMED_BY_THE_GUIDANCE} == {}


def test_no_room_holds_more_than_a_quarter_of_core() -> None:
    lines: dict[str, int] = defaultdict(int)
    for path in (HOUSE / "core").rglob("*.py"):
        room = path.relative_to(HOUSE / "core").parts[0]
        lines[room] += len(path.read_text(encoding="utf-8").splitlines())
    assert {room: n for room, n in lines.items() if n * LARGEST_SHARE > sum(lines.values())} == {}
