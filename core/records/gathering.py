"""Gathers the facts of some participants as the fold of their progress records takes them, in one question per kind.

Days and percentages come as they are stored, which the fold reads faster than the driver does. The activity log comes
with one row per participant, whose columns the database has put together.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Date, Select, String, any_, bindparam, func, select, type_coerce
from sqlmodel import Session

from core.records import caseload
from core.records.tables import (
    ActivityRow,
    AssessmentRow,
    DeclarationReportRow,
    DeclarationRow,
    EngagementReportRow,
    ParticipantRow,
    Percentage,
    RegisterRow,
    VideoRow,
    columns_of,
)
from core.rules.folding import Log, Rows

_BETWEEN = "\x1f"  # in a log that SQLite has joined; imports drop control codes
_NO_LOG = Log()
_PERSON = (
    "delivery_partner",
    "course",
    "cohort",
    "training_status",
    "application_status",
    "contract_returned_on",
    "sponsorship_returned_on",
)
_FACTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "periods": (
        DeclarationReportRow,
        ("period_start", "period_end", "credits", "self_study_credits", "cumulative_credits"),
    ),
    "runs": (EngagementReportRow, ("run_on", "percent_complete", "cumulative_credits")),
    "register": (
        RegisterRow,
        ("event_id", "event_type", "event_date", "status", "contingency", "contingency_on", "confirmed_by"),
    ),
    "videos": (VideoRow, ("viewed_on", "block", "percent_viewed")),
    "assessments": (
        AssessmentRow,
        ("submitted_on", "marked_on", "moderated_on", "external_moderation", "copies_held", "result"),
    ),
    "declarations": (DeclarationRow, ("declared_on", "output", "evidence_cutoff", "state")),
}


def gathered(session: Session, ids: Sequence[str]) -> Iterator[tuple[str, str, str, int, Rows]]:
    """Of these participants, in no order: id, Delivery Partner, course, cohort and facts."""
    facts = {name: _by_person(session, name, ids) for name in _FACTS}
    logs = {row[0]: row[1:] for row in _ask(session, "joined log", ids)}
    booked = {line[1] for lines in facts["register"].values() for line in lines if line[4] == "booked"}
    marked = caseload.marked_events(session, sorted(booked))
    for participant_id, partner, course, cohort, *person in _ask(session, "person", ids):
        joined = logs.get(participant_id)
        log = _NO_LOG if joined is None else _apart(joined) or _read_out(session, participant_id)
        own = {name: rows.get(participant_id, ()) for name, rows in facts.items()}
        yield participant_id, partner, course, cohort, Rows(tuple(person), log, marked=marked, **own)


def _by_person(session: Session, name: str, ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in _ask(session, name, ids):
        found[row[0]].append(row)
    return found


def _apart(joined: Sequence[Any]) -> Log | None:
    """A joined log's columns; None where a cell has our separator in it, so that they cannot be told apart."""
    columns = [column.split(_BETWEEN) if isinstance(column, str) else column for column in joined]
    return Log(*columns) if len({len(column) for column in columns}) == 1 else None


def _read_out(session: Session, participant_id: str) -> Log:
    rows = _ask(session, "log", [participant_id])
    return Log(*zip(*(row[1:] for row in rows), strict=True))


def _ask(session: Session, name: str, ids: Sequence[str]) -> Sequence[Any]:
    dialect = session.get_bind().dialect.name
    given = {"ids": list(ids) if dialect == "postgresql" else json.dumps(ids)}
    return session.connection().execute(_questions(dialect)[name], given).all()


@lru_cache(maxsize=2)
def _questions(dialect: str) -> dict[str, Select[Any]]:
    """What is asked, by name. The ids are one value however many they are: an array, or to SQLite JSON."""
    ids: Any = (
        any_(bindparam("ids", type_=ARRAY(String)))
        if dialect == "postgresql"
        else select(func.json_each(bindparam("ids")).table_valued("value").c.value)
    )

    def of_some(table: Any, wanted: Sequence[Any]) -> Select[Any]:
        who = columns_of(table).participant_id
        return select(who, *wanted).where(who == ids if dialect == "postgresql" else who.in_(ids))

    log = _as_stored(ActivityRow, Log._fields)
    joined = [func.array_agg(one) if dialect == "postgresql" else func.group_concat(one, _BETWEEN) for one in log]
    return {
        "person": of_some(ParticipantRow, _as_stored(ParticipantRow, _PERSON)),
        "log": of_some(ActivityRow, log),
        "joined log": of_some(ActivityRow, joined).group_by(columns_of(ActivityRow).participant_id),
        **{name: of_some(table, _as_stored(table, names)) for name, (table, names) in _FACTS.items()},
    }


def _as_stored(table: Any, names: Sequence[str]) -> list[Any]:
    columns = columns_of(table)
    return [
        type_coerce(columns[name], String) if isinstance(columns[name].type, Date | Percentage) else columns[name]
        for name in names
    ]
