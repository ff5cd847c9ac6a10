"""Whether there are enough sessions, hours or activities, and whether what is named was done (reading 33)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from core.rules.evidence import Evidence, Judge
from core.rules.findings import Finding, Judged, Span
from core.rules.progress import LONGEST_SESSION, MADE_UP_FOR, OPEN, UNKNOWN, millionths, share
from core.rules.shares import sessions_within
from reference import measures
from reference.criteria import Criterion, Item
from reference.measures import LogTotal
from reference.pack import Pack

Kinds = frozenset[int] | None  # of event, by their places in the pack; None: all


def count_judge(criterion: Criterion, pack: Pack, course: str) -> Judge:
    """Reading 33: whether there are at least so many sessions, hours of them, or activities of a component."""
    assert criterion.n is not None
    if criterion.metric == "activities":
        return partial(_activities_verdict, _place(criterion, pack, course), math.ceil(criterion.n))
    hours = criterion.metric == "hours"
    within, n = (hours_within, millionths(criterion.n)) if hours else (_attended_within, math.ceil(criterion.n))
    return partial(_held_verdict, within, measures.kinds_of(pack, criterion), n)


def _activities_verdict(place: int, n: int, evidence: Evidence, span: Span) -> Judged:
    if not evidence.log_is_known:
        return "unknown"
    done = evidence.tracked_within(place, span)
    return _enough(done, done, n)


def _held_verdict(
    within: Callable[[Kinds, Evidence, Span], tuple[int, int]], kinds: Kinds, n: int, evidence: Evidence, span: Span
) -> Judged:
    return _enough(*within(kinds, evidence, span), n) if "register" in evidence.imported else "unknown"


def judge_count(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """The same, and why."""
    if criterion.metric == "activities":
        return _activities(criterion, evidence, span)
    if "register" not in evidence.imported:
        return Finding("unknown", "no_register")
    return _hours(criterion, evidence, span) if criterion.metric == "hours" else _sessions(criterion, evidence, span)


def _sessions(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    assert criterion.n is not None
    attended, possible = _attended_within(measures.kinds_of(evidence.pack, criterion), evidence, span)
    verdict, still_open = _enough(attended, possible, criterion.n), possible - attended
    if still_open and verdict != "met":
        return Finding(verdict, "sessions_open", figures=(attended, criterion.n, still_open), done=attended)
    return Finding(verdict, "sessions_counted", figures=(attended, criterion.n), done=attended)


def _attended_within(kinds: Kinds, evidence: Evidence, span: Span) -> tuple[int, int]:
    """Sessions that were attended, and those that there are at most."""
    attended, _, still_open = sessions_within(kinds, evidence, span)
    return attended, attended + still_open


def _hours(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    assert criterion.n is not None
    certain, possible = hours_within(measures.kinds_of(evidence.pack, criterion), evidence, span)
    verdict = _enough(certain, possible, millionths(criterion.n))
    figures = (share(certain), criterion.n)
    if possible > certain and verdict != "met":
        return Finding(verdict, "hours_open", figures=figures, done=figures[0])
    return Finding(verdict, "hours_counted", figures=figures, done=figures[0])


def hours_within(kinds: Kinds, evidence: Evidence, span: Span) -> tuple[int, int]:
    """Millionths of hours that are certain, and those that there are at most."""
    after, until = span
    certain = possible = 0
    for own, governs, kind, state, hours in evidence.counted:
        if kinds is not None and kind not in kinds:
            continue
        known = hours != UNKNOWN
        if state <= MADE_UP_FOR and governs <= until:
            if governs > after:
                certain += hours if known else 0
                possible += hours if known else LONGEST_SESSION
        elif state == OPEN and after < own < until:
            possible += hours if known else LONGEST_SESSION
    return certain, possible


def _activities(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    assert criterion.n is not None
    assert criterion.component is not None
    if not evidence.log_is_known:
        return Finding("unknown", "no_log")
    done = activities_within(criterion, evidence, span)
    return Finding(
        _enough(done, done, criterion.n),
        "activities_counted",
        figures=(done, criterion.n, criterion.component),
        done=done,
    )


def activities_within(criterion: Criterion, evidence: Evidence, span: Span) -> int:
    """How many activities of the component have credits over a span."""
    return evidence.tracked_within(_place(criterion, evidence.pack, evidence.progress.course), span)


def _place(criterion: Criterion, pack: Pack, course: str) -> int:
    assert criterion.component is not None
    return measures.place_of(pack, course, LogTotal("activities", criterion.component.casefold()))


def items_judge(criterion: Criterion, pack: Pack, course: str) -> Judge:
    """Reading 33: whether every activity that is named for a course has a row with credits."""
    places = [_item_place(item, pack) for item in items_of(criterion, course)]

    def judge(evidence: Evidence, span: Span) -> Judged:
        if not evidence.log_is_known:
            return "unknown"
        for place in places:
            if not evidence.tracked_within(place, span):
                return "not_met"
        return "met"

    return judge


def judge_items(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """The same, and why."""
    wanted = items_of(criterion, evidence.progress.course)
    if not evidence.log_is_known:
        return Finding("unknown", "no_log")
    left = items_left(criterion, evidence, span)
    done = len(wanted) - len(left)
    if not left:
        return Finding("met", "items_done", figures=(done,), done=done, offered=len(wanted))
    return Finding("not_met", "items_left", figures=(done, len(wanted), named(left)), done=done, offered=len(wanted))


def items_left(criterion: Criterion, evidence: Evidence, span: Span) -> list[Item]:
    """The named activities that are still to do."""
    wanted = items_of(criterion, evidence.progress.course)
    return [item for item in wanted if not evidence.tracked_within(_item_place(item, evidence.pack), span)]


def items_of(criterion: Criterion, course: str) -> tuple[Item, ...]:
    """The activities that are named for a course."""
    return tuple(item for item in criterion.items if item.course == course)


def _item_place(item: Item, pack: Pack) -> int:
    return measures.place_of(pack, item.course, LogTotal("item", item.title.casefold(), item.block))


_MOST_NAMED = 2


def named(items: list[Item]) -> str:
    """Some activities in a sentence: “Quiz 1”, “Quiz 2” and 4 more."""
    words = [f"“{item.title}”" for item in items]
    more = len(items) - _MOST_NAMED
    if more > 1:
        words[_MOST_NAMED:] = [f"{more} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _enough(certain: int, possible: int, n: Decimal | int) -> Judged:
    if certain >= n:
        return "met"
    return "not_met" if possible < n else "unknown"
