"""Where in Teams the bot can write without being asked, and with whom it talks alone."""

from __future__ import annotations

from sqlalchemy import delete, func, or_, select
from sqlmodel import Session, col

from core.database.tables import Conversation
from core.database.upserts import insert_into

__all__ = ["Conversation", "any_at_all", "find", "forget", "note", "shared", "with_person"]


def note(session: Session, seen: Conversation) -> None:
    """Puts what an activity said of a conversation in the place of what was known."""
    if seen.kind == "personal" and seen.person_here:
        # a person has one chat with the bot: an older one is gone
        session.execute(
            delete(Conversation).where(
                col(Conversation.kind) == "personal",
                col(Conversation.person_here) == seen.person_here,
                col(Conversation.id) != seen.id,
            )
        )
    said = seen.model_dump()
    put = insert_into(session, Conversation).values(**said)
    if seen.person == seen.person_here:  # this time it was not said who they are in Entra
        said["person"] = func.coalesce(col(Conversation.person), seen.person)
    session.execute(put.on_conflict_do_update(index_elements=["id"], set_=said))


def find(session: Session, conversation_id: str) -> Conversation | None:
    """What is known of a conversation."""
    return session.get(Conversation, conversation_id)


def with_person(session: Session, person: str) -> Conversation | None:
    """The chat with one person, by either of their ids."""
    either = or_(col(Conversation.person) == person, col(Conversation.person_here) == person)
    alone = select(Conversation).where(col(Conversation.kind) == "personal", either)
    return session.execute(alone.order_by(col(Conversation.seen_at).desc())).scalars().first()


def any_at_all(session: Session) -> Conversation | None:
    """The one heard from last: its address serves for others of the tenant."""
    return session.execute(select(Conversation).order_by(col(Conversation.seen_at).desc())).scalars().first()


def forget(session: Session, conversation_id: str) -> None:
    """Lets go of a conversation that is gone."""
    session.execute(delete(Conversation).where(col(Conversation.id) == conversation_id))


def shared(session: Session) -> list[str]:
    """The ids of those that several people read."""
    wanted = select(col(Conversation.id)).where(col(Conversation.kind) != "personal")
    return list(session.execute(wanted.order_by(col(Conversation.seen_at))).scalars())
