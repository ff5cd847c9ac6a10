"""Hears Slack, over HTTP or Socket Mode: verified, decoded, put to the conversation, and the reply shown where it belongs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

import aiohttp
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.clock import Clock
from bot.conversation.cards.card import Card
from bot.conversation.requests import Choices, Command, Done, FieldErrors, OpenForm, OpenPanel, Press, Private
from bot.conversation.verbs import ANY_COURSE, STATUS, Call
from bot.faults import OUR_FAULT, note, word
from bot.slack import decode, render
from bot.slack.draw_reply import Showing, on_fields
from bot.slack.tell_person import LATE_FORM, Teller, reason_of, sentence
from bot.slack.verifying import Signatures, check_shape
from bot.web.answering import Answer, Answering, Drawn, Said
from bot.web.follow_up import FollowUp
from core.services.installation import Installation

ANSWER_WITHIN = 2.4  # seconds, of the three that Slack waits
CONNECT_WITHIN = 1.2  # seconds: what did not even connect in that time was certainly not sent
ANY = re.compile("")
JSON = "application/json;charset=utf-8"
ASKED_BY_SOMEBODY = frozenset({"shortcut", "message_action", "interactive_message", "dialog_submission"})
NOT_OURS = "That belongs to something I don't know. Please type /npq help to see what I can do."

log = logging.getLogger(__name__)

Body = dict[str, Any]
Answered = TypeVar("Answered", bound=Answer | Drawn)


class Slack:
    """One Slack app in one workspace. Nothing runs until `running` is entered."""

    def __init__(
        self,
        installation: Installation,
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
        self._app_token = app_token
        self._api_url = api_url
        self._answering = Answering(installation, clock, not_ready)
        self._follow_up = FollowUp(self._answering, redraw_posts)
        self._showing = Showing(clock)
        self._client = AsyncWebClient(token=bot_token, base_url=api_url, timeout=3, retry_handlers=[])
        self._teller = Teller(self._client)
        self._signatures = Signatures(signing_secret) if signing_secret else None
        self._app = self._bolt(bot_token)

    def _bolt(self, bot_token: str) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=bot_token)

        app = AsyncApp(
            name="npq",  # else it looks through the whole stack for one
            client=AsyncWebClient(base_url=self._api_url),
            authorize=authorize,
            signing_secret="verified before the body is read",
            request_verification_enabled=False,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
        )
        app.command(ANY)(self._on_command)
        app.block_action(ANY)(self._on_press)
        app.view(ANY)(self._on_submission)
        app.view_closed(ANY)(_left_alone)
        app.options(ANY)(self._on_lookup)
        app.event("app_mention")(self._on_message)
        app.event("message")(self._on_message)
        app.event(ANY)(_left_alone)
        app.error(self._on_error)
        return app

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While entered: connections are kept open, Socket Mode is connected if it is set up. Finishes what is under way."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(ANSWER_WITHIN, connect=CONNECT_WITHIN)
        ) as session:
            self._client.session = session
            socket = asyncio.create_task(self._socket_mode()) if self._app_token else None
            try:
                yield
            finally:
                if socket is not None:
                    socket.cancel()
                    await asyncio.gather(socket, return_exceptions=True)
                await self._follow_up.finish(ANSWER_WITHIN)
                self._answering.close()

    def drawn(self, card: Card) -> bytes:
        """A card as Slack takes it in answer to a command."""
        return self._showing.drawn(card)

    async def http(self, request: Request) -> Response:
        """One request to /slack/events. 401 when its signature is wrong or over five minutes old by the real clock."""
        body = await request.body()
        refused = "there is no SLACK_SIGNING_SECRET"
        if self._signatures is not None:
            refused = self._signatures.why_refused(body, request.headers) or ""
        if refused:
            log.warning("a request to /slack/events was refused: %s", refused)
            return JSONResponse({"error": "The signature is wrong, or more than five minutes old."}, status_code=401)
        try:
            given = decode.body(body, request.headers.get("content-type", ""))
            check_shape(given)
            if isinstance(given.get("command"), str) and "ssl_check" not in given:
                return await self._straight(given)
            asked = to_async_bolt_request(request, body)
            return to_starlette_response(await self._app.async_dispatch(asked))
        except Exception as error:
            note(error)
            return JSONResponse({"error": "The request could not be read."}, status_code=400)

    async def _straight(self, body: Body) -> Response:
        """A slash command put to its listener at once: bolt's way there takes longer than the answer."""
        command = decode.command(body)
        reply = self._answering.at_once(command)
        if isinstance(reply, Drawn):
            return Response(reply, headers={"content-type": JSON})
        ack = AsyncAck()  # type: ignore[no-untyped-call]
        try:
            await self._reply(ack, body, command, reply)
        except Exception as error:
            await ack(response_type="ephemeral", **sentence(f"{OUR_FAULT} “{note(error)}”."))
        return to_starlette_response(ack.response or BoltResponse(status=500))

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
        await self._reply(ack, body, command, self._answering.at_once(command))

    async def _reply(self, ack: AsyncAck, body: Body, command: Command, reply: Answer | Drawn | None) -> None:
        """Shows a reply to a command; where there is none yet, once it is there."""
        if reply is None:
            reply = await self._in_time(ack, body, self._answering.answer_or_kept(command))
            if reply is None:
                return
        if isinstance(reply, Drawn):
            ack.response = BoltResponse(status=200, body=reply.decode(), headers={"content-type": JSON})
            return
        if isinstance(reply, OpenForm | OpenPanel):
            trouble = await self._open(body, reply)
            await ack()
            self._tell(body, trouble)
            return
        first, *more = self._showing.messages(reply)
        await ack(response_type="ephemeral", **first)
        if more:
            self._follow_up.do(self._teller.whisper(body, more))

    async def _in_time(self, ack: AsyncAck, body: Body, answer: Coroutine[Any, Any, Answered]) -> Answered | None:
        """The answer within the time that Slack waits; None when it takes longer: it is acknowledged, and shown when ready."""
        answering = asyncio.ensure_future(answer)
        done, _ = await asyncio.wait({answering}, timeout=ANSWER_WITHIN)
        if done:
            return answering.result()
        await ack()
        self._follow_up.do(self._whisper_when_ready(answering, body))
        return None

    async def _whisper_when_ready(self, answering: Awaitable[Answer | Drawn], body: Body) -> None:
        """Shows what took longer than Slack waits for a command or a press."""
        reply = await answering
        if isinstance(reply, OpenForm | OpenPanel):
            await self._teller.whisper(body, [sentence(LATE_FORM)])
        else:
            replaces = isinstance(reply, Private) and reply.replaces
            await self._teller.whisper(body, self._showing.messages(reply), replaces=replaces)
        self._follow_up.redraw(reply)

    async def _on_press(self, ack: AsyncAck, body: Body) -> None:
        request = decode.press(body)
        if not (body.get("actions") or [{}])[0].get("value") and not _chosen(body):
            await _left_alone(ack, body)  # a menu that was cleared, or a link
            return
        reply = await self._in_time(ack, body, self._answering.answer(request))
        if reply is None:
            return
        trouble: str | None = None
        if isinstance(reply, OpenForm | OpenPanel) or (body.get("view") and isinstance(reply, Private | Done)):
            trouble = await self._open(body, reply)
        else:
            replaces = isinstance(reply, Private) and reply.replaces
            self._follow_up.do(self._teller.whisper(body, self._showing.messages(reply), replaces=replaces))
        await ack()
        self._tell(body, trouble)
        self._follow_up.redraw(reply)

    async def _on_submission(self, ack: AsyncAck, body: Body) -> None:
        reply = await self._answering.answer(decode.submission(body))
        view = body.get("view") or {}
        if isinstance(reply, FieldErrors):
            await ack(response_action="errors", errors=on_fields(view, reply.errors))
        elif isinstance(reply, OpenForm | OpenPanel | Done | Private):
            await ack(response_action="update", view=self._showing.view(reply))
        else:
            words = reply.sentence if isinstance(reply, Said) else OUR_FAULT
            await ack(response_action="errors", errors=on_fields(view, {"": words}))
        self._follow_up.redraw(reply)

    async def _on_lookup(self, ack: AsyncAck, body: Body) -> None:
        reply = await self._answering.answer(decode.lookup(body))
        await ack(options=render.options(reply.options) if isinstance(reply, Choices) else [])

    async def _on_message(self, ack: AsyncAck, event: Body, body: Body) -> None:
        await ack()
        event_id = str(body.get("event_id") or event.get("client_msg_id") or event.get("ts"))
        if (reason := decode.why_left_alone(event)) is not None:
            log.info("message %.40s from Slack is left alone: %s", event_id, reason)
            return
        self._follow_up.do(self._answer_message(decode.message(event, event_id), event))

    async def _answer_message(self, command: Command, event: Body) -> None:
        reply = await self._answering.answer_once(command)
        if reply is None:
            log.info("message %.40s from Slack is left alone: it came before", command.origin.event_id)
            return
        if isinstance(reply, OpenForm):
            # only a press can open a form: the status card has the buttons for it
            call = reply.form.call
            reply = await self._answering.answer(
                Press(command.origin, Call(STATUS, call.participant, call.output, course=call.course or ANY_COURSE))
            )
        for message in self._showing.messages(reply):
            await self._teller.answer_message(event, message)

    async def _open(self, body: Body, reply: OpenForm | OpenPanel | Done | Private) -> str | None:
        """Opens a dialog; the sentence that says why it did not."""
        return await self._teller.open(body, self._showing.view(reply))

    def _tell(self, body: Body, words: str | None) -> None:
        if words is not None:
            self._follow_up.do(self._teller.whisper(body, [sentence(words)]))

    async def _on_error(self, error: Exception, body: Body) -> BoltResponse | None:
        if not isinstance(error, BoltUnhandledRequestError):
            note(error)
            return None
        kind = body.get("type")
        log.warning("a request from Slack is of a kind that is not followed: %s", word(kind))
        if isinstance(kind, str) and kind in ASKED_BY_SOMEBODY:
            self._tell(body, NOT_OURS)
            return None  # not acknowledged: nobody says that it was done
        return BoltResponse(status=200 if isinstance(kind, str) else 400)


async def _left_alone(ack: AsyncAck, body: Body) -> None:
    """What nobody waits for an answer to."""
    await ack()
    kind = (body.get("event") or body).get("type")
    log.info("%.40s from Slack is left alone: it is a %s", body.get("event_id", "a request"), word(kind))


def _chosen(body: Body) -> bool:
    return isinstance((body.get("actions") or [{}])[0].get("selected_option"), Mapping)
