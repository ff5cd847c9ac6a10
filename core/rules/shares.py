"""How much of what was offered somebody has done, in exact arithmetic: shares and weighted shares (readings 31 and 32)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from core.rules import measures
from core.rules.evidence import Evidence
from core.rules.findings import Finding, Judged, Span
from core.rules.measures import LogTotal, Measured
from core.rules.progress import MADE_UP_FOR, MILLION, OPEN, share
from reference.criteria import Criterion, WeightedPart

WHOLE = 100  # per cent
NOTHING_NEW = "percent_proves_nothing"


class Measure(NamedTuple):
    """What was done out of what was offered, and how much it would be were all that is open done too.

    Where `why` says why nothing is known of it, or that it can't count, the figures say nothing.
    """

    done: int = 0
    at_most: int = 0
    offered: int = 1
    why: str = ""


class Sessions(NamedTuple):
    """What became of the sessions of some days: attended, missed, and open, whose register nobody has marked for them."""

    attended: int
    missed: int
    open: int


def measure(of: Measured, evidence: Evidence, span: Span) -> Measure:
    """Reading 31: what a share, or a part of a weighted one, is made of."""
    if of.metric == "sessions":
        return _of_sessions(of, evidence, span)
    if of.metric == "component":
        return _of_component(of, evidence, span)
    return _of_percent(evidence, span) if of.metric == "percent_complete" else _of_credits(evidence, span)


def sessions_within(of: Measured, evidence: Evidence, span: Span) -> Sessions:
    """Reading 31: attended ones by the day that governs them, all others by their own, from the day after it."""
    kinds, (after, until) = evidence.kinds(of), span
    attended = missed = still_open = 0
    for own, governs, kind, state, _ in evidence.counted:
        if kinds is not None and kind not in kinds:
            continue
        if state <= MADE_UP_FOR and governs <= until:
            attended += governs > after
        elif after < own < until:
            if state == OPEN:
                still_open += 1
            else:
                missed += 1
    return Sessions(attended, missed, still_open)


def _of_sessions(of: Measured, evidence: Evidence, span: Span) -> Measure:
    if "register" not in evidence.imported:
        return Measure(why="no_register")
    found = sessions_within(of, evidence, span)
    if of.of == "planned":
        offered = evidence.planned(of, span)
        why = "nothing_planned"
    else:
        offered = sum(found) if of.of is None else of.of
        why = "nothing_offered"
    return Measure(found.attended, found.attended + found.open, offered) if offered else Measure(why=why)


def _of_component(of: Measured, evidence: Evidence, span: Span) -> Measure:
    assert of.component is not None
    if not evidence.log_is_known:
        return Measure(why="no_log")
    offered = measures.component_credits(evidence.pack, evidence.progress.course, of.component)
    earned = evidence.tracked_within(LogTotal("credits", of.component.casefold()), *span)
    return Measure(earned, earned, offered) if offered else Measure(why="component_tbc")


def _of_credits(evidence: Evidence, span: Span) -> Measure:
    """R22, R28: those since the last output point, where only what is new counts; fewer than there were prove nothing."""
    total = evidence.pack.totals[evidence.progress.course]
    if total is None:
        return Measure(why="total_tbc")
    now = evidence.credits_on(span.until)
    before = evidence.credits_on(min(span)) if span.after else 0
    if now is None or before is None:
        return Measure(why="no_credits")
    return Measure(why="fewer_credits") if now < before else Measure(now - before, now - before, total)


def _of_percent(evidence: Evidence, span: Span) -> Measure:
    """The newest report's figure in millionths; of a part of the course it says nothing, so nothing new either."""
    if span.after:
        return Measure(why=NOTHING_NEW)
    percent = evidence.percent_known(span.until)
    return Measure(why="no_engagement_report") if percent is None else Measure(percent, percent, WHOLE * MILLION)


def judge_share(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R28, R30, reading 31: at least the pack's share of what was offered."""
    assert criterion.min_share is not None
    found = measure(criterion, evidence, span)
    if found.why:
        return Finding("not_met" if found.why == NOTHING_NEW else "unknown", found.why)
    parts, whole = _fraction(criterion.min_share)
    enough = parts * found.offered
    verdict = _within_bounds(found.done * whole, found.at_most * whole, enough)
    if criterion.metric == "percent_complete":
        percent = share(found.done)
        figures = (percent, criterion.min_share)
        return Finding(verdict, "percent_share", figures=figures, done=percent, offered=WHOLE)
    code = {"sessions": "session_share", "component": "component_share"}.get(criterion.metric or "", "credit_share")
    still_open = 0 if verdict == "met" else found.at_most - found.done
    more = (still_open,) if still_open else () if criterion.component is None else (criterion.component,)
    return Finding(
        verdict,
        f"{code}_open" if still_open else code,
        figures=(found.done, found.offered, criterion.min_share, *more),
        done=found.done,
        offered=found.offered,
    )


def judge_weighted(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """Reading 32: what each part comes to by its weight; one that is not known is open between nothing and all."""
    assert criterion.min_share is not None
    low, high = weighted_bounds(criterion, evidence, span)
    enough = Fraction(criterion.min_share)
    verdict = _within_bounds(low, high, enough)
    figures = (percent_floored(low), criterion.min_share)
    if verdict == "met" or low == high:
        return Finding(verdict, "weighted", figures=figures)
    return Finding(verdict, "weighted_open", figures=(*figures, percent_floored(high)))


def weighted_bounds(criterion: Criterion, evidence: Evidence, span: Span) -> tuple[Fraction, Fraction]:
    """Per cent that are certain, and those that there are at most."""
    found = [(part, measure(part, evidence, span)) for part in criterion.parts]
    low = _weighed((part, each.done, each.offered) for part, each in found)
    if all(each.done == each.at_most and each.why in ("", NOTHING_NEW) for _, each in found):
        return low, low
    unknown = Measure(1, 1, 1)
    most = [(part, unknown if each.why not in ("", NOTHING_NEW) else each) for part, each in found]
    return low, _weighed((part, each.at_most, each.offered) for part, each in most)


def _weighed(parts: Iterable[tuple[WeightedPart, int, int]]) -> Fraction:
    """The sum of weights times shares, no share above the whole; over one denominator, for fractions take their time."""
    numerator, denominator = 0, 1
    for part, done, offered in parts:
        weight, scale = _exact(part.weight)
        done = min(done, offered)
        numerator = numerator * offered * scale + weight * done * denominator
        denominator *= offered * scale
    return Fraction(numerator, denominator)


def _within_bounds(low: int | Fraction, high: int | Fraction, enough: int | Fraction) -> Judged:
    if low >= enough:
        return "met"
    return "not_met" if high < enough else "unknown"


def percent_floored(percent: Fraction) -> Decimal:
    """To one decimal, never rounded up (R28)."""
    return Decimal(percent.numerator * 10 // percent.denominator) / 10


@lru_cache(maxsize=1000)
def _fraction(percent: Decimal) -> tuple[int, int]:
    """A percentage as a fraction of the whole."""
    return (Fraction(percent) / WHOLE).as_integer_ratio()


@lru_cache(maxsize=1000)
def _exact(figure: Decimal) -> tuple[int, int]:
    return figure.as_integer_ratio()
