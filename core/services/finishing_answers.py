"""Answers finished before anybody asks, and found again at the question.

Who asks, whether they may, and whom they mean is decided by what decides it for every question (`actors`, `enquiries`); here it
is only looked up sooner. Of somebody on several courses none is kept: they are few, and what is seen of them depends on who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from sqlmodel import Session

from core.database.database import reading
from core.derived.finished_answers import View
from core.derived.installation import Installation
from core.records import staff
from core.services.enquiries import Case, meant
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, may, recognised


def find(
    installation: Installation, platform: str, platform_id: str, alias: str, who: str, as_of: date
) -> bytes | None:
    """The finished answer about the one participant that WHO means, for who asks; None where it has to be worked out.

    Who asks and which state the caseload is in are read now, together: a kept answer is never older than the data,
    nor seen by somebody who may not see it any more. Whatever is to be refused is None too: the long way says why.
    """
    try:
        actor, asked = recognised(installation.asking, installation.platforms, platform, platform_id, alias)
        if (known := installation.people_index.at(asked.state)) is None:
            return None
        people = meant(known.names, actor, who)
    except Refusal:
        return None
    if len(people) != 1 or len(known.names.by_id[people[0].id]) > 1:
        return None
    return known.answers.find(people[0].enrolment_id, View(platform, as_of, actor.role))


def finish(
    installation: Installation, as_of: date, platform: str, at_once: int, drawn: Callable[[Actor, Case], bytes]
) -> Iterator[int]:
    """Finishes the answers of a day that are not kept yet, `at_once` people a step; yields how many people after each.

    For each role that somebody on this platform has. `drawn` makes what the platform sends; of the actor it may look
    at the role alone, and of the case at everything but its history.
    """
    with reading(installation.engine) as session:
        roles = [role for role in staff.roles(session, platform) if may(Actor("", role), "see")]
        views = [View(platform, as_of, role) for role in roles]
        ids = lacking(installation, session, views, as_of)
    for start in range(0, len(ids), at_once):
        some = ids[start : start + at_once]
        with reading(installation.engine) as session:
            known = installation.people_index.known(session)
            people = known.directory(session).by_enrolment
            answers = known.answers = known.answers.within(views)
            here = [i for i in some if i in people]
            for standing in known.standings(session, installation.pack, here, as_of, remember=False):
                person = people[standing.enrolment_id]
                case = Case(standing, person, known.decided(person.id), (), (person.course,))
                finished = [drawn(Actor("", view.role), case) for view in answers.views]
                answers.keep(person.enrolment_id, finished)
        yield len(some)


def lacking(installation: Installation, session: Session, views: Sequence[View], as_of: date) -> list[int]:
    """About which enrolments the answers of a day in these views are not kept yet. Forgets what is of other days."""
    if not views:
        return []
    known = installation.people_index.known(session)
    known.answers = known.answers.within(views)
    if known.answers.complete:
        return []
    known.forget_other_days(as_of)
    by_id = known.directory(session).by_id
    return known.answers.lacking(
        theirs[0].enrolment_id
        for theirs in by_id.values()
        if len(theirs) == 1 and installation.pack.knows(theirs[0].course, theirs[0].cohort)
    )
