"""How much of what was offered somebody has done, in exact arithmetic: shares and weighted shares (readings 31 and 32)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Literal, NamedTuple

from core.rules import measures
from core.rules.evidence import Evidence, Judge
from core.rules.findings import Finding, Judged, Span
from core.rules.measures import LogTotal, Measured
from core.rules.progress import MADE_UP_FOR, MILLION, OPEN, share
from reference.criteria import Criterion
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


_ALL = Measure(1, 1, 1)


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
        return Measure(why="no_register")
    attended, missed, still_open = sessions_within(kinds, evidence, span)
    if of == "planned":
        offered = evidence.planned(named, span)
        why = "nothing_planned"
    else:
        offered = attended + missed + still_open if of is None else of
        why = "nothing_offered"
    return Measure(attended, attended + still_open, offered) if offered else Measure(why=why)


def _of_component(place: int, offered: int | None, evidence: Evidence, span: Span) -> Measure:
    if not evidence.log_is_known:
        return Measure(why="no_log")
    earned = evidence.tracked_within(place, span)
    return Measure(earned, earned, offered) if offered else Measure(why="component_tbc")


def _of_credits(total: int | None, evidence: Evidence, span: Span) -> Measure:
    if total is None:
        return Measure(why="total_tbc")
    earned = evidence.credits_within(*span)
    return Measure(why="no_credits") if earned is None else Measure(earned, earned, total)


def _of_percent(evidence: Evidence, span: Span) -> Measure:
    """The newest report's figure in millionths; of a part of the course it says nothing, so nothing new either."""
    if span.after:
        return Measure(why=NOTHING_NEW)
    percent = evidence.percent_known(span.until)
    return Measure(why="no_engagement_report") if percent is None else Measure(percent, percent, WHOLE * MILLION)


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
        found = [(weight, measured(evidence, span)) for weight, measured in parts]
        low, of = _lowest(found)
        if low * scale >= enough * of:
            return "met"
        high, of = _highest(found)
        return "not_met" if high * scale < enough * of else "unknown"

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
    found = [(_exact(part.weight), measure(part, evidence, span)) for part in criterion.parts]
    return Fraction(*_lowest(found)), Fraction(*_highest(found))


def _lowest(found: Sequence[tuple[Exact, Measure]]) -> Exact:
    """The sum of weights times shares, no share above the whole; over one denominator, for fractions take their time."""
    total, of = 0, 1
    for (weight, scale), (done, _, offered, _) in found:
        total = total * offered * scale + weight * min(done, offered) * of
        of *= offered * scale
    return total, of


def _highest(found: Sequence[tuple[Exact, Measure]]) -> Exact:
    """The same were all that is open done too, and all of what is not known."""
    return _lowest([(weight, _at_most(each)) for weight, each in found])


def _at_most(found: Measure) -> Measure:
    if found.why:
        return found if found.why == NOTHING_NEW else _ALL
    return Measure(found.at_most, found.at_most, found.offered)


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
