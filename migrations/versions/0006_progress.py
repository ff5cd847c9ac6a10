"""One small record of each participant's facts, from which everybody's verdict is had at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty at first: whoever needs the records first folds them from the facts."""
    op.create_table(
        "progress",
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name="pk_progress"),
    )
    op.create_index("ix_progress_group", "progress", ["delivery_partner", "course", "cohort", "kinds"])
    op.create_index("ix_progress_revision", "progress", ["revision"])
    op.create_table(
        "progress_basis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_progress_basis"),
    )


def downgrade() -> None:
    """The facts hold everything that the records do."""
    op.drop_table("progress_basis")
    op.drop_table("progress")
