"""Plans as the only one: under a lease that is kept up while the plan takes, and lost with the process that dies."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.delivery.pass_time import Timekeeper
from core.posts import planning
from core.posts.content import Caseloads
from core.posts.outbox import LEASE, Overtaken, PlanTurn
from core.posts.planning import PlanReport
from core.posts.steps import planner_steps
from core.services import planned_messages
from core.services.installation import Installation

log = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds that whoever plans on request waits for another to be done
ASK_AGAIN = 0.2  # seconds


def plan_alone(
    installation: Installation, now: datetime, cases: Caseloads, owner: str, keeper: Timekeeper, *, patient: bool
) -> PlanReport:
    """Writes down what is due, unless nothing has changed since the last plan or somebody else is at it.

    `patient`: waits for the other to be done, and plans then. Overtaken, it leaves everything as the other wrote it.
    """
    waited = 0.0
    while not planning.is_planned(installation, now):
        turn = planner_steps.claim(installation, owner, keeper.moment)
        if turn is not None:
            try:
                with _kept_up(installation, turn, keeper):
                    return planned_messages.plan(installation, now, cases, turn)
            except Overtaken:
                log.info("overtaken while planning")
                return PlanReport()
        if not patient or keeper.stopping or waited >= PATIENCE:
            log.info("somebody else is planning")
            break
        keeper.wait(ASK_AGAIN)
        waited += ASK_AGAIN
    return PlanReport()


@contextmanager
def _kept_up(installation: Installation, turn: PlanTurn, keeper: Timekeeper) -> Iterator[None]:
    """Renews the lease from beside for as long as the planning takes, and gives it back at the end."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                planner_steps.keep_up(installation, turn, keeper.moment)
            except Overtaken:
                return
            except Exception as error:  # the database may be back before the lease is over
                log.warning("could not keep up the planner's lease (%s)", type(error).__name__)

    beside = threading.Thread(target=renew, daemon=True)
    beside.start()
    try:
        yield
    finally:
        done.set()
        beside.join()
        planner_steps.give_back(installation, turn)
