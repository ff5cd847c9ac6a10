"""What staff decide: extensions, contacts, deferrals, returns, removal, declarations, each with the rulebook's checks."""

from __future__ import annotations

from datetime import date

from core.derived.office import Office
from core.records import decisions
from core.rules import enrolment
from core.rules.calendar import days, in_words, london_day
from core.rules.results import OutputStanding, Standing
from core.rules.span import last_span
from core.services import why_not
from core.services.actors import Actor, may_still
from core.services.acts import Deed, Desk, Outcome, one_of, record, refuse, refuse_implausible
from core.services.enquiries import output_of
from core.services.refusals import Refusal

EXTENSION_REASONS = (
    "workload",
    "illness-or-absence",
    "school-circumstances",
    "technical-access",
    "event-missed",
    "other",
)
DEFERRAL_REASONS = ("bereavement", "long-term-sickness", "parental-leave", "career-break", "other")
CHANNELS = ("phone", "email", "text", "in-person")
OUTCOMES = ("no-answer", "reached")
SIDES = tuple(enrolment.SIDES)
VOTES = ("approve", "reject")
VOTE_PERMISSIONS = {"delivery_partner": "propose_removal", "lead_provider": "vote_removal"}


def extend(
    office: Office, actor: Actor, participant_id: str, deed: Deed, *, output: int, until: date, reason: str
) -> Outcome:
    """R39, reading 16: agrees a later deadline for an output. `reason` is one of `EXTENSION_REASONS`."""

    def act(desk: Desk) -> None:
        refuse_implausible(until, "until")
        one_of(reason, EXTENSION_REASONS, "reason")
        refuse(why_not.extend(office.pack, desk.before, desk.today, deed.on, output))
        by_now = output_of(desk.today, output)
        _refuse_too_soon(output_of(desk.before, output), by_now, until, deed.on)
        desk.doubt_beyond(until, "until")
        following = next((o for o in desk.before.outputs if o.output == output + 1), None)
        if following is not None and following.review_date is not None and until > following.review_date:
            desk.warnings.append(
                f"{in_words(until)} lies beyond the review date of Output {following.output}, "
                f"{in_words(following.review_date)}."
            )
        if by_now.extensions + 1 >= office.pack.settings.extensions_warn_from:
            desk.warnings.append(f"This is extension number {by_now.extensions + 1} for this output.")
        desk.remember("extension", output=output, until=until, reason=reason)
        desk.detail |= {"output": output, "until": until.isoformat()}
        desk.said = f"{desk.name}: the deadline for Output {output} is now {in_words(until)}."

    return record(office, actor, "extend", participant_id, deed, act)


def _refuse_too_soon(output: OutputStanding, by_now: OutputStanding, until: date, on: date) -> None:
    soonest = max(output.deadline or on, by_now.deadline or on, on) + days(1)
    if until < soonest:
        raise Refusal(
            "not_later",
            f"The new deadline must be later than {in_words(soonest - days(1))}; "
            f"please choose {in_words(soonest)} or a later day.",
            field="until",
        )


def contact(office: Office, actor: Actor, participant_id: str, deed: Deed, *, channel: str, outcome: str) -> Outcome:
    """R40, R42: logs a contact attempt. `channel` is one of `CHANNELS`, `outcome` one of `OUTCOMES`."""

    def act(desk: Desk) -> None:
        one_of(channel, CHANNELS, "channel")
        one_of(outcome, OUTCOMES, "outcome")
        desk.remember("contact", channel=channel, outcome=outcome)
        desk.detail |= {"channel": channel, "outcome": outcome}
        answer = "reached them" if outcome == "reached" else "no answer"
        desk.said = f"{desk.name}: contact {decisions.WAYS[channel]} on {in_words(deed.on)} logged, {answer}."

    return record(office, actor, "contact", participant_id, deed, act)


