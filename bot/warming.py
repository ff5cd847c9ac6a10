"""Finishes the answers about everybody ahead of being asked, in the web process: after an import, at midnight, at the start.

It goes in small steps and rests as long as it works, so that whoever asks meanwhile hardly waits.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator

from bot.clock import Clock
from core.rules.calendar import london_day
from core.services.actors import Actor
from core.services.ahead import work_ahead
from core.services.enquiries import Case
from core.services.office import Office

LOOK_EVERY = 2.0  # seconds
AT_ONCE = 50  # people a step

log = logging.getLogger(__name__)


class Warmer:
    """One thread that keeps a process's memory warm."""

    def __init__(self, office: Office, clock: Clock, platform: str, finished: Callable[[Actor, Case], bytes]) -> None:
        """`finished`: an answer as the platform sends it."""
        self._office = office
        self._platform = platform
        self._finished = finished
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """While entered: keeps looking for what has yet to be worked out."""
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._catch_up()
            except Exception as error:
                # nobody waits for this; whoever asks is told what stands in the way
                log.info("nothing could be worked out ahead just now (%s)", type(error).__name__)
            self._stop.wait(LOOK_EVERY)

    def _catch_up(self) -> None:
        began, people = time.perf_counter(), 0
        today = london_day(self._clock.now())
        for count in work_ahead(self._office, today, AT_ONCE, self._platform, self._finished):
            people += count
            if self._stop.wait(time.perf_counter() - began):
                return
            began = time.perf_counter()
        if people:
            gc.collect()
            gc.freeze()  # what stays for long is not looked through again and again: that held up answers by 0.1 s
            log.info("worked out where %d people stand today", people)
