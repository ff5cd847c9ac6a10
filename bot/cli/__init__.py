"""The `npq` command. Each command's module is imported only when it is used, so that `npq status` starts quickly."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from bot import giving_way
from bot.cli import standard_streams

COMMANDS = {
    "at-risk": "questions:at_risk",
    "database": "database:database",
    "demo": "processes:demo",
    "doctor": "doctor:doctor",
    "due": "sending:due",
    "import": "files:import_",
    "manifest": "processes:manifest",
    "migrate": "processes:migrate",
    "outbox": "outbox:outbox",
    "pack": "pack_new.new_command:pack",
    "partner": "partners:partner",
    "place": "staffing:place",
    "reviews": "questions:reviews",
    "serve": "processes:serve",
    "staff": "staffing:staff",
    "status": "questions:status",
    "tick": "sending:tick",
    "worker": "processes:worker",
}
GIVING_WAY = frozenset({"import", "tick", "worker"})  # nobody waits for these in a chat


class LazyGroup(click.Group):
    """A group whose commands are imported when they are first asked for."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs what the command line asks for."""
        standard_streams.prepare()
        try:
            return super().main(*args, **kwargs)
        except standard_streams.Unwritten as lost:
            click.echo(f"The answer could not be written: {lost}.", err=True)
            sys.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return sorted({*COMMANDS, *_decisions()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, None when there is none."""
        if cmd_name not in COMMANDS:
            return _decisions().get(cmd_name)
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"bot.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command to run; one that has time gives way before anything of it is imported."""
        if args and args[0] in GIVING_WAY:
            giving_way.give_way()
        return super().resolve_command(ctx, args)


def _decisions() -> dict[str, click.Command]:
    """A command for each act, by its name."""
    from bot.cli import decisions

    return decisions.COMMANDS


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="npq-engagement-bot", prog_name="npq")
def main() -> None:
    """Watches for NPQ participants who still need evidence of engagement."""
