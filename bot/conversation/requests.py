"""What somebody asks, on any platform, and how they are answered: the types between the platforms and the one entry.

A platform decodes what it receives into a Request, calls `entry.answer(installation, request, now=…)`, and draws the Reply:

- `Private(cards, replaces)`: seen only by the asker; `replaces` True: in place of the private message that was pressed.
- `OpenForm(form)`: a dialog to fill in. After a Command or Press: open it. After a Submit: show it in place of the form
  that was sent (something changed meanwhile; it says so).
- `OpenPanel(card)`: a dialog to read.
- `FieldErrors(errors)`: the form stays, each message stands on the field of that name.
- `Done(card, participant_id)`: the act is recorded; show the card in place of the form. Posts that name the participant
  are to be redrawn now or by the next tick.
- `Choices(options)`: what a type-ahead menu offers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.conversation.cards.card import Card, Choice, Form
from bot.conversation.verbs import STATUS, Call
from core.services.staff.actors import Actor


def event_id_of(kind: str, *parts: str) -> str:
    """An id for a press or a form: the same parts are the same event, whichever delivery of it this is."""
    return f"{kind}:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks, from where. `actor` where the platform knows them already (a terminal); else they are looked up.

    `event_id`: the platform's own id of this click or form; the same one again changes nothing and is answered alike.
    """

    platform: str  # "slack", "teams", "terminal"
    platform_id: str
    place_id: str = ""
    event_id: str = ""
    actor: Actor | None = None
    alias: str = ""  # another id of the same person on that platform


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed after `/npq`; `file`: whether a file or picture came with it."""

    origin: Origin
    text: str
    file: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed or an option chosen; `call` from `verbs.decode_action`."""

    origin: Origin
    call: Call


@dataclass(frozen=True, slots=True)
class Submit:
    """A form sent; `call` from `verbs.decode_form`, `values` by field name: dates as ISO, blank as "" or None."""

    origin: Origin
    call: Call
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Some letters typed into a type-ahead menu of people; choosing one asks for `verb`."""

    origin: Origin
    text: str
    verb: str = STATUS


Request: TypeAlias = Command | Press | Submit | Lookup


@dataclass(frozen=True, slots=True)
class Private:
    """Words for the asker alone."""

    cards: tuple[Card, ...]
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A dialog to fill in."""

    form: Form


@dataclass(frozen=True, slots=True)
class OpenPanel:
    """A dialog to read."""

    card: Card


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong, by field name."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """Recorded."""

    card: Card
    participant_id: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of a type-ahead menu; a chosen option's value is read by `verbs.decode_action`."""

    options: tuple[Choice, ...]


Reply: TypeAlias = Private | OpenForm | OpenPanel | FieldErrors | Done | Choices
