"""`npq migrate`, `serve`, `worker`, `demo`, `manifest`: what starts something."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from bot.cli.command_output import Answer, answers, open_context, runs
from bot.open_installation import open_installation
from bot.platforms import CHATS, PLATFORMS
from bot.settings import read_settings


@click.command()
@answers
def migrate() -> Answer:
    """Brings the database to the newest migration."""
    from core.database.database import in_words, schema_state
    from core.database.database import migrate as bring_up_to_date

    installation = open_installation(read_settings(), ready=False)
    before = schema_state(installation.engine)
    bring_up_to_date(installation.engine)
    which = in_words(installation.engine.url)
    said = f"The database is ready: {which}." if before != "head" else f"The database was up to date already: {which}."
    return Answer({"before": before, "now": schema_state(installation.engine)}, lambda: click.echo(said))


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
    from reference.pack_folder import PackFolder

    context = open_context(silence=SILENCE)
    told = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=told, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would name every conversation
    posting = senders(context.settings, context.installation)
    for platform in CHATS:
        others = any(name != platform.name for name in posting)
        if (tell := platform.load().waits) is not None and (why := tell(context.settings, others)):
            logging.warning("%s", why)
    if context.settings.clock.rehearsal:
        logging.warning("A rehearsal: the clock stands still at %s.", context.settings.clock.now().isoformat())
    folder = PackFolder(context.settings.npq_pack, context.installation.pack)
    run(context.installation, posting, context.settings.clock, folder)


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
    play = next(demo for platform in PLATFORMS if (demo := platform.load().demo) is not None)
    play(script)


class _Manifests(click.Group):
    """A command for each platform that has something to paste or to upload, loaded when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of these platforms."""
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one of them; None when there is none."""
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        for platform in PLATFORMS:
            if platform.name not in self.commands and (made := platform.load().manifest) is not None:
                self.add_command(made())


@click.group(cls=_Manifests)
def manifest() -> None:
    """What to paste or to upload when the bot is installed."""
