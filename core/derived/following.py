"""Which state of the facts and decisions somebody sees, and what has changed between two: nobody else knows revisions.

Every change raises the revision's number and gives it a new random mark. The number alone is no identity: where an older copy
of the database is put back, or another file in its place, the same numbers come again. Whoever remembers anything keeps the
state that it rests on, and goes on from there only where that state belongs to the past of the one seen now.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlmodel import Session

from core.database.tables import CaseloadRevision, ProgressRow, RevisionMark, columns_of
from core.database.upserts import insert_into

SHORTLY = 1_000  # milliseconds that somebody waits for changes under way who can come back
REMEMBERED = 512  # marks: whoever has not looked for so many changes reads everything anew
FORGOTTEN_EVERY = 64  # changes
_BITS = 63  # of a mark: what a whole number of either kind of database holds


class State(NamedTuple):
    """One state of the facts and decisions."""

    number: int
    mark: int


NOTHING_SEEN = State(-1, 0)

_revision, _mark, _record = columns_of(CaseloadRevision), columns_of(RevisionMark), columns_of(ProgressRow)
_NOW = select(_revision.revision, _revision.mark)
_RAISED = (
    update(CaseloadRevision)
    .values(revision=_revision.revision + 1, mark=bindparam("new"))
    .returning(_revision.revision, _revision.mark)
)
_NOTED = insert(RevisionMark).values(revision=bindparam("number"), mark=bindparam("its_mark"))
_FORGOTTEN = delete(RevisionMark).where(_mark.revision < bindparam("oldest"))
_PASSED = select(_mark.revision).where(_mark.revision == bindparam("number"), _mark.mark == bindparam("mark"))
_CHANGED = select(_record.enrolment_id).where(_record.revision > bindparam("revision")).order_by(_record.enrolment_id)


def now(session: Session) -> State:
    """The state that this session sees."""
    found = session.connection().execute(_NOW).first()
    return State(0, 0) if found is None else State(*found)


def held(session: Session) -> State:
    """The same, which nobody changes until this transaction ends: PostgreSQL waits for those who are about to.

    An error there when they take longer than shortly. On SQLite whoever may write has waited already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = {SHORTLY}"))
    _begin(session)  # of no row nobody could be kept
    return State(*session.connection().execute(_NOW.with_for_update(read=True)).one())


def move_on(session: Session) -> State:
    """The state that this transaction makes."""
    connection, new = session.connection(), {"new": secrets.randbits(_BITS)}
    raised = connection.execute(_RAISED, new).first()
    if raised is None:
        _begin(session)
        raised = connection.execute(_RAISED, new).one()
    state = State(*raised)
    connection.execute(_NOTED, {"number": state.number, "its_mark": state.mark})
    if state.number % FORGOTTEN_EVERY == 0:
        connection.execute(_FORGOTTEN, {"oldest": state.number - REMEMBERED})
    return state


def changed(session: Session, since: State, until: State) -> list[int] | None:
    """Of which enrolments the facts, or what was decided about them, changed between two states; None where nobody can say.

    That is so where `since` is no part of the past of `until`: everything that rests on it is to be forgotten.
    """
    if not 0 <= since.number < until.number:
        return None
    if session.connection().execute(_PASSED, since._asdict()).first() is None:
        return None
    return list(session.connection().execute(_CHANGED, {"revision": since.number}).scalars())


def _begin(session: Session) -> None:
    session.execute(insert_into(session, CaseloadRevision).values(id=1, revision=0, mark=0).on_conflict_do_nothing())
