"""Clocks that are set back, that change, and days on which nobody was there: each message once, whatever the clock says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.delivery.conftest import NOW, Outpost, london


def once(outpost: Outpost, channel: str = "C1") -> None:
    """No post stands there twice, and nothing has been left behind."""
    tokens = Counter(post["metadata"]["event_payload"]["token"] for post in outpost.slack.said(channel))
    assert set(tokens.values()) <= {1}
    assert outpost.messages("planned", "waiting", "sending", "unknown", "held", "failed") == []
    sent = outpost.messages("sent")
    assert len({message.identity for message in sent}) == len(sent) == len(tokens)


@pytest.mark.parametrize("trouble", ["nothing", "hang_up_before", "hang_up_after"])
def test_the_clock_is_set_back_an_hour(outpost: Outpost, trouble: str) -> None:
    """Between two passes; also when nobody knows yet what became of a post."""
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    if trouble != "nothing":
        outpost.slack.trouble("chat.postMessage", trouble)  # type: ignore[arg-type]
        outpost.glance(NOW)
    for hours in (0, -1, 0, -1, 1):
        outpost.hurry(NOW + timedelta(hours=hours), ahead=-3600 if hours < 0 else 60)
    once(outpost)
    assert len(outpost.said()) == 1


@pytest.mark.parametrize("sunday", ["2022-03-27", "2022-10-30"])
def test_a_pass_every_quarter_of_an_hour_through_a_clock_change(small: Outpost, sunday: str) -> None:
    """From Saturday noon to Monday noon, through the hour that is missing or comes twice."""
    for course in ("NPQLTD", "NPQH", "NPQSL"):
        small.people("Hub A", f"Person {course}", course=course)
    small.bind("C1", "Hub A")
    at = datetime.fromisoformat(f"{sunday}T12:00:00+00:00").astimezone(UTC) - timedelta(days=1)
    for number in range(2 * 24 * 4):
        small.hurry(at + timedelta(minutes=15 * number))
    once(small)


def test_down_from_friday_to_tuesday_over_a_bank_holiday(outpost: Outpost) -> None:
    """The 2nd and 3rd of June 2022 were bank holidays; what fell due meanwhile goes out once, the newest of each kind."""
    for course in ("NPQLTD", "NPQH", "NPQSL"):
        outpost.people("Hub A", f"Person {course}", course=course)
    outpost.bind("C1", "Hub A")
    outpost.hurry(london("2022-05-27T16:00"))
    before = len(outpost.said())
    outpost.hurry(london("2022-06-07T09:30"))
    once(outpost)
    assert len(outpost.said()) >= before
    newest: dict[str, set[str]] = {}
    for message in outpost.messages("sent"):
        newest.setdefault(message.series, set()).add(message.due_on.isoformat())
    for message in outpost.messages("superseded"):
        assert message.reason, "why it did not go out is written down"
    posts = len(outpost.said())
    outpost.hurry(london("2022-06-07T10:30"))
    assert len(outpost.said()) == posts
