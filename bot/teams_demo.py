"""`npq demo --teams`: the bot with a made-up caseload, to be looked at in Microsoft's own local client. No account, no tokens."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console

from bot.app import serve
from bot.delivery.one_pass import tick
from bot.open_installation import new_installation
from bot.senders import senders
from bot.settings import Settings
from bot.terminal import made_up_dates
from bot.terminal.drawing import console
from bot.terminal.made_up_caseload import YOUR_PARTNER, bring_in, rehearsal
from core.services import teams_conversations
from core.services.installation import Installation
from core.services.staff import staffing
from core.services.staff.actors import Actor

HERE = "127.0.0.1"
LOOK_EVERY = 1.0  # seconds
CLIENT = (
    "APPLICATION_INSIGHTS_NO_STATSBEAT=1 npx --yes @microsoft/m365agentsplayground@0.2.28 start "
    "-e http://{host}:{port}/api/messages -c msteams --disable-telemetry"
)
# Whom Microsoft's local client lets you be, as it is installed; each with a role to try.
PEOPLE = (
    ("user-id-0", "00000000-0000-0000-0000-0000000000020", "Alex Wilber", "coordinator"),
    ("user-id-1", "00000000-0000-0000-0000-0000000000021", "Megan Bowen", "facilitator"),
)


def run(port: int) -> None:
    """Serves until Ctrl-C, on a database that is thrown away. The reminders due go to each channel and group chat that it hears from."""
    screen, now = console(), rehearsal()
    with tempfile.TemporaryDirectory(prefix="npq-demo-") as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        pack = made_up_dates.put_in(Path(folder), screen, now)
        settings = Settings(database_url=url, teams_unauthenticated=True, npq_now=now, port=port, npq_pack=str(pack))
        installation = new_installation(url, settings.npq_pack)
        bring_in(installation, screen, now)
        _let_in(installation, now)
        _invite(screen, port)
        stop = threading.Event()
        reminding = threading.Thread(target=_remind, args=(installation, settings, now, stop.wait), daemon=True)
        reminding.start()
        try:
            serve(settings, host=HERE)
        finally:
            stop.set()
            reminding.join(timeout=5)
            installation.engine.dispose()


def _let_in(installation: Installation, now: datetime) -> None:
    for _, person, name, role in PEOPLE:
        staffing.add_staff(
            installation,
            Actor.console(),
            platform="teams",
            platform_id=person,
            name=name,
            role=role,
            partner=YOUR_PARTNER,
            now=now,
        )


def _invite(screen: Console, port: int) -> None:
    screen.print(f"\n[bold]The bot listens on http://{HERE}:{port}/api/messages[/bold], for this machine alone.")
    screen.print("Open Microsoft's local Teams client on it, in another terminal (needs Node 20 or newer):\n")
    screen.print(f"  {CLIENT.format(host=HERE, port=port)}", soft_wrap=True)
    screen.print("\nand then http://localhost:56150 in a browser. You are Alex Wilber, a coordinator. Try:")
    screen.print("  status jane           two people fit, nothing is guessed")
    screen.print("  at-risk               everyone who still needs something, worst first")
    screen.print("  @Test Bot reviews     in a channel; the answer comes to your own chat")
    screen.print(
        "The reminders that are due come to each channel and group chat in which you mention it. Ctrl-C ends the demo.\n"
    )


def _remind(installation: Installation, settings: Settings, now: datetime, wait: Callable[[float], bool]) -> None:
    """Posts what is due wherever the bot was heard from."""
    bound: set[str] = set()
    posting = senders(settings, installation)
    while not wait(LOOK_EVERY):
        for place in teams_conversations.shared(installation):
            if place in bound:
                continue
            bound.add(place)
            staffing.add_place(
                installation,
                Actor.console(),
                platform="teams",
                platform_id=place,
                partner=YOUR_PARTNER,
                course_group=None,
                cohort=None,
                now=now,
            )
            tick(installation, posting, now, rehearsal=True)
