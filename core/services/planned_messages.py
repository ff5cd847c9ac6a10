"""Messages as the worker plans them and staff ask for them: once everybody's records rest on the pack in use.

Whoever judges before that is right as well, though slow: each record that does not is made anew for them alone.
"""

from __future__ import annotations

from datetime import datetime

from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import due, planning
from core.posts.due import DueMessage
from core.posts.outbox import PlanTurn
from core.posts.planning import PlanReport
from core.services.everybody import keep_current


def plan(
    installation: Installation, now: datetime, cases: Caseloads | None = None, turn: PlanTurn | None = None
) -> PlanReport:
    """Writes down what is due: see `core.posts.planning.plan`."""
    keep_current(installation)
    return planning.plan(installation, now, cases, turn)


def messages_ahead(installation: Installation, now: datetime, last: datetime) -> list[DueMessage]:
    """What goes out at once, and until an instant: see `core.posts.due.messages_ahead`."""
    keep_current(installation)
    return due.messages_ahead(installation, now, last)


def messages_due(installation: Installation, first: datetime, last: datetime) -> list[DueMessage]:
    """Every message of a span of time, also what went out in it: see `core.posts.due.messages_due`."""
    keep_current(installation)
    return due.messages_due(installation, first, last)
