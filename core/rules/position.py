"""Where one output of one participant stands on one day: verdict, stage and dates, without the words.

Cheap enough to ask about everybody: it rests on the progress record alone. `core.rules.standing` adds the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.rules import enrolment
from core.rules.calendar import days, latest
from core.rules.eligibility import Judged, Span, judge
from core.rules.facts import NOTHING_DECIDED, Extension
from core.rules.ladder import Ladder, span
from core.rules.progress import CREDITS, Progress
from core.rules.results import Stage, Verdict
from core.rules.stages import Situation, stage, unanswered_contacts
from reference.pack import Pack

SCHOOL_CONTRACT = "school_contract"
SPONSORSHIP_AGREEMENT = "sponsorship_agreement"
_PAPERS: dict[tuple[bool, bool], tuple[str, ...]] = {  # missing, by whether each has come back
    (True, True): (),
    (True, False): (SPONSORSHIP_AGREEMENT,),
    (False, True): (SCHOOL_CONTRACT,),
    (False, False): (SCHOOL_CONTRACT, SPONSORSHIP_AGREEMENT),
}


class Steps(NamedTuple):
    """What was decided about a participant, as far as it matters to one output on a day."""

    extensions: int = 0
    latest_extension: date | None = None
    unanswered: int = 0  # contacts in a row (R42)
    needs_rescheduling: bool = False
    removal_open: bool = False  # and this is the current output


NO_STEPS = Steps()


@dataclass(frozen=True, slots=True)
class Position:
    """One output of one participant on one day; many participants share one."""

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
    progress = ladder.progress
    declaration = ladder.declaration(number, as_of)
    cohort = ladder.cohort(number, as_of)
    row = ladder.dates_in(number, cohort)
    held = ladder.verdict(number, as_of)
    verdict = _verdict(ladder, held, row.review if row else None, declaration is not None, as_of)
    nothing_decided = progress.decided is NOTHING_DECIDED
    return _position(
        ladder.pack,
        as_of,
        number,
        cohort,
        row.review if row else None,
        row.invoice if row else None,
        verdict,
        declaration.declared_on if declaration else None,
        progress.training_status if nothing_decided else enrolment.training_status(progress, as_of),
        papers_missing(progress, as_of),
        (verdict == "not_met" or verdict == "unknown") and _nothing_left(ladder, number, as_of),
        NO_STEPS if nothing_decided else _steps(progress, number, as_of, current),
    )


@lru_cache(maxsize=10_000)
def _position(
    pack: Pack,
    as_of: date,
    number: int,
    cohort: int,
    review: date | None,
    invoice: date | None,
    verdict: Verdict,
    declared_on: date | None,
    status: str,
    papers: tuple[str, ...],
    nothing_left: bool,
    steps: Steps,
) -> Position:
    """What follows from these, put together once for all for whom they are the same."""
    window_ends = review + days(pack.settings.window_days) if review else None
    at = Situation(
        as_of,
        status == "withdrawn",
        declared_on is not None,
        verdict,
        review,
        status == "deferred",
        steps.needs_rescheduling,
        steps.removal_open,
        nothing_left,
        steps.latest_extension,
        steps.extensions,
        steps.unanswered,
    )
    return Position(
        number,
        cohort,
        review,
        window_ends,
        latest((window_ends, steps.latest_extension)),
        invoice,
        verdict,
        declared_on is not None,
        declared_on,
        stage(pack.settings, at),
        steps.extensions,
        steps.latest_extension,
        steps.unanswered,
        papers,
    )


def _steps(progress: Progress, number: int, as_of: date, current: int | None) -> Steps:
    granted = extensions_of(progress, number, as_of)
    return Steps(
        len(granted),
        latest(extension.until for extension in granted),
        unanswered_contacts(progress.contacts, as_of),
        enrolment.needs_rescheduling(progress, as_of),
        number == current and enrolment.removal_on(progress, as_of).proposed_on is not None,
    )


def papers_missing(progress: Progress, as_of: date) -> tuple[str, ...]:
    """R6: the signed papers that had not come back by the end of a day."""
    contract, sponsorship = progress.papers
    day = as_of.toordinal()
    return _PAPERS[0 < contract <= day, 0 < sponsorship <= day]


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
