"""`npq outbox`, and how `npq doctor` says what is late, as somebody at a terminal meets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.reminders.occasions import Occasion
from tests.cli.conftest import Npq
from tests.fakes.slack import FakeSlack

At = Callable[[str], None]
PLACE = ("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the clock of every process from now on, in London's summer time."""
    return lambda moment: monkeypatch.setenv("NPQ_NOW", f"{moment}:00+01:00")


@pytest.fixture
def nobody_may_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is of a kind that waits for somebody when nobody can look whether it arrived."""
    monkeypatch.setattr(Occasion, "may_repeat", False)


@pytest.fixture
def archived(npq: Npq, slack: FakeSlack) -> Npq:
    """Northern Hub's channel is archived, and its messages were tried at nine."""
    slack.channels["C0TEAM"].archived = True
    assert npq(*PLACE).code == 0
    assert npq("tick").code == 0
    return npq


def ids(npq: Npq, *more: str) -> list[int]:
    return [message["id"] for message in npq("outbox", "--json", *more).json["messages"]]


def delivery(npq: Npq) -> dict[str, object]:
    """What doctor says of delivery."""
    document = npq("doctor", "--json").json
    return next(check for check in document["checks"] if check["check"] == "Delivery")


def test_an_empty_outbox_says_so(npq: Npq) -> None:
    ran = npq("outbox")
    assert ran.code == 0
    assert "npq due" in ran.out
    assert npq("outbox", "--json").json == {"messages": [], "count": 0}


def test_what_waits_is_listed_with_why_and_where_to_mend_it(archived: Npq) -> None:
    ran = archived("outbox")
    assert ran.code == 0
    assert "Waits (waiting)" in ran.out
    assert "Northern Hub → slack C0TEAM" in ran.out.replace("\n", " ")
    assert "Unarchive the channel" in ran.out.replace("\n", " ")
    first = archived("outbox", "--json").json["messages"][0]
    assert (first["state"], first["reason"]) == ("waiting", "is_archived")
    assert "is_archived" in first["why"]
    assert first["due_at"] == "2022-06-16T09:00:00+01:00" or first["due_at"] < "2022-06-16T09:00:00+01:00"
    assert first["destination"] == {"platform": "slack", "id": "C0TEAM"}
    assert first["pages"] == 1
    assert first["pages_sent"] == 0
    assert first["sent_at"] is None


def test_state_and_partner_narrow_the_list(archived: Npq) -> None:
    assert archived("place", "add", "--platform", "slack", "--id", "C0S", "--partner", "Southern Hub").code == 0
    archived("tick")
    every = ids(archived)
    northern, southern = ids(archived, "--partner", "northern hub"), ids(archived, "--partner", "Southern Hub")
    assert northern
    assert southern
    assert sorted(northern + southern) == sorted(every)
    states = ("planned", "waiting", "sending", "unknown", "sent", "superseded", "held", "failed")
    by_state = [ids(archived, "--state", state) for state in states]
    assert sorted(each for some in by_state for each in some) == sorted(ids(archived, "--all"))
    assert set(every) <= set(ids(archived, "--all"))


def test_wrong_usage(npq: Npq) -> None:
    assert npq("outbox", "--state", "lost").code == 2
    assert npq("outbox", "retry").code == 2
    assert npq("outbox", "retry", "one").code == 2
    assert npq("outbox", "--partner", "Nowhere", "--json").error["code"] == "unknown_partner"
    assert npq("outbox", "retry", "999", "--json").error["code"] == "unknown_message"
    assert "no message 999" in npq("outbox", "cancel", "999").sentence
    assert npq("outbox", "--json", "retry", "999").code == 2, "an option that would be lost is refused"


def test_a_mended_channel_is_tried_at_once_when_somebody_asks(archived: Npq, slack: FakeSlack) -> None:
    slack.channels["C0TEAM"].archived = False
    archived("tick")
    assert slack.said("C0TEAM") == []  # the hour is not over
    (first, *_) = ids(archived)
    ran = archived("outbox", "retry", str(first), "--by", "Sam")
    assert ran.code == 0
    assert "next pass" in ran.out
    archived("tick")
    assert len(slack.said("C0TEAM")) == len(ids(archived, "--state", "sent")) > 0
    assert ids(archived) == []


