"""When a message may be due ("When messages are due", readings 19-22 and 28): days only, no people judged yet.

Derived from the pack and the facts each time it is asked, never stored as a timer: a moved date needs no special case.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from itertools import count
from typing import NamedTuple

from core.reminders.message_kinds import (
    DaysAsked,
    Due,
    FromAssessmentWindow,
    FromDecisions,
    FromMeetings,
    FromMissingDates,
    FromProposals,
    FromReports,
    FromReview,
    FromSilence,
)
from core.reminders.messages import MESSAGES, OPENING
from core.rules import enrolment
from core.rules.facts import NOTHING_DECIDED, Resumption
from core.rules.inactivity import silences
from core.rules.ladder import Ladder
from core.rules.progress import Progress
from reference.pack import Pack, ScheduleRow

DECLARATION, ENGAGEMENT = "Declaration", "Engagement"  # the kinds of report, as messages name them

# What the kinds give, at hand for whoever asks about many occasions.
OF_REVIEWS = [(kind.key, kind.source) for kind in MESSAGES if isinstance(kind.source, FromReview)]
OF_WINDOWS = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromAssessmentWindow)]
OF_REPORTS = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromReports)]
OF_DECISIONS = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromDecisions)]
OF_PROPOSALS = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromProposals)]
OF_MISSING_DATES = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromMissingDates)]
OF_SILENCE = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromSilence)]
OF_MEETINGS = [(kind.key, kind.source.due) for kind in MESSAGES if isinstance(kind.source, FromMeetings)]
CHAINS = {kind.key: kind.chain for kind in MESSAGES if kind.chain}
ONE_SERIES = frozenset(kind.key for kind in MESSAGES if kind.one_series)
ASKS_BEFORE_REPEATING = frozenset(kind.key for kind in MESSAGES if not kind.may_repeat)


@dataclass(frozen=True)
class Occasion:
    """A message that may be due on a day, about a true date, for one group of one Delivery Partner."""

    key: str
    due_on: date  # the working day it goes out
    about: date
    delivery_partner: str
    course_group: str | None
    cohort: str | None
    output: int | None
    lead: int  # signed days from the date it is counted from; tells several of one key apart
    detail: str = ""  # what else tells two apart: the stale report's day and kind, the point of the assessment window
    last_day: date | None = None  # after this day it never goes out late: what it is about is over, its own day past
    course: str | None = None  # where it is about one course of the group alone, which has a window of its own

    @cached_property
    def series(self) -> str:
        """Occasions of one series replace each other: the newest due one is sent, older unsent ones are superseded."""
        chain = CHAINS.get(self.key, self.key)
        about = "-" if self.key in ONE_SERIES else self.about.isoformat()
        return "|".join(str(part) for part in (chain, *self._group, about))

    @cached_property
    def identity(self) -> str:
        """Who, what, about which date: the same message whatever day it is planned on."""
        parts = (self.key, *self._group, self.about.isoformat(), self.lead, self.detail)
        return "|".join(str(part) for part in parts)

    @property
    def may_repeat(self) -> bool:
        """Whether its message is better posted twice than not at all."""
        return self.key not in ASKS_BEFORE_REPEATING

    @property
    def _group(self) -> tuple[str | int, ...]:
        of_course = (self.course,) if self.course else ()  # of all others nothing: what went out is known by its name
        return (self.delivery_partner, self.course_group or "-", self.cohort or 0, self.output or 0, *of_course)


class Part(NamedTuple):
    """What one participant adds to when their Delivery Partner's messages may be due."""

    group: str  # of courses
    cohorts: tuple[str, ...]
    reports: tuple[tuple[int, str], ...]  # the day (ordinal) and kind of each report that they are in
    own: tuple[Occasion, ...]  # what was decided about them makes due
    proposals: tuple[date, ...]  # days on which a side proposed or approved their removal
    moves: tuple[Resumption, ...]
    silent: tuple[tuple[date, date], ...]  # since when there was no new evidence of them for long, and until when
    about: frozenset[date]  # what concerns certain people alone concerns them about these days
    open_from: int  # the first output that is not declared, whenever; beyond the last one when all are
    last_declared: date  # date.min: none is


def part_of(pack: Pack, person: Progress) -> Part:
    """A participant's part."""
    group = pack.courses[person.course].group
    reports: tuple[tuple[int, str], ...] = ()
    if person.has_reports:
        reports = (*((p.end, DECLARATION) for p in person.periods()), *((r.on, ENGAGEMENT) for r in person.runs()))
    declared = person.declarations()
    known = {declaration.output for declaration in declared}
    open_from = next(number for number in count(1) if number not in known)
    last_declared = declared[0].declared_on if declared else date.min
    if person.decided is NOTHING_DECIDED:
        silent = _silent(pack, person, (person.cohort,))
        since = frozenset(day for day, _ in silent)
        return Part(group, (person.cohort,), reports, (), (), (), silent, since, open_from, last_declared)
    cohorts = tuple(sorted({person.cohort, *(r.cohort for r in person.resumptions if r.cohort is not None)}))
    silent = _silent(pack, person, cohorts)
    own = tuple(_of_person(pack, person))
    votes = person.removal_votes if pack.settings_of(group).removal else ()
    proposals = tuple(vote.decided_on for vote in votes if vote.decision == "approve")
    return Part(
        group,
        cohorts,
        reports,
        own,
        proposals,
        person.resumptions,
        silent,
        frozenset({*proposals, *(occasion.about for occasion in own), *(day for day, _ in silent)}),
        open_from,
        last_declared,
    )


