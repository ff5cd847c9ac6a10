"""The sessions that a Delivery Partner plans for one course: what a share of them is measured against (reading 31)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from core.rules.facts import PlannedSession


class Programme:
    """Planned sessions in the order of their days. One object for all of a Delivery Partner who take the course."""

    def __init__(self, sessions: Iterable[PlannedSession] = ()) -> None:
        self.sessions = tuple(sorted(sessions, key=lambda session: (session.event_date, session.event_type)))
        self._counted: dict[tuple[str, Collection[str], int], int] = {}

    def offered(self, cohort: str, kinds: frozenset[str], after: int) -> int:
        """How many sessions of these kinds are planned for a cohort after a day (an ordinal), coming ones included."""
        key = (cohort, kinds, after)
        found = self._counted.get(key)
        if found is None:
            day = date.fromordinal(after) if after else date.min
            found = self._counted[key] = sum(s.event_date > day for s in self.of(cohort, kinds))
        return found

    def coming(self, cohort: str, after: date, until: date) -> PlannedSession | None:
        """The next session that is planned for a cohort after a day, up to another; None where there is none."""
        for session in self.sessions:
            if after < session.event_date <= until and session.cohort in (None, cohort):
                return session
        return None

    def of(self, cohort: str, kinds: frozenset[str]) -> Iterable[PlannedSession]:
        """The sessions of these kinds that are planned for a cohort."""
        return (s for s in self.sessions if s.cohort in (None, cohort) and s.event_type in kinds)


NOTHING_PLANNED = Programme()
