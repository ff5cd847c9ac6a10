"""Messages to the bot that were taken already: a platform delivers again what it is not sure of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.database.database import writing
from core.derived.installation import Installation
from core.records import handled_events


class Delivered(Protocol):
    """What came in, by the platform's own id."""

    @property
    def platform(self) -> str:
        """The platform's name."""

    @property
    def event_id(self) -> str:
        """The platform's own id of it."""


def first_times(installation: Installation, delivered: Sequence[Delivered], *, now: datetime) -> list[bool]:
    """Notes messages, several at the price of one; False for each that was noted before, by any process."""
    with writing(installation.engine) as session:
        return [handled_events.first_time(session, each.platform, each.event_id, now) for each in delivered]


def forget(installation: Installation, delivered: Delivered) -> None:
    """Lets go of a message that was not answered after all: delivered again, it comes for the first time."""
    with writing(installation.engine) as session:
        handled_events.forget(session, delivered.platform, delivered.event_id)
