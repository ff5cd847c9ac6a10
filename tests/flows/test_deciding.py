"""From the reminder post to a recorded decision: buttons, forms, what is refused, and the post redrawn in place."""

from __future__ import annotations

from typing import Any

import pytest

from core.services import enquiries
from tests.fakes.slack import FakeSlack, words
from tests.flows.conftest import CONSOLE, House, many
from tests.flows.people import Person, errors, shown


@pytest.fixture
def post(house: House) -> dict[str, Any]:
    """The reminder of 16 June about the specialists' review on the 23rd, as it stands in the channel."""
    house.posts_go_to("C0TEAM")
    report = house.tick()
    assert report.troubles == ()
    found = house.posts("Jane Smith")
    assert found, [words(p) for p in house.slack.said("C0TEAM")]
    return found[0]


def decided(house: House, who: str = "p-001") -> list[str]:
    today = house.now.date()
    return [line.text for line in enquiries.case(house.installation, CONSOLE, who, as_of=today).history]


def test_the_post_names_who_is_meant_says_the_true_date_and_that_it_is_a_rehearsal(post: dict[str, Any]) -> None:
    said = words(post)
    assert "23 June 2022" in said
    assert "Ann <!channel> & Co" in said
    assert "rehearsal" in said.casefold()
    assert "Zoe" not in said
    assert post["text"]


def test_extend_from_the_post(house: House, sam: Person, post: dict[str, Any]) -> None:
    form = sam.opens(post, "Extend", near="Jane Smith")
    assert "Jane Smith" in words(form)

    refused = errors(sam.submits(form, new="2022-06-20", reason="Workload"))
    assert "later" in refused
    assert decided(house) == []

    assert "29 July 2022" in shown(sam.submits(form, new="2022-07-29", reason="Workload"))
    assert len(decided(house)) == 1
    assert house.slack.wait_until(lambda: "29 July 2022" in words(house.posts("Jane Smith")[0]))
    assert len(house.posts("Jane Smith")) == 1, "redrawn in place, not posted again"
    assert "workload" not in words(house.posts("Jane Smith")[0]).casefold(), "the reason is not for the channel"


def test_an_old_button_says_who_extended_already(house: House, sam: Person, post: dict[str, Any]) -> None:
    sam.submits(sam.opens(post, "Extend", near="Jane Smith"), new="2022-07-29", reason="Workload")
    ada = house.person("U0ADMIN")
    form = ada.opens(post, "Extend", near="Jane Smith")
    said = words(form).replace("*", "")
    assert "extended to 29 July 2022" in said
    assert "by Sam Coordinator" in said


def test_two_who_decide_at_once_the_second_is_shown_what_the_first_did(
    house: House, sam: Person, post: dict[str, Any]
) -> None:
    ada = house.person("U0ADMIN")
    sams, adas = sam.opens(post, "Extend", near="Jane Smith"), ada.opens(post, "Extend", near="Jane Smith")
    sam.submits(sams, new="2022-07-29", reason="Workload")
    answer = ada.submits(adas, new="2022-08-05", reason="Other")
    said = errors(answer) if answer.get("response_action") == "errors" else shown(answer)
    assert "29 July 2022" in said
    assert "Sam Coordinator" in said
    assert len(decided(house)) == 1


def test_the_same_form_delivered_twice_has_one_effect_and_the_same_answer(
    house: House, sam: Person, post: dict[str, Any]
) -> None:
    form = sam.opens(post, "Extend", near="Jane Smith")
    body = sam.submission(form, new="2022-07-29", reason="Workload")
    first, second = sam.interacts(body), sam.interacts(body)
    assert shown(first.json()).splitlines()[0] == shown(second.json()).splitlines()[0]
    assert len(decided(house)) == 1


def test_the_same_press_delivered_twice_opens_one_form_and_says_nothing_wrong(
    house: House, sam: Person, post: dict[str, Any]
) -> None:
    answer = sam.presses(post, "Extend", near="Jane Smith", twice=True)
    assert answer.status_code == 200
    assert len(house.slack.opened) == 1
    assert house.slack.whispers == []


