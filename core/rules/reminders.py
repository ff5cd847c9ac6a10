"""Who a message is about on the day it goes out, and what to say of each (readings 19-22 and 28, R33, R36, R40, R44)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.rules import enrolment
from core.rules.advice import PAPERS
from core.rules.calendar import in_words
from core.rules.evidence import Evidence
from core.rules.facts import Participant
from core.rules.occasions import Occasion, occasions, stale_report
from core.rules.progress import ATTENDED
from core.rules.report import ReportRow, engagement_report
from core.rules.results import OutputStanding, Standing
from core.rules.stages import ANSWERED
from core.rules.standing import standing
from reference.pack import Pack

__all__ = ["Occasion", "PersonDue", "Reminder", "occasions", "remind"]

AWAY = frozenset({"deferred", "rescheduling_needed"})
SIDES = {"delivery_partner": "the Delivery Partner", "lead_provider": "the lead provider"}


@dataclass(frozen=True, slots=True)
class PersonDue:
    """One person whom a message is about; `note` is what this message has to say of them beyond their next steps."""

    participant_id: str
    name: str
    output: OutputStanding
    standing: Standing
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """An occasion with its people as judged on the day it goes out."""

    occasion: Occasion
    day: date
    people: tuple[PersonDue, ...]
    concerned: int  # m: everyone on this output of the group who is neither withdrawn nor away
    evidenced: int  # n of m
    waiting_for_earlier: int
    facts: tuple[tuple[str, str], ...] = ()
    moved: tuple[str, ...] = ()  # names of those who met it since the review date, for the window's progress
    report: tuple[ReportRow, ...] = ()  # of a meeting pack (R45)


@dataclass(frozen=True, slots=True)
class _Member:
    participant: Participant
    standing: Standing
    output: OutputStanding


def remind(
    pack: Pack,
    people: Sequence[Participant],
    occasion: Occasion,
    day: date,
    standing_of: Callable[[Pack, Participant, date], Standing] = standing,
) -> Reminder | None:
    """The message as it should read on `day`, by what is known now; None when it concerns nobody (reading 19).

    `people` are the participants of the occasion's Delivery Partner. `standing_of` lets a caller remember standings.
    """
    if occasion.key == "meeting_pack":
        report = engagement_report([standing_of(pack, person, day) for person in people])
        return Reminder(occasion, day, (), len(people), 0, 0, report=report)
    members = _members(pack, people, occasion, day, standing_of)
    concerns = _CONCERNS[occasion.key]
    due: list[PersonDue] = []
    for member in members:
        note = concerns(pack, occasion, day, member)
        if note is not None:
            due.append(PersonDue(member.participant.id, member.participant.name, member.output, member.standing, note))
    if not due:
        return None
    due.sort(key=lambda person: (person.name.casefold(), person.participant_id))
    active = [m for m in members if m.output.stage != "withdrawn" and m.output.stage not in AWAY]
    waiting = [m for m in active if not _evidenced(m.output) and m.standing.current_output != occasion.output]
    return Reminder(
        occasion,
        day,
        tuple(due),
        concerned=len(active),
        evidenced=sum(_evidenced(m.output) for m in active),
        waiting_for_earlier=len(waiting),
        facts=tuple(_facts(occasion, active, due)),
        moved=_moved(occasion, active),
    )


def _members(
    pack: Pack,
    people: Sequence[Participant],
    occasion: Occasion,
    day: date,
    standing_of: Callable[[Pack, Participant, date], Standing],
) -> list[_Member]:
    """Everyone on this output of the group, in the cohort whose dates the output has for them."""
    found = []
    for person in people:
        if pack.courses[person.course].group != occasion.course_group:
            continue
        whole = standing_of(pack, person, day)
        output = next((o for o in whole.outputs if o.output == occasion.output), None)
        if output is not None and output.cohort == occasion.cohort:
            found.append(_Member(person, whole, output))
    return found


def _evidenced(output: OutputStanding) -> bool:
    return output.declared or output.verdict == "met"


def _facts(occasion: Occasion, active: list[_Member], due: list[PersonDue]) -> list[tuple[str, str]]:
    """What the whole group's message counts, beyond n of m."""
    if occasion.key == "invoice_due":
        payable = sum(person.output.payable for person in due)
        return [("Payable", str(payable)), ("Held up by papers", str(len(due) - payable))]
    if occasion.key == "stale_data":
        on, kind = stale_report(occasion)
        return [("Newest report", f"{kind} report of {in_words(on)}")]
    return []


def _moved(occasion: Occasion, active: list[_Member]) -> tuple[str, ...]:
    """Who has met it since the review date."""
    if occasion.key != "window_progress":
        return ()
    met = [m.participant.name for m in active if (on := m.output.met_on) is not None and on > occasion.about]
    return tuple(sorted(met, key=str.casefold))


# Each says whether a member is concerned: None for no, else the note about them ("" for nothing to add).


