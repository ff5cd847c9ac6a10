"""Removal: one side proposes, approves or rejects it; nobody is withdrawn by one side alone (R42, R43, reading 15)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.records import decisions
from core.rules import enrolment
from core.rules.calendar import london_day
from core.rules.results import Standing
from core.services.acts.recording import ActInProgress, Deed, Outcome, in_a_sentence, one_of, record, refuse
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, may_still
from reference.pack import Pack

SIDES = tuple(enrolment.SIDES)
VOTES = ("approve", "reject")
PERMISSIONS = {"delivery_partner": "propose_removal", "lead_provider": "vote_removal"}  # by side

_SAID_OF = {"delivery_partner": "Delivery Partner", "lead_provider": "Lead provider"}


def remove(
    installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, side: str, decision: str
) -> Outcome:
    """One side proposes, approves or rejects removal. `side` is one of `SIDES`, `decision` one of `VOTES`."""

    def act(doing: ActInProgress) -> None:
        before, who = doing.before, enrolment.SIDES[side]
        useless = doing.useless(why_not)
        open_now = enrolment.removal_on(doing.participant, london_day(deed.now))
        if decision == "reject":
            _refuse_rejection(doing, useless)
            doing.said = f"{doing.name}: {who} rejected removal; they stay on the course."
        else:
            refuse(useless or _why_not_approve(before))
            _refuse_approval(doing, side, open_now)
            if open_now.proposed_on is None:
                if before.current is not None and before.current.stage != "removal_review":
                    doing.warnings.append("They had not reached the stage at which removal may be considered.")
                doing.said = f"{doing.name}: {who} proposed removal; the other side has yet to decide."
            else:
                doing.said = f"{doing.name}: both sides approved; they are withdrawn from the course."
        told = f"{_SAID_OF[side]}: removal {'approved' if decision == 'approve' else 'rejected'}"
        doing.remember("removal_vote", told, side=side, decision=decision, staff_id=actor.staff_id)
        doing.detail |= {"side": side, "decision": decision}

    one_of(side, SIDES, "side")
    one_of(decision, VOTES, "decision")
    return record(installation, actor, PERMISSIONS[side], participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why no vote would do: an open proposal can at least be rejected; else there must be something to remove them for."""
    # a vote may be dated back; what counts is what has been decided by now
    if "withdrawn" in (before.training_status, today.training_status):
        return Refusal("already_withdrawn", f"{in_a_sentence(before.name)} has been withdrawn already.")
    if not pack.settings_of(before.course_group).removal:
        return Refusal(
            "removal_off",
            f"By {pack.lead_provider}'s rules nobody is removed from {pack.group_name(before.course_group)}. Offer "
            f"{in_a_sentence(before.name)} support or a deferral; whoever leaves is withdrawn in the participants file.",
            field="decision",
        )
    return None if _may_reject(before, today) else _why_not_approve(before)


def _why_not_approve(before: Standing) -> Refusal | None:
    """Why nobody's approval of a removal would do."""
    name = in_a_sentence(before.name)
    if before.current is None:
        return Refusal("all_declared", f"Every output of {name} has been declared.", field="decision")
    if before.current.verdict == "met":
        return Refusal(
            "already_met", f"{name} has met Output {before.current_output} since; removal no longer applies."
        )
    return None


def _may_reject(before: Standing, today: Standing) -> bool:
    """Whether a proposal to remove is open: by now, and on the day of the vote."""
    return before.removal_proposed_on is not None and today.removal_proposed_on is not None


def _refuse_rejection(doing: ActInProgress, useless: Refusal | None) -> None:
    if useless is not None and useless.code in ("already_withdrawn", "removal_off"):
        raise useless
    if not _may_reject(doing.before, doing.today):
        raise Refusal("no_open_proposal", f"There is no open proposal to remove {doing.name}.", field="decision")


def _refuse_approval(doing: ActInProgress, side: str, open_now: enrolment.Removal) -> None:
    if side in open_now.sides_approved:
        who = enrolment.SIDES[side]
        raise Refusal("already_approved", f"{who[:1].upper()}{who[1:]} has approved this already.", field="side")
    if open_now.proposed_on is None:
        return
    first = decisions.last_removal_vote(doing.session, doing.participant.enrolment_id)
    assert first is not None, "an open proposal has a vote"
    chosen = doing.deed.by or (doing.actor.name if doing.actor.platform else None)
    same_account = first.staff_id is not None and first.staff_id == doing.actor.staff_id  # whatever they are called now
    if same_account or (chosen is not None and chosen.casefold() == first.by.casefold()):
        raise Refusal("same_person", "The two sides' decisions must be made by two different people.", field="side")
    if first.staff_id is not None and not may_still(
        doing.session, first.staff_id, PERMISSIONS[first.side], doing.participant.delivery_partner
    ):
        raise Refusal(
            "vote_void",
            f"The approval by {first.by} no longer counts, because they may no longer decide for {enrolment.SIDES[first.side]}. "
            "Please reject the proposal, and propose it anew if it is still meant.",
            field="decision",
        )
