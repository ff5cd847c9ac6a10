"""Answers finished before anybody asks, so that they are there at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from core.derived.answers import View
from core.derived.office import Office
from core.records import staff
from core.records.database import reading
from core.services.actors import Actor, may
from core.services.enquiries import Case


def work_ahead(
    office: Office, as_of: date, at_once: int, platform: str, finished: Callable[[Actor, Case], bytes]
) -> Iterator[int]:
    """Finishes the answers of a day that are not kept yet, `at_once` people a step; yields how many people after each.

    For each role that somebody on this platform has. `finished` makes what the platform sends; of the actor it may look
    at the role alone, and of the case at everything but its history.
    """
    with reading(office.engine) as session:
        roles = [role for role in staff.roles(session, platform) if may(Actor("", role), "see")]
        views = tuple(View(platform, as_of, role) for role in roles)
        ids = office.memory.known(session).lacking(session, office.pack, views, as_of)
    for start in range(0, len(ids), at_once):
        some = ids[start : start + at_once]
        with reading(office.engine) as session:
            known = office.memory.known(session)
            people = known.directory(session).by_id
            answers = known.answers_in(views)
            here = [i for i in some if i in people]
            for standing in known.standings(session, office.pack, here, as_of, remember=False):
                person = people[standing.participant_id]
                case = Case(standing, person, known.decided(person.id), ())
                drawn = [finished(Actor("", view.role), case) for view in answers.views]
                answers.keep(person.id, drawn)  # the directory's own string: no second copy of every id is kept
        yield len(some)
