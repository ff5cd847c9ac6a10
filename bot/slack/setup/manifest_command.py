"""`npq manifest slack`."""

from __future__ import annotations

import click

from bot.cli.command_output import Answer, answers
from bot.slack.setup.manifest import manifest as filled_in


@click.command("slack")
@click.option("--url", "address", help="The bot's public address, e.g. https://npq.example.org.")
@click.option("--socket-mode", is_flag=True, help="For Socket Mode: no public address needed.")
@answers
def manifest(address: str | None, socket_mode: bool) -> Answer:
    """The Slack app manifest, as YAML."""
    if address is not None and not address.startswith("https://"):
        raise click.BadParameter("Slack takes an address that starts with https:// only.", param_hint="--url")

    text = filled_in(address, socket_mode=socket_mode)
    return Answer({"manifest": text}, lambda: click.echo(text))
