"""Who plans just now, and how many posts a platform has taken lately: shared by all processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes both tables; they fill by themselves."""
    op.create_table(
        "planner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_since", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("lease_since_real", Instant(), nullable=True),
        sa.Column("lease_until_real", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_planner"),
    )
    op.create_table(
        "post_slot",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since_real", Instant(), nullable=True),
        sa.Column("until_real", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "slot", name="pk_post_slot"),
    )
    op.add_column("lane", sa.Column("paced_since_real", Instant(), nullable=True))


def downgrade() -> None:
    """Forgets both: planning and pace begin anew."""
    with op.batch_alter_table("lane") as table:
        table.drop_column("paced_since_real")
    op.drop_table("post_slot")
    op.drop_table("planner")
