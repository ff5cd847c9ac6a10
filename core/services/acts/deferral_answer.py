"""The lead provider's word on a deferral that was asked for: confirmed it counts, declined it counts for nothing (reading 37)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.rules import enrolment
from core.rules.calendar import in_words, london_day
from core.rules.results import Standing
from core.services.acts.recording import ActInProgress, Deed, Outcome, in_a_sentence, one_of, record, refuse
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack

ANSWERS = ("confirm", "decline")

_SAID = {"confirm": "confirmed", "decline": "declined"}
_NOTHING_LEFT = "there is nothing left to decide."


def answer_deferral(
    installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, answer: str
) -> Outcome:
    """Confirms or declines the deferral that waits. `answer` is one of `ANSWERS`."""

    def act(doing: ActInProgress) -> None:
        refuse(doing.useless(why_not))
        asked = enrolment.deferral_asked(doing.participant, london_day(deed.now))
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
            withdrawn = doing.today.training_status == "withdrawn"
            stays = "they have been withdrawn already" if withdrawn else "they stay on the course as before"
            doing.said = f"{doing.name}: the deferral is declined; {stays}."
        doing.remember("deferral_answer", told, decision=answer, staff_id=actor.staff_id)
        doing.detail |= {"answer": answer, "from": asked.starts_on.isoformat(), "until": asked.until.isoformat()}

    one_of(answer, ANSWERS, "answer")
    return record(installation, actor, "answer_deferral", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why there is nothing to confirm or decline, and what became of the last deferral that was asked for."""
    if today.deferral_asked is not None:
        return None
    name, ended = in_a_sentence(before.name), today.request_ended
    if ended is None:
        way = "ask for one first (defer)."
        if not pack.deferral.confirmed_by_lead_provider:
            way = "here a deferral counts as soon as it is recorded (defer)."
        return Refusal("no_open_request", f"No deferral of {name} waits to be confirmed; {way}")
    if ended.how == "returned":
        since = f"{name} has been back since {in_words(ended.on)}"
        asked = f"was {_SAID[ended.answer]}" if ended.answer else "was asked for"
        return Refusal("returned", f"{since}, after this deferral {asked}: {_NOTHING_LEFT}", field="answer")
    said = f"The deferral of {name} was {ended.how} on {in_words(ended.on)}: {_NOTHING_LEFT}"
    return Refusal(f"already_{ended.how}", said, field="answer")
