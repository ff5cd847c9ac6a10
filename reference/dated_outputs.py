"""Where a pack has dates, course by course: what is known, what would follow from more dates, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from reference.pack import Pack, ScheduleRow
from reference.schedule import DATES, ONLY, dates_of

BEFORE_OTHERS = (
    ("review", "cut_off"),
    ("cut_off", "payment"),
    ("review", "invoice"),
    ("invoice", "payment"),
    ("review", "payment"),
)  # the first of each pair is never later than the second (reading 36)


class DatedOutput(NamedTuple):
    """One output of one course in one cohort. `start` is the key of one of several starts; "" where there is one alone."""

    cohort: str
    course: str  # code
    start: str
    output: int


GivenDates: TypeAlias = Mapping[DatedOutput, Mapping[str, date]]  # by the name of a date, as `DATES` has them


class OutputDates(NamedTuple):
    """What is known of one of them."""

    review: date | None = None
    cut_off: date | None = None
    invoice: date | None = None
    payment: date | None = None
    review_computed: bool = False

    def named(self, name: str) -> date | None:
        """One of them, by its name."""
        day: date | None = getattr(self, name)
        return day


@dataclass(frozen=True, slots=True)
class Clash:
    """Two dates in the wrong order: `earlier` of `dated` should come before `later` of `other`."""

    dated: DatedOutput
    earlier: str
    other: DatedOutput
    later: str
    may_be_equal: bool


@dataclass(frozen=True, slots=True)
class DateChange:
    """A date that another pack has otherwise, for one course or, where `course` is None, every course of the group there."""

    course_group: str
    courses: tuple[str, ...]
    course: str | None
    cohort: str
    start: str | None
    output: int
    which: str  # "review", "cut_off", "invoice", "payment"
    before: date | None
    after: date | None
    computed: bool  # the review date follows from the cut-off


def every_output(pack: Pack, cohort: str | None = None) -> Iterator[DatedOutput]:
    """Every output of every course, or one cohort's: by cohort, course, start and output, in the pack's order."""
    for key, one in pack.cohorts.items():
        if cohort in (None, key):
            for course in pack.courses:
                if course in one.courses:
                    for start in starts(pack, key, pack.courses[course].group):
                        for output in pack.outputs_of(course):
                            yield DatedOutput(key, course, start, output.number)


def starts(pack: Pack, cohort: str, group: str) -> tuple[str, ...]:
    """The keys that tell the starts of a group within a cohort apart; `("",)` where there is one alone."""
    several = pack.cohorts[cohort].starts_of(group)
    return tuple(start.key for start in several) if len(several) > 1 else (ONLY.key,)


def known(pack: Pack, dated: DatedOutput) -> OutputDates:
    """The dates that a pack has for one of them."""
    return by_rows(pack, dated, pack.given_dates)


def by_rows(pack: Pack, dated: DatedOutput, rows: Iterable[ScheduleRow]) -> OutputDates:
    """The dates that one of them has by these rows of a schedule.

    Worked out for it alone: `Pack.dates` has one row for whoever's dates are alike, computed or not.
    """
    cohort, course = pack.cohorts[dated.cohort], pack.courses[dated.course]
    several = cohort.starts_of(course.group)
    own = tuple(start for start in several if len(several) == 1 or start.key == dated.start)
    mine = [row for row in rows if (row.cohort, row.output) == (dated.cohort, dated.output)]
    before = pack.settings.review_days_before_cut_off
    held = dates_of([course], [replace(cohort, starts=own)], mine, before, pack.criteria)[course.code]
    row = held.get((dated.cohort, "", dated.output))
    return (
        OutputDates()
        if row is None
        else OutputDates(row.review, row.cut_off, row.invoice, row.payment, row.review_computed)
    )


def expected(pack: Pack, dated: DatedOutput, given: Mapping[str, date]) -> OutputDates:
    """What the dates of one will be with those given: what is not given stays, and a computed review date follows its cut-off."""
    now = known(pack, dated)
    cut_off = given.get("cut_off", now.cut_off)
    rest = (cut_off, given.get("invoice", now.invoice), given.get("payment", now.payment))
    row = ScheduleRow(pack.courses[dated.course].group, dated.cohort, dated.output, "", cut_off=cut_off)
    follows = by_rows(pack, dated, [row]).review  # where anything is reviewed there at all
    typed = None if now.review_computed else now.review
    if typed is None and follows is not None and given.get("review", follows) == follows:
        return OutputDates(follows, *rest, review_computed=True)
    return OutputDates(given.get("review", typed), *rest)


def news(pack: Pack, given: GivenDates) -> dict[DatedOutput, dict[str, date]]:
    """Of the given dates, those that the pack does not have or compute by itself."""
    found: dict[DatedOutput, dict[str, date]] = {}
    for dated, dates in given.items():
        now, then = known(pack, dated), expected(pack, dated, dates)
        new = {name: day for name, day in dates.items() if day != now.named(name)}
        if then.review_computed:
            new.pop("review", None)
        elif now.review_computed and "review" in dates:
            new["review"] = dates["review"]
        if new:
            found[dated] = new
    return found


def clashes(pack: Pack, given: GivenDates) -> Iterator[Clash]:
    """Where the dates would pass each other: those of one output, and the review dates of outputs that follow each other."""
    strict = pack.settings.dates_differ
    ladders = dict.fromkeys((dated.cohort, dated.course, dated.start) for dated in given)
    for cohort, course, start in ladders:
        ladder = [DatedOutput(cohort, course, start, output.number) for output in pack.outputs_of(course)]
        then = {dated: expected(pack, dated, given.get(dated, {})) for dated in ladder}
        for dated in ladder:
            for earlier, later in BEFORE_OTHERS if dated in given else ():
                one, other = then[dated].named(earlier), then[dated].named(later)
                if one and other and (one > other or (strict and one == other)):
                    yield Clash(dated, earlier, dated, later, not strict)
        reviewed = [dated for dated in ladder if then[dated].review is not None]
        for first, second in pairwise(reviewed):
            if _day(then[first]) >= _day(then[second]) and (first in given or second in given):
                yield Clash(first, "review", second, "review", may_be_equal=False)


def _day(dates: OutputDates) -> date:
    assert dates.review is not None
    return dates.review


def changes(before: Pack, after: Pack) -> list[DateChange]:
    """The dates of two packs that are otherwise alike, where they differ; said once for a group where that holds for all of it."""
    return [change for block in _blocks(after) for name in DATES for change in _changes(before, after, block, name)]


def _changes(before: Pack, after: Pack, block: Sequence[DatedOutput], name: str) -> Iterator[DateChange]:
    """The changes of one date of an output, for the courses of a group."""
    alike: dict[tuple[date | None, date | None, bool], list[DatedOutput]] = {}
    for dated in block:
        was, will_be = known(before, dated), known(after, dated)
        if was.named(name) != will_be.named(name):
            computed = name == "review" and will_be.review_computed
            alike.setdefault((was.named(name), will_be.named(name), computed), []).append(dated)
    for (was_on, is_on, computed), some in alike.items():
        whole = len(some) == len(block)
        for told in [some] if whole else [[dated] for dated in some]:
            dated = told[0]
            yield DateChange(
                course_group=after.courses[dated.course].group,
                courses=tuple(one.course for one in told),
                course=None if whole else dated.course,
                cohort=dated.cohort,
                start=dated.start or None,
                output=dated.output,
                which=name,
                before=was_on,
                after=is_on,
                computed=computed,
            )


def _blocks(pack: Pack) -> Iterable[Sequence[DatedOutput]]:
    """The outputs by what their courses share: cohort, group, start and output."""
    found: dict[tuple[str, str, str, int], list[DatedOutput]] = {}
    for dated in every_output(pack):
        found.setdefault((dated.cohort, pack.courses[dated.course].group, dated.start, dated.output), []).append(dated)
    return found.values()
