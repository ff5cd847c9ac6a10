"""Sessions that Delivery Partners plan, a kind of file; and an event's credited length in its register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Hours

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is planned yet, and of no stored event a length is known."""
    op.create_table(
        "sessions",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("course", sa.String(), nullable=True),
        sa.Column("cohort", sa.String(), nullable=True),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("hours", Hours(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_delivery_partner", "sessions", ["delivery_partner"])
    op.add_column("register", sa.Column("hours", Hours(), nullable=True))


def downgrade() -> None:
    """Forgets both."""
    with op.batch_alter_table("register") as batch:
        batch.drop_column("hours")
    op.drop_index("ix_sessions_delivery_partner", "sessions")
    op.drop_table("sessions")
