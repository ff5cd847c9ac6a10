"""Which pack the web process and the worker use, for whoever compares them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of any process until its next start."""
    op.create_table(
        "pack_in_use",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_pack_in_use"),
    )


def downgrade() -> None:
    """Forgets it."""
    op.drop_table("pack_in_use")
