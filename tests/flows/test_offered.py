"""What is offered can be done, and an old button is told what the service would say: in Slack and in Teams alike."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.services.acts import deferral, resumption
from core.services.acts.recording import Deed
from tests.flows.colleagues import Colleague, Shown
from tests.flows.conftest import CONSOLE
from tests.flows.test_parity import recorded
from tests.flows.two_platforms import Anybody, There, TwoPlatforms

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


def test_105_days_before_a_review_nothing_is_offered_that_every_date_is_refused_for(there: There) -> None:
    old = there.person().asks("status jane smith")  # drawn in the week of the review
    sam = there.at(EARLY).person()
    buttons = sam.asks("status jane smith").buttons
    assert {"Defer", "Log contact"} <= set(buttons)
    assert "Extend" not in buttons
    assert TOO_EARLY in sam.chooses(old, "Extend").words


@pytest.mark.usefixtures("posted")
def test_while_a_new_cohort_is_needed_an_old_posts_button_asks_for_the_cohort_first(there: There) -> None:
    sam = there.person()
    post = there.posts("Jane Smith")[0]
    back_without_a_cohort(there.house)
    said = sam.chooses(post, "Extend", "Jane Smith").words.replace("*", "")
    assert COHORT_FIRST in said
    assert "Last recorded: Back from deferral" in said
    buttons = sam.asks("status jane smith").buttons
    assert "Record return" in buttons
    assert "Extend" not in buttons


def test_while_a_new_cohort_is_needed_a_return_asks_for_it(there: There) -> None:
    back_without_a_cohort(there.house)
    sam = there.person()
    form = sam.chooses(sam.asks("status jane smith"), "Record return")
    assert WHICH_COHORT in without_a_cohort(sam, form)
    assert len(recorded(there.house)) == 2
    sam.fills(form, "Record", cohort="Cohort 2 (February 2022)")
    assert len(recorded(there.house)) == 3
    assert "Defer" in sam.asks("status jane smith").buttons


def without_a_cohort(who: Anybody, form: Any) -> str:
    """What is said at the field of a form that came without one; in Teams the client itself asks for it first."""
    if not isinstance(who, Colleague):
        return "\n".join(who.fills(form, "Record").wrong)
    with pytest.raises(AssertionError, match="the client asks for “Cohort to rejoin” first"):
        who.press(form, "Record")
    given = who.press(form, "Record", cohort="Cohort 2 (February 2022)")
    assert given["value"]["action"]["data"].pop("cohort")
    lines = Shown(form.on, form.id, who.sends(given).json()["value"]).words.splitlines()
    return lines[lines.index("Cohort to rejoin") + 1]
