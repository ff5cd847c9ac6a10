"""The two clocks: the world's (which a rehearsal may freeze) and the real one (signatures, retry delays)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is for everything about the world: what is due, today, ages. `frozen_at`: from `NPQ_NOW`, aware."""

    frozen_at: datetime | None = None

    def now(self) -> datetime:
        """The moment by which things are due, in UTC."""
        return real_now() if self.frozen_at is None else self.frozen_at.astimezone(UTC)

    @property
    def rehearsal(self) -> bool:
        """Whether the clock is frozen: every message then says so."""
        return self.frozen_at is not None


def real_now() -> datetime:
    """The moment by the real clock, in UTC: for signature timestamps and retry delays only."""
    return datetime.now(UTC)
