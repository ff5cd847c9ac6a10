"""The path of one question: `/npq status` beside empty bolt apps that only acknowledge, and `npq status` as a process.

    python -m benchmarks.slash [--people 5000] [--requests 800] [--rounds 5] [--seed 7]

Three servers run side by side under uvicorn with uvloop and httptools, each in its own process: an empty `AsyncApp` as slack-bolt
documents it, an empty one with `process_before_response=True`, and the bot on a made-up caseload that went through the real
importers. Signed requests go to each in turn, round by round in a shuffled order, over kept-open connections, at 1 and at
16 at once. They ask for everybody, in random order, by id and by name, from five staff users of five roles, once the bot has
finished its answers after its start. Then the bot alone, at rest and while a sweep of everybody and an import of the
activities run as processes of their own, over and over. The import gives way by itself, as `npq import` does; the sweep gives way
as the worker does, whose sweep it stands for. Figures are good for comparing within one run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.chatting import Took, asking, measure, one_round
from benchmarks.measuring import Ratio
from benchmarks.roster import caseload
from benchmarks.serving import BOT, EMPTY, EMPTY_BEFORE, Running, memory, servers, surroundings, wait_until_idle

LONGEST = 3.0  # seconds that Slack waits
AGAIN = """
import os, subprocess, sys
from bot import giving_way
if sys.argv[2] == "at-risk":
    giving_way.give_way()
while not os.path.exists(sys.argv[1]):
    subprocess.run([sys.executable, "-c", "from bot.cli import main; main()", *sys.argv[2:]], stdout=-3, check=True)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the whole comparison and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=800, help="per server, round and concurrency")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    ratios = run(chosen.people, chosen.requests, chosen.rounds, chosen.seed)
    print(
        f"\n{chosen.people:,} people, seed {chosen.seed}, {chosen.rounds} rounds of {chosen.requests:,} answers, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    for ratio in ratios:
        print(ratio.line())
    return 0 if all(ratio.reached for ratio in ratios) else 1


def run(people: int, requests: int, rounds: int, seed: int) -> list[Ratio]:
    """Everything that is compared, one after the other."""
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as name:
        folder, chance = Path(name), random.Random(seed)
        print(f"a caseload of {people:,} people through the importers, seed {seed} …", file=sys.stderr)
        names = caseload(folder, people, chance)
        with servers(folder) as running:
            resting = {server: memory(running[server].process) for server in running}
            took = asyncio.run(measure(running, names, requests, rounds, chance))
            loaded = {server: memory(running[server].process) for server in running}
            print("and while a sweep and an import run …", file=sys.stderr)
            idle, busy = beside_work(running[BOT], folder, names, requests, rounds, chance)
        return [
            *answered(took),
            *under_load(idle, busy),
            *remembered(resting, loaded),
            started(folder, rounds, chance.choice(names)),
        ]


def beside_work(
    bot: Running, folder: Path, names: Sequence[str], requests: int, rounds: int, chance: random.Random
) -> tuple[list[float], list[float]]:
    """Seconds per answer, one at a time: at rest, and while a sweep and an import run; turn by turn."""
    idle: list[float] = []
    busy: list[float] = []
    asked = asking(names, chance)
    for _ in range(rounds):
        idle += asyncio.run(one_round(bot.port, asked, requests, 1, answers=True))[0]
        with work(folder):
            busy += asyncio.run(one_round(bot.port, asked, requests, 1, answers=True))[0]
        wait_until_idle(bot.process.pid)
    return idle, busy


@contextmanager
def work(folder: Path) -> Iterator[None]:
    """While entered: `npq at-risk` for everybody and an import of the activities, over and over, giving way."""
    stop = folder / "stop"
    loops = [
        subprocess.Popen(
            [sys.executable, "-c", AGAIN, str(stop), *arguments],
            env=surroundings(folder),
            stdout=subprocess.DEVNULL,
        )
        for arguments in (["at-risk", "--json"], ["import", str(folder / "activities.csv"), "--json"])
    ]
    time.sleep(2)  # until both have read what they need
    try:
        yield
    finally:
        stop.touch()
        codes = [loop.wait(timeout=120) for loop in loops]
        stop.unlink()
        if any(codes):
            raise SystemExit("the work beside the questions failed")


def started(folder: Path, rounds: int, who: str) -> Ratio:
    """`npq status` as a process beside what importing SQLModel alone takes."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_run([sys.executable, "-c", "from bot.cli import main; main()", "status", who, "--json"], folder))
        theirs.append(_run([sys.executable, "-c", "import sqlmodel"], folder))
    said = f"{median(ours) * 1000:.0f} ms / {median(theirs) * 1000:.0f} ms"
    return Ratio(
        "npq status as a process", 'python -c "import sqlmodel"', median(ours) / median(theirs), 2.0, said=said
    )


def _run(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=surroundings(folder), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def answered(took: dict[tuple[str, int], Took]) -> list[Ratio]:
    """How long an answer takes, and how many are given in a second."""
    found = []
    for name, most in ((EMPTY, 0.06), (EMPTY_BEFORE, 1.5)):
        ours, theirs = _share(took[BOT, 1].seconds, 0.5), _share(took[name, 1].seconds, 0.5)
        found.append(
            Ratio("/npq status, 1 at a time: p50", name, ours / theirs, most, said=f"{ours:.2f} / {theirs:.2f} ms")
        )
    for name, least in ((EMPTY_BEFORE, 0.7), (EMPTY, 1.6)):
        rates, others = median(took[BOT, 16].rates), median(took[name, 16].rates)
        said = f"{rates:,.0f} / {others:,.0f} per second"
        found.append(Ratio("/npq status, 16 at once: rate", name, rates / others, least, at_least=True, said=said))
    return found


def under_load(idle: Sequence[float], busy: Sequence[float]) -> list[Ratio]:
    """The slow end, at rest and beside work."""
    ours, theirs, worst = _share(busy, 0.99), _share(idle, 0.99), max(busy)
    return [
        Ratio(
            "slash p99 while a sweep and an import run",
            "idle",
            ours / theirs,
            2.0,
            said=f"{ours:.2f} / {theirs:.2f} ms",
        ),
        Ratio("the slowest of them", "Slack's 3 s", worst / LONGEST, 1.0, said=f"{worst * 1000:.0f} ms"),
    ]


def remembered(resting: dict[str, float], loaded: dict[str, float]) -> list[Ratio]:
    """What the web process holds."""
    return [
        Ratio(
            f"web process memory, {when}",
            EMPTY_BEFORE,
            held[BOT] / held[EMPTY_BEFORE],
            1.5,
            said=f"{held[BOT]:.0f} / {held[EMPTY_BEFORE]:.0f} MB",
        )
        for when, held in (("after its start", resting), ("after load", loaded))
    ]


def _share(seconds: Sequence[float], share: float) -> float:
    """Milliseconds within which this share of the answers came."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * share))] * 1000


if __name__ == "__main__":
    raise SystemExit(main())
