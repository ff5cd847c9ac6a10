"""The audit trail: what was done, by whom, when. Each entry carries a hash over itself and the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlmodel import Session, SQLModel, col

from core.database.tables import AuditEntry

BEGINNING = "0" * 64
_TRAIL = SQLModel.metadata.tables[str(AuditEntry.__tablename__)]
_LAST_HASH = select(_TRAIL.c.hash).order_by(_TRAIL.c.id.desc()).limit(1)


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    actor_id: int | None,
    act: str,
    participant_id: str | None,
    detail: Mapping[str, Any],
) -> None:
    """Adds an entry in the transaction of what it tells. `detail` holds ids, dates and counts: no names, no reasons."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))  # one chain: one appender at a time
    last = session.execute(_LAST_HASH).scalar()
    entry: dict[str, Any] = {
        "at": at,
        "actor": actor,
        "actor_id": actor_id,
        "act": act,
        "participant_id": participant_id,
        "detail": dict(detail),
        "previous": last or BEGINNING,
    }
    session.execute(insert(_TRAIL), {**entry, "hash": _hash(entry)})


def entries(session: Session, participant_id: str | None = None, limit: int = 100) -> list[AuditEntry]:
    """The newest entries first, about one participant or all."""
    wanted = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    if participant_id is not None:
        wanted = wanted.where(col(AuditEntry.participant_id) == participant_id)
    return list(session.execute(wanted).scalars())


def verify(session: Session) -> str | None:
    """None when the chain is whole; else a sentence that names the first entry that is not as it was written."""
    previous = BEGINNING
    wanted = select(_TRAIL).order_by(_TRAIL.c.id).execution_options(yield_per=1_000)  # it may be a long one
    for entry in session.execute(wanted).mappings():
        if entry["previous"] != previous or entry["hash"] != _hash(entry):
            return f"Audit entry {entry['id']} is not as it was written."
        previous = entry["hash"]
    return None


def _hash(entry: Mapping[Any, Any]) -> str:
    at = entry["at"].astimezone(UTC).isoformat()
    told = [entry["previous"], at, *(entry[name] for name in ("actor", "actor_id", "act", "participant_id", "detail"))]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
