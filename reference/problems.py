"""What can be wrong with a pack, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class PackPlace(NamedTuple):
    """Where something stands in a pack's files. Its line in pack.toml is worked out only when something is said of it."""

    file: str
    path: tuple[str | int, ...] = ()  # in pack.toml: ("cohort", 2, "starts_on") is that key of the third [[cohort]]
    line: int | None = None  # of a table's row

    def of(self, *keys: str | int) -> PackPlace:
        """The place of something within it; a table's row is one line."""
        return self if self.line is not None else self._replace(path=(*self.path, *keys))


class Fault(NamedTuple):
    """What is wrong at a place; `other` is a second place that has to do with it, and `beside` says how."""

    at: PackPlace
    message: str
    beside: str = ""
    other: PackPlace | None = None


@dataclass(frozen=True, slots=True)
class PackProblem:
    """What is wrong in a file and what would be right, in a sentence."""

    file: str
    message: str
    line: int | None = None  # None: it stands in no line, as something that is missing
    entry: str = ""  # of pack.toml: "cohort 2026b"

    @property
    def where(self) -> str:
        """The file, the line and the entry: "pack.toml:212: cohort 2026b"."""
        line = f":{self.line}" if self.line is not None else ""
        return f"{self.file}{line}{f': {self.entry}' if self.entry else ''}"

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class PackError(ValueError):
    """A pack that can't be used, with every problem found."""

    def __init__(self, problems: Sequence[PackProblem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
