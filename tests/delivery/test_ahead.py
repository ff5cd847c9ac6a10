"""`npq due` on a first start: what it lists for now is what the next pass sends, to the message and to the word."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.conversation.posts.reminder_posts import reminder_text
from core.posts.due import messages_ahead
from core.services import outbox_actions
from tests.delivery.conftest import CONSOLE, NOW, Outpost, london
from tests.histories import live_through

# A working morning, a Sunday noon, before nine on a working day, and years after the last date of the schedule.
MOMENTS = {
    "at nine": NOW - timedelta(minutes=30),
    "on a Thursday morning": NOW,
    "on a Sunday": london("2022-06-26T12:00:00"),
    "before the posting hour": london("2022-07-14T07:00:00"),
    "in the last week of the window": london("2022-07-12T15:00:00"),
    "weeks after": london("2022-08-10T10:00:00"),
    "years after": london("2025-06-10T10:00:00"),
}


def first_start(outpost: Outpost) -> None:
    """Everything is imported and bound, and nothing was ever posted."""
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.people("Hub A", "Ann Reed", course="NPQSL")
    outpost.people("Hub B", "Ivy Chen")
    outpost.people("Hub C", "Nobody Bound")
    outpost.bind("C1", "Hub A")
    outpost.bind("C2", "Hub A", course_group="leadership")
    outpost.bind("C3", "Hub B")


def now_listed(outpost: Outpost, now: datetime) -> list[tuple[str, str, str]]:
    """What `npq due` says goes out at once: what, where, and in what words."""
    ahead = messages_ahead(outpost.installation, now, now + timedelta(days=7))
    pack = outpost.installation.pack
    return sorted(
        (m.reminder.occasion.identity, m.place.platform_id, reminder_text(pack, m.reminder))
        for m in ahead
        if m.due_at <= now and m.sent_at is None and m.place is not None
    )


def test_what_is_listed_for_now_is_what_the_next_pass_sends(outpost: Outpost) -> None:
    first_start(outpost)
    listed = now_listed(outpost, NOW)
    assert {where for _, where, _ in listed} == {"C1", "C2", "C3"}
    outpost.hurry(NOW)
    assert sorted((m.identity, m.channel) for m in outpost.messages("sent")) == [(i, c) for i, c, _ in listed]
    posted = {(call.arguments["channel"], call.arguments["text"]) for call in outpost.slack.called("chat.postMessage")}
    assert posted == {(where, text) for _, where, text in listed}
    assert now_listed(outpost, NOW) == []


@pytest.mark.parametrize("when", MOMENTS)
def test_at_any_moment_of_a_first_start(small: Outpost, when: str) -> None:
    first_start(small)
    now = MOMENTS[when]
    listed = now_listed(small, now)
    small.hurry(now)
    assert sorted((m.identity, m.channel) for m in small.messages("sent")) == [(i, c) for i, c, _ in listed]
    assert listed


@pytest.mark.parametrize("seed", range(6))
def test_of_any_caseload(small: Outpost, tmp_path: Path, seed: int) -> None:
    live_through(small.installation, tmp_path, seed, steps=14)
    for number, partner in enumerate(("North Star", "Beacon")):
        small.bind(f"C{number}", partner)
    for on in ("2021-12-06", "2022-01-04", "2022-06-19", "2022-07-14", "2022-12-20"):
        now = london(f"{on}T10:00:00")
        listed, before = now_listed(small, now), {m.id for m in small.messages("sent")}
        small.hurry(now)
        assert sorted((m.identity, m.channel) for m in small.messages("sent") if m.id not in before) == [
            (identity, channel) for identity, channel, _ in listed
        ]


def test_what_was_missed_is_among_them_and_what_is_out_is_not(small: Outpost) -> None:
    first_start(small)
    small.hurry(NOW)
    out = {message.identity for message in small.messages("sent")}
    missed = {identity for identity, _, _ in now_listed(small, london("2022-06-23T10:00:00"))}
    assert missed
    assert not missed & out


def test_what_was_cancelled_is_not_listed(small: Outpost) -> None:
    first_start(small)
    small.plan()
    (first, *others) = [m.id for m in small.messages("planned")]
    outbox_actions.cancel(small.installation, CONSOLE, first or 0, now=NOW)
    assert len(now_listed(small, NOW)) == len(others)
