"""The ids that Slack and Teams give channels and people, read from what somebody pasted, where it can only be that one.

A name, an e-mail address or the id of something else is refused with where the right id is found: a channel bound by its name
would be another channel than the same one bound by its id.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from core.records.pasted import bare, without_unseen
from core.services.refusals import Refusal

Kind = Literal["channel", "person"]

_SLACK_ID = re.compile(r"(?![A-Z]{4,8}\b)[A-Z][A-Z0-9]+")  # so many letters and no digit are a word: GENERAL
_SLACK_TYPED = re.compile(
    r"[A-Z][0-9][A-Z0-9]{4,}|[A-Za-z]0[A-Za-z0-9]{3,}"
)  # small letters: as ids begin, and few names
_SLACK_MENTION = re.compile(r"<[#@]([A-Z][A-Z0-9]+)(?:\|[^<>]*)?>")
_SLACK_MARKED = re.compile(r"[#@]([A-Z][0-9][A-Z0-9]*)(?:\|.*)?")
_SLACK_LINK = re.compile(r"slack(?:-gov)?\.com/|^slack:", re.IGNORECASE)
_SLACK_KINDS = {"C": "channel", "G": "channel", "U": "person", "W": "person"}
_SLACK_OTHERS = {
    "D": "the id of one person's own conversation with the bot",
    "B": "a bot's id",
    "S": "the id of a group of users",
    "T": "the workspace's id",
    "E": "the organisation's id",
    "A": "the id of an app",
    "F": "the id of a file",
}

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12,13}"  # Microsoft's local client writes one more
_TEAMS_CHANNEL = re.compile(r"(?<!\d)19:[\w.-]*\w[\w.-]*@thread\.(?:tacv2|skype|v2)\b", re.ASCII)
_TEAMS_PERSON = re.compile(rf"(?:8:orgid:)?({_GUID})|(29:[\w-]+)", re.ASCII)
_TEAMS_PERSON_LINK = re.compile(rf"/userid/({_GUID})\b")
_GUID_WITHOUT_DASHES = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
_LOCAL = {  # as Microsoft's local client has them
    "channel": re.compile(r"team-id|channel-[a-z0-9-]+-id"),
    "person": re.compile(r"user-id-\d+"),
}
_MOST_ENCODED = 3  # times over, as links within links are


@dataclass(frozen=True, slots=True)
class _Sought:
    """How ids of one kind look on a platform, and where they are found."""

    one: str
    like: str
    where: str


_SOUGHT: dict[tuple[str, Kind], _Sought] = {
    ("slack", "channel"): _Sought(
        "a Slack channel's id", "C012ABCDE", "In Slack click the channel's name; the id stands at the bottom of About."
    ),
    ("slack", "person"): _Sought(
        "a Slack member's id", "U012ABCDE", "In Slack click their picture, then the three dots, Copy member ID."
    ),
    ("teams", "channel"): _Sought(
        "a Teams channel's id",
        "19:a1b2c3d4e5f6@thread.tacv2",
        "The bot says it in the channel when it is added there; the link from the channel's three dots, Get link to channel, "
        "will do too.",
    ),
    ("teams", "person"): _Sought(
        "a person's id in Teams",
        "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "They write anything to the bot, and it answers with their id; or look in Microsoft Entra: Users, the person, Object ID.",
    ),
}


def channel_id(platform: str, pasted: str, *, field: str = "id") -> str:
    """The id of a channel (in Teams also of a group chat). Refuses with `not_an_id`."""
    return _read(platform, "channel", pasted, field)


def person_id(platform: str, pasted: str, *, field: str = "id") -> str:
    """The id of a person. Refuses with `not_an_id`."""
    return _read(platform, "person", pasted, field)


def _read(platform: str, kind: Kind, pasted: str, field: str) -> str:
    found = _READERS[platform](kind, without_unseen(pasted))
    if found is not None:
        return found
    sought, shown = _SOUGHT[platform, kind], " ".join(bare(pasted).split())
    what = _what_it_is(platform, shown)
    raise Refusal(
        "not_an_id",
        f"“{shown[:100]}” is not {sought.one}, which looks like {sought.like}{what and f'; it is {what}'}. {sought.where}",
        field=field,
    )


def _slack(kind: Kind, pasted: str) -> str | None:
    found = {one for one in _slack_ids(pasted) if _SLACK_KINDS.get(one[0]) == kind}
    return found.pop() if len(found) == 1 else None


def _slack_ids(pasted: str) -> list[str]:
    """The ids that stand there: one alone, as a mention, or the parts of a link."""
    text = bare(pasted)
    if mention := _SLACK_MENTION.search(pasted) or _SLACK_MARKED.fullmatch(text):
        return [mention[1]]
    if _SLACK_LINK.search(text):
        return [part for part in re.split(r"[/?&=#|\s]", unquote(text)) if _SLACK_ID.fullmatch(part)]
    if _SLACK_TYPED.fullmatch(text):
        return [text.upper()]
    return [text] if _SLACK_ID.fullmatch(text) else []


def _teams(kind: Kind, pasted: str) -> str | None:
    text = bare(_decoded(pasted))
    if _LOCAL[kind].fullmatch(text):
        return text
    return _teams_channel(text) if kind == "channel" else _teams_person(text)


def _teams_channel(text: str) -> str | None:
    """The one id that stands there, alone or in a link."""
    found = set(_TEAMS_CHANNEL.findall(text))
    return found.pop() if len(found) == 1 else None


def _teams_person(text: str) -> str | None:
    if text.startswith("29:"):
        return text if _TEAMS_PERSON.fullmatch(text) else None
    small = text.strip("{}()").lower()
    found = _TEAMS_PERSON.fullmatch(small) or _TEAMS_PERSON_LINK.search(small)
    if found is not None:
        return found[1]
    undashed = _GUID_WITHOUT_DASHES.fullmatch(small)
    return "-".join(undashed.groups()) if undashed else None


def _decoded(text: str) -> str:
    """Text without the percent signs of an address, however often it was put into one."""
    for _ in range(_MOST_ENCODED):
        text = unquote(text)
    return text


_READERS: dict[str, Callable[[Kind, str], str | None]] = {"slack": _slack, "teams": _teams}


def _what_it_is(platform: str, text: str) -> str:
    """What was pasted instead, as far as it can be told; "" where it cannot."""
    other = "teams" if platform == "slack" else "slack"
    for kind in ("channel", "person"):
        if _READERS[platform](kind, text) is not None:
            return f"the id of a {kind}"
        if _READERS[other](kind, text) is not None:
            return f"an id of {other.capitalize()}: give --platform {other}"
    if platform == "slack" and (ids := _slack_ids(text)):
        return _SLACK_OTHERS.get(ids[-1][0], "")
    if platform == "teams" and (found := next((what for form, what in _TEAMS_OTHERS if form.match(text)), "")):
        return found
    return next((what for form, what in _NO_IDS if form.search(text)), "a name")


_TEAMS_OTHERS = (
    (re.compile(r"a:|19:.*@unq\."), "the id of one person's own chat"),
    (re.compile(r"28:"), "a bot's id"),
    (re.compile(r"19:"), "cut, or more than one"),
)
_NO_IDS = (
    (re.compile(r"://|^www\.|/"), "a link that names none"),
    (re.compile(r"@[\w-]+\.\w"), "an e-mail address"),
    (re.compile(r"^#"), "a channel's name"),
)
