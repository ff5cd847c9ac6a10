"""The same house in two tenants: a Slack workspace and a Microsoft Teams tenant, one bot, the same staff in both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.delivery.one_pass import tick
from bot.delivery.sender import Sender
from bot.delivery.tick_report import TickReport
from bot.senders import senders
from core.services.acts import extension
from core.services.acts.recording import Deed
from core.services.staff import staffing
from tests.delivery.conftest import Hurried, Impatient
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.fakes.teams_cards import words
from tests.flows.colleagues import Colleague, Shown, shown
from tests.flows.conftest import CONSOLE, NOW, House, settings_for
from tests.flows.people import Seen

TEAM = "19:northern@thread.tacv2"  # the team's channel in Teams
CHAT = "19:leads@thread.v2"  # a group chat
SAM, VERA, ADA, LEE, STRANGER = (f"00000000-0000-0000-0000-00000000c00{n}" for n in range(1, 6))
STAFF = (
    (SAM, "Sam Coordinator", "coordinator", "Northern Hub"),
    (VERA, "Vera Viewer", "viewer", "Northern Hub"),
    (ADA, "Ada Admin", "administrator", None),
    (LEE, "Lee Provider", "lead_provider", None),
)
USERS = {
    "Sam": ("U0COORD", SAM),
    "Vera": ("U0LOOK", VERA),
    "Ada": ("U0ADMIN", ADA),
    "Lee": ("U0LEAD", LEE),
    "a stranger": ("U0STRANGER", STRANGER),
}


STAFF_ADD = {
    platform: f'npq staff add --platform {platform} --id {who} --name "YOUR NAME" --role ROLE --partner "DELIVERY PARTNER"'
    for platform, who in zip(("slack", "teams"), USERS["a stranger"], strict=True)
}


class Sight(Protocol):
    """What somebody sees at either client."""

    @property
    def words(self) -> str: ...

    @property
    def buttons(self) -> list[str]: ...

    @property
    def wrong(self) -> tuple[str, ...]: ...


class Anybody(Protocol):
    """Somebody at either client: what `Person` and `Colleague` both do."""

    def asks(self, text: str) -> Any: ...

    def chooses(self, what: Any, label: str, about: str = "") -> Any: ...

    def picks(self, what: Any, typed: str) -> Any: ...

    def finds(self, what: Any, typed: str) -> list[str]: ...

    def turns(self, page: Any, label: str) -> Any: ...

    def fills(self, form: Any, button: str, **values: str) -> Any: ...


@dataclass
class TwoPlatforms(House):
    """One installation at work in both."""

    teams: FakeTeams = field(default_factory=FakeTeams)
    colleagues: dict[str, Colleague] = field(default_factory=dict)
    _senders: Mapping[str, Sender] = field(default_factory=dict)

    def open_in_teams(self) -> None:
        """The team of four is known in Teams too."""
        for aad, name, role, partner in STAFF:
            self.link_in_teams(aad, name, role, partner)

    def at(self, when: str) -> TwoPlatforms:
        """The same house at another time of the world, its processes started anew."""
        settings = self.settings.model_copy(update={"npq_now": datetime.fromisoformat(when)})
        return TwoPlatforms(self.slack, settings, self.folder, self.stack, teams=self.teams)

    def hurry(self, ahead: float = 0) -> TickReport:
        """What the worker does, once, `ahead` seconds later than now; whatever is waited for has passed at once."""
        if not self._senders:
            self._senders = senders(self.settings, self.installation)
        return tick(
            self.installation,
            self._senders,
            self.now,
            rehearsal=True,
            timekeeper=Hurried(self.now, timedelta(seconds=ahead)),
        )

    def hurry_a_little(self) -> TickReport:
        """A pass that waits for nothing and leaves the rest to the next."""
        return tick(
            self.installation, senders(self.settings, self.installation), self.now, timekeeper=Impatient(self.now)
        )

    def extended(self) -> None:
        """Sam agrees a later deadline for Jane Smith, somewhere else."""
        deed = Deed(self.now.date(), self.now)
        until = self.now.date().replace(month=7, day=29)
        extension.extend(self.installation, CONSOLE, "p-001", deed, output=2, until=until, reason="workload")

    def link_in_teams(self, aad: str, name: str, role: str, partner: str | None) -> None:
        staffing.add_staff(
            self.installation,
            CONSOLE,
            platform="teams",
            platform_id=aad,
            name=name,
            role=role,
            partner=partner,
            now=self.now,
        )

    def teams_posts_go_to(self, place: str, partner: str = "Northern Hub", **more: Any) -> None:
        staffing.add_place(
            self.installation,
            CONSOLE,
            platform="teams",
            platform_id=place,
            partner=partner,
            course_group=None,
            cohort=None,
            now=self.now,
            **more,
        )

    def colleague(self, aad: str) -> Colleague:
        """Somebody at their Teams; they need not be linked."""
        if aad not in self.colleagues:
            self.colleagues[aad] = self.stack.enter_context(Colleague(self.teams, self.address, self.teams.people[aad]))
        return self.colleagues[aad]

    def in_teams(self, *about: str, place: str = TEAM) -> list[Shown]:
        """The bot's activities that stand in a conversation, those that say all of this."""
        found = [each for each in self.teams.said(place) if all(part in words(each) for part in about)]
        return [shown(place, each) for each in found]


