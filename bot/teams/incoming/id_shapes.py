"""What an activity's ids and addresses can look like: they go into paths, columns and this process's memory.

Teams' own are printable ASCII without blanks, and a few hundred characters long at most. Others are nobody's: they would be refused
by a database or by the Connector, and whatever was remembered with them would be of no use ever after.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from bot.teams.limits import ID, SERVICE_URL

MOST_PORT = 65_535

_HOST = r"(?:[\w.-]+|\[[\da-f:.]+\])(?::(?P<port>\d{1,5}))?"
_ADDRESS = re.compile(
    rf"https?://{_HOST}(?:/[!-\"$->@-~]*)?", re.ASCII | re.IGNORECASE
)  # no ? and no #: a path goes on behind it
_ID = re.compile(rf"(?!;|\.{{1,2}}$)[!-~]{{1,{ID}}}")
_ALONE = re.compile(
    r"a:[!-~]+|[^:@%]+"
)  # Teams' own form, and any of clients for trying out, which have no marks in them


def is_id(given: object) -> bool:
    """Whether this can be an id of Teams'; a conversation's, with or without the message that a thread hangs from."""
    return isinstance(given, str) and _ID.fullmatch(given) is not None


def can_be_alone(conversation: str) -> bool:
    """Whether a conversation with this id can be somebody's own with the bot: `19:…` are channels, group chats, and chats of others."""
    return _ALONE.fullmatch(conversation) is not None


def in_path(its_id: str) -> str:
    """An id as one part of a path; Teams' own stay as they are."""
    return quote(its_id, safe=":;@=")


def is_address(given: object) -> bool:
    """Whether this can be where the Connector is reached."""
    found = _ADDRESS.fullmatch(given) if isinstance(given, str) and len(given) <= SERVICE_URL else None
    if found is None or int(found["port"] or 0) > MOST_PORT:
        return False
    try:
        return bool(httpx.URL(found[0]).host)
    except httpx.InvalidURL:
        return False


def misshapen(activity: Mapping[str, Any]) -> str | None:
    """Which of the ids in an activity has no possible form; None where each has one, or is left out."""
    conversation, sender = _part(activity, "conversation"), _part(activity, "from")
    if not is_id(conversation.get("id")):
        return "conversation.id"
    if not is_id(sender.get("id")):
        return "from.id"
    if not is_address(activity.get("serviceUrl")):
        return "serviceUrl"
    others = {
        "id": activity.get("id"),
        "replyToId": activity.get("replyToId"),
        "from.aadObjectId": sender.get("aadObjectId"),
        "recipient.id": _part(activity, "recipient").get("id"),
        "conversation.tenantId": conversation.get("tenantId"),
        "channelData.tenant.id": _part(_part(activity, "channelData"), "tenant").get("id"),
    }
    return next((name for name, each in others.items() if each not in (None, "") and not is_id(each)), None)


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}
