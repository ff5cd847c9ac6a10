"""What is to be done next, lane by lane."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from core.posts.outbox.lanes import Turn, failures
from core.posts.outbox.message_rows import begun, roll_up
from core.posts.outbox.outbox_tables import UNDER_WAY, UNSENT, Lane, Message, Post, PostPerson


@dataclass(frozen=True, slots=True)
class Job:
    """The next thing to do in a lane: find out about a post, redraw one, or send a message's next page.

    `post` is None for a message that is still to be opened out; `people` are those on the page, in order.
    """

    kind: Literal["look", "update", "send"]
    message: Message
    post: Post | None
    people: tuple[str, ...]


def lanes_with_work(
    session: Session, platforms: Sequence[str], *, redraw_only: bool = False, full: Collection[str] = ()
) -> list[Lane]:
    """The lanes in which something is to be redrawn, looked for or sent, the longest due first.

    `full`: platforms that take no further post just now, so that nothing is to be sent there.
    """
    order: dict[tuple[str, str], None] = {}
    first = func.min(Message.due_at)
    due = (
        select(Message.platform, Message.channel)
        .where(
            col(Message.platform).in_(platforms),
            col(Message.state).in_(UNDER_WAY),
            or_(col(Message.platform).not_in(full), col(Message.state).in_(("sending", "unknown"))),
        )
        .group_by(col(Message.platform), col(Message.channel))
        .order_by(first, func.min(Message.id))
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


def next_job(session: Session, turn: Turn, *, redraw_only: bool = False) -> Job | None:
    """What comes next in a claimed lane: posts of unknown outcome, then redrawing, then the longest due message.

    After a failure the other of the two has its turn: what can't be redrawn holds up nothing that is due, and the reverse.
    """
    if redraw_only:
        return _redraw(session, turn)
    unclear = _posts_in(turn).where(col(Post.state).in_(("sending", "unknown"))).order_by(col(Post.id)).limit(1)
    lost = session.exec(unclear).first()
    if lost is not None:
        message, post = lost
        return Job("look", message, post, ())
    if failures(session, turn) % 2:
        return _send(session, turn) or _redraw(session, turn)
    return _redraw(session, turn) or _send(session, turn)


def _redraw(session: Session, turn: Turn) -> Job | None:
    """The newest post that is to be redrawn; after failures each of the others in turn."""
    stale = session.exec(_posts_in(turn).where(*_to_redraw()).order_by(col(Post.id).desc())).all()
    if not stale:
        return None
    message, post = stale[failures(session, turn) // 2 % len(stale)]
    return Job("update", message, post, _people_on(session, post))


def tagged(session: Session, tag: str) -> tuple[Post, Message, tuple[str, ...]] | None:
    """The page that carries a tag, its message, and who stands on it."""
    found = session.exec(
        select(Post, Message).join(Message, col(Post.message_id) == col(Message.id)).where(Post.token == tag)
    ).first()
    return None if found is None else (*found, _people_on(session, found[0]))


def _send(session: Session, turn: Turn) -> Job | None:
    message = session.exec(
        select(Message)
        .where(*_here(turn), col(Message.state).in_(UNDER_WAY))
        .order_by(begun().desc(), col(Message.due_at), col(Message.id))
        .limit(1)
    ).first()
    if message is None:
        return None
    opened = session.exec(select(begun()).where(col(Message.id) == message.id)).one()
    if not opened:
        return Job("send", message, None, ())
    page = session.exec(
        select(Post).where(Post.message_id == message.id, col(Post.state).in_(UNSENT)).order_by(col(Post.page)).limit(1)
    ).first()
    if page is None:
        roll_up(session, cast(int, message.id))
        return _send(session, turn)
    return Job("send", message, page, _people_on(session, page))


def _here(turn: Turn) -> tuple[Any, ...]:
    return (Message.platform == turn.platform, Message.channel == turn.channel)


def _posts_in(turn: Turn) -> Any:
    return select(Message, Post).join(Post, col(Post.message_id) == col(Message.id)).where(*_here(turn))


def _to_redraw() -> tuple[Any, ...]:
    return (col(Post.needs_update) > 0, col(Post.state) == "sent", col(Post.trouble) == "")


def _people_on(session: Session, post: Post) -> tuple[str, ...]:
    named = select(PostPerson.participant_id).where(PostPerson.post_id == post.id).order_by(col(PostPerson.position))
    return tuple(dict.fromkeys(session.exec(named)))
