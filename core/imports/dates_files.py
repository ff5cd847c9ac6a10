"""A table of dates becomes dates of a pack's outputs: every row checked, every fault noted, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from core.imports.checks.date_order import Dates
from core.imports.headers.mapping_files import ColumnMapping
from core.imports.headers.recognised_headers import Layout, lay_out
from core.imports.kinds import Column, Kind
from core.imports.rows import value_of
from core.records.compared_names import nearly
from core.rules.calendar import in_words
from core.spreadsheets import cells
from core.spreadsheets.cells import MonthFirst, NotRight, listed
from core.spreadsheets.file_problems import FileFault, RowProblem, shown
from core.spreadsheets.headings import NEAR, bare
from core.spreadsheets.reading import Record, Table, is_blank, open_table
from core.spreadsheets.spoilt_cells import stands_for_nothing
from reference.dated_outputs import Clash, DatedOutput, GivenDates, clashes, expected, starts
from reference.pack import Course, OutputSpec, Pack
from reference.schedule import DATE_NAMES

# The columns of dates, as files and people call them, by the names that packs have.
DATE_COLUMNS = {"review": "review_date", "cut_off": "cut_off", "invoice": "invoice_date", "payment": "payment_date"}

NOT_REVIEWED = "not reviewed"  # in place of a review date where the pack has no criteria: counts as blank

_A_DATE = "a date such as 2026-12-07 or 07/12/2026"
_NAMES = ("course", "group", "cohort", "start", "output", "declaration")
_ALSO = {
    "course_group": "group",
    "course_code": "course",
    "course_identifier": "course",
    "declaration_type": "declaration",
    "schedule": "start",
    "schedule_identifier": "start",
    "review": "review_date",
    "cut_off_date": "cut_off",
    "cutoff_date": "cut_off",
    "invoice": "invoice_date",
    "payment": "payment_date",
}
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def _day(raw: str) -> date:
    if stands_for_nothing(raw):
        raise NotRight("Not a date: leave the cell blank while the date is not known.")
    try:
        return cells.day(raw)
    except MonthFirst as trouble:
        if (found := _MONTH_FIRST.match(raw)) is None:
            raise
        month, day, year = map(int, found.groups())
        raise MonthFirst(
            f"The day comes first here: give {day:02}/{month:02}/{year} or {year}-{month:02}-{day:02}, "
            "and look at the file's other dates."
        ) from trouble


_KIND = Kind(
    "dates",
    "dates of outputs",
    (
        *(Column(name, cells.text, f"the {name}") for name in _NAMES),
        *(Column(name, _day, _A_DATE) for name in DATE_COLUMNS.values()),
    ),
)
_MAPPING = ColumnMapping(columns=_ALSO)


@dataclass(frozen=True, slots=True)
class DatesRead:
    """What a file says. `notes` are sentences about what of it counts for nothing; with `problems` none of it is to be used."""

    given: GivenDates
    notes: tuple[str, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    said_at: Mapping[DatedOutput, RowProblem] = field(
        default_factory=dict
    )  # where in the file, to say what is wrong there


@dataclass(slots=True)
class _Findings:
    """What is found while a table is read."""

    table: Table
    given: dict[DatedOutput, Mapping[str, date]] = field(default_factory=dict)  # by rows without a fault
    said_in: dict[DatedOutput, int] = field(default_factory=dict)  # row
    doubled: set[tuple[int, int]] = field(default_factory=set)  # rows about the same
    texts: dict[tuple[int, str], str] = field(default_factory=dict)  # by row and column
    turned: set[tuple[int, str]] = field(default_factory=set)  # row and column of a date with its month first
    problems: list[RowProblem] = field(default_factory=list)

    def wrong(self, row: int | None, column: str | None, message: str) -> None:
        value = self.texts.get((row or 0, column or ""), "") or None
        problem = replace(self.at(row), column=column, value=None if value is None else shown(value), message=message)
        if problem not in self.problems:
            self.problems.append(problem)

    def at(self, row: int | None) -> RowProblem:
        """A row of the file, of which nothing is said yet."""
        return RowProblem(self.table.file, row, None, None, "", self.table.sheet)

    def not_believed(self, fault: FileFault) -> None:
        """Notes why none of the file's dates is believed; what was noted of single ones says the same."""
        self.problems = [one for one in self.problems if (one.row or 0, one.column or "") not in self.turned]
        self.problems.append(fault.as_problem())


