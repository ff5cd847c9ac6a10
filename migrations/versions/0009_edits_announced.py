"""An edit of a post is announced like the post itself: when it began, and after when it can no longer arrive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No edit is under way."""
    op.add_column("post", sa.Column("edit_begun_at", Instant(), nullable=True))
    op.add_column("post", sa.Column("edit_settles_at", Instant(), nullable=True))


def downgrade() -> None:
    """Forgets edits under way."""
    with op.batch_alter_table("post") as table:
        table.drop_column("edit_settles_at")
        table.drop_column("edit_begun_at")
