"""Delivery Partners with a channel each, in a strict workspace, and clocks for those who empty the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.clock import real_now
from bot.delivery.one_pass import tick
from bot.delivery.pass_time import PassTime, Timekeeper
from bot.delivery.sender import Sender
from bot.delivery.tick_report import TickReport
from bot.platforms import IDS
from bot.slack.send import SlackSender, web_client
from core.database.database import open_database, reading
from core.database.tables import ActivityRow, DeclarationRow, Place
from core.derived.installation import Installation
from core.posts import planning
from core.posts.outbox import Lane, Message, Moment, Post
from core.posts.planning import PlanReport
from core.services.acts import extension
from core.services.acts.recording import Deed
from core.services.staff import staffing
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.fakes.slack import FakeSlack, words, workspace
from tests.loading import loading
from tests.records.made import enrolled, stored_person

# A Thursday, a week before the second review (23 June 2022): `review_upcoming` went out at nine.
NOW = datetime.fromisoformat("2022-06-16T09:30:00+01:00").astimezone(UTC)
CONSOLE = Actor.console("test")
SAM = Actor("Sam", "coordinator", None, "slack", "U0SAM", 1)
HUBS = ("Hub A", "Hub B", "Hub C")


def day(text: str) -> date:
    return date.fromisoformat(text)


def london(text: str) -> datetime:
    """A moment in summer, by London's clocks."""
    return datetime.fromisoformat(f"{text}+01:00").astimezone(UTC)


class Hurried:
    """A clock on which whatever is waited for has passed at once, for the tick and for the world alike."""

    def __init__(self, now: datetime, ahead: timedelta = timedelta(0)) -> None:
        self._now = now
        self._began = time.monotonic()
        self._ahead = self._skipped = ahead

    def moment(self) -> Moment:
        passed = timedelta(seconds=time.monotonic() - self._began) + self._skipped
        return Moment(self._now + passed, real_now() + self._skipped)

    def wait(self, seconds: float) -> None:
        self._skipped += timedelta(seconds=seconds)

    @property
    def stopping(self) -> bool:
        return False

    @property
    def waited(self) -> timedelta:
        """How long somebody would have waited who does not hurry."""
        return self._skipped - self._ahead


class Impatient(PassTime):
    """A real clock for a pass that comes to an end where it would have to wait."""

    def wait(self, seconds: float) -> None:
        self._stop.set()


