"""Taking in files: one call, one transaction, every wrong row named."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from core.changes import changing
from core.derived.office import Office
from core.records import caseload
from core.records.database import writing
from core.records.imports import cells
from core.records.imports.cells import NotRight
from core.records.imports.checking import Known
from core.records.imports.intake import Intake, TakeInAgain, open_sources, take_in
from core.records.imports.kinds import KINDS, Kind, kind_named
from core.records.imports.mapping import NOTHING_MAPPED, read_mapping
from core.records.imports.partners import PartnerNames
from core.records.imports.repeats import Repeats
from core.records.imports.report import FileFault, FileReport, ImportReport, RowProblem, where
from core.records.imports.stored import moved_people, stored_marks, stored_people
from core.records.imports.writing import log_import
from core.records.letters import cleaned
from core.records.names import alike
from core.rules.calendar import london_day
from core.services.actors import Actor, require
from core.services.refusals import Refusal

__all__ = ["FileReport", "ImportRefused", "ImportReport", "RowProblem", "import_files", "where"]


class ImportRefused(Refusal):
    """Whole files that cannot be read, so that nothing was imported.

    `message` names the file (or counts them); `problems` has one line per file at fault, then those of rows.
    """

    def __init__(self, faults: Sequence[FileFault], problems: Sequence[RowProblem] = ()) -> None:
        said = " ".join(f"{where(fault)}: {fault.message}" for fault in faults)
        super().__init__("file_refused", said)
        self.problems = (*(fault.as_problem() for fault in faults), *problems)


class _NotKeptError(Exception):
    """Takes the transaction back; what was found is in `intake`."""

    def __init__(self, intake: Intake) -> None:
        super().__init__()
        self.intake = intake


def import_files(
    office: Office,
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
    progress: Callable[[str, int, int | None], None] | None = None,
) -> ImportReport:
    """Reads CSV and XLSX files into the records; all of them or, where a row is wrong, none.

    `kind` is recognised from each header when not given; `partner` restricts the call to one Delivery Partner's rows;
    `new_partners` are said to be Delivery Partners of their own, though a stored one is nearly spelt so; `mapping` names a TOML
    file. With `skip_bad_rows` the good rows are taken and the others listed. With `same_ids_meant` a new id may be nearly
    another's, and two of a course may have one TRN or e-mail. With `dry_run` the same is reported and no table written, the import
    log included. Raises `ImportRefused` when a whole file (or the mapping) cannot be read, and `Refusal` when the actor may not
    import.
    """
    require(actor, "import")
    restricted_to = _partner(actor, partner)
    wanted = _kind(kind)
    if not paths:
        raise Refusal("nothing_to_import", "Name at least one CSV or XLSX file to import.")
    try:
        columns = read_mapping(mapping) if mapping is not None else NOTHING_MAPPED
    except FileFault as fault:
        raise ImportRefused([fault]) from None
    sources, faults = open_sources(paths, kind=wanted, mapping=columns)
    keep = not dry_run and not faults

    def take_in_once(suspects: Mapping[int, Repeats], preferred: frozenset[str]) -> Intake:
        with changing(office, now=now, checked=True) as change:
            session = change.session
            names = PartnerNames(caseload.partners(session), new_partners, preferred)
            known = Known(
                office.pack,
                stored_people(session),
                london_day(now),
                actor.partner or _as_stored(names, restricted_to),
                may_move_in=actor.partner is None,
                partner_names=names,
                held=partial(stored_marks, session),
                same_ids_meant=same_ids_meant,
                moved=moved_people(session),
            )
            intake = take_in(session, sources, known, mapping=columns, suspects=suspects, progress=progress)
            if not keep or intake.faults or (intake.problems and not skip_bad_rows):
                if faults or intake.faults or (intake.problems and not skip_bad_rows):
                    intake.files = [replace(file, added=0, changed=0, unchanged=0) for file in intake.files]
                raise _NotKeptError(intake)
            counts = [_counts(file) for file in intake.files]
            if intake.changed:
                registers = any(file.kind == "register" and (file.added or file.changed) for file in intake.files)
                change.imported(intake.touched, registers=registers)
                change.audit("import", actor=actor.name, actor_id=actor.staff_id, detail={"files": counts})
            log_import(session, at=now, actor=actor.name, files=counts, problems=len(intake.problems), written=True)
            return intake

    try:
        with _uncollected():
            intake = _until_known(take_in_once)
    except _NotKeptError as undone:
        intake = undone.intake
        if not dry_run:
            with writing(office.engine) as session:
                counts = [_counts(file) for file in intake.files]
                problems = len(intake.problems) + len(faults) + len(intake.faults)
                log_import(session, at=now, actor=actor.name, files=counts, problems=problems, written=False)
        if faults or intake.faults:
            raise ImportRefused(_in_order(paths, [*faults, *intake.faults]), intake.problems) from None
        return ImportReport(tuple(intake.files), tuple(intake.problems), written=False)
    return ImportReport(tuple(intake.files), tuple(intake.problems), written=True)


def _until_known(take_in_once: Callable[[Mapping[int, Repeats], frozenset[str]], Intake]) -> Intake:
    """Takes files in, again where what they hold is known only at their end: each time with more that is known."""
    suspects: Mapping[int, Repeats] = {}
    preferred: frozenset[str] = frozenset()
    while True:
        try:
            return take_in_once(suspects, preferred)
        except TakeInAgain as again:
            suspects, preferred = again.suspects, again.preferred | preferred


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
