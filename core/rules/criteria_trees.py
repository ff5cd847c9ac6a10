"""Trees of criteria, made ready once for each pack: judged for a span with what decides them ending the looking (reading 30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from core.rules.eligibility import JUDGES, judge_of
from core.rules.evidence import Evidence, Judge
from core.rules.findings import Finding, Judged, Span, all_of, any_of, at_least
from reference.criteria import CriteriaGroup, CriteriaSet, Criterion, Node
from reference.measures import COUNTS_SESSIONS, measured_in
from reference.pack import OutputKind, Pack

CUMULATIVE = frozenset({"completion_share", "assessment_tracked", "assessment_copies"})  # whatever was used before
BY_CREDITS = frozenset({"self_study", "progress", "engagement_metric", "completion_share", "share", "count", "items"})


class Leaf(NamedTuple):
    """A criterion in its place. `only_new`: counts what is new since the last output point, else all from the start."""

    path: str
    criterion: Criterion
    only_new: bool

    def find(self, evidence: Evidence, span: Span) -> Finding:
        """The criterion judged on the evidence of its part of a span."""
        return JUDGES[self.criterion.shape](self.criterion, evidence, span if self.only_new else Span(0, span.until))


@dataclass(frozen=True, eq=False)
class ReadyTree:
    """One output's criteria, ready to be judged."""

    criteria: CriteriaSet
    leaves: tuple[Leaf, ...]
    judge: Judge  # the verdict over all of it
    can_fall: (
        bool  # may be met and then no longer, although nothing was taken back: a share does when a session is offered
    )
    by_credits: bool  # whether credits can meet any of it (R53)

    def left_open(self, verdicts: Sequence[Judged]) -> list[bool]:
        """Of each leaf, by all their verdicts, whether it is still open: not met, nor within a group that is met."""
        return list(_open(self.criteria.tree, iter(verdicts)))

    @property
    def credit_share(self) -> Criterion | None:
        """The criterion that asks for a share of the credits (R28)."""
        return next((c for c in self.criteria.criteria if c.metric == "credits" and c.min_share is not None), None)

    @property
    def percent_share(self) -> Criterion | None:
        """The criterion that asks for a share of the content by the Engagement report's percentage."""
        return next((c for c in self.criteria.criteria if c.shape == "share" and c.metric == "percent_complete"), None)


class ReadyTrees(NamedTuple):
    """The trees of a course's outputs, in order; None where the pack defines nothing (R3)."""

    trees: tuple[ReadyTree | None, ...]
    can_fall: tuple[bool, ...]  # of each output: it, or one before it
    gate: ReadyTree | None  # what it takes before the assessment may be sat


@lru_cache(maxsize=10)
def ready_trees(pack: Pack) -> Mapping[str, ReadyTrees]:
    """What each course asks for, by its code."""
    found = {}
    for code, outline in pack.outlines.items():
        trees = [
            None if criteria is None else _ready(criteria, spec.kind, pack, code)
            for spec, criteria in zip(outline.outputs, outline.criteria, strict=True)
        ]
        falls = [tree is not None and tree.can_fall for tree in trees]
        gate = pack.gates.get(pack.courses[code].group)
        ready = None if gate is None else _ready(gate.criteria, "completion", pack, code)
        found[code] = ReadyTrees(tuple(trees), tuple(any(falls[: n + 1]) for n in range(len(falls))), ready)
    return found


def verdict_of(node: Node, leaves: Iterator[Judged]) -> Judged:
    """What the verdicts of a tree's leaves, in the pack's order, come to."""
    if isinstance(node, Criterion):
        return next(leaves)
    return combined(node, [verdict_of(each, leaves) for each in node.nodes])


def _open(group: CriteriaGroup, verdicts: Iterator[Judged]) -> Iterator[bool]:
    for node in group.nodes:
        if isinstance(node, Criterion):
            yield next(verdicts) != "met"
        else:
            own = list(islice(verdicts, count_leaves(node)))
            is_met = verdict_of(node, iter(own)) == "met"
            yield from (still_open and not is_met for still_open in _open(node, iter(own)))


