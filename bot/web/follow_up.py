"""What goes on once somebody has their answer: further messages, and redrawing the posts that a decision concerns."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.conversation.requests import Done
from bot.faults import note
from bot.web.answering import Answering

Result = TypeVar("Result")

log = logging.getLogger(__name__)


class FollowUp:
    """One platform's work that nobody waits for, except who stops the process."""

    def __init__(self, answering: Answering, redraw_posts: Callable[[], None]) -> None:
        """`redraw_posts` is called in a thread of those that answer questions; never twice at once."""
        self._answering = answering
        self._redraw_posts = redraw_posts
        self._redrawing = asyncio.Lock()
        self._redraw_waits = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def do(self, work: Awaitable[Any]) -> None:
        """Begins this; it is kept hold of until it is done, and what goes wrong is noted."""

        async def noted() -> None:
            try:
                await work
            except Exception as error:
                note(error)

        self.begin(noted())

    def begin(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Begins what somebody waits for at first, and what goes on where they do so no longer."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def redraw(self, reply: object) -> None:
        """Has the posts that a decision concerns redrawn, on every platform; does nothing after any other reply."""
        if isinstance(reply, Done) and not self._redraw_waits:
            self._redraw_waits = True
            self.do(self._redraw_in_turn())

    async def finish(self, within: float) -> None:
        """Waits at most so many seconds for what is under way, and for what comes of it; gives up the rest, and says so."""
        by = time.monotonic() + within
        while self._tasks and (left := by - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if given_up := set(self._tasks):
            log.error(
                "answers and redrawn posts on their way, given up since this process was stopped: %d", len(given_up)
            )
            for task in given_up:
                task.cancel()
            await asyncio.wait(given_up, timeout=1)

    async def _redraw_in_turn(self) -> None:
        async with self._redrawing:
            self._redraw_waits = False
            await self._answering.in_a_thread(self._redraw_posts)
