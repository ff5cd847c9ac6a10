"""What the verdicts need of one participant, as one small record of whole numbers: the progress record.

It holds facts only, folded by day: nothing in it was judged, so it is good for any day that is asked about. `core.rules.folding`
makes it.

Days are proleptic Gregorian ordinals (`date.toordinal`), 0 where there is none. Percentages are millionths, rounded down:
that keeps every comparison with a threshold of up to six decimals exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from core.rules.facts import (
    FACTS,
    NOTHING_DECIDED,
    Contact,
    Decided,
    Declaration,
    Deferral,
    DeferralRequest,
    Extension,
    RemovalVote,
    Resumption,
)
from core.rules.programme import NOTHING_PLANNED, Programme

WAS_THERE = frozenset({"attended", "completed"})  # R13: equivalent
NOT_DECLARED = frozenset({"voided", "ineligible", "clawed_back"})  # reading 17
ACCEPTED = "accepted"  # R7
KINDS = tuple(
    kind for kind in FACTS if kind != "declarations"
)  # that count as imported (reading 5): what is declared is no evidence

TRAINING = ("active", "deferred", "withdrawn")
MODERATION = (None, "done", "not_sampled", "pending")
RESULTS = (None, "passed", "failed")
MILLION = 1_000_000
LONGEST_SESSION = 24 * MILLION  # credited hours that a register takes
UNKNOWN = -1  # a number that is not known
COVERED, CONFIRMED = 1, 2  # of an attended session: it was missed, and covered another way (R14)
HOW_BITS = 2  # above them stands the kind of event, by its place among the pack's
THERE, MADE_UP_FOR, ABSENT, OPEN = range(
    4
)  # what became of a session: attended, attended another way, missed, not marked

# The sections of a record and how many columns each has. It begins with where each section starts, and where the last ends.
# A section by day holds days in order and a figure for each, mostly a running total:
#   CREDITS       credits of the activity log
#   STUDY         its self-study credits, Micro Implementation Tasks left out
#   TASKS         its credits for Micro Implementation Tasks: as the only self-study credit they need a person (R16)
#   SELF_REPORTS  training events that they logged themselves, one entry for each row (R11, R33)
#   ATTENDED      the days that govern attended sessions, each with how it was attended (R13, readings 8 and 24)
#   UNMARKED      sessions they were booked on whose register nobody has marked yet (R9)
#   SESSIONS      every session they are on the register of, each with the day that governs it
#   MADE_UP       missed sessions that were covered another way, by the day on which they were, with how many by then
_PERSON, _DECLARED, CREDITS, STUDY, TASKS, SELF_REPORTS, ATTENDED, UNMARKED, SESSIONS, MADE_UP = range(10)
_VIDEOS, _PERIODS, _RUNS, _ASSESSMENT = range(10, 14)
_WIDTHS = (1, 3, 2, 2, 2, 2, 2, 2, 2, 2, 3, 5, 3, 7)
HEAD = len(_WIDTHS) + 1
# Behind it stands what the pack's trees measure, where they measure anything of it: again where each section starts, and where
# the last ends; then every session, row by row as `CountedSession` has it, by own day; then, for each thing that is tracked
# (`reference.measures.tracked`), days and running totals.
_STATUS, _IS_ACCEPTED, _CONTRACT, _SPONSORSHIP, _HAS_LOG, _KINDS = range(HEAD, HEAD + 6)


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


class Tracked(NamedTuple):
    """A try at the assessment as the lead provider tracks it; days are 0 where there is none."""

    number: int
    submitted: int
    marked: int
    moderated: int
    external: str | None
    copies: bool | None
    result: str | None  # "passed", "failed"

    def came_out(self, result: str, day: int) -> bool:
        """Whether by the end of a day this result was there: it has no day of its own, so it holds from the last of its try's."""
        return self.result == result and max(self.submitted, self.marked, self.moderated) <= day

    @property
    def moderated_outside(self) -> bool:
        """Whether external moderation is done, or they are not in its sample (reading 23)."""
        return self.external in ("done", "not_sampled")

    def begun(self, day: int) -> bool:
        """Whether by the end of a day there was anything of it; what is undated holds for every day (reading 7)."""
        days = [each for each in (self.submitted, self.marked, self.moderated) if each]
        return not days or min(days) <= day


