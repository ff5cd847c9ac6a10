"""Clocks and calendars: set back an hour, both clock-change Sundays, a long week-end without power, a review that moves."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import reference
from core.posts.outbox import UNDER_WAY
from tests.delivery.conftest import NOW, london
from tests.torture.conftest import KINDS, LONG, trials
from tests.torture.nursery import until
from tests.torture.scene import CHANNELS, Stage, Verdict

HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)
LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize("kind", KINDS if LONG else ("sqlite",))
def test_the_clock_set_back_an_hour_in_the_middle_of_it(kind: str, stage: Stage, seed: int) -> None:
    """A worker dies at eleven; the machine comes back at ten by its own clock, and must not wait for eleven."""
    count = trials(1, 20)
    eleven = london("2022-06-16T11:00")
    expected = stage.expected(eleven)

    def play(number: int) -> tuple[str, Verdict, str]:
        dice = random.Random(f"{seed}/back/{kind}/{number}")
        with stage.scene(kind, dice.getrandbits(30)) as scene:
            scene.slack.storm()
            dies = scene.start("worker", now=eleven)
            wanted = dice.randint(1, 9)
            scene.slack.wait_until(lambda: scene.slack.calls() >= wanted, 20)
            dies.kill()
            scene.slack.calm()
            scene.tick(eleven - HOUR)
            return f"seed {seed} {kind} trial {number}", scene.verdict(expected), scene.log()

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(play, range(count)))
    bad = [f"{name}: {verdict}\n{log}" for name, verdict, log in done if not verdict]
    print(f"\nclock set back, {kind}, seed {seed}: {count} trials, {len(bad)} bad")
    assert bad == []


# When the process runs; the Fridays on which something is due, as London's clocks show them.
OVERDUE_POSTS = 14  # as `scene.fill` has it, but the long list of those to be contacted takes three pages
SUNDAYS: Sequence[tuple[str, datetime, datetime, Sequence[datetime]]] = (
    (
        "30 October 2022, when one o'clock comes twice",
        utc("2022-10-28T07:30"),
        utc("2022-11-04T09:30"),
        (datetime(2022, 10, 28, 9, tzinfo=LONDON), datetime(2022, 11, 4, 9, tzinfo=LONDON)),
    ),
    (
        "26 March 2023, when one o'clock never comes",
        utc("2023-03-24T08:30"),
        utc("2023-03-31T08:30"),
        (datetime(2023, 3, 24, 9, tzinfo=LONDON), datetime(2023, 3, 31, 9, tzinfo=LONDON)),
    ),
)


@pytest.mark.parametrize(("sunday", "first", "last", "fridays"), SUNDAYS, ids=["october", "march"])
def test_around_a_clock_change_each_message_goes_out_once_at_nine(
    sunday: str, first: datetime, last: datetime, fridays: Sequence[datetime], stage: Stage
) -> None:
    """A pass every half hour around each nine o'clock and through the night of the change."""
    change = max(friday for friday in fridays if friday != fridays[-1]) + timedelta(
        days=1, hours=15
    )  # Sunday, about 0:00
    moments = [friday + HALF * step for friday in fridays for step in (-1, 0, 1)]
    moments += [change.astimezone(ZoneInfo("UTC")) + HALF * step for step in (range(7) if LONG else (1, 3, 5))]
    with stage.scene("sqlite", 1) as scene:
        scene.tick(first - timedelta(days=6))  # the Friday before is done and dusted
        before = sum(scene.slack.posted().values())
        went_out: list[datetime] = []
        for moment in sorted(moments):
            scene.tick(moment)
            now = sum(scene.slack.posted().values())
            went_out += [moment] * (now - before)
            before = now
        assert Counter(went_out) == dict.fromkeys(fridays, OVERDUE_POSTS), sunday
        assert not [count for count in Counter(post.token for post in scene.posts()).values() if count > 1]


def test_down_from_friday_to_tuesday_over_a_bank_holiday(stage: Stage, seed: int) -> None:
    """Good Friday 2023: killed on the Thursday while it posts late, back on Tuesday 11 April, when the next are due."""
    with stage.scene("sqlite", seed) as scene:
        scene.tick(london("2023-03-31T08:59"))
        before = scene.slack.posted()
        scene.slack.storm()
        dies = scene.start("worker", now=london("2023-03-31T09:00"))
        scene.slack.wait_until(lambda: sum(scene.slack.posted().values()) >= sum(before.values()) + 4, 20)
        dies.kill()
        scene.slack.calm()
        scene.tick(london("2023-04-11T08:59"))
        friday = scene.slack.posted() - before
        scene.tick(london("2023-04-11T09:00"))
        tuesday = scene.slack.posted() - before - friday
        channels = {channel for channel, _ in friday}
        assert sum(friday.values()) == OVERDUE_POSTS, "what was due on the last Friday of March, late but once"
        assert channels == set(CHANNELS)
        assert sum(tuesday.values()) == OVERDUE_POSTS, "and what is due on the Tuesday, once"
        assert [m.state for m in scene.messages() if m.state in (*UNDER_WAY, "held", "failed")] == []
        scene.tick(london("2023-04-11T12:00"))
        assert scene.slack.posted() == before + friday + tuesday


def test_a_review_date_that_moves_while_its_message_is_being_sent(stage: Stage, tmp_path: Path) -> None:
    """The specialists' second review moves from 23 to 30 June 2022 while the first posts about it are on their way."""
    moved = tmp_path / "moved"
    shutil.copytree(Path(reference.__file__).parent / "packs" / "edt-v18", moved)
    schedule = moved / "schedule.csv"
    text = schedule.read_text(encoding="utf-8")
    assert "specialist,1,2,2022-06-23," in text
    schedule.write_text(text.replace("specialist,1,2,2022-06-23,", "specialist,1,2,2022-06-30,"), encoding="utf-8")
    with stage.scene("sqlite", 2) as scene:
        scene.slack.ask("trouble", method="chat.postMessage", kind="late", value=2.0, times=3)
        scene.start("worker")
        until(lambda: any(post.state == "sending" for post in scene.posts()), 120, "a post on its way")
        other = scene.start("worker", NPQ_PACK=str(moved))
        until(lambda: scene.log().count("the worker has started") == 2, 120, "a worker with the other pack")
        time.sleep(1.0)
        scene.processes[0].kill()
        other.kill()
        for at in (NOW + HOUR, london("2022-06-23T09:30"), london("2022-06-23T10:30")):
            process = scene.start("tick", "--at", at.isoformat(), NPQ_PACK=str(moved))
            assert process.ended(300)
        posted = scene.slack.seen()["posted"]
        assert len({post["token"] for post in posted}) == len(posted), "none twice"
        assert max(Counter((post["channel"], post["text"]) for post in posted).values()) == 1
        said = [(message.state, message.about.isoformat()) for message in scene.messages()]
        assert [state for state, _ in said if state in UNDER_WAY] == []
        # every channel was told of the new date: it is due a week before, on the day the message about the old one was
        told = {m.channel for m in scene.messages() if m.state == "sent" and m.about.isoformat() == "2022-06-30"}
        assert told == set(CHANNELS)
