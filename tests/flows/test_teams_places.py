"""Who reads along, and which activity is which: told from what Teams says of them, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from core.services import teams_conversations
from tests.flows.colleagues import Colleague
from tests.flows.two_platforms import ADA, CHAT, SAM, TEAM, VERA, TwoPlatforms

PRIVATELY = "I've answered you in our private chat, where nobody else reads along."


# who reads along

NOT_PERSONAL: list[tuple[str, dict[str, Any]]] = [
    ("no type", {"conversationType": None}),
    ("an empty type", {"conversationType": ""}),
    ("an unknown type", {"conversationType": "meeting"}),
    ("other letters", {"conversationType": "Personal"}),
    ("a blank", {"conversationType": "personal "}),
    ("a number", {"conversationType": 1}),
    ("a list", {"conversationType": ["personal"]}),
    ("an object", {"conversationType": {"personal": True}}),
    ("truth", {"conversationType": True}),
    ("no type, no group", {"conversationType": None, "isGroup": False}),
    ("personal, and a group", {"conversationType": "personal", "isGroup": True}),
    ("a group chat's id", {"conversationType": "personal", "isGroup": None}),
]
CLAIMING = ["19:0f1e_2d3c@unq.gbl.spaces", "19:meeting_x@thread.v2", "19:x@thread.tacv2", "8:orgid:0f1e", "19%3Ax@thread.v2"]  # fmt: skip


def as_said(given: dict[str, Any], **conversation: Any) -> dict[str, Any]:
    """An activity whose conversation is described otherwise; None leaves something out."""
    described = {**given["conversation"], **conversation}
    return {**given, "conversation": {name: each for name, each in described.items() if each is not None}}


@pytest.mark.parametrize(("what", "conversation"), NOT_PERSONAL, ids=[what for what, _ in NOT_PERSONAL])
def test_where_others_may_read_along_nothing_is_said_of_anybody(
    both: TwoPlatforms, colleague: Colleague, what: str, conversation: dict[str, Any]
) -> None:
    asked = as_said(colleague.message("status jane smith", to=CHAT), **{"isGroup": None, **conversation})
    assert colleague.sends(asked).status_code == 200
    assert [each.words for each in both.in_teams(place=CHAT)] == [PRIVATELY]
    assert "Jane Smith" in colleague.hears()[-1].words
    assert [each.id for each in colleague.hears()], "in their own chat"
    later = colleague.message("status jane doe", to=TEAM)
    assert colleague.sends(later).status_code == 200
    assert "Jane Doe" in colleague.hears()[-1].words
    assert len(both.in_teams(place=CHAT)) == 1, "what was said later goes to their own chat as well"


@pytest.mark.parametrize("place", CLAIMING)
def test_a_shared_chat_that_is_called_personal_is_none(both: TwoPlatforms, colleague: Colleague, place: str) -> None:
    both.teams.chat(place, "personal", VERA, SAM)  # as it would come in
    asked = as_said(colleague.activity(type="message", text="status jane smith"), id=place)
    assert colleague.sends(asked).status_code == 200
    assert [each.words for each in both.in_teams(place=place)] == [PRIVATELY]
    assert teams_conversations.place_of(both.installation, place)[0] is None
    assert "Jane Smith" in colleague.hears()[-1].words


@pytest.mark.parametrize("beside", ["team", "channel", "teamsChannelId"])
def test_a_channel_beside_a_personal_chat_makes_it_none(both: TwoPlatforms, colleague: Colleague, beside: str) -> None:
    asked = colleague.message("status jane smith")
    asked["channelData"] |= {beside: {"id": TEAM} if beside != "teamsChannelId" else TEAM}
    assert colleague.sends(asked).status_code == 200
    assert PRIVATELY in [each.words for each in colleague.hears()]


def test_a_reminder_to_somebody_never_goes_where_others_read_along(both: TwoPlatforms, colleague: Colleague) -> None:
    asked = as_said(colleague.message("help", to=CHAT), conversationType=None)
    colleague.sends(asked)
    found, _ = teams_conversations.place_of(both.installation, SAM)
    assert found is not None
    assert found.id == colleague.hears()[-1].on


def test_a_press_and_an_installation_where_others_may_read_along(both: TwoPlatforms, colleague: Colleague) -> None:
    answer = colleague.says("status jane smith", to=TEAM)
    pressed = as_said(colleague.press(answer, "Details"), id=CHAT, conversationType=None)
    said = colleague.sends(pressed).json()
    assert said["value"] == PRIVATELY
    assert both.in_teams(place=CHAT) == []
    added = as_said(colleague.activity(CHAT, type="installationUpdate", action="add"), conversationType=None)
    assert colleague.sends(added).status_code == 200
    assert "npq place add" in both.in_teams(place=CHAT)[-1].words


# which activity is which


@pytest.mark.parametrize("place", [None, TEAM, CHAT])
def test_two_people_who_write_in_the_same_millisecond_are_both_answered(
    either: TwoPlatforms, place: str | None
) -> None:
    for one in (SAM, VERA, ADA):
        asked = either.colleague(one).message("status jane smith", to=place) | {"id": "1655000000000"}
        if place == TEAM:
            asked["conversation"]["id"] = f"{TEAM};messageid=1655{one[-1]}"
        for _ in range(2):
            assert either.colleague(one).sends(asked).status_code == 200
        assert ["Jane Smith" in each.words for each in either.colleague(one).hears()] == [True], one


def test_the_same_id_in_two_conversations_is_two_questions(either: TwoPlatforms) -> None:
    sam = either.colleague(SAM)
    for place in (None, TEAM, CHAT):
        sam.sends(sam.message("status jane smith", to=place) | {"id": "1655000000000"})
    assert len(sam.hears()) == 3
    other = either.at("2022-06-16T09:30:00+01:00").colleague(SAM)
    for place in (None, TEAM, CHAT):
        asked = sam.message("at-risk", to=place) | {"id": "1655000000001"}
        assert [one.sends(asked).status_code for one in (other, sam, sam)] == [200] * 3
    assert len(sam.hears()) == 6, "whichever process it comes to"


def test_what_has_no_id_is_answered_each_time(either: TwoPlatforms) -> None:
    sam = either.colleague(SAM)
    for number in range(1, 4):
        for missing in ({"id": ""}, {"id": None}):
            sam.sends({**sam.message("at-risk"), **missing})
        assert len(sam.hears()) == 2 * number


def test_two_people_added_in_the_same_millisecond_are_both_greeted(both: TwoPlatforms) -> None:
    for one in (SAM, VERA):
        given = both.colleague(one).activity(type="installationUpdate", action="add") | {"id": "f:1"}
        assert both.colleague(one).sends(given).status_code == 200
        assert "What I can do" in both.colleague(one).hears()[-1].words
