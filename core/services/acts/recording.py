"""One act on a participant as one transaction: the same checks and the same traces, whatever is decided.

The click's own id (so a repeated delivery changes nothing), permission, the act with its own checks, its audit entry; what follows
is the door's (`core.changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from core.changes import Change, changing
from core.database.tables import Decision
from core.derived.installation import Installation
from core.records import decisions, handled_events, participant_rows
from core.rules.calendar import in_words, london_day
from core.rules.course_span import CourseSpan, span_of
from core.rules.facts import Participant
from core.rules.plausible_dates import implausible_words, plausible
from core.rules.results import Standing
from core.rules.standing import standing
from core.services.enquiries import (
    course_code,
    joined_codes,
    meant_enrolment,
    recorded_last,
    refuse_outside_pack,
    unknown,
)
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, require, sees
from reference.pack import Pack

# Why an act would be of no use, whatever were filled in; None where it would be of use. Asked by button, form and service alike, of
# the pack, the standing on the act's own day, the one by now (an act may be dated back, and later ones count all the same), that
# day, and the output's number. What depends on the values, or on whose vote it is, the act itself refuses.
WhyNot = Callable[[Pack, Standing, Standing, date, int], Refusal | None]
IN_A_SENTENCE = 150  # characters of what is quoted within one


@dataclass(frozen=True, slots=True)
class EventRef:
    """The platform's own id of the click or form that asks for an act; the same id twice has one effect."""

    platform: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Deed:
    """When and by whom an act is done: `on` is the decision's own day, `now` the moment of recording (UTC).

    `meant` are the days of which somebody has said that they are meant, however odd, by the name of their field: others are
    asked about first. None where nobody can be asked: an odd day is recorded, with a warning. `course` is the one that the act is
    about, of somebody who takes several.
    """

    on: date
    now: datetime
    by: str | None = None
    expected_revision: int | None = None
    event: EventRef | None = None
    meant: Mapping[str, date] | None = None
    course: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was recorded, said in one sentence; where it leaves the participant on the act's day, and by now."""

    participant_id: str
    said: str
    warnings: tuple[str, ...]
    standing: Standing
    today: Standing
    repeated: bool = False
    courses: tuple[str, ...] = ()  # that it is about, of somebody who takes several


