"""Two and five workers at once, one suspended past its lease and continued: it must not post what others posted for it."""

from __future__ import annotations

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.posts.outbox import LEASE
from tests.delivery.conftest import NOW
from tests.torture.conftest import KINDS, LONG, trials
from tests.torture.nursery import until
from tests.torture.scene import LATER, Scene, Stage, Verdict


def suspended(scene: Scene, dice: random.Random, stage: Stage, workers: int) -> Verdict:
    """One stands still at some moment, for longer than its lease, and goes on as if nothing had been."""
    scene.slack.storm()
    first = scene.start("worker")
    for _ in range(workers - 1):
        scene.start("worker")
    until(lambda: "the worker has started" in scene.log(), 120, "a worker that starts")
    if dice.random() < 0.3:
        time.sleep(dice.uniform(0.0, 1.0))
    else:
        wanted = scene.slack.calls() + dice.randint(1, 10)
        scene.slack.wait_until(lambda: scene.slack.calls() >= wanted, 5)
    first.send(signal.SIGSTOP)
    time.sleep(LEASE.total_seconds() + dice.uniform(1.0, 6.0))
    first.send(signal.SIGCONT)
    time.sleep(dice.uniform(1.0, 3.0))
    scene.end_all()
    scene.slack.calm()
    scene.tick(NOW + LATER)
    return scene.verdict(stage.expected())


@pytest.mark.parametrize("kind", KINDS if LONG else ("postgres",))
def test_who_was_suspended_past_the_lease_posts_nothing_again(kind: str, stage: Stage, seed: int) -> None:
    count = trials(1, 40)
    stage.expected()

    def play(number: int) -> tuple[str, Verdict, str]:
        dice = random.Random(f"{seed}/suspended/{kind}/{number}")
        workers = (2, 5)[number % 2] if LONG else 3
        with stage.scene(kind, dice.getrandbits(30)) as scene:
            verdict = suspended(scene, dice, stage, workers)
            return f"seed {seed} {kind} trial {number}, {workers} workers", verdict, scene.log()

    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(play, range(count)))
    bad = [f"{name}: {verdict}\n{log}" for name, verdict, log in done if not verdict]
    print(f"\nsuspended, {kind}, seed {seed}: {count} trials, {len(bad)} bad")
    assert bad == []
