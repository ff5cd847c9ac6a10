"""What becomes of one call to Slack: each way in which it can go well or badly, told apart."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.sender import Address, CannotLook, Gone, NotSent, OutcomeUnknown, Refused, Tag
from bot.slack.http_call import OneCallClient
from bot.slack.send import SlackSender, web_client
from tests.fakes.listening import answered_by, drips
from tests.fakes.slack import FakeSlack, words, workspace

TAG = Tag("post-1")
HELLO: dict[str, Any] = {
    "text": "Hello",
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Hello &amp; *welcome*"}}],
}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with workspace("C1") as running:
        yield running


@pytest.fixture
def sender(slack: FakeSlack) -> SlackSender:
    return SlackSender(web_client(slack.token, slack.api_url))


def hurried(slack: FakeSlack) -> SlackSender:
    return in_a_second(slack.api_url, slack.token)


def in_a_second(api_url: str, token: str = "xoxb-x") -> SlackSender:
    """A sender whose calls have a second each."""
    return SlackSender(OneCallClient(token=token, base_url=api_url, timeout=1, retry_handlers=[]))


def test_a_post_stands_in_the_channel_and_can_be_found_by_its_tag(slack: FakeSlack, sender: SlackSender) -> None:
    began = datetime.now(UTC)
    address = sender.post("C1", HELLO, TAG)
    sender.post("C1", HELLO, Tag("another"))
    assert [words(message) for message in slack.said("C1")] == ["Hello & *welcome*"] * 2
    assert sender.find("C1", TAG, began) == address
    assert sender.find("C1", Tag("never posted"), began) is None


def test_what_is_connected_too_late_is_not_sent(slack: FakeSlack, sender: SlackSender) -> None:
    """It is asked once connected: before that nothing has been sent, after it nobody could take it back."""
    address, asked = sender.post("C1", HELLO, TAG), list[int]()

    def too_late() -> bool:
        asked.append(len(slack.calls))
        return False

    with pytest.raises(NotSent, match="interrupted"):
        sender.post("C1", HELLO, Tag("another"), too_late)
    with pytest.raises(NotSent, match="interrupted"):
        sender.update(address, {"text": "Goodbye"}, TAG, too_late)
    assert asked == [1, 1]
    assert len(slack.calls) == 1
    sender.update(address, HELLO, TAG, lambda: True)


def test_an_old_post_is_not_looked_for(slack: FakeSlack, sender: SlackSender) -> None:
    sender.post("C1", HELLO, TAG)
    slack.channels["C1"].messages[0]["ts"] = f"{(datetime.now(UTC) - timedelta(days=2)).timestamp():.6f}"
    assert sender.find("C1", TAG, datetime.now(UTC)) is None


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=23), timedelta(days=3)])
def test_a_post_is_found_also_where_our_clock_was_ahead_when_it_went_out(
    slack: FakeSlack, sender: SlackSender, ahead: timedelta
) -> None:
    """Slack's clock is the one that it bears: not found, it would be posted again."""
    address = sender.post("C1", HELLO, TAG)
    assert sender.find("C1", TAG, datetime.now(UTC) + ahead) == address


