"""How fast posts go out: as fast as the platform's limits permit, and no faster, whoever sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from bot.clock import real_now
from bot.delivery.one_pass import tick
from bot.delivery.pass_time import PassTime
from bot.platforms import IDS
from bot.slack import limits
from bot.slack.send import SlackSender, web_client
from core.database.database import DatabaseBusy, open_database, reading, writing
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.outbox import LEASE, Moment, Pace, Slot, Turn
from tests.delivery.conftest import NOW, Outpost
from tests.fakes.slack import FakeSlack

MINUTE = timedelta(minutes=1)
THREE = Pace(timedelta(seconds=1), 3, MINUTE)


def spread(outpost: Outpost, channels: int, each: int) -> None:
    """So many channels, each bound to so many hubs, each of which has one message due."""
    for channel in range(channels):
        for hub in range(each):
            outpost.people(f"Hub {channel}/{hub}", "Jane Doe")
            outpost.bind(f"C{channel}", f"Hub {channel}/{hub}")


@pytest.fixture
def brisk() -> Iterator[FakeSlack]:
    """A workspace that takes one post a second in a channel and thirty in any four seconds: its minute is short."""
    with FakeSlack(one_a_second=True, a_minute=30, minute=4.0) as slack:
        yield slack


def brisk_sender(slack: FakeSlack) -> SlackSender:
    return SlackSender(web_client(slack.token, slack.api_url), Pace(timedelta(seconds=1), 30, timedelta(seconds=4)))


def rate(slack: FakeSlack) -> tuple[float, float]:
    """Posts a second from the first to the last, and the share of calls that were too fast."""
    calls = slack.called("chat.postMessage")
    taken = [call.at for call in calls if (call.answer or {}).get("ok")]
    return (len(taken) - 1) / (taken[-1] - taken[0]), 1 - len(taken) / len(calls)


def test_it_goes_as_fast_as_the_platform_permits_and_no_faster(sqlite_url: str, pack: object, brisk: FakeSlack) -> None:
    outpost = Outpost(
        Installation(open_database(sqlite_url), pack, platforms=IDS), brisk, {"slack": brisk_sender(brisk)}
    )  # type: ignore[arg-type]
    spread(outpost, 15, 5)
    reports = [outpost.tick()]
    while reports[-1].waiting:  # on a slow disk a lane may be left to the next pass
        assert len(reports) < 10, "each pass gets on"
        reports.append(outpost.tick())
    assert sum(report.sent for report in reports) == 75
    assert not any(report.troubles for report in reports)
    _, too_fast = rate(brisk)
    assert too_fast < 0.01


def test_two_who_send_at_once_keep_it_together(sqlite_url: str, pack: object, brisk: FakeSlack) -> None:
    """Through the database: each with connections of its own, as two processes would."""
    outpost = Outpost(
        Installation(open_database(sqlite_url), pack, platforms=IDS), brisk, {"slack": brisk_sender(brisk)}
    )  # type: ignore[arg-type]
    spread(outpost, 15, 4)
    outpost.plan()
    sent: list[int] = []

    def work() -> None:
        installation = Installation(open_database(sqlite_url), outpost.installation.pack, platforms=IDS)
        sender, posted = brisk_sender(brisk), 0
        post = sender.post

        def and_count(*given: Any) -> Any:
            nonlocal posted
            address = post(*given)
            posted += 1
            return address

        sender.post = and_count  # type: ignore[method-assign]
        while outpost.messages("planned", "waiting", "sending"):
            with suppress(DatabaseBusy):  # on a slow disk the other may hold it for long: then comes the next pass
                tick(installation, {"slack": sender}, NOW, timekeeper=PassTime(NOW))
        sent.append(posted)
        installation.engine.dispose()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=300)
    assert sum(sent) == 60
    assert min(sent) > 0, "both took their part"
    _, too_fast = rate(brisk)
    assert too_fast < 0.01


def test_a_slow_network_does_not_slow_it(sqlite_url: str, pack: object) -> None:
    """Calls are under way side by side, as many as there are hands for: the first four come together."""
    with FakeSlack(one_a_second=True, a_minute=limits.POSTS_A_MINUTE) as slack:
        outpost = Outpost(Installation(open_database(sqlite_url), pack, platforms=IDS), slack)  # type: ignore[arg-type]
        spread(outpost, 24, 1)
        outpost.plan()
        sender = outpost.senders["slack"]
        together, post, number = threading.Barrier(4), sender.post, count()

        def beside_others(*given: Any) -> Any:
            if next(number) < together.parties:
                together.wait(60)  # for ever, were they sent one after the other
            return post(*given)

        sender.post = beside_others  # type: ignore[method-assign]
        reports = [outpost.tick()]
        while reports[-1].waiting and len(reports) < 10:  # on a slow disk a lane may be left to the next pass
            reports.append(outpost.tick())
        assert sum(report.sent for report in reports) == 24
        assert not together.broken


# ---- the slots


def take(outpost: Outpost, real: timedelta, channel: str = "C1") -> Slot | None:
    turn = Turn("slack", channel, "somebody", 1)
    with writing(outpost.installation.engine) as session:
        return outbox.take_slot(session, turn, THREE, Moment(NOW, BEGAN + real))


def free_in(outpost: Outpost, real: timedelta) -> timedelta:
    with reading(outpost.installation.engine) as session:
        return outbox.slot_free_in(session, "slack", THREE, Moment(NOW, BEGAN + real))


def settle(outpost: Outpost, slot: Slot | None, real: timedelta | None) -> None:
    assert slot is not None
    with writing(outpost.installation.engine) as session:
        outbox.settle_slot(session, slot, THREE, None if real is None else BEGAN + real)


BEGAN = real_now()
ZERO = timedelta(0)


def test_a_slot_is_free_again_when_the_span_has_passed_since_its_post_arrived(outpost: Outpost) -> None:
    slots = [take(outpost, timedelta(seconds=second)) for second in range(3)]
    assert len({slot.number for slot in slots if slot is not None}) == 3
    assert take(outpost, timedelta(seconds=3)) is None
    for second, slot in enumerate(slots):
        settle(outpost, slot, timedelta(seconds=10 + second))
    assert free_in(outpost, timedelta(seconds=20)) == timedelta(seconds=50)
    assert take(outpost, timedelta(seconds=69)) is None
    assert take(outpost, timedelta(seconds=70)) is not None
    assert take(outpost, timedelta(seconds=70)) is None, "the second arrived a second later"


def test_a_slot_for_which_nothing_was_sent_is_free_at_once(outpost: Outpost) -> None:
    slots = [take(outpost, ZERO) for _ in range(3)]
    settle(outpost, slots[1], None)
    assert free_in(outpost, ZERO) == ZERO
    assert take(outpost, ZERO) is not None
    assert take(outpost, ZERO) is None


def test_a_slot_of_somebody_who_died_comes_back_when_its_post_can_no_longer_count(outpost: Outpost) -> None:
    assert [take(outpost, ZERO) is not None for _ in range(4)] == [True, True, True, False]
    last = 2 * LEASE + MINUTE
    assert free_in(outpost, ZERO) == last
    assert take(outpost, last - timedelta(seconds=1)) is None
    assert take(outpost, last) is not None


def test_whoever_wakes_up_late_frees_nobody_elses_slot(outpost: Outpost) -> None:
    old = [take(outpost, ZERO) for _ in range(3)]
    hour = timedelta(hours=1)
    assert [take(outpost, hour, "C2") is not None for _ in range(3)] == [True] * 3
    settle(outpost, old[0], None)
    assert take(outpost, hour) is None


def test_a_clock_that_is_set_back_frees_what_was_taken_later(outpost: Outpost) -> None:
    assert [take(outpost, timedelta(hours=1)) is not None for _ in range(4)] == [True, True, True, False]
    assert free_in(outpost, ZERO) == ZERO
    assert take(outpost, ZERO) is not None


def test_redraws_wait_for_no_slot(small: Outpost) -> None:
    """Slack counts posts: what was decided shows at once, also when this minute's posts are all out."""
    small.people("Hub A", "Jane Doe")
    small.bind("C1", "Hub A")
    small.senders = {"slack": SlackSender(web_client(small.slack.token, small.slack.api_url), Pace(timedelta(0), 1))}
    assert small.tick().sent == 1
    small.people("Hub B", "Ann Li")
    small.bind("C2", "Hub B")
    small.extend("hub-a/jane-doe", at=NOW + timedelta(minutes=1))
    report = small.tick(NOW + timedelta(minutes=2), limit=1.0)
    assert (report.updated, report.sent, report.waiting) == (1, 0, 1)
