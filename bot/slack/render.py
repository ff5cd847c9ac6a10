"""Neutral cards and forms as Slack's blocks and views. Nothing about NPQs.

Every span is escaped here, so a name such as `<!channel>` is shown and calls nobody. In a view each input's block_id is its
field's name and its element's action_id is `value`; `callback_id` is the form's verb and `private_metadata` its call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
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
from bot.conversation.verbs import FIND, MENU, encode
from bot.slack import limits

Json = dict[str, Any]
VALUE = "value"  # the action_id of every input's element

_SPECIAL = re.compile("[*_~`:@]")
_ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"
_MARKERS = re.compile(r"(?<!\w)[*_~]|[*_~](?!\w)|`")
_CALLS = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)
_COMMANDS = re.compile(r"<(?=[!@#])")
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)", re.IGNORECASE)


def message(card: Card) -> Json:
    """A card as the `text` and `blocks` of a message."""
    blocks = [_title(card.title), *_drawn(card.elements)]
    return {"text": _escaped_within(plain_text(card), limits.MESSAGE_TEXT), "blocks": _identified(blocks)}


def view(form: Form) -> Json:
    """A form as a modal."""
    blocks = [*_drawn(form.context), *(_input(field) for field in form.fields)]
    return {
        "type": "modal",
        "callback_id": form.call.verb,
        "private_metadata": encode(form.call),
        "title": _plain(form.title, limits.VIEW_TITLE),
        "submit": _plain(form.submit, limits.VIEW_BUTTON),
        "close": _plain("Cancel", limits.VIEW_BUTTON),
        "blocks": _identified(blocks),
    }


def panel(card: Card) -> Json:
    """A card as a modal to read."""
    title = card.title
    blocks = list(_drawn(card.elements))
    if len(title) > limits.VIEW_TITLE:
        blocks.insert(0, _title(title))
        title = "NPQ"
    return {
        "type": "modal",
        "title": _plain(title, limits.VIEW_TITLE),
        "close": _plain("Close", limits.VIEW_BUTTON),
        "blocks": _identified(blocks),
    }


def options(choices: Iterable[Choice]) -> list[Json]:
    """What a type-ahead menu offers."""
    return [_option(choice) for choice in list(choices)[: limits.SELECT_OPTIONS]]


def escaped(text: str) -> str:
    """Text in which Slack finds no mention, link or command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _drawn(elements: Sequence[Element]) -> Iterator[Json]:
    for element in elements:
        match element:
            case Heading():
                yield _section([line(StyledText(element.words, "bold"))])
            case Paragraph():
                yield from _sections(element.lines)
            case Bullets():
                yield from _sections([line("• ", *item) for item in element.items])
            case Facts():
                yield from _facts(element)
            case Note():
                yield {"type": "context", "elements": [_mrkdwn([element.text], limits.CONTEXT_TEXT)]}
            case Divider():
                yield {"type": "divider"}
            case PersonRow():
                yield from _person(element)
            case Actions():
                yield _actions(element.buttons)
            case PersonPicker():
                yield _picker(element)


def _facts(facts: Facts) -> Iterator[Json]:
    """Short ones side by side, ten to a block; long ones below each other."""
    short = all(len(label) + sum(len(span.text) for span in value) <= 160 for label, value in facts.rows)
    for start in range(0, len(facts.rows), limits.SECTION_FIELDS):
        rows = facts.rows[start : start + limits.SECTION_FIELDS]
        if short:
            fields = [_mrkdwn([line(StyledText(label, "bold")), value], limits.FIELD_TEXT) for label, value in rows]
            yield {"type": "section", "fields": fields}
        else:
            yield from _sections([(*line(StyledText(f"{label}: ", "bold")), *value) for label, value in rows])


def _person(row: PersonRow) -> Iterator[Json]:
    mark = f"{row.mark} " if row.mark else ""
    beside = (*line(" · "), *row.beside) if row.beside else ()
    block = _section([(*line(mark, StyledText(row.name, "bold")), *beside), *row.lines])
    usable = [button for button in row.buttons if len(encode(button.call)) <= limits.BUTTON_VALUE]
    as_menu = row.as_menu and all(len(encode(button.call)) <= limits.OPTION_VALUE for button in usable)
    if as_menu and 1 < len(usable) <= limits.OVERFLOW_OPTIONS:
        chosen = [_option(Choice(encode(button.call), button.label)) for button in usable]
        yield {**block, "accessory": {"type": "overflow", "action_id": MENU, "options": chosen}}
    elif len(usable) == 1:
        yield {**block, "accessory": _button(usable[0], usable[0].call.verb)}
    else:
        yield block
        if usable:
            yield _actions(usable)


def _actions(buttons: Sequence[Button]) -> Json:
    taken: set[str] = set()
    elements = []
    for number, button in enumerate(buttons[: limits.ACTIONS]):
        action_id = button.call.verb if button.call.verb not in taken else f"{button.call.verb}:{number}"
        taken.add(action_id)
        elements.append(_button(button, action_id))
    return {"type": "actions", "elements": elements}


