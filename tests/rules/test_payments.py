"""What an output is worth: its share of the price, exact to the penny; the last takes the rest (reading 38)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.payments import instalments, pounds, summed, worth
from core.rules.standing import standing
from reference.entries.price_entries import amount_of, share_of
from reference.measure_words import share_in_words
from reference.pack import Pack, Price
from tests.rules.conftest import back, day, declared, deferred, did, person
from tests.rules.test_reminders import due

THIRDS = (Fraction(1, 3),) * 3


def priced(pack: Pack, *prices: Price, group: str = "specialist", shares: Sequence[Fraction | None] = THIRDS) -> Pack:
    outputs = tuple(replace(o, share=share) for o, share in zip(pack.outputs[group], shares, strict=True))
    return replace(pack, outputs={**pack.outputs, group: outputs}, prices=prices)


# the price, the shares as packs write them, what each output is worth
WORTH = [
    ("100.00", ["1/3", "1/3", "1/3"], ["33.33", "33.33", "33.34"]),
    ("100.00", ["33.3%", "33.3%", "33.3%"], ["33.30", "33.30", "33.30"]),
    ("0.02", ["1/3", "1/3", "1/3"], ["0.00", "0.00", "0.02"]),
    ("0.01", ["33.3%", "33.3%", "33.3%"], ["0.00", "0.00", "0.00"]),  # 99.9% of a penny is none
    ("1,130.00", ["20%", "20%", "20%"], ["226.00", "226.00", "226.00"]),  # the rest of it is no output's
    ("1,130.00", ["15%", "15%", "15%", "15%"], ["169.50", "169.50", "169.50", "169.50"]),
    ("999.99", ["20%", "20%", "20%"], ["199.99", "199.99", "200.01"]),  # 599.994 in all
    ("£1,482", ["25 %", "1 / 4", "50%"], ["370.50", "370.50", "741.00"]),
    ("1130", ["100%"], ["1130.00"]),
]


@pytest.mark.parametrize(("price", "shares", "expected"), WORTH)
def test_what_each_output_is_worth(price: str, shares: list[str], expected: list[str]) -> None:
    amount, exact = amount_of(price), [share_of(share) for share in shares]
    assert amount is not None
    assert list(map(str, instalments(amount, [share for share in exact if share is not None]))) == expected


@st.composite
def prices_and_shares(draw: st.DrawFn) -> tuple[Decimal, list[Fraction]]:
    """Any price, and up to six shares that are at most the whole of it."""
    pence = draw(st.integers(1, 10**9))
    parts = draw(st.lists(st.integers(1, 1_000), min_size=1, max_size=6))
    return Decimal(pence).scaleb(-2), [Fraction(part, sum(parts) + draw(st.integers(0, 500))) for part in parts]


@given(prices_and_shares())
def test_no_penny_is_lost_and_none_is_given(drawn: tuple[Decimal, list[Fraction]]) -> None:
    price, shares = drawn
    amounts = instalments(price, shares)
    pence = [Fraction(amount) * 100 for amount in amounts]
    whole = Fraction(price) * 100 * sum(shares)
    assert all(each.denominator == 1 and each >= 0 for each in pence)
    assert 0 <= whole - sum(pence) < 1
    assert sum(amounts) <= price
    *before, last = zip(pence, shares, strict=True)
    assert all(0 <= Fraction(price) * 100 * share - each < 1 for each, share in before)
    assert last[0] >= int(Fraction(price) * 100 * last[1]), "the rest is never less than its own share"


@given(st.integers(1, 10**11))
def test_thirds_of_a_whole_price_are_all_of_it(pence: int) -> None:
    price = Decimal(pence).scaleb(-2)
    amounts = instalments(price, THIRDS)
    assert sum(amounts) == price
    assert amounts[0] == amounts[1] <= amounts[2]
    assert amounts[2] - amounts[0] <= Decimal("0.02")


@given(prices_and_shares())
def test_a_higher_price_is_worth_no_less(drawn: tuple[Decimal, list[Fraction]]) -> None:
    price, shares = drawn
    lower, higher = instalments(price, shares), instalments(price + Decimal("0.01"), shares)
    assert sum(lower) <= sum(higher)
    assert all(one <= other for one, other in zip(lower[:-1], higher[:-1], strict=True))


@given(st.integers(1, 10**11 - 1))
def test_an_amount_is_read_as_it_is_shown(pence: int) -> None:
    amount = Decimal(pence).scaleb(-2)
    assert amount_of(pounds(amount)) == amount


@given(st.fractions(min_value=Fraction(1, 999), max_value=1, max_denominator=999))
def test_a_share_is_read_as_it_is_shown(share: Fraction) -> None:
    assert share_of(share_in_words(share)) == share


NO_AMOUNT = ["", "0", "0.00", "-5", "1.130,00", "1,13", "12.5", "1 130", "ten", "£", "1,130.000", "1e3", "1234567890", "٣"]  # fmt: skip


@pytest.mark.parametrize("written", NO_AMOUNT)
def test_what_is_no_amount(written: str) -> None:
    assert amount_of(written) is None


@pytest.mark.parametrize("written", ["", "0%", "0/3", "1/0", "4/3", "100.1%", "20", "0.2", "-1/3", "a third", "1/3%"])
def test_what_is_no_share(written: str) -> None:
    assert share_of(written) is None


def test_a_cohorts_own_price_goes_before_the_one_of_all(pack: Pack) -> None:
    own = priced(pack, Price("NPQLT", Decimal("90.00"), "p. 1", "2"), Price("NPQLT", Decimal("60.00"), "p. 1", None))
    assert [str(worth(own, "NPQLT", cohort, 1)) for cohort in ("1", "2", "3")] == ["20.00", "30.00", "20.00"]
    assert worth(own, "NPQLTD", "1", 1) is None, "another course"
    assert worth(pack, "NPQLT", "1", 1) is None, "a pack without prices"


def test_an_output_without_a_share_is_worth_nothing_that_is_known(pack: Pack) -> None:
    some = priced(pack, Price("NPQLT", Decimal("0.99"), "p. 1"), shares=(Fraction(1, 2), None, Fraction(1, 2)))
    assert [worth(some, "NPQLT", "1", number) for number in (1, 2, 3)] == [Decimal("0.49"), None, Decimal("0.50")]


def test_whoever_moves_has_the_price_of_the_cohort_whose_dates_an_output_has(pack: Pack) -> None:
    both = priced(pack, Price("NPQLTD", Decimal("30.00"), "p. 1", "1"), Price("NPQLTD", Decimal("60.00"), "p. 1", "2"))
    moved = person(
        activities=(did("2021-12-01"),),
        declarations=(declared(1, "2021-12-14"),),
        deferrals=(deferred("2022-01-10", "2022-06-01"),),
        resumptions=(back("2022-06-01", "2"),),
    )
    found = standing(both, moved, day("2022-06-10"))
    assert [(output.cohort, str(output.worth)) for output in found.outputs] == [
        ("1", "10.00"),
        ("2", "20.00"),
        ("2", "20.00"),
    ]


def test_the_invoice_says_what_each_sort_comes_to(pack: Pack) -> None:
    did_it = (did("2021-12-01"),)
    people = [
        person(id="p-1", name="Ann", activities=did_it, declarations=(declared(1, "2021-12-14"),)),
        person(id="p-2", name="Bob", activities=did_it),
        person(id="p-3", name="Cyd", activities=did_it, training_status="withdrawn"),
        person(id="p-4", name="Dee", activities=did_it, sponsorship_returned_on=None),
        person("NPQLT", id="p-5", name="Eve", activities=did_it, sponsorship_returned_on=None),
    ]
    price = Price("NPQLTD", Decimal("3390.00"), "p. 1")
    [found] = [r for o, r in due(priced(pack, price), people, "2022-01-10", "2022-01-10") if o.key == "invoice_due"]
    assert found.facts == (
        ("Payable now", "1 (£1,130.00)"),
        ("Payable once declared", "2 (£2,260.00)"),
        ("Held up by papers", "2 (£1,130.00; 1 of them has no price)"),
    )
    [before] = [r for o, r in due(pack, people, "2022-01-10", "2022-01-10") if o.key == "invoice_due"]
    assert before.facts == (("Payable", "3, 2 of them only once declared"), ("Held up by papers", "2"))


def test_a_sum_of_nobody_is_a_count_alone() -> None:
    assert summed([]) == "0"
    assert summed([None, None]) == "2"
    assert summed([Decimal("0.10")] * 10) == "10 (£1.00)"
    assert summed([Decimal("0.10"), None, None]) == "3 (£0.10; 2 of them have no price)"
