"""Which pack is used: whether it has everybody, and which one each process that runs on noted at its start or when it took another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlmodel import Session, col

from core.database.database import reading, writing
from core.database.tables import PackInUse
from core.database.upserts import insert_into
from core.derived.installation import Installation
from core.records import participant_rows
from core.services.installation import DATABASE_FAILS
from core.services.refusals import Refusal
from reference.pack import Pack

__all__ = ["CHOOSE", "PackInUse", "Process", "lacking", "note", "noted", "refuse_unchosen"]

Process = Literal["web", "worker"]
FORMER = "edt-v18"  # which earlier versions used where none was chosen
CHOOSE = f"set NPQ_PACK={FORMER}, which was used until now, or NPQ_PACK to your own pack's folder."
_GROUPS_NAMED = 5


def note(installation: Installation, process: Process, folder: str, *, at: datetime) -> bool:
    """Notes that a process uses the installation's pack from now on, by the real clock; of several the newest note stands.

    False where the database takes nothing just now: the process works all the same, and tries again later.
    """
    pack = installation.pack
    values = {"label": pack.label, "hash": pack.hash, "folder": folder, "noted_at": at}
    try:
        with writing(installation.engine) as session:
            row = insert_into(session, PackInUse).values(process=process, **values)
            session.execute(row.on_conflict_do_update(index_elements=["process"], set_=values))
    except DATABASE_FAILS:
        return False
    return True


def noted(session: Session) -> Mapping[str, PackInUse]:
    """What was noted last, by process."""
    return {each.process: each for each in session.scalars(select(PackInUse).order_by(col(PackInUse.process)))}


def lacking(session: Session, pack: Pack) -> str:
    """Who is on a course or in a cohort that the pack does not have: "3 people in NPQLT cohort 1"; "" where nobody is."""
    strange = {
        who: count for who, count in participant_rows.by_course_and_cohort(session).items() if not pack.knows(*who)
    }
    groups = [f"{course} cohort {cohort}" for course, cohort in sorted(strange)]
    named = ", ".join(groups[:_GROUPS_NAMED]) + (", …" if len(groups) > _GROUPS_NAMED else "")
    people = sum(strange.values())
    return f"{people:,} {'person' if people == 1 else 'people'} in {named}" if people else ""


def refuse_unchosen(installation: Installation) -> None:
    """Where nobody chose the pack: refuses with `pack_not_chosen` if it does not have everybody, so that nobody drops out of sight."""
    with reading(installation.engine) as session:
        without = lacking(session, installation.pack)
    if without:
        raise Refusal(
            "pack_not_chosen",
            f"NPQ_PACK is not set, and {installation.pack.name}, which is used then, does not have {without}: {CHOOSE}",
        )
