"""The made-up caseload that every demo shows, brought in through the same doors as a real one."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.conversation.acts import BY_WORD
from core.rules.calendar import posting_time
from core.services import imports
from core.services.acts.recording import Deed
from core.services.installation import Installation
from core.services.staff.actors import Actor

CASELOAD = Path(__file__).parent / "caseload"
YOUR_PARTNER = "Pennine Teaching Partnership"


def rehearsal() -> datetime:
    """The moment at which the demo's clock stands still."""
    told = tomllib.loads((CASELOAD / "rehearsal.toml").read_text(encoding="utf-8"))
    return datetime.fromisoformat(told["now"]).astimezone(UTC)


def bring_in(installation: Installation, screen: Console, now: datetime) -> None:
    """Imports the caseload into an empty database, and records what staff decided earlier."""
    machine = Actor.console()
    files = sorted(CASELOAD.glob("*.csv"))
    report = imports.import_files(installation, machine, files, now=now)
    people = next(file.rows for file in report.files if file.kind == "participants")
    rows = sum(file.rows for file in report.files)
    screen.print(
        f"[green]✓[/green] Imported {people} participants and {rows - people} rows of reports from {len(files)} files."
    )
    told = tomllib.loads((CASELOAD / "decisions.toml").read_text(encoding="utf-8"))["decision"]
    for entry in told:
        _decide(installation, machine, entry)
    screen.print(f"[green]✓[/green] Recorded {len(told)} decisions that staff made earlier.")


def _decide(installation: Installation, machine: Actor, entry: dict[str, Any]) -> None:
    given = dict(entry)
    on = given.pop("on")
    who, deed = given.pop("who"), Deed(on, posting_time(installation.pack, on).astimezone(UTC), given.pop("by"))
    BY_WORD[given.pop("act")].do(installation, machine, who, deed, **given)