def _silent(pack: Pack, person: Progress, cohorts: tuple[str, ...]) -> tuple[tuple[date, date], ...]:
    if pack.settings.inactive_after_days is None:
        return ()
    known = [cohort for cohort in cohorts if cohort in pack.cohorts]
    return silences(Ladder(pack, person), known) if known else ()


Templates = dict[tuple[str, str, date, date], Sequence[Occasion]]  # by group, cohort and the days asked about


class Agenda(NamedTuple):
    """What one Delivery Partner's people and meetings make due, to be asked about any days."""

    pack: Pack
    partner: str
    groups: Sequence[tuple[str, str]]  # groups of courses, each with a cohort, that anybody is in
    once: Sequence[Occasion]  # those with a day of their own, in order
    proposed: Sequence[tuple[Progress, Sequence[date]]]  # whose removal was proposed, and when
    silent: Mapping[tuple[str, str, date], date]  # by group, cohort and since when: until when, for whom it is longest

    def between(self, first: date, last: date, templates: Templates | None = None) -> list[Occasion]:
        """The occasions that are due on a day from `first` to `last`, both included, in order.

        An occasion may turn out to concern nobody: `reminders.remind` tells. Whoever asks about many Delivery Partners
        hands in the same `templates` each time.
        """
        known = {} if templates is None else templates
        start = bisect_left(self.once, first, key=_due_on)
        found = set(self.once[start : bisect_right(self.once, last, key=_due_on)])
        for group, cohort in self.groups:
            schedule = _of_schedule(self.pack, group, cohort, first, last, known)
            found.update(replace(template, delivery_partner=self.partner) for template in schedule)
        for person, days in self.proposed:
            waiting = _one_a_day(_of_proposals(self.pack, person, days, DaysAsked(first, last)))
            found.update(occasion for occasion in waiting if first <= occasion.due_on <= last)
        for (group, cohort, since), until in self.silent.items():
            if until >= first:
                quiet = _one_a_day(_of_silence(self.pack, self.partner, group, cohort, since, DaysAsked(first, last)))
                found.update(occasion for occasion in quiet if first <= occasion.due_on <= last)
        return sorted(found, key=partial(_in_order, self.pack))


def agenda(pack: Pack, people: Iterable[tuple[Progress, Part]], meetings: Iterable[date], partner: str) -> Agenda:
    """A Delivery Partner's agenda. `people` are its participants, each with their `part_of`."""
    reports: dict[tuple[str, str], set[tuple[int, str]]] = {}
    once = set(_of_meetings(pack, meetings, partner))
    proposed: list[tuple[Progress, Sequence[date]]] = []
    silent: dict[tuple[str, str, date], date] = {}
    for person, part in people:
        for cohort in part.cohorts:
            theirs = reports.setdefault((part.group, cohort), set())
            if part.reports:
                theirs.update(part.reports)
            for since, until in part.silent:
                silent[part.group, cohort, since] = max(until, silent.get((part.group, cohort, since), until))
        once.update(part.own)
        if part.proposals:
            proposed.append((person, part.proposals))
    for (group, cohort), held in reports.items():
        days = _report_days(held)
        for output in pack.outputs[group] if days else ():
            for row in pack.schedule.get((group, cohort, output.number), ()):
                once.update(_one_a_day(_of_reports(pack, partner, row, days)))
    return Agenda(pack, partner, sorted(reports), sorted(once, key=partial(_in_order, pack)), proposed, silent)


def occasions(
    pack: Pack, people: Iterable[Progress], meetings: Iterable[date], partner: str, first: date, last: date
) -> list[Occasion]:
    """One Delivery Partner's occasions that are due on a day from `first` to `last`, both included, in order."""
    return agenda(pack, [(person, part_of(pack, person)) for person in people], meetings, partner).between(first, last)


def _due_on(occasion: Occasion) -> date:
    return occasion.due_on


def _in_order(pack: Pack, o: Occasion) -> tuple[date, str, str, tuple[int, str], int, int, date, str, str]:
    group, cohort, course = o.course_group or "", pack.cohort_rank(o.cohort), o.course or ""
    return (o.due_on, o.key, group, cohort, o.output or 0, o.lead, o.about, o.detail, course)