def defer(
    office: Office, actor: Actor, participant_id: str, deed: Deed, *, starts_on: date, until: date, reason: str
) -> Outcome:
    """R41, reading 13: puts on deferral from a day on, with an agreed return. `reason` is one of `DEFERRAL_REASONS`."""

    def act(desk: Desk) -> None:
        refuse_implausible(starts_on, "starts_on")
        refuse_implausible(until, "until")
        one_of(reason, DEFERRAL_REASONS, "reason")
        name = desk.name
        refuse(why_not.defer(office.pack, desk.before, desk.today, deed.on))
        if until <= starts_on:
            raise Refusal(
                "until_not_after_from",
                "The agreed return must be later than the first day of the deferral.",
                field="until",
            )
        desk.doubt_before(starts_on, "starts_on")
        desk.doubt_beyond(starts_on, "starts_on")
        desk.doubt_beyond(
            until, "until", last_span(office.pack, desk.before.course)
        )  # they may rejoin any later cohort
        if until <= deed.on:
            desk.warnings.append(f"The agreed return, {in_words(until)}, has passed already: record their return too.")
        if desk.before.training_status == "deferred":
            desk.warnings.append(f"{name} was on deferral already; the agreed return is now {in_words(until)}.")
        if not any(output.declared for output in desk.before.outputs):
            desk.warnings.append(
                "DfE will refuse this deferral, because nothing has been declared for them yet. The way out: ask "
                f"{office.pack.lead_provider} to move them to a later cohort or schedule instead."
            )
        desk.remember("deferral", starts_on=starts_on, until=until, reason=reason)
        desk.detail |= {"from": starts_on.isoformat(), "until": until.isoformat()}
        desk.said = f"{name}: on deferral from {in_words(starts_on)}, agreed return {in_words(until)}."

    return record(office, actor, "defer", participant_id, deed, act)


def resume(office: Office, actor: Actor, participant_id: str, deed: Deed, *, cohort: int | None = None) -> Outcome:
    """R37, readings 13, 14 and 29: back from deferral, into a cohort when it is agreed."""

    def act(desk: Desk) -> None:
        before = desk.before
        refuse(why_not.resume(office.pack, before, desk.today, deed.on))
        if cohort is not None:
            _refuse_cohort(office, before, cohort)
            _refuse_before_their_return(desk)
        elif before.rescheduling_needed or desk.today.rescheduling_needed:
            raise Refusal(
                "cohort_needed",
                f"{desk.name} is back from deferral already; please choose the cohort they rejoin.",
                field="cohort",
            )
        else:
            desk.warnings.append(
                "Until a cohort to rejoin is recorded, their review dates are not known (rescheduling needed)."
            )
        desk.remember("resumption", cohort=cohort)
        desk.detail |= {"cohort": cohort}
        into = f" in cohort {cohort}" if cohort is not None else ""
        desk.said = f"{desk.name}: back from deferral on {in_words(deed.on)}{into}."

    return record(office, actor, "resume", participant_id, deed, act)


def _refuse_before_their_return(desk: Desk) -> None:
    """Reading 29: a cohort that is dated before the return for which it is agreed would end no need."""
    waiting = [r.resumed_on for r in desk.participant.resumptions if r.cohort is None]
    if desk.today.rescheduling_needed and waiting and desk.deed.on < max(waiting):
        since = in_words(max(waiting))
        raise Refusal(
            "before_return",
            f"{desk.name} has been back since {since}: please give that day or a later one.",
            field="on",
        )


def _refuse_cohort(office: Office, before: Standing, cohort: int) -> None:
    known = office.pack.cohorts.get(cohort)
    if known is None:
        listed = ", ".join(str(number) for number in sorted(office.pack.cohorts))
        raise Refusal("unknown_cohort", f"There is no cohort {cohort}; the cohorts are {listed}.", field="cohort")
    if before.course not in known.courses:
        raise Refusal("not_offered", f"{before.course} is not offered in cohort {cohort}.", field="cohort")