def test_contact_and_deferral_from_the_post(house: House, sam: Person, post: dict[str, Any]) -> None:
    form = sam.opens(post, "Log contact", near="Jane Smith")
    shown(sam.submits(form, how="Phone", outcome="No answer"))
    form = sam.opens(post, "Defer", near="Jane Smith")
    said = shown(sam.submits(form, first="2022-06-16", agreed="2023-01-09", reason="Parental leave"))
    assert "9 January 2023" in said
    assert len(decided(house)) == 2


def test_details_open_as_a_panel_from_which_one_can_act(sam: Person, post: dict[str, Any]) -> None:
    panel = sam.opens(post, "Details", near="Jane Smith")
    assert "Jane Smith" in words(panel)
    assert "submit" not in panel


def test_extend_from_the_status_answer(house: House, sam: Person) -> None:
    form = sam.opens(sam.says("/npq status p-001").message, "Extend")
    assert "29 July 2022" in shown(sam.submits(form, new="2022-07-29", reason="Workload"))
    assert "29 July 2022" in sam.says("/npq status p-001").words


def test_a_viewer_may_look_but_not_decide(house: House, post: dict[str, Any]) -> None:
    vera = house.person("U0LOOK")
    assert "Jane Smith" in vera.says("/npq status p-001").words
    told = vera.is_told(post, "Extend", near="Jane Smith")
    assert "viewer" in told
    assert house.slack.opened == []


def test_an_unlinked_person_who_presses_is_told_kindly_and_privately(house: House, post: dict[str, Any]) -> None:
    assert "U0STRANGER" in house.person("U0STRANGER").is_told(post, "Extend", near="Jane Smith")


def test_a_role_taken_away_while_the_form_was_open_counts(house: House, sam: Person, post: dict[str, Any]) -> None:
    form = sam.opens(post, "Extend", near="Jane Smith")
    house.link("U0COORD", "Sam Coordinator", "viewer", "Northern Hub")
    answer = sam.submits(form, new="2022-07-29", reason="Workload")
    assert answer.get("response_action") in ("errors", "update")
    assert decided(house) == []


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
    assert sam.is_told(old, "Escalate").strip()


def test_a_form_that_comes_too_late_for_slack_is_explained(slack: FakeSlack, sam: Person, post: dict[str, Any]) -> None:
    before = len(slack.whispers)
    slack.trouble("views.open", "error", "expired_trigger_id")
    assert sam.presses(post, "Extend", near="Jane Smith").status_code == 200
    assert slack.wait_until(lambda: len(slack.whispers) > before)
    assert "press again" in slack.whispers[-1].words


def test_a_post_about_three_hundred_goes_out_in_pages_and_loses_nobody(house: House, sam: Person) -> None:
    house.load(*many(300))
    house.posts_go_to("C0TEAM")
    house.tick()
    pages = house.posts("Person ")
    named = {n for n in range(300) for page in pages if f"Person {n:03d} " in words(page)}
    assert len(named) == 300
    assert all(" of " in words(page) for page in pages)
    last = next(page for page in pages if "Person 299 " in words(page))
    assert "Person 299 " in words(sam.opens(last, "Extend", near="Person 299 "))


def test_nobody_is_left_half_decided_when_slack_cannot_be_told(house: House, sam: Person, post: dict[str, Any]) -> None:
    """The decision is recorded; the post is redrawn by the next tick when it could not be at once."""
    form = sam.opens(post, "Extend", near="Jane Smith")
    house.slack.trouble("chat.update", "error", "ratelimited", times=1)
    shown(sam.submits(form, new="2022-07-29", reason="Workload"))
    assert len(decided(house)) == 1


def test_a_press_that_takes_longer_than_slack_waits_is_answered_all_the_same(
    house: House, sam: Person, post: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack shows a warning sign after three seconds: the press is acknowledged, and the answer comes privately."""
    monkeypatch.setattr("bot.slack.receive.ANSWER_WITHIN", 0)
    assert "this one took longer. Please press again" in sam.is_told(post, "Extend", near="Jane Smith")
    assert house.slack.opened == []
