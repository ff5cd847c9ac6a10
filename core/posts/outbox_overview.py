"""What staff and operators see of the outbox: each message with its state and why, what is late, counts; and changing it.

Whoever changes a message takes its channel's lane first, as senders do: nothing is changed that is being sent just then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from core.database.database import reading
from core.database.tables import Place, RefusalCount
from core.database.upserts import insert_into
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.outbox import UNSENT, Lane, Message, PlanMark, Post

UNDELIVERED = ("planned", "waiting", "sending", "unknown", "held")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message with what is known of its way: ids, dates and codes, nobody's name."""

    id: int
    state: str
    reason: str
    key: str
    about: Any
    due_at: datetime
    delivery_partner: str
    platform: str
    channel: str
    pages: int  # 0: not laid out yet
    pages_sent: int
    retry_at: datetime | None
    sent_at: datetime | None
    bound_at: datetime | None  # since when its place is bound
    place_trouble: str  # how to mend the channel, while it takes no posts
    instead_of: str  # the channel for which this one stands in; "": none
    waits_until: datetime | None = None  # before then, by the real clock, the platform takes no posts there
    held_up: bool = False  # its channel waits, after something went wrong there, and can be tried at once
    on_its_way: bool = False  # a page of it is being sent, or looked for


def listed(
    session: Session,
    *,
    states: Sequence[str],
    partner: str | None = None,
    message_id: int | None = None,
    due_by: datetime | None = None,
) -> list[Delivery]:
    """Messages in these states, by due time, all of them or one partner's; or one by its id."""
    of_it = select(func.count()).where(col(Post.message_id) == col(Message.id)).correlate(Message)
    pages = of_it.scalar_subquery()
    pages_sent = of_it.where(col(Post.state) == "sent").scalar_subquery()
    on_its_way = of_it.where(col(Post.state).in_(("sending", "unknown"))).scalar_subquery()
    wanted: list[ColumnElement[bool]] = [col(Message.state).in_(states)]
    if partner is not None:
        wanted.append(col(Message.delivery_partner) == partner)
    if message_id is not None:
        wanted.append(col(Message.id) == message_id)
    if due_by is not None:
        wanted.append(col(Message.due_at) <= due_by)
    rows = session.execute(
        select(Message, pages, pages_sent, on_its_way, Place, Lane)
        .outerjoin(Place, col(Place.id) == col(Message.place_id))
        .outerjoin(Lane, (col(Lane.platform) == col(Message.platform)) & (col(Lane.channel) == col(Message.channel)))
        .where(*wanted)
        .order_by(col(Message.due_at), col(Message.id))
        .execution_options(populate_existing=True)
    )
    real = outbox.real_time(session)
    return [_delivery(*values, real=real) for values in rows]


def _delivery(
    message: Message,
    pages: int,
    pages_sent: int,
    on_its_way: int,
    place: Place | None,
    lane: Lane | None,
    *,
    real: datetime,
) -> Delivery:
    assert message.id is not None
    at_home = place is not None and place.platform_id == message.channel
    return Delivery(
        message.id,
        message.state,
        message.reason,
        message.key,
        message.about,
        message.due_at,
        message.delivery_partner,
        message.platform,
        message.channel,
        pages,
        pages_sent,
        message.retry_at,
        message.sent_at,
        place.bound_at if place is not None else None,
        place.trouble if place is not None and at_home and place.state == "unwell" else "",
        place.platform_id if place is not None and not at_home else "",
        outbox.platform_waits(lane, real) if lane is not None else None,
        lane is not None and outbox.waits_by_itself(lane, real),
        bool(on_its_way),
    )


def last_sent(session: Session) -> datetime | None:
    """When a page last went out, by the tick's clock."""
    latest: datetime | None = session.execute(select(func.max(col(Post.sent_at)))).scalar()
    return latest


def last_planned(session: Session) -> datetime | None:
    """When something was last planned: at least once a day while a worker runs."""
    mark = session.get(PlanMark, 1)
    return mark.planned_at if mark is not None else None


def bound_since(session: Session, platform: str, channel: str, partner: str) -> datetime | None:
    """Since when a channel gets a partner's posts; None when that was never noted."""
    here = (col(Place.platform) == platform, col(Place.platform_id) == channel, col(Place.delivery_partner) == partner)
    since = list(session.execute(select(col(Place.bound_at)).where(*here)).scalars())
    noted = [at for at in since if at is not None]
    return min(noted) if noted and len(noted) == len(since) else None


