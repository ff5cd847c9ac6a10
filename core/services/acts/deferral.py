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

    def act(desk: ActInProgress) -> None:
        refuse_implausible(starts_on, "starts_on")
        refuse_implausible(until, "until")
        one_of(reason, REASONS, "reason")
        refuse(desk.useless(why_not))
        if until <= starts_on:
            raise Refusal(
                "until_not_after_from",
                "The agreed return must be later than the first day of the deferral.",
                field="until",
            )
        desk.doubt_before(starts_on, "starts_on")
        desk.doubt_beyond(starts_on, "starts_on")
        any_later_cohort = last_span(installation.pack, desk.before.course)  # they may rejoin any of them
        desk.doubt_beyond(until, "until", any_later_cohort)
        _warn(installation.pack, desk, until)
        told = f"Deferred from {in_words(starts_on)}, agreed return {in_words(until)}"
        desk.remember("deferral", told, starts_on=starts_on, until=until, reason=reason)
        desk.detail |= {"from": starts_on.isoformat(), "until": until.isoformat()}
        desk.said = f"{desk.name}: on deferral from {in_words(starts_on)}, agreed return {in_words(until)}."

    return record(installation, actor, "defer", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why no deferral could be recorded; see `recording.WhyNot`."""
    if "withdrawn" not in (before.training_status, today.training_status):
        return None
    name = in_a_sentence(before.name)
    return Refusal("withdrawn", f"{name} has been withdrawn and can't be deferred.", field="starts_on")


def _warn(pack: Pack, desk: ActInProgress, until: date) -> None:
    if until <= desk.deed.on:
        desk.warnings.append(f"The agreed return, {in_words(until)}, has passed already: record their return too.")
    if desk.before.training_status == "deferred":
        desk.warnings.append(f"{desk.name} was on deferral already; the agreed return is now {in_words(until)}.")
    if not any(output.declared for output in desk.before.outputs):
        desk.warnings.append(
            "DfE will refuse this deferral, because nothing has been declared for them yet. The way out: ask "
            f"{pack.lead_provider} to move them to a later cohort or schedule instead."
        )
