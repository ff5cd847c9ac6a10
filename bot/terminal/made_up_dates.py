"""The made-up dates of every demo, put in as `npq pack dates FILE --to FOLDER` does: into a copy, never into the shipped pack."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console

from bot.cli.pack_dates.dates_target import DatesTarget
from core.rules.calendar import in_words, london_day
from core.services import dates_given
from reference.dated_outputs import changes
from reference.loading import folder_of, load_pack

PACK = "npq"
DATES = Path(__file__).parent / "made_up_dates.csv"
COPY = "npq-with-made-up-dates"


def put_in(folder: Path, screen: Console, now: datetime) -> Path:
    """Makes a copy of the pack in this folder, with the made-up dates in it, and says so; gives the copy's own folder."""
    today = london_day(now)
    target = DatesTarget(folder_of(PACK), folder / COPY, load_pack(PACK))
    target.require(dry_run=False)
    read = dates_given.dates_in_file(DATES, target.used, today)
    before, after, with_dates = target.files(read, f"{DATES.name}, {in_words(today)}")
    target.write(before, after)
    new = len(changes(target.used, with_dates))
    screen.print(
        f"[green]✓[/green] Put {new} made-up dates ({DATES.name}) into a copy of the pack {PACK}, as `npq pack dates` does: "
        "DfE publishes no review dates, yours come from your lead provider. Some are left out, as not everybody's are "
        "known yet."
    )
    return folder / COPY
