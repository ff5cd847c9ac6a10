"""What is posted and what was; an audit trail that the database itself keeps append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


STATE_KNOWN = "state IN ('planned', 'waiting', 'sending', 'unknown', 'sent', 'superseded', 'held', 'failed')"
SQLITE_GUARD = """
CREATE TRIGGER audit_never_{verb_lower} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
"""
POSTGRES_GUARD = (
    """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$
""",
    """
CREATE TRIGGER audit_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()
""",
)


def upgrade() -> None:
    """Makes the tables, and lets the database itself refuse any change to the audit trail."""
    op.create_table(
        "lane",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_since", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("lease_since_real", Instant(), nullable=True),
        sa.Column("lease_until_real", Instant(), nullable=True),
        sa.Column("wait_since", Instant(), nullable=True),
        sa.Column("wait_until", Instant(), nullable=True),
        sa.Column("wait_since_real", Instant(), nullable=True),
        sa.Column("wait_until_real", Instant(), nullable=True),
        sa.Column("wait_reason", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at_real", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "channel", name="pk_lane"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("about", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("occasion", sa.JSON(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.CheckConstraint(
            STATE_KNOWN,
            name="ck_message_state_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("identity", "platform", "channel", name="uq_message_once"),
    )
    op.create_index("ix_message_by_due", "message", ["due_at"], unique=False)
    op.create_index("ix_message_by_lane", "message", ["platform", "channel", "state"], unique=False)
    op.create_index("ix_message_by_state", "message", ["state"], unique=False)
    op.create_table(
        "plan_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_mark"),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("needs_update", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.CheckConstraint(
            STATE_KNOWN,
            name="ck_post_state_known",
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_post_message_id_message", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.UniqueConstraint("message_id", "page", name="uq_post_page"),
        sa.UniqueConstraint("token", name="uq_post_token"),
    )
    op.create_index("ix_post_by_update", "post", ["needs_update"], unique=False)
    op.create_table(
        "post_person",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_post_person_post_id_post", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "participant_id", name="pk_post_person"),
    )
    op.create_index("ix_post_person_participant_id", "post_person", ["participant_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRES_GUARD:
            op.execute(statement)
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE_GUARD.format(verb=verb, verb_lower=verb.lower()))
