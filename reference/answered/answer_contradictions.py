"""What answers can contradict: each other, or DfE's dates. Each is a sentence that says the way out; None where all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from reference.answered.pack_answers import CohortAnswer, PackBeneath, ReviewPoint
from reference.dated_outputs import Clash, DatedOutput, clashes, every_output, known, starts
from reference.pack import Pack, cohort_key
from reference.schedule import DATE_NAMES


def nobody_in(beneath: PackBeneath, courses: Sequence[str], cohorts: Sequence[str], *, new: bool) -> str | None:
    """A cohort that offers none of the courses, or a course that no cohort offers; a `new` one offers all."""
    offered = {key: beneath.pack.cohorts[key].courses for key in cohorts}
    for key, theirs in offered.items():
        if theirs.isdisjoint(courses):
            return f"{key} offers none of {', '.join(courses)}: leave {key} out, or choose another cohort."
    without = [code for code in courses if not any(code in theirs for theirs in offered.values())]
    if not without or new:
        return None
    others = [key for key, cohort in beneath.pack.cohorts.items() if without[0] in cohort.courses]
    also = f"add {' or '.join(others)}" if others else "add “new” for a cohort of your own"
    return f"{', '.join(without)} is in none of these cohorts: {also}, or leave the course out."


def key_taken(beneath: PackBeneath, key: str, others: Sequence[CohortAnswer]) -> str | None:
    """A new cohort with the key of one that is there."""
    if any(cohort_key(one.key) == cohort_key(key) for one in others):
        return f"{key} is there twice: give each new cohort a key of its own."
    same = next((one for one in beneath.pack.cohorts.values() if cohort_key(one.key) == cohort_key(key)), None)
    if same is None:
        return None
    return f"{same.key} is {same.name} already: choose it among the cohorts, or give the new one another key."


def days_too_many(draft: Pack, days: int) -> str | None:
    """A review that would be before its people begin. `draft`: the pack without review dates."""
    for dated in every_output(draft):
        cut_off, begins = known(draft, dated).cut_off, _begins(draft, dated)
        reviewed = draft.criteria_for(dated.course, dated.output) is not None
        if reviewed and cut_off and begins and cut_off - timedelta(days=days) < begins:
            most = (cut_off - begins).days
            of = f"the cut-off of Output {dated.output} in {dated.cohort} is {cut_off}"
            return f"{days} days are too many: {of} and the first day {begins}; give {most} or less."
    return None


def review_points(draft: Pack) -> list[ReviewPoint]:
    """What a review date can be given for, in order: every output with criteria of a group in a cohort, by start."""
    points = []
    for key, cohort in draft.cohorts.items():
        for group, outputs in draft.outputs.items():
            if any(draft.courses[code].group == group for code in cohort.courses):
                for start in starts(draft, key, group):
                    reviewed = (one.number for one in outputs if (group, one.number) in draft.criteria)
                    points += [ReviewPoint(key, group, start, number) for number in reviewed]
    return points


def cut_off_of(draft: Pack, point: ReviewPoint) -> date | None:
    """DfE's cut-off there, the earliest where courses differ; None: not known."""
    found = [known(draft, dated).cut_off for dated in _outputs_at(draft, point)]
    return min((day for day in found if day), default=None)


def review_amiss(draft: Pack, reviews: Mapping[ReviewPoint, date]) -> str | None:
    """Review dates before the first day, after the cut-off, or that do not rise from output to output."""
    given = {}
    for point, day in reviews.items():
        for dated in _outputs_at(draft, point):
            given[dated] = {"review": day}
            begins = _begins(draft, dated)
            if begins and day < begins:
                return f"{day} is before the first day, {begins}: give that day or a later one."
    return next((_said_of(draft, clash, given) for clash in clashes(draft, given)), None)


def _said_of(draft: Pack, clash: Clash, given: Mapping[DatedOutput, Mapping[str, date]]) -> str:
    if clash.later == "review":
        first, second = given[clash.dated]["review"], given[clash.other]["review"]
        says = (
            f"the review of Output {clash.other.output} on {second} is not after the one of Output {clash.dated.output}"
        )
        return f"Review dates rise from output to output, and {says} on {first}: give another date."
    day, limit = given[clash.dated]["review"], known(draft, clash.other).named(clash.later)
    upto = "that day or an earlier one" if clash.may_be_equal else "an earlier one"
    return f"{day} is after the {DATE_NAMES[clash.later]} {limit}: give {upto}."


def _outputs_at(draft: Pack, point: ReviewPoint) -> list[DatedOutput]:
    courses = (code for code in draft.courses if code in draft.cohorts[point.cohort].courses)
    return [
        DatedOutput(point.cohort, code, point.start, point.output)
        for code in courses
        if draft.courses[code].group == point.group
    ]


def _begins(draft: Pack, dated: DatedOutput) -> date | None:
    return draft.first_day(dated.course, dated.cohort, dated.start)
