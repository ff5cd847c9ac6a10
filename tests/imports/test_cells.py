"""What a cell may hold, to the last digit, and what is said of one that holds something else."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.kinds import KINDS
from core.rules.calendar import london_day
from core.rules.plausible_dates import FIRST_YEAR, LAST_YEAR
from core.spreadsheets import cells
from core.spreadsheets.cells import MonthFirst, NotRight

credits_of_an_activity = KINDS["activities"].by_name["credits"].parse
any_credits = KINDS["declaration_report"].by_name["credits"].parse
every_parser = {column.parse for kind in KINDS.values() for column in kind.columns}
days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


@given(days)
def test_a_day_reads_back_in_both_spellings(day: date) -> None:
    assert cells.day(day.isoformat()) == day
    assert cells.day(f"{day:%d/%m/%Y}") == day
    assert cells.day(f"{day.day}/{day.month}/{day.year}") == day


@pytest.mark.parametrize(
    "text",
    [
        *("31/02/2022", "2022-13-01", "02/30/2022", "2022-02-29", "2022-1-5", "13/12/21", "13.12.2021", "13 Dec 21"),
        *(
            "44543",
            "20211213",
            "2021-12-13T30:00:00",
            "13 Mai 2021",
            "tomorrow",
            "0021-12-13",
            "9999-12-31",
            "١٣/١٢/٢٠٢١",
            "-",
            "N/A",
        ),
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotRight, match="give a date"):
        cells.day(text)


@pytest.mark.parametrize(
    "text",
    [
        *("10 May 2023", "10-May-2023", "10th may 2023", "10-MAY-2023", "10/05/2023 09:30", "10/5/2023 9:30:00"),
        *("2023-05-10 09:30:00", "2023-05-10T09:30", "2023-05-10T09:30:00Z", "2023-05-10T09:30:00.000+01:00"),
        "2023-05-09T23:30:00Z",  # half past midnight in London
    ],
)
def test_a_day_that_is_certain_is_taken_in_other_spellings(text: str) -> None:
    assert cells.day(text) == date(2023, 5, 10)


@given(days)
def test_a_day_with_its_month_as_a_word(day: date) -> None:
    assert cells.day(f"{day.day} {day:%B} {day.year}") == day
    assert cells.day(f"{day:%d-%b-%Y}") == day


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.timezones()))
def test_a_moment_has_its_london_day(moment: datetime) -> None:
    assert cells.day(moment.isoformat(timespec="minutes")) == london_day(moment)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("15/10/26", "Its year has two digits only: give a date such as 2021-12-13 or 13/12/2021, with all four."),
        ("15-Oct-26", "Its year has two digits only: give a date such as 2021-12-13 or 13/12/2021, with all four."),
        (
            "45056",
            "It looks like Excel's number for a day: format the column as a date in Excel, "
            "or give a date such as 2021-12-13 or 13/12/2021.",
        ),
        ("05/25/2023", "There is no such day: if its month comes first, give 2023-05-25."),
        ("31/02/2023", "There is no such day: give a date such as 2021-12-13 or 13/12/2021 (day before month)."),
        ("32/01/2023", "There is no such day: give a date such as 2021-12-13 or 13/12/2021 (day before month)."),
        ("10/05/2032 09:30 ", "Not a date here: give a date such as 2021-12-13 or 13/12/2021."),
    ],
)
def test_what_is_said_of_a_date_that_is_not_taken(text: str, message: str) -> None:
    with pytest.raises(NotRight) as found:
        cells.day(text)
    assert found.value.message == message


@pytest.mark.parametrize("text", ["05/25/2023", "5/25/23", "05/25/2023 9:30 AM", "05/25/2023 09:30", "02/30/2022"])
def test_what_shows_that_the_month_comes_first(text: str) -> None:
    with pytest.raises(MonthFirst):
        cells.day(text)


@pytest.mark.parametrize(
    "text", ["31/02/2023", "32/01/2023", "13/25/2023", "0/25/2023", "05-25-2023", "5/25", "25/5/23"]
)
def test_what_does_not(text: str) -> None:
    with pytest.raises(NotRight) as found:
        cells.day(text)
    assert not isinstance(found.value, MonthFirst)


@given(st.integers(0, 100), st.integers(1, 3))
def test_a_whole_number_may_carry_an_empty_fraction(number: int, zeros: int) -> None:
    assert credits_of_an_activity(str(number)) == number
    assert credits_of_an_activity(f"{number}.{'0' * zeros}") == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("15.5", "Fractions do not exist here: give a whole number of credits from 0 to 100."),
        ("-1", "It cannot be negative: give a whole number of credits from 0 to 100."),
        ("101", "Out of range: give a whole number of credits from 0 to 100."),
        ("1,000", "Out of range: give a whole number of credits from 0 to 100."),
        ("fifteen", "Not a whole number: give a whole number of credits from 0 to 100."),
        ("1e1", "Please give it in digits alone: 10."),
        ("9" * 9_000, "Fractions do not exist here: give a whole number of credits from 0 to 100."),
    ],
)
def test_credits_that_cannot_be(text: str, message: str) -> None:
    with pytest.raises(NotRight) as refused:
        credits_of_an_activity(text)
    assert refused.value.message == message or len(text) > 100


def test_other_credits_go_to_a_thousand() -> None:
    assert any_credits("1000") == 1000
    with pytest.raises(NotRight, match="from 0 to 1000"):
        any_credits("1001")


@given(st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=12))
def test_a_percentage_keeps_every_digit(number: Decimal) -> None:
    assert cells.percent(f"{number:f}") == number
    assert cells.percent(f"{number:f} %") == number


@pytest.mark.parametrize(
    "text", ["100.000000000000001", f"89.{'9' * 51}", "101", "-0.1", "NaN", "Infinity", "eighty", "8 9", ""]
)
def test_what_is_no_percentage(text: str) -> None:
    with pytest.raises(NotRight, match=r"give a percentage from 0 to 100 such as 89\.7"):
        cells.percent(text)


def test_a_percentage_just_below_stays_below() -> None:
    assert str(cells.percent("89.999999999999999")) == "89.999999999999999"
    assert str(cells.percent("090.50")) == "90.5"


@given(st.sampled_from(sorted(every_parser, key=repr)), st.text(max_size=40))
def test_a_parser_answers_or_says_what_would_be_right(parser: cells.Parser, text: str) -> None:
    trimmed = cells.trimmed(text)
    if not trimmed:
        return
    try:
        parser(trimmed)
    except NotRight as refused:
        message = refused.message
    else:
        message = "fine: give more of these."
    assert any(word in message for word in ("give", "type it again", "enter it again"))
    assert message.endswith(".")


@given(st.text(alphabet=" \t\xa0\u2003\u200b\ufeff\n"), st.text(alphabet=" \t\xa0\u2003\u200b\ufeff\n"))
def test_white_space_of_any_kind_is_dropped(before: str, after: str) -> None:
    assert cells.trimmed(f"{before}Jane\xa0Doe{after}") == "Jane\xa0Doe"


def test_words_in_any_case_and_spelling_of_the_gap() -> None:
    status = cells.one_of("mop_up", "neighbour_dp_event")
    assert status("Mop Up") == status("MOP-UP") == "mop_up"
    with pytest.raises(NotRight, match="give mop_up or neighbour_dp_event"):
        status("mopup")
    assert cells.yes_or_no("YES") is True
    assert cells.yes_or_no("no") is False
