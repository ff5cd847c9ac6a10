"""The shapes of a policy pack: what one lead provider's guidance says, as frozen data.

A pack is loaded and checked by `reference.loading`; nothing here reads a file. Every entry carries its `source`: a line of
the guidance (`"L139"`) or another document's name. No date, credit or threshold stands in code: they are all in `packs/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, get_args

from reference.criteria import CriteriaSet, Gate

OutputKind = Literal["started", "retention", "completion"]
DeclarationType = Literal["started", "retained-1", "retained-2", "completed"]  # DfE's, in its order
DeferralReason = Literal["bereavement", "long-term-sickness", "parental-leave", "career-break", "other"]  # DfE's
DEFERRAL_REASONS: tuple[str, ...] = get_args(DeferralReason)
KIND_OF: Mapping[DeclarationType, OutputKind] = {  # in DfE's order
    "started": "started",
    "retained-1": "retention",
    "retained-2": "retention",
    "completed": "completion",
}
_WITHIN_KEY = re.compile(r"(?<=[^\W_])[\s_–-]+(?=[^\W_])")  # "2026 b", "2026-B"
_YEAR = re.compile(r"(20\d\d)[a-z]")  # a cohort of DfE's: the year in which it starts, and which of that year's it is


@dataclass(frozen=True, slots=True)
class Course:
    """An NPQ (or EHCO). `group` keys every rule together with the output's kind (R2)."""

    code: str  # "NPQLTD"
    identifier: str  # DfE's: "npq-leading-teaching-development"
    name: str
    group: str  # "specialist", "leadership", "ehco"
    total: int | None  # activity credits; None is TBC (R30)
    source: str


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One output of a course group (R1-R3)."""

    group: str
    number: int
    kind: OutputKind
    declaration_type: DeclarationType
    title: str
    source: str
    share: Fraction | None = None  # of the course's price; None: nothing is paid for it, or no price is given


@dataclass(frozen=True, slots=True)
class Price:
    """What is paid for one participant on a course: in one cohort, or in each that has no price of its own."""

    course: str  # code
    amount: Decimal  # pounds, exact to the penny
    source: str
    cohort: str | None = None  # key


@dataclass(frozen=True, slots=True)
class PersonalLimit:
    """By when somebody has to complete a course, counted from a day of their own (reading 38)."""

    course: str  # code
    column: Literal["senco_start_date"]  # of the participants file: from which day on
    years: int
    warn_before: int  # days before the last day: from then on they are warned of it
    what: str  # what happened on that day, said to people after "having": "become SENCO"
    source: str


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of session that registers and planned sessions name."""

    key: str  # "f2f": as files write it
    name: str  # said to people, after "a": "face-to-face event"
    source: str
    hours: Decimal | None = None  # its credited length, where no file gives one


