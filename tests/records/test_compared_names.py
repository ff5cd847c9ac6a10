"""Names that are one name, names that may be one mistyped, and names that are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records.compared_names import alike, folded, nearly

SAME = [
    ("Northern Hub", "NORTHERN HUB"),
    ("Northern Hub", "Northern  Hub"),
    ("Northern Hub", "Northern\N{NO-BREAK SPACE}Hub"),
    ("Northern Hub", " Northern\tHub "),
    ("Northern Hub", "Northern\N{EN DASH}Hub"),
    ("Northern-Hub", "Northern \N{EM DASH} Hub"),
    ("Northern Hub", "North\N{ZERO WIDTH SPACE}ern Hub"),
    ("Northern Hub", "\N{FULLWIDTH LATIN CAPITAL LETTER N}orthern Hub"),
    ("Siobhan O'Brien", "Siobhán O\N{RIGHT SINGLE QUOTATION MARK}Brien"),
    ("Siobhán O’Brien", "SiobhÃ¡n Oâ€™Brien"),
    ("Amina Khan", "Amina\N{LEFT-TO-RIGHT MARK} Khan\N{SOFT HYPHEN}"),
    ("Yildiz", "YILDIZ"),
    ("Yildiz", "Yıldız"),
    ("Straße", "STRASSE"),
    ("Małgorzata", "Malgorzata"),
]
PERHAPS_ONE = [
    ("Northern Hub", "Nothern Hub"),
    ("Northern Hub", "Nrothern Hub"),
    ("Northern Hub", "NorthernHub"),
    ("Northern Hub", "Northern Hubs"),
    ("Northern Hub", "Nothren Hub"),
    ("Northern Hub", "Nrthrn Hub"),
    ("Northern Hub", "Hub Northern"),
    ("Academies 21 Trust", "Acadmies 21 Trust"),
    ("St. Mary's Hub", "St Marys Hub"),
    ("Kent & Medway Hub", "Kent and Medway Hub"),
]
TWO = [
    ("Northern Hub", "Southern Hub"),
    ("Northern Hub", "The Northern Hub"),
    ("East Hub", "West Hub"),
    ("Hub 1", "Hub 2"),
    ("Hub 1", "Hub 11"),
    ("Hub A", "Hub B"),
    ("Northeast Hub", "Northwest Hub"),
    ("Eastern Hub", "Western Hub"),
    ("Northern Hub (North)", "Northern Hub"),
    ("Academies 21 Trust", "Academies 12 Trust"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), PERHAPS_ONE)
def test_one_name_mistyped(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert nearly(one, other)
    assert nearly(other, one)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_names(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert not nearly(one, other)
    assert not nearly(other, one)


def test_the_very_name_is_meant_before_those_that_are_alike() -> None:
    stored = ["NORTHERN HUB", "Northern Hub", "Southern Hub"]
    assert alike("Northern Hub", stored) == ["Northern Hub"]
    assert alike("NORTHERN HUB", stored) == ["NORTHERN HUB"]
    assert alike("northern hub", stored) == ["NORTHERN HUB", "Northern Hub"]
    assert alike("southern  hub", stored) == ["Southern Hub"]
    assert alike("Nothern Hub", stored) == []


@given(st.text())
def test_folding_is_done_once_for_all(text: str) -> None:
    assert folded(folded(text)) == folded(text)
