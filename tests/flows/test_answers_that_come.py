"""Whatever reaches the bot from Slack gets one clear answer where somebody waits for one, else a line in the log; never two."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tests.fakes.slack import words
from tests.flows.conftest import House
from tests.flows.people import Person

DM: dict[str, Any] = {"type": "message", "channel_type": "im", "channel": "D0SAM"}
PICTURE = [{"id": "F1", "name": "jane.png", "mimetype": "image/png"}]


@pytest.fixture
def dm(house: House) -> House:
    """A house in which Sam has a chat with the bot."""
    house.slack.channel("D0SAM")
    assert house.address
    return house


def heard(house: House, count: int = 1, channel: str = "D0SAM") -> list[dict[str, Any]]:
    """The answers in a chat, once so many are there; when the web process has finished all that was under way, no more of them."""
    assert house.slack.wait_until(lambda: len(house.slack.said(channel)) >= count), "no answer came"
    house.ends()
    assert len(house.slack.said(channel)) == count, "it was answered twice"
    return house.slack.said(channel)


# answers that Slack puts off


def test_an_answer_that_slack_puts_off_comes_when_slack_takes_it(dm: House, sam: Person) -> None:
    dm.slack.trouble("chat.postMessage", "status", 429, retry_after=1)
    sam.event({**DM, "text": "status jane smith"})
    assert "Jane Smith" in words(heard(dm)[0])
    first, second = dm.slack.called("chat.postMessage")
    assert 0.9 < second.at - first.at < 30


def test_five_questions_in_a_row_are_all_answered_in_their_order(dm: House, sam: Person) -> None:
    """Slack takes about one post a second in a chat."""
    dm.slack.trouble("chat.postMessage", "status", 429, retry_after=1)
    asked = ["p-001", "p-002", "p-004", "p-001", "p-002"]
    for number, who in enumerate(asked):
        sam.event({**DM, "text": f"status {who}"})
        sent = number + 1
        assert dm.slack.wait_until(lambda sent=sent: len(dm.slack.called("chat.postMessage")) >= min(sent, 1))  # type: ignore[misc]
    names = {"p-001": "Jane Smith", "p-002": "Jane Doe", "p-004": "Omar Haddad"}
    said = [words(each).splitlines()[0] for each in heard(dm, 5)]
    assert sorted(said) == sorted(names[who] for who in asked)
    assert len(dm.slack.called("chat.postMessage")) == 6, "while the first waits the others do not ask"


def test_a_mention_and_a_whisper_that_slack_puts_off_come_as_well(dm: House, sam: Person) -> None:
    dm.slack.trouble("chat.postEphemeral", "status", 429, retry_after=1)
    sam.event({"type": "app_mention", "text": "<@U0NPQBOT> status jane smith"})
    assert dm.slack.wait_until(lambda: len(dm.slack.whispers) == 1)
    page = sam.says("/npq status jane")
    dm.slack.trouble("response_url", "status", 429, retry_after=1)
    assert "23 June 2022" in sam.is_told(page.message, "Status", near="Jane Doe")


def test_what_slack_puts_off_for_longer_than_anybody_waits_is_said_in_the_log(
    dm: House, sam: Person, caplog: pytest.LogCaptureFixture
) -> None:
    dm.slack.trouble("chat.postMessage", "status", 429, retry_after=7200)
    sam.event({**DM, "text": "status jane smith"})
    assert dm.slack.wait_until(lambda: "a private answer was not shown: ratelimited" in caplog.text)
    assert "jane" not in caplog.text.casefold()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("status_after", 503),
        ("hang_up_after", None),
        ("error", "fatal_error"),
        ("raw_after", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops"),
    ],
)
def test_what_may_have_arrived_is_not_said_twice_and_stands_in_the_log(
    dm: House, sam: Person, caplog: pytest.LogCaptureFixture, kind: Any, value: Any
) -> None:
    dm.slack.trouble("chat.postMessage", kind, value)
    sam.event({**DM, "text": "status jane smith"})
    assert dm.slack.wait_until(lambda: "a private answer was not shown" in caplog.text)
    dm.ends()
    assert len(dm.slack.called("chat.postMessage")) == 1


@pytest.mark.parametrize(("status", "told"), [(404, "as an ephemeral message"), (500, "nowhere")])
def test_an_address_for_answers_that_takes_none_is_no_dead_end(
    dm: House, sam: Person, caplog: pytest.LogCaptureFixture, status: int, told: str
) -> None:
    """Where it may have taken the answer it is not said again."""
    page = sam.says("/npq status jane")
    dm.slack.trouble("response_url", "status", status)
    sam.presses(page.message, "Status", near="Jane Doe")
    dm.ends()
    shown = bool(dm.slack.called("chat.postEphemeral"))
    assert shown == (told != "nowhere")
    assert ("a private answer was not shown" in caplog.text) == (told == "nowhere")


def test_where_the_bot_may_not_whisper_the_person_is_told_in_their_own_chat(dm: House, sam: Person) -> None:
    dm.slack.channel("C0ELSE", bot_in=False)
    dm.slack.channel("U0COORD")
    sam.event({"type": "app_mention", "channel": "C0ELSE", "text": "<@U0NPQBOT> status jane smith"})
    assert "Jane Smith" in words(heard(dm, channel="U0COORD")[0])


# what people write


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "file_share", "files": PICTURE},
        {"files": PICTURE},
        {"subtype": "thread_broadcast", "thread_ts": "1655.1"},
        {"subtype": "me_message"},
        {"channel_type": "app_home"},
        {"channel_type": None},
    ],
)
def test_words_are_answered_in_whatever_form_they_come(dm: House, sam: Person, more: dict[str, Any]) -> None:
    sam.event({**DM, "text": "status jane smith", **more})
    assert "Jane Smith" in words(heard(dm)[0])


@pytest.mark.parametrize("text", ["", "  ", None])
def test_a_file_alone_is_told_that_it_cannot_be_read(dm: House, sam: Person, text: str | None) -> None:
    sam.event({**DM, "subtype": "file_share", "text": text, "files": PICTURE})
    told = words(heard(dm)[0])
    assert "A file can't be read in the chat" in told
    assert "npq import FILE" in told
    assert "jane.png" not in told


@pytest.mark.parametrize(
    "text",
    [
        "<@U0NPQBOT> status jane smith",
        "<@U0NPQBOT>, status jane smith",
        "<@U0NPQBOT|npq>: status jane smith",
        "<@U0NPQBOT> – status jane smith",
        "status <@U0NPQBOT> jane smith",
        "status jane smith, <@U0NPQBOT>",
        "status jane smith <@U0NPQBOT>",
    ],
)
@pytest.mark.parametrize("more", [{}, {"subtype": "file_share", "files": PICTURE}, {"subtype": "thread_broadcast"}])
def test_a_mention_is_understood_wherever_it_stands(dm: House, sam: Person, text: str, more: dict[str, Any]) -> None:
    sam.event({"type": "app_mention", "text": text, **more})
    assert dm.slack.wait_until(lambda: bool(dm.slack.whispers)), "no answer came"
    assert "Jane Smith" in dm.slack.whispers[0].words


def test_an_answer_stands_in_the_thread_of_its_question(dm: House, sam: Person) -> None:
    """Also in the assistant's pane, where each conversation is a thread."""
    sam.event({**DM, "text": "status jane smith", "thread_ts": "1655.1"})
    assert dm.slack.wait_until(lambda: bool(dm.slack.said("D0SAM")))
    sam.event({**DM, "text": "status jane doe"})
    first, second = heard(dm, 2)
    assert first["thread_ts"] == "1655.1"
    assert "thread_ts" not in second


