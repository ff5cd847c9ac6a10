"""`npq migrate`, `serve`, `worker`, `demo`, `manifest`: what starts something."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from bot.cli.answering import Answer, answers, open_desk, runs
from bot.opening import open_office
from bot.settings import read_settings


@click.command()
@answers
def migrate() -> Answer:
    """Brings the database to the newest migration."""
    from core.records.database import migrate as bring_up_to_date
    from core.records.database import schema_state

    office = open_office(read_settings(), ready=False)
    before = schema_state(office.engine)
    bring_up_to_date(office.engine)
    said = "The database is ready." if before != "head" else "The database was up to date already."
    return Answer({"before": before, "now": schema_state(office.engine)}, lambda: click.echo(said))


@click.command()
@runs
def serve() -> None:
    """Runs the web process: Slack's requests, /healthz and /readyz."""
    from bot.app import serve as run

    run(read_settings())


@click.command()
@runs
def worker() -> None:
    """Runs the scheduler process: a pass at once, then one every few seconds."""
    from bot.delivery.worker import run
    from bot.senders import senders

    desk = open_desk()
    told = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=told, force=True)
    if desk.settings.slack_bot_token is None:
        logging.warning("Slack is not set up, so its messages wait: set SLACK_BOT_TOKEN and start again.")
    if desk.settings.clock.rehearsal:
        logging.warning("A rehearsal: the clock stands still at %s.", desk.settings.clock.now().isoformat())
    run(desk.office, senders(desk.settings), desk.settings.clock)


@click.command()
@click.option(
    "--script", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Plays lines from a file and ends."
)
@runs
def demo(script: Path | None) -> None:
    """Shows the main job without any account: a made-up caseload, the reminders due, and a conversation."""
    from bot.terminal.demo import run

    run(script)


@click.group()
def manifest() -> None:
    """The app manifest to paste when the bot is installed."""


@manifest.command("slack")
@click.option("--url", "address", help="The bot's public address, e.g. https://npq.example.org.")
@click.option("--socket-mode", is_flag=True, help="For Socket Mode: no public address needed.")
@answers
def manifest_slack(address: str | None, socket_mode: bool) -> Answer:
    """The Slack app manifest, as YAML."""
    from bot.slack.manifest import manifest as slack_manifest

    if address is not None and not address.startswith("https://"):
        raise click.BadParameter("Slack takes an address that starts with https:// only.", param_hint="--url")

    text = slack_manifest(address, socket_mode=socket_mode)
    return Answer({"manifest": text}, lambda: click.echo(text))
