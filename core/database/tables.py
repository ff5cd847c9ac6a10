"""What is stored. A table of a kind of file has that kind's columns under the names of the file's own header.

Facts come from files and are replaced by later ones; decisions and the audit trail are only ever added to. Instants are UTC,
days are Europe/London days, percentages are exact decimals.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Subquery,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.types import String, TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.model_config["defer_build"] = True  # rows are not checked by pydantic: no process pays for how it would


class Instant(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive datetime: it would be somebody's local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, whatever zone the database session shows."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_EXACT = Context(prec=100)  # more digits than anybody writes: nothing is rounded


class Percentage(TypeDecorator[Decimal]):
    """An exact decimal, stored as text: 89.9 is never 89.900000000000006."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """The decimal in plain digits without needless zeros, so that equal figures are stored alike."""
        return None if value is None else f"{value.normalize(_EXACT):f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """The decimal as it was given."""
        return None if value is None else Decimal(value)


class Hours(Percentage):
    """A number of hours, as exact."""

    cache_ok = True


def instant(*, nullable: bool = False) -> Column[Any]:
    """A column for an instant."""
    return Column(Instant(), nullable=nullable)


def columns_of(table: type[SQLModel] | str) -> Any:
    """A table's columns, by its class or name: for questions that ask for values and make no objects.

    Of "participants" those of people and their enrolments together, as a row of that file has them.
    """
    if table == PARTICIPANTS.name:
        return PARTICIPANTS.c
    return SQLModel.metadata.tables[table if isinstance(table, str) else str(table.__tablename__)].c


def _person() -> Any:
    return Field(sa_column=Column(String, ForeignKey("people.participant_id"), primary_key=True))


def _enrolment() -> Any:
    return Field(sa_column=Column(Integer, ForeignKey("enrolments.id"), primary_key=True))


def _percentage() -> Any:
    return Field(sa_column=Column(Percentage(), nullable=False))


def _hours() -> Any:
    return Field(default=None, sa_column=Column(Hours(), nullable=True))


# --- facts, as files bring them ---------------------------------------------------------------------------------------


class PeopleRow(SQLModel, table=True):
    """Who somebody is, whatever they take: of a participants row what is the person's."""

    __tablename__ = "people"

    participant_id: str = Field(primary_key=True)
    full_name: str
    email: str | None = None
    trn: str | None = None
    school: str | None = None
    senco_start_date: date | None = None


class EnrolmentRow(SQLModel, table=True):
    """A person on a course: in which cohort, with which Delivery Partner. Facts, decisions and records are about it."""

    __tablename__ = "enrolments"
    __table_args__ = (
        UniqueConstraint("participant_id", "course", name="uq_enrolments_participant_id"),
        Index("ix_enrolments_group", "delivery_partner", "course", "cohort"),
        {"sqlite_autoincrement": True},  # an id that is free again is nobody else's
    )

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    participant_id: str = Field(sa_column=Column(String, ForeignKey("people.participant_id"), nullable=False))
    course: str
    cohort: str
    delivery_partner: str
    facilitator: str | None = None
    application_status: str | None = None
    contract_returned_on: date | None = None
    sponsorship_returned_on: date | None = None
    training_status: str = "active"
    schedule: str | None = None  # of the cohort's starts, theirs; or DfE's schedule


def _participants() -> Subquery:
    people, enrolments = (SQLModel.metadata.tables[str(one.__tablename__)].c for one in (PeopleRow, EnrolmentRow))
    own = [column for column in enrolments if column.name not in ("id", "participant_id")]
    whole = select(enrolments.id.label("enrolment_id"), *people, *own)
    return whole.where(people.participant_id == enrolments.participant_id).subquery("participants")


PARTICIPANTS = _participants()  # everybody's enrolments, each with whose it is


class ActivityRow(SQLModel, table=True):
    """One activity somebody completed."""

    __tablename__ = "activities"
    __table_args__ = {"sqlite_with_rowid": False}  # in the order of the key: one tree to look through and write to

    enrolment_id: int = _enrolment()
    block: int = Field(primary_key=True)
    component: str = Field(primary_key=True)
    title: str = Field(primary_key=True)
    credits: int
    completed_on: date
    logged_by: str = "auto"


class DeclarationReportRow(SQLModel, table=True):
    """Credits within a Declaration period."""

    __tablename__ = "declaration_report"

    enrolment_id: int = _enrolment()
    period_start: date = Field(primary_key=True)
    period_end: date = Field(primary_key=True)
    credits: int
    self_study_credits: int | None = None
    cumulative_credits: int | None = None


class EngagementReportRow(SQLModel, table=True):
    """How much of the content was completed on the day a report was run."""

    __tablename__ = "engagement_report"

    enrolment_id: int = _enrolment()
    run_on: date = Field(primary_key=True)
    percent_complete: Decimal = _percentage()
    cumulative_credits: int | None = None


