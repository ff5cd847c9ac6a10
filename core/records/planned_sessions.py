"""The sessions that Delivery Partners plan, as the rules read them: for each course, what is for it and what is for every one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import String, bindparam, select, type_coerce
from sqlmodel import Session

from core.database.key_batches import in_pieces
from core.database.tables import SessionRow, columns_of
from core.rules.facts import PlannedSession
from core.rules.programme import NOTHING_PLANNED, Programme

_plan = columns_of(SessionRow)
_PARTNERS: Any = bindparam("partners", expanding=True)
_EVENTS: Any = bindparam("events", expanding=True)
_PLANNED = select(_plan.delivery_partner, _plan.course, *(_plan[name] for name in PlannedSession._fields)).order_by(
    _plan.event_date, _plan.event_id
)
_PLANNED_BY = _PLANNED.where(_plan.delivery_partner.in_(_PARTNERS))
_HOURS = select(_plan.event_id, type_coerce(_plan.hours, String)).where(
    _plan.event_id.in_(_EVENTS), _plan.hours.is_not(None)
)


class PlannedSessions:
    """What these Delivery Partners plan, or all of them: asked for once, then shared by all who take a course with one."""

    def __init__(self, session: Session, partners: Collection[str] | None = None) -> None:
        self._by_partner: dict[str, list[tuple[str | None, PlannedSession]]] = defaultdict(list)
        self._sessions: dict[tuple[str, str], tuple[PlannedSession, ...]] = {}
        self._programmes: dict[tuple[str, str], Programme] = {}
        if partners is None:
            self._add(session.execute(_PLANNED))
        else:
            self.ask_for(session, partners)

    def ask_for(self, session: Session, partners: Collection[str]) -> None:
        """Adds what further Delivery Partners plan."""
        for some in in_pieces(sorted(set(partners) - self._by_partner.keys())):
            self._by_partner.update({partner: [] for partner in some})
            self._add(session.execute(_PLANNED_BY, {"partners": some}))

    def _add(self, rows: Any) -> None:
        for partner, course, *planned in rows:
            self._by_partner[partner].append((course, PlannedSession(*planned)))

    def of(self, partner: str, course: str) -> tuple[PlannedSession, ...]:
        """What a Delivery Partner plans for a course or for every one, in order."""
        found = self._sessions.get((partner, course))
        if found is None:
            planned = self._by_partner.get(partner, ())
            found = tuple(one for its_course, one in planned if its_course in (None, course))
            self._sessions[partner, course] = found
        return found

    def programme(self, partner: str, course: str) -> Programme:
        """The same, as it is counted: one object for all of them."""
        found = self._programmes.get((partner, course))
        if found is None:
            sessions = self.of(partner, course)
            found = self._programmes[partner, course] = Programme(sessions) if sessions else NOTHING_PLANNED
        return found


def courses_planned(session: Session, events: Sequence[str]) -> dict[str, str]:
    """The course for which each of these events is planned; left out are those for every one, and those that are not planned."""
    plan = columns_of(SessionRow)
    wanted = select(plan.event_id, plan.course).where(plan.course.is_not(None))
    return {
        event_id: course
        for some in in_pieces(events)
        for event_id, course in session.execute(wanted.where(plan.event_id.in_(some)))
    }


def planned_hours(session: Session, events: Sequence[str]) -> dict[str, str]:
    """The credited length, as it is stored, of those of these events that are planned with one."""
    found: dict[str, str] = {}
    for some in in_pieces(events):
        found.update(dict(session.execute(_HOURS, {"events": some}).all()))
    return found
