"""What the verdicts need of one participant, as one small record of whole numbers: the progress record.

It holds facts only, folded by day: nothing in it was judged, so it is good for any day that is asked about. The same fold
makes it from a loaded participant and from the rows that an import has just written (`core.records.progress`).

Days are proleptic Gregorian ordinals (`date.toordinal`), 0 where there is none. Percentages are millionths, rounded down:
that keeps every comparison with a threshold of up to six decimals exact.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from core.rules.facts import (
    NOTHING_DECIDED,
    Contact,
    Decided,
    Declaration,
    Deferral,
    Extension,
    Participant,
    RemovalVote,
    Resumption,
)
from reference.pack import Pack

ATTENDED = frozenset({"attended", "completed"})  # R13: equivalent
EVENT_TYPES = ("f2f", "live_webinar")
NOT_DECLARED = frozenset({"voided", "ineligible", "clawed_back"})  # reading 17
ACCEPTED = "accepted"  # R7
KINDS = ("activities", "declaration_report", "engagement_report", "register", "videos", "assessments")

_TRAINING = ("active", "deferred", "withdrawn")
_MODERATION = (None, "done", "not_sampled", "pending")
_MILLION = 1_000_000
_NONE = -1  # a number that is not known
_ELSE, _UNIT, _TASK, _OWN = range(
    4
)  # what a row of the activity log is: a self-study unit, a task, a self-reported event
_COVERED, _CONFIRMED = 2, 4  # added to the kind of event: a missed session was covered another way (R14)

# The sections of a record and how many columns each has. It begins with where each section starts, and where the last ends.
_PERSON, _DECLARED, _CREDITS, _STUDY, _TASKS, _SELF_REPORTS, _ATTENDED, _UNMARKED, _SESSIONS, _MADE_UP = range(10)
_VIDEOS, _PERIODS, _RUNS, _ASSESSMENT = range(10, 14)
_WIDTHS = (1, 3, 2, 2, 2, 2, 2, 2, 2, 2, 3, 5, 3, 1)
_HEAD = len(_WIDTHS) + 1
_STATUS, _IS_ACCEPTED, _CONTRACT, _SPONSORSHIP, _HAS_LOG, _KINDS = range(_HEAD, _HEAD + 6)


class Days(NamedTuple):
    """Days on which something happened, in order, and a running total (or another figure) for each: a part of a record."""

    facts: Sequence[int]
    start: int  # where the days begin
    middle: int  # where they end and their totals begin

    @property
    def days(self) -> Sequence[int]:
        """The days alone."""
        return self.facts[self.start : self.middle]

    @property
    def totals(self) -> Sequence[int]:
        """The figure for each day."""
        return self.facts[self.middle : 2 * self.middle - self.start]

    @property
    def total(self) -> int:
        """The running total over all days."""
        return self.facts[2 * self.middle - self.start - 1] if self.middle > self.start else 0

    def count_until(self, day: int) -> int:
        """How many of the days lie up to and including a day."""
        return bisect_right(self.facts, day, self.start, self.middle) - self.start

    def until(self, day: int) -> int:
        """The running total up to and including a day."""
        facts, start, middle = self
        place = bisect_right(facts, day, start, middle)
        return facts[place - 1 + middle - start] if place > start else 0

    def first_within(self, after: int, until: int) -> int:
        """The first of the days in `(after, until]`, 0 when there is none."""
        facts, start, middle = self
        place = bisect_right(facts, after, start, middle)
        return facts[place] if place < middle and facts[place] <= until else 0

    def sum_within(self, after: int, until: int) -> int:
        """The total over `(after, until]`."""
        return max(0, self.until(until) - self.until(after))


class Period(NamedTuple):
    """A row of the Declaration report. `self_study` and `cumulative` are -1 where the report does not say."""

    start: int
    end: int
    credits: int
    self_study: int
    cumulative: int


class Run(NamedTuple):
    """A row of the Engagement report. `percent` in millionths; `cumulative` is -1 where the report does not say."""

    on: int
    percent: int
    cumulative: int


class View(NamedTuple):
    """How much of a block's video had been watched on a day, in millionths."""

    on: int
    block: int
    percent: int


