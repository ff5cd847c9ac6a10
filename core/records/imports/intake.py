"""A call's files, in order: opened, recognised, read, checked and written within the caller's one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from core.records.imports import checking, writing
from core.records.imports.cells import percent
from core.records.imports.checking import ROW_CHECKS, Findings, Keys, Known, Row, RowReader
from core.records.imports.kinds import KINDS, Kind, kind_named
from core.records.imports.mapping import ColumnMapping
from core.records.imports.reading import Table, open_table
from core.records.imports.recognising import Layout, recognise
from core.records.imports.report import FileFault, FileReport, RowProblem

Progress = Callable[[str, int, int | None], None]  # file name, rows done, rows in all where known

_AT_ONCE = 1_000  # rows checked and written together; memory does not grow with a longer file
_WHOLE = frozenset({"register", "declarations"})  # kinds whose rows are judged together, so held together


@dataclass(frozen=True, slots=True)
class Source:
    """One file, opened and recognised."""

    table: Table
    layout: Layout


@dataclass(slots=True)
class Intake:
    """What a call's files came to, whether or not the caller keeps it. In the order the files were given."""

    files: list[FileReport] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)  # participants of whom any stored row is new or different

    @property
    def changed(self) -> bool:
        """Whether any stored row is new or different."""
        return any(file.added or file.changed for file in self.files)


def open_sources(
    paths: Sequence[Path], *, kind: Kind | None, mapping: ColumnMapping
) -> tuple[list[Source], list[FileFault]]:
    """Opens and recognises every file; the faults of those that cannot be."""
    known_names = {name for one in KINDS.values() for name in one.by_name} | mapping.their_names()
    sources: list[Source] = []
    faults: list[FileFault] = []
    for path in paths:
        try:
            table = open_table(path, known_names=known_names, sheet_names={kind.name} if kind else set(KINDS))
            hint = (kind_named(table.sheet) if table.sheet else None) or mapping.kind
            layout = recognise(table.file, table.header, kind=kind, hint=hint, mapping=mapping)
            sources.append(Source(table, layout))
        except FileFault as fault:
            faults.append(fault)
    return sources, faults


def take_in(
    session: Session,
    sources: Sequence[Source],
    known: Known,
    *,
    mapping: ColumnMapping,
    progress: Progress | None = None,
) -> Intake:
    """Checks every row of every file and writes the good ones; participants first, so that other files may name them.

    The caller commits or rolls back: a problem or fault is noted here and never raised.
    """
    intake = Intake()
    done: dict[int, tuple[FileReport, list[RowProblem]]] = {}
    by_turn = sorted(range(len(sources)), key=lambda index: sources[index].layout.kind.name != "participants")
    for index in by_turn:
        try:
            done[index] = _take_in_one(session, sources[index], known, mapping, progress, intake.touched)
        except FileFault as fault:
            intake.faults.append(fault)
    for index in sorted(done):
        report, problems = done[index]
        intake.files.append(report)
        intake.problems.extend(problems)
    return intake


def _take_in_one(
    session: Session,
    source: Source,
    known: Known,
    mapping: ColumnMapping,
    progress: Progress | None,
    touched_people: set[str],
) -> tuple[FileReport, list[RowProblem]]:
    table, layout = source.table, source.layout
    kind = layout.kind
    findings = Findings(table.file, layout)
    reader = RowReader(findings, mapping)
    keys = Keys(kind)
    writer = writing.Writer(session, kind, layout.places)
    rows = touched = good = 0
    name = Path(table.file).name
    shares = _Shares(kind, in_sheet=table.sheet is not None)
    before = writer.count()
    for batch in _batches(reader.rows(len(table.header), table.records()), None if kind.name in _WHOLE else _AT_ONCE):
        _check(session, batch, kind, known, keys, findings)
        fit = [row for row in batch if not row.wrong]
        _check_together(session, fit, kind, known, findings)
        fit = [row for row in fit if not row.wrong]
        shares.see(fit)
        written = writer.write(fit)
        touched += written
        if written and kind.name != "meetings":
            touched_people.update(row.word("participant_id") for row in fit)
        rows += len(batch)
        good += len(fit)
        if progress is not None:
            progress(name, rows, table.total)
    if progress is not None:
        progress(name, rows, rows)
    added = writer.count() - before
    report = FileReport(
        path=table.file,
        kind=kind.name,
        rows=rows,
        added=added,
        changed=touched - added,
        unchanged=good - touched,
        skipped=rows - good,
        ignored_columns=layout.ignored,
        warnings=table.warnings + shares.warnings + findings.warnings,
    )
    return report, sorted(findings.problems, key=lambda problem: problem.row or 0)


class _Shares:
    """Notices a sheet's percentages that are shares of one: a cell shown as 89.7% holds the number 0.897."""

    def __init__(self, kind: Kind, *, in_sheet: bool) -> None:
        self._names = [column.name for column in kind.columns if column.parse is percent] if in_sheet else []
        self._largest = Decimal(0)

    def see(self, rows: Sequence[Row]) -> None:
        """Looks at some more good rows."""
        for name in self._names:
            for row in rows:
                value = row.values[name]
                if isinstance(value, Decimal) and value > self._largest:
                    self._largest = value

    @property
    def warnings(self) -> tuple[str, ...]:
        """A line where no percentage is above one and some are above nothing."""
        if not 0 < self._largest <= 1:
            return ()
        return (
            f"Every {self._names[0]} is at most 1 percent: if 0.897 should be 89.7, store the cells as plain numbers.",
        )


def _batches(rows: Iterator[Row], size: int | None) -> Iterator[list[Row]]:
    while batch := list(islice(rows, size)):
        yield batch


def _check(session: Session, batch: list[Row], kind: Kind, known: Known, keys: Keys, findings: Findings) -> None:
    check = ROW_CHECKS[kind.name]
    for row in batch:
        keys.check(row, findings)
        if not row.wrong and None in row.values.values() and (blank := checking.lacking(row, kind)):
            _fill_in(session, row, blank, kind, findings)
        if not row.wrong:
            check(row, known, findings)
        if row.wrong and kind.name == "participants":
            known.refuse(row, findings)


def _fill_in(session: Session, row: Row, blank: list[str], kind: Kind, findings: Findings) -> None:
    """A blank cell leaves the stored value; where nothing is stored, a required one must not be blank."""
    stored = writing.stored_row(session, kind, row.values)
    for name in blank:
        if stored is None:
            findings.wrong(row, name, f"Must not be blank: give {kind.by_name[name].right}.")
        else:
            row.values[name] = stored[name]


def _check_together(session: Session, rows: list[Row], kind: Kind, known: Known, findings: Findings) -> None:
    if kind.name == "activities":
        if odd := [row for row in rows if checking.unlisted(row, known)]:
            checking.spell_as_stored(odd, writing.stored_titles(session, _ids(odd, "participant_id")))
    elif kind.name == "declaration_report":
        checking.check_periods(rows, writing.stored_periods(session, _ids(rows, "participant_id")), findings)
    elif kind.name == "register":
        checking.check_events(rows, writing.stored_events(session, _ids(rows, "event_id")), findings)
    elif kind.name == "declarations":
        checking.check_declarations(rows, writing.stored_declarations(session, _ids(rows, "participant_id")), findings)


def _ids(rows: list[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row.word(column) for row in rows))
