"""For which of their courses somebody is named on a page: a redrawn one tells of these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_FIRST = "coalesce((SELECT min(enrolments.id) FROM enrolments WHERE enrolments.participant_id = post_person.participant_id), 0)"


def upgrade() -> None:
    """Whoever was named takes one course; who is gone took none."""
    op.add_column("post_person", sa.Column("enrolment_id", sa.Integer(), nullable=False, server_default="0"))
    op.execute(f"UPDATE post_person SET enrolment_id = {_FIRST}")
    with op.batch_alter_table("post_person") as table:
        table.alter_column("enrolment_id", server_default=None, existing_type=sa.Integer(), existing_nullable=False)
        table.drop_constraint("pk_post_person", type_="primary")
        table.create_primary_key("pk_post_person", ["post_id", "participant_id", "enrolment_id"])


def downgrade() -> None:
    """Everybody is named once a page."""
    op.execute(
        "DELETE FROM post_person WHERE EXISTS (SELECT 1 FROM post_person AS other WHERE other.post_id = post_person.post_id "
        "AND other.participant_id = post_person.participant_id AND other.enrolment_id < post_person.enrolment_id)"
    )
    with op.batch_alter_table("post_person") as table:
        table.drop_constraint("pk_post_person", type_="primary")
        table.create_primary_key("pk_post_person", ["post_id", "participant_id"])
        table.drop_column("enrolment_id")
