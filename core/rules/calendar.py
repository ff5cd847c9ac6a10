"""London days and working days. Holidays and weekends never move a rule date, only the day a message goes out (R38)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from reference.pack import Pack

LONDON = ZoneInfo("Europe/London")


def london_day(instant: datetime) -> date:
    """The Europe/London date at an aware instant."""
    return instant.astimezone(LONDON).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def start_of(day: date) -> datetime:
    """The instant (UTC) at which a London day begins."""
    return datetime.combine(day, time.min, LONDON).astimezone(UTC)


def posting_time(pack: Pack, day: date) -> datetime:
    """When messages go out on a day: the pack's hour in London, as an aware London time."""
    return datetime.combine(day, time.fromisoformat(pack.settings.post_at), LONDON)


def late_from(pack: Pack, due_at: datetime) -> datetime:
    """The instant (UTC) after which a message that was due is late: the pack's grace, counted in working hours only.

    Working hours are London's, on working days: what is due on a Friday evening has until Monday, or until Tuesday after a
    bank holiday.
    """
    left = timedelta(minutes=pack.settings.late_after_minutes)
    day, at = london_day(due_at), due_at.astimezone(UTC)
    while True:
        if is_working_day(pack, day):
            opens, closes = _working_hours(pack, day)
            begins = max(at, opens)
            if begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta(0))
        day += timedelta(days=1)


def _working_hours(pack: Pack, day: date) -> tuple[datetime, datetime]:
    """In UTC: on the days when the clocks change an hour of London time is no hour."""
    opens, closes = time.fromisoformat(pack.settings.working_from), time.fromisoformat(pack.settings.working_until)
    return tuple(datetime.combine(day, at, LONDON).astimezone(UTC) for at in (opens, closes))  # type: ignore[return-value]


def is_working_day(pack: Pack, day: date) -> bool:
    """Monday to Friday and no bank holiday of the pack's region (substitute days included)."""
    return day.weekday() < 5 and day not in _bank_holidays(
        pack.settings.holidays_country, pack.settings.holidays_region, day.year
    )


def working_day_on_or_before(pack: Pack, day: date) -> date:
    """The day itself when it is a working day, else the last one before it (before-the-date messages)."""
    while not is_working_day(pack, day):
        day -= timedelta(days=1)
    return day


def working_day_on_or_after(pack: Pack, day: date) -> date:
    """The day itself when it is a working day, else the first one after it (after-the-date messages)."""
    while not is_working_day(pack, day):
        day += timedelta(days=1)
    return day


def working_days_before(pack: Pack, day: date, count: int) -> date:
    """The working day that lies `count` working days before `day`; `day` itself is not counted (reading 21)."""
    for _ in range(count):
        day = working_day_on_or_before(pack, day - timedelta(days=1))
    return day


def days(count: int) -> timedelta:
    """A number of calendar days."""
    return timedelta(days=count)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day (29 February: 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=1000)
def in_words(day: date) -> str:
    """A date as people read it: "23 June 2022"."""
    return f"{day.day} {day:%B %Y}"


def latest(moments: Iterable[date | None]) -> date | None:
    """The latest of the dates that are there, None when none is."""
    return max((moment for moment in moments if moment is not None), default=None)


@lru_cache(maxsize=256)
def _bank_holidays(country: str, region: str, year: int) -> frozenset[date]:
    import holidays  # here: it brings every country of the world, for which no question should wait

    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))
