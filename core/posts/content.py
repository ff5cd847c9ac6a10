"""What a message says now: on the day it goes out, of whom it names, or of exactly the people on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from core.database.database import reading
from core.derived import following
from core.derived.caseloads import Caseloads as Caseloads
from core.derived.following import State
from core.derived.installation import Installation
from core.posts import outbox
from core.posts.outbox import Message
from core.records import decisions, participant_rows
from core.reminders.occasions import Occasion
from core.reminders.reminder import (
    PersonDue,
    Reminder,
    count,
    counted_twice,
    facts_about,
    is_known,
    members,
    named_once,
    not_scheduled,
    output_in,
)
from reference.pack import Pack


class OutsidePackError(Exception):
    """The pack in use lacks what a message tells of, or has lost somebody whom it names: nothing true can be said by it."""


def reminder_of(
    installation: Installation, message: Message, day: date, cases: Caseloads | None = None
) -> Reminder | None:
    """What a message says on the day it goes out, by what is stored now; None when it concerns nobody any more."""
    with reading(installation.engine) as session:
        return (cases or Caseloads(installation)).remind(session, occasion_of(message), day)


def reminder_naming(
    installation: Installation, message: Message, day: date, cases: Caseloads | None = None
) -> Reminder:
    """What a message says on a day of exactly those whom its pages name, in this order, whether it still concerns them or not.

    For a page that was fixed before: to be sent later, or to be redrawn. Who is no longer in the caseload is left out.
    Raises `OutsidePackError`.
    """
    occasion = occasion_of(message)
    with reading(installation.engine) as session:
        people = outbox.people_of(session, message)
        if not _within_pack(installation.pack, session, occasion, people):
            raise OutsidePackError
        return naming(cases or Caseloads(installation), session, occasion, people, day)


@dataclass(frozen=True, slots=True)
class Newest:
    """What a page's buttons and rows need to know of its people, by participant id."""

    revisions: Mapping[str, int]
    decided: Mapping[str, str]  # what was recorded since the post went out, and by whom


def newest_about(
    installation: Installation, reminder: Reminder, people: Sequence[str], since: datetime | None
) -> Newest:
    """Each one's revision, and the last thing decided since an instant on a course that the message is about; `since` None: the post
    is yet to go out.
    """
    about = {person.participant_id: [one.standing for one in person.each] for person in reminder.people}
    decided: dict[str, str] = {}
    with reading(installation.engine) as session:
        revisions = {person: participant_rows.participant_revision(session, person) for person in people}
        for person in people:
            if since is None:
                break
            courses = about.get(person, ())
            newest = decisions.newest(session, [one.enrolment_id for one in courses], 0) if courses else None
            if newest is None or newest[1].recorded_at < since:
                continue
            enrolment, told = newest
            course = next(one.course for one in courses if one.enrolment_id == enrolment)
            decided[person] = f"{f'{course}: ' if len(courses) > 1 else ''}{told.text} by {told.by}"
    return Newest(revisions, decided)


def state_now(installation: Installation) -> State:
    """What a judgement made from now on rests on, at least."""
    with reading(installation.engine) as session:
        return following.now(session)


def state_held(session: Session) -> State:
    """The same once every decision and import under way has ended; new ones wait until this transaction does.

    Raises `DatabaseBusy` where they take longer than shortly.
    """
    return following.held(session)


def _within_pack(pack: Pack, session: Session, occasion: Occasion, people: Mapping[str, Sequence[int]]) -> bool:
    group, number = occasion.course_group, occasion.output
    if group is not None and len(pack.outputs.get(group, ())) < (number or 0):
        return False
    named = participant_rows.people_named(session, [one for enrolments in people.values() for one in enrolments])
    return all(pack.knows(one.course, one.cohort) for one in named)


def occasion_of(message: Message) -> Occasion:
    """The occasion that a message was planned for."""
    stored = dict(message.occasion)
    for name in ("due_on", "about", "last_day"):
        stored[name] = date.fromisoformat(stored[name]) if stored[name] else None
    return Occasion(**stored)


def stored_occasion(occasion: Occasion) -> dict[str, Any]:
    """An occasion as its message keeps it: `occasion_of` reads it again."""
    stored = {field.name: getattr(occasion, field.name) for field in fields(occasion)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in stored.items()}


def naming(
    cases: Caseloads, session: Session, occasion: Occasion, people: Mapping[str, Sequence[int]], day: date
) -> Reminder:
    """What a message says on a day of exactly these people, in this order, on these courses; who is no longer stored is left out."""
    pack, partner = cases.installation.pack, occasion.delivery_partner
    reminder = cases.remind(session, occasion, day)
    if reminder is None:
        people_there = () if occasion.course_group is None else cases.people(session, occasion)
        everyone = list(members(pack, people_there, occasion, day))
        undated, unknown = not_scheduled(pack, people_there, occasion, day)
        reminder = Reminder(
            occasion,
            day,
            (),
            *count(everyone),
            not_scheduled=undated,
            start_unknown=unknown,
            twice=counted_twice(m.progress for m in everyone),
        )
    every = {one.standing.enrolment_id: one for person in reminder.people for one in person.each}
    still = [every[one] for enrolments in people.values() for one in enrolments if one in every]
    missing = [one for enrolments in people.values() for one in enrolments if one not in every]
    for whole in cases.standings(session, missing, day).values():
        output = output_in(whole, occasion)
        if output is not None and whole.course_group == occasion.course_group and whole.delivery_partner == partner:
            # of a kind that a later version stored, nobody here can say that it is not about them any more
            every[whole.enrolment_id] = PersonDue(
                whole.participant_id, whole.name, output, whole, still=not is_known(occasion)
            )
    return replace(
        reminder,
        people=named_once(every[one] for enrolments in people.values() for one in enrolments if one in every),
        facts=facts_about(occasion, still),
        unnamed=len({*reminder.enrolments} - people.keys()),
    )
