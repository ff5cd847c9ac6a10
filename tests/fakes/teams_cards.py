"""What Teams accepts as an Adaptive Card and how a reader sees it, written from Microsoft's reference and from nothing in `bot/`.

Each check returns complaints ("body[3].label: missing"); an empty list means Teams would take it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
NEWEST = (1, 5)
MOST_BYTES = 28_000
MOST_PRIMARY = 6

Json = Mapping[str, Any]

_EVERY = "type id isVisible separator spacing height fallback requires"
_INPUT = f"{_EVERY} label isRequired errorMessage value"
_KNOWN = {
    "TextBlock": f"{_EVERY} text size weight color isSubtle wrap maxLines style horizontalAlignment fontType",
    "RichTextBlock": f"{_EVERY} inlines horizontalAlignment",
    "Container": f"{_EVERY} items style bleed minHeight verticalContentAlignment selectAction",
    "ColumnSet": f"{_EVERY} columns style bleed minHeight horizontalAlignment",
    "Column": f"{_EVERY} items width style bleed minHeight verticalContentAlignment",
    "ActionSet": f"{_EVERY} actions horizontalAlignment",
    "Input.Date": f"{_INPUT} min max placeholder",
    "Input.Text": f"{_INPUT} isMultiline maxLength placeholder regex style",
    "Input.ChoiceSet": f"{_INPUT} choices choices.data isMultiSelect style placeholder wrap",
}
_ACTION = "type id title data style tooltip isEnabled mode fallback iconUrl requires associatedInputs"
_ACTIONS = {"Action.Execute": f"{_ACTION} verb", "Action.Submit": _ACTION}
_RUN = "type text size weight color isSubtle italic strikethrough underline highlight fontType"
_CARD = "type $schema version fallbackText body actions speak lang minHeight verticalContentAlignment msteams"
_VALUES = {
    "size": ("Default", "Small", "Medium", "Large", "ExtraLarge"),
    "weight": ("Default", "Lighter", "Bolder"),
    "color": ("Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"),
    "spacing": ("Default", "None", "Small", "Medium", "Large", "ExtraLarge", "Padding"),
    "mode": ("primary", "secondary"),
    "associatedInputs": ("Auto", "None"),
}


def card_complaints(card: Any, *, dialog: bool = False) -> list[str]:
    """What Teams would refuse in a card. A dialog knows Action.Submit alone."""
    if not isinstance(card, Mapping) or card.get("type") != "AdaptiveCard":
        return ["type: no AdaptiveCard"]
    found = _unknown(card, "card", _CARD)
    version = re.fullmatch(r"(\d+)\.(\d+)", str(card.get("version")))
    if version is None or (int(version[1]), int(version[2])) > NEWEST:
        found.append(f"version: {card.get('version')!r}; at most 1.5")
    if not isinstance(card.get("fallbackText"), str) or not card["fallbackText"].strip():
        found.append("fallbackText: missing")
    if not isinstance(card.get("body"), list) or not card["body"]:
        return [*found, "body: empty"]
    for number, element in enumerate(card["body"]):
        found += _element(element, f"body[{number}]", dialog)
    if "actions" in card:
        found += _row(card["actions"], "actions", dialog)
    ids = [element.get("id") for element in elements(card) if str(element.get("type")).startswith("Input.")]
    found += [f"inputs: the id {each!r} is used twice" for each in {i for i in ids if ids.count(i) > 1}]
    return found


def size(card: Json) -> int:
    """Bytes of a card on its way."""
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())


def _unknown(thing: Json, where: str, known: str) -> list[str]:
    found = [f"{where}: unknown field {key!r}" for key in thing if key not in known.split()]
    for name, allowed in _VALUES.items():
        if name in thing and str(thing[name]).casefold() not in map(str.casefold, allowed):  # Teams minds no case here
            found.append(f"{where}.{name}: {thing[name]!r}")
    return found


def _element(element: Any, where: str, dialog: bool) -> list[str]:
    kind = element.get("type") if isinstance(element, Mapping) else None
    if kind not in _KNOWN or not isinstance(kind, str):
        return [f"{where}: unknown element {kind!r}"]
    found = _unknown(element, where, _KNOWN[kind])
    if kind == "TextBlock":
        found += _words(element.get("text"), f"{where}.text")
    elif kind == "RichTextBlock":
        found += _runs(element.get("inlines"), where)
    elif kind == "ActionSet":
        found += _row(element.get("actions"), f"{where}.actions", dialog)
    elif kind == "ColumnSet":
        found += _inside(element.get("columns"), f"{where}.columns", dialog, "Column")
    elif kind in ("Container", "Column"):
        found += _inside(element.get("items"), f"{where}.items", dialog)
    else:
        found += _words(element.get("id"), f"{where}.id") + _words(element.get("label"), f"{where}.label")
        if element.get("isRequired"):
            found += _words(element.get("errorMessage"), f"{where}.errorMessage")
        if kind == "Input.Date" and "value" in element:
            found += _day(element["value"], f"{where}.value")
        if kind == "Input.ChoiceSet":
            found += _choices(element, where)
    return found


def _inside(items: Any, where: str, dialog: bool, only: str = "") -> list[str]:
    if not isinstance(items, list) or not items:
        return [f"{where}: empty"]
    found: list[str] = []
    for number, item in enumerate(items):
        place = f"{where}[{number}]"
        if ((item.get("type") if isinstance(item, Mapping) else None) == "Column") != (only == "Column"):
            found.append(f"{place}: does not belong here")
        found += _element(item, place, dialog)
    return found


def _runs(runs: Any, where: str) -> list[str]:
    if not isinstance(runs, list) or not runs:
        return [f"{where}.inlines: empty"]
    found: list[str] = []
    for number, run in enumerate(runs):
        place = f"{where}.inlines[{number}]"
        if not isinstance(run, Mapping) or run.get("type") != "TextRun":
            found.append(f"{place}: no TextRun")
        else:
            found += _unknown(run, place, _RUN)
            if not isinstance(run.get("text"), str) or not run["text"]:
                found.append(f"{place}.text: missing")
    return found


def _choices(element: Json, where: str) -> list[str]:
    choices, query = element.get("choices"), element.get("choices.data")
    if query is not None and (query.get("type") != "Data.Query" or not query.get("dataset")):
        return [f"{where}.choices.data: no Data.Query with a dataset"]
    if not isinstance(choices, list) or (not choices and query is None):
        return [f"{where}.choices: empty"]
    found: list[str] = []
    for number, choice in enumerate(choices):
        place = f"{where}.choices[{number}]"
        found += _unknown(choice, place, "title value")
        found += _words(choice.get("title"), f"{place}.title") + _words(choice.get("value"), f"{place}.value")
    values = [choice.get("value") for choice in choices]
    if len(set(values)) < len(values):
        found.append(f"{where}.choices: a value used twice")
    if "value" in element and not query and element["value"] not in values:
        found.append(f"{where}.value: not among the choices")
    return found


def _row(actions: Any, where: str, dialog: bool) -> list[str]:
    if not isinstance(actions, list) or not actions:
        return [f"{where}: empty"]
    found: list[str] = []
    for number, action in enumerate(actions):
        found += _action(action, f"{where}[{number}]", dialog)
    primary = [action for action in actions if action.get("mode", "primary") == "primary"]
    if len(primary) > MOST_PRIMARY:
        found.append(f"{where}: {len(primary)} primary actions; at most {MOST_PRIMARY}")
    return found


def _action(action: Any, where: str, dialog: bool) -> list[str]:
    kind = action.get("type") if isinstance(action, Mapping) else None
    if kind not in _ACTIONS or not isinstance(kind, str):
        return [f"{where}: unknown action {kind!r}"]
    found = _unknown(action, where, _ACTIONS[kind]) + _words(action.get("title"), f"{where}.title")
    if action.get("style") not in (None, "default", "positive", "destructive"):
        found.append(f"{where}.style: {action['style']!r}")
    if not isinstance(action.get("data"), Mapping) or not action["data"]:
        found.append(f"{where}.data: missing")
    if kind == "Action.Submit":
        return found
    if dialog:
        found.append(f"{where}: a dialog knows no Action.Execute")
    found += _words(action.get("verb"), f"{where}.verb")
    instead = action.get("fallback")
    if not isinstance(instead, Mapping) or instead.get("type") != "Action.Submit":
        return [*found, f"{where}.fallback: no Action.Submit"]
    if instead.get("data") != action.get("data") or instead.get("title") != action.get("title"):
        found.append(f"{where}.fallback: says or asks something else")
    return found + _action(instead, f"{where}.fallback", dialog)


def _words(value: Any, where: str) -> list[str]:
    return [] if isinstance(value, str) and value.strip() else [f"{where}: missing"]


def _day(value: Any, where: str) -> list[str]:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return [f"{where}: {value!r} is no day"]
    return []


# what a reader sees


def elements(card: Json) -> Iterator[Json]:
    """Every element of a card, outer before inner, in order."""
    for name in ("body", "items", "columns"):
        for element in card.get(name) or []:
            yield element
            yield from elements(element)


def words(shown: Any) -> str:
    """All the words of an activity, a card or an element, as a reader would see them; a heading's Markdown is read."""
    if isinstance(shown, Mapping) and "attachments" in shown:
        shown = [shown.get("text") or "", *(attached["content"] for attached in shown["attachments"])]
    return "\n".join(each for each in _lines(shown) if each)