@dataclass(frozen=True, slots=True)
class Start:
    """A start of one group within a cohort. Where a group has several, a participant's `schedule` says which is theirs."""

    group: str
    key: str = ""  # as people write it: "november"
    identifier: str = ""  # DfE's schedule: "npq-ehco-november"
    starts_on: date | None = None  # None: the cohort's own first day

    @property
    def name(self) -> str:
        """What people call it: its key, where it has one."""
        return self.key or self.identifier

    @property
    def names(self) -> frozenset[str]:
        """What a participant's `schedule` may say for it, as compared."""
        return frozenset(map(str.casefold, filter(None, (self.key, self.identifier))))


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who begins together. What is not known yet is None."""

    key: str  # "4", "2026b": as files, chat and commands write it
    name: str  # "November 2021"
    courses: frozenset[str]  # course codes offered (R49)
    source: str
    starts_on: date | None = None
    funding: Literal["zero", "capped", "full"] | None = None  # DfE's
    starts: tuple[Start, ...] = ()

    @property
    def start_month(self) -> date | None:
        """The first of the month in which it begins (readings 4 and 6)."""
        return self.starts_on.replace(day=1) if self.starts_on else None

    @property
    def year(self) -> str | None:
        """DfE's bare year, "2026" of "2026b": its newer services know no more."""
        found = _YEAR.fullmatch(self.key)
        return found.group(1) if found else None

    def starts_of(self, group: str) -> tuple[Start, ...]:
        """The starts of one group; none are given where it has a single one that needs no name."""
        return tuple(start for start in self.starts if start.group == group)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """The dates of one output of one course group in one cohort (R46, R48). What is not known is None.

    With `course` or `start` it holds for these alone. As a pack's file gives it, a blank is inherited; as the pack is asked
    for it, what is inherited and computed stands in it.
    """

    group: str
    cohort: str
    output: int
    source: str
    course: str | None = None  # code
    start: str | None = None  # the key of one of the cohort's starts
    review: date | None = None
    cut_off: date | None = None  # DfE's
    invoice: date | None = None
    payment: date | None = None  # corrected where the printed date was wrong
    price_share: str = ""  # as printed: "33.3%"
    payment_printed: date | None = None  # set only where `payment` is a correction
    note: str = ""
    review_computed: bool = False  # from the cut-off: no file says it


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed paper without which an output is not paid (R6)."""

    key: str  # "school_contract": as JSON shows it
    name: str  # "signed school contract": said to people
    column: Literal["contract_returned_on", "sponsorship_returned_on"]  # of the participants file: when it came back
    source: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of a block table. `credits` None is TBC."""

    course: str
    block: int
    component: str
    title: str
    duration: str
    credits: int | None
    logged: Literal["auto", "self_report"]  # how it is credited where self-reporting applies (R34)
    source: str
    title_printed: str = ""  # set only where `title` corrects the source's: both are recognised (R51)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a course; `credits` None is TBC (R30)."""

    course: str
    number: int
    credits: int | None
    activities: tuple[Activity, ...]
    source: str


@dataclass(frozen=True, slots=True)
class AssessmentWindow:
    """When the summative assessment may be handed in (R32). Packs may give none, or several."""

    group: str
    cohort: str
    opens: date
    closes: date
    source: str
    course: str | None = (
        None  # the course for which alone it holds, in place of its group's; None: whichever has none of its own
    )


@dataclass(frozen=True, slots=True)
class Erratum:
    """A place where the source contradicts itself: what is printed, what is used and why (R48, R51)."""

    where: str
    printed: str
    used: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class PackSettings:
    """Every count, lead time and threshold that is not part of a criterion. Days unless the name says otherwise."""

    window_days: int  # 21: days 1..21 after the review date (R38)
    review_leads: tuple[int, ...]  # (28, 14, 7, 1) before the review date (R36)
    window_open_after: int  # 1
    window_progress_after: tuple[int, ...]  # (7, 14)
    three_week_mark_after: int  # 21 (R44)
    contact_overdue_after: int  # 22 (R40)
    contact_overdue_every: int  # 7
    extension_ending_before: int  # 3
    extension_lapsed_after: int  # 1
    removal_votes_after: int  # 2
    removal_votes_every: int  # 7
    invoice_working_days_before: int  # 3 working days
    papers_missing_before: int  # 14
    assessment_closing_before: int  # 7
    meeting_pack_before: int  # 7
    deferral_ending_before: int  # 14
    stale_report_days: int  # 14: older than this is stale
    stale_review_within: int  # 28
    catch_up_days: int  # a missed message older than this is never sent late
    extension_earliest_before: int  # 28 before the review date (R39)
    extensions_warn_from: int  # 2: the 2nd is warned of (R39)
    unanswered_contacts: int  # 3 (R42)
    extensions_before_removal: int  # 3 (R42)
    self_report_cohorts: frozenset[str]  # {"1", "2"} (R33)
    auto_logged_components: frozenset[str]  # R34
    self_study_component: str  # "Self-study"
    training_event_component: str  # "Training event"
    human_check_prefix: str  # "Micro Implementation Tasks": as the only self-study credit it proves nothing alone (R16)
    post_at: str  # "09:00" Europe/London
    holidays_country: str  # "GB"
    holidays_region: str  # "ENG"
    working_from: str = "09:00"  # Europe/London, on working days
    working_until: str = "17:00"
    late_after_minutes: int = 60  # of working hours: a message that has not gone out by then is late
    review_days_before_cut_off: int | None = None  # where no review date is given: so many days before DfE's cut-off
    dates_differ: bool = False  # whether review, cut-off, invoice and payment may not fall on one day (R48)
    inactive_after_days: int | None = None  # 90: without new evidence for longer, somebody is inactive (reading 35)
    unit_prefix: str = ""  # "S ": how the titles of self-study units begin; "": every self-study activity is a unit
    window: bool = True  # what an escalation alone switches off for its groups (reading 34)
    extensions: bool = True
    removal: bool = True


