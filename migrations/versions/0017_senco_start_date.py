"""Since when somebody is SENCO, which the participants file may say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of nobody stored it is known."""
    op.add_column("participants", sa.Column("senco_start_date", sa.Date(), nullable=True))


def downgrade() -> None:
    """Forgets it."""
    with op.batch_alter_table("participants") as batch:
        batch.drop_column("senco_start_date")
