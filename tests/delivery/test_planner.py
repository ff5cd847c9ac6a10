"""One planner at a time: by a lease that runs out with whoever dies, and a fence that refuses who was overtaken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from bot.clock import real_now
from bot.delivery.planning_alone import plan_alone
from core.database.database import reading, writing
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import outbox, planning
from core.posts.outbox import LEASE, Moment, Overtaken, statements
from core.posts.planning import PlanReport
from core.reminders.reminder import Occasion
from tests.delivery.conftest import NOW, Hurried, Impatient, Outpost

HOUR = timedelta(hours=1)
DEAD = "somewhere:1:dead"


def team(outpost: Outpost) -> Outpost:
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")
    return outpost


def claimed(outpost: Outpost, moment: Moment) -> outbox.PlanTurn | None:
    with writing(outpost.installation.engine) as session:
        return outbox.claim_plan(session, DEAD, moment)


def seen_at(outpost: Outpost) -> object:
    with reading(outpost.installation.engine) as session:
        mark = outbox.mark(session)
        return None if mark is None else (mark.seen, mark.planned_at)


def test_only_one_of_two_gets_the_lease(outpost: Outpost) -> None:
    moment = Moment(NOW, real_now())
    first = claimed(outpost, moment)
    assert first is not None
    assert claimed(outpost, moment) is None
    with writing(outpost.installation.engine) as session:
        outbox.release_plan(session, first)
    second = claimed(outpost, moment)
    assert second is not None
    assert second.fence > first.fence
    with pytest.raises(Overtaken), writing(outpost.installation.engine) as session:
        outbox.hold_plan(session, first)


def test_a_workers_pass_leaves_the_planning_to_who_is_at_it_and_delivers(small: Outpost) -> None:
    """It does not wait: what is planned already goes out, and the next pass sees to the rest."""
    team(small).plan()
    small.people("Hub B", "Ann Li")
    small.bind("C2", "Hub B")
    assert claimed(small, Moment(NOW, real_now())) is not None
    report = small.tick(limit=20.0)
    assert (report.planned, report.sent) == (0, 1)
    assert (len(small.said("C1")), len(small.said("C2"))) == (1, 0)


def test_a_tick_on_request_waits_for_the_other_and_plans_then(small: Outpost) -> None:
    team(small)
    turn = claimed(small, Moment(NOW, real_now()))
    assert turn is not None

    def done_soon() -> None:
        time.sleep(0.5)
        with writing(small.installation.engine) as session:
            outbox.release_plan(session, turn)

    other = threading.Thread(target=done_soon)
    other.start()
    report = small.tick()
    other.join()
    assert (report.planned, report.sent) == (1, 1)


def test_a_lease_runs_out_with_whoever_died_holding_it(small: Outpost) -> None:
    team(small)
    assert claimed(small, Moment(NOW, real_now())) is not None
    assert small.tick(keeper=Impatient(NOW)).planned == 0, "not before its time"
    assert small.hurry(ahead=LEASE.total_seconds() + 1, limit=20.0).planned == 1


def test_a_tick_of_another_hour_goes_by_its_own_clock(outpost: Outpost) -> None:
    """A worker died holding the lease a moment ago: `npq tick --at` an hour on plans at once, and so does one set back."""
    for at in (NOW + HOUR, NOW - timedelta(minutes=20)):
        dead = claimed(outpost, Moment(NOW, real_now()))
        assert dead is not None
        team(outpost) if at > NOW else outpost.evidence("hub-a/jane-doe")
        keeper = Hurried(at)
        outpost.tick(at, keeper)
        assert keeper.waited < LEASE - timedelta(seconds=1)
        assert seen_at(outpost) is not None
        with reading(outpost.installation.engine) as session:
            assert outbox.mark(session).planned_at == at  # type: ignore[union-attr]
    assert len(outpost.said()) == 1


class Interrupted(Caseloads):
    """Something happens in the middle of the planning, in another thread: what this one reads, it has read."""

    def __init__(self, installation: Installation, then: Callable[[], object]) -> None:
        super().__init__(installation)
        self.left = [then]

    def concerns_anybody(self, session: Session, occasion: Occasion, day: date) -> bool:
        if self.left:
            other = threading.Thread(target=self.left.pop())
            other.start()
            other.join()
        return super().concerns_anybody(session, occasion, day)


def test_a_planner_suspended_past_its_lease_overwrites_no_newer_plan(outpost: Outpost) -> None:
    """It had read what was true then; meanwhile the channel was bound anew, and another has planned for that."""
    team(outpost)
    newer: list[object] = []

    def meanwhile() -> None:
        outpost.people("Hub B", "Ann Li")
        outpost.bind("C2", "Hub B")
        later = Hurried(NOW, LEASE + timedelta(seconds=1))
        plan_alone(outpost.installation, NOW, Caseloads(outpost.installation), "another", later, patient=False)
        newer.extend([seen_at(outpost), outpost.told()])

    cases = Interrupted(outpost.installation, meanwhile)
    report = plan_alone(outpost.installation, NOW, cases, "suspended", Hurried(NOW), patient=False)
    assert cases.left == []
    assert report == PlanReport(), "it was overtaken, and wrote nothing"
    assert newer == [seen_at(outpost), outpost.told()]
    assert sorted(m.channel for m in outpost.messages("planned")) == ["C1", "C2"]


def test_a_plan_that_takes_long_keeps_its_lease(small: Outpost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.two_clocks, "LEASE", timedelta(seconds=2.0))
    monkeypatch.setattr("bot.delivery.planning_alone.LEASE", timedelta(seconds=2.0))
    team(small)
    tried: list[object] = []

    def meanwhile() -> None:
        time.sleep(3.0)
        tried.append(claimed(small, Moment(NOW + timedelta(seconds=3), real_now())))

    cases = Interrupted(small.installation, meanwhile)
    report = plan_alone(small.installation, NOW, cases, "slow", Impatient(NOW), patient=False)
    assert tried == [None]
    assert report.planned == 1


def test_with_nothing_new_nobody_takes_the_lease(small: Outpost) -> None:
    team(small).hurry()
    assert claimed(small, Moment(NOW, real_now())) is not None
    keeper = Hurried(NOW + timedelta(seconds=5))
    assert small.tick(NOW + timedelta(seconds=5), keeper).planned == 0
    assert keeper.waited < LEASE - timedelta(seconds=5), "it did not wait for a lease that it does not need"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_whoever_stands_still_in_a_transaction_loses_its_locks(
    outpost: Outpost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspended worker holds a row of PostgreSQL; the others wait a while, not for ever."""
    team(outpost).plan()
    suspended = Session(outpost.installation.engine)
    with monkeypatch.context() as brief:  # for this one alone: a busy machine stands still for others too
        brief.setattr(statements, "STANDS_STILL", 400)
        held = outbox.claim(suspended, "slack", "C1", DEAD, Moment(NOW, real_now()))
    assert held is not None
    assert outpost.hurry().sent == 1, "a moment later"
    with pytest.raises(Exception, match="idle-in-transaction"):
        suspended.commit()
    suspended.invalidate()


def test_who_asks_to_plan_anew_in_the_middle_of_a_plan_is_heard(outpost: Outpost) -> None:
    """Its channel was taken away while a message was on its way: the plan that runs just then may not have seen that."""
    team(outpost).plan()
    outpost.people("Hub B", "Ann Li")

    def ask() -> None:
        with writing(outpost.installation.engine) as session:
            outbox.plan_anew(session)

    planning.plan(outpost.installation, NOW, Interrupted(outpost.installation, ask))
    assert not planning.is_planned(outpost.installation, NOW), "the next pass looks at everything once more"
    outpost.plan()
    assert planning.is_planned(outpost.installation, NOW)
