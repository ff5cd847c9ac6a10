"""What Slack accepts in messages and views, written from Slack's reference and from nothing in `bot/`.

Each check returns complaints ("blocks[3].text: 3001 characters; at most 3000"); an empty list means Slack would take it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
TEXT_IN_MESSAGE = 4000
ALL_BLOCK_TEXT = 13_200
VIEW_BYTES = 250_000

Json = Mapping[str, Any]


def message_complaints(message: Json) -> list[str]:
    """What Slack would refuse in the arguments of chat.postMessage, chat.update or an answer to a command."""
    found: list[str] = []
    text, blocks = message.get("text"), message.get("blocks")
    if not text and not blocks:
        found.append("no_text")
    if text is not None and not isinstance(text, str):
        found.append("text: not a string")
    elif blocks and not text:
        found.append("text: blocks without a text that notifications can show")
    elif isinstance(text, str) and len(text) > TEXT_IN_MESSAGE:
        found.append(f"text: {len(text)} characters; at most {TEXT_IN_MESSAGE}")
    if blocks is not None:
        found += _blocks(blocks, "message", BLOCKS_IN_MESSAGE)
    return found


def view_complaints(view: Json) -> list[str]:
    """What Slack would refuse in a modal."""
    found: list[str] = []
    if view.get("type") != "modal":
        found.append("type: only modals are known here")
    found += _unknown(
        view,
        "view",
        "type title submit close blocks private_metadata callback_id clear_on_close "
        "notify_on_close external_id submit_disabled",
    )
    found += _plain(view.get("title"), "title", 24)
    for key in ("submit", "close"):
        if key in view:
            found += _plain(view[key], key, 24)
    if len(view.get("private_metadata", "")) > 3000:
        found.append("private_metadata: over 3000 characters")
    if len(view.get("callback_id", "")) > 255:
        found.append("callback_id: over 255 characters")
    blocks = view.get("blocks")
    found += _blocks(blocks, "modal", BLOCKS_IN_VIEW)
    if isinstance(blocks, list) and "submit" not in view and any(b.get("type") == "input" for b in blocks):
        found.append("submit: a view with input blocks needs it")
    if len(json.dumps(view)) > VIEW_BYTES:
        found.append("view: over 250 KB")
    return found


def options_complaints(answer: Json) -> list[str]:
    """What Slack would refuse in the answer to a block_suggestion."""
    if "options" not in answer or not isinstance(answer["options"], list):
        return ["options: missing"]
    return _options(answer["options"], "options", 100, least=0)


def _blocks(blocks: Any, surface: str, most: int) -> list[str]:
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    found: list[str] = []
    if len(blocks) > most:
        found.append(f"blocks: {len(blocks)}; at most {most}")
    ids: set[str] = set()
    for number, block in enumerate(blocks):
        where = f"blocks[{number}]"
        kind = block.get("type") if isinstance(block, Mapping) else None
        check = _BLOCKS.get(kind) if isinstance(kind, str) else None
        if check is None:
            found.append(f"{where}: unknown block type {kind!r}")
            continue
        if kind == "input" and surface == "message":
            found.append(f"{where}: no input blocks in a message here")
        if kind in ("table", "markdown") and surface == "modal":
            found.append(f"{where}: no {kind} in a modal")
        found += check(block, where)
        block_id = block.get("block_id")
        if block_id is not None:
            found += _short(block_id, f"{where}.block_id", 255)
            if block_id in ids:
                found.append(f"{where}.block_id: used twice")
            ids.add(block_id)
    if sum(1 for b in blocks if b.get("type") == "table") > 1:
        found.append("blocks: more than one table")
    if surface == "message" and (total := sum(map(len, texts_of(blocks)))) > ALL_BLOCK_TEXT:
        found.append(f"msg_blocks_too_long: {total} characters of text in the blocks; at most {ALL_BLOCK_TEXT}")
    return found


def texts_of(value: Any) -> Iterator[str]:
    """Every text that a reader would see in blocks, in order."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("text", "alt_text") and isinstance(inner, str):
                yield inner
            elif key not in ("value", "action_id", "block_id", "private_metadata"):
                yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def _unknown(thing: Json, where: str, known: str) -> list[str]:
    return [f"{where}: unknown field {key!r}" for key in thing if key not in known.split()]


