"""Where to come back to: every activity says where it was written, and what is new of that is remembered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.clock import Clock
from bot.teams import decode
from bot.teams.decode import Spot
from bot.web.answering import Answering
from core.services import teams_conversations
from core.services.installation import DatabaseRefused, Installation
from core.services.teams_conversations import Conversation

MOST_REMEMBERED = 4096  # conversations of which it need not be looked up whether anything is new

log = logging.getLogger(__name__)


class Whereabouts:
    """Notes conversations as their activities describe them."""

    def __init__(self, installation: Installation, clock: Clock, answering: Answering) -> None:
        self._installation = installation
        self._clock = clock
        self._answering = answering
        self._noted: dict[str, Conversation] = {}
        self._chats: dict[str, str] = {}
        self._last_heard: dict[str, tuple[int, str]] = {}  # when, and by way of which address
        self._heard = 0

    def hears(self, at: Spot) -> None:
        """Remembers by way of which address the Connector has just come, for the conversation and for whoever wrote."""
        self._heard += 1
        if len(self._last_heard) > MOST_REMEMBERED:
            self._last_heard.clear()
        self._last_heard[at.conversation] = self._last_heard[at.person_here] = (self._heard, at.service_url)

    def address(self, at: Spot, place: str) -> str:
        """The newest address known for a conversation with whoever wrote: the Connector may move meanwhile."""
        nothing = (0, at.service_url)
        heard = (self._last_heard.get(key, nothing) for key in (place.partition(";")[0], at.person_here))
        return max(heard)[1]

    async def note(self, given: Mapping[str, Any]) -> Spot:
        """Where an activity was written; remembered when it is new or has changed, and where it is certain what it is."""
        at = decode.spot(given)
        if at.kind != "unknown":
            await self._keep(at, at.conversation, at.kind)
        return at

    async def opened(self, at: Spot, chat: str) -> None:
        """Remembers a chat that was opened with whoever wrote."""
        await self._keep(at, chat, "personal")

    def chat_with(self, at: Spot) -> str | None:
        """The chat with whoever wrote, as far as this process has heard of it."""
        return self._chats.get(at.person) or self._chats.get(at.person_here)

    async def _keep(self, at: Spot, conversation: str, kind: str) -> None:
        alone = kind == "personal"
        person, before = at.person, self._noted.get(conversation)
        if before is not None and before.person_here == person == at.person_here:
            person = before.person or person  # this activity alone does not say who they are in Entra
        seen = Conversation(
            id=conversation,
            kind=kind,
            service_url=at.service_url,
            tenant=at.tenant,
            bot=at.bot,
            person=person if alone else None,
            person_here=at.person_here if alone else None,
            seen_at=self._clock.now(),
        )
        if before is not None and _place_of(before) == _place_of(seen):
            return
        try:
            await self._answering.in_a_thread(lambda: teams_conversations.note(self._installation, seen))
        except DatabaseRefused as refused:
            log.info("where to find a conversation is noted another time: %s", refused)
            return
        if len(self._noted) > MOST_REMEMBERED:
            self._noted.clear()
        self._noted[seen.id] = seen
        if seen.person is not None and seen.person_here is not None:
            self._chats[seen.person] = self._chats[seen.person_here] = seen.id


def _place_of(seen: Conversation) -> tuple[str | None, ...]:
    return seen.service_url, seen.person_here, seen.person
