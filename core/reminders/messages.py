"""Every kind of message: when it is due, about what and about whom (readings 19-22 and 28, R32, R33, R36, R40, R43-R45).

A kind is one entry in `MESSAGES` here and one in `bot.conversation.messages`, which has its words. Who is concerned is
judged on the day a message goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import zip_longest

from core.reminders.message_kinds import (
    DaysAsked,
    Due,
    FromAssessmentWindow,
    FromDecisions,
    FromMeetings,
    FromMissingDates,
    FromProposals,
    FromReports,
    FromReview,
    FromSilence,
    MessageKind,
)
from core.rules import enrolment, gates, inactivity, payments
from core.rules.calendar import (
    days_between,
    in_words,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_before,
)
from core.rules.facts import Extension
from core.rules.output_members import Member
from core.rules.output_position import Position, left_to_lead_provider, papers_missing
from core.rules.progress import ATTENDED, MADE_UP, SELF_REPORTS, Progress
from core.rules.results import OutputStanding, Stage
from core.rules.stages import ANSWERED, AWAY, window_ends
from reference.pack import AssessmentWindow, Pack, ScheduleRow

_LONGEST_SHIFT = 10  # days: no run of weekends and bank holidays is longer
OPENING = "opening"  # the detail of an assessment window's first message

# --- when: what a source gives, and the days that follow from it -------------------------------------------------------


def _ahead(pack: Pack, about: date, lead: int, last_day: date | None = None, *, detail: str = "",
           output: int | None = None) -> Due:  # fmt: skip
    """So many days before a date; where nobody works then, on the working day before."""
    return Due(working_day_on_or_before(pack, about - timedelta(days=lead)), about, -lead, last_day, detail, output)


def _afterwards(pack: Pack, about: date, lead: int, *, output: int | None = None) -> Due:
    """So many days after a date; where nobody works then, on the next working day."""
    return Due(working_day_on_or_after(pack, about + timedelta(days=lead)), about, lead, output=output)


def _repeats(anchor: date, after: int, every: int, asked: DaysAsked) -> Iterator[int]:
    """The leads after, after + every, … whose shifted day could fall within the days asked about."""
    lead = after
    gap = (asked.first - anchor).days - _LONGEST_SHIFT - after
    if gap > 0:
        lead += gap // every * every
    while anchor + timedelta(days=lead) <= asked.last:
        yield lead
        lead += every


def _before_review(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    for lead in pack.settings_of(row.group).review_leads:
        yield _ahead(pack, review, lead, review)


def _before_review_self_reporting(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    """R33: in the cohorts that self-report."""
    if row.cohort in pack.settings.self_report_cohorts:
        yield from _before_review(pack, row, review, asked)


def _papers_before_review(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    yield _ahead(pack, review, pack.settings.papers_missing_before)


def _in_window(pack: Pack, row: ScheduleRow, review: date, leads: Iterable[int]) -> Iterator[Due]:
    """Never late once the window is over, its own day past; never due where there is no window (reading 34)."""
    ends = window_ends(pack.settings_of(row.group), review)
    if ends is not None:
        for lead in leads:
            due = _afterwards(pack, review, lead)
            yield due._replace(last_day=max(due.on, ends))


def _window_opens(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    yield from _in_window(pack, row, review, [pack.settings_of(row.group).window_open_after])


def _during_window(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    yield from _in_window(pack, row, review, pack.settings_of(row.group).window_progress_after)


def _three_weeks_on(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    settings = pack.settings_of(row.group)
    if settings.window:
        yield _afterwards(pack, review, settings.three_week_mark_after)


def _past_deadline(pack: Pack, row: ScheduleRow, review: date, asked: DaysAsked) -> Iterator[Due]:
    settings = pack.settings_of(row.group)
    for lead in _repeats(review, settings.contact_overdue_after, settings.contact_overdue_every, asked):
        yield _afterwards(pack, review, lead)


def _at_invoice(pack: Pack, row: ScheduleRow, invoice: date, asked: DaysAsked) -> Iterator[Due]:
    """Some working days before it, and on it."""
    notice = pack.settings.invoice_working_days_before
    yield Due(working_days_before(pack, invoice, notice), invoice, -notice)
    yield _ahead(pack, invoice, 0)


def _three_points_of_window(pack: Pack, window: AssessmentWindow) -> Iterator[Due]:
    """Its opening, its middle, and some days before it closes."""
    closes = window.closes
    middle = window.opens + (closes - window.opens) // 2
    for day, point in ((window.opens, OPENING), (middle, "middle")):
        due = _afterwards(pack, closes, (day - closes).days)
        yield due._replace(last_day=max(due.on, closes), detail=point)
    yield _ahead(pack, closes, pack.settings.assessment_closing_before, closes, detail="closing")


def _once_too_old(pack: Pack, review: date, reports: Sequence[tuple[date, str]]) -> Iterator[Due]:
    """Once per report and review: the first day on which the report is too old and the review near (reading 28)."""
    settings = pack.settings
    for (report, kind), following in zip_longest(reports, reports[1:]):
        newer = following[0] if following else None
        stale_on = max(
            report + timedelta(days=settings.stale_report_days + 1),
            review - timedelta(days=settings.stale_review_within),
        )
        if stale_on <= review and (newer is None or stale_on < newer):
            due = working_day_on_or_after(pack, stale_on)
            yield Due(due, review, 0, max(due, review), f"{report.isoformat()} {kind}")


def _each_month(pack: Pack, asked: DaysAsked) -> Iterator[Due]:
    """Reading 36: about the first of each month."""
    for day in days_between(asked.first - timedelta(days=_LONGEST_SHIFT), asked.last):
        if day.day == 1:
            yield _afterwards(pack, day, 0)


def _while_inactive(pack: Pack, since: date, asked: DaysAsked) -> Iterator[Due]:
    """Reading 35: once they have been without new evidence for longer than the pack lets pass, and again each time that has gone by."""
    every = pack.settings.inactive_after_days
    for lead in _repeats(since, every + 1, every, asked) if every else ():
        yield _afterwards(pack, since, lead)


def stale_report(detail: str) -> tuple[date, str]:
    """The day and the kind of the report that a stale-data message is about."""
    day, _, kind = detail.partition(" ")
    return date.fromisoformat(day), kind


def _extensions(pack: Pack, person: Progress) -> Sequence[Extension]:
    """Reading 34: where there are none, one that was agreed before counts for nothing."""
    return person.extensions if pack.outlines[person.course].settings.extensions else ()


def _before_extension_ends(pack: Pack, person: Progress) -> Iterator[Due]:
    for extension in _extensions(pack, person):
        lead = pack.settings.extension_ending_before
        yield _ahead(pack, extension.until, lead, extension.until, output=extension.output)


def _once_extension_lapsed(pack: Pack, person: Progress) -> Iterator[Due]:
    for extension in _extensions(pack, person):
        yield _afterwards(pack, extension.until, pack.settings.extension_lapsed_after, output=extension.output)


def _before_return(pack: Pack, person: Progress) -> Iterator[Due]:
    for deferral in person.deferrals:
        for output in pack.outputs_of(person.course):
            yield _ahead(pack, deferral.until, pack.settings.deferral_ending_before, output=output.number)


def _while_undecided(pack: Pack, proposed_on: date, asked: DaysAsked) -> Iterator[Due]:
    """Again and again from each day on which a side approved."""
    for lead in _repeats(proposed_on, pack.settings.removal_votes_after, pack.settings.removal_votes_every, asked):
        yield _afterwards(pack, proposed_on, lead)


def _before_meeting(pack: Pack, meeting: date) -> Iterator[Due]:
    yield _ahead(pack, meeting, pack.settings.meeting_pack_before, meeting)


# --- whom: what is quickly seen comes first, most are asked about somebody whom they do not concern --------------------


def still_needs(pack: Pack, about: date, member: Member) -> str | None:
    """Not met, not exempt, not declared, on deferral or for the lead provider, and this is their current output."""
    if not member.on_current_output:
        return None
    output = member.at
    if output.declared or output.verdict not in ("not_met", "unknown"):
        return None
    return None if output.stage in AWAY | {"withdrawn", "refer_to_lead_provider", "not_defined"} else ""


def still_needs_in_window(pack: Pack, about: date, member: Member) -> str | None:
    """The same, where there is a window (reading 34)."""
    return still_needs(pack, about, member) if member.ladder.settings.window else None


def not_scheduled(pack: Pack, about: date, member: Member) -> str | None:
    """Reading 36: not met, and nobody knows by when it should be."""
    return "" if member.at.stage == "not_scheduled" else None


def inactive(pack: Pack, about: date, member: Member) -> str | None:
    """Reading 35: no new evidence since a day, and their current output is not met."""
    if member.at.verdict not in ("not_met", "unknown"):
        return None
    if inactivity.inactive_since(member.ladder, member.day) != about:
        return None
    return "" if inactivity.newest_evidence(member.progress, member.day) else "No evidence since the start."


def undeclared(pack: Pack, about: date, member: Member) -> str | None:
    """R44: no declaration three weeks and more after the review date, current output or not; with what was tried."""
    settings = member.ladder.settings
    if member.declared or not settings.window:
        return None
    output = member.at
    if output.stage == "withdrawn" or output.verdict in ("exempt", "not_defined"):
        return None
    if output.review_date is None or member.day < output.review_date + timedelta(days=settings.three_week_mark_after):
        return None
    if output.verdict == "met":
        return "Met, awaiting declaration."
    return " ".join(part for part in (_closes(pack, member), _tried(member)) if part)


def _closes(pack: Pack, member: Member) -> str:
    """That the window closes today, and what follows from it (R38, R44)."""
    output = member.at
    if output.stage != "window" or output.window_ends != member.day:
        return ""
    if enrolment.deferral_ahead(member.progress, member.day) is not None:
        return "The window closes today."
    if left_to_lead_provider(member.ladder, output.output, member.day):
        return f"The window closes today; only {pack.lead_provider}'s own record is still open."
    return "The window closes today; from tomorrow they are to be contacted."


def _tried(member: Member) -> str:
    """R44: the interventions put in place so far, by kind; a deferral shows as the stage. No reason is told."""
    contacts = [c for c in member.progress.contacts if c.contacted_on <= member.day]
    answered = sum(c.outcome == ANSWERED for c in contacts)
    covered = member.progress.until(MADE_UP, member.day.toordinal())
    parts = [
        f"{_times(len(contacts), 'contact')} ({answered} answered)" if contacts else "",
        _times(member.at.extensions, "extension"),
        f"{_times(covered, 'missed session')} covered another way" if covered else "",
    ]
    tried = ", ".join(part for part in parts if part)
    return f"Tried so far: {tried}." if tried else ""


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def uncontacted(pack: Pack, about: date, member: Member) -> str | None:
    """R40, reading 21: in `contact`, and nothing logged since the window, the last lapsed extension or else the review."""
    if not member.on_current_output:
        return None
    output = member.at
    until = output.in_time_until
    if output.stage != "contact" or until is None:
        return None
    since = [c for c in member.progress.contacts if until < c.contacted_on <= member.day]
    return None if since else f"No contact logged since {in_words(until)}."


def extension_open(pack: Pack, about: date, member: Member) -> str | None:
    """The latest extension only: one that a later one supersedes sends nothing more (reading 28)."""
    if all(extension.until != about for extension in member.progress.extensions):
        return None
    output = member.at
    if output.latest_extension != about or output.declared or output.verdict not in ("not_met", "unknown"):
        return None
    return None if output.stage in AWAY | {"withdrawn"} else ""


def removal_undecided(pack: Pack, about: date, member: Member) -> str | None:
    """R43: which side has yet to decide on an open proposal; where nobody is removed it counts for nothing (reading 34)."""
    removal = enrolment.removal_on(member.progress, member.day)
    if removal.proposed_on != about or not member.on_current_output or not member.ladder.settings.removal:
        return None
    if member.at.stage in ("withdrawn", "ready") or member.at.verdict == "met":  # R43: then approval is refused
        return None
    waiting = [words for side, words in enrolment.SIDES.items() if side not in removal.sides_approved]
    return f"Waiting for {' and '.join(waiting)} to decide."


def payable(pack: Pack, about: date, member: Member) -> str | None:
    """Met, payable or held up by papers, declared or not (R6, reading 19); who is not on the course just now is there too."""
    if member.at.verdict != "met":
        return None
    where = f" {_OFF_COURSE[member.at.stage]}" if member.at.stage in _OFF_COURSE else ""
    if member.at.payable:
        return f"Payable{'' if member.at.declared else ' once declared'}.{where}"
    return f"Held up: {_papers(pack, member.at)} not back.{where}"


def paper_missing(pack: Pack, about: date, member: Member) -> str | None:
    """R6: a paper is missing for the current output, or a declared one can't be paid for want of it."""
    if not papers_missing(pack, member.progress, member.day):
        return None
    output = member.at
    if output.stage == "withdrawn":
        return None
    waiting_for_paper = output.declared and output.verdict == "met"
    if not waiting_for_paper and not member.on_current_output:
        return None
    return f"Not back yet: {_papers(pack, output)}."


