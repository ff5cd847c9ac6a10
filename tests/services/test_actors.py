"""Who may see and do what: roles, Delivery Partners, and somebody whom the bot does not know yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.derived.installation import Installation
from core.services import enquiries
from core.services.refusals import Refusal
from core.services.staff import staffing
from core.services.staff.actors import PERMISSIONS, ROLES, Actor, may, recognise, require, sees

NOW = datetime(2022, 1, 10, 9, 30, tzinfo=UTC)
CONSOLE = Actor.console()

# CONTRACT: ROLE ∈ viewer, facilitator, coordinator, lead_provider, administrator
MAY: Mapping[str, str] = {
    "viewer": "see",
    "facilitator": "see contact",
    "coordinator": "see contact extend defer resume move propose_removal import outbox",
    "lead_provider": "see contact extend defer resume move vote_removal answer_deferral declare import outbox",
    "administrator": "see contact extend defer resume move propose_removal vote_removal answer_deferral declare import outbox manage",
}


def test_the_roles_are_those_of_the_contract() -> None:
    assert tuple(MAY) == ROLES


@pytest.mark.parametrize("role", MAY)
def test_what_a_role_may_do(role: str) -> None:
    actor = Actor("Sam", role, "North Star")
    allowed = set(MAY[role].split())
    assert {act for act in PERMISSIONS if may(actor, act)} == allowed
    for act in PERMISSIONS:
        if act in allowed:
            require(actor, act)
            continue
        with pytest.raises(Refusal) as refused:
            require(actor, act)
        assert refused.value.code == "not_permitted"
        assert f"Your role here ({role.replace('_', ' ')}) cannot" in refused.value.message
        assert "_" not in refused.value.message, "said in words"


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may(Actor("Eve", "owner"), act) for act in PERMISSIONS)


@pytest.mark.parametrize(
    ("own", "other", "seen"),
    [
        ("North Star", "North Star", True),
        ("North Star", "South Star", False),
        ("North Star", "North Star Two", False),
        ("North Star", "", False),
        ("", "North Star", False),
        (None, "North Star", True),
    ],
)
def test_whose_participants_somebody_sees(own: str | None, other: str, seen: bool) -> None:
    assert sees(Actor("Sam", "administrator", own), other) is seen


def test_the_console_is_an_administrator_who_sees_everybody() -> None:
    assert (CONSOLE.role, CONSOLE.partner, CONSOLE.platform, CONSOLE.staff_id) == ("administrator", None, None, None)


def test_somebody_unknown_is_told_how_to_be_added(installation: Installation) -> None:
    with pytest.raises(Refusal) as refused:
        recognise(installation, "slack", "U0WHO")
    assert refused.value.code == "not_linked"
    assert refused.value.message == (
        "I don't know you yet. Please hand the line below to your administrator, who can add you."
    )
    assert refused.value.advice == (
        'npq staff add --platform slack --id U0WHO --name "YOUR NAME" --role ROLE --partner "DELIVERY PARTNER"'
    )


def test_somebody_is_recognised_as_they_are_now_not_as_they_were(installation: Installation) -> None:
    """A role that changes, or goes, counts from the next click on."""
    one: dict[str, Any] = {"platform": "slack", "platform_id": "U0SAM"}
    added = staffing.add_staff(installation, CONSOLE, **one, name="Sam", role="coordinator", partner=None, now=NOW)
    sam = recognise(installation, **one)
    assert sam == Actor("Sam", "coordinator", None, "slack", "U0SAM", added.id)
    staffing.add_staff(installation, CONSOLE, **one, name="Sam", role="viewer", partner=None, now=NOW)
    assert recognise(installation, **one) == replace(sam, role="viewer")
    staffing.remove_staff(installation, CONSOLE, **one, now=NOW)
    with pytest.raises(Refusal, match="I don't know you yet"):
        recognise(installation, **one)


def test_an_id_belongs_to_its_platform(installation: Installation) -> None:
    teams, there = {"platform": "teams", "platform_id": "29:1SAM"}, {"platform": "slack", "platform_id": "U0SAM"}
    for one, role in ((teams, "viewer"), (there, "coordinator")):
        staffing.add_staff(installation, CONSOLE, **one, name="Sam", role=role, partner=None, now=NOW)
    assert (recognise(installation, **teams).role, recognise(installation, **there).role) == ("viewer", "coordinator")
    for platform, platform_id in [("slack", "29:1SAM"), ("teams", "U0SAM"), ("teams", "29:1sam"), ("slack", "U0SAM ")]:
        with pytest.raises(Refusal, match="I don't know you yet"):
            recognise(installation, platform, platform_id)


def test_an_id_is_recognised_however_its_letters_are_sent(installation: Installation) -> None:
    someone = "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"
    staffing.add_staff(
        installation, CONSOLE, platform="teams", platform_id=someone, name="Sam", role="viewer", partner=None, now=NOW
    )
    for sent in (someone, someone.lower()):
        assert recognise(installation, "teams", sent).platform_id == someone.lower()


def test_even_a_question_needs_a_role(installation: Installation) -> None:
    with pytest.raises(Refusal) as refused:
        enquiries.identify(installation, Actor("Eve", "owner"), "p-1")
    assert refused.value.code == "not_permitted"
