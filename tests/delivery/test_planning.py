"""Which messages are written down to be sent, and which are not to go out after all."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.platforms import IDS
from core.database.database import open_database, reading
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import planning
from core.posts.destinations import Destination
from core.posts.due import messages_due
from core.posts.planning import PlanReport
from reference.pack import Pack
from tests.delivery.conftest import HUBS, NOW, Outpost, day, london
from tests.loading import loading, loading_rows
from tests.redated import with_dates

UPCOMING = "review_upcoming"


def moved(pack: Pack, review: str) -> Pack:
    """The pack after the second review of the specialists' first cohort was moved (R46)."""
    return replace(with_dates(pack, ("specialist", "1", 2), review=day(review)), hash=f"moved to {review}")


@pytest.fixture
def hubs(outpost: Outpost) -> Outpost:
    """On each database: three hubs with somebody on a specialist and somebody on a leadership course each."""
    for number, hub in enumerate(HUBS, start=1):
        outpost.people(hub, "Jane Doe")
        outpost.people(hub, "Omar Haddad", course="NPQH")
        outpost.bind(f"C{number}", hub)
    return outpost


# ---- what is planned, and when


def test_what_is_due_is_written_down_once_for_each_group_and_channel(hubs: Outpost) -> None:
    report = hubs.plan()
    assert report.planned == 6
    found = hubs.messages("planned")
    assert sorted((m.channel, m.delivery_partner, m.occasion["course_group"]) for m in found) == [
        (f"C{number}", hub, group) for number, hub in enumerate(HUBS, start=1) for group in ("leadership", "specialist")
    ]
    assert {(m.key, m.about, m.due_at) for m in found} == {(UPCOMING, day("2022-06-23"), london("2022-06-16T09:00"))}
    assert "Jane" not in str([m.model_dump() for m in found]), "ids and dates, nobody's name"


def test_planning_twice_writes_nothing_new(hubs: Outpost) -> None:
    hubs.plan()
    before = hubs.told()
    assert hubs.plan() == PlanReport(0, 0)
    with hubs.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM plan_mark"))
    assert hubs.plan() == PlanReport(0, 0), "also when nobody remembers what the last plan saw"
    assert hubs.plan(NOW + timedelta(hours=3)) == PlanReport(0, 0)
    assert hubs.told() == before


