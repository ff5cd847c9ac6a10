"""Hears Slack, over HTTP or Socket Mode: verified, decoded, put to the desk, and the reply shown where it belongs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, overload

import aiohttp
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.internals import parse_body
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from bot.clock import Clock
from bot.conversation import desk
from bot.conversation.cards import Card, Form, Note, bold, line
from bot.conversation.requests import (
    Choices,
    Command,
    Done,
    FieldErrors,
    OpenForm,
    OpenPanel,
    Press,
    Private,
    Reply,
    Request,
)
from bot.conversation.verbs import STATUS, Call
from bot.slack import decode, render
from bot.slack.telling import LATE_FORM, Teller, reason_of, sentence
from bot.slack.verifying import Signatures, check_shape
from core.records.database import DatabaseBusy, DatabaseRefused
from core.rules.calendar import in_words, london_day
from core.services.actors import Actor
from core.services.enquiries import Case
from core.services.inbox import first_time
from core.services.office import Office

ANSWER_WITHIN = 2.4  # seconds, of the three that Slack waits
HANDS = 4  # threads that services run in
MOST_CARDS = 5  # uses of a response_url
ANY = re.compile("")
JSON = "application/json;charset=utf-8"

OUR_FAULT = (
    "Something went wrong on our side, and nothing was recorded. Please try again; if it stays, tell your administrator"
)

log = logging.getLogger(__name__)

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """An answer kept as Slack takes it."""

    message: bytes


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
        self._teller = Teller(self._client)
        self._signatures = Signatures(signing_secret) if signing_secret else None
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
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN)) as session:
            self._client.session = session
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
        refused = "there is no SLACK_SIGNING_SECRET"
        if self._signatures is not None:
            refused = self._signatures.why_refused(body, request.headers) or ""
        if refused:
            log.warning("a request to /slack/events was refused: %s", refused)
            return JSONResponse({"error": "The signature is wrong, or more than five minutes old."}, status_code=401)
        try:
            given = parse_body(body.decode(), request.headers.get("content-type"))
            check_shape(given)
            if isinstance(given.get("command"), str) and "ssl_check" not in given:
                return to_starlette_response(await self._straight(given))
            asked = to_async_bolt_request(request, body)
            return to_starlette_response(await self._app.async_dispatch(asked))
        except Exception as error:
            _noted(error)
            return JSONResponse({"error": "The request could not be read."}, status_code=400)

    async def _straight(self, body: Body) -> BoltResponse:
        """A slash command put to its listener at once: bolt's way there takes longer than the answer."""
        ack = AsyncAck()  # type: ignore[no-untyped-call]
        try:
            await self._on_command(ack, body)
        except Exception as error:
            await self._on_error(error)
        return ack.response or BoltResponse(status=500)

    async def _socket_mode(self) -> None:
        """Connected until cancelled; slack_sdk mends lost connections, this the first one."""
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler  # here: over HTTP nobody needs it

        while True:
            web = AsyncWebClient(token=self._app_token, base_url=self._api_url, retry_handlers=[])
            handler = AsyncSocketModeHandler(self._app, self._app_token, web_client=web)
            try:
                await web.apps_connections_open(app_token=self._app_token or "")  # says what is wrong in a word
                await handler.connect_async()  # type: ignore[no-untyped-call]
                log.info("connected to Slack by Socket Mode")
                await asyncio.Event().wait()
            except SlackApiError as error:
                log.error("Socket Mode: Slack answered %s; check SLACK_APP_TOKEN", reason_of(error))
            except (aiohttp.ClientError, OSError) as error:
                log.error("Socket Mode: Slack cannot be reached (%s)", type(error).__name__)
            finally:
                with contextlib.suppress(Exception):
                    await handler.close_async()  # type: ignore[no-untyped-call]
            await asyncio.sleep(10)

    # what people do

    async def _on_command(self, ack: AsyncAck, body: Body) -> None:
        command = decode.command(body)
        reply = self._at_once(command)
        if reply is None:
            answering = asyncio.ensure_future(self._answer(command, kept=True))
            done, _ = await asyncio.wait({answering}, timeout=ANSWER_WITHIN)
            if not done:
                await ack()
                self._after(self._whisper_when_ready(answering, body))
                return
            reply = answering.result()
        if isinstance(reply, Finished):
            ack.response = BoltResponse(status=200, body=reply.message.decode(), headers={"content-type": JSON})
            return
        if isinstance(reply, OpenForm | OpenPanel):
            trouble = await self._open(body, reply)
            await ack()
            self._tell(body, trouble)
            return
        first, *more = self._messages(reply)
        await ack(response_type="ephemeral", **first)
        if more:
            self._after(self._teller.whisper(body, more))

    async def _whisper_when_ready(self, answering: asyncio.Future[Reply | Said | Finished], body: Body) -> None:
        reply = await answering
        if isinstance(reply, OpenForm | OpenPanel):
            await self._teller.whisper(body, [sentence(LATE_FORM)])
        else:
            await self._teller.whisper(body, self._messages(reply))

    async def _on_press(self, ack: AsyncAck, body: Body) -> None:
        request = decode.press(body)
        if not (body.get("actions") or [{}])[0].get("value") and not _chosen(body):
            await ack()  # a menu that was cleared, or a link
            return
        reply = await self._answer(request)
        trouble: str | None = None
        if isinstance(reply, OpenForm | OpenPanel):
            trouble = await self._open(body, reply)
        elif body.get("view") and isinstance(reply, Private | Done):
            card = reply.cards[0] if isinstance(reply, Private) else reply.card
            trouble = await self._open(body, OpenPanel(card))
        else:
            replaces = isinstance(reply, Private) and reply.replaces
            self._after(self._teller.whisper(body, self._messages(reply), replaces=replaces))
        await ack()
        self._tell(body, trouble)
        self._redraw(reply)

    async def _on_submission(self, ack: AsyncAck, body: Body) -> None:
        reply = await self._answer(decode.submission(body))
        view = body.get("view") or {}
        if isinstance(reply, FieldErrors):
            await ack(response_action="errors", errors=_on_fields(view, reply.errors))
        elif isinstance(reply, OpenForm):
            await ack(response_action="update", view=render.view(self._form(reply.form)))
        elif isinstance(reply, Done | OpenPanel):
            await ack(response_action="update", view=self._panel(reply.card))
        elif isinstance(reply, Private):
            await ack(response_action="update", view=self._panel(reply.cards[0]))
        else:
            words = reply.sentence if isinstance(reply, Said) else OUR_FAULT
            await ack(response_action="errors", errors=_on_fields(view, {"": words}))
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
        self._after(self._answer_message(decode.message(event, event_id), event, mentioned))

    async def _answer_message(self, command: Command, event: Body, mentioned: bool) -> None:
        reply = await self._answer(command, once=True)
        if reply is None:
            return  # delivered before
        if isinstance(reply, OpenForm):
            # only a press can open a form: the status card has the buttons for it
            call = reply.form.call
            reply = await self._answer(Press(command.origin, Call(STATUS, call.participant, call.output)))
        for message in self._messages(reply):
            await self._teller.answer_message(event, message, mentioned=mentioned)

    # how they are answered

    def finished(self, actor: Actor, case: Case) -> bytes:
        """What `status` answers about somebody, as Slack takes it."""
        drawn = render.message(self._marked(desk.card_about(self._office, actor, case)))
        return json.dumps({"response_type": "ephemeral", **drawn}).encode()

    def _at_once(self, command: Command) -> Reply | Said | Finished | None:
        """A reply that takes a millisecond at most, where handing it to a thread and back would take longer; else None."""
        if not (self._ready and self._office.at_hand):
            return None
        try:
            if (kept := desk.kept_answer(self._office, command, now=self._clock.now())) is not None:
                return Finished(kept)
            return self._ask(command) if desk.takes_no_time(self._office, command) else None
        except Exception as error:
            return self._broken(error)

    @overload
    async def _answer(self, request: Request) -> Reply | Said: ...

    @overload
    async def _answer(self, request: Command, *, kept: bool) -> Reply | Said | Finished: ...

    @overload
    async def _answer(self, request: Request, *, once: bool) -> Reply | Said | None: ...

    async def _answer(
        self, request: Request, *, once: bool = False, kept: bool = False
    ) -> Reply | Said | Finished | None:
        """The desk's reply; a sentence when the database is not ready or something breaks.

        With `once`: None when this very message was delivered before, to whichever process. With `kept`: also an answer
        that is kept finished.
        """
        if kept and isinstance(request, Command):
            work: Callable[[], Reply | Said | Finished | None] = partial(self._find_or_ask, request)
        else:
            work = partial(self._ask_once if once else self._ask, request)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hands, work)
        except Exception as error:
            return self._broken(error)

    def _broken(self, error: Exception) -> Said:
        if isinstance(error, DatabaseBusy):
            return Said(str(error))
        self._ready = False
        if isinstance(error, DatabaseRefused):
            log.error("cannot answer: %s", error)
            return _in_the_way(str(error))
        return Said(f"{OUR_FAULT} “{_noted(error)}”.")

    def _find_or_ask(self, command: Command) -> Reply | Said | Finished:
        kept = desk.kept_answer(self._office, command, now=self._clock.now()) if self._ready else None
        return self._ask(command) if kept is None else Finished(kept)

    def _ask_once(self, request: Request) -> Reply | Said | None:
        if (trouble := self._trouble()) is not None:
            return trouble
        try:
            first = first_time(self._office, request.origin, now=self._clock.now())
        except DatabaseBusy:
            first = True  # a second answer is better than none, and words alone change nothing: that takes a form
        return self._ask(request) if first else None

    def _ask(self, request: Request) -> Reply | Said:
        return self._trouble() or desk.answer(self._office, request, now=self._clock.now())

    def _trouble(self) -> Said | None:
        """Why nothing can be answered yet; looked at until it can."""
        if not self._ready:
            reason = self._not_ready()
            if reason is not None:
                return _in_the_way(reason)
            self._ready = True
        return None

    def _messages(self, reply: Reply | Said | Finished) -> list[Mapping[str, Any]]:
        """A reply as messages for one person; always at least one."""
        if isinstance(reply, Finished):
            return [json.loads(reply.message)]
        if isinstance(reply, Private):
            return [render.message(self._marked(card)) for card in reply.cards[:MOST_CARDS]]
        if isinstance(reply, Done | OpenPanel):
            return [render.message(self._marked(reply.card))]
        if isinstance(reply, FieldErrors):
            return [sentence("\n".join(reply.errors.values()))]
        if isinstance(reply, Said):
            return [sentence(reply.sentence)]
        return [sentence("I can show that as a form only: please use /npq or a button.")]

    def _marked(self, card: Card) -> Card:
        """In a rehearsal every message says so."""
        return replace(card, elements=(*self._rehearsal(), *card.elements))

    def _panel(self, card: Card) -> dict[str, Any]:
        return render.panel(self._marked(card))

    def _form(self, form: Form) -> Form:
        return replace(form, context=(*self._rehearsal(), *form.context))

    def _rehearsal(self) -> tuple[Note, ...]:
        if not self._clock.rehearsal:
            return ()
        return (Note(line(bold(f"Rehearsal: the clock is set to {in_words(london_day(self._clock.now()))}."))),)

    async def _open(self, body: Body, reply: OpenForm | OpenPanel) -> str | None:
        """Opens a dialog; the sentence that says why it did not."""
        view = render.view(self._form(reply.form)) if isinstance(reply, OpenForm) else self._panel(reply.card)
        return await self._teller.open(body, view)

    def _tell(self, body: Body, words: str | None) -> None:
        if words is not None:
            self._after(self._teller.whisper(body, [sentence(words)]))

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


def _in_the_way(reason: str) -> Said:
    return Said(f"I can't answer just now. {reason} (For whoever runs this bot.)")


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()


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
