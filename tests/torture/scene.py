"""One trial's installation: a database, a workspace, `npq` processes, and the verdict on what became of every message."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from sqlmodel import col

from bot.platforms import IDS
from core.database.database import migrate, open_database, reading
from core.database.tables import Decision
from core.derived.installation import Installation
from core.posts.outbox import UNDER_WAY, Message, Post
from core.services.staff import staffing
from reference.pack import Pack
from tests import guard
from tests.conftest import GUIDANCE
from tests.delivery.conftest import CONSOLE, NOW, Outpost
from tests.fakes.slack import FakeSlack
from tests.torture.nursery import Nursery, Process
from tests.torture.stormy_slack import STORM

HUBS = tuple(f"Hub {number}" for number in range(1, 7))
CHANNELS = tuple(f"C{number}" for number in range(1, 7))
LATER = timedelta(hours=1)  # when the auditor's next tick comes, by its own clock


def fill(url: str, pack: Pack) -> None:
    """Six hubs with a channel each: two messages for each, one of them in two pages: 13 posts. Sam may decide."""
    engine = open_database(url)
    migrate(engine)
    installation = Installation(engine, pack, platforms=IDS)
    outpost = Outpost(installation, FakeSlack(), senders={"nobody": None})  # type: ignore[dict-item]
    outpost.people(HUBS[0], *[f"Person {number:02d}" for number in range(25)])
    for hub, channel in zip(HUBS, CHANNELS, strict=True):
        outpost.people(hub, "Jane Doe", "Omar Haddad")
        outpost.people(hub, "Ann Li", course="NPQH")
        outpost.bind(channel, hub)
    staffing.add_staff(
        installation,
        CONSOLE,
        platform="slack",
        platform_id="U0SAM",
        name="Sam",
        role="coordinator",
        partner=None,
        now=NOW,
    )
    engine.dispose()


class Databases:
    """Filled databases to copy from, one kind of each."""

    def __init__(self, folder: Path, server: str, pack: Pack) -> None:
        self._folder = folder
        self._server = server
        self._pack = pack
        self._made: set[str] = set()

    def prepare(self, *kinds: str) -> None:
        """Fills what will be copied."""
        for kind in set(kinds) - self._made:
            if kind == "postgres":
                self._administer('DROP DATABASE IF EXISTS "torture" WITH (FORCE)', 'CREATE DATABASE "torture"')
                fill(self._address("torture"), self._pack)
                self._guard("torture")
            else:
                fill(f"sqlite:///{self._folder}/template.db", self._pack)
            self._made.add(kind)

    @contextmanager
    def copy(self, kind: str, folder: Path) -> Iterator[str]:
        """The address of a filled database of one's own."""
        if kind == "sqlite":
            (folder / "npq.db").write_bytes((self._folder / "template.db").read_bytes())
            yield f"sqlite:///{folder}/npq.db"
            return
        name = f"torture_{secrets.token_hex(6)}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "torture" STRATEGY FILE_COPY')
        try:
            yield self._address(name)
        finally:
            self._administer(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _address(self, name: str) -> str:
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _guard(self, name: str) -> None:
        """Whatever process writes facts or decisions past the door is refused there."""
        engine = create_engine(make_url(self._server).set(drivername="postgresql+psycopg", database=name))
        with engine.begin() as connection:
            guard.watch_server(connection)
        engine.dispose()

    def _administer(self, *statements: str) -> None:
        engine = create_engine(
            make_url(self._server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


class Workspace:
    """The stormy workspace's process, as a trial speaks to it. Stands in for `FakeSlack` where people act."""

    def __init__(self, seed: int, channels: tuple[str, ...] = CHANNELS) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.stormy_slack", str(seed), *channels],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.api_url, self.token, self.signing_secret = told["url"], told["token"], told["signing_secret"]
        self._http = httpx.Client(base_url=self.api_url.removesuffix("api/"), timeout=20)

    def close(self) -> None:
        """Ends the process."""
        self._http.close()
        self._process.kill()
        self._process.communicate()

    def ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Asks for something, or tells it something."""
        answer: dict[str, Any] = self._http.post(f"/control/{what}", json=arguments).json()
        return answer

    def storm(self) -> None:
        """From now on calls go wrong at random."""
        self.ask("weather", storm={kind: chance for chance, kind in STORM})

    def calm(self) -> None:
        """From now on every call goes well."""
        self.ask("weather", storm={})

    def seen(self) -> dict[str, Any]:
        """Everything that was ever visibly posted, and which faults befell which calls."""
        return self.ask("seen")

    def posted(self) -> Counter[tuple[str, str]]:
        """How often each text was posted in each channel."""
        return Counter((post["channel"], post["text"]) for post in self.seen()["posted"])

    def calls(self) -> int:
        """How many calls have come in."""
        return sum(self.seen()["calls"].values())

    # what people at their Slack need of it

    def trigger(self) -> str:
        """A trigger id as Slack hands out with a press."""
        return str(self.ask("trigger")["trigger"])

    def response_url(self, user: str | None) -> str:
        """An address for answers that this person alone sees."""
        return str(self.ask("response_url", user=user)["url"])

    @property
    def opened(self) -> list[dict[str, Any]]:
        """The forms that were opened."""
        found: list[dict[str, Any]] = self.ask("opened")["opened"]
        return found

    def said(self, channel: str) -> list[dict[str, Any]]:
        """What stands in a channel now, each with its `words`."""
        found: list[dict[str, Any]] = self.ask("said", channel=channel)["said"]
        return found

    def wait_until(self, holds: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Waits until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.03)
        return True


@dataclass(frozen=True)
class Verdict:
    """What went wrong with whom: nothing, in a trial that was survived."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not (self.lost or self.twice or self.stuck)


@dataclass
class Scene:
    """One trial's installation."""

    url: str
    slack: Workspace
    nursery: Nursery
    folder: Path
    processes: list[Process] = field(default_factory=list)
    befell: Counter[str] = field(default_factory=Counter)

    def environment(self, now: datetime | None = NOW, **more: str) -> dict[str, str]:
        """What a process of this installation finds set; `now` None: the clock runs."""
        frozen = {} if now is None else {"NPQ_NOW": now.isoformat()}
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.url,
            "NPQ_PACK": GUIDANCE,
            "SLACK_BOT_TOKEN": self.slack.token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            **frozen,
            **more,
        }

    def start(self, *arguments: str, now: datetime | None = NOW, **environment: str) -> Process:
        """An `npq` process, its clock standing at `now`."""
        process = self.nursery.start(arguments, self.environment(now, **environment), self.folder / "log")
        self.processes.append(process)
        return process

    def tick(self, at: datetime, *, within: float = 300.0) -> None:
        """One `npq tick --at` in a process of its own, to its end."""
        process = self.start("tick", "--at", at.isoformat(), now=NOW)
        assert process.ended(within), "the tick did not come to an end"

    def end_all(self) -> None:
        """Kills every process that is still there."""
        for process in self.processes:
            process.kill()

    def log(self) -> str:
        """What the processes wrote."""
        log = self.folder / "log"
        return log.read_text(encoding="utf-8") if log.exists() else ""

    def query(self, statement: Any) -> list[Any]:
        """Rows of the database, as they are now."""
        engine = open_database(self.url)
        try:
            with reading(engine) as session:
                return list(session.scalars(statement).all())
        finally:
            engine.dispose()

    def messages(self) -> list[Message]:
        """Every message that is written down."""
        return self.query(select(Message).order_by(col(Message.id)))

    def posts(self) -> list[Post]:
        """Every page that is written down."""
        return self.query(select(Post).order_by(col(Post.id)))

    def decisions(self) -> list[Decision]:
        """Every decision that was recorded."""
        return self.query(select(Decision).order_by(col(Decision.id)))

    def verdict(self, expected: Mapping[tuple[str, str], int]) -> Verdict:
        """What the workspace's own list of posts and the database say, against what an undisturbed run posts."""
        seen = self.slack.seen()["posted"]
        posted = Counter((post["channel"], post["text"]) for post in seen)
        tokens = Counter(post["token"] for post in seen)
        wanted = Counter(expected)
        address = {(post.channel, post.ts): post.token for post in self.posts() if post.state == "sent"}
        lost = [f"{channel}: {words}" for channel, words in (wanted - posted).elements()]
        twice = [f"{channel}: {words}" for channel, words in (posted - wanted).elements()]
        twice += [f"tag {token} {count} times" for token, count in tokens.items() if count > 1]
        stuck = [
            f"message {m.id} {m.state} {m.reason}" for m in self.messages() if m.state in (*UNDER_WAY, "held", "failed")
        ]
        stuck += [f"post {p.id} {p.state} {p.reason}" for p in self.posts() if p.state != "sent" or p.needs_update]
        stuck += [
            f"nobody knows of {post['channel']} {post['ts']}"
            for post in seen
            if address.get((post["channel"], post["ts"])) != post["token"]
        ]
        return Verdict(lost, twice, stuck)


@dataclass
class Stage:
    """Where scenes are set."""

    databases: Databases
    nursery: Nursery
    folder: Path
    _expected: dict[datetime, Counter[tuple[str, str]]] = field(default_factory=dict)

    @contextmanager
    def scene(self, kind: str, seed: int) -> Iterator[Scene]:
        """A filled installation of one's own; everything of it is gone at the end."""
        folder = self.folder / secrets.token_hex(6)
        folder.mkdir()
        with self.databases.copy(kind, folder) as url:
            slack = Workspace(seed)
            scene = Scene(url, slack, self.nursery, folder)
            try:
                yield scene
            finally:
                scene.end_all()
                slack.close()

    def expected(self, at: datetime = NOW) -> Counter[tuple[str, str]]:
        """What an undisturbed run posts at a moment."""
        if at not in self._expected:
            with self.scene("sqlite", 0) as calm:
                calm.tick(at)
                self._expected[at] = calm.slack.posted()
        return self._expected[at]