class Attended(NamedTuple):
    """An attended session by the day that governs it, and how it was attended."""

    day: int
    kind: int  # its place among the pack's kinds of event
    covered: bool  # another way than by being there (R14)
    confirmed: bool


# A session as shares and counts take it, whatever became of it: its own day; the day on which it was attended, also another
# way, or its own where it was not; its kind, by its place among the pack's; THERE, MADE_UP_FOR, ABSENT or OPEN; and its
# credited hours in millionths, -1 where they are not known.
CountedSession = tuple[int, int, int, int, int]


@dataclass(slots=True, eq=False)
class Progress:
    """One enrolment's record, with whose it is, what was decided, and which files were imported for their group."""

    id: str
    delivery_partner: str
    course: str  # code
    cohort: str  # the file's
    facts: memoryview[int] = field(repr=False)
    imported: frozenset[str] = frozenset()
    decided: Decided = NOTHING_DECIDED
    schedule: str = ""  # the file's start within the cohort, as compared; "" where it names none
    programme: Programme = NOTHING_PLANNED
    enrolment: int = 0  # its id: this record is its

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
    def deferral_requests(self) -> tuple[DeferralRequest, ...]:
        """Deferrals that were asked for, in the order they were recorded."""
        return self.decided.deferral_requests

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
        start, end = facts[_DECLARED], facts[CREDITS]
        if start == end:
            return []
        numbers, count = facts[start:end].tolist(), (end - start) // 3
        return list(map(_declaration, numbers[:count], numbers[count:], numbers[2 * count :]))

    def days(self, section: int) -> Sequence[int]:
        """The days of a section."""
        start, middle = self._halves(section)
        return self.facts[start:middle]

    def figures(self, section: int) -> Sequence[int]:
        """The figure for each day of a section."""
        facts = self.facts
        return facts[self._halves(section)[1] : facts[section + 1]]

    def total(self, section: int) -> int:
        """The running total of a section over all days."""
        facts = self.facts
        end = facts[section + 1]
        return facts[end - 1] if end > facts[section] else 0

    def until(self, section: int, day: int) -> int:
        """The running total of a section up to and including a day."""
        facts = self.facts
        start, end = facts[section], facts[section + 1]
        if start == end:
            return 0
        middle = (start + end) // 2
        if facts[middle - 1] <= day:
            return facts[end - 1]  # as most ask: about a day that nothing comes after
        place = bisect_right(facts, day, start, middle)
        return facts[place - 1 + middle - start] if place > start else 0

    def within(self, section: int, after: int, until: int) -> int:
        """The total of a section over `(after, until]`."""
        total = self.until(section, until)
        return max(0, total - self.until(section, after)) if after else total

    def count_until(self, section: int, day: int) -> int:
        """How many days of a section lie up to and including a day."""
        start, middle = self._halves(section)
        return bisect_right(self.facts, day, start, middle) - start

    def first_within(self, section: int, after: int, until: int) -> int:
        """The first day of a section in `(after, until]`, 0 when there is none."""
        facts = self.facts
        start = facts[section]
        middle = (start + facts[section + 1]) // 2
        if start == middle:
            return 0
        place = bisect_right(facts, after, start, middle)
        return facts[place] if place < middle and facts[place] <= until else 0

    def attended_within(self, after: int, until: int) -> list[Attended]:
        """Attended sessions that `(after, until]` governs, in order."""
        facts = self.facts
        start, end = facts[ATTENDED], facts[ATTENDED + 1]
        if start == end:
            return []
        middle = (start + end) // 2
        first = bisect_right(facts, after, start, middle) if after else start
        last = bisect_right(facts, until, first, middle)
        return [_attended(facts[place], facts[place + middle - start]) for place in range(first, last)]

    def views(self) -> Iterable[tuple[int, int, int]]:
        """How much of the videos was watched, in the order of days: the day, the block, and the share in millionths."""
        return zip(*self._columns(_VIDEOS), strict=True)

    def periods(self) -> list[Period]:
        """The Declaration report's rows, by the start of the period."""
        return [Period(*period) for period in zip(*self._columns(_PERIODS), strict=True)]

    def runs(self) -> list[Run]:
        """The Engagement report's rows, in the order of days."""
        return [Run(*run) for run in zip(*self._columns(_RUNS), strict=True)]

    def counted(self) -> list[CountedSession]:
        """Every session on whose register they stand, by its own day; only where the pack counts sessions."""
        facts = self.facts
        start, end = facts[HEAD - 1], len(facts)
        if start == end:
            return []
        numbers = iter(facts[facts[start] : facts[start + 1]].tolist())
        return list(zip(numbers, numbers, numbers, numbers, numbers, strict=True))

    def measured(self, place: int) -> int:
        """The section of what is tracked in this place."""
        return self.facts[HEAD - 1] + 1 + place

    @property
    def has_periods(self) -> bool:
        """Whether there is any row of the Declaration report."""
        return self.facts[_PERIODS] != self.facts[_RUNS]

    @property
    def has_runs(self) -> bool:
        """Whether there is any row of the Engagement report."""
        return self.facts[_RUNS] != self.facts[_ASSESSMENT]

    @property
    def has_reports(self) -> bool:
        """Whether there is any row of either report."""
        return self.facts[_PERIODS] != self.facts[_ASSESSMENT]

    @property
    def has_tried_again(self) -> bool:
        """Whether there is more than one try at the assessment."""
        return self.facts[_ASSESSMENT + 1] - self.facts[_ASSESSMENT] > _WIDTHS[_ASSESSMENT]

    def tries(self) -> list[Tracked]:
        """The tries at the assessment, by their numbers."""
        if self.facts[_ASSESSMENT] == self.facts[_ASSESSMENT + 1]:
            return []
        return [_tracked(*row) for row in zip(*self._columns(_ASSESSMENT), strict=True)]

    def assessment(self, day: int) -> Tracked | None:
        """The try that counts at the end of a day: the first that was passed, else the newest (reading 38); None: there is none.
        Of several passes it is one whose moderation is done.

        Before anything of any it is the first, so that one alone always counts.
        """
        tries = self.tries()
        passed = [each for each in tries if each.came_out("passed", day)]
        if passed:
            return next((each for each in passed if each.moderated and each.moderated_outside), passed[0])
        return next((each for each in reversed(tries) if each.begun(day)), tries[0] if tries else None)

    def _halves(self, section: int) -> tuple[int, int]:
        """Where the days of a section begin, and where their figures do."""
        start = self.facts[section]
        return start, (start + self.facts[section + 1]) // 2

    def _columns(self, section: int) -> list[list[int]]:
        facts, width = self.facts, _WIDTHS[section]
        numbers = facts[facts[section] : facts[section + 1]].tolist()
        each = len(numbers) // width
        return [numbers[each * number : each * (number + 1)] for number in range(width)]


