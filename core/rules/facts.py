"""What is remembered about one participant, as the rules read it: frozen facts with their own dates.

A fact's fields have the names of its file's columns; what a field holds that is worked out beside them is keyword-only.

Loaded by `core.records.participant_rows`; the rules never see a table or a session. A fact's own date decides whether it counts on
a day, never the moment it was imported (reading 7); undated facts hold for every day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class ActivityDone:
    """A row of the activity log."""

    block: int
    component: str
    title: str
    credits: int
    completed_on: date
    logged_by: Literal["auto", "self_report"]


@dataclass(frozen=True, slots=True)
class DeclarationReport:
    """A row of the Declaration report: credits within a period; dated by `period_end` (reading 26)."""

    period_start: date
    period_end: date
    credits: int
    self_study_credits: int | None
    cumulative_credits: int | None


@dataclass(frozen=True, slots=True)
class EngagementReport:
    """A row of the Engagement report."""

    run_on: date
    percent_complete: Decimal
    cumulative_credits: int | None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One participant's line in one event's register. `event_marked`: somebody on that register has a mark (R9)."""

    event_id: str
    event_type: str  # one of the pack's kinds of event
    event_date: date
    status: str  # "booked", "attended", "completed", "absent"
    marked_on: date | None = None
    contingency: str | None = None
    contingency_on: date | None = None
    confirmed_by: str | None = None
    hours: Decimal | None = None  # the event's credited length, as its register has it
    event_marked: bool = field(kw_only=True)
    planned_hours: Decimal | None = field(default=None, kw_only=True)  # of the planned session of this id


@dataclass(frozen=True, slots=True)
class VideoView:
    """How much of a block's video introduction had been watched on a day; never rounded (R17)."""

    block: int
    percent_viewed: Decimal
    viewed_on: date


@dataclass(frozen=True, slots=True)
class Assessment:
    """A try at the summative assessment, tracked by the lead provider (R27)."""

    submitted_on: date | None
    marked_on: date | None
    moderated_on: date | None
    external_moderation: str | None  # "done", "not_sampled", "pending"
    copies_held: bool | None
    result: str | None  # "passed", "failed"
    try_: int = 1  # numbered from 1


class PlannedSession(NamedTuple):
    """A session that a Delivery Partner plans for a course. What says nothing of a cohort is for every one."""

    event_type: str  # one of the pack's kinds of event
    event_date: date
    cohort: str | None = None
    title: str | None = None


class Declaration(NamedTuple):
    """What the lead provider told DfE. `state` as in reading 17."""

    output: int
    declared_on: date
    evidence_cutoff: date | None
    state: str


class Extension(NamedTuple):
    """A later deadline for one output; `decided_on` is the decision's own day."""

    output: int
    until: date
    reason: str
    decided_on: date


class Contact(NamedTuple):
    """A contact attempt."""

    contacted_on: date
    channel: str  # "phone", "email", "text", "in-person"
    outcome: str  # "no-answer", "reached"


class Deferral(NamedTuple):
    """A recorded deferral: effective from `starts_on`; `until` is the agreed return, which ends nothing (reading 13)."""

    starts_on: date
    until: date
    reason: str | None
    decided_on: date
    order: int = 0  # in which deferrals and resumptions were recorded: tells two of one day apart
    asked_on: date | None = (
        None  # where the lead provider has confirmed it: it counts from its own first day on (reading 37)
    )

    @property
    def may_end_from(self) -> date:
        """The first day on which a return ends it: it has begun, and was agreed or asked for by then."""
        return max(self.starts_on, self.asked_on or self.decided_on)


class DeferralRequest(NamedTuple):
    """A deferral that was asked for where the lead provider confirms (reading 37): it counts for nothing by itself.

    Once confirmed it is among the deferrals as well, decided on the day of the answer.
    """

    asked: Deferral
    answer: str | None = None  # "confirm", "decline"; None: nobody has answered yet
    answered_on: date | None = None