def read_dates(path: Path, pack: Pack, today: date) -> DatesRead:
    """Reads a CSV or XLSX of dates for outputs of this pack. Raises `FileFault` where the file can't be read at all."""
    known = {*_KIND.by_name, *_ALSO}
    table = open_table(path, known_names=known, sheet_names={"dates"}, fits=lambda header: _fits(_laid_out(header)))
    layout = _laid_out(table.header)
    _require(table, layout)
    found = _Findings(table)
    order = Dates(table.file, today, in_sheet=table.sheet is not None)
    for record in (record for page in table.pages() for record in page.records()):
        if not is_blank(record[1]):
            _take(record, layout, pack, order, found)
    if (fault := order.fault) is not None:
        found.not_believed(fault)
    filled = {name for dates in found.given.values() for name in dates}
    if not filled and not found.problems:
        raise FileFault(table.file, f"It has no date: fill in at least one under {_columns_there(layout)}.")
    _check_order(pack, found)
    problems = sorted(found.problems, key=lambda one: (one.row or table.header_row, one.column or ""))
    said_at = {dated: found.at(found.said_in[dated]) for dated in found.given}
    return DatesRead(found.given, tuple(_notes(table, layout, filled)), tuple(problems), said_at)


def _laid_out(header: tuple[str, ...]) -> Layout:
    return lay_out(header, _KIND, _MAPPING)


def _fits(layout: Layout) -> bool:
    has = layout.places.keys()
    named = has & {"course", "group"} and "cohort" in has and has & {"output", "declaration"}
    return bool(named) and bool(has & set(DATE_COLUMNS.values()))


def _require(table: Table, layout: Layout) -> None:
    needs = f"course (or group), cohort, output (or declaration), and one of {listed(list(DATE_COLUMNS.values()))}"
    if not layout.places:
        raise FileFault(
            table.file, f"Its header row has no column that is known here: it needs {needs}.", row=table.header_row
        )
    if layout.twice:
        twice = listed(layout.twice, "and")
        raise FileFault(
            table.file, f"Its header row has {twice} more than once: keep one column of each.", row=table.header_row
        )
    if mistyped := list(_mistyped(layout)):
        asked = listed([f"“{shown(theirs)}” (is {ours} meant?)" for theirs, ours in mistyped], "and")
        raise FileFault(
            table.file, f"Its header row has {asked}: rename it so, or delete that column.", row=table.header_row
        )
    if not _fits(layout):
        there = listed(list(layout.places), "and")
        raise FileFault(table.file, f"Its header row has {there} only: it needs {needs}.", row=table.header_row)


def _mistyped(layout: Layout) -> Iterator[tuple[str, str]]:
    """The columns that are not known but nearly are, each with the one that is probably meant."""
    from rapidfuzz import fuzz  # here: only a header with further columns needs it

    for theirs in layout.ignored:
        near = next((ours for ours in (*_KIND.by_name, *_ALSO) if _is_mistyped(theirs, ours)), None)
        if near is None:  # a longer name may be mistyped by more than a letter
            dates = DATE_COLUMNS.values()
            near = next((ours for ours in dates if fuzz.ratio(bare(theirs), bare(ours)) >= NEAR), None)
        if near is not None:
            yield theirs, _ALSO.get(near, near)


def _is_mistyped(theirs: str, ours: str) -> bool:
    """Whether a name is nearly another one; a word with more to it, as “reviewer”, is another word."""
    return nearly(theirs, ours) and (not theirs.startswith(ours) or theirs == f"{ours}s")


def _columns_there(layout: Layout) -> str:
    return listed([column for column in DATE_COLUMNS.values() if column in layout.places])


def _notes(table: Table, layout: Layout, filled: set[str]) -> Iterator[str]:
    yield from table.warnings
    for name, column in DATE_COLUMNS.items():
        if column in layout.places and name not in filled:
            yield f"{column} is empty: nothing changes there."
    if layout.ignored:
        more = len(layout.ignored)
        yield f"{more} further column{'s' * (more != 1)} ignored: {', '.join(layout.ignored)}."


def _take(record: Record, layout: Layout, pack: Pack, order: Dates, found: _Findings) -> None:
    """One row: whom it is about, and its dates."""
    number, row, broken = record
    values: dict[str, str | date] = {}
    before = len(found.problems)
    for name, place in layout.places.items():
        raw = row[place] if place < len(row) else ""
        found.texts[number, name] = cells.trimmed(raw)
        if broken and place in broken:
            found.wrong(number, name, broken[place])
            continue
        if name == DATE_COLUMNS["review"] and found.texts[number, name].casefold() == NOT_REVIEWED:
            continue
        try:
            value = value_of(raw, _KIND.by_name[name], {}, order)
        except NotRight as trouble:
            found.wrong(number, name, trouble.message)
            if isinstance(trouble, MonthFirst):
                order.month_first(number, name, shown(cells.trimmed(raw)))
                found.turned.add((number, name))
            continue
        if isinstance(value, str | date):
            values[name] = value
    words = {name: str(values[name]) for name in _NAMES if name in values}
    about = _About(pack, words, lambda column, message: found.wrong(number, column, message))
    meant = about.outputs()
    dates = {name: day for name, column in DATE_COLUMNS.items() if isinstance(day := values.get(column), date)}
    for dated in meant:
        _check_output(pack, dated, dates, number, found)
    if len(found.problems) == before and dates:
        found.given.update((dated, dates) for dated in meant)


