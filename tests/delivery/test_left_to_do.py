"""A post that is drawn again says "nothing more is needed" only where that is so, and offers nothing that would be refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.conversation.verbs import decode_action
from core.services.acts import contact, deferral, removal, resumption
from core.services.acts.recording import Deed
from core.services.staff.actors import Actor
from tests.delivery.conftest import SAM, Outpost, day, london
from tests.fakes.slack import words
from tests.loading import loading
from tests.records.made import enrolled

MONDAY = london("2022-07-18T09:30:00")  # the first on which somebody past the window is to be contacted
LATER = MONDAY + timedelta(minutes=5)
TITLE = "Output 2: please get in touch"
JANE, OMAR = "hub-a/jane-doe", "hub-a/omar-haddad"


def asked(outpost: Outpost) -> Mapping[str, Any]:
    """The post that asks to get in touch, as it stands."""
    [post] = [post for post in outpost.slack.said("C1") if words(post).startswith(TITLE)]
    return post


def plain(outpost: Outpost) -> str:
    return words(asked(outpost)).replace("*", "").replace("\n", " ")


def offered(outpost: Outpost, who: str) -> list[str]:
    return [
        element["text"]["text"]
        for block in asked(outpost)["blocks"]
        for element in block.get("elements", [])
        if "value" in element and decode_action(element["action_id"], element["value"]).participant == who
    ]


@pytest.fixture
def past(team: Outpost) -> Outpost:
    """Jane and Omar have not met their second output; the post that asks to contact them is out."""
    team.hurry(MONDAY)
    assert "2 people are past the deadline" in plain(team)
    return team


def deed(at: datetime = MONDAY) -> Deed:
    return Deed(at.date(), at)


def call(outpost: Outpost, who: str, outcome: str) -> None:
    contact.log_contact(outpost.installation, SAM, who, deed(), channel="phone", outcome=outcome)


def away(outpost: Outpost, who: str, begins: str, until: str = "2022-12-01") -> None:
    deferral.defer(
        outpost.installation, SAM, who, deed(), starts_on=day(begins), until=day(until), reason="bereavement"
    )


def test_whoever_did_not_answer_is_still_to_be_got_hold_of(past: Outpost) -> None:
    call(past, JANE, "no-answer")
    call(past, OMAR, "no-answer")
    past.hurry(LATER)
    assert "it is no longer about anybody named below. What to do next: go by what stands beside each name." in plain(
        past
    )
    assert plain(past).count("past the deadline: please get in touch") == 2


def test_whoever_was_reached_is_not_asked_for_again_in_any_line(past: Outpost) -> None:
    call(past, JANE, "reached")
    call(past, OMAR, "reached")
    past.hurry(LATER)
    assert "What to do next: nothing more is needed here." in plain(past)
    assert plain(past).count("past the deadline, reached on 18 July 2022") == 2


def test_whoever_is_back_without_a_cohort_needs_one(past: Outpost) -> None:
    for who in (JANE, OMAR):
        away(past, who, "2022-07-18")
        resumption.resume(past.installation, SAM, who, deed())
    past.hurry(LATER)
    assert "What to do next: agree which cohort they rejoin, and record it with Record return." in plain(past)
    assert offered(past, JANE) == ["Record return", "Extend", "Defer", "Log contact", "Details"]


def test_nothing_that_would_be_refused_is_offered_about_somebody_withdrawn(past: Outpost) -> None:
    for name, side in (("Kim", "delivery_partner"), ("Lee", "lead_provider")):
        removal.remove(past.installation, Actor.console(name), JANE, deed(), side=side, decision="approve")
    past.hurry(LATER)
    assert offered(past, JANE) == ["Log contact", "Details"]
    assert offered(past, OMAR) == ["Extend", "Defer", "Log contact", "Details"]
    assert "1 person is past the deadline" in plain(past)
    assert plain(past).count("No longer counted above.") == 1


def test_a_deferral_that_begins_later_is_told_and_its_reason_is_not(past: Outpost) -> None:
    for who in (JANE, OMAR):
        away(past, who, "2022-08-01")
    past.hurry(LATER)
    assert "2 of them have a deferral agreed that begins later, named below." in plain(past)
    assert "What to do next: nobody needs reminding; agree which cohort they rejoin before they return." in plain(past)
    assert plain(past).count("past the deadline · deferral agreed from 1 August 2022 to 1 December 2022") == 2
    assert "bereavement" not in plain(past)


def test_whom_a_post_came_to_concern_later_is_counted_apart(team: Outpost) -> None:
    team.evidence(OMAR)
    team.hurry(MONDAY)
    assert "1 person is past the deadline" in plain(team)
    take_back_evidence(team, OMAR)
    call(team, JANE, "no-answer")  # so that the post is drawn again
    team.hurry(LATER)
    assert "By now 1 person is concerned besides, not named in this post: /npq at-risk shows" in plain(team)
    assert "Omar" not in plain(team)


def take_back_evidence(outpost: Outpost, who: str) -> None:
    with loading(outpost.installation, who) as session:
        session.connection().exec_driver_sql(f"DELETE FROM activities WHERE enrolment_id = {enrolled(who)}")
