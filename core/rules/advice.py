"""What each still needs, cheapest first, and what to look out for. Words for people; no verdict is made here.

R15: never suggests asking the lead provider for a recording. R27: never asks a Delivery Partner for what the lead provider owns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from core.rules import enrolment
from core.rules.calendar import in_words
from core.rules.credit_sources import CreditsTold, Disagreement, Source, disagreements
from core.rules.eligibility import credits_needed
from core.rules.facts import Participant
from core.rules.inactivity import inactive_since, newest_evidence
from core.rules.ladder import Ladder
from core.rules.output_position import current_output
from core.rules.personal_limits import OwnLimit, own_limits
from core.rules.progress import millionths
from core.rules.progress import share as share_shown
from core.rules.results import OutputStanding
from core.rules.still_needed import evidence_steps
from core.rules.wording import credits_word, floored
from reference.pack import Pack

LIMIT_NEAR, LIMIT_PAST = "personal_limit", "personal_limit_past"  # codes of warnings
DONE_STAGES = frozenset({"withdrawn", "declared"})
SETTLED = frozenset({"not_defined", "declared", "deferred", "rescheduling_needed", "ready", "refer_to_lead_provider"})


class Caution(NamedTuple):
    """A warning: what kind it is, for programs, and its words."""

    code: str
    words: str


def advised(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> OutputStanding:
    """The output with its warnings and next steps: first what staff do, then what is still needed."""
    ours = tuple(dict.fromkeys(_for_staff(ladder, output, as_of)))
    theirs = tuple(dict.fromkeys(_still_needed(ladder, person, output, as_of)))
    papers = tuple(_papers_needed(ladder.pack, output))
    data = tuple(_about_their_data(ladder, person, output, as_of))
    cautions = (*data, *_warnings(ladder, output, as_of), *_own_limits(ladder, person, output, as_of))
    return replace(
        output,
        warnings=tuple(caution.words for caution in cautions),
        warning_codes=tuple(caution.code for caution in cautions),
        data_warnings=tuple(caution.words for caution in data),
        next_steps=ours + theirs + papers,
        staff_steps=ours,
        paper_steps=papers,
    )


# --- next steps ------------------------------------------------------------------------------------------------------


def _for_staff(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[str]:
    """What the stage asks of staff; nothing that the participant has to do."""
    lead = ladder.pack.lead_provider
    if output.deferral_ahead is not None:
        yield deferral_agreed(output.deferral_ahead)
    if output.deferral_asked is not None:
        yield deferral_waiting(lead, output.deferral_asked)
    if output.stage == "not_defined":
        saying = ladder.pack.sayings.get("not_defined")
        if saying is not None and output.verdict == "not_defined":
            yield f"Nothing to do yet. The guidance says: “{saying.text}”"
    elif output.stage == "deferred":
        yield from _deferred(ladder, as_of)
    elif output.stage == "rescheduling_needed":
        yield "Agree which cohort they rejoin and record it (resume, with a cohort)."
    elif output.stage == "ready":
        yield f"Evidence is complete{_in_time(output)}: waiting for {lead} to declare it."
    elif output.stage == "refer_to_lead_provider":
        yield f"There is nothing left on the course that could be new: ask {lead} how this output can be evidenced."
    elif output.stage == "removal_pending":
        yield "Removal has been proposed: the other side has yet to decide. It can be rejected as well as approved."
    elif output.stage == "removal_review":
        yield f"Removal may be considered, jointly with {lead}; support or a deferral are still open."
    elif output.stage == "contact" and not output.left_to_lead_provider and output.deferral_ahead is None:
        yield "Contact them, ask whether anything is making it hard to engage, and offer support (a deferral included)."
    if output.left_to_lead_provider and output.stage not in SETTLED | DONE_STAGES:
        yield f"Nothing for the participant to do: {lead} is completing the assessment record."


def _in_time(output: OutputStanding) -> str:
    """Reading 36: that what came after the review date is still in time for DfE."""
    late = output.review_date is not None and output.met_on is not None and output.met_on > output.review_date
    return (
        f", in time for DfE's cut-off of {in_words(output.cut_off)}"
        if late and output.in_time and output.cut_off
        else ""
    )


def _still_needed(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[str]:
    """The cheapest ways to the evidence."""
    if output.stage != "withdrawn" and output.stage not in SETTLED:
        yield from evidence_steps(ladder, person, output, as_of)


def _papers_needed(pack: Pack, output: OutputStanding) -> Iterator[str]:
    """R6: what the payment needs besides the evidence."""
    if output.papers_missing and output.stage != "withdrawn":
        yield f"Still to come back: the {' and the '.join(pack.paper_names[p] for p in output.papers_missing)}."


def deferral_agreed(days: tuple[date, date]) -> str:
    """R41: an agreed deferral that has not begun; its reason is told to nobody here."""
    return f"A deferral is agreed from {in_words(days[0])} to {in_words(days[1])}."


def deferral_waiting(lead_provider: str, days: tuple[date, date]) -> str:
    """Reading 37: a deferral that counts for nothing until the lead provider has confirmed it."""
    return f"{deferral_asked(days)}: {lead_provider} has yet to confirm it, and nothing changes until then."


def deferral_asked(days: tuple[date, date]) -> str:
    """A deferral that was asked for, as one begins to say what it waits for."""
    return f"A deferral is asked for from {in_words(days[0])} to {in_words(days[1])}"


def _deferred(ladder: Ladder, as_of: date) -> Iterator[str]:
    deferral = enrolment.deferral_on(ladder.progress, as_of, as_of)
    until = f" (agreed return: {in_words(deferral.until)})" if deferral else ""
    yield f"On deferral{until}: nothing is expected now. Agree the cohort they rejoin before they return."


# --- warnings --------------------------------------------------------------------------------------------------------

_SAYS: dict[Source, str] = {
    "log": "the activity log gives {}",
    "declaration": "the Declaration report says {}",
    "engagement": "the Engagement report says {}",
    "periods": "the Declaration periods add up to {}",
}


def _warned_of(output: OutputStanding) -> bool:
    return output.stage != "withdrawn" and output.verdict != "not_defined"


def _about_their_data(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[Caution]:
    """What doesn't belong to one output: said under each that it concerns, in the same words."""
    if not _warned_of(output):
        return
    if not person.application_status and not output.declared:
        yield Caution("application_blank", "The application status is blank: please check that it has been accepted.")
    now = ladder.evidence.credits_on(as_of.toordinal())
    yield from _which_start(ladder, output)
    for found in disagreements(ladder.evidence, _days_that_count(ladder, output, as_of)):
        yield Caution("sources_differ", _disagreement(found, now))
    credits = output.credits
    if credits.earned is not None and credits.total is not None and credits.earned > credits.total:
        yield Caution(
            "more_than_total",
            f"{credits.earned} credits are more than the course has ({credits.total}): please check the data.",
        )
    if output.stage not in DONE_STAGES:
        yield from _overdue_return(ladder, as_of)


