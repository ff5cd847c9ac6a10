"""Time as one pass sees it: the moment it was asked for, running on from there, and the real clock beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import real_now
from core.posts.outbox import Moment
from core.services.installation import Installation, server_time


class Timekeeper(Protocol):
    """Tells the time on both clocks and waits, unless asked to stop."""

    def moment(self) -> Moment:
        """Now, on both clocks."""

    def wait(self, seconds: float) -> None:
        """Lets time pass; comes back early when asked to stop."""

    @property
    def stopping(self) -> bool:
        """Whether whoever waits is to come to an end."""


class PassTime:
    """A pass that was asked for at `now` (aware): its own clock starts there and runs on, however long ago that is.

    `frozen`: a rehearsal's clock stands still instead, so that what people decide at the same moment is not older.
    `behind`: how far this machine's real clock is behind the one that all processes go by.
    """

    def __init__(
        self,
        now: datetime,
        stop: threading.Event | None = None,
        *,
        frozen: bool = False,
        behind: timedelta = timedelta(0),
    ) -> None:
        self._now = now
        self._behind = behind
        self._frozen = frozen
        self._began = time.monotonic()
        self._stop = stop or threading.Event()

    def moment(self) -> Moment:
        """Now, on both clocks."""
        passed = 0.0 if self._frozen else time.monotonic() - self._began
        return Moment(self._now + timedelta(seconds=passed), real_now() + self._behind)

    def wait(self, seconds: float) -> None:
        """Lets real time pass; comes back early when asked to stop."""
        self._stop.wait(seconds)

    @property
    def stopping(self) -> bool:
        """Whether the process is to end."""
        return self._stop.is_set()


class Since:
    """How long ago this was made, by the clock that says more: one stands still while a machine sleeps, one may be set."""

    def __init__(self, keeper: Timekeeper) -> None:
        self._keeper = keeper
        self._real = keeper.moment().real
        self._steady = time.monotonic()

    def seconds(self) -> float:
        return max(time.monotonic() - self._steady, (self._keeper.moment().real - self._real).total_seconds())

    def within(self, limit: float) -> Callable[[], bool]:
        """Tells, whenever asked, whether no more than so many seconds have passed."""
        return lambda: self.seconds() <= limit


def pass_time(
    installation: Installation, now: datetime, stop: threading.Event | None = None, *, frozen: bool = False
) -> PassTime:
    """A pass's time whose real clock is the database server's: leases hold between machines whose clocks differ."""
    before = real_now()
    theirs = server_time(installation.engine)
    ours = before + (real_now() - before) / 2
    return PassTime(now, stop, frozen=frozen, behind=timedelta(0) if theirs is None else theirs - ours)
