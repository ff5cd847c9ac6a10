"""Questions: who is it, where do they stand, who is at risk, what is coming. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from core.database.database import reading
from core.derived.caseloads import records_of
from core.derived.installation import Installation
from core.derived.people_index import ONLY_ID, Directory, KnownState, only_an_id
from core.records import decisions, participant_rows
from core.records.compared_names import alike, folded
from core.records.participant_rows import PersonName as PersonName
from core.rules import engagement_counts, enrolment
from core.rules.calendar import latest
from core.rules.ladder import Ladder
from core.rules.output_position import Position, current_output, position
from core.rules.output_tally import Tally, tally
from core.rules.results import OutputStanding, Stage, Standing
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, may, require, sees
from reference.pack import Pack, ScheduleRow

WORST_FIRST: tuple[Stage, ...] = (
    "removal_pending",
    "removal_review",
    "contact",
    "extended",
    "window",
    "refer_to_lead_provider",
    "pre_review",
    "ready",
)
NOT_AT_RISK: frozenset[Stage] = frozenset(
    {"declared", "withdrawn", "deferred", "rescheduling_needed", "not_defined", "not_scheduled", "not_due"}
)
MOST_LISTED = 10
ALIKE = 75  # of 100: how alike a name must be to be suggested


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Someone whose output is not evidenced, with the output that was looked at."""

    standing: Standing
    output: OutputStanding


@dataclass(frozen=True, slots=True)
class AtRiskList:
    """Which enrolments are at risk, worst first, and of how many it can't be said, as no review date is known yet (reading 36)."""

    people: list[AtRisk]
    not_scheduled: int
    undated_people: int | None = None  # who these are, each counted once; None: as many

    @property
    def persons(self) -> int:
        """How many people are at risk, each counted once."""
        return len({each.standing.participant_id for each in self.people})


