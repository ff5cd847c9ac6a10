"""What is to be posted: one message per occasion and place, in exactly one state, which follows from its posts'."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, or_, update
from sqlmodel import Session, col, select

from core.database.key_batches import in_pieces
from core.database.upserts import insert_into
from core.posts.outbox.outbox_tables import UNDER_WAY, UNSENT, Message, Post, PostPerson
from core.posts.outbox.statements import changed

GONE = ("sending", "unknown", "sent", "held")  # it went out, or may have


def add_messages(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts the messages with these columns that are not there yet and says how many those were."""
    if not rows:
        return 0
    statement = insert_into(session, Message).on_conflict_do_nothing().returning(col(Message.id))
    return len(session.execute(statement, rows).all())


class Entry(NamedTuple):
    """What the outbox holds of an occasion for one place."""

    id: int
    identity: str
    platform: str
    channel: str
    state: str
    reason: str
    sent_at: datetime | None


def entry_of(message: Message) -> Entry:
    """What a message is to whoever asks about its occasion."""
    return Entry._make(getattr(message, name) for name in Entry._fields)


def messages_of(session: Session, identities: Sequence[str]) -> list[Entry]:
    """Every message of these occasions, whatever its place and state."""
    columns = [col(getattr(Message, name)) for name in Entry._fields]
    found: list[Entry] = []
    for some in in_pieces(identities):
        found.extend(map(Entry._make, session.execute(select(*columns).where(col(Message.identity).in_(some)))))
    return found


def unsent(session: Session) -> list[Message]:
    """Messages of which nothing has gone out and which nobody is sending."""
    return list(session.exec(select(Message).where(col(Message.state).in_(UNSENT), ~begun())))


def stuck_half_way(session: Session, due_before: date) -> list[Message]:
    """Messages of which some pages went out and others did not, that were due before a day."""
    due = select(Message).where(col(Message.state).in_(("waiting", "sending")), begun(), Message.due_on < due_before)
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


def newest_gone_out(session: Session, series: Collection[str]) -> dict[tuple[str, date], date]:
    """By series and the date it is about: the due day of the newest message of which anything went out, or may have."""
    found: dict[tuple[str, date], date] = {}
    gone = select(col(Message.series), col(Message.about), func.max(col(Message.due_on))).where(
        col(Message.state).in_(GONE)
    )
    for some in in_pieces(sorted(series)):
        of_some = gone.where(col(Message.series).in_(some)).group_by(col(Message.series), col(Message.about))
        rows = session.exec(of_some)
        found.update({(name, about): due_on for name, about, due_on in rows})
    return found


def gone_out_beside(session: Session, identities: Mapping[tuple[str, date], str]) -> list[Entry]:
    """What went out, or may have, of these series on these due days under another identity, as if under the one given.

    An earlier version posted each repeat that a holiday moves onto one day, and a pack may come to name another one.
    """
    columns = [col(getattr(Message, name)) for name in ("series", "due_on", *Entry._fields)]
    gone = select(*columns).where(or_(col(Message.state).in_(GONE), col(Message.sent_at).is_not(None)))
    found: list[Entry] = []
    for some in in_pieces(sorted({series for series, _ in identities})):
        for series, due_on, *columns_of_entry in session.execute(gone.where(col(Message.series).in_(some))):
            entry = Entry._make(columns_of_entry)
            told_by = identities.get((series, due_on), entry.identity)
            if told_by != entry.identity:
                found.append(entry._replace(identity=told_by))
    return found


def supersede(session: Session, message_id: int, reason: str) -> bool:
    """Records that a message is not to go out after all, unless any of it has."""
    done = changed(
        session,
        update(Message)
        .where(col(Message.id) == message_id, col(Message.state).in_(UNSENT), ~begun())
        .values(state="superseded", reason=reason, retry_at=None),
    )
    if done:
        fold_up(session, message_id)
    return bool(done)


def give_up(session: Session, message_id: int, reason: str) -> None:
    """Records that the rest of a message that was begun can no longer go out."""
    session.execute(
        update(Post)
        .where(col(Post.message_id) == message_id, col(Post.state).in_(UNSENT))
        .values(state="failed", reason=reason)
    )
    roll_up(session, message_id)


def plan_again(session: Session, message_id: int, occasion: Mapping[str, Any]) -> bool:
    """Brings back a superseded message that is wanted again, as it is planned now."""
    statement = (
        update(Message)
        .where(col(Message.id) == message_id, Message.state == "superseded")  # type: ignore[arg-type]
        .values(state="planned", reason="", retry_at=None, occasion=occasion)
    )
    return bool(changed(session, statement))


def under_way(session: Session) -> dict[str, int]:
    """How many messages have yet to go out, wholly or in part, by platform."""
    count = select(Message.platform, func.count()).where(col(Message.state).in_(UNDER_WAY))
    return dict(session.exec(count.group_by(col(Message.platform))).all())


def people_of(session: Session, message: Message) -> dict[str, list[int]]:
    """Everyone who is named in a message, page by page, each with the enrolments for which they are."""
    named = (
        select(PostPerson.participant_id, PostPerson.enrolment_id)
        .join(Post, col(Post.id) == col(PostPerson.post_id))
        .where(Post.message_id == message.id)
        .order_by(col(Post.page), col(PostPerson.position), col(PostPerson.enrolment_id))
    )
    found: dict[str, list[int]] = {}
    for who, enrolment in session.exec(named):
        found.setdefault(who, []).append(enrolment)
    return found


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


def begun() -> Any:
    """Whether any page of a message went out, may have, or was given up."""
    decided = col(Post.state).in_(("sending", "unknown", "sent", "held", "failed"))
    begun = select(Post.id).where(col(Post.message_id) == col(Message.id), decided)
    return begun.correlate(Message).exists()


def fold_up(session: Session, message_id: int) -> None:
    """Takes the pages of a message of which nothing has gone out."""
    ids = select(Post.id).where(Post.message_id == message_id)
    session.execute(delete(PostPerson).where(col(PostPerson.post_id).in_(ids)))
    session.execute(delete(Post).where(col(Post.message_id) == message_id))
