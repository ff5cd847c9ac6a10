"""How fast files come in, each beside its reference in interleaved rounds of one run.

    python -m benchmarks.imports [--rows 1000000] [--rounds 3] [--seed 7]

Every measurement is a process of its own on a fresh copy of a database that holds the participants; its time is that of
the import alone, its memory the process's peak. Figures compare within one run only: other machines, other file systems
and other shapes of file (many wrong rows, say) give others.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.caseloads import HEADERS, Caseload
from benchmarks.measuring import Ratio

EACH = 30  # activities per participant
ADDED = 100_000  # rows that `session.add` and XLSX are measured with


def import_ratios(*, rows: int = 1_000_000, rounds: int = 3, seed: int = 7, postgres: str | None = None) -> list[Ratio]:
    """Everything about imports; PostgreSQL's only with the address of an empty database to use up."""
    with tempfile.TemporaryDirectory(prefix="npq-bench-imports-") as name:
        folder = Path(name)
        found = [*on_sqlite(folder, rows, rounds, seed), *of_workbooks(folder, min(rows, ADDED), rounds, seed)]
        found.append(growth(folder, rows // EACH // 10, rounds, seed))
        if postgres is not None:
            found.append(on_postgres(folder, postgres, rows, rounds, seed))
        return found


def on_sqlite(folder: Path, rows: int, rounds: int, seed: int) -> list[Ratio]:
    """One activities file beside `.import` and `session.add`; the same again; a nightly file."""
    made = Caseload(-(-rows // EACH), EACH, seed)
    files = made.write(folder, ("participants", "activities"))
    few = _first(files["activities"], folder / "few.csv", min(rows, ADDED))
    nightly = made.write_nightly(folder / "nightly.csv", rows // 10)
    base = database_with(folder, files["participants"])
    reference = "cli" if shutil.which("sqlite3") else "driver"
    taken: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        database, other, third = (copy_of(base, folder / f"{name}.db") for name in ("npq", "reference", "objects"))
        for what, task in (
            ("first", ["import", database, files["activities"]]),
            ("reference", [reference, other, files["activities"]]),
            ("again", ["import", database, files["activities"]]),
            ("nightly", ["import", database, nightly]),
            ("objects", ["objects", third, few]),
            ("few", ["import", copy_of(base, folder / "few.db"), few]),
        ):
            taken.setdefault(what, []).append(measured(task))
    seconds = {what: statistics.median(one["seconds"] for one in many) for what, many in taken.items()}
    megabytes = {what: max(one["megabytes"] for one in many) for what, many in taken.items()}
    few_rows = min(rows, ADDED)
    sizes = f"{rows:,} activity rows, {made.people:,} participants"
    beside = (
        "sqlite3 .import plus upsert" if reference == "cli" else "csv and executemany plus upsert (no sqlite3 program)"
    )
    figures = {"import": _rate(rows, seconds["first"]), "reference": _rate(rows, seconds["reference"])}
    adding = few_rows / seconds["objects"]
    return [
        _ratio(
            "import, rows/s", beside, seconds["reference"] / seconds["first"], "at least", 0.35, sizes, seed, figures
        ),
        _ratio(
            "import, rows/s",
            "session.add",
            rows / seconds["first"] / adding,
            "at least",
            15,
            f"{sizes}; session.add with the first {few_rows:,}",
            seed,
            {"import": figures["import"], "session.add": f"{adding:,.0f} rows/s"},
        ),
        _ratio("import, peak MB", "1 MB", megabytes["first"], "at most", 150, sizes, seed, {}),
        _ratio(
            "import, peak memory",
            f"that of {few_rows:,} rows",
            megabytes["first"] / megabytes["few"],
            "at most",
            1.2,
            sizes,
            seed,
            {"all": f"{megabytes['first']:.0f} MB", "few": f"{megabytes['few']:.0f} MB"},
        ),
        _ratio(
            "the same file again",
            "first time",
            seconds["again"] / seconds["first"],
            "at most",
            1.0,
            sizes,
            seed,
            {"again": f"{seconds['again']:.2f} s", "first": f"{seconds['first']:.2f} s"},
        ),
        _ratio(
            "a nightly file, 2% new",
            "first time",
            seconds["nightly"] / seconds["first"],
            "at most",
            0.1,
            f"{rows // 10:,} rows after {sizes}",
            seed,
            {"nightly": f"{seconds['nightly']:.2f} s", "first": f"{seconds['first']:.2f} s"},
        ),
    ]


def of_workbooks(folder: Path, rows: int, rounds: int, seed: int) -> list[Ratio]:
    """A workbook's whole import beside openpyxl only reading it."""
    made = Caseload(-(-rows // EACH), EACH, seed)
    base = database_with(folder, made.write(folder, ("participants",))["participants"])
    book = _workbook(folder / "activities.xlsx", made, rows)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours.append(measured(["import", copy_of(base, folder / "xlsx.db"), book])["seconds"])
        theirs.append(measured(["openpyxl", book, book])["seconds"])
    one, other = statistics.median(ours), statistics.median(theirs)
    return [
        _ratio(
            "XLSX import, rows/s",
            "openpyxl read-only, reading alone",
            other / one,
            "at least",
            5,
            f"{rows:,} rows",
            seed,
            {"import": _rate(rows, one), "openpyxl": _rate(rows, other)},
        )
    ]


def growth(folder: Path, people: int, rounds: int, seed: int) -> Ratio:
    """Ten times the participants, both their files."""
    taken: dict[int, list[float]] = {}
    for size in (people, people * 10):
        place = folder / f"growth-{size}"
        place.mkdir()
        Caseload(size, EACH, seed).write(place, ("participants", "activities"))
    empty = database_with(folder, None)
    for _ in range(rounds):
        for size in (people, people * 10):
            place = folder / f"growth-{size}"
            database = copy_of(empty, place / "npq.db")
            task: list[object] = ["import", database, place / "participants.csv", place / "activities.csv"]
            taken.setdefault(size, []).append(measured(task)["seconds"])
    small, large = (statistics.median(taken[size]) for size in (people, people * 10))
    sizes = f"{people:,} to {people * 10:,} participants with {EACH} activities each"
    return _ratio(
        "import of ten times as many",
        "once",
        large / small,
        "at most",
        11,
        sizes,
        seed,
        {"large": f"{large:.2f} s", "small": f"{small:.2f} s"},
    )


def on_postgres(folder: Path, url: str, rows: int, rounds: int, seed: int) -> Ratio:
    """One activities file beside COPY into a temporary table plus insert, in the same database emptied in between."""
    made = Caseload(-(-rows // EACH), EACH, seed)
    files = made.write(folder, ("participants", "activities"))
    measured(["import", url, files["participants"]])
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        for task, seconds in (("copy", theirs), ("import", ours)):
            _empty_postgres(url)
            seconds.append(measured([task, url, files["activities"]])["seconds"])
    one, other = statistics.median(ours), statistics.median(theirs)
    return _ratio(
        "PostgreSQL import, rows/s",
        "COPY into a temporary table plus insert",
        other / one,
        "at least",
        0.6,
        f"{rows:,} activity rows",
        seed,
        {"import": _rate(rows, one), "COPY": _rate(rows, other)},
    )


def _ratio(
    what: str, against: str, ratio: float, bound: str, wanted: float, sizes: str, seed: int, figures: dict[str, str]
) -> Ratio:
    said = ", ".join(f"{name} {figure}" for name, figure in figures.items())
    return Ratio(what, against, ratio, wanted, at_least=bound == "at least", said=said, sizes=sizes, seed=seed)


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:,.0f} rows/s"


# ---- what is measured, each in a process of its own


def measured(task: Sequence[object]) -> dict[str, float]:
    """The seconds and megabytes of a task of `benchmarks.ways_in`, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.ways_in", *map(str, task)]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer


# ---- what it is measured with


def database_with(folder: Path, participants: Path | None) -> Path:
    """A new SQLite database of today's tables: empty, or with these participants."""
    from core.database.database import migrate, open_database

    database = folder / f"base-{'empty' if participants is None else 'people'}.db"
    database.unlink(missing_ok=True)
    engine = open_database(f"sqlite:///{database}")
    migrate(engine)
    engine.dispose()
    if participants is not None:
        measured(["import", database, participants])
    return database


def copy_of(database: Path, to: Path) -> Path:
    """A fresh copy of a SQLite database, in place of what is there."""
    for end in ("", "-wal", "-shm"):
        Path(f"{to}{end}").unlink(missing_ok=True)
    return Path(shutil.copy(database, to))


def _first(path: Path, to: Path, rows: int) -> Path:
    with path.open(encoding="utf-8") as file, to.open("w", encoding="utf-8") as short:
        short.writelines(islice(file, rows + 1))
    return to


def _workbook(path: Path, made: Caseload, rows: int) -> Path:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("activities")
    sheet.append(HEADERS["activities"])
    for row in islice(made.activities(), rows):
        sheet.append(row)
    book.save(path)
    return path


def _empty_postgres(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE activities")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def main() -> None:
    """Prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--postgres", help="the address of an empty PostgreSQL database to use up")
    chosen = parser.parse_args()
    found = import_ratios(rows=chosen.rows, rounds=chosen.rounds, seed=chosen.seed, postgres=chosen.postgres)
    for one in found:
        print(f"{one.line()}  {one.sizes}, seed {one.seed}", flush=True)


if __name__ == "__main__":
    main()
