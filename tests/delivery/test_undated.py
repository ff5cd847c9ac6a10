"""Once a month whoever looks after a place is told for how many people no review date is known; nothing else is posted of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.platforms import IDS
from core.derived.installation import Installation
from core.services.staff import staffing
from reference.pack import Pack
from tests.delivery.conftest import CONSOLE, Outpost, london
from tests.redated import with_dates

ADA = "U0ADA0001"
EARLY = london("2022-02-01T10:05")


@pytest.fixture
def undated(outpost: Outpost, pack: Pack) -> Outpost:
    """Two people of whose second output no date is known. On each kind of database."""
    none = with_dates(pack, ("specialist", "1", 2), review=None, cut_off=None, invoice=None, payment=None)
    here = replace(outpost, installation=Installation(outpost.installation.engine, none, platforms=IDS))
    here.people("Hub A", "Jane Doe", "Omar Haddad")
    return here


def owned(here: Outpost) -> None:
    """Ada looks after the place to which the posts go."""
    here.bind("C1", "Hub A")
    here.slack.channel(ADA)  # her chat with the bot
    who = {"platform": "slack", "platform_id": ADA, "name": "Ada", "role": "coordinator", "partner": None}
    staffing.add_staff(here.installation, CONSOLE, **who, now=EARLY)  # type: ignore[arg-type]
    at = {"platform": "slack", "platform_id": "C1", "partner": "Hub A", "course_group": None, "cohort": None}
    staffing.add_place(here.installation, CONSOLE, **at, now=EARLY, owner=ADA)  # type: ignore[arg-type]


def test_the_owner_is_told_once_a_month(undated: Outpost) -> None:
    owned(undated)
    undated.tick(EARLY)
    undated.tick(london("2022-02-21T10:05"))
    [told] = undated.said(ADA)
    assert "Review dates are missing for 2 people" in told
    assert "Jane Doe" not in told
    assert undated.said("C1") == []
    undated.tick(london("2022-03-01T10:05"))
    assert len(undated.said(ADA)) == 2


def test_without_an_owner_the_place_is_told(undated: Outpost) -> None:
    undated.bind("C1", "Hub A")
    undated.tick(EARLY)
    [told] = undated.said("C1")
    assert "npq pack dates --blank dates.xlsx" in told


def test_once_the_dates_are_known_what_is_unsent_is_taken_back(undated: Outpost, pack: Pack) -> None:
    owned(undated)
    undated.plan(EARLY)
    assert [message.key for message in undated.messages("planned")] == ["dates_missing"]
    known = replace(undated, installation=Installation(undated.installation.engine, pack, platforms=IDS))
    known.tick(london("2022-02-01T10:06"))
    assert undated.said(ADA) == []
    assert undated.messages("planned") == []
