"""Tells one person something in Slack: opens a dialog, answers, or whispers where only they see it. Says why when it can't."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.sender import Gone, NotSent, OutcomeUnknown, Refused, asked_to_wait
from bot.slack.decode import mentions, thread_of
from bot.slack.send import what_became_of
from bot.web.answer_retries import Patience

NO_ANSWER = "no_proper_answer"
PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", NO_ANSWER})
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)
NEVER_REACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
LATE_FORM = "Slack gives a form three seconds to open, and this one took longer. Please press again."
BUSY = "Slack is busy just now and did not open the form. Please press again in a moment."

log = logging.getLogger(__name__)

Body = Mapping[str, Any]
Message = Mapping[str, Any]
Way: TypeAlias = tuple[str, Callable[[], Awaitable[None]]]  # the place where it ends, and how it is said there


class Teller:
    """A dialog is tried once, since it must open at once; an answer until Slack takes it, but never twice."""

    def __init__(self, client: AsyncWebClient) -> None:
        """`client` has its session while anything is told, and the session its time limit."""
        self._client = client
        self._patience = Patience()

    async def open(self, body: Body, view: Mapping[str, Any]) -> str | None:
        """Opens a dialog, on top of the one that was pressed in if there is one; the sentence that says why not."""
        call = self._client.views_push if body.get("view") else self._client.views_open
        try:
            await call(trigger_id=str(body.get("trigger_id") or ""), view=dict(view))
        except SlackApiError as error:
            reason = reason_of(error)
            if reason == "exchanged_trigger_id":
                return None  # the same press delivered twice: its dialog is open
            log.error("a dialog did not open: Slack answered %s", reason)
            if reason in ("expired_trigger_id", "invalid_trigger_id"):
                return LATE_FORM
            return (
                BUSY
                if reason in PASSING
                else f"Slack did not open the form (“{reason}”). Please tell your administrator."
            )
        except UNREACHABLE as error:
            log.error("a dialog did not open: %s", type(error).__name__)
            return LATE_FORM
        return None

    async def whisper(self, body: Body, messages: Iterable[Message], *, replaces: bool = False) -> None:
        """Tells the one person who asked: by the request's own address for answers, else as an ephemeral message.

        `replaces`: the first message stands in place of the private one that was pressed.
        """
        user = body.get("user_id") or (body.get("user") or {}).get("id")
        channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
        ephemeral = (body.get("container") or {}).get("is_ephemeral", False)
        url = body.get("response_url")
        for number, message in enumerate(messages):
            instead = replaces and ephemeral and number == 0
            answer = {"response_type": "ephemeral", "replace_original": instead, **message}
            await self._say(
                *([(url, partial(self._respond, url, answer))] if url else ()), *self._privately(channel, user, message)
            )

    async def answer_message(self, event: Body, message: Message) -> None:
        """Answers a message to the bot, in its thread; where it was mentioned, so that only the one who asked sees it."""
        channel, user, thread = event["channel"], event["user"], thread_of(event)
        if mentions(event):
            await self._say(*self._privately(channel, user, message, thread))
        else:
            places = (thread, None) if thread else (None,)  # outside the thread where that is gone meanwhile
            await self._say(*((channel, partial(self._post, channel, message, place)) for place in places))

    def _privately(
        self, channel: str | None, user: str | None, message: Message, thread: str | None = None
    ) -> Iterator[Way]:
        """Ways on which one person alone is told, the nearest first."""
        if channel and user:
            shown = partial(self._client.chat_postEphemeral, channel=channel, user=user, thread_ts=thread, **message)
            yield channel, partial(_asked, shown)
        if user:
            yield user, partial(self._post, user, message, None)

    async def _say(self, *ways: Way) -> None:
        """Says it on the first way that takes it: on the next one only where this one certainly takes nothing, and once."""
        reason = "there is no way to whoever asked"
        for place, way in ways:
            try:
                return await self._patience.until_taken(place, way)
            except (Refused, Gone) as refused:
                reason = f"Slack answered {refused.reason}"
            except (NotSent, OutcomeUnknown) as failed:
                reason = failed.reason
                break
        log.error("a private answer was not shown: %s", reason)

    async def _post(self, channel: str, message: Message, thread: str | None) -> None:
        await _asked(
            partial(self._client.chat_postMessage, channel=channel, thread_ts=thread, unfurl_links=False, **message)
        )

    async def _respond(self, url: str, message: Message) -> None:
        """Says it at the request's own address for answers, which lasts for half an hour and five of them."""
        session = self._client.session
        assert session is not None

        async def respond() -> None:
            async with session.post(url, json=message, allow_redirects=False) as answer:
                _check_response(answer.status, await answer.text(errors="replace"), answer.headers.get("retry-after"))

        await _in_reach(respond)


async def _asked(call: Callable[[], Awaitable[Any]]) -> None:
    """One call of the Web API. Raises what became of it, as posts do."""
    try:
        await _in_reach(call)
    except SlackApiError as error:
        raise what_became_of(error) from None
    except (SlackRequestError, ValueError, LookupError, AttributeError):
        raise OutcomeUnknown("unreadable_answer") from None


async def _in_reach(call: Callable[[], Awaitable[Any]]) -> None:
    """One call over the network. Raises NotSent where nobody was reached, OutcomeUnknown where the answer got lost."""
    try:
        await call()
    except NEVER_REACHED:
        raise NotSent("cannot_reach_slack") from None
    except UNREACHABLE as error:
        raise OutcomeUnknown(type(error).__name__) from None


def _check_response(status: int, said: str, retry_after: str | None) -> None:
    """What became of an answer at an address for answers: "ok", or why not."""
    if status == 429:
        raise NotSent("ratelimited", asked_to_wait(retry_after))
    if status >= 500:
        raise OutcomeUnknown(f"http_{status}")
    if status >= 300 or _says_no(said):
        raise Refused(f"http_{status}", "place", "")


def _says_no(said: str) -> bool:
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError):
        return False  # Slack's yes is a bare "ok"
    return isinstance(answer, dict) and answer.get("ok") is False


def reason_of(error: SlackApiError) -> str:
    """Slack's code for what went wrong, also where the answer was no JSON."""
    data = getattr(error.response, "data", None)
    reason = data.get("error") if isinstance(data, dict) else None
    return reason if isinstance(reason, str) else NO_ANSWER


def sentence(words: str) -> Mapping[str, Any]:
    """Plain words as a message: nothing in them is markup."""
    return {"text": words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
