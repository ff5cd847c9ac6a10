"""Who made a removal vote: it is void once they may no longer decide (R43)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Votes recorded before this are nobody's on the list: they stay as they are."""
    op.add_column("decision", sa.Column("staff_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forgets who voted."""
    with op.batch_alter_table("decision") as table:
        table.drop_column("staff_id")
