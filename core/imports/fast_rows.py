"""Rows about which there is nothing to say are taken column by column, many at a time.

A row is plain when each of its cells can be read, nothing required is blank, and whoever agrees with it in the columns
that are judged is taken without a word. All others are left to be read one by one, which gives the same for plain ones
too: this is the short way round for the many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any

from core.imports.checks.course_days import Spans, Untimely
from core.imports.checks.date_order import Dates
from core.imports.checks.duplicate_keys import KeyHasher, Repeats
from core.imports.checks.import_context import SEVERAL, ImportContext, ListedPerson
from core.imports.checks.row_checks import CourseCheck, check_participation, judged_alike
from core.imports.checks.same_person import Held, HeldColumns
from core.imports.headers.mapping_files import ColumnMapping
from core.imports.headers.recognised_headers import Layout
from core.imports.kinds import COURSE, ENROLMENT, OF_A_PERSON, PARTICIPANTS, WHO, Column
from core.imports.rows import Findings, Row, value_of
from core.records.damaged_text import Damaged, is_plain, mended
from core.spreadsheets.cells import LONGEST, NotRight, Value
from core.spreadsheets.reading import Page, Record, is_blank

_REMEMBERED = 10_000  # per column, so that memory does not grow with the file
_ODD: Any = object()  # stands for a cell that somebody has to look at

Columns = Mapping[str, Sequence[Value | None]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page, its plain rows as `columns` with the `hashes` of their keys; all others are `odd`."""

    count: int
    columns: Columns
    hashes: list[int]
    odd: list[Record]