def _check_output(pack: Pack, dated: DatedOutput, dates: Mapping[str, date], number: int, found: _Findings) -> None:
    if (other := found.said_in.setdefault(dated, number)) != number:
        if (other, number) in found.doubled:
            return  # said of another course of the group
        found.doubled.add((other, number))
        what = ", ".join(filter(None, (dated.course, dated.cohort, dated.start, f"output {dated.output}")))
        found.wrong(number, None, f"Row {other} is about {what} as well: keep one row for each output.")
        return
    is_reviewed = pack.criteria_for(dated.course, dated.output) is not None
    if is_reviewed and found.texts.get((number, DATE_COLUMNS["review"]), "").casefold() == NOT_REVIEWED:
        says = (
            f"Output {dated.output} of {dated.course} has criteria, so it is reviewed: give a date, or leave it blank."
        )
        found.wrong(number, DATE_COLUMNS["review"], says)
    if "review" in dates and not is_reviewed:
        nothing = f"The pack has no criteria for output {dated.output} of {dated.course}, so nothing is reviewed"
        found.wrong(number, DATE_COLUMNS["review"], f"{nothing}: leave it blank.")
    begins = pack.first_day(dated.course, dated.cohort, dated.start.casefold())
    if begins is None:
        return
    starts_on = f"before {_beginning(pack, dated)}, on {in_words(begins)}: give a date from then on."
    for name, day in dates.items():
        if day < begins:
            found.wrong(number, DATE_COLUMNS[name], f"It lies {starts_on}")
    cut_off, then = dates.get("cut_off"), expected(pack, dated, dates)
    if cut_off is not None and cut_off >= begins and then.review_computed and (then.review or begins) < begins:
        follows = f"The review date that follows from it, {in_words(then.review or begins)}, lies"
        found.wrong(number, DATE_COLUMNS["cut_off"], f"{follows} {starts_on}")


def _beginning(pack: Pack, dated: DatedOutput) -> str:
    """What begins on the first day of whoever is on an output."""
    named = pack.starts_of(dated.course, dated.cohort)
    start = next((one for one in named if one.key == dated.start or len(named) == 1), None)
    own = start is not None and start.key and (start.starts_on or len(named) > 1)
    return f"the {start.key} start of {dated.cohort}" if start is not None and own else f"{dated.cohort} starts"


