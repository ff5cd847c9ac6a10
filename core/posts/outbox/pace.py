"""How fast a platform takes posts, kept together by all processes through the database.

A platform that takes so many posts in any span of time has as many slots here. Each post takes one, which is free again when
that span has passed since the post can last have arrived: so no span ever holds more posts than slots, also after a
process died with some. A slot is taken only for the span it was made for: a clock that is set back blocks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, update
from sqlmodel import Session, col, select

from core.database.upserts import insert_into
from core.posts.outbox.lanes import Turn
from core.posts.outbox.outbox_tables import PostSlot
from core.posts.outbox.two_clocks import LEASE, Moment, left


@dataclass(frozen=True, slots=True)
class Pace:
    """So long between two posts to one channel; at most so many to the whole platform `within` any such span."""

    between: timedelta
    most: int | None = None
    within: timedelta = timedelta(minutes=1)
    in_turn: bool = False  # one channel after the other, for whoever reads along


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that was taken for one post."""

    platform: str
    number: int
    holder: str


def take_slot(session: Session, turn: Turn, pace: Pace, moment: Moment) -> Slot | None:
    """Takes a slot for whoever holds the lane, for as long as its post may be on its way; None when none is free."""
    if pace.most is None:
        return Slot(turn.platform, -1, "")
    wanted = (
        select(PostSlot.slot)
        .where(PostSlot.platform == turn.platform, PostSlot.slot < pace.most, ~_taken(moment))
        .order_by(col(PostSlot.slot))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    number = session.exec(wanted).first()
    if number is None and _made(session, turn.platform) < pace.most:
        rows = [{"platform": turn.platform, "slot": slot, "holder": ""} for slot in range(pace.most)]
        session.execute(insert_into(session, PostSlot).values(rows).on_conflict_do_nothing())
        number = session.exec(wanted).first()
    if number is None:
        return None
    slot = Slot(turn.platform, number, f"{turn.owner} {turn.channel} {turn.fence}")
    until = moment.real + 2 * LEASE + pace.within  # one lease to get it on its way, another in which it may arrive
    session.execute(
        update(PostSlot)
        .where(col(PostSlot.platform) == slot.platform, col(PostSlot.slot) == slot.number)
        .values(holder=slot.holder, since_real=moment.real, until_real=until)
    )
    return slot


def settle_slot(session: Session, slot: Slot, pace: Pace, arrived_by: datetime | None) -> None:
    """Frees a slot when the platform's span has passed since its post arrived at the latest; at once without a post."""
    span = {"since_real": None, "until_real": None} if arrived_by is None else {"until_real": arrived_by + pace.within}
    session.execute(
        update(PostSlot)
        .where(
            col(PostSlot.platform) == slot.platform,
            col(PostSlot.slot) == slot.number,
            col(PostSlot.holder) == slot.holder,
        )
        .values(**span)
    )


def free_slots(session: Session, platform: str, pace: Pace, moment: Moment) -> float:
    """How many posts the platform takes just now."""
    if pace.most is None:
        return float("inf")
    here = (PostSlot.platform == platform, PostSlot.slot < pace.most, _taken(moment))
    return pace.most - session.exec(select(func.count()).where(*here)).one()


def slot_free_in(session: Session, platform: str, pace: Pace, moment: Moment) -> timedelta:
    """How long, by the real clock, until a slot is free; zero when one is now."""
    if pace.most is None:
        return timedelta(0)
    here = (PostSlot.platform == platform, PostSlot.slot < pace.most, _taken(moment))
    taken, soonest = session.exec(select(func.count(), func.min(PostSlot.until_real)).where(*here)).one()
    return timedelta(0) if soonest is None or taken < pace.most else left(soonest, moment.real)


def _taken(moment: Moment) -> Any:
    return and_(
        col(PostSlot.since_real).is_not(None),
        # somebody else may have taken it just after this moment was read: only a clock set back further tells otherwise
        col(PostSlot.since_real) <= moment.real + LEASE,
        col(PostSlot.until_real) > moment.real,
    )


def _made(session: Session, platform: str) -> int:
    return session.exec(select(func.count()).where(PostSlot.platform == platform)).one()
