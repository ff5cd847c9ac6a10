"""docs/packs.md tells of `npq pack new`, and of a course and a cohort that are added: each step is done, and shows what stands there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from bot.cli.pack_new.new_command import pack_new
from reference.loading import load_pack
from tests.cli.conftest import NPQ
from tests.cli.terminal import at_a_terminal

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
STORY = PAGE.split("## Make a pack by answering questions")[1].split("## While the bot runs")[0]
STEPS = re.findall(r"(?:<!-- story: ([\w .]+) -->\n)?```\w*\n(.*?)```", STORY, re.DOTALL)
ANSWER = re.compile(r"^[A-Z][\w' ]*(?: \[.*\])?:(?: (.*))?$", re.MULTILINE)


def plain(screen: str, folder: Path) -> str:
    """What a screen says, wherever it was, whatever the pack's hash is."""
    told = re.sub(r"hash [0-9a-f]{12}", "hash …", screen.replace(str(folder), "/srv/npq"))
    return "\n".join(line.rstrip() for line in told.strip().splitlines())


def done(action: str, text: str, folder: Path) -> None:
    """Does a step of the story, and sees whether it shows what it should."""
    pack = folder / "riverside" / "pack.toml"
    match action:
        case "new":
            command, _, shown = text.partition("\n")
            answers = [found[1] or "" for found in ANSWER.finditer(shown.partition("\nMade ")[0])]
            code, screen = at_a_terminal(folder, answers, *command.split()[2:])
            assert (code, plain(screen, folder)) == (0, plain(shown, folder))
        case "add to pack.toml":
            pack.write_text(f"{pack.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
        case "change in pack.toml":
            changed, times = re.subn(
                r"^courses = .*$", text.strip(), pack.read_text(encoding="utf-8"), flags=re.MULTILINE
            )
            assert times == 1
            pack.write_text(changed, encoding="utf-8")
        case "write dates.csv":
            (folder / "dates.csv").write_text(text, encoding="utf-8")
            run("NPQ_PACK=riverside npq pack dates dates.csv --json", folder)
        case "stands in schedule.csv":
            assert text.strip() in (folder / "riverside" / "schedule.csv").read_text(encoding="utf-8").splitlines()
        case _:
            command, _, shown = text.removeprefix("$ ").partition("\n")
            assert plain(run(command, folder), folder) == plain(shown, folder)


def run(command: str, folder: Path) -> str:
    path = f"{NPQ.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    return ran.stdout


def test_the_story_is_so(surroundings: Path) -> None:
    for action, text in STEPS:
        done(action, text, surroundings)
    pack = load_pack(str(surroundings / "riverside"))
    assert [*pack.cohorts] == ["2026b", "2027a"]
    assert {"NPQLT", "NPQLBC", "NPQSL", "NPQLL"} == set(pack.courses) == pack.cohorts["2026b"].courses


def test_there_is_a_story() -> None:
    actions = [action for action, _ in STEPS]
    assert actions == [
        *("new", "", "add to pack.toml", "", "change in pack.toml", ""),
        *("add to pack.toml", "", "", "write dates.csv", "stands in schedule.csv"),
    ]


@pytest.mark.parametrize("option", [one.opts[0] for one in pack_new.params if one.opts[0].startswith("--")])
def test_every_option_is_in_the_section(option: str) -> None:
    assert f"`{option}`" in STORY
