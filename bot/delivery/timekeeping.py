"""Time as one pass sees it: the moment it was asked for, running on from there, and the real clock beside it."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import real_now
from core.records.outbox import Moment


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
    """

    def __init__(self, now: datetime, stop: threading.Event | None = None, *, frozen: bool = False) -> None:
        self._now = now
        self._frozen = frozen
        self._began = time.monotonic()
        self._stop = stop or threading.Event()

    def moment(self) -> Moment:
        """Now, on both clocks."""
        passed = 0.0 if self._frozen else time.monotonic() - self._began
        return Moment(self._now + timedelta(seconds=passed), real_now())

    def wait(self, seconds: float) -> None:
        """Lets real time pass; comes back early when asked to stop."""
        self._stop.wait(seconds)

    @property
    def stopping(self) -> bool:
        """Whether the process is to end."""
        return self._stop.is_set()
