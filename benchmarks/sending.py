"""1,000 posts over 200 channels by two workers, through the tests' Slack that enforces its limits: beside what these permit.

The measurement is `tests/torture/test_rate.py`, with real processes; it takes about three and a half minutes. This runs it and
reads what it prints.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Ratio

_SAID = re.compile(r"(\d+) posts, ([\d.]+) of the rate permitted, ([\d.]+)% answered 429")


def run() -> list[Ratio]:
    """The two rows of the table about sending."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "tests/torture/test_rate.py"],
        capture_output=True,
        text=True,
        env={**os.environ, "NPQ_TORTURE_TRIALS": "200"},
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    said = _SAID.search(done.stdout)
    if said is None:
        raise SystemExit(f"The posts were not all sent:\n{done.stdout[-2000:]}")
    sizes = f"{said[1]} posts over 200 channels, 2 workers, SQLite"
    return [
        Ratio(
            "sending: rate", "what 1/s a channel and 300/min permit", float(said[2]), 0.95, at_least=True, sizes=sizes
        ),
        Ratio("sending: share answered 429", "all calls", float(said[3]) / 100, 0.01, sizes=sizes),
    ]
