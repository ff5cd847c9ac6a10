"""Whether limits that are counted from somebody's own day can be, and are of courses (reading 38)."""

from __future__ import annotations

from collections.abc import Iterator

from reference.checks.given_entries import GivenEntries, listed, repeated
from reference.pack import PersonalLimit
from reference.problems import Fault

MOST_YEARS = 50
MOST_DAYS = 1_000


def personal_limit_faults(given: GivenEntries) -> Iterator[Fault]:
    """Each by itself, and two for one course from the same day on."""
    limits = given.personal_limits
    yield from repeated(limits, lambda limit: (limit.course, limit.column), given.at, _called)
    for limit in limits:
        if given.names.lacks_course(limit.course):
            says = f"there is no course {limit.course}; there are {listed(given.names.courses)}"
            yield Fault(given.at(limit, "course"), says)
        if not 1 <= limit.years <= MOST_YEARS:
            says = f"must be 1 or more, and {MOST_YEARS} at most (given: {limit.years})"
            yield Fault(given.at(limit, "years"), says)
        if not 1 <= limit.warn_before <= MOST_DAYS:
            says = f"must be 1 or more, and {MOST_DAYS:,} at most (given: {limit.warn_before})"
            yield Fault(given.at(limit, "warn_before"), says)


def _called(limit: PersonalLimit) -> str:
    return f"the limit of {limit.course} from {limit.column} on"
