"""The kinds of file: how each column is read. What is stored of it, its key and what must be there stand in its table.

A new kind is an entry here, its table (`core.database.tables`) with a migration, and where a rule reads it its fact
(`core.rules.facts`). Reading, checking, writing, error words and documentation follow from these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlmodel import SQLModel

from core.database import tables
from core.database.tables import columns_of
from core.imports import identifiers
from core.rules.progress import TRAINING
from core.spreadsheets import cells
from core.spreadsheets.cells import Parser, Value

WHO = "participant_id"  # the column of every kind whose rows are somebody's
ENROLMENT = "enrolment_id"  # as which it is stored: on which course of theirs
COURSE = "course"  # of whoever takes several, which one a row is about
PARTICIPANTS = "participants"  # the kind whose rows are people and their enrolments
OF_A_PERSON = (
    "full_name",
    "email",
    "trn",
    "school",
    "senco_start_date",
)  # what a participants row says of them, whatever the course
BLOCK = "block"  # one of the participant's course, in whatever kind has it


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind. `right` is what a cell should hold, as the end of "give …".

    A name that `folds` is the same however it is spelt. `done`: of something that has been done, so never after today.
    `dated`: a day that lies within the course, where all is well. `timed`: reads a cell of a sheet that shows a time and no day,
    which is nothing to other columns. The others are as the table has them: `default` stands in
    for a blank cell of a row that is new; a blank cell leaves what is stored. Of a key it stands for any blank cell.
    """

    name: str
    parse: Parser
    right: str
    folds: bool = False
    done: bool = False
    dated: bool = False
    timed: bool = False
    required: bool = False
    key: bool = False
    default: Value | None = None
    stored: str = ""  # under which name; a row of facts is stored under its enrolment, not its course


@dataclass(frozen=True)
class Kind:
    """One kind of file. A header is recognised as this kind only with a column of `own`, where that names any, and with none of
    `others`, which tell that its rows are another kind's.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Its columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def is_personal(self) -> bool:
        """Whether each row is about one participant."""
        return WHO in self.by_name

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The columns that a header must have."""
        return tuple(column.name for column in self.columns if column.required)

    @cached_property
    def dated(self) -> tuple[str, ...]:
        """The columns whose days lie within the course, where all is well."""
        return tuple(column.name for column in self.columns if column.dated)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns that say which row this is: once in a file, replaced by a later file."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def told_apart_by(self) -> tuple[str, ...]:
        """Its keys, and where it is somebody's the course: on two they have one such row on each."""
        return (*self.keys, COURSE) if self.is_personal else self.keys


ACTIVITY_CREDITS, ANY_CREDITS = 100, 1_000
MOST_TRIES = 99
MOST_MINUTES = 60 * cells.MOST_HOURS

_activity_credits = cells.whole(0, ACTIVITY_CREDITS, "credits")
_credits = cells.whole(0, ANY_CREDITS, "credits")
_block = cells.whole(1, 999)
_output = cells.whole(1, 99)

BOOKED = "booked"  # the one status of what is still to come
REGISTER_STATUSES = (BOOKED, "attended", "completed", "absent")
CONTINGENCIES = ("recording", "mop_up", "slides_with_notes", "neighbour_dp_event", "other")
EXTERNAL_MODERATION = ("done", "not_sampled", "pending")
RESULTS = ("passed", "failed")
LOGGED_BY = ("auto", "self_report")
LIVE_STATES = ("submitted", "eligible", "payable", "paid", "awaiting_clawback")
DEAD_STATES = ("voided", "ineligible", "clawed_back")

A_CREDIT = f"a whole number of credits from 0 to {ANY_CREDITS}"


def _kind(
    table: type[SQLModel],
    about: str,
    *columns: Column,
    own: frozenset[str] = frozenset(),
    others: frozenset[str] = frozenset(),
) -> Kind:
    """The kind whose rows are those of a table: what that says of a column is not said again. Where they are somebody's, they may
    say on which course.
    """
    if any(column.name == WHO for column in columns):
        columns = (*columns, _course())
    return Kind(str(table.__tablename__), about, tuple(_as_stored(column, table) for column in columns), own, others)


def _as_stored(column: Column, table: type[SQLModel]) -> Column:
    if column.name == COURSE and COURSE not in columns_of(table):
        return column
    name = ENROLMENT if column.name == WHO else column.name
    return _like(column, columns_of(table)[name], name)


def _like(column: Column, place: Any, name: str) -> Column:
    default = None if place.default is None else place.default.arg
    required = not place.nullable and default is None
    return replace(column, key=place.primary_key, required=required, default=default, stored=name)


def _participants(about: str, *columns: Column) -> Kind:
    """The kind whose rows are stored in two tables."""
    person, enrolment = columns_of(tables.PeopleRow), columns_of(tables.EnrolmentRow)
    stored = ((one, person[one.name] if one.name in person else enrolment[one.name]) for one in columns)
    return Kind(PARTICIPANTS, about, tuple(_like(one, place, one.name) for one, place in stored))


def _id() -> Column:
    return Column(WHO, cells.text, "the participant's id")


def _course() -> Column:
    return Column(COURSE, cells.text, "the course that the row is about, of somebody who takes several")


def _day(name: str, *, dated: bool = False) -> Column:
    return Column(name, cells.day, cells.A_DATE, dated=dated)


def _done(name: str) -> Column:
    return Column(name, cells.day, f"{cells.A_DATE}, not after today", done=True, dated=True)


