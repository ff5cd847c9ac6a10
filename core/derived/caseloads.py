"""The records of each Delivery Partner's people, kept between passes: only what has changed is read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlmodel import Session

from core.derived import following, progress_store
from core.derived.installation import Installation
from core.derived.partner_agenda import PartnerAgenda
from core.records import participant_rows
from core.reminders.occasions import Occasion, Templates
from core.reminders.reminder import Reminder, remind
from core.rules.folding import progress_of
from core.rules.progress import Progress
from core.rules.results import Standing
from core.rules.standing import standing

MOST_TEMPLATES = 1_000  # some weeks' worth of days asked about: a worker runs for months


class Caseloads:
    """What a planner knows of everybody; asked with the session that is to see it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._state = following.NOTHING_SEEN
        self._partnerships: dict[str, PartnerAgenda] = {}
        self._partner_of: dict[int, str] = {}
        self._meetings: Mapping[str, Sequence[date]] = {}
        self._standings: dict[tuple[int, date], Standing] = {}
        self._templates: Templates = {}
        self._asked_in: Session | None = None
        self._asked_of: PartnerAgenda | None = None

    def people(self, session: Session, occasion: Occasion) -> Sequence[Progress]:
        """Everybody whom an occasion's message could be about or count, as they are stored now."""
        partnership = self._of(session, occasion.delivery_partner)
        return list(partnership.people.values()) if occasion.course_group is None else partnership.those_in(occasion)

    def occasions(self, session: Session, partner: str, first: date, last: date) -> list[Occasion]:
        """A Delivery Partner's occasions that are due on a day from `first` to `last`."""
        partnership = self._of(session, partner)
        if len(self._templates) > MOST_TEMPLATES:
            self._templates.clear()
        return partnership.occasions(self._meetings.get(partner, ()), first, last, self._templates)

    def concerns_anybody(self, session: Session, occasion: Occasion, day: date) -> bool:
        """Whether an occasion's message would have anybody to tell of on a day."""
        return self._of(session, occasion.delivery_partner).concerns_anybody(occasion, day)

    def remind(self, session: Session, occasion: Occasion, day: date) -> Reminder | None:
        """The message as it should read on a day; None when it concerns nobody."""
        people = self.people(session, occasion)
        return remind(self.installation.pack, people, occasion, day, lambda ids: self.standings(session, ids, day))

    def standings(self, session: Session, ids: Iterable[int], day: date) -> Mapping[int, Standing]:
        """The whole standings of some enrolments on a day; left out is who is no longer stored, or not in the pack."""
        self._catch_up(session)
        wanted = list(dict.fromkeys(ids))
        missing = [i for i in wanted if (i, day) not in self._standings]
        for person in participant_rows.iterate_participants(session, ids=missing) if missing else ():
            if self.installation.pack.knows(person.course, person.cohort):
                self._standings[person.enrolment_id, day] = standing(self.installation.pack, person, day)
        return {i: self._standings[i, day] for i in wanted if (i, day) in self._standings}

    def _catch_up(self, session: Session) -> None:
        """Once for each session: it sees one state of the records."""
        if self._asked_in is session:
            return
        self._asked_in = session
        state = following.now(session)
        if state == self._state:
            return
        self._standings.clear()
        self._meetings = participant_rows.meetings(session)
        changed = following.changed(session, self._state, state)
        if (
            changed is None
            or len(changed) > len(self._partner_of) // 2
            or not progress_store.is_current(session, self.installation.fold)
        ):
            self._partnerships, self._partner_of, self._asked_of = {}, {}, None
        else:
            self._take_in(session, changed)
        self._state = state

    def _take_in(self, session: Session, changed: Sequence[int]) -> None:
        """Puts what has changed in the place of what was known, of the partners that are."""
        for record in progress_store.load_some(session, self.installation.fold, changed):
            before = self._partner_of.pop(record.enrolment, None)
            known = self.installation.pack.knows(record.course, record.cohort)
            if before is not None and (before != record.delivery_partner or not known):
                self._partnerships[before].drop(record.enrolment)
            if known and record.delivery_partner in self._partnerships:
                self._partnerships[record.delivery_partner].put(record)
                self._partner_of[record.enrolment] = record.delivery_partner

    def _of(self, session: Session, partner: str) -> PartnerAgenda:
        self._catch_up(session)
        found = self._partnerships.get(partner)
        if found is None:
            records = records_of(self.installation, session, partner)
            found = self._partnerships[partner] = PartnerAgenda(self.installation.pack, partner, records)
            self._partner_of.update(dict.fromkeys(found.people, partner))
        if self._asked_of is not found:
            if self._asked_of is not None:
                self._asked_of.rest()
            self._asked_of = found
        return found


def records_of(installation: Installation, session: Session, partner: str) -> list[Progress]:
    """The records of a Delivery Partner's people whom the pack knows; folded here where the stored rest on something else."""
    if progress_store.is_current(session, installation.fold):
        found = progress_store.load(session, installation.fold, partner=partner)
    else:
        found = [
            progress_of(installation.pack, who)
            for who in participant_rows.iterate_participants(session, partner=partner)
        ]
    return [record for record in found if installation.pack.knows(record.course, record.cohort)]