def _which_start(ladder: Ladder, output: OutputStanding) -> Iterator[Caution]:
    """Reading 36: of several starts within a cohort nobody knows which is theirs, so no dates are known."""
    if output.declared or ladder.start_is_known(output.cohort):
        return
    starts = ladder.pack.starts_of(ladder.progress.course, output.cohort)
    named = " and ".join(start.name for start in starts)
    yield Caution(
        "start_unknown",
        f"{ladder.progress.course} has several starts in cohort {output.cohort} ({named}), and it is not known which is "
        "theirs: put it in the column schedule of the participants file; until then no dates are known.",
    )


def _days_that_count(ladder: Ladder, output: OutputStanding, as_of: date) -> list[int]:
    """The days whose credits an output is judged by: what is new is more than there was at the baseline."""
    baseline = [] if output.baseline is None else [min(output.baseline, as_of).toordinal()]
    return [*baseline, ladder.counted_until(output.output, as_of).toordinal()]


def _disagreement(found: Disagreement, now: int | None) -> str:
    """Each figure with its source and day, which is used, and what it has come to since."""
    one, others, used = found
    instead = ", ".join(_told(other, one.day) for other in others)
    said = (
        f"By {_in_words(one.day)} {_SAYS[one.source].format(one.credits)} {credits_word(one.credits)} in all, {instead}"
    )
    if one.source == "log":
        return f"{said}: the log is used."
    return f"{said}: {used} is used{'' if used == now else f', {now} by now'}."


def _told(told: CreditsTold, day: int) -> str:
    """What a source says, with its day where that is another one."""
    on = "" if told.day == day else f" by {_in_words(told.day)}"
    return f"{_SAYS[told.source].format(told.credits)}{on}"


def _overdue_return(ladder: Ladder, as_of: date) -> Iterator[Caution]:
    deferral = enrolment.deferral_on(ladder.progress, as_of, as_of)
    if deferral is not None and deferral.until < as_of:
        yield Caution(
            "return_overdue",
            f"The agreed return, {in_words(deferral.until)}, has passed: please record whether they are back.",
        )


