"""Which places get a message: on each platform the most specific binding, and nobody who has had it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.posts import outbox
from core.posts.outbox import Entry
from core.posts.places import Place
from core.reminders.occasions import Occasion
from core.reminders.reminder import is_for_owners


@dataclass(frozen=True, slots=True)
class Destination:
    """One channel of one platform."""

    platform: str
    platform_id: str


def destinations(bound: Iterable[Place], occasion: Occasion) -> list[Place]:
    """Where an occasion's message goes: on each platform the most specific binding, every channel of it.

    What is for whoever looks after a place goes to them, where somebody does: to each once.
    """
    chosen = _places(bound, occasion)
    if not is_for_owners(occasion):
        return chosen
    addressed = {(place.platform, place.owner or place.platform_id): place for place in reversed(chosen)}
    return [_with(place, address) for (_, address), place in reversed(addressed.items())]


def _with(place: Place, address: str) -> Place:
    return place if address == place.platform_id else Place(**{**place.model_dump(), "platform_id": address})


def _places(bound: Iterable[Place], occasion: Occasion) -> list[Place]:
    best: dict[str, tuple[tuple[bool, bool], list[Place]]] = {}
    for place in bound:
        if (
            place.delivery_partner != occasion.delivery_partner
            or place.course_group not in (None, occasion.course_group)
            or place.cohort not in (None, occasion.cohort)
        ):
            continue
        rank = (place.course_group is not None, place.cohort is not None)
        top, there = best.get(place.platform, (rank, []))
        if rank > top:
            there = []
        if rank >= top:
            best[place.platform] = (rank, [*there, place])
    return [place for _, there in best.values() for place in there]


def by_partner(bound: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in bound:
        found.setdefault(place.delivery_partner, []).append(place)
    return found


def still_to_serve(chosen: Iterable[Place], rows: Sequence[Entry]) -> list[Place]:
    """Leaves out a platform on which the message went out to a channel that was bound before."""
    chosen = list(chosen)
    return [place for place in chosen if not served_elsewhere((place.platform, place.platform_id), rows, chosen)]


def served_elsewhere(
    at: tuple[str, str], rows: Sequence[Entry], chosen: Sequence[Place], begun: frozenset[int | None] = frozenset()
) -> bool:
    """Whether a channel of the same platform that does not get this message any more has had it, wholly or in part, may
    have, or had it cancelled. `begun`: those that wait half-way.
    """
    now_bound = {(place.platform, place.platform_id) for place in chosen}
    return any(
        row.platform == at[0]
        and (row.platform, row.channel) not in now_bound
        and (
            row.state in ("sending", "unknown", "sent", "held")
            or row.sent_at is not None
            or row.id in begun
            or (row.state == "failed" and row.reason == outbox.CANCELLED)
        )
        for row in rows
    )


def by_identity(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.identity, []).append(entry)
    return found
