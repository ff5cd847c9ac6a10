"""Are the verdicts the same, whoever reads the rulebook? Prints the number of differences; 1 when there is any.

    python -m benchmarks.compare [--people 100000] [--seed 7] [--status 5]

The sweep, DuckDB and Polars judge everybody; the full rules as `npq status` asks them judge those of the first Delivery
Partners (`--status`, 0 for none).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.loading import load
from benchmarks.measuring import in_a_process
from benchmarks.nation import Nation
from benchmarks.raw import export
from benchmarks.references import read


def main(arguments: Sequence[str] | None = None) -> int:
    """Compares and counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--status", type=int, default=5, metavar="PARTNERS")
    chosen = parser.parse_args(arguments)
    nation = Nation(people=chosen.people, seed=chosen.seed)
    different = 0
    with tempfile.TemporaryDirectory(prefix="npq-bench-") as name:
        folder = Path(name)
        load(nation, folder / "npq.db").engine.dispose()
        export(folder / "npq.db", nation.pack, folder / "raw")

        def by(way: str, *more: str) -> dict[str, tuple[int, str]]:
            told = folder / f"{way}.csv"
            places = (str(folder / "npq.db"), str(folder / "raw"))
            in_a_process("benchmarks.references", way, *places, "--verdicts", str(told), *more)
            return read(told)

        ours = by("ours")
        others = {"DuckDB": by("duckdb"), "Polars": by("polars")}
        if chosen.status:
            others["npq status"] = by("objects", "--partners", str(chosen.status))
        for way, theirs in others.items():
            asked = theirs.keys() if way == "npq status" else ours.keys() | theirs.keys()
            wrong = [who for who in sorted(asked) if ours.get(who) != theirs.get(who)]
            different += len(wrong)
            print(f"{way}: {len(wrong)} differences among {len(asked):,} people (seed {chosen.seed})")
            for who in wrong[:5]:
                print(f"  {who}: sweep {ours.get(who)}, {way} {theirs.get(who)}")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
