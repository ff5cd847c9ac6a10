"""kill -9 of worker, web and planner at random points, while Slack's weather is foul: nothing lost, twice or stuck."""

from __future__ import annotations

import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread

import httpx
import pytest
from sqlalchemy import select

from core.posts.outbox import Planner
from tests.delivery.conftest import NOW
from tests.flows.people import Person
from tests.torture.conftest import KINDS, trials
from tests.torture.nursery import Process, until
from tests.torture.scene import LATER, Scene, Stage, Verdict

AT_ONCE = 12  # trials side by side: nearly all of a trial is waiting
Trial = Callable[[Scene, random.Random, Stage], Verdict]


def worker_killed(scene: Scene, dice: random.Random, stage: Stage) -> Verdict:
    """One to five workers; one or two of them die in the middle of it, some are started again, all die at the end."""
    scene.slack.storm()
    workers = dice.choice((1, 1, 2, 2, 3, 5))
    for _ in range(workers):
        scene.start("worker")
    _some_time(scene, dice, 1)
    scene.processes[0].kill()
    if dice.random() < 0.6:
        scene.start("worker")
        _some_time(scene, dice, workers)
    return _afterwards(scene, dice, stage)


def planner_killed(scene: Scene, dice: random.Random, stage: Stage) -> Verdict:
    """Workers die while they plan, one after the other."""
    scene.slack.storm()
    for number in range(dice.randint(1, 3)):
        planner = scene.start("worker")
        until(lambda: scene.log().count("the worker has started") > number, 120, "a worker that starts")  # noqa: B023
        time.sleep(dice.uniform(0.0, 0.12))
        planner.kill()
    return _afterwards(scene, dice, stage)


def web_killed(scene: Scene, dice: random.Random, stage: Stage) -> Verdict:
    """The web process dies while it takes a click; the click comes again, to the next one, which dies while it redraws."""
    scene.tick(NOW)
    dies, address = serve(scene)
    with Person(scene.slack, address, "U0SAM", channel="C1") as sam:  # type: ignore[arg-type]
        body = extension(scene, sam)
        scene.slack.storm()
        click = Thread(target=lambda: _sent(sam, body))
        click.start()
        time.sleep(dice.uniform(0.0, 0.06))
        dies.kill()
        click.join()
    again, address = serve(scene)
    with Person(scene.slack, address, "U0SAM", channel="C1") as sam:  # type: ignore[arg-type]
        assert sam.interacts(body).status_code == 200
        time.sleep(dice.uniform(0.0, 0.6))
        again.kill()
    verdict = _afterwards(scene, dice, stage)
    decided = [(decision.kind, str(decision.until)) for decision in scene.decisions()]
    assert decided == [("extension", "2022-07-29")], decided
    [post] = [post for post in scene.slack.said("C2") if "Jane Doe" in post["words"]]
    assert "29 July 2022" in post["words"], "the post was not redrawn"
    return verdict


def serve(scene: Scene) -> tuple[Process, str]:
    """A web process that answers, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = scene.start("serve", PORT=str(port))
    address = f"http://127.0.0.1:{port}"

    def alive() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{address}/healthz", timeout=2).status_code == 200
        return False

    until(alive, 120, "a web process that answers")
    return process, address


def extension(scene: Scene, sam: Person) -> dict[str, object]:
    """Sam's form that extends Jane Doe of Hub 2, filled in, as it is delivered when it is submitted."""
    post = next(post for post in scene.slack.said("C2") if "Jane Doe" in post["words"])
    form = sam.opens(post, "Extend", near="Jane Doe")
    return sam.submission(form, new="2022-07-29", reason="Workload")


def _sent(sam: Person, body: dict[str, object]) -> None:
    with suppress(httpx.TransportError):
        sam.interacts(body)


def _some_time(scene: Scene, dice: random.Random, begun: int) -> None:
    """Until some moment after so many workers have begun, or until a call has come in: in the middle of it, or after."""
    until(lambda: scene.log().count("the worker has started") >= begun, 120, "a worker that starts")
    if dice.random() < 0.3:
        time.sleep(dice.uniform(0.0, 2.0))
        return
    wanted = scene.slack.calls() + dice.randint(1, 12)
    scene.slack.wait_until(lambda: scene.slack.calls() >= wanted, 5)
    time.sleep(dice.choice((0.0, 0.0, dice.uniform(0, 0.05))))


def _found(scene: Scene) -> list[str]:
    """What the dead left behind: where they were when they died."""
    left = [f"left a post {post.state}" for post in scene.posts() if post.state in ("sending", "unknown")]
    if any(planner.owner for planner in scene.query(select(Planner))):
        left.append("left the planner's lease")
    if not scene.messages():
        left.append("left nothing planned")
    return left


def _afterwards(scene: Scene, dice: random.Random, stage: Stage) -> Verdict:
    """Everything that still runs dies; the sky clears; the auditor's next tick comes."""
    scene.end_all()
    scene.befell.update(_found(scene))
    scene.slack.calm()
    scene.tick(NOW + LATER)
    return scene.verdict(stage.expected())


TRIALS: tuple[Trial, ...] = (worker_killed, worker_killed, worker_killed, planner_killed, web_killed)


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_random_points_nothing_is_lost_twice_or_stuck(kind: str, stage: Stage, seed: int) -> None:
    count = trials(5)
    stage.expected()
    befell: Counter[str] = Counter()

    def play(number: int) -> tuple[str, Verdict, str]:
        dice = random.Random(f"{seed}/{kind}/{number}")
        trial = TRIALS[number % len(TRIALS)]
        name = f"seed {seed} {kind} trial {number} {trial.__name__}"
        with stage.scene(kind, dice.getrandbits(30)) as scene:
            try:
                verdict = trial(scene, dice, stage)
            except AssertionError as failed:
                verdict = Verdict(stuck=[str(failed)])
            befell.update(scene.slack.seen()["befell"])
            befell.update(scene.befell)
            befell[trial.__name__] += 1
            return name, verdict, scene.log()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(play, range(count)))
    bad = [f"{name}: {verdict}\n{log}" for name, verdict, log in done if not verdict]
    print(f"\n{kind}, seed {seed}: {count} trials, {len(bad)} bad; faults: {dict(sorted(befell.items()))}")
    for one in bad:
        print(one)
    assert len(bad) == 0