@dataclass(frozen=True, slots=True)
class Review:
    """A coming (or running) review of one output of one group of a Delivery Partner, with its dates.

    `whose`: the courses, and starts within the cohort, of its people where not everybody's dates in the group are these.
    """

    delivery_partner: str
    course_group: str
    cohort: str
    output: int
    title: str
    review_date: date
    window_ends: date | None  # None: there is no window (reading 34)
    cut_off: date | None
    invoice_date: date | None
    payment_date: date | None
    tally: Tally
    meeting_on: date | None
    computed: bool  # the review date: from DfE's cut-off
    whose: tuple[str, ...]
    twice: bool = False  # whether anybody is on it with more than one course

    @property
    def people(self) -> int:
        """Everyone on the output who is counted, once for each course."""
        return self.tally.people

    @property
    def met(self) -> int:
        """How many of them are evidenced."""
        return self.tally.evidenced


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that was recorded about a participant: when, by whom, what."""

    kind: str
    on: date
    by: str
    text: str
    reason: str | None = None  # for whoever may see the participant, privately
    course: str = ""  # named where it is another than the one that is told of


@dataclass(frozen=True, slots=True)
class Case:
    """One enrolment's standing with what was decided so far; `revision` rises with each decision about its person.

    `courses` are all that they take as far as the asker may see it, this one too.
    """

    standing: Standing
    person: PersonName
    revision: int
    history: tuple[HistoryLine, ...]
    courses: tuple[str, ...] = ()
    live: tuple[str, ...] = ()  # those of them that are under way

    @property
    def several(self) -> bool:
        """Whether they take more than one course, as far as the asker may see."""
        return len(self.courses) > 1


def meant(directory: Directory, actor: Actor, text: str) -> list[PersonName]:
    """Whom a text may mean (an id, an e-mail, a TRN, a name or the beginnings of one), of those the actor may see.

    Refuses who may see nobody. Every question about somebody by name comes through here, and the kept answers too.
    """
    require(actor, "see")
    return directory.named(text, lambda person: sees(actor, person.delivery_partner))


def identify(installation: Installation, actor: Actor, who: str) -> str:
    """The id of the one participant that WHO means: an id, an e-mail, a TRN or a name.

    Refuses with `unknown_participant` (also for someone whom the actor may not see, word for word) or, when several
    fit, with `ambiguous_participant` and their sorted ids: nothing is guessed.
    """
    require(actor, "see")
    with reading(installation.engine) as session:
        return _the_one(installation.people_index.known(session).directory(session), actor, who).id


def _the_one(directory: Directory, actor: Actor, who: str) -> PersonName:
    found = meant(directory, actor, who)
    if len(found) == 1:
        return found[0]
    if found:
        matches = tuple(sorted(person.id for person in found))
        ids = (
            f"{ONLY_ID}{one}" if one == who.strip() else one for one in matches
        )  # by itself it would fit several again
        raise Refusal(
            "ambiguous_participant",
            f"{len(found)} participants fit “{who.strip()}”; please use one of their ids: {_listed(ids)}.",
            field="who",
            matches=matches,
        )
    alike = _alike(directory, actor, who)
    hint = f" Did you mean {' or '.join(person.name for person in alike)}?" if alike else " Please check the spelling."
    raise Refusal("unknown_participant", f"I can't find a participant “{who.strip()}”.{hint}", field="who")


def suggest(installation: Installation, actor: Actor, text: str, limit: int = 10) -> list[PersonName]:
    """Whom a half-typed name may mean, best first, among those the actor may see; for type-ahead and "which one?"."""
    require(actor, "see")
    with reading(installation.engine) as session:
        directory = installation.people_index.known(session).directory(session)
    found = meant(directory, actor, text)
    return found[:limit] if found else _alike(directory, actor, text, limit)


def is_somebody(installation: Installation, actor: Actor, text: str) -> bool:
    """Whether anybody whom the actor may see is called this: an id, an e-mail, a TRN, a name or the beginnings of one."""
    if not text or not may(actor, "see"):
        return False
    with reading(installation.engine) as session:
        directory = installation.people_index.known(session).directory(session)
    return bool(meant(directory, actor, text))


def people_named(installation: Installation, actor: Actor, ids: Sequence[str]) -> list[PersonName]:
    """Names for ids, in the same order, leaving out whom the actor may not see."""
    with reading(installation.engine) as session:
        by_id = installation.people_index.known(session).directory(session).by_id
    found = ((p for p in by_id.get(i, ()) if sees(actor, p.delivery_partner)) for i in ids)
    return [person for people in found if (person := next(people, None)) is not None]


def courses_taken(installation: Installation, actor: Actor, ids: Sequence[str]) -> dict[str, list[str]]:
    """The courses of each of these people, as far as the actor may see them."""
    with reading(installation.engine) as session:
        by_id = installation.people_index.known(session).directory(session).by_id
    return {i: sorted(p.course for p in by_id.get(i, ()) if sees(actor, p.delivery_partner)) for i in ids}


def status(installation: Installation, actor: Actor, who: str, *, as_of: date, course: str | None = None) -> list[Case]:
    """Where one participant stands at the end of a day, on each of their courses or on one. Refuses as `identify` does."""
    require(actor, "see")
    with reading(installation.engine) as session:
        known = installation.people_index.known(session)
        everyone = _enrolled(session, known, actor, who)
        people = _in_pack(installation, _on_course(installation, everyone, course))
        return [_case(installation, session, known, person, everyone, as_of) for person in people]


def case(
    installation: Installation, actor: Actor, participant_id: str, *, as_of: date, course: str | None = None
) -> Case:
    """One participant by id, with the decisions so far, on a course or the one that is meant where none is named.

    Someone unseen and someone absent are refused alike; whoever is on several courses with `several_courses`.
    """
    require(actor, "see")
    with reading(installation.engine) as session:
        known = installation.people_index.known(session)
        people = _by_id(known, session, actor, participant_id)
        return _the_case(installation, session, known, people, as_of, course)


def cases(installation: Installation, actor: Actor, participant_id: str, *, as_of: date) -> list[Case]:
    """One participant by id, on each of their courses. Someone unseen and someone absent are refused alike."""
    require(actor, "see")
    with reading(installation.engine) as session:
        known = installation.people_index.known(session)
        people = _by_id(known, session, actor, participant_id)
        return [_case(installation, session, known, person, people, as_of) for person in _in_pack(installation, people)]


def _in_pack(installation: Installation, people: Sequence[PersonName]) -> Sequence[PersonName]:
    """Somebody's enrolments of which the pack in use can say anything; all where it is none, so that this is told."""
    return [p for p in people if installation.pack.knows(p.course, p.cohort)] or people


def _by_id(known: KnownState, session: Session, actor: Actor, participant_id: str) -> list[PersonName]:
    people = [p for p in known.directory(session).by_id.get(participant_id, ()) if sees(actor, p.delivery_partner)]
    if not people:
        raise unknown(participant_id)
    return people


