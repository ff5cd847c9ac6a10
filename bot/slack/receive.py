"""Hears Slack, over HTTP or Socket Mode: verified, decoded, put to the desk, and the reply shown where it belongs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
import traceback
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from bot.clock import Clock
from bot.conversation import desk
from bot.conversation.requests import (
    Choices,
    Command,
    Done,
    FieldErrors,
    OpenForm,
    OpenPanel,
    Private,
    Reply,
    Request,
)
from bot.slack import decode, render
from core.services.office import Office

ANSWER_WITHIN = 2.4  # seconds, of the three that Slack waits
HANDS = 4  # threads that services run in
MOST_CARDS = 5  # uses of a response_url
EVENTS_REMEMBERED = 2_000
ANY = re.compile("")

LATE_FORM = "Slack gives a form three seconds to open, and this one took longer. Please press again."
OUR_FAULT = (
    "Something went wrong on our side, and nothing was recorded. Please try again; if it stays, tell your administrator"
)

log = logging.getLogger(__name__)

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence instead of a reply: what stands in the way."""

    sentence: str


class Slack:
    """One Slack app in one workspace. Nothing runs until `running` is entered."""

    def __init__(
        self,
        office: Office,
        clock: Clock,
        *,
        bot_token: str,
        signing_secret: str | None,
        app_token: str | None,
        api_url: str,
        not_ready: Callable[[], str | None],
        redraw_posts: Callable[[], None],
    ) -> None:
        """`not_ready` gives the sentence that says why nothing can be answered. `redraw_posts` is called after a decision,
        in a thread, once Slack has its answer; never twice at once.
        """
        self._office = office
        self._clock = clock
        self._app_token = app_token
        self._api_url = api_url
        self._not_ready = not_ready
        self._redraw_posts = redraw_posts
        self._redrawing = asyncio.Lock()
        self._redraw_waits = False
        self._ready = False
        self._client = AsyncWebClient(token=bot_token, base_url=api_url, timeout=3, retry_handlers=[])
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="desk")
        self._afterwards: set[asyncio.Task[None]] = set()
        self._events: OrderedDict[str, None] = OrderedDict()
        self._session: aiohttp.ClientSession | None = None
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._app = self._bolt(bot_token)

    def _bolt(self, bot_token: str) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=bot_token)

        app = AsyncApp(
            client=AsyncWebClient(base_url=self._api_url),
            authorize=authorize,
            signing_secret="verified before the body is read",
            request_verification_enabled=False,
            process_before_response=True,
        )
        app.command(ANY)(self._on_command)
        app.action(ANY)(self._on_press)
        app.view(ANY)(self._on_submission)
        app.view_closed(ANY)(_acknowledge)
        app.options(ANY)(self._on_lookup)
        app.event("app_mention")(self._on_message)
        app.event("message")(self._on_message)
        app.event(ANY)(_acknowledge)
        app.error(self._on_error)
        return app

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While entered: connections are kept open, Socket Mode is connected if it is set up. Finishes what is under way."""
        async with aiohttp.ClientSession() as session:
            self._session = self._client.session = session
            socket = asyncio.create_task(self._socket_mode()) if self._app_token else None
            try:
                yield
            finally:
                if socket is not None:
                    socket.cancel()
                    await asyncio.gather(socket, return_exceptions=True)
                if self._afterwards:
                    await asyncio.wait(self._afterwards, timeout=ANSWER_WITHIN)
                self._hands.shutdown(wait=False, cancel_futures=True)

    async def http(self, request: HttpRequest) -> Response:
        """One request to /slack/events. 401 when its signature is wrong or over five minutes old by the real clock."""
        body = await request.body()
        if self._verifier is None or not self._verifier.is_valid_request(body, dict(request.headers)):
            log.warning("a request to /slack/events was refused: %s", _why_refused(request))
            return JSONResponse({"error": "The signature is wrong, or more than five minutes old."}, status_code=401)
        try:
            asked = to_async_bolt_request(request, body)
            _check_shape(asked.body)
        except (ValueError, AttributeError, TypeError, KeyError):
            return JSONResponse({"error": "The request could not be read."}, status_code=400)
        return to_starlette_response(await self._app.async_dispatch(asked))

    async def _socket_mode(self) -> None:
        """Connected until cancelled; slack_sdk mends lost connections, this the first one."""
        while True:
            web = AsyncWebClient(token=self._app_token, base_url=self._api_url, retry_handlers=[])
            handler = AsyncSocketModeHandler(self._app, self._app_token, web_client=web)
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
                log.info("connected to Slack by Socket Mode")
                await asyncio.Event().wait()
            except SlackApiError as error:
                log.error("Socket Mode: Slack answered %s; check SLACK_APP_TOKEN", error.response["error"])
            except (aiohttp.ClientError, OSError) as error:
                log.error("Socket Mode: Slack cannot be reached (%s)", type(error).__name__)
            finally:
                with contextlib.suppress(Exception):
                    await handler.close_async()  # type: ignore[no-untyped-call]
            await asyncio.sleep(10)

    # what people do

    async def _on_command(self, ack: AsyncAck, body: Body) -> None:
        answering = asyncio.ensure_future(self._answer(decode.command(body)))
        done, _ = await asyncio.wait({answering}, timeout=ANSWER_WITHIN)
        if not done:
            await ack()
            self._after(self._whisper_when_ready(answering, body))
            return
        reply = answering.result()
        if isinstance(reply, OpenForm | OpenPanel):
            await self._open(body, reply)
            await ack()
            return
        first, *more = self._messages(reply)
        await ack(response_type="ephemeral", **first)
        if more:
            self._after(self._whisper(body, more))

    async def _whisper_when_ready(self, answering: asyncio.Future[Reply | Said], body: Body) -> None:
        reply = await answering
        if isinstance(reply, OpenForm | OpenPanel):
            await self._whisper(body, [_sentence(LATE_FORM)])
        else:
            await self._whisper(body, self._messages(reply))

    async def _on_press(self, ack: AsyncAck, body: Body) -> None:
        request = decode.press(body)
        if not (body.get("actions") or [{}])[0].get("value") and not _chosen(body):
            await ack()  # a menu that was cleared, or a link
            return
        reply = await self._answer(request)
        if isinstance(reply, OpenForm | OpenPanel):
            await self._open(body, reply)
        elif body.get("view") and isinstance(reply, Private | Done):
            await self._open(body, OpenPanel(reply.cards[0] if isinstance(reply, Private) else reply.card))
        else:
            replaces = isinstance(reply, Private) and reply.replaces
            await self._whisper(body, self._messages(reply), replaces=replaces)
        await ack()
        self._redraw(reply)

    async def _on_submission(self, ack: AsyncAck, body: Body) -> None:
        reply = await self._answer(decode.submission(body))
        view = body.get("view") or {}
        if isinstance(reply, FieldErrors):
            await ack(response_action="errors", errors=_on_fields(view, reply.errors))
        elif isinstance(reply, OpenForm):
            await ack(response_action="update", view=render.view(reply.form))
        elif isinstance(reply, Done | OpenPanel):
            await ack(response_action="update", view=render.panel(reply.card))
        elif isinstance(reply, Private):
            await ack(response_action="update", view=render.panel(reply.cards[0]))
        else:
            sentence = reply.sentence if isinstance(reply, Said) else OUR_FAULT
            await ack(response_action="errors", errors=_on_fields(view, {"": sentence}))
        self._redraw(reply)

    async def _on_lookup(self, ack: AsyncAck, body: Body) -> None:
        reply = await self._answer(decode.lookup(body))
        await ack(options=render.options(reply.options) if isinstance(reply, Choices) else [])

    async def _on_message(self, ack: AsyncAck, event: Body, body: Body) -> None:
        await ack()
        mentioned = event.get("type") == "app_mention"
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return
        if not mentioned and event.get("channel_type") != "im":
            return
        event_id = str(body.get("event_id") or event.get("client_msg_id") or event.get("ts"))
        if event_id in self._events:
            return
        self._events[event_id] = None
        if len(self._events) > EVENTS_REMEMBERED:
            self._events.popitem(last=False)
        self._after(self._answer_message(decode.message(event, event_id), event, mentioned))

    async def _answer_message(self, command: Command, event: Body, mentioned: bool) -> None:
        for message in self._messages(await self._answer(command)):
            if mentioned:
                await self._client.chat_postEphemeral(
                    channel=event["channel"], user=event["user"], thread_ts=event.get("thread_ts"), **message
                )
            else:
                await self._client.chat_postMessage(channel=event["channel"], unfurl_links=False, **message)

    # how they are answered

    async def _answer(self, request: Request) -> Reply | Said:
        """The desk's reply; a sentence when the database is not ready or something breaks."""
        try:
            if self._ready and desk.takes_no_time(self._office, request):
                return self._ask(request)  # to hand it to a thread and back would take longer
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._hands, partial(self._ask, request))
        except Exception as error:
            self._ready = False
            return Said(f"{OUR_FAULT} “{_noted(error)}”.")

    def _ask(self, request: Request) -> Reply | Said:
        if not self._ready:
            reason = self._not_ready()
            if reason is not None:
                return Said(f"I can't answer yet. {reason} (For whoever runs this bot.)")
            self._ready = True
        return desk.answer(self._office, request, now=self._clock.now())

    def _messages(self, reply: Reply | Said) -> list[Mapping[str, Any]]:
        """A reply as messages for one person; always at least one."""
        if isinstance(reply, Private):
            return [render.message(card) for card in reply.cards[:MOST_CARDS]]
        if isinstance(reply, Done | OpenPanel):
            return [render.message(reply.card)]
        if isinstance(reply, FieldErrors):
            return [_sentence("\n".join(reply.errors.values()))]
        if isinstance(reply, Said):
            return [_sentence(reply.sentence)]
        return [_sentence("I can show that as a form only: please use /npq or a button.")]

    async def _open(self, body: Body, reply: OpenForm | OpenPanel) -> None:
        """Opens a dialog, on top of the one that was pressed in if there is one; says so when Slack would not."""
        view = render.view(reply.form) if isinstance(reply, OpenForm) else render.panel(reply.card)
        call = self._client.views_push if body.get("view") else self._client.views_open
        try:
            await call(trigger_id=str(body.get("trigger_id") or ""), view=view)
        except SlackApiError as error:
            reason = error.response["error"] if error.response is not None else "unknown"
            if reason == "exchanged_trigger_id":
                return  # the same press delivered twice: its dialog is open
            log.error("a dialog did not open: Slack answered %s", reason)
            late = reason in ("expired_trigger_id", "invalid_trigger_id")
            sentence = (
                LATE_FORM if late else f"Slack did not open the form (“{reason}”). Please tell your administrator."
            )
            await self._whisper(body, [_sentence(sentence)])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.error("a dialog did not open: %s", type(error).__name__)
            await self._whisper(body, [_sentence(LATE_FORM)])

    async def _whisper(self, body: Body, messages: list[Mapping[str, Any]], *, replaces: bool = False) -> None:
        """Tells the one person who asked: by the request's own address for answers, else as an ephemeral message."""
        user = body.get("user_id") or (body.get("user") or {}).get("id")
        channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
        ephemeral = (body.get("container") or {}).get("is_ephemeral", False)
        for number, message in enumerate(messages):
            try:
                if url := body.get("response_url"):
                    instead = replaces and ephemeral and number == 0
                    await self._respond(url, {"response_type": "ephemeral", "replace_original": instead, **message})
                elif channel and user:
                    await self._client.chat_postEphemeral(channel=channel, user=user, **message)
            except SlackApiError as error:
                log.error("a private answer was not shown: Slack answered %s", error.response["error"])
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                log.error("a private answer was not shown: %s", type(error).__name__)

    async def _respond(self, url: str, message: Mapping[str, Any]) -> None:
        assert self._session is not None
        limit = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        async with self._session.post(url, json=message, timeout=limit, allow_redirects=False) as answer:
            if answer.status >= 400:
                log.error("a private answer was not shown: HTTP %d", answer.status)

    def _redraw(self, reply: Reply | Said) -> None:
        """Has the posts that a decision concerns redrawn, after Slack has its answer."""
        if isinstance(reply, Done) and not self._redraw_waits:
            self._redraw_waits = True
            self._after(self._redraw_in_turn())

    async def _redraw_in_turn(self) -> None:
        async with self._redrawing:
            self._redraw_waits = False
            await asyncio.get_running_loop().run_in_executor(self._hands, self._redraw_posts)

    def _after(self, work: Coroutine[Any, Any, None]) -> None:
        """Something to do once Slack has its answer; kept hold of until it is done."""

        async def noted() -> None:
            try:
                await work
            except Exception as error:
                _noted(error)

        task = asyncio.create_task(noted())
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)

    async def _on_error(self, error: Exception) -> None:
        _noted(error)


