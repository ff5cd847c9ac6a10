"""A call's files, in order: opened, recognised, read, checked and written within the caller's one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core.imports.checks import neighbour_rows, stored_rows
from core.imports.checks.course_days import Timing
from core.imports.checks.date_order import Dates
from core.imports.checks.duplicate_keys import KeyHasher, KeyHashes, Repeats
from core.imports.checks.enrolling import Return
from core.imports.checks.event_rows import StoredSession
from core.imports.checks.held_rows import HeldRows
from core.imports.checks.import_context import ImportContext
from core.imports.checks.neighbour_rows import Keys
from core.imports.checks.row_checks import check_row, lacking
from core.imports.checks.row_groups import beside
from core.imports.checks.several_courses import Enrolling, WaitingRows, tell_courses
from core.imports.fast_rows import FastReader, Sorted
from core.imports.headers import other_products
from core.imports.headers.mapping_files import NOTHING_MAPPED, ColumnMapping
from core.imports.headers.misplaced_headers import explained, meant_as_header
from core.imports.headers.recognised_headers import Layout, lay_out, recognise
from core.imports.kinds import COURSE, ENROLMENT, KINDS, PARTICIPANTS, WHO, Kind, kind_named
from core.imports.rows import Findings, Row, RowReader
from core.imports.writers import event_lines
from core.imports.writers.row_writer import Writer
from core.imports.writers.upsert_sql import Written
from core.spreadsheets.cells import Value, listed, percent
from core.spreadsheets.file_problems import FileFault, FileReport, RowProblem, shown
from core.spreadsheets.reading import Table, open_table, text_at_the_top

Progress = Callable[[str, int, int | None], None]  # file name, rows done, rows in all where known

_WRITTEN_AT_ONCE = 20_000  # rows, where they do not go in one by one
_FIRST = ("participants", "sessions")  # the kinds that come before all others
_NO_REPEATS: Repeats = frozenset()
_NOTHING = Sorted(0, {}, [], [])


@dataclass(frozen=True, slots=True)
class Source:
    """One file, opened and recognised."""

    table: Table
    layout: Layout


@dataclass(slots=True)
class Intake:
    """What a call's files came to, whether or not the caller keeps it. In the order the files were given.

    `returns` are those whom participants files bring back to a course.
    `touched` has the ids of all enrolments of which a stored row is new or different (meetings are nobody's); `registers` says
    whether that is so of any register. `replanned` has the Delivery Partners, each with a course or None for all of them, whose
    planned sessions are others now.
    """

    files: list[FileReport] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    registers: bool = False
    replanned: set[tuple[str, str | None]] = field(default_factory=set)
    returns: list[Return] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether any stored row is new or different."""
        return any(file.added or file.changed for file in self.files)


class TakeInAgain(Exception):
    """What the files hold is known only now: all is to be undone and taken in again.

    `suspects` are the keys, by file, that may come twice; `preferred` the Delivery Partners of which others may be slips;
    `named` all courses that the files name of somebody of whom one file was judged before another was read.
    """

    def __init__(
        self, suspects: Mapping[int, Repeats], preferred: frozenset[str], named: Mapping[str, frozenset[Any]]
    ) -> None:
        super().__init__()
        self.suspects = suspects
        self.preferred = preferred
        self.named = named


def open_sources(
    paths: Sequence[Path], *, kind: Kind | None, mapping: ColumnMapping
) -> tuple[list[Source], list[FileFault]]:
    """Opens and recognises every file; the faults of those that cannot be."""
    known_names = {name for one in KINDS.values() for name in one.by_name} | mapping.their_names()
    sources: list[Source] = []
    faults: list[FileFault] = []
    for path in paths:
        try:
            sources.append(_open(path, kind, mapping, known_names))
        except FileFault as fault:
            faults.append(fault)
    return sources, faults


def _open(path: Path, kind: Kind | None, mapping: ColumnMapping, known_names: set[str]) -> Source:
    kinds = [kind] if kind else list(KINDS.values())

    def fits(header: tuple[str, ...]) -> bool:
        return meant_as_header(lay_out(header, one, mapping) for one in kinds)

    try:
        table = open_table(path, known_names=known_names, sheet_names={one.name for one in kinds}, fits=fits)
    except FileFault as fault:
        if mapping is NOTHING_MAPPED:  # else somebody knows what it is
            fault.message = (
                other_products.said_of(row for _, row in text_at_the_top(path, known_names)) or fault.message
            )
        raise
    hint = (kind_named(table.sheet) if table.sheet else None) or mapping.kind
    try:
        layout = recognise(
            table.file,
            table.header,
            kind=kind,
            hint=hint,
            mapping=mapping,
            hidden=table.hidden,
            titles=table.titles,
        )
    except FileFault as fault:
        top = table.top() if table.sheet else text_at_the_top(path, known_names)
        fault.message = explained(fault, top, kinds, mapping)
        fault.sheet, fault.row = table.sheet, table.header_row
        if table.unseen:
            fault.message += f" (Excel hides {listed(table.unseen, 'and')}: show what is meant.)"
        if table.others:
            fault.message += (
                f" (Not read: the sheet{'s' if len(table.others) > 1 else ''} {listed(table.others, 'and')}.)"
            )
        raise
    return Source(table, layout)


def take_in(
    session: Session,
    sources: Sequence[Source],
    known: ImportContext,
    *,
    mapping: ColumnMapping,
    suspects: Mapping[int, Repeats],
    progress: Progress | None = None,
) -> Intake:
    """Checks every row of every file and writes the good ones; first those that others may name: participants, then sessions.

    The caller commits or rolls back: a problem or fault is noted here and never raised. Raises `TakeInAgain` where a file
    may have a key twice that is not among the `suspects` yet, two new Delivery Partners may be one, or a participants file has
    further courses of somebody whom an earlier one names.
    """
    intake = Intake()
    done: dict[int, tuple[FileReport, list[RowProblem]]] = {}
    repeats: dict[int, Repeats] = {}
    for index in sorted(range(len(sources)), key=lambda index: _turn(sources[index].layout.kind)):
        kind = sources[index].layout.kind.name
        if kind != "participants":
            known.doubles.forget()
        planned = stored_rows.stored_sessions(session) if kind == "sessions" else {}
        taking = _Taking(session, sources[index], known, mapping, suspects.get(index, _NO_REPEATS), intake.touched)
        try:
            done[index] = taking.all(progress, undone=bool(repeats))  # whom it names may not have been written
        except FileFault as fault:
            intake.faults.append(fault)
        intake.returns += taking.returns
        if kind == "sessions":
            _replan(session, planned, intake)
        elif kind == "register":
            intake.touched |= event_lines.share_hours(session, known.unsaid_hours)
        if found := taking.repeats:
            repeats[index] = found
    preferred, named = known.preferable_partners(), known.named_later()
    if repeats or preferred or named:
        more = {index: found | suspects.get(index, found) for index, found in repeats.items()}
        raise TakeInAgain({**suspects, **more}, preferred, named)
    for index in sorted(done):
        report, problems = done[index]
        intake.files.append(report)
        intake.problems.extend(problems)
    intake.registers |= any(file.kind == "register" and (file.added or file.changed) for file in intake.files)
    return intake


def _turn(kind: Kind) -> int:
    return _FIRST.index(kind.name) if kind.name in _FIRST else len(_FIRST)


def _replan(session: Session, before: Mapping[str, StoredSession], intake: Intake) -> None:
    """What follows from planned sessions that are new or others now: for those of whom they are, and in their registers."""
    after = stored_rows.stored_sessions(session)
    changed = [event_id for event_id, plan in after.items() if before.get(event_id) != plan]
    plans = [held[event_id] for held in (before, after) for event_id in changed if event_id in held]
    intake.replanned.update((plan.delivery_partner, plan.course) for plan in plans)
    moved = event_lines.move_with_plans(session)
    intake.registers |= bool(moved)
    timed = [one for one in changed if after[one].hours != (before[one].hours if one in before else None)]
    intake.touched |= moved | event_lines.people_on(session, timed)  # what is planned may count in the register


class _Taking:
    """One file on its way in."""

    def __init__(
        self,
        session: Session,
        source: Source,
        known: ImportContext,
        mapping: ColumnMapping,
        suspects: Repeats,
        touched: set[int],
    ) -> None:
        self._session = session
        self._table, self._layout = source.table, source.layout
        self._kind = source.layout.kind
        self._known = known
        self._mapping = mapping
        self._suspects = suspects
        self._touched = touched
        in_sheet = source.table.sheet is not None
        self._shares = _Shares(self._kind, in_sheet=in_sheet)
        self._dates = Dates(source.table.file, known.today, in_sheet=in_sheet)
        self._findings = Findings(source.table.file, source.layout, source.table.sheet, self._dates)
        self._timing = Timing(self._kind, known)
        self._hasher = KeyHasher(self._kind)
        self._keys = Keys(self._kind)
        self._beside = beside(self._kind)
        self._enrolling = Enrolling(known)
        self._at_once = 0 if self._beside.as_stored else _WRITTEN_AT_ONCE
        self.repeats = _NO_REPEATS
        self._rows = self._good = self._added = self._changed = 0
        self._only_read = False  # since all of it will be undone
        self.returns: list[Return] = []

    def all(self, progress: Progress | None, *, undone: bool) -> tuple[FileReport, list[RowProblem]]:
        """Takes every page in; what came of the file, and its problems by row. Raises `FileFault` for the whole of it.

        What will be `undone` whatever this file holds is read only.
        """
        table, layout, findings = self._table, self._layout, self._findings
        name = Path(table.file).name
        partners_before = self._known.added_partners()
        with (
            closing(KeyHashes(table.file)) as hashes,
            closing(Writer(self._session, self._kind, layout.places, self._touched)) as writer,
        ):
            self._only_read, unwritten = undone, 0
            for plain, odd in self._pages(writer):
                self._only_read = hashes.add(*self._unsuspected(plain, odd)) or self._only_read
                if not self._only_read:
                    self._take(writer, plain, odd)
                unwritten += plain.count + len(odd)
                if unwritten >= self._at_once and not self._only_read:
                    self._note(writer.flush())
                    hashes.mark()
                    unwritten = 0
                self._rows += plain.count + len(odd)
                if progress is not None:
                    progress(name, self._rows, table.total)
            if not self._only_read:
                self._note(writer.flush())
            self._note(writer.rest())
            self.repeats = hashes.repeated()
        if (fault := self._dates.fault) is not None:
            raise fault
        if progress is not None:
            progress(name, self._rows, self._rows)
        report = FileReport(
            path=table.file,
            kind=self._kind.name,
            rows=self._rows,
            added=self._added,
            changed=self._changed,
            unchanged=self._good - self._added - self._changed,
            skipped=self._rows - self._good,
            ignored_columns=layout.ignored,
            warnings=table.warnings
            + self._shares.warnings
            + findings.warnings
            + self._new_partners(partners_before)
            + self._odd_tries(),
        )
        return report, sorted(findings.problems, key=lambda problem: problem.row or 0)

    def _new_partners(self, before: Sequence[str]) -> tuple[str, ...]:
        """A line for each Delivery Partner that this file is the first to name."""
        added = [name for name in self._known.added_partners() if name not in before]
        return tuple(f"“{shown(name)}” is a new Delivery Partner: npq place add binds its channel." for name in added)

    def _odd_tries(self) -> tuple[str, ...]:
        """A line where tries that this file brings do not follow each other."""
        if self._kind.name != "assessments":
            return ()
        found = stored_rows.tries_out_of_order(self._session)
        odd = [who for enrolment, who in found.items() if enrolment in self._touched]
        if not odd:
            return ()
        others = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        return (
            f"The tries of {shown(odd[0])}{others} are out of order: a number is left out, or a try lies before an earlier one. "
            "Check their numbers and days: until one is passed, that with the highest number counts.",
        )

    def _unsuspected(self, plain: Sorted, odd: list[Row]) -> tuple[Sequence[Value | None], Sequence[int]]:
        """The first parts and the hashes of all keys that can be read and are not under suspicion yet."""
        firsts = plain.columns.get(self._hasher.first, ())
        if not odd:
            return firsts, plain.hashes
        own = [(self._hasher.first_of(row.values), self._hasher.of_row(row.values)) for row in odd]
        others = [(one, number) for one, number in own if number is not None and number not in self._suspects]
        return [*firsts, *(one for one, _ in others)], [*plain.hashes, *(number for _, number in others)]

    def _pages(self, writer: Writer) -> Iterator[tuple[Sorted, list[Row]]]:
        """Plain rows and odd ones, page by page; where rows are judged beside others of the file, those at once.

        Those that wait for others about the same person come last.
        """
        width = len(self._table.header)
        plain = FastReader(self._layout, self._mapping, self._known, self._dates, self._hasher, self._suspects)
        reader = RowReader(self._findings, self._dates, self._mapping)
        with closing(WaitingRows(self._kind, self._known, self._table.file)) as waiting:
            if self._beside.by is None:
                for page in self._table.pages():
                    split = plain.sort(page)
                    yield split, waiting.ready(reader.rows(width, split.odd))
                for rows in waiting.all():
                    self._settle(writer, rows)
                    yield _NOTHING, rows
                return
            with closing(HeldRows(self._table.file, self._beside.by)) as together:
                for page in self._table.pages():
                    together.add(waiting.ready(reader.rows(width, plain.sort(page).odd)))
                for rows in waiting.all():
                    self._settle(writer, rows)
                    together.add(rows)
                for rows in together.all():
                    yield _NOTHING, rows

    def _settle(self, writer: Writer, rows: Sequence[Row]) -> None:
        """Says of rows that have waited which enrolment they are about."""
        if self._only_read or not rows:
            return
        self._note(writer.flush())
        self._note(writer.rest())
        if self._kind.name == PARTICIPANTS:
            for row in rows:
                self._fill_in(row)
            self._enrolling.enrol(self._session, rows, self._findings)
        else:
            tell_courses(self._session, self._kind, rows, self._known)

    def _take(self, writer: Writer, plain: Sorted, odd: list[Row]) -> None:
        known, kind, findings = self._known, self._kind, self._findings
        if kind.name == PARTICIPANTS:
            self._note(writer.rest())  # ids of new enrolments are asked for
            self._enrolling.see(plain.columns)
            if plain.count:
                whose = known.enrolled(plain.columns[WHO], plain.columns[COURSE])
                plain = replace(plain, columns={**plain.columns, ENROLMENT: whose})
        if odd:
            self._note(writer.rest())  # what is stored may be looked at
        for row in odd:
            if self._suspects and self._hasher.of_row(row.values) in self._suspects:
                self._keys.check(row, findings)
            self._fill_in(row)
            if not row.wrong:
                check_row(kind, row, known, findings)
            if not row.wrong:
                self._timing.check(row, findings)
            if row.wrong and kind.name == "participants":
                known.refuse(row, findings)
        fit = [row for row in odd if not row.wrong]
        if fit:
            self._beside.check(self._session, fit, known, findings)
            fit = [row for row in fit if not row.wrong]
        self.returns += [row.returning for row in fit if row.returning is not None]
        if kind.name == PARTICIPANTS:
            self._enrolling.see({name: [row.values[name] for row in fit] for name in (WHO, COURSE)})
        columns = _joined(self._layout, self._as_stored(writer, plain), fit)
        count = plain.count + len(fit)
        self._shares.see(columns)
        if kind.is_personal:
            columns = {**columns, ENROLMENT: [*plain.columns.get(ENROLMENT, ()), *(row.enrolment for row in fit)]}
        self._note(writer.write(count, columns))
        self._good += count

    def _as_stored(self, writer: Writer, plain: Sorted) -> Sorted:
        """Plain rows with the spelling that is stored, where nothing but the file spells them."""
        if self._kind.name != "activities" or not (whose := self._with_any_title(plain)):
            return plain
        self._note(writer.rest())
        stored = stored_rows.stored_titles(self._session, whose)
        return replace(plain, columns=neighbour_rows.spelt_as_stored(plain.columns, stored)) if stored else plain

    def _with_any_title(self, plain: Sorted) -> list[int]:
        """The enrolments of these on a course of which the pack lists no blocks, so that only the file spells its titles."""
        known = self._known
        whose: dict[Any, Any] = dict(zip(plain.columns.get(ENROLMENT, ()), plain.columns.get(WHO, ()), strict=True))
        return [one for one, who in whose.items() if known.takes_any_block(known.listed(who, one).course)]

    def _fill_in(self, row: Row) -> None:
        """A blank cell leaves the stored value; where nothing is stored, a required one must not be blank."""
        if row.wrong or None not in row.values.values() or not (blank := lacking(row, self._kind)):
            return
        held = stored_rows.stored_row(self._session, self._kind, row)
        if held is None and self._kind.name == PARTICIPANTS and COURSE in blank:
            self._known.ask_for_course(row, self._findings)
        if held is None and not row.wrong:
            self._findings.wrong_if_scant(row)
            held = self._person(row)
        for name in () if row.wrong else blank:
            if held is not None and name in held:
                row.values[name] = held[name]
            else:
                self._findings.wrong(row, name, f"Must not be blank: give {self._kind.by_name[name].right}.")

    def _person(self, row: Row) -> Mapping[str, Value | None]:
        """What is stored of the person of a participants row whose enrolment is new."""
        who = row.values.get(WHO)
        if self._kind.name != PARTICIPANTS or not isinstance(who, str):
            return {}
        return stored_rows.stored_persons(self._session, [who]).get(who, {})

    def _note(self, written: Written) -> None:
        self._added += written.added
        self._changed += written.changed


def _joined(layout: Layout, plain: Sorted, rows: Sequence[Row]) -> Mapping[str, Sequence[Value | None]]:
    """Plain rows and those read one by one, column by column."""
    if not rows:
        return plain.columns
    return {name: [*plain.columns.get(name, ()), *(row.values[name] for row in rows)] for name in layout.places}


class _Shares:
    """Notices a sheet's percentages that are shares of one: plain numbers such as 0.897 where 89.7 is meant."""

    def __init__(self, kind: Kind, *, in_sheet: bool) -> None:
        self._names = [column.name for column in kind.columns if column.parse is percent] if in_sheet else []
        self._largest = Decimal(0)

    def see(self, columns: Mapping[str, Sequence[Value | None]]) -> None:
        """Looks at some more good rows."""
        for name in self._names:
            for value in columns.get(name, ()):
                if isinstance(value, Decimal) and value > self._largest:
                    self._largest = value

    @property
    def warnings(self) -> tuple[str, ...]:
        """A line where no percentage is above one and some are above nothing."""
        if not 0 < self._largest <= 1:
            return ()
        return (
            f"Every {self._names[0]} is at most 1 percent: if 0.897 should be 89.7, format the cells as percentages.",
        )
