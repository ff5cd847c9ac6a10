"""Between which days a course takes place, by the pack's own dates: what lies outside can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.rules.calendar import days, in_words, latest
from reference.pack import Pack


class CourseSpan(NamedTuple):
    """The first and the last day that a pack has for a course in a cohort. `ends_on` None: it has no last one."""

    course: str
    cohort: int
    starts_on: date
    ends_on: date | None

    @property
    def papers_from(self) -> date:
        """Papers come back before a course begins, but not by more than it lasts."""
        return self.starts_on if self.ends_on is None else self.starts_on - (self.ends_on - self.starts_on)

    def is_before(self, day: date, today: date) -> bool:
        """Whether a day lies before the cohort began; while it has not begun, long before."""
        return day < (self.starts_on if self.starts_on <= today else self.papers_from)

    def is_beyond(self, day: date) -> bool:
        """Whether a day lies after all that is to come of the course."""
        return self.ends_on is not None and day > self.ends_on

    @property
    def before_words(self) -> str:
        """What a day lies before: "before cohort 3 began (1 October 2022)"."""
        return f"before cohort {self.cohort} began ({in_words(self.starts_on)})"

    @property
    def beyond_words(self) -> str:
        """What a day lies beyond: "after the last date of NPQLT in cohort 3 (22 April 2024)"."""
        ends = f" ({in_words(self.ends_on)})" if self.ends_on else ""
        return f"after the last date of {self.course} in cohort {self.cohort}{ends}"


@lru_cache(maxsize=1000)
def span_of(pack: Pack, course: str, cohort: int) -> CourseSpan:
    """The days of a course in a cohort, both of the pack. A group without dates has those of its cohort's other groups."""
    group = pack.courses[course].group
    ends_on = latest(_dates(pack, cohort, group)) or latest(_dates(pack, cohort))
    return CourseSpan(course, cohort, pack.cohorts[cohort].starts_on, ends_on)


@lru_cache(maxsize=1000)
def last_span(pack: Pack, course: str) -> CourseSpan | None:
    """The cohort in which a course ends last: until then somebody may rejoin it. None where no cohort offers it."""
    offered = [span_of(pack, course, cohort.number) for cohort in pack.cohorts.values() if course in cohort.courses]
    return max(offered, key=lambda span: span.ends_on or span.starts_on, default=None)


def first_day(pack: Pack) -> date:
    """The day on which the first cohort begins."""
    return min(cohort.starts_on for cohort in pack.cohorts.values())


@lru_cache(maxsize=10)
def last_day(pack: Pack) -> date | None:
    """The last day that the pack has for anything."""
    return latest(day for cohort in pack.cohorts for day in _dates(pack, cohort))


def _dates(pack: Pack, cohort: int, group: str | None = None) -> Iterator[date]:
    for row in pack.schedule.values():
        if row.cohort == cohort and group in (None, row.group):
            yield from (row.review + days(pack.settings.window_days), row.invoice, row.payment)
    for window in pack.assessment_windows.values():
        if window.cohort == cohort and group in (None, window.group):
            yield window.closes
