"""What a planner knows of one Delivery Partner: its people's records, what they make due, and whom that concerns.

All of it is kept from pass to pass. Whoever changes is put in anew, and only what rests on them is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from core.reminders.occasions import Agenda, Occasion, Part, Templates, agenda, part_of
from core.reminders.reminder import concerned, may_concern, member, of_everybody
from core.rules.ladder import Ladder
from core.rules.progress import Progress
from reference.pack import Pack

Group = tuple[str | None, str | None]  # of courses, and cohort


class PartnerAgenda:
    """One Delivery Partner's people, to be asked about its occasions."""

    def __init__(self, pack: Pack, name: str, records: Iterable[Progress]) -> None:
        self.pack = pack
        self.name = name
        self.people: dict[int, Progress] = {}
        self._parts: dict[int, Part] = {}
        self._in: dict[Group, dict[int, None]] = {}  # who is, or comes to be, in a group: in order
        self._agenda: Agenda | None = None
        self._meetings: Sequence[date] = ()
        self._due: list[Occasion] = []
        self._due_within: tuple[date, date] | None = None
        self._found: dict[tuple[str, date], tuple[int, int | None]] = {}
        self._lately: dict[str, int] = {}  # whom the newest message of a series that was asked about concerned
        self._changes: dict[Group, list[int]] = {}
        self._ladders: dict[int, Ladder] = {}
        for record in records:
            self.put(record)

    def put(self, record: Progress) -> None:
        """Takes in an enrolment, or what is new about one."""
        part, before = part_of(self.pack, record), self._parts.get(record.enrolment)
        if before is not None:
            self._note_change(record.enrolment, before)
        if part != before:
            if before is not None:
                self._leave(record.enrolment, before)
            for cohort in part.cohorts:
                self._in.setdefault((part.group, cohort), {})[record.enrolment] = None
            self._agenda = None
        self.people[record.enrolment], self._parts[record.enrolment] = record, part
        self._note_change(record.enrolment, part)

    def drop(self, enrolment: int) -> None:
        """Lets go of an enrolment that is with another Delivery Partner now."""
        part = self._parts.pop(enrolment)
        del self.people[enrolment]
        self._note_change(enrolment, part)
        self._leave(enrolment, part)
        self._agenda = None

    def those_in(self, occasion: Occasion) -> list[Progress]:
        """Everybody who is, or comes to be, in an occasion's group of courses and cohort."""
        return [self.people[i] for i in self._in.get((occasion.course_group, occasion.cohort), ())]

    def occasions(self, meetings: Sequence[date], first: date, last: date, templates: Templates) -> list[Occasion]:
        """What is due on a day from `first` to `last`, in order; of days that were asked about before, only what changed."""
        if self._agenda is None or meetings != self._meetings:
            people = [(record, self._parts[record.enrolment]) for record in self.people.values()]
            self._agenda, self._meetings, self._due_within = (
                agenda(self.pack, people, meetings, self.name),
                meetings,
                None,
            )
        if self._due_within != (first, last):
            self._due = self._move_on(self._agenda, first, last, templates)
            self._due_within = (first, last)
            due_on = {occasion.identity: occasion.due_on for occasion in self._due}
            self._found = {
                (identity, day): found
                for (identity, day), found in self._found.items()
                if identity in due_on and (day == due_on[identity] or day >= last)
            }
            of_those = {occasion.series for occasion in self._due}
            self._lately = {series: who for series, who in self._lately.items() if series in of_those}
        return self._due

    def concerns_anybody(self, occasion: Occasion, day: date) -> bool:
        """Whether an occasion's message would have anybody to tell of on a day. Asked again, it looks at changes alone."""
        if of_everybody(occasion):
            return True
        group = (occasion.course_group, occasion.cohort)
        changes, everybody = self._changes.get(group, ()), self._in.get(group, {})
        key = (occasion.identity, day)
        if key not in self._found:
            lately = self._lately.get(occasion.series)  # most likely they still are
            who = self._first(occasion, day, everybody if lately is None else [lately, *everybody])
        else:
            seen, who = self._found[key]
            if seen == len(changes):
                return who is not None
            news = changes[seen:]
            if who is None:
                who = self._first(occasion, day, dict.fromkeys(news))
            elif who in news:
                who = self._first(occasion, day, [who, *everybody])
        self._found[key] = (len(changes), who)
        if who is not None:
            self._lately[occasion.series] = who
        return who is not None

    def rest(self) -> None:
        """Lets go of what is only good for asking many questions in a row."""
        self._ladders.clear()

    def _first(self, occasion: Occasion, day: date, ids: Iterable[int]) -> int | None:
        """The first of these whom an occasion's message would be about."""
        for enrolment in ids:
            part = self._parts.get(enrolment)
            if part is not None and may_concern(occasion, day, part):
                at = member(self.pack, self._ladder(enrolment), occasion, day)
                if at is not None and concerned(self.pack, occasion, day, at) is not None:
                    return enrolment
        return None

    def _ladder(self, enrolment: int) -> Ladder:
        found = self._ladders.get(enrolment)
        if found is None:
            found = self._ladders[enrolment] = Ladder(self.pack, self.people[enrolment])
        return found

    def _move_on(self, agenda: Agenda, first: date, last: date, templates: Templates) -> list[Occasion]:
        """What is due from `first` to `last`; what was worked out for days among them before stays."""
        if self._due_within is None or not self._due_within[0] <= first <= self._due_within[1] <= last:
            return agenda.between(first, last, templates)
        known_to = self._due_within[1]
        kept = [occasion for occasion in self._due if occasion.due_on >= first]
        if known_to == last:
            return kept
        return kept + agenda.between(date.fromordinal(known_to.toordinal() + 1), last, templates)

    def _note_change(self, enrolment: int, part: Part) -> None:
        self._ladders.pop(enrolment, None)
        for cohort in part.cohorts:
            group = (part.group, cohort)
            changes = self._changes.setdefault(group, [])
            if len(changes) > 2 * len(self._in.get(group, ())):  # long enough: begin anew
                changes.clear()
                self._found.clear()
            changes.append(enrolment)

    def _leave(self, enrolment: int, part: Part) -> None:
        for cohort in part.cohorts:
            del self._in[part.group, cohort][enrolment]
