"""Which platforms there are: one line each.

A line holds what is asked of every platform at any time. Its module, with what the platform offers, is loaded when the platform is
set up or somebody asks for it (`npq doctor`, `npq manifest`); and what hears and what sends only where that is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.slack.ids import IDS as SLACK_IDS
from bot.slack.settings import EVENTS_PATH, SlackSettings
from bot.teams.ids import IDS as TEAMS_IDS
from bot.teams.settings import MESSAGES_PATH, TeamsSettings
from core.services.staff.platform_ids import IdForms, Platforms

if TYPE_CHECKING:
    from bot.platform_offer import Offer


def _never(_: Settings) -> bool:
    return False


def _nothing(_: Settings) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Platform:
    """One platform: what is asked of it whether or not it is set up, and the module that holds its `OFFER`."""

    name: str  # as it is typed and stored
    module: str
    ids: IdForms | None = None  # None: nobody writes from there, but in a demo
    path: str = ""  # where its requests come in
    begun: Callable[[Settings], bool] = _never  # whether anything of it is set
    missing: Callable[[Settings], tuple[str, ...]] = _nothing  # the settings it still needs; empty when it can work

    @property
    def title(self) -> str:
        """Its name as people read it."""
        return self.name.capitalize()

    def load(self) -> Offer:
        """What it offers."""
        offer: Offer = import_module(self.module).OFFER
        return offer


SLACK = SlackSettings
TEAMS = TeamsSettings
PLATFORMS = (
    Platform("slack", "bot.slack.platform", SLACK_IDS, EVENTS_PATH, SLACK.slack_begun, SLACK.slack_missing),
    Platform("teams", "bot.teams.platform", TEAMS_IDS, MESSAGES_PATH, TEAMS.teams_begun, TEAMS.teams_missing),
    Platform("terminal", "bot.terminal.platform"),
)
CHATS = tuple(platform for platform in PLATFORMS if platform.ids is not None)
IDS: Platforms = {platform.name: platform.ids for platform in PLATFORMS if platform.ids is not None}


def begun(settings: Settings) -> tuple[Platform, ...]:
    """The platforms of which anything is set."""
    return tuple(platform for platform in CHATS if platform.begun(settings))


def set_up(settings: Settings) -> tuple[Platform, ...]:
    """The platforms that lack nothing."""
    return tuple(platform for platform in CHATS if not platform.missing(settings))
