"""What every benchmark gives back: a ratio of two things measured side by side, and the figure to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """How one thing compares with another. `said`: the two figures themselves, good within one run only."""

    what: str
    against: str
    ratio: float
    limit: float
    at_least: bool = False
    said: str = ""

    @property
    def reached(self) -> bool:
        """Whether the ratio is on the right side of its limit."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit

    def line(self) -> str:
        """One line of the table."""
        wanted = f"{'≥' if self.at_least else '≤'} {self.limit:g}"
        sign = "✓" if self.reached else "✗"
        return f"{sign} {self.what:<44}{self.against:<36}{self.ratio:>8.3f}  {wanted:<8}{self.said}"
