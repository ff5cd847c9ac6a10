"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.database.tables import Instant, Percentage

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """${message}"""
    ${upgrades if upgrades else "pass"}
