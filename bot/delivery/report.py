"""What a pass says of itself."""

from __future__ import annotations

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