def not_self_reported(pack: Pack, about: date, member: Member) -> str | None:
    """R33: more attended sessions on the register than self-reported training events, met or not."""
    if not member.on_current_output:
        return None
    attended = member.progress.count_until(ATTENDED, member.day.toordinal())
    reported = member.progress.count_until(SELF_REPORTS, member.day.toordinal())
    if attended <= reported or member.at.stage in AWAY | {"withdrawn"}:
        return None
    return f"{attended} attended on the register, {reported} self-reported."


def not_submitted(pack: Pack, about: date, member: Member) -> str | None:
    """R32, reading 38: who has not handed in the summative assessment; once failed, in a later window, not once more."""
    day = member.day.toordinal()
    tried = [each for each in member.progress.tries() if 0 < each.submitted <= day]
    if tried and (tried[-1].submitted >= _opened(pack, about, member) or not tried[-1].came_out("failed", day)):
        return None
    if any(each.came_out("passed", day) for each in tried):
        return None
    if member.declared or member.at.stage in AWAY | {"withdrawn"}:
        return None
    shut = gates.still_shut(member.ladder, member.day)
    return f"Not submitted yet. To be met before it may be sat: {shut}." if shut else "Not submitted yet."


def _opened(pack: Pack, closes: date, member: Member) -> int:
    """When a member's window that closes on a day opens (an ordinal); of one that the pack has no more, when it closed."""
    windows = pack.windows_of(member.progress.course, member.ladder.cohort(member.output, member.day))
    return next((window.opens for window in windows if window.closes == closes), closes).toordinal()


