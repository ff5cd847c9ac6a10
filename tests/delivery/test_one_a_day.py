"""What a holiday moves onto one day goes out once, and what it moves beyond its span goes out looking back (reading 22).

Easter 2027: Friday 26 March and Monday 29 March are bank holidays, so everything from the Friday on moves to the Tuesday.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.conversation.posts.reminder_posts import reminder_text
from bot.platforms import IDS
from core.database.database import writing
from core.derived.installation import Installation
from core.posts.due import messages_ahead, messages_due
from core.posts.lateness import health
from core.posts.outbox import Message, add_messages
from core.rules.calendar import LONDON
from core.services import outbox_actions
from core.services.acts import removal
from core.services.acts.recording import Deed
from reference.pack import Pack
from tests.delivery.conftest import CONSOLE, SAM, Outpost, day
from tests.redated import with_dates

TUESDAY = "2027-03-30"
VOTES = "removal_votes_waiting"


def at(on: str, hour: str = "09:30") -> datetime:
    return datetime.fromisoformat(f"{on}T{hour}").replace(tzinfo=LONDON).astimezone(UTC)


def with_numbers(outpost: Outpost, review: str = "2027-06-08", **numbers: Any) -> None:
    """From now on another pack is in use: other numbers, and the specialists' second review on another day."""
    pack = outpost.installation.pack
    on = day(review)
    moved = with_dates(
        pack, ("specialist", "1", 2), review=on, invoice=on + timedelta(days=20), payment=on + timedelta(days=50)
    )
    changed: Pack = replace(moved, settings=replace(pack.settings, **numbers), hash=f"{review} {numbers}")
    outpost.installation = Installation(outpost.installation.engine, changed, platforms=IDS)


def proposed(outpost: Outpost, **numbers: Any) -> Outpost:
    """On Wednesday 24 March Hub A proposed Jane's removal: reminders on the Friday, and so many days later again."""
    with_numbers(outpost, **numbers)
    (jane,) = outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    wednesday = at("2027-03-24", "12:00")
    removal.remove(
        outpost.installation, SAM, jane, Deed(wednesday.date(), wednesday), side="delivery_partner", decision="approve"
    )
    return outpost


def listed(outpost: Outpost, on: str, hour: str = "08:00") -> list[tuple[str, str, int]]:
    """What `npq due` says is to come on a day and the one after."""
    now = at(on, hour)
    return [
        (m.due_at.date().isoformat(), m.reminder.occasion.key, m.reminder.occasion.lead)
        for m in messages_ahead(outpost.installation, now, now + timedelta(days=1))
        if m.sent_at is None
    ]


def sent(outpost: Outpost, key: str = VOTES) -> list[tuple[str, int, str]]:
    return [(m.due_on.isoformat(), m.occasion["lead"], m.channel) for m in outpost.messages("sent") if m.key == key]


def days_from(first: str, last: str) -> Sequence[str]:
    count = (day(last) - day(first)).days + 1
    return [(day(first) + timedelta(days=n)).isoformat() for n in range(count)]


# ---- one message


def test_votes_that_easter_moves_onto_one_day_are_asked_for_once(outpost: Outpost) -> None:
    proposed(outpost, removal_votes_every=4)
    assert listed(outpost, TUESDAY) == [(TUESDAY, VOTES, 6)]
    for on in days_from("2027-03-24", "2027-04-08"):
        outpost.hurry(at(on))
    assert sent(outpost) == [
        (TUESDAY, 6, "C1"),
        ("2027-04-05", 10, "C1"),  # the 3rd is a Saturday
        ("2027-04-07", 14, "C1"),
    ]
    assert len(outpost.said()) == 3
    assert [m.state for m in outpost.messages() if m.due_on == day(TUESDAY)] == ["sent"], (
        "the other is not even planned"
    )
    found = messages_due(outpost.installation, at("2027-03-24"), at("2027-04-08"))
    assert [m.due_at.date().isoformat() for m in found] == [TUESDAY, "2027-04-05", "2027-04-07"]
    assert health(outpost.installation, at("2027-04-08", "16:00")).well


