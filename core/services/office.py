"""What every service needs to work: where things are remembered, and which pack rules."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from reference.pack import Pack


@dataclass(frozen=True, eq=False)
class Office:
    """One installation's database and policy pack. Made once by whoever starts a process."""

    engine: Engine
    pack: Pack
