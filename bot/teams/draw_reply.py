"""How replies look in Teams: cards, forms and plain words; in a rehearsal each says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bot.clock import Clock
from bot.conversation.cards.card import Card, Element, Form
from bot.conversation.cards.phrases import rehearsed
from bot.conversation.requests import Done, FieldErrors, OpenForm, OpenPanel, Private
from bot.conversation.verbs import ANY_COURSE, STATUS, Call, encode
from bot.teams import render
from bot.teams.card_data_names import CALL, HERE
from bot.teams.render import Json
from bot.teams.tell_person import Arrival
from bot.web.answering import Answer, Drawn, Said
from core.rules.calendar import london_day

PRIVATELY = "I've answered you in our private chat, where nobody else reads along."
PERHAPS = "I've tried to answer you in our private chat; if nothing is there, please ask again."
NOT_NOW = "I can't reach Teams just now; please try again in a few minutes."
UNREACHABLE = (
    "What I know about participants is for you alone, and I can't write to you privately yet. Please add the NPQ app for "
    "yourself (Apps, search for NPQ, Add), and ask me there."
)
BELOW = "I've answered below."
PERHAPS_BELOW = "I've tried to answer below; if nothing is there, please press once more."
WHAT_BECAME = {
    Arrival.THERE: PRIVATELY,
    Arrival.PERHAPS: PERHAPS,
    Arrival.NOT_NOW: NOT_NOW,
    Arrival.NO_WAY: UNREACHABLE,
}
WHAT_BECAME_BELOW = {**WHAT_BECAME, Arrival.THERE: BELOW, Arrival.PERHAPS: PERHAPS_BELOW}


class Showing:
    """Draws a reply."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def drawn(self, card: Card) -> bytes:
        """A card as messages, to be kept until somebody asks."""
        return json.dumps(render.messages(self.marked(card)), ensure_ascii=False, separators=(",", ":")).encode()

    def messages(self, reply: Answer | Drawn) -> list[Json]:
        """A reply as messages for one person; always at least one."""
        if isinstance(reply, Drawn):
            kept: list[Json] = json.loads(reply)
            return kept
        if isinstance(reply, Private):
            return [message for card in reply.cards for message in render.messages(self.marked(card))]
        if isinstance(reply, Done | OpenPanel):
            return render.messages(self.marked(reply.card))
        if isinstance(reply, OpenForm):
            return [render.message_of(self.form(reply.form, back=to_status(reply.form)))]
        if isinstance(reply, FieldErrors):
            return [render.sentence("\n".join(reply.errors.values()))]
        if isinstance(reply, Said):
            return [render.sentence(reply.sentence)]
        return [render.sentence("I can't show that here.")]

    def form(self, form: Form, **more: Any) -> Json:
        """A form as a card; `more` as `render.form` takes it."""
        return render.form(replace(form, context=(*self._rehearsal(), *form.context)), **more)

    def in_place(self, reply: Private | Done | OpenPanel) -> Json:
        """A reply as the one card that stands in place of what was pressed."""
        return render.adaptive(self.marked(reply.cards[0] if isinstance(reply, Private) else reply.card))

    def marked(self, card: Card) -> Card:
        """A card that says so in a rehearsal."""
        return replace(card, elements=(*self._rehearsal(), *card.elements))

    def _rehearsal(self) -> tuple[Element, ...]:
        if not self._clock.rehearsal:
            return ()
        return (rehearsed(london_day(self._clock.now())),)


def to_status(form: Form) -> Json:
    """What leaves a form for the status of whom it is about, in its place."""
    status = Call(STATUS, form.call.participant, form.call.output, course=form.call.course or ANY_COURSE)
    return {CALL: encode(status), HERE: "yes"}
