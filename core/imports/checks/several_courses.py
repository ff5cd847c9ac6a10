"""Rows about whoever takes several courses, or may: they wait for the others about the same person, and are judged with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from core.imports.checks import stored_rows
from core.imports.checks.enrolling import ListedEnrolment, meanings
from core.imports.checks.row_checks import SEVERAL, ImportContext, check_participation
from core.imports.checks.which_course import courses_of
from core.imports.kinds import BLOCK, COURSE, PARTICIPANTS, WHO, Kind
from core.imports.rows import Findings, Row
from core.records.compared_names import folded
from core.spreadsheets.cells import Value, listed
from core.spreadsheets.file_problems import shown

OF_A_PERSON = ("full_name", "email", "trn", "school", "senco_start_date")


class SeveralCourses:
    """The rows of one file that wait."""

    def __init__(self, kind: Kind, known: ImportContext) -> None:
        self._kind = kind
        self._known = known
        self._waiting: dict[str, list[Row]] = {}
        self._met: set[str] = set()
        self._seen: dict[Any, Any] = {}  # the course of each whose participants row did not wait

    def see(self, columns: Mapping[str, Sequence[Value | None]]) -> None:
        """Remembers participants rows that are taken at once."""
        if columns:
            self._seen.update(zip(columns[WHO], columns[COURSE], strict=True))

    def keeps(self, row: Row) -> bool:
        """Whether a row waits from now on for the others of its person."""
        who = row.values.get(WHO)
        if row.settled or not isinstance(who, str) or not self._kind.is_personal:
            return False
        if self._kind.name == PARTICIPANTS:
            waits = who in self._known.people or who in self._met
            self._met.add(who)
        else:
            waits = self._known.people.get(who) is SEVERAL and row.values.get(COURSE) is None
        if waits:
            self._waiting.setdefault(who, []).append(row)
        return waits

    def settled(self, session: Session, findings: Findings) -> Iterator[list[Row]]:
        """The rows of each person, with the enrolment that each is about; those that can't be told are noted as wrong."""
        for who, rows in self._waiting.items():
            for row in rows:
                row.settled = True
            if self._kind.name == PARTICIPANTS:
                self._enrol(session, who, rows, findings)
            else:
                self._sort(session, who, rows)
            yield rows

    def _sort(self, session: Session, who: str, rows: Sequence[Row]) -> None:
        stored = stored_rows.courses_stored(session, self._kind, rows)
        taken = sorted(self._known.held_by(who))
        found = courses_of(rows, taken, stored, {row.number: self._listing(row, taken) for row in rows})
        for row in rows:
            if row.number in found:
                row.values[COURSE] = found[row.number]

    def _listing(self, row: Row, taken: Sequence[str]) -> frozenset[str]:
        """Those of the courses of which a row may be: all but those that do not list what it names."""
        known, block, title, output = self._known, *(row.values.get(name) for name in (BLOCK, "title", "output"))
        if isinstance(output, int):
            of_it = (code for code in taken if any(one.number == output for one in known.pack.outputs_of(code)))
            return frozenset(of_it)
        if not isinstance(block, int):
            return frozenset(taken)
        blocks = {code: known.listed_activities.get((code, block)) for code in taken}
        if isinstance(title, str):
            return frozenset(code for code, activities in blocks.items() if activities and folded(title) in activities)
        return frozenset(code for code, activities in blocks.items() if activities is not None)

    def _enrol(self, session: Session, who: str, rows: Sequence[Row], findings: Findings) -> None:
        for row in rows:
            check_participation(row, self._known, findings)
        self._compare_people(session, who, rows, findings)
        good = [row for row in rows if not row.wrong]
        held = stored_rows.enrolments_held(session, self._known.pack, who, self._known.today)
        listed_too = {self._seen[who]} if who in self._seen else set[str]()
        wanted = [ListedEnrolment(row.word(COURSE), row.word("cohort")) for row in good]
        for row, meaning in zip(good, meanings(shown(who), wanted, held, listed_too), strict=True):
            row.enrolment = meaning.enrolment
            if meaning.wrong:
                findings.wrong(row, COURSE, meaning.wrong)
            elif meaning.told:
                findings.warn(row, meaning.told)
            if meaning.keeps_cohort:
                row.values["cohort"] = next(one.cohort for one in held if one.id == meaning.enrolment)

    def _compare_people(self, session: Session, who: str, rows: Sequence[Row], findings: Findings) -> None:
        """Rows of one file say the same of a person; a blank cell says nothing."""
        in_file = who in self._seen
        said: dict[str, Value | None] = dict(stored_rows.stored_person(session, who)) if in_file else {}
        for row in rows:
            odd = [
                name
                for name in OF_A_PERSON
                if None not in (said.get(name), row.values.get(name)) and said[name] != row.values[name]
            ]
            if odd:
                findings.wrong(
                    row,
                    odd[0],
                    f"Another row about {shown(who)} has another {listed(odd, 'and')}: give the same in both.",
                )
            said.update({name: row.values[name] for name in OF_A_PERSON if row.values.get(name) is not None})
