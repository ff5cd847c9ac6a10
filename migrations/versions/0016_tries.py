"""Somebody may try the summative assessment several times: which try it is becomes part of the key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is stored is everybody's first."""
    with op.batch_alter_table("assessments") as batch:  # SQLite: the rows are copied into a table made anew
        batch.add_column(sa.Column("try", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint("pk_assessments", type_="primary")
        batch.create_primary_key("pk_assessments", ["participant_id", "try"])
    with op.batch_alter_table("assessments") as batch:
        batch.alter_column("try", existing_type=sa.Integer(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    """Of several tries the version before can hold one: that which counts, the first that was passed or the newest."""
    op.execute(
        """
        DELETE FROM assessments WHERE "try" <> COALESCE(
            (SELECT MIN(a."try") FROM assessments AS a
             WHERE a.participant_id = assessments.participant_id AND a.result = 'passed'),
            (SELECT MAX(a."try") FROM assessments AS a WHERE a.participant_id = assessments.participant_id)
        )
        """
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits on the rows' deletion: the table is changed next
    with op.batch_alter_table("assessments") as batch:
        batch.drop_constraint("pk_assessments", type_="primary")
        batch.create_primary_key("pk_assessments", ["participant_id"])
        batch.drop_column("try")
