"""What the last plan saw: while nothing of it changes, planning again would find nothing."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.records.outbox.changing import insert_into
from core.records.outbox.tables import PlanMark


def mark(session: Session) -> PlanMark | None:
    """What the last plan saw, and when that was."""
    return session.get(PlanMark, 1)


def set_mark(session: Session, seen: str, at: datetime) -> None:
    """Remembers what a plan saw, in the plan's own transaction."""
    values = {"seen": seen, "planned_at": at}
    session.execute(
        insert_into(session, PlanMark).values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values)
    )