def test_a_cancelled_message_stays_away_until_it_is_brought_back(archived: Npq, slack: FakeSlack, at: At) -> None:
    slack.channels["C0TEAM"].archived = False
    (chosen, *others) = ids(archived)
    ran = archived("outbox", "cancel", str(chosen), "--json")
    assert (ran.json["message"]["state"], ran.json["message"]["reason"]) == ("failed", "cancelled")
    assert chosen not in ids(archived)
    assert chosen in ids(archived, "--all")
    at("2022-06-16T10:30")
    archived("tick")
    archived("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    archived("tick")
    assert len(slack.said("C0TEAM")) == len(others)
    assert archived("outbox", "cancel", str(chosen), "--json").error["code"] == "not_cancellable"
    assert archived("outbox", "retry", str(chosen)).code == 0
    archived("tick")
    assert len(slack.said("C0TEAM")) == len(others) + 1
    assert archived("outbox", "cancel", str(chosen), "--json").error["code"] == "not_cancellable"
    assert archived("outbox", "retry", str(chosen), "--json").error["code"] == "not_retryable"
    assert archived("doctor", "--json").json["checks"][1]["check"] == "Clock"
    assert "whole" in str(archived("doctor").out)


def test_a_cancelled_message_does_not_turn_up_in_another_channel(archived: Npq, slack: FakeSlack) -> None:
    (chosen, *others) = ids(archived)
    archived("outbox", "cancel", str(chosen))
    slack.channel("C0NEW")
    archived("place", "remove", "--platform", "slack", "--id", "C0TEAM")
    archived("place", "add", "--platform", "slack", "--id", "C0NEW", "--partner", "Northern Hub")
    archived("tick")
    assert len(slack.said("C0NEW")) == len(others)


@pytest.mark.usefixtures("nobody_may_repeat")
def test_one_whose_outcome_is_unknown_takes_a_word_more(npq: Npq, slack: FakeSlack) -> None:
    slack.scopes.discard("channels:history")
    assert npq(*PLACE).code == 0
    slack.trouble("chat.postMessage", "hang_up_after")
    npq("tick")
    (held,) = ids(npq, "--state", "held")
    before = len(slack.said("C0TEAM"))
    assert "look in the channel" in npq("outbox").out.replace("\n", " ")
    refused = npq("outbox", "retry", str(held), "--json").error
    assert refused["code"] == "may_repeat"
    assert "--may-repeat" in refused["message"]
    assert npq("outbox", "retry", str(held), "--may-repeat").code == 0
    npq("tick")
    assert len(slack.said("C0TEAM")) == before + 1
    assert ids(npq, "--state", "held") == []


@pytest.mark.usefixtures("nobody_may_repeat")
def test_a_held_message_can_be_left(npq: Npq, slack: FakeSlack, at: At) -> None:
    slack.scopes.discard("channels:history")
    npq(*PLACE)
    slack.trouble("chat.postMessage", "hang_up_after")
    npq("tick")
    (held,) = ids(npq, "--state", "held")
    at("2022-06-16T11:00")
    assert f"npq outbox cancel {held}" in str(delivery(npq)["says"])
    assert npq("outbox", "cancel", str(held)).code == 0
    said = len(slack.said("C0TEAM"))
    npq("tick")
    assert len(slack.said("C0TEAM")) == said
    assert delivery(npq)["well"] is True


# doctor


def test_late_after_a_working_hour_and_how_to_mend_it(archived: Npq, at: At) -> None:
    at("2022-06-16T10:00")
    assert delivery(archived)["well"] is True
    at("2022-06-16T10:01")
    found = delivery(archived)
    assert found["well"] is False
    assert "C0TEAM" in str(found["says"])
    assert "Unarchive" in str(found["says"])
    assert "09:00 on 26 May 2022" in str(found["says"])
    assert archived("doctor").code == 1


def test_nobody_plans(npq: Npq, slack: FakeSlack, at: At) -> None:
    at("2022-06-15T12:00")
    npq(*PLACE)
    npq("tick")
    at("2022-06-16T10:00")
    assert delivery(npq)["well"] is True
    at("2022-06-16T10:01")
    found = delivery(npq)
    assert found["well"] is False
    assert "npq worker" in str(found["says"])
    npq("tick")
    assert delivery(npq)["well"] is True


def test_not_late_while_nothing_was_bound(npq: Npq, at: At) -> None:
    at("2022-06-16T16:00")
    assert delivery(npq)["well"] is True
    npq(*PLACE)
    assert delivery(npq)["well"] is True
    at("2022-06-16T17:00")
    assert delivery(npq)["well"] is True
    at("2022-06-17T09:01")
    assert delivery(npq)["well"] is False


# places


def test_owner_and_fallback_of_a_place(npq: Npq, surroundings: Path) -> None:
    assert npq(*PLACE, "--owner", "U0SAM", "--json").error["code"] == "unknown_staff"
    npq("staff", "add", "--platform", "slack", "--id", "U0SAM", "--name", "Sam", "--role", "coordinator")
    added = npq(*PLACE, "--owner", "U0SAM", "--fallback", "C0ELSE", "--json").json["place"]
    assert (added["owner"], added["fallback"]) == ("U0SAM", "C0ELSE")
    assert npq(*PLACE, "--fallback", "C0TEAM", "--json").error["code"] == "same_channel"
    listed = npq("place", "list", "--json").json["places"]
    assert [(place["owner"], place["fallback"]) for place in listed] == [("U0SAM", "C0ELSE")]
