"""Everybody's verdict and stage: in full, by others' means, day by day, and when nothing is due.

    python -m benchmarks.sweep [--people 100000] [--rounds 5] [--seed 7] [--keep FOLDER]

The caseload is `benchmarks.nation` on its day. A full sweep is a process of its own, from opening the database on; DuckDB and
Polars have the raw tables in memory already. A day is what a worker does next morning when a night's file has changed 2% of
the people and yesterday's messages have gone out: it reads these people again and plans everybody's messages, judging
whomever they could concern. A tick is one more pass after that.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import update
from sqlmodel import col

from benchmarks.loading import load
from benchmarks.measuring import Measured, Ratio, in_a_process, medians, seconds
from benchmarks.nation import TODAY, Nation
from benchmarks.raw import export
from bot.clock import Clock
from bot.delivery.worker import Worker
from core.changes import changing
from core.database.database import writing
from core.database.tables import ActivityRow, Place
from core.derived.installation import Installation
from core.posts.outbox import Message
from core.records import participant_rows
from core.services.everybody import sweep

CHANGED = 0.02
LOADED = "DuckDB and Polars start from tables in memory; the sweep from opening the database. DuckDB and Polars use every core."


def run(*, seed: int, quick: bool, people: int | None = None, rounds: int | None = None) -> list[Ratio]:
    """The rows of the table about sweeps."""
    nation = Nation(people=people or (10_000 if quick else 100_000), seed=seed)
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as folder:
        database, raw = Path(folder) / "npq.db", Path(folder) / "raw"
        installation = load(nation, database)
        export(database, nation.pack, raw)
        count = rounds or (3 if quick else 5)
        found = full(nation, database, raw, count, random.Random(seed))
        return found + daily(nation, installation, count)


def full(nation: Nation, database: Path, raw: Path, rounds: int, chance: random.Random) -> list[Ratio]:
    """The full sweep beside other means, in processes of their own, round by round."""
    runs: dict[str, list[Measured]] = defaultdict(list)
    for _ in range(rounds):
        order = ["ours", "duckdb", "polars"]
        chance.shuffle(order)
        for by in order:
            runs[by].append(in_a_process("benchmarks.references", by, str(database), str(raw)))
    few = max(1, round(2_000 * nation.partners / nation.people))
    objects = [
        in_a_process("benchmarks.references", "objects", str(database), str(raw), "--partners", str(few))
        for _ in range(min(3, rounds))
    ]
    ours, duckdb, polars = (medians(runs[by]) for by in ("ours", "duckdb", "polars"))
    judged_so = int(objects[0].printed.split("people ")[1])
    one_by_one = medians(objects).seconds / judged_so * nation.people
    sizes = f"{nation.people:,} people, {nation.activities_each} activities each"

    def against(name: str, theirs: float, limit: float) -> Ratio:
        said = f"{ours.seconds:.2f} / {theirs:.2f} s"
        return Ratio("full sweep: time", name, ours.seconds / theirs, limit, said=said, sizes=sizes, note=LOADED)

    return [
        against("DuckDB over the raw rows", duckdb.seconds, 0.8),
        against("Polars over the raw rows", polars.seconds, 1.2),
        Ratio(
            "full sweep: people a second",
            "SQLModel objects",
            one_by_one / ours.seconds,
            100,
            at_least=True,
            said=f"{nation.people / ours.seconds:,.0f} / {nation.people / one_by_one:,.0f}",
            sizes=sizes,
            note=f"SQLModel objects were timed on {judged_so:,} of the people.",
        ),
        Ratio("full sweep: peak memory", "150 MB", ours.peak_mb / 150, 1.0, said=f"{ours.peak_mb:.0f} MB", sizes=sizes),
    ]


def daily(nation: Nation, installation: Installation, rounds: int) -> list[Ratio]:
    """A worker's mornings beside full sweeps, in this process, in turns."""
    with writing(installation.engine) as session:
        partners = participant_rows.partners(session)
        session.add_all(
            Place(platform="slack", platform_id=f"C{n:05d}", delivery_partner=name) for n, name in enumerate(partners)
        )
    mornings = [datetime.combine(TODAY + timedelta(days=n), time(9), UTC) for n in range(rounds + 1)]
    clock = Turned(mornings[0])
    worker = Worker(installation, {}, clock)
    assert worker.one_pass() is not None  # it knows everybody from now on
    whole, days, ticks = [], [], []
    for number, morning in enumerate(mornings[1:], start=1):
        whole.append(seconds(partial(_swept, installation, morning.date())))
        _all_went_out(installation, mornings[number - 1])
        _a_night(installation, nation, number, morning)
        clock.turn(morning)
        days.append(seconds(partial(_morning, worker)))
        ticks += [seconds(worker.one_pass) for _ in range(5)]
    sizes = f"{nation.people:,} people, {len(partners)} channels, {CHANGED:.0%} of the people changed a night"
    full, day, tick = median(whole), median(days), median(ticks)
    return [
        Ratio(
            "a day: 2% changed, with planning",
            "full sweep",
            day / full,
            0.05,
            said=f"{day:.3f} / {full:.2f} s",
            sizes=sizes,
        ),
        Ratio(
            "a tick with nothing due",
            "full sweep",
            tick / full,
            0.005,
            said=f"{tick * 1000:.1f} ms / {full:.2f} s",
            sizes=sizes,
        ),
    ]


class Turned(Clock):
    """A clock that stands where it was last put."""

    def __init__(self, at: datetime) -> None:
        object.__setattr__(self, "frozen_at", at)

    def turn(self, to: datetime) -> None:
        """Puts it to another moment."""
        object.__setattr__(self, "frozen_at", to)


def _swept(installation: Installation, day: date) -> int:
    return sum(1 for _ in sweep(installation, day))


def _morning(worker: Worker) -> None:
    assert worker.one_pass() is not None


def _all_went_out(installation: Installation, at: datetime) -> None:
    """What was planned on one morning has gone out before the next."""
    with writing(installation.engine) as session:
        session.execute(update(Message).where(col(Message.state) == "planned").values(state="sent", sent_at=at))


def _a_night(installation: Installation, nation: Nation, number: int, at: datetime) -> None:
    """One activity more for 2% of the people, as an import would store it."""
    chance = random.Random(f"{nation.seed} night {number}")
    people = [nation.participant_id(n) for n in chance.sample(range(nation.people), round(CHANGED * nation.people))]
    with changing(installation, now=at) as change:
        enrolments = list(participant_rows.enrolments_of(change.session, people).values())
        change.session.add_all(
            ActivityRow(
                enrolment_id=one,
                block=1,
                component="Event survey",
                title=f"Survey {number}",
                credits=1,
                completed_on=TODAY,
            )
            for one in enrolments
        )
        change.imported(enrolments, registers=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs this part alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    for ratio in run(seed=chosen.seed, quick=False, people=chosen.people, rounds=chosen.rounds):
        print(ratio.line())


if __name__ == "__main__":
    main()
