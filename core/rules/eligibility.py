"""Which criteria are met by the evidence of a span of days, and why (R8-R31).

A criterion gives a `Finding`: a verdict with the code of its reason and what the sentence needs; `core.rules.wording` says it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial

from core.rules import counts, shares
from core.rules import progress as records
from core.rules.evidence import CREDIT_FILES, Evidence, Judge
from core.rules.findings import Finding, Judged, Span, any_of
from reference.criteria import Criterion, Shape
from reference.pack import Pack

_NO_REGISTER, _NOT_ATTENDED = Finding("unknown", "no_register"), Finding("not_met", "not_attended")


def attendance(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R9-R14, R23: a session attended by the register; self-report alone is none (R11)."""
    after, until = span
    inside = evidence.progress.attended_within(after, until)
    for session in inside:
        if not session.covered:
            return Finding("met", "attended", session.day, (evidence.kind_names[session.kind],))
    if inside:
        code = "contingency" if inside[0].confirmed else "contingency_unconfirmed"
        return Finding("met", code, inside[0].day, strength="contingency")
    if day_unmarked := evidence.progress.first_within(records.UNMARKED, after, until):
        return Finding("unknown", "register_unmarked", day_unmarked)
    if "register" not in evidence.imported:
        return _NO_REGISTER
    reported = evidence.progress.within(records.SELF_REPORTS, after, until)
    return Finding("not_met", "self_report_only", figures=(reported,)) if reported else _NOT_ATTENDED


