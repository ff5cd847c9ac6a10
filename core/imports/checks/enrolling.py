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
    declared: bool = False  # any output
    recorded: bool = False  # any evidence, decision or declaration
    resumed_into: str | None = None  # the cohort that they came back into


class ListedEnrolment(NamedTuple):
    """The course and cohort of one row."""

    course: str
    cohort: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one row is: of which enrolment, None of a new one; what is to be told of it; or why it can't be taken."""

    enrolment: int | None = None
    told: str = ""
    wrong: str = ""
    keeps_cohort: bool = False  # the stored one stays: they came back into the row's by a decision


def meanings(
    who: str, rows: Sequence[ListedEnrolment], held: Sequence[HeldEnrolment], listed_too: Collection[str] = ()
) -> list[Meaning]:
    """What each row of a file about one person means; each course is in the file once. `listed_too` are courses of further rows of it."""
    by_course = {one.course: one for one in held}
    listed = {*listed_too, *(row.course for row in rows)}
    left = [one for one in held if not one.over and one.course not in listed]
    corrected = left[0] if len(left) == 1 and not left[0].recorded else None
    found = []
    for row in rows:
        same = by_course.get(row.course)
        if same is not None:
            found.append(_same_course(who, row, same))
        elif not left:
            found.append(Meaning())
        elif corrected is not None:
            told = f"{who} is on {row.course} and no longer on {corrected.course}, for which nothing was recorded."
            found.append(Meaning(corrected.id, told))
            left, corrected = [], None  # what other rows add is new
        else:
            found.append(Meaning(wrong=_another_course(who, row, left)))
    return found


def _same_course(who: str, row: ListedEnrolment, held: HeldEnrolment) -> Meaning:
    if row.cohort == held.cohort:
        return Meaning(held.id)
    if row.cohort == held.resumed_into:
        return Meaning(held.id, keeps_cohort=True)
    if not held.declared:
        return Meaning(held.id)
    if held.over:
        return Meaning(held.id, f"{who} returns to {row.course}, in cohort {row.cohort}.")
    return Meaning(
        wrong=f"{who} is on {row.course} in cohort {held.cohort}, with something declared: record a return with npq resume, or a "
        f"change of course with npq move; or give cohort {held.cohort}."
    )


def _another_course(who: str, row: ListedEnrolment, left: Sequence[HeldEnrolment]) -> str:
    courses = " and ".join(sorted(one.course for one in left))
    return (
        f"{who} is on {courses}, with something recorded: if {row.course} comes beside it, give a row for each course; if they "
        f"change to it, use npq move."
    )
