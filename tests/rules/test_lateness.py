"""When an undelivered message is late: one working hour after it was due, in London, whatever the clocks and holidays do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.calendar import LONDON, is_working_day, late_from
from reference.loading import load_pack
from reference.pack import Pack

PACK = load_pack("edt-v18")
NIGHT_SHIFT = replace(PACK, settings=replace(PACK.settings, working_from="00:00", working_until="06:00"))
MINUTE = timedelta(minutes=1)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("due", "late"),
    [
        ("2022-06-16 09:00", "2022-06-16 10:00"),  # a Thursday
        ("2022-06-16 07:00", "2022-06-16 10:00"),  # before anybody is there
        ("2022-06-16 16:00", "2022-06-16 17:00"),
        ("2022-06-16 16:30", "2022-06-17 09:30"),  # half an hour today, half an hour tomorrow
        ("2022-06-17 16:59", "2022-06-20 09:59"),  # over a weekend
        ("2022-06-17 18:00", "2022-06-20 10:00"),
        ("2022-06-18 12:00", "2022-06-20 10:00"),  # due on a Saturday
        ("2022-06-01 16:45", "2022-06-06 09:45"),  # over the Jubilee: Thursday and Friday are bank holidays
        ("2022-04-14 17:00", "2022-04-19 10:00"),  # over Easter
        ("2021-12-24 16:30", "2021-12-29 09:30"),  # over Christmas with its substitute days
        ("2022-03-25 16:30", "2022-03-28 09:30"),  # the clocks go forward on that Sunday
        ("2022-10-28 16:30", "2022-10-31 09:30"),  # and back on this one
        ("2022-10-30 01:30", "2022-10-31 10:00"),  # in the repeated hour
    ],
)
def test_late_after_a_working_hour(due: str, late: str) -> None:
    assert late_from(PACK, london(due)) == london(late).astimezone(UTC)


def test_hours_are_the_packs() -> None:
    brief = replace(PACK, settings=replace(PACK.settings, working_until="09:20", late_after_minutes=60))
    assert late_from(brief, london("2022-06-13 09:00")) == london("2022-06-15 09:20").astimezone(UTC)


def worked(pack: Pack, first: datetime, last: datetime) -> int:
    """Working minutes between two instants, counted one by one on the clock on the wall."""
    minutes, at = 0, first
    while at < last:
        wall = at.astimezone(LONDON)
        opens, closes = pack.settings.working_from, pack.settings.working_until
        minutes += is_working_day(pack, wall.date()) and opens <= f"{wall:%H:%M}" < closes
        at += MINUTE
    return minutes


near_the_changes = st.sampled_from([date(2022, 3, 27), date(2022, 10, 30), date(2023, 3, 26), date(2024, 10, 27)])
some_days = st.one_of(st.dates(date(2021, 1, 1), date(2027, 12, 31)), near_the_changes)
moments = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + minutes * MINUTE,
    some_days,
    st.integers(-3000, 3000),
)


@given(moments, st.sampled_from([PACK, NIGHT_SHIFT]))
def test_exactly_the_grace_is_worked_until_then(due: datetime, pack: Pack) -> None:
    late = late_from(pack, due)
    assert worked(pack, due, late) == pack.settings.late_after_minutes
    assert worked(pack, late - MINUTE, late) == 1


@given(moments, st.integers(0, 5000))
def test_who_is_due_later_is_late_no_sooner(due: datetime, minutes: int) -> None:
    assert late_from(PACK, due) <= late_from(PACK, due + minutes * MINUTE)
