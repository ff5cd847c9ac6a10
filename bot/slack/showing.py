"""How replies look in Slack: as messages, as the JSON of an answer, as dialogs; in a rehearsal each says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.answering import Answer, Finished, Said
from bot.clock import Clock
from bot.conversation import desk
from bot.conversation.cards import Card, Note
from bot.conversation.phrases import rehearsed
from bot.conversation.requests import Done, FieldErrors, OpenForm, OpenPanel, Private
from bot.slack import render
from bot.slack.telling import sentence
from core.rules.calendar import london_day
from core.services.actors import Actor
from core.services.enquiries import Case
from core.services.office import Office

MOST_CARDS = 5  # uses of a response_url


class Showing:
    """Draws what the desk replies."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office = office
        self._clock = clock

    def finished(self, actor: Actor, case: Case) -> bytes:
        """What `status` answers about somebody, as Slack takes it."""
        drawn = render.message(self._marked(desk.card_about(self._office, actor, case)))
        return json.dumps({"response_type": "ephemeral", **drawn}).encode()

    def messages(self, reply: Answer | Finished) -> list[Mapping[str, Any]]:
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