def _event_type() -> Column:
    return Column("event_type", cells.text, "a kind of event of the policy pack")


def _hours() -> Column:
    return Column("hours", cells.hours, cells.SOME_HOURS, timed=True)


def _words(name: str, words: tuple[str, ...]) -> Column:
    return Column(name, cells.one_of(*words), cells.listed(words))


_KINDS = (
    _participants(
        "Who takes which course, in which cohort, with which Delivery Partner; and their papers",
        _id(),
        Column("full_name", cells.person_name, "the participant's name"),
        Column("course", cells.text, "a course of the policy pack"),
        Column("cohort", identifiers.cohort, "the cohort as npq pack show has it"),
        Column("delivery_partner", cells.partner_name, "the Delivery Partner's name"),
        Column("email", identifiers.email, "an e-mail address"),
        Column("trn", identifiers.trn, identifiers.A_TRN),
        Column("school", cells.name, "the school's name"),
        Column("facilitator", cells.person_name, "the facilitator's name"),
        Column("application_status", cells.lower_text, "the application's status, e.g. accepted"),
        _done("contract_returned_on"),
        _done("sponsorship_returned_on"),
        _words("training_status", TRAINING),
        Column("schedule", cells.text, "the start within the cohort, or DfE's schedule"),
        _day("senco_start_date"),
    ),
    _kind(
        tables.ActivityRow,
        "The activity log: what was done, and the credits for it",
        _id(),
        Column(BLOCK, _block, "a block of the participant's course"),
        Column("component", cells.text, "the component, e.g. Self-study", folds=True),
        Column("title", cells.text, "the activity's title", folds=True),
        Column("credits", _activity_credits, f"a whole number of credits from 0 to {ACTIVITY_CREDITS}"),
        _done("completed_on"),
        _words("logged_by", LOGGED_BY),
    ),
    _kind(
        tables.DeclarationReportRow,
        "The platform's Declaration (activity credit) report: credits within a period",
        _id(),
        _day("period_start"),
        _done("period_end"),
        Column("credits", _credits, A_CREDIT),
        Column("self_study_credits", _credits, A_CREDIT),
        Column("cumulative_credits", _credits, A_CREDIT),
    ),
    _kind(
        tables.EngagementReportRow,
        "The platform's Engagement report: how much of the content is completed",
        _id(),
        _done("run_on"),
        Column("percent_complete", cells.percent, cells.A_PERCENTAGE),
        Column("cumulative_credits", _credits, A_CREDIT),
    ),
    _kind(
        tables.RegisterRow,
        "The facilitators' registers of face-to-face events and live webinars",
        Column("event_id", cells.text, "the event's id"),
        _event_type(),
        _day("event_date", dated=True),
        _id(),
        _words("status", REGISTER_STATUSES),
        _done("marked_on"),
        _words("contingency", CONTINGENCIES),
        _day("contingency_on", dated=True),
        Column("confirmed_by", cells.person_name, "who confirmed the contingency"),
        _hours(),
    ),
    _kind(
        tables.VideoRow,
        "How much of each Block's video introduction was watched",
        _id(),
        Column(BLOCK, _block, "a block of the participant's course"),
        Column("percent_viewed", cells.percent, cells.A_PERCENTAGE),
        _done("viewed_on"),
    ),
    _kind(
        tables.AssessmentRow,
        "The tries at the summative assessment as the lead provider tracks them",
        _id(),
        Column("try", cells.whole(1, MOST_TRIES), f"which try: a whole number from 1 to {MOST_TRIES}"),
        _done("submitted_on"),
        _done("marked_on"),
        _done("moderated_on"),
        _words("external_moderation", EXTERNAL_MODERATION),
        Column("copies_held", cells.yes_or_no, "yes or no"),
        _words("result", RESULTS),
        own=frozenset({"submitted_on", "moderated_on", "external_moderation", "copies_held", "result"}),
    ),
    _kind(
        tables.DeclarationRow,
        "What the lead provider declared to DfE",
        _id(),
        Column("output", _output, "an output of the participant's course"),
        _day("declared_on", dated=True),
        _done("evidence_cutoff"),
        _words("state", LIVE_STATES + DEAD_STATES),
    ),
    _kind(
        tables.MeetingRow,
        "When Partnership meetings take place",
        Column("delivery_partner", cells.partner_name, "the Delivery Partner's name", folds=True),
        _day("meeting_on"),
    ),
    _kind(
        tables.SessionRow,
        "The events that Delivery Partners plan, to which the registers refer",
        Column("event_id", cells.text, "the event's id"),
        Column("delivery_partner", cells.partner_name, "the Delivery Partner's name"),
        Column("course", cells.text, "a course of the policy pack, or nothing where it is for every one"),
        Column(
            "cohort", identifiers.cohort, "the cohort as npq pack show has it, or nothing where it is for every one"
        ),
        _event_type(),
        _day("event_date"),
        Column("starts_at", cells.time_of_day, cells.A_TIME, timed=True),
        Column(
            "minutes", cells.whole(1, MOST_MINUTES, "minutes"), f"a whole number of minutes from 1 to {MOST_MINUTES}"
        ),
        _hours(),
        Column("title", cells.text, "the session's title"),
        others=frozenset({WHO}),
    ),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}


def kind_named(name: str) -> Kind | None:
    """The kind of this name, in any case, spaces and hyphens as underscores; None when there is none."""
    return KINDS.get(cells.word_of(cells.trimmed(name)))
