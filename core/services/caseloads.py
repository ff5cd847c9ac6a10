"""The records of each Delivery Partner's people, kept between passes: only what has changed is read again."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlmodel import Session

from core.records import caseload, progress
from core.rules.occasions import Occasion, Part, Templates, occasions, part_of
from core.rules.progress import Progress
from core.rules.reminders import Member, Reminder, concerns_anybody, members, remind
from core.rules.results import Standing
from core.rules.standing import standing
from core.services.office import Office
from core.services.sweep import records_of


class Caseloads:
    """What a planner knows of everybody; asked with the session that is to see it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._revision = -1
        self._people: dict[str, dict[str, Progress]] = {}
        self._parts: dict[str, dict[str, Part]] = {}
        self._partner_of: dict[str, str] = {}
        self._standings: dict[tuple[str, date], Standing] = {}
        self._templates: Templates = {}
        self._members: dict[tuple[str, str | None, int | None, int | None, date], Sequence[Member]] = {}
        self._asked_in: weakref.ref[Session] | None = None

    def people(self, session: Session, partner: str) -> Sequence[Progress]:
        """A Delivery Partner's participants, as they are stored now."""
        self._catch_up(session)
        return list(self._of(session, partner).values())

    def occasions(self, session: Session, partner: str, first: date, last: date) -> list[Occasion]:
        """A Delivery Partner's occasions that are due on a day from `first` to `last`."""
        self._catch_up(session)
        self._of(session, partner)
        parts, meetings = self._parts[partner].values(), caseload.meetings(session, partner)
        return occasions(self.office.pack, parts, meetings, partner, first, last, self._templates)

    def concerns_anybody(self, session: Session, occasion: Occasion, day: date) -> bool:
        """Whether an occasion's message would have anybody to tell of on a day."""
        if occasion.key == "meeting_pack":
            return True
        return concerns_anybody(self.office.pack, self._everyone(session, occasion, day), occasion, day)

    def _everyone(self, session: Session, occasion: Occasion, day: date) -> Sequence[Member]:
        """Everyone on an occasion's output, kept while one Delivery Partner's occasions are looked at."""
        people = self.people(session, occasion.delivery_partner)
        key = (occasion.delivery_partner, occasion.course_group, occasion.cohort, occasion.output, day)
        if key not in self._members:
            if any(known[0] != occasion.delivery_partner for known in self._members):
                self._members.clear()
            self._members[key] = list(members(self.office.pack, people, occasion, day))
        return self._members[key]

    def remind(self, session: Session, occasion: Occasion, day: date) -> Reminder | None:
        """The message as it should read on a day; None when it concerns nobody."""
        people = self.people(session, occasion.delivery_partner)
        return remind(self.office.pack, people, occasion, day, lambda ids: self.standings(session, ids, day))

    def standings(self, session: Session, ids: Iterable[str], day: date) -> Mapping[str, Standing]:
        """The whole standings of some participants on a day; who is no longer stored is left out."""
        self._catch_up(session)
        wanted = list(dict.fromkeys(ids))
        missing = [i for i in wanted if (i, day) not in self._standings]
        for person in caseload.iterate_participants(session, ids=missing) if missing else ():
            self._standings[person.id, day] = standing(self.office.pack, person, day)
        return {i: self._standings[i, day] for i in wanted if (i, day) in self._standings}

    def _catch_up(self, session: Session) -> None:
        """Once for each session: it sees one state of the records."""
        if self._asked_in is not None and self._asked_in() is session:
            return
        self._asked_in = weakref.ref(session)
        revision = caseload.revision(session)
        if revision == self._revision:
            return
        self._standings.clear()
        self._members.clear()
        changed = progress.changed_since(session, self._revision) if self._revision >= 0 else []
        if (
            self._revision < 0
            or len(changed) > len(self._partner_of) // 2
            or not progress.is_current(session, self.office.fold)
        ):
            self._people, self._parts, self._partner_of = {}, {}, {}
        else:
            self._take_in(session, changed)
        self._revision = revision

    def _take_in(self, session: Session, changed: Sequence[str]) -> None:
        """Puts what has changed in the place of what was known, of the partners that are."""
        for record in progress.load_some(session, changed):
            before = self._partner_of.pop(record.id, None)
            if before is not None and before != record.delivery_partner:
                del self._people[before][record.id], self._parts[before][record.id]
            if record.delivery_partner in self._people:
                self._put(record)

    def _of(self, session: Session, partner: str) -> dict[str, Progress]:
        if partner not in self._people:
            self._people[partner], self._parts[partner] = {}, {}
            for record in records_of(self.office, session, partner):
                self._put(record)
        return self._people[partner]

    def _put(self, record: Progress) -> None:
        partner = record.delivery_partner
        self._people[partner][record.id] = record
        self._parts[partner][record.id] = part_of(self.office.pack, record)
        self._partner_of[record.id] = partner
