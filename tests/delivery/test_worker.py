"""The scheduler process itself: `npq worker` as the Procfile starts it, killed at the worst moment and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.platforms import IDS
from core.database.database import open_database
from core.derived.installation import Installation
from reference.pack import Pack
from tests.conftest import GUIDANCE
from tests.delivery.conftest import NOW, Outpost
from tests.fakes.slack import FakeSlack, workspace

NPQ = Path(sys.executable).parent / "npq"
STARTS_WITHIN = 120.0  # seconds, on a machine that is very busy
FIRST = -10  # of POSIX's niceness
TAKEN_OVER_WITHIN = 120.0  # the lease of the one before runs for fifteen seconds


@dataclass
class Site:
    """One installation: a database of its own, a workspace of its own, and the worker processes started there."""

    outpost: Outpost
    environment: dict[str, str]
    log: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen([NPQ, "worker"], env=self.environment, stderr=log, stdout=log)
        self.started.append(process)
        return process

    def posted(self) -> list[str]:
        return self.outpost.said()

    def state(self) -> list[str]:
        return [post.state for post in self.outpost.posts()]

    def in_the_middle_of_a_post(self) -> bool:
        """The call has reached Slack, which takes its time over it."""
        return self.state() == ["sending"] and not self.outpost.slack._troubles["chat.postMessage"]

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait(timeout=10)
        self.outpost.installation.engine.dispose()


@contextmanager
def site(folder: Path, template: Path, pack: Pack) -> Iterator[Site]:
    """Jane and Omar of Hub A, one message due to C1; the clock of every process stands at 16 June 2022."""
    folder.mkdir()
    (folder / "npq.db").write_bytes(template.read_bytes())
    url = f"sqlite:///{folder}/npq.db"
    with workspace() as slack:
        outpost = Outpost(Installation(open_database(url), pack, platforms=IDS), slack)
        outpost.people("Hub A", "Jane Doe", "Omar Haddad")
        outpost.bind("C1", "Hub A")
        running = Site(outpost, environment(url, slack), folder / "log")
        try:
            yield running
        finally:
            running.end()


def environment(url: str, slack: FakeSlack) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": slack.token,
        "SLACK_API_URL": slack.api_url,
        "NPQ_PACK": GUIDANCE,
        "NPQ_NOW": NOW.isoformat(),
    }


def until(holds: Callable[[], bool], seconds: float) -> float:
    """Waits until something holds; how long that took. It fails when it does not come to hold in time."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began


def put_first(process: subprocess.Popen[Any]) -> None:
    """As on a machine that has nothing else to do: before the other tests, where that is permitted and Linux."""
    for task in Path(f"/proc/{process.pid}/task").glob("*"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, int(task.name), FIRST)


def terminate(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """SIGTERM: how many seconds the process took to end, and its exit code."""
    put_first(process)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=60)
    return time.monotonic() - began, code


# What happens to a worker; each answers what one could see afterwards.


def at_work(here: Site) -> dict[str, Any]:
    """Undisturbed: a pass at once; something is decided; it is told to end."""
    worker = here.start()
    until(lambda: here.state() == ["sent"], STARTS_WITHIN)
    put_first(worker)
    here.outpost.extend("hub-a/jane-doe")
    redrawn = until(lambda: "29 July 2022" in here.posted()[0], TAKEN_OVER_WITHIN)
    seconds, code = terminate(worker)
    return {"redrawn": redrawn, "seconds": seconds, "code": code}


def told_to_end(here: Site) -> dict[str, Any]:
    """SIGTERM in the middle of a post that takes longer than the worker may still live."""
    here.outpost.slack.trouble("chat.postMessage", "late", 7.0)
    worker = here.start()
    until(here.in_the_middle_of_a_post, STARTS_WITHIN)
    seconds, code = terminate(worker)
    before = len(here.posted())
    successor = here.start()
    until(lambda: here.state() == ["sent"], TAKEN_OVER_WITHIN)
    return {"seconds": seconds, "code": code, "before": before, "successor": terminate(successor)}


def killed_and_it_arrives(here: Site) -> dict[str, Any]:
    """kill -9 in the middle of a slow post, which Slack takes all the same: after the next worker has started."""
    here.outpost.slack.trouble("chat.postMessage", "late", 5.0)
    worker = here.start()
    until(here.in_the_middle_of_a_post, STARTS_WITHIN)
    worker.kill()
    worker.wait(timeout=10)
    before = len(here.posted())
    here.start()
    until(lambda: here.state() == ["sent"], TAKEN_OVER_WITHIN)
    return {"before": before}


def killed_and_it_is_lost(here: Site) -> dict[str, Any]:
    """kill -9 in the middle of a slow post, which Slack never takes."""
    here.outpost.slack.trouble("chat.postMessage", "late", 3.0)
    worker = here.start()
    until(here.in_the_middle_of_a_post, STARTS_WITHIN)
    here.outpost.slack.revoked = True
    worker.kill()
    worker.wait(timeout=10)
    until(lambda: here.outpost.tries() == 1, STARTS_WITHIN)
    here.outpost.slack.revoked = False
    before = len(here.posted())
    here.start()
    until(lambda: here.state() == ["sent"], TAKEN_OVER_WITHIN)
    return {"before": before}