@pytest.mark.parametrize("again", ["2027-03-26", "2027-03-29", TUESDAY, "2027-03-31"])
def test_a_clock_that_was_set_back_repeats_nothing(small: Outpost, again: str) -> None:
    proposed(small, removal_votes_every=4)
    small.hurry(at(TUESDAY))
    with small.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM plan_mark"))
    for on in (again, TUESDAY, "2027-03-31"):
        assert [key for _, key, _ in listed(small, on, "10:00")] == []
        small.hurry(at(on))
    assert sent(small) == [(TUESDAY, 6, "C1")]
    assert len(small.said()) == 1


def test_a_channel_that_is_bound_later_that_day_gets_it_once_too(small: Outpost) -> None:
    proposed(small, removal_votes_every=4)
    small.hurry(at(TUESDAY))
    small.bind("C2", "Hub A")
    small.hurry(at(TUESDAY, "11:00"))
    assert [len(small.said("C1")), len(small.said("C2"))] == [1, 1]


# ---- a message that went out, or was planned, under the other identity: by another pack, or by the version before


def as_before(outpost: Outpost, lead: int, state: str) -> None:
    """The version before planned each of the two: the other one stands in the outbox as well, in that state."""
    (kept,) = outpost.messages("planned")
    columns = {name: getattr(kept, name) for name in Message.__table__.columns.keys() if name != "id"}  # noqa: SIM118
    parts = kept.identity.split("|")
    parts[-2] = str(lead)
    columns |= {"identity": "|".join(parts), "occasion": {**kept.occasion, "lead": lead}, "state": state}
    if state == "sent":
        columns["sent_at"] = at(TUESDAY, "09:01")
    with writing(outpost.installation.engine) as session:
        assert add_messages(session, [columns]) == 1


def seen_by_the_version_before(outpost: Outpost) -> None:
    """Its plan rests on the same facts; what it calls them says nothing of how they were judged."""
    with outpost.installation.engine.begin() as connection:
        connection.execute(text("UPDATE plan_mark SET seen = '(' || substr(seen, 5)"))


@pytest.mark.parametrize(
    ("state", "posts", "stand"),
    [
        ("planned", 1, {2: "superseded", 6: "sent"}),
        ("sent", 0, {2: "sent", 6: "superseded"}),
        ("unknown", 0, {2: "unknown", 6: "superseded"}),
        ("held", 0, {2: "held", 6: "superseded"}),
        ("superseded", 1, {2: "superseded", 6: "sent"}),
    ],
)
def test_an_upgrade_between_the_two_posts_no_second(
    outpost: Outpost, state: str, posts: int, stand: dict[int, str]
) -> None:
    proposed(outpost, removal_votes_every=4)
    outpost.plan(at(TUESDAY, "09:00"))
    as_before(outpost, 2, state)
    seen_by_the_version_before(outpost)
    assert len(listed(outpost, TUESDAY, "09:05")) == posts
    outpost.plan(at(TUESDAY, "09:10"))
    if state == "unknown":
        assert {m.occasion["lead"]: m.state for m in outpost.messages()} == stand
        return
    outpost.hurry(at(TUESDAY, "09:15"))
    assert {m.occasion["lead"]: m.state for m in outpost.messages()} == stand
    assert len(outpost.said()) == posts
    before = outpost.told()
    outpost.hurry(at(TUESDAY, "10:00"))
    assert outpost.told() == before


@pytest.mark.parametrize("takes_over", [False, True])
def test_another_pack_that_names_another_of_the_two_posts_no_second(outpost: Outpost, takes_over: bool) -> None:
    """Under the first pack the next reminder is a week later; under the second it falls on the same Tuesday."""
    proposed(outpost, removal_votes_every=7)
    outpost.hurry(at(TUESDAY))
    assert sent(outpost) == [(TUESDAY, 2, "C1")]
    with_numbers(outpost, removal_votes_every=4)
    if takes_over:  # another channel: the platform has had it
        outpost.bind("C2", "Hub A", course_group="specialist")
    assert listed(outpost, TUESDAY, "11:00") == []
    outpost.hurry(at(TUESDAY, "11:00"))
    outpost.hurry(at("2027-03-31"))
    assert sent(outpost) == [(TUESDAY, 2, "C1")]
    assert len(outpost.slack.called("chat.postMessage")) == 1
    assert health(outpost.installation, at("2027-03-31", "16:00")).well


