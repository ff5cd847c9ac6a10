"""Two clocks, and leases and waits that are over as soon as either clock has left the span they were made for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import func, select
from sqlmodel import Session

LEASE = timedelta(seconds=15)  # longer than one call to a platform may take


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks, in UTC: the tick's and the real one."""

    now: datetime
    real: datetime


def real_time(session: Session) -> datetime:
    """The real clock as the database shows it: PostgreSQL's, by which all machines go, or this machine's; also in a rehearsal."""
    if session.get_bind().dialect.name == "postgresql":
        shown: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return shown
    return datetime.fromisoformat(session.execute(select(func.strftime("%Y-%m-%dT%H:%M:%f+00:00", "now"))).scalar_one())


def within(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    """Whether a moment lies in a span; in none when it has no ends."""
    return since is not None and until is not None and since <= at < until


def left(until: datetime | None, at: datetime) -> timedelta:
    """How long it still is; zero when it is past."""
    return max(until - at, timedelta(0)) if until is not None else timedelta(0)


class Leased(Protocol):
    """A row that somebody may hold for a while."""

    owner: str
    lease_since: datetime | None
    lease_until: datetime | None
    lease_since_real: datetime | None
    lease_until_real: datetime | None


def lease_from(moment: Moment) -> dict[str, datetime]:
    """The columns of a lease that begins now."""
    return {
        "lease_since": moment.now,
        "lease_until": moment.now + LEASE,
        "lease_since_real": moment.real,
        "lease_until_real": moment.real + LEASE,
    }


def lease_left(row: Leased, moment: Moment) -> timedelta:
    """How long somebody else's lease still runs; zero when nobody holds it any more.

    It may have begun just after this moment was read: only a clock that was set back by more than a lease's time is past it.
    """
    if not row.owner or not within(_before(row.lease_since), row.lease_until, moment.now):
        return timedelta(0)
    if not within(_before(row.lease_since_real), row.lease_until_real, moment.real):
        return timedelta(0)
    return min(left(row.lease_until, moment.now), left(row.lease_until_real, moment.real))


def _before(since: datetime | None) -> datetime | None:
    return None if since is None else since - LEASE
