"""The message extension: searches people while somebody writes, and turns a message into a logged contact.

What it puts into a message names a person and their course only: whether they are at risk is not for everybody who reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot.conversation import verbs
from bot.conversation.acts import CONTACT, opened_again
from bot.conversation.cards.card import Actions, Button, Card, Choice, Note, Paragraph, PersonPicker, line
from bot.conversation.cards.plain_text import plain_text
from bot.conversation.requests import Choices, Done, FieldErrors, OpenForm, OpenPanel, Press, Private, Submit
from bot.conversation.submitted_forms import with_answers
from bot.teams import card_data_names, decode, limits, render
from bot.teams.draw_reply import Showing
from bot.teams.render import Json
from bot.web.answering import Answer, Answering, Said
from core.rules.calendar import LONDON

ON = "npq_on"  # the day of the message that a contact is logged from
NOBODY = "Nobody fits. Type at least two letters of a name."
TITLE = "Log a contact"

Given = Mapping[str, Any]


class MessageExtension:
    """Answers the invokes of the message extension."""

    def __init__(self, answering: Answering, showing: Showing) -> None:
        self._answering = answering
        self._showing = showing

    async def search(self, given: Given) -> Json:
        """People whose name fits what was typed."""
        lookup = decode.searched(given)
        reply = await self._answering.answer(lookup) if lookup.text else Choices(())
        if isinstance(reply, Said):
            return {"composeExtension": {"type": "message", "text": reply.sentence}}
        found = reply.options[: limits.EXTENSION_RESULTS] if isinstance(reply, Choices) else ()
        if not found:
            return {"composeExtension": {"type": "message", "text": NOBODY}}
        attachments = [_result(choice) for choice in found]
        return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}

    async def opened(self, given: Given) -> Json:
        """A message is to become a logged contact: whom was it about?"""
        asked = Card(
            TITLE,
            (
                Paragraph((line("Whom was this message about? You say on the next page how it went."),)),
                PersonPicker("Name", CONTACT.opens),
                Note(line("The message itself is not kept.")),
            ),
        )
        return _dialog(card_data_names.stamped(render.adaptive(self._showing.marked(asked)), _written_on(given), ON))

    async def submitted(self, given: Given) -> tuple[Json, Answer]:
        """A page of the dialog sent: the next one, or what came of it."""
        data = decode.pressed(given) or {}
        request = decode.press(given, data)
        reply = await self._answering.answer(request)
        on = _day(data.get(ON))
        if isinstance(reply, FieldErrors) and isinstance(request, Submit):
            again = opened_again(request.call)
            opened = await self._answering.answer(Press(request.origin, again))
            if isinstance(opened, OpenForm):
                form = with_answers(opened.form, request.values)
                drawn = self._showing.form(form, values=request.values, errors=reply.errors)
                return _dialog(card_data_names.stamped(drawn, on, ON)), reply
        if isinstance(reply, OpenForm):
            filled = request.values if isinstance(request, Submit) else {"on": on}
            return _dialog(card_data_names.stamped(self._showing.form(reply.form, values=filled), on, ON)), reply
        return {"task": {"type": "message", "value": render.as_typed_here(_words(reply))}}, reply


def _words(reply: Answer) -> str:
    match reply:
        case Said():
            return reply.sentence
        case FieldErrors():
            return " ".join(reply.errors.values())
        case Private():
            return plain_text(reply.cards[0])
        case Done() | OpenPanel():
            return plain_text(reply.card)
        case _:
            return "I can't show that here."


def _result(choice: Choice) -> Json:
    call = verbs.decode_action("", choice.value)
    card = Card(choice.label, (Actions((Button("Status", call, spoken=f"Status of {choice.label}, for you alone"),)),))
    preview = {"contentType": "application/vnd.microsoft.card.thumbnail", "content": {"title": choice.label}}
    return {"contentType": render.CARD_TYPE, "content": render.adaptive(card), "preview": preview}


def _dialog(card: Json) -> Json:
    shown = {"contentType": render.CARD_TYPE, "content": card_data_names.for_dialog(card)}
    return {
        "task": {"type": "continue", "value": {"title": TITLE, "height": "medium", "width": "medium", "card": shown}}
    }


def _written_on(given: Given) -> str:
    """The London day on which the message was written; "" when it does not say."""
    try:
        written = datetime.fromisoformat(decode.written_at(given))
    except ValueError:
        return ""
    on: date = (written if written.tzinfo else written.replace(tzinfo=LONDON)).astimezone(LONDON).date()
    return on.isoformat()


def _day(given: object) -> str:
    """The day that a dialog carries along; "" where it carries none."""
    try:
        return date.fromisoformat(str(given)).isoformat()
    except ValueError:
        return ""
