"""A caseload in which a third of the people take two courses, beside the same enrolments as people of their own.

    python -m benchmarks.several_courses [--enrolments 60000] [--rounds 3] [--seed 7]

Both have the same rows; those of the first say their course. Every measurement is a process of its own.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.caseloads import HEADERS, MADE_UP, Cells, write_csv
from benchmarks.imports import copy_of, database_with, measured
from benchmarks.measuring import Ratio, in_a_process
from benchmarks.nation import Nation
from core.imports.kinds import COURSE, PARTICIPANTS, WHO

_OF_THREE = 3  # enrolments: the last is a second course of the second's person, where the courses differ
_OF_A_PERSON = ("full_name", "email", "trn", "school")


@dataclass(frozen=True)
class Folded:
    """The enrolments of a caseload as fewer people, some of whom take two of its courses."""

    made: Nation

    def write(self, folder: Path) -> dict[str, Path]:
        """Writes one CSV per kind into the folder; kind -> file."""
        return {kind: write_csv(folder / f"{kind}.csv", *self._rows(kind)) for kind in MADE_UP}

    def _rows(self, kind: str) -> tuple[Sequence[str], Iterator[Cells]]:
        header, rows = HEADERS[kind], getattr(self.made, kind)()
        if WHO not in header:
            return header, rows
        if kind == PARTICIPANTS:
            return header, self._people(rows)
        return (*header, COURSE), self._facts(header, rows)

    def _people(self, rows: Iterator[Cells]) -> Iterator[Cells]:
        place = {name: HEADERS[PARTICIPANTS].index(name) for name in (WHO, *_OF_A_PERSON)}
        before: Cells = []
        for number, row in enumerate(rows):
            if self._whose(number) != number:
                for name in place:
                    row[place[name]] = before[place[name]]
            before = row
            yield row

    def _facts(self, header: Sequence[str], rows: Iterator[Cells]) -> Iterator[Cells]:
        who, width = header.index(WHO), len(header)
        for row in rows:
            number = int(str(row[who]).removeprefix("p-"))
            row[who] = self.made.participant_id(self._whose(number))
            yield [*row, *[""] * (width - len(row)), self.made.person(number).course]

    def _whose(self, number: int) -> int:
        if number % _OF_THREE != _OF_THREE - 1:
            return number
        courses = {self.made.person(one).course for one in (number - 1, number)}
        return number - 1 if len(courses) > 1 else number


def run(*, seed: int, quick: bool, enrolments: int | None = None, rounds: int | None = None) -> list[Ratio]:
    """The rows of the table about several courses."""
    made = Nation(people=enrolments or (6_000 if quick else 60_000), seed=seed)
    taken: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="npq-bench-several-") as name:
        folder = Path(name)
        empty = database_with(folder, None)
        files = {"folded": Folded(made).write(_new(folder / "folded")), "alone": made.write(_new(folder / "alone"))}
        for _ in range(rounds or (2 if quick else 3)):
            for way, paths in files.items():
                database = copy_of(empty, folder / f"{way}.db")
                for what in ("first", "again"):
                    seconds = measured(["import", database, *paths.values()])["seconds"]
                    taken.setdefault((what, way), []).append(seconds)
                swept = in_a_process("benchmarks.references", "ours", str(database), str(folder)).seconds
                taken.setdefault(("sweep", way), []).append(swept)
    sizes = f"{made.people:,} enrolments, {made.activities_each} activities each"
    words = {"first": "import, a third on two courses", "again": "the same files again", "sweep": "full sweep"}
    return [_ratio(words[what], median(taken[what, "folded"]), median(taken[what, "alone"]), sizes) for what in words]


def _ratio(what: str, ours: float, alone: float, sizes: str) -> Ratio:
    against = "each enrolment a person of its own"
    return Ratio(f"{what}: time", against, ours / alone, 1.1, said=f"{ours:.2f} / {alone:.2f} s", sizes=sizes)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> None:
    """Prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enrolments", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    for one in run(seed=chosen.seed, quick=False, enrolments=chosen.enrolments, rounds=chosen.rounds):
        print(f"{one.line()}  {one.sizes}", flush=True)


if __name__ == "__main__":
    main()
