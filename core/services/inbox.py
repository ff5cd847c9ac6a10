"""Messages to the bot that were taken already: a platform delivers again what it is not sure of."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from core.derived.office import Office
from core.records import inbound
from core.records.database import writing


class Delivered(Protocol):
    """What came in, by the platform's own id."""

    @property
    def platform(self) -> str:
        """The platform's name."""

    @property
    def event_id(self) -> str:
        """The platform's own id of it."""


def first_time(office: Office, delivered: Delivered, *, now: datetime) -> bool:
    """Notes a message; False when it was noted before, by any process."""
    with writing(office.engine) as session:
        return inbound.first_time(session, delivered.platform, delivered.event_id, now)
