"""Who may use the bot, and which channel gets whose posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.platforms import IDS
from core.database import audit
from core.database.database import open_database, reading, writing
from core.database.tables import Place, Staff
from core.derived.installation import Installation
from core.services import teams_conversations
from core.services.refusals import Refusal
from core.services.staff import staffing
from core.services.staff.actors import Actor
from core.services.staff.known_ids import misfits
from core.services.teams_conversations import Conversation
from reference.pack import Pack
from tests.loading import loading
from tests.records.made import stored_person

NOW = datetime(2022, 1, 10, 9, 30, tzinfo=UTC)
ADA = Actor("Ada", "administrator", None, "slack", "U0ADA", 7)
SAM: Mapping[str, Any] = {
    "platform": "slack",
    "platform_id": "U0SAM",
    "name": "Sam",
    "role": "coordinator",
    "partner": "North Star",
}
CHANNEL: Mapping[str, Any] = {
    "platform": "slack",
    "platform_id": "C1",
    "partner": "North Star",
    "course_group": None,
    "cohort": None,
}


@pytest.fixture
def here(installation: Installation) -> Installation:
    """An installation with two Delivery Partners, on each kind of database in turn."""
    return filled(installation)


@pytest.fixture
def small(sqlite_url: str, pack: Pack) -> Iterator[Installation]:
    """The same on SQLite alone, where the kind of database makes no difference."""
    engine = open_database(sqlite_url)
    yield filled(Installation(engine, pack, platforms=IDS))
    engine.dispose()


def filled(installation: Installation) -> Installation:
    with loading(installation) as session:
        session.add_all([stored_person("p-1"), stored_person("p-2", delivery_partner="South Star")])
    return installation


def listed(installation: Installation) -> list[tuple[str, str, str, str, str | None]]:
    return [(s.platform, s.platform_id, s.name, s.role, s.partner) for s in staffing.list_staff(installation, ADA)]


def bound(installation: Installation) -> list[tuple[str, str, str | None, str | None]]:
    places = staffing.list_places(installation, ADA)
    return [(p.platform_id, p.delivery_partner, p.course_group, p.cohort) for p in places]


def trail(installation: Installation) -> list[tuple[str, int | None, str]]:
    with reading(installation.engine) as session:
        assert audit.verify(session) is None
        return [(entry.actor, entry.actor_id, entry.act) for entry in audit.entries(session)]


def details(here: Installation) -> list[dict[str, Any]]:
    """What the audit entries say beyond the act, newest first."""
    with reading(here.engine) as session:
        return [entry.detail for entry in audit.entries(session)]


def test_names_are_kept_without_marks_that_nobody_sees(here: Installation) -> None:
    staffing.add_staff(here, ADA, **{**SAM, "name": "\u200bSam Sm\u00adith\u200e"}, now=NOW)
    assert [row[2] for row in listed(here)] == ["Sam Smith"]
    assert Actor.console("Ad\u200ba").name == "Ada"


def test_staff_are_added_changed_listed_and_removed(here: Installation) -> None:
    staffing.add_staff(here, ADA, **SAM, now=NOW)
    staffing.add_staff(here, ADA, **{**SAM, "platform_id": "U0LEE", "name": "Lee", "partner": None}, now=NOW)
    assert listed(here) == [
        ("slack", "U0LEE", "Lee", "coordinator", None),
        ("slack", "U0SAM", "Sam", "coordinator", "North Star"),
    ]
    staffing.add_staff(here, ADA, **{**SAM, "name": "Sam Smith", "role": "viewer"}, now=NOW)
    assert ("slack", "U0SAM", "Sam Smith", "viewer", "North Star") in listed(here)
    assert len(listed(here)) == 2, "adding somebody again changes them"
    staffing.remove_staff(here, ADA, platform="slack", platform_id="U0SAM", now=NOW)
    assert [row[2] for row in listed(here)] == ["Lee"]
    assert trail(here) == [("Ada", 7, "staff_remove"), *[("Ada", 7, "staff_add")] * 3]
    removed, _, _, added = details(here)
    assert removed["staff"] == added["staff"], "it says who was removed"


def test_the_audit_trail_names_nobody(here: Installation) -> None:
    added = staffing.add_staff(here, ADA, **SAM, now=NOW)
    with reading(here.engine) as session:
        [entry] = audit.entries(session)
    assert entry.detail == {"platform": "slack", "staff": added.id, "role": "coordinator"}


def test_a_partner_is_stored_as_it_is_written_in_the_caseload(here: Installation) -> None:
    assert staffing.add_staff(here, ADA, **{**SAM, "partner": "  NORTH star "}, now=NOW).partner == "North Star"
    assert staffing.add_place(here, ADA, **{**CHANNEL, "partner": "south STAR"}, now=NOW).delivery_partner == (
        "South Star"
    )


def test_spaces_around_ids_and_names_are_dropped(small: Installation) -> None:
    staffing.add_staff(small, ADA, **{**SAM, "platform_id": " U0SAM ", "name": " Sam "}, now=NOW)
    assert listed(small) == [("slack", "U0SAM", "Sam", "coordinator", "North Star")]


STAFF_REFUSED: list[tuple[str, Mapping[str, Any], str, str, str]] = [
    # what differs from a good one; code, field and sentence
    ("another platform", {"platform": "discord"}, "unknown_platform", "platform", "“discord” is not slack or teams."),
    (
        "a role nobody knows",
        {"role": "owner"},
        "unknown_role",
        "role",
        "There is no role “owner”; choose one of viewer, facilitator, coordinator, lead_provider, administrator.",
    ),
    ("no id", {"platform_id": "  "}, "blank", "id", "Please give both an id and a name."),
    ("no name", {"name": ""}, "blank", "id", "Please give both an id and a name."),
    (
        "a partner nobody knows",
        {"partner": "East Star"},
        "unknown_partner",
        "partner",
        "There is no Delivery Partner “East Star”; there are: North Star, South Star.",
    ),
]


@pytest.mark.parametrize(
    ("what", "differs", "code", "field", "sentence"),
    STAFF_REFUSED,
    ids=[row[0].replace(" ", "-") for row in STAFF_REFUSED],
)
def test_staff_who_are_refused(
    small: Installation, what: str, differs: Mapping[str, Any], code: str, field: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as refused:
        staffing.add_staff(small, ADA, **{**SAM, **differs}, now=NOW)
    assert (refused.value.code, refused.value.field, refused.value.message) == (code, field, sentence)
    assert listed(small) == []
    assert trail(small) == []


def test_adding_somebody_again_shows_them_nobody_elses_participants(here: Installation) -> None:
    staffing.add_staff(here, ADA, **SAM, now=NOW)
    again = {**SAM, "role": "lead_provider", "partner": None}
    assert staffing.add_staff(here, ADA, **again, now=NOW).partner == "North Star"
    assert staffing.add_staff(here, ADA, **{**SAM, "partner": "South Star"}, now=NOW).partner == "South Star"
    staffing.remove_staff(here, ADA, platform="slack", platform_id="U0SAM", now=NOW)
    assert staffing.add_staff(here, ADA, **again, now=NOW).partner is None


def test_an_id_is_stored_as_its_platform_writes_it_however_it_is_pasted(here: Installation) -> None:
    for pasted in ("U0SAMGREEN", "u0samgreen", "<@U0SAMGREEN|sam>"):
        staffing.add_staff(here, ADA, **{**SAM, "platform_id": pasted}, now=NOW)
    assert [row[1] for row in listed(here)] == ["U0SAMGREEN"]
    link = "https://northern.slack.com/archives/C0NORTH"
    staffing.add_place(here, ADA, **{**CHANNEL, "platform_id": link}, owner="u0samgreen", fallback="<#C0ELSE>", now=NOW)
    staffing.add_place(here, ADA, **{**CHANNEL, "platform_id": "c0north"}, now=NOW)
    (place,) = staffing.list_places(here, ADA)
    assert (place.platform_id, place.owner, place.fallback) == ("C0NORTH", "U0SAMGREEN", "C0ELSE")
    assert staffing.remove_place(here, ADA, platform="slack", platform_id=link, now=NOW) == 1
    staffing.remove_staff(here, ADA, platform="slack", platform_id="u0samgreen", now=NOW)
    assert (listed(here), bound(here)) == ([], [])


NO_IDS: list[tuple[str, Mapping[str, Any], str]] = [
    # what differs from a good place; the field that is refused
    ("a channel's name", {"platform_id": "#north-npq"}, "id"),
    ("a person as the channel", {"platform_id": "U0SAM"}, "id"),
    ("an e-mail address as the owner", {"owner": "sam@school.org"}, "owner"),
    ("a name as the fallback", {"fallback": "general"}, "fallback"),
]


@pytest.mark.parametrize(("what", "differs", "field"), NO_IDS, ids=[row[0].replace(" ", "-") for row in NO_IDS])
def test_a_place_is_refused_whose_ids_are_none(
    small: Installation, what: str, differs: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        staffing.add_place(small, ADA, **{**CHANNEL, **differs}, now=NOW)
    assert (refused.value.code, refused.value.field) == ("not_an_id", field)
    assert bound(small) == []


def test_the_fallback_is_another_channel_however_it_is_written(small: Installation) -> None:
    with pytest.raises(Refusal) as refused:
        staffing.add_place(small, ADA, **{**CHANNEL, "platform_id": "C0NORTH"}, fallback="<#C0NORTH|north>", now=NOW)
    assert refused.value.code == "same_channel"


def test_a_conversation_that_the_bot_has_heard_from_can_be_bound_whatever_its_id(here: Installation) -> None:
    """Microsoft's local client has ids of its own."""
    heard = "0f1e2d3c-0000-4b5a-6978-8796a5b4c3d2"
    more: dict[str, Any] = {"service_url": "http://localhost", "seen_at": NOW}
    teams_conversations.note(here, Conversation(id=heard, kind="groupChat", **more))
    teams_conversations.note(here, Conversation(id="own", kind="personal", person="me", person_here="I", **more))
    place = {**CHANNEL, "platform": "teams"}
    assert staffing.add_place(here, ADA, **{**place, "platform_id": heard}, now=NOW).platform_id == heard
    with pytest.raises(Refusal, match="is not a Teams channel's id"):
        staffing.add_place(here, ADA, **{**place, "platform_id": "own"}, now=NOW)
    staffing.add_staff(here, ADA, **{**SAM, "platform": "teams", "platform_id": "me"}, now=NOW)


