"""Where in Teams the bot can write without being asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of any conversation until its next activity."""
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("service_url", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("person_here", sa.String(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversation"),
    )
    op.create_index("ix_conversation_with", "conversation", ["person"], unique=False)
    op.create_index("ix_conversation_with_here", "conversation", ["person_here"], unique=False)


def downgrade() -> None:
    """Forgets them."""
    op.drop_table("conversation")
