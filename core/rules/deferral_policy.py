"""Which deferrals a pack allows somebody (reading 37): from which days, until when, and into which cohort they return.

What is not known, a review date or the cohort's first day, forbids nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.rules.calendar import days, months_after
from core.rules.results import Standing
from reference.pack import Cohort, NotBetween, Pack


def may_begin(pack: Pack, standing: Standing, day: date) -> bool:
    """Whether a deferral may begin on a day: it lies in no forbidden span."""
    return all(not first <= day <= last for first, last in forbidden(pack, standing))


def next_beginning(pack: Pack, standing: Standing, day: date) -> date | None:
    """The first day from this one on, on which a deferral may begin; None when there is none any more."""
    for first, last in sorted(forbidden(pack, standing)):
        if first <= day <= last:
            if last == date.max:
                return None
            day = last + days(1)
    return day


def last_beginning(pack: Pack, standing: Standing, day: date) -> date | None:
    """The last day up to this one on which a deferral may begin; None when it may begin on none of them."""
    for first, last in sorted(forbidden(pack, standing), key=lambda span: span[1], reverse=True):
        if first <= day <= last:
            if first == date.min:
                return None
            day = first - days(1)
    return day


def free_around(pack: Pack, standing: Standing, day: date) -> tuple[date | None, date | None]:
    """Between which days a deferral may begin around a day on which it may; None on a side on which it always may."""
    spans = list(forbidden(pack, standing))
    before, after = [last for _, last in spans if last < day], [first for first, _ in spans if first > day]
    return max(before) + days(1) if before else None, min(after) - days(1) if after else None


def forbidden(pack: Pack, standing: Standing) -> Iterator[tuple[date, date]]:
    """The spans in which none may begin, the first and the last day of each included."""
    kinds = {output.declaration_type: output.review_date for output in standing.outputs}
    for span in pack.deferral.not_between:
        review = kinds.get(span.declaration)
        if review is not None:
            yield _around(review, span)


def _around(review: date, span: NotBetween) -> tuple[date, date]:
    first = date.min if span.first_day is None else review + days(span.first_day)
    return first, date.max if span.last_day is None else review + days(span.last_day)


def longest_until(pack: Pack, starts_on: date) -> date | None:
    """The last day on which a deferral from this day may end, that day included; None: it may last as long as it will."""
    policy = pack.deferral
    if policy.longest_days is not None:
        return starts_on + days(policy.longest_days)
    return months_after(starts_on, policy.longest_months) if policy.longest_months is not None else None


def last_return(pack: Pack, standing: Standing) -> date | None:
    """The last day on which somebody may return, that day included; None: there is none, or it is not known."""
    months = pack.deferral.last_return_months
    if months is not None and standing.began_on is not None:
        return months_after(standing.began_on, months)
    return pack.deferral.last_return


def cohorts_to_rejoin(pack: Pack, course: str, back_from: date, back_until: date) -> list[Cohort]:
    """Those that offer the course and that somebody may rejoin who comes back on one of these days, in the pack's order.

    Where the pack says so, that is the next one to start; on the day of return itself it still is.
    """
    offering = [cohort for cohort in pack.cohorts.values() if course in cohort.courses]
    if pack.deferral.into == "any":
        return offering
    begins = {cohort.key: _last_start(pack, course, cohort) for cohort in offering}
    to_come = [day for day in begins.values() if day is not None and day >= back_until]
    latest = min(to_come, default=date.max)
    return [c for c in offering if (day := begins[c.key]) is None or back_from <= day <= latest]


def _last_start(pack: Pack, course: str, cohort: Cohort) -> date | None:
    """The day until which a cohort is still to start, of several starts the last."""
    found = [start.starts_on or cohort.starts_on for start in pack.starts_of(course, cohort.key)] or [cohort.starts_on]
    known = [day for day in found if day is not None]
    return max(known) if len(known) == len(found) else None
