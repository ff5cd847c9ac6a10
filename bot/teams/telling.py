"""Tells one person something in Teams: in the conversation they wrote from, or in their own chat with the bot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import httpx
from microsoft_teams.api import Account, ApiClient
from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.clients.conversation.params import CreateConversationParams
from microsoft_teams.api.models.attachment import Attachment

from bot.delivery.sender import NotSent, asked_to_wait
from bot.patience import Patience
from bot.teams.decode import Spot
from bot.teams.limits import NOT_NOW, RETRIED
from bot.teams.render import Json
from bot.teams.shapes import in_path, is_id
from bot.teams.tokens import BotToken, NoToken

AGAIN = 0.5  # seconds before the one further try where Teams' own machines lost each other

NEVER_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class Teller:
    """Speaks through the SDK's client: until Teams takes it, where it certainly did not yet; never twice."""

    def __init__(
        self,
        personal_chat: Callable[[str], str | None],
        opened: Callable[[Spot, str], Awaitable[None]],
        token: BotToken | None,
    ) -> None:
        """`personal_chat`: the conversation with a person as far as it is known. `opened` remembers a new one. `token`: what
        `api` calls with, to let go of it when Teams does not take it any more.
        """
        self._token = token
        self._patience = Patience()
        self._personal_chat = personal_chat
        self._opened = opened

    async def here(self, api: ApiClient, at: Spot, messages: Sequence[Json]) -> bool:
        """Posts in the conversation, in the same thread; False when Teams takes none."""
        return await self._post(api, at.thread, messages)

    async def privately(self, api: ApiClient, at: Spot, messages: Sequence[Json]) -> bool:
        """Posts where only the one who asked reads along; False when there is no such place."""
        if at.private:
            return await self.here(api, at, messages)
        known = self._personal_chat(at.person)
        if known is not None and await self._post(api, known, messages):
            return True
        chat = await self._open_chat(api, at)
        return chat is not None and await self._post(api, chat, messages)

    async def replace(self, api: ApiClient, at: Spot, activity_id: str, message: Json) -> bool:
        """Puts a message in the place of one that the bot posted; False when that cannot be changed any more."""
        there, activity = in_path(at.thread), in_path(activity_id)
        put = partial(api.conversations.update_activity, there, activity, _activity(message))
        try:
            await self._until_taken(at.thread, put, harmless=True)
        except (httpx.HTTPError, NotSent, NoToken) as error:
            log.warning("a message could not be replaced (%s)", _why(error))
            return False
        return True

    async def _post(self, api: ApiClient, conversation: str, messages: Sequence[Json]) -> bool:
        """False when certainly nothing was posted: what perhaps arrived is not said in another place once more."""
        for number, message in enumerate(messages):
            post = partial(api.conversations.create_activity, in_path(conversation), _activity(message))
            try:
                await self._until_taken(conversation, post)
            except (httpx.HTTPError, NotSent, NoToken) as error:
                log.warning("an answer was not taken (%s)", _why(error))
                if _certainly_not_sent(error):
                    return number > 0
        return True

    async def _open_chat(self, api: ApiClient, at: Spot) -> str | None:
        asked = CreateConversationParams(
            members=[Account(id=at.person_here)],
            tenant_id=at.tenant or None,
            channel_data={"tenant": {"id": at.tenant}} if at.tenant else None,
        )
        try:
            opening = partial(api.conversations.create, asked)
            chat = (await self._until_taken(at.person_here, opening, harmless=True)).id
        except (httpx.HTTPError, NotSent, NoToken) as error:
            log.warning("no chat could be opened (%s)", _why(error))
            return None
        if not is_id(chat):
            log.warning("no chat could be opened (Teams gave one that has no possible id)")
            return None
        await self._opened(at, chat)
        return chat

    async def _until_taken(
        self, place: str, call: Callable[[], Awaitable[Result]], *, harmless: bool = False
    ) -> Result:
        """`harmless`: nothing is done twice where it is asked for again although it may have been done."""

        async def offer() -> Result:
            try:
                return await self._once_more(call)
            except NEVER_REACHED:
                raise NotSent("Teams cannot be reached") from None
            except httpx.TransportError as error:
                if not harmless:
                    raise
                raise NotSent(_why(error)) from None
            except NoToken as error:
                if not error.passing:
                    raise
                raise NotSent(error.reason) from None
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in NOT_NOW:
                    raise
                raise NotSent(_why(error), asked_to_wait(error.response.headers.get("retry-after"))) from None

        return await self._patience.until_taken(place, offer)

    async def _once_more(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """A call, and once again where Teams did nothing for reasons that have nothing to do with it."""
        used = None if self._token is None else self._token.at_hand
        try:
            return await call()
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status == 401 and self._token is not None and used is not None:
                await asyncio.to_thread(self._token.forget, used)
            elif status in RETRIED - NOT_NOW:
                await asyncio.sleep(AGAIN)
            else:
                raise
        return await call()


def _activity(message: Json) -> MessageActivityInput:
    attachments = [Attachment(content_type=a["contentType"], content=a["content"]) for a in message.get("attachments", [])]  # fmt: skip
    said = MessageActivityInput(text=message.get("text", ""), summary=message.get("summary"))
    if message.get("textFormat"):
        said.text_format = message["textFormat"]
    if attachments:
        said.attachments = attachments
    return said


def _certainly_not_sent(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code < 500
    return isinstance(error, NotSent | NoToken)


def _why(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"Teams answered {error.response.status_code}"
    return error.reason if isinstance(error, NoToken | NotSent) else type(error).__name__
