"""Two clocks, and spans that are over as soon as either clock has left them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LEASE = timedelta(seconds=15)  # longer than one call to a platform may take


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks, in UTC: the tick's and the real one."""

    now: datetime
    real: datetime


def within(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    """Whether a moment lies in a span; in none when it has no ends."""
    return since is not None and until is not None and since <= at < until


def left(until: datetime | None, at: datetime) -> timedelta:
    """How long it still is; zero when it is past."""
    return max(until - at, timedelta(0)) if until is not None else timedelta(0)