def _button(button: Button, action_id: str) -> Json:
    drawn: Json = {
        "type": "button",
        "action_id": action_id,
        "text": _plain(button.label, limits.BUTTON_TEXT),
        "value": encode(button.call),
    }
    if button.style != "default":
        drawn["style"] = button.style
    if button.spoken:
        drawn["accessibility_label"] = _plain(button.spoken, limits.SPOKEN_LABEL)["text"]
    return drawn


def _picker(picker: PersonPicker) -> Json:
    menu = {
        "type": "external_select",
        "action_id": f"{FIND}:{picker.verb}",
        "placeholder": _plain("Type a name", limits.PLACEHOLDER),
        "min_query_length": 2,
    }
    return {**_section([line(picker.label)]), "accessory": menu}


def _input(field: Field) -> Json:
    drawn: Json = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, limits.INPUT_LABEL),
        "element": _element(field),
        "optional": not field.required,
    }
    if field.hint:
        drawn["hint"] = _plain(field.hint, limits.INPUT_HINT)
    return drawn


def _element(field: Field) -> Json:
    match field:
        case DateField():
            return _date(field)
        case TextField():
            return _text(field)
        case _:
            return _menu(field)


def _text(field: TextField) -> Json:
    drawn: Json = {"type": "plain_text_input", "action_id": VALUE, "multiline": True, "max_length": field.longest}
    if field.initial:
        drawn["initial_value"] = field.initial
    return drawn


def _date(field: DateField) -> Json:
    drawn: Json = {
        "type": "datepicker",
        "action_id": VALUE,
        "placeholder": _plain("Choose a day", limits.PLACEHOLDER),
    }
    if field.initial is not None:
        drawn["initial_date"] = field.initial.isoformat()
    return drawn


def _menu(field: ChoiceField) -> Json:
    choices = {choice.value: _option(choice) for choice in field.choices}
    drawn: Json = {
        "type": "static_select",
        "action_id": VALUE,
        "placeholder": _plain("Choose one", limits.PLACEHOLDER),
        "options": list(choices.values()),
    }
    if field.initial in choices:
        drawn["initial_option"] = choices[field.initial]
    return drawn


def _option(choice: Choice) -> Json:
    return {"text": _plain(choice.label, limits.OPTION_TEXT), "value": choice.value}


def _title(words: str) -> Json:
    """A header; where the words hold what Slack could take for markup, a bold line, in which they can be escaped."""
    if any(mark in words for mark in "&<>"):
        return _section([line(StyledText(words, "bold"))])
    return {"type": "header", "text": _plain(words, limits.HEADER_TEXT)}


def _section(lines: Sequence[Text]) -> Json:
    return {"type": "section", "text": _mrkdwn(lines, limits.SECTION_TEXT)}


def _sections(lines: Sequence[Text]) -> Iterator[Json]:
    """As many sections as the lines need."""
    gathered: list[Text] = []
    used = 0
    for each in lines:
        length = len(_line(each, limits.SECTION_TEXT)) + 1
        if gathered and used + length > limits.SECTION_TEXT:
            yield _section(gathered)
            gathered, used = [], 0
        gathered.append(each)
        used += length
    if gathered:
        yield _section(gathered)


def _mrkdwn(lines: Sequence[Text], longest: int) -> Json:
    """Lines of spans as mrkdwn."""
    drawn: list[str] = []
    room = longest
    for each in lines:
        text = _line(each, room)
        drawn.append(text)
        room -= len(text) + 1
        if room < 1:
            break
    return {"type": "mrkdwn", "text": "\n".join(drawn) or " "}


def _line(text: Text, room: int) -> str:
    """One line's markup, with an ellipsis where it would take more than `room` characters."""
    whole = "".join(map(_span, text))
    if len(whole) <= room:
        return whole
    return _escaped_within("".join(span.text for span in text), room)


def _escaped_within(words: str, room: int) -> str:
    """Escaped words, shortened before escaping so that no escape is cut in two."""
    kept = len(words)
    while len(text := _unmarked(escaped(_short(words, kept)))) > room:
        kept -= max(1, (len(text) - room) // 6)
    return text


@lru_cache(maxsize=512)
def _span(span: StyledText) -> str:
    text = span.text
    inner = text.strip()
    if span.style == "plain" or not inner or "*" in inner:
        return _unmarked(escaped(text))
    marker = "*" if span.style == "bold" else "_"
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{marker}{_unmarked(escaped(inner))}{marker}{after}"


def _unmarked(text: str) -> str:
    """Keeps typed marks, `:names:` and `@channel` from being read as styles, emoji and calls: a space nobody sees parts them."""
    if not _SPECIAL.search(text):
        return text
    text = _MARKERS.sub(lambda found: _ZERO_WIDTH + found[0], text)
    return _CALLS.sub(f"@{_ZERO_WIDTH}", _EMOJI.sub(f":{_ZERO_WIDTH}", text))


def _plain(words: str, longest: int) -> Json:
    """Plain text: Slack reads no markup in it, and without `emoji` no `:names:`. What looks like a mention is parted all the same."""
    text = _COMMANDS.sub(f"<{_ZERO_WIDTH}", " ".join(words.split()))
    return {"type": "plain_text", "text": _short(text, longest) or " ", "emoji": False}


def _short(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _identified(blocks: list[Json]) -> list[Json]:
    """Every block with an id of its own; inputs keep their field's name."""
    return [{"block_id": f"b{number}", **block} for number, block in enumerate(blocks)]
