"""A cohort is named by its key, a text such as "4" or "2026b"; and somebody's start within it can be said.

What names a message is left letter for letter: "4" stands there as before, so nothing goes out twice or goes missing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
_NUMBERED = {"participants": False, "decision": True, "place": True, "progress": False, "imported_kinds": False}
_message = sa.table("message", sa.column("id", sa.Integer), sa.column("occasion", sa.JSON))


def upgrade() -> None:
    """Numbers become their own digits."""
    for table, may_be_blank in _NUMBERED.items():
        _retype(table, sa.Integer(), sa.String(), may_be_blank)
    op.add_column("participants", sa.Column("schedule", sa.String(), nullable=True))
    op.add_column("decision", sa.Column("schedule", sa.String(), nullable=True))
    op.add_column("progress", sa.Column("schedule", sa.String(), nullable=False, server_default=""))
    _rewrite_occasions(int, str)


def downgrade() -> None:
    """Keys that are numbers become numbers again; where there is another, the version before could not name it: refused."""
    connection = op.get_bind()
    for table in _NUMBERED:
        cohort = sa.table(table, sa.column("cohort", sa.String)).c.cohort
        others = [
            key for key in connection.execute(sa.select(cohort).distinct()).scalars() if not (key or "0").isdecimal()
        ]
        if others:
            raise ValueError(
                f"{table} has cohorts that are no numbers ({', '.join(sorted(others))}): the version before has none"
            )
    _rewrite_occasions(str, int)
    for table in ("progress", "decision", "participants"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("schedule")
    for table, may_be_blank in _NUMBERED.items():
        _retype(table, sa.String(), sa.Integer(), may_be_blank)


def _retype(table: str, before: Any, after: Any, blank: bool) -> None:
    using = f"cohort::{'integer' if isinstance(after, sa.Integer) else 'varchar'}"
    with op.batch_alter_table(table) as batch:
        batch.alter_column("cohort", existing_type=before, type_=after, existing_nullable=blank, postgresql_using=using)


def _rewrite_occasions(before: type, after: type) -> None:
    """What a stored message says of its cohort; some at a time, in the order of their ids."""
    connection, last = op.get_bind(), 0
    wanted = sa.select(_message).where(_message.c.id > sa.bindparam("last")).order_by(_message.c.id).limit(_AT_ONCE)
    occasion = sa.bindparam("rewritten", type_=sa.JSON)
    rewrite = _message.update().where(_message.c.id == sa.bindparam("row")).values(occasion=occasion)
    while rows := connection.execute(wanted, {"last": last}).fetchall():
        last = rows[-1].id
        numbered = [row for row in rows if isinstance(row.occasion.get("cohort"), before)]
        told = [{**row.occasion, "cohort": after(row.occasion["cohort"])} for row in numbered]
        if numbered:
            found = [{"row": row.id, "rewritten": one} for row, one in zip(numbered, told, strict=True)]
            connection.execute(rewrite, found)
