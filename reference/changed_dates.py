"""Which dates differ between two packs, or between one pack before and after it was edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reference.pack import Pack

DATES = ("review", "invoice", "payment")  # of a row of the schedule


class Dated(NamedTuple):
    """What has dates: an output of a group in a cohort, the group's assessment window (no output), the cohort (no group).

    `course` and `start` where the dates are for one course, or one start of the cohort, alone.
    """

    cohort: int
    group: str | None = None
    output: int | None = None
    course: str | None = None
    start: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedDate:
    """A date that two packs have otherwise. None: that pack has none there."""

    of: Dated
    which: str  # "review", "invoice", "payment"; "opens", "closes" of a window; "starts" of a cohort
    before: date | None
    after: date | None


def changed_dates(before: Pack, after: Pack) -> list[ChangedDate]:
    """Every date that was moved, came or went: by cohort, group and output, each one's dates as they follow each other."""
    earlier, later = dict(_dates(before)), dict(_dates(after))
    return [
        ChangedDate(dated, which, earlier.get(dated, {}).get(which), later.get(dated, {}).get(which))
        for dated in sorted({*earlier, *later}, key=_place)
        for which in {**earlier.get(dated, {}), **later.get(dated, {})}
        if earlier.get(dated, {}).get(which) != later.get(dated, {}).get(which)
    ]


def _dates(pack: Pack) -> Iterator[tuple[Dated, Mapping[str, date | None]]]:
    """Everything in a pack that has dates, with these by what they are called."""
    for cohort in pack.cohorts.values():
        yield Dated(cohort.number), {"starts": cohort.starts_on}
    for window in pack.assessment_windows.values():
        yield Dated(window.cohort, window.group), {"opens": window.opens, "closes": window.closes}
    for row in pack.schedule.values():
        yield Dated(row.cohort, row.group, row.output), {name: getattr(row, name) for name in DATES}


def _place(dated: Dated) -> tuple[int, str, int, str, str]:
    """Where it stands in a list; what is for all comes before what is for some."""
    return dated.cohort, dated.group or "", dated.output or 0, dated.course or "", dated.start or ""
