"""Where everybody stands: from one small record each, without loading anybody's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from core.changes import changing
from core.database.database import reading
from core.derived import progress_store
from core.derived.installation import Installation
from core.records import participant_rows
from core.rules.folding import progress_of
from core.rules.ladder import Ladder
from core.rules.output_position import Position, current_output, position
from core.rules.progress import Progress
from reference.pack import Pack


class Swept(NamedTuple):
    """Where one participant stands on their current output; `position` None: every output has been declared."""

    participant_id: str
    delivery_partner: str
    position: Position | None

    @property
    def current_output(self) -> int | None:
        """The first output that is not declared."""
        return None if self.position is None else self.position.output


def sweep(installation: Installation, as_of: date) -> Iterator[Swept]:
    """Everybody's current output with verdict and stage at the end of a day, in no order."""
    keep_current(installation)
    with reading(installation.engine) as session:
        yield from judged(installation.pack, _everybody(installation, session), as_of)


def _everybody(installation: Installation, session: Session) -> Iterator[Progress]:
    """Everybody's records; folded here where somebody of another version has made the stored ones just now."""
    if progress_store.is_current(session, installation.fold):
        return progress_store.iterate(session, installation.fold)
    return (progress_of(installation.pack, who) for who in participant_rows.iterate_participants(session))


def judged(pack: Pack, records: Iterable[Progress], as_of: date) -> Iterator[Swept]:
    """Where each of these participants stands at the end of a day; who is on a course that the pack lacks is left out."""
    for record in records:
        if not pack.knows(record.course, record.cohort):
            continue
        ladder = Ladder(pack, record)
        current = current_output(ladder, as_of)
        at = None if current is None else position(ladder, current, as_of, current)
        yield Swept(record.id, record.delivery_partner, at)


def keep_current(installation: Installation) -> None:
    """Makes every record anew where they rest on another pack's words, or were never made (after a migration)."""
    with reading(installation.engine) as session:
        if progress_store.is_current(session, installation.fold):
            return
    with changing(installation) as change:
        change.begin()  # of several who come here at once the others find it done
        if not progress_store.is_current(change.session, installation.fold):
            change.everybody()
