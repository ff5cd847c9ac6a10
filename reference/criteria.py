"""What meets an output: a tree of criteria, each of a shape that `core.rules` knows how to judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeAlias

Shape = Literal[
    "attendance",
    "self_study",
    "video",
    "progress",
    "engagement_metric",
    "assessment_tracked",
    "completion_share",
    "assessment_copies",
    "share",
    "weighted",
    "count",
    "items",
]
Metric = Literal["credits", "percent_complete", "either", "sessions", "hours", "component", "activities"]
# either: of credits and the percentage complete, whichever tells
Combine = Literal["any", "all", "at_least"]


@dataclass(frozen=True, slots=True)
class Item:
    """An activity that must be done: as the course's blocks list it."""

    course: str  # code
    block: int
    title: str


@dataclass(frozen=True, slots=True)
class WeightedPart:
    """A share that counts for so many hundredths of a weighted criterion (reading 32)."""

    weight: Decimal
    metric: Metric
    label: str = ""  # said to people: "seminars and conferences"; "": what it is a share of
    kinds: tuple[str, ...] = ()  # of event, for sessions; none named: all
    component: str | None = None
    of: int | Literal["planned"] | None = None  # sessions offered: so many, those planned; None: those of the registers


@dataclass(frozen=True, slots=True)
class Criterion:
    """One leaf of a tree: a way of meeting an output, or a part of it.

    `key` is what JSON shows ("attendance", "credits_90", …), `shape` picks the function that judges it. The numbers are
    those that the shape takes: `reference.checks.criterion_checks` has the table.
    """

    key: str
    shape: Shape
    rule: str  # "R9"
    label: str  # said to people: "Attended a face-to-face event or live webinar"
    source: str
    owner: Literal["participant", "lead_provider"] = "participant"  # the lead provider's is never nudged for (R27)
    min_credits: int | None = None
    min_percent: Decimal | None = None
    block: int | None = None  # None: any block
    metric: Metric | None = None
    min_share: Decimal | None = None  # per cent
    n: Decimal | None = None  # of a count: at least so many sessions, hours or activities
    kinds: tuple[str, ...] = ()  # of event; none named: all
    component: str | None = None
    of: int | Literal["planned"] | None = None  # sessions offered: so many, those planned; None: those of the registers
    items: tuple[Item, ...] = ()
    title_begins: str | None = None  # every activity of the course whose title begins so is an item
    parts: tuple[WeightedPart, ...] = ()
    since_last: bool = False  # counts what is new since the last output point, whatever the output


@dataclass(frozen=True, slots=True)
class CriteriaGroup:
    """A node of a tree: any one of, all of, or at least `n` of those below it (reading 30)."""

    combine: Combine
    nodes: tuple[Node, ...]
    n: int | None = None  # of `at_least`
    source: str = ""


Node: TypeAlias = Criterion | CriteriaGroup


@dataclass(frozen=True)
class CriteriaSet:
    """What one output of a group takes (R8, R21, R26)."""

    group: str
    output: int
    tree: CriteriaGroup
    source: str

    @cached_property
    def leaves(self) -> tuple[tuple[str, Criterion], ...]:
        """Its criteria in the pack's order, each with its path in the tree: "all.1.any.0"."""
        return tuple(leaves_of(self.tree))

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """Its criteria in the pack's order."""
        return tuple(criterion for _, criterion in self.leaves)


@dataclass(frozen=True)
class Gate:
    """What it takes before a group's assessment may be sat (reading 38): told beside the completion output, never part of its
    verdict.
    """

    title: str  # said to people: "May sit the assessment"
    criteria: CriteriaSet


def leaves_of(group: CriteriaGroup, before: str = "") -> Iterator[tuple[str, Criterion]]:
    """The criteria of a group and of the groups within it, in order, each with its path below `before`."""
    for place, node in enumerate(group.nodes):
        path = f"{before}{group.combine}.{place}"
        if isinstance(node, Criterion):
            yield path, node
        else:
            yield from leaves_of(node, f"{path}.")
