"""A Connector that answers oddly, slowly or elsewhere: Teams gets its receipt, whoever asked their answer once, and true words."""

from __future__ import annotations

import logging
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from core.services import teams_conversations
from tests.fakes.listening import Listener
from tests.flows.colleagues import Colleague
from tests.flows.two_platforms import CHAT, SAM, TEAM, TwoPlatforms

PRIVATELY = "I've answered you in our private chat, where nobody else reads along."
PERHAPS = "I've tried to answer you in our private chat; if nothing is there, please ask again."
NOT_NOW = "I can't reach Teams just now; please try again in a few minutes."

BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "HTML": b"<html>ok</html>",
    "a number as id": b'{"id":5}',
    "null as id": b'{"id":null}',
    "broken JSON": b"{",
    "no UTF-8": b"\xff\xfe",
    "nested deep": b"[" * 50_000,
}
STATUSES = {"empty": 200, "null": 200, "HTML": 200}


def said_raw(body: bytes, status: int = 201) -> bytes:
    return b"HTTP/1.1 %d Fine\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


ODD = {
    **{name: said_raw(body, STATUSES.get(name, 201)) for name, body in BODIES.items()},
    "no content": b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
}


def told_in(both: TwoPlatforms, place: str = TEAM) -> list[str]:
    return [each.text for each in both.in_teams(place=place)]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", [None, TEAM])
def test_an_odd_answer_to_a_post_is_an_unknown_outcome(
    both: TwoPlatforms, colleague: Colleague, place: str | None, odd: str
) -> None:
    colleague.says("help")
    before = len(colleague.hears())
    both.teams.trouble("post", "raw_after", ODD[odd])
    asked = colleague.message("status jane smith", to=place)
    for _ in range(2):
        assert (colleague.sends(asked).status_code, len(colleague.hears()) - before) == (200, 1)
    assert told_in(both) == ([] if place is None else [PERHAPS])
    assert "Jane Doe" in colleague.says("status jane doe", to=place).words


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_to_the_opening_of_a_chat_opens_none(both: TwoPlatforms, colleague: Colleague, odd: str) -> None:
    both.teams.trouble("open", "raw_after", ODD[odd])
    asked = colleague.message("status jane smith", to=TEAM)
    assert colleague.sends(asked).status_code == 200
    assert told_in(both) == [NOT_NOW]
    assert colleague.hears() == []
    assert "Jane Smith" in colleague.says("status jane smith", to=TEAM).words


@pytest.mark.parametrize("submit", [False, True])
@pytest.mark.parametrize("odd", ["empty", "null", "a list", "HTML"])
def test_an_odd_answer_to_a_redrawn_card_is_a_redrawn_card(
    both: TwoPlatforms, colleague: Colleague, odd: str, submit: bool
) -> None:
    answer = colleague.says("status jane smith")
    both.teams.trouble("update", "raw_after", ODD[odd])
    assert colleague.sends(colleague.press(answer, "Log contact", submit=submit)).status_code == 200
    assert len(colleague.hears()) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, NOT_NOW), (400, NOT_NOW), (413, NOT_NOW), (500, PERHAPS), (503, PERHAPS), (504, NOT_NOW)],
)
def test_what_is_said_in_a_channel_is_what_became_of_the_answer(
    both: TwoPlatforms, colleague: Colleague, caplog: pytest.LogCaptureFixture, status: int, words: str
) -> None:
    colleague.says("help")
    before = len(colleague.hears())
    both.teams.trouble("post", "status", status, times=2, about="Jane Smith")
    caplog.set_level(logging.WARNING)
    assert colleague.sends(colleague.message("status jane smith", to=TEAM)).status_code == 200
    assert told_in(both) == [words]
    assert len(colleague.hears()) == before
    errors = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert len(errors) == (status == 401)
    assert all("Set TEAMS_CLIENT_SECRET" in each for each in errors)


