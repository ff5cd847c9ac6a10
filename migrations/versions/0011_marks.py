"""A revision has a random mark, so that a database that was put back or replaced is not taken for the one before.

And which kinds of file were imported for a group stands in a small table; the records beside which it is kept are made anew.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The revision that there is gets a mark of its own: no copy of it is made by this step elsewhere."""
    op.add_column("caseload_revision", sa.Column("mark", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "revision_mark",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_revision_mark"),
    )
    op.execute(f"UPDATE caseload_revision SET mark = {secrets.randbits(63)}")
    op.execute("INSERT INTO revision_mark (revision, mark) SELECT revision, mark FROM caseload_revision")

    op.create_table(
        "imported_kinds",
        sa.Column("delivery_partner", sa.String(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_partner", "course", "cohort", name="pk_imported_kinds"),
    )


def downgrade() -> None:
    """Forgets both."""
    op.drop_table("imported_kinds")
    op.drop_table("revision_mark")
    with op.batch_alter_table("caseload_revision") as table:
        table.drop_column("mark")
