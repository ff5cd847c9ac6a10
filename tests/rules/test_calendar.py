"""Days, working days and posting hours (R38, R50, readings 20-22)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.calendar import (
    is_working_day,
    london_day,
    posting_time,
    start_of,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_before,
)
from reference.loading import load_pack
from reference.pack import Pack

PACK = load_pack("edt-v18")
some_days = st.dates(date(2021, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2021, 12, 13), True),
        (date(2021, 12, 18), False),
        (date(2021, 12, 27), False),  # Christmas Day in lieu
        (date(2022, 1, 3), False),  # New Year's Day in lieu
        (date(2022, 6, 2), False),  # the moved spring bank holiday
        (date(2022, 6, 3), False),  # the Platinum Jubilee
        (date(2022, 9, 19), False),  # the Queen's funeral
        (date(2023, 5, 8), False),  # the Coronation
        (date(2023, 4, 10), False),  # Easter Monday
    ],
)
def test_english_bank_holidays(pack: Pack, day: date, working: bool) -> None:
    assert is_working_day(pack, day) is working


@pytest.mark.parametrize(
    ("invoice", "reminded"),
    [
        (date(2022, 1, 10), date(2022, 1, 5)),
        (date(2023, 4, 9), date(2023, 4, 4)),  # Easter Sunday: Thursday, Wednesday, Tuesday
        (date(2023, 7, 22), date(2023, 7, 19)),  # a Saturday
    ],
)
def test_three_working_days_before_an_invoice(pack: Pack, invoice: date, reminded: date) -> None:
    assert working_days_before(pack, invoice, 3) == reminded


@given(some_days)
def test_shifts_land_on_working_days_and_stay_near(day: date) -> None:
    before, after = working_day_on_or_before(PACK, day), working_day_on_or_after(PACK, day)
    assert is_working_day(PACK, before)
    assert is_working_day(PACK, after)
    assert timedelta(0) <= day - before <= timedelta(days=7)
    assert timedelta(0) <= after - day <= timedelta(days=7)
    if is_working_day(PACK, day):
        assert before == day == after


@given(some_days)
def test_nine_o_clock_is_nine_o_clock_all_year(day: date) -> None:
    posted = posting_time(PACK, day)
    assert (posted.hour, posted.minute) == (9, 0)
    assert london_day(posted.astimezone(UTC)) == day
    assert start_of(day) <= posted < start_of(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2022, 3, 27, 0, 30, tzinfo=UTC), date(2022, 3, 27)),
        (datetime(2022, 3, 26, 23, 59, tzinfo=UTC), date(2022, 3, 26)),
        (datetime(2022, 6, 22, 23, 0, tzinfo=UTC), date(2022, 6, 23)),  # summer time: already tomorrow
        (datetime(2022, 10, 30, 0, 30, tzinfo=UTC), date(2022, 10, 30)),  # the repeated hour, first time
        (datetime(2022, 10, 30, 1, 30, tzinfo=UTC), date(2022, 10, 30)),  # and second time
    ],
)
def test_a_day_is_a_london_day(instant: datetime, day: date) -> None:
    assert london_day(instant) == day


def test_clock_change_days_have_23_and_25_hours() -> None:
    spring, autumn = date(2022, 3, 27), date(2022, 10, 30)
    assert start_of(spring + timedelta(days=1)) - start_of(spring) == timedelta(hours=23)
    assert start_of(autumn + timedelta(days=1)) - start_of(autumn) == timedelta(hours=25)
