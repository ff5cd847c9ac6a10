"""Posts and redraws messages in Teams, each by one call, and says plainly what became of it."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from bot.conversation.cards.card import Card
from bot.delivery.sender import (
    SHORTEST_WAIT,
    TIME_LIMIT,
    Address,
    CannotLook,
    Gone,
    InTime,
    NotSent,
    OutcomeUnknown,
    Refused,
    Tag,
    TooLate,
    always,
    asked_to_wait,
)
from bot.teams import card_data_names, render
from bot.teams.connector.tokens import NEW_SECRET, BotToken, NoToken
from bot.teams.http_call import call
from bot.teams.incoming.id_shapes import is_id
from bot.teams.limits import POSTS_A_MINUTE, POSTS_APART, RETRIED
from core.posts.outbox import Pace
from core.services import teams_conversations
from core.services.installation import Installation
from core.services.teams_conversations import Conversation

ENOUGH = 0.2  # of the time limit: with less of it left, as after a slow sign-in, nothing is begun any more

_ADD_AGAIN = "Add the NPQ app to the team or chat again (Apps, NPQ, Add to a team)."
_MEND = {
    "MessageWritesBlocked": "They have blocked the NPQ app, or it is blocked in this chat: ask them to unblock it.",
    "BotNotInConversationRoster": _ADD_AGAIN,
    "BotDisabledByAdmin": "Ask a Teams administrator to allow the NPQ app again in the Teams admin centre.",
    "ConversationNotFound": f"The channel or chat is gone, or the app was removed from it. {_ADD_AGAIN}",
    "ConversationBlockedByUser": "They have blocked the NPQ app: ask them to unblock it.",
    "ForbiddenOperationException": "Ask a Teams administrator to let the NPQ app post in this channel.",
}
_GONE = frozenset({"ActivityNotFoundInConversation", "MessageNotFound"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,80}")


class TeamsSender:
    """The `Sender` for Teams. A place is a conversation's id, or a person's: then their own chat with the bot."""

    def __init__(
        self,
        installation: Installation,
        *,
        client_id: str,
        tenant: str,
        token: BotToken | None,
        service_url: str,
        pace: Pace | None = None,
    ) -> None:
        """`service_url`: where posts go to a place from which nothing was heard yet."""
        self._installation = installation
        self._bot = f"28:{client_id}"
        self._tenant = tenant
        self._token = token
        self._service_url = service_url
        self.pace = pace or Pace(timedelta(seconds=POSTS_APART), POSTS_A_MINUTE, timedelta(minutes=1))

    def draw(self, card: Card) -> Mapping[str, Any]:
        """A neutral card as a message."""
        return render.message(card)

    def post(self, channel: str, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> Address:
        """Posts once. Raises NotSent, Refused or OutcomeUnknown."""
        by = time.monotonic() + TIME_LIMIT
        at, known = self._where(channel, by)
        body = {**card_data_names.stamped(message, tag.token), "from": {"id": self._bot}, "conversation": {"id": at.id}}
        try:
            answer = self._ask("POST", at, f"/v3/conversations/{quote(at.id, safe='')}/activities", body, by, in_time)
        except Refused as refused:
            if known and at.kind == "personal" and refused.reason in ("ConversationNotFound", "http_404"):
                # Teams gave this chat up; the next try asks for a new one
                teams_conversations.forget(self._installation, at.id)
                raise NotSent(refused.reason, retry_after=SHORTEST_WAIT) from None
            raise
        posted = answer.get("id")
        if not isinstance(posted, str) or not posted:
            raise OutcomeUnknown("no_address")
        return Address(at.id, posted)

    def update(self, address: Address, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> None:
        """Redraws a post in place. Raises NotSent, Refused, OutcomeUnknown (trying again is harmless) or Gone."""
        by = time.monotonic() + TIME_LIMIT
        at, _ = self._where(address.channel, by)
        path = f"/v3/conversations/{quote(address.channel, safe='')}/activities/{quote(address.ts, safe='')}"
        body = {**card_data_names.stamped(message, tag.token), "from": {"id": self._bot}, "id": address.ts}
        try:
            self._ask("PUT", at, path, body, by, in_time)
        except Refused as refused:
            if refused.concerns == "place" and refused.reason not in _MEND and refused.reason != "http_401":
                raise NotSent(refused.reason) from None  # it may be this one post: the place has not refused any
            raise

    def find(self, channel: str, tag: Tag, since: datetime) -> Address | None:
        """Teams lets a bot read nothing back."""
        raise CannotLook("teams_cannot_be_read")

    # where

    def _where(self, place: str, by: float) -> tuple[Conversation, bool]:
        """The conversation behind a place, and whether it was known."""
        found, other = teams_conversations.place_of(self._installation, place)
        if found is not None:
            return found, True
        service_url = other.service_url if other is not None else self._service_url
        if place.startswith(("19:", "a:")):
            return Conversation(id=place, kind="channel", service_url=service_url, seen_at=_NEVER), False
        return self._chat_with(place, service_url, by), False

    def _chat_with(self, person: str, service_url: str, by: float) -> Conversation:
        """Opens the chat with a person, and remembers it."""
        asked: dict[str, Any] = {"bot": {"id": self._bot}, "members": [{"id": person}], "isGroup": False}
        if self._tenant:
            asked |= {"tenantId": self._tenant, "channelData": {"tenant": {"id": self._tenant}}}
        nowhere = Conversation(id="", kind="personal", service_url=service_url, seen_at=_NEVER)
        try:
            chat = self._ask("POST", nowhere, "/v3/conversations", asked, by).get("id")
        except OutcomeUnknown as unknown:
            raise NotSent(unknown.reason) from None  # the same chat comes of asking again
        if not isinstance(chat, str) or not is_id(chat):
            raise NotSent("no_address")
        opened = Conversation(
            id=chat,
            kind="personal",
            service_url=service_url,
            tenant=self._tenant,
            bot=self._bot,
            person=person,
            person_here=person,
            seen_at=_NEVER,
        )
        teams_conversations.note(self._installation, opened)
        return opened

    # calls

    def _ask(
        self,
        method: str,
        at: Conversation,
        path: str,
        body: Mapping[str, Any],
        by: float,
        in_time: InTime = always,
    ) -> Mapping[str, Any]:
        """One call; with a new token once more when the one we had is no good any more.

        It ends `by` then, sign-in and all: whoever holds a lane for longer may be overtaken, and then it is posted twice.
        """
        for last in (False, True):
            token = self._get_token()
            if (left := by - time.monotonic()) < TIME_LIMIT * ENOUGH:
                raise NotSent("out_of_time")
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            answer = _sent(method, at.service_url + path, left, in_time, json=body, headers=headers)
            if answer.status_code != 401 or last or token is None or self._token is None:
                return _said(answer)
            self._token.forget(token)
        raise AssertionError

    def _get_token(self) -> str | None:
        if self._token is None:
            return None
        try:
            return self._token.get()
        except NoToken as error:
            if error.passing:
                raise NotSent(error.reason) from None
            raise Refused(error.reason, "place", NEW_SECRET) from None


def _sent(method: str, url: str, within: float, in_time: InTime, **content: Any) -> httpx.Response:
    """The answer, or what became of the call as one of delivery's exceptions."""
    try:
        return call(method, url, within=within, in_time=in_time, **content)
    except TooLate:
        raise NotSent("interrupted", retry_after=0) from None
    except httpx.ConnectError as error:
        if isinstance(error.__cause__, ssl.SSLError):
            raise NotSent("cannot_trust_teams") from None
        raise NotSent("cannot_reach_teams") from None
    except httpx.ConnectTimeout:
        raise NotSent("cannot_reach_teams") from None
    except (httpx.TimeoutException, TimeoutError):
        raise OutcomeUnknown("timeout") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise Refused("bad_address", "place", "Check TEAMS_SERVICE_URL.") from None
    except httpx.HTTPError:
        raise OutcomeUnknown("connection_lost", TIME_LIMIT) from None


