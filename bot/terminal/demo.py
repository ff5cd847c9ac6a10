"""`npq demo`: the main job without any account, on a database that is thrown away."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.conversation.cards.card import Card
from bot.delivery.one_pass import tick, update_posts
from bot.delivery.sender import Address, InTime, Tag, always
from bot.open_installation import new_installation
from bot.terminal import made_up_dates
from bot.terminal.drawing import Controls, console, draw
from bot.terminal.keyboard import Talk
from bot.terminal.made_up_caseload import YOUR_PARTNER, bring_in, rehearsal
from core.posts.outbox import Moment, Pace
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff import staffing
from core.services.staff.actors import Actor

YOU, YOUR_NAME = "U0PRIYA", "Priya Nair"
YOURS = "C0PENNINE"
CHANNELS = {YOUR_PARTNER: YOURS, "Severn Vale Learning Alliance": "C0SEVERN"}
NAMES = {YOURS: "#pennine-npqs", "C0SEVERN": "#severn-vale-npqs"}
OWN_SCRIPT = """\
/npq help
/npq status jane
press Status Jane Hargreaves
/npq at-risk NPQLT
press Extend Callum Shaw
2026-11-02
1
2026-11-30
/npq status callum
/npq staus nobody
press Yes, do that
quit
"""


@dataclass
class Channel:
    """Takes the posts that would go to Slack, and draws what is redrawn."""

    console: Console
    controls: Controls
    posts: list[tuple[str, Card]] = field(default_factory=list)
    pace: Pace = field(default_factory=lambda: Pace(timedelta(0), in_turn=True))

    def draw(self, card: Card) -> Mapping[str, Any]:
        """Nothing to convert: the terminal shows the card itself."""
        return {"card": card}

    def post(self, channel: str, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> Address:
        """Keeps the post."""
        self.posts.append((channel, message["card"]))
        return Address(channel, str(len(self.posts)))

    def update(self, address: Address, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> None:
        """Shows the post as it reads now, in place of what it said."""
        self.posts[int(address.ts) - 1] = (address.channel, message["card"])
        self.console.print(Text("\nThe post in the channel has been updated in place:", style="green"))
        self.console.print(draw(message["card"], self.controls, where=f"post {address.ts} in {NAMES[address.channel]}"))

    def yours(self, number: int) -> Card | None:
        """The post with this number as it stands now; None when it is in nobody's channel or in somebody else's."""
        if not 0 < number <= len(self.posts):
            return None
        place, card = self.posts[number - 1]
        return card if place == YOURS else None

    def find(self, channel: str, tag: Tag, since: datetime) -> Address | None:
        """Nothing is ever lost on the way to a terminal."""
        return None


@dataclass
class RehearsalTime:
    """A clock that stands still; what must be waited for passes at once."""

    now: datetime
    passed: timedelta = timedelta()
    stopping: bool = False

    def moment(self) -> Moment:
        """The rehearsal's moment, and a real clock that only waiting moves."""
        return Moment(self.now, self.now + self.passed)

    def wait(self, seconds: float) -> None:
        """Lets the time pass at once."""
        self.passed += timedelta(seconds=seconds)


def run(script: Path | None) -> None:
    """Plays the demo: with a script, its lines; at a terminal, what is typed; otherwise a short script of its own."""
    screen = console()
    now, lines = rehearsal(), _typed(script)
    with tempfile.TemporaryDirectory(prefix="npq-demo-") as folder:
        _introduce(screen, now)
        pack = made_up_dates.put_in(Path(folder), screen, now)
        installation = new_installation(f"sqlite:///{folder}/demo.db", str(pack))
        try:
            _play(installation, screen, lines, now)
        finally:
            installation.engine.dispose()


def _typed(script: Path | None) -> Iterator[str] | None:
    """Lines to play, or None when somebody types."""
    if script is not None:
        try:
            return iter(script.read_text(encoding="utf-8-sig").splitlines())
        except (OSError, UnicodeDecodeError):
            raise Refusal("unreadable_script", f"{script} is not UTF-8 text; save it again as UTF-8.") from None
    return None if sys.stdin.isatty() else iter(OWN_SCRIPT.splitlines())


