"""Rows about whoever takes several courses, or may: they wait for the others about the same person, and are judged with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlmodel import Session

from core.imports.checks import stored_rows
from core.imports.checks.enrolling import HeldEnrolment, ListedEnrolment, Return, meanings
from core.imports.checks.event_rows import StoredSession
from core.imports.checks.held_rows import HeldRows
from core.imports.checks.import_context import SEVERAL, ImportContext
from core.imports.checks.row_checks import check_participation
from core.imports.checks.which_course import courses_of
from core.imports.kinds import BLOCK, COURSE, OF_A_PERSON, PARTICIPANTS, WHO, Kind
from core.imports.rows import Findings, Row
from core.records.compared_names import folded
from core.spreadsheets.cells import Value, listed
from core.spreadsheets.file_problems import shown


class WaitingRows:
    """The rows of one file that wait for others about the same person."""

    def __init__(self, kind: Kind, known: ImportContext, file: str) -> None:
        self._kind = kind
        self._known = known
        self._held = HeldRows(file, WHO)
        self._met: set[str] = set()

    def ready(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that need not wait, each with the enrolment that it is about as far as that can be told."""
        if not self._kind.is_personal:
            return list(rows)
        waits = self._enrols if self._kind.name == PARTICIPANTS else self._tells_too_little
        waiting, others = list[Row](), list[Row]()
        for row in rows:
            (waiting if waits(row) else others).append(row)
        self._held.add(waiting)
        return others

    def _enrols(self, row: Row) -> bool:
        """Whether a participants row is not the first about somebody."""
        who, written = row.values.get(WHO), row.values.get(COURSE)
        if isinstance(written, str) and (course := self._known.pack.course_named(written)) is not None:
            row.values[COURSE] = course.code
        if not isinstance(who, str):
            return False
        again = who in self._known.people or who in self._met
        self._met.add(who)
        return again

    def _tells_too_little(self, row: Row) -> bool:
        """Whether a row of facts does not say which of somebody's courses it is about."""
        self._known.tell(row)
        if row.wrong or row.enrolment is not None or row.values.get(COURSE, "") is not None:
            return False
        return self._known.people.get(row.word(WHO)) is SEVERAL

    def all(self) -> Iterator[list[Row]]:
        """All that wait, those about one person at once."""
        return self._held.all()

    def close(self) -> None:
        """Deletes what is on disk."""
        self._held.close()


def tell_courses(session: Session, kind: Kind, rows: Sequence[Row], known: ImportContext) -> None:
    """Says in rows of facts that have waited which enrolment each is about, where that can be told."""
    stored = stored_rows.courses_stored(session, kind, rows)
    listing = _listing(session, kind, rows, known)
    for who, own in _by_person(rows).items():
        taken = tuple(sorted(known.held_by(who)))
        found = courses_of(own, taken, stored, {row.number: listing(row, taken) for row in own})
        for row in own:
            row.values[COURSE] = found.get(row.number)
            if row.values[COURSE] is not None:
                known.tell(row)


def _by_person(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.word(WHO), []).append(row)
    return found


def _listing(
    session: Session, kind: Kind, rows: Sequence[Row], known: ImportContext
) -> Callable[[Row, Sequence[str]], frozenset[str]]:
    """Gives those of somebody's courses of which a row may be: all but those that do not list what it names."""
    events = {row.word("event_id") for row in rows} if "event_id" in kind.by_name else ()
    planned = stored_rows.stored_sessions(session, list(events)) if events else {}
    courses = {event_id: course for event_id, plan in planned.items() if (course := event_course(plan, known))}

    @cache
    def lists(course: str, output: Value | None, block: Value | None, title: str | None) -> bool:
        if isinstance(output, int):
            return any(one.number == output for one in known.pack.outputs_of(course))
        if not isinstance(block, int):
            return True
        activities = known.listed_activities.get((course, block))
        return activities is not None and (title is None or title in activities)

    def listing(row: Row, taken: Sequence[str]) -> frozenset[str]:
        of_event, title = courses.get(str(row.values.get("event_id"))), row.values.get("title")
        if of_event is not None:
            return frozenset(taken) & {of_event}
        about = (row.values.get("output"), row.values.get(BLOCK), folded(title) if isinstance(title, str) else None)
        return frozenset(course for course in taken if lists(course, *about))

    return listing


def event_course(plan: StoredSession, known: ImportContext) -> str | None:
    """Of which course a planned session is: the one that it names, or the only one whose code stands in its title."""
    if plan.course is not None or plan.title is None:
        return plan.course
    words = set(re.findall(r"\w+", plan.title.casefold()))
    named = [code for code in known.pack.courses if code.casefold() in words]
    return named[0] if len(named) == 1 else None


