"""Whether activities sum to their block's credits and blocks to their course's, and TBC stays TBC (R30)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reference.checks.given_entries import BlockRow, GivenEntries, alone, listed, repeated
from reference.pack import Activity, Course
from reference.problems import Fault


def credit_faults(given: GivenEntries) -> Iterator[Fault]:
    """Blocks, activities and the totals of courses."""
    blocks, activities = given.blocks, given.activities
    yield from repeated(blocks, lambda b: (b.course, b.block), given.at, lambda b: f"{b.course} Block {b.block}")
    yield from repeated(
        activities,
        lambda a: (a.course, a.block, a.title.casefold()),
        given.at,
        lambda a: f"“{a.title}” of {a.course} Block {a.block}",
    )
    held: dict[tuple[str, int], list[Activity]] = {}
    for activity in activities:
        held.setdefault((activity.course, activity.block), []).append(activity)
        if activity.credits is not None and activity.credits < 0:
            yield Fault(given.at(activity), f"credits can't be less than 0 (given: {activity.credits})")
    stray = held.keys() - {(block.course, block.block) for block in blocks}
    if "blocks.csv" in given.names.complete and not given.names.faulty.get("blocks.csv"):
        for key in stray:
            yield Fault(given.at(held[key][0]), f"{key[0]} Block {key[1]} is not in blocks.csv; give it a row there")
    wrong = {course for course, _ in stray}
    for block in alone(blocks, lambda block: (block.course, block.block)):
        found = list(_block(given, block, None if block.course in wrong else held.get((block.course, block.block), [])))
        yield from found
        wrong |= {block.course} if found else set()
    counts = Counter((block.course, block.block) for block in blocks)
    twice = {course for (course, _), count in counts.items() if count > 1}
    for course in alone(given.courses, lambda course: course.code):
        if course.code not in wrong and course.code not in twice:  # otherwise it follows from that
            yield from _total(given, course)


def _block(given: GivenEntries, block: BlockRow, activities: list[Activity] | None) -> Iterator[Fault]:
    at = given.at(block)
    if block.block < 1:
        yield Fault(at, f"blocks are numbered from 1 (given: {block.block})")
    if given.names.lacks_course(block.course):
        says = f"unknown course {block.course}, so nothing uses this block"
        yield Fault(at, f"{says}; there are {listed(given.names.courses)}")
    if block.credits is not None and block.credits < 0:
        yield Fault(at, f"credits can't be less than 0 (given: {block.credits})")
        return
    if activities is None or _partly_read(given, "activities.csv", course=block.course, block=str(block.block)):
        return
    rows = [activity.credits for activity in activities]
    if any(credits is not None and credits < 0 for credits in rows):
        return
    known = sum(credits for credits in rows if credits is not None)
    name = f"{block.course} Block {block.block}"
    if block.credits is None:
        if rows and None not in rows:
            yield Fault(at, f"{name}: the total is TBC although every activity has credits ({known} in all)")
    elif None in rows:
        yield Fault(at, f"{name}: an activity is TBC, so the total can't be {block.credits}; it must be TBC")
    elif rows and known != block.credits:
        yield Fault(at, f"{name}: its activities sum to {known}, not to the {block.credits} given")


def _total(given: GivenEntries, course: Course) -> Iterator[Fault]:
    if (course.total is not None and course.total < 1) or _partly_read(given, "blocks.csv", course=course.code):
        return
    totals = [block.credits for block in given.blocks if block.course == course.code]
    known = sum(total for total in totals if total is not None)
    at = given.at(course, "total")
    if course.total is not None and None in totals:
        yield Fault(at, f"a block is TBC, so the total can't be {course.total}; it must be “TBC”")
    elif course.total is not None and totals and known != course.total:
        yield Fault(at, f"its blocks sum to {known}, not to {course.total}")
    elif course.total is None and totals and None not in totals:
        yield Fault(at, f"the total is TBC although every block has credits ({known} in all)")


def _partly_read(given: GivenEntries, file: str, **whose: str) -> bool:
    """Whether a row of these may be among those that could not be read."""
    return file not in given.names.complete or any(_may_be(row, whose) for row in given.names.faulty.get(file, ()))


def _may_be(row: Mapping[str, Any], whose: Mapping[str, str]) -> bool:
    return all(row.get(column, wanted) == wanted for column, wanted in whose.items())