@dataclass(frozen=True, slots=True)
class Escalation:
    """What follows a missed review for some groups, where it is otherwise than the settings say (reading 34).

    None: as the settings have it. Each other field is the setting of its name.
    """

    groups: tuple[str, ...]
    source: str
    window: bool = True
    window_days: int | None = None
    review_leads: tuple[int, ...] | None = None
    window_open_after: int | None = None
    window_progress_after: tuple[int, ...] | None = None
    three_week_mark_after: int | None = None
    contact_overdue_after: int | None = None
    contact_overdue_every: int | None = None
    extensions: bool = True
    extension_earliest_before: int | None = None
    extensions_warn_from: int | None = None
    extensions_before_removal: int | None = None
    removal: bool = True
    unanswered_contacts: int | None = None

    @property
    def given(self) -> Mapping[str, Any]:
        """Its settings by their names: the switches, and what it says besides."""
        named = (each.name for each in fields(self) if each.name not in ("groups", "source"))
        return {name: value for name in named if (value := getattr(self, name)) is not None}

    def over(self, settings: PackSettings) -> PackSettings:
        """A pack's settings as they are for its groups. Without a window contact begins the day after the review."""
        at_once = {} if self.window else {"window_days": 0, "contact_overdue_after": 1}
        return replace(settings, **{**self.given, **at_once})


@dataclass(frozen=True, slots=True)
class External:
    """A document that the guidance relies on but does not contain (R52)."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of the guidance that is quoted to people, e.g. why EHCO has no criteria (R3)."""

    key: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class NotBetween:
    """Days on which no deferral may begin, both included, counted from an output's review date: -60 is 60 days before it."""

    declaration: DeclarationType  # which output's
    first_day: int | None = None  # None: from the beginning
    last_day: int | None = None  # None: for good


@dataclass(frozen=True, slots=True)
class DeferralPolicy:
    """Which deferrals there are. What is None forbids nothing."""

    source: str
    reasons: frozenset[DeferralReason] = frozenset(get_args(DeferralReason))
    reason_needed: bool = True
    longest_days: int | None = None  # from the first day to the agreed return
    longest_months: int | None = None  # to the same day of the month
    last_return: date | None = None
    last_return_months: int | None = None  # after the first day of their cohort
    how_many: int | None = None  # on one course
    into: Literal["next", "any"] = "any"  # the cohorts that somebody may rejoin
    confirmed_by_lead_provider: bool = False
    not_between: tuple[NotBetween, ...] = ()

    @property
    def offered(self) -> tuple[str, ...]:
        """The reasons that are offered, in DfE's order."""
        return tuple(reason for reason in DEFERRAL_REASONS if reason in self.reasons)

    @property
    def limits_reasons(self) -> bool:
        """Whether any reason is left out."""
        return len(self.offered) < len(DEFERRAL_REASONS)

    @property
    def limits_days(self) -> bool:
        """Whether some first day or agreed return is not allowed."""
        longest = (self.longest_days, self.longest_months, self.last_return, self.last_return_months)
        return bool(self.not_between) or any(each is not None for each in longest)


EVERY_DEFERRAL = DeferralPolicy("")  # where a pack says nothing of deferrals


@dataclass(frozen=True, slots=True)
class Outline:
    """What a pack asks for on one course, at hand for whoever judges everybody."""

    group: str
    settings: PackSettings  # its group's
    outputs: tuple[OutputSpec, ...]  # in order: Output 1 first
    criteria: tuple[CriteriaSet | None, ...]  # of each output; None where the pack defines nothing (R3)
    dates: Mapping[
        tuple[str, str, int], ScheduleRow
    ]  # by cohort, start as a participant's `schedule` names it, and output