def self_study(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R16, readings 10 and 26: at least the pack's number of self-study credits, MITs alone needing a person."""
    wanted = criterion.min_credits or 0
    after, until = span
    if evidence.has_log:
        earned = evidence.progress.within(records.STUDY, after, until)
        if earned >= wanted:
            first = evidence.progress.first_within(records.STUDY, after, until)
            return Finding("met", "self_study", first, (earned,))
        tasks = evidence.progress.within(records.TASKS, after, until)
        if tasks and earned + tasks >= wanted:
            return Finding("unknown", "tasks_only")
        return Finding("not_met", "no_self_study")
    if evidence.progress.has_reports:
        return _self_study_from_reports(evidence, span, wanted)
    return Finding("not_met", "no_self_study") if evidence.imported & CREDIT_FILES else Finding("unknown", "no_credits")


def _self_study_from_reports(evidence: Evidence, span: Span, wanted: int) -> Finding:
    """Readings 10 and 26: by the split where the report has one; R16's arithmetic on what has none.

    Only periods that have ended say that there is none: one that ends later says nothing yet (reading 7).
    """
    past = [r for r in evidence.periods if _within(span, r.end)]
    split = [r for r in past if r.self_study >= 0]
    earned = sum(r.self_study for r in split)
    if earned >= wanted:
        return Finding("met", "self_study", next(r.end for r in split if r.self_study), (earned,))
    total = evidence.credits_within(span.after, span.until)
    too_few = total is not None and total < wanted
    if too_few or (past and len(split) == len(past) and evidence.contiguous_until(span.until)):
        return Finding("not_met", "no_self_study")
    at_least = sum(r.credits for r in past) if total is None else total
    unsplit = at_least - sum(r.credits for r in split)
    most = evidence.most_without_self_study
    if most is not None and earned + unsplit - most >= wanted:
        return Finding("met", "self_study_by_total", span.until, (unsplit, most))
    return Finding("unknown", "no_split", figures=() if total is None else (total,))


def video(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R17, R25: a block's introduction watched to the threshold, first crossed within the span; never rounded."""
    assert criterion.min_percent is not None
    crossings = evidence.video_crossings(_threshold(criterion.min_percent), criterion.block)
    for day, block in crossings:
        if _within(span, day):
            return Finding("met", "video", day, (block,), strength="weak")
    if "videos" not in evidence.imported:
        return Finding("unknown", "no_videos")
    best = max(
        (
            (percent, block)
            for on, block, percent in evidence.progress.views()
            if on <= span.until and (criterion.block is None or block == criterion.block)
        ),
        default=None,
    )
    if best is None:
        return Finding("not_met", "video_unseen", figures=(criterion.min_percent,))
    if span.after and any(day <= min(span) for day, _ in crossings):
        return Finding("not_met", "video_not_new", figures=(criterion.min_percent,))
    return Finding("not_met", "video_short", figures=(criterion.min_percent, best[1], records.share(best[0])))


def progress(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R22, reading 26: more credits than at the baseline, or any new row with credits; by percentages reading 31."""
    if criterion.metric == "percent_complete":
        return _more_percent(evidence, span)
    if criterion.metric == "either":
        return _whichever_tells(_more_credits(evidence, span), _more_percent(evidence, span))
    return _more_credits(evidence, span)


def _whichever_tells(credits: Finding, percent: Finding) -> Finding:
    """Met by either; not met where one of them tells, and neither shows any."""
    for verdict in ("met", "not_met"):
        for finding in (credits, percent):
            if finding.verdict == verdict:
                return finding
    return percent if percent.code != "no_engagement_report" else credits


def _more_credits(evidence: Evidence, span: Span) -> Finding:
    after, until = span
    before = evidence.credits_on(min(after, until)) if after else 0
    now = evidence.credits_on(until)
    if before is not None and now is not None and now > before:
        return Finding("met", "more_credits" if after else "credits_begun", figures=(now - before, now))
    if day := evidence.proves_progress(after, until):
        return Finding("met", "new_activity", day)
    if before is None or now is None:
        return Finding("unknown", "no_credits")
    if now < before:
        return Finding("unknown", "credits_fell", figures=(before, now))
    return Finding("not_met", "no_progress" if after else "not_begun", figures=(now,))


def _more_percent(evidence: Evidence, span: Span) -> Finding:
    """Reading 31: a newer figure above that at the baseline, or, where there was no output before, any above nothing."""
    after, until = span
    if not evidence.progress.has_runs and "engagement_report" not in evidence.imported:
        return Finding("unknown", "no_engagement_report")
    before = evidence.percent_known(min(after, until)) if after else 0
    newer = [run for run in evidence.runs if after < run.on <= until]
    if before is not None and (more := next((run for run in newer if run.percent > before), None)):
        figures = (records.share(more.percent), records.share(before))
        return Finding("met", "more_percent" if after else "percent_begun", more.on, figures)
    if before is None:
        return Finding("unknown", "no_percent_before")
    if evidence.percent_known(until) is None:
        return Finding("unknown", "no_engagement_report")  # theirs begin later
    if not evidence.progress.has_runs:
        return Finding("not_met", "percent_unseen")
    return Finding("not_met", "no_more_percent" if after else "percent_not_begun", figures=(records.share(before),))


def _percent_judge(evidence: Evidence, span: Span) -> Judged:
    """The verdict alone."""
    after, until = span
    if not evidence.progress.has_runs:
        return "not_met" if "engagement_report" in evidence.imported else "unknown"
    before, any_yet = None if after else 0, False
    for on, percent, _ in evidence.runs:
        if on > until:
            break
        any_yet = True
        if on <= after:
            before = percent
        elif before is not None and percent > before:
            return "met"
    return "not_met" if any_yet and before is not None else "unknown"


def engagement_metric(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R24: progress or attendance; the percentage is shown for information only."""
    either = [progress(criterion, evidence, span)]
    if either[0].verdict != "met":
        either.append(attendance(criterion, evidence, span))
    verdict = any_of(finding.verdict for finding in either)
    percent = evidence.percent_on(span.until)
    cause = next(finding for finding in either if finding.verdict == verdict)
    figures = () if percent is None else (records.share(percent),)
    code = f"metric_{verdict}" if span.after else f"metric_{verdict}_so_far"
    return Finding(verdict, code, cause.day, figures, cause.strength)


def completion_share(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R28-R31: at least the pack's share of the course; cumulative, so the baseline resets nothing."""
    return shares.judge_share(criterion, evidence, Span(0, span.until))


@lru_cache(maxsize=1000)
def _credits_needed(min_share: Decimal, total: int) -> int:
    return math.ceil(min_share * total / 100)


def credits_needed(criterion: Criterion, total: int) -> int:
    """R28: the smallest whole number of credits that meets the share of a total."""
    assert criterion.min_share is not None
    return _credits_needed(criterion.min_share, total)


def assessment_tracked(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R27, readings 9 and 23: marked, moderated and externally moderated."""
    row = evidence.progress.assessment(span.until)
    if row is None:
        return Finding("unknown", "no_assessment")
    days = [day for day in (row.marked, row.moderated) if day]
    if len(days) == 2 and max(days) <= span.until and row.moderated_outside:
        return Finding("met", "assessed", max(days))
    if row.external == "pending":
        return Finding("not_met", "moderation_pending")
    if any(day > span.until for day in days):
        return Finding("not_met", "assessment_later", max(days))
    return Finding("unknown", "assessment_incomplete")


def assessment_copies(criterion: Criterion, evidence: Evidence, span: Span) -> Finding:
    """R27, readings 9 and 23: copies of the marked work and a result are held; a pass is not asked for."""
    row = evidence.progress.assessment(span.until)
    if row is None:
        return Finding("unknown", "no_assessment")
    days = [day for day in (row.marked, row.moderated) if day]
    later = any(day > span.until for day in days)
    if row.copies and row.result and row.moderated and not later:
        return Finding("met", "copies_held", max(days))
    if row.copies is False:
        return Finding("not_met", "copies_missing")
    return Finding("not_met", "assessment_later", max(days)) if later else Finding("unknown", "assessment_incomplete")


JUDGES: dict[Shape, Callable[[Criterion, Evidence, Span], Finding]] = {
    "attendance": attendance,
    "self_study": self_study,
    "video": video,
    "progress": progress,
    "engagement_metric": engagement_metric,
    "completion_share": completion_share,
    "assessment_tracked": assessment_tracked,
    "assessment_copies": assessment_copies,
    "share": shares.judge_share,
    "weighted": shares.judge_weighted,
    "count": counts.judge_count,
    "items": counts.judge_items,
}


def _video_judge(criterion: Criterion, _: Pack, __: str) -> Judge:
    assert criterion.min_percent is not None
    least, block = _threshold(criterion.min_percent), criterion.block

    def judge(evidence: Evidence, span: Span) -> Judged:
        if evidence.newly_crossed(least, block, span):
            return "met"
        return "not_met" if "videos" in evidence.imported else "unknown"

    return judge


def _metric_judge(criterion: Criterion, _: Pack, __: str) -> Judge:
    def judge(evidence: Evidence, span: Span) -> Judged:
        progressed = progress(criterion, evidence, span).verdict
        if progressed == "met":
            return "met"
        attended = attendance(criterion, evidence, span).verdict
        return any_of((progressed, attended))

    return judge


def _progress_judge(criterion: Criterion, _: Pack, __: str) -> Judge:
    if criterion.metric == "percent_complete":
        return _percent_judge
    return _either_judge if criterion.metric == "either" else partial(_verdict, progress, criterion)


def _either_judge(evidence: Evidence, span: Span) -> Judged:
    by_credits = _more_credits(evidence, span).verdict
    if by_credits == "met":
        return "met"
    by_percent = _percent_judge(evidence, span)
    return by_percent if by_percent != "unknown" else by_credits


SOONER: dict[Shape, Callable[[Criterion, Pack, str], Judge]] = {
    "progress": _progress_judge,
    "video": _video_judge,
    "engagement_metric": _metric_judge,
    "completion_share": shares.share_judge,
    "share": shares.share_judge,
    "weighted": shares.weighted_judge,
    "count": counts.count_judge,
    "items": counts.items_judge,
}


def judge_of(criterion: Criterion, pack: Pack, course: str) -> Judge:
    """A criterion's verdict alone, ready for a course: sooner where it takes time to say why."""
    ready = SOONER.get(criterion.shape)
    return partial(_verdict, JUDGES[criterion.shape], criterion) if ready is None else ready(criterion, pack, course)


def _verdict(
    judge: Callable[[Criterion, Evidence, Span], Finding], criterion: Criterion, evidence: Evidence, span: Span
) -> Judged:
    return judge(criterion, evidence, span).verdict


def _within(span: Span, day: int) -> bool:
    return span.after < day <= span.until


@lru_cache(maxsize=1000)
def _threshold(share: Decimal) -> int:
    return records.millionths(share)
