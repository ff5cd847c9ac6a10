"""R28: 90% of the credits in whole numbers, never rounded up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.eligibility import credits_needed
from core.rules.wording import floored, share_of
from reference.loading import load_pack
from reference.pack import Pack

PACK = load_pack("edt-v18")
NINETY = next(c for c in PACK.criteria["specialist", 3].criteria if c.metric == "credits")
totals = st.integers(1, 2_000)


@given(totals, st.integers(0, 3_000))
def test_a_share_is_floored_to_a_tenth(total: int, earned: int) -> None:
    said, exact = Decimal(share_of(earned, total)), Decimal(100 * earned) / total
    assert said <= exact < said + Decimal("0.1") + Decimal("1e-20")
    assert (said >= 90) == (10 * earned >= 9 * total)


@given(totals)
def test_what_is_needed_is_the_smallest_number_that_is_enough(total: int) -> None:
    needed = credits_needed(NINETY, total)
    assert 10 * needed >= 9 * total > 10 * (needed - 1)


@given(totals, st.decimals(1, 100, places=1))
def test_so_it_is_with_any_share(total: int, share: Decimal) -> None:
    needed = credits_needed(replace(NINETY, min_share=share), total)
    assert 100 * needed >= share * total > 100 * (needed - 1)


@given(st.decimals(0, 100, places=6))
def test_a_percentage_is_floored_too(percent: Decimal) -> None:
    assert Decimal(floored(percent)) <= percent < Decimal(floored(percent)) + Decimal("0.1")


@pytest.mark.parametrize(
    ("course", "needed", "one_below"),
    [
        ("NPQLTD", 167, "89.7"),
        ("NPQLT", 180, "89.9"),
        ("NPQLBC", 168, "89.7"),
        ("NPQSL", 225, "89.9"),
        ("NPQH", 214, "89.8"),
    ],
)
def test_the_five_courses_of_the_guidance(pack: Pack, course: str, needed: int, one_below: str) -> None:
    total = pack.totals[course]
    assert total is not None
    assert credits_needed(NINETY, total) == needed
    assert share_of(needed - 1, total) == one_below
