"""Steps of the planner's lease: taken, kept up while the plan takes, given back."""

from __future__ import annotations

from collections.abc import Callable

from core.database.database import writing
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.outbox import Moment, PlanTurn


def claim(installation: Installation, owner: str, moment: Callable[[], Moment]) -> PlanTurn | None:
    """Takes the lease; None while somebody else holds it."""
    with writing(installation.engine) as session:
        return outbox.claim_plan(session, owner, moment())


def keep_up(installation: Installation, turn: PlanTurn, moment: Callable[[], Moment]) -> None:
    """Holds it for another while. Raises `Overtaken`."""
    with writing(installation.engine) as session:
        outbox.renew_plan(session, turn, moment())


def give_back(installation: Installation, turn: PlanTurn) -> None:
    """Lets the next one have it, unless somebody else has it by now."""
    with writing(installation.engine) as session:
        outbox.release_plan(session, turn)