@dataclass
class ActInProgress:
    """One act in progress."""

    change: Change
    pack: Pack
    actor: Actor
    deed: Deed
    participant: Participant
    before: Standing  # on the act's own day
    today: Standing  # by now: an act may be dated back, and later ones count all the same
    others: list[Participant] = field(default_factory=list)  # their other enrolments that an act is about as well
    several: bool = False  # whether they take more courses than one, as far as the actor may see
    said: str = ""
    warnings: list[str] = field(default_factory=list)
    late: bool = False  # whether something was recorded after the form was opened
    detail: dict[str, str | int | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The participant's, as it is said in a sentence: with the course that it is about, where they take several."""
        name = in_a_sentence(self.before.name)
        return f"{name} ({joined_codes(self.courses)})" if self.several else name

    @property
    def courses(self) -> list[str]:
        """What the act is about."""
        return sorted(one.course for one in (self.participant, *self.others))

    @property
    def session(self) -> Session:
        return self.change.session

    @property
    def by(self) -> str:
        return self.deed.by or self.actor.name

    @property
    def span(self) -> CourseSpan:
        """Between which days the participant's course takes place, in the cohort that they are in on the act's day."""
        return span_of(self.pack, self.before.course, self.before.cohort)

    def useless(self, why_not: WhyNot, output: int = 0) -> Refusal | None:
        """Why the act would be of no use, as it is asked of cards and forms too; `output`: whose it is, where it is of one."""
        return why_not(self.pack, replace(self.before, name=self.name), self.today, self.deed.on, output)

    def by_now(self) -> Participant:
        """The participant with what the act has brought."""
        if self.change.has_facts:
            return participant_rows.load_participants(self.session, ids=[self.participant.enrolment_id])[0]
        return participant_rows.decided_since(self.session, self.participant)

    def doubt(self, day: date, why: str, name: str) -> None:
        """Asks about a day that can hardly be meant (`confirm_date`), or warns of it."""
        if self.deed.meant is not None and self.deed.meant.get(name) != day:
            raise Refusal("confirm_date", why, field=name)
        self.warnings.append(why)

    def doubt_before(self, day: date, name: str) -> None:
        """Doubts a day that has passed and lies before the participant's first cohort began."""
        span, today = span_of(self.pack, self.participant.course, self.participant.cohort), london_day(self.deed.now)
        if day < today and span.is_before(day, today):
            self.doubt(day, f"{in_words(day)} lies {span.before_words}.", name)

    def doubt_beyond(self, day: date, name: str, span: CourseSpan | None = None) -> None:
        """Doubts a day that lies beyond the participant's course, or the `span` given."""
        span = span or self.span
        if span.is_beyond(day):
            self.doubt(day, f"{in_words(day)} lies {span.beyond_words}.", name)

    def remember(self, kind: str, told: str, **columns: Any) -> None:
        """Writes the decision down, with the columns that its kind has: of the act's own day, recorded now.

        `told` is what its history says of it, for everybody who may see the participant and in posts: never a reason.
        """
        for one in (self.participant, *self.others):
            decided = Decision(
                enrolment_id=one.enrolment_id,
                kind=kind,
                told=told,
                decided_on=self.deed.on,
                recorded_at=self.deed.now,
                by=self.by,
                **columns,
            )
            if self.late:
                _refuse_changed(self, decided)
            decisions.add(self.session, decided)


def record(
    installation: Installation,
    actor: Actor,
    permission: str,
    participant_id: str,
    deed: Deed,
    act: Callable[[ActInProgress], None],
    called: str = "A decision",
    *,
    every_course: bool = False,
) -> Outcome:
    """Does an act: all of it, or nothing of it. `permission` is also what the audit calls it, `called` what people do.

    With `every_course` it is about all courses that are under way, where none is named.
    """
    require(actor, permission)
    _refuse_day(deed, called)
    try:
        return _record(installation, actor, permission, participant_id, deed, act, every_course=every_course)
    except _RecordedAlready as already:
        return already.outcome


def _record(
    installation: Installation,
    actor: Actor,
    permission: str,
    participant_id: str,
    deed: Deed,
    act: Callable[[ActInProgress], None],
    *,
    every_course: bool,
) -> Outcome:
    with _deciding(installation, actor, participant_id, deed, every_course=every_course) as (doing, earlier):
        if earlier is not None:
            return Outcome(participant_id, earlier, (), doing.before, doing.today, repeated=True)
        implied = tuple(doing.warnings)
        try:
            act(doing)
        except Refusal as refusal:
            if doing.late:
                _refuse_changed(doing)  # what else is not right stems from that
            refusal.message = " ".join((refusal.message, *implied))
            raise
        doing.doubt_before(deed.on, "on")
        about = (doing.participant, *doing.others)
        for one in about:
            doing.change.decided(participant_id, one.enrolment_id)
        doing.change.audit(
            permission,
            actor=doing.by,
            actor_id=actor.staff_id,
            participant_id=participant_id,
            detail={"on": deed.on.isoformat(), "course": joined_codes(doing.courses), **doing.detail},
        )
        if deed.event is not None:
            handled_events.remember_answer(doing.session, deed.event.platform, deed.event.event_id, doing.said)
        after = doing.by_now()
        then, today = standing(installation.pack, after, deed.on), london_day(deed.now)
        by_now = then if deed.on == today else standing(installation.pack, after, today)
        courses = tuple(doing.courses) if doing.several else ()
        return Outcome(participant_id, doing.said, tuple(doing.warnings), then, by_now, courses=courses)


def _refuse_day(deed: Deed, called: str) -> None:
    refuse_implausible(deed.on, "on")
    if deed.on > london_day(deed.now):
        raise Refusal(
            "in_the_future", f"{called} can't be dated in the future; please use today or an earlier day.", field="on"
        )


@contextmanager
def _deciding(
    installation: Installation, actor: Actor, participant_id: str, deed: Deed, *, every_course: bool
) -> Iterator[tuple[ActInProgress, str | None]]:
    """Opens the transaction and makes the checks that every act shares; yields an earlier answer for a repeated event."""
    with changing(installation, now=deed.now) as change:
        session = change.session
        participant_rows.lock_participant(session, participant_id)
        today = london_day(deed.now)
        found = _seen(actor, session, participant_id)
        meant, others, told = _meant(installation, found, deed, today, every_course=every_course)
        before = standing(installation.pack, meant, deed.on)
        by_now = before if deed.on == today else standing(installation.pack, meant, today)
        doing = ActInProgress(change, installation.pack, actor, deed, meant, before, by_now, others, len(found) > 1)
        doing.warnings += told
        event = deed.event
        if event is not None and not handled_events.first_time(session, event.platform, event.event_id, deed.now):
            yield (
                doing,
                handled_events.earlier_answer(session, event.platform, event.event_id) or "That was recorded already.",
            )
            return
        if deed.expected_revision is not None:
            doing.late = participant_rows.participant_revision(doing.session, participant_id) != deed.expected_revision
        yield doing, None


def _seen(actor: Actor, session: Session, participant_id: str) -> list[Participant]:
    """Somebody's enrolments, as far as the actor may see them; someone absent is refused like someone unseen."""
    enrolments = participant_rows.all_enrolments_of(session, [participant_id]).get(participant_id, [])
    found = [
        person
        for person in participant_rows.load_participants(session, ids=enrolments)
        if sees(actor, person.delivery_partner)
    ]
    if not found:
        raise unknown(participant_id)
    return found


def _meant(
    installation: Installation, found: Sequence[Participant], deed: Deed, today: date, *, every_course: bool
) -> tuple[Participant, list[Participant], list[str]]:
    """The enrolment of those found that an act is about, others that it is about as well, and what is to be told of that."""
    code = course_code(installation, deed.course)
    chosen = [person for person in found if code in (None, person.course)]
    if not chosen:
        courses = tuple(sorted(person.course for person in found))
        name = in_a_sentence(found[0].name)
        raise Refusal(
            "not_on_course",
            f"{name} is not on {code}; they take {joined_codes(courses)}.",
            field="course",
            matches=courses,
        )
    for person in chosen:
        refuse_outside_pack(installation, in_a_sentence(person.name), person.course, person.cohort)
    if len(chosen) == 1:
        return chosen[0], [], []
    standings = [standing(installation.pack, person, today) for person in chosen]
    live = [person for person, each in zip(chosen, standings, strict=True) if each.is_live]
    if every_course and live:
        return live[0], live[1:], []
    last = chosen[meant_enrolment(standings)]
    told = [] if live else [f"None of their courses is under way: this is about {last.course}, which began last."]
    return last, [], told


class _RecordedAlready(Exception):
    """What is to be recorded was what was recorded last, by the same person."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def _refuse_changed(doing: ActInProgress, wanted: Decision | None = None) -> None:
    """A late click: says what was decided meanwhile, and by whom; also where that is what is `wanted` now."""
    history = decisions.history(doing.session, doing.participant.enrolment_id)
    if wanted is not None and decisions.is_last(doing.session, wanted):
        said = f"That was recorded already. {doing.name}: {history[-1].text}, {in_words(history[-1].on)}."
        raise _RecordedAlready(Outcome(doing.participant.id, said, (), doing.before, doing.today, repeated=True))
    newest = recorded_last(doing.session, doing.actor, doing.participant.id, doing.participant.enrolment_id)
    last = ""
    if newest is not None:
        course = f"{newest.course}: " if newest.course else ""
        last = f" {course}{newest.text} by {in_a_sentence(newest.by)}, {in_words(newest.on)}."
    raise Refusal(
        "changed_meanwhile",
        f"Something was recorded for {in_a_sentence(doing.before.name)} in the meantime, so nothing has been changed.{last} "
        "Please look again and decide afresh.",
    )


def in_a_sentence(text: str) -> str:
    """What somebody is called, or typed, within a sentence; where it is absurdly long its beginning with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= IN_A_SENTENCE else f"{flat[:IN_A_SENTENCE].rstrip()}…"


def refuse(why_not: Refusal | None) -> None:
    """Refuses where there is a reason to."""
    if why_not is not None:
        raise why_not


def refuse_implausible(day: date, name: str) -> None:
    """Refuses a day that nobody can mean (`implausible_date`)."""
    if not plausible(day):
        raise Refusal("implausible_date", implausible_words(day), field=name)


def one_of(value: str, allowed: tuple[str, ...], name: str) -> None:
    """Refuses what is not among the words that are allowed (`unknown_…`)."""
    if value not in allowed:
        raise Refusal(
            f"unknown_{name}",
            f"“{in_a_sentence(value)}” is not {'an' if name[0] in 'aeiou' else 'a'} {name} I know; choose one of {', '.join(allowed)}.",
            field=name,
        )
