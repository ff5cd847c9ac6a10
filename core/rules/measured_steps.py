"""What is still to do for a share, a weighted share, a count or named activities (readings 31 to 33), as clauses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core.rules.calendar import in_words
from core.rules.counts import activities_within, hours_within, items_left, named
from core.rules.criteria_trees import Leaf
from core.rules.evidence import Evidence
from core.rules.findings import Span
from core.rules.progress import MILLION, OPEN
from core.rules.shares import (
    NOTHING_NEW,
    WHOLE,
    Measure,
    measure,
    percent_floored,
    sessions_within,
    weighted_bounds,
)
from core.rules.wording import any_of_kinds, credits_word, either, plain
from reference import measures
from reference.criteria import Criterion, WeightedPart
from reference.measures import Measured

TO_BE_CONFIRMED = "keep going: the credit total is still to be confirmed"


def measured_step(leaf: Leaf, evidence: Evidence, asked: Span) -> str:
    """What is still to do for a criterion that measures something; "" where nothing they do can meet it."""
    criterion = leaf.criterion
    span = asked if leaf.only_new else Span(0, asked.until)
    match criterion.shape:
        case "share":
            return _share_step(criterion, evidence, span)
        case "weighted":
            return _weighted_step(criterion, evidence, span)
        case "items" if evidence.log_is_known:
            return f"complete {named(items_left(criterion, evidence, span))}"
        case "count" if criterion.metric != "activities" and "register" in evidence.imported:
            return _count_step(criterion, evidence, span)
        case "count" if criterion.metric == "activities" and evidence.log_is_known:
            return _count_step(criterion, evidence, span)
        case _:
            return IMPORT["no_log" if criterion.metric in (None, "activities") else "no_register"]


def _share_step(criterion: Criterion, evidence: Evidence, span: Span) -> str:
    assert criterion.min_share is not None
    if criterion.metric == "percent_complete":
        return "" if span.after else f"complete at least {plain(criterion.min_share)}% of the course content"
    found = measure(criterion, evidence, span)
    if found.why:
        return _not_known(criterion, evidence, found)
    needed = math.ceil(Fraction(criterion.min_share) / WHOLE * found.offered)
    missing = needed - found.done
    if criterion.metric != "sessions":
        return f"earn {_credits_of(criterion, missing, found.done)} ({found.done} of {found.offered} so far)"
    if mark := _to_mark(criterion, evidence, span, missing):
        return mark
    so_far = f"{found.done} of {found.offered} so far, {needed} needed"
    if criterion.of is not None and (criterion.of != "planned" or _to_come(criterion, evidence, span) >= missing):
        return _with(_sessions_of(criterion, evidence, missing, _more(found.done)), so_far, "attend")
    share = Fraction(criterion.min_share) / WHOLE
    grows = criterion.of is None and share < 1  # with each session that is offered
    coming = math.ceil((share * found.offered - found.done) / (1 - share)) if grows else 0
    next_ones = f", or attend the next {coming if coming > 1 else 'one'}" if coming else ""
    return f"{_with(_sessions_of(criterion, evidence, missing, 'missed '), so_far, 'make up')}{next_ones}"


def _to_come(criterion: Criterion, evidence: Evidence, span: Span) -> int:
    """How many of the planned sessions are still to come."""
    kinds = frozenset(criterion.kinds or evidence.pack.event_kinds)
    return evidence.planned(kinds, Span(max(span), span.until))


def _with(sessions: str, so_far: str, verb: str) -> str:
    """One pair of brackets for what is in brackets."""
    return f"{verb} {sessions[:-1]}, {so_far})" if sessions.endswith(")") else f"{verb} {sessions} ({so_far})"


IMPORT = {
    "no_log": "import the activity log",
    "no_register": "import the event registers",
    "no_engagement_report": "import an Engagement report that shows them",
    "no_credits": "import a report that shows how many credits there are",
}


def _not_known(criterion: Criterion, evidence: Evidence, found: Measure) -> str:
    if found.why in IMPORT:
        return IMPORT[found.why]
    if criterion.metric == "sessions":
        return f"attend {_any_session(criterion, evidence)}"
    if criterion.metric == "component":
        return f"earn credits of {criterion.component}"
    return TO_BE_CONFIRMED


def _count_step(criterion: Criterion, evidence: Evidence, span: Span) -> str:
    assert criterion.n is not None
    if criterion.metric == "hours":
        certain, possible = hours_within(measures.kinds_of(evidence.pack, criterion), evidence, span)
        if possible >= criterion.n * MILLION:
            return "ask the facilitator to complete the registers, with marks and hours"
        missing = plain(criterion.n - Decimal(certain) / MILLION)
        hours = "hour" if missing == "1" else "hours"
        return f"attend {missing} {_more(certain)}{hours} of sessions{_of_kinds(criterion, evidence)}"
    if criterion.metric == "sessions":
        attended, _, _ = sessions_within(measures.kinds_of(evidence.pack, criterion), evidence, span)
        left, more = math.ceil(criterion.n) - attended, _more(attended)
        return _to_mark(criterion, evidence, span, left) or f"attend {_sessions_of(criterion, evidence, left, more)}"
    assert criterion.component is not None
    done = activities_within(criterion, evidence, span)
    left = math.ceil(criterion.n) - done
    return f"complete {left} {_more(done)}{criterion.component} {'activity' if left == 1 else 'activities'}"


def _to_mark(of: Measured, evidence: Evidence, span: Span, missing: int) -> str:
    """R9: registers come first where those that nobody has marked would be enough."""
    kinds = measures.kinds_of(evidence.pack, of)
    days = [
        own
        for own, _, kind, state, _ in evidence.counted
        if state == OPEN and span.after < own < span.until and (kinds is None or kind in kinds)
    ]
    if not 0 < missing <= len(days):
        return ""
    if len(days) == 1:
        return f"ask the facilitator to mark the register of {in_words(date.fromordinal(days[0]))}"
    return f"ask the facilitator to mark the {len(days)} open registers"


def _weighted_step(criterion: Criterion, evidence: Evidence, span: Span) -> str:
    """Reading 32: what each part alone would have to add, or that no single part is enough."""
    assert criterion.min_share is not None
    low, _ = weighted_bounds(criterion, evidence, span)
    found = [(part, measure(part, evidence, span)) for part in criterion.parts]
    gap = Fraction(criterion.min_share) - low
    ways = [way for part, each in found if (way := _alone(part, each, gap, evidence, span))]
    so_far = f"reach {plain(criterion.min_share)}% by weight, {percent_floored(low)}% so far"
    if ways:
        return f"{so_far}: {', or '.join(ways)}"
    parts = ", ".join(_how_far(part, each) for part, each in found)
    return f"{so_far}, for which no single part is enough ({parts})"


def _alone(part: WeightedPart, found: Measure, gap: Fraction, evidence: Evidence, span: Span) -> str:
    """What a part alone would have to add; "" where it can't, or where it is not known how much there is of it."""
    if found.why:
        return IMPORT.get(found.why, "") if gap <= Fraction(part.weight) else ""
    target = Fraction(min(found.done, found.offered), found.offered) + gap / Fraction(part.weight)
    if target > 1:
        return ""
    if part.metric == "percent_complete":
        return f"complete {_percent_up(target)}% of the course content"
    missing = math.ceil(target * found.offered) - found.done
    if part.metric == "sessions":
        if mark := _to_mark(part, evidence, span, missing):
            return mark
        if part.of is not None:
            return f"attend {_sessions_of(part, evidence, missing, _more(found.done))}"
        return f"make up {_sessions_of(part, evidence, missing, 'missed ')}"
    return f"earn {_credits_of(part, missing, found.done)}"


