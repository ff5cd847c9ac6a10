"""Posts, redraws and finds messages in Slack, each by one call, and says plainly what became of it."""

from __future__ import annotations

import http.client
import logging
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse

from bot.clock import real_now
from bot.conversation.cards.card import Card
from bot.delivery.sender import (
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
from bot.slack import render
from bot.slack.http_call import OneCallClient, TooSlow, sent_while
from bot.slack.ids import is_person
from bot.slack.limits import POSTS_A_MINUTE, POSTS_APART
from core.posts.outbox import Pace

CLOCKS_APART = 24 * 3600  # seconds that our clock may be, or have been, ahead of Slack's, when looking for a post
PAGE = 200  # messages a call of conversations.history
MOST_PAGES = 20

_NEW_TOKEN = "Install the app again in Slack and set SLACK_BOT_TOKEN to its new bot token."
_MEND: dict[str, str] = {
    "not_in_channel": "Invite the bot to the channel: type /invite @NPQ there.",
    "channel_not_found": "Check the channel's id, and if the channel is private, invite the bot to it.",
    "is_archived": "Unarchive the channel, or name another with npq place add.",
    "missing_scope": "Add the scopes of the app manifest to the Slack app, and install it again.",
    "no_permission": "Add the scopes of the app manifest to the Slack app, and install it again.",
    "restricted_action": "Ask a workspace administrator to let the bot post in this channel.",
    "restricted_action_read_only_channel": "Ask a workspace administrator to let the bot post in this channel.",
    "invalid_auth": _NEW_TOKEN,
    "not_authed": _NEW_TOKEN,
    "token_revoked": _NEW_TOKEN,
    "token_expired": _NEW_TOKEN,
    "account_inactive": _NEW_TOKEN,
    "not_allowed_token_type": "Set SLACK_BOT_TOKEN to the app's bot token, which starts with xoxb-.",
}
_ABOUT_THE_MESSAGE = frozenset(
    {
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
_ASK_AGAIN_LATER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "request_timeout"})
_PERHAPS_DONE = frozenset(
    {"fatal_error", "internal_error", "service_unavailable"}
)  # Slack: "some aspect may have succeeded"
_CANNOT_BE_CHANGED = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})
CODE = re.compile(r"[a-z0-9_]+")
# slack_sdk logs the answers that it cannot read, with whatever people wrote in them
_UNHEARD = logging.Logger("unheard", logging.CRITICAL + 1)
_NEVER_REACHED = (ConnectionRefusedError, TooSlow, socket.gaierror, ssl.SSLCertVerificationError)


def web_client(token: str, api_url: str) -> WebClient:
    """A client that tries once: the outbox owns retries, and Slack's own would post twice after a dropped connection."""
    return OneCallClient(token=token, base_url=api_url, timeout=int(TIME_LIMIT), retry_handlers=[], logger=_UNHEARD)


