"""PostgreSQL puts each participant's activity log together by column, so that the driver makes few values of many cells.

Each participant is looked up by itself: just after a large import the database has no figures about the table yet, and of
a question about many at once it would think that reading everything is quicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Date, Select, String, bindparam, cast, func, select, true

from core.records.tables import ActivityRow, columns_of
from core.rules.folding import Log

_BETWEEN = "\x1f"  # cells; imports drop control codes


def joined_logs() -> Select[Any]:
    """Of the participants among `ids` who have a log: the id, then the log's columns."""
    table = columns_of(ActivityRow)
    wanted = func.unnest(bindparam("ids", type_=ARRAY(String))).table_valued("who").render_derived("wanted")
    columns = [_joined(table[name]).label(name) for name in Log._fields]
    own = select(*columns).where(table.participant_id == wanted.c.who).having(func.count() > 0).lateral("own")
    return select(wanted.c.who, *own.c).select_from(wanted.join(own, true()))


def taken_apart(joined: Sequence[Any]) -> dict[str, Log] | None:
    """The logs by participant; None when a cell has our separator in it, so that they can't be told from these."""
    logs: dict[str, Log] = {}
    for who, days, *others in joined:
        log = Log(days, *(column.split(_BETWEEN) for column in others))
        if not len(days) == len(log.credits) == len(log.component) == len(log.title) == len(log.logged_by):
            return None
        logs[who] = log
    return logs


def _joined(column: Any) -> Any:
    """Days as the driver reads them, since how the server writes them is a setting of its own; all else as text."""
    if isinstance(column.type, Date):
        return func.array_agg(column)
    return func.string_agg(cast(column, String), _BETWEEN)
