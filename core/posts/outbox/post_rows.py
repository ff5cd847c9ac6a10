"""The pages of a message: opened out, sent, looked for, redrawn; each step by whoever holds the lane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import bindparam, or_, update
from sqlmodel import Session, SQLModel, col, select

from core.database.tables import ProgressRow, columns_of
from core.posts.outbox.lanes import Overtaken, Turn, hold, renew
from core.posts.outbox.message_rows import begun, fold_up, roll_up
from core.posts.outbox.outbox_tables import UNSENT, Message, Post, PostPerson, State
from core.posts.outbox.statements import changed
from core.posts.outbox.two_clocks import LEASE, Moment, left, within

_NO_EDIT = {"edit_begun_at": None, "edit_settles_at": None}
_message, _post, _page = columns_of(Message), columns_of(Post), SQLModel.metadata.tables["post"].alias("page").c
_named, _record = columns_of(PostPerson), columns_of(ProgressRow)
_last_day = _message.occasion["last_day"].as_string()
_STILL_TRUE = select(_message.id).where(
    _message.due_on >= bindparam("due_from"), or_(_last_day.is_(None), _last_day >= bindparam("today"))
)
_MARK_PARTNER = (
    update(Post)
    .where(
        _post.trouble == "",
        _post.message_id.in_(_STILL_TRUE.where(_message.delivery_partner == bindparam("partner"))),
    )
    .values(needs_update=_post.needs_update + 1)
)
_MARK_NAMING = (
    update(Post)
    .where(
        _post.trouble == "",
        _post.message_id.in_(
            select(_page.message_id)
            .join(PostPerson, _named.post_id == _page.id)
            .where(_named.participant_id == bindparam("who"))
        ),
    )
    .values(needs_update=_post.needs_update + 1)
)
_MARK_CHANGED = (
    update(Post)
    .where(
        _post.trouble == "",
        _post.message_id.in_(
            select(_page.message_id).where(
                _page.message_id.in_(_STILL_TRUE),
                select(_named.post_id)
                .join(ProgressRow, _record.participant_id == _named.participant_id)
                .where(_named.post_id == _page.id, _record.revision == bindparam("revision"))
                .exists(),
            )
        ),
    )
    .values(needs_update=_post.needs_update + 1)
)


def mark_stale(session: Session, participant_id: str) -> None:
    """Marks every page of the messages that name the participant for redrawing; in the same transaction as the change.

    Each page counts the people of all of them.
    """
    session.connection().execute(_MARK_NAMING, {"who": participant_id})


def mark_changed(session: Session, revision: int, *, due_from: date, today: date) -> None:
    """Marks every page of the messages for redrawing that name anybody whose record was written at this revision.

    Messages that were due before `due_from`, or whose last day has passed, are history and stay as they were.
    """
    given = {"revision": revision, "due_from": due_from, "today": today.isoformat()}
    session.connection().execute(_MARK_CHANGED, given)


def mark_partner(session: Session, partner: str, *, due_from: date, today: date) -> None:
    """Marks a Delivery Partner's posts for redrawing, whomever they name: it has other people now. History stays as it was."""
    given = {"partner": partner, "due_from": due_from, "today": today.isoformat()}
    session.connection().execute(_MARK_PARTNER, given)


def mark_post_stale(session: Session, post: Post) -> None:
    """Marks one post for redrawing, whoever has its lane: what stands in the channel may be an earlier drawing."""
    session.execute(update(Post).where(col(Post.id) == post.id).values(needs_update=Post.needs_update + 1))


