"""What becomes of a call to Slack as it is there alone: a post of unknown outcome is looked for, and a request is cut off for good."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.sender import Address, CannotLook, Gone, NotSent, OutcomeUnknown, Tag
from tests.fakes.listening import answered_by
from tests.fakes.slack import FakeSlack, words
from tests.flows.lines import TAG, Line, to_slack
from tests.flows.test_sending import NO_ANSWERS, OF_ONE, http


@pytest.fixture
def line(slack: FakeSlack) -> Line:
    return to_slack(slack)


def find(line: Line, tag: Tag = TAG, since: datetime | None = None) -> Address | None:
    return line.sender.find(line.place, tag, since or datetime.now(UTC))


def test_a_post_can_be_found_by_its_tag(slack: FakeSlack, line: Line) -> None:
    began = datetime.now(UTC)
    address = line.post()
    line.post(Tag("another"))
    assert [words(message) for message in slack.said("C0TEAM")] == ["Hello & *welcome*"] * 2
    assert find(line, since=began) == address
    assert find(line, Tag("never posted"), began) is None
    line.redraw(address)
    assert find(line) == address


def test_an_old_post_is_not_looked_for(slack: FakeSlack, line: Line) -> None:
    line.post()
    slack.channels["C0TEAM"].messages[0]["ts"] = f"{(datetime.now(UTC) - timedelta(days=2)).timestamp():.6f}"
    assert find(line) is None


def test_a_post_is_found_also_where_our_clock_was_ahead_when_it_went_out(line: Line) -> None:
    """Slack's clock is the one that it bears: not found, it would be posted again."""
    address = line.post()
    for ahead in (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=23), timedelta(days=3)):
        assert find(line, since=datetime.now(UTC) + ahead) == address, ahead


def test_a_post_is_found_also_where_our_clock_is_ahead_all_the_while(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = line.post()
    monkeypatch.setattr("bot.slack.send.real_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert find(line, since=datetime.now(UTC) + timedelta(hours=1)) == address


def test_a_post_is_found_beyond_the_first_page(slack: FakeSlack, line: Line) -> None:
    address = line.post()
    said = slack.channels["C0TEAM"].messages
    now = time.time()
    said += [{**said[0], "ts": f"{now:.0f}.{n:06d}", "metadata": None} for n in range(1000, 1230)]
    assert find(line) == address
    assert len(slack.called("conversations.history")) > 1


def test_what_was_given_up_does_not_arrive_any_more(slack: FakeSlack) -> None:
    """The network stood still, and the request lay in our own system's memory: it must not get through when it goes on."""
    arrived, given_up = bytearray(), threading.Event()

    def stands_still(connection: socket.socket) -> None:
        given_up.wait(20)
        while part := connection.recv(65536):
            arrived.extend(part)

    with answered_by(stands_still) as address:
        line = to_slack(slack, within=0.5, api_url=f"{address}/api/")
        line.hello = {"text": "Hello", "blocks": line.hello["blocks"] * 500}
        with pytest.raises(OutcomeUnknown):
            line.post()
        given_up.set()
    assert b"chat.postMessage" in arrived
    assert b"post-1" not in arrived[-1000:], "the end of it, where the tag is, got through"


def test_who_took_too_long_to_connect_sends_nothing(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def slowly(*asked: Any, **more: Any) -> Any:
        time.sleep(0.45)
        return look_up(*asked, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(NotSent):
        to_slack(slack, within=0.5).post()
    assert slack.called("chat.postMessage") == []


def test_a_post_that_never_was_is_gone(line: Line) -> None:
    with pytest.raises(Gone):
        line.redraw(Address("C0TEAM", "1.000001"))


def test_history_without_its_scope_cannot_be_looked_at(slack: FakeSlack, line: Line) -> None:
    slack.scopes.discard("channels:history")
    with pytest.raises(CannotLook):
        find(line)


def test_history_that_makes_no_sense_proves_nothing(slack: FakeSlack, line: Line) -> None:
    for messages in (b"null", b"{}", b'""', b"5", b'"none"', b"[5]", b'[{"metadata": 5}]'):
        slack.trouble("conversations.history", "raw", http(b'{"ok": true, "messages": ' + messages + b"}"))
        with pytest.raises(NotSent):
            find(line)


def test_history_that_fails_is_asked_again_later(slack: FakeSlack, line: Line) -> None:
    slack.trouble("conversations.history", "status", 503)
    with pytest.raises(NotSent):
        find(line)


def test_an_answer_that_cannot_be_read_is_not_logged(
    slack: FakeSlack, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold what people wrote in the channel, or be what it was that could not be read."""
    cut_short = b'{"ok": true, "messages": [{"text": "Jane Doe is ill'
    for method in ("conversations.history", "chat.postMessage"):
        slack.trouble(method, "raw", http(cut_short))
        slack.trouble(method, "raw", http(cut_short + b"\xfc"))
    for _ in range(2):
        with pytest.raises(NotSent):
            find(line)
        with pytest.raises(OutcomeUnknown):
            line.post()
    assert "Jane" not in caplog.text


def test_a_look_whose_answer_cannot_be_read_proves_nothing(slack: FakeSlack, line: Line) -> None:
    line.post()
    for answer in (NO_ANSWERS | OF_ONE["slack"]).values():
        slack.trouble("conversations.history", "raw", answer)
        with pytest.raises(NotSent):
            find(line)