def _short(value: Any, where: str, most: int, least: int = 1) -> list[str]:
    if not isinstance(value, str):
        return [f"{where}: not a string"]
    if not least <= len(value) <= most:
        return [f"{where}: {len(value)} characters; from {least} to {most}"]
    return []


def _plain(value: Any, where: str, most: int) -> list[str]:
    if not isinstance(value, Mapping) or value.get("type") != "plain_text":
        return [f"{where}: must be plain_text"]
    return _unknown(value, where, "type text emoji") + _short(value.get("text"), f"{where}.text", most)


def _text(value: Any, where: str, most: int) -> list[str]:
    if isinstance(value, Mapping) and value.get("type") == "mrkdwn":
        return (
            _unknown(value, where, "type text verbatim")
            + _short(value.get("text"), f"{where}.text", most)
            + _markup(str(value.get("text")), where)
        )
    return _plain(value, where, most)


def _markup(text: str, where: str) -> list[str]:
    """In mrkdwn every `<` must open something of Slack's own, and nobody is shouted at."""
    found = []
    for part in text.split("<")[1:]:
        inside, closed, _ = part.partition(">")
        if not closed or (
            inside[:1] not in ("@", "#", "!") and not inside.startswith(("http://", "https://", "mailto:"))
        ):
            found.append(f"{where}: an unescaped < in mrkdwn")
        elif inside.startswith("!") and not inside.startswith("!date^"):
            found.append(f"{where}: <{inside}> would notify everybody")
    return found


def _section(block: Json, where: str) -> list[str]:
    found = _unknown(block, where, "type text fields accessory block_id expand")
    if "text" not in block and not block.get("fields"):
        found.append(f"{where}: neither text nor fields")
    if "text" in block:
        found += _text(block["text"], f"{where}.text", 3000)
    if "fields" in block:
        if not 1 <= len(block["fields"]) <= 10:
            found.append(f"{where}.fields: {len(block['fields'])}; from 1 to 10")
        for number, field in enumerate(block["fields"]):
            found += _text(field, f"{where}.fields[{number}]", 2000)
    if "accessory" in block:
        found += _element(block["accessory"], f"{where}.accessory", _ACCESSORIES)
    return found


def _header(block: Json, where: str) -> list[str]:
    return _unknown(block, where, "type text block_id level") + _plain(block.get("text"), f"{where}.text", 150)


def _divider(block: Json, where: str) -> list[str]:
    return _unknown(block, where, "type block_id")


def _context(block: Json, where: str) -> list[str]:
    elements = block.get("elements") or []
    found = _unknown(block, where, "type elements block_id")
    if not 1 <= len(elements) <= 10:
        found.append(f"{where}.elements: {len(elements)}; from 1 to 10")
    for number, element in enumerate(elements):
        if element.get("type") == "image":
            found += _image(element, f"{where}.elements[{number}]")
        else:
            found += _text(element, f"{where}.elements[{number}]", 3000)
    return found


def _image(block: Json, where: str) -> list[str]:
    return _short(block.get("image_url"), f"{where}.image_url", 3000) + _short(
        block.get("alt_text"), f"{where}.alt_text", 2000
    )


def _actions(block: Json, where: str) -> list[str]:
    elements = block.get("elements") or []
    found = _unknown(block, where, "type elements block_id")
    if not 1 <= len(elements) <= 25:
        found.append(f"{where}.elements: {len(elements)}; from 1 to 25")
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) < len(ids):
        found.append(f"{where}: an action_id used twice in one block")
    for number, element in enumerate(elements):
        found += _element(element, f"{where}.elements[{number}]", _INTERACTIVE)
    return found


