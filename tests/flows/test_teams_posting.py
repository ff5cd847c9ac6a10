"""Reminders that go to Teams of themselves, in fair weather and foul: none is lost, and what may stand twice says so."""

from __future__ import annotations

from typing import Any

import pytest

from core.database.database import reading
from core.database.tables import Place
from core.posts import places
from core.services.acts import removal
from core.services.acts.recording import Deed
from tests.flows.colleagues import Colleague, Shown
from tests.flows.conftest import CONSOLE
from tests.flows.two_platforms import SAM, TEAM, TwoPlatforms

NUDGE = "Output 2: review on 23 June 2022"


@pytest.fixture
def bound(both: TwoPlatforms) -> TwoPlatforms:
    both.teams_posts_go_to(TEAM, owner=SAM)
    return both


def place(house: TwoPlatforms) -> Place:
    with reading(house.installation.engine) as session:
        return next(each for each in places.list_all(session) if each.platform_id == TEAM)


def nudges(house: TwoPlatforms) -> list[Shown]:
    return house.in_teams(NUDGE, "Jane Smith")


def test_what_is_due_goes_out_once(bound: TwoPlatforms) -> None:
    assert bound.hurry().troubles == ()
    assert len(nudges(bound)) == 1
    posts = len(bound.in_teams())
    assert bound.hurry().sent == 0
    assert len(bound.in_teams()) == posts


@pytest.mark.parametrize("status", [412, 429, 502, 504])
def test_what_is_asked_to_come_again_comes_again(bound: TwoPlatforms, status: int) -> None:
    bound.teams.trouble("post", "status", status, times=2, retry_after=2)
    for minutes in range(3):
        bound.hurry(ahead=60 * minutes)
    assert [call.status for call in bound.teams.called("post")][:2] == [status, status]
    assert len(nudges(bound)) == 1


def test_a_token_that_runs_out_meanwhile_is_renewed(bound: TwoPlatforms) -> None:
    bound.hurry()
    bound.teams.login.revoke()
    bound.extended()
    assert bound.hurry().updated == 1
    assert "29 July 2022" in nudges(bound)[0].words


@pytest.mark.parametrize(("kind", "value"), [("status", 500), ("hang_up_before", None)])
def test_a_nudge_of_unknown_outcome_goes_out_again_once_it_has_settled(
    bound: TwoPlatforms, kind: Any, value: Any
) -> None:
    bound.teams.trouble("post", kind, value, about="Jane Smith")
    bound.hurry()
    assert len(nudges(bound)) == 1


@pytest.mark.parametrize(("kind", "value"), [("status_after", 500), ("hang_up_after", None)])
def test_a_nudge_that_stands_there_twice_folds_up_on_the_first_touch(
    bound: TwoPlatforms, kind: Any, value: Any
) -> None:
    bound.teams.trouble("post", kind, value, about="Jane Smith")
    bound.hurry()
    copy, kept = nudges(bound)
    assert copy.words == kept.words
    sam = bound.colleague(SAM)
    form = sam.presses(copy, "Extend", whom="Jane Smith")
    assert "Jane Smith" in form.words, "the press does what it says all the same"
    assert bound.teams.wait_until(lambda: len(nudges(bound)) == 1)
    folded = bound.in_teams("Posted twice")
    assert [each.id for each in folded] == [copy.id]
    sam.presses(nudges(bound)[0], "Extend", whom="Jane Smith")
    sam.presses(form, "Extend", new="2022-07-29", reason="Workload")
    assert bound.teams.wait_until(lambda: "29 July 2022" in bound.in_teams("Jane Smith")[0].words)
    assert bound.in_teams("Jane Smith")[0].id == kept.id
    assert bound.in_teams("Posted twice") == folded


def test_a_removal_notice_of_unknown_outcome_waits_for_a_person(bound: TwoPlatforms) -> None:
    late = bound.at("2022-08-15T09:30:00+01:00")
    deed = Deed(late.now.date().replace(day=1), late.now)
    removal.remove(late.installation, CONSOLE, "p-001", deed, side="delivery_partner", decision="approve")
    late.teams.trouble("post", "hang_up_after", times=2)
    first = late.hurry()
    about = [each for each in late.in_teams() if "Removal proposed" in each.words]
    assert (first.held, len(about)) == (1, 1), [each.words.splitlines()[0] for each in late.in_teams()]
    late.hurry()
    assert len([each for each in late.in_teams() if "Removal proposed" in each.words]) == 1
    sam = late.colleague(SAM)
    listed = sam.says("outbox")
    assert "Held: may be posted already" in listed.words
    assert "look there first" in sam.is_told(listed, "Retry")


