"""When a message may be due ("When messages are due", readings 19-22 and 28): days only, no people judged yet.

Derived from the pack and the facts each time it is asked, never stored as a timer: a moved date needs no special case.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import count, zip_longest
from typing import NamedTuple

from core.rules import enrolment
from core.rules.calendar import working_day_on_or_after, working_day_on_or_before, working_days_before
from core.rules.facts import NOTHING_DECIDED, Resumption
from core.rules.progress import Progress
from reference.pack import Pack, ScheduleRow

# A later message of one chain says what an earlier unsent one would have said: only the newest goes out late.
CHAINS = {
    "review_upcoming": "review",
    "window_open": "review",
    "window_progress": "review",
    "extension_ending": "extension",
    "extension_lapsed": "extension",
}

# Where nobody can look whether a post arrived: a nudge may stand there twice, of a removal somebody has to look first.
ASKS_BEFORE_REPEATING = frozenset({"removal_votes_waiting"})

DECLARATION, ENGAGEMENT = "Declaration", "Engagement"  # the kinds of report, as messages name them
OPENING = "opening"  # the detail of an assessment window's first message


@dataclass(frozen=True)
class Occasion:
    """A message that may be due on a day, about a true date, for one group of one Delivery Partner."""

    key: str
    due_on: date  # the working day it goes out
    about: date
    delivery_partner: str
    course_group: str | None
    cohort: int | None
    output: int | None
    lead: int  # signed days from the date it is counted from; tells several of one key apart
    detail: str = ""  # what else tells two apart: the stale report's day and kind, the point of the assessment window
    last_day: date | None = None  # after this day it never goes out late: what it is about is over, its own day past

    @cached_property
    def series(self) -> str:
        """Occasions of one series replace each other: the newest due one is sent, older unsent ones are superseded."""
        chain = CHAINS.get(self.key, self.key)
        return "|".join(str(part) for part in (chain, *self._group, self.about.isoformat()))

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
        return (self.delivery_partner, self.course_group or "-", self.cohort or 0, self.output or 0)


class Part(NamedTuple):
    """What one participant adds to when their Delivery Partner's messages may be due."""

    group: str  # of courses
    cohorts: tuple[int, ...]
    reports: tuple[tuple[int, str], ...]  # the day (ordinal) and kind of each report that they are in
    own: tuple[Occasion, ...]  # what was decided about them makes due
    proposals: tuple[date, ...]  # days on which a side proposed or approved their removal
    moves: tuple[Resumption, ...]
    about: frozenset[date]  # what was decided about them is about these days
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
        return Part(group, (person.cohort,), reports, (), (), (), frozenset(), open_from, last_declared)
    moved_to = {r.cohort for r in person.resumptions if r.cohort is not None}
    own = tuple(_of_person(pack, person))
    proposals = tuple(vote.decided_on for vote in person.removal_votes if vote.decision == "approve")
    return Part(
        group,
        tuple(sorted({person.cohort, *moved_to})),
        reports,
        own,
        proposals,
        person.resumptions,
        frozenset({*proposals, *(occasion.about for occasion in own)}),
        open_from,
        last_declared,
    )


Templates = dict[tuple[str, int, date, date], Sequence[Occasion]]  # by group, cohort and the days asked about


class Agenda(NamedTuple):
    """What one Delivery Partner's people and meetings make due, to be asked about any days."""

    pack: Pack
    partner: str
    groups: Sequence[tuple[str, int]]  # groups of courses, each with a cohort, that anybody is in
    once: Sequence[Occasion]  # those with a day of their own, in order
    proposed: Sequence[tuple[Progress, Sequence[date]]]  # whose removal was proposed, and when

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
            waiting = _one_a_day(_of_proposals(self.pack, person, days, first, last))
            found.update(occasion for occasion in waiting if first <= occasion.due_on <= last)
        return sorted(found, key=_in_order)


