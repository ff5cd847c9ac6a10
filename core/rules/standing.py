"""The one function that puts a participant's outputs together; everything else calls it."""

from __future__ import annotations

from datetime import date

from core.rules import advice, enrolment
from core.rules.calendar import days, latest
from core.rules.eligibility import Judged, Span, credits_needed, judge
from core.rules.facts import Extension, Participant
from core.rules.ladder import Ladder
from core.rules.results import Credits, CriterionResult, OutputStanding, Standing, Verdict
from core.rules.stages import Situation, stage, unanswered_contacts
from core.rules.wording import comes_first, result, share_of
from reference.pack import CriteriaSet, Pack

SCHOOL_CONTRACT = "school_contract"
SPONSORSHIP_AGREEMENT = "sponsorship_agreement"


def standing(pack: Pack, participant: Participant, as_of: date) -> Standing:
    """Where a participant stands at the end of a London day, by every rule of the rulebook.

    `participant.course` and its cohorts are known to the pack (imports see to it).
    """
    ladder = Ladder(pack, participant)
    course = pack.courses[participant.course]
    current = next((o.number for o in ladder.outputs if ladder.declaration(o.number, as_of) is None), None)
    removal = enrolment.removal_on(participant, as_of)
    deferral = enrolment.deferral_on(participant, as_of, as_of)
    return Standing(
        as_of=as_of,
        pack=pack.label,
        participant_id=participant.id,
        name=participant.name,
        course=participant.course,
        course_identifier=course.identifier,
        course_group=course.group,
        cohort=enrolment.cohort_on(participant, as_of),
        delivery_partner=participant.delivery_partner,
        training_status=enrolment.training_status(participant, as_of),
        rescheduling_needed=enrolment.needs_rescheduling(participant, as_of),
        deferred_until=deferral.until if deferral else None,
        removal_proposed_on=removal.proposed_on,
        removal_sides_approved=removal.sides_approved,
        outputs=tuple(_output(ladder, o.number, as_of, current) for o in ladder.outputs),
        current_output=current,
    )


def papers_missing(participant: Participant, as_of: date) -> tuple[str, ...]:
    """R6: the signed papers that had not come back by the end of a day."""
    papers = (
        (SCHOOL_CONTRACT, participant.contract_returned_on),
        (SPONSORSHIP_AGREEMENT, participant.sponsorship_returned_on),
    )
    return tuple(paper for paper, returned in papers if returned is None or returned > as_of)


def extensions_of(participant: Participant, number: int, as_of: date) -> list[Extension]:
    """R39: the extensions granted for an output by the end of a day, oldest first."""
    return [e for e in participant.extensions if e.output == number and e.decided_on <= as_of]


