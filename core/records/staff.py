"""Who may use the bot, by their id on a platform."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session, col

from core.records.tables import Staff

__all__ = ["Staff", "add", "find", "list_all", "remove"]

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


def list_all(session: Session) -> list[Staff]:
    """Everybody, by name."""
    return list(session.execute(select(Staff).order_by(col(Staff.name), col(Staff.id))).scalars())


def remove(session: Session, platform: str, platform_id: str) -> bool:
    """Takes somebody off the list; False when they were not on it."""
    row = find(session, platform, platform_id)
    if row is None:
        return False
    session.execute(delete(Staff).where(col(Staff.id) == row.id))
    return True
