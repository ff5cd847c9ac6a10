"""What the participants rows of one person mean beside the enrolments that they have: nothing is guessed.

Nothing here reads a database: what is stored comes in as plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class HeldEnrolment(NamedTuple):
    """An enrolment that somebody has, as far as a row of a file is held against it."""

    id: int
    course: str
    cohort: str
    over: bool = False  # withdrawn, or its last output is declared
    removed: bool = False  # by a joint decision, which no file takes back
    declared: bool = False  # any output
    recorded: bool = False  # any evidence, decision or declaration
    resumed_into: str | None = None  # the cohort that they came back into
    elsewhere: bool = False  # with a Delivery Partner whose rows are not taken here

    @property
    def is_in(self) -> str:
        """The cohort that they are in by now."""
        return self.resumed_into or self.cohort


class ListedEnrolment(NamedTuple):
    """The course and cohort of one row; whether it says that they are withdrawn."""

    course: str
    cohort: str
    withdrawn: bool = False


class Return(NamedTuple):
    """Somebody comes back to a course that was over for them, into another cohort; whether their row has a training status."""

    participant_id: str
    enrolment: int
    cohort: str
    schedule: str | None
    says_status: bool


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one row is: of which enrolment, None of a new one; what is to be told of it; or why it can't be taken.

    With `keeps_cohort` the stored cohort stays: they came back into the row's by a decision, or do so by this row, which `returns`.
    """

    enrolment: int | None = None
    told: str = ""
    wrong: str = ""
    keeps_cohort: bool = False
    returns: bool = False


def meanings(
    who: str, rows: Sequence[ListedEnrolment], held: Sequence[HeldEnrolment], listed_too: Collection[str] = ()
) -> list[Meaning]:
    """What each row of a file about one person means; each course is in the file once. `listed_too` are courses of further rows."""
    by_course = {one.course: one for one in held}
    listed = {*listed_too, *(row.course for row in rows)}
    left = [one for one in held if not one.over and one.course not in listed]
    new = listed - by_course.keys()
    return [
        _same_course(who, row, by_course[row.course])
        if row.course in by_course
        else _another_course(who, row, left, new)
        for row in rows
    ]


def _same_course(who: str, row: ListedEnrolment, held: HeldEnrolment) -> Meaning:
    if row.cohort == held.cohort:
        return Meaning(held.id)
    if row.cohort == held.resumed_into:
        return Meaning(held.id, keeps_cohort=True)
    if not held.declared and held.resumed_into is not None:
        return Meaning(held.id, f"{who} stays in cohort {held.resumed_into}, into which a return is recorded.")
    if not held.declared:
        return Meaning(held.id)
    if held.removed:
        return Meaning(
            wrong=f"{who} was removed from {row.course} by both sides, which no file takes back: give cohort {held.is_in}."
        )
    if held.over and row.withdrawn:
        return Meaning(
            wrong=f"{who} is withdrawn, from cohort {held.is_in}: give that, or their training status as they return."
        )
    if held.over:
        return Meaning(
            held.id, f"{who} returns to {row.course}, in cohort {row.cohort}.", keeps_cohort=True, returns=True
        )
    return Meaning(
        wrong=f"{who} is on {row.course} in cohort {held.is_in}, with something declared: record a return with npq resume, or a "
        f"change of course with npq move; or give cohort {held.is_in}."
    )


def _another_course(who: str, row: ListedEnrolment, left: Sequence[HeldEnrolment], new: Collection[str]) -> Meaning:
    if not left:
        return Meaning()
    courses = " and ".join(sorted(one.course for one in left))
    if any(one.elsewhere for one in left):
        return Meaning(
            wrong=f"{who} is on {courses} with another Delivery Partner: import a row for each course, without --partner, or use "
            "npq move."
        )
    if len(left) == len(new) == 1 and not left[0].recorded:
        told = f"{who} is on {row.course} and no longer on {courses}, for which nothing was recorded."
        return Meaning(left[0].id, told)
    recorded = ", with something recorded" if any(one.recorded for one in left) else ""
    return Meaning(
        wrong=f"{who} is on {courses}{recorded}: if {row.course} comes beside it, give a row for each course; if they change to it, "
        "use npq move."
    )
