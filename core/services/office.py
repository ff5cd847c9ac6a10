"""What every service needs to work: where things are remembered, which pack rules, and this process's memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine

from core.services.memory import Memory
from reference.pack import Pack


@dataclass(frozen=True, eq=False)
class Office:
    """One installation's database and policy pack. Made once by whoever starts a process."""

    engine: Engine
    pack: Pack
    memory: Memory = field(default_factory=Memory)
