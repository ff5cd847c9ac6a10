"""A deferral: away from the course from a day on, with an agreed return (R41, reading 13)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.rules.calendar import in_words
from core.rules.course_span import last_span
from core.rules.results import Standing
from core.services.acts.recording import (
    ActInProgress,
    Deed,
    Outcome,
    in_a_sentence,
    one_of,
    record,
    refuse,
    refuse_implausible,
)
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack

REASONS = ("bereavement", "long-term-sickness", "parental-leave", "career-break", "other")


def defer(
    installation: Installation,
    actor: Actor,
    participant_id: str,
    deed: Deed,
    *,
    starts_on: date,
    until: date,
    reason: str,
) -> Outcome:
    """Puts on deferral from a day on, with an agreed return. `reason` is one of `REASONS`."""

    def act(doing: ActInProgress) -> None:
        refuse_implausible(starts_on, "starts_on")
        refuse_implausible(until, "until")
        one_of(reason, REASONS, "reason")
        refuse(doing.useless(why_not))
        if until <= starts_on:
            raise Refusal(
                "until_not_after_from",
                "The agreed return must be later than the first day of the deferral.",
                field="until",
            )
        doing.doubt_before(starts_on, "starts_on")
        doing.doubt_beyond(starts_on, "starts_on")
        any_later_cohort = last_span(installation.pack, doing.before.course)  # they may rejoin any of them
        doing.doubt_beyond(until, "until", any_later_cohort)
        _warn(installation.pack, doing, until)
        told = f"Deferred from {in_words(starts_on)}, agreed return {in_words(until)}"
        doing.remember("deferral", told, starts_on=starts_on, until=until, reason=reason)
        doing.detail |= {"from": starts_on.isoformat(), "until": until.isoformat()}
        doing.said = f"{doing.name}: on deferral from {in_words(starts_on)}, agreed return {in_words(until)}."

    return record(installation, actor, "defer", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why no deferral could be recorded; see `recording.WhyNot`."""
    if "withdrawn" not in (before.training_status, today.training_status):
        return None
    name = in_a_sentence(before.name)
    return Refusal("withdrawn", f"{name} has been withdrawn and can't be deferred.", field="starts_on")


def _warn(pack: Pack, doing: ActInProgress, until: date) -> None:
    if until <= doing.deed.on:
        doing.warnings.append(f"The agreed return, {in_words(until)}, has passed already: record their return too.")
    if doing.before.training_status == "deferred":
        doing.warnings.append(f"{doing.name} was on deferral already; the agreed return is now {in_words(until)}.")
    if not any(output.declared for output in doing.before.outputs):
        doing.warnings.append(
            "DfE will refuse this deferral, because nothing has been declared for them yet. The way out: ask "
            f"{pack.lead_provider} to move them to a later cohort or schedule instead."
        )