class RegisterRow(SQLModel, table=True):
    """One participant's line in an event's register."""

    __tablename__ = "register"

    event_id: str = Field(primary_key=True)
    enrolment_id: int = Field(sa_column=Column(Integer, ForeignKey("enrolments.id"), primary_key=True, index=True))
    event_type: str
    event_date: date
    status: str
    marked_on: date | None = None
    contingency: str | None = None
    contingency_on: date | None = None
    confirmed_by: str | None = None
    hours: Decimal | None = _hours()  # the event's credited length: the same on all its lines


class VideoRow(SQLModel, table=True):
    """How much of a block's video had been watched on a day."""

    __tablename__ = "videos"

    enrolment_id: int = _enrolment()
    block: int = Field(primary_key=True)
    viewed_on: date = Field(primary_key=True)
    percent_viewed: Decimal = _percentage()


class AssessmentRow(SQLModel, table=True):
    """A try at the summative assessment, as the lead provider tracks it."""

    __tablename__ = "assessments"

    enrolment_id: int = _enrolment()
    try_: int = Field(default=1, sa_column=Column("try", Integer, primary_key=True, default=1))
    submitted_on: date | None = None
    marked_on: date | None = None
    moderated_on: date | None = None
    external_moderation: str | None = None
    copies_held: bool | None = None
    result: str | None = None


class DeclarationRow(SQLModel, table=True):
    """What was declared to DfE."""

    __tablename__ = "declarations"

    enrolment_id: int = _enrolment()
    output: int = Field(primary_key=True)
    declared_on: date = Field(primary_key=True)
    evidence_cutoff: date | None = None
    state: str = "submitted"


class MeetingRow(SQLModel, table=True):
    """A Partnership meeting."""

    __tablename__ = "meetings"

    delivery_partner: str = Field(primary_key=True)
    meeting_on: date = Field(primary_key=True)


class SessionRow(SQLModel, table=True):
    """A session that a Delivery Partner plans; registers refer to it by its event_id. A blank course or cohort is every one."""

    __tablename__ = "sessions"

    event_id: str = Field(primary_key=True)
    delivery_partner: str = Field(index=True)
    course: str | None = None
    cohort: str | None = None
    event_type: str
    event_date: date
    starts_at: str | None = None  # such as 09:30
    minutes: int | None = None
    hours: Decimal | None = _hours()  # its credited length
    title: str | None = None


# --- decisions: only ever added to, in the order of their ids -----------------------------------------------------------


class Decision(SQLModel, table=True):
    """One decision. `kind` says which of the columns are filled; `decided_on` is its own day."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_of_enrolment", "enrolment_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    enrolment_id: int = Field(sa_column=Column(Integer, ForeignKey("enrolments.id"), nullable=False))
    kind: str  # extension, contact, deferral, deferral_answer, resumption, removal_vote, declaration, move
    told: str = ""  # what was recorded, in words, for everybody who may see the participant: never a reason
    decided_on: date
    recorded_at: datetime = Field(sa_column=instant())
    by: str
    output: int | None = None  # extension, declaration
    starts_on: date | None = None  # deferral
    until: date | None = None  # extension, deferral; a declaration's evidence cut-off
    reason: str | None = None  # extension, deferral
    channel: str | None = None  # contact
    outcome: str | None = None  # contact
    cohort: str | None = None  # resumption
    schedule: str | None = None  # resumption: the start within that cohort
    side: str | None = None  # removal_vote
    decision: str | None = (
        None  # removal_vote, deferral_answer; a deferral that was asked for, where it is to be confirmed
    )
    staff_id: int | None = None  # removal_vote, deferral_answer: who made it, where that was somebody on the staff list


# --- who and where ------------------------------------------------------------------------------------------------------


class Staff(SQLModel, table=True):
    """Somebody who may use the bot. `partner` None: every Delivery Partner."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("platform", "platform_id", name="uq_staff_platform_id"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    platform_id: str
    name: str
    role: str
    partner: str | None = None