def _output(ladder: Ladder, number: int, as_of: date, current: int | None) -> OutputStanding:
    pack, person, spec = ladder.pack, ladder.participant, ladder.spec(number)
    row = ladder.dates(number, as_of)
    review = row.review if row else None
    declaration = ladder.declaration(number, as_of)
    criteria = ladder.criteria(number)
    blocked_by = ladder.blocked_by(number, as_of) if criteria else None
    held = ladder.verdict(number, as_of)
    verdict = _verdict(ladder, held, review, declaration is not None, as_of)
    missing = papers_missing(person, as_of)
    granted = extensions_of(person, number, as_of)
    latest_extension = latest(e.until for e in granted)
    window_ends = review + days(pack.settings.window_days) if review else None
    status = enrolment.training_status(person, as_of)
    unanswered = unanswered_contacts(person.contacts, as_of)
    at = Situation(
        as_of=as_of,
        withdrawn=status == "withdrawn",
        declared=declaration is not None,
        verdict=verdict,
        review=review,
        on_deferral=status == "deferred",
        needs_rescheduling=enrolment.needs_rescheduling(person, as_of),
        removal_open=number == current and enrolment.removal_on(person, as_of).proposed_on is not None,
        nothing_left=_nothing_left(ladder, number, as_of),
        latest_extension=latest_extension,
        extensions=len(granted),
        unanswered=unanswered,
    )
    found = OutputStanding(
        output=number,
        title=spec.title,
        kind=spec.kind,
        declaration_type=spec.declaration_type,
        cohort=ladder.cohort(number, as_of),
        review_date=review,
        window_ends=window_ends,
        deadline=latest((window_ends, latest_extension)),
        invoice_date=row.invoice if row else None,
        verdict=verdict,
        met_on=ladder.met_on(number, as_of) if verdict == "met" else None,
        payable=verdict == "met" and not missing,
        papers_missing=missing,
        declared=declaration is not None,
        declared_on=declaration.declared_on if declaration else None,
        stage=stage(pack.settings, at),
        baseline=ladder.baseline(number, as_of) if criteria else None,
        blocked_by=blocked_by,
        criteria=_criteria(ladder, criteria, number, as_of, blocked_by),
        credits=_credits(ladder, criteria, number, as_of, blocked_by),
        warnings=(),
        next_steps=(),
        extensions=len(granted),
        latest_extension=latest_extension,
        unanswered_contacts=unanswered,
    )
    return advice.advised(ladder, found, as_of)


def _verdict(ladder: Ladder, held: Judged | None, review: date | None, declared: bool, as_of: date) -> Verdict:
    """R37, reading 13: exempt only where the output would otherwise stay unmet after its review date."""
    if held is None:
        return "not_defined"
    if held == "met" or declared or review is None:
        return held
    return "exempt" if enrolment.exempted(ladder.participant, review, as_of) else held


def _criteria(
    ladder: Ladder, criteria: CriteriaSet | None, number: int, as_of: date, blocked_by: int | None
) -> tuple[CriterionResult, ...]:
    """Every criterion with its own verdict; a blocked completion output's are evaluated as usual (reading 2)."""
    if criteria is None:
        return ()
    if blocked_by is not None and criteria.kind != "completion":
        return tuple(comes_first(criterion, blocked_by) for criterion in criteria.criteria)
    span = Span(None, ladder.counted_until(number, as_of)) if blocked_by else ladder.span(number, as_of)
    return tuple(result(criterion, judge(criterion, ladder.evidence, span)) for criterion in criteria.criteria)


def _credits(ladder: Ladder, criteria: CriteriaSet | None, number: int, as_of: date, blocked_by: int | None) -> Credits:
    """The credit figures of an output (R28-R30, readings 2 and 25); all None where nothing is defined."""
    if criteria is None:
        return Credits(None, None, None, None, None)
    until = ladder.counted_until(number, as_of)
    earned = ladder.evidence.credits_on(until)
    total = ladder.pack.totals[ladder.participant.course]
    share = next((c for c in criteria.criteria if c.metric == "credits"), None)
    if number == 1:
        at_baseline: int | None = 0
    else:
        baseline = ladder.baseline(number, as_of)
        at_baseline = None if baseline is None else ladder.evidence.credits_on(min(baseline, as_of))
    return Credits(
        earned=earned,
        at_baseline=None if blocked_by else at_baseline,
        total=total,
        needed=credits_needed(share, total) if share and total is not None else None,
        percent=share_of(earned, total) if earned is not None and total else None,
    )


def _nothing_left(ladder: Ladder, number: int, as_of: date) -> bool:
    """R53, reading 12: every credit was earned by the baseline and no session of theirs is still to come."""
    if ladder.spec(number).kind != "retention":
        return False
    baseline = ladder.baseline(number, as_of)
    total = ladder.pack.totals[ladder.participant.course]
    if baseline is None or total is None or as_of <= baseline:
        return False
    earned = ladder.evidence.credits_on(baseline)
    if earned is None or earned < total:
        return False
    return not any(ladder.evidence.day_of(entry) > as_of for entry in ladder.participant.register)