def suspended(here: Site) -> dict[str, Any]:
    """The machine slept for longer than from one pass to the next; then something is decided."""
    worker = here.start()
    until(lambda: here.state() == ["sent"], STARTS_WITHIN)
    worker.send_signal(signal.SIGSTOP)
    time.sleep(10)
    worker.send_signal(signal.SIGCONT)
    here.outpost.extend("hub-a/jane-doe")
    until(lambda: "29 July 2022" in here.posted()[0] or worker.poll() is not None, TAKEN_OVER_WITHIN)
    return {"ended": worker.poll(), "told": terminate(worker)}


def without_its_tables(here: Site) -> dict[str, Any]:
    """Somebody forgot `npq migrate`."""
    here.environment["DATABASE_URL"] = f"sqlite:///{here.log.parent}/new.db"
    return {"code": here.start().wait(timeout=STARTS_WITHIN)}


@dataclass(frozen=True)
class Seen:
    """What one could see afterwards."""

    posted: list[str]
    tries: int
    log: str
    told: Mapping[str, Any]


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pack: Pack
) -> Iterator[Mapping[str, Callable[[], Seen]]]:
    """All of it at once, each in an installation of its own, since most of the time is spent waiting."""
    folder = tmp_path_factory.mktemp("workers")

    def play(happens: Callable[[Site], dict[str, Any]]) -> Seen:
        with site(folder / happens.__name__, sqlite_template, pack) as here:
            told = happens(here)
            time.sleep(0.3)  # whatever might still come, comes
            return Seen(here.posted(), here.outpost.tries(), here.log.read_text(), told)

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(6))
        every = (at_work, told_to_end, suspended, killed_and_it_arrives, killed_and_it_is_lost, without_its_tables)
        running = {happens.__name__: pool.submit(play, happens) for happens in every}
        yield {name: future.result for name, future in running.items()}


def test_it_makes_a_pass_at_once_and_the_next_within_half_a_minute(seen: Mapping[str, Callable[[], Seen]]) -> None:
    afterwards = seen["at_work"]()
    assert len(afterwards.posted) == 1
    assert "rehearsal" in afterwards.posted[0].casefold(), "the clock is frozen, and every post says so"
    assert afterwards.told["redrawn"] < 30
    assert afterwards.tries == 1


def test_it_ends_within_six_seconds_of_sigterm(seen: Mapping[str, Callable[[], Seen]]) -> None:
    told = seen["at_work"]().told
    assert told["seconds"] < 6
    assert told["code"] == 0


def test_it_ends_within_six_seconds_of_sigterm_also_in_the_middle_of_a_post(
    seen: Mapping[str, Callable[[], Seen]],
) -> None:
    afterwards = seen["told_to_end"]()
    assert afterwards.told["seconds"] < 6
    assert afterwards.told["code"] == 0
    assert afterwards.told["before"] == 0, "the post was still under way"
    assert (len(afterwards.posted), afterwards.tries) == (1, 1), "and the next worker neither loses nor doubles it"
    assert afterwards.told["successor"][1] == 0


def test_it_works_on_after_its_machine_has_slept(seen: Mapping[str, Callable[[], Seen]]) -> None:
    afterwards = seen["suspended"]()
    assert afterwards.told["ended"] is None
    assert "29 July 2022" in afterwards.posted[0]
    assert afterwards.told["told"][1] == 0, "and it ends when it is told to"


def test_killed_in_the_middle_of_a_post_that_arrives_it_is_not_posted_again(
    seen: Mapping[str, Callable[[], Seen]],
) -> None:
    afterwards = seen["killed_and_it_arrives"]()
    assert afterwards.told["before"] == 0
    assert (len(afterwards.posted), afterwards.tries) == (1, 1)


def test_killed_in_the_middle_of_a_post_that_is_lost_it_is_posted_by_the_next(
    seen: Mapping[str, Callable[[], Seen]],
) -> None:
    afterwards = seen["killed_and_it_is_lost"]()
    assert afterwards.told["before"] == 0
    assert (len(afterwards.posted), afterwards.tries) == (1, 2)


def test_it_logs_counts_and_nobodys_name(seen: Mapping[str, Callable[[], Seen]]) -> None:
    logs = {name: answer().log for name, answer in seen.items() if name != "without_its_tables"}
    assert "planned 1, superseded 2, sent 1" in logs["at_work"]
    for log in logs.values():
        assert "the worker has started" in log
        assert not [word for word in ("Jane", "Omar", "workload", "Traceback", "xoxb-") if word in log]


def test_without_its_tables_it_says_npq_migrate(seen: Mapping[str, Callable[[], Seen]]) -> None:
    """One sentence, no traceback."""
    afterwards = seen["without_its_tables"]()
    assert afterwards.told["code"] == 1
    assert "npq migrate" in afterwards.log
    assert len(afterwards.log.strip().splitlines()) == 1
    assert afterwards.tries == 0