class Resumption(NamedTuple):
    """Back from deferral on `resumed_on`; without a cohort the outputs need rescheduling (reading 29)."""

    resumed_on: date
    cohort: str | None
    order: int = 0  # see Deferral
    schedule: str | None = None  # the start within that cohort, where it has several


class RemovalVote(NamedTuple):
    """One side's decision about removal, in the order it was made (R43)."""

    decided_on: date
    side: str  # "delivery_partner", "lead_provider"
    decision: str  # "approve", "reject"


class Decided(NamedTuple):
    """What staff decided about one participant, each in the order it was recorded."""

    extensions: tuple[Extension, ...] = ()
    contacts: tuple[Contact, ...] = ()
    deferrals: tuple[Deferral, ...] = ()
    resumptions: tuple[Resumption, ...] = ()
    removal_votes: tuple[RemovalVote, ...] = ()
    deferral_requests: tuple[DeferralRequest, ...] = ()


NOTHING_DECIDED = Decided()


@dataclass(frozen=True, slots=True)
class Participant:
    """One participant's whole record: first what their own file says, then all else.

    `cohort` is the file's; the cohort on a day follows from `resumptions`. `imported` names the kinds of file of which any
    row is stored for the same partner, course and file cohort (reading 5). Decisions are in the order they were recorded.
    """

    id: str
    name: str
    course: str  # code
    cohort: str  # key
    delivery_partner: str
    email: str | None = None
    trn: str | None = None
    school: str | None = None
    facilitator: str | None = None
    application_status: str | None = None
    contract_returned_on: date | None = None
    sponsorship_returned_on: date | None = None
    training_status: str = "active"  # the file's: "active", "deferred", "withdrawn"
    schedule: str | None = None  # the start within the cohort, or DfE's schedule
    senco_start_date: date | None = None
    enrolment_id: int = 0
    _: KW_ONLY
    imported: frozenset[str] = frozenset()
    planned: tuple[PlannedSession, ...] = ()  # by their Delivery Partner, for their course or for every one
    activities: tuple[ActivityDone, ...] = ()
    declaration_reports: tuple[DeclarationReport, ...] = ()
    engagement_reports: tuple[EngagementReport, ...] = ()
    register: tuple[RegisterEntry, ...] = ()
    videos: tuple[VideoView, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    extensions: tuple[Extension, ...] = ()
    contacts: tuple[Contact, ...] = ()
    deferrals: tuple[Deferral, ...] = ()
    resumptions: tuple[Resumption, ...] = ()
    removal_votes: tuple[RemovalVote, ...] = ()
    deferral_requests: tuple[DeferralRequest, ...] = ()


class Kept(NamedTuple):
    """Where a participant's rows of a kind of file are: as which fact, and in which field."""

    fact: type[Any]
    field: str


# Every kind of file that a rule reads beside the participants' own. One more goes last, as stored records number them; where rows
# of it may be stored by then, their layout's number (`core.rules.folding.LAYOUT`) rises, so that all are folded anew.
FACTS: Mapping[str, Kept] = {
    "activities": Kept(ActivityDone, "activities"),
    "declaration_report": Kept(DeclarationReport, "declaration_reports"),
    "engagement_report": Kept(EngagementReport, "engagement_reports"),
    "register": Kept(RegisterEntry, "register"),
    "videos": Kept(VideoView, "videos"),
    "assessments": Kept(Assessment, "assessments"),
    "declarations": Kept(Declaration, "declarations"),
}


def columns_read(fact: type[Any]) -> tuple[str, ...]:
    """The columns that a fact (or a participant) is made from, in the order of its fields."""
    return tuple(name.removesuffix("_") for name in fields_read(fact))


def fields_read(fact: type[Any]) -> tuple[str, ...]:
    """The fields that hold these columns: of the same name but for `try_`, as Python keeps that word to itself."""
    names: tuple[str, ...] = fact.__match_args__  # all fields that are not keyword-only
    return names


def facts_of(person: Participant, kind: str) -> Sequence[Any]:
    """A participant's facts of one kind of file."""
    facts: Sequence[Any] = getattr(person, FACTS[kind].field)
    return facts
