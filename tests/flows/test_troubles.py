"""What goes wrong around the bot, and the one clear sentence that somebody gets."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import text

from bot.settings import Settings, read_settings
from core.services.refusals import Refusal
from tests.fakes.slack import FakeSlack
from tests.flows.conftest import House, settings_for
from tests.flows.people import Person

FORM = "application/x-www-form-urlencoded"
HELP = urlencode({"command": "/npq", "text": "help", "user_id": "U0COORD", "team_id": "T1", "trigger_id": "1.1"})


def test_a_wrong_signature_is_refused(sam: Person, caplog: pytest.LogCaptureFixture) -> None:
    assert sam.post(FORM, HELP, secret="somebody else's").status_code == 401
    assert "SLACK_SIGNING_SECRET" in caplog.text


def test_no_signature_is_refused(house: House) -> None:
    answer = httpx.post(f"{house.address}/slack/events", content=HELP, headers={"Content-Type": FORM})
    assert answer.status_code == 401


@pytest.mark.parametrize("seconds_ago", [6 * 60, -6 * 60])
def test_six_minutes_old_or_early_is_refused_by_the_real_clock(
    sam: Person, caplog: pytest.LogCaptureFixture, seconds_ago: int
) -> None:
    assert sam.post(FORM, HELP, seconds_ago=seconds_ago).status_code == 401
    assert "clock" in caplog.text


def test_four_minutes_old_is_answered_though_the_world_stands_still(sam: Person) -> None:
    assert sam.post(FORM, HELP, seconds_ago=4 * 60).status_code == 200


def test_slack_may_prove_the_address(sam: Person) -> None:
    answer = sam.post("application/json", '{"type": "url_verification", "challenge": "abc"}')
    assert "abc" in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, "payload=%7Bnot+json"),
        (FORM, "payload=%5B1%2C2%5D"),
        (FORM, "payload=%7B%22type%22%3A%22block_actions%22%7D"),
        (FORM, "payload=%7B%22type%22%3A%22view_submission%22%7D"),
        (FORM, "command=%2Fnpq"),
        (FORM, "%ff%fe"),
        ("application/json", "[]"),
        ("application/json", "{"),
        ("application/json", '{"type": "event_callback", "event": "x"}'),
        (FORM, ""),
    ],
)
def test_what_makes_no_sense_breaks_nothing(sam: Person, kind: str, body: str) -> None:
    assert sam.post(kind, body).status_code < 500
    assert sam.post(FORM, HELP).status_code == 200


def test_a_huge_body_is_not_read(house: House) -> None:
    answer = httpx.post(f"{house.address}/slack/events", content=b"x" * 2_100_000, headers={"Content-Type": FORM})
    assert answer.status_code == 413


def test_who_leaves_in_the_middle_of_a_request_is_no_fault(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Anybody can do that; it is a line in the log each time, and no more."""
    address = urlsplit(house.address)
    head = f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 900\r\n\r\n"
    for _ in range(3):
        with socket.create_connection((address.hostname, address.port)) as leaving:
            leaving.sendall(head.encode() + b"command=")
    assert house.slack.wait_until(lambda: caplog.text.count("It ended before its body was complete") == 3)
    assert httpx.get(f"{house.address}/healthz").status_code == 200
    house.ends()
    assert "Traceback" not in caplog.text
    assert "Exception in ASGI" not in caplog.text


def test_alive_and_ready(house: House) -> None:
    assert httpx.get(f"{house.address}/healthz").status_code == 200
    assert httpx.get(f"{house.address}/readyz").status_code == 200


def test_a_missing_database_is_said_until_it_is_there(bare_house: House) -> None:
    sam = bare_house.person("U0COORD")
    ready = httpx.get(f"{bare_house.address}/readyz")
    assert (ready.status_code, "npq migrate" in ready.text) == (503, True)
    assert httpx.get(f"{bare_house.address}/healthz").status_code == 200
    assert "npq migrate" in sam.says("/npq status jane").words
    bare_house.set_up()
    assert httpx.get(f"{bare_house.address}/readyz").status_code == 200
    assert "Jane Smith" in sam.says("/npq status jane").words


def test_a_database_one_version_behind_is_said(house: House) -> None:
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    ready = httpx.get(f"{house.address}/readyz")
    assert (ready.status_code, "npq migrate" in ready.text) == (503, True)
    assert "npq migrate" in house.person("U0COORD").says("/npq status jane").words


def test_a_database_that_breaks_under_way_is_told_without_anybodys_name(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    sam = house.person("U0COORD")
    assert "Jane Smith" in sam.says("/npq status p-001").words
    with house.installation.engine.begin() as connection:
        connection.execute(text("ALTER TABLE staff RENAME TO staff_gone"))
    told = sam.says("/npq status jane smith").words
    assert "nothing was recorded" in told
    assert "Jane" not in told
    assert "jane" not in caplog.text.casefold()


def test_a_channel_that_the_bot_is_not_in(house: House, slack: FakeSlack) -> None:
    slack.channel("C0ELSE", bot_in=False)
    house.posts_go_to("C0ELSE")
    report = house.tick()
    assert any("not_in_channel" in trouble for trouble in report.troubles)
    assert any("/invite" in trouble for trouble in report.troubles)
    assert slack.said("C0ELSE") == []


def test_a_revoked_token(house: House, slack: FakeSlack) -> None:
    house.posts_go_to("C0TEAM")
    slack.revoked = True
    report = house.tick()
    assert any("SLACK_BOT_TOKEN" in trouble for trouble in report.troubles)
    assert "Jane Smith" in house.person("U0COORD").says("/npq status p-001").words, "answers need no token"


def test_slack_is_not_set_up(house: House, slack: FakeSlack, tmp_path: Path) -> None:
    from bot.app import web_app
    from tests.flows.web import serving

    settings = settings_for(slack, tmp_path, slack_bot_token=None, slack_signing_secret=None)
    with serving(web_app(settings, house.installation)) as address:
        answer = httpx.post(f"{address}/slack/events", content=HELP, headers={"Content-Type": FORM})
        assert answer.status_code == 503
        assert "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET" in answer.json()["error"]
        assert httpx.get(f"{address}/readyz").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("NPQ_NOW", "2022-06-16T09:00:00", "offset"),
        ("NPQ_NOW", "next Thursday", "NPQ_NOW"),
        ("PORT", "many", "PORT"),
        ("PORT", "99999", "PORT"),
        ("SLACK_API_URL", "slack.com/api", "SLACK_API_URL"),
    ],
)
def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refusal) as refused:
        read_settings()
    assert says in refused.value.message
    assert "\n" not in refused.value.message


def test_settings_keep_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://npq:very-secret@db/npq")
    settings = read_settings()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-very-secret"
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize("address", ["http://127.0.0.1:5/api/", "http://127.0.0.1:5/api"])
def test_the_web_api_address_with_and_without_its_last_slash(address: str) -> None:
    assert Settings(slack_api_url=address).slack_api_url == "http://127.0.0.1:5/api/"


def test_names_do_not_reach_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        sam = house.person("U0COORD")
        sam.says("/npq status jane smith")
        sam.says("/npq status nobody-of-that-name")
        sam.says("/npq at-risk")
    assert "jane" not in caplog.text.casefold()
    assert "nobody-of-that-name" not in caplog.text


def test_a_slow_answer_is_acknowledged_in_time_and_whispered_later(
    house: House, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others hold every database connection: Slack is answered before they let go, the person afterwards."""
    sam.says("/npq help")
    monkeypatch.setattr("bot.slack.receive.ANSWER_WITHIN", 0.2)
    pool = [house.installation.engine.connect() for _ in range(15)]
    assert not sam.types("/npq at-risk").text
    assert house.slack.whispers == []
    for connection in pool:
        connection.close()
    assert house.slack.wait_until(lambda: bool(house.slack.whispers)), "no answer came"
    (answer,) = house.slack.whispers
    assert "Jane Smith" in answer.words
    assert house.slack.called("response_url"), "the answer came on the command's own address for answers"


@pytest.mark.parametrize("stamp", ["abc", "", "1.5", "9" * 400, "\u0661\u0662", "-5"])
def test_a_time_that_is_none_is_refused(house: House, stamp: str) -> None:
    """Anybody on the internet may send this: it is refused, and nothing breaks."""
    headers = {"Content-Type": FORM, "X-Slack-Signature": "v0=0", "X-Slack-Request-Timestamp": stamp.encode()}
    answer = httpx.post(f"{house.address}/slack/events", content=HELP, headers=headers)
    assert answer.status_code == 401


MALFORMED: list[dict[str, Any]] = [
    {"type": "event_callback", "event": None},
    {"type": "event_callback", "event": {"type": 5}},
    {"type": "block_actions", "actions": None},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": {}},
    {"type": "block_actions", "actions": [{}]},
    {"type": "block_actions", "actions": [{"type": "button", "action_id": 5}]},
    {"type": "block_actions", "user": {"id": ["U1"]}, "actions": [{"type": "button", "action_id": "a", "value": "{}"}]},
    {"type": "view_submission", "view": None},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": 7}},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "x", "state": {"values": {"until": 5}}}},
    {"type": "view_closed", "view": None},
    {"type": "block_suggestion", "action_id": [], "value": "jane"},
]


@pytest.mark.parametrize("payload", MALFORMED, ids=lambda payload: str(list(payload.values()))[:60])
def test_what_has_another_shape_is_refused_and_nothing_breaks(sam: Person, payload: dict[str, Any]) -> None:
    assert sam.interacts(payload).status_code in (400, 404)
    assert sam.post("application/json", json.dumps(payload)).status_code in (400, 404)


def test_nesting_without_end_is_refused(sam: Person) -> None:
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    assert sam.post("application/json", deep).status_code == 400


def test_a_slack_that_does_not_answer_holds_nobody_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack wants its answer within three seconds, also while it does not open the form."""
    monkeypatch.setattr("bot.slack.receive.ANSWER_WITHIN", 0.5)
    sam, opens = house.person("U0COORD"), threading.Event()
    answer = sam.says("/npq status p-001")
    house.slack.trouble("views.open", "late", opens)
    said = sam.is_told(answer.message, "Extend")
    opens.set()
    assert "three seconds" in said


def test_an_answer_of_slacks_that_is_none_is_told(house: House, sam: Person) -> None:
    answer = sam.says("/npq status p-001")
    house.slack.trouble("views.open", "status", 500)
    assert "press again in a moment" in sam.is_told(answer.message, "Extend")


def test_a_body_that_is_no_text_is_refused_in_one_line(house: House, caplog: pytest.LogCaptureFixture) -> None:
    headers = {
        "Content-Type": FORM,
        "X-Slack-Signature": "v0=00",
        "X-Slack-Request-Timestamp": str(int(time.time())),
    }
    answer = httpx.post(f"{house.address}/slack/events", content=b"text=J\xffne", headers=headers)
    assert answer.status_code == 401
    assert "its body is no text" in caplog.text
    assert "Traceback" not in caplog.text