@lru_cache(maxsize=10_000)
def _declaration(declared_on: int, output: int, cutoff: int) -> Declaration:
    """One that counts; many were made on one day."""
    until = date.fromordinal(cutoff) if cutoff else None
    return Declaration(output, date.fromordinal(declared_on), until, "submitted")


def _tracked(
    number: int, submitted: int, marked: int, moderated: int, external: int, copies: int, result: int
) -> Tracked:
    held = None if copies == UNKNOWN else bool(copies)
    return Tracked(number, submitted, marked, moderated, MODERATION[external], held, RESULTS[result])


@lru_cache(maxsize=10_000)
def _attended(day: int, how: int) -> Attended:
    return Attended(day, how >> HOW_BITS, bool(how & COVERED), bool(how & CONFIRMED))


def unpacked(record: bytes) -> memoryview[int]:
    """A stored record's numbers, each read when it is asked for."""
    return memoryview(record).cast("i")


def kinds_in(record: bytes) -> int:
    """Of which kinds of file a stored record holds any row, as bits in the order of `KINDS`."""
    return unpacked(record)[_KINDS]


def share(millionths: int) -> Decimal:
    """A percentage of a record as a decimal."""
    return Decimal(millionths) / MILLION


def millionths(share: Decimal | str) -> int:
    """A percentage, or hours, as records hold them; exact up to six decimals."""
    return int(Decimal(share) * MILLION)
