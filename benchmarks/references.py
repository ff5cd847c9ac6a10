"""Everybody's verdict by other means, from the same database: what a sweep is measured against and checked by.

    python -m benchmarks.references ours|duckdb|polars|objects DATABASE FOLDER [--partners N] [--verdicts FILE] [--pack PACK]

Each run is a process of its own and prints the seconds of the sweep alone: `ours` with opening the database; DuckDB and
Polars with their tables loaded beforehand; `objects` (one SQLModel object per row) for the
first N Delivery Partners only, with how many people that were.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.measuring import own_peak
from benchmarks.nation import TODAY
from reference.loading import load_pack
from reference.pack import Pack

Verdicts = dict[
    str, tuple[int, str]
]  # by participant: current output and its verdict; nobody whose outputs are all declared


def ours(database: Path, pack: Pack, day: date) -> tuple[float, Iterable[Any]]:
    """The sweep over progress records; what it says is let go of at once."""
    from benchmarks.loading import installation_of
    from core.services.everybody import sweep

    began = time.perf_counter()
    verdicts = [
        (at.participant_id, at.position.output, at.position.verdict)
        for at in sweep(installation_of(database, pack), day)
        if at.position is not None
    ]
    return time.perf_counter() - began, verdicts


def duckdb(folder: Path, day: date) -> tuple[float, Iterable[Any]]:
    """One statement over the raw tables, into a table; loading them is not counted."""
    import duckdb as engine

    from benchmarks.raw import COLUMNS, PACK_COLUMNS

    database = engine.connect()
    for table in (*COLUMNS, *PACK_COLUMNS):
        database.execute(f"CREATE TABLE {table} AS FROM read_parquet('{folder / table}.parquet')")
    statement = Path(__file__).with_name("verdicts.sql").read_text(encoding="utf-8")
    began = time.perf_counter()
    database.execute(f"CREATE TABLE verdicts AS {statement}", {"day": day})
    took = time.perf_counter() - began
    return took, database.execute("FROM verdicts").fetchall()


def polars(folder: Path, day: date) -> tuple[float, Iterable[Any]]:
    """Expressions over the raw frames; loading them is not counted."""
    from benchmarks.frames import load, verdicts

    frames = load(folder)
    began = time.perf_counter()
    found = verdicts(frames, day)
    return time.perf_counter() - began, found.rows()


def objects(database: Path, pack: Pack, day: date, partners: int) -> tuple[float, Iterable[Any]]:
    """A SQLModel object for every row, then every rule: as one would write it first."""
    from benchmarks.loading import installation_of
    from benchmarks.objects import participants
    from core.database.database import reading
    from core.rules.standing import standing

    found = []
    began = time.perf_counter()
    with reading(installation_of(database, pack).engine) as session:
        for participant in participants(session, partners):
            at = standing(pack, participant, day)
            verdict = next((o.verdict for o in at.outputs if o.output == at.current_output), None)
            found.append((at.participant_id, at.current_output, verdict))
    return time.perf_counter() - began, found


def read(path: Path) -> Verdicts:
    """Verdicts as a run wrote them down."""
    with path.open(newline="", encoding="utf-8") as file:
        return {ident: (int(output), verdict) for ident, output, verdict in csv.reader(file) if output}


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("by", choices=["ours", "duckdb", "polars", "objects"])
    parser.add_argument("database", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--partners", type=int, default=2)
    parser.add_argument("--verdicts", type=Path)
    parser.add_argument("--pack", default="edt-v18", help="of the sweep: its name, or its folder")
    chosen = parser.parse_args()
    pack = load_pack(chosen.pack)
    if chosen.by == "ours":
        took, found = ours(chosen.database, pack, TODAY)
    elif chosen.by == "duckdb":
        took, found = duckdb(chosen.folder, TODAY)
    elif chosen.by == "polars":
        took, found = polars(chosen.folder, TODAY)
    else:
        took, found = objects(chosen.database, pack, TODAY, chosen.partners)
    listed = list(found)
    print(f"seconds {took}")
    print(f"megabytes {own_peak()}")
    print(f"people {len(listed)}")
    if chosen.verdicts:
        with chosen.verdicts.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(listed)


if __name__ == "__main__":
    main()
