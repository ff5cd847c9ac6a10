"""A platform is its folder and its line in `bot.platforms`: nothing else names it, and what is not set up is not loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from bot.parity import DIFFERENCES
from bot.platforms import CHATS, IDS, PLATFORMS, Platform
from bot.settings import setting_descriptions
from core.database.database import open_database
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from core.services.staff.staffing import remove_place
from reference.pack import Pack
from tests.house.test_messages import HOUSE, constants
from tests.house.test_rooms import imported, inside, modules

FOLDERS = tuple(f"bot/{platform.name}/" for platform in PLATFORMS)
LINES = "bot/platforms.py"

# Who names a platform all the same, and why.
BY_NAME = {
    "bot/conversation/cards/help_cards.py": "the card is said on arriving in Teams alone: Slack says nothing when it is invited",
    "bot/teams_demo.py": "`npq demo --teams`, which is about that one: made of the web process, the terminal and Teams",
}
# Who imports out of a platform's folder, and why.
FROM_OUTSIDE = {
    LINES: "the lines",
    "bot/settings.py": "the settings of all, as one class",
    "bot/teams_demo.py": "the made-up caseload, as the terminal's demo has it",
}


def names_one(text: str) -> bool:
    return text in IDS or any(f"--platform {name}" in text for name in IDS)


def outside(file: str) -> bool:
    return file != LINES and not file.startswith(FOLDERS)


def test_nothing_else_names_a_platform() -> None:
    found = [(file, line, text) for file, line, text in constants() if outside(file) and names_one(text)]
    assert [(file, line) for file, line, _ in found if file not in BY_NAME] == []
    assert {file for file, _, _ in found} == set(BY_NAME), "an exception that is none any more"


def test_nothing_else_looks_into_a_platforms_folder() -> None:
    packages = [platform.module.rpartition(".")[0] for platform in PLATFORMS]
    found = {
        str(path.relative_to(HOUSE))
        for room in ("bot", "core")
        for path, tree in modules(room)
        if outside(str(path.relative_to(HOUSE))) or path == HOUSE / LINES
        for name in imported(tree)
        if any(inside(name, package) for package in packages)
    }
    assert found == set(FROM_OUTSIDE)


def test_nothing_else_reads_a_platforms_settings() -> None:
    """But the demo, which makes some."""
    settings = {name.lower() for name in setting_descriptions() if name.lower().startswith(tuple(IDS))}
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path, tree in modules("bot")
        if outside(str(path.relative_to(HOUSE)))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in settings
    ]
    assert broken == []


def test_every_folder_has_its_line() -> None:
    there = {path.parent.name for path in (HOUSE / "bot").glob("*/platform.py")}
    assert there == {platform.name for platform in PLATFORMS}
    assert [platform.module for platform in PLATFORMS] == [f"bot.{platform.name}.platform" for platform in PLATFORMS]


def test_the_terminal_is_a_platform_that_only_shows() -> None:
    [shown] = [platform for platform in PLATFORMS if platform not in CHATS]
    offer = shown.load()
    assert shown.name == "terminal"
    assert offer.demo is not None
    assert (offer.hear, offer.sender, offer.checks) == (None, None, None)


@pytest.mark.parametrize("platform", CHATS, ids=lambda platform: platform.name)
def test_every_chat_says_how_it_differs_row_by_row(platform: Platform) -> None:
    offer = platform.load()
    assert offer.differs is not None
    assert list(offer.differs) == [row.key for row in DIFFERENCES]


def test_what_an_unknown_platform_is_refused_with_follows_from_the_lines(sqlite_url: str, pack: Pack) -> None:
    engine = open_database(sqlite_url)
    for known in (IDS, {"slack": IDS["slack"]}):
        with pytest.raises(Refusal) as refused:
            remove_place(
                Installation(engine, pack, platforms=known),
                Actor.console(),
                platform="pigeon",
                platform_id="C1",
                now=None,  # type: ignore[arg-type]
            )
        assert refused.value.message == f"“pigeon” is not {' or '.join(known)}."
    engine.dispose()


LOADED = (
    "import sys; from bot.platforms import PLATFORMS; print([p.name for p in PLATFORMS if p.module in sys.modules])"
)
ASKED = [
    ("from bot.cli import main, questions, command_output, sending", []),
    ("import bot.app", []),
    ("from bot.senders import senders; from bot.settings import Settings; senders(Settings(), None)", []),
    (
        "from bot.senders import senders; from bot.settings import Settings; senders(Settings(slack_bot_token='xoxb-1'), None)",
        ["slack"],
    ),
]


@pytest.mark.parametrize(("asked", "loaded"), ASKED, ids=["question", "web process", "none set up", "Slack set up"])
def test_a_platform_is_loaded_when_it_is_set_up(asked: str, loaded: list[str]) -> None:
    bare = {"PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; {LOADED}"], capture_output=True, text=True, cwd=HOUSE, check=True, env=bare
    )
    assert done.stdout.strip() == str(loaded)
