"""Delivery Partners that are stored under two names: found, and made one by an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from core.changes import Change, changing
from core.database.tables import EnrolmentRow, MeetingRow, Place, SessionRow, Staff
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.content import occasion_of, stored_occasion
from core.posts.outbox import Message
from core.records import participant_rows
from core.records.compared_names import alike, folded, nearly
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, require


@dataclass(frozen=True, slots=True)
class Alike:
    """Two stored names that are one Delivery Partner's (`certain`), or may be."""

    one: str
    other: str
    certain: bool


@dataclass(frozen=True, slots=True)
class MergedPartners:
    """What a merge changes: participants, meetings, planned sessions, staff, and messages that went out; channels bound no more."""

    source: str
    target: str
    participants: int
    meetings: int
    sessions: int
    staff: int
    messages: int
    places: int
    unbound: tuple[str, ...]  # ids of channels that got the source's posts while the target has its own there


class _OnlyLooked(Exception):
    """Takes the transaction of a dry run back."""

    def __init__(self, merged: MergedPartners) -> None:
        super().__init__()
        self.merged = merged


def names_in_use(session: Session) -> list[str]:
    """Every Delivery Partner's name that anything is stored under: people, meetings and sessions, staff, channels."""
    staff = session.execute(select(col(Staff.partner)).where(col(Staff.partner).is_not(None)).distinct()).scalars()
    bound = session.execute(select(col(Place.delivery_partner)).distinct()).scalars()
    return sorted({*participant_rows.partners(session), *(name for name in staff if name), *bound})


def spelt_alike(session: Session) -> Iterator[Alike]:
    """The pairs of names that are one, however they are spelt, or nearly one."""
    for one, other in combinations(names_in_use(session), 2):
        certain = folded(one) == folded(other)
        if certain or nearly(one, other):
            yield Alike(one, other, certain)


def merge_partners(
    installation: Installation, actor: Actor, source: str, target: str, *, now: datetime, dry_run: bool = False
) -> MergedPartners:
    """Makes everything of `source` that of `target`, in one transaction; with `dry_run` only says what that would change.

    Each is the stored name, or one spelt alike where no other is. What went out for either counts for both. A channel of the
    source's gets no posts any more where the target has its own for them. Refuses with `unknown_partner` or `same_partner`.
    """
    require(actor, "manage")
    try:
        with changing(installation, now=now) as change:
            merged = _merge(change, *_chosen(change.session, source, target))
            if dry_run:
                raise _OnlyLooked(merged)
            change.audit(
                "partner_merge",
                actor=actor.name,
                actor_id=actor.staff_id,
                detail={"from": merged.source, "into": merged.target, "participants": merged.participants},
            )
            return merged
    except _OnlyLooked as looked:
        return looked.merged


def _chosen(session: Session, source: str, target: str) -> tuple[str, str]:
    names = names_in_use(session)
    chosen = []
    for typed in (source, target):
        found = alike(typed, names)
        if len(found) != 1:
            there = ", ".join(f"“{name}”" for name in found or names) or "none"
            raise Refusal(
                "unknown_partner",
                f"“{typed}” names {'several Delivery Partners' if found else 'no Delivery Partner'}: give a name as it is "
                f"stored; there are: {there}.",
                field="partner",
            )
        chosen += found
    if chosen[0] == chosen[1]:
        raise Refusal("same_partner", f"Both names are “{chosen[0]}”: there is nothing to merge.", field="partner")
    return chosen[0], chosen[1]


def _merge(change: Change, source: str, target: str) -> MergedPartners:
    change.begin()  # no post is opened for the one that is going
    session = change.session
    moved = list(
        session.execute(select(col(EnrolmentRow.id)).where(col(EnrolmentRow.delivery_partner) == source)).scalars()
    )
    session.execute(
        update(EnrolmentRow).where(col(EnrolmentRow.delivery_partner) == source).values(delivery_partner=target)
    )
    meetings = _hand_over_meetings(session, source, target)
    sessions = _hand_over_sessions(session, source, target)
    staff = list(session.execute(select(Staff).where(col(Staff.partner) == source)).scalars())
    for person in staff:
        person.partner = target
    bound, unbound = _hand_over_places(session, source, target)
    messages = _hand_over_messages(session, source, target)
    change.imported(moved, registers=False, replanned=[(target, None)])
    change.partner(target)
    return MergedPartners(source, target, len(moved), meetings, sessions, len(staff), messages, bound, unbound)


