"""What files bring, what staff decide, who may use the bot and where it posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant, Percentage

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("participant_id", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_participant_id", "audit", ["participant_id"], unique=False)
    op.create_table(
        "caseload_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_caseload_revision"),
    )
    op.create_table(
        "import_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_log"),
    )
    op.create_table(
        "inbound_event",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "event_id", name="pk_inbound_event"),
    )
    op.create_table(
        "meetings",
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_partner", "meeting_on", name="pk_meetings"),
    )
    op.create_table(
        "participants",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("trn", sa.String(), nullable=True),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column("facilitator", sa.String(), nullable=True),
        sa.Column("application_status", sa.String(), nullable=True),
        sa.Column("contract_returned_on", sa.Date(), nullable=True),
        sa.Column("sponsorship_returned_on", sa.Date(), nullable=True),
        sa.Column("training_status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participants"),
    )
    op.create_index("ix_participants_group", "participants", ["delivery_partner", "course", "cohort"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("course_group", sa.String(), nullable=True),
        sa.Column("cohort", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("platform", "platform_id", name="uq_staff_platform_id"),
    )
    op.create_table(
        "activities",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("component", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("logged_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_activities_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("participant_id", "block", "component", "title", name="pk_activities"),
    )
    op.create_table(
        "assessments",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("marked_on", sa.Date(), nullable=True),
        sa.Column("moderated_on", sa.Date(), nullable=True),
        sa.Column("external_moderation", sa.String(), nullable=True),
        sa.Column("copies_held", sa.Boolean(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_assessments_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("participant_id", name="pk_assessments"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("output", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("cohort", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_decision_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_of_participant", "decision", ["participant_id", "id"], unique=False)
    op.create_table(
        "declaration_report",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("self_study_credits", sa.Integer(), nullable=True),
        sa.Column("cumulative_credits", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.participant_id"],
            name="fk_declaration_report_participant_id_participants",
        ),
        sa.PrimaryKeyConstraint("participant_id", "period_start", "period_end", name="pk_declaration_report"),
    )
    op.create_table(
        "declarations",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("output", sa.Integer(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("evidence_cutoff", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_declarations_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("participant_id", "output", "declared_on", name="pk_declarations"),
    )
    op.create_table(
        "engagement_report",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=False),
        sa.Column("percent_complete", Percentage(), nullable=False),
        sa.Column("cumulative_credits", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_engagement_report_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("participant_id", "run_on", name="pk_engagement_report"),
    )
    op.create_table(
        "participant_revision",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.participant_id"],
            name="fk_participant_revision_participant_id_participants",
        ),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participant_revision"),
    )
    op.create_table(
        "register",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=True),
        sa.Column("contingency", sa.String(), nullable=True),
        sa.Column("contingency_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_register_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("event_id", "participant_id", name="pk_register"),
    )
    op.create_index("ix_register_participant_id", "register", ["participant_id"], unique=False)
    op.create_table(
        "videos",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("viewed_on", sa.Date(), nullable=False),
        sa.Column("percent_viewed", Percentage(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.participant_id"], name="fk_videos_participant_id_participants"
        ),
        sa.PrimaryKeyConstraint("participant_id", "block", "viewed_on", name="pk_videos"),
    )