@pytest.mark.parametrize("status", [401, 500])
def test_what_is_said_of_a_press_is_what_became_of_its_answer(
    both: TwoPlatforms, colleague: Colleague, status: int
) -> None:
    answer = colleague.says("status jane smith")
    both.teams.trouble("post", "status", status, times=2)
    said = colleague.sends(colleague.press(answer, "Details")).json()["value"]
    assert said == {
        401: NOT_NOW,
        500: "I've tried to answer below; if nothing is there, please press once more.",
    }[status]  # fmt: skip


def test_a_connector_that_drips_keeps_nobody_longer_than_one_call_may_take(
    both: TwoPlatforms, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague.says("help")
    monkeypatch.setattr("bot.teams.receive.ANSWER_WITHIN", 0.3)
    monkeypatch.setattr("bot.teams.tell_person.TAKEN_WITHIN", 1.0)
    enough = threading.Event()

    def drips(request: BaseHTTPRequestHandler, _: bytes) -> None:
        request.send_response(201)
        request.send_header("Content-Length", "5000")
        request.end_headers()
        while not enough.wait(0.05):
            request.wfile.write(b" ")

    slow = Listener(drips)
    try:
        asked = {**colleague.message("status jane smith"), "serviceUrl": slow.address}
        assert colleague.sends(asked, serviceurl=slow.address).status_code == 200
        slow_one = {**colleague.message("status p-002"), "serviceUrl": slow.address}
        assert colleague.sends(slow_one, serviceurl=slow.address).status_code == 200
        before = len(colleague.hears())
        assert colleague.sends(colleague.message("status jane doe")).status_code == 200
        assert both.teams.wait_until(lambda: len(colleague.hears()) > before)
        assert both.teams.wait_until(lambda: len(colleague.hears()) > before + 1), (
            "it goes where Teams is heard from by now"
        )
    finally:
        enough.set()
        slow.close()


@pytest.mark.parametrize("place", [None, TEAM, CHAT])
def test_an_answer_to_a_dead_address_goes_to_the_new_one_and_keeps_no_other_up(
    either: TwoPlatforms, monkeypatch: pytest.MonkeyPatch, place: str | None
) -> None:
    sam = either.colleague(SAM)
    sam.says("help")
    monkeypatch.setattr("bot.teams.receive.ANSWER_WITHIN", 0.3)
    old, asked = either.teams.service_url, sam.message("status jane smith", to=place)
    either.teams.move()
    assert sam.sends(asked, serviceurl=old).status_code == 200
    before = len(sam.hears())
    began = time.monotonic()
    assert sam.sends(sam.message("status jane doe", to=place)).status_code == 200
    assert either.teams.wait_until(lambda: any("Jane Doe" in each.words for each in sam.hears(before)), 20)
    assert time.monotonic() - began < 20
    assert either.teams.wait_until(lambda: any("Jane Smith" in each.words for each in sam.hears(before)), 20)
    either.ends()
    assert len(sam.hears(before)) == 2


def without_entra(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "from": {name: value for name, value in given["from"].items() if name != "aadObjectId"}}


def test_who_somebody_is_in_entra_may_come_later_and_is_kept(either: TwoPlatforms) -> None:
    sam = either.colleague(SAM)
    hello = sam.activity(type="installationUpdate", action="add")
    assert sam.sends(without_entra(hello)).status_code == 200
    for _ in range(3):
        assert "Jane Smith" in sam.says("status jane smith", to=TEAM).words
    assert either.teams.called("open") == []
    sam.says("help")
    for house in (either, either.at("2022-06-16T09:30:00+01:00")):
        again = house.colleague(SAM)
        assert again.sends(without_entra(again.message("help"))).status_code == 200
        assert "Jane Smith" in again.says("status jane smith", to=TEAM).words
        kept, _ = teams_conversations.place_of(either.installation, SAM)
        assert kept is not None
        assert kept.person == SAM
    assert either.teams.called("open") == []
