"""What a benchmark answers: one ratio per row of the table, taken side by side in one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Ratio:
    """One row: `what` was measured `against` something in the same run, and should be `at least` or `at most` `wanted`.

    `figures` are the medians behind it, by name and with their unit; `sizes` and `seed` say on what.
    """

    what: str
    against: str
    ratio: float
    bound: Literal["at least", "at most"]
    wanted: float
    sizes: str
    seed: int
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the figure to reach is reached."""
        return self.ratio >= self.wanted if self.bound == "at least" else self.ratio <= self.wanted
