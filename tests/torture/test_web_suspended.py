"""The web process is suspended in the middle of writing down a click: it keeps nobody from writing for long."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from threading import Thread

import httpx
from sqlalchemy import text

from core.database.database import open_database
from tests.delivery.conftest import NOW
from tests.flows.people import Person
from tests.torture.nursery import Process, until
from tests.torture.scene import LATER, Scene, Stage
from tests.torture.test_clicks import assert_told_once
from tests.torture.test_kills import extension, serve

TAKEN_FROM_IT = 120.0  # seconds, on a busy machine, in which another web process can do what this one had begun


def test_a_web_process_suspended_in_the_middle_of_a_decision(stage: Stage) -> None:
    with stage.scene("postgres", 0) as scene:
        scene.tick(NOW)
        stopped, address = serve(scene)
        with Person(scene.slack, address, "U0SAM", channel="C2") as sam:  # type: ignore[arg-type]
            body = extension(scene, sam)
            click = _stopped_in_the_middle(scene, sam, body, stopped)
            _, another = serve(scene)
            began = time.monotonic()
            with Person(scene.slack, another, "U0SAM", channel="C2") as again:  # type: ignore[arg-type]
                until(lambda: _decided(scene, again, body), TAKEN_FROM_IT, "a decision by the other process")
            print(f"\ntaken over after {time.monotonic() - began:.1f} s")
            stopped.send(signal.SIGCONT)
            click.join(timeout=120)
        assert [(d.kind, str(d.until)) for d in scene.decisions()] == [("extension", "2022-07-29")]
        assert_told_once(scene)
        scene.tick(NOW + LATER)
        assert scene.verdict(stage.expected())


def _stopped_in_the_middle(scene: Scene, sam: Person, body: dict[str, object], process: Process) -> Thread:
    """The process waits for a row that we hold; stopped then, it holds what it has changed so far once it gets the row."""
    engine = open_database(scene.url)
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE post IN EXCLUSIVE MODE"))
        click = Thread(target=_sent, args=(sam, body))
        click.start()
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with engine.connect() as looking:
            until(lambda: looking.execute(waiting).scalar(), 60, "a web process that waits for the row")
        process.send(signal.SIGSTOP)
    engine.dispose()
    return click


def _sent(sam: Person, body: dict[str, object]) -> None:
    with suppress(httpx.TransportError):
        sam.interacts(body)


def _decided(scene: Scene, sam: Person, body: dict[str, object]) -> bool:
    sam.interacts(body)
    time.sleep(0.5)
    return bool(scene.decisions())