def returning(pack: Pack, about: date, member: Member) -> str | None:
    """The agreed return is near: the cohort to rejoin is to be agreed."""
    if all(deferral.until != about for deferral in member.progress.deferrals) or not member.on_current_output:
        return None
    deferral = enrolment.deferral_on(member.progress, member.day, member.day)
    if deferral is None or deferral.until != about or member.at.stage == "withdrawn":
        return None
    return "Agree the cohort to rejoin."


_OFF_COURSE: Mapping[Stage, str] = {
    "withdrawn": "Withdrawn.",
    "deferred": "On deferral.",
    "rescheduling_needed": "Back from deferral, cohort to rejoin needed.",
}


def _papers(pack: Pack, output: Position) -> str:
    return " and ".join(pack.paper_names[paper] for paper in output.papers_missing)


# --- what is counted besides, and who moved ----------------------------------------------------------------------------


def _payable_and_held_up(detail: str, outputs: Sequence[OutputStanding]) -> tuple[tuple[str, str], ...]:
    ready = [output for output in outputs if output.payable]
    held_up = [output for output in outputs if not output.payable]
    if all(output.worth is None for output in outputs):
        return (("Payable", _how_many(ready)), ("Held up by papers", str(len(held_up))))
    declared = [output for output in ready if output.declared]
    later = [output for output in ready if not output.declared]
    told = (("Payable now", declared), ("Payable once declared", later), ("Held up by papers", held_up))
    return tuple((what, payments.summed(output.worth for output in those)) for what, those in told)


