"""Which kinds' rows are judged beside others, of their file and as stored. Those of all other kinds are judged by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from core.imports.checks import event_rows, neighbour_rows, stored_rows
from core.imports.checks.import_context import ImportContext
from core.imports.kinds import WHO, Kind
from core.imports.rows import Findings, Row

Check = Callable[[Session, list[Row], ImportContext, Findings], None]  # of rows that are good by themselves


@dataclass(frozen=True, slots=True)
class RowGroup:
    """How rows are judged beside others.

    `by` is the column by which rows of one file belong together: all that agree in it are judged at once. With `as_stored`
    those before are stored by then.
    """

    check: Check
    by: str | None = None
    as_stored: bool = False


def _check_activities(session: Session, rows: list[Row], known: ImportContext, findings: Findings) -> None:
    if odd := [row for row in rows if neighbour_rows.unlisted(row, known)]:
        neighbour_rows.spell_as_stored(odd, stored_rows.stored_titles(session, _enrolments(odd)))


def _check_periods(session: Session, rows: list[Row], known: ImportContext, findings: Findings) -> None:
    neighbour_rows.check_periods(rows, stored_rows.stored_periods(session, _enrolments(rows)), findings)


def _check_events(session: Session, rows: list[Row], known: ImportContext, findings: Findings) -> None:
    events = _values(rows, "event_id")
    stored, planned = stored_rows.stored_events(session, events), stored_rows.stored_sessions(session, events)
    known.unsaid_hours |= event_rows.check_events(rows, stored, planned, known, findings)


def _check_sessions(session: Session, rows: list[Row], known: ImportContext, findings: Findings) -> None:
    events = _values(rows, "event_id")
    stored, planned = stored_rows.stored_events(session, events), stored_rows.stored_sessions(session, events)
    event_rows.check_sessions(rows, stored, planned, known, findings)


def _check_declarations(session: Session, rows: list[Row], known: ImportContext, findings: Findings) -> None:
    neighbour_rows.check_declarations(rows, stored_rows.stored_declarations(session, _enrolments(rows)), findings)


_BESIDE: Mapping[str, RowGroup] = {
    "activities": RowGroup(_check_activities),
    "declaration_report": RowGroup(_check_periods, as_stored=True),
    "register": RowGroup(_check_events, by="event_id"),
    "declarations": RowGroup(_check_declarations, by=WHO),
    "sessions": RowGroup(_check_sessions),
}


def _check_nothing(session: Session, rows: list[Row], known: ImportContext, findings: Findings) -> None:
    """There is nothing to say about them but what each says by itself."""


_ALONE = RowGroup(_check_nothing)


def beside(kind: Kind) -> RowGroup:
    """How the rows of a kind are judged beside others."""
    return _BESIDE.get(kind.name, _ALONE)


def _enrolments(rows: list[Row]) -> list[int]:
    return list(dict.fromkeys(row.about for row in rows))


def _values(rows: list[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row.word(column) for row in rows))
