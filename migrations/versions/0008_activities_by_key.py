"""On SQLite the activities lie in the order of their key, in one tree instead of a table and its index.

A million activities then take 92 MB instead of 160.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = "participant_id, block, component, title, credits, completed_on, logged_by"


def upgrade() -> None:
    """Copies the rows once."""
    _copied(with_rowid=False)


def downgrade() -> None:
    """Copies them back."""
    _copied(with_rowid=True)


def _copied(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.create_table(
        "activities_copied",
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
        sqlite_with_rowid=with_rowid,
    )
    op.execute(
        f"INSERT INTO activities_copied ({_COLUMNS}) SELECT {_COLUMNS} FROM activities "
        "ORDER BY participant_id, block, component, title"
    )
    op.drop_table("activities")
    op.rename_table("activities_copied", "activities")
