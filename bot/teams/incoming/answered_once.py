"""Each activity is answered once, however often it is delivered, and to whichever process.

What certainly came to nothing is let go of again: delivered once more, as after a restart, it is answered.
"""

from __future__ import annotations

import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.teams import decode
from bot.teams.tell_person import Trail
from bot.web.answering import Answering
from core.services.acts.recording import EventRef

MOST_REMEMBERED = 4096  # activities that need not be looked up

log = logging.getLogger(__name__)


class Once:
    """Remembers what came: in this process, and in the database for every other."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._seen: OrderedDict[str, None] = OrderedDict()

    @contextlib.asynccontextmanager
    async def here(self, given: Mapping[str, Any], event_id: str = "") -> AsyncIterator[Trail | None]:
        """While entered: an activity is answered, leaving a trail; None when this process has seen it before.

        `event_id`: as what the database knows it, to let go of it there too where the trail stays empty.
        """
        key = decode.identity(given)
        if key in self._seen:
            self.came_before(given)
            yield None
            return
        if key:
            self._seen[key] = None
            if len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        trail = Trail()
        try:
            yield trail
        finally:
            if not trail.anything and key:
                self._seen.pop(key, None)
                await self._answering.forget(EventRef("teams", event_id or key))

    def came_before(self, given: Mapping[str, Any]) -> None:
        """Says so in the log."""
        log.info("an activity from Teams is left alone: it came before (%.60r)", given.get("id"))
