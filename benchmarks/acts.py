"""What an act costs: an extension with all that follows from it, beside the least that any write costs. In turns."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import text

from benchmarks.loading import load
from benchmarks.measuring import Ratio
from benchmarks.nation import TODAY, Nation
from core.database.database import writing
from core.services.acts import extension
from core.services.acts.recording import Deed
from core.services.everybody import Swept, sweep
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff.actors import Actor

CONSOLE = Actor.console("bench")
WORK = 2.0  # milliseconds of processor time that an act may take


def run(*, people: int, rounds: int, seed: int) -> list[Ratio]:
    """The two rows of the table about acts."""
    nation = Nation(people=people, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        installation = load(nation, Path(folder) / "npq.db")
        try:
            return _measured(installation, rounds, random.Random(seed), f"{people:,} participants, SQLite")
        finally:
            installation.engine.dispose()


def _measured(installation: Installation, rounds: int, chance: random.Random, sizes: str) -> list[Ratio]:
    now = datetime.combine(TODAY, clock_time(9), UTC)
    near = ("not_due", "pre_review", "window", "contact", "removal_review")
    people = [one for one in sweep(installation, TODAY) if one.position and one.position.stage in near]
    until = TODAY + timedelta(days=90)

    def extend(one: Swept) -> None:
        assert one.position is not None
        deed, output = Deed(TODAY, now), one.position.output
        extension.extend(installation, CONSOLE, one.participant_id, deed, output=output, until=until, reason="workload")

    acts: list[float] = []
    writes: list[float] = []
    chance.shuffle(people)
    for one in people:
        if len(acts) == rounds:
            break
        with suppress(Refusal):  # whose review is too far ahead
            acts.append(_work(partial(extend, one)))
            writes.append(_work(partial(_least, installation)))
    act, least = 1000 * median(acts), 1000 * median(writes)
    said = f"{act:.2f} ms of work"
    return [
        Ratio("an extension, with all that follows", f"{WORK:g} ms", act / WORK, 1.0, said=said, sizes=sizes),
        Ratio("the same", "an UPDATE of one row", act / least, 25, said=f"{act:.2f} / {least:.2f} ms", sizes=sizes),
    ]


def _least(installation: Installation) -> None:
    with writing(installation.engine) as session:
        session.execute(text("UPDATE progress_basis SET basis = basis"))


def _work(do: Callable[[], None]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began
