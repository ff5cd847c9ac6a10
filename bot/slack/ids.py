"""How Slack writes the ids of channels and people, and where people find them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from core.services.staff.platform_ids import IdForms, Kind, Sought, bare

_ID = re.compile(r"(?![A-Z]{4,8}\b)[A-Z][A-Z0-9]+")  # so many letters and no digit are a word: GENERAL
_TYPED = re.compile(r"[A-Z][0-9][A-Z0-9]{4,}|[A-Za-z]0[A-Za-z0-9]{3,}")  # small letters: as ids begin, and few names
_MENTION = re.compile(r"<[#@]([A-Z][A-Z0-9]+)(?:\|[^<>]*)?>")
_MARKED = re.compile(r"[#@]([A-Z][0-9][A-Z0-9]*)(?:\|.*)?")
_LINK = re.compile(r"slack(?:-gov)?\.com/|^slack:", re.IGNORECASE)
_KINDS = {"C": "channel", "G": "channel", "U": "person", "W": "person"}
_OTHERS = {
    "D": "the id of one person's own conversation with the bot",
    "B": "a bot's id",
    "S": "the id of a group of users",
    "T": "the workspace's id",
    "E": "the organisation's id",
    "A": "the id of an app",
    "F": "the id of a file",
}


def read(kind: Kind, pasted: str) -> str | None:
    """The one id of this kind that stands there."""
    found = {one for one in _ids(pasted) if _KINDS.get(one[0]) == kind}
    return found.pop() if len(found) == 1 else None


def is_person(platform_id: str) -> bool:
    """Whether an id is somebody's, not a channel's."""
    return _KINDS.get(platform_id[:1]) == "person"


def other(text: str) -> str | None:
    """Whose id it is that is neither a channel's nor a person's."""
    ids = _ids(text)
    return _OTHERS.get(ids[-1][0], "") if ids else None


def _ids(pasted: str) -> list[str]:
    """The ids that stand there: one alone, as a mention, or the parts of a link."""
    text = bare(pasted)
    if mention := _MENTION.search(pasted) or _MARKED.fullmatch(text):
        return [mention[1]]
    if _LINK.search(text):
        return [part for part in re.split(r"[/?&=#|\s]", unquote(text)) if _ID.fullmatch(part)]
    if _TYPED.fullmatch(text):
        return [text.upper()]
    return [text] if _ID.fullmatch(text) else []


IDS = IdForms(
    {
        "channel": Sought(
            "a Slack channel's id",
            "C012ABCDE",
            "In Slack click the channel's name; the id stands at the bottom of About.",
        ),
        "person": Sought(
            "a Slack member's id",
            "U012ABCDE",
            "In Slack click their picture, then the three dots, Copy member ID.",
        ),
    },
    read,
    other,
)
