"""Which channel gets a Delivery Partner's posts, and whether posts arrive there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from core.records.tables import Place

__all__ = ["Place", "add", "list_all", "mark_unwell", "mark_well", "remove"]


def add(
    session: Session,
    *,
    platform: str,
    platform_id: str,
    delivery_partner: str,
    course_group: str | None,
    cohort: int | None,
) -> Place:
    """Binds a channel; binding the same again changes nothing."""
    same = select(Place).where(
        col(Place.platform) == platform,
        col(Place.platform_id) == platform_id,
        col(Place.delivery_partner) == delivery_partner,
        col(Place.course_group).is_not_distinct_from(course_group),
        col(Place.cohort).is_not_distinct_from(cohort),
    )
    found: Place | None = session.execute(same).scalar()
    if found is not None:
        return found
    row = Place(
        platform=platform,
        platform_id=platform_id,
        delivery_partner=delivery_partner,
        course_group=course_group,
        cohort=cohort,
    )
    session.add(row)
    session.flush()
    return row


def list_all(session: Session) -> list[Place]:
    """Every binding, by Delivery Partner."""
    return list(session.execute(select(Place).order_by(col(Place.delivery_partner), col(Place.id))).scalars())


def remove(session: Session, platform: str, platform_id: str) -> int:
    """Ends every binding of a channel; says how many there were."""
    matches = (col(Place.platform) == platform, col(Place.platform_id) == platform_id)
    count: int = session.execute(select(func.count()).select_from(Place).where(*matches)).scalar_one()
    session.execute(delete(Place).where(*matches))
    return count


def mark_unwell(session: Session, platform: str, platform_id: str, *, trouble: str, tried_at: datetime) -> None:
    """Notes that posts are refused in a channel, and how to mend it."""
    _mark(session, platform, platform_id, "unwell", trouble, tried_at)


def mark_well(session: Session, platform: str, platform_id: str, *, tried_at: datetime) -> None:
    """Notes that a post arrived in a channel."""
    _mark(session, platform, platform_id, "well", "", tried_at)


def _mark(session: Session, platform: str, platform_id: str, state: str, trouble: str, at: datetime) -> None:
    matches = (col(Place.platform) == platform, col(Place.platform_id) == platform_id)
    session.execute(update(Place).where(*matches).values(state=state, trouble=trouble, tried_at=at))