def test_what_was_stored_before_ids_were_looked_at_is_found_and_can_be_taken_off(here: Installation) -> None:
    stored = ("#north-npq", "C0NORTH", "c0north", "https://northern.slack.com/archives/C0SOUTH", "C1")
    with writing(here.engine) as session:
        for one in stored:
            session.add(Place(platform="slack", platform_id=one, delivery_partner="North Star", fallback="General"))
        session.add(Staff(platform="teams", platform_id="sam@school.org", name="Sam", role="viewer"))
    with reading(here.engine) as session:
        found = {(m.stands, m.stored): (m.meant, m.twice) for m in misfits(session, IDS)}
    assert found == {
        ("place", "#north-npq"): (None, False),
        ("place", "c0north"): ("C0NORTH", True),
        ("place", "https://northern.slack.com/archives/C0SOUTH"): ("C0SOUTH", False),
        ("fallback", "General"): (None, False),
        ("staff", "sam@school.org"): (None, False),
    }
    for one in stored:
        assert staffing.remove_place(here, ADA, platform="slack", platform_id=one, now=NOW) == 1
    staffing.remove_staff(here, ADA, platform="teams", platform_id="sam@school.org", now=NOW)


def test_somebody_who_is_not_on_the_list_cannot_be_removed(small: Installation) -> None:
    with pytest.raises(Refusal) as refused:
        staffing.remove_staff(small, ADA, platform="slack", platform_id="U0WHO", now=NOW)
    assert (refused.value.code, refused.value.field) == ("unknown_staff", "id")
    assert refused.value.message == "Nobody with the slack id “U0WHO” is on the list."


