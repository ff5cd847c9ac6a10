"""Who is told once when a channel takes no posts, and where they go meanwhile; what the platforms refused, counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Channels bound before have neither owner nor fallback."""
    op.add_column("place", sa.Column("bound_at", Instant(), nullable=True))
    op.add_column("place", sa.Column("owner", sa.String(), nullable=True))
    op.add_column("place", sa.Column("fallback", sa.String(), nullable=True))
    op.add_column("place", sa.Column("unwell_since", Instant(), nullable=True))
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("unwell_since", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("platform", "channel", "owner", "reason", "unwell_since", name="uq_notice_once"),
    )
    op.create_index("ix_notice_by_state", "notice", ["state"], unique=False)
    op.create_table(
        "refusal_count",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "reason", name="pk_refusal_count"),
    )


def downgrade() -> None:
    """Forgets all of it."""
    op.drop_table("refusal_count")
    op.drop_table("notice")
    with op.batch_alter_table("place") as table:
        for name in ("unwell_since", "fallback", "owner", "bound_at"):
            table.drop_column(name)
