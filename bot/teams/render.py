"""Neutral cards and forms as Adaptive Cards. Nothing about NPQs.

Words are text runs, in which Teams reads no markup: whatever somebody typed is shown as it stands. Every button is an
Action.Execute with an Action.Submit for clients that lack it; both carry the same `npq`, the encoded call. Where a card has
several people with the same choice of buttons, one row of buttons with a choice of person stands for all of them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.conversation.cards.card import (
    Actions,
    Bullets,
    Button,
    Card,
    Choice,
    ChoiceField,
    DateField,
    Divider,
    Element,
    Facts,
    Field,
    Form,
    Heading,
    Note,
    Paragraph,
    PersonPicker,
    PersonRow,
    StyledText,
    Text,
    TextField,
    line,
)
from bot.conversation.cards.plain_text import plain_text
from bot.conversation.grammar import WORDS
from bot.conversation.verbs import FIND, Call, encode
from bot.teams import limits
from bot.teams.card_data_names import BACK, CALL, FOUND, NOBODY, PEOPLE, PERSON

Json = dict[str, Any]

CARD_TYPE = "application/vnd.microsoft.card.adaptive"

_AS_TYPED_IN_SLACK = re.compile(rf"/npq (?=(?:{'|'.join(WORDS)})\b)")


def message(card: Card) -> Json:
    """One card as a message."""
    return message_of(adaptive(card))


def message_of(card: Json) -> Json:
    """A card that is drawn already, as a message. Its `summary` is what a notification says."""
    attachment = {"contentType": CARD_TYPE, "content": card}
    return {"type": "message", "summary": card["fallbackText"], "attachments": [attachment]}


def messages(card: Card) -> list[Json]:
    """A card as messages: one, or as many as its size takes, each saying which it is."""
    parts = _parts(card)
    if len(parts) > 1:
        parts = [
            replace(part, title=f"{card.title} ({number} of {len(parts)})") for number, part in enumerate(parts, 1)
        ]
    return [message(part) for part in parts]


def adaptive(card: Card) -> Json:
    """A card as an Adaptive Card."""
    body = [_heading(card.title, "Large"), *_separated(_drawn(card.elements))]
    return _card(body, plain_text(card))


def form(form: Form, *, values: Mapping[str, str | None] | None = None, errors: Mapping[str, str] | None = None,
         back: Json | None = None) -> Json:  # fmt: skip
    """A form as an Adaptive Card: with what was filled in, and what is wrong with it above its field.

    `back` is the data of the button that leaves it.
    """
    filled, wrong = values or {}, dict(errors or {})
    known = {field.name for field in form.fields}
    body = [_heading(form.title, "Large"), *_separated(_drawn(form.context))]
    loose = " ".join(message for name, message in wrong.items() if name not in known)
    if loose:
        body.append(_complaint(loose))
    for field in form.fields:
        body += _field(field, filled.get(field.name), wrong.get(field.name))
    actions = [_action(Button(form.submit, form.call, "primary"), "auto")]
    if back is not None:
        actions.append(_execute("Cancel", BACK, back, "none"))
    body.append({"type": "ActionSet", "actions": actions})
    return _card(body, f"{form.title}: please open this in a Teams app that shows cards.")


def sentence(words: str) -> Json:
    """Plain words as a message: nothing in them is markup."""
    return {"type": "message", "textFormat": "plain", "text": as_typed_here(words)}


def search_results(choices: Iterable[Choice]) -> Json:
    """What a type-ahead input offers, as the answer to `application/search`."""
    results = [{"title": choice.label, "value": choice.value} for choice in choices]
    return {"type": "application/vnd.microsoft.search.searchResponse", "value": {"results": results}}


def as_typed_here(words: str) -> str:
    """Commands are typed to the bot as they are: `status jane`, without `/npq`."""
    return _AS_TYPED_IN_SLACK.sub("", words)


def size(card: Mapping[str, Any]) -> int:
    """The bytes of a card as it is sent."""
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())


def _card(body: list[Json], plain: str) -> Json:
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": limits.CARD_VERSION,
        "fallbackText": _short(as_typed_here(plain), limits.FALLBACK_TEXT),
        "body": body,
    }


def _parts(card: Card) -> list[Card]:
    """The card, or its elements in order over several cards, each within the size."""
    if size(adaptive(card)) <= limits.CARD_BYTES or len(card.elements) < 2:
        return [card]
    half = len(card.elements) // 2
    return [
        part
        for elements in (card.elements[:half], card.elements[half:])
        for part in _parts(replace(card, elements=elements))
    ]


# --- elements --------------------------------------------------------------------------------------------------------


def _drawn(elements: Sequence[Element]) -> Iterator[Json | None]:
    """Each element's parts; None where a line is drawn."""
    rows = [element for element in elements if isinstance(element, PersonRow)]
    shared = {row.participant_id for row in rows if _about_people(row)} if len(rows) > 1 else set()
    chooser = [row for row in rows if row.participant_id in shared]
    last = chooser[-1] if len(chooser) > 1 else None
    for element in elements:
        match element:
            case Heading():
                yield _heading(element.words, "Medium")
            case Paragraph():
                yield _block([_line(each) for each in element.lines])
            case Bullets():
                yield _block([_line(line("• ", *item)) for item in element.items])
            case Facts():
                yield _block([_fact(label, value) for label, value in element.rows])
            case Note():
                yield _line(element.text, quiet=True)
            case Divider():
                yield None
            case PersonRow():
                together = last is not None and element in chooser
                yield _person(element, () if together else element.buttons)
                if element is last:
                    yield None
                    yield _choice_of_person(chooser)
            case Actions():
                yield _buttons(element.buttons)
            case PersonPicker():
                yield _picker(element)


