"""An undocumented command, option, setting or file column fails the suite."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from bot.cli import main
from bot.conversation.acts import acts_table
from bot.parity import differences_table
from bot.settings import setting_descriptions
from core.imports.kinds import KINDS, Kind

HOUSE = Path(__file__).parents[2]
README = (HOUSE / "README.md").read_text(encoding="utf-8")
DOCS = README + "".join(path.read_text(encoding="utf-8") for path in sorted((HOUSE / "docs").glob("*.md")))


def commands(group: click.Group, before: str = "npq") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, f"{before} {name}")
        else:
            found[f"{before} {name}"] = command
    return found


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_command_is_documented(name: str) -> None:
    assert name in README


@pytest.mark.parametrize("name", sorted(commands(main)))
def test_every_option_is_documented(name: str) -> None:
    options = [
        option
        for parameter in commands(main)[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    ]
    assert [option for option in options if option not in DOCS] == []


@pytest.mark.parametrize("name", sorted(setting_descriptions()))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in README


def section(kind: Kind) -> str:
    """A kind's section of the page about files, as it has to be."""
    keys = ", ".join(f"`{key}`" for key in kind.told_apart_by)
    lines = [
        f"## {kind.name}",
        "",
        f"{kind.about}. One row for each: {keys}.",
        "",
        "| column | needed | give |",
        "|---|---|---|",
    ]
    for column in kind.columns:
        blank = "" if column.default is None else f"; blank means `{column.default}`"
        lines.append(f"| `{column.name}` | {'yes' if column.required else ''} | {column.right}{blank} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_is_documented_as_it_is_read(kind: str) -> None:
    assert section(KINDS[kind]) in (HOUSE / "docs" / "files.md").read_text(encoding="utf-8")


def test_the_readme_sets_everything_up_with_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


def test_what_differs_between_the_platforms_is_documented_as_the_code_has_it() -> None:
    assert differences_table() in (HOUSE / "docs" / "teams.md").read_text(encoding="utf-8")


def test_the_acts_are_documented_as_the_code_has_them() -> None:
    assert acts_table() in README
