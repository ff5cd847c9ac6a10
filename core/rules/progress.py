"""What the verdicts need of one participant, as one small record of whole numbers: the progress record.

It holds facts only, folded by day: nothing in it was judged, so it is good for any day that is asked about. The same fold
makes it from a loaded participant and from the rows that an import has just written (`core.records.progress`).

Days are proleptic Gregorian ordinals (`date.toordinal`), 0 where there is none. Percentages are millionths, rounded down:
that keeps every comparison with a threshold of up to six decimals exact.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

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

# The sections of a record and how many columns each has. It begins with where each section starts, and where the last ends.
_PERSON, _DECLARED, _CREDITS, _STUDY, _TASKS, _SELF_REPORTS, _ATTENDED, _UNMARKED, _SESSIONS, _VIDEOS = range(10)
_PERIODS, _RUNS, _ASSESSMENT = range(10, 13)
_WIDTHS = (1, 3, 2, 2, 2, 2, 2, 2, 2, 3, 5, 3, 1)
_HEAD = len(_WIDTHS) + 1
_STATUS, _IS_ACCEPTED, _CONTRACT, _SPONSORSHIP, _HAS_LOG, _KINDS = range(_HEAD, _HEAD + 6)


class Days(NamedTuple):
    """Days on which something happened, in order, and a running total (or another figure) for each."""

    days: Sequence[int]
    totals: Sequence[int]

    def until(self, day: int) -> int:
        """The running total up to and including a day."""
        place = bisect_right(self.days, day)
        return self.totals[place - 1] if place else 0

    def first_within(self, after: int, until: int) -> int:
        """The first of the days in `(after, until]`, 0 when there is none."""
        place = bisect_right(self.days, after)
        return self.days[place] if place < len(self.days) and self.days[place] <= until else 0

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


@dataclass(frozen=True, slots=True)
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
        return [
            Declaration(output, date.fromordinal(on), date.fromordinal(cutoff) if cutoff else None, "submitted")
            for on, output, cutoff in zip(*self._columns(_DECLARED), strict=True)
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

    def attended_days(self) -> Sequence[int]:
        """The days that govern attended sessions, in order (R13, readings 8 and 24)."""
        return self._days(_ATTENDED).days

    def attended(self) -> list[Attended]:
        """Attended sessions, in order."""
        return [
            Attended(day, EVENT_TYPES[how & 1], bool(how & 2), bool(how & 4))
            for day, how in zip(*self._days(_ATTENDED), strict=True)
        ]

    def unmarked(self) -> Days:
        """Sessions they were booked on whose register nobody has marked yet (R9)."""
        return self._days(_UNMARKED)

    def sessions(self) -> Days:
        """Every session they are on the register of: its day, and the day that governs it."""
        return self._days(_SESSIONS)

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
        start, end = facts[section], facts[section + 1]
        middle = (start + end) // 2
        return Days(facts[start:middle], facts[middle:end])

    def _columns(self, section: int) -> list[Sequence[int]]:
        facts, width = self.facts, _WIDTHS[section]
        start, end = facts[section], facts[section + 1]
        each = (end - start) // width
        return [facts[start + each * number : start + each * (number + 1)] for number in range(width)]


# ---- the fold


class Rows(NamedTuple):
    """One participant's facts as plain rows, each in the order named; the input of the fold. Days are ordinals."""

    person: tuple[str, str | None, int, int]  # training_status, application_status, contract, sponsorship
    activities: Sequence[tuple[int, int, str, str, str]] = ()  # completed_on, credits, component, title, logged_by
    periods: Sequence[tuple[int, int, int, int | None, int | None]] = ()  # as `Period`
    runs: Sequence[tuple[int, Decimal, int | None]] = ()  # run_on, percent_complete, cumulative_credits
    # event_id, event_type, event_date, status, event_marked, contingency, contingency_on, whether it was confirmed
    register: Sequence[tuple[str, str, int, str, bool, str | None, int, bool]] = ()
    videos: Sequence[tuple[int, int, Decimal]] = ()  # viewed_on, block, percent_viewed
    # submitted_on, marked_on, moderated_on, external_moderation, copies_held, result
    assessment: tuple[int, int, int, str | None, bool | None, str | None] | None = None
    declarations: Sequence[tuple[int, int, int, str]] = ()  # declared_on, output, evidence_cutoff, state