def test_where_the_thread_is_gone_the_answer_comes_outside_it(dm: House, sam: Person) -> None:
    dm.slack.trouble("chat.postMessage", "error", "thread_not_found")
    sam.event({**DM, "text": "status jane smith", "thread_ts": "1655.1"})
    assert "thread_ts" not in heard(dm)[0]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("<tel:0012345>", "0012345"),
        ("<tel:0012345|0012345>", "0012345"),
        ("<mailto:jane.smith@example.org>", "Jane Smith"),
        ("<MAILTO:jane.smith@example.org|jane.smith@example.org>", "Jane Smith"),
        ("<sms:0012345>", "0012345"),
        ("<http://jane.example|jane.example>", "jane.example"),
        ("<ftp://jane.example/x>", "ftp://jane.example/x"),
    ],
)
def test_links_that_slack_makes_are_what_was_typed(sam: Person, typed: str, found: str) -> None:
    told = sam.says(f"/npq status {typed}").words
    assert found in told
    assert "<" not in told


# what nobody waits for


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({**DM, "subtype": "message_changed", "message": {"text": "status jane"}, "hidden": True}, "message_changed"),
        ({**DM, "subtype": "message_deleted", "deleted_ts": "1.1"}, "message_deleted"),
        ({**DM, "subtype": "bot_message", "text": "status jane", "bot_id": "B9"}, "bot_message"),
        ({**DM, "text": "status jane", "bot_id": "B9"}, "no person wrote it"),
        ({**DM, "text": "status jane", "user": "USLACKBOT"}, "no person wrote it"),
        ({**DM, "text": "status jane", "user": None}, "no person wrote it"),
        ({**DM, "subtype": "channel_join"}, "channel_join"),
        ({**DM, "subtype": "jane smith's own"}, "something without a proper name"),
        ({"type": "message", "channel_type": "channel", "text": "status jane"}, "does not mention the bot"),
        ({"type": "message", "channel_type": "mpim", "text": "status jane"}, "does not mention the bot"),
        ({"type": "app_mention", "text": "<@U0NPQBOT> status jane", "edited": {"ts": "1"}}, "edited"),
        ({"type": "app_home_opened", "tab": "home"}, "app_home_opened"),
        ({"type": "reaction_added", "reaction": "thumbsup"}, "reaction_added"),
        (
            {
                "type": "assistant_thread_started",
                "assistant_thread": {"user_id": "U1", "channel_id": "D0SAM", "thread_ts": "1.1", "context": {}},
            },
            "assistant_thread_started",
        ),
        ({"type": "team_join"}, "team_join"),
    ],
)
def test_the_rest_leaves_a_line_in_the_log_and_nothing_else(
    dm: House, sam: Person, caplog: pytest.LogCaptureFixture, event: dict[str, Any], reason: str
) -> None:
    with caplog.at_level(logging.INFO):
        assert sam.event(event, event_id="Ev12").status_code == 200
        assert dm.slack.wait_until(lambda: reason in caplog.text), caplog.text
    assert "Ev12" in caplog.text
    assert "jane" not in caplog.text.casefold()
    dm.ends()
    assert (dm.slack.said("D0SAM"), dm.slack.whispers) == ([], [])


