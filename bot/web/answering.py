"""Puts what was asked to the conversation: at once where that is quickest, else in a thread; whatever breaks becomes a sentence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

from bot.clock import Clock
from bot.conversation import entry
from bot.conversation.requests import Command, Reply, Request
from bot.faults import OUR_FAULT, note
from bot.web import quick_answers
from core.services.installation import DatabaseBusy, DatabaseRefused, Installation
from core.services.repeated_deliveries import Delivered, first_times, forget

HANDS = 4  # threads that services run in
NOTED_WITHIN = (
    0.1  # seconds that an answer which is ready waits to be noted: an import may hold the database for longer
)
log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence instead of a reply: what stands in the way."""

    sentence: str


Answer: TypeAlias = Reply | Said
Drawn: TypeAlias = bytes  # an answer that is drawn already, as the platform takes it


class Answering:
    """Asks on behalf of whoever sent a request."""

    def __init__(self, installation: Installation, clock: Clock, not_ready: Callable[[], str | None]) -> None:
        """`not_ready` gives the sentence that says why nothing can be answered."""
        self._installation = installation
        self._clock = clock
        self._not_ready = not_ready
        self._ready = False
        self._embedded = installation.embedded
        self._to_note: list[tuple[Delivered, asyncio.Future[bool]]] = []
        self._noting: asyncio.Task[None] | None = None
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="answering")

    def close(self) -> None:
        """Begins nothing more."""
        self._hands.shutdown(wait=False, cancel_futures=True)

    async def in_a_thread(self, work: Callable[[], Result]) -> Result:
        """Does something else that takes a while where questions are answered too."""
        return await asyncio.get_running_loop().run_in_executor(self._hands, work)

    def at_once(self, command: Command) -> Answer | Drawn | None:
        """An answer that takes a millisecond at most, where handing it to a thread and back would take longer; else None."""
        if not (self._ready and self._embedded):
            return None
        try:
            if (drawn := quick_answers.find(self._installation, command, self._clock.now())) is not None:
                return drawn
            return self._ask(command) if entry.takes_no_time(self._installation, command) else None
        except Exception as error:
            return self._broken(error)

    async def answer(self, request: Request) -> Answer:
        """The reply; a sentence when the database is not ready or something breaks."""
        return await self._answered(partial(self._ask, request))

    async def answer_or_kept(self, command: Command) -> Answer | Drawn:
        """As `answer`; where it is drawn already, that."""
        return await self._answered(partial(self._find_or_ask, command))

    async def answer_once(self, command: Command) -> Answer | None:
        """As `answer`; None when this very message was delivered before, to whichever process."""
        return await self._answered(partial(self._ask_once, command))

    async def first(self, delivered: Delivered, within: float) -> bool:
        """Notes what was delivered; False when it was before, to whichever process. Where it cannot be noted, or not `within` so many
        seconds, it is taken for new: a second answer is better than none.
        """
        if not delivered.event_id:
            return True
        noted = asyncio.get_running_loop().create_future()
        self._to_note.append((delivered, noted))
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._note_all())
        await asyncio.wait({noted}, timeout=within)
        return not noted.done() or noted.result()

    async def _note_all(self) -> None:
        """What comes while some is being noted is noted next, together: each by itself would wait for a disk of its own."""
        while self._to_note:
            noting, self._to_note = self._to_note, []
            found = await self.in_a_thread(partial(self._first_times, [delivered for delivered, _ in noting]))
            for (_, noted), first in zip(noting, found, strict=True):
                noted.set_result(first)

    async def forget(self, delivered: Delivered) -> None:
        """Lets go of what was noted, where nothing came of it."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._hands, forget, self._installation, delivered)
        except Exception as error:
            log.info("what came to nothing stays noted (%s)", type(error).__name__)

    def _first_times(self, delivered: Sequence[Delivered]) -> list[bool]:
        try:
            if self._trouble() is None:
                return first_times(self._installation, delivered, now=self._clock.now())
        except Exception as error:
            log.info("what came is not noted (%s)", type(error).__name__)
        return [True] * len(delivered)

    async def _answered(self, asks: Callable[[], Result]) -> Result | Said:
        """Asks in a thread; whatever breaks becomes a sentence."""
        try:
            return await self.in_a_thread(asks)
        except Exception as error:
            return self._broken(error)

    def _broken(self, error: Exception) -> Said:
        if isinstance(error, DatabaseBusy):
            return Said(str(error))
        self._ready = False
        if isinstance(error, DatabaseRefused):
            log.error("cannot answer: %s", error)
            return _in_the_way(str(error))
        try:
            trouble = self._trouble()  # another version's tables, say, which no question can be put to
        except DatabaseRefused as refused:
            trouble = _in_the_way(str(refused))
        return trouble or Said(f"{OUR_FAULT} “{note(error)}”.")

    def _find_or_ask(self, command: Command) -> Answer | Drawn:
        drawn = quick_answers.find(self._installation, command, self._clock.now()) if self._ready else None
        return self._ask(command) if drawn is None else drawn

    def _ask_once(self, command: Command) -> Answer | None:
        if (trouble := self._trouble()) is not None:
            return trouble
        known = command.origin.event_id and not self._first_times([command.origin])[0]
        return None if known else self._ask(command)

    def _ask(self, request: Request) -> Answer:
        return self._trouble() or entry.answer(self._installation, request, now=self._clock.now())

    def _trouble(self) -> Said | None:
        """Why nothing can be answered yet; looked at until it can."""
        if not self._ready:
            reason = self._not_ready()
            if reason is not None:
                return _in_the_way(reason)
            self._ready = True
        return None


def _in_the_way(reason: str) -> Said:
    return Said(f"I can't answer just now. {reason} (For whoever runs this bot.)")