def _input(block: Json, where: str) -> list[str]:
    found = _unknown(block, where, "type label element hint optional dispatch_action block_id")
    found += _plain(block.get("label"), f"{where}.label", 2000)
    if "hint" in block:
        found += _plain(block["hint"], f"{where}.hint", 2000)
    return found + _element(block.get("element"), f"{where}.element", _INPUTS)


def _markdown(block: Json, where: str) -> list[str]:
    return _unknown(block, where, "type text block_id") + _short(block.get("text"), f"{where}.text", 12_000)


def _table(block: Json, where: str) -> list[str]:
    found = _unknown(block, where, "type rows column_settings block_id")
    rows = block.get("rows") or []
    if not 1 <= len(rows) <= 100:
        found.append(f"{where}.rows: {len(rows)}; from 1 to 100")
    for number, row in enumerate(rows):
        if not 1 <= len(row) <= 20:
            found.append(f"{where}.rows[{number}]: {len(row)} cells; from 1 to 20")
        found += [
            f"{where}.rows[{number}]: a cell of type {cell.get('type')!r}"
            for cell in row
            if cell.get("type") not in ("raw_text", "rich_text")
        ]
    if sum(map(len, texts_of(rows))) > 10_000:
        found.append(f"{where}: over 10000 characters")
    return found


_RICH = {
    "rich_text_section": "text link user channel emoji date",
    "rich_text_preformatted": "text link",
    "rich_text_quote": "text link user channel emoji date",
}


def _rich_text(block: Json, where: str) -> list[str]:
    found = _unknown(block, where, "type elements block_id")
    for number, part in enumerate(block.get("elements") or []):
        place, kind = f"{where}.elements[{number}]", part.get("type")
        if kind == "rich_text_list":
            if part.get("style") not in ("bullet", "ordered"):
                found.append(f"{place}.style: {part.get('style')!r}")
            for inner in part.get("elements") or []:
                found += _rich_part(inner, place)
        else:
            found += _rich_part(part, place)
    return found or ([] if block.get("elements") else [f"{where}.elements: empty"])


def _rich_part(part: Json, where: str) -> list[str]:
    allowed = _RICH.get(str(part.get("type")))
    if allowed is None:
        return [f"{where}: unknown rich text {part.get('type')!r}"]
    found = []
    for element in part.get("elements") or []:
        if element.get("type") not in allowed.split():
            found.append(f"{where}: {element.get('type')!r} inside {part['type']}")
        elif element["type"] == "text":
            found += _short(element.get("text"), f"{where}.text", 3000)
    return found


_BLOCKS: dict[str, Callable[[Json, str], list[str]]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "image": _image,
    "actions": _actions,
    "input": _input,
    "markdown": _markdown,
    "table": _table,
    "rich_text": _rich_text,
}


def _element(element: Any, where: str, allowed: frozenset[str]) -> list[str]:
    kind = element.get("type") if isinstance(element, Mapping) else None
    if kind not in allowed or not isinstance(kind, str):
        return [f"{where}: {kind!r} is not allowed here"]
    found: list[str] = []
    if kind == "image":
        return _image(element, where)
    found += _unknown(element, where, _FIELDS[kind])
    found += _short(element.get("action_id"), f"{where}.action_id", 255)
    if kind == "button":
        found += _plain(element.get("text"), f"{where}.text", 75)
        if "value" in element:
            found += _short(element["value"], f"{where}.value", 2000)
        if element.get("style") not in (None, "primary", "danger"):
            found.append(f"{where}.style: {element['style']!r}")
        if "accessibility_label" in element:
            found += _short(element["accessibility_label"], f"{where}.accessibility_label", 75)
    if kind == "overflow":
        found += _options(element.get("options"), f"{where}.options", 5)
    if kind in ("static_select", "multi_static_select", "radio_buttons", "checkboxes"):
        found += _select_options(element, where, 100 if "select" in kind else 10)
    if "placeholder" in element:
        found += _plain(element["placeholder"], f"{where}.placeholder", 150)
    if "confirm" in element:
        confirm = element["confirm"]
        found += _plain(confirm.get("title"), f"{where}.confirm.title", 100)
        found += _text(confirm.get("text"), f"{where}.confirm.text", 300)
        found += _plain(confirm.get("confirm"), f"{where}.confirm.confirm", 30)
        found += _plain(confirm.get("deny"), f"{where}.confirm.deny", 30)
    if kind == "plain_text_input":
        for key in ("min_length", "max_length"):
            if not 0 <= element.get(key, 1) <= 3000:
                found.append(f"{where}.{key}: from 0 to 3000")
        if len(element.get("initial_value", "")) > element.get("max_length", 3000):
            found.append(f"{where}.initial_value: longer than max_length")
    if kind == "datepicker" and "initial_date" in element:
        found += _short(element["initial_date"], f"{where}.initial_date", 10, least=10)
    if kind == "external_select" and not 0 <= element.get("min_query_length", 3) <= 100:
        found.append(f"{where}.min_query_length: from 0 to 100")
    return found


