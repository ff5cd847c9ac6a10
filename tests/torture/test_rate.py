"""A thousand posts over two hundred channels, by two workers, as fast as the platform's limits permit."""

from __future__ import annotations

import secrets

import pytest

from bot.platforms import IDS
from core.database.database import migrate, open_database
from core.derived.installation import Installation
from reference.pack import Pack
from tests.delivery.conftest import Outpost
from tests.delivery.test_pace import spread
from tests.fakes.slack import FakeSlack
from tests.torture.conftest import LONG
from tests.torture.scene import Scene, Stage, Workspace

CHANNELS, EACH = 200, 5
PERMITTED = 300 / 60  # posts a second


@pytest.mark.skipif(not LONG, reason="takes over three minutes; tests/delivery/test_pace.py has it in small")
def test_a_thousand_posts_over_two_hundred_channels(stage: Stage, pack: Pack) -> None:
    folder = stage.folder / secrets.token_hex(6)
    folder.mkdir()
    url = f"sqlite:///{folder}/npq.db"
    engine = open_database(url)
    migrate(engine)
    spread(Outpost(Installation(engine, pack, platforms=IDS), FakeSlack(), {"nobody": None}), CHANNELS, EACH)  # type: ignore[dict-item]
    engine.dispose()
    slack = Workspace(0, tuple(f"C{number}" for number in range(CHANNELS)))
    scene = Scene(url, slack, stage.nursery, folder)
    try:
        for _ in range(2):
            scene.start("worker")
        assert slack.wait_until(lambda: len(slack.seen()["posted"]) >= CHANNELS * EACH, 400)
        calls = [(error, at) for method, error, at in slack.ask("answered")["calls"] if method == "chat.postMessage"]
    finally:
        scene.end_all()
        slack.close()
    taken = [at for error, at in calls if error is None]
    too_fast = sum(error == "ratelimited" for error, _ in calls)
    rate = (len(taken) - 1) / (taken[-1] - taken[0])
    print(
        f"\n{len(taken)} posts, {rate / PERMITTED:.2f} of the rate permitted, {too_fast / len(calls):.2%} answered 429"
    )
    assert len(taken) == CHANNELS * EACH
    assert rate >= 0.95 * PERMITTED
    assert too_fast < 0.01 * len(calls)