class FastReader:
    """Sorts a file's pages into plain rows and odd ones."""

    def __init__(
        self,
        layout: Layout,
        mapping: ColumnMapping,
        known: ImportContext,
        dates: Dates,
        hasher: KeyHasher,
        suspects: Repeats,
    ) -> None:
        self._kind = layout.kind
        self._width = len(layout.header)
        self._nothing = [""] * self._width  # in the place of a row of another width
        self._known = known
        self._hasher = hasher
        self._suspects = suspects
        cells = {
            column.name: _Cells(column, mapping.words.get(column.name, {}), dates)
            for column in layout.kind.columns
            if column.name in layout.places
        }
        self._absent = {
            column.name: column.default
            for column in layout.kind.columns
            if column.key and column.name not in layout.places
        }
        self._used = set(layout.places.values())
        self._unused = [place for place in range(self._width) if place not in self._used]
        self._verdicts = _verdicts(layout, known, cells)
        judged = self._verdicts.names if self._verdicts is not None else ()
        self._judged = [layout.places[name] for name in judged]
        self._cells = [(name, layout.places[name], those) for name, those in cells.items() if name not in judged]
        if self._kind.name == PARTICIPANTS and not {"trn", "email"}.isdisjoint(layout.places):
            known.doubles.load()
        self._of_person = [layout.places[name] for name in OF_A_PERSON if name in layout.places]
        self._said: dict[str, tuple[str, ...]] = {}  # of whoever takes several courses, in the first of their rows
        self._dated = [name for name in layout.kind.dated if name in layout.places]
        self._spans = Spans(known)
        self._untimely = Untimely(layout.kind)
        self._taken = _Taken(known)

    def sort(self, page: Page) -> Sorted:
        """The rows of a page, blank ones left out."""
        if self._verdicts is None:
            return _all_odd(page)
        rows, odd = page.rows, self._broken(page)
        try:
            by_place = list(zip(*rows, strict=True))
        except ValueError:
            by_place = []
        if len(by_place) != self._width:
            other = {index for index, row in enumerate(rows) if len(row) != self._width}
            by_place = list(
                zip(*(row if index not in other else self._nothing for index, row in enumerate(rows)), strict=True)
            )
            odd |= other
        if not all(_readable(by_place[place]) for place in self._unused):
            return _all_odd(page)
        columns: dict[str, Sequence[Any]] = {name: [value] * len(rows) for name, value in self._absent.items()}
        for name, place, cells in self._cells:
            values = columns[name] = list(map(cells.__getitem__, by_place[place]))
            if cells.any_odd:
                odd.update(index for index, value in enumerate(values) if value is _ODD)
        takers: Sequence[Any] = ()
        if self._kind.name != PARTICIPANTS:
            takers, columns[ENROLMENT], columns[COURSE] = self._takers(columns[WHO], columns.get(COURSE))
        outcomes = self._verdicts.on(takers, [by_place[place] for place in self._judged])
        if self._verdicts.any_odd:
            odd.update(index for index, outcome in enumerate(outcomes) if outcome is None)
        if self._kind.name == PARTICIPANTS:
            takers = self._whose(outcomes)
            odd |= self._of_several_rows(columns, takers, by_place)
        odd |= self._outside_the_course(columns, takers)
        if odd:
            columns, outcomes = _without(odd, len(rows), columns, outcomes)
        judged: Iterable[Sequence[Any]] = zip(*outcomes, strict=True) if outcomes else repeat(())
        columns.update(zip(self._verdicts.names, judged, strict=False))
        hashes = self._hasher.of_columns(columns)
        doubtful = self._doubtful(columns, hashes)
        if doubtful:
            plain = [index for index in range(len(rows)) if index not in odd]
            odd.update(plain[place] for place in doubtful)
            columns, outcomes = _without(doubtful, len(plain), columns, outcomes)
            hashes = [one for place, one in enumerate(hashes) if place not in doubtful]
        if self._kind.name == PARTICIPANTS:
            self._known.take(columns[WHO], (ListedPerson(*whose) for whose in self._whose(outcomes)))
        left = [(number := page.first + index, page.rows[index], page.broken.get(number)) for index in sorted(odd)]
        return Sorted(len(hashes), columns, hashes, [one for one in left if one[2] is not None or not is_blank(one[1])])

    def _broken(self, page: Page) -> set[int]:
        """The rows in which a cell that is used cannot be read."""
        return {number - page.first for number, broken in page.broken.items() if not self._used.isdisjoint(broken)}

    def _doubtful(self, columns: Columns, hashes: list[int]) -> set[int]:
        """The places of plain rows that may be about somebody else as well, or whose key may come twice."""
        places = range(len(hashes))
        doubtful: set[int] = set()
        if self._suspects and not self._suspects.isdisjoint(hashes):
            doubtful.update(place for place in places if hashes[place] in self._suspects)
        if self._kind.name == PARTICIPANTS:
            blank: Sequence[Any] = [None] * len(hashes)
            doubtful |= self._known.doubtful(HeldColumns(*(columns.get(name, blank) for name in Held._fields)))
        return doubtful

    def _outside_the_course(self, columns: Mapping[str, Sequence[Any]], takers: Sequence[Any]) -> set[int]:
        """The rows that have a day which lies before or after the course."""
        if not self._dated:
            return set()
        spans = list(map(self._spans.__getitem__, takers))
        found = set[int]()
        for name in self._dated:
            said = list(map(self._untimely.__getitem__, zip(spans, columns[name], strict=True)))
            if any(said):
                found.update(index for index, one in enumerate(said) if one is not None)
        return found

    def _takers(self, participant_ids: Sequence[Any], courses: Sequence[Any] | None) -> Sequence[Sequence[Any]]:
        """Of rows of facts: as what each one's participant is listed, the enrolment and, where they take several, its course."""
        known = self._known
        if courses is None and not known.several:
            people, ids = map(known.people.get, participant_ids), map(known.enrolments.get, participant_ids)
            return list(people), list(ids), [None] * len(participant_ids)
        rows = zip(participant_ids, courses or repeat(None), strict=courses is not None)
        return list(zip(*map(self._taken.__getitem__, rows), strict=True)) or ((), (), ())

    def _of_several_rows(
        self, columns: Mapping[str, Sequence[Any]], takers: Sequence[Any], by_place: Sequence[Sequence[str]]
    ) -> set[int]:
        """The participants rows that may be one of several about a person: of this page, or beside what is known of them."""
        found, met, known = set[int](), set[Any](), self._known
        for index, (who, whose) in enumerate(zip(columns[WHO], takers, strict=True)):
            held = known.people.get(who)
            if held is SEVERAL:
                said = tuple(by_place[place][index] for place in self._of_person)
                one = known.several[who].get(whose[0]) if whose is not None else None
                if one is None or one.listed.cohort != whose[1] or self._said.setdefault(who, said) != said:
                    found.add(index)
            elif who in met or (held is not None and (whose is None or held[:2] != whose[:2])):
                found.add(index)
            met.add(who)
        return found

    def _whose(self, outcomes: Sequence[Any]) -> Sequence[Any]:
        """Of judged participants what other files need to know, as `ListedPerson` has it; None stays None."""
        listed = len(ListedPerson._fields)
        if self._verdicts is None or len(self._verdicts.names) == listed:
            return outcomes
        return [outcome and outcome[:listed] for outcome in outcomes]


def _all_odd(page: Page) -> Sorted:
    return Sorted(0, {}, [], list(page.records()))


def _readable(cells: Sequence[str]) -> bool:
    return max(map(len, cells)) <= LONGEST and not any("\0" in cell for cell in cells)


def _without(
    odd: Collection[int], count: int, columns: Mapping[str, Sequence[Any]], outcomes: Sequence[Any]
) -> tuple[dict[str, Sequence[Any]], list[Any]]:
    kept = [index not in odd for index in range(count)]
    return {name: list(compress(values, kept)) for name, values in columns.items()}, list(compress(outcomes, kept))


