"""What somebody says who makes a pack by answering questions, and the pack that everything else comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from reference.criteria import Metric, Shape
from reference.loading import folder_of, load_pack
from reference.pack import Pack
from reference.pack_files import FILES


class CompletionMeasure(NamedTuple):
    """One way to measure completion that needs no blocks: how a criterion has it, and how people are told."""

    shape: Shape
    metric: Metric
    words: str  # to choose it by
    label: str  # of the criterion; {} is how much
    asked: str  # how much
    unit: str

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage."""
        return self.shape != "count"


MEASURES: Mapping[str, CompletionMeasure] = {
    "percent": CompletionMeasure(
        "completion_share",
        "percent_complete",
        "the percentage complete, by the engagement report",
        "At least {}% of the course complete",
        "At least how many per cent of the course must be complete?",
        "Per cent",
    ),
    "credits": CompletionMeasure(
        "completion_share",
        "credits",
        "credits, as a share of the course's total",
        "At least {}% of the course's credits",
        "At least how many per cent of the course's credits?",
        "Per cent",
    ),
    "sessions": CompletionMeasure(
        "share",
        "sessions",
        "sessions attended, as a share of those planned",
        "At least {}% of the planned sessions attended",
        "At least how many per cent of the planned sessions?",
        "Per cent",
    ),
    "hours": CompletionMeasure(
        "count",
        "hours",
        "hours of sessions attended",
        "At least {} hours of sessions attended",
        "At least how many hours of sessions?",
        "Hours",
    ),
}


@dataclass(frozen=True, slots=True)
class CohortAnswer:
    """A cohort that the pack beneath does not have."""

    key: str
    name: str
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """A kind of event: how files write it, and what people call it."""

    key: str
    name: str
    hours: Decimal | None = None


class ReviewPoint(NamedTuple):
    """What a review date is given for. `start` is the key of one of several; "" where there is one alone."""

    cohort: str
    group: str
    start: str
    output: int

    @property
    def key(self) -> str:
        """As options name it: "2026b/leadership/1", "2026b/ehco/november/1"."""
        return "/".join(filter(None, (self.cohort, self.group, self.start, str(self.output))))


@dataclass(frozen=True, slots=True)
class PackAnswers:
    """Everything that was said. What is empty is as the pack beneath has it, but for cohorts, reviews and papers."""

    name: str
    lead_provider: str
    courses: Sequence[str]  # codes, in the order of the pack beneath
    cohorts: Sequence[str] = ()  # keys of the pack beneath
    new_cohorts: Sequence[CohortAnswer] = ()
    first_days: Mapping[str, date] = field(default_factory=dict)  # of cohorts of which the pack beneath knows none
    completion: Mapping[str, Decimal] = field(default_factory=dict)  # by the key in `MEASURES`; all are needed
    totals: Mapping[str, int] = field(default_factory=dict)  # credits, by course
    kinds: Sequence[KindAnswer] = ()
    review_days: int | None = None  # before DfE's cut-off
    reviews: Mapping[ReviewPoint, date] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)  # what people call each, by its column


@dataclass(frozen=True)
class PackBeneath:
    """The pack from which every fact comes that nobody is asked for."""

    pack: Pack
    top: Mapping[str, Any]  # pack.toml as it is written, numbers with a point exactly
    files: Mapping[str, bytes]

    @cached_property
    def completion(self) -> Mapping[str, Decimal]:
        """How it measures completion; empty where it does so in no way of `MEASURES`."""
        for leaf in self._completing:
            for key, measure in MEASURES.items():
                if leaf["metric"] == measure.metric:
                    return {key: Decimal(leaf["min_share"])}
        return {}

    def measured(self, courses: Sequence[str]) -> list[str]:
        """Those of the courses that are completed by so much of the course."""
        return [code for code in courses if self.pack.courses[code].group in self.measured_groups]

    @cached_property
    def measured_groups(self) -> frozenset[str]:
        """The groups whose completion is measured at all."""
        return frozenset(
            group
            for entry in self.top["criteria"]
            if "completed" in entry["declarations"] and any(map(is_measured, leaves_written(entry)))
            for group in entry["groups"]
        )

    @property
    def _completing(self) -> Iterator[Mapping[str, Any]]:
        for entry in self.top["criteria"]:
            if "completed" in entry["declarations"]:
                yield from filter(is_measured, leaves_written(entry))


def pack_beneath(name_or_path: str) -> PackBeneath:
    """The pack of this name or in this folder, with its files. Raises `PackError`."""
    folder: Path = folder_of(name_or_path)
    files = {name: (folder / name).read_bytes() for name in FILES}
    top = tomllib.loads(files["pack.toml"].decode("utf-8-sig"), parse_float=Decimal)
    return PackBeneath(load_pack(name_or_path), top, files)


def is_measured(leaf: Mapping[str, Any]) -> bool:
    """Whether a criterion, as it is written, asks for a share of the whole course."""
    return leaf.get("shape") == "completion_share"


def leaves_written(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The criteria below an entry, as they are written."""
    for node in entry["criterion"]:
        if "criterion" in node:
            yield from leaves_written(node)
        else:
            yield node
