"""What each still needs, cheapest first, and what to look out for. Words for people; no verdict is made here.

R15: never suggests asking the lead provider for a recording. R27: never asks a Delivery Partner for what the lead provider owns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from core.rules import enrolment
from core.rules.calendar import in_words
from core.rules.credit_sources import CreditsTold, Disagreement, Source, disagreements
from core.rules.evidence import Evidence
from core.rules.facts import Participant, RegisterEntry
from core.rules.ladder import Ladder
from core.rules.progress import WAS_THERE, millionths
from core.rules.progress import share as share_shown
from core.rules.results import OutputStanding
from core.rules.wording import EVENTS, credits_word, floored, plain
from reference.criteria import Criterion
from reference.pack import Activity, Pack

DONE_STAGES = frozenset({"withdrawn", "declared"})
SETTLED = frozenset({"not_defined", "declared", "deferred", "rescheduling_needed", "ready", "refer_to_lead_provider"})


def advised(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> OutputStanding:
    """The output with its warnings and next steps: first what staff do, then what is still needed."""
    ours = tuple(dict.fromkeys(_for_staff(ladder, output, as_of)))
    theirs = tuple(dict.fromkeys(_still_needed(ladder, person, output, as_of)))
    papers = tuple(_papers_needed(ladder.pack, output))
    data = tuple(_about_their_data(ladder, person, output, as_of))
    return replace(
        output,
        warnings=(*data, *_warnings(ladder, output, as_of)),
        data_warnings=data,
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
        yield from _evidence_steps(ladder, person, output, as_of)


def _papers_needed(pack: Pack, output: OutputStanding) -> Iterator[str]:
    """R6: what the payment needs besides the evidence."""
    if output.papers_missing and output.stage != "withdrawn":
        yield f"Still to come back: the {' and the '.join(pack.paper_names[p] for p in output.papers_missing)}."


def deferral_agreed(days: tuple[date, date]) -> str:
    """R41: an agreed deferral that has not begun; its reason is told to nobody here."""
    return f"A deferral is agreed from {in_words(days[0])} to {in_words(days[1])}."


def _deferred(ladder: Ladder, as_of: date) -> Iterator[str]:
    deferral = enrolment.deferral_on(ladder.progress, as_of, as_of)
    until = f" (agreed return: {in_words(deferral.until)})" if deferral else ""
    yield f"On deferral{until}: nothing is expected now. Agree the cohort they rejoin before they return."


def _evidence_steps(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[str]:
    if output.blocked_by is not None:
        yield f"Output {output.blocked_by} comes first."
        if output.kind != "completion":
            return
    elif not ladder.accepted(output.output, as_of):
        yield "The application needs to be accepted before this output can be met."
    criteria = ladder.criteria(output.output)
    if criteria is None:
        return
    open_ones = {c.criterion: c for c in output.criteria if c.verdict != "met" and c.owner == "participant"}
    if criteria.tree.combine == "any" and any(c.verdict == "met" for c in output.criteria):
        return
    wanted = [criterion for criterion in criteria.criteria if criterion.key in open_ones]
    steps = [step for criterion in wanted for step in _steps(criterion, ladder, person, output, as_of)]
    steps = list(dict.fromkeys(steps))
    if criteria.tree.combine == "any" and len(steps) > 1:
        steps = ["Any one of these is enough: " + "; ".join(steps) + "."]
    else:
        steps = [f"{step[:1].upper()}{step[1:]}." for step in steps]
    yield from steps


def _steps(
    criterion: Criterion, ladder: Ladder, person: Participant, output: OutputStanding, as_of: date
) -> Iterator[str]:
    evidence, pack = ladder.evidence, ladder.pack
    match criterion.shape:
        case "attendance" | "engagement_metric":
            yield from _attendance_steps(ladder, person, output, as_of)
        case "self_study" | "progress":
            yield _study_step(pack, person, as_of)
        case "video":
            share = plain(criterion.min_percent) if criterion.min_percent is not None else ""
            yield f"watch at least {share}% of {_video(evidence, criterion, as_of)}"
        case "completion_share":
            yield from _completion_steps(pack, person, criterion, output, as_of)
        case _:
            return


def _attendance_steps(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[str]:
    entries = sorted(person.register, key=lambda e: e.event_date)
    for entry in entries:
        new = output.baseline is None or Evidence.day_of(entry) > output.baseline
        if entry.event_date <= as_of and new and entry.status not in WAS_THERE:
            covered = entry.contingency is not None and Evidence.day_of(entry) <= as_of
            if covered and entry.confirmed_by is not None:
                yield f"ask the facilitator to mark the register of {in_words(entry.event_date)}: the missed session is covered"
                return
            if entry.status == "booked":
                yield f"ask the facilitator to mark the register of {in_words(entry.event_date)} if they attended"
                return
    last = _last_day(ladder, output, as_of)
    coming = next((e for e in entries if as_of < e.event_date <= last and e.status == "booked"), None)
    yield f"attend {_session(coming)}" if coming else "attend a face-to-face event or live webinar"


def _last_day(ladder: Ladder, output: OutputStanding, as_of: date) -> date:
    """Until when a session helps: the deadline; once that has passed, the next output's review."""
    following = ladder.dates(output.output + 1, as_of) if output.output < len(ladder.outputs) else None
    ends = (output.deadline, following.review if following else None)
    return next((day for day in ends if day is not None and day >= as_of), date.max)


