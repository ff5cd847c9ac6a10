"""The one function that puts a participant's outputs together; everything else calls it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from core.rules import advice, enrolment, gates
from core.rules.calendar import latest
from core.rules.criteria_trees import ReadyTree
from core.rules.eligibility import credits_needed
from core.rules.facts import Deferral, Participant
from core.rules.folding import progress_of
from core.rules.judged_leaves import results
from core.rules.ladder import Ladder
from core.rules.output_position import Position, current_output, judged_span, position
from core.rules.payments import worth
from core.rules.results import Credits, CriterionResult, OutputStanding, Standing
from core.rules.wording import share_of
from reference.pack import Pack


def standing(pack: Pack, participant: Participant, as_of: date) -> Standing:
    """Where a participant stands at the end of a London day, by every rule of the rulebook.

    `participant.course` and its cohorts are known to the pack (imports see to it).
    """
    ladder = Ladder(pack, progress_of(pack, participant))
    course = pack.courses[participant.course]
    current = current_output(ladder, as_of)
    removal = enrolment.removal_on(participant, as_of)
    proposed = removal.proposed_on if ladder.settings.removal else None
    deferral = enrolment.deferral_on(participant, as_of, as_of)
    asked = enrolment.deferral_asked(participant, as_of)
    cohort = enrolment.cohort_on(participant, as_of)
    return Standing(
        as_of=as_of,
        pack=pack.label,
        participant_id=participant.id,
        enrolment_id=participant.enrolment_id,
        name=participant.name,
        course=participant.course,
        course_identifier=course.identifier,
        course_group=course.group,
        cohort=cohort,
        delivery_partner=participant.delivery_partner,
        training_status=enrolment.training_status(participant, as_of),
        rescheduling_needed=enrolment.needs_rescheduling(participant, as_of),
        deferred_until=deferral.until if deferral else None,
        removal_proposed_on=proposed,
        removal_sides_approved=removal.sides_approved if proposed or removal.removed_on else (),
        outputs=tuple(_output(ladder, participant, o.number, as_of, current) for o in ladder.outputs),
        current_output=current,
        began_on=pack.first_day(participant.course, cohort, ladder.schedule(cohort)),
        may_return_from=deferral.may_end_from if deferral else None,
        back_since=enrolment.back_without_cohort(participant, as_of),
        deferral_asked=(asked.starts_on, asked.until) if asked else None,
        request_ended=enrolment.request_ended(participant, as_of),
        deferrals=enrolment.deferrals_recorded(participant, as_of),
    )


def _output(ladder: Ladder, participant: Participant, number: int, as_of: date, current: int | None) -> OutputStanding:
    spec = ladder.spec(number)
    at = position(ladder, number, as_of, current)
    tree = ladder.tree(number)
    blocked_by = ladder.blocked_by(number, as_of) if tree else None
    dates = ladder.dates(number, as_of)
    cut_off = dates.cut_off if dates else None
    met_on = ladder.met_on(number, as_of) if at.verdict == "met" else None
    found = OutputStanding(
        output=number,
        title=spec.title,
        kind=spec.kind,
        declaration_type=spec.declaration_type,
        cohort=at.cohort,
        review_date=at.review_date,
        window_ends=at.window_ends,
        deadline=at.deadline,
        invoice_date=at.invoice_date,
        cut_off=cut_off,
        in_time=_in_time(cut_off, at, met_on, as_of),
        verdict=at.verdict,
        met_on=met_on,
        payable=at.payable,
        papers_missing=at.papers_missing,
        declared=at.declared,
        declared_on=at.declared_on,
        stage=at.stage,
        baseline=ladder.baseline(number, as_of) if tree else None,
        blocked_by=blocked_by,
        tree=tree.criteria.tree if tree else None,
        criteria=_criteria(ladder, tree, number, as_of, blocked_by),
        credits=_credits(ladder, tree, number, as_of, blocked_by),
        warnings=(),
        next_steps=(),
        extensions=at.extensions,
        latest_extension=at.latest_extension,
        unanswered_contacts=at.unanswered_contacts,
        reached_on=_reached_on(participant, at, as_of),
        review_computed=dates is not None and dates.review_computed,
        deferral_ahead=_days(at, enrolment.deferral_ahead(participant, as_of)),
        deferral_asked=_days(at, enrolment.deferral_asked(participant, as_of)),
        worth=worth(ladder.pack, participant.course, at.cohort, number),
    )
    found = replace(found, gate=gates.gate_standing(ladder, participant, found, as_of))
    return advice.advised(ladder, participant, found, as_of)


def _in_time(cut_off: date | None, at: Position, met_on: date | None, as_of: date) -> bool | None:
    """Reading 36: whether the evidence was there by DfE's cut-off; while that is to come and it is not, nobody knows."""
    if cut_off is None or at.verdict == "not_defined":
        return None
    if met_on is not None:
        return met_on <= cut_off
    return False if as_of > cut_off and not at.declared else None


def _reached_on(participant: Participant, at: Position, as_of: date) -> date | None:
    """R40: the day of the last contact, unless nobody answered it."""
    return (
        None
        if at.unanswered_contacts
        else latest(c.contacted_on for c in participant.contacts if c.contacted_on <= as_of)
    )


def _days(at: Position, deferral: Deferral | None) -> tuple[date, date] | None:
    """R41: what has been agreed, or asked for, is told before it counts."""
    if deferral is None or at.declared or at.stage == "withdrawn":
        return None
    return deferral.starts_on, deferral.until


def _criteria(
    ladder: Ladder, tree: ReadyTree | None, number: int, as_of: date, blocked_by: int | None
) -> tuple[CriterionResult, ...]:
    """Every criterion with its own verdict; a blocked completion output's are judged as usual (reading 2).

    What counts only what is new can't be judged while it is not known from when on.
    """
    if tree is None:
        return ()
    waits = blocked_by is not None and ladder.spec(number).kind != "completion"
    asked = judged_span(ladder, number, as_of, blocked_by)
    return results(ladder, tree, asked, blocked_by, waits=waits)


def _credits(ladder: Ladder, tree: ReadyTree | None, number: int, as_of: date, blocked_by: int | None) -> Credits:
    """The credit figures of an output (R28-R30, readings 2 and 25); all None where nothing is defined."""
    if tree is None or not ladder.asks_for_credits:
        return Credits(None, None, None, None, None, asked=False)
    until = ladder.counted_until(number, as_of)
    earned = ladder.evidence.credits_on(until.toordinal())
    total = ladder.pack.totals[ladder.progress.course]
    share = tree.credit_share if ladder.spec(number).kind == "completion" else None
    if number == 1:
        at_baseline: int | None = 0
    else:
        baseline = ladder.baseline(number, as_of)
        at_baseline = None if baseline is None else ladder.evidence.credits_on(min(baseline, as_of).toordinal())
    return Credits(
        earned=earned,
        at_baseline=None if blocked_by else at_baseline,
        total=total,
        needed=credits_needed(share, total) if share and total is not None else None,
        percent=share_of(earned, total) if earned is not None and total else None,
    )