class Fold:
    """Folds rows into records by a pack's words for self-study, micro tasks and training events."""

    def __init__(self, pack: Pack) -> None:
        settings = pack.settings
        self._study = settings.self_study_component.casefold()
        self._event = settings.training_event_component.casefold()
        self._task = settings.human_check_prefix.casefold()
        self._sorts: dict[tuple[str, str, str], int] = {}

    @property
    def basis(self) -> str:
        """What a record rests on beyond the facts: records of another basis are folded again."""
        return f"1|{self._study}|{self._event}|{self._task}"

    def record(self, rows: Rows) -> bytes:
        """The record of these rows."""
        sections = (
            self._person(rows),
            _declared(rows.declarations),
            *self._log(rows.activities),
            *_register(rows.register),
            _by_column(sorted((on, block, _millionths(percent)) for on, block, percent in rows.videos), 3),
            _by_column(sorted((*p[:3], *(_NONE if f is None else f for f in p[3:])) for p in rows.periods), 5),
            _by_column(
                sorted((on, _millionths(share), _NONE if sum_ is None else sum_) for on, share, sum_ in rows.runs), 3
            ),
            _tracked(rows.assessment),
        )
        place = _HEAD
        head = array("i")
        for section in sections:
            head.append(place)
            place += len(section)
        head.append(place)
        for section in sections:
            head.extend(section)
        return head.tobytes()

    def _person(self, rows: Rows) -> list[int]:
        training, application, contract, sponsorship = rows.person
        accepted = not application or application.casefold() == ACCEPTED
        held = (rows.activities, rows.periods, rows.runs, rows.register, rows.videos, rows.assessment)
        kinds = sum(1 << number for number, some in enumerate(held) if some)
        return [_TRAINING.index(training), int(accepted), contract, sponsorship, int(bool(rows.activities)), kinds]

    def _log(self, activities: Sequence[tuple[int, int, str, str, str]]) -> tuple[list[int], ...]:
        """The activity log by day: all credits, those of self-study units, of tasks, and self-reported events."""
        every: dict[int, int] = {}
        study: dict[int, int] = {}
        tasks: dict[int, int] = {}
        own: list[tuple[int, int]] = []
        sorts = self._sorts
        for day, credits, component, title, logged_by in activities:
            every[day] = every.get(day, 0) + credits
            sort = sorts.get((component, title, logged_by))
            if sort is None:
                sort = sorts[component, title, logged_by] = self._sort(component, title, logged_by)
            if sort and (credits or sort == 3):
                if sort == 1:
                    study[day] = study.get(day, 0) + credits
                elif sort == 2:
                    tasks[day] = tasks.get(day, 0) + credits
                else:
                    own.append((day, credits))
        return (
            _running(sorted(every.items())),
            _running(sorted(study.items())),
            _running(sorted(tasks.items())),
            _running(sorted(own)),
        )

    def _sort(self, component: str, title: str, logged_by: str) -> int:
        name = component.casefold()
        if name == self._study:
            return 2 if title.casefold().startswith(self._task) else 1
        return 3 if name == self._event and logged_by == "self_report" else 0


def rows_of(person: Participant) -> Rows:
    """A loaded participant's facts as the fold takes them."""
    assessment = person.assessment
    return Rows(
        (
            person.training_status,
            person.application_status,
            _number(person.contract_returned_on),
            _number(person.sponsorship_returned_on),
        ),
        [(a.completed_on.toordinal(), a.credits, a.component, a.title, a.logged_by) for a in person.activities],
        [
            (
                r.period_start.toordinal(),
                r.period_end.toordinal(),
                r.credits,
                r.self_study_credits,
                r.cumulative_credits,
            )
            for r in person.declaration_reports
        ],
        [(r.run_on.toordinal(), r.percent_complete, r.cumulative_credits) for r in person.engagement_reports],
        [
            (
                e.event_id,
                e.event_type,
                e.event_date.toordinal(),
                e.status,
                e.event_marked,
                e.contingency,
                _number(e.contingency_on),
                e.confirmed_by is not None,
            )
            for e in person.register
        ],
        [(v.viewed_on.toordinal(), v.block, v.percent) for v in person.videos],
        None
        if assessment is None
        else (
            _number(assessment.submitted_on),
            _number(assessment.marked_on),
            _number(assessment.moderated_on),
            assessment.external_moderation,
            assessment.copies_held,
            assessment.result,
        ),
        [(d.declared_on.toordinal(), d.output, _number(d.evidence_cutoff), d.state) for d in person.declarations],
    )


def progress_of(pack: Pack, person: Participant) -> Progress:
    """The record of a loaded participant."""
    decided = Decided(person.extensions, person.contacts, person.deferrals, person.resumptions, person.removal_votes)
    facts = memoryview(Fold(pack).record(rows_of(person))).cast("i")
    return Progress(person.id, person.delivery_partner, person.course, person.cohort, facts, person.imported, decided)


def share(millionths: int) -> Decimal:
    """A percentage of a record as a decimal."""
    return Decimal(millionths) / _MILLION


def millionths(share: Decimal) -> int:
    """A threshold as records hold percentages; exact up to six decimals."""
    return _millionths(share)


def _millionths(percent: Decimal) -> int:
    return int(percent * _MILLION)


def _number(day: date | None) -> int:
    return 0 if day is None else day.toordinal()


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


def _declared(declarations: Sequence[tuple[int, int, int, str]]) -> list[int]:
    live = sorted(
        ((on, output, cutoff) for on, output, cutoff, state in declarations if state not in NOT_DECLARED), reverse=True
    )
    return _by_column(live, 3)


def _register(
    register: Sequence[tuple[str, str, int, str, bool, str | None, int, bool]],
) -> tuple[list[int], list[int], list[int]]:
    """Attended sessions with how, unmarked ones, and every session with the day that governs it."""
    attended: list[tuple[int, str, int]] = []
    unmarked: list[tuple[int, int]] = []
    sessions: list[tuple[int, int]] = []
    for event_id, event_type, on, status, marked, contingency, contingency_on, confirmed in register:
        governs = contingency_on if contingency is not None and contingency_on else on
        sessions.append((on, governs))
        if status in ATTENDED and event_type in EVENT_TYPES:
            how = EVENT_TYPES.index(event_type)
            if contingency is not None:
                how |= 2 | (4 if contingency_on and confirmed else 0)
            attended.append((governs, event_id, how))
        elif status == "booked" and not marked:
            unmarked.append((on, 1))
    days_attended = [(day, how) for day, _, how in sorted(attended)]
    return _by_column(days_attended, 2), _running(sorted(unmarked)), _by_column(sorted(sessions), 2)


def _tracked(row: tuple[int, int, int, str | None, bool | None, str | None] | None) -> list[int]:
    if row is None:
        return []
    submitted, marked, moderated, external, copies, result = row
    held = _NONE if copies is None else int(copies)
    return [submitted, marked, moderated, _MODERATION.index(external), held, int(result is not None)]
