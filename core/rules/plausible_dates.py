"""Which dates can be meant at all: a mistyped year is refused wherever a date comes in."""

from __future__ import annotations

from datetime import date

FIRST_YEAR, LAST_YEAR = 2000, 2099


def plausible(day: date) -> bool:
    """Whether a date lies within the years that can be meant."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def implausible_words(day: date) -> str:
    """One sentence for a date that can't be meant."""
    return f"The year {day.year} cannot be meant: give a date from {FIRST_YEAR} to {LAST_YEAR}."
