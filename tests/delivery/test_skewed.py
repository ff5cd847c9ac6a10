"""Two machines on one PostgreSQL whose clocks differ by more than a lease: what one is sending the other does not send."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest

from bot.platforms import IDS
from core.database.database import open_database
from core.derived.installation import Installation
from reference.pack import Pack
from tests.delivery.conftest import Outpost
from tests.delivery.test_worker import STARTS_WITHIN, environment, until
from tests.fakes.slack import FakeSlack

SKEWED = """
import sys
from datetime import timedelta
from bot.delivery import pass_time

right = pass_time.real_now
pass_time.real_now = lambda: right() + timedelta(seconds=float(sys.argv[1]))

from bot.cli import main

main(["tick"])
"""


@pytest.mark.parametrize("skew", [40, -40], ids=["ahead", "behind"])
def test_clocks_that_differ_double_nothing(postgres_url: str, pack: Pack, slack: FakeSlack, skew: int) -> None:
    outpost = Outpost(Installation(open_database(postgres_url), pack, platforms=IDS), slack)
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.slack.trouble("chat.postMessage", "late", 6.0)
    surroundings = environment(postgres_url, outpost.slack)
    started = [subprocess.Popen([sys.executable, "-c", SKEWED, "0"], env=surroundings)]
    try:
        until(lambda: [p.state for p in outpost.posts()] == ["sending"], STARTS_WITHIN)
        started.append(subprocess.Popen([sys.executable, "-c", SKEWED, str(skew)], env=surroundings))
        for process in started:
            process.wait(timeout=300)
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait(timeout=10)
    outpost.installation.engine.dispose()
    assert len(outpost.said()) == 1
    assert [post.state for post in outpost.posts()] == ["sent"]