def remove(office: Office, actor: Actor, participant_id: str, deed: Deed, *, side: str, decision: str) -> Outcome:
    """R42, R43, reading 15: one side proposes, approves or rejects removal; nobody is withdrawn by one side alone."""

    def act(desk: Desk) -> None:
        before, who = desk.before, enrolment.SIDES[side]
        useless = why_not.remove(office.pack, before, desk.today, deed.on)
        open_now = enrolment.removal_on(desk.participant, london_day(deed.now))
        if decision == "reject":
            _refuse_rejection(desk, useless)
            desk.said = f"{desk.name}: {who} rejected removal; they stay on the course."
        else:
            refuse(useless or why_not.approve(before))
            _refuse_approval(desk, side, open_now)
            if open_now.proposed_on is None:
                if before.current is not None and before.current.stage != "removal_review":
                    desk.warnings.append("They had not reached the stage at which removal may be considered.")
                desk.said = f"{desk.name}: {who} proposed removal; the other side has yet to decide."
            else:
                desk.said = f"{desk.name}: both sides approved; they are withdrawn from the course."
        desk.remember("removal_vote", side=side, decision=decision, staff_id=actor.staff_id)
        desk.detail |= {"side": side, "decision": decision}

    one_of(side, SIDES, "side")
    one_of(decision, VOTES, "decision")
    return record(office, actor, VOTE_PERMISSIONS[side], participant_id, deed, act)


def _refuse_rejection(desk: Desk, useless: Refusal | None) -> None:
    if useless is not None and useless.code == "already_withdrawn":
        raise useless
    if not why_not.may_reject(desk.before, desk.today):
        raise Refusal("no_open_proposal", f"There is no open proposal to remove {desk.name}.", field="decision")


def _refuse_approval(desk: Desk, side: str, open_now: enrolment.Removal) -> None:
    if side in open_now.sides_approved:
        who = enrolment.SIDES[side]
        raise Refusal("already_approved", f"{who[:1].upper()}{who[1:]} has approved this already.", field="side")
    if open_now.proposed_on is None:
        return
    first = decisions.last_removal_vote(desk.session, desk.participant.id)
    assert first is not None, "an open proposal has a vote"
    chosen = desk.deed.by or (desk.actor.name if desk.actor.platform else None)
    same_account = first.staff_id is not None and first.staff_id == desk.actor.staff_id  # whatever they are called now
    if same_account or (chosen is not None and chosen.casefold() == first.by.casefold()):
        raise Refusal("same_person", "The two sides' decisions must be made by two different people.", field="side")
    if first.staff_id is not None and not may_still(
        desk.session, first.staff_id, VOTE_PERMISSIONS[first.side], desk.participant.delivery_partner
    ):
        raise Refusal(
            "vote_void",
            f"The approval by {first.by} no longer counts, because they may no longer decide for {enrolment.SIDES[first.side]}. "
            "Please reject the proposal, and propose it anew if it is still meant.",
            field="decision",
        )


def declare(
    office: Office,
    actor: Actor,
    participant_id: str,
    deed: Deed,
    *,
    output: int,
    cutoff: date | None = None,
) -> Outcome:
    """R5, R19, reading 17: records what the lead provider declared on `deed.on`, with the last day of evidence it used."""

    def act(desk: Desk) -> None:
        if cutoff is not None:
            refuse_implausible(cutoff, "cutoff")
        looked_at = output_of(desk.before, output)
        live = decisions.live_declaration(desk.session, participant_id, output)
        if live is not None:
            raise Refusal(
                "already_declared",
                f"Output {output} of {desk.name} was declared on {in_words(live)} already.",
                field="output",
            )
        if cutoff is not None and cutoff > deed.on:
            raise Refusal(
                "cutoff_after_declaration", "The evidence cut-off can't lie after the declaration.", field="cutoff"
            )
        if cutoff is not None:
            desk.doubt_before(cutoff, "cutoff")
        if looked_at.blocked_by is not None:
            desk.warnings.append(f"Output {looked_at.blocked_by} is neither declared nor met: please check the order.")
        elif looked_at.verdict not in ("met", "not_defined"):
            desk.warnings.append("The evidence held here does not show this output as met.")
        decisions.set_declaration(
            desk.session, participant_id, output=output, declared_on=deed.on, evidence_cutoff=cutoff
        )
        desk.change.facts([participant_id])
        desk.remember("declaration", output=output, until=cutoff)
        desk.detail |= {"output": output, "cutoff": cutoff.isoformat() if cutoff else None}
        desk.said = f"{desk.name}: Output {output} declared on {in_words(deed.on)}."

    return record(office, actor, "declare", participant_id, deed, act)