def test_a_message_delivered_again_is_answered_once_and_leaves_a_line(
    dm: House, sam: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for retry in range(3):
            sam.event({**DM, "text": "help", "subtype": "file_share", "files": PICTURE}, event_id="Ev7", retry=retry)
        assert dm.slack.wait_until(lambda: caplog.text.count("it came before") == 2)
    heard(dm)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1}, 200),
        ({"type": "something_new", "x": 1}, 200),
        ({"type": "workflow_step_edit", "callback_id": "x", "workflow_step": {}, "user": {"id": "U1"}}, 200),
        ({"x": 1}, 400),
    ],
)
def test_a_request_of_a_kind_that_is_not_followed_leaves_a_line(
    sam: Person, caplog: pytest.LogCaptureFixture, given: dict[str, Any], status: int
) -> None:
    assert sam.post("application/json", json.dumps(given)).status_code == status
    assert "of a kind that is not followed" in caplog.text


@pytest.mark.parametrize("kind", ["shortcut", "message_action", "interactive_message", "dialog_submission"])
def test_who_presses_something_that_is_not_ours_is_told_so(house: House, sam: Person, kind: str) -> None:
    pressed = {
        "type": kind,
        "callback_id": "old_one",
        "user": {"id": sam.id},
        "team": {"id": "T1"},
        "trigger_id": house.slack.trigger(),
        "response_url": house.slack.response_url(sam.id),
        "actions": [{"name": "x", "type": "button", "value": "y"}],
        "submission": {},
        "action_ts": "1.1",
    }
    sam.interacts(pressed)
    assert house.slack.wait_until(lambda: bool(house.slack.whispers)), "nothing was said"
    assert "something I don't know" in house.slack.whispers[0].words
