"""Ids of channels and people as the bot knows them: heard from the platform itself, or read from what somebody pasted.

What was stored before ids were looked at is found here too, for `npq doctor`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from core.posts import places
from core.records import staff, teams_conversations
from core.records.id_forms import Platforms
from core.records.pasted_text import bare
from core.services.refusals import Refusal
from core.services.staff.platform_ids import channel_id, person_id

Owner = Literal["place", "staff", "owner", "fallback"]
Read = Callable[[Session, Platforms, str, str], str]


@dataclass(frozen=True, slots=True)
class MisfitId:
    """A stored id that its platform would not know, and where it stands; `meant` is the one that it can only be."""

    stands: Owner
    platform: str
    stored: str
    meant: str | None
    why: str
    twice: bool  # what is meant is stored as well


def known_person(session: Session, platforms: Platforms, platform: str, pasted: str, field: str = "id") -> str:
    """Somebody's id: one that the bot has heard from, else one that it can be. Refuses with `not_an_id`."""
    text = bare(pasted)
    if platforms[platform].heard and teams_conversations.with_person(session, text) is not None:
        return text
    return person_id(platforms, platform, pasted, field=field)


def known_channel(session: Session, platforms: Platforms, platform: str, pasted: str, field: str = "id") -> str:
    """A channel's id: one that the bot has heard from, else one that it can be. Refuses with `not_an_id`."""
    text = bare(pasted)
    if platforms[platform].heard:
        heard = teams_conversations.find(session, text)
        if heard is not None and heard.kind != "personal":
            return text
    return channel_id(platforms, platform, pasted, field=field)


def misfits(session: Session, platforms: Platforms) -> list[MisfitId]:
    """Every stored id that is none, or stands there otherwise than its platform writes it; each once."""
    stored = dict.fromkeys(_stored(session))
    found = []
    for stands, platform, one in stored:
        read: Read = known_person if stands in ("staff", "owner") else known_channel
        try:
            meant = read(session, platforms, platform, one)
        except Refusal as refusal:
            found.append(MisfitId(stands, platform, one, None, refusal.message, twice=False))
        else:
            if meant != one:
                found.append(MisfitId(stands, platform, one, meant, "", twice=(stands, platform, meant) in stored))
    return found


def _stored(session: Session) -> Iterator[tuple[Owner, str, str]]:
    for person in staff.list_all(session):
        yield "staff", person.platform, person.platform_id
    for place in places.list_all(session):
        yield "place", place.platform, place.platform_id
        if place.owner:
            yield "owner", place.platform, place.owner
        if place.fallback:
            yield "fallback", place.platform, place.fallback
