"""What follows in the registers once rows of events are written: lines move with their plan, and share their event's length."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, or_, select, update
from sqlmodel import Session, SQLModel

from core.database.key_batches import in_pieces
from core.database.tables import RegisterRow, SessionRow

_lines, _plans = (SQLModel.metadata.tables[str(one.__tablename__)] for one in (RegisterRow, SessionRow))


def move_with_plans(session: Session) -> set[int]:
    """Every line of a planned event gets its date and type; of which enrolments they are."""
    line, plan = _lines.c, _plans.c
    differs = or_(line.event_date != plan.event_date, line.event_type != plan.event_type)
    moved = update(_lines).where(line.event_id == plan.event_id, differs)
    moved = moved.values(event_date=plan.event_date, event_type=plan.event_type)
    return set(session.connection().execute(moved.returning(line.enrolment_id)).scalars())


def share_hours(session: Session, events: Collection[str]) -> set[int]:
    """Lines of these events that say nothing of its length get what the others say; of which enrolments they are."""
    line, others = _lines.c, _lines.alias().c
    of_event = select(func.max(others.hours)).where(others.event_id == line.event_id).scalar_subquery()
    shared = update(_lines).values(hours=of_event).returning(line.enrolment_id)
    found: set[int] = set()
    for some in in_pieces(events):
        found.update(
            session.connection().execute(shared.where(line.hours.is_(None), line.event_id.in_(some))).scalars()
        )
    return found


def people_on(session: Session, events: Collection[str]) -> set[int]:
    """The enrolments on the register of any of these events."""
    wanted = select(_lines.c.enrolment_id)
    return {
        who
        for some in in_pieces(events)
        for who in session.connection().execute(wanted.where(_lines.c.event_id.in_(some))).scalars()
    }
