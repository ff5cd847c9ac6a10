"""What the verdicts need of one participant, as one small record of whole numbers: the progress record.

It holds facts only, folded by day: nothing in it was judged, so it is good for any day that is asked about. `core.rules.folding`
makes it.

Days are proleptic Gregorian ordinals (`date.toordinal`), 0 where there is none. Percentages are millionths, rounded down:
that keeps every comparison with a threshold of up to six decimals exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from core.rules.facts import (
    NOTHING_DECIDED,
    Contact,
    Decided,
    Declaration,
    Deferral,
    Extension,
    RemovalVote,
    Resumption,
)

ATTENDED = frozenset({"attended", "completed"})  # R13: equivalent
EVENT_TYPES = ("f2f", "live_webinar")
NOT_DECLARED = frozenset({"voided", "ineligible", "clawed_back"})  # reading 17
ACCEPTED = "accepted"  # R7
KINDS = ("activities", "declaration_report", "engagement_report", "register", "videos", "assessments")

TRAINING = ("active", "deferred", "withdrawn")
MODERATION = (None, "done", "not_sampled", "pending")
MILLION = 1_000_000
UNKNOWN = -1  # a number that is not known
COVERED, CONFIRMED = 2, 4  # added to the kind of event: a missed session was covered another way (R14)

# The sections of a record and how many columns each has. It begins with where each section starts, and where the last ends.
_PERSON, _DECLARED, _CREDITS, _STUDY, _TASKS, _SELF_REPORTS, _ATTENDED, _UNMARKED, _SESSIONS, _MADE_UP = range(10)
_VIDEOS, _PERIODS, _RUNS, _ASSESSMENT = range(10, 14)
_WIDTHS = (1, 3, 2, 2, 2, 2, 2, 2, 2, 2, 3, 5, 3, 1)
HEAD = len(_WIDTHS) + 1
_STATUS, _IS_ACCEPTED, _CONTRACT, _SPONSORSHIP, _HAS_LOG, _KINDS = range(HEAD, HEAD + 6)


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
        return TRAINING[self.facts[_STATUS]]

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
            _declaration(facts[place], facts[place + count], facts[place + 2 * count])
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
            Attended(day, EVENT_TYPES[how & 1], bool(how & COVERED), bool(how & CONFIRMED))
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
        held = None if copies == UNKNOWN else bool(copies)
        return Tracked(submitted, marked, moderated, MODERATION[external], held, bool(result))

    def _days(self, section: int) -> Days:
        facts = self.facts
        start = facts[section]
        return Days(facts, start, (start + facts[section + 1]) // 2)

    def _columns(self, section: int) -> list[Sequence[int]]:
        facts, width = self.facts, _WIDTHS[section]
        start, end = facts[section], facts[section + 1]
        each = (end - start) // width
        return [facts[start + each * number : start + each * (number + 1)] for number in range(width)]


@lru_cache(maxsize=10_000)
def _declaration(declared_on: int, output: int, cutoff: int) -> Declaration:
    """One that counts; many were made on one day."""
    until = date.fromordinal(cutoff) if cutoff else None
    return Declaration(output, date.fromordinal(declared_on), until, "submitted")


def unpacked(record: bytes) -> memoryview:
    """A stored record's numbers, each read when it is asked for."""
    return memoryview(record).cast("i")


def kinds_in(record: bytes) -> int:
    """Of which kinds of file a stored record holds any row, as bits in the order of `KINDS`."""
    return unpacked(record)[_KINDS]


def share(millionths: int) -> Decimal:
    """A percentage of a record as a decimal."""
    return Decimal(millionths) / MILLION


def millionths(share: Decimal) -> int:
    """A threshold as records hold percentages; exact up to six decimals."""
    return int(share * MILLION)
