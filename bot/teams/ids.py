"""How Teams writes the ids of channels and people, and where people find them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from core.services.staff.platform_ids import IdForms, Kind, Sought, bare

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12,13}"  # Microsoft's local client writes one more
_CHANNEL = re.compile(r"(?<!\d)19:[\w.-]*\w[\w.-]*@thread\.(?:tacv2|skype|v2)\b", re.ASCII)
_PERSON = re.compile(rf"(?:8:orgid:)?({_GUID})|(29:[\w-]+)", re.ASCII)
_PERSON_LINK = re.compile(rf"/userid/({_GUID})\b")
_GUID_WITHOUT_DASHES = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
_LOCAL = {  # as Microsoft's local client has them
    "channel": re.compile(r"team-id|channel-[a-z0-9-]+-id"),
    "person": re.compile(r"user-id-\d+"),
}
_OTHERS = (
    (re.compile(r"a:|19:.*@unq\."), "the id of one person's own chat"),
    (re.compile(r"28:"), "a bot's id"),
    (re.compile(r"19:"), "cut, or more than one"),
)
_MOST_ENCODED = 3  # times over, as links within links are


def read(kind: Kind, pasted: str) -> str | None:
    """The one id of this kind that stands there."""
    text = bare(_decoded(pasted))
    if _LOCAL[kind].fullmatch(text):
        return text
    return _channel(text) if kind == "channel" else _person(text)


def other(text: str) -> str | None:
    """Whose id it is that is neither a channel's nor a person's, or what is wrong with it."""
    return next((what for form, what in _OTHERS if form.match(text)), None)


def _channel(text: str) -> str | None:
    """The one id that stands there, alone or in a link."""
    found = set(_CHANNEL.findall(text))
    return found.pop() if len(found) == 1 else None


def _person(text: str) -> str | None:
    if text.startswith("29:"):
        return text if _PERSON.fullmatch(text) else None
    small = text.strip("{}()").lower()
    found = _PERSON.fullmatch(small) or _PERSON_LINK.search(small)
    if found is not None:
        return found[1]
    undashed = _GUID_WITHOUT_DASHES.fullmatch(small)
    return "-".join(undashed.groups()) if undashed else None


def _decoded(text: str) -> str:
    """Text without the percent signs of an address, however often it was put into one."""
    for _ in range(_MOST_ENCODED):
        text = unquote(text)
    return text


IDS = IdForms(
    {
        "channel": Sought(
            "a Teams channel's id",
            "19:a1b2c3d4e5f6@thread.tacv2",
            "The bot says it in the channel when it is added there; the link from the channel's three dots, Get link to channel, "
            "will do too.",
        ),
        "person": Sought(
            "a person's id in Teams",
            "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
            "They write anything to the bot, and it answers with their id; or look in Microsoft Entra: Users, the person, Object ID.",
        ),
    },
    read,
    other,
    heard=True,
)