def _about_people(row: PersonRow) -> bool:
    return len(row.buttons) > 1 and all(button.call.participant is not None for button in row.buttons)


def _separated(drawn: Iterable[Json | None]) -> Iterator[Json]:
    """Lines between elements are a property of what stands below them."""
    line_above = False
    for each in drawn:
        if each is None:
            line_above = True
            continue
        yield {**each, "separator": True, "spacing": "Medium"} if line_above else each
        line_above = False


def _heading(words: str, size: str) -> Json:
    return {
        "type": "TextBlock",
        "text": _unmarked(_short(as_typed_here(words), limits.HEADING)),
        "size": size,
        "weight": "Bolder",
        "wrap": True,
        "style": "heading",
    }


def _unmarked(words: str) -> str:
    """A heading's words. A TextBlock reads Markdown, so its marks are escaped."""
    return re.sub(r"([\\`*_\[\]<>~|])", r"\\\1", words)


def _line(text: Text, *, quiet: bool = False, size: str = "") -> Json:
    runs = [_run(span, quiet, size) for span in text]
    return {"type": "RichTextBlock", "inlines": runs or [{"type": "TextRun", "text": " "}]}


def _run(span: StyledText, quiet: bool, size: str) -> Json:
    run: Json = {"type": "TextRun", "text": as_typed_here(span.text)}
    if span.style == "bold":
        run["weight"] = "Bolder"
    elif span.style == "italic":
        run["italic"] = True
    if quiet:
        run["size"] = "Small"  # and no paler: in some themes nobody could read it
    elif size:
        run["size"] = size
    return run


def _block(lines: list[Json]) -> Json:
    """Lines that belong together."""
    if len(lines) == 1:
        return lines[0]
    return {"type": "Container", "items": [lines[0], *({**each, "spacing": "Small"} for each in lines[1:])]}


def _fact(label: str, value: Text) -> Json:
    """A label with its value beside it: in columns, because a fact's value would read Markdown. A long label goes before it."""
    if len(label) > limits.LABEL:
        return _line((*line(StyledText(f"{label}: ", "bold")), *value))
    return {
        "type": "ColumnSet",
        "columns": [
            {"type": "Column", "width": 2, "items": [_line(line(StyledText(label, "bold")))]},
            {"type": "Column", "width": 5, "items": [_line(value)]},
        ],
    }


def _person(row: PersonRow, buttons: Sequence[Button]) -> Json:
    mark = f"{row.mark} " if row.mark else ""
    beside = (*line(" · "), *row.beside) if row.beside else ()
    words = _block([_line((*line(mark, StyledText(row.name, "bold")), *beside)), *(_line(each) for each in row.lines)])
    if not buttons:
        return words if words["type"] == "Container" else {"type": "Container", "items": [words]}
    if len(buttons) > 1:
        return {"type": "Container", "items": [words, {**_buttons(buttons), "spacing": "Small"}]}
    return {
        "type": "ColumnSet",
        "columns": [
            {"type": "Column", "width": "stretch", "items": [words], "verticalContentAlignment": "Center"},
            {"type": "Column", "width": "auto", "items": [_buttons(buttons)]},
        ],
    }


def _choice_of_person(rows: Sequence[PersonRow]) -> Json:
    """One choice of person and one row of buttons for all these people."""
    choices = []
    verbs: dict[str, Button] = {}
    times = Counter(row.participant_id for row in rows)
    for row in rows:
        first = row.buttons[0].call
        name = row.name if times[row.participant_id] == 1 or not first.course else f"{row.name} ({first.course})"
        about = Call("", row.participant_id, first.output, first.revision, course=first.course)
        choices.append({"title": _short(name, limits.CHOICE_TITLE), "value": _who(about)})
        for button in row.buttons:
            verbs.setdefault(button.call.verb, button)
    asked = {
        "type": "Input.ChoiceSet",
        "id": PERSON,
        "label": "Whom is it about?",
        "style": "compact",
        "placeholder": "Choose a person",
        "isRequired": True,
        "errorMessage": "Please choose a person first.",
        "choices": choices[: limits.CHOICES],
    }
    buttons = [replace(button, call=Call(verb), spoken="") for verb, button in verbs.items()]
    return {"type": "Container", "items": [asked, _buttons(buttons, "auto")]}