def open_out(
    session: Session,
    turn: Turn,
    message: Message,
    pages: Sequence[Sequence[str]],
    enrolments: Mapping[str, Sequence[int]],
    *,
    out_of_date: bool,
) -> Post:
    """Fixes the pages of a message, who stands on each and for which of their enrolments; gives the first. Nothing of it may have
    gone out yet.

    A page that was tried before keeps its token: where nobody can look, that try may stand in the channel. `out_of_date`:
    something was recorded since the pages were judged, so they are marked for redrawing.
    """
    hold(session, turn)
    message_id = cast(int, message.id)
    wanted = changed(
        session,
        update(Message)
        .where(col(Message.id) == message_id, col(Message.state).in_(UNSENT), ~begun())
        .values(reason="", retry_at=None),
    )
    if not wanted:
        raise Overtaken
    tried = select(Post.page, Post.token, Post.attempts).where(Post.message_id == message_id, col(Post.attempts) > 0)
    before = {page: (token, attempts) for page, token, attempts in session.exec(tried)}
    fold_up(session, message_id)
    posts = []
    for number, people in enumerate(pages, start=1):
        token, attempts = before.get(number, (uuid4().hex, 0))
        post = Post(
            message_id=message_id,
            page=number,
            pages=len(pages),
            token=token,
            attempts=attempts,
            needs_update=int(out_of_date),
        )
        session.add(post)
        session.flush()
        session.add_all(
            PostPerson(post_id=cast(int, post.id), participant_id=person, enrolment_id=enrolment, position=place)
            for place, person in enumerate(people)
            for enrolment in enrolments[person]
        )
        posts.append(post)
    session.flush()
    return posts[0]


def begin(session: Session, turn: Turn, post: Post, moment: Moment, *, judged_on: date, seen: int) -> None:
    """Records that a post is being sent, before it is. `seen`: of the changes it is marked for, those that the drawing shows.

    Raises `Overtaken`: then it must not be sent.
    """
    renew(session, turn, moment)
    taken = changed(
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
            needs_update=Post.needs_update - seen,
        ),
    )
    if not taken:
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
    retry_at: datetime | None = None,
) -> None:
    """Records that a post did not go out, or that nobody knows: `waiting`, `unknown`, `held` or `failed`, and why."""
    hold(session, turn)
    values: dict[str, Any] = {"state": state, "reason": reason}
    if state != "unknown":
        values["settled_at"] = None
    session.execute(update(Post).where(col(Post.id) == post.id).values(**values))
    roll_up(session, post.message_id, reason=reason, retry_at=retry_at)


def settles_at(session: Session, turn: Turn, post: Post, until: datetime) -> None:
    """Records until when, by the real clock, a post of unknown outcome may still arrive."""
    hold(session, turn)
    session.execute(update(Post).where(col(Post.id) == post.id).values(settled_at=until))


def begin_edit(session: Session, turn: Turn, post: Post, moment: Moment) -> None:
    """Records that a post is being redrawn, before it is: whoever finds this without an outcome redraws it once more.

    Raises `Overtaken`: then it must not be redrawn.
    """
    renew(session, turn, moment)
    session.execute(
        update(Post)
        .where(col(Post.id) == post.id)
        .values(needs_update=Post.needs_update + 1, **_under_way(moment.real, moment.real + LEASE))
    )


def edited(session: Session, turn: Turn, post: Post, moment: Moment, *, judged_on: date) -> None:
    """Records that a post shows everything that was marked when it was read. Raises `Overtaken`."""
    hold(session, turn)
    shown = post.needs_update + 1  # its announcement
    session.execute(
        update(Post)
        .where(col(Post.id) == post.id)
        .values(needs_update=Post.needs_update - shown, updated_at=moment.now, judged_on=judged_on, **_NO_EDIT)
    )


def not_edited(session: Session, turn: Turn, post: Post) -> None:
    """Records that an edit that was begun did certainly not arrive. Raises `Overtaken`."""
    hold(session, turn)
    session.execute(update(Post).where(col(Post.id) == post.id).values(needs_update=Post.needs_update - 1, **_NO_EDIT))


def edit_unknown(session: Session, post: Post, real: datetime, until: datetime) -> None:
    """Records that an edit may still arrive, until then by the real clock, whoever has the lane by now: it is redrawn after."""
    marked = {"needs_update": Post.needs_update + 1, **_under_way(real, until)}
    session.execute(update(Post).where(col(Post.id) == post.id).values(**marked))


def edit_settles_in(post: Post, real: datetime) -> timedelta:
    """How long an edit of unknown outcome may still arrive; zero when none can."""
    return left(post.edit_settles_at, real) if within(post.edit_begun_at, post.edit_settles_at, real) else timedelta(0)


def beyond_redrawing(session: Session, turn: Turn, post: Post, reason: str) -> None:
    """Records that a post is gone or can't be changed: no further try."""
    hold(session, turn)
    session.execute(update(Post).where(col(Post.id) == post.id).values(needs_update=0, trouble=reason, **_NO_EDIT))


def _under_way(since: datetime, until: datetime) -> dict[str, datetime]:
    return {"edit_begun_at": since, "edit_settles_at": until}
