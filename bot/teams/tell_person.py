"""Tells one person something in Teams: in the conversation they wrote from, or in their own chat with the bot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import httpx
from microsoft_teams.api import Account, ApiClient
from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.clients.conversation.params import CreateConversationParams
from microsoft_teams.api.models.attachment import Attachment

from bot.delivery.sender import NotSent, asked_to_wait
from bot.teams.connector.tokens import NEW_SECRET, BotToken, NoToken
from bot.teams.decode import Spot
from bot.teams.incoming.id_shapes import in_path, is_id
from bot.teams.incoming.known_conversations import Whereabouts
from bot.teams.limits import NOT_NOW, RETRIED, TAKEN_WITHIN
from bot.teams.render import Json
from bot.web.answer_retries import Patience

AGAIN = 0.5  # seconds before the one further try where Teams' own machines lost each other
NO_ID = "DO_NOT_USE_PLACEHOLDER_ID"  # what the SDK gives for a message of which Teams said none

NEVER_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
NO_WAY_IN = (403, 404)  # the app is not there, or is blocked

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class Arrival(Enum):
    """What became of an answer."""

    THERE = "it arrived"
    PERHAPS = "it may have arrived"
    NOT_NOW = "certainly nothing arrived; later it may"
    NO_WAY = "certainly nothing arrived: the bot may not write there"


@dataclass(slots=True)
class Trail:
    """Whether anything of an answer may have reached Teams so far; also while it is on its way."""

    anything: bool = False


class _Unreadable(Exception):
    """Teams took a call and answered what is no answer to it."""


FAILED = (httpx.HTTPError, TimeoutError, NotSent, NoToken, _Unreadable)


class Teller:
    """Speaks through the SDK's client: until Teams takes it, where it certainly did not yet; never twice."""

    def __init__(self, connector: Callable[[str], ApiClient], whereabouts: Whereabouts, token: BotToken | None) -> None:
        """`connector` calls an address. `token`: what it calls with, to let go of it when Teams does not take it any more."""
        self._connector = connector
        self._whereabouts = whereabouts
        self._token = token
        self._patience = Patience()

    async def here(self, at: Spot, messages: Sequence[Json], trail: Trail) -> Arrival:
        """Posts in the conversation, in the same thread."""
        return await self._post(at, at.thread, messages, trail)

    async def privately(self, at: Spot, messages: Sequence[Json], trail: Trail) -> Arrival:
        """Posts where only the one who asked reads along."""
        if at.private:
            return await self.here(at, messages, trail)
        known = self._whereabouts.chat_with(at)
        if known is not None:
            told = await self._post(at, known, messages, trail)
            if told is not Arrival.NO_WAY:
                return told
        chat = await self._open_chat(at)
        return chat if isinstance(chat, Arrival) else await self._post(at, chat, messages, trail)

    async def replace(self, at: Spot, activity_id: str, message: Json) -> bool:
        """Puts a message in the place of one that the bot posted; False when that cannot be changed any more."""
        there, activity, shown = in_path(at.thread), in_path(activity_id), _activity(message)
        try:
            await self._until_taken(
                at, at.thread, lambda api: api.conversations.update_activity(there, activity, shown), harmless=True
            )
        except _Unreadable:
            return True
        except FAILED as error:
            _note("a message could not be replaced", error)
            return False
        return True

    async def _post(self, at: Spot, conversation: str, messages: Sequence[Json], trail: Trail) -> Arrival:
        """What perhaps arrived is not said in another place once more."""
        told = Arrival.THERE
        for number, message in enumerate(messages):
            try:
                await self._until_taken(at, conversation, _posting(conversation, message, trail))
            except FAILED as error:
                _note("an answer was not taken", error)
                told = _became(error)
                if told is not Arrival.PERHAPS:
                    return Arrival.PERHAPS if number else told
        return told

    async def _open_chat(self, at: Spot) -> str | Arrival:
        """The chat with whoever wrote; else why there is none."""
        asked = CreateConversationParams(
            members=[Account(id=at.person_here)],
            tenant_id=at.tenant or None,
            channel_data={"tenant": {"id": at.tenant}} if at.tenant else None,
        )
        try:
            opened = await self._until_taken(
                at, at.person_here, lambda api: api.conversations.create(asked), harmless=True
            )
        except FAILED as error:
            _note("no chat could be opened", error)
            told = _became(error)
            return Arrival.NOT_NOW if told is Arrival.PERHAPS else told
        if not is_id(opened.id):
            log.warning("no chat could be opened (Teams gave one that has no possible id)")
            return Arrival.NOT_NOW
        await self._whereabouts.opened(at, opened.id)
        return opened.id

    async def _until_taken(
        self, at: Spot, place: str, call: Callable[[ApiClient], Awaitable[Result]], *, harmless: bool = False
    ) -> Result:
        """Each try goes to the newest address that is known; who waits for an older one keeps nobody up who does not.

        `harmless`: nothing is done twice where it is asked for again although it may have been done.
        """

        def address() -> str:
            return self._whereabouts.address(at, place)

        async def offer() -> Result:
            api = self._connector(address())
            try:
                return await self._once_more(lambda: _whole(call(api)))
            except NEVER_REACHED:
                raise NotSent("Teams cannot be reached") from None
            except (httpx.TransportError, TimeoutError) as error:
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

        return await self._patience.until_taken(f"{address()} {place}", offer)

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


async def _whole(calling: Awaitable[Result]) -> Result:
    """A call within its time, however slowly it is answered."""
    try:
        async with asyncio.timeout(TAKEN_WITHIN):
            return await calling
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise _Unreadable from None  # the SDK reads an answer as what it should be


def _posting(conversation: str, message: Json, trail: Trail) -> Callable[[ApiClient], Awaitable[None]]:
    there, said = in_path(conversation), _activity(message)

    async def post(api: ApiClient) -> None:
        before, trail.anything = trail.anything, True
        try:
            posted = await api.conversations.create_activity(there, said)
        except (httpx.HTTPError, NoToken) as error:
            if _became(error) is not Arrival.PERHAPS:
                trail.anything = before
            raise
        if posted.id == NO_ID:
            raise _Unreadable

    return post


def _activity(message: Json) -> MessageActivityInput:
    attachments = [Attachment(content_type=a["contentType"], content=a["content"]) for a in message.get("attachments", [])]  # fmt: skip
    said = MessageActivityInput(text=message.get("text", ""), summary=message.get("summary"))
    if message.get("textFormat"):
        said.text_format = message["textFormat"]
    if attachments:
        said.attachments = attachments
    return said


def _became(error: Exception) -> Arrival:
    if isinstance(error, (NotSent, NoToken, *NEVER_REACHED)):
        return Arrival.NOT_NOW
    if isinstance(error, httpx.HTTPStatusError) and ((status := error.response.status_code) < 500 or status in RETRIED):
        return Arrival.NO_WAY if status in NO_WAY_IN else Arrival.NOT_NOW
    return Arrival.PERHAPS


def _note(what: str, error: Exception) -> None:
    unknown_to_teams = isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 401
    if unknown_to_teams or isinstance(error, NoToken):
        log.error("%s (%s). %s", what, _why(error), NEW_SECRET)
    else:
        log.warning("%s (%s)", what, _why(error))


def _why(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"Teams answered {error.response.status_code}"
    if isinstance(error, _Unreadable):
        return "Teams' answer could not be read"
    return error.reason if isinstance(error, NoToken | NotSent) else type(error).__name__