def _select_options(element: Json, where: str, most: int) -> list[str]:
    if ("options" in element) == ("option_groups" in element):
        return [f"{where}: exactly one of options and option_groups"]
    if "option_groups" in element:
        groups = element["option_groups"]
        found = [] if 1 <= len(groups) <= 100 else [f"{where}.option_groups: {len(groups)}; from 1 to 100"]
        for number, group in enumerate(groups):
            place = f"{where}.option_groups[{number}]"
            found += _plain(group.get("label"), f"{place}.label", 75) + _options(group.get("options"), place, 100)
        options = [option for group in groups for option in group.get("options", [])]
    else:
        options = element["options"]
        found = _options(options, f"{where}.options", most)
    initial = element.get("initial_option")
    if initial is not None and initial not in options:
        found.append(f"{where}.initial_option: not among the options")
    return found


def _options(options: Any, where: str, most: int, least: int = 1) -> list[str]:
    if not isinstance(options, list) or not least <= len(options) <= most:
        return [f"{where}: {len(options or [])} options; from {least} to {most}"]
    found: list[str] = []
    values = [option.get("value") for option in options]
    if len(set(values)) < len(values):
        found.append(f"{where}: a value used twice")
    for number, option in enumerate(options):
        place = f"{where}[{number}]"
        found += _unknown(option, place, "text value description")
        found += _text(option.get("text"), f"{place}.text", 75)
        found += _short(option.get("value"), f"{place}.value", 150)
        if "description" in option:
            found += _text(option["description"], f"{place}.description", 75)
    return found


_SELECTS = frozenset({"static_select", "external_select", "users_select", "conversations_select", "channels_select"})
_CHOICES = frozenset({"radio_buttons", "checkboxes", "datepicker", "timepicker"})
_INTERACTIVE = frozenset({"button", "overflow"}) | _SELECTS | _CHOICES
_ACCESSORIES = _INTERACTIVE | {"image"}
_INPUTS = _SELECTS | _CHOICES | {"plain_text_input", "number_input", "email_text_input", "multi_static_select"}
_COMMON = "type action_id focus_on_load confirm placeholder "
_FIELDS = {
    "button": _COMMON + "text value url style accessibility_label",
    "overflow": _COMMON + "options",
    "static_select": _COMMON + "options option_groups initial_option",
    "multi_static_select": _COMMON + "options option_groups initial_options max_selected_items",
    "external_select": _COMMON + "initial_option min_query_length",
    "users_select": _COMMON + "initial_user",
    "conversations_select": _COMMON + "initial_conversation filter default_to_current_conversation",
    "channels_select": _COMMON + "initial_channel",
    "radio_buttons": _COMMON + "options initial_option",
    "checkboxes": _COMMON + "options initial_options",
    "datepicker": _COMMON + "initial_date",
    "timepicker": _COMMON + "initial_time timezone",
    "plain_text_input": _COMMON + "multiline initial_value min_length max_length dispatch_action_config",
    "number_input": _COMMON + "is_decimal_allowed initial_value min_value max_value",
    "email_text_input": _COMMON + "initial_value",
}
