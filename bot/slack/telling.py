"""Tells one person something in Slack: opens a dialog, or whispers where only they see it. Says why when it can't."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

NO_ANSWER = "no_proper_answer"
PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", NO_ANSWER})
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)
LATE_FORM = "Slack gives a form three seconds to open, and this one took longer. Please press again."
BUSY = "Slack is busy just now and did not open the form. Please press again in a moment."

log = logging.getLogger(__name__)

Body = Mapping[str, Any]


class Teller:
    """Tries once: whoever asked can ask again."""

    def __init__(self, client: AsyncWebClient) -> None:
        """`client` has its session while anything is told, and the session its time limit."""
        self._client = client

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

    async def whisper(self, body: Body, messages: Iterable[Mapping[str, Any]], *, replaces: bool = False) -> None:
        """Tells the one person who asked: by the request's own address for answers, else as an ephemeral message.

        `replaces`: the first message stands in place of the private one that was pressed.
        """
        user = body.get("user_id") or (body.get("user") or {}).get("id")
        channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
        ephemeral = (body.get("container") or {}).get("is_ephemeral", False)
        for number, message in enumerate(messages):
            try:
                url = body.get("response_url")
                instead = replaces and ephemeral and number == 0
                answer = {"response_type": "ephemeral", "replace_original": instead, **message}
                if url and await self._responded(url, answer):
                    continue
                if channel and user:
                    await self._client.chat_postEphemeral(channel=channel, user=user, **message)
            except SlackApiError as error:
                log.error("a private answer was not shown: Slack answered %s", reason_of(error))
            except UNREACHABLE as error:
                log.error("a private answer was not shown: %s", type(error).__name__)

    async def answer_message(self, event: Body, message: Mapping[str, Any], *, mentioned: bool) -> None:
        """Answers a message to the bot: where it was mentioned, so that only the one who asked sees it."""
        if mentioned:
            await self._client.chat_postEphemeral(
                channel=event["channel"], user=event["user"], thread_ts=event.get("thread_ts"), **message
            )
        else:
            await self._client.chat_postMessage(channel=event["channel"], unfurl_links=False, **message)

    async def _responded(self, url: str, message: Mapping[str, Any]) -> bool:
        """Whether the request's own address took an answer: it lasts for half an hour and five answers."""
        session = self._client.session
        assert session is not None
        async with session.post(url, json=message, allow_redirects=False) as answer:
            return answer.status < 400


def reason_of(error: SlackApiError) -> str:
    """Slack's code for what went wrong, also where the answer was no JSON."""
    data = getattr(error.response, "data", None)
    reason = data.get("error") if isinstance(data, dict) else None
    return reason if isinstance(reason, str) else NO_ANSWER


def sentence(words: str) -> Mapping[str, Any]:
    """Plain words as a message: nothing in them is markup."""
    return {"text": words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
