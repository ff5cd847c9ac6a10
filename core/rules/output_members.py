"""Somebody on an output, as messages ask about them."""

from __future__ import annotations

from datetime import date

from core.rules.ladder import Ladder
from core.rules.output_position import Position, current_output, position
from core.rules.progress import Progress

UNASKED = -1


class Member:
    """Somebody on an output as of a day; where they stand is worked out when it is asked for."""

    __slots__ = ("_at", "_current", "day", "ladder", "output")

    def __init__(self, ladder: Ladder, output: int, day: date) -> None:
        self.ladder = ladder
        self.output = output
        self.day = day
        self._at: Position | None = None
        self._current: int | None = UNASKED

    @property
    def progress(self) -> Progress:
        """Their record."""
        return self.ladder.progress

    @property
    def current_output(self) -> int | None:
        """The first output that is not declared; None when all are."""
        if self._current == UNASKED:
            self._current = current_output(self.ladder, self.day)
        return self._current

    @property
    def on_current_output(self) -> bool:
        """Whether this output is the first that is not declared."""
        return self.current_output == self.output

    @property
    def at(self) -> Position:
        """Where they stand on the output."""
        if self._at is None:
            self._at = position(self.ladder, self.output, self.day, self.current_output)
        return self._at

    @property
    def declared(self) -> bool:
        """Whether the output is declared."""
        return self.ladder.declaration(self.output, self.day) is not None