def _warnings(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[Caution]:
    if _warned_of(output):
        yield from _evidence_warnings(ladder, output, as_of)
        yield from _inactive(ladder, output, as_of)
        yield from _decision_warnings(ladder, output, as_of)


def _evidence_warnings(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[Caution]:
    until = ladder.counted_until(output.output, as_of).toordinal()
    if output.output == 1 and ladder.evidence.before_cohort(until):
        yield Caution(
            "before_start",
            "Some evidence is dated before the cohort's start month; it has been counted, please check the dates.",
        )
    met_by = [c for c in output.criteria if c.verdict == "met"]
    if output.verdict == "met" and met_by and all(c.strength == "weak" for c in met_by):
        yield Caution("video_only", "Met by a video only, the weakest kind of evidence.")
    if any(c.strength == "contingency" and "no confirmation" in c.reason for c in met_by):
        yield Caution("unconfirmed", "Met by covering a missed session another way; no confirmation is on file.")
    credits = output.credits
    if credits.at_baseline is not None and credits.earned is not None and credits.earned < credits.at_baseline:
        yield Caution("credits_fell", "Fewer credits than at the last output point: please check the data.")
    yield from _share_warnings(ladder, output, until)
    yield from _percent_warnings(ladder, output, until)


def _inactive(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[Caution]:
    """Reading 35: of the current output, while it is not met."""
    if output.verdict not in ("not_met", "unknown") or output.output != current_output(ladder, as_of):
        return
    since = inactive_since(ladder, as_of)
    if since is not None:
        newest = newest_evidence(ladder.progress, as_of)
        said = "No new evidence since" if newest else "No evidence yet; the course began on"
        yield Caution("inactive", f"{said} {in_words(since)}, {(as_of - since).days} days ago.")


def _own_limits(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[Caution]:
    """Reading 38: of the current output, until the course is completed, on deferral as well."""
    if output.stage == "withdrawn" or output.output != current_output(ladder, as_of):
        return
    if any(ladder.spec(number).kind == "completion" for number in ladder.declared_by(as_of)):
        return
    for own in own_limits(ladder.pack, person, as_of):
        yield _own_limit(own, as_of)


def _own_limit(own: OwnLimit, as_of: date) -> Caution:
    since = f"Having {own.limit.what} on {in_words(own.since)}"
    course, last_day, left = own.limit.course, in_words(own.last_day), (own.last_day - as_of).days
    if left < 0:
        ago = "yesterday" if left == -1 else f"{-left:,} days ago"
        said = f"{since}, they had until {last_day} ({ago}) to complete {course}, which is not declared as completed."
        return Caution(LIMIT_PAST, said)
    how_far = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left:,} days"
    return Caution(LIMIT_NEAR, f"{since}, they have until {last_day} ({how_far}) to complete {course}.")


def _in_words(day: int) -> str:
    return in_words(date.fromordinal(day))


def _share_warnings(ladder: Ladder, output: OutputStanding, until: int) -> Iterator[Caution]:
    """R29, R31: the Engagement report disagrees about the share, or the share is enough but below the expectation."""
    tree = ladder.tree(output.output)
    share = tree.credit_share if tree else None
    credits = output.credits
    if (
        share is None
        or share.min_share is None
        or credits.earned is None
        or credits.needed is None
        or not credits.total
    ):
        return
    enough = credits.earned >= credits.needed
    percent = ladder.evidence.percent_on(until)
    if percent is not None and (percent >= millionths(share.min_share)) != enough:
        yield Caution(
            "report_differs",
            f"The Engagement report says {floored(share_shown(percent))}%, the credits {credits.percent}%; credits are used.",
        )
    if enough and credits.earned < credits.total:
        yield Caution("below_expectation", f"Enough, but below the expectation of all {credits.total} credits.")


def _percent_warnings(ladder: Ladder, output: OutputStanding, until: int) -> Iterator[Caution]:
    """R29 where the pack goes by the report: that the credits say otherwise is told all the same (reading 31)."""
    tree, credits, percent = ladder.tree(output.output), output.credits, ladder.evidence.percent_on(until)
    share = tree.percent_share if tree else None
    if share is None or share.min_share is None or percent is None or credits.earned is None or not credits.total:
        return
    enough = credits.earned >= credits_needed(share, credits.total)
    if (percent >= millionths(share.min_share)) != enough:
        said = f"The Engagement report says {floored(share_shown(percent))}%, the credits {credits.percent}%"
        yield Caution("report_differs", f"{said}; the report is used.")


def _decision_warnings(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[Caution]:
    if output.declared and output.blocked_by is not None:
        yield Caution("out_of_order", f"Declared although Output {output.blocked_by} is neither declared nor met.")
    if output.stage in DONE_STAGES:
        return
    if output.extensions >= ladder.settings.extensions_warn_from:
        yield Caution("many_extensions", f"{output.extensions} extensions have been granted for this output.")
    following = ladder.dates(output.output + 1, as_of) if output.output < len(ladder.outputs) else None
    review = following.review if following else None
    if output.latest_extension is not None and review is not None and output.latest_extension > review:
        yield Caution(
            "extension_beyond_next", f"The extension runs beyond the next output's review date, {in_words(review)}."
        )
