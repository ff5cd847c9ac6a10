"""What is offered can be done, and an old button is told what the service would say: in Slack and in Teams alike."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.services.acts import deferral, resumption
from core.services.acts.recording import Deed
from tests.flows.colleagues import Shown
from tests.flows.conftest import CONSOLE
from tests.flows.test_parity import Hand, InSlack, InTeams, hand_of, recorded
from tests.flows.two_platforms import TEAM, TwoPlatforms

ON_BOTH = pytest.mark.parametrize("platform", ["slack", "teams"])
EARLY = "2022-03-10T09:30:00+00:00"  # 105 days before the review of 23 June
TOO_EARLY = "An extension can be agreed from 26 May 2022 on, 28 days before the review date."
COHORT_FIRST = (
    "Jane Smith is back from deferral and needs a new cohort: agree the cohort first and record it with Record return; "
    "then their deadline can be extended."
)
WHICH_COHORT = "Jane Smith is back from deferral already; please choose the cohort they rejoin."


def back_without_a_cohort(house: TwoPlatforms) -> None:
    """Jane Smith was away, and is back; which cohort she rejoins is not agreed."""
    deed = Deed(house.now.date(), house.now)
    starts_on, until = deed.on, date(2023, 1, 9)
    deferral.defer(
        house.installation, CONSOLE, "p-001", deed, starts_on=starts_on, until=until, reason="parental-leave"
    )
    resumption.resume(house.installation, CONSOLE, "p-001", deed)


def told(hand: Hand, shown: Any, label: str, near: str = "") -> str:
    """The words that a press is answered with, where no form opens."""
    if isinstance(hand, InSlack):
        message = shown if isinstance(shown, dict) else shown.message
        return hand.person.is_told(message, label, near=near)
    assert isinstance(hand, InTeams)
    assert isinstance(shown, Shown)
    return hand.colleague.presses(shown, label, **({"whom": near} if near else {})).words


@ON_BOTH
def test_105_days_before_a_review_nothing_is_offered_that_every_date_is_refused_for(
    both: TwoPlatforms, platform: str
) -> None:
    old = hand_of(both, platform).asks("status jane smith")  # drawn in the week of the review
    hand = hand_of(both.at(EARLY), platform)
    assert {"Defer", "Log contact"} <= hand.buttons(hand.asks("status jane smith"))
    assert "Extend" not in hand.buttons(hand.asks("status jane smith"))
    assert TOO_EARLY in told(hand, old, "Extend")


@ON_BOTH
def test_while_a_new_cohort_is_needed_an_old_posts_button_asks_for_the_cohort_first(
    both: TwoPlatforms, platform: str
) -> None:
    both.posts_go_to("C0TEAM")
    both.teams_posts_go_to(TEAM)
    both.tick()
    hand = hand_of(both, platform)
    post = hand.post_about("Jane Smith")
    back_without_a_cohort(both)
    said = told(hand, post, "Extend", "Jane Smith").replace("*", "")
    assert COHORT_FIRST in said
    assert "Last recorded: Back from deferral" in said
    buttons = hand.buttons(hand.asks("status jane smith"))
    assert "Record return" in buttons
    assert "Extend" not in buttons


@ON_BOTH
def test_while_a_new_cohort_is_needed_a_return_asks_for_it(both: TwoPlatforms, platform: str) -> None:
    back_without_a_cohort(both)
    hand = hand_of(both, platform)
    form = hand.opens(hand.asks("status jane smith"), "Record return")
    assert WHICH_COHORT in without_a_cohort(hand, form)
    assert len(recorded(both)) == 2
    hand.sends(form, "Record", cohort="Cohort 2 (February 2022)")
    assert len(recorded(both)) == 3
    assert "Defer" in hand.buttons(hand.asks("status jane smith"))


def without_a_cohort(hand: Hand, form: Any) -> str:
    """What is said at the field of a form that came without one; in Teams the client itself asks for it first."""
    if isinstance(hand, InSlack):
        return hand.wrong(form, "Record")
    assert isinstance(hand, InTeams)
    with pytest.raises(AssertionError, match="the client asks for “Cohort to rejoin” first"):
        hand.colleague.press(form, "Record")
    given = hand.colleague.press(form, "Record", cohort="Cohort 2 (February 2022)")
    assert given["value"]["action"]["data"].pop("cohort")
    lines = Shown(form.on, form.id, hand.colleague.sends(given).json()["value"]).words.splitlines()
    return lines[lines.index("Cohort to rejoin") + 1]
