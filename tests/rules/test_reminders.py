"""Which messages are due on which day, and about whom ("When messages are due", readings 19-22 and 28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.reminders.reminder import Occasion, Reminder
from core.rules.facts import Participant
from reference.pack import Pack
from tests.redated import with_dates
from tests.reminding import occasions, remind
from tests.rules.conftest import (
    called,
    day,
    declared,
    deferred,
    did,
    extended,
    period,
    person,
    ran,
    session,
    vote,
)

SECOND = ("specialist", "1", 2)  # whose dates some packs here change: group, cohort, output


def due(
    pack: Pack, people: Sequence[Participant], first: str, last: str, meetings: Sequence[date] = ()
) -> list[tuple[Occasion, Reminder]]:
    found = []
    for occasion in occasions(pack, people, meetings, "North Star", day(first), day(last)):
        reminder = remind(pack, people, occasion, occasion.due_on)
        if reminder is not None:
            found.append((occasion, reminder))
    return found


def keys(found: list[tuple[Occasion, Reminder]]) -> list[tuple[str, str, int | None]]:
    return [(occasion.key, occasion.due_on.isoformat(), occasion.output) for occasion, _ in found]


# NPQLTD in cohort 1, nothing done: review 13 December 2021, bank holidays 27 and 28 December and 3 January
TIMETABLE = [
    ("2021-11-15", "review_upcoming", -28),
    ("2021-11-29", "review_upcoming", -14),
    ("2021-12-06", "review_upcoming", -7),
    ("2021-12-10", "review_upcoming", -1),  # the day before is a Sunday: Friday
    ("2021-12-14", "window_open", 1),
    ("2021-12-20", "window_progress", 7),
    ("2021-12-29", "window_progress", 14),  # 27 and 28 December are bank holidays
    ("2022-01-04", "contact_overdue", 22),
    ("2022-01-04", "three_week_mark", 21),  # 3 January is a bank holiday
    ("2022-01-11", "contact_overdue", 29),
]


def test_the_timetable_of_someone_who_does_nothing(pack: Pack) -> None:
    found = due(pack, [person()], "2021-11-01", "2022-01-11")
    assert [(o.due_on.isoformat(), o.key, o.lead) for o, _ in found if o.key != "stale_data"] == TIMETABLE
    assert {o.about for o, _ in found} == {day("2021-12-13")}


def test_someone_evidenced_is_never_nudged(pack: Pack) -> None:
    found = due(pack, [person(activities=(did("2021-11-10"),))], "2021-11-01", "2022-01-31")
    assert [(key, on) for key, on, _ in keys(found)] == [
        ("three_week_mark", "2022-01-04"),
        ("invoice_due", "2022-01-05"),
        ("invoice_due", "2022-01-10"),
    ]
    assert found[0][1].people[0].note == "Met, awaiting declaration."


def test_the_post_counts_and_says_who_waits_for_an_earlier_output(pack: Pack) -> None:
    people = [
        person(id="p-1", name="Ann", declarations=(declared(1, "2021-12-14", "2021-12-13"),)),
        person(id="p-2", name="Bob", activities=(did("2021-12-01"), did("2022-02-01", 3, "S 1.1b")),
               declarations=(declared(1, "2021-12-14", "2021-12-13"),)),
        person(id="p-3", name="Cyd"),
        person(id="p-4", name="Dee", training_status="withdrawn"),
        person(id="p-5", name="Eve", deferrals=(deferred("2022-01-01", "2022-09-01"),)),
    ]  # fmt: skip
    found = [r for o, r in due(pack, people, "2022-06-16", "2022-06-16") if o.key == "review_upcoming"]
    assert len(found) == 1
    assert [p.participant_id for p in found[0].people] == ["p-1"]
    assert (found[0].evidenced, found[0].concerned, found[0].waiting_for_earlier) == (1, 3, 1)


def test_refer_to_lead_provider_is_in_no_review_message(pack: Pack) -> None:
    everything = tuple(
        did("2021-12-05", a.credits or 0, a.title, b.number, a.component)
        for b in pack.blocks["NPQSL"]
        for a in b.activities
    )
    who = person("NPQSL", activities=everything, declarations=(declared(1, "2021-12-14", "2021-12-13"),))
    assert "review_upcoming" not in {o.key for o, _ in due(pack, [who], "2022-05-01", "2022-06-23")}


def test_extension_messages_follow_the_latest_deadline_only(pack: Pack) -> None:
    who = person(extensions=(extended(1, "2022-01-14", "2021-12-15"), extended(1, "2022-01-28", "2022-01-10")))
    found = [o for o, _ in due(pack, [who], "2022-01-01", "2022-02-28") if o.key.startswith("extension")]
    assert [(o.key, o.about.isoformat(), o.due_on.isoformat()) for o in found] == [
        ("extension_ending", "2022-01-28", "2022-01-25"),
        ("extension_lapsed", "2022-01-28", "2022-01-31"),
    ]


def test_a_logged_contact_ends_the_overdue_message(pack: Pack) -> None:
    who = person(contacts=(called("2022-01-06"),))
    found = [
        o.due_on.isoformat() for o, _ in due(pack, [who], "2022-01-01", "2022-02-28") if o.key == "contact_overdue"
    ]
    assert found == ["2022-01-04"]


def test_removal_votes_wait_two_days_then_weekly(pack: Pack) -> None:
    who = person(removal_votes=(vote("2022-02-01", "delivery_partner"),))
    found = [(o, r) for o, r in due(pack, [who], "2022-02-01", "2022-02-20") if o.key == "removal_votes_waiting"]
    assert [o.due_on.isoformat() for o, _ in found] == ["2022-02-03", "2022-02-10", "2022-02-17"]
    assert found[0][1].people[0].note == "Waiting for the lead provider to decide."
    rejected = person(
        removal_votes=(vote("2022-02-01", "delivery_partner"), vote("2022-02-04", "lead_provider", "reject"))
    )
    assert [o.due_on.isoformat() for o, _ in due(pack, [rejected], "2022-02-01", "2022-02-20")
            if o.key == "removal_votes_waiting"] == ["2022-02-03"]  # fmt: skip


def test_nobody_is_asked_to_vote_on_whoever_has_met_it_meanwhile_on_deferral_too(pack: Pack) -> None:
    """R43: from then on an approval is refused."""
    away = deferred("2022-02-02", "2022-06-01", "2022-02-02")
    who = person(
        removal_votes=(vote("2022-02-01", "delivery_partner"),), deferrals=(away,), activities=(did("2022-02-04"),)
    )
    found = [
        o.due_on.isoformat()
        for o, _ in due(pack, [who], "2022-02-01", "2022-03-20")
        if o.key == "removal_votes_waiting"
    ]
    assert found == ["2022-02-03"]


def test_invoice_counts_payable_and_held_up(pack: Pack) -> None:
    people = [
        person(id="p-1", name="Ann", activities=(did("2021-12-01"),)),
        person(id="p-2", name="Bob", activities=(did("2021-12-01"),), sponsorship_returned_on=None),
        person(id="p-3", name="Cyd", activities=(did("2021-12-01"),), training_status="withdrawn"),
    ]
    found = [r for o, r in due(pack, people, "2022-01-10", "2022-01-10") if o.key == "invoice_due"]
    assert found[0].facts == (("Payable", "2, once declared"), ("Held up by papers", "1"))
    assert found[0].people[1].note == "Held up: signed sponsorship agreement not back."


def test_papers_missing_names_the_paper_once(pack: Pack) -> None:
    people = [
        person(id="p-1", name="Ann", sponsorship_returned_on=None),
        person(id="p-2", name="Bob", activities=(did("2021-11-10"),), contract_returned_on=None,
               declarations=(declared(1, "2021-11-20"),)),
    ]  # fmt: skip
    found = [(o, r) for o, r in due(pack, people, "2021-11-01", "2021-12-31") if o.key == "papers_missing"]
    assert [o.due_on.isoformat() for o, _ in found] == ["2021-11-29"]
    assert [p.note for p in found[0][1].people] == [
        "Not back yet: signed sponsorship agreement.",
        "Not back yet: signed school contract.",
    ]


@pytest.mark.parametrize(("cohort", "expected"), [("1", 4), ("3", 0)])
def test_self_report_reminders_are_for_cohorts_one_and_two(pack: Pack, cohort: str, expected: int) -> None:
    start = {"1": "2021-11-05", "3": "2022-10-05"}[cohort]
    first = {"1": "2021-11-01", "3": "2022-10-01"}[cohort]
    last = (day(first) + timedelta(days=60)).isoformat()
    found = [
        o
        for o, _ in due(pack, [person(cohort=cohort, register=(session(start),))], first, last)
        if o.key == "self_report"
    ]
    assert len(found) == expected


def test_the_meeting_pack_goes_out_a_week_before(pack: Pack) -> None:
    found = due(pack, [person("EHCO")], "2022-01-01", "2022-01-31", [day("2022-01-24")])
    assert keys(found) == [("meeting_pack", "2022-01-17", None)]
    assert found[0][1].people == ()


def test_deferral_ending(pack: Pack) -> None:
    who = person(declarations=(declared(1, "2021-12-14"),), deferrals=(deferred("2022-02-01", "2022-09-01"),))
    found = [(o, r) for o, r in due(pack, [who], "2022-08-01", "2022-09-30") if o.key == "deferral_ending"]
    assert [(o.due_on.isoformat(), o.output) for o, _ in found] == [("2022-08-18", 2)]


def test_stale_data_once_per_report_and_review(pack: Pack) -> None:
    who = person(
        declaration_reports=(period("2021-11-01", "2021-11-20", 0),), engagement_reports=(ran("2021-12-01", "1", 0),)
    )
    found = [o for o, _ in due(pack, [who], "2021-11-01", "2022-01-31") if o.key == "stale_data"]
    assert (
        found == []
    )  # from 20 November to 5 December the first is fresh enough; the second is until the 15th, after the review
    lone = person(declaration_reports=(period("2021-11-01", "2021-11-20", 0),))
    found = [o for o, _ in due(pack, [lone], "2021-11-01", "2022-01-31") if o.key == "stale_data"]
    assert [(o.due_on.isoformat(), o.about.isoformat(), o.detail) for o in found] == [
        ("2021-12-06", "2021-12-13", "2021-11-20 Declaration")  # the 5th is a Sunday
    ]


# Easter 2027, when Friday 26 March and Monday 29 March are bank holidays: what a pack's numbers move onto one day is one
MOVED_TOGETHER: list[tuple[str, dict[str, Any], str, list[tuple[str, int]]]] = [
    ("2027-04-09", {"review_leads": (14, 11, 8)}, "review_upcoming", [("2027-03-25", -11), ("2027-04-01", -8)]),
    ("2027-04-09", {"review_leads": (14, 11, 8)}, "self_report", [("2027-03-25", -11), ("2027-04-01", -8)]),
    ("2027-03-12", {"window_progress_after": (14, 15, 17, 18)}, "window_progress", [("2027-03-30", 18)]),
    ("2027-03-25", {"window_open_after": 1, "window_progress_after": (4,)}, "window_progress", [("2027-03-30", 4)]),
    ("2027-03-25", {"window_open_after": 1, "window_progress_after": (4,)}, "window_open", []),
    ("2027-03-12", {"contact_overdue_after": 14, "contact_overdue_every": 4}, "contact_overdue",
     [("2027-03-30", 18), ("2027-04-05", 22)]),  # 3 April is a Saturday
    ("2027-03-07", {"invoice_working_days_before": 1}, "invoice_due", [("2027-03-25", 0)]),  # the invoice: 28 March
    ("2027-03-07", {"invoice_working_days_before": 2}, "invoice_due", [("2027-03-24", -2), ("2027-03-25", 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("review", "numbers", "key", "expected"), MOVED_TOGETHER)
def test_repeats_that_a_holiday_moves_onto_one_day_are_one(
    pack: Pack, review: str, numbers: dict[str, Any], key: str, expected: list[tuple[str, int]]
) -> None:
    invoice, payment = day(review) + timedelta(days=21), day("2027-06-30")
    moved = with_dates(pack, SECOND, review=day(review), invoice=invoice, payment=payment)
    other = replace(moved, settings=replace(pack.settings, **numbers))
    people = [person(declarations=(declared(1, "2022-01-05"),))]
    found = [
        o for o in occasions(other, people, [], "North Star", day("2027-03-24"), day("2027-04-06")) if o.key == key
    ]
    assert [(o.due_on.isoformat(), o.lead) for o in found if o.output == 2] == expected


def test_of_two_reports_that_grow_old_on_one_day_the_newer_is_told_of(pack: Pack) -> None:
    """Older than a day on Good Friday and on Easter Monday: both messages would go out on the Tuesday."""
    moved = with_dates(pack, SECOND, review=day("2027-04-06"))
    other = replace(moved, settings=replace(pack.settings, stale_report_days=1))
    people = [person(engagement_reports=(ran("2027-03-24", "1", 0), ran("2027-03-27", "1", 0)))]
    found = occasions(other, people, [], "North Star", day("2027-03-25"), day("2027-04-06"))
    assert [(o.due_on.isoformat(), o.detail) for o in found if o.key == "stale_data"] == [
        ("2027-03-30", "2027-03-27 Engagement")
    ]


def test_identities_tell_all_messages_apart(pack: Pack) -> None:
    people = [person(), person(id="p-2", cohort="2", extensions=(extended(1, "2022-04-14", "2022-03-20"),))]
    found = occasions(pack, people, [day("2022-01-24")], "North Star", day("2021-11-01"), day("2022-12-31"))
    assert len({o.identity for o in found}) == len(found)


def test_asking_week_by_week_finds_what_asking_once_finds(pack: Pack) -> None:
    people = [person(), person("NPQSL", "2", id="p-2"), person("NPQLL", "3", id="p-3")]
    whole = occasions(pack, people, [], "North Star", day("2021-11-01"), day("2023-12-31"))
    pieces: list[Occasion] = []
    first = day("2021-11-01")
    while first <= day("2023-12-31"):
        last = min(first + timedelta(days=6), day("2023-12-31"))
        pieces += occasions(pack, people, [], "North Star", first, last)
        first = last + timedelta(days=1)
    assert sorted(o.identity for o in pieces) == sorted(o.identity for o in whole)


def test_a_kind_that_a_later_version_has_concerns_nobody_here(pack: Pack) -> None:
    """It is not this version's to send; what went out already still names its people."""
    people = [person()]
    occasion, reminder = due(pack, people, "2021-11-15", "2021-11-15")[0]
    assert len(reminder.people) == 1
    later = replace(occasion, key="half_term_note")
    assert remind(pack, people, later, later.due_on) is None
    assert remind(pack, people, replace(later, course_group=None, cohort=None, output=None), later.due_on) is None
    assert later.series.startswith("half_term_note|")
    assert later.may_repeat
