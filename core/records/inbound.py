"""Clicks and forms that were acted on: the same one delivered again changes nothing and gets the same words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from core.records.inserting import insert_into
from core.records.tables import InboundEvent


def first_time(session: Session, platform: str, event_id: str, at: datetime) -> bool:
    """Notes the event in this transaction; False when it was noted before."""
    values = {"platform": platform, "event_id": event_id, "at": at, "answer": ""}
    noted = insert_into(session, InboundEvent).values(**values).on_conflict_do_nothing()
    return session.execute(noted.returning(col(InboundEvent.event_id))).first() is not None


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