def _percent_up(share: Fraction) -> str:
    """A share as a percentage of at most one decimal that is enough: rounded up."""
    return plain(Decimal(math.ceil(share * WHOLE * 10)) / 10)


def _how_far(part: WeightedPart, found: Measure) -> str:
    name = part.label or part.component or {"sessions": "sessions", "credits": "credits"}.get(part.metric, "content")
    if found.why == NOTHING_NEW:
        return f"nothing new of {name}"
    if found.why:
        return f"{name} not known"
    if part.metric == "percent_complete":
        return f"{name} {percent_floored(Fraction(found.done, MILLION))}%"
    return f"{name} {found.done} of {found.offered}"


def _more(so_far: int) -> str:
    return "more " if so_far else ""


def _credits_of(of: Measured, count: int, so_far: int) -> str:
    component = f" of {of.component}" if of.component else ""
    return f"{count} {_more(so_far)}{credits_word(count)}{component}"


def _sessions_of(of: Measured, evidence: Evidence, count: int, which: str) -> str:
    return f"{count} {which}{'session' if count == 1 else 'sessions'}{_of_kinds(of, evidence)}"


def _of_kinds(of: Measured, evidence: Evidence) -> str:
    """Which kinds of event count, where not all do."""
    names = list(_names(of, evidence))
    return f" ({either(names)})" if of.kinds and len(names) < len(evidence.kind_names) else ""


def _any_session(of: Measured, evidence: Evidence) -> str:
    return any_of_kinds(list(_names(of, evidence)))


def _names(of: Measured, evidence: Evidence) -> Iterator[str]:
    kinds = evidence.pack.event_kinds
    return (kinds[key].name for key in kinds if not of.kinds or key in of.kinds)
