"""Who plans, one at a time by a lease with a fence, and what the last plan saw.

Two planners at once would do no harm: the unique key lets each message in once. The lease spares the second one's work, and
its fence refuses what a planner still wants to write who was suspended while another saw something newer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.database.upserts import insert_into
from core.posts.outbox.lanes import Overtaken
from core.posts.outbox.outbox_tables import PlanMark, Planner
from core.posts.outbox.statements import be_brief, changed
from core.posts.outbox.two_clocks import Moment, lease_from, lease_left


@dataclass(frozen=True, slots=True)
class PlanTurn:
    """The right to plan: good for as long as nobody has claimed it since."""

    owner: str
    fence: int


def claim_plan(session: Session, owner: str, moment: Moment) -> PlanTurn | None:
    """Takes the planner's lease, by compare-and-swap on its fence; None while somebody else holds it."""
    be_brief(session)
    session.execute(insert_into(session, Planner).values(id=1, owner="", fence=0).on_conflict_do_nothing())
    row = session.exec(
        select(Planner).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).first()
    if row is None or lease_left(row, moment):
        return None
    seen = row.fence
    taken = changed(
        session,
        update(Planner)
        .where(col(Planner.id) == 1, col(Planner.fence) == seen)
        .values(owner=owner, fence=seen + 1, **lease_from(moment)),
    )
    return PlanTurn(owner, seen + 1) if taken else None


def hold_plan(session: Session, turn: PlanTurn) -> None:
    """Raises `Overtaken` when somebody else has begun to plan since; keeps them out of this transaction otherwise."""
    be_brief(session)
    if not changed(session, _holding(turn).values(fence=turn.fence)):
        raise Overtaken


def renew_plan(session: Session, turn: PlanTurn, moment: Moment) -> None:
    """Holds the lease for another while. Raises `Overtaken`."""
    if not changed(session, _holding(turn).values(**lease_from(moment))):
        raise Overtaken


def release_plan(session: Session, turn: PlanTurn) -> None:
    """Gives the lease back, unless somebody else has it by now."""
    session.execute(_holding(turn).values(owner=""))


def mark(session: Session) -> PlanMark | None:
    """What the last plan saw, and when that was."""
    return session.get(PlanMark, 1)


def set_mark(session: Session, seen: str, at: datetime, *, before: str | None) -> None:
    """Remembers what a plan saw, in the plan's own transaction.

    `before` is what the mark held when the plan began, None where there was none: if somebody asked to plan anew since,
    that stands.
    """
    values = {"seen": seen, "planned_at": at}
    unasked = None if before is None else col(PlanMark.seen) == before
    first = insert_into(session, PlanMark).values(id=1, **values)
    session.execute(first.on_conflict_do_update(index_elements=["id"], set_=values, where=unasked))


def plan_anew(session: Session) -> None:
    """Has the next plan look at everything, whether anything has changed since the last or not."""
    session.execute(update(PlanMark).values(seen=""))


def _holding(turn: PlanTurn) -> Any:
    return update(Planner).where(
        col(Planner.id) == 1, col(Planner.owner) == turn.owner, col(Planner.fence) == turn.fence
    )