@dataclass
class Outpost:
    """An installation, its workspace, and what one would look at afterwards."""

    installation: Installation
    slack: FakeSlack
    senders: dict[str, Sender] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.senders:
            self.senders = {"slack": SlackSender(web_client(self.slack.token, self.slack.api_url))}

    # what a test arranges

    def people(self, partner: str, *names: str, course: str = "NPQLTD") -> list[str]:
        """Stores people of cohort 1 with both papers back, whose first output is declared; their ids."""
        ids = [f"{partner}/{name}".lower().replace(" ", "-") for name in names]
        papers: dict[str, Any] = {
            "contract_returned_on": day("2021-11-01"),
            "sponsorship_returned_on": day("2021-11-01"),
        }
        with loading(self.installation, *ids) as session:
            session.add_all(
                stored_person(
                    who,
                    full_name=name,
                    course=course,
                    cohort="1",
                    delivery_partner=partner,
                    application_status="accepted",
                    **papers,
                )
                for who, name in zip(ids, names, strict=True)
            )
            session.flush()
            session.add_all(
                DeclarationRow(
                    enrolment_id=enrolled(who),
                    output=1,
                    declared_on=day("2021-12-20"),
                    evidence_cutoff=day("2021-12-13"),
                )
                for who in ids
            )
        return ids

    def bind(
        self, channel: str, partner: str, *, course_group: str | None = None, platform: str = "slack", **more: Any
    ) -> None:
        """From now on the partner's posts go to this channel."""
        staffing.add_place(
            self.installation,
            CONSOLE,
            platform=platform,
            platform_id=channel,
            partner=partner,
            course_group=course_group,
            cohort=None,
            now=NOW,
        )
        if platform == "slack" and channel not in self.slack.channels:
            self.slack.channel(channel, **more)

    def evidence(self, who: str, on: str = "2022-06-01", title: str = "S 2.1a") -> None:
        """They complete a unit, which meets their second output."""
        with loading(self.installation, who) as session:
            session.add(
                ActivityRow(
                    enrolment_id=enrolled(who),
                    block=2,
                    component="Self-study",
                    title=title,
                    credits=3,
                    completed_on=day(on),
                )
            )

    def extend(self, who: str, until: str = "2022-07-29", *, at: datetime = NOW) -> None:
        """Sam agrees a later deadline for their second output."""
        deed = Deed(at.date(), at)
        extension.extend(self.installation, SAM, who, deed, output=2, until=day(until), reason="workload")

    # what is done

    def plan(self, at: datetime = NOW) -> PlanReport:
        return planning.plan(self.installation, at)

    def tick(self, at: datetime = NOW, keeper: Timekeeper | None = None, **more: Any) -> TickReport:
        """One pass; by the real clock unless another is given."""
        return tick(self.installation, self.senders, at, timekeeper=keeper, **more)

    def hurry(self, at: datetime = NOW, ahead: float = 0, **more: Any) -> TickReport:
        """One pass that waits for nothing; `ahead` real seconds later than now."""
        return self.tick(at, Hurried(at, timedelta(seconds=ahead)), **more)

    def glance(self, at: datetime = NOW, real: datetime | None = None) -> TickReport:
        """One pass by the real clock that waits for nothing and leaves the rest to the next; as if it were `real` just now."""
        behind = timedelta(0) if real is None else real - real_now()
        return self.tick(at, Impatient(at, behind=behind))

    # what a test looks at

    def messages(self, *states: str) -> list[Message]:
        """The messages that are written down, by due time; those in these states."""
        with reading(self.installation.engine) as session:
            found = session.scalars(select(Message).order_by(col(Message.due_at), col(Message.id))).all()
        return [message for message in found if not states or message.state in states]

    def told(self, *states: str) -> list[tuple[str, str, str, str]]:
        """As `messages`: what, about which date, state and why."""
        return [(m.key, m.due_on.isoformat(), m.state, m.reason) for m in self.messages(*states)]

    def posts(self) -> list[Post]:
        with reading(self.installation.engine) as session:
            return list(session.scalars(select(Post).order_by(col(Post.id))).all())

    def lanes(self) -> list[Lane]:
        with reading(self.installation.engine) as session:
            return list(session.scalars(select(Lane)).all())

    def place(self, channel: str = "C1") -> Place:
        with reading(self.installation.engine) as session:
            return session.scalars(select(Place).where(col(Place.platform_id) == channel)).one()

    def said(self, channel: str = "C1") -> list[str]:
        """The words of each post that stands in a channel."""
        return [words(post) for post in self.slack.said(channel)]

    def tries(self, method: str = "chat.postMessage", channel: str = "C1") -> int:
        """How often a method was called for a channel."""
        return sum(call.arguments.get("channel") == channel for call in self.slack.called(method))


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with workspace() as running:
        yield running


@pytest.fixture
def outpost(installation: Installation, slack: FakeSlack) -> Outpost:
    """On each kind of database in turn: nobody and nothing yet."""
    return Outpost(installation, slack)


@pytest.fixture
def small(sqlite_url: str, pack: Pack, slack: FakeSlack) -> Iterator[Outpost]:
    """The same on SQLite alone, where the kind of database makes no difference."""
    engine = open_database(sqlite_url)
    yield Outpost(Installation(engine, pack, platforms=IDS), slack)
    engine.dispose()


@pytest.fixture
def team(small: Outpost) -> Outpost:
    """Jane and Omar of Hub A, whose posts go to C1: one message is due."""
    small.people("Hub A", "Jane Doe", "Omar Haddad")
    small.bind("C1", "Hub A")
    return small
