"""What judging a criterion gives: a verdict with the code of its reason, and the days that were looked at."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

Judged = Literal["met", "not_met", "unknown"]


class Span(NamedTuple):
    """The days whose evidence counts: after `after` (0: before everything), up to and including `until`; ordinals."""

    after: int
    until: int


class Finding(NamedTuple):
    """A verdict with its reason's code, and the day (an ordinal, 0: none) or figures that the reason names."""

    verdict: Judged
    code: str
    day: int = 0
    figures: tuple[int | Decimal | str, ...] = ()
    strength: Literal["strong", "contingency", "weak"] = "strong"
    done: int | Decimal | None = None  # of what is counted, where anything is
    offered: int | Decimal | None = None  # out of how much, where that is known


def any_of(verdicts: Iterable[Judged]) -> Judged:
    """R8: met beats unknown beats not met."""
    found = set(verdicts)
    return "met" if "met" in found else "unknown" if "unknown" in found else "not_met"


def all_of(verdicts: Iterable[Judged]) -> Judged:
    """R26: not met beats unknown beats met."""
    found = set(verdicts)
    return "not_met" if "not_met" in found else "unknown" if "unknown" in found else "met"


def at_least(n: int, verdicts: Iterable[Judged]) -> Judged:
    """Reading 30: met when n are; not met when fewer than n are or may be."""
    found = list(verdicts)
    met = found.count("met")
    if met >= n:
        return "met"
    return "unknown" if met + found.count("unknown") >= n else "not_met"