def case_of(installation: Installation, actor: Actor, who: str, *, as_of: date, course: str | None = None) -> Case:
    """The case of the one participant that WHO means. Refuses as `identify` and `case` do."""
    require(actor, "see")
    with reading(installation.engine) as session:
        known = installation.people_index.known(session)
        people = _enrolled(session, known, actor, who)
        return _the_case(installation, session, known, people, as_of, course)


def _enrolled(session: Session, known: KnownState, actor: Actor, who: str) -> list[PersonName]:
    """The one participant that WHO means, for each of their enrolments that the actor may see."""
    if not known.has_directory and only_an_id(who):  # a process that answers once reads no directory
        people = participant_rows.person(session, who.strip())
        if found := [person for person in people if sees(actor, person.delivery_partner)]:
            return found
    directory = known.directory(session)
    one = _the_one(directory, actor, who)
    return [person for person in directory.by_id[one.id] if sees(actor, person.delivery_partner)]


def _on_course(installation: Installation, people: Sequence[PersonName], course: str | None) -> Sequence[PersonName]:
    """Somebody's enrolments, or the one on a course. Refuses with `unknown_course`, and `not_on_course`, which lists theirs."""
    code = course_code(installation, course)
    if code is None:
        return people
    found = [person for person in people if person.course == code]
    if not found:
        courses = tuple(sorted(person.course for person in people))
        takes = f"{people[0].name} is not on {code}; they take {joined_codes(courses)}."
        raise Refusal("not_on_course", takes, field="course", matches=courses)
    return found


def _the_case(
    installation: Installation,
    session: Session,
    known: KnownState,
    people: Sequence[PersonName],
    as_of: date,
    course: str | None,
) -> Case:
    chosen = _on_course(installation, people, course)
    cases = [_case(installation, session, known, person, people, as_of) for person in chosen]
    return cases[meant_enrolment([each.standing for each in cases])]


def first_of(installation: Installation, cases: Sequence[Case]) -> Case | None:
    """What a button or form of before means, of somebody who takes several courses by now: the one that they had then.

    None where the asker may not see that.
    """
    with reading(installation.engine) as session:
        people = participant_rows.person(session, cases[0].person.id)
    return next((case for case in cases if case.person.enrolment_id == people[0].enrolment_id), None)


def takes_several(installation: Installation, participant_id: str) -> bool:
    """Whether somebody is enrolled more than once, whoever may see that."""
    with reading(installation.engine) as session:
        return len(participant_rows.person(session, participant_id)) > 1


def anybody_takes_several(installation: Installation) -> bool:
    """Whether anybody at all is on more courses than one."""
    with reading(installation.engine) as session:
        return participant_rows.anybody_takes_several(session)


def meant_enrolment(standings: Sequence[Standing]) -> int:
    """Which of somebody's enrolments is meant where none is named: the one under way, else the one that began last.

    Refuses with `several_courses`, and the courses, where several are under way.
    """
    live = [place for place, each in enumerate(standings) if each.is_live]
    if len(live) > 1:
        courses = tuple(sorted(standings[place].course for place in live))
        name = standings[0].name
        raise Refusal(
            "several_courses",
            f"{name} takes {joined_codes(courses)}; please say which course is meant.",
            field="course",
            matches=courses,
        )
    if live:
        return live[0]
    return max(range(len(standings)), key=lambda place: (standings[place].began_on or date.min, place))


def joined_codes(courses: Sequence[str]) -> str:
    """ "EHCO and NPQH"."""
    *before, last = courses
    return f"{', '.join(before)} and {last}" if before else last


def _case(
    installation: Installation,
    session: Session,
    known: KnownState,
    person: PersonName,
    people: Sequence[PersonName],
    as_of: date,
) -> Case:
    refuse_outside_pack(installation, person.name, person.course, person.cohort)
    standing = known.standing(session, installation.pack, person.enrolment_id, as_of)
    revision = known.decided(person.id)
    recorded = decisions.history(session, person.enrolment_id) if revision else []
    history = tuple(HistoryLine(d.kind, d.on, d.by, d.text, d.reason) for d in recorded if d.on <= as_of)
    live = [each.course for each in people if len(people) > 1 and _is_live(installation, session, known, each, as_of)]
    courses = tuple(sorted(each.course for each in people))
    return Case(standing, person, revision, history, courses, tuple(sorted(live)))


