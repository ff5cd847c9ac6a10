"""PostgreSQL puts each participant's activity log together by column, so that the driver makes few values of many cells.

Each participant is looked up by itself: just after a large import the database has no figures about the table yet, and of
a question about many at once it would think that reading everything is quicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, String, bindparam, cast, func, select, true

from core.database.tables import ActivityRow, columns_of
from core.rules.folding import WITHIN, Log

_BETWEEN = "\x1f"  # cells; imports drop control codes


def joined_logs(names: Sequence[str]) -> Select[Any]:
    """Of the participants among `ids` who have a log: the id, then the log's columns; `names` as `told` takes them."""
    table = columns_of(ActivityRow)
    wanted = func.unnest(bindparam("ids", type_=ARRAY(Integer))).table_valued("who").render_derived("wanted")
    columns = [func.array_agg(table.completed_on).label("days"), func.string_agg(told(names), _BETWEEN).label("told")]
    own = select(*columns).where(table.enrolment_id == wanted.c.who).having(func.count() > 0).lateral("own")
    return select(wanted.c.who, *own.c).select_from(wanted.join(own, true()))


def taken_apart(joined: Sequence[Any]) -> dict[int, Log] | None:
    """The logs by enrolment; None when a cell has our separator in it, so that they can't be told from these."""
    logs: dict[int, Log] = {}
    for who, days, told_of_all in joined:  # days as the driver reads them: how the server writes them is a setting
        log = Log(days, told_of_all.split(_BETWEEN))
        if len(days) != len(log.told):
            return None
        logs[who] = log
    return logs


def told(names: Sequence[str]) -> ColumnElement[str]:
    """What a row of the activity log tells beside its day in these columns, as the fold reads it."""
    table = columns_of(ActivityRow)
    words = [cast(table[name], String) if isinstance(table[name].type, Integer) else table[name] for name in names]
    return reduce(lambda joined, word: joined + WITHIN + word, words)
