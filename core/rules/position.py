"""Where one output of one participant stands on one day: verdict, stage and dates, without the words.

Cheap enough to ask about everybody: it rests on the progress record alone. `core.rules.standing` adds the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from core.rules import enrolment
from core.rules.calendar import days, latest
from core.rules.eligibility import Judged, Span, judge
from core.rules.facts import NOTHING_DECIDED, Extension
from core.rules.ladder import Ladder, span
from core.rules.progress import CREDITS, Progress
from core.rules.results import Stage, Verdict
from core.rules.stages import Situation, stage, unanswered_contacts

SCHOOL_CONTRACT = "school_contract"
SPONSORSHIP_AGREEMENT = "sponsorship_agreement"


@dataclass(slots=True)
class Position:
    """One output of one participant on one day."""

    output: int
    cohort: int  # whose dates apply (reading 14)
    review_date: date | None
    window_ends: date | None
    deadline: date | None
    invoice_date: date | None
    verdict: Verdict
    declared: bool
    declared_on: date | None
    stage: Stage
    extensions: int
    latest_extension: date | None
    unanswered_contacts: int
    papers_missing: tuple[str, ...]

    @property
    def payable(self) -> bool:
        """R6: met, and every paper has come back."""
        return self.verdict == "met" and not self.papers_missing


def current_output(ladder: Ladder, as_of: date) -> int | None:
    """The first output that is not declared; None when all are."""
    declared = ladder.declared_by(as_of)
    for output in ladder.outputs:
        if output.number not in declared:
            return output.number
    return None


def position(ladder: Ladder, number: int, as_of: date, current: int | None) -> Position:
    """Where an output stands at the end of a London day. `current` is `current_output`'s answer."""
    progress, pack = ladder.progress, ladder.pack
    declaration = ladder.declaration(number, as_of)
    cohort = ladder.cohort(number, as_of)
    row = ladder.dates_in(number, cohort)
    review = row.review if row else None
    verdict = _verdict(ladder, ladder.verdict(number, as_of), review, declaration is not None, as_of)
    window_ends = deadline = _window_ends(row.review, pack.settings.window_days) if row else None
    latest_extension, extensions, unanswered = None, 0, 0
    status, needs_rescheduling, removal_open = progress.training_status, False, False
    if progress.decided is not NOTHING_DECIDED:
        granted = extensions_of(progress, number, as_of)
        extensions, latest_extension = len(granted), latest(e.until for e in granted)
        deadline = latest((window_ends, latest_extension))
        unanswered = unanswered_contacts(progress.contacts, as_of)
        status = enrolment.training_status(progress, as_of)
        needs_rescheduling = enrolment.needs_rescheduling(progress, as_of)
        removal_open = number == current and enrolment.removal_on(progress, as_of).proposed_on is not None
    at = Situation(
        as_of,
        status == "withdrawn",
        declaration is not None,
        verdict,
        review,
        status == "deferred",
        needs_rescheduling,
        removal_open,
        verdict in ("not_met", "unknown") and _nothing_left(ladder, number, as_of),
        latest_extension,
        extensions,
        unanswered,
    )
    return Position(
        number,
        cohort,
        review,
        window_ends,
        deadline,
        row.invoice if row else None,
        verdict,
        declaration is not None,
        declaration.declared_on if declaration else None,
        stage(pack.settings, at),
        extensions,
        latest_extension,
        unanswered,
        papers_missing(progress, as_of),
    )


def papers_missing(progress: Progress, as_of: date) -> tuple[str, ...]:
    """R6: the signed papers that had not come back by the end of a day."""
    contract, sponsorship = progress.papers
    day = as_of.toordinal()
    if 0 < contract <= day and 0 < sponsorship <= day:
        return ()
    papers = ((SCHOOL_CONTRACT, contract), (SPONSORSHIP_AGREEMENT, sponsorship))
    return tuple(paper for paper, returned in papers if not 0 < returned <= day)


def extensions_of(progress: Progress, number: int, as_of: date) -> list[Extension]:
    """R39: the extensions granted for an output by the end of a day, oldest first."""
    return [e for e in progress.extensions if e.output == number and e.decided_on <= as_of]


def left_to_lead_provider(ladder: Ladder, number: int, as_of: date) -> bool:
    """R27: all that is still open is the lead provider's own evidence, so nobody is to be nudged for it."""
    criteria = ladder.criteria(number)
    if criteria is None or ladder.blocked_by(number, as_of) is not None:
        return False
    asked = ladder.span(number, as_of)
    still_open = [c for c in criteria.criteria if judge(c, ladder.evidence, asked).verdict != "met"]
    return bool(still_open) and all(c.owner != "participant" for c in still_open)


def judged_span(ladder: Ladder, number: int, as_of: date, blocked_by: int | None) -> Span:
    """The days whose evidence an output's criteria are judged by; a blocked completion output's as usual (reading 2)."""
    return span(None, ladder.counted_until(number, as_of)) if blocked_by else ladder.span(number, as_of)


def _verdict(ladder: Ladder, held: Judged | None, review: date | None, declared: bool, as_of: date) -> Verdict:
    """R37, reading 13: exempt only where the output would otherwise stay unmet after its review date."""
    if held is None:
        return "not_defined"
    if held == "met" or declared or review is None:
        return held
    return "exempt" if enrolment.exempted(ladder.progress, review, as_of) else held


def _nothing_left(ladder: Ladder, number: int, as_of: date) -> bool:
    """R53, reading 12: every credit was earned by the baseline and no session of theirs is still to come."""
    if ladder.spec(number).kind != "retention":
        return False
    progress = ladder.progress
    total = ladder.pack.totals[progress.course]
    if total is None or (ladder.evidence.has_log and progress.total(CREDITS) < total):
        return False
    baseline = ladder.baseline(number, as_of)
    if baseline is None or as_of <= baseline:
        return False
    earned = ladder.evidence.credits_on(baseline.toordinal())
    if earned is None or earned < total:
        return False
    return not ladder.evidence.session_after(as_of.toordinal())


@lru_cache(maxsize=1000)
def _window_ends(review: date, window: int) -> date:
    return review + days(window)
