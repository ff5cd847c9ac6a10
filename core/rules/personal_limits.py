"""By when somebody has to complete a course, counted from a day of their own, such as the one since when they are SENCO (reading 38)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from core.rules.calendar import days, months_after
from core.rules.facts import Participant
from reference.pack import Pack, PersonalLimit


class OwnLimit(NamedTuple):
    """A limit of the pack as it is for one participant."""

    limit: PersonalLimit
    since: date
    last_day: date  # on which it is still in time


def own_limits(pack: Pack, person: Participant, as_of: date) -> Iterator[OwnLimit]:
    """The limits that somebody's course has for them on a day: those that are near, and those that are past."""
    for limit in pack.personal_limits:
        since: date | None = getattr(person, limit.column)
        if limit.course != person.course or since is None or since > as_of:
            continue
        last_day = months_after(since, 12 * limit.years)
        if as_of >= last_day - days(limit.warn_before):
            yield OwnLimit(limit, since, last_day)
