"""A database that is held up or gone while people ask: real processes, real locks, a real server that dies and comes back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from bot.delivery.worker import Worker
from bot.open_installation import open_installation
from bot.senders import senders
from core.database.database import open_database
from tests.cli.test_processes import free_port, running, until
from tests.conftest import GUIDANCE
from tests.fakes import postgres
from tests.fakes.slack import FakeSlack, words
from tests.flows.conftest import DECLARED, NOW, PEOPLE, House, settings_for
from tests.flows.people import errors, shown

T = TypeVar("T")
SLACK_WAITS = 3.0
HALF_AN_IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bot.delivery.worker import Worker
from bot.open_installation import open_installation
from bot.senders import senders
from core.database.database import open_database
from core.services import imports
from core.services.staff.actors import Actor
from core.derived.installation import Installation
from reference.loading import load_pack

def wait(name, done, total):
    if name == "people.csv" and done == total:
        print("half way", flush=True)
        sys.stdin.readline()

installation = Installation(open_database(sys.argv[1]), load_pack("edt-v18"))
report = imports.import_files(
    installation, Actor.console("night"), [Path(p) for p in sys.argv[2:]], now=datetime.now(UTC), progress=wait
)
print(report.written, flush=True)
"""


@contextmanager
def served(slack: FakeSlack, folder: Path, url: str) -> Iterator[House]:
    """A house whose bot is `npq serve` in a process of its own."""
    settings = settings_for(slack, folder, database_url=url)
    port = free_port()
    environment = {
        "DATABASE_URL": url,
        "NPQ_PACK": GUIDANCE,
        "NPQ_NOW": NOW,
        "PORT": str(port),
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }
    with ExitStack() as stack:
        house = House(slack, settings, folder, stack)
        house.set_up()
        stack.enter_context(running("serve", folder=folder, **environment))
        house._address = f"http://127.0.0.1:{port}"
        assert until(lambda: ready(house) == 200, 60), (folder / "log.txt").read_text(encoding="utf-8")
        yield house
        house.installation.engine.dispose()
    assert "Traceback" not in (folder / "log.txt").read_text(encoding="utf-8")


def ready(house: House) -> int:
    try:
        return httpx.get(f"{house._address}/readyz", timeout=10).status_code
    except httpx.TransportError:
        return 0


def timed(act: Callable[[], T]) -> tuple[float, T]:
    began = time.monotonic()
    done = act()
    return time.monotonic() - began, done


@contextmanager
def half_an_import(url: str, folder: Path) -> Iterator[None]:
    """An import in another process that has written everybody anew and has not ended; it ends with the block."""
    (people := folder / "people.csv").write_text(PEOPLE.replace("Jane Smith", "Jane Smythe"), encoding="utf-8")
    (declared := folder / "declared.csv").write_text(DECLARED.replace("payable", "paid"), encoding="utf-8")
    importing = subprocess.Popen(
        [sys.executable, "-c", HALF_AN_IMPORT, url, people, declared],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert importing.stdout is not None
        assert importing.stdout.readline() == "half way\n"
        yield
        said, _ = importing.communicate("go on\n", timeout=60)
        assert said == "True\n"
    finally:
        importing.kill()
        importing.wait(timeout=10)


def test_people_are_answered_while_an_import_is_written(database_url: str, slack: FakeSlack, tmp_path: Path) -> None:
    with served(slack, tmp_path, database_url) as house:
        sam = house.person("U0COORD")
        sam.channel = "D0SAM"
        idle, card = timed(lambda: sam.says("/npq status p-001"))
        contact, extension = sam.opens(card.message, "Log contact"), sam.opens(card.message, "Extend")
        within = SLACK_WAITS + idle  # the machine's own slowness is not the database's
        with half_an_import(database_url, tmp_path):
            for who in ("p-001", "p-002"):
                took, answer = timed(lambda who=who: sam.says(f"/npq status {who}"))
                assert took < within
                assert "Jane" in answer.words
                assert "Smythe" not in answer.words, "what is half written is seen by nobody"
            for form, values in (
                (contact, {"how": "Phone", "outcome": "No answer"}),
                (extension, {"new": "2022-07-29", "reason": "Workload"}),
            ):
                took, reply = timed(lambda form=form, values=values: sam.submits(form, **values))
                assert took < within
                said = errors(reply)
                assert "Something is being written just now" in said
                assert "try again in a minute" in said
            slack.channel("D0SAM")
            before = len(slack.said("D0SAM"))
            assert sam.event({"type": "message", "channel_type": "im", "text": "status p-002"}).status_code == 200
            took, _ = timed(lambda: until(lambda: len(slack.said("D0SAM")) > before, within))
            assert took < within
            assert "Jane Doe" in words(slack.said("D0SAM")[-1])
        assert "29 July 2022" in shown(sam.submits(extension, new="2022-07-29", reason="Workload"))
        assert "Jane Smythe" in sam.says("/npq status p-001").words


def test_a_server_that_dies_is_said_and_used_again_when_it_is_back(slack: FakeSlack, tmp_path: Path) -> None:
    with postgres.running() as server:
        with served(slack, tmp_path, server.url) as house:
            sam = house.person("U0COORD")
            idle, card = timed(lambda: sam.says("/npq status p-001"))
            assert "Jane Smith" in card.words
            form = sam.opens(card.message, "Extend")
            server.stop_hard()
            try:
                for _ in range(2):
                    took, answer = timed(lambda: sam.says("/npq status p-001"))
                    assert took < SLACK_WAITS + idle
                    assert "Nothing takes connections" in answer.words
                    took, reply = timed(lambda: sam.submits(form, new="2022-07-29", reason="Workload"))
                    assert took < SLACK_WAITS + idle
                    assert "Nothing takes connections" in errors(reply)
                assert ready(house) == 503
            finally:
                server.start()
            assert "Jane Smith" in sam.says("/npq status p-001").words
            assert ready(house) == 200
            assert "29 July 2022" in shown(sam.submits(form, new="2022-07-29", reason="Workload"))
        kept = open_database(server.url)
        with kept.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM decision").scalar_one() == 1
        kept.dispose()


def test_a_pass_that_finds_the_database_held_says_so_and_the_next_one_posts(
    sqlite_url: str, slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(slack, tmp_path, database_url=sqlite_url)
    with ExitStack() as stack:
        house = House(slack, settings, tmp_path, stack)
        house.set_up()
        house.posts_go_to("C0TEAM")
        installation = open_installation(settings, patience=1)
        worker = Worker(installation, senders(settings, installation), settings.clock)
        with half_an_import(sqlite_url, tmp_path):
            assert worker.one_pass() is None
            assert "Something is being written just now" in caplog.text
            assert house.posts() == []
        report = worker.one_pass()
        assert report is not None
        assert report.sent > 0
        assert house.posts("Jane Smythe")


def test_tables_of_another_version_beneath_a_running_process_are_said_at_once(house: House) -> None:
    """A file that was put back is older than the program: the first who asks is told what helps, as all after them."""
    sam = house.person("U0COORD")
    assert "Jane Smith" in sam.says("/npq status jane smith").words
    with house.installation.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE caseload_revision DROP COLUMN mark")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0010'")
    for _ in range(2):
        said = sam.says("/npq status jane smith").words
        assert "npq migrate" in said
        assert "on our side" not in said