class Enrolling:
    """The participants rows of one file beside the enrolments that are stored, and beside each other."""

    def __init__(self, known: ImportContext) -> None:
        self._known = known
        self._seen: dict[Any, tuple[Any, ...]] = {}  # the courses of each whose rows are taken
        known.listed_by_file.append(self._seen)
        self._alone: dict[Any, tuple[Any, ...]] = {}

    def see(self, columns: Mapping[str, Sequence[Value | None]]) -> None:
        """Remembers rows that are taken."""
        seen, alone = self._seen, self._alone
        for who, course in zip(columns.get(WHO, ()), columns.get(COURSE, ()), strict=True):
            before = seen.get(who)
            seen[who] = alone.setdefault(course, (course,)) if before is None else (*before, course)

    def enrol(self, session: Session, rows: Sequence[Row], findings: Findings) -> None:
        """Says in rows that have waited which enrolment each is about, None of a new one; what can't be is noted as wrong."""
        for row in rows:
            if not row.wrong:
                check_participation(row, self._known, findings)
        people = _by_person(rows)
        doubted = [who for who, own in people.items() if not self._all_listed(who, own)]
        held = stored_rows.enrolments_held(session, self._known.pack, doubted, self._known.today)
        persons = stored_rows.stored_persons(session, [who for who in people if who in self._seen])
        for who, own in people.items():
            _compare(who, own, dict(persons.get(who, {})), findings)
            self._give_meaning(who, own, held.get(who, []), findings)

    def _all_listed(self, who: str, rows: Sequence[Row]) -> bool:
        """Whether this file has a row for each course that somebody is on, and these are of others: then all of them are new."""
        on = self._known.held_by(who).keys()
        return on <= self._known.listed_courses(who) and not any(row.values.get(COURSE) in on for row in rows)

    def _give_meaning(self, who: str, own: Sequence[Row], held: Sequence[HeldEnrolment], findings: Findings) -> None:
        known = self._known
        mine = known.held_by(who)
        held = [one._replace(elsewhere=not known.may_touch(mine[one.course].listed)) for one in held]
        rows = [row for row in own if not row.wrong]
        wanted = [ListedEnrolment(row.word(COURSE), row.word("cohort"), _says_withdrawn(row)) for row in rows]
        named: set[Any] = {row.values.get(COURSE) for row in own if row.wrong}
        named |= known.named_too.get(who, frozenset())
        listed = known.listed_courses(who) | (named - {one.course for one in held if one.elsewhere})
        every = listed.union(named, (row.course for row in wanted))
        if any(not one.over and one.course not in every for one in held):
            known.judge_beside(who, every)
        for row, meaning in zip(rows, meanings(shown(who), wanted, held, listed), strict=True):
            row.enrolment = meaning.enrolment
            if meaning.wrong and not known.may_move_in and any(one.elsewhere for one in held):
                findings.wrong(row, WHO, known.used_elsewhere())
            elif meaning.wrong:
                findings.wrong(row, COURSE, meaning.wrong)
            elif meaning.told:
                findings.warn(row, meaning.told)
            if meaning.keeps_cohort:
                _keep_cohort(row, next(one for one in held if one.id == meaning.enrolment), returns=meaning.returns)


def _says_withdrawn(row: Row) -> bool:
    return row.values.get("training_status") == "withdrawn"


def _keep_cohort(row: Row, held: HeldEnrolment, *, returns: bool) -> None:
    """The stored cohort stays, with what was declared in it; into the row's they are brought by a decision."""
    if returns:
        schedule = row.values.get("schedule")
        row.returning = Return(
            row.word(WHO),
            held.id,
            row.word("cohort"),
            schedule if isinstance(schedule, str) else None,
            says_status=row.values.get("training_status") is not None,
        )
        row.values["schedule"] = None
    row.values["cohort"] = held.cohort


def _compare(who: str, rows: Sequence[Row], said: dict[str, Value | None], findings: Findings) -> None:
    """Rows of one file say the same of a person; a blank cell says nothing."""
    for row in rows:
        given = {name: value for name in OF_A_PERSON if (value := row.values.get(name)) is not None}
        odd = [name for name, value in given.items() if said.get(name) not in (None, value)]
        if odd:
            findings.wrong(
                row, odd[0], f"Another row about {shown(who)} has another {listed(odd, 'and')}: give the same in both."
            )
        said.update(given)
