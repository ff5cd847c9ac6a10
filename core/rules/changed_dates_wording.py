"""What moved between two packs, in lines that people read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from core.rules.calendar import in_words
from reference.changed_dates import ChangedDate, Dated

_WORDS = {"cut_off": "cut-off"}


def lines_about(changes: Sequence[ChangedDate]) -> list[str]:
    """One line for each output, window or cohort: "specialist, cohort 4, output 1: review 24 November 2026 -> 1 December 2026"."""
    return [
        f"{_named(dated)}: {', '.join(f'{_WORDS.get(one.which, one.which)} {_day(one.before)} -> {_day(one.after)}' for one in its)}"
        for dated, its in groupby(changes, key=lambda change: change.of)
    ]


def _named(dated: Dated) -> str:
    cohort = f"cohort {dated.cohort}" + (f", start {dated.start}" if dated.start else "")
    if dated.group is None:
        return cohort
    nth = f" {dated.window}" if dated.window > 1 else ""
    what = f"assessment window{nth}" if dated.output is None else f"output {dated.output}"
    return ", ".join(filter(None, (dated.group, cohort, dated.course, what)))


def _day(day: date | None) -> str:
    return "none" if day is None else in_words(day)