def _session(entry: RegisterEntry) -> str:
    return f"the {EVENTS.get(entry.event_type, 'session')} on {in_words(entry.event_date)}"


def _study_step(pack: Pack, person: Participant, as_of: date) -> str:
    unit = next((a for a in _units_left(pack, person, as_of)), None)
    if unit is None:
        return "complete any one self-study unit"
    name = _unit_name(unit.title, pack.settings.unit_prefix)
    return f"complete any one self-study unit, e.g. {name} ({unit.credits} {credits_word(unit.credits or 0)})"


def _units_left(pack: Pack, person: Participant, as_of: date) -> Iterator[Activity]:
    """Listed self-study units without a credited row, in the course's order; needs an activity log to be sure."""
    settings = pack.settings
    done = {(a.block, a.title) for a in person.activities if a.completed_on <= as_of}
    for block in pack.blocks.get(person.course, ()):
        for activity in block.activities:
            study = activity.component == settings.self_study_component
            alone_unsure = activity.title.startswith(settings.human_check_prefix)
            unit = activity.title.startswith(settings.unit_prefix) and not alone_unsure
            if study and unit and activity.credits and (block.number, activity.title) not in done:
                yield activity


def _unit_name(title: str, prefix: str) -> str:
    """The unit as participants know it: "S 2.1a" where the pack's titles begin with a number, else the whole title."""
    return f"{prefix}{title.removeprefix(prefix).split()[0]}" if prefix else title


def _video(evidence: Evidence, criterion: Criterion, as_of: date) -> str:
    if criterion.block is not None:
        return f"the Block {criterion.block} video introduction"
    assert criterion.min_percent is not None
    crossings = evidence.video_crossings(millionths(criterion.min_percent), None)
    seen = {block for day, block in crossings if day <= as_of.toordinal()}
    blocks = evidence.pack.blocks.get(evidence.progress.course, ())
    block = next((b.number for b in blocks if b.number not in seen), None)
    return f"the Block {block} video introduction" if block else "a Block video introduction that is new to them"


def _completion_steps(
    pack: Pack, person: Participant, criterion: Criterion, output: OutputStanding, as_of: date
) -> Iterator[str]:
    if criterion.metric == "percent_complete":
        share = plain(criterion.min_share) if criterion.min_share is not None else ""
        yield f"complete at least {share}% of the course content"
        return
    credits = output.credits
    if credits.total is None or credits.needed is None:
        yield "keep going: the credit total is still to be confirmed"
        return
    if credits.earned is None:
        yield f"at least {credits.needed} of {credits.total} credits are needed; import a report that shows how many there are"
        return
    missing = credits.needed - credits.earned
    step = f"{missing} more {credits_word(missing)}"
    left = _blocks_left(pack, person, as_of)
    if left:
        numbers, amount = left
        names = numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
        step += (
            f"; Block{'s' if len(numbers) > 1 else ''} {names} {'have' if len(numbers) > 1 else 'has'} {amount} left"
        )
    yield step


def _blocks_left(pack: Pack, person: Participant, as_of: date) -> tuple[list[str], int] | None:
    """Which blocks still have credits to earn, and how many; None without an activity log."""
    if not person.activities:
        return None
    earned: dict[int, int] = {}
    for row in person.activities:
        if row.completed_on <= as_of:
            earned[row.block] = earned.get(row.block, 0) + row.credits
    left = {
        block.number: block.credits - earned.get(block.number, 0)
        for block in pack.blocks.get(person.course, ())
        if block.credits is not None
    }
    numbers = [str(number) for number, amount in left.items() if amount > 0]
    return (numbers, sum(amount for amount in left.values() if amount > 0)) if numbers else None


