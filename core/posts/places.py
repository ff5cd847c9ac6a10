"""Which channel gets a Delivery Partner's posts, whether posts arrive there, and who is told when they don't."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, literal, or_, select, update
from sqlmodel import Session, col

from core.database.tables import Instant, Place
from core.posts import owner_notices

__all__ = ["TRY_AGAIN", "Place", "add", "in_service", "list_all", "mark_unwell", "mark_well", "remove"]

TRY_AGAIN = timedelta(hours=1)  # after which a channel that took no posts is tried again


def add(
    session: Session,
    *,
    platform: str,
    platform_id: str,
    delivery_partner: str,
    course_group: str | None,
    cohort: str | None,
    at: datetime,
    owner: str | None = None,
    fallback: str | None = None,
) -> Place:
    """Binds a channel; binding the same again changes only the owner or fallback that is given."""
    same = select(Place).where(
        col(Place.platform) == platform,
        col(Place.platform_id) == platform_id,
        col(Place.delivery_partner) == delivery_partner,
        col(Place.course_group).is_not_distinct_from(course_group),
        col(Place.cohort).is_not_distinct_from(cohort),
    )
    row: Place = session.execute(same).scalar() or Place(
        platform=platform,
        platform_id=platform_id,
        delivery_partner=delivery_partner,
        course_group=course_group,
        cohort=cohort,
        bound_at=at,
    )
    row.owner = owner or row.owner
    row.fallback = fallback or row.fallback
    session.add(row)
    session.flush()
    return row


def list_all(session: Session) -> list[Place]:
    """Every binding, by Delivery Partner."""
    return list(session.execute(select(Place).order_by(col(Place.delivery_partner), col(Place.id))).scalars())


def in_service(session: Session, now: datetime) -> list[Place]:
    """Every binding as posts go there at a moment: one that took none within the last hour stands for its fallback.

    After the hour the channel itself is tried again.
    """
    return [_serving(place, now) for place in list_all(session)]


def _serving(place: Place, now: datetime) -> Place:
    unwell = (
        place.state == "unwell" and place.tried_at is not None and place.tried_at <= now < place.tried_at + TRY_AGAIN
    )
    if place.fallback is None or not unwell:
        return place
    return Place(**{**place.model_dump(), "platform_id": place.fallback})


def remove(session: Session, platform: str, platform_id: str) -> int:
    """Ends every binding of a channel; says how many there were."""
    matches = (col(Place.platform) == platform, col(Place.platform_id) == platform_id)
    count: int = session.execute(select(func.count()).select_from(Place).where(*matches)).scalar_one()
    session.execute(delete(Place).where(*matches))
    owner_notices.supersede(session, platform, platform_id)
    return count


def mark_unwell(
    session: Session, platform: str, platform_id: str, *, reason: str, trouble: str, tried_at: datetime
) -> None:
    """Notes that posts are refused in a channel, and how to mend it; whoever looks after it is told once."""
    here = (col(Place.platform) == platform, col(Place.platform_id) == platform_id)
    session.execute(
        update(Place)
        .where(*here)
        .values(
            state="unwell",
            trouble=trouble,
            tried_at=tried_at,
            unwell_since=func.coalesce(col(Place.unwell_since), literal(tried_at, Instant())),
        )
    )
    in_its_stead = (col(Place.platform) == platform, col(Place.fallback) == platform_id, col(Place.state) == "unwell")
    concerned = session.execute(select(Place).where(or_(and_(*here), and_(*in_its_stead)))).scalars()
    owner_notices.add(session, list(concerned), channel=platform_id, reason=reason, trouble=trouble)


def mark_well(session: Session, platform: str, platform_id: str, *, tried_at: datetime) -> None:
    """Notes that a post arrived in a channel; who has not been told of its trouble yet need not be."""
    matches = (col(Place.platform) == platform, col(Place.platform_id) == platform_id)
    values = {"state": "well", "trouble": "", "tried_at": tried_at, "unwell_since": None}
    session.execute(update(Place).where(*matches).values(**values))
    owner_notices.supersede(session, platform, platform_id)
