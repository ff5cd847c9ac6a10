"""How replies look in Slack: as messages, as the JSON of an answer, as dialogs; in a rehearsal each says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.clock import Clock
from bot.conversation.cards.card import Card, Note
from bot.conversation.cards.phrases import rehearsed
from bot.conversation.requests import Done, FieldErrors, OpenForm, OpenPanel, Private
from bot.slack import render
from bot.slack.tell_person import sentence
from bot.web.answering import Answer, Drawn, Said
from core.rules.calendar import london_day

MOST_CARDS = 5  # uses of a response_url


class Showing:
    """Draws a reply."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def drawn(self, card: Card) -> bytes:
        """A card as Slack takes it in answer to a command, to be kept until somebody asks."""
        return json.dumps({"response_type": "ephemeral", **render.message(self._marked(card))}).encode()

    def messages(self, reply: Answer | Drawn) -> list[Mapping[str, Any]]:
        """A reply as messages for one person; always at least one."""
        if isinstance(reply, Drawn):
            return [json.loads(reply)]
        if isinstance(reply, Private):
            return [render.message(self._marked(card)) for card in reply.cards[:MOST_CARDS]]
        if isinstance(reply, Done | OpenPanel):
            return [render.message(self._marked(reply.card))]
        if isinstance(reply, FieldErrors):
            return [sentence("\n".join(reply.errors.values()))]
        if isinstance(reply, Said):
            return [sentence(reply.sentence)]
        return [sentence("I can show that as a form only: please use /npq or a button.")]

    def view(self, reply: OpenForm | OpenPanel | Done | Private) -> dict[str, Any]:
        """A reply as a dialog."""
        if isinstance(reply, OpenForm):
            form = reply.form
            return render.view(replace(form, context=(*self._rehearsal(), *form.context)))
        return render.panel(self._marked(reply.cards[0] if isinstance(reply, Private) else reply.card))

    def _marked(self, card: Card) -> Card:
        return replace(card, elements=(*self._rehearsal(), *card.elements))

    def _rehearsal(self) -> tuple[Note, ...]:
        if not self._clock.rehearsal:
            return ()
        return (rehearsed(london_day(self._clock.now())),)


def on_fields(view: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, str]:
    """Messages on the form's fields; what belongs to no field stands on the first."""
    fields = [str(block.get("block_id")) for block in view.get("blocks") or [] if block.get("type") == "input"]
    placed: dict[str, str] = {}
    for name, message in wrong.items():
        at = name if name in fields or not fields else fields[0]
        placed[at] = f"{placed[at]} {message}" if at in placed else message
    return placed
