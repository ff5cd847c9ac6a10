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


@pytest.mark.parametrize("text", ["2024a", "Autumn 2022", "2022/23"])
def test_a_cohort_as_dfe_names_it(text: str) -> None:
    assert said(identifiers.cohort, text).startswith(
        "It has a year in it, as DfE names cohorts: give the cohort's number"
    )
    assert said(identifiers.cohort, "Cohort 3") == "Please give it in digits alone: 3."


@given(st.text(alphabet="0123456789,. '%£-+eE/٣ acr", max_size=12))
def test_what_a_refusal_asks_for_is_taken(text: str) -> None:
    trimmed = cells.trimmed(text)
    for parse in (credits_, cells.percent):
        try:
            parse(trimmed)
        except NotRight as refused:
            if found := re.search(r"digits alone.*: (\S+)\.$", refused.message):
                assert parse(found[1]) is not None
