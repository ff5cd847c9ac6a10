"""How tests put facts and decisions into the tables where that is not what they are about: nobody is told and no post redrawn.

Whatever is about changing them goes through `core.changes.changing`; everything else is refused (`tests.guard`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, delete
from sqlmodel import Session

from core.database.database import writing
from core.database.tables import ProgressBasis
from core.derived import following, progress_store
from core.derived.installation import Installation
from core.records import participant_rows
from tests import guard


@contextmanager
def loading(installation: Installation, *people: str) -> Iterator[Session]:
    """Stores whatever a test needs; at the end the records of these people are made anew, or else everybody's."""
    with loading_by_hand(installation.engine) as session:
        yield session
        session.flush()
        state = following.move_on(session)
        if people:
            enrolments = participant_rows.enrolments_of(session, people).values()
            progress_store.refresh(session, installation.fold, enrolments, state)
        else:
            progress_store.rebuild(session, installation.fold, state)


@contextmanager
def loading_rows(engine: Engine) -> Iterator[Session]:
    """The same for tests of the tables alone: the state moves on, and whatever records there are are given up."""
    with loading_by_hand(engine) as session:
        yield session
        session.flush()
        following.move_on(session)
        session.execute(delete(ProgressBasis))


@contextmanager
def loading_by_hand(engine: Engine) -> Iterator[Session]:
    """As somebody else's hand or another version of the program would: nothing follows from it."""
    with writing(engine) as session, guard.let_through(session.connection()):
        yield session
        session.flush()
