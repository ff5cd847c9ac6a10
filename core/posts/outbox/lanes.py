"""Whose turn it is in a channel: leases with a fence, waits, and the platform's pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.database.upserts import insert_into
from core.posts.outbox.outbox_tables import Lane
from core.posts.outbox.statements import be_brief, changed
from core.posts.outbox.two_clocks import Moment, lease_from, lease_left, left, within
from core.posts.outbox.unsent_reasons import LOOKING


@dataclass(frozen=True, slots=True)
class Turn:
    """A claimed lane: good for as long as nobody has claimed it since."""

    platform: str
    channel: str
    owner: str
    fence: int


class Overtaken(Exception):
    """Somebody else has claimed the lane or changed the message since: nothing was written."""


def ready_in(lane: Lane, moment: Moment) -> timedelta:
    """How long, by the real clock, until the lane may be claimed; zero when it may be now."""
    waits = [lease_left(lane, moment)]
    if _waits(lane, moment):
        if lane.wait_since is None:
            waits.append(left(lane.wait_until_real, moment.real))
        else:
            waits.append(min(left(lane.wait_until, moment.now), left(lane.wait_until_real, moment.real)))
    if within(lane.paced_since_real, lane.next_at_real, moment.real):
        waits.append(left(lane.next_at_real, moment.real))
    return max(waits)


def claim(session: Session, platform: str, channel: str, owner: str, moment: Moment) -> Turn | None:
    """Takes the lane for one step, by compare-and-swap on its fence; None when it is not to be had now."""
    be_brief(session)
    session.execute(
        insert_into(session, Lane)
        .values(platform=platform, channel=channel, owner="", fence=0)
        .on_conflict_do_nothing()
    )
    lane = session.exec(
        select(Lane)
        .where(Lane.platform == platform, Lane.channel == channel)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if lane is None or ready_in(lane, moment) > timedelta(0):
        return None
    seen = lane.fence  # the row in hand follows what is written
    taken = changed(
        session,
        update(Lane)
        .where(col(Lane.platform) == platform, col(Lane.channel) == channel, col(Lane.fence) == seen)
        .values(owner=owner, fence=seen + 1, **lease_from(moment)),
    )
    return Turn(platform, channel, owner, seen + 1) if taken else None


def hold(session: Session, turn: Turn) -> None:
    """Raises `Overtaken` when somebody else has claimed the lane since; locks it for this transaction otherwise."""
    be_brief(session)
    if not changed(session, _holding(turn).values(fence=turn.fence)):
        raise Overtaken


def renew(session: Session, turn: Turn, moment: Moment) -> None:
    """Holds the lane for another lease. Raises `Overtaken`."""
    be_brief(session)
    if not changed(session, _holding(turn).values(**lease_from(moment))):
        raise Overtaken


def release(
    session: Session, turn: Turn, *, paced: tuple[datetime, datetime] | None = None, healthy: bool = False
) -> None:
    """Gives the lane back. `paced`: the span of the real clock in which the platform takes no further post there."""
    values: dict[str, Any] = {"owner": ""}
    if paced is not None:
        values["paced_since_real"], values["next_at_real"] = paced
    if healthy:
        values |= {"failures": 0, "wait_since": None, "wait_until": None, "wait_reason": ""}
        values |= {"wait_since_real": None, "wait_until_real": None}
    session.execute(_holding(turn).values(**values))


def pause(session: Session, turn: Turn, moment: Moment, wait: timedelta, reason: str, *, real_only: bool) -> None:
    """Gives the lane back and lets nobody have it for a while: by the real clock alone, or till either is past."""
    session.execute(
        _holding(turn).values(
            owner="",
            failures=Lane.failures + 1,
            wait_since=None if real_only else moment.now,
            wait_until=None if real_only else moment.now + wait,
            wait_since_real=moment.real,
            wait_until_real=moment.real + wait,
            wait_reason=reason,
        )
    )


def failures(session: Session, turn: Turn) -> int:
    """How many waits in a row this lane has had."""
    lane = session.get(Lane, (turn.platform, turn.channel), populate_existing=True)
    return lane.failures if lane else 0


def _holding(turn: Turn) -> Any:
    return update(Lane).where(
        col(Lane.platform) == turn.platform,
        col(Lane.channel) == turn.channel,
        col(Lane.owner) == turn.owner,
        col(Lane.fence) == turn.fence,
    )


def platform_waits(lane: Lane, real: datetime) -> datetime | None:
    """Until when the platform itself has asked to wait, by the real clock; None when it has not, or that is over."""
    asked = lane.wait_since is None and lane.wait_reason not in ("", LOOKING)
    return lane.wait_until_real if asked and within(lane.wait_since_real, lane.wait_until_real, real) else None


def waits_by_itself(lane: Lane, real: datetime) -> bool:
    """Whether the lane waits though no platform has asked for it: somebody who has mended something may end that."""
    return lane.wait_since is not None and within(lane.wait_since_real, lane.wait_until_real, real)


def _waits(lane: Lane, moment: Moment) -> bool:
    if not within(lane.wait_since_real, lane.wait_until_real, moment.real):
        return False
    return lane.wait_since is None or within(lane.wait_since, lane.wait_until, moment.now)
