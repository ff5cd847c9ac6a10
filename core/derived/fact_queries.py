"""Gathers participants' facts, in one question per kind for some of them at once, and folds them.

Days and percentages come as they are stored, which the fold reads faster than the driver does. The activity log, by far the
longest, comes in columns that the database has put together; it does so for the next ones, and keeps those before, while
these are folded.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache, partial
from itertools import zip_longest
from typing import Any

from sqlalchemy import ARRAY, Date, Integer, Select, String, any_, bindparam, func, select, type_coerce
from sqlmodel import Session

from core.database.key_batches import in_pieces
from core.database.one_thread import OneThread
from core.database.tables import Percentage, columns_of
from core.derived.activity_columns import joined_logs, taken_apart, told
from core.records import participant_rows
from core.records.planned_sessions import planned_hours
from core.rules.folding import FOLDED, LOG, Fold, Log, PersonColumns, Rows, as_compared

_BETWEEN, _AND = "\x1f", "\x1e"  # rows and people in what SQLite has joined; imports drop control codes
_NO_LOG = Log()
Logs = dict[int, Log]  # by enrolment
Whose = tuple[int, str, str, str, str, str]  # id, participant, Delivery Partner, course, cohort, schedule as compared
Folded = tuple[int, str, str, str, str, str, bytes]  # the same and the record
_PERSON = ("participant_id", "delivery_partner", "course", "cohort", "schedule", *PersonColumns._fields)


def fold_all(session: Session, fold: Fold, ids: Sequence[int], keep: Callable[[list[Folded]], None]) -> None:
    """Folds the records of these participants, some at a time and in no order, and has them kept.

    `keep` is called beside the folding of the next ones, when nobody else uses the session.
    """
    parts = list(in_pieces(ids))
    done: list[Folded] = []
    with closing(OneThread[Sequence[Any]]()) as thread:
        joined = _ask(session, fold, "joined log", parts[0]) if parts else ()
        for some, following in zip_longest(parts, parts[1:]):
            people = list(_gathered(session, fold, some))
            thread.start(partial(_kept, session, fold, keep, done, following))
            logs = _taken_apart(session, joined)
            if logs is not None:
                done = _folded(fold, people, logs)
            joined = thread.result(())
            if logs is None:
                done = _folded(fold, people, _logs_row_by_row(session, fold, some))
    if done:
        keep(done)


def _kept(
    session: Session,
    fold: Fold,
    keep: Callable[[list[Folded]], None],
    done: list[Folded],
    following: Sequence[int] | None,
) -> Sequence[Any]:
    """Has records kept, then asks for the activity log of the next participants."""
    if done:
        keep(done)
    return _ask(session, fold, "joined log", following) if following is not None else ()


def _folded(fold: Fold, people: Sequence[tuple[Whose, Rows]], logs: Logs) -> list[Folded]:
    return [(*whose, fold.record(whose[3], rows._replace(log=logs.get(whose[0], _NO_LOG)))) for whose, rows in people]


def _gathered(session: Session, fold: Fold, ids: Sequence[int]) -> Iterator[tuple[Whose, Rows]]:
    """Everything but the activity log of each."""
    facts = {kind: found for kind in FOLDED if (found := _by_person(session, fold, kind, ids))}
    lines = [line for lines in facts.get("register", {}).values() for line in lines]
    marked = participant_rows.marked_events(session, sorted({line[1] for line in lines if line[4] == "booked"}))
    hours = planned_hours(session, sorted({line[1] for line in lines})) if fold.counts_hours else {}
    for enrolment_id, who, partner, course, cohort, schedule, *person in _ask(session, fold, "person", ids):
        own = {kind: rows[enrolment_id] for kind, rows in facts.items() if enrolment_id in rows}
        yield (
            (enrolment_id, who, partner, course, cohort, as_compared(schedule)),
            Rows(PersonColumns(*person), _NO_LOG, own, marked, hours),
        )


def _by_person(session: Session, fold: Fold, name: str, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in _ask(session, fold, name, ids):
        found[row[0]].append(row)
    return found


def _taken_apart(session: Session, joined: Sequence[Any]) -> Logs | None:
    """The activity log of each who has any; None where a cell has one of our separators in it."""
    if session.get_bind().dialect.name == "postgresql":
        return taken_apart(joined)
    if joined[0][0] is None:
        return {}
    everybody, *columns = (column.split(_AND) for column in joined[0])
    logs = [[log.split(_BETWEEN) for log in column] for column in columns]
    if any(len(column) != len(everybody) for column in logs):
        return None
    found = {int(enrolment_id): Log(*log) for enrolment_id, *log in zip(everybody, *logs, strict=True)}
    return None if any(len(log.completed_on) != len(log.told) for log in found.values()) else found


def _logs_row_by_row(session: Session, fold: Fold, ids: Sequence[int]) -> Logs:
    return {
        enrolment_id: Log(*zip(*(row[1:] for row in rows), strict=True))
        for enrolment_id, rows in _by_person(session, fold, "log", ids).items()
    }


def _ask(session: Session, fold: Fold, name: str, ids: Sequence[int]) -> Sequence[Any]:
    dialect = session.get_bind().dialect.name
    given = {"ids": list(ids) if dialect == "postgresql" else json.dumps(ids)}
    return session.connection().execute(_questions(dialect, fold.told)[name], given).all()


@lru_cache(maxsize=4)
def _questions(dialect: str, names: tuple[str, ...]) -> dict[str, Select[Any]]:
    """What is asked, by name; `names`: what is told of an activity.

    The ids are one value however many they are: an array, or to SQLite JSON.
    """
    ids: Any = (
        any_(bindparam("ids", type_=ARRAY(Integer)))
        if dialect == "postgresql"
        else select(func.json_each(bindparam("ids")).table_valued("value").c.value)
    )

    def of_some(table: str, wanted: Sequence[Any]) -> Select[Any]:
        who = columns_of(table).enrolment_id
        return select(who, *wanted).where(who == ids if dialect == "postgresql" else who.in_(ids))

    log = [*_as_stored(LOG, ("completed_on",)), told(names)]
    if dialect == "postgresql":
        by_person = joined_logs(names)
    else:  # in one row: the driver lets others run in between rows only
        logs = of_some(LOG, [_joined(one, between=_BETWEEN) for one in log])
        by_person = logs.group_by(columns_of(LOG).enrolment_id)
        by_person = select(*(_joined(column, between=_AND) for column in by_person.subquery().c))
    return {
        "person": of_some("participants", _as_stored("participants", _PERSON)),
        "log": of_some(LOG, log),
        "joined log": by_person,
        **{kind: of_some(kind, _as_stored(kind, names)) for kind, names in FOLDED.items()},
    }


def _as_stored(table: str, names: Sequence[str]) -> list[Any]:
    columns = columns_of(table)
    return [
        type_coerce(columns[name], String) if isinstance(columns[name].type, Date | Percentage) else columns[name]
        for name in names
    ]


def _joined(column: Any, *, between: str) -> Any:
    return func.group_concat(column, between)
