"""`npq manifest teams`."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.command_output import Answer, answers
from bot.settings import read_settings
from bot.teams.setup import package


@click.command("teams")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path),
    default="npq-teams.zip",
    show_default=True,
    help="The file to write.",
)
@click.option("--url", "address", help="The bot's public address, e.g. https://npq.example.org.")
@answers
def manifest(file: Path, address: str | None) -> Answer:
    """The Teams app package, a zip to upload. Needs TEAMS_CLIENT_ID."""
    try:
        base = None if address is None else package.base_address(address)
    except ValueError:
        said = "Teams takes an address that starts with https:// only."
        raise click.BadParameter(said, param_hint="--url") from None
    filled_in = package.manifest(read_settings().teams_client_id, base)
    package.write(file, filled_in)

    def show() -> None:
        click.echo(f"Wrote {file}. Upload it in the Teams admin centre, under Teams apps, Manage apps.")
        if base is None:
            click.echo(f"The app's details name {package.EXAMPLE}; --url puts your own address there.")

    return Answer({"file": str(file), "manifest": filled_in}, show)
