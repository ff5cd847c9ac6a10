"""The lead provider's word on a deferral that was asked for: confirmed it counts, declined it counts for nothing (reading 37)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.rules import enrolment
from core.rules.calendar import in_words, london_day
from core.rules.facts import DeferralRequest
from core.rules.results import Standing
from core.services.acts.recording import ActInProgress, Deed, Outcome, in_a_sentence, one_of, record, refuse
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack

ANSWERS = ("confirm", "decline")

_SAID = {"confirm": "confirmed", "decline": "declined"}


def answer_deferral(
    installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, answer: str
) -> Outcome:
    """Confirms or declines the deferral that waits. `answer` is one of `ANSWERS`."""

    def act(doing: ActInProgress) -> None:
        asked = enrolment.deferral_asked(doing.participant, london_day(deed.now))
        if asked is None:
            _refuse_none_open(doing)
        refuse(doing.useless(why_not))
        assert asked is not None, "somebody without one is refused"
        if deed.on < asked.decided_on:
            raise Refusal(
                "before_request",
                f"This deferral was asked for on {in_words(asked.decided_on)}: please give that day or a later one.",
                field="on",
            )
        if answer == "confirm" and "withdrawn" in (doing.before.training_status, doing.today.training_status):
            raise Refusal("withdrawn", f"{doing.name} has been withdrawn: please decline it instead.", field="answer")
        period = f"from {in_words(asked.starts_on)}, agreed return {in_words(asked.until)}"
        if answer == "confirm":
            if asked.until <= deed.on:
                passed = f"The agreed return, {in_words(asked.until)}, has passed already: record their return too."
                doing.warnings.append(passed)
            told = f"Lead provider: deferral confirmed, {period}"
            doing.said = f"{doing.name}: the deferral is confirmed, {period}."
        else:
            told = "Lead provider: deferral declined"
            doing.said = f"{doing.name}: the deferral is declined; they stay on the course as before."
        doing.remember("deferral_answer", told, decision=answer, staff_id=actor.staff_id)
        doing.detail |= {"answer": answer, "from": asked.starts_on.isoformat(), "until": asked.until.isoformat()}

    one_of(answer, ANSWERS, "answer")
    return record(installation, actor, "answer_deferral", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why there is nothing to confirm or decline."""
    if today.deferral_asked is not None:
        return None
    name = in_a_sentence(before.name)
    said = f"No deferral of {name} waits to be confirmed; ask for one first (defer)."
    if not pack.deferral.confirmed_by_lead_provider:
        said = f"No deferral of {name} waits to be confirmed: one that is recorded (defer) counts at once."
    return Refusal("no_open_request", said)


def _refuse_none_open(doing: ActInProgress) -> None:
    """Says what became of the last one that was asked for, where there was one."""
    requests = doing.participant.deferral_requests
    if not requests:
        return
    last, back = requests[-1], _back_since(doing, requests[-1])
    if back is not None:
        asked = f"was {_SAID[last.answer]}" if last.answer else "was asked for"
        raise Refusal(
            "returned",
            f"{doing.name} has been back since {in_words(back)}, after this deferral {asked}; please record a new one if they "
            "go away again.",
            field="answer",
        )
    if last.answer and last.answered_on:
        said = _SAID[last.answer]
        raise Refusal(
            f"already_{said}",
            f"The deferral of {doing.name} was {said} on {in_words(last.answered_on)}; there is nothing left to decide.",
            field="answer",
        )


def _back_since(doing: ActInProgress, request: DeferralRequest) -> date | None:
    """The day of the return that ended what was asked for; None while there is none, and where it was declined."""
    if request.answer == "decline":
        return None
    asked = request.asked
    back = [
        r.resumed_on
        for r in doing.participant.resumptions
        if r.order > asked.order and r.resumed_on >= asked.starts_on and r.resumed_on <= london_day(doing.deed.now)
    ]
    return min(back, default=None)
