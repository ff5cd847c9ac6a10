"""An output's criteria line by line: a flat list as it is; a deeper tree with a line that opens each group in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.rules.criteria_trees import count_leaves, verdict_of
from core.rules.findings import Judged
from core.rules.results import CriterionResult, OutputStanding
from reference.criteria import CriteriaGroup, Criterion

_OPENING = {"any": "Any one of", "all": "All of", "at_least": "At least {n} of"}


class CriteriaLine(NamedTuple):
    """A criterion, or what opens a group of them."""

    depth: int  # 0: of the output itself
    verdict: Judged
    opening: str  # of a group; "" for a criterion
    criterion: CriterionResult | None


def criteria_lines(output: OutputStanding) -> Iterator[CriteriaLine]:
    """The lines of an output's criteria, in the pack's order."""
    tree = output.tree
    if tree is None:
        return
    if tree.combine == "at_least":  # the others say it by what is still needed
        yield CriteriaLine(0, _verdict(tree, output.criteria), _opening(tree), None)
    yield from _below(tree, output.criteria, 1 if tree.combine == "at_least" else 0)


def _below(group: CriteriaGroup, leaves: tuple[CriterionResult, ...], depth: int) -> Iterator[CriteriaLine]:
    for node in group.nodes:
        count = count_leaves(node)
        own, leaves = leaves[:count], leaves[count:]
        if isinstance(node, Criterion):
            yield CriteriaLine(depth, own[0].verdict, "", own[0])
        else:
            yield CriteriaLine(depth, _verdict(node, own), _opening(node), None)
            yield from _below(node, own, depth + 1)


def _verdict(group: CriteriaGroup, leaves: tuple[CriterionResult, ...]) -> Judged:
    return verdict_of(group, iter(leaf.verdict for leaf in leaves))


def _opening(group: CriteriaGroup) -> str:
    return _OPENING[group.combine].format(n=group.n)
