"""Faults that stay: what can't be redrawn, a clock that was set back, must hold up nothing that is due."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers import base as scheduling

from bot.clock import Clock
from bot.delivery.worker import Worker, keep_ticking, ticking
from bot.platforms import IDS
from core.database.database import DatabaseRefused
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import outbox, planning
from core.services.staff import staffing
from core.upkeep import backup
from reference.loading import load_pack
from reference.pack import Pack
from tests.delivery.conftest import CONSOLE, NOW, Hurried, Outpost, london
from tests.fakes.slack import _No
from tests.redated import with_rows

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("error", "update_failed"), ("error", "internal_error"), ("status", 500), ("error", "new_to_us")],
)
def test_a_post_that_can_never_be_redrawn_holds_up_nothing_that_is_due(team: Outpost, kind: Any, value: Any) -> None:
    team.hurry()
    team.extend("hub-a/jane-doe")
    team.slack.trouble("chat.update", kind, value, times=1000)
    for step in range(1, 7):
        team.hurry(NOW + step * 10 * MINUTE, ahead=step * 600)
    team.people("Hub A", "Ann Li", course="NPQH")
    for step in range(7, 11):
        team.hurry(NOW + step * 10 * MINUTE, ahead=step * 600)
    assert len(team.said()) == 2, "what became due meanwhile went out"
    assert team.place().state == "well"
    team.slack._troubles.clear()
    team.hurry(NOW + 120 * MINUTE, ahead=7200)
    assert "29 July 2022" in team.said()[0], "and it is redrawn when it can be"


def test_a_post_that_can_never_be_redrawn_holds_up_no_other_redrawing(
    team: Outpost, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.hurry(london("2022-06-09T09:30"))
    team.hurry(NOW)
    newest = team.slack.said("C1")[-1]["ts"]
    update = team.slack._update

    def but_the_newest(arguments: Mapping[str, Any]) -> dict[str, Any]:
        if arguments["ts"] == newest:
            raise _No("internal_error")
        return update(arguments)

    monkeypatch.setattr(team.slack, "_update", but_the_newest)
    team.extend("hub-a/jane-doe")
    for step in range(1, 6):
        team.hurry(NOW + step * 10 * MINUTE, ahead=step * 600)
    assert ["29 July 2022" in said for said in team.said()] == [True, False]


def test_a_place_that_takes_no_posts_holds_up_no_redrawing(team: Outpost) -> None:
    team.hurry()
    team.people("Hub A", "Ann Li", course="NPQH")
    team.slack.trouble("chat.postMessage", "error", "restricted_action", times=1000)
    for step in range(3):
        team.extend("hub-a/jane-doe", f"2022-07-{20 + step}")
        for hours in (1, 2):
            team.hurry(NOW + timedelta(hours=2 * step + hours, minutes=1), ahead=(2 * step + hours) * 3660)
        assert f"{20 + step} July 2022" in team.said()[0]


def test_a_wait_of_nothing_is_not_asked_again_without_end(team: Outpost) -> None:
    """A platform that says "try again after 0 seconds" all the time must not use up what the other channels need."""
    slow = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    team.slack.trouble("chat.postMessage", "raw", slow, times=1000)
    team.tick(limit=3.0)
    assert 1 <= team.tries() <= 4


def test_a_post_that_was_on_its_way_when_the_clock_was_set_back_may_still_arrive(team: Outpost) -> None:
    """The process that sends it goes on; another one looks a moment later, by a clock that shows an hour less."""
    team.plan()
    team.slack.trouble("chat.postMessage", "late", 2.0)
    sends = threading.Thread(target=lambda: team.tick(keeper=Hurried(NOW, timedelta(hours=1))))
    sends.start()
    assert team.slack.wait_until(lambda: [post.state for post in team.posts()] == ["sending"])
    team.glance(NOW)
    sends.join(timeout=120)
    team.hurry(NOW + MINUTE)
    assert len(team.said()) == 1
    assert [post.state for post in team.posts()] == ["sent"]


def test_a_running_worker_goes_on_when_the_clock_is_set_back(team: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next pass was to come at a moment that the clock now reaches a day later."""
    passes = threading.Semaphore(0)

    class Counting(Worker):
        def passes(self) -> None:
            passes.release()

    scheduler = ticking(Counting(team.installation, team.senders, Clock(NOW)))
    try:
        assert passes.acquire(timeout=60)

        class Yesterday(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) - timedelta(days=1)

        monkeypatch.setattr(scheduling, "datetime", Yesterday)
        monkeypatch.setattr("bot.delivery.worker.datetime", Yesterday)
        assert scheduler.get_jobs()[0].next_run_time > Yesterday.now(UTC) + timedelta(hours=23)
        keep_ticking(scheduler)
        assert passes.acquire(timeout=60), "it did not wait for the clock"
    finally:
        scheduler.shutdown(wait=False)


