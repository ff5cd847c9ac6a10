"""Finished answers in the web process: found at the question, and finished ahead of it after an import, at midnight, at the start.

What is finished is the reply to `status WHO`, drawn as its platform sends it. Making them goes in small steps and rests as long as
it works, so that whoever asks meanwhile hardly waits.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from bot.clock import Clock
from bot.conversation import entry
from bot.conversation.cards.card import Card
from bot.conversation.grammar import TypedCommand, parse
from bot.conversation.requests import Command
from core.rules.calendar import london_day
from core.services import finishing_answers
from core.services.enquiries import Case
from core.services.installation import Installation
from core.services.staff.actors import Actor

LOOK_EVERY = 2.0  # seconds
AT_ONCE = 50  # people a step

log = logging.getLogger(__name__)


def find(installation: Installation, command: Command, now: datetime) -> bytes | None:
    """The finished answer to `status WHO` where one is kept, permission checked now; None for everything else."""
    asked, origin = parse(installation.pack, command.text), command.origin
    if not isinstance(asked, TypedCommand) or asked.word != "status" or not asked.who or asked.output is not None:
        return None
    if origin.actor is not None:
        return None
    return finishing_answers.find(
        installation, origin.platform, origin.platform_id, origin.alias, asked.who, london_day(now)
    )


class Warmer:
    """One thread that keeps one platform's answers finished."""

    def __init__(self, installation: Installation, clock: Clock, platform: str, drawn: Callable[[Card], bytes]) -> None:
        """`drawn`: a card as the platform sends it."""
        self._installation = installation
        self._platform = platform
        self._drawn = drawn
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
        for count in finishing_answers.finish(self._installation, today, self._platform, AT_ONCE, self._answer):
            people += count
            if self._stop.wait(time.perf_counter() - began):
                return
            began = time.perf_counter()
        if people:
            gc.collect()
            gc.freeze()  # what stays for long is not looked through again and again: that held up answers by 0.1 s
            log.info("worked out where %d people stand today", people)

    def _answer(self, actor: Actor, case: Case) -> bytes:
        return self._drawn(entry.card_about(self._installation, actor, case))