def _of_meetings(pack: Pack, meetings: Iterable[date], partner: str) -> Iterator[Occasion]:
    for meeting in meetings:
        for key, days_due in OF_MEETINGS:
            for due in days_due(pack, meeting):
                yield _occasion(key, due, partner, None, None, None)


def _of_schedule(pack: Pack, group: str, cohort: str, first: date, last: date, known: Templates) -> Sequence[Occasion]:
    """What a group's schedule alone makes due within some days: the same for every Delivery Partner."""
    key = (group, cohort, first, last)
    if key not in known:
        found = list(_of_assessment_windows(pack, group, cohort))
        if pack.lacks_dates(group, cohort):
            found += _of_missing_dates(pack, group, cohort, DaysAsked(first, last))
        for output in pack.outputs[group]:
            for row in pack.schedule.get((group, cohort, output.number), ()):
                found += _of_review(pack, row, DaysAsked(first, last))
        known[key] = _one_a_day(occasion for occasion in found if first <= occasion.due_on <= last)
    return known[key]


def _one_a_day(found: Iterable[Occasion]) -> list[Occasion]:
    """Those of one series that weekends and holidays move onto one day are one (reading 22): the one that says most."""
    kept: dict[tuple[str, date], Occasion] = {}
    for occasion in sorted(found, key=_says_more):
        kept[occasion.series, occasion.due_on] = occasion
    return list(kept.values())


def _says_more(occasion: Occasion) -> tuple[bool, int, str]:
    """That a window has opened is news; otherwise the later one tells what the earlier would have, of a newer report."""
    return (occasion.detail == OPENING, occasion.lead, occasion.detail)


def _of_review(pack: Pack, row: ScheduleRow, asked: DaysAsked) -> Iterator[Occasion]:
    for key, source in OF_REVIEWS:
        on: date | None = getattr(row, source.of)
        for due in source.due(pack, row, on, asked) if on is not None else ():
            yield _occasion(key, due, "", row.group, row.cohort, row.output)


def _of_assessment_windows(pack: Pack, group: str, cohort: str) -> Iterator[Occasion]:
    """Those of a course are about it alone; the group's about whoever's course has none of its own."""
    completion = next((o.number for o in pack.outputs[group] if o.kind == "completion"), None)
    for window in pack.assessment_windows.get((group, cohort), ()) if completion is not None else ():
        for key, days_due in OF_WINDOWS:
            for due in days_due(pack, window):
                yield replace(_occasion(key, due, "", group, cohort, completion), course=window.course)


def _of_missing_dates(pack: Pack, group: str, cohort: str, asked: DaysAsked) -> Iterator[Occasion]:
    for key, days_due in OF_MISSING_DATES:
        for due in days_due(pack, asked):
            yield _occasion(key, due, "", group, cohort, None)


def _of_reports(pack: Pack, partner: str, row: ScheduleRow, reports: Sequence[tuple[date, str]]) -> Iterator[Occasion]:
    for key, days_due in OF_REPORTS:
        for due in days_due(pack, row.review, reports) if row.review is not None else ():
            yield _occasion(key, due, partner, row.group, row.cohort, row.output)


def _of_person(pack: Pack, person: Progress) -> Iterator[Occasion]:
    """What the extensions and deferrals of one participant make due, in the cohort that they are in on the day."""
    partner, group = person.delivery_partner, pack.courses[person.course].group
    for key, days_due in OF_DECISIONS:
        for due in days_due(pack, person):
            yield _occasion(key, due, partner, group, enrolment.cohort_on(person, due.on), due.output)


def _of_proposals(pack: Pack, person: Progress, days: Sequence[date], asked: DaysAsked) -> Iterator[Occasion]:
    """What was proposed on some days, about each output: it concerns who is on it as their current one."""
    partner, group = person.delivery_partner, pack.courses[person.course].group
    outputs = [output.number for output in pack.outputs_of(person.course)]
    for key, days_due in OF_PROPOSALS:
        for day in days:
            for due in days_due(pack, day, asked):
                cohort = enrolment.cohort_on(person, due.on)
                for output in outputs:
                    yield _occasion(key, due, partner, group, cohort, output)


def _of_silence(pack: Pack, partner: str, group: str, cohort: str, since: date, asked: DaysAsked) -> Iterator[Occasion]:
    for key, days_due in OF_SILENCE:
        for due in days_due(pack, since, asked):
            yield _occasion(key, due, partner, group, cohort, None)


def _occasion(key: str, due: Due, partner: str, group: str | None, cohort: str | None, output: int | None) -> Occasion:
    return Occasion(key, due.on, due.about, partner, group, cohort, output, due.lead, due.detail, due.last_day)


def _report_days(reports: Iterable[tuple[int, str]]) -> list[tuple[date, str]]:
    """The days of the reports held for a group with their kinds, in order: a Declaration report by its period's end."""
    kinds: dict[int, str] = {}
    for day, kind in sorted(reports):
        kinds[day] = f"{kinds[day]} and {kind}" if day in kinds else kind
    return [(date.fromordinal(day), kind) for day, kind in kinds.items()]
