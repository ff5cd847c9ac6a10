"""Deciding in Slack as it goes there alone: what is delivered twice, forms that come too late, and buttons of long ago."""

from __future__ import annotations

from typing import Any

import pytest

from core.services import enquiries
from tests.fakes.slack import FakeSlack, words
from tests.flows.conftest import CONSOLE, House
from tests.flows.people import Person, shown


@pytest.fixture
def post(house: House) -> dict[str, Any]:
    """The reminder of 16 June about the specialists' review on the 23rd, as it stands in the channel."""
    house.posts_go_to("C0TEAM")
    report = house.tick()
    assert report.troubles == ()
    found = house.posts("Jane Smith")
    assert found, [words(p) for p in house.slack.said("C0TEAM")]
    return found[0]


def test_a_notification_has_its_words(post: dict[str, Any]) -> None:
    assert post["text"]


def test_the_same_form_delivered_twice_has_one_effect_and_the_same_answer(
    house: House, sam: Person, post: dict[str, Any]
) -> None:
    form = sam.opens(post, "Extend", near="Jane Smith")
    body = sam.submission(form, new="2022-07-29", reason="Workload")
    first, second = sam.interacts(body), sam.interacts(body)
    assert shown(first.json()).splitlines()[0] == shown(second.json()).splitlines()[0]
    assert len(enquiries.case(house.installation, CONSOLE, "p-001", as_of=house.now.date()).history) == 1


def test_the_same_press_delivered_twice_opens_one_form_and_says_nothing_wrong(
    house: House, sam: Person, post: dict[str, Any]
) -> None:
    answer = sam.presses(post, "Extend", near="Jane Smith", twice=True)
    assert answer.status_code == 200
    house.ends()
    assert len(house.slack.opened) == 1
    assert house.slack.whispers == []


def test_details_open_as_a_panel_from_which_nothing_is_sent(sam: Person, post: dict[str, Any]) -> None:
    panel = sam.opens(post, "Details", near="Jane Smith")
    assert "Jane Smith" in words(panel)
    assert "submit" not in panel


def test_a_button_that_this_version_does_not_know_is_answered(sam: Person, post: dict[str, Any]) -> None:
    old = {
        "ts": post["ts"],
        "blocks": [
            {
                "type": "actions",
                "block_id": "old",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "npq.v0.escalate",
                        "text": {"type": "plain_text", "text": "Escalate"},
                        "value": '{"v":"npq.v0.escalate","p":"p-001"}',
                    }
                ],
            }
        ],
    }
    assert "earlier version of the bot" in sam.is_told(old, "Escalate")


def test_a_form_that_comes_too_late_for_slack_is_explained(slack: FakeSlack, sam: Person, post: dict[str, Any]) -> None:
    slack.trouble("views.open", "error", "expired_trigger_id")
    assert "press again" in sam.is_told(post, "Extend", near="Jane Smith")


def test_a_press_that_takes_longer_than_slack_waits_is_answered_all_the_same(
    house: House, sam: Person, post: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack shows a warning sign after three seconds: the press is acknowledged, and the answer comes privately."""
    monkeypatch.setattr("bot.slack.receive.ANSWER_WITHIN", 0)
    assert "this one took longer. Please press again" in sam.is_told(post, "Extend", near="Jane Smith")
    assert house.slack.opened == []
