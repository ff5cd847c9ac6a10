"""Who a message is about on the day it goes out, and what to say of each (readings 19-22 and 28, R33, R36, R40, R44)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.rules import enrolment
from core.rules.calendar import in_words
from core.rules.ladder import Ladder
from core.rules.occasions import Occasion, Part, occasions, stale_report
from core.rules.position import Position, current_output, left_to_lead_provider, papers_missing, position
from core.rules.progress import ATTENDED, MADE_UP, SELF_REPORTS, Progress
from core.rules.report import Report, engagement_report
from core.rules.results import OutputStanding, Stage, Standing
from core.rules.stages import ANSWERED, AWAY
from core.rules.tally import tally
from core.rules.wording import PAPERS
from reference.pack import Pack

__all__ = ["Member", "Occasion", "PersonDue", "Reminder", "concerned", "occasions", "remind"]

UNASKED = -1
# Which messages are only about people on whom something was decided; about their current output; about declared ones too.
OF_DECISIONS = frozenset({"extension_ending", "extension_lapsed", "removal_votes_waiting", "deferral_ending"})
OF_CURRENT_OUTPUT = frozenset(
    {
        "review_upcoming",
        "window_open",
        "window_progress",
        "contact_overdue",
        "removal_votes_waiting",
        "self_report",
        "deferral_ending",
        "stale_data",
    }
)
OF_DECLARED_TOO = frozenset({"invoice_due", "papers_missing"})


@dataclass(frozen=True, slots=True)
class PersonDue:
    """One person whom a message is about; `note` is what this message has to say of them beyond their next steps."""

    participant_id: str
    name: str
    output: OutputStanding
    standing: Standing
    note: str = ""
    still: bool = True  # concerned; False on a page that named them before things changed


@dataclass(frozen=True, slots=True)
class Reminder:
    """An occasion with its people as judged on the day it goes out."""

    occasion: Occasion
    day: date
    people: tuple[PersonDue, ...]
    concerned: int  # m: everyone on this output of the group who is counted
    evidenced: int  # n of m
    waiting_for_earlier: int
    referred: int = 0  # for whom nothing new is left: with the lead provider (R53)
    unshown: int = 0  # of n: declared without evidence held here
    facts: tuple[tuple[str, str], ...] = ()
    moved: tuple[str, ...] = ()  # names of those who met it since the review date, for the window's progress
    report: Report | None = None  # of a meeting pack (R45)
    unnamed: int = 0  # concerned by now, though none of its pages, which were fixed before, names them


class Member:
    """Somebody on an output as of a day; where they stand is worked out when it is asked for."""

    __slots__ = ("_at", "_current", "day", "ladder", "output")

    def __init__(self, ladder: Ladder, output: int, day: date) -> None:
        self.ladder = ladder
        self.output = output
        self.day = day
        self._at: Position | None = None
        self._current: int | None = UNASKED

    @property
    def progress(self) -> Progress:
        """Their record."""
        return self.ladder.progress

    @property
    def current_output(self) -> int | None:
        """The first output that is not declared; None when all are."""
        if self._current == UNASKED:
            self._current = current_output(self.ladder, self.day)
        return self._current

    @property
    def on_current_output(self) -> bool:
        """Whether this output is the first that is not declared."""
        return self.current_output == self.output

    @property
    def at(self) -> Position:
        """Where they stand on the output."""
        if self._at is None:
            self._at = position(self.ladder, self.output, self.day, self.current_output)
        return self._at

    @property
    def declared(self) -> bool:
        """Whether the output is declared."""
        return self.ladder.declaration(self.output, self.day) is not None


Standings = Callable[[Sequence[str]], Mapping[str, Standing]]  # of these participants on the day the message goes out


def member(pack: Pack, ladder: Ladder, occasion: Occasion, day: date) -> Member | None:
    """Somebody as a member of an occasion's output, in the cohort whose dates the output has for them; None: not theirs."""
    person, number = ladder.progress, occasion.output
    assert number is not None
    if pack.courses[person.course].group != occasion.course_group or number > len(ladder.outputs):
        return None
    if person.cohort != occasion.cohort and not person.resumptions:
        return None
    return Member(ladder, number, day) if ladder.cohort(number, day) == occasion.cohort else None


def members(pack: Pack, people: Iterable[Progress], occasion: Occasion, day: date) -> Iterator[Member]:
    """Everyone on the occasion's output of its group, in the cohort whose dates the output has for them."""
    for person in people:
        found = member(pack, Ladder(pack, person), occasion, day)
        if found is not None:
            yield found


