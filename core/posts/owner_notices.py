"""Who is to be told that a channel takes no posts, once for each trouble, and whether they were.

The unique key says who, which channel, since when and why: a trouble that is met again adds nothing. What is being told
is written down first; whoever dies meanwhile leaves it so, and it is not told again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import CursorResult, or_, select, update
from sqlmodel import Session, col

from core.database.tables import Notice, Place, Staff
from core.database.upserts import insert_into

__all__ = ["Notice", "add", "any_lost", "begin", "due", "finish", "give_up_lost", "put_off", "supersede"]

MOST_AT_ONCE = 20  # troubles told in one message
LOST = timedelta(minutes=1)  # by the real clock: longer than telling somebody takes


def add(session: Session, concerned: Sequence[Place], *, channel: str, reason: str, trouble: str) -> None:
    """Notes whom to tell that a channel takes no posts: the owner of each binding while on the staff, else administrators."""
    for place in concerned:
        for owner in _owner(session, place) or _administrators(session, place):
            values = {
                "platform": place.platform,
                "channel": channel,
                "owner": owner,
                "reason": reason,
                "trouble": trouble,
                "unwell_since": place.unwell_since,
                "state": "planned",
                "token": "",
            }
            session.execute(insert_into(session, Notice).values(**values).on_conflict_do_nothing())


def supersede(session: Session, platform: str, channel: str) -> None:
    """Whoever has not been told of a channel's trouble yet need not be."""
    matches = (col(Notice.platform) == platform, col(Notice.channel) == channel, col(Notice.state) == "planned")
    session.execute(update(Notice).where(*matches).values(state="superseded"))


def due(session: Session, platforms: Sequence[str], now: datetime) -> list[list[Notice]]:
    """What is to be told at a moment: for each person one list."""
    wanted = (
        select(Notice)
        .where(
            col(Notice.state) == "planned",
            col(Notice.platform).in_(platforms),
            or_(col(Notice.retry_at).is_(None), col(Notice.retry_at) <= now),
        )
        .order_by(col(Notice.id))
    )
    found: dict[tuple[str, str], list[Notice]] = {}
    for notice in session.execute(wanted).scalars():
        told = found.setdefault((notice.platform, notice.owner), [])
        if len(told) < MOST_AT_ONCE:
            told.append(notice)
    return list(found.values())


def begin(session: Session, notices: Sequence[Notice], real: datetime) -> tuple[str, list[Notice]]:
    """Takes those that nobody else has taken: they are being told from now on. Gives their common token, and which."""
    token = uuid4().hex
    ids = [notice.id for notice in notices]
    taken = update(Notice).where(col(Notice.id).in_(ids), col(Notice.state) == "planned")
    session.execute(taken.values(state="sending", token=token, begun_at=real))
    mine = select(Notice).where(col(Notice.token) == token).order_by(col(Notice.id))
    return token, list(session.execute(mine.execution_options(populate_existing=True)).scalars())


def finish(session: Session, token: str, state: str, at: datetime | None = None) -> None:
    """They were told (`sent`), or nobody knows (`held`): not again either way."""
    session.execute(update(Notice).where(_being_told(token)).values(state=state, sent_at=at))


def put_off(session: Session, token: str, until: datetime) -> None:
    """They were certainly not told: another try from then on."""
    session.execute(update(Notice).where(_being_told(token)).values(state="planned", token="", retry_at=until))


def any_lost(session: Session, real: datetime) -> bool:
    """Whether somebody began to tell something and did not bring it to an end."""
    return session.execute(select(col(Notice.id)).where(*_lost(real)).limit(1)).first() is not None


def give_up_lost(session: Session, real: datetime) -> int:
    """What somebody began to tell and did not bring to an end may have arrived: it is not told again."""
    done = session.execute(update(Notice).where(*_lost(real)).values(state="held"))
    return cast("CursorResult[Any]", done).rowcount


def _lost(real: datetime) -> tuple[Any, ...]:
    return (col(Notice.state) == "sending", col(Notice.begun_at) < real - LOST)


def _being_told(token: str) -> Any:
    return (col(Notice.token) == token) & (col(Notice.state) == "sending")


def _owner(session: Session, place: Place) -> list[str]:
    there = select(col(Staff.platform_id)).where(
        col(Staff.platform) == place.platform, col(Staff.platform_id) == place.owner
    )
    return list(session.execute(there).scalars())


def _administrators(session: Session, place: Place) -> list[str]:
    """Those on the staff list who may change where posts go, and see this Delivery Partner."""
    wanted = select(col(Staff.platform_id)).where(
        col(Staff.platform) == place.platform,
        col(Staff.role) == "administrator",
        or_(col(Staff.partner).is_(None), col(Staff.partner) == place.delivery_partner),
    )
    return list(session.execute(wanted.order_by(col(Staff.id))).scalars())
