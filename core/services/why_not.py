"""Why an act would be of no use, whatever were filled in: asked by button, form and service alike. None where it would be.

`before` is the standing on the act's own day, `day`; `today` is the one by now, since an act may be dated back and later ones
count all the same. What depends on the values, or on whose vote it is, the act itself refuses. A contact can always be logged.
"""

from __future__ import annotations

from datetime import date

from core.rules.calendar import days, in_words
from core.rules.results import Standing
from core.services.acts import in_a_sentence
from core.services.enquiries import output_of
from core.services.refusals import Refusal
from reference.pack import Pack

WITHDRAWN = "withdrawn"


def extend(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """R39, R37; of the output with this number."""
    name, output, by_now = in_a_sentence(before.name), output_of(before, number), output_of(today, number)
    if WITHDRAWN in (output.stage, by_now.stage):
        return Refusal("withdrawn", f"{name} has been withdrawn, so there is nothing to extend.", field="output")
    if output.declared or by_now.declared:
        return Refusal(
            "already_declared",
            f"Output {output.output} has been declared for {name}; no extension is needed.",
            field="output",
        )
    if output.stage == "not_defined" or output.review_date is None or output.deadline is None:
        return Refusal(
            "not_defined", f"Output {output.output} has no review date yet, so it can't be extended.", field="output"
        )
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
    earliest = output.review_date - days(pack.settings.extension_earliest_before)
    if day < earliest:
        return Refusal(
            "too_early",
            f"An extension can be agreed from {in_words(earliest)} on, "
            f"{pack.settings.extension_earliest_before} days before the review date.",
            field="until",
        )
    return None


def defer(pack: Pack, before: Standing, today: Standing, day: date) -> Refusal | None:
    """R41."""
    if WITHDRAWN not in (before.training_status, today.training_status):
        return None
    name = in_a_sentence(before.name)
    return Refusal("withdrawn", f"{name} has been withdrawn and can't be deferred.", field="starts_on")


def resume(pack: Pack, before: Standing, today: Standing, day: date) -> Refusal | None:
    """R37, reading 29: also somebody who is back already, until the cohort they rejoin is recorded."""
    name = in_a_sentence(before.name)
    if WITHDRAWN in (before.training_status, today.training_status):
        return Refusal("withdrawn", f"{name} has been withdrawn and can't be brought back here.")
    if before.training_status != "deferred" and not before.rescheduling_needed:
        return Refusal("not_deferred", f"{name} is not on deferral on {in_words(day)}.")
    return None


def remove(pack: Pack, before: Standing, today: Standing, day: date) -> Refusal | None:
    """R43: an open proposal can at least be rejected; where there is none, there must be something to remove them for."""
    # a vote may be dated back; what counts is what has been decided by now
    if WITHDRAWN in (before.training_status, today.training_status):
        return Refusal("already_withdrawn", f"{in_a_sentence(before.name)} has been withdrawn already.")
    return None if may_reject(before, today) else approve(before)


def approve(before: Standing) -> Refusal | None:
    """Why nobody's approval of a removal would do."""
    name = in_a_sentence(before.name)
    if before.current is None:
        return Refusal("all_declared", f"Every output of {name} has been declared.", field="decision")
    if before.current.verdict == "met":
        return Refusal(
            "already_met", f"{name} has met Output {before.current_output} since; removal no longer applies."
        )
    return None


def may_reject(before: Standing, today: Standing) -> bool:
    """Whether a proposal to remove is open: by now, and on the day of the vote."""
    return before.removal_proposed_on is not None and today.removal_proposed_on is not None
