"""One activity is answered once: delivered again, to the same process, another or the next one; and what was lost is answered then."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import GUIDANCE
from tests.flows.colleagues import Colleague
from tests.flows.test_teams_slow import held
from tests.flows.two_platforms import SAM, TEAM, TwoPlatforms

LATER = "2022-06-16T09:30:00+01:00"
ENDS_WITHIN = 6.0  # seconds
SERVE = "from bot.app import serve; from bot.settings import Settings; serve(Settings(), host='127.0.0.1')"


def warm(house: TwoPlatforms) -> Colleague:
    """Sam, in a house whose process has its answers at hand."""
    sam = house.colleague(SAM)
    for words in ("status jane smith", "help"):
        sam.says(words)
    return sam


@pytest.fixture
def notes_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is quickly answered waits a tenth of a second for being noted, and for longer on a busy machine."""
    monkeypatch.setattr("bot.teams.receive.NOTED_WITHIN", 10)


@pytest.mark.usefixtures("notes_take_their_time")
@pytest.mark.parametrize("place", [None, TEAM])
def test_a_message_is_answered_by_one_process_alone(either: TwoPlatforms, place: str | None) -> None:
    sam, other, third = warm(either), warm(either.at(LATER)), either.at(LATER).colleague(SAM)
    for words in ("help", "status jane smith", "at-risk", "status p-001", "hello there", "outbox"):
        before, before_here = len(sam.hears()), len(either.in_teams())
        asked = sam.message(words, to=place)
        for who in (sam, sam, other, other, third):
            assert who.sends(asked).status_code == 200
        assert len(sam.hears()) - before == 1, words
        assert len(either.in_teams()) - before_here == (place is not None), words


@pytest.mark.usefixtures("notes_take_their_time")
@pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])
@pytest.mark.parametrize("label", ["Details", "Log contact"])
def test_a_press_posts_its_messages_once(either: TwoPlatforms, label: str, submit: bool) -> None:
    sam = either.colleague(SAM)
    pressed = sam.press(sam.says("status jane smith"), label, submit=submit)
    sam.sends(pressed)
    heard = [each.words for each in sam.hears()]
    for who in (sam, either.at(LATER).colleague(SAM)):
        assert who.sends(pressed).status_code == 200
    assert [each.words for each in sam.hears()] == heard


@pytest.mark.usefixtures("notes_take_their_time")
def test_an_installation_is_greeted_once(either: TwoPlatforms) -> None:
    sam = either.colleague(SAM)
    given = sam.activity(type="installationUpdate", action="add")
    for who in (sam, sam, either.at(LATER).colleague(SAM)):
        assert who.sends(given).status_code == 200
    assert len(sam.hears()) == 1


def test_a_quick_answer_does_not_wait_for_who_holds_the_database(both: TwoPlatforms) -> None:
    sam = warm(both)
    before = len(sam.hears())
    with held(both):
        assert sam.sends(sam.message("help")).status_code == 200
        assert len(sam.hears()) == before + 1


@pytest.mark.usefixtures("notes_take_their_time")
@pytest.mark.parametrize("place", [None, TEAM])
def test_what_certainly_came_to_nothing_is_answered_when_it_is_delivered_again(
    either: TwoPlatforms, place: str | None
) -> None:
    sam = warm(either)
    before = len(sam.hears())
    asked = sam.message("status jane smith", to=place)
    either.teams.trouble("post", "status", 400, times=2)
    for _ in range(3):
        assert sam.sends(asked).status_code == 200
    assert len(sam.hears()) - before == 1


# a process that is stopped


@contextmanager
def serving(house: TwoPlatforms, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The web process by itself."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = house.settings
    secret = settings.teams_client_secret
    assert secret is not None
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "NPQ_"))},
        "DATABASE_URL": settings.database_url,
        "TEAMS_CLIENT_ID": settings.teams_client_id or "",
        "TEAMS_CLIENT_SECRET": secret.get_secret_value(),
        "TEAMS_TENANT_ID": settings.teams_tenant_id or "",
        "TEAMS_OPENID_URL": settings.teams_openid_url,
        "TEAMS_LOGIN_URL": settings.teams_login_url,
        "TEAMS_SERVICE_URL": settings.teams_service_url,
        "NPQ_PACK": GUIDANCE,
        "NPQ_NOW": LATER,
        "PORT": str(port),
    }
    with log.open("wb") as said:
        process = subprocess.Popen([sys.executable, "-c", SERVE], env=environment, stdout=said, stderr=said)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            assert process.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process, address
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=10)


@pytest.mark.parametrize(
    ("trouble", "again"),
    [({"kind": "status", "value": 429, "retry_after": 20}, 1), ({"kind": "late"}, 0)],
    ids=["put off", "hangs"],
)
@pytest.mark.parametrize("words", ["status jane smith", "at-risk"])
def test_a_process_that_is_stopped_gives_its_receipt_and_loses_no_answer_that_was_not_posted(
    both: TwoPlatforms, tmp_path: Path, trouble: dict[str, Any], again: int, words: str
) -> None:
    first_log = tmp_path / "first.log"
    member, answers, goes_on = both.teams.people[SAM], list[int](), threading.Event()

    def send(address: str, given: dict[str, Any]) -> None:
        with Colleague(both.teams, address, member, httpx.Client(timeout=30)) as sam:
            answers.append(sam.sends(given).status_code)

    with serving(both, first_log) as (process, address):
        sam = both.colleague(SAM)
        asked = sam.message(words)
        if trouble["kind"] == "late":
            trouble = {**trouble, "value": goes_on}
        both.teams.trouble("post", **trouble)
        asking = threading.Thread(target=send, args=(address, asked))
        asking.start()
        if trouble["kind"] == "late":
            assert both.teams.wait_until(lambda: not both.teams._troubles["post"])
        else:
            assert both.teams.wait_until(lambda: bool(both.teams.called("post")))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - began < ENDS_WITHIN
        asking.join()
    said = first_log.read_text()
    assert "given up since this process was stopped: 1" in said
    assert "Traceback" not in said
    assert answers == [200]
    address = both.at(LATER).address
    for _ in range(2):
        send(address, asked)
    assert again == 0 or sam.hears(), "it is answered at once"
    goes_on.set()
    assert both.teams.wait_until(lambda: len(sam.hears()) > 0, 20), "what may have been posted arrives late"
    assert len(sam.hears()) == 1
    assert answers == [200, 200, 200]
