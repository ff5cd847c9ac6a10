"""A cohort is found by its key, however people write it, and by DfE's bare year where one alone has it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.standing import standing
from core.services.enquiries import cohort_key
from core.services.refusals import Refusal
from reference.loading import load_pack
from reference.pack import Cohort, Pack
from tests.rules.conftest import back, day, deferred, person

PACK = load_pack("edt-v18")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def having(*keys: str) -> Pack:
    """The pack with these cohorts and no others."""
    return replace(PACK, cohorts={key: Cohort(key, f"Cohort {key}", frozenset(), "made up") for key in keys})


def named(pack: Pack, text: str) -> str | None:
    found = pack.cohort_named(text)
    return None if found is None else found.key


WRITTEN = [
    # as it is written, the key that is meant
    ("4", "4"),
    (" 04 ", "4"),
    ("4.", "4"),
    ("004", "4"),
    ("40", None),
    ("2026b", "2026b"),
    ("2026 B", "2026b"),
    ("2026-b", "2026b"),
    (" 2026B ", "2026b"),
    ("2026", "2026b"),  # DfE's bare year: one alone has it
    ("2025", None),  # two have it, and nothing is guessed
    ("2025a", "2025a"),
    ("2025 A", "2025a"),
    ("2027", "2027"),  # a key of its own comes before what a year stands for
    ("2027a", "2027a"),
    ("2024", None),
    ("26b", None),
    ("b", None),
    ("autumn 2026", "Autumn-2026"),
    ("", None),
    ("  ", None),
    ("0", None),
    ("-", None),
    ("-1", None),
    ("1.0", None),
    ("cohort", None),
    ("cohort 4", None),  # the word before it is the chat's affair
]


@pytest.mark.parametrize(("text", "key"), WRITTEN)
def test_how_a_cohort_may_be_written(text: str, key: str | None) -> None:
    pack = having("1", "4", "2025a", "2025b", "2026b", "2027", "2027a", "Autumn-2026")
    assert named(pack, text) == key


def test_a_pack_whose_cohorts_are_years_has_no_year_that_stands_for_another() -> None:
    assert [named(having("2025", "2026"), text) for text in ("2025", "2026", "2027", "2025a")] == [
        "2025",
        "2026",
        None,
        None,
    ]


KEYS = st.one_of(
    st.integers(1, 9999).map(str),
    st.builds("{}{}".format, st.integers(2000, 2099), st.sampled_from(LETTERS)),
    st.text(LETTERS, min_size=1, max_size=8),
)


@given(keys=st.lists(KEYS, min_size=1, max_size=8, unique=True), data=st.data())
def test_every_key_is_found_from_itself_in_any_case_and_spacing(keys: list[str], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(keys))
    cased = "".join(data.draw(st.sampled_from((letter.lower(), letter.upper()))) for letter in key)
    gaps = data.draw(st.lists(st.sampled_from(("", " ", "  ", "-")), min_size=len(key) + 1, max_size=len(key) + 1))
    gaps[0] = gaps[0].replace("-", " ")  # a minus before a number is no dash within a key
    written = "".join(gap + letter for gap, letter in zip(gaps, [*cased, ""], strict=True))
    assert named(having(*keys), written) == key


@given(st.text(max_size=12))
def test_no_text_is_too_odd_to_be_looked_up(text: str) -> None:
    assert named(PACK, text) in {None, *PACK.cohorts}


def test_whoever_rejoined_a_cohort_that_the_pack_lacks_has_no_dates() -> None:
    """As after a pack that had it was taken back: they are still answered for."""
    who = person(deferrals=(deferred("2022-06-01", "2022-09-01"),), resumptions=(back("2022-09-05", "9"),))
    assert {output.review_date for output in standing(PACK, who, day("2022-10-01")).outputs} == {None}


def test_a_year_of_several_cohorts_is_asked_about() -> None:
    pack = having("2025a", "2025b", "2026b")
    with pytest.raises(Refusal, match=re.escape("2025 is the year of several cohorts: say which, 2025a or 2025b.")):
        cohort_key(pack, "2025")
    assert cohort_key(pack, "2026") == "2026b"
