"""Whether there are enough sessions, hours or activities, and whether what is named was done (reading 33)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from core.rules.evidence import Evidence
from core.rules.findings import Finding, Judged, Span
from core.rules.measures import LogTotal
from core.rules.progress import LONGEST_SESSION, MADE_UP_FOR, OPEN, UNKNOWN, millionths, share
from core.rules.shares import sessions_within
from reference.criteria import Criterion, Item


def judge_count(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """Reading 33: at least so many sessions, hours of them, or activities of a component."""
    if criterion.metric == "activities":
        return _activities(criterion, evidence, span)
    if "register" not in evidence.imported:
        return Finding("unknown", "no_register")
    return _hours(criterion, evidence, span) if criterion.metric == "hours" else _sessions(criterion, evidence, span)


def _sessions(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    assert criterion.n is not None
    found = sessions_within(criterion, evidence, span)
    verdict = _enough(found.attended, found.attended + found.open, criterion.n)
    if found.open and verdict != "met":
        return Finding(verdict, "sessions_open", figures=(found.attended, criterion.n, found.open), done=found.attended)
    return Finding(verdict, "sessions_counted", figures=(found.attended, criterion.n), done=found.attended)


def _hours(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    assert criterion.n is not None
    certain, possible = hours_within(criterion, evidence, span)
    verdict = _enough(certain, possible, millionths(criterion.n))
    figures = (share(certain), criterion.n)
    if possible > certain and verdict != "met":
        return Finding(verdict, "hours_open", figures=figures, done=figures[0])
    return Finding(verdict, "hours_counted", figures=figures, done=figures[0])


def hours_within(criterion: Criterion, evidence: Evidence, span: Span) -> tuple[int, int]:
    """Millionths of hours that are certain, and those that there are at most."""
    kinds, (after, until) = evidence.kinds(criterion), span
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
    done = evidence.activities_within(criterion.component, span)
    return Finding(
        _enough(done, done, criterion.n),
        "activities_counted",
        figures=(done, criterion.n, criterion.component),
        done=done,
    )


def judge_items(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """Reading 33: every activity that is named for their course has a row with credits."""
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
    return [
        item
        for item in wanted
        if not evidence.tracked_within(LogTotal("item", item.title.casefold(), item.block), *span)
    ]


@lru_cache(maxsize=1000)
def items_of(criterion: Criterion, course: str) -> tuple[Item, ...]:
    """The activities that are named for a course."""
    return tuple(item for item in criterion.items if item.course == course)


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
