"""Finished answers about participants, kept as a platform sends them so that a question costs no more than finding one.

An answer follows from its participant's facts and decisions and from a `View`, and from nothing else. It belongs to one
revision of the caseload (`memory.Known` holds these) and is handed out only once that revision and who asks have been
read from the database at the moment of the question.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

MOST_KEPT = 60_000  # participants, of about 0.4 kB each with what holds them
_NO_HEADER = -15  # zlib's way to say: no header, no checksum, the largest window
_BETWEEN = b"\0"  # two answers; in none


class View(NamedTuple):
    """What an answer looks like depends on the platform, the day and what the asker's role may do."""

    platform: str
    day: date
    role: str


class Answers:
    """Answers by participant, each in the same views.

    A participant's are packed together, as how they differ from the first one's: all are much alike, and several roles' are
    mostly the very same.
    """

    def __init__(self, views: Sequence[View] = ()) -> None:
        self.views = tuple(views)
        self._pattern = b""
        self._packed: dict[str, bytes] = {}

    def __contains__(self, participant_id: str) -> bool:
        return participant_id in self._packed

    @property
    def room(self) -> int:
        """For how many more participants there is room."""
        return max(0, MOST_KEPT - len(self._packed))

    def keep(self, participant_id: str, answers: Sequence[bytes]) -> None:
        """Keeps a participant's answers, one for each view in their order, as long as there is room."""
        if not self.room:
            return
        different = list(dict.fromkeys(answers))
        text = bytes(map(different.index, answers)) + _BETWEEN.join(different)
        if not self._packed:
            self._pattern = text
        packing = zlib.compressobj(wbits=_NO_HEADER, zdict=self._pattern)
        self._packed[participant_id] = packing.compress(text) + packing.flush()

    def find(self, participant_id: str, view: View) -> bytes | None:
        """The answer, or None when none is kept."""
        packed = self._packed.get(participant_id)
        if packed is None or view not in self.views:
            return None
        text = zlib.decompressobj(_NO_HEADER, zdict=self._pattern).decompress(packed)
        return text[len(self.views) :].split(_BETWEEN)[text[self.views.index(view)]]

    def without(self, participant_ids: Collection[str]) -> Answers:
        """The answers about everybody but these."""
        fewer = Answers(self.views)
        fewer._packed = {key: packed for key, packed in self._packed.copy().items() if key not in participant_ids}
        fewer._pattern = self._pattern  # after them: another thread may just be keeping the first
        return fewer
