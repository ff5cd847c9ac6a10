"""Which pack each process that runs on uses: noted by itself at its start and whenever it takes another, for whoever compares them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlmodel import Session, col

from core.database.database import writing
from core.database.tables import PackInUse
from core.database.upserts import insert_into
from core.derived.installation import Installation
from core.services.installation import DATABASE_FAILS

__all__ = ["PackInUse", "Process", "note", "noted"]

Process = Literal["web", "worker"]


def note(installation: Installation, process: Process, folder: str, *, at: datetime) -> bool:
    """Notes that a process uses the installation's pack from now on, by the real clock; of several the newest note stands.

    False where the database takes nothing just now: the process works all the same, and tries again later.
    """
    pack = installation.pack
    values = {"label": pack.label, "hash": pack.hash, "folder": folder, "noted_at": at}
    try:
        with writing(installation.engine) as session:
            row = insert_into(session, PackInUse).values(process=process, **values)
            session.execute(row.on_conflict_do_update(index_elements=["process"], set_=values))
    except DATABASE_FAILS:
        return False
    return True


def noted(session: Session) -> Mapping[str, PackInUse]:
    """What was noted last, by process."""
    return {each.process: each for each in session.scalars(select(PackInUse).order_by(col(PackInUse.process)))}