def test_two_planners_at_once_write_each_message_once(hubs: Outpost, database_url: str) -> None:
    """Two processes, each with its own connections to the same database."""
    barrier = threading.Barrier(2)
    reports: list[PlanReport] = []
    others = [Installation(open_database(database_url), hubs.installation.pack, platforms=IDS) for _ in range(2)]

    def run(installation: Installation) -> None:
        barrier.wait()
        reports.append(planning.plan(installation, NOW))

    threads = [threading.Thread(target=run, args=(installation,)) for installation in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    for installation in others:
        installation.engine.dispose()
    assert len(reports) == 2, "neither failed"
    assert sum(report.planned for report in reports) == len(hubs.messages("planned")) == 6
    assert len({(m.identity, m.channel) for m in hubs.messages()}) == len(hubs.messages())


@pytest.mark.parametrize(
    ("at", "planned"),
    [
        ("2022-06-16T08:59:59+01:00", 0),
        ("2022-06-16T09:00:00+01:00", 1),
        ("2022-06-16T08:00:00+00:00", 1),  # summer: nine in London
        ("2022-06-15T23:59:00+01:00", 0),
    ],
)
def test_messages_go_out_from_nine_in_london_on(team: Outpost, at: str, planned: int) -> None:
    """The messages of earlier days are planned already: only what is new at nine counts here."""
    team.plan(london("2022-06-15T12:00"))
    assert team.plan(datetime.fromisoformat(at)).planned == planned


def test_without_a_place_nothing_is_planned_and_with_one_it_is(small: Outpost) -> None:
    small.people("Hub A", "Jane Doe")
    assert small.plan() == PlanReport(0, 0)
    assert small.told() == []
    small.bind("C1", "Hub A")
    assert small.plan().planned == 1
    assert [m.channel for m in small.messages("planned")] == ["C1"]


def test_who_is_evidenced_already_is_in_no_message(team: Outpost) -> None:
    team.evidence("hub-a/jane-doe")
    team.evidence("hub-a/omar-haddad")
    assert team.plan() == PlanReport(0, 0)


def test_the_most_specific_binding_gets_the_message(small: Outpost) -> None:
    small.people("Hub A", "Jane Doe")
    small.people("Hub A", "Omar Haddad", course="NPQH")
    small.bind("C1", "Hub A")
    small.bind("C2", "Hub A", course_group="specialist")
    small.bind("19:t1@thread.tacv2", "Hub A", platform="teams")
    small.plan()
    assert sorted((m.platform, m.channel, m.occasion["course_group"]) for m in small.messages("planned")) == [
        ("slack", "C1", "leadership"),
        ("slack", "C2", "specialist"),
        ("teams", "19:t1@thread.tacv2", "leadership"),
        ("teams", "19:t1@thread.tacv2", "specialist"),
    ]


# ---- what was missed

MISSED: list[tuple[str, str, list[tuple[str, str]], set[tuple[str, str, str]]]] = [
    # nothing ran until then: what goes out late, and what is recorded as not to be sent, and why
    (
        "the day before the review",
        "2022-06-22T10:00",
        [("papers_missing", "2022-06-09"), (UPCOMING, "2022-06-22")],
        {
            (UPCOMING, "2022-05-26", "newer"),
            (UPCOMING, "2022-06-09", "newer"),
            (UPCOMING, "2022-06-16", "newer"),
        },
    ),
    (
        "in the second week of the window",
        "2022-07-04T10:00",
        [("papers_missing", "2022-06-09"), ("window_progress", "2022-06-30")],
        {
            (UPCOMING, "2022-06-09", "newer"),
            (UPCOMING, "2022-06-16", "newer"),
            (UPCOMING, "2022-06-22", "newer"),
            ("window_open", "2022-06-24", "newer"),
        },
    ),
    (
        "the day after the window",
        "2022-07-15T10:00",
        [("three_week_mark", "2022-07-14"), ("contact_overdue", "2022-07-15")],
        {
            (UPCOMING, "2022-06-22", "newer"),
            ("window_open", "2022-06-24", "newer"),
            ("window_progress", "2022-06-30", "newer"),
            ("window_progress", "2022-07-07", "too_late"),
        },
    ),
]


@pytest.mark.parametrize(("when", "at", "late", "superseded"), MISSED, ids=[row[0].replace(" ", "-") for row in MISSED])
def test_of_what_was_missed_only_the_newest_of_its_group_goes_out_late(
    team: Outpost, when: str, at: str, late: list[tuple[str, str]], superseded: set[tuple[str, str, str]]
) -> None:
    """ "An older one is recorded as superseded, not sent." Both lack a paper, so that message has somebody to be about."""
    with loading_rows(team.installation.engine) as session:
        session.execute(text("UPDATE enrolments SET sponsorship_returned_on = NULL"))
    report = team.plan(london(at))
    assert [(key, on) for key, on, _, _ in team.told("planned")] == late
    assert {(key, on, why) for key, on, _, why in team.told("superseded")} == superseded
    assert report == PlanReport(len(late), len(superseded))


def test_what_was_missed_on_each_database(outpost: Outpost) -> None:
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    assert outpost.plan(london("2022-06-22T10:00")) == PlanReport(1, 3)
    assert outpost.plan(london("2022-06-22T10:00")) == PlanReport(0, 0)


def test_what_waited_unsent_while_a_newer_one_became_due_is_superseded(team: Outpost) -> None:
    """The queue was blocked: nothing was sent between the two plans."""
    team.plan(london("2022-06-16T09:30"))
    team.plan(london("2022-06-22T09:30"))
    assert (UPCOMING, "2022-06-16", "superseded", "newer") in team.told()
    assert team.told("planned") == [(UPCOMING, "2022-06-22", "planned", "")]


def test_what_is_older_than_four_weeks_is_recorded_and_not_sent(team: Outpost) -> None:
    """The pack's `catch_up_days`: the three-week mark was due on 14 July and the process came back on 12 August."""
    team.plan(london("2022-07-14T08:00"))
    team.plan(london("2022-08-12T09:30"))
    assert ("three_week_mark", "2022-07-14", "superseded", "too_late") in team.told()
    assert [key for key, _, _, _ in team.told("planned")] == ["contact_overdue"]


def test_a_place_that_is_bound_late_gets_only_what_is_newest(team: Outpost) -> None:
    team.people("Hub B", "Late Comer")
    team.plan()
    team.bind("C2", "Hub B")
    team.plan()
    assert [(m.channel, m.due_on.isoformat()) for m in team.messages("planned")] == [
        ("C1", "2022-06-16"),
        ("C2", "2022-06-16"),
    ]


# ---- what changes afterwards


def test_a_moved_review_date_replans_what_is_unsent(outpost: Outpost, pack: Pack) -> None:
    """R46: what went out stays as it was; what has not is planned afresh for the new date, earlier or later."""
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    outpost.hurry(london("2022-06-09T09:30"))
    assert outpost.told("sent") == [(UPCOMING, "2022-06-09", "sent", "")]
    outpost.plan(NOW)
    assert outpost.told("planned") == [(UPCOMING, "2022-06-16", "planned", "")]

    later = Outpost(Installation(outpost.installation.engine, moved(pack, "2022-06-30"), platforms=IDS), outpost.slack)
    later.plan(NOW)  # 16 June is now two weeks before the review
    assert [(m.key, m.about.isoformat(), m.due_on.isoformat()) for m in later.messages("planned")] == [
        (UPCOMING, "2022-06-30", "2022-06-16")
    ]
    assert (UPCOMING, "2022-06-16", "superseded", "no_longer_due") in later.told()
    assert [(m.about.isoformat(), m.due_on.isoformat()) for m in later.messages("sent")] == [
        ("2022-06-23", "2022-06-09")
    ]
    assert later.hurry(NOW).sent == 1
    assert "30 June 2022" in later.said()[-1], "it states the true date"

    back = Outpost(Installation(outpost.installation.engine, pack, platforms=IDS), outpost.slack)
    back.plan(NOW)
    assert [(m.about.isoformat(), m.due_on.isoformat()) for m in back.messages("planned")] == [
        ("2022-06-23", "2022-06-16")
    ]
    assert len(back.messages("sent")) == 2


def test_a_message_that_concerns_nobody_any_more_is_superseded(outpost: Outpost) -> None:
    [jane, omar] = outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    outpost.plan()
    outpost.evidence(jane)
    assert outpost.plan() == PlanReport(0, 0), "it still concerns Omar"
    outpost.evidence(omar)
    assert outpost.plan() == PlanReport(0, 1)
    assert (UPCOMING, "2022-06-16", "superseded", "nobody_concerned") in outpost.told()
    assert outpost.plan() == PlanReport(0, 0)


def test_a_superseded_message_that_is_wanted_again_is_planned_again(outpost: Outpost) -> None:
    """Evidence that was withdrawn by a corrected file: it concerns somebody once more."""
    [jane] = outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.plan()
    outpost.evidence(jane)
    outpost.plan()
    with loading(outpost.installation, jane) as session:
        session.execute(text("DELETE FROM activities"))
    assert outpost.plan() == PlanReport(1, 0)
    assert outpost.told("planned") == [(UPCOMING, "2022-06-16", "planned", "")]


def test_a_channel_that_is_unbound_gets_nothing_more(team: Outpost) -> None:
    from core.services.staff import staffing
    from tests.delivery.conftest import CONSOLE

    team.plan()
    staffing.remove_place(team.installation, CONSOLE, platform="slack", platform_id="C1", now=NOW)
    assert team.plan() == PlanReport(0, 1)
    assert team.messages("planned") == []


def test_a_channel_that_takes_over_gets_what_was_not_sent_and_nothing_twice(team: Outpost) -> None:
    """Bound for the specialists alone after the general channel: what is unsent moves, what was sent stays."""
    team.plan()
    team.bind("C2", "Hub A", course_group="specialist")
    assert team.plan() == PlanReport(1, 1)
    assert [(m.channel, m.state, m.reason) for m in team.messages() if m.due_on == day("2022-06-16")] == [
        ("C1", "superseded", "elsewhere"),
        ("C2", "planned", ""),
    ]
    team.hurry()
    team.bind("C3", "Hub A", course_group="specialist")
    assert team.hurry().sent == 1, "both are now bound to the specialists: the third has not had it"
    assert [len(team.slack.said(channel)) for channel in ("C1", "C2", "C3")] == [0, 1, 1]


def test_a_message_that_went_out_is_not_sent_again_to_a_channel_that_takes_over(team: Outpost) -> None:
    team.hurry()
    team.bind("C2", "Hub A", course_group="specialist")
    assert team.hurry().sent == 0
    assert [len(team.slack.said(channel)) for channel in ("C1", "C2")] == [1, 0]


# ---- what `npq due` answers


def test_what_is_due_says_where_to_and_about_whom(small: Outpost) -> None:
    ids = small.people("Hub A", "Jane Doe", "Omar Haddad")
    first, last = london("2022-06-16T00:00"), london("2022-06-22T23:59")
    found = messages_due(small.installation, first, last)
    assert [(m.reminder.occasion.key, m.due_at.isoformat(), m.place) for m in found] == [
        (UPCOMING, "2022-06-16T09:00:00+01:00", None),
        (UPCOMING, "2022-06-22T09:00:00+01:00", None),
    ]
    assert [person.participant_id for person in found[0].reminder.people] == ids
    small.bind("C1", "Hub A")
    assert [m.place for m in messages_due(small.installation, first, last)] == [Destination("slack", "C1")] * 2
    assert small.told() == [], "it writes nothing down"


def test_what_was_sent_carries_its_time_and_its_people_also_when_they_have_moved_on(small: Outpost) -> None:
    ids = small.people("Hub A", "Jane Doe", "Omar Haddad")
    small.bind("C1", "Hub A")
    small.hurry()
    small.evidence(ids[0])
    [sent] = messages_due(small.installation, london("2022-06-16T00:00"), london("2022-06-16T23:59"))
    assert sent.sent_at is not None
    assert abs(sent.sent_at - NOW) < timedelta(minutes=1)
    assert [person.participant_id for person in sent.reminder.people] == ids


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2022-06-16T09:00", "2022-06-16T09:00", 1),
        ("2022-06-16T09:01", "2022-06-22T08:59", 0),
        ("2022-06-16T09:00", "2022-06-22T09:00", 2),
        ("2022-06-17T00:00", "2022-06-16T00:00", 0),
    ],
)
def test_both_ends_are_included(team: Outpost, first: str, last: str, found: int) -> None:
    assert len(messages_due(team.installation, london(first), london(last))) == found


