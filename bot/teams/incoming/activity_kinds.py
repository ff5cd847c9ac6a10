"""Which activities somebody waits for an answer to, and what becomes of the others: Teams sends more kinds than a bot has use for.

An activity that is well formed is never a fault of whoever sent it. One that is not followed is taken; an invoke is answered in the
form that the client waits for, or with 501, which is Bot Framework's word for "not made for this bot".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.teams.decode import from_a_bot
from bot.teams.render import Json

NOT_OURS = "This button belongs to something I no longer know. Please type status and a name to carry on."

_TAKEN = frozenset({"actionableMessage", "fileConsent", "handoff", "message", "signin", "suggestedActions"})

Given = Mapping[str, Any]


def kind_of(given: Given) -> str:
    """The kind of an activity, as its sender names it."""
    kind = str(given["type"])
    if kind == "message" and from_a_bot(given):
        return "message/fromBot"
    beside = {"invoke": "name", "event": "name", "installationUpdate": "action"}.get(kind)
    return kind if beside is None else f"{kind}/{given.get(beside)}"


def answer_to_others(kind: str) -> tuple[int, Json | None]:
    """The status and body that an activity of a kind which is not followed is answered with."""
    kind, _, name = kind.partition("/")
    group = name.partition("/")[0]
    if kind != "invoke" or (group in _TAKEN and name != "message/fetchTask"):
        return 200, None
    told = {"type": "message", "value": NOT_OURS}
    if group in ("task", "message"):
        return 200, {"task": told}
    if group == "config":
        return 200, {"responseType": "config", "config": told}
    if group == "composeExtension":
        return 200, {"composeExtension": {"type": "message", "text": NOT_OURS}}
    return 501, None
