"""Which criteria are met by the evidence of a span of days, and why (R8-R31).

A criterion gives a `Finding`: a verdict with the code of its reason and what the sentence needs; `core.rules.wording` says it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from core.rules.evidence import CREDIT_FILES, Evidence
from reference.pack import CriteriaSet, Criterion, Shape

Judged = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class Span:
    """The days whose evidence counts: after `after` (None: before everything), up to and including `until`."""

    after: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with its reason's code, and the day or figures that the reason names."""

    verdict: Judged
    code: str
    day: date | None = None
    figures: tuple[int | Decimal | str, ...] = ()
    strength: Literal["strong", "contingency", "weak"] = "strong"


def judge(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """Evaluates one criterion on the evidence of a span."""
    return _JUDGES[criterion.shape](criterion, evidence, span)


def any_of(verdicts: Iterable[Judged]) -> Judged:
    """R8: met beats unknown beats not met."""
    found = set(verdicts)
    return "met" if "met" in found else "unknown" if "unknown" in found else "not_met"


def all_of(verdicts: Iterable[Judged]) -> Judged:
    """R26: not met beats unknown beats met."""
    found = set(verdicts)
    return "not_met" if "not_met" in found else "unknown" if "unknown" in found else "met"


def combined(criteria: CriteriaSet, evidence: Evidence, span: Span) -> Judged:
    """The verdict over all criteria of an output."""
    verdicts = (judge(criterion, evidence, span).verdict for criterion in criteria.criteria)
    return any_of(verdicts) if criteria.combine == "any" else all_of(verdicts)


def attendance(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R9-R14, R23: a session attended by the register; self-report alone is none (R11)."""
    inside = [(day, entry) for day, entry in evidence.attended if _within(span, day)]
    if inside:
        day, entry = next((pair for pair in inside if pair[1].contingency is None), inside[0])
        if entry.contingency is None:
            return Finding("met", "attended", day, (entry.event_type,))
        confirmed = entry.contingency_on is not None and entry.confirmed_by is not None
        return Finding("met", "contingency" if confirmed else "contingency_unconfirmed", day, strength="contingency")
    if (day_unmarked := evidence.unmarked_days.first_within(span.after, span.until)) is not None:
        return Finding("unknown", "register_unmarked", day_unmarked)
    if "register" not in evidence.imported:
        return Finding("unknown", "no_register")
    reported = _self_reported(evidence, span)
    return (
        Finding("not_met", "self_report_only", figures=(reported,)) if reported else Finding("not_met", "not_attended")
    )


def self_study(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R16, readings 10 and 26: at least the pack's number of self-study credits, MITs alone needing a person."""
    wanted = criterion.min_credits or 0
    person = evidence.participant
    if person.activities:
        earned = evidence.self_study_units.sum_within(span.after, span.until)
        if earned >= wanted:
            first = evidence.self_study_units.first_within(span.after, span.until)
            return Finding("met", "self_study", first, (earned,))
        if evidence.self_study_tasks.sum_within(span.after, span.until):
            return Finding("unknown", "tasks_only")
        return Finding("not_met", "no_self_study")
    if person.declaration_reports or person.engagement_reports:
        return _self_study_from_reports(evidence, span, wanted)
    return Finding("not_met", "no_self_study") if evidence.imported & CREDIT_FILES else Finding("unknown", "no_credits")


def _self_study_from_reports(evidence: Evidence, span: Span, wanted: int) -> Finding:
    """Readings 10 and 26: by the split where the report has one; R16's arithmetic on what has none."""
    past = [r for r in evidence.periods if _within(span, r.period_end)]
    split = [r for r in past if r.self_study_credits is not None]
    earned = sum(r.self_study_credits or 0 for r in split)
    if earned >= wanted:
        return Finding("met", "self_study", next(r.period_end for r in split if r.self_study_credits), (earned,))
    total = evidence.credits_within(span.after, span.until)
    if total == 0 or (len(split) == len(past) and evidence.contiguous_until(span.until)):
        return Finding("not_met", "no_self_study")
    at_least = sum(r.credits for r in past) if total is None else total
    unsplit = at_least - sum(r.credits for r in split)
    most = evidence.most_without_self_study
    if most is not None and unsplit > most:
        return Finding("met", "self_study_by_total", span.until, (unsplit, most))
    return Finding("unknown", "no_split", figures=() if total is None else (total,))


def video(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R17, R25: a block's introduction watched to the threshold, first crossed within the span; never rounded."""
    assert criterion.min_percent is not None
    crossings = evidence.video_crossings(criterion.min_percent, criterion.block)
    for day, block in crossings:
        if _within(span, day):
            return Finding("met", "video", day, (block,), strength="weak")
    if "videos" not in evidence.imported:
        return Finding("unknown", "no_videos")
    best = max(
        (
            (view.percent, view.block)
            for view in evidence.participant.videos
            if view.viewed_on <= span.until and (criterion.block is None or view.block == criterion.block)
        ),
        default=None,
    )
    if best is None:
        return Finding("not_met", "video_unseen", figures=(criterion.min_percent,))
    if any(span.after is not None and day <= span.after for day, _ in crossings):
        return Finding("not_met", "video_not_new", figures=(criterion.min_percent,))
    return Finding("not_met", "video_short", figures=(criterion.min_percent, best[1], best[0]))


def progress(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R22, reading 26: more credits than at the baseline, or any new row with credits."""
    before = 0 if span.after is None else evidence.credits_on(min(span.after, span.until))
    now = evidence.credits_on(span.until)
    if before is not None and now is not None and now > before:
        return Finding("met", "more_credits", _first_progress(evidence, span), (now - before, now))
    if (day := evidence.proves_progress(span.after, span.until)) is not None:
        return Finding("met", "new_activity", day)
    if before is None or now is None:
        return Finding("unknown", "no_credits")
    if now < before:
        return Finding("unknown", "credits_fell", figures=(before, now))
    return Finding("not_met", "no_progress", figures=(now,))


def engagement_metric(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R24: progress or attendance; the percentage is shown for information only."""
    either = [progress(criterion, evidence, span), attendance(criterion, evidence, span)]
    verdict = any_of(finding.verdict for finding in either)
    percent = evidence.percent_on(span.until)
    cause = next(finding for finding in either if finding.verdict == verdict)
    return Finding(verdict, f"metric_{verdict}", cause.day, () if percent is None else (percent,), cause.strength)


def completion_share(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R28-R31: at least the pack's share of the course, in exact arithmetic; cumulative, so the baseline resets nothing."""
    assert criterion.min_share is not None
    if criterion.metric == "percent_complete":
        percent = evidence.percent_on(span.until)
        if percent is None and not evidence.participant.engagement_reports and "engagement_report" in evidence.imported:
            percent = Decimal(0)
        if percent is None:
            return Finding("unknown", "no_engagement_report")
        enough = percent >= criterion.min_share
        return Finding("met" if enough else "not_met", "percent_share", figures=(percent, criterion.min_share))
    total = evidence.pack.totals[evidence.participant.course]
    earned = evidence.credits_on(span.until)
    if total is None:
        return Finding("unknown", "total_tbc", figures=() if earned is None else (earned,))
    if earned is None:
        return Finding("unknown", "no_credits")
    enough = earned >= credits_needed(criterion, total)
    return Finding("met" if enough else "not_met", "credit_share", figures=(earned, total, criterion.min_share))


def credits_needed(criterion: Criterion, total: int) -> int:
    """R28: the smallest whole number of credits that meets the share of a total."""
    assert criterion.min_share is not None
    return math.ceil(criterion.min_share * total / 100)


def assessment_tracked(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R27, readings 9 and 23: marked, moderated and externally moderated."""
    row = evidence.participant.assessment
    if row is None:
        return Finding("unknown", "no_assessment")
    moderated_outside = row.external_moderation in ("done", "not_sampled")
    dates = [d for d in (row.marked_on, row.moderated_on) if d is not None]
    if len(dates) == 2 and max(dates) <= span.until and moderated_outside:
        return Finding("met", "assessed", max(dates))
    if row.external_moderation == "pending":
        return Finding("not_met", "moderation_pending")
    if any(d > span.until for d in dates):
        return Finding("not_met", "assessment_later", max(dates))
    return Finding("unknown", "assessment_incomplete")


def assessment_copies(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R27, readings 9 and 23: copies of the marked work and a result are held; a pass is not asked for."""
    row = evidence.participant.assessment
    if row is None:
        return Finding("unknown", "no_assessment")
    dates = [d for d in (row.marked_on, row.moderated_on) if d is not None]
    later = any(d > span.until for d in dates)
    if row.copies_held and row.result is not None and row.moderated_on is not None and not later:
        return Finding("met", "copies_held", max(dates))
    if row.copies_held is False:
        return Finding("not_met", "copies_missing")
    return Finding("not_met", "assessment_later", max(dates)) if later else Finding("unknown", "assessment_incomplete")


_JUDGES: dict[Shape, Callable[[Criterion, Evidence, Span], Finding]] = {
    "attendance": attendance,
    "self_study": self_study,
    "video": video,
    "progress": progress,
    "engagement_metric": engagement_metric,
    "completion_share": completion_share,
    "assessment_tracked": assessment_tracked,
    "assessment_copies": assessment_copies,
}


def _within(span: Span, day: date) -> bool:
    return (span.after is None or day > span.after) and day <= span.until


def _first_progress(evidence: Evidence, span: Span) -> date | None:
    return evidence.proves_progress(span.after, span.until)


def _self_reported(evidence: Evidence, span: Span) -> int:
    """Credits of self-reported training events in the span (R11: visible, but no evidence of attendance)."""
    component = evidence.pack.settings.training_event_component.casefold()
    return sum(
        a.credits
        for a in evidence.participant.activities
        if a.logged_by == "self_report" and a.component.casefold() == component and _within(span, a.completed_on)
    )