class Tracked(NamedTuple):
    """The assessment as the lead provider tracks it; days are 0 where there is none."""

    submitted: int
    marked: int
    moderated: int
    external: str | None
    copies: bool | None
    result: bool  # whether one is held: passed or failed


class Attended(NamedTuple):
    """An attended session by the day that governs it, and how it was attended."""

    day: int
    event_type: str
    covered: bool  # another way than by being there (R14)
    confirmed: bool


@dataclass(slots=True, eq=False)
class Progress:
    """One participant's record, with whose it is, what was decided, and which files were imported for their group."""

    id: str
    delivery_partner: str
    course: str  # code
    cohort: int  # the file's
    facts: Sequence[int] = field(repr=False)
    imported: frozenset[str] = frozenset()
    decided: Decided = NOTHING_DECIDED

    @property
    def kinds(self) -> int:
        """Of which kinds of file any row is stored for this participant, as bits in the order of `KINDS`."""
        return self.facts[_KINDS]

    @property
    def training_status(self) -> str:
        """The file's: `active`, `deferred` or `withdrawn`."""
        return _TRAINING[self.facts[_STATUS]]

    @property
    def accepted(self) -> bool:
        """R7, reading 11: a blank application status counts as accepted."""
        return self.facts[_IS_ACCEPTED] == 1

    @property
    def papers(self) -> tuple[int, int]:
        """When the school contract and the sponsorship agreement came back; 0 where one has not."""
        return self.facts[_CONTRACT], self.facts[_SPONSORSHIP]

    @property
    def has_log(self) -> bool:
        """Whether there is any row of the activity log."""
        return self.facts[_HAS_LOG] == 1

    @property
    def declared(self) -> bool:
        """Whether any declaration counts, whenever it was made."""
        return self.facts[_DECLARED] != self.facts[_CREDITS]

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """Extensions in the order they were recorded."""
        return self.decided.extensions

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Contacts in the order they were recorded."""
        return self.decided.contacts

    @property
    def deferrals(self) -> tuple[Deferral, ...]:
        """Deferrals in the order they were recorded."""
        return self.decided.deferrals

    @property
    def resumptions(self) -> tuple[Resumption, ...]:
        """Returns from deferral in the order they were recorded."""
        return self.decided.resumptions

    @property
    def removal_votes(self) -> tuple[RemovalVote, ...]:
        """Votes on removal in the order they were recorded."""
        return self.decided.removal_votes

    def declarations(self) -> list[Declaration]:
        """The declarations that count, the latest first."""
        facts = self.facts
        start, end = facts[_DECLARED], facts[_CREDITS]
        count = (end - start) // 3
        return [
            Declaration(
                facts[place + count],
                date.fromordinal(facts[place]),
                date.fromordinal(cutoff) if (cutoff := facts[place + 2 * count]) else None,
                "submitted",
            )
            for place in range(start, start + count)
        ]

    def credits(self) -> Days:
        """Credits of the activity log, by day."""
        return self._days(_CREDITS)

    def study(self) -> Days:
        """Self-study credits of the activity log, Micro Implementation Tasks left out."""
        return self._days(_STUDY)

    def tasks(self) -> Days:
        """Credits for Micro Implementation Tasks: as the only self-study credit they need a person (R16)."""
        return self._days(_TASKS)

    def self_reports(self) -> Days:
        """Training events that they logged themselves, one entry for each row (R11, R33)."""
        return self._days(_SELF_REPORTS)

    def attended_days(self) -> Days:
        """The days that govern attended sessions, in order (R13, readings 8 and 24)."""
        return self._days(_ATTENDED)

    def attended(self) -> list[Attended]:
        """Attended sessions, in order."""
        held = self._days(_ATTENDED)
        return [
            Attended(day, EVENT_TYPES[how & 1], bool(how & _COVERED), bool(how & _CONFIRMED))
            for day, how in zip(held.days, held.totals, strict=True)
        ]

    def unmarked(self) -> Days:
        """Sessions they were booked on whose register nobody has marked yet (R9)."""
        return self._days(_UNMARKED)

    def sessions(self) -> Days:
        """Every session they are on the register of: its day, and the day that governs it."""
        return self._days(_SESSIONS)

    def made_up(self) -> Days:
        """Missed sessions that were covered another way, by the day on which they were, with how many by then."""
        return self._days(_MADE_UP)

    def views(self) -> list[View]:
        """How much of the videos was watched, in the order of days."""
        return [View(*view) for view in zip(*self._columns(_VIDEOS), strict=True)]

    def periods(self) -> list[Period]:
        """The Declaration report's rows, by the start of the period."""
        return [Period(*period) for period in zip(*self._columns(_PERIODS), strict=True)]

    def runs(self) -> list[Run]:
        """The Engagement report's rows, in the order of days."""
        return [Run(*run) for run in zip(*self._columns(_RUNS), strict=True)]

    @property
    def has_periods(self) -> bool:
        """Whether there is any row of the Declaration report."""
        return self.facts[_PERIODS] != self.facts[_RUNS]

    @property
    def has_reports(self) -> bool:
        """Whether there is any row of either report."""
        return self.facts[_PERIODS] != self.facts[_ASSESSMENT]

    def assessment(self) -> Tracked | None:
        """The assessment record, None when there is none."""
        row = self._columns(_ASSESSMENT)[0]
        if not row:
            return None
        submitted, marked, moderated, external, copies, result = row
        held = None if copies == _NONE else bool(copies)
        return Tracked(submitted, marked, moderated, _MODERATION[external], held, bool(result))

    def _days(self, section: int) -> Days:
        facts = self.facts
        start = facts[section]
        return Days(facts, start, (start + facts[section + 1]) // 2)

    def _columns(self, section: int) -> list[Sequence[int]]:
        facts, width = self.facts, _WIDTHS[section]
        start, end = facts[section], facts[section + 1]
        each = (end - start) // width
        return [facts[start + each * number : start + each * (number + 1)] for number in range(width)]


# ---- the fold


Day = date | str | None  # a date, or as a database keeps it: ISO text
Share = Decimal | str


class Rows(NamedTuple):
    """One participant's facts as plain rows, the input of the fold; each row begins with something that is not looked at."""

    person: tuple[str, str | None, Day, Day]  # training_status, application_status, contract, sponsorship
    activities: Sequence[tuple[Any, Day, int, str, str, str]] = ()  # completed_on, credits, component, title, logged_by
    # period_start, period_end, credits, self_study_credits, cumulative_credits
    periods: Sequence[tuple[Any, Day, Day, int, int | None, int | None]] = ()
    runs: Sequence[tuple[Any, Day, Share, int | None]] = ()  # run_on, percent_complete, cumulative_credits
    # event_id, event_type, event_date, status, contingency, contingency_on, confirmed_by
    register: Sequence[tuple[Any, str, str, Day, str, str | None, Day, str | None]] = ()
    videos: Sequence[tuple[Any, Day, int, Share]] = ()  # viewed_on, block, percent_viewed
    # submitted_on, marked_on, moderated_on, external_moderation, copies_held, result
    assessments: Sequence[tuple[Any, Day, Day, Day, str | None, bool | None, str | None]] = ()
    declarations: Sequence[tuple[Any, Day, int, Day, str]] = ()  # declared_on, output, evidence_cutoff, state
    marked: Container[
        str
    ] = ()  # of the events on which they are booked: those on whose register anybody has a mark (R9)


class _Numbers(dict[Any, int]):
    """Remembers the number of each value it was asked for."""

    def __init__(self, number: Callable[[Any], int]) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, value: Any) -> int:
        number = self[value] = self._number(value)
        return number


