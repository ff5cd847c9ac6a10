"""Finished answers about participants, kept as a platform sends them so that a question costs no more than finding one.

An answer follows from its participant's facts and decisions and from a `View`, and from nothing else. It belongs to one
revision of the caseload (`memory.Known` holds these) and is handed out only once that revision and who asks have been
read from the database at the moment of the question.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection
from datetime import date
from typing import NamedTuple

MOST_KEPT = 60_000  # answers, of about 0.4 kB each with what holds them
_NO_HEADER = -15  # zlib's way to say: no header, no checksum, the largest window


class View(NamedTuple):
    """What an answer looks like depends on the platform, the day and what the asker's role may do."""

    platform: str
    day: date
    role: str


class Answers:
    """Answers by participant and view. All are much alike, so each is packed as how it differs from the first."""

    def __init__(self) -> None:
        self._pattern = b""
        self._packed: dict[tuple[str, View], bytes] = {}

    def __contains__(self, key: tuple[str, View]) -> bool:
        return key in self._packed

    def room(self, each: int) -> int:
        """For how many more participants there is room, with so many answers each."""
        return max(0, MOST_KEPT - len(self._packed)) // max(1, each)

    def keep(self, participant_id: str, view: View, answer: bytes) -> None:
        """Keeps an answer, as long as there is room."""
        if len(self._packed) >= MOST_KEPT:
            return
        if not self._packed:
            self._pattern = answer
        packing = zlib.compressobj(wbits=_NO_HEADER, zdict=self._pattern)
        self._packed[participant_id, view] = packing.compress(answer) + packing.flush()

    def find(self, participant_id: str, view: View) -> bytes | None:
        """The answer, or None when none is kept."""
        packed = self._packed.get((participant_id, view))
        return None if packed is None else zlib.decompressobj(_NO_HEADER, zdict=self._pattern).decompress(packed)

    def without(self, participant_ids: Collection[str]) -> Answers:
        """The answers about everybody but these."""
        return self._only(lambda participant_id, _: participant_id not in participant_ids)

    def of_day(self, day: date) -> Answers:
        """The answers of one day."""
        return self._only(lambda _, view: view.day == day)

    def _only(self, wanted: Callable[[str, View], bool]) -> Answers:
        fewer = Answers()
        fewer._packed = {key: packed for key, packed in self._packed.copy().items() if wanted(*key)}
        fewer._pattern = self._pattern  # after them: another thread may just be keeping the first
        return fewer
