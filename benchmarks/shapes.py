"""What trees of criteria cost: a nation under a pack that uses every shape, beside the same nation under `edt-v18`. In turns.

    python -m benchmarks.shapes [--people 100000] [--rounds 5] [--seed 7]

The pack is `edt-v18` with the criteria and kinds of event of `every_shape.toml` in place of its own. A sweep is a process of its own,
from opening the database on; an import, that of all of a nation's files into an empty database, is one too.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.caseloads import WITH_PLANS
from benchmarks.imports import copy_of, database_with, measured
from benchmarks.loading import installation_of, load
from benchmarks.measuring import Ratio, in_a_process, interleaved
from benchmarks.nation import Nation
from core.services.everybody import keep_current
from reference.loading import PACKS, load_pack

PLAIN, EVERY = "edt-v18", "every shape"
CRITERIA = Path(__file__).with_name("every_shape.toml")
TENTH = 10  # of the people are imported: of a ratio near one, rounds tell more than rows
Packs = Mapping[str, str]  # by name: how each is loaded


def pack_of_every_shape(folder: Path) -> Path:
    """`edt-v18` with the criteria and kinds of event of `every_shape.toml`, written into a new folder."""
    shutil.copytree(PACKS / PLAIN, folder)
    file = folder / "pack.toml"
    kept = "".join(_without_those(file.read_text(encoding="utf-8").splitlines(keepends=True)))
    file.write_text(f"{kept}\n\n{CRITERIA.read_text(encoding='utf-8')}", encoding="utf-8")
    return folder


def _without_those(lines: Sequence[str]) -> Iterator[str]:
    kept = True
    for line in lines:
        if line.startswith("["):
            kept = not line.startswith(("[[criteria", "[[event_kind"))
        if kept:
            yield line


def run(*, seed: int, quick: bool, people: int | None = None, rounds: int | None = None) -> list[Ratio]:
    """The rows of the table about every shape."""
    people, rounds = people or (10_000 if quick else 100_000), rounds or (3 if quick else 5)
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as name:
        folder = Path(name)
        packs = {PLAIN: PLAIN, EVERY: str(pack_of_every_shape(folder / "pack"))}
        chance = random.Random(seed)
        sweeps = _sweeps(Nation(people=people, seed=seed), packs, folder, rounds, chance)
        imports = _imports(Nation(people=people // TENTH, seed=seed), packs, folder, rounds, chance)
    return [sweeps, imports]


def _sweeps(nation: Nation, packs: Packs, folder: Path, rounds: int, chance: random.Random) -> Ratio:
    """Everybody's positions on a morning."""
    load(nation, folder / "plain.db", WITH_PLANS).engine.dispose()
    databases = {name: shutil.copy(folder / "plain.db", folder / f"sweep {name}.db") for name in packs}
    for name, pack in packs.items():
        installation = installation_of(Path(databases[name]), load_pack(pack))
        keep_current(installation)
        installation.engine.dispose()

    def swept(name: str) -> float:
        task = ("ours", str(databases[name]), str(folder), "--pack", packs[name])
        return in_a_process("benchmarks.references", *task).seconds

    taken = interleaved({name: partial(swept, name) for name in packs}, rounds, chance)
    return _ratio(
        "full sweep, every shape", taken, 1.5, f"{nation.people:,} people, {nation.activities_each} activities each"
    )


def _imports(nation: Nation, packs: Packs, folder: Path, rounds: int, chance: random.Random) -> Ratio:
    """All files of a nation into an empty database, with everybody's record."""
    place = folder / "files"
    place.mkdir()
    files = list(nation.write(place, WITH_PLANS).values())
    empty = database_with(folder, None)

    def imported(name: str) -> float:
        return measured(["import", copy_of(empty, folder / "import.db"), *files, "--pack", packs[name]])["seconds"]

    taken = interleaved({name: partial(imported, name) for name in packs}, rounds, chance)
    return _ratio("import of all files, every shape", taken, 1.1, f"{nation.people:,} people, all their files")


def _ratio(what: str, taken: Mapping[str, float], limit: float, sizes: str) -> Ratio:
    every, plain = taken[EVERY], taken[PLAIN]
    return Ratio(what, f"the same with {PLAIN}", every / plain, limit, said=f"{every:.2f} / {plain:.2f} s", sizes=sizes)


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
