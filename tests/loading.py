"""How tests put facts and decisions into the tables: through the door, or by the one loader that says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from core.changes import DOOR, changing
from core.derived import following
from core.derived.office import Office
from core.records.database import writing

WHENEVER = datetime(2022, 6, 16, 8, tzinfo=UTC)  # for what depends on no moment


@contextmanager
def loading(office: Office) -> Iterator[Session]:
    """Stores whatever a test needs; everybody's records are made anew at the end."""
    with changing(office, now=WHENEVER) as change:
        yield change.session
        change.everybody()


@contextmanager
def loading_rows(engine: Engine) -> Iterator[Session]:
    """The same for tests of the tables alone: the state moves on, and no record is made."""
    with writing(engine) as session:
        session.connection().info[DOOR] = True
        try:
            yield session
            session.flush()
            following.move_on(session)
        finally:
            session.connection().info.pop(DOOR, None)