class _Cells(dict[str, Any]):
    """The cells of a column as values, each read once; what cannot be read or must not be blank is odd."""

    def __init__(self, column: Column, words: Mapping[str, str], dates: Dates) -> None:
        super().__init__()
        self._column = column
        self._words = words
        self._dates = dates
        self._needed = column.required or column.key
        self.any_odd = False

    def __missing__(self, raw: str) -> Any:
        try:
            if is_plain(raw) or not mended(raw).done:
                value: Any = value_of(raw, self._column, self._words, self._dates)
            else:
                value = _ODD
        except (NotRight, Damaged):
            value = _ODD
        if value is None and self._needed:
            value = _ODD
        if value is _ODD:
            self.any_odd = True
        if len(self) >= _REMEMBERED:
            self.clear()
        self[raw] = value
        return value


class _Verdicts(dict[tuple[Any, ...], "tuple[Value | None, ...] | None"]):
    """What becomes of the judged columns of rows whose cells agree in them; None where there is something to say."""

    def __init__(
        self,
        names: tuple[str, ...],
        judge: CourseCheck | None,
        layout: Layout,
        known: ImportContext,
        cells: Mapping[str, _Cells],
    ) -> None:
        super().__init__()
        self.names = names
        self.any_odd = False
        self._layout = layout
        self._known = known
        self._cells = [cells[name] for name in names]
        self._courses = _Courses(known)
        self._of_people = judge is None
        self._judge = judge

    def on(self, takers: Sequence[ListedPerson | None], raw: Sequence[Sequence[str]]) -> list[Any]:
        """The verdict on each row, from whom rows of facts are about and the judged columns as they stand in the file."""
        judged: list[Sequence[Any]] = [*raw]
        if not self._of_people:
            judged.insert(0, list(map(self._courses.__getitem__, takers)))
        return list(map(self.__getitem__, zip(*judged, strict=True)))

    def __missing__(self, key: tuple[Any, ...]) -> tuple[Value | None, ...] | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        raw = key if self._of_people else key[1:]
        values = [cells[one] for cells, one in zip(self._cells, raw, strict=True)]
        answer = self[key] = None if any(one is _ODD for one in values) else self._verdict(key[0], values)
        if answer is None:
            self.any_odd = True
        return answer

    def _verdict(self, course: str | None, values: Sequence[Any]) -> tuple[Value | None, ...] | None:
        findings = Findings("", self._layout)
        row = Row(0, dict(zip(self.names, values, strict=True)), [])
        if self._judge is None:
            check_participation(row, self._known, findings)
        elif course is None:
            return None
        else:
            self._judge(row, course, self._known, findings)
        if findings.problems or findings.warnings:
            return None
        return tuple(row.values[name] for name in self.names)


class _Taken(dict[tuple[Any, Any], "tuple[ListedPerson | None, int | None, str | None]"]):
    """Which enrolment a row of facts is about, by its participant and the course that it names or None; nothing where nobody has
    the id, or it has to be looked at which course is meant.
    """

    def __init__(self, known: ImportContext) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, row: tuple[Any, Any]) -> tuple[ListedPerson | None, int | None, str | None]:
        if len(self) >= _REMEMBERED:
            self.clear()
        (who, course), known = row, self._known
        held = known.people.get(who)
        answer: tuple[ListedPerson | None, int | None, str | None] = None, None, None
        if held is SEVERAL:
            if (one := known.several[who].get(course)) is not None:
                answer = one.listed, one.id, one.listed.course
        elif held is not None and course in (None, held.course):
            answer = held, known.enrolments[who], None
        self[row] = answer
        return answer


class _Courses(dict["ListedPerson | None", "str | None"]):
    """The course of a participant; None where this call may not touch their rows, or nobody has the id."""

    def __init__(self, known: ImportContext) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, person: ListedPerson | None) -> str | None:
        course = person.course if person is not None and self._known.may_touch(person) else None
        self[person] = course
        return course


def _verdicts(layout: Layout, known: ImportContext, cells: Mapping[str, _Cells]) -> _Verdicts | None:
    """None for a kind whose rows are looked at one by one, or where the Delivery Partner of each is."""
    if layout.kind.name == PARTICIPANTS:
        names = (*ListedPerson._fields, *(["schedule"] if "schedule" in cells else []))
        return _Verdicts(names, None, layout, known, cells) if known.partner is None else None
    if (alike := judged_alike(layout.kind)) is None:
        return None
    names, judge = alike
    return _Verdicts(tuple(name for name in names if name in cells), judge, layout, known, cells)
