"""Clicks and forms that were acted on: the same one delivered again changes nothing and gets the same words."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from core.database.tables import InboundEvent
from core.database.upserts import insert_for


def first_time(session: Session, platform: str, event_id: str, at: datetime) -> bool:
    """Notes the event in this transaction; False when it was noted before."""
    values = {"platform": platform, "event_id": event_id, "at": at, "answer": ""}
    connection = session.connection()
    return connection.execute(_noting(connection.dialect.name), values).first() is not None


@cache
def _noting(dialect: str) -> Any:
    """The statement, built once: that takes longer than what it does."""
    note = insert_for(dialect, InboundEvent).on_conflict_do_nothing()
    return note.returning(col(InboundEvent.event_id))


def forget(session: Session, platform: str, event_id: str) -> None:
    """Lets go of an event that came to nothing, so that it counts when it is delivered again."""
    row = InboundEvent
    matches = (col(row.platform) == platform, col(row.event_id) == event_id)
    session.execute(delete(row).where(*matches, col(row.answer) == ""))


def remember_answer(session: Session, platform: str, event_id: str, answer: str) -> None:
    """Keeps what was answered, for the same event delivered again."""
    row = InboundEvent
    matches = (col(row.platform) == platform, col(row.event_id) == event_id)
    session.execute(update(row).where(*matches).values(answer=answer))


def earlier_answer(session: Session, platform: str, event_id: str) -> str | None:
    """What was answered the first time."""
    row = InboundEvent
    matches = (col(row.platform) == platform, col(row.event_id) == event_id)
    return session.execute(select(col(row.answer)).where(*matches)).scalar()