def recorded_last(session: Session, actor: Actor, participant_id: str, enrolment_id: int) -> HistoryLine | None:
    """What was recorded last about somebody, seen from one of their enrolments; None where the actor may not see it.

    Somebody's one revision rises with a decision about any of their courses: a late press is told what has raised it.
    """
    people = participant_rows.person(session, participant_id)
    newest = decisions.newest(session, [each.enrolment_id for each in people], enrolment_id)
    if newest is None:
        return None
    enrolment, told = newest
    [about] = [each for each in people if each.enrolment_id == enrolment]
    if not sees(actor, about.delivery_partner):
        return None
    course = "" if enrolment == enrolment_id else about.course
    return HistoryLine(told.kind, told.on, told.by, told.text, course=course)


def recorded_since(installation: Installation, actor: Actor, case: Case) -> HistoryLine | None:
    """What was recorded last about somebody after a button was drawn, as far as the actor may see it."""
    with reading(installation.engine) as session:
        return recorded_last(session, actor, case.person.id, case.person.enrolment_id)


def _is_live(installation: Installation, session: Session, known: KnownState, person: PersonName, as_of: date) -> bool:
    if not installation.pack.knows(person.course, person.cohort):
        return False
    return known.standing(session, installation.pack, person.enrolment_id, as_of).is_live


def unknown(who: str) -> Refusal:
    """The one refusal for someone absent and for someone whom the asker may not see."""
    return Refusal(
        "unknown_participant", f"I can't find a participant “{who}”. Please check the spelling.", field="who"
    )


def refuse_outside_pack(installation: Installation, name: str, course: str, cohort: str) -> None:
    """Refuses (`not_in_pack`) to say anything of somebody on a course, or in a cohort, that the pack does not have."""
    if not installation.pack.knows(course, cohort):
        raise Refusal(
            "not_in_pack",
            f"{name} is on {course} in cohort {cohort}, which {installation.pack.label} does not have, so I can't say where they "
            "stand. Please ask whoever runs me to look at “npq doctor”: NPQ_PACK may name another pack than yours.",
        )


def output_of(standing: Standing, number: int) -> OutputStanding:
    """One output of a standing; refuses with `no_such_output` (R1: that is an error, not "not met")."""
    for output in standing.outputs:
        if output.output == number:
            return output
    raise Refusal(
        "no_such_output",
        f"{standing.course} has outputs 1 to {len(standing.outputs)}; there is no output {number}.",
        field="output",
    )


def _refuse_no_such_output(installation: Installation, course: str | None, number: int) -> None:
    """Refuses with `no_such_output` a number that the course, or any course where none is named, does not have."""
    courses = [course] if course else installation.pack.courses
    numbers = sorted({output.number for code in courses for output in installation.pack.outputs_of(code)})
    if number not in numbers:
        has = f"{course} has" if course else "the courses have"
        raise Refusal(
            "no_such_output",
            f"There is no output {number}; {has} outputs {numbers[0]} to {numbers[-1]}.",
            field="output",
        )


def at_risk(
    installation: Installation,
    actor: Actor,
    *,
    as_of: date,
    partner: str | None = None,
    course: str | None = None,
    cohort: str | None = None,
    output: int | None = None,
) -> AtRiskList:
    """Everyone whose current output (or the one asked for) is not evidenced, worst first; how many have no review date.

    Refuses an unknown partner, course, cohort or output.
    """
    require(actor, "see")
    code = course_code(installation, course)
    if output is not None:
        _refuse_no_such_output(installation, code, output)
    cohort = cohort_key(installation.pack, cohort)
    not_scheduled = 0
    with reading(installation.engine) as session:
        chosen = known_partner(actor, session, partner)
        looked_at: dict[int, int] = {}
        undated: set[str] = set()
        for ladder in _ladders(installation, actor, session, chosen, code):
            number = current_output(ladder, as_of) if output is None else output
            if number is None or not 1 <= number <= len(ladder.outputs):
                continue
            if cohort is not None and enrolment.cohort_on(ladder.progress, as_of) != cohort:
                continue
            at = position(ladder, number, as_of, current_output(ladder, as_of))
            if at.stage == "not_scheduled":
                not_scheduled += 1
                undated.add(ladder.progress.id)
            if at.verdict in ("not_met", "unknown") and at.stage not in NOT_AT_RISK:
                looked_at[ladder.progress.enrolment] = number
        standings = installation.people_index.known(session).standings(
            session, installation.pack, list(looked_at), as_of
        )
    found = [AtRisk(whole, output_of(whole, looked_at[whole.enrolment_id])) for whole in standings]
    found.sort(
        key=lambda r: (
            WORST_FIRST.index(r.output.stage),
            r.output.review_date or date.max,
            folded(r.standing.name),
            r.standing.participant_id,
            r.standing.course,
        )
    )
    return AtRiskList(found, not_scheduled, len(undated))


