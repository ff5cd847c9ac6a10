"""Statements that both kinds of database understand, and how many rows they changed."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.engine import CursorResult
from sqlmodel import Session

STANDS_STILL = 20_000  # milliseconds in the middle of a transaction, after which PostgreSQL takes its locks away
WAITS = 4_000  # milliseconds for somebody else's lock: a call and this wait fit into one lease


def be_brief(session: Session) -> None:
    """Lets a process that is suspended in the middle of this transaction lock nobody out for long. Only on PostgreSQL."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {STANDS_STILL}"))
        session.execute(text(f"SET LOCAL lock_timeout = {WAITS}"))


def changed(session: Session, statement: Any) -> int:
    """How many rows a statement changed."""
    counted = statement.execution_options(preserve_rowcount=True)  # PostgreSQL's driver forgets it for inserts
    return cast("CursorResult[Any]", session.execute(counted)).rowcount