def test_a_post_is_found_also_where_our_clock_is_ahead_all_the_while(
    slack: FakeSlack, sender: SlackSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = sender.post("C1", HELLO, TAG)
    monkeypatch.setattr("bot.slack.send.real_now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert sender.find("C1", TAG, datetime.now(UTC) + timedelta(hours=1)) == address


def test_a_post_is_found_beyond_the_first_page(slack: FakeSlack, sender: SlackSender) -> None:
    address = sender.post("C1", HELLO, TAG)
    for number in range(230):
        sender.post("C1", HELLO, Tag(f"later-{number}"))
    assert sender.find("C1", TAG, datetime.now(UTC)) == address


def test_a_post_is_redrawn_in_place(slack: FakeSlack, sender: SlackSender) -> None:
    address = sender.post("C1", HELLO, TAG)
    sender.update(address, {"text": "Extended to 14 Jan"}, TAG)
    assert len(slack.said("C1")) == 1
    assert slack.said("C1")[0]["text"] == "Extended to 14 Jan"
    assert sender.find("C1", TAG, datetime.now(UTC)) == address


@pytest.mark.parametrize(
    ("archived", "bot_in", "reason"), [(True, True, "is_archived"), (False, False, "not_in_channel")]
)
def test_a_place_that_takes_nothing_is_refused_with_how_to_mend_it(
    slack: FakeSlack, sender: SlackSender, archived: bool, bot_in: bool, reason: str
) -> None:
    slack.channel("C2", archived=archived, bot_in=bot_in)
    with pytest.raises(Refused) as refused:
        sender.post("C2", HELLO, TAG)
    assert (refused.value.reason, refused.value.concerns) == (reason, "place")
    assert refused.value.mend.endswith(".")


def test_an_unknown_channel_is_refused(sender: SlackSender) -> None:
    with pytest.raises(Refused) as refused:
        sender.post("C404", HELLO, TAG)
    assert (refused.value.reason, refused.value.concerns) == ("channel_not_found", "place")


def test_a_revoked_token_is_refused_and_says_which_setting_to_mend(slack: FakeSlack, sender: SlackSender) -> None:
    slack.revoked = True
    with pytest.raises(Refused) as refused:
        sender.post("C1", HELLO, TAG)
    assert refused.value.reason == "token_revoked"
    assert "SLACK_BOT_TOKEN" in refused.value.mend
    assert slack.said("C1") == []


def test_a_message_that_slack_does_not_take_counts_against_the_message(sender: SlackSender) -> None:
    with pytest.raises(Refused) as refused:
        sender.post(
            "C1", {"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "y" * 151}}]}, TAG
        )
    assert (refused.value.reason, refused.value.concerns) == ("invalid_blocks", "message")


def test_too_fast_is_told_to_wait_as_long_as_slack_says(slack: FakeSlack, sender: SlackSender) -> None:
    slack.trouble("chat.postMessage", "status", 429, retry_after=30)
    with pytest.raises(NotSent) as not_sent:
        sender.post("C1", HELLO, TAG)
    assert not_sent.value.retry_after == 30


def test_one_a_second_in_a_channel(slack: FakeSlack, sender: SlackSender) -> None:
    slack.one_a_second = True
    sender.post("C1", HELLO, TAG)
    with pytest.raises(NotSent) as not_sent:
        sender.post("C1", HELLO, Tag("too soon"))
    assert not_sent.value.retry_after == 1


@pytest.mark.parametrize("kind", ["hang_up_before", "hang_up_after"])
def test_a_dropped_connection_is_tried_once_and_its_outcome_is_unknown(
    slack: FakeSlack, sender: SlackSender, kind: Any
) -> None:
    slack.trouble("chat.postMessage", kind)
    with pytest.raises(OutcomeUnknown):
        sender.post("C1", HELLO, TAG)
    assert len(slack.called("chat.postMessage")) == 1
    found = sender.find("C1", TAG, datetime.now(UTC))
    assert (found is not None) == (kind == "hang_up_after")


def test_an_answer_that_comes_too_late_is_unknown(slack: FakeSlack) -> None:
    slack.trouble("chat.postMessage", "late_after", 1.5)
    with pytest.raises(OutcomeUnknown) as unknown:
        hurried(slack).post("C1", HELLO, TAG)
    assert unknown.value.reason == "timeout"


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    """Somebody else may send in the channel when a call takes longer, and no pass ends before its calls do."""
    with answered_by(drips) as address:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown) as unknown:
            in_a_second(f"{address}/api/").post("C1", HELLO, TAG)
        assert time.monotonic() - began < 2.8
    assert unknown.value.reason == "timeout"


def test_what_was_given_up_does_not_arrive_any_more() -> None:
    """The network stood still, and the request lay in our own system's memory: it must not get through when it goes on."""
    arrived = bytearray()

    def stands_still(connection: socket.socket) -> None:
        time.sleep(2)
        while part := connection.recv(65536):
            arrived.extend(part)

    with answered_by(stands_still) as address, pytest.raises(OutcomeUnknown):
        in_a_second(f"{address}/api/").post("C1", {"text": "Hello", "blocks": HELLO["blocks"] * 500}, TAG)
    assert b"chat.postMessage" in arrived
    assert b"post-1" not in arrived[-1000:], "the end of it, where the tag is, got through"


def test_who_took_too_long_to_connect_sends_nothing(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def slowly(*asked: Any, **more: Any) -> Any:
        time.sleep(0.9)
        return look_up(*asked, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(NotSent):
        hurried(slack).post("C1", HELLO, TAG)
    assert slack.called("chat.postMessage") == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_unknown(slack: FakeSlack, sender: SlackSender, status: int) -> None:
    slack.trouble("chat.postMessage", "status", status)
    with pytest.raises(OutcomeUnknown):
        sender.post("C1", HELLO, TAG)


def test_nobody_listening_means_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sender = SlackSender(web_client("xoxb-x", f"http://127.0.0.1:{taken.getsockname()[1]}/api/"))
        with pytest.raises(NotSent) as not_sent:
            sender.post("C1", HELLO, TAG)
    assert not_sent.value.retry_after is None


def test_a_post_that_was_deleted_is_gone(sender: SlackSender) -> None:
    with pytest.raises(Gone):
        sender.update(Address("C1", "1.000001"), HELLO, TAG)


def test_history_without_its_scope_cannot_be_looked_at(slack: FakeSlack, sender: SlackSender) -> None:
    slack.scopes.discard("channels:history")
    with pytest.raises(CannotLook):
        sender.find("C1", TAG, datetime.now(UTC))


@pytest.mark.parametrize(
    "messages",
    [b"null", b"{}", b'""', b"5", b'"none"', b"[5]", b'[{"metadata": 5}]'],
)
def test_history_that_makes_no_sense_proves_nothing(slack: FakeSlack, sender: SlackSender, messages: bytes) -> None:
    slack.trouble("conversations.history", "raw", http(b'{"ok": true, "messages": ' + messages + b"}"))
    with pytest.raises(NotSent):
        sender.find("C1", TAG, datetime.now(UTC))


def test_history_that_fails_is_asked_again_later(slack: FakeSlack, sender: SlackSender) -> None:
    slack.trouble("conversations.history", "status", 503)
    with pytest.raises(NotSent):
        sender.find("C1", TAG, datetime.now(UTC))


def http(body: bytes, status: str = "200 OK", kind: str = "application/json", length: int = 0, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n{more}\r\n"
    return head.encode() + body


NO_ANSWERS = {
    "a page instead": http(b"<html>Please log in</html>", kind="text/html"),
    "a page in another character set": http("<html>Zugriff für Sie</html>".encode("latin-1"), kind="text/html"),
    "an error in another character set": http("<html>für</html>".encode("latin-1"), "502 Bad Gateway", "text/html"),
    "half of it": http(b'{"ok": true, "chan'),
    "half of it, then silence": http(b'{"ok": true, "chan', length=900),
    "no object": http(b'"ok"'),
    "a list": http(b'[{"ok": true}]'),
    "nothing": http(b""),
    "no address": http(b'{"ok": true}'),
    "no http": b"\x00\x01 garbage\r\n\r\n",
    "see elsewhere": http(b"", "307 Temporary Redirect", more="Location: /login\r\n"),
    "a proxy's page: not found": http(b"<html>Not found</html>", "404 Not Found", "text/html"),
    "a proxy wants to know who asks": http(b"<html>Log in</html>", "407 Proxy Authentication Required", "text/html"),
    "a proxy gave up": http(b"", "408 Request Timeout"),
    "log in elsewhere": http(b"", "302 Found", more="Location: /login\r\n"),
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_what_is_no_answer_of_slacks_leaves_the_outcome_unknown(
    slack: FakeSlack, sender: SlackSender, answer: bytes
) -> None:
    slack.trouble("chat.postMessage", "raw_after", answer)
    with pytest.raises(OutcomeUnknown):
        sender.post("C1", HELLO, TAG)
    assert sender.find("C1", TAG, datetime.now(UTC)) is not None


def test_an_answer_that_cannot_be_read_is_not_logged(
    slack: FakeSlack, sender: SlackSender, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold what people wrote in the channel, or be what it was that could not be read."""
    cut_short = b'{"ok": true, "messages": [{"text": "Jane Doe is ill'
    for method in ("conversations.history", "chat.postMessage"):
        slack.trouble(method, "raw", http(cut_short))
        slack.trouble(method, "raw", http(cut_short + b"\xfc"))
    for _ in range(2):
        with pytest.raises(NotSent):
            sender.find("C1", TAG, datetime.now(UTC))
        with pytest.raises(OutcomeUnknown):
            sender.post("C1", HELLO, TAG)
    assert "Jane" not in caplog.text


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_a_look_whose_answer_cannot_be_read_proves_nothing(
    slack: FakeSlack, sender: SlackSender, answer: bytes
) -> None:
    sender.post("C1", HELLO, TAG)
    slack.trouble("conversations.history", "raw", answer)
    with pytest.raises(NotSent):
        sender.find("C1", TAG, datetime.now(UTC))


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("0", 1.0),
        ("-5", 1.0),
        ("30", 30.0),
        ("86400", 3600.0),
        ("99999999999999", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_what_slack_asks_for_is_waited_within_reason(
    slack: FakeSlack, sender: SlackSender, asked: str, waited: float | None
) -> None:
    """A wait of nothing would ask it again without end; one without end would never post again."""
    slack.trouble("chat.postMessage", "raw", http(b"slow", "429 Too Many Requests", more=f"Retry-After: {asked}\r\n"))
    with pytest.raises(NotSent) as not_sent:
        sender.post("C1", HELLO, TAG)
    assert not_sent.value.retry_after == waited


def test_a_redrawing_that_is_refused_for_an_unknown_reason_says_nothing_of_the_place(
    slack: FakeSlack, sender: SlackSender
) -> None:
    address = sender.post("C1", HELLO, TAG)
    slack.trouble("chat.update", "error", "update_failed")
    with pytest.raises(NotSent):
        sender.update(address, HELLO, TAG)
    slack.trouble("chat.update", "error", "not_in_channel")
    with pytest.raises(Refused):
        sender.update(address, HELLO, TAG)