class _About:
    """Whom a row is about, with all that is wrong with how it says so."""

    def __init__(self, pack: Pack, words: Mapping[str, str], wrong: Callable[[str, str], None]) -> None:
        self._pack, self._words, self._wrong = pack, words, wrong

    def outputs(self) -> list[DatedOutput]:
        """The outputs that the row is about; none where anything is wrong, which is noted."""
        pack, key = self._pack, self._cohort()
        found = self._course_or_group()
        if found is None:
            return []
        group, course = found
        output = self._output(group)
        if key is None:
            return []
        offered = [
            code for code, one in pack.courses.items() if one.group == group and code in pack.cohorts[key].courses
        ]
        if not offered or (course and course.code not in offered):
            what = course.code if course else pack.group_name(group)
            there = listed([code for code in pack.courses if code in pack.cohorts[key].courses], "and")
            self._wrong("course" if course else "group", f"{key} does not offer {what}: it offers {there}.")
            return []
        keys = self._starts(key, group)
        if output is None:
            return []
        courses = [course.code] if course else offered
        return [DatedOutput(key, code, start, output.number) for code in courses for start in keys]

    def _course_or_group(self) -> tuple[str, Course | None] | None:
        """The group, and the course where the row is about one alone."""
        pack, course, group = self._pack, None, None
        if said := self._words.get("course"):
            course = pack.course_named(said)
            if course is None:
                self._wrong("course", f"The pack has no such course: it has {listed(list(pack.courses), 'and')}.")
        if wanted := self._words.get("group"):
            group = pack.group_named(wanted)
            if group is None:
                self._wrong("group", f"The pack has no such group: it has {listed(list(pack.outputs), 'and')}.")
        if not said and not wanted:
            self._wrong("course", f"Must not be blank: give one of {', '.join(pack.courses)}.")
        if course and group and course.group != group:
            self._wrong("group", f"{course.code} is of the group {course.group}: give that, or leave it blank.")
            return None
        if (said and course is None) or (wanted and group is None):
            return None
        return (course.group, course) if course else (group, None) if group else None

    def _cohort(self) -> str | None:
        cohorts = listed(list(self._pack.cohorts), "and")
        if not (said := self._words.get("cohort")):
            self._wrong("cohort", f"Must not be blank: the pack has {cohorts}.")
            return None
        found = self._pack.cohort_named(said)
        if found is None:
            self._wrong("cohort", f"The pack has no cohort of this name alone: it has {cohorts}.")
        return found.key if found else None

    def _output(self, group: str) -> OutputSpec | None:
        outputs = self._pack.outputs[group]
        said, declared = self._words.get("output"), self._words.get("declaration")
        if not said and not declared:
            self._wrong("output", f"Must not be blank: give one of {_numbers(outputs)}.")
            return None
        by_number = next((one for one in outputs if said in (str(one.number), f"{one.number}.0")), None)
        by_type = next((one for one in outputs if declared and _alike(declared) == _alike(one.declaration_type)), None)
        if said and by_number is None:
            is_type = any(_alike(said) == _alike(one.declaration_type) for one in outputs)
            belongs = "This is a declaration: put it in the column declaration, and in output"
            none = f"{self._pack.group_name(group)} has no such output: it has {_numbers(outputs)}."
            self._wrong("output", f"{belongs} the number ({_numbers(outputs)}) or nothing." if is_type else none)
        if declared and by_type is None:
            is_number = any(declared in (str(one.number), f"{one.number}.0") for one in outputs)
            types = listed([one.declaration_type for one in outputs], "and")
            belongs = "This is an output's number: put it in the column output, and in declaration"
            none = f"{self._pack.group_name(group)} has no such declaration: it has {types}."
            self._wrong("declaration", f"{belongs} DfE's type ({types}) or nothing." if is_number else none)
        if (said and by_number is None) or (declared and by_type is None):
            return None
        if by_number and by_type and by_number is not by_type:
            self._wrong(
                "declaration",
                f"Output {by_number.number} is declared as {by_number.declaration_type}: mend one of the two.",
            )
            return None
        return by_number or by_type

    def _starts(self, cohort: str, group: str) -> Sequence[str]:
        """The starts that a row is about: all of them where it names none."""
        said = self._words.get("start")
        keys = starts(self._pack, cohort, group)
        if not said:
            return keys
        named = self._pack.cohorts[cohort].starts_of(group)
        for start in named:
            if said.casefold() in start.names:
                return [start.key] if len(named) > 1 else keys
        there = listed([start.name for start in named], "and")
        mend = f"it has {there}" if there else "leave it blank"
        self._wrong("start", f"{self._pack.group_name(group)} in {cohort} has no such start: {mend}.")
        return ()


def _numbers(outputs: Sequence[OutputSpec]) -> str:
    return listed([str(one.number) for one in outputs], "and")


def _alike(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _check_order(pack: Pack, found: _Findings) -> None:
    """With another fault in the file only what is wrong within it counts: the pack's dates might be others by then."""
    faulty = bool(found.problems)
    for clash in clashes(pack, found.given):
        within = all(
            name in found.given.get(dated, ())
            for dated, name in ((clash.dated, clash.earlier), (clash.other, clash.later))
        )
        if faulty and not within:
            continue
        dated, name = blamed(clash, found.given)
        found.wrong(found.said_in[dated], DATE_COLUMNS[name], out_of_order(pack, clash, found.given))


def blamed(clash: Clash, given: GivenDates) -> tuple[DatedOutput, str]:
    """Which of two dates in the wrong order is told of: one that was given, the later one first."""
    for dated, name in ((clash.other, clash.later), (clash.dated, clash.earlier)):
        if name in given.get(dated, {}):
            return dated, name
    dated = clash.other if clash.other in given else clash.dated
    return dated, "cut_off" if "cut_off" in given[dated] else next(iter(given[dated]))  # it is computed from that


def out_of_order(pack: Pack, clash: Clash, given: GivenDates) -> str:
    """One sentence about two dates in the wrong order."""
    days = [
        expected(pack, dated, given.get(dated, {})).named(name)
        for dated, name in ((clash.dated, clash.earlier), (clash.other, clash.later))
    ]
    first, second = (in_words(day) for day in days if day is not None)
    whose = "" if clash.dated == clash.other else f" of output {clash.dated.output}"
    other = "" if clash.dated == clash.other else f" of output {clash.other.output}"
    place = "on or before" if clash.may_be_equal else "before"
    return (
        f"The {DATE_NAMES[clash.earlier]}{whose}, {first}, must be {place} "
        f"the {DATE_NAMES[clash.later]}{other}, {second}: mend one of the two."
    )
