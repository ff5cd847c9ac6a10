"""How the cost of a sweep and of `at-risk` grows with the number of participants; `benchmarks.imports` has the import's."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.loading import load
from benchmarks.measuring import Ratio, interleaved, seconds
from benchmarks.nation import TODAY, Nation
from core.derived.installation import Installation
from core.services import enquiries
from core.services.everybody import sweep
from core.services.staff.actors import Actor

LIMIT = 11.0  # times the cost for ten times the people


def run(*, seed: int, quick: bool) -> list[Ratio]:
    """From a tenth of the people to all of them; what each size took goes to standard error, for the page in docs."""
    sizes = (100, 1_000, 10_000) if quick else (1_000, 10_000, 100_000)
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as folder:
        installations = {
            people: load(Nation(people=people, seed=seed), Path(folder) / f"{people}.db") for people in sizes
        }
        measures: dict[str, Callable[[], float]] = {}
        for people, installation in installations.items():
            measures[f"sweep {people}"] = partial(seconds, partial(_sweep, installation))
            measures[f"at-risk {people}"] = partial(seconds, partial(_at_risk, installation))
        taken = interleaved(measures, 3, random.Random(seed), warm_up=True)
    found = []
    for what in ("sweep", "at-risk"):
        took = [taken[f"{what} {people}"] for people in sizes]
        print("; ".join(f"{what}, {n:,} people: {s:.3f} s" for n, s in zip(sizes, took, strict=True)), file=sys.stderr)
        said = f"{took[2]:.2f} / {took[1]:.2f} s"
        on = f"from {sizes[1]:,} to {sizes[2]:,} people"
        found.append(Ratio(f"growth of {what}", "ten times the people", took[2] / took[1], LIMIT, said=said, sizes=on))
    return found


def _sweep(installation: Installation) -> int:
    return sum(1 for _ in sweep(installation, TODAY))


def _at_risk(installation: Installation) -> object:
    return enquiries.at_risk(
        Installation(installation.engine, installation.pack), Actor.console("benchmark"), as_of=TODAY
    )
