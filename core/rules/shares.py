"""How much of what was offered somebody has done, in exact arithmetic: shares and weighted shares (readings 31 and 32)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Literal, NamedTuple

from core.rules.evidence import Evidence, Judge
from core.rules.findings import Finding, Judged, Span
from core.rules.progress import MADE_UP_FOR, MILLION, OPEN, share
from reference import measures
from reference.criteria import Criterion
from reference.measures import LogTotal, Measured
from reference.pack import Pack

Exact = tuple[int, int]  # numerator and denominator
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


_COMPONENT_TBC = Measure(why="component_tbc")
_NO_CREDITS = Measure(why="no_credits")
_NO_ENGAGEMENT_REPORT = Measure(why="no_engagement_report")
_NO_LOG = Measure(why="no_log")
_NO_REGISTER = Measure(why="no_register")
_NOTHING_OFFERED = Measure(why="nothing_offered")
_NOTHING_PLANNED = Measure(why="nothing_planned")
_TOTAL_TBC = Measure(why="total_tbc")
_NO_PROOF = Measure(why=NOTHING_NEW)


def measuring(of: Measured, pack: Pack, course: str) -> Callable[[Evidence, Span], Measure]:
    """Reading 31: how a share, or a part of a weighted one, is measured on a course."""
    if of.metric == "sessions":
        return partial(_of_sessions, of.of, measures.kinds_of(pack, of), frozenset(of.kinds or pack.event_kinds))
    if of.metric == "component":
        assert of.component is not None
        place = measures.place_of(pack, course, LogTotal("credits", of.component.casefold()))
        return partial(_of_component, place, measures.component_credits(pack, course, of.component))
    return _of_percent if of.metric == "percent_complete" else partial(_of_credits, pack.totals[course])


def measure(of: Measured, evidence: Evidence, span: Span) -> Measure:
    """Reading 31: what a share, or a part of a weighted one, is made of."""
    return measuring(of, evidence.pack, evidence.progress.course)(evidence, span)


def sessions_within(kinds: frozenset[int] | None, evidence: Evidence, span: Span) -> tuple[int, int, int]:
    """Reading 31: sessions attended, missed, and open, whose register nobody has marked for them.

    Attended ones by the day that governs them, all others by their own, from the day after it.
    """
    after, until = span
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
    return attended, missed, still_open


def _of_sessions(
    of: int | Literal["planned"] | None,
    kinds: frozenset[int] | None,
    named: frozenset[str],
    evidence: Evidence,
    span: Span,
) -> Measure:
    if "register" not in evidence.imported:
        return _NO_REGISTER
    attended, missed, still_open = sessions_within(kinds, evidence, span)
    if of == "planned":
        offered = evidence.planned(named, span)
        lacking = _NOTHING_PLANNED
    else:
        offered = attended + missed + still_open if of is None else of
        lacking = _NOTHING_OFFERED
    return Measure(attended, attended + still_open, offered) if offered else lacking


def _of_component(place: int, offered: int | None, evidence: Evidence, span: Span) -> Measure:
    if not evidence.log_is_known:
        return _NO_LOG
    earned = evidence.tracked_within(place, span)
    return Measure(earned, earned, offered) if offered else _COMPONENT_TBC


def _of_credits(total: int | None, evidence: Evidence, span: Span) -> Measure:
    """R22, R28: those since the last output point, where only what is new counts; fewer than there were prove nothing."""
    if total is None:
        return _TOTAL_TBC
    now = evidence.credits_on(span.until)
    before = evidence.credits_on(min(span)) if span.after else 0
    if now is None or before is None:
        return _NO_CREDITS
    return Measure(why="fewer_credits") if now < before else Measure(now - before, now - before, total)


def _of_percent(evidence: Evidence, span: Span) -> Measure:
    """The newest report's figure in millionths; of a part of the course it says nothing, so nothing new either."""
    if span.after:
        return _NO_PROOF
    percent = evidence.percent_known(span.until)
    return _NO_ENGAGEMENT_REPORT if percent is None else Measure(percent, percent, WHOLE * MILLION)


def share_judge(criterion: Criterion, pack: Pack, course: str) -> Judge:
    """R28, R30, reading 31: whether it is at least the pack's share of what was offered on a course."""
    assert criterion.min_share is not None
    measured, enough = measuring(criterion, pack, course), _fraction(criterion.min_share)
    return lambda evidence, span: _share_verdict(measured(evidence, span), enough)


def _share_verdict(found: Measure, enough: Exact) -> Judged:
    done, at_most, offered, why = found
    if why:
        return "not_met" if why == NOTHING_NEW else "unknown"
    parts, whole = enough
    return _within_bounds(done * whole, at_most * whole, parts * offered)


def judge_share(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """The same, and why."""
    assert criterion.min_share is not None
    found = measure(criterion, evidence, span)
    verdict = _share_verdict(found, _fraction(criterion.min_share))
    if found.why:
        return Finding(verdict, found.why)
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


def weighted_judge(criterion: Criterion, pack: Pack, course: str) -> Judge:
    """Reading 32: what each part comes to by its weight; one that is not known is open between nothing and all."""
    assert criterion.min_share is not None
    parts = [(_exact(part.weight), measuring(part, pack, course)) for part in criterion.parts]
    enough, scale = _exact(criterion.min_share)

    def judge(evidence: Evidence, span: Span) -> Judged:
        low, high, of = _bounds([(weight, measured(evidence, span)) for weight, measured in parts])
        return _within_bounds(low * scale, high * scale, enough * of)

    return judge


def judge_weighted(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """The same, and why."""
    assert criterion.min_share is not None
    low, high = weighted_bounds(criterion, evidence, span)
    verdict = _within_bounds(low, high, Fraction(criterion.min_share))
    figures = (percent_floored(low), criterion.min_share)
    if verdict == "met" or low == high:
        return Finding(verdict, "weighted", figures=figures)
    return Finding(verdict, "weighted_open", figures=(*figures, percent_floored(high)))


def weighted_bounds(criterion: Criterion, evidence: Evidence, span: Span) -> tuple[Fraction, Fraction]:
    """Per cent that are certain, and those that there are at most."""
    low, high, of = _bounds([(_exact(part.weight), measure(part, evidence, span)) for part in criterion.parts])
    return Fraction(low, of), Fraction(high, of)


def _bounds(found: Iterable[tuple[Exact, Measure]]) -> tuple[int, int, int]:
    """The sums of weights times shares, no share above the whole: what is certain, what is possible, and their denominator.

    Fractions would take their time.
    """
    low, high, of = 0, 0, 1
    for (weight, scale), (done, at_most, offered, why) in found:
        if why and why != NOTHING_NEW:
            at_most = offered  # of what is not known, all of it
        times = offered * scale
        low = low * times + weight * of * (done if done < offered else offered)
        high = high * times + weight * of * (at_most if at_most < offered else offered)
        of *= times
    return low, high, of


def _within_bounds(low: int | Fraction, high: int | Fraction, enough: int | Fraction) -> Judged:
    if low >= enough:
        return "met"
    return "not_met" if high < enough else "unknown"


def percent_floored(percent: Fraction) -> Decimal:
    """To one decimal, never rounded up (R28)."""
    return Decimal(percent.numerator * 10 // percent.denominator) / 10


@lru_cache(maxsize=1000)
def _fraction(percent: Decimal) -> Exact:
    """A percentage as a fraction of the whole."""
    return (Fraction(percent) / WHOLE).as_integer_ratio()


@lru_cache(maxsize=1000)
def _exact(figure: Decimal) -> Exact:
    return figure.as_integer_ratio()
