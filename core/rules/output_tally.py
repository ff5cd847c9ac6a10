"""How many of those on an output are evidenced, and where the others are: one count for posts, dates and reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from core.rules.results import Stage, Verdict
from core.rules.stages import AWAY


class Placed(Protocol):
    """Where one output of one participant stands."""

    @property
    def output(self) -> int:
        """Its number."""

    @property
    def verdict(self) -> Verdict:
        """By the criteria."""

    @property
    def declared(self) -> bool:
        """Whether the lead provider has declared it."""

    @property
    def stage(self) -> Stage:
        """On the way to it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Everybody on one output of a group, each in exactly one of these."""

    declared: int
    unshown: int  # of the declared: without evidence held here
    awaiting: int  # met, and not declared yet
    waiting: int  # for an earlier output
    at_it: Mapping[Stage, int]  # not evidenced, and this is their current output
    not_counted: Mapping[Stage, int]  # withdrawn, or away and not evidenced

    @property
    def evidenced(self) -> int:
        """n: declared or met."""
        return self.declared + self.awaiting

    @property
    def people(self) -> int:
        """m: everyone on the output who is counted."""
        return self.evidenced + self.waiting + sum(self.at_it.values())

    @property
    def referred(self) -> int:
        """For whom nothing is left that could be new (R53): a question for the lead provider."""
        return self.at_it.get("refer_to_lead_provider", 0)


def is_evidenced(at: Placed) -> bool:
    """Whether an output is declared or met by somebody on the course; met stays met on deferral (reading 13)."""
    return at.stage != "withdrawn" and (at.declared or at.verdict == "met")


def tally(members: Iterable[tuple[Placed, int | None]]) -> Tally:
    """Counts those on an output, each with the number of their current one."""
    declared = unshown = awaiting = waiting = 0
    at_it: Counter[Stage] = Counter()
    not_counted: Counter[Stage] = Counter()
    for at, current in members:
        if is_evidenced(at):
            declared += at.declared
            unshown += at.declared and at.verdict != "met"
            awaiting += not at.declared
        elif at.stage in AWAY or at.stage == "withdrawn":
            not_counted[at.stage] += 1
        elif current != at.output:
            waiting += 1
        else:
            at_it[at.stage] += 1
    return Tally(declared, unshown, awaiting, waiting, dict(at_it.most_common()), dict(not_counted.most_common()))
