"""What is to be posted and what was: one message per occasion and place, one post per page of it.

A message is at any time in exactly one state. Everything for one channel goes through its `Lane`: whoever holds the
lane's lease sends there, one page after the other, so that pages keep their order and the platform's pace holds across
processes. The lease's `fence` rises with every claim; what an overtaken holder still wants to write is refused.

Two clocks are kept apart. A rehearsal or `npq tick --at` moves the tick's clock; what a platform asks for
(`Retry-After`, its pace) goes by the real one. A wait or lease is over as soon as either clock has left the span it was
made for, so that a clock that is set back never blocks anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast, get_args
from uuid import uuid4

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Index,
    Text,
    UniqueConstraint,
    delete,
    func,
    or_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlmodel import Field, Session, SQLModel, col, select

from core.records.tables import instant

State = Literal["planned", "waiting", "sending", "unknown", "sent", "superseded", "held", "failed"]
STATES: tuple[str, ...] = get_args(State)
UNSENT: tuple[str, ...] = ("planned", "waiting")
UNDER_WAY: tuple[str, ...] = ("planned", "waiting", "sending", "unknown")
LEASE = timedelta(seconds=15)  # longer than one call to a platform may take
PACE = timedelta(seconds=1)  # between two posts to one channel

_STATE_KNOWN = "state IN (" + ", ".join(f"'{state}'" for state in STATES) + ")"


class Message(SQLModel, table=True):
    """One occasion for one place. `identity` says who, what, about which date: a second planner inserts nothing."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("identity", "platform", "channel", name="uq_message_once"),
        CheckConstraint(_STATE_KNOWN, name="state_known"),
        Index("ix_message_by_lane", "platform", "channel", "state"),
        Index("ix_message_by_state", "state"),
        Index("ix_message_by_due", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(sa_column=Column(Text, nullable=False))
    series: str = Field(sa_column=Column(Text, nullable=False))
    key: str
    about: date
    due_on: date
    due_at: datetime = Field(sa_column=instant())
    delivery_partner: str
    occasion: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # ids and dates, nobody's name
    platform: str
    channel: str
    place_id: int | None = None
    state: str = "planned"
    reason: str = ""  # why superseded, held, failed or waiting: a code, or the platform's word for it
    retry_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # while waiting
    planned_at: datetime = Field(sa_column=instant())
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # the last page's, tick's clock


class Post(SQLModel, table=True):
    """One page of a message. Who stands on it is fixed when the message is first opened out (`PostPerson`)."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("message_id", "page", name="uq_post_page"),
        UniqueConstraint("token", name="uq_post_token"),
        CheckConstraint(_STATE_KNOWN, name="state_known"),
        Index("ix_post_by_update", "needs_update"),
    )

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", ondelete="CASCADE")
    page: int  # from 1
    pages: int
    token: str  # goes along as message metadata; a post whose outcome is unknown is looked for by it
    state: str = "planned"
    reason: str = ""
    attempts: int = 0
    # of the last try, by the real clock: when it began, and after when it can no longer arrive
    attempted_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    settled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    channel: str | None = None  # as the platform answered: the address for updates
    ts: str | None = None
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    judged_on: date | None = None  # the day of which it speaks
    needs_update: int = Field(default=0)  # counts changes since it was drawn; an update takes off what it saw
    updated_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    trouble: str = ""  # why it can no longer be updated


class PostPerson(SQLModel, table=True):
    """Who is named on a page."""

    __tablename__ = "post_person"

    post_id: int = Field(foreign_key="post.id", primary_key=True, ondelete="CASCADE")
    participant_id: str = Field(primary_key=True, index=True)
    position: int


class Lane(SQLModel, table=True):
    """One channel's turn to be posted to. `_real` columns go by the real clock, the others by the tick's."""

    __tablename__ = "lane"

    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    owner: str = ""  # nobody
    fence: int = 0
    lease_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_until_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_reason: str = ""
    failures: int = 0  # in a row: the next wait is longer
    next_at_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # the platform's pace


class PlanMark(SQLModel, table=True):
    """What the last plan saw, in one row: while nothing of it changes, planning again would find nothing."""

    __tablename__ = "plan_mark"

    id: int = Field(default=1, primary_key=True)
    seen: str = Field(sa_column=Column(Text, nullable=False))
    planned_at: datetime = Field(sa_column=instant())


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks, in UTC: the tick's and the real one."""

    now: datetime
    real: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A claimed lane: good for as long as nobody has claimed it since."""

    platform: str
    channel: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Job:
    """The next thing to do in a lane: find out about a post, redraw one, or send a message's next page.

    `post` is None for a message that is still to be opened out; `people` are those on the page, in order.
    """

    kind: Literal["look", "update", "send"]
    message: Message
    post: Post | None
    people: tuple[str, ...]


class Overtaken(Exception):
    """Somebody else has claimed the lane or changed the message since: nothing was written."""


def add_messages(session: Session, rows: Sequence[Message]) -> int:
    """Inserts the messages that are not there yet and says how many those were."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = 0
    for row in rows:
        values = row.model_dump(exclude={"id"})
        statement = insert(Message).values(**values).on_conflict_do_nothing()
        added += _changed(session, statement)
    return added


def messages_of(session: Session, identities: Sequence[str]) -> list[Message]:
    """Every message of these occasions, whatever its place and state."""
    found: list[Message] = []
    for start in range(0, len(identities), 500):
        chunk = identities[start : start + 500]
        found.extend(session.exec(select(Message).where(col(Message.identity).in_(chunk))))
    return found


def unsent(session: Session) -> list[Message]:
    """Messages of which nothing has gone out and which nobody is sending."""
    return list(session.exec(select(Message).where(col(Message.state).in_(UNSENT), ~_begun())))


def stuck_half_way(session: Session, due_before: date) -> list[Message]:
    """Messages of which some pages went out and others did not, that were due before a day."""
    due = select(Message).where(col(Message.state).in_(("waiting", "sending")), _begun(), Message.due_on < due_before)
    return list(session.exec(due))


def sent_between(session: Session, first: datetime, last: datetime) -> list[Message]:
    """Messages that went out, by the moment at which they were due, both ends included."""
    return list(
        session.exec(
            select(Message)
            .where(Message.state == "sent", Message.due_at >= first, Message.due_at <= last)
            .order_by(col(Message.due_at), col(Message.id))
        )
    )


def supersede(session: Session, message_id: int, reason: str) -> bool:
    """Records that a message is not to go out after all, unless any of it has."""
    done = _changed(
        session,
        update(Message)
        .where(col(Message.id) == message_id, col(Message.state).in_(UNSENT), ~_begun())
        .values(state="superseded", reason=reason, retry_at=None),
    )
    if done:
        _fold_up(session, message_id)
    return bool(done)


def give_up(session: Session, message_id: int, reason: str) -> None:
    """Records that the rest of a message that was begun can no longer go out."""
    session.execute(
        update(Post)
        .where(col(Post.message_id) == message_id, col(Post.state).in_(UNSENT))
        .values(state="failed", reason=reason)
    )
    roll_up(session, message_id)


def plan_again(session: Session, message_id: int) -> bool:
    """Brings back a superseded message that is wanted again."""
    statement = (
        update(Message)
        .where(col(Message.id) == message_id, Message.state == "superseded")  # type: ignore[arg-type]
        .values(state="planned", reason="", retry_at=None)
    )
    return bool(_changed(session, statement))


def mark_stale(session: Session, participant_id: str) -> int:
    """Marks every post that names the participant for redrawing; in the same transaction as the change."""
    named = select(PostPerson.post_id).where(PostPerson.participant_id == participant_id)
    return _changed(
        session,
        update(Post)
        .where(col(Post.id).in_(named), Post.trouble == "")  # type: ignore[arg-type]
        .values(needs_update=Post.needs_update + 1),
    )


def mark_post_stale(session: Session, post: Post) -> None:
    """Marks one post for redrawing: something was recorded while it was on its way."""
    session.execute(update(Post).where(col(Post.id) == post.id).values(needs_update=Post.needs_update + 1))


def lanes_with_work(session: Session, platforms: Sequence[str], *, redraw_only: bool = False) -> list[Lane]:
    """The lanes in which something is to be redrawn, looked for or sent, the longest due first."""
    order: dict[tuple[str, str], None] = {}
    due = (
        select(Message.platform, Message.channel)
        .where(col(Message.state).in_(UNDER_WAY), col(Message.platform).in_(platforms))
        .order_by(col(Message.due_at), col(Message.id))
    )
    stale = (
        select(Message.platform, Message.channel)
        .join(Post, col(Post.message_id) == col(Message.id))
        .where(*_to_redraw(), col(Message.platform).in_(platforms))
    )
    order.update(dict.fromkeys(session.exec(stale)))
    if not redraw_only:
        order.update(dict.fromkeys(session.exec(due)))
    known = {(lane.platform, lane.channel): lane for lane in session.exec(select(Lane))}
    return [known.get(key) or Lane(platform=key[0], channel=key[1]) for key in order]


def ready_in(lane: Lane, moment: Moment) -> timedelta:
    """How long, by the real clock, until the lane may be claimed; zero when it may be now."""
    waits = [timedelta(0)]
    if lane.owner and _leased(lane, moment):
        waits.append(min(_left(lane.lease_until, moment.now), _left(lane.lease_until_real, moment.real)))
    if _waits(lane, moment):
        if lane.wait_since is None:
            waits.append(_left(lane.wait_until_real, moment.real))
        else:
            waits.append(min(_left(lane.wait_until, moment.now), _left(lane.wait_until_real, moment.real)))
    paced = _left(lane.next_at_real, moment.real)
    waits.append(paced if paced <= PACE else timedelta(0))
    return max(waits)


def claim(session: Session, platform: str, channel: str, owner: str, moment: Moment) -> Turn | None:
    """Takes the lane for one step, by compare-and-swap on its fence; None when it is not to be had now."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(Lane).values(platform=platform, channel=channel, owner="", fence=0).on_conflict_do_nothing())
    lane = session.exec(
        select(Lane)
        .where(Lane.platform == platform, Lane.channel == channel)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if lane is None or ready_in(lane, moment) > timedelta(0):
        return None
    seen = lane.fence  # the row in hand follows what is written
    taken = _changed(
        session,
        update(Lane)
        .where(col(Lane.platform) == platform, col(Lane.channel) == channel, col(Lane.fence) == seen)
        .values(owner=owner, fence=seen + 1, **_lease(moment)),
    )
    return Turn(platform, channel, owner, seen + 1) if taken else None


def next_job(session: Session, turn: Turn, *, redraw_only: bool = False) -> Job | None:
    """What comes next in a claimed lane: posts of unknown outcome, then redrawing, then the longest due message."""
    here = (Message.platform == turn.platform, Message.channel == turn.channel)
    posts = select(Message, Post).join(Post, col(Post.message_id) == col(Message.id)).where(*here)
    if not redraw_only:
        unclear = posts.where(col(Post.state).in_(("sending", "unknown"))).order_by(col(Post.id)).limit(1)
        lost = session.exec(unclear).first()
        if lost is not None:
            return Job("look", *lost, people=())
    stale = session.exec(posts.where(*_to_redraw()).order_by(col(Post.id).desc()).limit(1)).first()
    if stale is not None:
        return Job("update", *stale, people=_people_on(session, stale[1]))
    if redraw_only:
        return None
    message = session.exec(
        select(Message)
        .where(*here, col(Message.state).in_(UNDER_WAY))
        .order_by(_begun().desc(), col(Message.due_at), col(Message.id))
        .limit(1)
    ).first()
    if message is None:
        return None
    begun = session.exec(select(_begun()).where(col(Message.id) == message.id)).one()
    if not begun:
        return Job("send", message, None, ())
    page = session.exec(
        select(Post).where(Post.message_id == message.id, col(Post.state).in_(UNSENT)).order_by(col(Post.page)).limit(1)
    ).first()
    if page is None:
        roll_up(session, cast(int, message.id))
        return next_job(session, turn)
    return Job("send", message, page, _people_on(session, page))


def open_out(session: Session, turn: Turn, message: Message, pages: Sequence[Sequence[str]]) -> Post:
    """Fixes the pages of a message and who stands on each; gives the first. Nothing of it may have gone out yet."""
    hold(session, turn)
    message_id = cast(int, message.id)
    wanted = _changed(
        session,
        update(Message)
        .where(col(Message.id) == message_id, col(Message.state).in_(UNSENT), ~_begun())
        .values(reason="", retry_at=None),
    )
    if not wanted:
        raise Overtaken
    attempts = max(session.exec(select(Post.attempts).where(Post.message_id == message_id)), default=0)
    _fold_up(session, message_id)
    posts = []
    for number, people in enumerate(pages, start=1):
        post = Post(message_id=message_id, page=number, pages=len(pages), token=uuid4().hex)
        post.attempts = attempts if number == 1 else 0
        session.add(post)
        session.flush()
        session.add_all(
            PostPerson(post_id=cast(int, post.id), participant_id=person, position=place)
            for place, person in enumerate(people)
        )
        posts.append(post)
    session.flush()
    return posts[0]


def begin(session: Session, turn: Turn, post: Post, moment: Moment, *, judged_on: date) -> None:
    """Records that a post is being sent, before it is. Raises `Overtaken`: then it must not be sent."""
    renew(session, turn, moment)
    begun = _changed(
        session,
        update(Post)
        .where(col(Post.id) == post.id, col(Post.token) == post.token, col(Post.state).in_(UNSENT))
        .values(
            state="sending",
            reason="",
            attempts=Post.attempts + 1,
            attempted_at=moment.real,
            settled_at=moment.real + LEASE,
            judged_on=judged_on,
            needs_update=Post.needs_update - post.needs_update,  # what the drawing has seen already
        ),
    )
    if not begun:
        raise Overtaken
    roll_up(session, post.message_id)


def sent(session: Session, turn: Turn, post: Post, moment: Moment, *, channel: str, ts: str) -> None:
    """Records a post's address."""
    hold(session, turn)
    session.execute(
        update(Post)
        .where(col(Post.id) == post.id)
        .values(state="sent", reason="", channel=channel, ts=ts, sent_at=moment.now, settled_at=None)
    )
    roll_up(session, post.message_id, at=moment.now)


def not_sent(
    session: Session,
    turn: Turn,
    post: Post,
    state: State,
    reason: str,
    *,
    certain: bool,
    retry_at: datetime | None = None,
) -> None:
    """Records that a post did not go out, or that nobody knows: `waiting`, `unknown`, `held` or `failed`, and why.

    `certain`: the platform said so itself, so the message may be opened out afresh.
    """
    hold(session, turn)
    values: dict[str, Any] = {"state": state, "reason": reason}
    if certain:
        values["settled_at"] = None
    session.execute(update(Post).where(col(Post.id) == post.id).values(**values))
    roll_up(session, post.message_id, reason=reason, retry_at=retry_at)


def settles_at(session: Session, turn: Turn, post: Post, until: datetime) -> None:
    """Records until when, by the real clock, a post of unknown outcome may still arrive."""
    hold(session, turn)
    session.execute(update(Post).where(col(Post.id) == post.id).values(settled_at=until))


def redrawn(session: Session, turn: Turn, post: Post, moment: Moment, *, judged_on: date) -> None:
    """Records that a post shows everything that was marked when it was read."""
    hold(session, turn)
    session.execute(
        update(Post)
        .where(col(Post.id) == post.id)
        .values(needs_update=Post.needs_update - post.needs_update, updated_at=moment.now, judged_on=judged_on)
    )


def beyond_redrawing(session: Session, turn: Turn, post: Post, reason: str) -> None:
    """Records that a post is gone or can't be changed: no further try."""
    hold(session, turn)
    session.execute(update(Post).where(col(Post.id) == post.id).values(needs_update=0, trouble=reason))


def release(session: Session, turn: Turn, *, posted_at: datetime | None = None, healthy: bool = False) -> None:
    """Gives the lane back. `posted_at`: the real moment from which the platform's pace is counted."""
    values: dict[str, Any] = {"owner": ""}
    if posted_at is not None:
        values["next_at_real"] = posted_at + PACE
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


def hold(session: Session, turn: Turn) -> None:
    """Raises `Overtaken` when somebody else has claimed the lane since; locks it for this transaction otherwise."""
    if not _changed(session, _holding(turn).values(fence=turn.fence)):
        raise Overtaken


def renew(session: Session, turn: Turn, moment: Moment) -> None:
    """Holds the lane for another lease. Raises `Overtaken`."""
    if not _changed(session, _holding(turn).values(**_lease(moment))):
        raise Overtaken


def failures(session: Session, turn: Turn) -> int:
    """How many waits in a row this lane has had."""
    lane = session.get(Lane, (turn.platform, turn.channel), populate_existing=True)
    return lane.failures if lane else 0


def under_way(session: Session) -> dict[str, int]:
    """How many messages have yet to go out, wholly or in part, by platform."""
    count = select(Message.platform, func.count()).where(col(Message.state).in_(UNDER_WAY))
    return dict(session.exec(count.group_by(col(Message.platform))).all())


def roll_up(
    session: Session,
    message_id: int,
    *,
    at: datetime | None = None,
    reason: str | None = None,
    retry_at: datetime | None = None,
) -> None:
    """Sets a message's state from its posts'."""
    states = list(session.exec(select(Post.state).where(Post.message_id == message_id)))
    state = _together(states)
    values: dict[str, Any] = {"state": state, "retry_at": retry_at if state in ("waiting", "unknown") else None}
    if state in ("sent", "sending"):
        values["reason"] = ""
    elif reason is not None:
        values["reason"] = reason
    if at is not None:
        values["sent_at"] = at
    session.execute(update(Message).where(col(Message.id) == message_id).values(**values))


def people_of(session: Session, message: Message) -> tuple[str, ...]:
    """Everyone who is named in a message, page by page."""
    named = (
        select(PostPerson.participant_id)
        .join(Post, col(Post.id) == col(PostPerson.post_id))
        .where(Post.message_id == message.id)
        .order_by(col(Post.page), col(PostPerson.position))
    )
    return tuple(session.exec(named))


def mark(session: Session) -> PlanMark | None:
    """What the last plan saw, and when that was."""
    return session.get(PlanMark, 1)


def set_mark(session: Session, seen: str, at: datetime) -> None:
    """Remembers what a plan saw, in the plan's own transaction."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"seen": seen, "planned_at": at}
    session.execute(insert(PlanMark).values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values))


def _together(states: Sequence[str]) -> str:
    """The state of a message whose pages are in these states."""
    for state in ("unknown", "waiting"):
        if state in states:
            return state
    if "sending" in states or ("planned" in states and set(states) != {"planned"}):
        return "sending"
    for state in ("planned", "failed", "held", "sent"):
        if state in states:
            return state
    return "superseded"


def _begun() -> Any:
    """Whether any page of a message went out, may have (looked for in vain, it may still turn up), or was given up."""
    decided = col(Post.state).in_(("sending", "unknown", "sent", "held", "failed"))
    begun = select(Post.id).where(
        col(Post.message_id) == col(Message.id), or_(decided, col(Post.settled_at).is_not(None))
    )
    return begun.correlate(Message).exists()


def _to_redraw() -> tuple[Any, ...]:
    return (col(Post.needs_update) > 0, col(Post.state) == "sent", col(Post.trouble) == "")


def _people_on(session: Session, post: Post) -> tuple[str, ...]:
    named = select(PostPerson.participant_id).where(PostPerson.post_id == post.id).order_by(col(PostPerson.position))
    return tuple(session.exec(named))


def _fold_up(session: Session, message_id: int) -> None:
    """Takes the pages of a message of which nothing has gone out."""
    ids = select(Post.id).where(Post.message_id == message_id)
    session.execute(delete(PostPerson).where(col(PostPerson.post_id).in_(ids)))
    session.execute(delete(Post).where(col(Post.message_id) == message_id))


def _lease(moment: Moment) -> dict[str, datetime]:
    return {
        "lease_since": moment.now,
        "lease_until": moment.now + LEASE,
        "lease_since_real": moment.real,
        "lease_until_real": moment.real + LEASE,
    }


def _holding(turn: Turn) -> Any:
    return update(Lane).where(
        col(Lane.platform) == turn.platform,
        col(Lane.channel) == turn.channel,
        col(Lane.owner) == turn.owner,
        col(Lane.fence) == turn.fence,
    )


def _leased(lane: Lane, moment: Moment) -> bool:
    return _within(lane.lease_since, lane.lease_until, moment.now) and _within(
        lane.lease_since_real, lane.lease_until_real, moment.real
    )


def _waits(lane: Lane, moment: Moment) -> bool:
    if not _within(lane.wait_since_real, lane.wait_until_real, moment.real):
        return False
    return lane.wait_since is None or _within(lane.wait_since, lane.wait_until, moment.now)


def _within(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    return since is not None and until is not None and since <= at < until


def _left(until: datetime | None, at: datetime) -> timedelta:
    return max(until - at, timedelta(0)) if until is not None else timedelta(0)


def _changed(session: Session, statement: Any) -> int:
    """How many rows a statement changed."""
    counted = statement.execution_options(preserve_rowcount=True)  # PostgreSQL's driver forgets it for inserts
    return cast("CursorResult[Any]", session.execute(counted)).rowcount
