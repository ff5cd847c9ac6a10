"""Hears Teams: verified, decoded, put to the conversation, and the reply shown where it belongs.

What is about a participant is for the one who asked: from a channel or a group chat the answer goes to their own chat with the
bot. A form stands in place of the card that was pressed, for whoever pressed it alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.clock import Clock
from bot.conversation.acts import opened_again
from bot.conversation.cards.card import Card, Form
from bot.conversation.cards.help_cards import arrived_card, folded_card, help_card
from bot.conversation.requests import (
    Choices,
    Done,
    FieldErrors,
    OpenForm,
    Press,
    Private,
    Submit,
)
from bot.conversation.submitted_forms import with_answers
from bot.faults import note, word
from bot.teams import card_data_names, decode, late_answers, render
from bot.teams.card_data_names import CALL, HERE, POST
from bot.teams.connector.sdk import WayOut
from bot.teams.connector.tokens import BotToken
from bot.teams.decode import Spot
from bot.teams.draw_reply import BELOW, WHAT_BECAME, WHAT_BECAME_BELOW, Showing, to_status
from bot.teams.incoming import activity_kinds
from bot.teams.incoming.activity_kinds import NOT_OURS
from bot.teams.incoming.answered_once import Once
from bot.teams.incoming.known_conversations import Whereabouts
from bot.teams.incoming.message_extension import MessageExtension
from bot.teams.late_answers import toast
from bot.teams.limits import ANSWER_WITHIN
from bot.teams.render import Json
from bot.teams.tell_person import Arrival, Teller, Trail
from bot.teams.verifying import Callers, Misshapen, read_activity
from bot.web.answering import NOTED_WITHIN, Answer, Answering, Said
from bot.web.follow_up import FollowUp
from core.services import outbox_actions
from core.services.acts.recording import EventRef
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, recognise

log = logging.getLogger(__name__)

Given = Mapping[str, Any]
Hear: TypeAlias = Callable[[Given], Awaitable[Json | None]]


class Teams:
    """One Teams app in one tenant."""

    def __init__(
        self,
        installation: Installation,
        clock: Clock,
        *,
        client_id: str,
        tenant: str,
        callers: Callers | None,
        token: BotToken | None,
        not_ready: Callable[[], str | None],
        redraw_posts: Callable[[], None],
        post_now: Callable[[Actor, str], Card | None],
    ) -> None:
        """`callers` None takes anybody's word; `token` None sends none. `not_ready` and `redraw_posts` as for Slack;
        `post_now` gives a reminder by its tag as it stands now, to whom may see it.
        """
        self._installation = installation
        self._clock = clock
        self._tenant = tenant
        self._callers = callers
        self._answering = Answering(installation, clock, not_ready)
        self._follow_up = FollowUp(self._answering, redraw_posts)
        self._showing = Showing(clock)
        self._post_now = post_now
        self._whereabouts = Whereabouts(installation, clock, self._answering)
        self._once = Once(self._answering)
        self._way_out = WayOut(token)
        self._teller = Teller(self._way_out.to, self._whereabouts, token)
        self._extension = MessageExtension(self._answering, self._showing)
        self._followed: dict[str, Hear] = {
            "message": self._on_message,
            "invoke/adaptiveCard/action": self._on_action,
            "invoke/application/search": self._on_lookup,
            "invoke/composeExtension/query": self._on_search,
            "invoke/composeExtension/fetchTask": self._on_extension_opened,
            "invoke/composeExtension/submitAction": self._on_extension_submitted,
            "installationUpdate/add": self._on_installed,
        }

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While entered: activities are taken. Finishes what is under way."""
        try:
            yield
        finally:
            await self._follow_up.finish(ANSWER_WITHIN / 3)
            await self._way_out.close()
            self._answering.close()

    def drawn(self, card: Card) -> bytes:
        """A card as the messages that show it, ready to be sent."""
        return self._showing.drawn(card)

    # what comes in

    async def http(self, request: Request) -> Response:
        """One request to /api/messages. 401 when its token is not the Connector's for us, 400 when it can't be read."""
        by = time.monotonic() + ANSWER_WITHIN
        try:
            given = read_activity(await request.body())
        except (ValueError, TypeError, RecursionError) as error:
            why = f"{error} has no possible form" if isinstance(error, Misshapen) else type(error).__name__
            log.warning("a request to /api/messages was no activity (%s)", why)
            return JSONResponse({"error": "The request could not be read: it is no activity."}, status_code=400)
        token = request.headers.get("authorization", "")
        if self._callers is not None:
            refused = await self._callers.why_refused(token, given["serviceUrl"])
            if refused is not None:
                log.warning("a request to /api/messages was refused: %s", refused)
                return JSONResponse({"error": "The token is missing or wrong."}, status_code=401)
            if decode.organisations(given) - {self._tenant}:
                log.warning("a request to /api/messages was refused: it comes from another organisation")
                return JSONResponse({"error": "This bot answers one organisation alone."}, status_code=403)
        kind = activity_kinds.kind_of(given)
        if (hear := self._followed.get(kind)) is None:
            log.info("an activity from Teams is left alone: it is a %s (%.60r)", word(kind), given.get("id"))
            status, body = activity_kinds.answer_to_others(kind)
            return _response(body, status)
        try:
            return _response(await self._in_time(kind, hear, given, by))
        except Exception as error:
            note(error)
            return JSONResponse({"error": "Something went wrong on our side."}, status_code=500)

    async def _in_time(self, kind: str, hear: Hear, given: Given, by: float) -> Json | None:
        """What an activity is answered while Teams waits; what takes longer goes on afterwards, since Teams would send it again.

        Everything that may have to wait is within: a slow database, the Connector, and others who came first.
        """
        at, waited_for = decode.spot(given), True
        self._whereabouts.hears(at)

        async def heard() -> Json | None:
            try:
                answer = await hear(given)
                if not waited_for and (said := late_answers.message_of(answer)) is not None:
                    await self._say_once(at, given, [said])
                return answer
            except Exception as error:
                if waited_for:
                    raise
                note(error)
                return None

        hearing = self._follow_up.begin(heard())
        with contextlib.suppress(
            asyncio.CancelledError
        ):  # this process is being stopped: Teams has its receipt all the same
            await asyncio.wait({hearing}, timeout=max(by - time.monotonic(), 0))
        waited_for = False
        return hearing.result() if hearing.done() else late_answers.answer_to(kind, private=at.private)

    async def _on_message(self, given: Given) -> None:
        at = await self._whereabouts.note(given)
        if (data := decode.pressed(given)) is not None:
            async with self._new(given) as trail:
                if trail is not None:
                    await self._pressed(at, given, data, trail)
            return
        command = decode.command(given)
        async with self._once.here(given, command.origin.event_id) as trail:
            if trail is None:
                return
            reply = self._answering.at_once(command)
            if reply is None:
                reply = await self._answering.answer_once(command)
            elif not await self._answering.first(command.origin, NOTED_WITHIN):
                reply = None
            if reply is None:
                trail.anything = True
                self._once.came_before(given)
            else:
                await self._tell(at, self._showing.messages(reply), trail)

    async def _on_action(self, given: Given) -> Json:
        at = await self._whereabouts.note(given)
        data = decode.pressed(given) or {}
        return await self._pressed(at, given, data) or toast(BELOW)

    async def _on_lookup(self, given: Given) -> Json:
        lookup = decode.lookup(given)
        reply = None if lookup is None else await self._answering.answer(lookup)
        found = render.search_results(reply.options if isinstance(reply, Choices) else ())
        return {"statusCode": 200, **found}

    async def _on_search(self, given: Given) -> Json:
        return await self._extension.search(given)

    async def _on_extension_opened(self, given: Given) -> Json:
        return await self._extension.opened(given)

    async def _on_extension_submitted(self, given: Given) -> Json:
        shown, reply = await self._extension.submitted(given)
        self._follow_up.redraw(reply)
        return shown

    async def _on_installed(self, given: Given) -> None:
        at = await self._whereabouts.note(given)
        hello = render.messages(help_card(self._installation.pack) if at.private else arrived_card(at.conversation))
        await self._say_once(at, given, hello, here=True)

    # presses and forms

    async def _pressed(self, at: Spot, given: Given, data: Given, trail: Trail | None = None) -> Json | None:
        """Does what was pressed; the answer to an Action.Execute. A press by Action.Submit has none: messages tell, and leave a
        `trail`.
        """
        if (post := decode.post(data)) is not None:
            self._follow_up.do(self._touched(at, given, post))
        if CALL not in data:
            reply, card = None, await self._post_again(at, data)
        else:
            request = decode.press(given, data)
            reply = await self._answering.answer(request)
            self._follow_up.redraw(reply)
            card = await self._in_place(at, request, reply, data)
        if card is not None:
            if trail is None:
                return _shown(card)
            await self._replace(at, given, card, trail)
            return None
        if trail is None and isinstance(reply, Said):
            return toast(reply.sentence)
        said = [render.sentence(NOT_OURS)] if reply is None else self._showing.messages(reply)
        told = await (self._say_once(at, given, said) if trail is None else self._teller.privately(at, said, trail))
        return toast((WHAT_BECAME_BELOW if at.private else WHAT_BECAME)[told])

    async def _in_place(self, at: Spot, request: Press | Submit, reply: Answer, data: Given) -> Json | None:
        """What is to stand in place of the card that was pressed; None where the answer is a message of its own."""
        more: dict[str, Any] = {}
        if isinstance(reply, FieldErrors) and isinstance(request, Submit):
            more = {"values": request.values, "errors": reply.errors}
            opened = await self._answering.answer(Press(request.origin, opened_again(request.call)))
            if not isinstance(opened, OpenForm):
                return None
            reply = OpenForm(with_answers(opened.form, request.values))
        if isinstance(reply, OpenForm):
            return self._form(reply.form, data, more)
        if isinstance(reply, Done) or (isinstance(reply, Private) and at.private and (reply.replaces or HERE in data)):
            return self._showing.in_place(reply)
        return None

    def _form(self, form: Form, data: Given, more: Mapping[str, Any]) -> Json:
        """A form with a way back: to the reminder that it was opened from, else to the person's status."""
        if (post := decode.post(data)) is not None:
            return card_data_names.stamped(self._showing.form(form, back={POST: post}, **more), post)  # type: ignore[no-any-return]
        return self._showing.form(form, back=to_status(form), **more)

    async def _post_again(self, at: Spot, data: Given) -> Json | None:
        """The reminder that a form stood in place of, as it stands now."""
        if (post := decode.post(data)) is None:
            return None

        def seen_by_them() -> Card | None:
            return self._post_now(recognise(self._installation, "teams", at.person, at.person_here), post)

        try:
            card = await self._answering.in_a_thread(seen_by_them)
        except Refusal:
            return None
        except Exception as error:
            note(error)
            return None
        return None if card is None else card_data_names.stamped(render.adaptive(card), post)

    async def _replace(self, at: Spot, given: Given, card: Json, trail: Trail) -> None:
        pressed_on, said = given.get("replyToId"), render.message_of(card)
        if at.private and isinstance(pressed_on, str) and await self._teller.replace(at, pressed_on, said):
            trail.anything = True
        else:
            await self._teller.privately(at, [said], trail)

    async def _touched(self, at: Spot, given: Given, post: str) -> None:
        """Folds up a reminder that stands there twice: the other copy is the one that is kept up to date."""
        copy = given.get("replyToId")
        if isinstance(copy, str) and await self._answering.in_a_thread(
            lambda: outbox_actions.is_copy(self._installation, post, at.conversation, copy)
        ):
            await self._teller.replace(at, copy, render.message(folded_card()))

    # where answers go

    async def _tell(self, at: Spot, said: Sequence[Json], trail: Trail) -> None:
        """Answers a message: only the one who wrote it sees what is said of participants."""
        told = await self._teller.privately(at, said, trail)
        if not at.private:
            await self._teller.here(at, [render.sentence(WHAT_BECAME[told])], trail)

    async def _say_once(self, at: Spot, given: Given, said: Sequence[Json], *, here: bool = False) -> Arrival:
        """Answers anything else by messages: to the one who sent it alone, or `here`. What came before has been answered."""
        async with self._new(given) as trail:
            if trail is None:
                return Arrival.THERE
            return await (self._teller.here if here else self._teller.privately)(at, said, trail)

    @contextlib.asynccontextmanager
    async def _new(self, given: Given) -> AsyncIterator[Trail | None]:
        """While entered: something is answered that did not come before, leaving a trail; None when it did."""
        async with self._once.here(given) as trail:
            if trail is None or await self._answering.first(EventRef("teams", decode.identity(given)), NOTED_WITHIN):
                yield trail
            else:
                trail.anything = True
                self._once.came_before(given)
                yield None


def _response(body: Json | None, status: int = 200) -> Response:
    return Response(status_code=status) if body is None else JSONResponse(body, status_code=status)


def _shown(card: Json) -> Json:
    return {"statusCode": 200, "type": render.CARD_TYPE, "value": card}
