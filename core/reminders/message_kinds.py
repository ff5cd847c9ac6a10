"""What a kind of message is: where it comes from, when it is due, whom it concerns. `core.reminders.messages` has them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from core.rules.output_members import Member
from core.rules.progress import Progress
from core.rules.results import OutputStanding
from reference.pack import AssessmentWindow, Pack, ScheduleRow


class Due(NamedTuple):
    """A day on which a message of one kind is due."""

    on: date  # the working day it goes out
    about: date  # the true date
    lead: int  # signed days from the date it is counted from; tells several of one kind apart
    last_day: date | None = None  # after this day it never goes out late: what it is about is over, its own day past
    detail: str = ""  # what else tells two apart
    output: int | None = None  # of a decision: the output that it is about


class DaysAsked(NamedTuple):
    """The days asked about, both included: what comes again and again has no end of its own."""

    first: date
    last: date


# --- where messages come from: each gives what the kind's due days follow from -----------------------------------------


@dataclass(frozen=True, slots=True)
class FromReview:
    """One of the dates of each output in a group's schedule, with its row; it concerns those whose own date that is."""

    due: Callable[[Pack, ScheduleRow, date, DaysAsked], Iterable[Due]]
    of: Literal["review", "cut_off", "invoice", "payment"] = "review"


@dataclass(frozen=True, slots=True)
class FromAssessmentWindow:
    """Each assessment window of a group or of a course (R32); its messages are about the completion output."""

    due: Callable[[Pack, AssessmentWindow], Iterable[Due]]


@dataclass(frozen=True, slots=True)
class FromReports:
    """The review date of each output, and the days of the reports held for the group with their kinds, in order."""

    due: Callable[[Pack, date, Sequence[tuple[date, str]]], Iterable[Due]]
    of: Literal["review"] = "review"


@dataclass(frozen=True, slots=True)
class FromDecisions:
    """The extensions and deferrals of each participant."""

    due: Callable[[Pack, Progress], Iterable[Due]]


@dataclass(frozen=True, slots=True)
class FromProposals:
    """Each day on which a side proposed or approved a participant's removal, on each of their outputs."""

    due: Callable[[Pack, date, DaysAsked], Iterable[Due]]


@dataclass(frozen=True, slots=True)
class FromMeetings:
    """The Partnership meetings of each Delivery Partner."""

    due: Callable[[Pack, date], Iterable[Due]]


@dataclass(frozen=True, slots=True)
class FromMissingDates:
    """The days asked about, for each group of which not every review date is known; about everybody's current output."""

    due: Callable[[Pack, DaysAsked], Iterable[Due]]


@dataclass(frozen=True, slots=True)
class FromSilence:
    """Each day since which there has been no new evidence of a participant for long; about their current output."""

    due: Callable[[Pack, date, DaysAsked], Iterable[Due]]


Source: TypeAlias = (
    FromMissingDates
    | FromReview
    | FromAssessmentWindow
    | FromReports
    | FromDecisions
    | FromProposals
    | FromMeetings
    | FromSilence
)

# Whether a member is concerned by a message about a date: None for no, else the note about them ("" for nothing to add).
Concerns: TypeAlias = Callable[[Pack, date, Member], str | None]


@dataclass(frozen=True)
class MessageKind:
    """One kind of message. Its words are the entry of the same key in `bot.conversation.messages`."""

    key: str  # messages are stored with it: it never changes
    source: Source
    concerns: Concerns | None  # None: about nobody in particular, it brings the engagement report of everybody (R45)
    outputs: Literal["current", "undeclared", "any"] = "undeclared"  # it concerns people on no others
    chain: str = ""  # a later message of one chain says what an earlier unsent one would: only the newest goes out late
    one_series: bool = False  # the newest goes out late alone, whatever date each is about
    to_owner: bool = False  # it goes to whoever looks after a place, where anybody does, instead of to the place
    lists: bool = True  # its post names whom it concerns
    may_repeat: bool = True  # where nobody can look whether it arrived: better posted twice than not at all
    facts: Callable[[str, Sequence[OutputStanding]], tuple[tuple[str, str], ...]] | None = (
        None  # counted, of its detail
    )
    moved: Callable[[date, Member], bool] | None = None  # whom it names besides: those who met it meanwhile

    @property
    def of_own_dates(self) -> bool:
        """Whether its date is one of certain people alone: by what was decided about them, or since when there is nothing new of them."""
        return isinstance(self.source, FromDecisions | FromProposals | FromSilence)