def _still_needs(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """Not met, not exempt, not declared, on deferral or for the lead provider, and this is their current output."""
    output = member.output
    ruled_out = output.declared or output.verdict not in ("not_met", "unknown")
    if ruled_out or member.standing.current_output != output.output:
        return None
    return None if output.stage in AWAY | {"withdrawn", "refer_to_lead_provider", "not_defined"} else ""


def _three_week_mark(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """R44: no declaration three weeks and more after the review date, current output or not; with what was tried."""
    output = member.output
    if output.declared or output.stage == "withdrawn" or output.verdict in ("exempt", "not_defined"):
        return None
    if output.review_date is None or day < output.review_date + timedelta(days=pack.settings.three_week_mark_after):
        return None
    if output.verdict == "met":
        return "Met, awaiting declaration."
    closing = output.stage == "window" and output.window_ends == day and not output.left_to_lead_provider
    closes = "The window closes today; from tomorrow they are to be contacted." if closing else ""
    return " ".join(part for part in (closes, _tried(member, day)) if part)


def _tried(member: _Member, day: date) -> str:
    """R44: the interventions put in place so far, by kind; a deferral shows as the stage. No reason is told."""
    person, output = member.participant, member.output
    contacts = [c for c in person.contacts if c.contacted_on <= day]
    answered = sum(c.outcome == ANSWERED for c in contacts)
    covered = sum(e.contingency is not None and Evidence.day_of(e) <= day for e in person.register)
    parts = [
        f"{_times(len(contacts), 'contact')} ({answered} answered)" if contacts else "",
        _times(output.extensions, "extension"),
        f"{_times(covered, 'missed session')} covered another way" if covered else "",
    ]
    tried = ", ".join(part for part in parts if part)
    return f"Tried so far: {tried}." if tried else ""


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _contact_overdue(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """R40, reading 21: in `contact`, and nothing logged since the window or the last lapsed extension."""
    output = member.output
    if output.stage != "contact" or member.standing.current_output != output.output or output.deadline is None:
        return None
    since = [c for c in member.participant.contacts if output.deadline < c.contacted_on <= day]
    return None if since else f"No contact logged since {in_words(output.deadline)}."


def _extension(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """The latest extension only: one that a later one supersedes sends nothing more (reading 28)."""
    output = member.output
    if output.latest_extension != occasion.about or output.declared or output.verdict not in ("not_met", "unknown"):
        return None
    return None if output.stage in AWAY | {"withdrawn"} else ""


def _removal_votes(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """R43: which side has yet to decide on an open proposal."""
    proposed_on = member.standing.removal_proposed_on
    if proposed_on != occasion.about or member.standing.current_output != member.output.output:
        return None
    if member.output.stage in ("withdrawn", "ready"):
        return None
    waiting = [words for side, words in SIDES.items() if side not in member.standing.removal_sides_approved]
    return f"Waiting for {' and '.join(waiting)} to decide."


def _invoice_due(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """Met, payable or held up by papers, declared or not (R6, reading 19)."""
    if member.output.verdict != "met":
        return None
    if member.output.payable:
        return "Payable." if member.output.declared else "Payable once declared."
    return f"Held up: {_papers(member.output)} not back."


def _papers_missing(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """R6: a paper is missing for the current output, or a declared one can't be paid for want of it."""
    output = member.output
    if not output.papers_missing or output.stage == "withdrawn":
        return None
    waiting_for_paper = output.declared and output.verdict == "met"
    if not waiting_for_paper and member.standing.current_output != output.output:
        return None
    return f"Not back yet: {_papers(output)}."


def _self_report(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """R33: more attended sessions on the register than self-reported training events, met or not."""
    if member.output.stage in AWAY | {"withdrawn"} or member.standing.current_output != member.output.output:
        return None
    component = pack.settings.training_event_component.casefold()
    attended = sum(e.status in ATTENDED and Evidence.day_of(e) <= day for e in member.participant.register)
    reported = sum(
        a.logged_by == "self_report" and a.component.casefold() == component and a.completed_on <= day
        for a in member.participant.activities
    )
    if attended <= reported:
        return None
    return f"{attended} attended on the register, {reported} self-reported."


def _assessment(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """R32: who has not handed in the summative assessment."""
    if member.output.declared or member.output.stage in AWAY | {"withdrawn"}:
        return None
    row = member.participant.assessment
    submitted = row is not None and row.submitted_on is not None and row.submitted_on <= day
    return None if submitted else "Not submitted yet."


def _deferral_ending(pack: Pack, occasion: Occasion, day: date, member: _Member) -> str | None:
    """The agreed return is near: the cohort to rejoin is to be agreed."""
    if member.output.stage == "withdrawn" or member.standing.current_output != member.output.output:
        return None
    deferral = enrolment.deferral_on(member.participant, day, day)
    return None if deferral is None or deferral.until != occasion.about else "Agree the cohort to rejoin."


def _papers(output: OutputStanding) -> str:
    return " and ".join(PAPERS[paper] for paper in output.papers_missing)


_CONCERNS: dict[str, Callable[[Pack, Occasion, date, _Member], str | None]] = {
    "review_upcoming": _still_needs,
    "window_open": _still_needs,
    "window_progress": _still_needs,
    "three_week_mark": _three_week_mark,
    "contact_overdue": _contact_overdue,
    "extension_ending": _extension,
    "extension_lapsed": _extension,
    "removal_votes_waiting": _removal_votes,
    "invoice_due": _invoice_due,
    "papers_missing": _papers_missing,
    "self_report": _self_report,
    "assessment_window": _assessment,
    "deferral_ending": _deferral_ending,
    "stale_data": _still_needs,
}
