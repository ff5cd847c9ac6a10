"""What was remembered wrongly of conversations in Teams is forgotten: the next activity from each says it anew.

Whatever did not say what it was counted as somebody's own chat, and answers about participants went there ever after; and ids were
kept that no conversation or person can have.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = re.compile(r"[!-~]{1,1000}")
_ALONE = re.compile(r"a:[!-~]+|[^:@%]+")
_ADDRESS = re.compile(r"https?://[!-~]{1,2000}")
_NAMES = ("id", "kind", "service_url", "tenant", "bot", "person", "person_here")
_conversation = sa.table("conversation", *(sa.column(name, sa.String()) for name in _NAMES))


def upgrade() -> None:
    """Leaves what is certain."""
    columns = _conversation.c
    for row in op.get_bind().execute(sa.select(_conversation)).all():
        others = filter(None, (row.tenant, row.bot, row.person, row.person_here))
        possible = all(map(_ID.fullmatch, (row.id, *others))) and _ADDRESS.fullmatch(row.service_url)
        if not possible or (row.kind == "personal" and not _ALONE.fullmatch(row.id)):
            op.execute(_conversation.delete().where(columns.id == row.id))


def downgrade() -> None:
    """Nothing is to be taken back."""
