"""Steps of a lane: which have work, one claimed with what comes next in it, kept, given back, left to wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from core.database.database import reading, writing
from core.derived.installation import Installation
from core.posts import outbox, outbox_overview, places
from core.posts.outbox import Job, Lane, Moment, Pace, Post, Slot, Turn

FIRST_BACKOFF = timedelta(seconds=15)
LONGEST_BACKOFF = timedelta(minutes=15)


class Survey(NamedTuple):
    """Where something is to be done; by platform how many messages are under way and how many posts it takes now."""

    lanes: list[Lane]
    full: dict[str, timedelta]  # platforms that take no further post just now, and for how long
    under_way: dict[str, int]  # looked at only where one is full
    free: dict[str, float]


def survey(installation: Installation, paces: Mapping[str, Pace], moment: Moment, *, redraw_only: bool) -> Survey:
    """The lanes with work on these platforms. `redraw_only`: nothing is to be sent, so that no platform counts as full."""
    with reading(installation.engine) as session:
        full = {
            platform: waits
            for platform, pace in paces.items()
            if not redraw_only and (waits := outbox.slot_free_in(session, platform, pace, moment))
        }
        lanes = outbox.lanes_with_work(session, sorted(paces), redraw_only=redraw_only, full=full)
        under_way = outbox.under_way(session) if full else {}
        free = {platform: outbox.free_slots(session, platform, pace, moment) for platform, pace in paces.items()}
        session.expunge_all()
    return Survey(lanes, full, under_way, free)


def under_way(installation: Installation) -> dict[str, int]:
    """How many messages have yet to go out, by platform."""
    with reading(installation.engine) as session:
        return outbox.under_way(session)


class Claimed(NamedTuple):
    """A lane that was claimed, and the next thing in it; `slot`: taken for what is to be sent."""

    turn: Turn
    job: Job
    slot: Slot | None


def claim(
    installation: Installation, lane: Lane, owner: str, pace: Pace, moment: Callable[[], Moment], *, redraw_only: bool
) -> Claimed | None:
    """Claims a lane for the next thing in it; None when somebody else has it, or nothing can be done in it now.

    `moment` is asked once the transaction has begun: whoever has waited for that has not lost the lease's time.
    """
    slot: Slot | None = None
    with writing(installation.engine) as session:
        at = moment()
        turn = outbox.claim(session, lane.platform, lane.channel, owner, at)
        if turn is None:
            return None
        job = outbox.next_job(session, turn, redraw_only=redraw_only)
        if job is not None and job.kind == "send":
            slot = outbox.take_slot(session, turn, pace, at)
        if job is None or (job.kind == "send" and slot is None):
            outbox.release(session, turn)
            return None
        session.expunge_all()
    return Claimed(turn, job, slot)


def keep(installation: Installation, turn: Turn, moment: Callable[[], Moment]) -> None:
    """Holds a lane for another lease. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.renew(session, turn, moment())


def give_back(installation: Installation, turn: Turn, slot: Slot, pace: Pace) -> None:
    """Nothing could be done in a lane: it and its slot are free at once."""
    with writing(installation.engine) as session:
        outbox.settle_slot(session, slot, pace, None)
        outbox.release(session, turn)


def pause(installation: Installation, turn: Turn, moment: Moment, wait: timedelta, reason: str) -> None:
    """Leaves a lane to itself for a while, by the real clock."""
    with writing(installation.engine) as session:
        outbox.pause(session, turn, moment, wait, reason, real_only=True)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why something has to be tried once more. `reason` is the platform's code, or the bot's.

    `wait` None: a little longer each time; `asked`: the platform named it, so it goes by the real clock alone. `refused`: it
    is counted as not taken. `mend`: how to mend a place that takes no posts; None where it is none's fault.
    """

    reason: str
    wait: timedelta | None = None
    asked: bool = False
    refused: bool = True
    mend: str | None = None


def try_later(
    installation: Installation,
    turn: Turn,
    moment: Moment,
    hindrance: Hindrance,
    pace: Pace,
    *,
    post: Post | None = None,
    slot: Slot | None = None,
) -> timedelta:
    """Lets a lane wait, and says how long. `post`: the one that was certainly not sent, for which `slot` was taken."""
    reason, mend = hindrance.reason, hindrance.mend
    with writing(installation.engine) as session:
        wait = hindrance.wait
        if wait is None:
            wait = min(FIRST_BACKOFF * 2 ** min(outbox.failures(session, turn), 10), LONGEST_BACKOFF)
        if post is not None:
            outbox.not_sent(session, turn, post, "waiting", reason, retry_at=moment.now + wait)
        if slot is not None:
            outbox.settle_slot(session, slot, pace, moment.real)
        outbox.pause(session, turn, moment, wait, reason, real_only=hindrance.asked)
        if hindrance.refused:
            outbox_overview.count_refusal(session, turn.platform, reason)
        if mend is not None:
            here = (turn.platform, turn.channel)
            places.mark_unwell(session, *here, reason=reason, trouble=mend, tried_at=moment.now)
    return wait