class SlackSender:
    """The `Sender` for Slack."""

    def __init__(self, client: WebClient, pace: Pace | None = None) -> None:
        self._client = client
        self.pace = pace or Pace(timedelta(seconds=POSTS_APART), POSTS_A_MINUTE, timedelta(minutes=1))

    def draw(self, card: Card) -> Mapping[str, Any]:
        """A neutral card as text and blocks."""
        return render.message(card)

    def post(self, channel: str, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> Address:
        """Posts once. Raises NotSent, Refused or OutcomeUnknown."""
        answer = self._ask(
            lambda: self._client.chat_postMessage(
                channel=channel, metadata=_metadata(tag), unfurl_links=False, unfurl_media=False, **message
            ),
            in_time,
        )
        if not (answer.get("channel") and answer.get("ts")):
            raise OutcomeUnknown("no_address")
        return Address(str(answer["channel"]), str(answer["ts"]))

    def update(self, address: Address, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> None:
        """Redraws a post in place. Raises NotSent, Refused, OutcomeUnknown (trying again is harmless) or Gone."""
        try:
            self._ask(
                lambda: self._client.chat_update(
                    channel=address.channel, ts=address.ts, metadata=_metadata(tag), **message
                ),
                in_time,
            )
        except Refused as refused:
            if refused.concerns == "place" and refused.reason not in _MEND:
                raise NotSent(refused.reason) from None  # it may be this one post: the place has not refused any
            raise

    def find(self, channel: str, tag: Tag, since: datetime) -> Address | None:
        """The post with this tag since an instant of the real clock. Raises NotSent, Refused or CannotLook.

        A person's own chat with the bot is known by another id than theirs, so there nobody can look.
        """
        if is_person(channel):
            raise CannotLook("a_person")
        oldest = f"{min(since, real_now()).timestamp() - CLOCKS_APART:.6f}"  # our clock may have been set right since
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = self._look(channel, oldest, cursor)
            messages = answer.get("messages")
            if not isinstance(messages, list):  # an empty something else would say that the post is not there
                raise NotSent("unreadable_answer")
            try:
                for message in messages:
                    metadata = message.get("metadata") or {}
                    payload = metadata.get("event_payload") or {}
                    if metadata.get("event_type") == tag.kind and payload.get("token") == tag.token:
                        return Address(channel, str(message["ts"]))
                cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            except (LookupError, AttributeError, TypeError):
                raise NotSent("unreadable_answer") from None
            if not cursor:
                return None
        raise CannotLook("too_many_messages")

    def _look(self, channel: str, oldest: str, cursor: str) -> SlackResponse:
        try:
            return self._ask(
                lambda: self._client.conversations_history(
                    channel=channel,
                    oldest=oldest,
                    inclusive=True,
                    include_all_metadata=True,
                    limit=PAGE,
                    cursor=cursor or None,
                )
            )
        except OutcomeUnknown as unknown:
            raise NotSent(unknown.reason) from unknown
        except Refused as refused:
            if refused.reason in ("missing_scope", "no_permission", "not_allowed_token_type"):
                raise CannotLook(refused.reason) from refused
            raise

    def _ask(self, call: Callable[[], SlackResponse], in_time: InTime = always) -> SlackResponse:
        try:
            with sent_while(in_time):
                return call()
        except SlackApiError as error:
            raise what_became_of(error) from None
        except TooLate:
            raise NotSent("interrupted", retry_after=0) from None
        except URLError as error:
            if isinstance(error.reason, _NEVER_REACHED):
                raise NotSent("cannot_reach_slack") from None
            raise OutcomeUnknown("connection_lost", TIME_LIMIT) from None
        except (OSError, http.client.HTTPException) as error:
            raise OutcomeUnknown("timeout" if isinstance(error, TimeoutError) else "connection_lost") from None
        except SlackRequestError:
            raise Refused("bad_request", "message", "This message could not be put into a request.") from None
        except (ValueError, LookupError, AttributeError):
            # slack_sdk stumbled over what came back: another character set than it says, JSON that is no object
            raise OutcomeUnknown("unreadable_answer") from None


def mend(reason: str) -> str:
    """One sentence that says how to mend what Slack refused."""
    return _MEND.get(reason, f"Slack answered “{reason}”; npq doctor shows what to check.")


def _metadata(tag: Tag) -> dict[str, Any]:
    return {"event_type": tag.kind, "event_payload": {"token": tag.token}}


def what_became_of(error: SlackApiError) -> Exception:
    """Slack's answer as one of delivery's exceptions. Only `ok: false` proves that nothing was done."""
    response = error.response
    status = getattr(response, "status_code", 0) or getattr(response, "status", 0)  # slack_sdk's, aiohttp's
    headers = {name.lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    body = response if isinstance(response, Mapping) else getattr(response, "data", None)
    reason = str(body.get("error") or "") if isinstance(body, Mapping) else ""
    if not CODE.fullmatch(reason):
        reason = ""  # slack_sdk puts a sentence there when the answer was no JSON
    if status == 429 or reason in _ASK_AGAIN_LATER:
        return NotSent(reason or "ratelimited", asked_to_wait(headers.get("retry-after")))
    if status >= 500 or reason in _PERHAPS_DONE:
        return OutcomeUnknown(reason or f"http_{status}")
    if reason in _CANNOT_BE_CHANGED:
        return Gone(reason)
    if not reason:
        return OutcomeUnknown(f"http_{status}")  # no JSON object: some proxy's, perhaps after the post went through
    # a reason that we don't know counts against the place: it is tried again, nothing is lost
    return Refused(reason, "message" if reason in _ABOUT_THE_MESSAGE else "place", mend(reason))