def agenda(pack: Pack, people: Iterable[tuple[Progress, Part]], meetings: Iterable[date], partner: str) -> Agenda:
    """A Delivery Partner's agenda. `people` are its participants, each with their `part_of`."""
    reports: dict[tuple[str, int], set[tuple[int, str]]] = {}
    once = set(_of_meetings(pack, meetings, partner))
    proposed: list[tuple[Progress, Sequence[date]]] = []
    for person, part in people:
        for cohort in part.cohorts:
            theirs = reports.setdefault((part.group, cohort), set())
            if part.reports:
                theirs.update(part.reports)
        once.update(part.own)
        if part.proposals:
            proposed.append((person, part.proposals))
    for (group, cohort), held in reports.items():
        days = _report_days(held)
        for output in pack.outputs[group] if days else ():
            row = pack.schedule.get((group, cohort, output.number))
            if row is not None:
                once.update(_one_a_day(_stale_data(pack, partner, row, days)))
    return Agenda(pack, partner, sorted(reports), sorted(once, key=_in_order), proposed)


def occasions(
    pack: Pack, people: Iterable[Progress], meetings: Iterable[date], partner: str, first: date, last: date
) -> list[Occasion]:
    """One Delivery Partner's occasions that are due on a day from `first` to `last`, both included, in order."""
    return agenda(pack, [(person, part_of(pack, person)) for person in people], meetings, partner).between(first, last)


def _due_on(occasion: Occasion) -> date:
    return occasion.due_on


def _in_order(o: Occasion) -> tuple[date, str, str, int, int, int, date, str]:
    return (o.due_on, o.key, o.course_group or "", o.cohort or 0, o.output or 0, o.lead, o.about, o.detail)


def _of_meetings(pack: Pack, meetings: Iterable[date], partner: str) -> Iterator[Occasion]:
    lead = pack.settings.meeting_pack_before
    for meeting in meetings:
        due = working_day_on_or_before(pack, meeting - timedelta(days=lead))
        yield Occasion("meeting_pack", due, meeting, partner, None, None, None, -lead, last_day=meeting)


def _of_schedule(pack: Pack, group: str, cohort: int, first: date, last: date, known: Templates) -> Sequence[Occasion]:
    """What a group's schedule alone makes due within some days: the same for every Delivery Partner."""
    key = (group, cohort, first, last)
    if key not in known:
        found = list(_assessment_window(pack, "", group, cohort))
        for output in pack.outputs[group]:
            row = pack.schedule.get((group, cohort, output.number))
            if row is not None:
                found += _of_review(pack, "", row, first, last)
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


def _of_review(pack: Pack, partner: str, row: ScheduleRow, first: date, last: date) -> Iterator[Occasion]:
    settings = pack.settings
    make = _maker(partner, row.group, row.cohort, row.output)
    window_ends = row.review + timedelta(days=settings.window_days)
    for lead in settings.review_leads:
        due = working_day_on_or_before(pack, row.review - timedelta(days=lead))
        yield make("review_upcoming", due, row.review, -lead, last_day=row.review)
        if row.cohort in settings.self_report_cohorts:
            yield make("self_report", due, row.review, -lead, last_day=row.review)
    due = working_day_on_or_before(pack, row.review - timedelta(days=settings.papers_missing_before))
    yield make("papers_missing", due, row.review, -settings.papers_missing_before)
    after = [(settings.window_open_after, "window_open"), (settings.three_week_mark_after, "three_week_mark")]
    after += [(lead, "window_progress") for lead in settings.window_progress_after]
    for lead, key in after:
        due = working_day_on_or_after(pack, row.review + timedelta(days=lead))
        yield make(key, due, row.review, lead, last_day=None if key == "three_week_mark" else max(due, window_ends))
    for lead in _repeats(row.review, settings.contact_overdue_after, settings.contact_overdue_every, first, last):
        due = working_day_on_or_after(pack, row.review + timedelta(days=lead))
        yield make("contact_overdue", due, row.review, lead)
    notice = settings.invoice_working_days_before
    yield make("invoice_due", working_days_before(pack, row.invoice, notice), row.invoice, -notice)
    yield make("invoice_due", working_day_on_or_before(pack, row.invoice), row.invoice, 0)


def _stale_data(pack: Pack, partner: str, row: ScheduleRow, reports: Sequence[tuple[date, str]]) -> Iterator[Occasion]:
    """Once per report and review: the first day on which the report is too old and the review near (reading 28)."""
    settings = pack.settings
    make = _maker(partner, row.group, row.cohort, row.output)
    for (report, kind), following in zip_longest(reports, reports[1:]):
        newer = following[0] if following else None
        stale_on = max(
            report + timedelta(days=settings.stale_report_days + 1),
            row.review - timedelta(days=settings.stale_review_within),
        )
        if stale_on <= row.review and (newer is None or stale_on < newer):
            due = working_day_on_or_after(pack, stale_on)
            yield make(
                "stale_data", due, row.review, 0, detail=f"{report.isoformat()} {kind}", last_day=max(due, row.review)
            )


