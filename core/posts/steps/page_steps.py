"""Steps of a message and its pages: opened out, announced, and what became of each; looked for where that is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from core.database.database import reading, writing
from core.derived.following import State
from core.derived.installation import Installation
from core.posts import content, outbox, outbox_overview, places
from core.posts.outbox import Message, Moment, Pace, Post, Slot, Turn


class Tagged(NamedTuple):
    """A page as its tag finds it."""

    post: Post
    message: Message
    people: tuple[str, ...]  # those on it, in order


def tagged(installation: Installation, tag: str) -> Tagged | None:
    """The page that carries a tag; None when there is none."""
    with reading(installation.engine) as session:
        found = outbox.tagged(session, tag)
        if found is None:
            return None
        session.expunge_all()
    return Tagged(*found)


# before it goes out


def open_pages(
    installation: Installation,
    turn: Turn,
    message: Message,
    people: Sequence[Sequence[str]],
    enrolments: Mapping[str, Sequence[int]],
    judged: State,
) -> Post:
    """Fixes a message's pages while nobody decides: what was decided before marks them, what comes after sees them.

    Gives the first. Raises `DatabaseBusy` where a decision or an import under way does not end shortly, and `Overtaken`.
    """
    with writing(installation.engine) as session:
        changed = content.state_held(session) != judged
        post = outbox.open_out(session, turn, message, people, enrolments, out_of_date=changed)
        session.expunge_all()
    return post


def superseded(installation: Installation, turn: Turn, message: Message, slot: Slot, pace: Pace, reason: str) -> bool:
    """It is not to go out after all; says whether that was still to be had. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.hold(session, turn)
        gone = outbox.supersede(session, message.id or 0, reason)
        outbox.plan_anew(session)  # somebody may have planned meanwhile, and found it still there
        outbox.settle_slot(session, slot, pace, None)
        outbox.release(session, turn)
    return gone


def begin(
    installation: Installation, turn: Turn, post: Post, moment: Callable[[], Moment], *, judged_on: date, seen: int
) -> None:
    """It is being sent from now on. Raises `Overtaken`: then it must not be sent."""
    with writing(installation.engine) as session:
        outbox.begin(session, turn, post, moment(), judged_on=judged_on, seen=seen)


# what became of it


def sent(
    installation: Installation, turn: Turn, post: Post, moment: Moment, slot: Slot, pace: Pace, *, channel: str, ts: str
) -> None:
    """It stands at this address, and its place is well. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.sent(session, turn, post, moment, channel=channel, ts=ts)
        outbox.settle_slot(session, slot, pace, moment.real)
        outbox.release(session, turn, paced=paced(pace, moment), healthy=True)
        places.mark_well(session, turn.platform, turn.channel, tried_at=moment.now)


def unknown(
    installation: Installation,
    turn: Turn,
    post: Post,
    moment: Moment,
    slot: Slot,
    pace: Pace,
    reason: str,
    until: datetime,
) -> None:
    """It may still arrive until then, by the real clock: it is looked for after. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_sent(session, turn, post, "unknown", reason)
        outbox.settles_at(session, turn, post, until)
        outbox.settle_slot(session, slot, pace, until)
        outbox.release(session, turn, paced=paced(pace, moment))


def refused(
    installation: Installation, turn: Turn, post: Post, moment: Moment, slot: Slot, pace: Pace, reason: str
) -> None:
    """It was not accepted, for good. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_sent(session, turn, post, "failed", reason)
        outbox_overview.count_refusal(session, turn.platform, reason)
        outbox.settle_slot(session, slot, pace, moment.real)
        outbox.release(session, turn, paced=paced(pace, moment))


def failed(installation: Installation, turn: Turn, post: Post, reason: str) -> None:
    """It never reached the platform, and never will. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_sent(session, turn, post, "failed", reason)
        outbox.release(session, turn)


# where nobody knows whether it went out


def not_looked(installation: Installation, turn: Turn, post: Post, reason: str) -> None:
    """It could not be looked for now, and stays unknown. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_sent(session, turn, post, "unknown", reason)


def held(installation: Installation, turn: Turn, post: Post, reason: str) -> None:
    """It may be posted already and must not be posted twice: that is left to somebody. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_sent(session, turn, post, "held", reason)
        outbox.release(session, turn)


def found(installation: Installation, turn: Turn, post: Post, moment: Moment, *, channel: str, ts: str) -> None:
    """It stands at this address, as drawn at some time: it is redrawn. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.sent(session, turn, post, moment, channel=channel, ts=ts)
        # nobody knows which try it is, and how things stood when it was drawn
        outbox.mark_post_stale(session, post)
        outbox.release(session, turn, healthy=True)


def may_still_arrive(installation: Installation, turn: Turn, post: Post, moment: Moment, left: timedelta) -> None:
    """It is not there, and may yet come for so long: its lane waits. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        if left > outbox.LEASE:  # the clock was set back since: no longer than any post takes from now on
            left = outbox.LEASE
            outbox.settles_at(session, turn, post, moment.real + left)
        outbox.not_sent(session, turn, post, "unknown", "may_still_arrive", retry_at=moment.now + left)
        outbox.pause(session, turn, moment, left, outbox.LOOKING, real_only=True)


def not_found(installation: Installation, turn: Turn, post: Post, moment: Moment) -> None:
    """It is not there and can't come any more: it goes out once more. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.not_sent(session, turn, post, "waiting", "not_found", retry_at=moment.now)
        outbox.release(session, turn)


def paced(pace: Pace, moment: Moment) -> tuple[datetime, datetime]:
    """The span of the real clock in which a channel takes no further post."""
    return moment.real, moment.real + pace.between
