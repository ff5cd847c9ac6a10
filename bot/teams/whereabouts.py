"""Where to come back to: every activity says where it was written, and what is new of that is remembered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.answering import Answering
from bot.clock import Clock
from bot.teams import decode
from bot.teams.decode import Spot
from core.records.database import DatabaseRefused
from core.services import conversations
from core.services.conversations import Conversation
from core.services.office import Office

MOST_REMEMBERED = 4096  # conversations of which it need not be looked up whether anything is new

log = logging.getLogger(__name__)


class Whereabouts:
    """Notes conversations as their activities describe them."""

    def __init__(self, office: Office, clock: Clock, answering: Answering) -> None:
        self._office = office
        self._clock = clock
        self._answering = answering
        self._noted: dict[str, Conversation] = {}
        self._chats: dict[str, str] = {}

    async def note(self, given: Mapping[str, Any]) -> Spot:
        """Where an activity was written; remembered when it is new or has changed, and where it is certain what it is."""
        at = decode.spot(given)
        if at.kind != "unknown":
            await self._keep(at, at.conversation, at.kind)
        return at

    async def opened(self, at: Spot, chat: str) -> None:
        """Remembers a chat that was opened with whoever wrote."""
        await self._keep(at, chat, "personal")

    def chat_with(self, person: str) -> str | None:
        """The chat with somebody, as far as this process has heard of it."""
        return self._chats.get(person)

    async def _keep(self, at: Spot, conversation: str, kind: str) -> None:
        alone = kind == "personal"
        seen = Conversation(
            id=conversation,
            kind=kind,
            service_url=at.service_url,
            tenant=at.tenant,
            bot=at.bot,
            person=at.person if alone else None,
            person_here=at.person_here if alone else None,
            seen_at=self._clock.now(),
        )
        before = self._noted.get(seen.id)
        if before is not None and (before.service_url, before.person_here) == (seen.service_url, seen.person_here):
            return
        try:
            await self._answering.in_a_thread(lambda: conversations.note(self._office, seen))
        except DatabaseRefused as refused:
            log.info("where to find a conversation is noted another time: %s", refused)
            return
        if len(self._noted) > MOST_REMEMBERED:
            self._noted.clear()
        self._noted[seen.id] = seen
        if seen.person is not None:
            self._chats[seen.person] = seen.id