@dataclass(frozen=True, slots=True)
class Reviews:
    """The coming reviews, and of how many enrolments the current output has no review date yet (reading 36)."""

    coming: list[Review]
    not_scheduled: int
    undated_people: int | None = None  # who these are, each counted once; None: as many


def reviews(installation: Installation, actor: Actor, *, as_of: date, partner: str | None = None) -> Reviews:
    """Reviews whose dates are not all past, by review date, with how many are evidenced already."""
    require(actor, "see")
    pack = installation.pack
    groups: dict[tuple[str, int], _OnReview] = {}
    not_scheduled = 0
    undated: set[str] = set()
    with reading(installation.engine) as session:
        chosen = known_partner(actor, session, partner)
        for ladder in _ladders(installation, actor, session, chosen, None):
            current = current_output(ladder, as_of)
            for spec in ladder.outputs:
                at = position(ladder, spec.number, as_of, current)
                if at.stage == "not_scheduled" and current == spec.number:
                    not_scheduled += 1
                    undated.add(ladder.progress.id)
                row = ladder.dates_in(spec.number, at.cohort)
                if row is not None and row.review is not None:
                    name = ladder.progress.delivery_partner
                    there = groups.setdefault((name, id(row)), _OnReview(name, row, [], set(), []))
                    there.outputs.append((at, current))
                    there.ids.append(ladder.progress.id)
                    if len(pack.schedule[row.group, row.cohort, row.output]) > 1:
                        there.whose.add(f"{ladder.progress.course} {ladder.start_named(at.cohort)}".rstrip())
        meetings = {p: [day for day in days if day >= as_of] for p, days in participant_rows.meetings(session).items()}
    found = [
        _review(pack, there, min(meetings.get(there.delivery_partner, ()), default=None))
        for there in groups.values()
        if not _is_over(there, as_of) and not all(at.stage == "withdrawn" for at, _ in there.outputs)
    ]
    found.sort(
        key=lambda r: (r.review_date, r.delivery_partner, r.course_group, pack.cohort_rank(r.cohort), r.output, r.whose)
    )
    return Reviews(found, not_scheduled, len(undated))


class _OnReview(NamedTuple):
    """Those of one Delivery Partner whose dates of an output are the same."""

    delivery_partner: str
    row: ScheduleRow
    outputs: list[tuple[Position, int | None]]  # each with the number of their current one
    whose: set[str]
    ids: list[str]  # of the people, once for each course


def _is_over(there: _OnReview, as_of: date) -> bool:
    """Whether the last thing that the pack has of an output's dates is past: its payment, where that is known."""
    row = there.row
    last = row.payment or latest((row.review, row.cut_off, row.invoice, there.outputs[0][0].window_ends))
    return last is not None and last < as_of


def _review(pack: Pack, there: _OnReview, meeting_on: date | None) -> Review:
    _, row, outputs, whose, ids = there
    assert row.review is not None
    return Review(
        delivery_partner=there.delivery_partner,
        course_group=row.group,
        cohort=row.cohort,
        output=row.output,
        title=pack.outputs[row.group][row.output - 1].title,
        review_date=row.review,
        window_ends=outputs[0][0].window_ends,
        cut_off=row.cut_off,
        invoice_date=row.invoice,
        payment_date=row.payment,
        tally=tally(outputs),
        meeting_on=meeting_on,
        computed=row.review_computed,
        whose=tuple(sorted(whose)),
        twice=len(set(ids)) < len(ids),
    )


def engagement_report(
    installation: Installation, actor: Actor, *, as_of: date, partner: str | None = None
) -> dict[str, engagement_counts.Report]:
    """R45: per Delivery Partner, how each output under way stands, for a Partnership Meeting."""
    require(actor, "see")
    with reading(installation.engine) as session:
        chosen = known_partner(actor, session, partner)
        standings = _standings(installation, actor, session, as_of, chosen, None)
    names = sorted({s.delivery_partner for s in standings})
    return {
        name: engagement_counts.engagement_report(
            installation.pack.cohorts, [s for s in standings if s.delivery_partner == name]
        )
        for name in names
    }


def course_code(installation: Installation, course: str | None) -> str | None:
    """A course's code from its code or DfE identifier; refuses with `unknown_course`."""
    if course is None:
        return None
    found = installation.pack.course_named(course)
    if found is None:
        known = ", ".join(installation.pack.courses)
        raise Refusal("unknown_course", f"There is no course “{course}”; the courses are {known}.", field="course")
    return found.code


