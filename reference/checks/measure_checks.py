"""Whether what a criterion measures can be measured: kinds of event, components, what is offered, weights (readings 31-33)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from reference.checks.criterion_checks import HUNDRED, METRICS, NUMBERS
from reference.checks.given_entries import Asking, GivenEntries, listed, meant_by, repeated
from reference.criteria import Criterion, Metric, Shape, WeightedPart
from reference.pack import KIND_OF, bare
from reference.problems import Fault, PackPlace

# Which keys go with each metric alone: those that it needs, and those that may be left out.
OF_METRIC: dict[Metric, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "credits": ((), ()),
    "percent_complete": ((), ()),
    "either": ((), ()),
    "sessions": ((), ("kinds", "of")),
    "hours": ((), ("kinds",)),
    "component": (("component",), ()),
    "activities": (("component",), ()),
}
KEYS_OF_METRICS = ("kinds", "of", "component")
NO_SPAN: tuple[Shape, ...] = ("assessment_tracked", "assessment_copies", "completion_share")
LONGEST = 24  # hours of one session
_A_COMPONENT = "give what activities.csv calls the kind of activity"


class _Measure(NamedTuple):
    """What measures something: a criterion, or a part of a weighted one."""

    shape: Shape
    said: Criterion | WeightedPart
    metric: Metric


def _event_kinds(given: GivenEntries) -> Iterator[Fault]:
    kinds = [kind for kind in given.event_kinds if id(kind) in given.places]  # not those where the pack names none
    yield from repeated(kinds, lambda k: bare(k.key), lambda k: given.at(k, "key"), lambda k: f"the kind {k.key}")
    for kind in kinds:
        if kind.hours is not None and not 0 < kind.hours <= LONGEST:
            says = f"“hours” must be over 0 and up to {LONGEST}, for a day is no longer (given: {kind.hours})"
            yield Fault(given.at(kind, "hours"), says)


def measure_faults(given: GivenEntries) -> Iterator[Fault]:
    """The kinds of event, and what each criterion measures. That its shape takes its keys at all is seen elsewhere."""
    yield from _event_kinds(given)
    for entry in given.asking:
        for criterion in given.leaves_of(entry):
            yield from _span(given, entry, criterion)
            if criterion.shape == "weighted":
                yield from _weights(given, criterion)
            measuring = criterion.parts if criterion.shape == "weighted" else (criterion,)
            for said in measuring:
                if criterion.shape in METRICS and said.metric is not None:
                    yield from _measured(given, entry, _Measure(criterion.shape, said, said.metric))


def _span(given: GivenEntries, entry: Asking, criterion: Criterion) -> Iterator[Fault]:
    if "since_last" not in given.written[id(criterion)]:
        return
    at = given.at(criterion, "since_last")
    if criterion.shape in NO_SPAN:
        says = f"nothing uses “since_last” here: the shape {criterion.shape} has no span; leave it out"
        yield Fault(at, says)
    elif not criterion.since_last and any(KIND_OF[declared] == "retention" for declared in entry.declarations):
        yield Fault(at, "for a retained declaration only what is new counts, so it can't be false here; leave it out")


def _weights(given: GivenEntries, criterion: Criterion) -> Iterator[Fault]:
    at = given.at(criterion, "part")
    sound = True
    for part in criterion.parts:
        if part.weight <= 0:
            sound = False
            yield Fault(given.at(part, "weight"), f"“weight” must be over 0 (given: {part.weight})")
    if id(criterion) in given.partly or "part" not in given.written[id(criterion)]:
        return  # what is faulty or missing was told
    if len(criterion.parts) < 2:
        yield Fault(at, f"two parts or more are weighted against each other (given: {len(criterion.parts)})")
    elif sound and (total := sum(part.weight for part in criterion.parts)) != HUNDRED:
        yield Fault(at, f"the weights of the parts must add up to 100; these add up to {total}")


def _measured(given: GivenEntries, entry: Asking, measure: _Measure) -> Iterator[Fault]:
    """The keys that go with the metric, and whether what they name is there."""
    shape, said, metric = measure
    if metric not in METRICS[shape]:
        says = f"“metric” can't be {metric} for the shape {shape}; give one of {listed(METRICS[shape])}"
        yield Fault(given.at(said, "metric"), says)
        return
    needed, possible = OF_METRIC[metric]
    for name in _keys(shape):
        there = name in given.written[id(said)]
        if there and name not in (*needed, *possible):
            right = [key for key in _keys(shape) if key in (*needed, *possible)]
            takes = f"takes {' and '.join(right)} alone" if right else "takes none of these"
            says = f"nothing uses “{name}” here: of {', '.join(_keys(shape))} the metric {metric} {takes}; leave it out"
            yield Fault(given.at(said, name), says)
        elif name in needed and not there:
            yield Fault(given.at(said, name), f"“{name}” is needed for the metric {metric}: {_A_COMPONENT}")
        elif there and name == "kinds":
            yield from _kinds(given, said.kinds, given.at(said, name))
        elif name == "of" and name in possible:
            yield from _offered(given, entry, said)
        elif there and name == "component" and said.component is not None:
            yield from _component(given, entry, measure, said.component)
    if isinstance(said, Criterion) and said.n is not None:
        yield from _counted(given, said, said.n)


def _keys(shape: Shape) -> list[str]:
    """The keys of metrics that a shape takes; a weighted one in its parts."""
    return [key for key in KEYS_OF_METRICS if shape == "weighted" or key in NUMBERS[shape][1]]


def _kinds(given: GivenEntries, kinds: Sequence[str], at: PackPlace) -> Iterator[Fault]:
    if not kinds:
        yield Fault(at, "“kinds” names none; leave it out where every kind of event counts")
    yield from repeated(
        enumerate(kinds), lambda kind: kind[1], lambda kind: at.of(kind[0]), lambda kind: f"“{kind[1]}”"
    )
    known = [kind.key for kind in given.event_kinds]
    if given.names.faulty.get("event_kind") or len(set(map(bare, known))) < len(known):
        return  # another key is meant there, perhaps this one
    for n, kind in enumerate(kinds):
        if kind not in known:
            says = f"“{kind}” is no kind of event here; {meant_by(kind, known)}there are {listed(known)}"
            yield Fault(at.of(n), says)


def _offered(given: GivenEntries, entry: Asking, said: Criterion | WeightedPart) -> Iterator[Fault]:
    """How many sessions are offered: at the end of a course the registers do not know it."""
    of, at = said.of, given.at(said, "of")
    completed = [KIND_OF[declared] == "completion" for declared in entry.declarations]
    if isinstance(of, int):
        if of < 1:
            yield Fault(at, f'“of” must be a whole number from 1 on, or "planned" (given: {of})')
    elif of == "planned" and not all(completed):
        says = 'of = "planned" is for the declaration completed alone; here give a number'
        yield Fault(at, f"{says}, or leave “of” out for the sessions on the registers")
    elif of is None and any(completed):
        says = "for the declaration completed “of” is needed: the number of sessions that are offered"
        yield Fault(at, f'{says}, or of = "planned" for those of the file of planned sessions')


def _counted(given: GivenEntries, criterion: Criterion, n: Decimal) -> Iterator[Fault]:
    at = given.at(criterion, "n")
    if criterion.shape == "count" and n <= 0:
        yield Fault(at, f"“n” must be over 0 (given: {n})")
    elif criterion.shape == "count" and criterion.metric != "hours" and n % 1:
        yield Fault(at, f"{criterion.metric} are counted whole: give a whole number (given: {n})")


def _component(given: GivenEntries, entry: Asking, measure: _Measure, component: str) -> Iterator[Fault]:
    """A component that a course does not list: nobody on it could do anything of it.

    Of a share the blocks say as well what is offered; what is counted needs none where a course lists no blocks at all.
    """
    if any(
        given.names.faulty.get(file) or file not in given.names.complete for file in ("blocks.csv", "activities.csv")
    ):
        return
    codes = [course.code for course in given.courses if course.group in entry.groups]
    held = {(activity.course, activity.block) for activity in given.activities}
    theirs = {activity.component for activity in given.activities if activity.course in codes}
    without = []
    for code in codes:
        if any((a.course, a.component) == (code, component) for a in given.activities):
            continue
        blocks = [block for block in given.blocks if block.course == code]
        to_come = any((code, block.block) not in held for block in blocks)  # its activities are not given yet
        if not to_come and (blocks or measure.metric == "component"):
            without.append(code)
    if without:
        says = f"no activity of {listed(without)} has the component “{component}”"
        says = f"{says}; {meant_by(component, theirs)}there are {listed(sorted(theirs))}"
        yield Fault(given.at(measure.said, "component"), says)
