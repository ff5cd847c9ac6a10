"""Whether the rows of schedule.csv are of somebody, and their dates follow each other (R46, R48, R50, reading 36)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from reference.checks.cohort_checks import no_such_cohort
from reference.checks.given_entries import GivenEntries, alone, listed, repeated
from reference.pack import Cohort, ScheduleRow, bare, cohort_key
from reference.problems import Fault
from reference.schedule import DATE_NAMES, Levels, levels_of

_SHARE = re.compile(r"(?:100|[1-9]?[0-9](?:\.[0-9]+)?)%")
CHAINS = (
    ("review", "cut_off", "payment"),
    ("review", "invoice", "payment"),
)  # each is followed by the next that is known


class _Dated(NamedTuple):
    """One date that holds for somebody, and the row that gives it."""

    name: str
    day: date
    row: ScheduleRow
    computed: int | None = None  # days before the cut-off

    def __str__(self) -> str:
        how = f" ({self.computed} days before the cut-off)" if self.computed is not None else ""
        return f"the {DATE_NAMES[self.name]} {self.day}{how}"


def date_faults(given: GivenEntries) -> Iterator[Fault]:
    """Each row by itself, and what follows from several of them for whoever they hold for."""
    yield from repeated(
        given.schedule, lambda r: (r.group, r.cohort, r.output, r.course or "", r.start or ""), given.at, _row_of
    )
    cohorts = {cohort.key: cohort for cohort in alone(given.known_cohorts, lambda cohort: cohort_key(cohort.key))}
    misnumbered = [group for group in given.names.groups if not given.names.in_sequence(group)]
    for row in given.schedule:
        yield from _row(given, row)
        yield from _whose(given, row, cohorts.get(row.cohort), misnumbered)
    yield from _of_nobody(given, cohorts)
    yield from _followed(given)
    yield from _dated_without_criteria(given)


def _row_of(row: ScheduleRow) -> str:
    named = (row.group, row.course, f"cohort {row.cohort}", row.start, f"output {row.output}")
    return f"the row of {listed(filter(None, named))}"


def _row(given: GivenEntries, row: ScheduleRow) -> Iterator[Fault]:
    at = given.at(row)
    if row.price_share and not _SHARE.fullmatch(row.price_share):
        yield Fault(at, f"“price_share” must be a percentage such as 33.3%, not {row.price_share}")
    if row.payment_printed is not None and row.payment_printed == row.payment:
        yield Fault(
            at, "“payment_printed” is the payment date itself: it is for a misprint that the payment date corrects"
        )
    elif row.payment_printed is not None and row.payment is None:
        yield Fault(at, "“payment_printed” is for a misprint; give the right date as “payment”")


def _whose(
    given: GivenEntries, row: ScheduleRow, cohort: Cohort | None, misnumbered: Collection[str]
) -> Iterator[Fault]:
    """A row of nobody: nothing would use its dates."""
    at, names = given.at(row), given.names
    if names.lacks_group(row.group):
        yield Fault(
            at, f"the group has no such output: no output is given for “{row.group}”; there are {listed(names.groups)}"
        )
    elif names.lacks_output(row.group, row.output) and row.group not in misnumbered:
        numbers = sorted(number for group, number in names.outputs if group == row.group)
        yield Fault(at, f"the group has no such output: {row.group} has {listed(numbers)} (given: {row.output})")
    if names.lacks_cohort(row.cohort):
        yield Fault(at, no_such_cohort(given, row.cohort))
    elif names.lacks_group(row.group) or row.course is None:
        pass
    elif names.lacks_course(row.course):
        yield Fault(at, f"there is no course {row.course}; there are {listed(names.courses)}")
    elif names.courses.get(row.course, row.group) != row.group:
        yield Fault(at, f"{row.course} is in the group “{names.courses[row.course]}”, not in “{row.group}”")
    if row.start is not None and cohort is not None:
        yield from _start(given, row, cohort)


def _of_nobody(given: GivenEntries, cohorts: Mapping[str, Cohort]) -> Iterator[Fault]:
    """Rows for what their cohort does not offer: said of the first of each kind, or of the start that is there for them."""
    names = given.names
    found: dict[str, list[ScheduleRow]] = {}
    for row in given.schedule:
        if names.lacks_cohort(row.cohort) or names.lacks_group(row.group):
            continue
        if names.offers_none(row.cohort, row.group):
            cohort = cohorts.get(row.cohort)
            if row.course is None and not (cohort and cohort.starts_of(row.group)):
                says = f"cohort {row.cohort} offers no course of the group “{row.group}”"
                found.setdefault(says, []).append(row)
        elif row.course and names.courses.get(row.course) == row.group and names.offers_not(row.cohort, row.course):
            found.setdefault(f"cohort {row.cohort} does not offer {row.course}", []).append(row)
    for says, rows in found.items():
        others = f", nor the {len(rows) - 1} below that say so too" if len(rows) > 1 else ""
        yield Fault(given.at(rows[0]), f"{says}, so nothing uses this row{others}")


def _start(given: GivenEntries, row: ScheduleRow, cohort: Cohort) -> Iterator[Fault]:
    starts = cohort.starts_of(row.group)
    keys = [start.key for start in starts if start.key]
    unclear = len(starts) > 1 and len({key.casefold() for key in keys}) < len(starts)
    if (
        row.start in keys
        or unclear
        or any(start for start in given.names.faulty.get("starts", ()) if start.get("key") == row.start)
    ):
        return
    meant = [start.key for start in starts if start.key and (row.start or "").casefold() in start.names]
    if meant:
        says = f"write {meant[0]}, the start's key (given: {row.start})"
    elif keys:
        says = f"the group “{row.group}” has no start {row.start} in cohort {cohort.key}; there are {listed(keys)}"
    else:
        says = f"the group “{row.group}” has no starts with a key in cohort {cohort.key}; leave “start” blank"
    yield Fault(given.at(row), says)


def _followed(given: GivenEntries) -> Iterator[Fault]:
    """Dates that pass one another for somebody; what holds for many is said once, at the row that gives it."""
    before = given.settings.get("review_days_before_cut_off")
    strict = bool(given.settings.get("dates_differ"))
    reviewed = given.with_criteria()
    rows = [row for row in given.schedule if not given.names.lacks_output(row.group, row.output)]
    cohorts = alone(given.known_cohorts, lambda cohort: cohort_key(cohort.key))
    for course in alone(given.known_courses, lambda course: bare(course.code)):
        reviews: dict[tuple[str, int], list[tuple[int, _Dated]]] = {}
        for levels in levels_of(course, cohorts, rows):
            dated = _dated(levels, before if (course.group, levels.output) in reviewed else None)
            yield from _in_order(given, dated, strict=strict)
            too_early = list(_before_the_start(given, levels, dated))
            yield from too_early
            if "review" in dated and not too_early:
                key = (levels.cohort.key, id(levels.start))  # two may have one key, which is told
                reviews.setdefault(key, []).append((levels.output, dated["review"]))
        for of_one in reviews.values():
            for (number, earlier), (_, later) in pairwise(of_one):
                if later.day <= earlier.day:
                    after = f"{later} is not after the one of output {number}, {earlier.day}"
                    yield Fault(given.at(later.row), f"{after}; review dates rise from output to output")


def _dated(levels: Levels, before: int | None) -> dict[str, _Dated]:
    """The dates that are known here, by name."""
    found = {}
    for name in ("cut_off", "invoice", "payment"):
        if (row := levels.giving(name)) is not None:
            found[name] = _Dated(name, getattr(row, name), row)
    review, row = levels.review(before)
    if review is not None and row is not None:
        found["review"] = _Dated("review", review, row, before if row.review is None else None)
    return found


def _in_order(given: GivenEntries, dated: dict[str, _Dated], *, strict: bool) -> Iterator[Fault]:
    pairs = dict.fromkeys(pair for chain in CHAINS for pair in pairwise(dated[name] for name in chain if name in dated))
    if {"cut_off", "invoice"} & dated.keys() and {"review", "payment"} <= dated.keys():
        pairs.pop((dated["review"], dated["payment"]), None)  # follows from what lies between
    for earlier, later in pairs:
        if earlier.day < later.day or (earlier.day == later.day and not strict):
            continue
        must = f"must be before {later}" if strict else f"must not be after {later}"
        special, other = _more_special_first(earlier.row, later.row)
        says = f"the dates must follow each other: {earlier} {must}"
        yield Fault(given.at(special), says, "the other date is", given.at(other) if other is not special else None)


def _more_special_first(one: ScheduleRow, other: ScheduleRow) -> tuple[ScheduleRow, ScheduleRow]:
    def special(row: ScheduleRow) -> tuple[bool, bool]:
        return (row.course is not None, row.start is not None)

    return (one, other) if special(one) >= special(other) else (other, one)


def _before_the_start(given: GivenEntries, levels: Levels, dated: dict[str, _Dated]) -> Iterator[Fault]:
    """The earliest date alone: the others follow from it."""
    if levels.begins is None or not dated:
        return
    earliest = min(dated.values(), key=lambda each: each.day)
    if earliest.day < levels.begins:
        start = f", start {levels.start.key}," if levels.start.starts_on else ""
        first_day = f"lies before the first day of cohort {levels.cohort.key}{start} {levels.begins}"
        yield Fault(given.at(earliest.row), f"{earliest} {first_day.replace(',,', ',')}")


def _dated_without_criteria(given: GivenEntries) -> Iterator[Fault]:
    """An output with a review date would silently never be met or missed."""
    if not given.criteria_are_clear():
        return
    defined = {id(output) for entry in given.criteria for output in given.outputs_for(entry)}
    for output in given.outputs:
        reviewed = (row for row in given.schedule if row.review is not None)
        first = next((row for row in reviewed if (row.group, row.output) == (output.group, output.number)), None)
        if first is not None and id(output) not in defined:
            says = f"it has review dates, but no [[criteria]] names the group “{output.group}” and {output.declaration_type}"
            yield Fault(given.at(output), says, "the first is", given.at(first))
