"""An extension: a later deadline for one output (R39, R37, reading 16)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.rules.calendar import days, in_words
from core.rules.results import OutputStanding, Standing
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
from core.services.enquiries import output_of
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack

REASONS = (
    "workload",
    "illness-or-absence",
    "school-circumstances",
    "technical-access",
    "event-missed",
    "other",
)


def extend(
    installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, output: int, until: date, reason: str
) -> Outcome:
    """Agrees a later deadline for an output. `reason` is one of `REASONS`."""

    def act(doing: ActInProgress) -> None:
        refuse_implausible(until, "until")
        one_of(reason, REASONS, "reason")
        refuse(doing.useless(why_not, output))
        by_now = output_of(doing.today, output)
        _refuse_too_soon(output_of(doing.before, output), by_now, until, deed.on)
        doing.doubt_beyond(until, "until")
        following = next((o for o in doing.before.outputs if o.output == output + 1), None)
        if following is not None and following.review_date is not None and until > following.review_date:
            doing.warnings.append(
                f"{in_words(until)} lies beyond the review date of Output {following.output}, "
                f"{in_words(following.review_date)}."
            )
        if by_now.extensions + 1 >= installation.pack.settings_of(doing.today.course_group).extensions_warn_from:
            doing.warnings.append(f"This is extension number {by_now.extensions + 1} for this output.")
        told = f"Output {output} extended to {in_words(until)}"
        doing.remember("extension", told, output=output, until=until, reason=reason)
        doing.detail |= {"output": output, "until": until.isoformat()}
        doing.said = f"{doing.name}: the deadline for Output {output} is now {in_words(until)}."

    return record(installation, actor, "extend", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why no later deadline could be agreed for the output with this number; see `recording.WhyNot`."""
    name, output, by_now = in_a_sentence(before.name), output_of(before, number), output_of(today, number)
    settings = pack.settings_of(before.course_group)
    if not settings.extensions:
        return Refusal(
            "extensions_off",
            f"By {pack.lead_provider}'s rules no extension is given on {pack.group_name(before.course_group)}. "
            f"Offer {name} support, and record a deferral if that helps.",
            field="output",
        )
    if "withdrawn" in (output.stage, by_now.stage):
        return Refusal("withdrawn", f"{name} has been withdrawn, so there is nothing to extend.", field="output")
    if output.declared or by_now.declared:
        return Refusal(
            "already_declared",
            f"Output {output.output} has been declared for {name}; no extension is needed.",
            field="output",
        )
    if output.stage == "not_defined" or output.review_date is None:
        code = "not_defined" if output.verdict == "not_defined" else "not_scheduled"
        return Refusal(code, f"Output {output.output} has no review date yet, so it can't be extended.", field="output")
    if output.verdict == "met":
        return Refusal("already_met", f"{name} has met Output {output.output}; no extension is needed.", field="output")
    if before.training_status == "deferred" or output.verdict == "exempt":
        return Refusal("on_deferral", f"{name} is on deferral; an extension is for people who are not.", field="output")
    if today.rescheduling_needed:
        return Refusal(
            "rescheduling_needed",
            f"{name} is back from deferral and needs a new cohort: agree the cohort first and record it with Record return; "
            "then their deadline can be extended.",
            field="output",
        )
    earliest = output.review_date - days(settings.extension_earliest_before)
    if day < earliest:
        return Refusal(
            "too_early",
            f"An extension can be agreed from {in_words(earliest)} on, "
            f"{settings.extension_earliest_before} days before the review date.",
            field="until",
        )
    return None


def _refuse_too_soon(output: OutputStanding, by_now: OutputStanding, until: date, on: date) -> None:
    soonest = max(output.in_time_until or on, by_now.in_time_until or on, on) + days(1)
    if until < soonest:
        raise Refusal(
            "not_later",
            f"The new deadline must be later than {in_words(soonest - days(1))}; "
            f"please choose {in_words(soonest)} or a later day.",
            field="until",
        )
