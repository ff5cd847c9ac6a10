"""Each way of getting a file's rows into a database, as a process of its own: `benchmarks.imports` compares them.

    python -m benchmarks.ways_in import|cli|driver|objects|openpyxl|copy TARGET FILE … [--pack edt-v18]

TARGET is a SQLite file, or PostgreSQL's address. Prints the seconds that the import alone took, and the process's peak memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.caseloads import HEADERS
from benchmarks.measuring import own_peak

KEPT = ("credits", "completed_on", "logged_by")
TYPES = ", ".join(f"{name} {'INTEGER' if name in ('block', 'credits') else 'TEXT'}" for name in HEADERS["activities"])
OWN = ", ".join(HEADERS["activities"][1:])  # a row's participant is stored as their enrolment
INSERT = (
    f"INSERT INTO activities (enrolment_id, {OWN}) SELECT id, {OWN} FROM given JOIN enrolments "
    "ON enrolments.participant_id = given.participant_id"
)
UPSERT = (
    f"{INSERT} WHERE true ON CONFLICT (enrolment_id, block, component, title) "
    f"DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in KEPT)}"
)


def _do_task(name: str, target: str, files: Sequence[Path], pack: str) -> dict[str, float]:
    tasks: dict[str, Callable[[str, Sequence[Path]], float]] = {
        "import": partial(_import, pack),
        "cli": _import_by_program,
        "driver": _import_by_driver,
        "objects": _add_objects,
        "openpyxl": _read_by_openpyxl,
        "copy": _copy_and_insert,
    }
    seconds = tasks[name](target, files)
    return {"seconds": seconds, "megabytes": own_peak()}


def _import(pack: str, target: str, files: Sequence[Path]) -> float:
    from core.database.database import migrate, open_database
    from core.derived.installation import Installation
    from core.services.imports import import_files
    from core.services.staff.actors import Actor
    from reference.loading import load_pack

    engine = open_database(target if "://" in target else f"sqlite:///{target}")
    migrate(engine)
    installation = Installation(engine, load_pack(pack))
    start = time.perf_counter()
    report = import_files(installation, Actor.console("benchmark"), files, now=datetime.now(UTC))
    taken = time.perf_counter() - start
    assert report.written
    engine.dispose()
    return taken


def _import_by_program(target: str, files: Sequence[Path]) -> float:
    script = (
        f"PRAGMA synchronous=FULL;\nBEGIN;\nCREATE TEMP TABLE given ({TYPES});\n.mode csv\n"
        f'.import --schema temp --skip 1 "{files[0]}" given\n{UPSERT};\nCOMMIT;\n'
    )
    start = time.perf_counter()
    subprocess.run(["sqlite3", "-bail", target], input=script, text=True, check=True, capture_output=True)
    taken = time.perf_counter() - start
    assert _count(target)
    return taken


def _import_by_driver(target: str, files: Sequence[Path]) -> float:
    start = time.perf_counter()
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN")
    connection.execute(f"CREATE TEMP TABLE given ({TYPES})")
    with files[0].open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        connection.executemany(f"INSERT INTO given VALUES ({', '.join('?' * len(HEADERS['activities']))})", rows)
    connection.execute(UPSERT)
    connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - start


def _add_objects(target: str, files: Sequence[Path]) -> float:
    from sqlmodel import Session

    from core.database.database import open_database
    from core.database.tables import ActivityRow
    from core.records import participant_rows

    engine = open_database(f"sqlite:///{target}")
    start = time.perf_counter()
    with Session(engine) as session, files[0].open(encoding="utf-8", newline="") as file:
        enrolments = participant_rows.enrolments_of(
            session, sorted({row[0] for row in islice(csv.reader(file), 1, None)})
        )
        file.seek(0)
        for who, block, component, title, credits, day, logged_by in islice(csv.reader(file), 1, None):
            session.add(
                ActivityRow(
                    enrolment_id=enrolments[who],
                    block=int(block),
                    component=component,
                    title=title,
                    credits=int(credits),
                    completed_on=date.fromisoformat(day),
                    logged_by=logged_by,
                )
            )
        session.commit()
    return time.perf_counter() - start


def _read_by_openpyxl(_: str, files: Sequence[Path]) -> float:
    import openpyxl

    start = time.perf_counter()
    rows = sum(1 for _ in openpyxl.load_workbook(files[0], read_only=True).active.iter_rows(values_only=True))
    assert rows > 1
    return time.perf_counter() - start


def _copy_and_insert(target: str, files: Sequence[Path]) -> float:
    import psycopg

    start = time.perf_counter()
    with psycopg.connect(target) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE given ON COMMIT DROP AS SELECT participant_id, {OWN} FROM enrolments, activities WITH NO DATA"
        )
        with cursor.copy("COPY given FROM STDIN (FORMAT csv, HEADER)") as copy, files[0].open("rb") as file:
            while some := file.read(1 << 18):
                copy.write(some)
        cursor.execute(INSERT)
    return time.perf_counter() - start


def _count(database: str) -> int:
    connection = sqlite3.connect(database)
    count: int = connection.execute("SELECT count(*) FROM activities").fetchone()[0]
    connection.close()
    return count


def main() -> None:
    """One way, once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way")
    parser.add_argument("target")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--pack", default="edt-v18", help="of the import: its name, or its folder")
    chosen = parser.parse_args()
    print(json.dumps(_do_task(chosen.way, chosen.target, chosen.files, chosen.pack)))


if __name__ == "__main__":
    main()