def cohort_key(pack: Pack, cohort: str | None) -> str | None:
    """A cohort's key, however it is written; refuses with `unknown_cohort`, which lists what the pack has."""
    if cohort is None:
        return None
    found = pack.cohort_named(cohort)
    if found is None:
        known, of_year = ", ".join(pack.cohorts), pack.cohorts_of_year(cohort)
        says = f"There is no cohort {cohort.strip()}; the cohorts are {known}."
        if of_year:
            says = f"{cohort.strip()} is the year of several cohorts: say which, {' or '.join(of_year)}."
        elif not cohort.strip():
            says = f"Please name a cohort; the cohorts are {known}."
        raise Refusal("unknown_cohort", says, field="cohort")
    return found.key


def partners_seen(installation: Installation, actor: Actor) -> list[str]:
    """The Delivery Partners of whom the actor may know, by name."""
    require(actor, "see")
    with reading(installation.engine) as session:
        return [name for name in participant_rows.partners(session) if sees(actor, name)]


def like(typed: str, names: Sequence[str], limit: int = 3) -> list[str]:
    """Which names are like what was typed, or like a part of it: those first that are like most of it."""
    from rapidfuzz import fuzz, process  # here: few questions need it

    wanted = folded(typed)
    by_place = dict(enumerate(map(folded, names)))
    found = process.extract(wanted, by_place, scorer=fuzz.WRatio, limit=None, score_cutoff=ALIKE)
    best = sorted(found, key=lambda one: -fuzz.token_sort_ratio(wanted, one[0]))
    return [names[place] for _, _, place in best[:limit]]


def known_partner(actor: Actor, session: Session, partner: str | None) -> str | None:
    """The Delivery Partner as stored, however it is spelt; None: all one may see.

    Refuses with `unknown_partner`, or `ambiguous_partner` where two are spelt alike and neither is meant exactly.
    """
    if partner is None:
        return actor.partner
    seen = [name for name in participant_rows.partners(session) if sees(actor, name)]
    found = alike(partner, seen)
    if len(found) > 1:
        both = " and ".join(f"“{name}”" for name in found)
        raise Refusal(
            "ambiguous_partner",
            f"Both {both} are stored: type one of them exactly, or ask your administrator to merge them (npq partner merge).",
            field="partner",
        )
    if found:
        return found[0]
    near = like(partner, seen) if len(seen) > MOST_LISTED else seen
    known = _listed(near or seen, MOST_LISTED) or "none yet: import participants first"
    there_are = "nearly so called are" if near and near is not seen else "there are"
    raise Refusal(
        "unknown_partner", f"There is no Delivery Partner “{partner}”; {there_are}: {known}.", field="partner"
    )


def _ladders(
    installation: Installation, actor: Actor, session: Session, partner: str | None, course: str | None
) -> Iterator[Ladder]:
    """The record of everybody on a course whom the actor may see, ready to be asked; of one Delivery Partner or all."""
    for name in participant_rows.partners(session) if partner is None else [partner]:
        if sees(actor, name):
            for record in records_of(installation, session, name):
                if course is None or record.course == course:
                    yield Ladder(installation.pack, record)


def _standings(
    installation: Installation, actor: Actor, session: Session, as_of: date, partner: str | None, course: str | None
) -> list[Standing]:
    known = installation.people_index.known(session)
    people = known.directory(session).people
    ids = [
        person.enrolment_id
        for person in people
        if sees(actor, person.delivery_partner)
        and installation.pack.knows(person.course, person.cohort)
        and (partner is None or person.delivery_partner == partner)
        and (course is None or person.course == course)
    ]
    return known.standings(session, installation.pack, ids, as_of)


def _alike(directory: Directory, actor: Actor, text: str, limit: int = 3) -> list[PersonName]:
    """People with a similar name, best first, among those the actor may see."""
    from rapidfuzz import fuzz, process  # here: few questions need it, and each `npq status` would wait for it

    first: dict[str, int] = {}  # of each person's enrolments: everybody is named once
    for place, person in enumerate(directory.people):
        if sees(actor, person.delivery_partner):
            first.setdefault(person.id, place)
    names = {place: directory.names[place] for place in first.values()}
    best = process.extract(folded(text), names, scorer=fuzz.WRatio, limit=limit, score_cutoff=ALIKE)
    return [directory.people[place] for _, _, place in best]


def _listed(ids: Iterable[str], most: int = 10) -> str:
    shown = list(ids)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