def test_what_was_cancelled_by_hand_does_not_come_back_as_the_other(small: Outpost) -> None:
    proposed(small, removal_votes_every=4)
    small.plan(at(TUESDAY))
    (message,) = small.messages("planned")
    outbox_actions.cancel(small.installation, CONSOLE, message.id or 0, now=at(TUESDAY))
    small.hurry(at(TUESDAY, "11:00"))
    assert small.said() == []


# ---- other kinds


@pytest.mark.parametrize(
    ("what", "review", "numbers", "key", "posts"),
    [
        ("two notices of a review", "2027-04-09", {"review_leads": (14, 11)}, "review_upcoming", [("2027-03-25", -11)]),
        ("contacts to make", "2027-03-10", {"window_days": 14, "contact_overdue_after": 16, "contact_overdue_every": 2},
         "contact_overdue", [(TUESDAY, 20), ("2027-04-01", 22)]),
        ("a window's two weeks", "2027-03-12", {"window_progress_after": (14, 17)}, "window_progress", [(TUESDAY, 17)]),
        ("its first day as well", "2027-03-25", {"window_progress_after": (4,)}, "window_open", []),
        ("and how it is going", "2027-03-25", {"window_progress_after": (4,)}, "window_progress", [(TUESDAY, 4)]),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and " " in value else "",
)  # fmt: skip
def test_each_kind_goes_out_once_a_day(
    small: Outpost, what: str, review: str, numbers: dict[str, Any], key: str, posts: list[tuple[str, int]]
) -> None:
    with_numbers(small, review, **numbers)
    small.people("Hub A", "Jane Doe")
    small.bind("C1", "Hub A")
    begin = at("2027-03-24")
    coming = [
        (m.due_at.date().isoformat(), m.reminder.occasion.lead)
        for m in messages_due(small.installation, begin, at("2027-04-01", "23:00"))
        if m.reminder.occasion.key == key
    ]
    for on in days_from("2027-03-24", "2027-04-01"):
        small.hurry(at(on))
    went = [(on, lead) for on, lead, _ in sent(small, key) if date.fromisoformat(on) >= begin.date()]
    assert went == coming == posts
    assert len(small.said()) == len(set(small.said()))


# ---- beyond its span


@pytest.mark.parametrize("hour", ["09:30", "23:50"])
def test_a_window_message_that_easter_moves_beyond_the_window_goes_out_as_it_is_listed(
    outpost: Outpost, hour: str
) -> None:
    """Day 14 of a window of 14 days is Good Friday; `npq due` and the channel say the same, in the past tense."""
    with_numbers(outpost, "2027-03-12", window_days=14, window_progress_after=(14,), contact_overdue_after=30)
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    outpost.hurry(at("2027-03-25"))
    (ahead,) = [
        reminder_text(outpost.installation.pack, m.reminder)
        for m in messages_ahead(outpost.installation, at("2027-03-26"), at(TUESDAY, "23:59"))
        if m.sent_at is None
    ]
    outpost.hurry(at(TUESDAY, hour))
    assert sent(outpost, "window_progress") == [(TUESDAY, 14, "C1")]
    assert outpost.slack.called("chat.postMessage")[-1].arguments["text"] == ahead
    assert "The last day of the window was *26 March 2027* (4 days ago)." in outpost.said()[-1]
    assert "the days until" not in outpost.said()[-1]


def test_a_day_later_it_is_too_late(small: Outpost) -> None:
    with_numbers(small, "2027-03-12", window_days=14, window_progress_after=(14,), contact_overdue_after=30)
    small.people("Hub A", "Jane Doe")
    small.bind("C1", "Hub A")
    small.plan(at("2027-03-25"))
    assert [key for _, key, _ in listed(small, "2027-03-31", "10:00")] == []
    small.plan(at("2027-03-31"))
    assert ("window_progress", TUESDAY, "superseded", "too_late") in small.told()