def test_what_concerned_nobody_on_its_day_was_not_missed(small: Outpost) -> None:
    """Jane has until 29 July: the weekly contact messages of July are not about her, and do not come late the day after."""
    small.people("Hub A", "Jane Doe")
    small.bind("C1", "Hub A")
    small.extend("hub-a/jane-doe", "2022-07-29", at=london("2022-07-01T12:00"))
    for at in ("2022-07-15T09:00", "2022-07-22T09:00", "2022-07-29T09:00", "2022-07-30T00:01", "2022-08-01T09:00"):
        small.plan(london(at))
    assert [key for key, *_ in small.told("planned") if key == "contact_overdue"] == []
    assert [due_on for key, due_on, *_ in small.told("planned") if key == "extension_lapsed"] == ["2022-08-01"]
    small.plan(london("2022-08-05T09:00"))
    assert [due_on for key, due_on, *_ in small.told("planned") if key == "contact_overdue"] == ["2022-08-05"]


# ---- a pack that lacks somebody's course


def without(pack: Pack, code: str) -> Pack:
    """The pack of a lead provider that does not have a course."""
    return replace(pack, courses={c: course for c, course in pack.courses.items() if c != code}, hash=f"no {code}")


def test_somebody_whom_the_pack_does_not_know_keeps_nobody_else_from_being_told_of(hubs: Outpost) -> None:
    """NPQ_PACK names another pack than it did: whoever is on a course of both is watched as before."""
    other = Installation(hubs.installation.engine, without(hubs.installation.pack, "NPQH"), platforms=IDS)
    cases = Caseloads(other)
    assert planning.plan(other, NOW, cases).planned == 3
    assert {m.occasion["course_group"] for m in hubs.messages("planned")} == {"specialist"}
    changed = hubs.people("Hub A", "Late Comer", course="NPQH")
    assert planning.plan(other, NOW, cases) == PlanReport(0, 0)
    with reading(other.engine) as session:
        assert cases.standings(session, changed, NOW.date()) == {}


def test_whom_the_pack_does_not_know_any_more_is_not_told_of(hubs: Outpost) -> None:
    """Their course was changed in the records to one that is in no pack."""
    cases = Caseloads(hubs.installation)
    planning.plan(hubs.installation, NOW, cases)
    with loading(hubs.installation, "hub-a/omar-haddad") as session:
        session.execute(text("UPDATE enrolments SET course = 'NPQX' WHERE participant_id = 'hub-a/omar-haddad'"))
    assert planning.plan(hubs.installation, NOW, cases) == PlanReport(0, 1)
    still = {(m.channel, m.occasion["course_group"]) for m in hubs.messages("planned")}
    assert len(still) == 5
    assert ("C1", "leadership") not in still
