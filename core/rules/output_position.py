"""Where one output of one participant stands on one day: verdict, stage and dates, without the words.

Cheap enough to ask about everybody: it rests on the progress record alone. `core.rules.standing` adds the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.rules import enrolment
from core.rules.calendar import latest
from core.rules.facts import NOTHING_DECIDED, Extension
from core.rules.findings import Judged, Span
from core.rules.ladder import Ladder, span
from core.rules.progress import CREDITS, Progress
from core.rules.results import Stage, Verdict
from core.rules.stages import Situation, stage, unanswered_contacts, window_ends
from reference.pack import Pack


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
    cohort: str  # whose dates apply (reading 14)
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
    def in_time_until(self) -> date | None:
        """The deadline; where that lacks, or comes before it, the review date (reading 34)."""
        return latest((self.deadline, self.review_date))

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
    review, invoice = (row.review, row.invoice) if row else (None, None)
    declared_on = declaration.declared_on if declaration else None
    verdict = _verdict(ladder, ladder.verdict(number, as_of), review, declaration is not None, as_of)
    papers = papers_missing(ladder.pack, progress, as_of)
    nothing_left = (verdict == "not_met" or verdict == "unknown") and _nothing_left(ladder, number, as_of)
    status, steps = progress.training_status, NO_STEPS
    if progress.decided is not NOTHING_DECIDED:
        status, steps = enrolment.training_status(progress, as_of), _steps(ladder, number, as_of, current)
    # by position: by name it takes half a microsecond longer, for each of everybody
    return _position(
        _Grounds(
            ladder.pack,
            ladder.group,
            as_of,
            number,
            cohort,
            review,
            invoice,
            verdict,
            declared_on,
            status,
            papers,
            nothing_left,
            steps,
        )
    )


class _Grounds(NamedTuple):
    """What a position follows from; of many participants it is the same."""

    pack: Pack
    group: str  # whose settings apply
    as_of: date
    number: int
    cohort: str
    review: date | None
    invoice: date | None
    verdict: Verdict
    declared_on: date | None
    status: str
    papers: tuple[str, ...]  # that are missing
    nothing_left: bool  # R53
    steps: Steps


@lru_cache(maxsize=10_000)
def _position(given: _Grounds) -> Position:
    """What follows from these, put together once for all for whom they are the same."""
    settings, steps = given.pack.settings_of(given.group), given.steps
    ends = window_ends(settings, given.review) if given.review else None
    return Position(
        output=given.number,
        cohort=given.cohort,
        review_date=given.review,
        window_ends=ends,
        deadline=latest((ends, steps.latest_extension)),
        invoice_date=given.invoice,
        verdict=given.verdict,
        declared=given.declared_on is not None,
        declared_on=given.declared_on,
        stage=stage(settings, _situation(given)),
        extensions=steps.extensions,
        latest_extension=steps.latest_extension,
        unanswered_contacts=steps.unanswered,
        papers_missing=given.papers,
    )


def _situation(given: _Grounds) -> Situation:
    steps = given.steps
    return Situation(
        as_of=given.as_of,
        withdrawn=given.status == "withdrawn",
        declared=given.declared_on is not None,
        verdict=given.verdict,
        review=given.review,
        on_deferral=given.status == "deferred",
        needs_rescheduling=steps.needs_rescheduling,
        removal_open=steps.removal_open,
        nothing_left=given.nothing_left,
        latest_extension=steps.latest_extension,
        extensions=steps.extensions,
        unanswered=steps.unanswered,
    )


def _steps(ladder: Ladder, number: int, as_of: date, current: int | None) -> Steps:
    progress = ladder.progress
    granted = extensions_of(progress, number, as_of) if ladder.settings.extensions else []
    return Steps(
        len(granted),
        latest(extension.until for extension in granted),
        unanswered_contacts(progress.contacts, as_of),
        enrolment.needs_rescheduling(progress, as_of),
        number == current and enrolment.removal_on(progress, as_of).proposed_on is not None,
    )


def papers_missing(pack: Pack, progress: Progress, as_of: date) -> tuple[str, ...]:
    """R6: the signed papers that are wanted and had not come back by the end of a day, by the pack's keys."""
    contract, sponsorship = progress.papers
    day = as_of.toordinal()
    return _not_back(pack, 0 < contract <= day, 0 < sponsorship <= day)


@lru_cache(maxsize=100)
def _not_back(pack: Pack, contract: bool, sponsorship: bool) -> tuple[str, ...]:
    back = {"contract_returned_on": contract, "sponsorship_returned_on": sponsorship}
    return tuple(paper.key for paper in pack.papers if not back[paper.column])


def extensions_of(progress: Progress, number: int, as_of: date) -> list[Extension]:
    """R39: the extensions granted for an output by the end of a day, oldest first."""
    return [e for e in progress.extensions if e.output == number and e.decided_on <= as_of]


def left_to_lead_provider(ladder: Ladder, number: int, as_of: date) -> bool:
    """R27: all that is still open is the lead provider's own evidence, so nobody is to be nudged for it."""
    tree = ladder.tree(number)
    if tree is None or ladder.blocked_by(number, as_of) is not None:
        return False
    asked = ladder.span(number, as_of)
    is_open = tree.left_open([leaf.find(ladder.evidence, asked).verdict for leaf in tree.leaves])
    still_open = [leaf.criterion for leaf, still in zip(tree.leaves, is_open, strict=True) if still]
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
    tree = ladder.tree(number)
    if ladder.spec(number).kind != "retention" or tree is None or not tree.by_credits:
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