def populated(teams: FakeTeams) -> None:
    """Everybody of the staff and a stranger, the app installed for each; a channel and a group chat of theirs."""
    for aad, name, _, _ in STAFF:
        teams.person(aad, name)
    teams.person(STRANGER, "Stan Stranger")
    teams.chat(TEAM, "channel", *teams.people)
    teams.chat(CHAT, "groupChat", *teams.people)


def teams_settings(slack: FakeSlack, teams: FakeTeams, folder: Path, **others: Any) -> Any:
    """Settings for both platforms."""
    given: dict[str, Any] = {
        "teams_client_id": teams.login.client_id,
        "teams_client_secret": teams.login.secret,
        "teams_tenant_id": teams.login.tenant,
        "teams_openid_url": teams.openid_url,
        "teams_login_url": teams.login_url,
        "teams_service_url": teams.service_url,
        "npq_now": NOW,
        **others,
    }
    return settings_for(slack, folder, **given)


@dataclass
class There:
    """A house as it is seen on one of its platforms; in Teams perhaps by clients that know Action.Submit alone."""

    house: TwoPlatforms
    platform: str
    old: bool = False

    def person(self, who: str = "Sam") -> Anybody:
        """Somebody by their first name."""
        in_slack, in_teams = USERS[who]
        if self.platform == "slack":
            return self.house.person(in_slack)
        found = self.house.colleague(in_teams)
        found.old = self.old
        return found

    def id_of(self, who: str) -> str:
        """Their id on this platform."""
        return USERS[who][self.platform == "teams"]

    def link(self, who: str, role: str) -> None:
        """Gives somebody of Northern Hub another role here."""
        join = self.house.link_in_teams if self.platform == "teams" else self.house.link
        join(self.id_of(who), who, role, "Northern Hub")

    def posts(self, *about: str) -> list[Sight]:
        """The posts that stand in the team's channel, those that say all of this."""
        if self.platform == "teams":
            return list(self.house.in_teams(*about))
        return [Seen(post) for post in self.house.posts(*about)]

    def at(self, when: str) -> There:
        """At another time of the world, its processes started anew."""
        return There(self.house.at(when), self.platform, self.old)

    @property
    def other(self) -> There:
        """The same house on the other platform."""
        return There(self.house, "slack" if self.platform == "teams" else "teams")

    def wait_until(self, holds: Callable[[], bool]) -> bool:
        """Waits for what calls to this platform bring about."""
        return (self.house.slack if self.platform == "slack" else self.house.teams).wait_until(holds)


def plain(text: str) -> str:
    """The words without what tells the platforms apart: marks of a style, and how a command is begun."""
    return re.sub(r"[*_`]", "", text).replace("/npq ", "")