def _check_shape(body: Any) -> None:
    """Raises `TypeError` when a part that is read as an object is something else."""
    parts = ("event", "user", "team", "channel", "view", "message", "container")
    if not isinstance(body, dict) or any(not isinstance(body.get(part) or {}, dict) for part in parts):
        raise TypeError
    if not all(isinstance(action, dict) for action in body.get("actions") or []):
        raise TypeError


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()


def _sentence(words: str) -> Mapping[str, Any]:
    """Plain words as a message: nothing in them is markup."""
    return {"text": words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}


def _chosen(body: Body) -> bool:
    return isinstance((body.get("actions") or [{}])[0].get("selected_option"), Mapping)


def _on_fields(view: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, str]:
    """Messages on the form's fields; what belongs to no field stands on the first."""
    fields = [str(block.get("block_id")) for block in view.get("blocks") or [] if block.get("type") == "input"]
    placed: dict[str, str] = {}
    for name, message in wrong.items():
        at = name if name in fields or not fields else fields[0]
        placed[at] = f"{placed[at]} {message}" if at in placed else message
    return placed


def _noted(error: Exception) -> str:
    """Writes down where it broke, without what it was about, under a short mark that a person can pass on."""
    mark = f"{time.time_ns() // 1_000_000 % 10**8:08d}"
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s: %s at %s", mark, type(error).__name__, where)
    return mark


def _why_refused(request: HttpRequest) -> str:
    stamp = request.headers.get("x-slack-request-timestamp", "")
    if not stamp.isdecimal():
        return "it is not signed; it does not come from Slack"
    age = time.time() - int(stamp)
    if abs(age) > 300:
        return f"it is {age:.0f} seconds old by this machine's clock; check the clock"
    return "its signature does not fit SLACK_SIGNING_SECRET"