def count_leaves(node: Node) -> int:
    """How many criteria stand in a part of a tree."""
    return 1 if isinstance(node, Criterion) else sum(map(count_leaves, node.nodes))


def combined(group: CriteriaGroup, verdicts: Sequence[Judged]) -> Judged:
    """What the verdicts of a group's nodes come to (readings 8, 26 and 30)."""
    if group.combine == "at_least":
        return at_least(group.n or 0, verdicts)
    return any_of(verdicts) if group.combine == "any" else all_of(verdicts)


def _ready(criteria: CriteriaSet, kind: OutputKind, pack: Pack, course: str) -> ReadyTree:
    leaves = tuple(
        Leaf(path, c, c.shape not in CUMULATIVE and (kind == "retention" or c.since_last))
        for path, c in criteria.leaves
    )
    return ReadyTree(
        criteria,
        leaves,
        _whole(criteria.tree, leaves, pack, course),
        any(_can_fall(leaf.criterion) for leaf in leaves),
        any(_by_credits(leaf.criterion) for leaf in leaves),
    )


def _whole(tree: CriteriaGroup, leaves: Sequence[Leaf], pack: Pack, course: str) -> Judge:
    judges = [judge_of(leaf.criterion, pack, course) for leaf in leaves]
    if not any(leaf.only_new for leaf in leaves):
        return partial(_from_the_start, _judge_of(tree, iter(judges)))
    mixed = zip(leaves, judges, strict=True)
    return _judge_of(tree, (judge if leaf.only_new else partial(_from_the_start, judge) for leaf, judge in mixed))


def _from_the_start(judge: Judge, evidence: Evidence, span: Span) -> Judged:
    return judge(evidence, Span(0, span.until) if span.after else span)


def _judge_of(node: Node, leaves: Iterator[Judge]) -> Judge:
    if isinstance(node, Criterion):
        return next(leaves)
    ready = [(_effort(each), _judge_of(each, leaves)) for each in node.nodes]
    nodes = [judge for _, judge in sorted(ready, key=itemgetter(0))]
    if node.combine == "at_least":
        return partial(_at_least, node.n or 0, nodes)
    return partial(_until_decided, "met" if node.combine == "any" else "not_met", nodes)


def _effort(node: Node) -> int:
    """How long it takes to judge a part of a tree: what takes least goes first, as the order changes nothing."""
    if isinstance(node, CriteriaGroup):
        return max(map(_effort, node.nodes))
    if node.shape == "weighted":
        return 2
    return int(node.shape == "video" or node.metric in COUNTS_SESSIONS)


def _until_decided(decisive: Judged, nodes: Sequence[Judge], evidence: Evidence, span: Span) -> Judged:
    """Any of or all of: what decides it ends the looking."""
    unknown = False
    for judge in nodes:
        verdict = judge(evidence, span)
        if verdict == decisive:
            return decisive
        unknown = unknown or verdict == "unknown"
    if unknown:
        return "unknown"
    return "not_met" if decisive == "met" else "met"


def _at_least(n: int, nodes: Sequence[Judge], evidence: Evidence, span: Span) -> Judged:
    wanted, spare = n, len(nodes) - n
    for judge in nodes:
        verdict = judge(evidence, span)
        if verdict == "met":
            wanted -= 1
            if not wanted:
                return "met"
        elif verdict == "not_met":
            spare -= 1
            if spare < 0:
                return "not_met"
    return "unknown"


def _can_fall(criterion: Criterion) -> bool:
    """A share of those sessions that have been offered so far."""
    return criterion.shape != "count" and any(
        each.metric == "sessions" and each.of is None for each in measured_in(criterion)
    )


def _by_credits(criterion: Criterion) -> bool:
    if criterion.shape == "weighted":
        return any(part.metric in ("credits", "component") for part in criterion.parts)
    return criterion.shape in BY_CREDITS and criterion.metric in (None, "credits", "component", "activities")
