"""Whether a tree of criteria can be met: how many of those below each group are asked for, and each key once (reading 30)."""

from __future__ import annotations

from collections.abc import Iterator

from reference.checks.given_entries import GivenEntries, repeated
from reference.criteria import CriteriaGroup
from reference.problems import Fault


def tree_faults(given: GivenEntries) -> Iterator[Fault]:
    """The groups of each tree, and keys that stand twice in it. That a group has something below it was seen in reading."""
    for entry in given.asking:
        for group in _groups(given.trees[id(entry)]):
            yield from _how_many(given, group)
        leaves = given.leaves_of(entry)
        yield from repeated(leaves, lambda c: c.key, lambda c: given.at(c, "key"), lambda c: f"the criterion {c.key}")


def _groups(group: CriteriaGroup) -> Iterator[CriteriaGroup]:
    yield group
    for node in group.nodes:
        if isinstance(node, CriteriaGroup):
            yield from _groups(node)


def _how_many(given: GivenEntries, group: CriteriaGroup) -> Iterator[Fault]:
    at, n = given.at(group, "n"), group.n
    there_are = len(group.nodes)
    if group.combine != "at_least":
        if n is not None:
            says = f"nothing uses “n” here: {group.combine} takes no number"
            yield Fault(at, f"{says}; leave it out, or write “at_least” for {group.combine}")
    elif n is None:
        yield Fault(at, "“n” is needed for at_least: how many of those below are enough")
    elif n < 1:
        yield Fault(at, f"“n” must be a whole number from 1 on (given: {n})")
    elif n > there_are and id(group) not in given.partly:
        yield Fault(at, f"“n” must be {there_are} or less: no more are below it (given: {n})")
