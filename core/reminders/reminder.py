"""Who a message is about on the day it goes out, and what to say of each: the kinds in `core.reminders.messages` know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.reminders.message_kinds import FromAssessmentWindow, FromReports, FromReview
from core.reminders.messages import KINDS, MESSAGES
from core.reminders.occasions import Occasion, Part, occasions
from core.rules.engagement_counts import Report, engagement_report
from core.rules.ladder import Ladder
from core.rules.output_members import Member
from core.rules.output_position import current_output
from core.rules.output_tally import tally
from core.rules.progress import Progress
from core.rules.results import OutputStanding, Standing
from reference.pack import Pack

__all__ = ["Member", "Occasion", "PersonDue", "Reminder", "concerned", "occasions", "remind"]

_CONCERNS = {kind.key: kind.concerns for kind in MESSAGES}
_OF_EVERYBODY = frozenset(kind.key for kind in MESSAGES if kind.concerns is None)
# Which messages have dates that are certain people's alone; are about their current output; about declared ones too.
_OF_OWN_DATES = frozenset(kind.key for kind in MESSAGES if kind.of_own_dates)
_OF_CURRENT_OUTPUT = frozenset(kind.key for kind in MESSAGES if kind.outputs == "current")
_ABOUT = {kind.key: kind.source.of for kind in MESSAGES if isinstance(kind.source, FromReview | FromReports)}
_OF_WINDOWS = frozenset(kind.key for kind in MESSAGES if isinstance(kind.source, FromAssessmentWindow))
_OF_DECLARED_TOO = frozenset(kind.key for kind in MESSAGES if kind.outputs == "any")


@dataclass(frozen=True, slots=True)
class PersonDue:
    """One person whom a message is about; `note` is what this message has to say of them beyond their next steps."""

    participant_id: str
    name: str
    output: OutputStanding
    standing: Standing
    note: str = ""
    still: bool = True  # concerned; False on a page that named them before things changed
    also: tuple[PersonDue, ...] = ()  # the same person on other courses of the group: a message names everybody once

    @property
    def each(self) -> tuple[PersonDue, ...]:
        """On each of the courses that the message is about."""
        return (replace(self, also=()), *self.also)


@dataclass(frozen=True, slots=True)
class Reminder:
    """An occasion with its people as judged on the day it goes out."""

    occasion: Occasion
    day: date
    people: tuple[PersonDue, ...]
    concerned: int  # m: everyone on this output of the group who is counted, once for each course
    evidenced: int  # n of m
    waiting_for_earlier: int
    referred: int = 0  # for whom nothing new is left: with the lead provider (R53)
    unshown: int = 0  # of n: declared without evidence held here
    facts: tuple[tuple[str, str], ...] = ()
    moved: tuple[str, ...] = ()  # names of those who met it since the review date, for the window's progress
    report: Report | None = None  # of a meeting pack (R45)
    unnamed: int = 0  # concerned by now, though none of its pages, which were fixed before, names them
    unlisted: tuple[tuple[str, str], ...] = ()  # whom it concerns, by id and course, where its kind names nobody
    not_scheduled: int = 0  # of the whole group: whose current output has no review date yet (reading 36)
    start_unknown: int = 0  # of those: of whom it is not known which start within the cohort is theirs
    twice: bool = False  # whether anybody of the group is counted with more courses than one

    @property
    def enrolments(self) -> dict[str, tuple[int, ...]]:
        """Of each person, those that it is about."""
        return {
            person.participant_id: tuple(one.standing.enrolment_id for one in person.each) for person in self.people
        }

    @property
    def output(self) -> int | None:
        """The output that it is about; where it is about everybody's current one, theirs if they share it."""
        theirs = {self.occasion.output} if self.occasion.output else {person.output.output for person in self.people}
        return theirs.pop() if len(theirs) == 1 else None


Standings = Callable[[Sequence[int]], Mapping[int, Standing]]  # of these enrolments on the day the message goes out


