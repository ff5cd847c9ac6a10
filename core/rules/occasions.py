"""When a message may be due ("When messages are due", readings 19-22 and 28): days only, no people judged yet.

Derived from the pack and the facts each time it is asked, never stored as a timer: a moved date needs no special case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest
from typing import NamedTuple

from core.rules import enrolment
from core.rules.calendar import working_day_on_or_after, working_day_on_or_before, working_days_before
from core.rules.facts import NOTHING_DECIDED
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


DECLARATION, ENGAGEMENT = "Declaration", "Engagement"  # the kinds of report, as messages name them
OPENING = "opening"  # the detail of an assessment window's first message


@dataclass(frozen=True, slots=True)
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
    last_day: date | None = None  # after this day it would no longer be true, so it never goes out late

    @property
    def series(self) -> str:
        """Occasions of one series replace each other: the newest due one is sent, older unsent ones are superseded."""
        chain = CHAINS.get(self.key, self.key)
        return "|".join(str(part) for part in (chain, *self._group, self.about.isoformat()))

    @property
    def identity(self) -> str:
        """Who, what, about which date: the same message whatever day it is planned on."""
        parts = (self.key, *self._group, self.about.isoformat(), self.lead, self.detail)
        return "|".join(str(part) for part in parts)

    @property
    def _group(self) -> tuple[str | int, ...]:
        return (self.delivery_partner, self.course_group or "-", self.cohort or 0, self.output or 0)


class Part(NamedTuple):
    """What one participant adds to when their Delivery Partner's messages may be due."""

    group: str  # of courses
    cohorts: tuple[int, ...]
    reports: tuple[tuple[int, str], ...]  # the day (ordinal) and kind of each report that they are in
    decided: Progress | None  # themselves, where anything was decided about them


def part_of(pack: Pack, person: Progress) -> Part:
    """A participant's part."""
    group = pack.courses[person.course].group
    reports: tuple[tuple[int, str], ...] = ()
    if person.has_reports:
        reports = (*((p.end, DECLARATION) for p in person.periods()), *((r.on, ENGAGEMENT) for r in person.runs()))
    if person.decided is NOTHING_DECIDED:
        return Part(group, (person.cohort,), reports, None)
    moved_to = {r.cohort for r in person.resumptions if r.cohort is not None}
    return Part(group, tuple(sorted({person.cohort, *moved_to})), reports, person)


Templates = dict[tuple[str, int, date, date], Sequence[Occasion]]  # by group, cohort and the days asked about


def occasions(
    pack: Pack,
    parts: Iterable[Part],
    meetings: Iterable[date],
    partner: str,
    first: date,
    last: date,
    templates: Templates | None = None,
) -> list[Occasion]:
    """One Delivery Partner's occasions that are due on a day from `first` to `last`, both included, in order.

    `parts` are of that partner's participants. An occasion may turn out to concern nobody: `reminders.remind` tells.
    Whoever asks about many partners hands in the same `templates` each time.
    """
    known = {} if templates is None else templates
    found = set(_all(pack, parts, meetings, partner, first, last, known))
    return sorted(
        (o for o in found if first <= o.due_on <= last),
        key=lambda o: (o.due_on, o.key, o.course_group or "", o.cohort or 0, o.output or 0, o.lead, o.about),
    )


def _all(
    pack: Pack,
    parts: Iterable[Part],
    meetings: Iterable[date],
    partner: str,
    first: date,
    last: date,
    known: Templates,
) -> Iterator[Occasion]:
    for meeting in meetings:
        lead = pack.settings.meeting_pack_before
        due = working_day_on_or_before(pack, meeting - timedelta(days=lead))
        yield Occasion("meeting_pack", due, meeting, partner, None, None, None, -lead, last_day=meeting)
    reports: dict[tuple[str, int], set[tuple[int, str]]] = {}
    for group, cohorts, theirs, person in parts:
        for cohort in cohorts:
            if (group, cohort) not in reports:
                reports[group, cohort] = set()
            if theirs:
                reports[group, cohort].update(theirs)
        if person is not None:
            yield from _of_person(pack, partner, person, first, last)
    for group, cohort in sorted(reports):
        for template in _of_schedule(pack, group, cohort, first, last, known):
            yield replace(template, delivery_partner=partner)
        days = _report_days(reports[group, cohort])
        for output in pack.outputs[group] if days else ():
            row = pack.schedule.get((group, cohort, output.number))
            if row is not None:
                yield from _stale_data(pack, partner, row, days)


def _of_schedule(pack: Pack, group: str, cohort: int, first: date, last: date, known: Templates) -> Sequence[Occasion]:
    """What a group's schedule alone makes due within some days: the same for every Delivery Partner."""
    key = (group, cohort, first, last)
    if key not in known:
        found = list(_assessment_window(pack, "", group, cohort))
        for output in pack.outputs[group]:
            row = pack.schedule.get((group, cohort, output.number))
            if row is not None:
                found += _of_review(pack, "", row, first, last)
        known[key] = [occasion for occasion in found if first <= occasion.due_on <= last]
    return known[key]


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
        yield make(key, due, row.review, lead, last_day=None if key == "three_week_mark" else window_ends)
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
        yield make("assessment_window", due, window.closes, lead, detail=point, last_day=window.closes)
    lead = -pack.settings.assessment_closing_before
    due = working_day_on_or_before(pack, window.closes + timedelta(days=lead))
    yield make("assessment_window", due, window.closes, lead, detail="closing", last_day=window.closes)


def _of_person(pack: Pack, partner: str, person: Progress, first: date, last: date) -> Iterator[Occasion]:
    settings = pack.settings
    group = pack.courses[person.course].group

    def make(key: str, due: date, about: date, lead: int, output: int, last_day: date | None = None) -> Occasion:
        cohort = enrolment.cohort_on(person, due)
        return Occasion(key, due, about, partner, group, cohort, output, lead, last_day=last_day)

    for extension in person.extensions:
        lead = settings.extension_ending_before
        due = working_day_on_or_before(pack, extension.until - timedelta(days=lead))
        yield make("extension_ending", due, extension.until, -lead, extension.output, extension.until)
        lead = settings.extension_lapsed_after
        due = working_day_on_or_after(pack, extension.until + timedelta(days=lead))
        yield make("extension_lapsed", due, extension.until, lead, extension.output)
    outputs = [o.number for o in pack.outputs[group]]
    for deferral in person.deferrals:
        lead = settings.deferral_ending_before
        due = working_day_on_or_before(pack, deferral.until - timedelta(days=lead))
        for output in outputs:
            yield make("deferral_ending", due, deferral.until, -lead, output)
    for vote in person.removal_votes:
        if vote.decision == "approve":
            for lead in _repeats(
                vote.decided_on, settings.removal_votes_after, settings.removal_votes_every, first, last
            ):
                due = working_day_on_or_after(pack, vote.decided_on + timedelta(days=lead))
                for output in outputs:
                    yield make("removal_votes_waiting", due, vote.decided_on, lead, output)


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
