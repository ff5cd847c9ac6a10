"""What a pass says of itself."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one pass did. `waiting`: messages that have yet to go out; `troubles`: one line for each thing refused."""

    planned: int = 0
    superseded: int = 0
    sent: int = 0
    updated: int = 0
    waiting: int = 0
    held: int = 0
    failed: int = 0
    troubles: tuple[str, ...] = ()


class TickTally:
    """What a pass has done so far; several threads count at once."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()

    def count(self, what: str, more: int = 1) -> None:
        """Counts something by the report's name for it."""
        with self._counting:
            self._counts[what] += more

    def report(self, planned: int, waiting: Mapping[str, int], senders: Collection[str]) -> TickReport:
        """The report; `waiting` by platform, of which those without a sender are not set up here."""
        for platform, count in sorted(waiting.items()):
            if platform not in senders:
                self.troubles.append(f"{platform}: not set up here, so {count} of its messages wait.")
        return TickReport(planned=planned, waiting=sum(waiting.values()), troubles=tuple(self.troubles), **self._counts)