_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _said(answer: httpx.Response) -> Mapping[str, Any]:
    """What Teams answered; or what became of the call as one of delivery's exceptions."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    said: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    status = answer.status_code
    if 200 <= status < 300:
        return said
    reason = _reason(said) or f"http_{status}"
    if status in RETRIED:
        raise NotSent(reason, asked_to_wait(answer.headers.get("retry-after")))
    if status >= 500 or status < 400:
        raise OutcomeUnknown(reason)
    if status == 404 and reason in _GONE:
        raise Gone(reason)
    if status == 401:
        raise Refused("http_401", "place", NEW_SECRET)
    if status in (400, 413):
        raise Refused(reason, "message", f"Teams did not accept it (“{reason}”); please report it.")
    raise Refused(reason, "place", mend(reason))


def mend(reason: str) -> str:
    """One sentence that says how to mend what Teams refused."""
    if reason in ("http_403", "http_404"):
        return _ADD_AGAIN
    return _MEND.get(reason, f"Teams answered “{reason}”; npq doctor shows what to check.")


def _reason(said: Mapping[str, Any]) -> str:
    """The most telling of its codes."""
    error = said.get("error")
    if not isinstance(error, Mapping):
        return ""
    inner = error.get("innerHttpError") or error.get("innererror")
    codes = [error.get("code"), inner.get("code") if isinstance(inner, Mapping) else None, error.get("subCode")]
    known = [code for code in codes if isinstance(code, str) and _CODE.fullmatch(code)]
    named = [code for code in known if code in _MEND or code in _GONE]
    return (named or known or [""])[0]
