"""Questions asked in Teams: what comes back, to whom, and in which words."""

from __future__ import annotations

import pytest

from tests.flows.colleagues import Colleague, shown
from tests.flows.conftest import many
from tests.flows.two_platforms import CHAT, TEAM, TwoPlatforms

JANES = ["Jane Doe · NPQLTD, cohort 1", "Jane Smith · NPQLTD, cohort 1"]
PRIVATELY = "I've answered you in our private chat, where nobody else reads along."


def test_ways_to_type_it(colleague: Colleague) -> None:
    for typed in ("/npq status JANE.SMITH@example.org", "  Status\N{NO-BREAK SPACE}p-001 "):
        assert "Jane Smith" in colleague.says(typed).words.splitlines()[0]


def test_at_risk_one_row_of_buttons_stands_for_all_of_them(colleague: Colleague) -> None:
    answer = colleague.says("at-risk")
    assert "At risk: 4 people" in answer.words
    assert "Jane Smith" in colleague.is_told(answer, "Status", whom="Jane Smith").splitlines()[0]
    assert "Jane Doe" in colleague.is_told(answer, "Details", whom="Jane Doe")
    form = colleague.presses(answer, "Extend", whom="Omar Haddad")
    assert "Extend the deadline" in form.words
    assert "Omar Haddad" in form.words


def test_a_page_is_turned_in_place_also_where_action_execute_is_not_known(
    both: TwoPlatforms, colleague: Colleague
) -> None:
    both.load(*many(40))
    page = colleague.says("at-risk NPQLTD 1")
    colleague.old = True
    there = colleague.turns(page, "Next ▶")
    assert colleague.turns(there, "◀ Previous").words == page.words, "the message itself is replaced"


def test_what_people_are_called_and_type_is_shown_as_it_stands(both: TwoPlatforms, colleague: Colleague) -> None:
    header = "participant_id,full_name,course,cohort,delivery_partner"
    odd = "*Bob* [a](http://x) <at>all</at> _b_ `c`"
    both.load(f"{header}\np-050,{odd},NPQLTD,1,Northern Hub\n")
    assert colleague.says("status p-050").words.splitlines()[0] == odd
    assert "**x**" in colleague.says("**x** jane").words


@pytest.mark.parametrize("place", [TEAM, CHAT])
def test_from_where_others_read_along_the_answer_goes_to_their_own_chat(
    both: TwoPlatforms, colleague: Colleague, place: str
) -> None:
    assert "Jane Smith" in colleague.says("status jane smith", to=place).words
    assert [each.words for each in both.in_teams(place=place)] == [PRIVATELY]
    assert both.in_teams(place=place)[0].card is None
    stands = both.teams.said(place)[0]
    assert ("thread" in stands) == (place == TEAM), "in a channel it stands below the question"


def test_what_nobody_may_read_along_is_not_said_in_a_channel_where_the_app_is_missing_for_them(
    both: TwoPlatforms, colleague: Colleague
) -> None:
    both.teams.installed.discard(colleague.member.aad)
    answer = colleague.sends(colleague.message("status jane smith", to=TEAM))
    assert answer.status_code == 200
    assert colleague.hears() == []
    said = [each.words for each in both.in_teams()]
    assert len(said) == 1
    assert "Please add the NPQ app for yourself" in said[0]
    assert "Jane" not in said[0]
    both.teams.installed.add(colleague.member.aad)
    assert "Jane Smith" in colleague.says("status jane smith", to=TEAM).words


def test_a_personal_chat_that_is_gone_is_opened_anew(both: TwoPlatforms, colleague: Colleague) -> None:
    first = colleague.says("help")
    del both.teams.conversations[first.on]
    again = colleague.says("status jane smith", to=TEAM)
    assert "Jane Smith" in again.words
    assert again.on != first.on


def test_another_type_ahead_than_ours_finds_nothing(colleague: Colleague) -> None:
    value = {"queryText": "ja", "queryOptions": {"skip": 0, "top": 15}, "dataset": "graph.microsoft.com/users"}
    answer = colleague.sends(colleague.invoke("application/search", value))
    assert answer.json()["value"]["results"] == []


def test_the_same_message_delivered_twice_is_answered_once(both: TwoPlatforms, colleague: Colleague) -> None:
    given = colleague.message("status jane smith")
    assert [colleague.sends(given).status_code for _ in range(2)] == [200, 200]
    assert len(colleague.hears()) == 1
    assert len(both.teams.called("post")) == 1


