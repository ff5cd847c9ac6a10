"""What Slack sends, as the neutral requests of the conversation. Pure: no network, no clock, no database."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from bot.conversation import verbs
from bot.conversation.requests import Command, Lookup, Origin, Press, Submit, event_id_of
from bot.faults import word
from bot.web.json_bodies import read_json

Payload = Mapping[str, Any]

WORDS_OF_SOMEBODY = frozenset(
    {"", "file_share", "thread_broadcast", "me_message"}
)  # kinds of messages that people write
SLACKBOT = "USLACKBOT"

_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"[\s,]*<@([A-Z0-9]+)(?:\|[^>]*)?>[\s,:;–—-]*")
_LINK = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # to somewhere, as opposed to <@somebody> and <#channel>
_MADE_BY_SLACK = re.compile(r"(?:mailto|tel|sms):", re.IGNORECASE)  # of an address or number that was typed without it


def body(raw: bytes, content_type: str) -> Any:
    """What a request holds: JSON, a form's `payload` that is JSON, or a form. Raises `ValueError` for anything else.

    Bolt's own way takes every form with the word "payload" in it for an interaction, also what somebody typed.
    """
    text = raw.decode()
    if content_type == "application/json" or text.startswith("{"):
        return read_json(text)
    fields = dict(parse_qsl(text, keep_blank_values=True))
    return read_json(fields["payload"]) if "payload" in fields else fields


def command(body: Payload) -> Command:
    """A slash command."""
    origin = Origin("slack", _at(body, "user_id"), _at(body, "channel_id"), f"command:{_at(body, 'trigger_id')}")
    return Command(origin, typed(_at(body, "text")))


def message(event: Payload, event_id: str) -> Command:
    """A message to the bot, or one that mentions it: what stands beside the mention is read like a command."""
    origin = Origin("slack", _at(event, "user"), _at(event, "channel"), f"event:{event_id}")
    return Command(origin, typed(_without_mention(event)), file=bool(event.get("files")))


def why_left_alone(event: Payload) -> str | None:
    """Why nobody waits for an answer to a message, for the log; None where somebody does."""
    subtype = _at(event, "subtype")
    if subtype not in WORDS_OF_SOMEBODY:
        return f"it is a {word(subtype)}"
    if event.get("bot_id") or _at(event, "user") in ("", SLACKBOT):
        return "no person wrote it"
    if event.get("edited"):
        return "it is an older one that was edited"
    return None if mentions(event) or _private(event) else "it does not mention the bot"


def mentions(event: Payload) -> bool:
    """Whether a message is one in a channel that mentions the bot."""
    return _at(event, "type") == "app_mention"


def thread_of(event: Payload) -> str | None:
    """The thread in which a message stands."""
    return _at(event, "thread_ts") or None


def _private(event: Payload) -> bool:
    place = _at(event, "channel_type")
    return place in ("im", "app_home") or (not place and _at(event, "channel").startswith("D"))


def _without_mention(event: Payload) -> str:
    """What a message says; without the mention it begins with, or, where it mentions the bot alone, without that."""
    text = _at(event, "text")
    found = set(_MENTION.findall(text))
    if mentions(event) and len(found) == 1:
        return _MENTION.sub(" ", text)
    return re.sub(rf"^{_MENTION.pattern}", "", text)


def press(body: Payload) -> Press:
    """A button pressed, or an option chosen in a menu."""
    action = (body.get("actions") or [{}])[0]
    option = action.get("selected_option")
    value = _at(option, "value") if isinstance(option, Mapping) else _at(action, "value")
    event_id = event_id_of("press", _at(body, "trigger_id"), _at(action, "action_ts"), _at(action, "action_id"), value)
    return Press(_origin(body, event_id), verbs.decode_action(_at(action, "action_id"), value))


def submission(body: Payload) -> Submit:
    """A form sent. The same form sent again with the same values is the same event, whichever click or retry it was."""
    view = body.get("view") or {}
    state = (view.get("state") or {}).get("values") or {}
    values = {field: _value(element) for field, elements in state.items() for element in list(elements.values())[:1]}
    call = verbs.decode_form(_at(view, "callback_id"), _at(view, "private_metadata"))
    event_id = event_id_of(
        "form",
        _at(view, "id"),
        _at(view, "callback_id"),
        _at(view, "private_metadata"),
        json.dumps(values, sort_keys=True),
    )
    return Submit(_origin(body, event_id), call, values)


def lookup(body: Payload) -> Lookup:
    """Letters typed into a type-ahead menu."""
    _, _, verb = _at(body, "action_id").partition(":")
    return Lookup(_origin(body, ""), html.unescape(_at(body, "value")), verb if verbs.is_known(verb) else verbs.STATUS)


def typed(text: str) -> str:
    """What somebody typed, without Slack's escapes: `&amp;` is `&` again, `<tel:0123>` is `0123`."""

    def plain(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if label:
            return label
        if _LINK.match(target):
            return _MADE_BY_SLACK.sub("", target, count=1)
        return found[0]

    return _MARKUP.sub(plain, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _origin(body: Payload, event_id: str) -> Origin:
    channel = body.get("channel") or {}
    return Origin("slack", _at(body.get("user") or {}, "id"), _at(channel, "id"), event_id)


def _value(element: Payload) -> str | None:
    """What stands in one input of a form."""
    chosen = element.get("selected_option")
    if isinstance(chosen, Mapping):
        return _at(chosen, "value") or None
    value = element.get("selected_date", element.get("value"))
    return value if isinstance(value, str) else None


def _at(body: Payload, key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
