"""What a benchmark answers: one ratio per row of the table, taken side by side in one run; and how to take it fairly."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """One row: `what` was measured `against` something in the same run; `limit` is the most, or at least, it should be.

    `said` holds the two figures themselves, good within one run only; `sizes` and `seed` say on what; `note` what it may
    not be compared with.
    """

    what: str
    against: str
    ratio: float
    limit: float
    at_least: bool = False
    said: str = ""
    sizes: str = ""
    seed: int | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the ratio is on the right side of its limit."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit

    @property
    def wanted(self) -> str:
        """The limit with its sign."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    def line(self) -> str:
        """One line of the table."""
        sign = "✓" if self.reached else "✗"
        return f"{sign} {self.what:<48}{self.against:<40}{shown(self.ratio):>9}  {self.wanted:<9}{self.said}"


def shown(ratio: float) -> str:
    """A ratio with as many digits as anybody reads."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.3f}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process of its own took: the seconds of its work alone, its peak of memory in MB, and what it printed."""

    seconds: float
    peak_mb: float
    printed: str


def interleaved(
    measures: Mapping[str, Callable[[], float]], rounds: int, chance: random.Random, *, warm_up: bool = False
) -> dict[str, float]:
    """The median of each, taken round by round in a shuffled order, so that a noisy moment strikes all alike."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + warm_up):
        order = list(measures)
        chance.shuffle(order)
        for name in order:
            figure = measures[name]()
            if number >= warm_up:
                taken[name].append(figure)
    return {name: median(figures) for name, figures in taken.items()}


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_a_process(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Measured:
    """Runs `python -m module …` to its end in a process of its own.

    The module prints `seconds <n>` for the work it was asked for (its own start left out), and may print `megabytes <n>`
    of its own (`own_peak`); anything else is kept.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
        cwd=Path(__file__).parent.parent,
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    whole = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} failed; what it said stands above.")
    own = dict(line.split()[:2] for line in printed.splitlines() if line.startswith(("seconds ", "megabytes ")))
    peak = float(own.get("megabytes", _megabytes(used.ru_maxrss)))
    return Measured(float(own.get("seconds", whole)), peak, printed)


def own_peak() -> float:
    """The most memory this process has had, in megabytes; what a child tells of itself.

    Linux counts what the parent had when it started the child into the child's `ru_maxrss`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _megabytes(most: int) -> float:
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def medians(runs: Sequence[Measured]) -> Measured:
    """The median time and the highest peak of several runs."""
    return Measured(median(r.seconds for r in runs), max(r.peak_mb for r in runs), runs[-1].printed)