def may_concern(occasion: Occasion, day: date, part: Part) -> bool:
    """Seen from afar, whether a message may be about somebody: never False for one whom it concerns."""
    if occasion.key in OF_DECISIONS and occasion.about not in part.about:
        return False
    if occasion.output is None or part.last_declared > day:
        return True
    if occasion.key in OF_CURRENT_OUTPUT:
        return part.open_from == occasion.output
    return part.open_from <= occasion.output or occasion.key in OF_DECLARED_TOO


def concerned(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """Whether a message is about a member on the day it goes out: the note about them, None when it is not."""
    return _CONCERNS[occasion.key](pack, occasion, day, member)


def remind(
    pack: Pack, people: Sequence[Progress], occasion: Occasion, day: date, standings: Standings
) -> Reminder | None:
    """The message as it should read on `day`, by what is known now; None when it concerns nobody (reading 19).

    `people` are the participants of the occasion's Delivery Partner; `standings` gives the whole of those it names.
    """
    if occasion.key == "meeting_pack":
        whole = standings([person.id for person in people])
        report = engagement_report([whole[person.id] for person in people])
        return Reminder(occasion, day, (), len(people), 0, 0, report=report)
    everyone = list(members(pack, people, occasion, day))
    notes = {m.progress.id: note for m in everyone if (note := concerned(pack, occasion, day, m)) is not None}
    if not notes:
        return None
    moved = _moved(occasion, everyone, day)
    whole = standings([*notes, *moved])
    due = [PersonDue(i, whole[i].name, _of(whole[i], occasion), whole[i], note) for i, note in notes.items()]
    due.sort(key=lambda person: (person.name.casefold(), person.participant_id))
    return Reminder(
        occasion,
        day,
        tuple(due),
        *count(everyone),
        facts=facts_about(occasion, due),
        moved=tuple(sorted((whole[i].name for i in moved), key=str.casefold)),
    )


def count(everyone: Iterable[Member]) -> tuple[int, int, int, int, int]:
    """m, n of them evidenced, who waits for an earlier output, for whom nothing new is left, and the unshown of n."""
    counted = tally((m.at, m.current_output) for m in everyone)
    return counted.people, counted.evidenced, counted.waiting, counted.referred, counted.unshown


def _of(whole: Standing, occasion: Occasion) -> OutputStanding:
    return next(output for output in whole.outputs if output.output == occasion.output)


def facts_about(occasion: Occasion, due: Sequence[PersonDue]) -> tuple[tuple[str, str], ...]:
    """What the whole group's message counts of those whom it names, beyond n of m."""
    if occasion.key == "invoice_due":
        payable = [person.output for person in due if person.output.payable]
        return (("Payable", _payable(payable)), ("Held up by papers", str(len(due) - len(payable))))
    if occasion.key == "stale_data":
        on, kind = stale_report(occasion)
        return (("Newest report", f"{kind} report of {in_words(on)}"),)
    return ()


def _payable(outputs: Sequence[OutputStanding]) -> str:
    """How many, and how many of them only once they are declared."""
    later = sum(not output.declared for output in outputs)
    if not later:
        return str(len(outputs))
    return f"{len(outputs)}, {'' if later == len(outputs) else f'{later} of them only '}once declared"


def _moved(occasion: Occasion, everyone: list[Member], day: date) -> list[str]:
    """Who has met it since the review date."""
    if occasion.key != "window_progress":
        return []
    return [
        m.progress.id
        for m in everyone
        if m.at.stage != "withdrawn"
        and m.at.stage not in AWAY
        and m.at.verdict == "met"
        and (on := m.ladder.met_on(m.at.output, day)) is not None
        and on > occasion.about
    ]


# Each says whether a member is concerned: None for no, else the note about them ("" for nothing to add). What is quickly
# seen comes first: most are asked about somebody whom they do not concern.


def _still_needs(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """Not met, not exempt, not declared, on deferral or for the lead provider, and this is their current output."""
    if not member.on_current_output:
        return None
    output = member.at
    if output.declared or output.verdict not in ("not_met", "unknown"):
        return None
    return None if output.stage in AWAY | {"withdrawn", "refer_to_lead_provider", "not_defined"} else ""


def _three_week_mark(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """R44: no declaration three weeks and more after the review date, current output or not; with what was tried."""
    if member.declared:
        return None
    output = member.at
    if output.stage == "withdrawn" or output.verdict in ("exempt", "not_defined"):
        return None
    if output.review_date is None or day < output.review_date + timedelta(days=pack.settings.three_week_mark_after):
        return None
    if output.verdict == "met":
        return "Met, awaiting declaration."
    return " ".join(part for part in (_closes(pack, member, day), _tried(member, day)) if part)


def _closes(pack: Pack, member: Member, day: date) -> str:
    """That the window closes today, and what follows from it (R38, R44)."""
    output = member.at
    if output.stage != "window" or output.window_ends != day:
        return ""
    if enrolment.deferral_ahead(member.progress, day) is not None:
        return "The window closes today."
    if left_to_lead_provider(member.ladder, output.output, day):
        return f"The window closes today; only {pack.lead_provider}'s own record is still open."
    return "The window closes today; from tomorrow they are to be contacted."


def _tried(member: Member, day: date) -> str:
    """R44: the interventions put in place so far, by kind; a deferral shows as the stage. No reason is told."""
    contacts = [c for c in member.progress.contacts if c.contacted_on <= day]
    answered = sum(c.outcome == ANSWERED for c in contacts)
    covered = member.progress.until(MADE_UP, day.toordinal())
    parts = [
        f"{_times(len(contacts), 'contact')} ({answered} answered)" if contacts else "",
        _times(member.at.extensions, "extension"),
        f"{_times(covered, 'missed session')} covered another way" if covered else "",
    ]
    tried = ", ".join(part for part in parts if part)
    return f"Tried so far: {tried}." if tried else ""


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _contact_overdue(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """R40, reading 21: in `contact`, and nothing logged since the window or the last lapsed extension."""
    if not member.on_current_output:
        return None
    output = member.at
    if output.stage != "contact" or output.deadline is None:
        return None
    since = [c for c in member.progress.contacts if output.deadline < c.contacted_on <= day]
    return None if since else f"No contact logged since {in_words(output.deadline)}."


def _extension(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """The latest extension only: one that a later one supersedes sends nothing more (reading 28)."""
    if all(extension.until != occasion.about for extension in member.progress.extensions):
        return None
    output = member.at
    if output.latest_extension != occasion.about or output.declared or output.verdict not in ("not_met", "unknown"):
        return None
    return None if output.stage in AWAY | {"withdrawn"} else ""


def _removal_votes(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """R43: which side has yet to decide on an open proposal."""
    removal = enrolment.removal_on(member.progress, day)
    if removal.proposed_on != occasion.about or not member.on_current_output:
        return None
    if member.at.stage in ("withdrawn", "ready"):
        return None
    waiting = [words for side, words in enrolment.SIDES.items() if side not in removal.sides_approved]
    return f"Waiting for {' and '.join(waiting)} to decide."


def _invoice_due(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """Met, payable or held up by papers, declared or not (R6, reading 19); who is not on the course just now is there too."""
    if member.at.verdict != "met":
        return None
    where = f" {_OFF_COURSE[member.at.stage]}" if member.at.stage in _OFF_COURSE else ""
    if member.at.payable:
        return f"Payable{'' if member.at.declared else ' once declared'}.{where}"
    return f"Held up: {_papers(member.at)} not back.{where}"


def _papers_missing(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """R6: a paper is missing for the current output, or a declared one can't be paid for want of it."""
    if not papers_missing(member.progress, day):
        return None
    output = member.at
    if output.stage == "withdrawn":
        return None
    waiting_for_paper = output.declared and output.verdict == "met"
    if not waiting_for_paper and not member.on_current_output:
        return None
    return f"Not back yet: {_papers(output)}."


def _self_report(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """R33: more attended sessions on the register than self-reported training events, met or not."""
    if not member.on_current_output:
        return None
    attended = member.progress.count_until(ATTENDED, day.toordinal())
    reported = member.progress.count_until(SELF_REPORTS, day.toordinal())
    if attended <= reported or member.at.stage in AWAY | {"withdrawn"}:
        return None
    return f"{attended} attended on the register, {reported} self-reported."


def _assessment(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """R32: who has not handed in the summative assessment."""
    row = member.progress.assessment()
    submitted = row is not None and 0 < row.submitted <= day.toordinal()
    if submitted or member.declared or member.at.stage in AWAY | {"withdrawn"}:
        return None
    return "Not submitted yet."


def _deferral_ending(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """The agreed return is near: the cohort to rejoin is to be agreed."""
    if all(deferral.until != occasion.about for deferral in member.progress.deferrals) or not member.on_current_output:
        return None
    deferral = enrolment.deferral_on(member.progress, day, day)
    if deferral is None or deferral.until != occasion.about or member.at.stage == "withdrawn":
        return None
    return "Agree the cohort to rejoin."


_OFF_COURSE: Mapping[Stage, str] = {
    "withdrawn": "Withdrawn.",
    "deferred": "On deferral.",
    "rescheduling_needed": "Back from deferral, cohort to rejoin needed.",
}


def _papers(output: Position) -> str:
    return " and ".join(PAPERS[paper] for paper in output.papers_missing)


_CONCERNS: dict[str, Callable[[Pack, Occasion, date, Member], str | None]] = {
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