# what staff change


def take_lane(session: Session, delivery: Delivery) -> Lane:
    """Keeps senders out of the channel for this transaction."""
    at = {"platform": delivery.platform, "channel": delivery.channel}
    free = insert_into(session, Lane).values(**at, owner="", fence=0, wait_reason="", failures=0)
    session.execute(free.on_conflict_do_nothing())
    here = (col(Lane.platform) == delivery.platform, col(Lane.channel) == delivery.channel)
    wanted = select(Lane).where(*here).with_for_update().execution_options(populate_existing=True)
    lane: Lane = session.execute(wanted).scalar_one()
    return lane


def cancel(session: Session, message_id: int, reason: str) -> None:
    """What has not gone out of a message does not go out; its lane must be taken."""
    unsent = (col(Post.message_id) == message_id, col(Post.state).in_((*UNSENT, "held")))
    session.execute(update(Post).where(*unsent).values(state="failed", reason=reason))
    values = {"state": "failed", "reason": reason, "retry_at": None}
    session.execute(update(Message).where(col(Message.id) == message_id).values(**values))


def send_again(session: Session, message_id: int) -> None:
    """What has not gone out of a message is to go out with the next pass; its lane must be taken.

    Each page gets a new token: an earlier try is not taken for this one.
    """
    pages = list(
        session.execute(
            select(Post).where(col(Post.message_id) == message_id, col(Post.state).in_((*UNSENT, "held", "failed")))
        ).scalars()
    )
    for page in pages:
        page.state, page.reason, page.settled_at, page.token = "planned", "", None, uuid4().hex
    session.flush()
    if pages:
        outbox.roll_up(session, message_id, reason="")
    else:
        values = {"state": "planned", "reason": "", "retry_at": None}
        session.execute(update(Message).where(col(Message.id) == message_id).values(**values))


def end_wait(lane: Lane) -> None:
    """Lets a channel be tried at once, whatever it waited for by the tick's clock; what the platform asked for stays."""
    if lane.wait_since is not None:
        lane.wait_since = lane.wait_until = lane.wait_since_real = lane.wait_until_real = None
        lane.wait_reason, lane.failures = "", 0


def try_place(session: Session, delivery: Delivery) -> None:
    """Lets a channel that took no posts be tried at once, in place of its fallback."""
    here = (col(Place.platform) == delivery.platform, col(Place.platform_id) == delivery.channel)
    session.execute(update(Place).where(*here).values(tried_at=None))


# what is counted


def count_refusal(session: Session, platform: str, reason: str) -> None:
    """One more post that a platform did not take."""
    one = insert_into(session, RefusalCount).values(platform=platform, reason=reason, times=1)
    more = {"times": col(RefusalCount.times) + 1}
    session.execute(one.on_conflict_do_update(index_elements=["platform", "reason"], set_=more))


class Counted(NamedTuple):
    """The whole outbox in figures."""

    messages: list[tuple[str, str, int]]  # of each platform and state
    sent: list[tuple[str, int]]  # pages that went out to each platform
    refused: list[tuple[str, str, int]]  # how often each platform did not take a post, by its word for why


def counted(installation: Installation) -> Counted:
    """How many messages there are, how many posts went out, how many were not taken."""
    with reading(installation.engine) as session:
        return Counted(message_counts(session), posts_sent(session), refusals(session))


def message_counts(session: Session) -> list[tuple[str, str, int]]:
    """How many messages there are of each platform and state."""
    counted = select(col(Message.platform), col(Message.state), func.count())
    return [(p, s, n) for p, s, n in session.execute(counted.group_by(col(Message.platform), col(Message.state)))]


def posts_sent(session: Session) -> list[tuple[str, int]]:
    """How many pages went out to each platform."""
    counted = select(col(Message.platform), func.count()).join(Post, col(Post.message_id) == col(Message.id))
    return [
        (p, n) for p, n in session.execute(counted.where(col(Post.state) == "sent").group_by(col(Message.platform)))
    ]


def refusals(session: Session) -> list[tuple[str, str, int]]:
    """How often each platform did not take a post, by its word for why."""
    wanted = select(RefusalCount).order_by(col(RefusalCount.platform), col(RefusalCount.reason))
    return [(row.platform, row.reason, row.times) for row in session.execute(wanted).scalars()]