def _hand_over_meetings(session: Session, source: str, target: str) -> int:
    """A meeting that both have is one."""
    theirs = select(col(MeetingRow.meeting_on)).where(col(MeetingRow.delivery_partner) == target)
    ours = col(MeetingRow.delivery_partner) == source
    session.execute(delete(MeetingRow).where(ours, col(MeetingRow.meeting_on).in_(theirs.scalar_subquery())))
    moved = list(session.execute(select(col(MeetingRow.meeting_on)).where(ours)).scalars())
    session.execute(update(MeetingRow).where(ours).values(delivery_partner=target))
    return len(moved)


def _hand_over_sessions(session: Session, source: str, target: str) -> int:
    """All that either plans is the target's: an event that both plan has two ids, and is two."""
    ours = col(SessionRow.delivery_partner) == source
    moved = list(session.execute(select(col(SessionRow.event_id)).where(ours)).scalars())
    session.execute(update(SessionRow).where(ours).values(delivery_partner=target))
    return len(moved)


def _hand_over_places(session: Session, source: str, target: str) -> tuple[int, tuple[str, ...]]:
    """How many channels the target gets, and which get no posts any more: the target has its own for what they got."""
    theirs = list(session.execute(select(Place).where(col(Place.delivery_partner) == target)).scalars())
    moved, unbound = 0, set[str]()
    for place in session.execute(select(Place).where(col(Place.delivery_partner) == source)).scalars().all():
        if any(_covers(other, place) for other in theirs):
            unbound.add(place.platform_id)
            session.delete(place)
        else:
            place.delivery_partner = target
            moved += 1
    session.flush()
    return moved, tuple(sorted(unbound - {place.platform_id for place in theirs}))


def _covers(place: Place, other: Place) -> bool:
    """Whether a channel gets all that another one of the same platform gets."""
    return (
        place.platform == other.platform
        and place.course_group in (None, other.course_group)
        and place.cohort in (None, other.cohort)
    )


def _hand_over_messages(session: Session, source: str, target: str) -> int:
    """How many messages that went out for the source count as the target's from now on, so that they don't go out again.

    What the target has sent itself, and what has not gone out, is kept as history under a key that nothing asks for.
    """
    gone_out = (col(Message.state) != "superseded", col(Message.state).not_in(outbox.UNSENT) | outbox.begun())
    theirs = set(session.exec(select(Message.identity).where(Message.delivery_partner == target, *gone_out)))
    ours = set(session.exec(select(Message.id).where(Message.delivery_partner == source, *gone_out)))
    moved = 0
    for message in session.exec(select(Message).where(Message.delivery_partner == source)).all():
        occasion = replace(occasion_of(message), delivery_partner=target)
        counts = message.id in ours and occasion.identity not in theirs
        if counts:
            _make_room(session, occasion.identity, message)
            moved += 1
        elif message.state in outbox.UNSENT:
            outbox.supersede(session, message.id or 0, outbox.ELSEWHERE)
        aside = "" if counts else _aside(message)
        message.delivery_partner, message.occasion = target, stored_occasion(occasion)
        message.identity, message.series = occasion.identity + aside, occasion.series + aside
        session.flush()
    return moved


def _make_room(session: Session, identity: str, message: Message) -> None:
    """Puts aside what holds a key in a message's channel: it has not gone out."""
    here = (Message.identity == identity, Message.platform == message.platform, Message.channel == message.channel)
    for other in session.exec(select(Message).where(*here)).all():
        outbox.supersede(session, other.id or 0, outbox.ELSEWHERE)
        other.identity, other.series = other.identity + _aside(other), other.series + _aside(other)
    session.flush()


def _aside(message: Message) -> str:
    return f"|aside|{message.id}"
