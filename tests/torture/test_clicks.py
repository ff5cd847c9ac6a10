"""The same click, two thousand times, to two web processes at once: one effect."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.delivery.conftest import NOW
from tests.flows.people import Person
from tests.torture.conftest import KINDS, LONG, trials
from tests.torture.scene import Scene, Stage
from tests.torture.test_kills import extension, serve

CALLERS = 16


@pytest.mark.parametrize("kind", KINDS if LONG else ("postgres",))
def test_the_same_click_again_and_again_has_one_effect(kind: str, stage: Stage, seed: int) -> None:
    count = trials(100, 2000)
    with stage.scene(kind, seed) as scene, ExitStack() as stack:
        scene.tick(NOW)
        addresses = [serve(scene)[1] for _ in range(2)]
        people = [
            stack.enter_context(Person(scene.slack, addresses[number % 2], "U0SAM", channel="C2"))  # type: ignore[arg-type]
            for number in range(CALLERS)
        ]
        body = extension(scene, people[0])
        answers: Counter[tuple[int, str]] = Counter()

        def deliver(number: int) -> None:
            answer = people[number % CALLERS].interacts(body)
            answers[answer.status_code, answer.text] += 1

        with ThreadPoolExecutor(CALLERS) as pool:
            list(pool.map(deliver, random.Random(seed).sample(range(count), count)))
        assert [status for status, _ in answers] == [200] * len(answers), answers
        assert sum(answers.values()) == count
        assert [(decision.kind, str(decision.until)) for decision in scene.decisions()] == [("extension", "2022-07-29")]
        assert_told_once(scene)
        print(f"\n{kind}, seed {seed}: the same click {count} times, {len(scene.decisions())} effect")


def assert_told_once(scene: Scene) -> None:
    """The post shows the new deadline, and nothing was posted anew."""
    scene.tick(NOW)
    [post] = [post for post in scene.slack.said("C2") if "Jane Doe" in post["words"]]
    assert "29 July 2022" in post["words"]
    assert sum(scene.slack.posted().values()) == 13
