"""Who may use the bot, by their id on a platform."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session, col

from core.database.tables import Staff, columns_of

__all__ = ["Staff", "StaffMember", "add", "find", "list_all", "remove", "roles", "who_is"]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Who somebody on the list is, and what they may do."""

    id: int
    name: str
    role: str
    partner: str | None


_staff = columns_of(Staff)
_WHO_IS = select(_staff.id, _staff.name, _staff.role, _staff.partner).where(
    _staff.platform == bindparam("platform"), _staff.platform_id == bindparam("platform_id")
)
_FIND = select(Staff).where(
    col(Staff.platform) == bindparam("platform"), col(Staff.platform_id) == bindparam("platform_id")
)


def add(session: Session, *, platform: str, platform_id: str, name: str, role: str, partner: str | None) -> Staff:
    """Adds somebody, or changes who they are."""
    row = find(session, platform, platform_id) or Staff(
        platform=platform, platform_id=platform_id, name=name, role=role
    )
    row.name, row.role, row.partner = name, role, partner
    session.add(row)
    session.flush()
    return row


def find(session: Session, platform: str, platform_id: str) -> Staff | None:
    """Somebody by their id on a platform."""
    return session.execute(_FIND, {"platform": platform, "platform_id": platform_id}).scalar()


def who_is(session: Session, platform: str, platform_id: str) -> StaffMember | None:
    """Somebody by their id on a platform, to be asked about at every press and command."""
    row = session.connection().execute(_WHO_IS, {"platform": platform, "platform_id": platform_id}).first()
    return None if row is None else StaffMember(*row)


def list_all(session: Session) -> list[Staff]:
    """Everybody, by name."""
    return list(session.execute(select(Staff).order_by(col(Staff.name), col(Staff.id))).scalars())


def roles(session: Session, platform: str) -> list[str]:
    """The roles that anybody on a platform has, by name."""
    found = select(col(Staff.role)).where(col(Staff.platform) == platform).distinct()
    return sorted(session.execute(found).scalars())


def remove(session: Session, platform: str, platform_id: str) -> int | None:
    """Takes somebody off the list: which entry that was; None when they were not on it."""
    row = find(session, platform, platform_id)
    if row is None:
        return None
    session.execute(delete(Staff).where(col(Staff.id) == row.id))
    return row.id
