"""Where in Teams the bot can write: noted from what arrives, looked up when there is something to say."""

from __future__ import annotations

from core.database.database import reading, writing
from core.derived.installation import Installation
from core.records import teams_conversations
from core.records.teams_conversations import Conversation

__all__ = ["Conversation", "forget", "note", "place_of", "shared"]


def note(installation: Installation, seen: Conversation) -> None:
    """Remembers a conversation as an activity from it describes it."""
    with writing(installation.engine) as session:
        teams_conversations.note(session, seen)


def place_of(installation: Installation, place: str) -> tuple[Conversation | None, Conversation | None]:
    """What is known of a place, which is a conversation or a person; and any conversation at all, for its address."""
    with reading(installation.engine) as session:
        found = teams_conversations.find(session, place) or teams_conversations.with_person(session, place)
        other = found or teams_conversations.any_at_all(session)
        session.expunge_all()
    return found, other


def forget(installation: Installation, conversation_id: str) -> None:
    """Lets go of a conversation that is gone."""
    with writing(installation.engine) as session:
        teams_conversations.forget(session, conversation_id)


def shared(installation: Installation) -> list[str]:
    """The ids of the channels and group chats that the bot knows."""
    with reading(installation.engine) as session:
        return teams_conversations.shared(session)