@pytest.mark.parametrize(("missing", "hint"), [("bot", "Add the NPQ app"), ("blocked", "unblock"), ("gone", "is gone")])
def test_a_place_that_refuses_is_unwell_and_its_owner_is_told_once(
    bound: TwoPlatforms, missing: str, hint: str
) -> None:
    channel = bound.teams.conversations[TEAM]
    channel.bot_in, channel.blocked = missing != "bot", missing == "blocked"
    if missing == "gone":
        del bound.teams.conversations[TEAM]
    bound.hurry()
    bound.hurry()
    assert place(bound).state == "unwell"
    told = bound.colleague(SAM).hears()
    assert len(told) == 1
    assert "A channel takes no posts" in told[0].words
    assert hint in told[0].words
    assert "/npq" not in told[0].words
    channel.bot_in, channel.blocked = True, False
    bound.teams.conversations[TEAM] = channel
    bound.at("2022-06-16T11:00:00+01:00").hurry()
    assert len(nudges(bound)) == 1
    assert place(bound).state != "unwell"


def test_an_owner_who_cannot_be_told_is_told_later(bound: TwoPlatforms) -> None:
    bound.teams.conversations[TEAM].bot_in = False
    bound.teams.installed.discard(SAM)
    assert any("could not be told" in trouble for trouble in bound.hurry().troubles)
    bound.teams.installed.add(SAM)
    bound.at("2022-06-16T10:45:00+01:00").hurry()
    assert [each.words.splitlines()[0] for each in bound.colleague(SAM).hears()] == ["A channel takes no posts"]


def test_a_post_that_somebody_deleted_is_let_go(bound: TwoPlatforms) -> None:
    bound.hurry()
    bound.teams.conversations[TEAM].activities.clear()
    bound.extended()
    again = bound.hurry()
    assert (again.updated, again.troubles) == (0, ())
    assert bound.hurry().updated == 0
    assert bound.in_teams() == [], "it does not come back"
    assert place(bound).state != "unwell"


def test_an_owner_whose_chat_is_gone_is_told_in_a_new_one(bound: TwoPlatforms) -> None:
    old = bound.colleague(SAM).says("help").on
    del bound.teams.conversations[old]
    bound.teams.conversations[TEAM].bot_in = False
    bound.hurry()
    bound.at("2022-06-16T09:45:00+01:00").hurry()
    told = bound.colleague(SAM).hears()
    assert [each.words.splitlines()[0] for each in told] == ["A channel takes no posts"]
    assert told[0].on != old


def test_where_the_service_moves_to_is_followed_after_the_next_activity(
    bound: TwoPlatforms, colleague: Colleague
) -> None:
    colleague.says("help", to=TEAM)
    bound.teams.move()
    posts = bound.hurry_a_little()
    assert posts.sent == 0
    assert any("cannot_reach_teams" in trouble for trouble in posts.troubles)
    assert "What I can do" in colleague.says("help", to=TEAM).words
    bound.at("2022-06-16T10:30:00+01:00").hurry()
    assert len(nudges(bound)) == 1


def test_a_channel_that_was_never_heard_from_is_reached_where_another_was(
    bound: TwoPlatforms, colleague: Colleague
) -> None:
    bound.teams.move()
    colleague.says("help")
    bound.hurry()
    assert len(nudges(bound)) == 1


def test_posts_keep_the_pace_that_teams_allows(bound: TwoPlatforms) -> None:
    bound.teams.rates = True
    header = "participant_id,full_name,course,cohort,delivery_partner"
    rows = [f"m-{n:03d},Person {n:03d},NPQLTD,1,Northern Hub" for n in range(30)]
    bound.load("\n".join([header, *rows, ""]))
    bound.tick(paced=True)
    assert [call.status for call in bound.teams.called("post") if call.status != 201] == []
    assert len(bound.in_teams("Person 0")) >= 2