def test_what_was_announced_before_the_machine_slept_is_not_sent(
    team: Outpost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine may have taken it over; of this one's clocks only that on the wall went on meanwhile."""
    keeper, begin, naps = Hurried(NOW), outbox.begin, [20.0]

    def and_sleep(*given: Any, **more: Any) -> None:
        begin(*given, **more)
        if naps:
            keeper.wait(naps.pop())

    monkeypatch.setattr("core.posts.steps.page_steps.outbox.begin", and_sleep)
    team.tick(keeper=keeper)
    assert [post.attempts for post in team.posts()] == [2]
    assert team.tries() == 1


# ---- a worker that was started with the wrong pack


def without_cohort(pack: Pack, cohort: str) -> Pack:
    kept = {key: each for key, each in pack.cohorts.items() if key != cohort}
    rows = (row for row in pack.given_dates if row.cohort != cohort)
    return with_rows(pack, rows, cohorts=kept, hash=f"no cohort {cohort}")


def by_pack(outpost: Outpost, pack: Pack) -> Outpost:
    return Outpost(Installation(outpost.installation.engine, pack, platforms=IDS), outpost.slack, outpost.senders)


WRONG = {
    "no cohort 1": lambda pack: without_cohort(pack, "1"),
    "another provider's": lambda _: load_pack("tests/packs/today"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_wrong_pack_does_not_post_the_other_page_of_a_message(team: Outpost, pack: Pack, wrong: Any) -> None:
    """It would be empty, and count as sent: its people would never be told of."""
    team.people("Hub A", *(f"Person {number:02d}" for number in range(20)))
    team.glance()
    assert len(team.said()) == 1, "of two pages"
    mistaken = by_pack(team, wrong(pack))
    mistaken.hurry(NOW + 5 * MINUTE, ahead=300)
    assert len(team.said()) == 1
    assert ("waiting", "not_in_pack") in [(post.state, post.reason) for post in team.posts()]
    team.hurry(NOW + 60 * MINUTE, ahead=3600)
    first, second = team.said()
    assert all(f"Person {number:02d}" in first + second for number in range(20))


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_wrong_pack_redraws_nothing(team: Outpost, pack: Pack, wrong: Any) -> None:
    team.hurry()
    before = team.said()
    team.extend("hub-a/jane-doe")
    by_pack(team, wrong(pack)).hurry(NOW + 5 * MINUTE, ahead=300)
    assert team.said() == before
    team.hurry(NOW + 60 * MINUTE, ahead=3600)
    [said] = team.said()
    assert "29 July 2022" in said


def test_what_nobody_can_look_for_in_a_channel_that_was_removed_goes_to_the_new_one(team: Outpost) -> None:
    team.slack.trouble("chat.postMessage", "hang_up_before")
    team.glance()
    team.slack.channels["C1"].members.discard(team.slack.bot_user)
    team.glance(NOW + MINUTE)
    staffing.remove_place(team.installation, CONSOLE, platform="slack", platform_id="C1", now=NOW)
    team.bind("C2", "Hub A")
    for step in range(2, 5):
        team.hurry(NOW + step * 40 * MINUTE, ahead=step * 2400)
    assert len(team.said("C2")) == 1
    assert not team.messages("unknown", "waiting", "sending")


def test_a_backup_that_does_not_know_of_posts_is_not_put_back_unasked(team: Outpost, tmp_path: Path) -> None:
    """The next pass would post them all again."""
    engine = team.installation.engine
    team.plan()
    backup.backup(engine, before := tmp_path / "before.db")
    team.hurry()
    backup.backup(engine, after := tmp_path / "after.db")
    engine.dispose()
    with pytest.raises(DatabaseRefused, match=r"Posts went out since this backup \(1\)"):
        backup.restore(engine, before, over_newer=False)
    backup.restore(engine, after, over_newer=False)
    team.hurry(NOW + MINUTE)
    assert len(team.said()) == 1


def test_a_planner_that_runs_on_sees_that_an_earlier_state_was_put_back(team: Outpost, tmp_path: Path) -> None:
    engine, cases = team.installation.engine, Caseloads(team.installation)
    backup.backup(engine, before := tmp_path / "before.db")
    team.evidence("hub-a/jane-doe")
    team.evidence("hub-a/omar-haddad")
    assert planning.plan(team.installation, NOW, cases).planned == 0
    engine.dispose()
    backup.restore(engine, before, over_newer=True)
    assert planning.plan(team.installation, NOW, cases).planned == 1


def test_a_database_that_fails_while_a_post_is_drawn_spoils_no_message(outpost: Outpost) -> None:
    """What the database could not say once it can say later; it is nothing about the message."""
    outpost.people("Hub A", "Jane Doe")
    outpost.bind("C1", "Hub A")
    rename = "ALTER TABLE participant_revision RENAME TO {}"
    with outpost.installation.engine.begin() as connection:
        connection.exec_driver_sql(rename.format("elsewhere"))
    outpost.hurry()
    with outpost.installation.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO participant_revision")
    assert outpost.messages("failed") == []
    assert outpost.hurry(ahead=60).sent == 1
    assert len(outpost.said()) == 1