@dataclass(frozen=True)
class Pack:
    """One lead provider's rules, checked whole by `reference.loading.load_pack`."""

    name: str
    version: str
    title: str
    lead_provider: str
    hash: str  # sha256 over the pack's files
    courses: Mapping[str, Course]  # by code
    cohorts: Mapping[str, Cohort]  # by key, in order: by first day, then by key
    group_names: Mapping[str, str]  # by group, as people call it
    outputs: Mapping[str, tuple[OutputSpec, ...]]  # by group, in order
    criteria: Mapping[tuple[str, int], CriteriaSet]  # by group and output
    gates: Mapping[str, Gate]  # by group; of most there is none
    event_kinds: Mapping[str, EventKind]  # by key, in the pack's order
    papers: tuple[Paper, ...]  # that are wanted
    prices: tuple[Price, ...]
    personal_limits: tuple[PersonalLimit, ...]
    given_dates: tuple[ScheduleRow, ...]  # as schedule.csv has them
    dates: Mapping[str, Mapping[tuple[str, str, int], ScheduleRow]]  # by course, then as `Outline.dates`
    schedule: Mapping[tuple[str, str, int], tuple[ScheduleRow, ...]]  # by group, cohort, output: each that differs
    blocks: Mapping[str, tuple[Block, ...]]  # by course code, in order
    totals: Mapping[str, int | None]  # by course code; None is TBC
    assessment_windows: Mapping[tuple[str, str], tuple[AssessmentWindow, ...]]  # by group and cohort, as they open
    settings: PackSettings
    errata: tuple[Erratum, ...]
    sayings: Mapping[str, Saying]
    external_documents: tuple[External, ...]
    setting_sources: Mapping[str, str]  # by the setting's name
    escalations: tuple[Escalation, ...] = ()
    deferral: DeferralPolicy = EVERY_DEFERRAL  # as its table says; without one every deferral is offered

    @cached_property
    def label(self) -> str:
        """Which pack this is, for people: name, version and the start of its hash."""
        return f"{self.name} {self.version} ({self.hash[:12]})"

    @cached_property
    def paper_names(self) -> Mapping[str, str]:
        """What people call each paper, by its key."""
        return {paper.key: paper.name for paper in self.papers}

    def group_name(self, group: str) -> str:
        """A course group as people call it: "Specialist NPQs"."""
        return self.group_names.get(group, group)

    def course_named(self, text: str) -> Course | None:
        """The course with this code or DfE identifier, in any case, with any spaces and dashes; None when there is none."""
        return self.courses.get(text) or self._courses_by_name.get(bare(text))

    @cached_property
    def _courses_by_name(self) -> Mapping[str, Course]:
        found: dict[str, Course] = {}
        for course in self.courses.values():
            for name in (course.code, course.identifier):
                found.setdefault(bare(name), course)
        return found

    def group_named(self, text: str) -> str | None:
        """The course group with this code or name, spelt as freely; None when there is none."""
        wanted = bare(text)
        return next((group for group in self.outputs if wanted in (bare(group), bare(self.group_name(group)))), None)

    @cached_property
    def outlines(self) -> Mapping[str, Outline]:
        """What is asked for on each course, by its code. Read-only."""
        return {code: self._outline(course) for code, course in self.courses.items()}

    def _outline(self, course: Course) -> Outline:
        outputs = self.outputs[course.group]
        criteria = tuple(self.criteria_for(course.code, output.number) for output in outputs)
        settings = self.settings_of(course.group)
        return Outline(course.group, settings, outputs, criteria, self.dates.get(course.code, {}))

    def settings_of(self, group: str | None) -> PackSettings:
        """The settings as they are for a course group; the pack's own where it has none of its own, or none is meant."""
        return self._settings_by_group.get(group or "", self.settings)

    @cached_property
    def _settings_by_group(self) -> Mapping[str, PackSettings]:
        return {group: each.over(self.settings) for each in self.escalations for group in each.groups}

    def outputs_of(self, course: str) -> tuple[OutputSpec, ...]:
        """The outputs of a course, in order (R1-R3). `course` is a code of this pack."""
        return self.outputs[self.courses[course].group]

    def windows_of(self, course: str, cohort: str) -> Sequence[AssessmentWindow]:
        """When those on a course in a cohort may hand in their assessment: in its own windows, else in its group's."""
        held = self.assessment_windows.get((self.courses[course].group, cohort), ())
        own = [window for window in held if window.course == course]
        return own or [window for window in held if window.course is None]

    def criteria_for(self, course: str, output: int) -> CriteriaSet | None:
        """What meets an output of a course; None where the pack defines nothing (R3)."""
        return self.criteria.get((self.courses[course].group, output))

    def cohort_named(self, text: str) -> Cohort | None:
        """The cohort with this key, spelt as freely ("2026 B"), or with DfE's bare year where one alone has it; else None."""
        wanted = cohort_key(text)
        found = [cohort for cohort in self.cohorts.values() if cohort_key(cohort.key) == wanted]
        if not found:
            found = [cohort for cohort in self.cohorts.values() if cohort.year == wanted]
        return found[0] if len(found) == 1 else None

    def cohorts_of_year(self, text: str) -> list[str]:
        """The keys of those cohorts that DfE's bare year stands for."""
        return [cohort.key for cohort in self.cohorts.values() if cohort.year == cohort_key(text)]

    def cohort_rank(self, key: str | None) -> tuple[int, str]:
        """Where a cohort comes among others: in the pack's order, one that it lacks after them."""
        return (self._ranks.get(key or "", len(self._ranks)), key or "") if key else (-1, "")

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return {key: place for place, key in enumerate(self.cohorts)}

    def first_day(self, course: str, cohort: str, schedule: str = "") -> date | None:
        """When a course begins in a cohort, or in that one of its starts which `schedule` names; None: not known."""
        starts = self.starts_of(course, cohort)
        start = self.start_named(course, cohort, schedule) or (starts[0] if len(starts) == 1 else None)
        known = self.cohorts.get(cohort)
        return (start.starts_on if start else None) or (known.starts_on if known else None)

    def lacks_dates(self, group: str, cohort: str) -> bool:
        """Whether somebody of a group may be on an output of a cohort, with criteria, that has no review date."""
        return (group, cohort) in self._lacking

    @cached_property
    def _lacking(self) -> frozenset[tuple[str, str]]:
        found = set()
        for cohort in self.cohorts.values():
            for course in (self.courses[code] for code in cohort.courses if code in self.courses):
                names = {"", *(name for start in cohort.starts_of(course.group) for name in start.names)}
                wanted = [o.number for o in self.outputs[course.group] if (course.group, o.number) in self.criteria]
                rows = [self.dates[course.code].get((cohort.key, name, number)) for name in names for number in wanted]
                if any(row is None or row.review is None for row in rows):
                    found.add((course.group, cohort.key))
        return frozenset(found)

    def start_named(self, course: str, cohort: str, written: str) -> Start | None:
        """The course's start within a cohort that this names, by key or DfE's schedule; None where it names none."""
        wanted = written.strip().casefold()
        return next((start for start in self.starts_of(course, cohort) if wanted in start.names), None)

    def starts_of(self, course: str, cohort: str) -> tuple[Start, ...]:
        """The starts that a course's group has within a cohort; several only where they differ, none where it is unknown."""
        known = self.cohorts.get(cohort)
        return known.starts_of(self.courses[course].group) if known else ()

    __hash__ = object.__hash__  # part of a key that is asked about everybody: two alike are not compared line by line

    def knows(self, course: str, cohort: str) -> bool:
        """Whether it has this course and this cohort: of anybody else nothing can be said by it."""
        return course in self.courses and cohort in self.cohorts


def bare(name: str) -> str:
    """A code or name as compared: its letters and digits alone."""
    return "".join(filter(str.isalnum, name.casefold()))


def cohort_key(text: str) -> str:
    """A cohort's key as compared: without the spaces and dashes within it, and a number without the zeros before it."""
    key = _WITHIN_KEY.sub("", text.strip().rstrip(" .,;:_–-").casefold())
    return key.lstrip("0") or key if key.isdecimal() else key