# --- warnings --------------------------------------------------------------------------------------------------------

_SAYS: dict[Source, str] = {
    "log": "the activity log gives {}",
    "declaration": "the Declaration report says {}",
    "engagement": "the Engagement report says {}",
    "periods": "the Declaration periods add up to {}",
}


def _warned_of(output: OutputStanding) -> bool:
    return output.stage != "withdrawn" and output.verdict != "not_defined"


def _about_their_data(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> Iterator[str]:
    """What doesn't belong to one output: said under each that it concerns, in the same words."""
    if not _warned_of(output):
        return
    if not person.application_status and not output.declared:
        yield "The application status is blank: please check that it has been accepted."
    now = ladder.evidence.credits_on(as_of.toordinal())
    yield from _which_start(ladder, output)
    for found in disagreements(ladder.evidence, _days_that_count(ladder, output, as_of)):
        yield _disagreement(found, now)
    credits = output.credits
    if credits.earned is not None and credits.total is not None and credits.earned > credits.total:
        yield f"{credits.earned} credits are more than the course has ({credits.total}): please check the data."
    if output.stage not in DONE_STAGES:
        yield from _overdue_return(ladder, as_of)


def _which_start(ladder: Ladder, output: OutputStanding) -> Iterator[str]:
    """Reading 36: of several starts within a cohort nobody knows which is theirs, so no dates are known."""
    if output.declared or ladder.start_is_known(output.cohort):
        return
    starts = ladder.pack.starts_of(ladder.progress.course, output.cohort)
    named = " and ".join(start.name for start in starts)
    yield (
        f"{ladder.progress.course} has several starts in cohort {output.cohort} ({named}), and it is not known which is "
        "theirs: put it in the column schedule of the participants file; until then no dates are known."
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


def _overdue_return(ladder: Ladder, as_of: date) -> Iterator[str]:
    deferral = enrolment.deferral_on(ladder.progress, as_of, as_of)
    if deferral is not None and deferral.until < as_of:
        yield f"The agreed return, {in_words(deferral.until)}, has passed: please record whether they are back."


def _warnings(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[str]:
    if _warned_of(output):
        yield from _evidence_warnings(ladder, output, as_of)
        yield from _decision_warnings(ladder, output, as_of)


def _evidence_warnings(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[str]:
    until = ladder.counted_until(output.output, as_of).toordinal()
    if output.output == 1 and ladder.evidence.before_cohort(until):
        yield "Some evidence is dated before the cohort's start month; it has been counted, please check the dates."
    met_by = [c for c in output.criteria if c.verdict == "met"]
    if output.verdict == "met" and met_by and all(c.strength == "weak" for c in met_by):
        yield "Met by a video only, the weakest kind of evidence."
    if any(c.strength == "contingency" and "no confirmation" in c.reason for c in met_by):
        yield "Met by covering a missed session another way; no confirmation is on file."
    credits = output.credits
    if credits.at_baseline is not None and credits.earned is not None and credits.earned < credits.at_baseline:
        yield "Fewer credits than at the last output point: please check the data."
    yield from _share_warnings(ladder, output, until)


def _in_words(day: int) -> str:
    return in_words(date.fromordinal(day))


def _share_warnings(ladder: Ladder, output: OutputStanding, until: int) -> Iterator[str]:
    """R29, R31: the Engagement report disagrees about the share, or the share is enough but below the expectation."""
    criteria = ladder.criteria(output.output)
    share = next((c for c in criteria.criteria if c.metric == "credits"), None) if criteria else None
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
        yield f"The Engagement report says {floored(share_shown(percent))}%, the credits {credits.percent}%; credits are used."
    if enough and credits.earned < credits.total:
        yield f"Enough, but below the expectation of all {credits.total} credits."


def _decision_warnings(ladder: Ladder, output: OutputStanding, as_of: date) -> Iterator[str]:
    if output.declared and output.blocked_by is not None:
        yield f"Declared although Output {output.blocked_by} is neither declared nor met."
    if output.stage in DONE_STAGES:
        return
    if output.extensions >= ladder.pack.settings.extensions_warn_from:
        yield f"{output.extensions} extensions have been granted for this output."
    following = ladder.dates(output.output + 1, as_of) if output.output < len(ladder.outputs) else None
    review = following.review if following else None
    if output.latest_extension is not None and review is not None and output.latest_extension > review:
        yield f"The extension runs beyond the next output's review date, {in_words(review)}."