def _play(installation: Installation, screen: Console, lines: Iterator[str] | None, now: datetime) -> None:
    controls = Controls()
    channel = Channel(screen, controls)
    _set_up(installation, screen, now)
    keeper = RehearsalTime(now)
    tick(installation, {"slack": channel}, now, rehearsal=True, timekeeper=keeper)
    _show_posts(screen, controls, channel)
    _invite(screen)
    Talk(
        installation,
        screen,
        controls,
        lines if lines is not None else iter(()),
        now,
        YOU,
        decided=lambda: _redraw(installation, channel, now, keeper),
        echo=lines is not None,
        post=channel.yours,
    ).run()
    screen.print("\nThat was the demo; its database has been thrown away. README.md says how to set up the real thing.")


def _introduce(screen: Console, now: datetime) -> None:
    screen.print(Text("\nThe NPQ engagement bot, in two minutes", style="bold"))
    screen.print(
        "It reads the reports you already download, works out by DfE's criteria who still lacks evidence for their next "
        "output and why, posts in your channel in good time, and remembers what you agree. Every person and every review "
        "date here is made up.\n"
    )
    screen.print(
        f"The clock stands still at {now:%A %d %B %Y}, 9 in the morning. You are {YOUR_NAME}, coordinator at {YOUR_PARTNER}.\n"
    )


def _set_up(installation: Installation, screen: Console, now: datetime) -> None:
    """Everything through the same doors as in real life: importers, services, staff, places."""
    machine = Actor.console()
    bring_in(installation, screen, now)
    staffing.add_staff(
        installation,
        machine,
        platform="slack",
        platform_id=YOU,
        name=YOUR_NAME,
        role="coordinator",
        partner=YOUR_PARTNER,
        now=now,
    )
    for partner, channel in CHANNELS.items():
        staffing.add_place(
            installation,
            machine,
            platform="slack",
            platform_id=channel,
            partner=partner,
            course_group=None,
            cohort=None,
            now=now,
        )


def _show_posts(screen: Console, controls: Controls, channel: Channel) -> None:
    mine = [(number, card) for number, (place, card) in enumerate(channel.posts, start=1) if place == YOURS]
    screen.print(
        f"[green]✓[/green] {len(channel.posts)} posts were due by this morning: {len(mine)} in {NAMES[YOURS]}, the "
        "others in the other partner's channel. Two of yours:\n"
    )
    shown = [_first(mine, "list for"), _first(mine, "review")]
    for entry in shown:
        if entry is not None:
            number, card = entry
            screen.print(draw(card, controls, where=f"post {number} in {NAMES[YOURS]}"))
    rest = [(number, card) for number, card in mine if (number, card) not in shown]
    if rest:
        screen.print(f"\nAlso in {NAMES[YOURS]} (type e.g. [bold]post {rest[0][0]}[/bold] to read one):")
        for number, card in rest:
            screen.print(Text(f"  {number:>3}  {card.title}"))


def _first(posts: list[tuple[int, Card]], word: str) -> tuple[int, Card] | None:
    """The first post whose title has this word, the one about most people before others."""
    fitting = [entry for entry in posts if word in entry[1].title.casefold()]
    return max(fitting, key=lambda entry: len(entry[1].elements), default=None)


def _invite(screen: Console) -> None:
    screen.print("\n[bold]Now you.[/bold] In Slack you would type and press; here, type a line or a button's number:")
    screen.print("  /npq status jane      two people fit, nothing is guessed")
    screen.print("  /npq at-risk          everyone who still needs something, worst first")
    screen.print("  a button's number     e.g. of Extend: a form opens, and the post is updated")
    screen.print("  /npq help, quit")


def _redraw(installation: Installation, channel: Channel, now: datetime, keeper: RehearsalTime) -> None:
    update_posts(installation, {"slack": channel}, now, rehearsal=True, timekeeper=keeper)
