"""Steps of the planner's lease: taken, kept up while the plan takes, given back."""

from __future__ import annotations

from collections.abc import Callable

from core.database.database import writing
from core.derived.installation import Office
from core.posts import outbox
from core.posts.outbox import Moment, PlanTurn


def claim(office: Office, owner: str, moment: Callable[[], Moment]) -> PlanTurn | None:
    """Takes the lease; None while somebody else holds it."""
    with writing(office.engine) as session:
        return outbox.claim_plan(session, owner, moment())


def keep_up(office: Office, turn: PlanTurn, moment: Callable[[], Moment]) -> None:
    """Holds it for another while. Raises `Overtaken`."""
    with writing(office.engine) as session:
        outbox.renew_plan(session, turn, moment())


def give_back(office: Office, turn: PlanTurn) -> None:
    """Lets the next one have it, unless somebody else has it by now."""
    with writing(office.engine) as session:
        outbox.release_plan(session, turn)
