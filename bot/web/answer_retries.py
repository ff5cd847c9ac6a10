"""An answer is offered until its platform takes it: for as long as it certainly was not taken, and in the order of answers.

A platform that has had enough says for how long (429, `Retry-After`). Whoever asked has their answer then, late, and once: where
it may have been taken already it is not offered again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from bot.delivery.sender import SHORTEST_WAIT, NotSent

PATIENCE = 1800.0  # seconds: so long lasts Slack's address for answers, and who asked has asked again by then
SELDOM = 60.0  # seconds: at least so often it is offered where no time was asked for

Result = TypeVar("Result")


class Patience:
    """One platform's answers on their way. Those for one place go one after the other, so that none pushes in."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def until_taken(self, place: str, offer: Callable[[], Awaitable[Result]]) -> Result:
        """What `offer` gives, made again after `NotSent`. Raises what else it raises, and the last `NotSent` when patience ends."""
        by = time.monotonic() + PATIENCE
        lane = self._lanes.setdefault(place, asyncio.Lock())
        async with lane:
            return await self._until_taken(offer, by)

    async def _until_taken(self, offer: Callable[[], Awaitable[Result]], by: float) -> Result:
        least = SHORTEST_WAIT
        while True:
            try:
                return await offer()
            except NotSent as not_sent:
                wait = max(least, not_sent.retry_after or 0.0)
                if time.monotonic() + wait > by:
                    raise
            await self._sleep(wait)
            least = min(2 * least, SELDOM)
