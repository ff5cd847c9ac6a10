"""PostgreSQL loses its plug under load: whoever was writing begins anew, and nothing is lost, twice or stuck."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.delivery.conftest import NOW
from tests.fakes import postgres
from tests.torture.conftest import trials
from tests.torture.nursery import until
from tests.torture.scene import LATER, Stage, Verdict

SIDE_BY_SIDE = 5  # installations on the server whose plug is pulled


def test_restarted_hard_under_load(stage: Stage, torture_server: postgres.Server, seed: int) -> None:
    rounds = trials(1, 8)
    side_by_side = SIDE_BY_SIDE if rounds > 1 else 2
    stage.expected()
    bad: list[str] = []
    cut_off = 0

    def judge(number: int, scenes: list) -> tuple[str, Verdict, str]:  # type: ignore[type-arg]
        scene = scenes[number]
        scene.slack.calm()
        scene.tick(NOW + LATER)
        return f"seed {seed} scene {number}", scene.verdict(stage.expected()), scene.log()

    for round_number in range(rounds):
        dice = random.Random(f"{seed}/restart/{round_number}")
        with ExitStack() as stack, ThreadPoolExecutor(side_by_side) as pool:
            scenes = [stack.enter_context(stage.scene("postgres", dice.getrandbits(30))) for _ in range(side_by_side)]
            for scene in scenes:
                scene.slack.storm()
                for _ in range(dice.choice((1, 2, 3))):
                    scene.start("worker")
            for scene in scenes:
                until(lambda: scene.slack.calls() >= 1, 120, "a first call")  # noqa: B023
            for _ in range(dice.randint(1, 2)):
                time.sleep(dice.uniform(0.0, 1.5))
                torture_server.restart_hard()
            time.sleep(dice.uniform(0.0, 9.0) if rounds > 1 else 1.0)
            for scene in scenes:
                scene.end_all()
            for name, verdict, log in pool.map(lambda n: judge(n, scenes), range(side_by_side)):  # noqa: B023
                cut_off += log.count("this pass failed") + log.count("this pass came to nothing")
                if not verdict:
                    bad.append(f"{name} round {round_number}: {verdict}\n{log}")
    trial_count = rounds * side_by_side
    print(f"\nrestarted hard, seed {seed}: {trial_count} trials, {cut_off} passes cut off, {len(bad)} bad")
    assert bad == []
    assert rounds == 1 or cut_off > 0, "the plug was never pulled at work"