def test_places_are_added_listed_and_removed(here: Installation) -> None:
    staffing.add_place(here, ADA, **CHANNEL, now=NOW)
    staffing.add_place(here, ADA, **{**CHANNEL, "course_group": "specialist", "cohort": "2"}, now=NOW)
    staffing.add_place(here, ADA, **{**CHANNEL, "platform_id": "C2", "partner": "South Star"}, now=NOW)
    assert bound(here) == [
        ("C1", "North Star", None, None),
        ("C1", "North Star", "specialist", "2"),
        ("C2", "South Star", None, None),
    ]
    assert staffing.remove_place(here, ADA, platform="slack", platform_id="C1", now=NOW) == 2
    assert [row[0] for row in bound(here)] == ["C2"]
    assert trail(here) == [("Ada", 7, "place_remove"), *[("Ada", 7, "place_add")] * 3]
    assert details(here)[0] == {"platform": "slack", "channel": "C1", "bindings": 2}


def test_binding_a_channel_twice_binds_it_once(here: Installation) -> None:
    first = staffing.add_place(here, ADA, **CHANNEL, now=NOW)
    assert staffing.add_place(here, ADA, **CHANNEL, now=NOW).id == first.id
    assert len(bound(here)) == 1


PLACES_REFUSED: list[tuple[str, Mapping[str, Any], str, str, str]] = [
    ("another platform", {"platform": "email"}, "unknown_platform", "platform", "“email” is not slack or teams."),
    ("no id", {"platform_id": " "}, "blank", "id", "Please give the channel's id."),
    (
        "a group nobody knows",
        {"course_group": "heads"},
        "unknown_course_group",
        "course_group",
        "There is no course group “heads”; choose one of specialist, leadership, ehco.",
    ),
    (
        "a cohort nobody knows",
        {"cohort": "9"},
        "unknown_cohort",
        "cohort",
        "There is no cohort 9; the cohorts are 1, 2, 3, 4.",
    ),
    (
        "a partner nobody knows",
        {"partner": "East Star"},
        "unknown_partner",
        "partner",
        "There is no Delivery Partner “East Star”; there are: North Star, South Star.",
    ),
]


