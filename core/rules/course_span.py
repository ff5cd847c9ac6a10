"""Between which days a course takes place, by the pack's own dates: what lies outside can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.rules.calendar import in_words, latest
from core.rules.stages import window_ends
from reference.pack import Pack


class CourseSpan(NamedTuple):
    """The first and the last day that a pack has for a course in a cohort. None: it has none."""

    course: str
    cohort: str
    starts_on: date | None  # the first of the month
    ends_on: date | None

    @property
    def papers_from(self) -> date:
        """Papers come back before a course begins, but not by more than it lasts."""
        if self.starts_on is None:
            return date.min
        return self.starts_on if self.ends_on is None else self.starts_on - (self.ends_on - self.starts_on)

    @property
    def evidence_from(self) -> date:
        """The first day on which there can be any evidence."""
        return self.starts_on or date.min

    def is_before(self, day: date, today: date) -> bool:
        """Whether a day lies before the cohort began; while it has not begun, long before."""
        return day < (self.evidence_from if self.evidence_from <= today else self.papers_from)

    def is_beyond(self, day: date) -> bool:
        """Whether a day lies after all that is to come of the course."""
        return self.ends_on is not None and day > self.ends_on

    @property
    def before_words(self) -> str:
        """What a day lies before: "before cohort 3 began (1 October 2022)"."""
        return f"before cohort {self.cohort} began ({in_words(self.evidence_from)})"

    @property
    def beyond_words(self) -> str:
        """What a day lies beyond: "after the last date of NPQLT in cohort 3 (22 April 2024)"."""
        ends = f" ({in_words(self.ends_on)})" if self.ends_on else ""
        return f"after the last date of {self.course} in cohort {self.cohort}{ends}"


@lru_cache(maxsize=1000)
def span_of(pack: Pack, course: str, cohort: str) -> CourseSpan:
    """The days of a course in a cohort, both of the pack. A group without dates has those of its cohort's other groups."""
    group = pack.courses[course].group
    return CourseSpan(course, cohort, pack.cohorts[cohort].start_month, _ends_on(pack, cohort, group))


@lru_cache(maxsize=1000)
def last_span(pack: Pack, course: str) -> CourseSpan | None:
    """The cohort in which a course ends last: until then somebody may rejoin it. None where no cohort offers it."""
    offered = [span_of(pack, course, cohort.key) for cohort in pack.cohorts.values() if course in cohort.courses]
    return max(offered, key=lambda span: span.ends_on or date.max, default=None)


def first_day(pack: Pack) -> date:
    """The first of the month in which the first cohort begins; where one is not known, there is no such day."""
    return min(cohort.start_month or date.min for cohort in pack.cohorts.values())


@lru_cache(maxsize=10)
def last_day(pack: Pack) -> date | None:
    """The last day that the pack has for anything; None where it is not known of everything."""
    ends = [
        _ends_on(pack, cohort.key, group)
        for cohort in pack.cohorts.values()
        for group in {pack.courses[course].group for course in cohort.courses}
    ]
    return None if None in ends else latest(ends)


def _ends_on(pack: Pack, cohort: str, group: str) -> date | None:
    """None where an output that is reviewed has no dates, though one before it has: nobody knows then how long it goes on."""
    dated = {number for number in _reviewed(pack, group) if any(_of_output(pack, cohort, group, number))}
    if not dated:
        return latest(_dates(pack, cohort))
    return latest(_dates(pack, cohort, group)) if max(dated) == max(_reviewed(pack, group)) else None


def _reviewed(pack: Pack, group: str) -> list[int]:
    return [output.number for output in pack.outputs[group] if (group, output.number) in pack.criteria]


def _dates(pack: Pack, cohort: str, group: str | None = None) -> Iterator[date]:
    for of_group, of_cohort, number in pack.schedule:
        if of_cohort == cohort and group in (None, of_group):
            yield from _of_output(pack, cohort, of_group, number)
    for (of_group, of_cohort), windows in pack.assessment_windows.items():
        if of_cohort == cohort and group in (None, of_group):
            yield from (window.closes for window in windows)


def _of_output(pack: Pack, cohort: str, group: str, number: int) -> Iterator[date]:
    for row in pack.schedule.get((group, cohort, number), ()):
        ends = window_ends(pack.settings_of(group), row.review) if row.review else None
        yield from filter(None, (row.review, ends, row.cut_off, row.invoice, row.payment))