def _who(about: Call) -> str:
    return json.dumps(
        [about.participant, about.output, about.revision, about.course], ensure_ascii=False, separators=(",", ":")
    )


def _buttons(buttons: Sequence[Button], inputs: str = "none") -> Json:
    """As many rows as a phone needs to show each button whole."""
    rows: list[list[Json]] = []
    room = 0
    for button in buttons:
        room -= len(button.label) + limits.AROUND_A_LABEL
        if room < 0:
            rows.append([])
            room = limits.ROW - len(button.label) - limits.AROUND_A_LABEL
        rows[-1].append(_action(button, inputs))
    sets = [{"type": "ActionSet", "actions": row} for row in rows]
    return sets[0] if len(sets) == 1 else _block(sets)


def _action(button: Button, inputs: str) -> Json:
    data = {CALL: encode(button.call)}
    action = _execute(_short(button.label, limits.ACTION_TITLE), button.call.verb, data, inputs)
    if button.style != "default":
        action["style"] = "positive" if button.style == "primary" else "destructive"
    if button.spoken:
        action["tooltip"] = _short(button.spoken, limits.CHOICE_TITLE)
    return action


def _execute(title: str, verb: str, data: Json, inputs: str) -> Json:
    submit = {"type": "Action.Submit", "title": title, "data": data, "associatedInputs": inputs}
    return {**submit, "type": "Action.Execute", "verb": verb, "fallback": submit}


def _picker(picker: PersonPicker) -> Json:
    """A name to type: whoever fits is offered while typing."""
    asked = {
        "type": "Input.ChoiceSet",
        "id": FOUND,
        "label": picker.label,
        "style": "filtered",
        "placeholder": "Type a name",
        "isRequired": True,
        "errorMessage": "Please type a name and choose somebody.",
        "choices": [{"title": "Start typing a name", "value": NOBODY}],
        "choices.data": {"type": "Data.Query", "dataset": f"{PEOPLE}:{picker.verb}"},
    }
    return {"type": "Container", "items": [asked, _buttons([Button("Go", Call(FIND))], "auto")]}


# --- fields ----------------------------------------------------------------------------------------------------------


def _field(field: Field, value: str | None, wrong: str | None) -> list[Json]:
    drawn: list[Json] = [_input(field, value)]
    if wrong:
        drawn.append(_complaint(wrong))
    if field.hint:
        drawn.append({**_line(line(field.hint), quiet=True), "spacing": "Small"})
    return drawn


def _input(field: Field, value: str | None) -> Json:
    match field:
        case DateField():
            return _date(field, value)
        case TextField():
            return _text(field, value)
        case _:
            return _menu(field, value)


def _text(field: TextField, value: str | None) -> Json:
    drawn: Json = {
        "type": "Input.Text",
        "id": field.name,
        "label": field.label,
        "isMultiline": True,
        "maxLength": field.longest,
    }
    if written := value or field.initial:
        drawn["value"] = written
    return {**drawn, **_required(field, "Please say it in a few words.")}


def _date(field: DateField, value: str | None) -> Json:
    drawn: Json = {"type": "Input.Date", "id": field.name, "label": field.label}
    initial = _iso(value or "") or (field.initial.isoformat() if field.initial is not None else "")
    if initial:
        drawn["value"] = initial
    return {**drawn, **_required(field, "Please choose a day.")}


def _iso(typed: str) -> str:
    """A day as an Input.Date takes it; "" for what is none: with that Teams would refuse the card."""
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return ""


def _menu(field: ChoiceField, value: str | None) -> Json:
    choices = {choice.value: choice.label for choice in field.choices}
    drawn: Json = {
        "type": "Input.ChoiceSet",
        "id": field.name,
        "label": field.label,
        "style": "compact",
        "placeholder": "Choose one",
        "choices": [{"title": label, "value": each} for each, label in choices.items()],
    }
    chosen = value or field.initial
    if chosen in choices:
        drawn["value"] = chosen
    return {**drawn, **_required(field, "Please choose one.")}


def _required(field: Field, otherwise: str) -> Json:
    return {"isRequired": True, "errorMessage": otherwise} if field.required else {}


def _complaint(words: str) -> Json:
    said = _short(as_typed_here(words), limits.COMPLAINT)
    run = {"type": "TextRun", "text": f"⚠ {said}", "color": "Attention", "weight": "Bolder"}
    return {"type": "RichTextBlock", "inlines": [run], "spacing": "Small"}


def _short(words: str, longest: int) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"
