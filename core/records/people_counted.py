"""How many participants there are on each course of each cohort, wherever decisions have moved them to."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from core.database.tables import Decision, EnrolmentRow
from core.records.participant_rows import load_participants
from core.rules.enrolment import cohort_on
from core.rules.facts import Participant

WITHDRAWN = "withdrawn"  # the file's word for who is on no course any more


class Enrolment(NamedTuple):
    """What people share whose dates are the same; `schedule` says which of several starts is theirs, as compared."""

    course: str
    cohort: str
    schedule: str


def by_enrolment(session: Session, day: date) -> Counter[Enrolment]:
    """How many are on a course of a cohort on that day; whoever the file has as withdrawn is not counted."""
    columns = (col(EnrolmentRow.course), col(EnrolmentRow.cohort), col(EnrolmentRow.schedule))
    there = col(EnrolmentRow.training_status) != WITHDRAWN
    found: Counter[Enrolment] = Counter()
    for course, cohort, schedule, count in session.execute(
        select(*columns, func.count()).where(there).group_by(*columns)
    ):
        found[Enrolment(course, cohort, _compared(schedule))] += count
    moved = select(col(Decision.enrolment_id)).where(col(Decision.cohort).is_not(None)).distinct()
    ids = list(session.execute(moved).scalars())
    for person in load_participants(session, ids=ids) if ids else ():
        if person.training_status != WITHDRAWN:
            found[Enrolment(person.course, person.cohort, _compared(person.schedule))] -= 1
            found[_now(person, day)] += 1
    return found


def _now(person: Participant, day: date) -> Enrolment:
    """Where somebody is whom a decision has moved."""
    cohort = cohort_on(person, day)
    into = [back.schedule for back in person.resumptions if back.cohort == cohort and back.schedule]
    own = person.schedule if cohort == person.cohort else None
    return Enrolment(person.course, cohort, _compared(into[-1] if into else own))


def _compared(schedule: str | None) -> str:
    return (schedule or "").strip().casefold()
