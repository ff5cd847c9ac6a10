"""A return from deferral, into a cohort when it is agreed (R37, readings 13, 14 and 29)."""

from __future__ import annotations

from datetime import date

from core.derived.installation import Installation
from core.rules.calendar import in_words
from core.rules.deferral_policy import cohorts_to_rejoin
from core.rules.results import Standing
from core.services.acts.recording import ActInProgress, Deed, Outcome, in_a_sentence, record, refuse
from core.services.enquiries import cohort_key
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack, Start


def resume(
    installation: Installation,
    actor: Actor,
    participant_id: str,
    deed: Deed,
    *,
    cohort: str | None = None,
    schedule: str | None = None,
) -> Outcome:
    """Brings back from deferral, into a cohort when it is agreed.

    `schedule` is the start within that cohort, where it has several for the course; it may stand after the cohort as well:
    "2026b/november".
    """
    wanted, _, start = (cohort or "").partition("/")

    def act(doing: ActInProgress) -> None:
        before = doing.before
        refuse(doing.useless(why_not))
        into = cohort_key(installation.pack, wanted or None)
        theirs: Start | None = None
        if into is not None:
            _refuse_cohort(installation.pack, before, into, before.back_since or deed.on)
            theirs = _start(doing, into, schedule or start)
            _refuse_before_their_return(doing)
        elif before.rescheduling_needed or doing.today.rescheduling_needed:
            raise Refusal(
                "cohort_needed",
                f"{doing.name} is back from deferral already; please choose the cohort they rejoin.",
                field="cohort",
            )
        else:
            doing.warnings.append(
                "Until a cohort to rejoin is recorded, their review dates are not known (rescheduling needed)."
            )
        which = f" ({theirs.name})" if theirs else ""
        told = "Back from deferral" + (f", rejoined cohort {into}{which}" if into is not None else "")
        doing.remember("resumption", told, cohort=into, schedule=theirs.name if theirs else None)
        doing.detail |= {"cohort": into} | ({"schedule": theirs.name} if theirs else {})
        where = f" in cohort {into}{which}" if into is not None else ""
        doing.said = f"{doing.name}: back from deferral on {in_words(deed.on)}{where}."

    return record(installation, actor, "resume", participant_id, deed, act)


def why_not(pack: Pack, before: Standing, today: Standing, day: date, number: int) -> Refusal | None:
    """Why no return could be recorded: it can of somebody who is back already, until the cohort they rejoin is recorded."""
    name = in_a_sentence(before.name)
    if "withdrawn" in (before.training_status, today.training_status):
        return Refusal("withdrawn", f"{name} has been withdrawn and can't be brought back here.")
    away_by_now = today.may_return_from is not None and today.may_return_from <= day  # confirmed since (reading 37)
    if before.training_status != "deferred" and not before.rescheduling_needed and not away_by_now:
        return Refusal("not_deferred", f"{name} is not on deferral on {in_words(day)}.")
    return None


def _refuse_before_their_return(doing: ActInProgress) -> None:
    """Reading 29: a cohort that is dated before the return for which it is agreed would end no need."""
    waiting = [r.resumed_on for r in doing.participant.resumptions if r.cohort is None]
    if doing.today.rescheduling_needed and waiting and doing.deed.on < max(waiting):
        since = in_words(max(waiting))
        raise Refusal(
            "before_return",
            f"{doing.name} has been back since {since}: please give that day or a later one.",
            field="on",
        )


def _start(doing: ActInProgress, cohort: str, named: str) -> Start | None:
    """Which of several starts within a cohort is meant; None where there are none to tell apart, or it is left open."""
    starts = doing.pack.starts_of(doing.before.course, cohort)
    has = " and ".join(start.name for start in starts)
    found = doing.pack.start_named(doing.before.course, cohort, named)
    if named.strip() and found is None:
        there = f"; it has {has}" if starts else ""
        raise Refusal(
            "unknown_schedule",
            f"Cohort {cohort} has no start “{in_a_sentence(named)}” for {doing.before.course}{there}.",
            field="cohort",
        )
    if found is None and len(starts) > 1:
        doing.warnings.append(
            f"{doing.before.course} has several starts in cohort {cohort} ({has}): until it is recorded which is theirs, their "
            "review dates are not known."
        )
    return found if len(starts) > 1 else None


def _refuse_cohort(pack: Pack, before: Standing, cohort: str, back_on: date) -> None:
    if before.course not in pack.cohorts[cohort].courses:
        raise Refusal("not_offered", f"{before.course} is not offered in cohort {cohort}.", field="cohort")
    allowed = [each.key for each in cohorts_to_rejoin(pack, before.course, back_on, back_on)]
    if cohort in allowed:
        return
    begins = f"Who is back on {in_words(back_on)} rejoins the next cohort to start that offers {before.course}"
    way = f"please choose {' or '.join(allowed)}" if allowed else "none is known yet, so please leave the cohort open"
    raise Refusal("cohort_not_offered", f"{begins}, and that is not cohort {cohort}: {way}.", field="cohort")