class Fold:
    """Folds rows into records by a pack's words for self-study, micro tasks and training events."""

    def __init__(self, pack: Pack) -> None:
        settings = pack.settings
        self._study = settings.self_study_component.casefold()
        self._event = settings.training_event_component.casefold()
        self._task = settings.human_check_prefix.casefold()
        self._sorts: dict[tuple[str, str, str], int] = {}
        self._days = _Numbers(_ordinal)
        self._shares = _Numbers(_millionths)

    @property
    def basis(self) -> str:
        """What a record rests on beyond the facts: records of another basis are folded again."""
        return f"1|{self._study}|{self._event}|{self._task}"

    def record(self, rows: Rows) -> bytes:
        """The record of these rows."""
        days, shares = self._days, self._shares
        sections = (
            self._person(rows),
            self._declared(rows),
            *self._log(rows),
            *self._register(rows),
            _by_column(sorted((days[on], block, shares[percent]) for _, on, block, percent in rows.videos), 3),
            _by_column(
                sorted(
                    (days[start], days[end], credits, _known(study), _known(total))
                    for _, start, end, credits, study, total in rows.periods
                ),
                5,
            ),
            _by_column(sorted((days[on], shares[percent], _known(total)) for _, on, percent, total in rows.runs), 3),
            self._tracked(rows),
        )
        numbers: list[int] = []
        place = _HEAD
        for section in sections:
            numbers.append(place)
            place += len(section)
        numbers.append(place)
        for section in sections:
            numbers += section
        return array("i", numbers).tobytes()

    def _person(self, rows: Rows) -> list[int]:
        training, application, contract, sponsorship = rows.person
        accepted = not application or application.casefold() == ACCEPTED
        held = (rows.activities, rows.periods, rows.runs, rows.register, rows.videos, rows.assessments)
        kinds = sum(1 << number for number, some in enumerate(held) if some)
        returned = self._days[contract], self._days[sponsorship]
        return [_TRAINING.index(training), int(accepted), *returned, int(bool(rows.activities)), kinds]

    def _declared(self, rows: Rows) -> list[int]:
        days = self._days
        live = [
            (days[on], output, days[cutoff])
            for _, on, output, cutoff, state in rows.declarations
            if state not in NOT_DECLARED
        ]
        return _by_column(sorted(live, reverse=True), 3)

    def _log(self, rows: Rows) -> tuple[list[int], ...]:
        """The activity log by day: all credits, those of self-study units, of tasks, and self-reported events."""
        every: dict[int, int] = {}
        study: dict[int, int] = {}
        tasks: dict[int, int] = {}
        own: list[tuple[int, int]] = []
        days, sorts = self._days, self._sorts
        for _, on, credits, component, title, logged_by in rows.activities:
            day = days[on]
            every[day] = every.get(day, 0) + credits
            sort = sorts.get((component, title, logged_by))
            if sort is None:
                sort = sorts[component, title, logged_by] = self._sort(component, title, logged_by)
            if sort == _OWN:
                own.append((day, credits))
            elif sort and credits:
                into = study if sort == _UNIT else tasks
                into[day] = into.get(day, 0) + credits
        return tuple(_running(sorted(some)) for some in (every.items(), study.items(), tasks.items(), own))

    def _register(self, rows: Rows) -> tuple[list[int], ...]:
        """Attended sessions with how, unmarked ones, every session with the day that governs it, and those made up for."""
        attended: list[tuple[int, str, int]] = []
        unmarked: list[tuple[int, int]] = []
        sessions: list[tuple[int, int]] = []
        made_up: list[tuple[int, int]] = []
        for _, event_id, event_type, event_date, status, contingency, contingency_on, confirmed_by in rows.register:
            on = self._days[event_date]
            engaged = self._days[contingency_on] if contingency is not None else 0
            sessions.append((on, engaged or on))
            if contingency is not None:
                made_up.append((engaged or on, 1))
            if status in ATTENDED and event_type in EVENT_TYPES:
                how = EVENT_TYPES.index(event_type)
                if contingency is not None:
                    how |= _COVERED | (_CONFIRMED if engaged and confirmed_by is not None else 0)
                attended.append((engaged or on, event_id, how))
            elif status == "booked" and event_id not in rows.marked:
                unmarked.append((on, 1))
        days_attended = [(day, how) for day, _, how in sorted(attended)]
        return (
            _by_column(days_attended, 2),
            _running(sorted(unmarked)),
            _by_column(sorted(sessions), 2),
            _running(sorted(made_up)),
        )

    def _tracked(self, rows: Rows) -> list[int]:
        if not rows.assessments:
            return []
        _, submitted, marked, moderated, external, copies, result = rows.assessments[0]
        days = [self._days[day] for day in (submitted, marked, moderated)]
        held = _NONE if copies is None else int(copies)
        return [*days, _MODERATION.index(external), held, int(result is not None)]

    def _sort(self, component: str, title: str, logged_by: str) -> int:
        name = component.casefold()
        if name == self._study:
            return _TASK if title.casefold().startswith(self._task) else _UNIT
        return _OWN if name == self._event and logged_by == "self_report" else _ELSE


