"""Finished answers about participants, kept as a platform sends them so that a question costs no more than finding one.

An answer follows from its participant's facts and decisions and from a `View`, and from nothing else. It belongs to one
state of the caseload (`people_index.KnownState` holds these) and is handed out only once that state and who asks have been read from the
database at the moment of the question: `MemberQuestion` is that one small question.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Engine, bindparam, join, literal_column, select

from core.database.database_faults import plain
from core.database.tables import CaseloadRevision, Staff, columns_of
from core.derived.following import State
from core.records.staff import StaffMember

MOST_KEPT = 60_000  # participants, of about 0.4 kB each with what holds them
_NO_HEADER = -15  # zlib's way to say: no header, no checksum, the largest window
_BETWEEN = b"\0"  # two answers; in none

_staff, _revision = columns_of(Staff), columns_of(CaseloadRevision)
_ASKED = (
    select(
        _staff.id,
        _staff.name,
        _staff.role,
        _staff.partner,
        _revision.revision,
        _revision.mark,
    )
    .select_from(join(Staff, CaseloadRevision, _revision.id == literal_column("1"), isouter=True))
    .where(_staff.platform == bindparam("platform"), _staff.platform_id == bindparam("platform_id"))
)


class View(NamedTuple):
    """What an answer looks like depends on the platform, the day and what the asker's role may do."""

    platform: str
    day: date
    role: str


class FinishedAnswers:
    """Answers by participant, each in the same views.

    A participant's are packed together, as how they differ from the first one's: all are much alike, and several roles' are
    mostly the very same.
    """

    def __init__(self, views: Sequence[View] = ()) -> None:
        self.views = tuple(views)
        self.complete = False  # whether nobody's is lacking for whom there is room
        self._pattern = b""
        self._packed: dict[int, bytes] = {}

    def within(self, views: Sequence[View]) -> FinishedAnswers:
        """These, where they are in all of these views; else others, of which all are to be made anew."""
        return self if set(views) <= set(self.views) else FinishedAnswers(views)

    def lacking(self, enrolments: Iterable[int]) -> list[int]:
        """Whose are not kept yet, as many as there is room for; from now on these are `complete` where that is nobody."""
        ids = [each for each in enrolments if each not in self._packed][: self._room]
        self.complete = not ids
        return ids

    @property
    def _room(self) -> int:
        return max(0, MOST_KEPT - len(self._packed))

    def keep(self, enrolment: int, answers: Sequence[bytes]) -> None:
        """Keeps a participant's answers, one for each view in their order, as long as there is room."""
        if not self._room:
            return
        different = list(dict.fromkeys(answers))
        text = bytes(map(different.index, answers)) + _BETWEEN.join(different)
        if not self._packed:
            self._pattern = text
        packing = zlib.compressobj(wbits=_NO_HEADER, zdict=self._pattern)
        self._packed[enrolment] = packing.compress(text) + packing.flush()

    def find(self, enrolment: int, view: View) -> bytes | None:
        """The answer, or None when none is kept."""
        packed = self._packed.get(enrolment)
        if packed is None or view not in self.views:
            return None
        text = zlib.decompressobj(_NO_HEADER, zdict=self._pattern).decompress(packed)
        return text[len(self.views) :].split(_BETWEEN)[text[self.views.index(view)]]

    def without(self, enrolments: Collection[int]) -> FinishedAnswers:
        """The answers about everybody but these."""
        fewer = FinishedAnswers(self.views)
        fewer._packed = {key: packed for key, packed in self._packed.copy().items() if key not in enrolments}
        fewer._pattern = self._pattern  # after them: another thread may just be keeping the first
        return fewer


@dataclass(frozen=True, slots=True)
class MemberAndState(StaffMember):
    """Who somebody on the list is, with the state that the caseload is in at the same moment."""

    state: State


class MemberQuestion:
    """Who is this, and which state is the caseload in, now: asked in one statement, compiled once and run by the driver
    itself. That takes a tenth of a session's time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        compiled = _ASKED.compile(dialect=engine.dialect)
        self._statement = str(compiled)
        self._in_order = itemgetter(*compiled.positiontup) if compiled.positiontup else None

    def __call__(self, platform: str, platform_id: str) -> MemberAndState | None:
        """Who somebody is, and the state; None for who is not on the list."""
        given: Any = {"platform": platform, "platform_id": platform_id}
        if self._in_order is not None:
            given = self._in_order(given)
        try:
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(self._statement, given)
                rows = cursor.fetchall()
                cursor.close()
            finally:
                connection.close()
        except Exception as error:  # the driver's own too
            if (said := plain(error)) is not None:
                raise said from error
            raise
        if not rows:
            return None
        staff_id, name, role, partner, number, mark = rows[0]
        return MemberAndState(staff_id, name, role, partner, State(number or 0, mark or 0))
