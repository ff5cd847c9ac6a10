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
    from core.records.database import in_words, schema_state
    from core.records.database import migrate as bring_up_to_date

    office = open_office(read_settings(), ready=False)
    before = schema_state(office.engine)
    bring_up_to_date(office.engine)
    which = in_words(office.engine.url)
    said = f"The database is ready: {which}." if before != "head" else f"The database was up to date already: {which}."
    return Answer({"before": before, "now": schema_state(office.engine)}, lambda: click.echo(said))


@click.command()
@click.option(
    "--host", default="0.0.0.0", show_default=True, help="The address to listen on; 127.0.0.1: this machine alone."
)
@runs
def serve(host: str) -> None:
    """Runs the web process: Slack's and Teams' requests, /healthz and /readyz."""
    from bot.app import serve as run

    run(read_settings(), host=host)


@click.command()
@runs
def worker() -> None:
    """Runs the scheduler process: a pass at once, then one every few seconds."""
    from bot.delivery.worker import SILENCE, run
    from bot.senders import senders

    desk = open_desk(silence=SILENCE)
    told = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=told, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would name every conversation
    posting = senders(desk.settings, desk.office)
    if desk.settings.slack_bot_token is None and not posting:
        logging.warning("Slack is not set up, so its messages wait: set SLACK_BOT_TOKEN and start again.")
    if desk.settings.teams_begun and desk.settings.teams_missing:
        logging.warning("Teams is not set up, so its messages wait: set %s.", " and ".join(desk.settings.teams_missing))
    if desk.settings.clock.rehearsal:
        logging.warning("A rehearsal: the clock stands still at %s.", desk.settings.clock.now().isoformat())
    run(desk.office, posting, desk.settings.clock)


@click.command()
@click.option(
    "--script", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Plays lines from a file and ends."
)
@click.option("--teams", is_flag=True, help="Serve the bot for Microsoft's own local Teams client instead.")
@click.option("--port", type=click.IntRange(1, 65535), default=3978, show_default=True, help="With --teams: where.")
@runs
def demo(script: Path | None, teams: bool, port: int) -> None:
    """Shows the main job without any account: a made-up caseload, the reminders due, and a conversation."""
    if teams:
        from bot.teams_demo import run as run_teams

        run_teams(port)
        return
    from bot.terminal.demo import run

    run(script)


@click.group()
def manifest() -> None:
    """What to paste or to upload when the bot is installed."""


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


@manifest.command("teams")
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
def manifest_teams(file: Path, address: str | None) -> Answer:
    """The Teams app package, a zip to upload. Needs TEAMS_CLIENT_ID."""
    from bot.teams import package

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