def rows_of(person: Participant) -> Rows:
    """A loaded participant's facts as the fold takes them."""
    seen = person.assessment
    return Rows(
        (
            person.training_status,
            person.application_status,
            person.contract_returned_on,
            person.sponsorship_returned_on,
        ),
        [(None, a.completed_on, a.credits, a.component, a.title, a.logged_by) for a in person.activities],
        [
            (None, r.period_start, r.period_end, r.credits, r.self_study_credits, r.cumulative_credits)
            for r in person.declaration_reports
        ],
        [(None, r.run_on, r.percent_complete, r.cumulative_credits) for r in person.engagement_reports],
        [
            (None, e.event_id, e.event_type, e.event_date, e.status, e.contingency, e.contingency_on, e.confirmed_by)
            for e in person.register
        ],
        [(None, v.viewed_on, v.block, v.percent) for v in person.videos],
        []
        if seen is None
        else [
            (
                None,
                seen.submitted_on,
                seen.marked_on,
                seen.moderated_on,
                seen.external_moderation,
                seen.copies_held,
                seen.result,
            )
        ],
        [(None, d.declared_on, d.output, d.evidence_cutoff, d.state) for d in person.declarations],
        {entry.event_id for entry in person.register if entry.event_marked},
    )


def unpacked(record: bytes) -> memoryview:
    """A stored record's numbers, each read when it is asked for."""
    return memoryview(record).cast("i")


