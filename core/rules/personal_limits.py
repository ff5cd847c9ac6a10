"""By when somebody has to complete a course, counted from a day of their own, such as the one since when they are SENCO (reading 38)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta
from typing import NamedTuple

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
        last_day = years_after(since, limit.years)
        if as_of >= last_day - timedelta(days=max(limit.warn_before)):
            yield OwnLimit(limit, since, last_day)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 28th, where that year has none."""
    if day.year + years > MAXYEAR:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return (day - timedelta(days=1)).replace(year=day.year + years)
