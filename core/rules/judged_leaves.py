"""The leaves of a tree as they were judged, each said so that people understand it."""

from __future__ import annotations

from dataclasses import replace

from core.rules.criteria_trees import ReadyTree
from core.rules.findings import Span
from core.rules.ladder import Ladder
from core.rules.results import CriterionResult
from core.rules.wording import comes_first, group_words, result, study_words


def results(
    ladder: Ladder, tree: ReadyTree, asked: Span, blocked_by: int | None, *, waits: bool = False
) -> tuple[CriterionResult, ...]:
    """Every leaf with its verdict on a span. While an earlier output comes first, whatever counts only what is new waits for it,
    and where all of it `waits` every leaf does (reading 2).
    """
    group, study = group_words(ladder.progress), study_words(ladder.pack)
    found = [
        comes_first(leaf, blocked_by)
        if blocked_by is not None and (waits or leaf.only_new)
        else result(leaf, leaf.find(ladder.evidence, asked), group, study)
        for leaf in tree.leaves
    ]
    is_open = tree.left_open([each.verdict for each in found])
    return tuple(replace(each, is_open=still) for each, still in zip(found, is_open, strict=True))
