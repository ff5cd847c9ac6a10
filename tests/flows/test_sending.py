"""What becomes of one call to Slack: each way in which it can go well or badly, told apart."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.delivery.sender import Address, CannotLook, Gone, NotSent, OutcomeUnknown, Refused, Tag
from bot.slack.send import SlackSender, web_client
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
    return SlackSender(WebClient(token=slack.token, base_url=slack.api_url, timeout=1, retry_handlers=[]))


def test_a_post_stands_in_the_channel_and_can_be_found_by_its_tag(slack: FakeSlack, sender: SlackSender) -> None:
    began = datetime.now(UTC)
    address = sender.post("C1", HELLO, TAG)
    sender.post("C1", HELLO, Tag("another"))
    assert [words(message) for message in slack.said("C1")] == ["Hello & *welcome*"] * 2
    assert sender.find("C1", TAG, began) == address
    assert sender.find("C1", Tag("never posted"), began) is None


def test_an_old_post_is_not_looked_for(slack: FakeSlack, sender: SlackSender) -> None:
    sender.post("C1", HELLO, TAG)
    assert sender.find("C1", TAG, datetime.now(UTC) + timedelta(hours=1)) is None


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


def test_history_that_fails_is_asked_again_later(slack: FakeSlack, sender: SlackSender) -> None:
    slack.trouble("conversations.history", "status", 503)
    with pytest.raises(NotSent):
        sender.find("C1", TAG, datetime.now(UTC))
