"""Whether criteria have an output that they are for, and their shapes the keys that they take (R8, R21, R26)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from operator import itemgetter

from reference.checks.given_entries import Asking, CriteriaEntry, GateEntry, GivenEntries, listed, repeated
from reference.criteria import Criterion, Metric, Shape
from reference.problems import Fault, PackPlace

# What each shape takes: the keys that it needs, and those that may be left out.
NUMBERS: dict[Shape, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "attendance": ((), ()),
    "self_study": (("min_credits",), ()),
    "video": (("min_percent",), ("block",)),
    "progress": ((), ("metric",)),
    "engagement_metric": ((), ()),
    "assessment_tracked": ((), ()),
    "completion_share": (("metric", "min_share"), ()),
    "assessment_copies": ((), ()),
    "share": (("metric", "min_share"), ("kinds", "of", "component")),
    "weighted": (("min_share", "part"), ()),
    "count": (("metric", "n"), ("kinds", "component")),
    "items": ((), ("items", "title_begins")),
}
# Which metrics each shape takes.
METRICS: dict[Shape, tuple[Metric, ...]] = {
    "progress": ("credits", "percent_complete", "either"),
    "completion_share": ("credits", "percent_complete"),
    "share": ("credits", "percent_complete", "sessions", "component"),
    "weighted": ("credits", "percent_complete", "sessions", "component"),  # in its parts
    "count": ("sessions", "hours", "activities"),
}
RIGHT = {
    "min_credits": "a whole number from 1 on",
    "min_percent": "a percentage over 0 and up to 100",
    "min_share": "a percentage over 0 and up to 100",
    "metric": "what is measured",
    "block": "a block's number",
    "n": "how many at least",
    "kinds": "kinds of event",
    "of": "how many sessions are offered",
    "component": "a kind of activity",
    "part": "write each under [[{}.criterion.part]]",
    "items": "activities",
    "title_begins": "how titles begin",
}
HUNDRED = Decimal(100)


def criterion_faults(given: GivenEntries) -> Iterator[Fault]:
    """Each entry by itself, and outputs that two of them are for."""
    taken: dict[int, CriteriaEntry] = {}  # by an output's identity: of two numbers one may be wrong
    for entry in given.criteria:
        for output in given.outputs_for(entry):
            other = taken.setdefault(id(output), entry)
            if other is not entry:
                says = f"output {output.number} of {output.group} ({output.declaration_type}) has criteria already"
                yield Fault(given.at(entry), f"{says}; an output has one [[criteria]]", "they are", given.at(other))
                break
    yield from _one_gate_each(given)
    for asking in given.asking:
        yield from _whom_it_is_for(given, asking)
        for criterion in given.leaves_of(asking):
            yield from _numbers(given, criterion)
            yield from _block(given, asking, criterion)


def _one_gate_each(given: GivenEntries) -> Iterator[Fault]:
    """Groups that two gates are for."""
    taken: dict[str, GateEntry] = {}
    for gate in given.gates:
        for group in gate.groups:
            other = taken.setdefault(group, gate)
            if other is not gate:
                says = f"the group “{group}” has a gate already; a group has one [[gate]] at most"
                yield Fault(given.at(gate, "groups"), says, "it is", given.at(other))


def _whom_it_is_for(given: GivenEntries, entry: Asking) -> Iterator[Fault]:
    for key, names in (("groups", entry.groups), ("declarations", entry.declarations)):
        if not names:
            yield Fault(given.at(entry, key), f"“{key}” names none; name at least one")
        listed_at = given.at(entry, key)
        yield from repeated(enumerate(names), itemgetter(1), partial(_nth, listed_at), "“{0[1]}”".format)
    if "output" not in given.names.complete or given.names.faulty.get("output"):
        return
    if not all(given.declared_in_order(group) for group in entry.groups):
        return
    types = {(output.group, output.declaration_type) for output in given.outputs}
    for n, group in enumerate(entry.groups):
        at = given.at(entry, "groups", n)
        if given.names.lacks_group(group):
            yield Fault(at, f"no output is given for the group “{group}”; there are {listed(given.names.groups)}")
        elif entry.declarations and not any((group, declared) in types for declared in entry.declarations):
            yield Fault(at, f"the group “{group}” has no output that is declared {' or '.join(entry.declarations)}")
    known = [group for group in entry.groups if not given.names.lacks_group(group)]
    none = not given.outputs_for(entry)  # which was said of each group
    for n, declared in enumerate(entry.declarations):
        if known and not none and not any((group, declared) in types for group in known):
            at = given.at(entry, "declarations", n)
            yield Fault(at, f"none of the groups {listed(known)} has an output that is declared {declared}")


def _nth(listed_at: PackPlace, numbered: tuple[int, str]) -> PackPlace:
    return listed_at.of(numbered[0])


def _numbers(given: GivenEntries, criterion: Criterion) -> Iterator[Fault]:
    needed, possible = NUMBERS[criterion.shape]
    takes = f"takes {' and '.join((*needed, *possible))}" if needed or possible else "takes no number"
    for name in RIGHT:
        if name not in given.written[id(criterion)]:
            if name in needed:
                right = _right(name, criterion.shape).format(given.at(criterion).path[0])
                says = f"“{name}” is needed for the shape {criterion.shape}: {right}"
                yield Fault(given.at(criterion, name), says)
        elif name not in (*needed, *possible):
            says = f"nothing uses “{name}” here: the shape {criterion.shape} {takes}; leave it out"
            yield Fault(given.at(criterion, name), says)
        elif name in ("min_percent", "min_share"):
            if not 0 < (value := getattr(criterion, name)) <= HUNDRED:
                yield Fault(given.at(criterion, name), f"“{name}” must be {RIGHT[name]} (given: {value})")
        elif name in ("min_credits", "block") and (value := getattr(criterion, name)) < 1:
            yield Fault(given.at(criterion, name), f"“{name}” must be a whole number from 1 on (given: {value})")


def _right(name: str, shape: Shape) -> str:
    if name != "metric":
        return RIGHT[name]
    *others, last = METRICS[shape]
    return f"{', '.join(others)} or {last}"


def _block(given: GivenEntries, entry: Asking, criterion: Criterion) -> Iterator[Fault]:
    """A block that no course of these groups has: nobody could have watched its video."""
    if criterion.block is None or criterion.block < 1 or criterion.shape != "video":
        return
    codes = {course.code for course in given.courses if course.group in entry.groups}
    numbers = {block.block for block in given.blocks if block.course in codes}
    if numbers and criterion.block not in numbers and not given.names.faulty.get("blocks.csv"):
        says = f"no course of {listed(entry.groups)} has a Block {criterion.block}; there are {listed(sorted(numbers))}"
        yield Fault(given.at(criterion, "block"), says)
