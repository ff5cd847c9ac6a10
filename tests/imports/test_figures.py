"""Numbers that are not written plainly: what is said of them never asks for what it refuses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports import identifiers
from core.spreadsheets import cells
from core.spreadsheets.cells import NotRight

credits_ = cells.whole(0, 1000, "credits")
RANGE = "give a whole number of credits from 0 to 1000."


def said(parse: cells.Parser, text: str) -> str:
    with pytest.raises(NotRight) as refused:
        parse(text)
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,000", "Please give it in digits alone: 1000."),
        ("1 000", "Please give it in digits alone: 1000."),
        ("1\u202f000", "Please give it in digits alone: 1000."),
        ("1’000", "Please give it in digits alone: 1000."),
        ("88,00", "Please give it in digits alone: 88."),
        ("£5", "Please give it in digits alone: 5."),
        ("5 credits", "Please give it in digits alone: 5."),
        ("٤٥", "Please give it in digits alone: 45."),
        ("４５", "Please give it in digits alone: 45."),
        ("1e2", "Please give it in digits alone: 100."),
        ("1,024", f"Out of range: {RANGE}"),
        ("1,024.50", f"Fractions do not exist here: {RANGE}"),
        ("88,50", f"Fractions do not exist here: {RANGE}"),
        ("−5", f"It cannot be negative: {RANGE}"),
        ("12%", f"Not a whole number: {RANGE}"),
        ("3/4", f"Not a whole number: {RANGE}"),
        ("15 / 185", f"Not a whole number: {RANGE}"),
        ("5-10", f"Not a whole number: {RANGE}"),
        ("2b", f"Not a whole number: {RANGE}"),
        ("1..5", f"Not a whole number: {RANGE}"),
        ("n/a", f"Not a whole number: {RANGE}"),
    ],
)
def test_whole_numbers(text: str, message: str) -> None:
    assert said(credits_, text) == message


@pytest.mark.parametrize(
    ("text", "right"),
    [("88,50", "88.5"), ("88,500", "88.5"), ("88,5 %", "88.5"), ("٪88", "88"), ("about 90%", "90"), (".5", "0.5"), ("1e1", "10")],
)  # fmt: skip
def test_percentages(text: str, right: str) -> None:
    assert said(cells.percent, text) == f"Please give it in digits alone, with a point before a fraction: {right}."


@pytest.mark.parametrize(("text", "number"), [("1.0", 1), ("15.00", 15), ("+7", 7), ("007", 7)])
def test_what_is_plain_is_taken(text: str, number: int) -> None:
    assert credits_(text) == number


COHORTS = [("4", "4"), ("4.0", "4"), ("04", "4"), ("+4", "4"), ("2024", "2024"), ("2024.0", "2024")]
COHORTS += [(text, text) for text in ("2024a", "2026 B", "Autumn 2022", "2022/23", "Cohort 3", "n/a")]


@pytest.mark.parametrize(("text", "key"), COHORTS)
def test_a_cohort_is_taken_as_it_is_written(text: str, key: str) -> None:
    """But a number as spreadsheets write it is the number; the policy pack says which cohorts there are."""
    assert identifiers.cohort(text) == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-1", "It cannot be negative: give a whole number from 0 to 9999."),
        ("1.5", "Fractions do not exist here: give a whole number from 0 to 9999."),
        ("1,0", "Please give it in digits alone: 1."),
    ],
)
def test_a_number_that_is_no_cohorts_is_not_read_as_another(text: str, message: str) -> None:
    """Marks between digits do not count in a cohort's key: 1.5 would be the cohort 15."""
    assert said(identifiers.cohort, text) == message


@given(st.text(alphabet="0123456789,. '%£-+eE/٣ acr", max_size=12))
def test_what_a_refusal_asks_for_is_taken(text: str) -> None:
    trimmed = cells.trimmed(text)
    for parse in (credits_, cells.percent):
        try:
            parse(trimmed)
        except NotRight as refused:
            if found := re.search(r"digits alone.*: (\S+)\.$", refused.message):
                assert parse(found[1]) is not None