def _assessment_window(pack: Pack, partner: str, group: str, cohort: int) -> Iterator[Occasion]:
    window = pack.assessment_windows.get((group, cohort))
    completion = next((o.number for o in pack.outputs[group] if o.kind == "completion"), None)
    if window is None or completion is None:
        return
    make = _maker(partner, group, cohort, completion)
    middle = window.opens + (window.closes - window.opens) // 2
    for day, point in ((window.opens, OPENING), (middle, "middle")):
        due, lead = working_day_on_or_after(pack, day), (day - window.closes).days
        yield make("assessment_window", due, window.closes, lead, detail=point, last_day=max(due, window.closes))
    lead = -pack.settings.assessment_closing_before
    due = working_day_on_or_before(pack, window.closes + timedelta(days=lead))
    yield make("assessment_window", due, window.closes, lead, detail="closing", last_day=window.closes)


def _of_person(pack: Pack, person: Progress) -> Iterator[Occasion]:
    """What the extensions and deferrals of one participant make due."""
    settings = pack.settings
    make = _maker_for(pack, person)
    for extension in person.extensions:
        lead = settings.extension_ending_before
        due = working_day_on_or_before(pack, extension.until - timedelta(days=lead))
        yield make("extension_ending", due, extension.until, -lead, extension.output, extension.until)
        lead = settings.extension_lapsed_after
        due = working_day_on_or_after(pack, extension.until + timedelta(days=lead))
        yield make("extension_lapsed", due, extension.until, lead, extension.output)
    for deferral in person.deferrals:
        lead = settings.deferral_ending_before
        due = working_day_on_or_before(pack, deferral.until - timedelta(days=lead))
        for output in pack.outputs_of(person.course):
            yield make("deferral_ending", due, deferral.until, -lead, output.number)


def _of_proposals(pack: Pack, person: Progress, days: Sequence[date], first: date, last: date) -> Iterator[Occasion]:
    """Reminders of votes that are waited for, again and again from each day on which a side approved."""
    settings = pack.settings
    make = _maker_for(pack, person)
    for day in days:
        for lead in _repeats(day, settings.removal_votes_after, settings.removal_votes_every, first, last):
            due = working_day_on_or_after(pack, day + timedelta(days=lead))
            for output in pack.outputs_of(person.course):
                yield make("removal_votes_waiting", due, day, lead, output.number)


def _maker_for(pack: Pack, person: Progress) -> Callable[..., Occasion]:
    group = pack.courses[person.course].group

    def make(key: str, due: date, about: date, lead: int, output: int, last_day: date | None = None) -> Occasion:
        cohort = enrolment.cohort_on(person, due)
        return Occasion(key, due, about, person.delivery_partner, group, cohort, output, lead, last_day=last_day)

    return make


def _repeats(anchor: date, after: int, every: int, first: date, last: date) -> Iterator[int]:
    """The leads after, after + every, … whose shifted day could fall within the days asked about."""
    longest_shift = 10  # days: no run of weekends and bank holidays is longer
    lead = after
    gap = (first - anchor).days - longest_shift - after
    if gap > 0:
        lead += gap // every * every
    while anchor + timedelta(days=lead) <= last:
        yield lead
        lead += every


def _maker(partner: str, group: str, cohort: int, output: int) -> Callable[..., Occasion]:
    def make(
        key: str, due: date, about: date, lead: int, *, detail: str = "", last_day: date | None = None
    ) -> Occasion:
        return Occasion(key, due, about, partner, group, cohort, output, lead, detail, last_day)

    return make


def _report_days(reports: Iterable[tuple[int, str]]) -> list[tuple[date, str]]:
    """The days of the reports held for a group with their kinds, in order: a Declaration report by its period's end."""
    kinds: dict[int, str] = {}
    for day, kind in sorted(reports):
        kinds[day] = f"{kinds[day]} and {kind}" if day in kinds else kind
    return [(date.fromordinal(day), kind) for day, kind in kinds.items()]


def stale_report(occasion: Occasion) -> tuple[date, str]:
    """The day and the kind of the report that a stale-data message is about."""
    day, _, kind = occasion.detail.partition(" ")
    return date.fromisoformat(day), kind
