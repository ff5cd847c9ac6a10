"""A deferral: away from the course from a day on, with an agreed return, as far as the pack allows it (R41, readings 13 and 37)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.records.decisions import ASKED
from core.rules import deferral_policy
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
from reference.pack import DEFERRAL_REASONS, Pack

REASONS = DEFERRAL_REASONS


def defer(
    installation: Installation,
    actor: Actor,
    participant_id: str,
    deed: Deed,
    *,
    starts_on: date,
    until: date,
    reason: str | None = None,
) -> Outcome:
    """Puts on deferral from a day on, with an agreed return; or asks for it, where the lead provider confirms.

    `reason` is one of `REASONS` that the pack offers, and may be left out where the pack says so.
    """

    def act(doing: ActInProgress) -> None:
        pack = doing.pack
        refuse_implausible(starts_on, "starts_on")
        refuse_implausible(until, "until")
        _refuse_reason(pack, reason)
        refuse(doing.useless(why_not))
        if until <= starts_on:
            raise Refusal(
                "until_not_after_from",
                "The agreed return must be later than the first day of the deferral.",
                field="until",
            )
        _refuse_beginning(doing, starts_on)
        _refuse_length(doing, starts_on, until)
        _refuse_return(doing, starts_on, until)
        doing.doubt_before(starts_on, "starts_on")
        doing.doubt_beyond(starts_on, "starts_on")
        any_later_cohort = last_span(pack, doing.before.course)  # they may rejoin any of them
        doing.doubt_beyond(until, "until", any_later_cohort)
        _warn(pack, doing, until)
        asked = pack.deferral.confirmed_by_lead_provider
        period = f"from {in_words(starts_on)}, agreed return {in_words(until)}"
        told = f"Deferral asked for {period}" if asked else f"Deferred {period}"
        decision = ASKED if asked else None
        doing.remember("deferral", told, starts_on=starts_on, until=until, reason=reason, decision=decision)
        doing.detail |= {"from": starts_on.isoformat(), "until": until.isoformat()} | ({"asked": 1} if asked else {})
        doing.said = f"{doing.name}: on deferral {period}."
        if asked:
            waits = f"it counts once {pack.lead_provider} has confirmed it"
            doing.said = f"{doing.name}: a deferral is asked for {period}; {waits}."

    return record(installation, actor, "defer", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why no deferral could be recorded; see `recording.WhyNot`."""
    name, most = in_a_sentence(before.name), pack.deferral.how_many
    if "withdrawn" in (before.training_status, today.training_status):
        return Refusal("withdrawn", f"{name} has been withdrawn and can't be deferred.", field="starts_on")
    if today.deferral_asked is not None:
        asked = " to ".join(map(in_words, today.deferral_asked))
        return Refusal(
            "already_asked",
            f"A deferral of {name} is asked for already, from {asked}; another can be once {pack.lead_provider} has confirmed "
            "or declined it.",
            field="starts_on",
        )
    if most is not None and today.deferrals >= most:
        recorded = "a deferral already" if today.deferrals == 1 else f"{today.deferrals} deferrals already"
        allowed = "only one is" if most == 1 else f"only {most} are"
        return Refusal(
            "too_many",
            f"{name} has {recorded}, and {allowed} allowed on a course; ask {pack.lead_provider} what else can be done.",
            field="starts_on",
        )
    return None


def _refuse_reason(pack: Pack, reason: str | None) -> None:
    policy = pack.deferral
    if reason is None:
        if policy.reason_needed:
            given = ", ".join(policy.offered)
            raise Refusal("reason_needed", f"Please give a reason: one of {given}.", field="reason")
        return
    if reason not in REASONS:
        one_of(reason, policy.offered, "reason")
    if reason not in policy.reasons:
        offered = ", ".join(policy.offered)
        left_out = "" if policy.reason_needed else ", or leave the reason out"
        raise Refusal(
            "reason_not_offered",
            f"Deferrals for “{reason}” are not offered here; please choose one of {offered}{left_out}.",
            field="reason",
        )


def _refuse_beginning(doing: ActInProgress, starts_on: date) -> None:
    pack, before = doing.pack, doing.before
    if deferral_policy.may_begin(pack, before, starts_on):
        return
    earlier = deferral_policy.last_beginning(pack, before, starts_on)
    if earlier is not None and before.began_on is not None and earlier < before.began_on:
        earlier = None  # they were on no course yet
    later = deferral_policy.next_beginning(pack, before, starts_on)
    begins = f"A deferral can't begin on {in_words(starts_on)}"
    if earlier is None and later is not None:
        raise Refusal("too_early", f"{begins}: please give {in_words(later)} or a later day.", field="starts_on")
    ways = [f"give {in_words(earlier)} or an earlier day"] if earlier is not None else []
    ways += [f"give {in_words(later)} or a later one"] if later is not None else []
    ways += [f"ask {pack.lead_provider} what else can be done"]
    raise Refusal("too_late", f"{begins}: please {', or '.join(ways)}.", field="starts_on")


def _refuse_length(doing: ActInProgress, starts_on: date, until: date) -> None:
    latest, last = (
        deferral_policy.longest_until(doing.pack, starts_on),
        deferral_policy.last_return(doing.pack, doing.before),
    )
    if last is not None and last <= starts_on:
        return  # no length would do
    if latest is not None and until > latest:
        latest = min(latest, last or latest)
        raise Refusal(
            "too_long",
            f"A deferral lasts {longest_words(doing.pack)} at most: please agree a return on {in_words(latest)} or earlier.",
            field="until",
        )


def longest_words(pack: Pack) -> str:
    """How long a deferral may last: "12 months"."""
    policy = pack.deferral
    count, unit = (policy.longest_days, "day") if policy.longest_days is not None else (policy.longest_months, "month")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _refuse_return(doing: ActInProgress, starts_on: date, until: date) -> None:
    latest = deferral_policy.last_return(doing.pack, doing.before)
    if latest is not None and until > latest:
        way = "agree that day or an earlier one" if starts_on < latest else "give an earlier first day and return"
        raise Refusal(
            "return_too_late",
            f"The last day on which {doing.name} can return is {in_words(latest)}: please {way}, or ask "
            f"{doing.pack.lead_provider} what else can be done.",
            field="until",
        )


def _warn(pack: Pack, doing: ActInProgress, until: date) -> None:
    if until <= doing.deed.on:
        doing.warnings.append(f"The agreed return, {in_words(until)}, has passed already: record their return too.")
    if doing.before.training_status == "deferred":
        now = "would be" if pack.deferral.confirmed_by_lead_provider else "is now"
        doing.warnings.append(f"{doing.name} was on deferral already; the agreed return {now} {in_words(until)}.")
    if not any(output.declared for output in doing.before.outputs):
        doing.warnings.append(
            "DfE will refuse this deferral, because nothing has been declared for them yet. The way out: ask "
            f"{pack.lead_provider} to move them to a later cohort or schedule instead."
        )
