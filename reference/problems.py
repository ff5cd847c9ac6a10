"""What can be wrong with a pack, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackProblem:
    """`where` is a file with its row or entry; `message` says what is wrong and what would be right."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class PackError(ValueError):
    """A pack that can't be used, with every problem found."""

    def __init__(self, problems: Sequence[PackProblem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
