"""Whether cohorts, the starts within them and assessment windows agree with the courses (R32, R49)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from reference.checks.given_entries import GivenEntries, listed, repeated
from reference.pack import AssessmentWindow, Cohort, Start, cohort_key
from reference.problems import Fault

_KEY = re.compile(r"[A-Za-z0-9]+")


def cohort_faults(given: GivenEntries) -> Iterator[Fault]:
    """Cohorts, each by itself and beside the others, and the assessment windows."""
    yield from repeated(
        given.cohorts, lambda c: cohort_key(c.key), lambda c: given.at(c, "key"), lambda c: f"the cohort {c.key}"
    )
    for cohort in given.cohorts:
        yield from _cohort(given, cohort)
        for group in dict.fromkeys(start.group for start in cohort.starts):
            yield from _starts_of(given, cohort, group)
    yield from repeated(
        given.windows,
        lambda w: (w.group, w.cohort, w.course, w.opens, w.closes),
        given.at,
        lambda w: f"the assessment window of {w.course or w.group} in cohort {w.cohort}",
    )
    yield from _windows(given)


def no_such_cohort(given: GivenEntries, written: str) -> str:
    """What to say of a cohort that is not among these; the one that is nearly so called is the right one."""
    meant = [key for key in given.names.offered if cohort_key(key) == cohort_key(written)]
    if meant:
        return f"write {meant[0]}, as the cohort's key has it (given: {written})"
    return f"there is no cohort {written}; there are {listed(given.names.offered)}"


def _cohort(given: GivenEntries, cohort: Cohort) -> Iterator[Fault]:
    if not _KEY.fullmatch(cohort.key):
        right = "".join(_KEY.findall(cohort.key))
        such_as = right or "2026b"
        yield Fault(given.at(cohort, "key"), f"a cohort's key is letters and digits alone, such as {such_as}")
    for code in sorted(filter(given.names.lacks_course, cohort.courses)):
        says = f"unknown course {code}; there are {listed(given.names.courses)}"
        yield Fault(given.at(cohort, "courses"), says)
    if not cohort.courses:
        yield Fault(given.at(cohort, "courses"), "it offers no course; name at least one")
    told: set[str] = set()  # groups of which the cohort offers no course
    for start in cohort.starts:
        if start.group in told:
            continue
        if given.names.lacks_group(start.group):
            says = f"no output is given for the group “{start.group}”; there are {listed(given.names.groups)}"
            yield Fault(given.at(start, "group"), says)
        elif given.names.offers_none(cohort.key, start.group):
            told.add(start.group)
            rows = any((row.cohort, row.group) == (cohort.key, start.group) for row in given.schedule)
            says = f"the cohort offers no course of the group “{start.group}”, so nothing uses this start"
            yield Fault(given.at(start, "group"), f"{says}{', nor its rows in schedule.csv' if rows else ''}")
        if cohort.starts_on and start.starts_on and start.starts_on < cohort.starts_on:
            says = f"it starts on {start.starts_on}, before the cohort's first day {cohort.starts_on}"
            yield Fault(given.at(start, "starts_on"), says)
        if not (start.key or start.identifier or start.starts_on):
            yield Fault(given.at(start), "it says nothing: give DfE's identifier, such as npq-ehco-november")


def _starts_of(given: GivenEntries, cohort: Cohort, group: str) -> Iterator[Fault]:
    """Several starts of a group: each needs a key, and no two may be called alike."""
    starts = cohort.starts_of(group)
    first: dict[str, Start] = {}
    for start in starts:
        if len(starts) > 1 and not start.key:
            says = f"the group “{group}” has {len(starts)} starts in this cohort, so each needs a key, such as november"
            yield Fault(given.at(start, "key"), says)
        for key in ("key", "identifier"):
            name = getattr(start, key).casefold()
            if name and (other := first.setdefault(name, start)) is not start:
                says = f"{getattr(start, key)} is given twice for the group “{group}”; each start has its own"
                yield Fault(given.at(start, key), says, "the first is", given.at(other))


def _windows(given: GivenEntries) -> Iterator[Fault]:
    begins = {cohort.key: cohort.starts_on for cohort in given.cohorts}
    for window in given.windows:
        if given.names.lacks_group(window.group):
            says = f"no output is given for the group “{window.group}”; there are {listed(given.names.groups)}"
            yield Fault(given.at(window, "group"), says)
        if given.names.lacks_cohort(window.cohort):
            yield Fault(given.at(window, "cohort"), no_such_cohort(given, window.cohort))
            yield from _course_of(given, window)
        elif given.names.offers_none(window.cohort, window.group):
            says = f"cohort {window.cohort} offers no course of the group “{window.group}”, so nothing uses this window"
            yield Fault(given.at(window, "group"), says)
        else:
            yield from _course_of(given, window)
        if window.closes <= window.opens:
            yield Fault(given.at(window, "closes"), f"it must close after it opens, {window.opens}")
        elif (begins.get(window.cohort) or window.opens) > window.opens:
            says = f"it opens on {window.opens}, before the cohort's first day {begins[window.cohort]}"
            yield Fault(given.at(window, "opens"), says)
    yield from _overlaps(given)


def _course_of(given: GivenEntries, window: AssessmentWindow) -> Iterator[Fault]:
    """The one course that a window is for: of its group, and offered in its cohort."""
    code = window.course
    if code is None:
        return
    at, group = given.at(window, "course"), given.names.courses.get(code, window.group)
    if given.names.lacks_course(code):
        yield Fault(at, f"unknown course {code}; there are {listed(given.names.courses)}")
    elif group != window.group and not given.names.lacks_group(window.group):
        yield Fault(at, f"the course {code} is of the group “{group}”, not of “{window.group}”")
    elif given.names.offers_not(window.cohort, code):
        yield Fault(at, f"cohort {window.cohort} does not offer {code}, so nothing uses this window")


def _overlaps(given: GivenEntries) -> Iterator[Fault]:
    """Two windows of the same people: of one they know which it is, and by when."""
    sound = [w for w in given.windows if w.opens < w.closes]
    sound.sort(key=lambda w: (w.group, w.cohort, w.course or "", w.opens, w.closes))
    for before, after in pairwise(sound):
        same = (before.group, before.cohort, before.course) == (after.group, after.cohort, after.course)
        if same and after.opens <= before.closes and (before.opens, before.closes) != (after.opens, after.closes):
            says = f"it opens on {after.opens}, when another window of the same people is open until {before.closes}"
            yield Fault(given.at(after, "opens"), says, "the other is", given.at(before))