class Place(SQLModel, table=True):
    """A channel that gets a Delivery Partner's posts, all or those of one course group or cohort."""

    __tablename__ = "place"

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    platform_id: str
    delivery_partner: str
    course_group: str | None = None
    cohort: str | None = None
    state: str = "well"  # or "unwell": posts are refused there
    trouble: str = ""  # what is wrong and how to mend it, in one sentence
    tried_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    bound_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # None: before this was noted
    owner: str | None = None  # whose id on the platform: is told when posts are refused; None: the administrators
    fallback: str | None = None  # the channel that gets the posts while this one is unwell
    unwell_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class Conversation(SQLModel, table=True):
    """Where in Teams the bot can write without being asked: as it was told at its installation and by every activity since."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_with", "person"), Index("ix_conversation_with_here", "person_here"))

    id: str = Field(primary_key=True)  # the platform's, without the message that a thread hangs from
    kind: str  # "personal", "groupChat", "channel"
    service_url: str  # where the platform takes messages to it; may change
    tenant: str = ""
    bot: str = ""  # the bot's own id there
    person: str | None = None  # of a personal one: with whom, by their id in Entra
    person_here: str | None = None  # and by the platform's own
    seen_at: datetime = Field(sa_column=instant())


class Notice(SQLModel, table=True):
    """Something that one person is to be told once: that a channel takes no posts, and how to mend it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("platform", "channel", "owner", "reason", "unwell_since", name="uq_notice_once"),
        Index("ix_notice_by_state", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    channel: str  # the one that is unwell
    owner: str  # who is told
    reason: str  # the platform's word for it
    trouble: str = Field(sa_column=Column(Text, nullable=False))
    unwell_since: datetime = Field(sa_column=instant())
    state: str = "planned"  # sending, sent; superseded: it was well again before; held: nobody knows whether it arrived
    token: str = ""  # of those who are told in one message
    begun_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # by the real clock
    retry_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class RefusalCount(SQLModel, table=True):
    """How often a platform did not take a post, by its own word for why; for the metrics."""

    __tablename__ = "refusal_count"

    platform: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    times: int


# --- housekeeping -------------------------------------------------------------------------------------------------------


class AuditEntry(SQLModel, table=True):
    """What was done, by whom, when; chained by hashes, never changed (triggers see to it)."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=instant())
    actor: str
    actor_id: int | None = None
    act: str
    participant_id: str | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    previous: str
    hash: str


class InboundEvent(SQLModel, table=True):
    """A click or form that was acted on, so that the same one delivered again changes nothing."""

    __tablename__ = "inbound_event"

    platform: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    at: datetime = Field(sa_column=instant())
    answer: str = Field(default="", sa_column=Column(Text, nullable=False))


class CaseloadRevision(SQLModel, table=True):
    """One row: raised by every transaction that changes facts or decisions, and marked anew at random."""

    __tablename__ = "caseload_revision"

    id: int = Field(default=1, primary_key=True)
    revision: int = 0
    mark: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class RevisionMark(SQLModel, table=True):
    """The marks of the last revisions: what this database has passed through."""

    __tablename__ = "revision_mark"

    revision: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    mark: int = Field(sa_column=Column(BigInteger, nullable=False))


class ParticipantRevision(SQLModel, table=True):
    """Raised by every decision about a participant, never by an import."""

    __tablename__ = "participant_revision"

    participant_id: str = _person()
    revision: int = 0


class ProgressRow(SQLModel, table=True):
    """What the verdicts need of one enrolment, folded from their facts; whoever changes these folds it anew."""

    __tablename__ = "progress"
    __table_args__ = (Index("ix_progress_group", "delivery_partner", "course", "cohort", "kinds"),)

    # no foreign key: it would lock the enrolment against whoever decides about it, and this is only derived
    enrolment_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    participant_id: str = Field(index=True)
    delivery_partner: str
    course: str
    cohort: str
    schedule: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))  # as compared
    kinds: int  # of which kinds of file they have any row (reading 5)
    revision: int = Field(index=True)  # the caseload's, when this was written
    facts: bytes


class ImportedKinds(SQLModel, table=True):
    """Of which kinds of file any row is stored for anybody of a group (reading 5): the group's progress records together."""

    __tablename__ = "imported_kinds"

    delivery_partner: str = Field(primary_key=True)
    course: str = Field(primary_key=True)
    cohort: str = Field(primary_key=True)
    kinds: int


class ProgressBasis(SQLModel, table=True):
    """One row: what the records rest on beyond the facts. Others' records are made anew."""

    __tablename__ = "progress_basis"

    id: int = Field(default=1, primary_key=True)
    basis: str = Field(sa_column=Column(Text, nullable=False))


class PackInUse(SQLModel, table=True):
    """Which pack the processes of one kind use, as the one that took it last has noted: to be compared, never gone by."""

    __tablename__ = "pack_in_use"

    process: str = Field(primary_key=True)  # "web", "worker"
    label: str  # as people read it
    hash: str
    folder: str  # what NPQ_PACK names there: a shipped pack's name, or a whole path
    noted_at: datetime = Field(sa_column=instant())  # by the real clock


class ImportLog(SQLModel, table=True):
    """Every import that was tried, also one that was refused: counts only, no cell of any file."""

    __tablename__ = "import_log"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=instant())
    actor: str
    written: bool
    files: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    problems: int = 0
