"""Taking in files: one call, one transaction, every wrong row named."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core.changes import Change, changing
from core.database.database import writing
from core.database.tables import Decision
from core.derived.installation import Installation
from core.imports.checks.duplicate_keys import Repeats
from core.imports.checks.enrolling import Return
from core.imports.checks.import_context import ImportContext
from core.imports.checks.partner_names import PartnerNames
from core.imports.checks.stored_rows import moved_people, stored_marks, stored_people
from core.imports.headers.mapping_files import NOTHING_MAPPED, ColumnMapping, read_mapping
from core.imports.kinds import KINDS, Kind, kind_named
from core.imports.taking_in import Intake, Progress, Source, TakeInAgain, open_sources, take_in
from core.imports.writers.row_writer import log_import, one_at_a_time
from core.records import decisions, participant_rows
from core.records.compared_names import alike
from core.records.damaged_text import cleaned
from core.records.new_enrolments import NewEnrolments
from core.rules.calendar import london_day
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, require
from core.spreadsheets import cells
from core.spreadsheets.cells import NotRight
from core.spreadsheets.file_problems import FileFault, FileReport, ImportReport, RowProblem, where

__all__ = ["FileReport", "ImportRefused", "ImportReport", "RowProblem", "import_files", "where"]


class ImportRefused(Refusal):
    """Whole files that cannot be read, so that nothing was imported.

    `message` names the file (or counts them); `problems` has one line per file at fault, then those of rows.
    """

    def __init__(self, faults: Sequence[FileFault], problems: Sequence[RowProblem] = ()) -> None:
        said = " ".join(f"{where(fault)}: {fault.message}" for fault in faults)
        super().__init__("file_refused", said)
        self.problems = (*(fault.as_problem() for fault in faults), *problems)


def import_files(
    installation: Installation,
    actor: Actor,
    paths: Sequence[Path],
    *,
    kind: str | None = None,
    partner: str | None = None,
    new_partners: Sequence[str] = (),
    mapping: Path | None = None,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    same_ids_meant: bool = False,
    now: datetime,
    progress: Progress | None = None,
) -> ImportReport:
    """Reads CSV and XLSX files into the records; all of them or, where a row is wrong, none.

    `kind` is recognised from each header when not given; `partner` restricts the call to one Delivery Partner's rows;
    `new_partners` are said to be Delivery Partners of their own, though a stored one is nearly spelt so; `mapping` names a TOML
    file. With `skip_bad_rows` the good rows are taken and the others listed. With `same_ids_meant` a new id may be nearly
    another's, and two of a course may have one TRN or e-mail. With `dry_run` the same is reported and no table written, the import
    log included. Raises `ImportRefused` when a whole file (or the mapping) cannot be read, `Refusal` when the actor may not.
    """
    require(actor, "import")
    only, wanted = _partner(actor, partner), _kind(kind)
    if not paths:
        raise Refusal("nothing_to_import", "Name at least one CSV or XLSX file to import.")
    columns = _mapping(mapping)
    sources, faults = open_sources(paths, kind=wanted, mapping=columns)
    call = _Call(
        installation,
        actor,
        only,
        new_partners,
        columns,
        sources,
        faults,
        now,
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        same_ids_meant=same_ids_meant,
    )
    intake = _until_known(call, progress)
    written = call.keeps(intake)
    if not written and not dry_run:
        _log_refused(call, intake)
    if faults := [*faults, *intake.faults]:
        raise ImportRefused(_in_order(paths, faults), intake.problems)
    return ImportReport(tuple(intake.files), tuple(intake.problems), written=written)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call's files, opened, and how they are to be taken."""

    installation: Installation
    actor: Actor
    partner: str | None
    new_partners: Sequence[str]
    mapping: ColumnMapping
    sources: Sequence[Source]
    faults: Sequence[FileFault]  # of files that could not be opened
    now: datetime
    dry_run: bool
    skip_bad_rows: bool
    same_ids_meant: bool

    def refuses(self, intake: Intake) -> bool:
        """Whether something is wrong for which nothing may be imported."""
        return bool(self.faults or intake.faults or (intake.problems and not self.skip_bad_rows))

    def keeps(self, intake: Intake) -> bool:
        """Whether what was taken in stays."""
        return not self.dry_run and not self.refuses(intake)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python does not look for objects that hold each other meanwhile: rows make none, and there are very many."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_uncollected()
def _until_known(call: _Call, progress: Progress | None) -> Intake:
    """Takes files in, again where what they hold is known only at their end: each time with more that is known."""
    suspects: Mapping[int, Repeats] = {}
    preferred: frozenset[str] = frozenset()
    named: dict[str, frozenset[Any]] = {}
    while True:
        try:
            return _take_in_once(call, suspects, preferred, named, progress)
        except TakeInAgain as again:
            suspects, preferred = again.suspects, again.preferred | preferred
            named = {**named, **again.named}


