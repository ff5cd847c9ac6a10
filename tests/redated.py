"""A pack with other dates than its files give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from reference.pack import Pack, ScheduleRow
from reference.schedule import dates_of, each_that_differs


def with_rows(pack: Pack, rows: Iterable[ScheduleRow], **more: Any) -> Pack:
    """The pack as if schedule.csv had these rows and none beside them; `more` of its fields may differ too."""
    changed, given = replace(pack, **more), tuple(rows)
    cohorts, before = list(changed.cohorts.values()), changed.settings.review_days_before_cut_off
    dates = dates_of(changed.courses.values(), cohorts, given, before, changed.criteria)
    return replace(changed, given_dates=given, dates=dates, schedule=each_that_differs(dates))


def with_dates(pack: Pack, key: tuple[str, str, int], **dates: Any) -> Pack:
    """The pack with other dates for one output of a group in a cohort."""
    rows = pack.given_dates
    assert key in {(row.group, row.cohort, row.output) for row in rows}
    return with_rows(pack, (replace(r, **dates) if (r.group, r.cohort, r.output) == key else r for r in rows))