def _lines(shown: Any) -> Iterator[str]:
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, list):
        for each in shown:
            yield from _lines(each)
    elif isinstance(shown, Mapping):
        kind = shown.get("type")
        if kind == "TextBlock":
            yield re.sub(r"\\([\\`*_\[\]<>~|])", r"\1", shown["text"])
        elif kind == "RichTextBlock":
            yield "".join(run["text"] for run in shown["inlines"])
        elif str(kind).startswith("Input."):
            yield shown["label"]
        elif kind in ("message", None) and "text" in shown:
            yield str(shown["text"])
        for name in ("body", "items", "columns"):
            yield from _lines(shown.get(name) or [])


def actions(card: Json) -> list[Json]:
    """Every button on a card, in order."""
    found = [*(card.get("actions") or [])] if card.get("type") == "AdaptiveCard" else []
    for element in elements(card):
        if element.get("type") == "ActionSet":
            found += element["actions"]
    return found


def takes_inputs(action: Json) -> bool:
    """Whether what is filled in goes along with a press."""
    return str(action.get("associatedInputs", "auto")).casefold() == "auto"


def labels(card: Json) -> list[str]:
    """What its buttons say."""
    return [str(action["title"]) for action in actions(card)]


def inputs(card: Json) -> dict[str, Json]:
    """The inputs of a card by their id."""
    return {str(e["id"]): e for e in elements(card) if str(e.get("type")).startswith("Input.")}


def filled(card: Json) -> dict[str, str]:
    """What stands in its inputs as it is shown."""
    return {name: str(each["value"]) for name, each in inputs(card).items() if "value" in each}


def card_of(shown: Json) -> Json:
    """The card of an activity, or the card itself."""
    if shown.get("type") == "AdaptiveCard":
        return shown
    content: Json = shown["attachments"][0]["content"]
    return content


def near(card: Json, said: str) -> Json:
    """The innermost part of a card that has buttons and says this."""
    inside = [e for e in elements(card) if said in words([e]) and actions({"type": "", "items": [e]})]
    assert inside, f"nothing with buttons says “{said}”"
    return {"type": "", "items": [inside[-1]]}