def _take_in_once(
    call: _Call,
    suspects: Mapping[int, Repeats],
    preferred: frozenset[str],
    named: Mapping[str, frozenset[Any]],
    progress: Progress | None,
) -> Intake:
    """Takes all files in, in one transaction, which is taken back where nothing of them is to be kept."""
    with changing(call.installation, now=call.now, checked=True) as change:
        one_at_a_time(change.session)  # before it looks at who is stored: others may be adding the same people
        known = _known(call, change.session, preferred, named)
        intake = take_in(
            change.session, call.sources, known, mapping=call.mapping, suspects=suspects, progress=progress
        )
        if call.refuses(intake):
            intake.files = [replace(file, added=0, changed=0, unchanged=0) for file in intake.files]
        if call.keeps(intake):
            _tell(call, change, intake)
        else:
            change.take_back()
    return intake


def _known(
    call: _Call, session: Session, preferred: frozenset[str], named: Mapping[str, frozenset[Any]]
) -> ImportContext:
    """What the rows are checked against, as it is stored now."""
    names = PartnerNames(participant_rows.partners(session), call.new_partners, preferred)
    people, enrolments, several = stored_people(session)
    return ImportContext(
        call.installation.pack,
        people,
        london_day(call.now),
        call.actor.partner or _as_stored(names, call.partner),
        may_move_in=call.actor.partner is None,
        partner_names=names,
        held=partial(stored_marks, session),
        same_ids_meant=call.same_ids_meant,
        moved=moved_people(session),
        enrolments=enrolments,
        several=several,
        new_enrolments=NewEnrolments(session),
        named_too=dict(named),
    )


def _tell(call: _Call, change: Change, intake: Intake) -> None:
    """Says what an import that is kept has changed, and notes it."""
    counts = [_counts(file) for file in intake.files]
    for one in intake.returns:
        _bring_back(call, change, one)
    if intake.changed:
        change.imported(intake.touched, registers=intake.registers, replanned=intake.replanned)
        change.audit("import", actor=call.actor.name, actor_id=call.actor.staff_id, detail={"files": counts})
    problems = len(intake.problems)
    log_import(change.session, at=call.now, actor=call.actor.name, files=counts, problems=problems, written=True)


def _bring_back(call: _Call, change: Change, back: Return) -> None:
    """Records that somebody came back to a course that was over for them: what they did in their first cohort stays in it."""
    today = london_day(call.now)
    if not back.says_status:
        participant_rows.set_training_status(change.session, back.enrolment, "active")
    decisions.add(
        change.session,
        Decision(
            enrolment_id=back.enrolment,
            kind="resumption",
            told=f"Returned, in cohort {back.cohort}",
            decided_on=today,
            recorded_at=call.now,
            by=call.actor.name,
            cohort=back.cohort,
            schedule=back.schedule,
        ),
    )
    change.facts({back.enrolment: back.participant_id})
    change.decided(back.participant_id, back.enrolment)
    change.audit(
        "resume",
        actor=call.actor.name,
        actor_id=call.actor.staff_id,
        participant_id=back.participant_id,
        detail={"on": today.isoformat(), "cohort": back.cohort},
    )


def _log_refused(call: _Call, intake: Intake) -> None:
    """Notes an import of which nothing is kept."""
    counts = [_counts(file) for file in intake.files]
    problems = len(intake.problems) + len(call.faults) + len(intake.faults)
    with writing(call.installation.engine) as session:
        log_import(session, at=call.now, actor=call.actor.name, files=counts, problems=problems, written=False)


def _partner(actor: Actor, partner: str | None) -> str | None:
    asked = cleaned(partner) if partner is not None else None
    if asked == "":
        raise Refusal("unknown_partner", "Name the Delivery Partner whose rows are to be imported.", field="partner")
    if actor.partner is not None and asked is not None and not alike(asked, [actor.partner]):
        raise Refusal("not_permitted", f"You can import files of {actor.partner} only.", field="partner")
    return actor.partner or asked


def _as_stored(names: PartnerNames, partner: str | None) -> str | None:
    """The Delivery Partner whose rows are taken, as stored, however it is typed; as typed where it has nobody yet."""
    try:
        return None if partner is None else names.meant(partner)
    except NotRight as trouble:
        raise Refusal("unknown_partner", trouble.message, field="partner") from None


def _kind(name: str | None) -> Kind | None:
    if name is None:
        return None
    kind = kind_named(name)
    if kind is None:
        raise Refusal(
            "unknown_kind", f"There is no kind of file “{name}”: give {cells.listed(tuple(KINDS))}.", field="kind"
        )
    return kind


def _mapping(path: Path | None) -> ColumnMapping:
    try:
        return NOTHING_MAPPED if path is None else read_mapping(path)
    except FileFault as fault:
        raise ImportRefused([fault]) from None


def _counts(file: FileReport) -> dict[str, str | int]:
    return {
        "kind": file.kind,
        "rows": file.rows,
        "added": file.added,
        "changed": file.changed,
        "unchanged": file.unchanged,
        "skipped": file.skipped,
    }


def _in_order(paths: Sequence[Path], faults: Sequence[FileFault]) -> list[FileFault]:
    order = {str(path): index for index, path in reversed(list(enumerate(paths)))}
    return sorted(faults, key=lambda fault: order.get(fault.file, len(order)))
