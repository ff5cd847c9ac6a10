"""What was recorded is kept in words beside the decision, so that whoever reads a history need not know every act there ever was."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WAYS = {"phone": "by phone", "email": "by e-mail", "text": "by text", "in-person": "in person"}
_SIDES = {"delivery_partner": "Delivery Partner", "lead_provider": "Lead provider"}
_AT_ONCE = 1_000

_decision = sa.table(
    "decision",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("output", sa.Integer),
    sa.column("starts_on", sa.Date),
    sa.column("until", sa.Date),
    sa.column("channel", sa.String),
    sa.column("outcome", sa.String),
    sa.column("cohort", sa.Integer),
    sa.column("side", sa.String),
    sa.column("decision", sa.String),
    sa.column("told", sa.String),
)


def upgrade() -> None:
    """The decisions that there are get the words that were made of them until now."""
    op.add_column("decision", sa.Column("told", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    words = _decision.update().where(_decision.c.id == sa.bindparam("row")).values(told=sa.bindparam("words"))
    rows = connection.execute(sa.select(_decision)).fetchall()
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(words, [{"row": row.id, "words": _told(row)} for row in rows[start : start + _AT_ONCE]])


def downgrade() -> None:
    """Forgets the words; what they were made of stays."""
    with op.batch_alter_table("decision") as table:
        table.drop_column("told")


def _told(row: Any) -> str:
    match row.kind:
        case "extension":
            return f"Output {row.output} extended to {_in_words(row.until)}"
        case "contact":
            answer = "reached" if row.outcome == "reached" else "no answer"
            return f"Contact tried {_WAYS.get(row.channel, row.channel)} ({answer}), logged"
        case "deferral":
            return f"Deferred from {_in_words(row.starts_on)}, agreed return {_in_words(row.until)}"
        case "resumption":
            return "Back from deferral" + (f", rejoined cohort {row.cohort}" if row.cohort is not None else "")
        case "removal_vote":
            return f"{_SIDES[row.side]}: removal {'approved' if row.decision == 'approve' else 'rejected'}"
        case _:
            return f"Output {row.output} declared"


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