def member(pack: Pack, ladder: Ladder, occasion: Occasion, day: date) -> Member | None:
    """Somebody as a member of an occasion's output, in the cohort whose dates the output has for them; None: not theirs.

    An occasion that is about no output in particular is about everybody's current one.
    """
    person = ladder.progress
    number = occasion.output or current_output(ladder, day)
    if number is None:
        return None
    if pack.courses[person.course].group != occasion.course_group or number > len(ladder.outputs):
        return None
    if occasion.course is not None and person.course != occasion.course:
        return None
    if person.cohort != occasion.cohort and not person.resumptions:
        return None
    if ladder.cohort(number, day) != occasion.cohort or not _is_their_date(pack, ladder, occasion):
        return None
    return Member(ladder, number, day)


def _is_their_date(pack: Pack, ladder: Ladder, occasion: Occasion) -> bool:
    """Whether an occasion is about a member's own date: within a group, courses and starts may have dates, or windows, of their own.

    A date that the pack has no more, since it was moved, was everybody's.
    """
    if occasion.key in _OF_WINDOWS and occasion.cohort is not None:
        theirs = pack.windows_of(ladder.progress.course, occasion.cohort)
        return not theirs or theirs[0].course == occasion.course
    name = _ABOUT.get(occasion.key)
    if name is None:
        return True
    group, cohort, number = occasion.course_group, occasion.cohort, occasion.output
    assert group is not None
    assert cohort is not None
    assert number is not None
    given = pack.schedule.get((group, cohort, number), ())
    own = ladder.dates_in(number, cohort)
    if own is not None and getattr(own, name) == occasion.about:
        return True
    return all(getattr(row, name) != occasion.about for row in given)


def members(pack: Pack, people: Iterable[Progress], occasion: Occasion, day: date) -> Iterator[Member]:
    """Everyone on the occasion's output of its group, in the cohort whose dates the output has for them."""
    for person in people:
        found = member(pack, Ladder(pack, person), occasion, day)
        if found is not None:
            yield found


def may_concern(occasion: Occasion, day: date, part: Part) -> bool:
    """Seen from afar, whether a message may be about somebody: never False for one whom it concerns."""
    if occasion.key in _OF_OWN_DATES and occasion.about not in part.about:
        return False
    if occasion.output is None or part.last_declared > day:
        return True
    if occasion.key in _OF_CURRENT_OUTPUT:
        return part.open_from == occasion.output
    return part.open_from <= occasion.output or occasion.key in _OF_DECLARED_TOO


def is_known(occasion: Occasion) -> bool:
    """Whether this version has the message's kind: a later one may have stored another, of which nobody here can judge."""
    return occasion.key in KINDS


def is_for_owners(occasion: Occasion) -> bool:
    """Whether a message goes to whoever looks after a place, where anybody does."""
    return occasion.key in KINDS and KINDS[occasion.key].to_owner


def of_everybody(occasion: Occasion) -> bool:
    """Whether a message is about nobody in particular: it goes out whoever there is."""
    return occasion.key in _OF_EVERYBODY


def concerned(pack: Pack, occasion: Occasion, day: date, member: Member) -> str | None:
    """Whether a message is about a member on the day it goes out: the note about them, None when it is not."""
    concerns = _CONCERNS.get(occasion.key)
    return None if concerns is None else concerns(pack, occasion.about, member)


