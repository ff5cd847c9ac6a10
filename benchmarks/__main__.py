"""Every measurement of this project in one table of ratios, each side by side with what it is compared with.

make bench                                   # everything; about half an hour
make bench BENCH="--quick"                   # on smaller caseloads: the ratios are not the ones to reach
python -m benchmarks --only sweep --markdown # one part, as docs/speed.md has it
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

from benchmarks.measuring import Ratio, shown

# The parts in the order of the table.
PARTS = ("slash", "teams", "acts", "imports", "several_courses", "sweep", "shapes", "growth", "sending")
NOT_COMPARABLE = (
    "Good for comparing within this run only: not with another machine, another run, or another seed's figures. "
    "Both sides of a ratio ran in turns in this run; seconds, rates and megabytes are shown to make the ratio plain."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the parts and prints the table; 1 when a ratio is on the wrong side of its limit."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="smaller caseloads, fewer rounds")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true")
    shape.add_argument("--markdown", action="store_true", help="as docs/speed.md has it")
    chosen = parser.parse_args(arguments)
    found: list[Ratio] = []
    for part in chosen.only or PARTS:
        print(f"{part} …", file=sys.stderr, flush=True)
        found += [_with_seed(ratio, chosen.seed) for ratio in _part(part, chosen.seed, chosen.quick)]
    print(_json(found, chosen.quick) if chosen.json else table(found, chosen.quick, markdown=chosen.markdown))
    return 0 if all(ratio.reached for ratio in found) else 1


def _part(name: str, seed: int, quick: bool) -> list[Ratio]:
    if name == "slash":
        from benchmarks import slash

        return slash.run(
            people=1_000 if quick else 5_000, requests=200 if quick else 800, rounds=2 if quick else 5, seed=seed
        )
    if name == "teams":
        from benchmarks import teams

        return teams.run(
            people=1_000 if quick else 5_000, requests=200 if quick else 600, rounds=2 if quick else 5, seed=seed
        )
    if name == "imports":
        from benchmarks import imports
        from tests.fakes import postgres

        with postgres.server() as address:
            return imports.import_ratios(
                rows=100_000 if quick else 1_000_000, rounds=1 if quick else 3, seed=seed, postgres=address
            )
    if name == "several_courses":
        from benchmarks import several_courses

        return several_courses.run(seed=seed, quick=quick)
    if name == "acts":
        from benchmarks import acts

        return acts.run(people=1_000 if quick else 5_000, rounds=50 if quick else 200, seed=seed)
    if name == "sending":
        from benchmarks import sending

        return sending.run()
    if name == "sweep":
        from benchmarks import sweep

        return sweep.run(seed=seed, quick=quick)
    if name == "shapes":
        from benchmarks import shapes

        return shapes.run(seed=seed, quick=quick)
    from benchmarks import growth

    return growth.run(seed=seed, quick=quick)


def _with_seed(ratio: Ratio, seed: int) -> Ratio:
    return ratio if ratio.seed is not None else replace(ratio, seed=seed)


def surroundings(quick: bool) -> str:
    """The machine, in a line."""
    size = "the small sizes of --quick, not those of the figures to reach; " if quick else ""
    return (
        f"{size}{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def table(found: Sequence[Ratio], quick: bool, *, markdown: bool) -> str:
    """The table for people, in plain text or in Markdown."""
    if not markdown:
        notes = [f"  {ratio.what}: {ratio.note}" for ratio in found if ratio.note]
        sizes = sorted({f"  {ratio.sizes}, seed {ratio.seed}" for ratio in found if ratio.sizes})
        lines = [surroundings(quick), *sizes, "", *(ratio.line() for ratio in found), "", *notes, NOT_COMPARABLE]
        return "\n".join(lines)
    lines = [f"{surroundings(quick)}. {NOT_COMPARABLE}", ""]
    lines += ["| what | against | ratio | to reach | | figures | on |", "|---|---|---|---|---|---|---|"]
    for r in found:
        sign, on = "✓" if r.reached else "✗", ", ".join(filter(None, (r.sizes, f"seed {r.seed}")))
        lines.append(f"| {r.what} | {r.against} | {shown(r.ratio)} | {r.wanted} | {sign} | {r.said} | {on} |")
    return "\n".join([*lines, "", *(f"- *{ratio.what}:* {ratio.note}" for ratio in found if ratio.note)])


def _json(found: Sequence[Ratio], quick: bool) -> str:
    rows = [{**asdict(ratio), "reached": ratio.reached} for ratio in found]
    return json.dumps({"machine": surroundings(quick), "note": NOT_COMPARABLE, "ratios": rows}, indent=2)


if __name__ == "__main__":
    raise SystemExit(main())
