"""The kinds of file: one table each, from which reading, checking, writing, error words and documentation follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from core.records.imports import cells, identifiers
from core.records.imports.cells import Parser, Value
from core.rules.progress import EVENT_TYPES, TRAINING


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind. `right` is what a cell should hold, as the end of "give …".

    `default` stands in for a blank cell of a row that is new; a blank cell leaves what is stored. A name that `folds` is the
    same however it is spelt. `done`: of something that has been done, so never after today. `dated`: a day that lies within
    the course, where all is well.
    """

    name: str
    parse: Parser
    right: str
    required: bool = False
    key: bool = False
    default: Value | None = None
    folds: bool = False
    done: bool = False
    dated: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file. A header is recognised as this kind only with a column of `own`, where that names any."""

    name: str
    about: str
    columns: tuple[Column, ...]
    own: frozenset[str] = frozenset()

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Its columns by name."""
        return {column.name: column for column in self.columns}

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


ACTIVITY_CREDITS, ANY_CREDITS = 100, 1_000

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


def _id() -> Column:
    return Column("participant_id", cells.text, "the participant's id", required=True, key=True)


def _day(name: str, *, required: bool = False, key: bool = False, dated: bool = False) -> Column:
    return Column(name, cells.day, cells.A_DATE, required=required, key=key, dated=dated)


def _done(name: str, *, required: bool = False, key: bool = False) -> Column:
    right = f"{cells.A_DATE}, not after today"
    return Column(name, cells.day, right, required=required, key=key, done=True, dated=True)


def _words(name: str, words: tuple[str, ...], *, required: bool = False, default: str | None = None) -> Column:
    return Column(name, cells.one_of(*words), cells.listed(words), required=required, default=default)


def _text(name: str, right: str, *, required: bool = False, key: bool = False, folds: bool = False) -> Column:
    return Column(name, cells.text, right, required=required, key=key, folds=folds)


def _name(name: str, right: str, parse: Parser = cells.name, *, required: bool = False) -> Column:
    return Column(name, parse, right, required=required)


PARTICIPANTS = Kind(
    "participants",
    "Who takes which course, in which cohort, with which Delivery Partner; and their papers",
    (
        _id(),
        _name("full_name", "the participant's name", cells.person_name, required=True),
        _text("course", "a course of the policy pack", required=True),
        Column("cohort", identifiers.cohort, "the cohort's number", required=True),
        _name("delivery_partner", "the Delivery Partner's name", cells.partner_name, required=True),
        Column("email", identifiers.email, "an e-mail address"),
        Column("trn", identifiers.trn, identifiers.A_TRN),
        _name("school", "the school's name"),
        _name("facilitator", "the facilitator's name", cells.person_name),
        Column("application_status", cells.lower_text, "the application's status, e.g. accepted"),
        _done("contract_returned_on"),
        _done("sponsorship_returned_on"),
        _words("training_status", TRAINING, default="active"),
    ),
)
ACTIVITIES = Kind(
    "activities",
    "The activity log: what was done, and the credits for it",
    (
        _id(),
        Column("block", _block, "a block of the participant's course", required=True, key=True),
        _text("component", "the component, e.g. Self-study", required=True, key=True, folds=True),
        _text("title", "the activity's title", required=True, key=True, folds=True),
        Column("credits", _activity_credits, f"a whole number of credits from 0 to {ACTIVITY_CREDITS}", required=True),
        _done("completed_on", required=True),
        _words("logged_by", LOGGED_BY, default="auto"),
    ),
)
DECLARATION_REPORT = Kind(
    "declaration_report",
    "The platform's Declaration (activity credit) report: credits within a period",
    (
        _id(),
        _day("period_start", required=True, key=True),
        _done("period_end", required=True, key=True),
        Column("credits", _credits, A_CREDIT, required=True),
        Column("self_study_credits", _credits, A_CREDIT),
        Column("cumulative_credits", _credits, A_CREDIT),
    ),
)
ENGAGEMENT_REPORT = Kind(
    "engagement_report",
    "The platform's Engagement report: how much of the content is completed",
    (
        _id(),
        _done("run_on", required=True, key=True),
        Column("percent_complete", cells.percent, cells.A_PERCENTAGE, required=True),
        Column("cumulative_credits", _credits, A_CREDIT),
    ),
)
REGISTER = Kind(
    "register",
    "The facilitators' registers of face-to-face events and live webinars",
    (
        _text("event_id", "the event's id", required=True, key=True),
        _words("event_type", EVENT_TYPES, required=True),
        _day("event_date", required=True, dated=True),
        _id(),
        _words("status", REGISTER_STATUSES, required=True),
        _done("marked_on"),
        _words("contingency", CONTINGENCIES),
        _day("contingency_on", dated=True),
        _name("confirmed_by", "who confirmed the contingency", cells.person_name),
    ),
)
VIDEOS = Kind(
    "videos",
    "How much of each Block's video introduction was watched",
    (
        _id(),
        Column("block", _block, "a block of the participant's course", required=True, key=True),
        Column("percent_viewed", cells.percent, cells.A_PERCENTAGE, required=True),
        _done("viewed_on", required=True, key=True),
    ),
)
ASSESSMENTS = Kind(
    "assessments",
    "The summative assessments as the lead provider tracks them",
    (
        _id(),
        _done("submitted_on"),
        _done("marked_on"),
        _done("moderated_on"),
        _words("external_moderation", EXTERNAL_MODERATION),
        Column("copies_held", cells.yes_or_no, "yes or no"),
        _words("result", RESULTS),
    ),
    own=frozenset({"submitted_on", "moderated_on", "external_moderation", "copies_held", "result"}),
)
DECLARATIONS = Kind(
    "declarations",
    "What the lead provider declared to DfE",
    (
        _id(),
        Column("output", _output, "an output of the participant's course", required=True, key=True),
        _day("declared_on", required=True, key=True, dated=True),
        _done("evidence_cutoff"),
        _words("state", LIVE_STATES + DEAD_STATES, default="submitted"),
    ),
)
MEETINGS = Kind(
    "meetings",
    "When Partnership meetings take place",
    (
        Column(
            "delivery_partner",
            cells.partner_name,
            "the Delivery Partner's name",
            required=True,
            key=True,
            folds=True,
        ),
        _day("meeting_on", required=True, key=True),
    ),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        PARTICIPANTS,
        ACTIVITIES,
        DECLARATION_REPORT,
        ENGAGEMENT_REPORT,
        REGISTER,
        VIDEOS,
        ASSESSMENTS,
        DECLARATIONS,
        MEETINGS,
    )
}


def kind_named(name: str) -> Kind | None:
    """The kind of this name, in any case, spaces and hyphens as underscores; None when there is none."""
    return KINDS.get(cells.word_of(cells.trimmed(name)))
