"""Whether the assessment may be sat: a pack's gate, told beside the completion output and never part of its verdict (reading 38)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.rules.criteria_trees import ReadyTree, verdict_of
from core.rules.facts import Participant
from core.rules.findings import Judged, Span
from core.rules.judged_leaves import results
from core.rules.ladder import Ladder, span
from core.rules.results import CriterionResult, GateStanding, OutputStanding
from core.rules.still_needed import gate_steps
from reference.criteria import CriteriaGroup, Criterion, Node


def gate_standing(ladder: Ladder, person: Participant, output: OutputStanding, as_of: date) -> GateStanding | None:
    """The gate as it stands beside an output; None beside any but completion, and where the pack has none."""
    tree = ladder.gate
    if tree is None or output.output != tree.criteria.output:
        return None
    verdict, leaves = _judged(ladder, tree, as_of)
    counted = [leaf for leaf in leaves if (leaf.verdict == "met" if verdict == "met" else leaf.is_open)]
    steps = () if verdict == "met" else gate_steps(ladder, person, output, leaves, _days(ladder, tree, as_of))
    return GateStanding(
        title=ladder.pack.gates[tree.criteria.group].title,
        verdict=verdict,
        reasons=tuple(dict.fromkeys(leaf.reason for leaf in counted)),
        still_needed=tuple(steps),
        passed=any(each.came_out("passed", as_of.toordinal()) for each in ladder.progress.tries()),
    )


def still_shut(ladder: Ladder, as_of: date) -> str:
    """What of the gate is open on a day, by the labels of its criteria: "A; B or C"; "" where there is none, or it is met."""
    tree = ladder.gate
    if tree is None:
        return ""
    verdict, leaves = _judged(ladder, tree, as_of)
    return "" if verdict == "met" else "; ".join(_open(tree.criteria.tree, iter(leaves)))


def _judged(ladder: Ladder, tree: ReadyTree, as_of: date) -> tuple[Judged, tuple[CriterionResult, ...]]:
    blocked_by = ladder.blocked_by(tree.criteria.output, as_of)
    leaves = results(ladder, tree, _days(ladder, tree, as_of), blocked_by)
    return verdict_of(tree.criteria.tree, iter([leaf.verdict for leaf in leaves])), leaves


def _days(ladder: Ladder, tree: ReadyTree, as_of: date) -> Span:
    """Up to the day itself, whether or not completion was declared meanwhile."""
    return span(ladder.baseline(tree.criteria.output, as_of), as_of)


def _open(group: CriteriaGroup, leaves: Iterator[CriterionResult]) -> list[str]:
    """A clause for each node of a group that is wanted still; of a choice one for all of it. Nothing where it is met."""
    below = [_clauses(node, leaves) for node in group.nodes]
    wanted = [" and ".join(clauses) for clauses in below if clauses]
    if group.combine == "all":
        return [clause for clauses in below for clause in clauses]
    missing = (1 if group.combine == "any" else group.n or 0) - (len(below) - len(wanted))
    if missing <= 0:
        return []
    return [" or ".join(wanted) if missing == 1 else f"{missing} of: {', '.join(wanted)}"]


def _clauses(node: Node, leaves: Iterator[CriterionResult]) -> list[str]:
    if isinstance(node, CriteriaGroup):
        return _open(node, leaves)
    assert isinstance(node, Criterion)
    leaf = next(leaves)
    return [] if leaf.verdict == "met" else [f"{node.label[:1].lower()}{node.label[1:]}"]
