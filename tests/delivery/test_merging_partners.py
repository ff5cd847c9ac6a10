"""A Delivery Partner that was stored under two names becomes one: seen together, reminded together, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.database import audit
from core.database.database import reading
from core.database.tables import MeetingRow, SessionRow
from core.derived import following, progress_store
from core.records import participant_rows
from core.services import enquiries
from core.services.partners import MergedPartners, merge_partners, spelt_alike
from core.services.refusals import Refusal
from core.services.staff import staffing
from core.services.staff.actors import Actor
from tests.delivery.conftest import CONSOLE, NOW, Outpost, day, london
from tests.loading import loading, loading_rows

LATER = NOW + timedelta(minutes=5)
ONE, OTHER = "Northern Hub", "NORTHERN HUB"


def merge(outpost: Outpost, source: str = OTHER, target: str = ONE, **options: bool) -> MergedPartners:
    return merge_partners(outpost.installation, CONSOLE, source, target, now=LATER, **options)


@pytest.fixture
def split(outpost: Outpost) -> Outpost:
    """Jane and Omar are with one, Ada with the other; each has a channel, a coordinator and a meeting."""
    outpost.people(ONE, "Jane Doe", "Omar Haddad")
    outpost.people(OTHER, "Ada Byron", "Ben Cole")
    outpost.bind("C1", ONE)
    outpost.bind("C2", OTHER)
    with loading_rows(outpost.installation.engine) as session:
        session.add_all(MeetingRow(delivery_partner=partner, meeting_on=day("2022-06-20")) for partner in (ONE, OTHER))
        session.add(MeetingRow(delivery_partner=OTHER, meeting_on=day("2022-06-21")))
    staffing.add_staff(
        outpost.installation,
        CONSOLE,
        platform="slack",
        platform_id="U0MIA",
        name="Mia",
        role="coordinator",
        partner=OTHER,
        now=NOW,
    )
    return outpost


def test_what_belonged_to_either_belongs_to_one(split: Outpost) -> None:
    split.hurry()
    merged = merge(split)
    assert (merged.participants, merged.meetings, merged.staff, merged.places, merged.unbound) == (2, 1, 1, 0, ("C2",))
    at_risk = enquiries.at_risk(split.installation, CONSOLE, as_of=LATER.date(), partner=ONE).people
    assert {person.standing.name for person in at_risk} == {"Jane Doe", "Omar Haddad", "Ada Byron", "Ben Cole"}
    with pytest.raises(Refusal, match="There is no Delivery Partner"):
        enquiries.at_risk(split.installation, Actor("x", "viewer", ONE), as_of=LATER.date(), partner="Southern Hub")
    [mia] = staffing.list_staff(split.installation, CONSOLE)
    assert mia.partner == ONE
    assert [
        (place.platform_id, place.delivery_partner) for place in staffing.list_places(split.installation, CONSOLE)
    ] == [("C1", ONE)]
    with reading(split.installation.engine) as session:
        assert audit.verify(session) is None
        entry = audit.entries(session)[0]
        assert (entry.act, entry.detail) == ("partner_merge", {"from": OTHER, "into": ONE, "participants": 2})
        assert list(spelt_alike(session)) == []
        records = {
            record.id: record.delivery_partner
            for record in progress_store.load(session, split.installation.fold, partner=ONE)
        }
    assert len(records) == 4


def test_what_either_plans_is_planned_for_all(split: Outpost) -> None:
    with loading(split.installation) as session:
        for event, partner in (("e-1", ONE), ("e-2", OTHER), ("e-3", OTHER)):
            planned = {"event_type": "f2f", "event_date": day("2022-07-01"), "title": event}
            session.add(SessionRow(event_id=event, delivery_partner=partner, **planned))
    with reading(split.installation.engine) as session:
        before = following.now(session)
    assert merge(split).sessions == 2
    with reading(split.installation.engine) as session:
        people = participant_rows.load_participants(session)
        assert {who.name for who in people} == {"Jane Doe", "Omar Haddad", "Ada Byron", "Ben Cole"}
        assert {tuple(each.title for each in who.planned) for who in people} == {("e-1", "e-2", "e-3")}
        judged_anew = following.changed(session, before, following.now(session))
    assert judged_anew == sorted(who.enrolment_id for who in people)


def test_a_plan_alone_makes_a_name_that_is_spelt_alike(outpost: Outpost) -> None:
    outpost.people(ONE, "Jane Doe")
    with loading_rows(outpost.installation.engine) as session:
        session.add(SessionRow(event_id="e-1", delivery_partner=OTHER, event_type="f2f", event_date=day("2022-07-01")))
    with reading(outpost.installation.engine) as session:
        assert [(pair.one, pair.other) for pair in spelt_alike(session)] == [(OTHER, ONE)]
    assert merge(outpost).sessions == 1


def test_nothing_is_posted_twice(split: Outpost) -> None:
    split.hurry()
    before = split.said("C1"), split.said("C2")
    merge(split)
    report = split.hurry(LATER)
    assert (report.planned, report.sent) == (0, 0)
    assert tuple(map(len, (split.said("C1"), split.said("C2")))) == tuple(map(len, before))
    named = [post for post in split.said("C2") if "Ada Byron" in post]
    assert named, "posts that stand are brought up to date"
    assert not any("NORTHERN HUB" in post for post in named)


def test_what_comes_next_is_about_all(split: Outpost) -> None:
    split.hurry()
    merge(split)
    split.hurry(london("2022-06-22T09:30:00"))
    news = split.said("C1")[-1]
    assert all(name in news for name in ("Jane Doe", "Omar Haddad", "Ada Byron", "Ben Cole"))


def test_a_channel_that_was_bound_to_the_wrong_name_gets_everybody_s_posts(outpost: Outpost) -> None:
    outpost.people(ONE, "Jane Doe", "Omar Haddad")
    outpost.people(OTHER, "Ada Byron")
    outpost.bind("C2", OTHER)
    outpost.hurry()
    merged = merge(outpost)
    assert (merged.places, merged.unbound, merged.messages) == (1, (), len(outpost.messages("sent")))
    assert outpost.hurry(LATER).sent == 0, "what the channel was told is not told again"
    outpost.hurry(london("2022-06-22T09:30:00"))
    assert all(name in outpost.said("C2")[-1] for name in ("Jane Doe", "Omar Haddad", "Ada Byron"))


def test_what_waits_for_either_goes_out_once(split: Outpost) -> None:
    split.plan()
    merge(split)
    split.hurry(LATER)
    assert [sum(name in post for post in split.said("C1")) for name in ("Jane Doe", "Ada Byron")] == [1, 1]
    assert split.said("C2") == []


def test_a_dry_run_changes_nothing(split: Outpost) -> None:
    split.hurry()
    would = merge(split, dry_run=True)
    with reading(split.installation.engine) as session:
        assert [(pair.one, pair.other, pair.certain) for pair in spelt_alike(session)] == [(OTHER, ONE, True)]
        assert all(entry.act != "partner_merge" for entry in audit.entries(session))
    assert merge(split) == would


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (ONE, ONE, "Both names are “Northern Hub”"),
        ("Nothern Hub", ONE, "“Nothern Hub” names no Delivery Partner"),
        ("northern hub", ONE, "“northern hub” names several Delivery Partners"),
    ],
)
def test_what_cannot_be_merged_is_said(split: Outpost, source: str, target: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        merge(split, source, target)


def test_only_an_administrator_may(split: Outpost) -> None:
    with pytest.raises(Refusal, match="cannot change who may use the bot"):
        merge_partners(split.installation, Actor("Mia", "coordinator", None), OTHER, ONE, now=LATER)


@pytest.mark.parametrize("waits", [False, True])
def test_who_was_named_nowhere_yet_is_told_of_in_the_post_that_stands(outpost: Outpost, waits: bool) -> None:
    """Ada's reminder went nowhere: she had no channel, or one that took no posts."""
    outpost.people(ONE, "Jane Doe", "Omar Haddad")
    outpost.people("Nothern Hub", "Ada Byron")
    outpost.bind("C1", ONE)
    if waits:
        outpost.bind("C2", "Nothern Hub", bot_in=False)
    outpost.hurry()
    merge(outpost, "Nothern Hub")
    report = outpost.hurry(LATER)
    assert (report.sent, report.updated) == (0, 1)
    [post] = outpost.said("C1")
    assert "By now 1 person is concerned besides" in post
    outpost.hurry(london("2022-06-22T09:30:00"))
    assert "Ada Byron" in outpost.said("C1")[-1]
