"""The tables: messages, their pages and who stands on them; lanes to the channels, the planner, the platforms' slots."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.database.tables import instant

State = Literal["planned", "waiting", "sending", "unknown", "sent", "superseded", "held", "failed"]

STATES: tuple[str, ...] = get_args(State)
UNSENT: tuple[str, ...] = ("planned", "waiting")
UNDER_WAY: tuple[str, ...] = ("planned", "waiting", "sending", "unknown")
_STATE_KNOWN = "state IN (" + ", ".join(f"'{state}'" for state in STATES) + ")"


class Message(SQLModel, table=True):
    """One occasion for one place. `identity` says who, what, about which date: a second planner inserts nothing."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("identity", "platform", "channel", name="uq_message_once"),
        CheckConstraint(_STATE_KNOWN, name="state_known"),
        Index("ix_message_by_lane", "platform", "channel", "state"),
        Index("ix_message_by_state", "state"),
        Index("ix_message_by_due", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(sa_column=Column(Text, nullable=False))
    series: str = Field(sa_column=Column(Text, nullable=False))
    key: str
    about: date
    due_on: date
    due_at: datetime = Field(sa_column=instant())
    delivery_partner: str
    occasion: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # ids and dates, nobody's name
    platform: str
    channel: str
    place_id: int | None = None
    state: str = "planned"
    reason: str = ""  # why superseded, held, failed or waiting: a code, or the platform's word for it
    retry_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # while waiting
    planned_at: datetime = Field(sa_column=instant())
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # the last page's, tick's clock


class Post(SQLModel, table=True):
    """One page of a message. Who stands on it is fixed when the message is first opened out (`PostPerson`)."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("message_id", "page", name="uq_post_page"),
        UniqueConstraint("token", name="uq_post_token"),
        CheckConstraint(_STATE_KNOWN, name="state_known"),
        Index("ix_post_by_update", "needs_update"),
    )

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", ondelete="CASCADE")
    page: int  # from 1
    pages: int
    token: str  # goes along as message metadata; a post whose outcome is unknown is looked for by it
    state: str = "planned"
    reason: str = ""
    attempts: int = 0
    # of the last try, by the real clock: when it began, and after when it can no longer arrive
    attempted_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    settled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    channel: str | None = None  # as the platform answered: the address for updates
    ts: str | None = None
    sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    judged_on: date | None = None  # the day of which it speaks
    needs_update: int = Field(default=0)  # counts changes since it was drawn; an update takes off what it saw
    updated_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    # of an edit whose outcome is not noted, by the real clock: when it began, and after when it can no longer arrive
    edit_begun_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    edit_settles_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    trouble: str = ""  # why it can no longer be updated


class PostPerson(SQLModel, table=True):
    """Who is named on a page, and for which of their courses: the enrolments of one person have one place."""

    __tablename__ = "post_person"

    post_id: int = Field(foreign_key="post.id", primary_key=True, ondelete="CASCADE")
    participant_id: str = Field(primary_key=True, index=True)
    enrolment_id: int = Field(primary_key=True)
    position: int


class Lane(SQLModel, table=True):
    """One channel's turn to be posted to. `_real` columns go by the real clock, the others by the tick's."""

    __tablename__ = "lane"

    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    owner: str = ""  # nobody
    fence: int = 0
    lease_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_until_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    wait_reason: str = ""
    failures: int = 0  # in a row: the next wait is longer
    paced_since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    next_at_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))  # the platform's pace


class PlanMark(SQLModel, table=True):
    """What the last plan saw, in one row: while nothing of it changes, planning again would find nothing."""

    __tablename__ = "plan_mark"

    id: int = Field(default=1, primary_key=True)
    seen: str = Field(sa_column=Column(Text, nullable=False))
    planned_at: datetime = Field(sa_column=instant())


class Planner(SQLModel, table=True):
    """Who plans just now, in one row: one at a time, and whoever was overtaken writes nothing any more."""

    __tablename__ = "planner"

    id: int = Field(default=1, primary_key=True)
    owner: str = ""  # nobody
    fence: int = 0
    lease_since: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class PostSlot(SQLModel, table=True):
    """One of the posts that a platform takes in a while: taken again only when its while is over, by the real clock."""

    __tablename__ = "post_slot"

    platform: str = Field(primary_key=True)
    slot: int = Field(primary_key=True)
    holder: str = ""
    since_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    until_real: datetime | None = Field(default=None, sa_column=instant(nullable=True))