def remind(
    pack: Pack, people: Sequence[Progress], occasion: Occasion, day: date, standings: Standings
) -> Reminder | None:
    """The message as it should read on `day`, by what is known now; None when it concerns nobody (reading 19).

    `people` are the participants of the occasion's Delivery Partner; `standings` gives the whole of those it names.
    """
    if not is_known(occasion):
        return None
    if of_everybody(occasion):
        whole = standings([person.enrolment for person in people])
        report = engagement_report(pack.cohorts, [whole[person.enrolment] for person in people])
        return Reminder(occasion, day, (), len(people), 0, 0, report=report, twice=counted_twice(people))
    everyone = list(members(pack, people, occasion, day))
    notes = {m.progress.enrolment: note for m in everyone if (note := concerned(pack, occasion, day, m)) is not None}
    if not notes:
        return None
    moved = _moved(occasion, everyone)
    undated, unknown = not_scheduled(pack, people, occasion, day)
    if not KINDS[occasion.key].lists:
        told = tuple(sorted((m.progress.id, m.progress.course) for m in everyone if m.progress.enrolment in notes))
        return Reminder(
            occasion,
            day,
            (),
            *count(everyone),
            unlisted=told,
            not_scheduled=undated,
            start_unknown=unknown,
            twice=counted_twice(m.progress for m in everyone),
        )
    whole = standings([*notes, *moved])
    due = [
        PersonDue(whole[i].participant_id, whole[i].name, at, whole[i], note)
        for i, note in notes.items()
        if (at := output_in(whole[i], occasion))
    ]
    due.sort(key=lambda person: (person.name.casefold(), person.participant_id, person.standing.course))
    return Reminder(
        occasion,
        day,
        named_once(due),
        *count(everyone),
        facts=facts_about(occasion, due),
        moved=_names(whole, moved),
        not_scheduled=undated,
        twice=counted_twice(m.progress for m in everyone),
    )


def counted_twice(people: Iterable[Progress]) -> bool:
    """Whether anybody is among these with more courses than one: then they are so many enrolments, not people."""
    ids = [person.id for person in people]
    return len(set(ids)) < len(ids)


def _names(whole: Mapping[int, Standing], enrolments: Iterable[int]) -> tuple[str, ...]:
    """Everybody's name once; with the courses of whoever is there with several."""
    theirs: dict[str, list[Standing]] = {}
    for one in enrolments:
        theirs.setdefault(whole[one].participant_id, []).append(whole[one])
    names = [
        f"{each[0].name} ({', '.join(sorted(one.course for one in each))})" if len(each) > 1 else each[0].name
        for each in theirs.values()
    ]
    return tuple(sorted(names, key=str.casefold))


def named_once(due: Iterable[PersonDue]) -> tuple[PersonDue, ...]:
    """Everybody once, in this order, with the further courses of whoever takes several of the group."""
    found: dict[str, PersonDue] = {}
    for person in due:
        first = found.get(person.participant_id)
        found[person.participant_id] = person if first is None else replace(first, also=(*first.also, person))
    return tuple(found.values())


def not_scheduled(pack: Pack, people: Iterable[Progress], occasion: Occasion, day: date) -> tuple[int, int]:
    """For how many of an occasion's group, in its cohort on that day, no review date is known of their current output; and
    for how many of these it is not known which start within the cohort is theirs.
    """
    group, cohort = occasion.course_group, occasion.cohort
    if group is None or cohort is None or not pack.lacks_dates(group, cohort):
        return 0, 0
    theirs = replace(occasion, key="", output=None)
    undated = [m for m in members(pack, people, theirs, day) if m.at.stage == "not_scheduled"]
    return len(undated), sum(not m.ladder.start_is_known(cohort) for m in undated)


def count(everyone: Iterable[Member]) -> tuple[int, int, int, int, int]:
    """m, n of them evidenced, who waits for an earlier output, for whom nothing new is left, and the unshown of n."""
    counted = tally((m.at, m.current_output) for m in everyone)
    return counted.people, counted.evidenced, counted.waiting, counted.referred, counted.unshown


def output_in(whole: Standing, occasion: Occasion) -> OutputStanding | None:
    """The output of somebody's that an occasion is about: their current one (once all are declared, the last) if about none."""
    number = occasion.output or whole.current_output or len(whole.outputs)
    return next((output for output in whole.outputs if output.output == number), None)


def facts_about(occasion: Occasion, due: Sequence[PersonDue]) -> tuple[tuple[str, str], ...]:
    """What the whole group's message counts of those whom it names, beyond n of m."""
    kind = KINDS.get(occasion.key)
    if kind is None or kind.facts is None:
        return ()
    return kind.facts(occasion.detail, [person.output for person in due])


def _moved(occasion: Occasion, everyone: list[Member]) -> list[int]:
    """Whom a message names besides, since they have met it meanwhile."""
    moved = KINDS[occasion.key].moved
    return [] if moved is None else [m.progress.enrolment for m in everyone if moved(occasion.about, m)]