def kinds_in(record: bytes) -> int:
    """Of which kinds of file a stored record holds any row, as bits in the order of `KINDS`."""
    return unpacked(record)[_KINDS]


def progress_of(pack: Pack, person: Participant) -> Progress:
    """The record of a loaded participant."""
    decided = Decided(person.extensions, person.contacts, person.deferrals, person.resumptions, person.removal_votes)
    if decided == NOTHING_DECIDED:
        decided = NOTHING_DECIDED  # the very one: it is looked for
    facts = unpacked(Fold(pack).record(rows_of(person)))
    return Progress(person.id, person.delivery_partner, person.course, person.cohort, facts, person.imported, decided)


def share(millionths: int) -> Decimal:
    """A percentage of a record as a decimal."""
    return Decimal(millionths) / _MILLION


def millionths(share: Decimal) -> int:
    """A threshold as records hold percentages; exact up to six decimals."""
    return _millionths(share)


def _millionths(percent: Share) -> int:
    return int(Decimal(percent) * _MILLION)


def _ordinal(day: Day) -> int:
    if day is None:
        return 0
    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()


def _known(figure: int | None) -> int:
    return _NONE if figure is None else figure


def _running(dated: Iterable[tuple[int, int]]) -> list[int]:
    days: list[int] = []
    totals: list[int] = []
    total = 0
    for day, amount in dated:
        total += amount
        days.append(day)
        totals.append(total)
    return days + totals


def _by_column(rows: Sequence[Sequence[int]], width: int) -> list[int]:
    return [row[number] for number in range(width) for row in rows]