@pytest.mark.parametrize(
    ("what", "differs", "code", "field", "sentence"),
    PLACES_REFUSED,
    ids=[row[0].replace(" ", "-") for row in PLACES_REFUSED],
)
def test_places_that_are_refused(
    small: Installation, what: str, differs: Mapping[str, Any], code: str, field: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as refused:
        staffing.add_place(small, ADA, **{**CHANNEL, **differs}, now=NOW)
    assert (refused.value.code, refused.value.field, refused.value.message) == (code, field, sentence)
    assert bound(small) == []


def test_a_channel_that_gets_no_posts_cannot_be_removed(small: Installation) -> None:
    with pytest.raises(Refusal) as refused:
        staffing.remove_place(small, ADA, platform="slack", platform_id="C9", now=NOW)
    assert (refused.value.code, refused.value.field) == ("unknown_place", "id")


def test_a_place_before_any_import_says_what_to_do(installation: Installation) -> None:
    with pytest.raises(Refusal, match="import participants first"):
        staffing.add_place(installation, ADA, **CHANNEL, now=NOW)


@pytest.mark.parametrize("role", ["viewer", "facilitator", "coordinator", "lead_provider"])
def test_only_an_administrator_manages(small: Installation, role: str) -> None:
    somebody = Actor("Sam", role)
    one = {"platform": "slack", "platform_id": "U0SAM"}
    for ask in (
        lambda: staffing.add_staff(small, somebody, **SAM, now=NOW),
        lambda: staffing.list_staff(small, somebody),
        lambda: staffing.remove_staff(small, somebody, **one, now=NOW),
        lambda: staffing.add_place(small, somebody, **CHANNEL, now=NOW),
        lambda: staffing.list_places(small, somebody),
        lambda: staffing.remove_place(small, somebody, **one, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            ask()
        assert refused.value.code == "not_permitted"
    assert trail(small) == []
