"""The scheduler process: a pass at once, then one every few seconds until it is told to stop.

APScheduler only ticks: UTC, in memory, coalesced, never two passes at once, no business time in a trigger.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

from bot.clock import Clock, real_now
from bot.delivery.edited_pack import on_edited_pack
from bot.delivery.one_pass import tick
from bot.delivery.pass_time import pass_time
from bot.delivery.sender import Sender
from bot.delivery.tick_report import TickReport
from core.posts.content import Caseloads
from core.services import packs_in_use
from core.services.installation import DatabaseRefused, Installation, require_head
from reference.pack_folder import PackFolder

log = logging.getLogger(__name__)

EVERY = 8.0  # seconds from the start of one pass to the next
LONGEST_PASS = 20.0  # seconds: what is left then goes to the next pass, which plans afresh
LOOK = 0.2  # seconds after which one looks again whether SIGTERM has come
SILENCE = 60.0  # seconds without an answer from PostgreSQL, after which a connection is given up
GRACE = 4.0  # seconds that a pass gets to come to an end after SIGTERM


class Worker:
    """One scheduler process's passes. `stop` ends the one that is running between two steps.

    `pack_folder`: where its pack comes from, and an edited one between two passes; None: it keeps the one it has.
    """

    def __init__(
        self,
        installation: Installation,
        senders: Mapping[str, Sender],
        clock: Clock,
        pack_folder: PackFolder | None = None,
    ) -> None:
        self._installation = installation
        self._senders = senders
        self._clock = clock
        self._pack_folder = pack_folder
        self._pack_noted = False
        self._cases = Caseloads(installation)
        self._idle = threading.Event()
        self._idle.set()
        self.stop = threading.Event()

    def one_pass(self) -> TickReport | None:
        """One pass; None when it could not be done. Whatever goes wrong is one log line, and the next pass comes."""
        if self.stop.is_set():
            return None
        self._idle.clear()
        try:
            require_head(self._installation.engine)  # a newer version may have brought it up to date meanwhile
            self._look_at_pack()
            now = self._clock.now()
            report = tick(
                self._installation,
                self._senders,
                now,
                rehearsal=self._clock.rehearsal,
                timekeeper=pass_time(self._installation, now, self.stop, frozen=self._clock.rehearsal),
                limit=LONGEST_PASS,
                cases=self._cases,
            )
        except DatabaseRefused as refused:
            log.warning("this pass came to nothing; the next one tries again: %s", refused)
            return None
        except Exception as error:
            # the error's own text might hold what was being written
            log.error("this pass failed (%s); the next one tries again", type(error).__name__)
            return None
        finally:
            self._idle.set()
        if report.planned or report.superseded or report.sent or report.updated or report.held or report.failed:
            log.info(
                "planned %d, superseded %d, sent %d, updated %d, held %d, failed %d, waiting %d",
                report.planned,
                report.superseded,
                report.sent,
                report.updated,
                report.held,
                report.failed,
                report.waiting,
            )
        return report

    def _look_at_pack(self) -> None:
        """Goes on by an edited pack, with nothing kept of what rests on the one before; notes which one it uses."""
        if self._pack_folder is None:
            return
        if (edited := on_edited_pack(self._installation, self._pack_folder)) is not None:
            self._installation, self._cases, self._pack_noted = edited, Caseloads(edited), False
        if not self._pack_noted:
            place = self._pack_folder.place
            self._pack_noted = packs_in_use.note(self._installation, "worker", place, at=real_now())

    def passes(self) -> None:
        """A pass, and further ones for as long as each had to leave something to the next."""
        began = time.monotonic()
        while self.one_pass() is not None and time.monotonic() - began >= LONGEST_PASS:
            began = time.monotonic()

    def finished(self, within: float) -> bool:
        """Waits for the running pass to end; False when it has not within so many seconds."""
        return self._idle.wait(within)


def run(
    installation: Installation, senders: Mapping[str, Sender], clock: Clock, pack_folder: PackFolder | None = None
) -> None:
    """Works until SIGTERM or SIGINT, and is gone within six seconds of it, also in the middle of a pass.

    A post that is being sent at that moment stays written down as such: the next process looks before it sends again.
    Does not come back when a pass would not end in time.
    """
    worker = Worker(installation, senders, clock, pack_folder)
    asked_to_end = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, asked_to_end)  # also for the scheduler's threads
    log.info("the worker has started")
    try:
        scheduler = ticking(worker)
        while not told(asked_to_end, EVERY):
            keep_ticking(scheduler)
        worker.stop.set()
        scheduler.shutdown(wait=False)
        if not worker.finished(GRACE):
            log.warning("the worker ends in the middle of a pass; the next one takes it from there")
            logging.shutdown()
            os._exit(0)
        log.info("the worker has ended")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def told(signals: Set[signal.Signals], within: float) -> bool:
    """Waits so many seconds for one of these signals, which are blocked; whether one has come.

    Not by `sigtimedwait`: whose time runs out while the process is suspended is given a signal that nobody has sent.
    """
    until = time.monotonic() + within
    while not signals & signal.sigpending():
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK)
    signal.sigwait(signals)
    return True


def keep_ticking(scheduler: BaseScheduler) -> None:
    """Brings the next pass near again after the real clock was set back: it would wait until the clock is there anew."""
    now = datetime.now(UTC)
    for job in scheduler.get_jobs():
        if job.next_run_time > now + timedelta(seconds=2 * EVERY):
            log.warning("the clock was set back; the next pass comes at once")
            job.modify(next_run_time=now)


def ticking(worker: Worker) -> BackgroundScheduler:
    """A scheduler that has started: a pass of this worker's at once, then one every few seconds."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it would say so whenever a long pass overlaps the next
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        worker.passes,
        "interval",
        seconds=EVERY,
        next_run_time=datetime.now(UTC),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler
