"""Every shape in which a request can come over HTTP: served, or refused with its reason, to the sender and in the log."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from bot.web import request_limits
from tests.flows.colleagues import Colleague
from tests.flows.conftest import House
from tests.flows.people import Person, signed

FORM = "application/x-www-form-urlencoded"
HELP = urlencode({"command": "/npq", "text": "help", "user_id": "U0COORD", "team_id": "T1", "trigger_id": "1.1"})


def chunks(body: str, size: int = 7) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size].encode()


def says(house: House, head: str, body: bytes = b"", *, seconds: float = 5) -> bytes:
    """What comes back on a connection on which this is all that is sent."""
    address = urlsplit(house.address)
    with socket.create_connection((address.hostname, address.port or 0), timeout=seconds) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return connection.recv(4096)


def test_a_signed_request_in_chunks_is_answered(house: House, sam: Person) -> None:
    """Some proxies stream, and then no length is said."""
    proof = signed(house.slack.signing_secret, HELP)
    answer = sam.http.post(f"{sam.bot}/slack/events", content=chunks(HELP), headers={"Content-Type": FORM, **proof})
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.status_code == 200
    assert "What I can do" in answer.text


def test_an_activity_in_chunks_is_answered(colleague: Colleague) -> None:
    import json

    token = colleague.teams.login.signed(colleague.teams.service_url)
    given = json.dumps(colleague.message("status jane smith"))
    answer = colleague.http.post(
        f"{colleague.bot}/api/messages", content=chunks(given), headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200
    assert "Jane Smith" in colleague.hears()[-1].words


def test_chunks_without_end_are_refused_at_the_limit(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "MOST_BODY", 50_000)
    answer = httpx.post(f"{house.address}/slack/events", content=chunks("x" * 90_000, 9_000))
    assert answer.status_code == 413
    assert "/slack/events was refused (413)" in caplog.text
    assert httpx.get(f"{house.address}/healthz").status_code == 200


def test_a_length_over_the_limit_is_refused_unread_with_a_line_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    answer = httpx.post(f"{house.address}/api/messages", content=b"x" * 2_100_000)
    assert answer.status_code == 413
    assert caplog.text.count("was refused (413)") == 1


def test_chunks_are_signed_like_anything_else(house: House, caplog: pytest.LogCaptureFixture) -> None:
    proof = signed("somebody else's", HELP)
    answer = httpx.post(f"{house.address}/slack/events", content=chunks(HELP), headers={"Content-Type": FORM, **proof})
    assert answer.status_code == 401
    assert "SLACK_SIGNING_SECRET" in caplog.text


def test_a_compressed_body_is_refused(house: House, sam: Person, caplog: pytest.LogCaptureFixture) -> None:
    headers = {"Content-Type": FORM, "Content-Encoding": "gzip", **signed(house.slack.signing_secret, HELP)}
    answer = sam.http.post(f"{sam.bot}/slack/events", content=gzip.compress(HELP.encode()), headers=headers)
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert "was refused (415): The body is compressed" in caplog.text


@pytest.mark.parametrize("framing", ["Content-Length: 900", "Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come_is_not_waited_for(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, framing: str
) -> None:
    monkeypatch.setattr(request_limits, "BODY_WITHIN", 0.2)
    monkeypatch.setattr(request_limits, "LOOK_EVERY", 0.1)
    body = b"command=" if "Length" in framing else b"8\r\ncommand=\r\n"
    answer = says(house, f"POST /slack/events HTTP/1.1\nHost: x\nContent-Type: {FORM}\n{framing}", body)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "was refused (408): The body did not come in time." in caplog.text
    assert httpx.get(f"{house.address}/healthz").status_code == 200


def test_who_hangs_up_before_the_end_leaves_a_line(house: House, caplog: pytest.LogCaptureFixture) -> None:
    address = urlsplit(house.address)
    with socket.create_connection((address.hostname, address.port or 0)) as leaving:
        leaving.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\ncommand=")
        time.sleep(0.1)
    assert house.slack.wait_until(lambda: "It ended before its body was complete" in caplog.text)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("path", ["/slack/events", "/api/messages"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_another_method_is_told_which_is_taken(
    house: House, caplog: pytest.LogCaptureFixture, path: str, method: str
) -> None:
    answer = says(house, f"{method} {path} HTTP/1.1\nHost: x\nConnection: close").decode()
    if method == "BREW":
        assert " 400 " in answer.splitlines()[0], "that is no method at all"
        return
    assert " 405 " in answer.splitlines()[0]
    assert "allow: POST" in answer
    assert f"{path} was refused (405): it is a {method}, POST is taken" in caplog.text


@pytest.mark.parametrize("path", ["/api/message", "/slack/events/", "/api/messages/", "/slack", "/favicon.ico"])
def test_an_address_that_is_nobodys_is_named_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = httpx.post(f"{house.address}{path}", content=b"{}")
    assert (answer.status_code, answer.text) == (404, "There is nothing at this address.\n")
    assert f"nothing is served at '{path}'" in caplog.text


def test_what_a_stranger_asks_for_cannot_write_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    httpx.post(f"{house.address}/%0A2026-01-01%20ERROR%20forged{'x' * 500}")
    assert "\nERROR forged" not in caplog.text
    assert len(caplog.records[-1].getMessage()) < 200