def _how_many(outputs: Sequence[OutputStanding]) -> str:
    """How many, and how many of them only once they are declared."""
    later = sum(not output.declared for output in outputs)
    if not later:
        return str(len(outputs))
    return f"{len(outputs)}, {'' if later == len(outputs) else f'{later} of them only '}once declared"


def _which_report(detail: str, outputs: Sequence[OutputStanding]) -> tuple[tuple[str, str], ...]:
    on, kind = stale_report(detail)
    return (("Newest report", f"{kind} report of {in_words(on)}"),)


def _met_since(review: date, member: Member) -> bool:
    """Who has met it since the review date."""
    at = member.at
    if at.stage == "withdrawn" or at.stage in AWAY or at.verdict != "met":
        return False
    on = member.ladder.met_on(at.output, member.day)
    return on is not None and on > review


# --- the table ---------------------------------------------------------------------------------------------------------

REVIEW, EXTENSION = "review", "extension"  # chains

MESSAGES = (
    MessageKind("review_upcoming", FromReview(_before_review), still_needs, outputs="current", chain=REVIEW),
    MessageKind("window_open", FromReview(_window_opens), still_needs_in_window, outputs="current", chain=REVIEW),
    MessageKind(
        "window_progress",
        FromReview(_during_window),
        still_needs_in_window,
        outputs="current",
        chain=REVIEW,
        moved=_met_since,
    ),
    MessageKind("three_week_mark", FromReview(_three_weeks_on), undeclared),
    MessageKind("contact_overdue", FromReview(_past_deadline), uncontacted, outputs="current"),
    MessageKind("extension_ending", FromDecisions(_before_extension_ends), extension_open, chain=EXTENSION),
    MessageKind("extension_lapsed", FromDecisions(_once_extension_lapsed), extension_open, chain=EXTENSION),
    MessageKind(  # a nudge may stand there twice, of a removal somebody has to look first
        "removal_votes_waiting",
        FromProposals(_while_undecided),
        removal_undecided,
        outputs="current",
        may_repeat=False,
    ),
    MessageKind(
        "invoice_due", FromReview(_at_invoice, of="invoice"), payable, outputs="any", facts=_payable_and_held_up
    ),
    MessageKind("papers_missing", FromReview(_papers_before_review), paper_missing, outputs="any"),
    MessageKind("self_report", FromReview(_before_review_self_reporting), not_self_reported, outputs="current"),
    MessageKind("assessment_window", FromAssessmentWindow(_three_points_of_window), not_submitted),
    MessageKind("meeting_pack", FromMeetings(_before_meeting), None),
    MessageKind("deferral_ending", FromDecisions(_before_return), returning, outputs="current"),
    MessageKind(
        "dates_missing",
        FromMissingDates(_each_month),
        not_scheduled,
        outputs="current",
        one_series=True,
        to_owner=True,
        lists=False,
    ),
    MessageKind("inactive", FromSilence(_while_inactive), inactive, outputs="current"),
    MessageKind("stale_data", FromReports(_once_too_old), still_needs, outputs="current", facts=_which_report),
)
KINDS: Mapping[str, MessageKind] = {kind.key: kind for kind in MESSAGES}