def test_added_for_oneself_the_bot_says_what_it_can_do(colleague: Colleague) -> None:
    assert colleague.installs().status_code == 200
    assert "What I can do" in colleague.hears()[-1].words


def test_added_to_a_channel_it_says_how_reminders_come_there(both: TwoPlatforms, colleague: Colleague) -> None:
    assert colleague.installs(on=TEAM).status_code == 200
    said = both.in_teams()[-1].words
    assert TEAM in said
    assert "npq place add" in said


def test_what_the_bot_does_not_follow_is_taken_and_left_alone(both: TwoPlatforms, colleague: Colleague) -> None:
    for more in (
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}]},
        {"type": "installationUpdate", "action": "remove"},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}], "replyToId": "1"},
        {"type": "typing"},
        {"type": "messageUpdate", "text": "status jane smith", "channelData": {"eventType": "editMessage"}},
        {"type": "messageDelete", "channelData": {"eventType": "softDeleteMessage"}},
    ):
        assert colleague.sends(colleague.activity(**more)).status_code == 200, more
    assert both.teams.called("post") == []


# the message extension


def test_the_message_extension_finds_people_and_names_nothing_but_them(
    both: TwoPlatforms, colleague: Colleague
) -> None:
    query = {
        "commandId": "findPerson",
        "parameters": [{"name": "who", "value": "jane"}],
        "queryOptions": {"skip": 0, "count": 25},
    }
    said = colleague.sends(colleague.invoke("composeExtension/query", query, on=TEAM)).json()["composeExtension"]
    found = {each["preview"]["content"]["title"]: each for each in said["attachments"]}
    assert sorted(found) == JANES
    inserted = shown(TEAM, {"id": "1655", "attachments": [found[JANES[1]]]})
    assert "risk" not in inserted.words.casefold()
    assert "Jane Smith" in colleague.is_told(inserted, "Status")
    assert both.in_teams() == [], "the status of somebody inserted in a channel is for the one who pressed"
    query["parameters"] = [{"name": "initialRun", "value": "true"}]
    assert (
        colleague.sends(colleague.invoke("composeExtension/query", query)).json()["composeExtension"]["type"]
        == "message"
    )


def test_a_message_becomes_a_logged_contact_on_its_day(both: TwoPlatforms, colleague: Colleague) -> None:
    opened = {
        "commandId": "logContact",
        "commandContext": "message",
        "messagePayload": {"id": "1", "createdDateTime": "2022-06-14T22:30:00Z", "body": {"content": "Spoke to Jane"}},
    }
    asked = colleague.dialog("composeExtension/fetchTask", opened)
    form = colleague.goes_on(asked, "Go", name="jane smith")
    assert "Log a contact" in form.words
    wrong = colleague.goes_on(form, "Log contact", how="Phone", outcome="No answer", when="2022-06-20")
    assert "2022-06-20" in str(wrong.card), "what was typed is kept"
    done = colleague.goes_on(wrong, "Log contact", when="2022-06-14")
    assert done.card is None
    assert "Jane Smith" in done.text
    assert "14 June 2022" in colleague.is_told(colleague.says("status jane smith"), "Details")


def test_an_answer_is_given_also_when_the_bots_token_was_taken_back(both: TwoPlatforms, colleague: Colleague) -> None:
    colleague.says("help")
    both.teams.login.revoke()
    assert "Jane Smith" in colleague.says("status jane smith").words
    both.teams.login.revoke()
    assert "Jane Smith" in colleague.says("status jane smith", to=TEAM).words
    assert len(both.in_teams()) == 1


@pytest.mark.parametrize("status", [412, 429, 502, 504])
def test_an_answer_that_teams_asks_to_come_again_comes_again(
    both: TwoPlatforms, colleague: Colleague, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("bot.web.answer_retries.SHORTEST_WAIT", 0.01)
    monkeypatch.setattr("bot.teams.tell_person.AGAIN", 0.01)
    both.teams.trouble("post", "status", status, retry_after=0)
    assert "Jane Smith" in colleague.says("status jane smith").words
    assert len(colleague.hears()) == 1


def test_the_same_message_delivered_to_another_process_is_answered_once(
    both: TwoPlatforms, colleague: Colleague
) -> None:
    colleague.says("help")
    other = both.at("2022-06-16T09:30:00+01:00").colleague(colleague.member.aad)
    other.says("help")
    before, given = len(colleague.hears()), colleague.message("at-risk")
    assert [each.sends(given).status_code for each in (colleague, other)] == [200, 200]
    assert len(colleague.hears(before)) == 1
