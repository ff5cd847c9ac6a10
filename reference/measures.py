"""What a pack's trees of criteria and its gates measure, so that records hold just that: sessions, and totals of the activity log.

A pack that asks for none of it (`edt-v18`) pays for none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from reference.criteria import Criterion, WeightedPart
from reference.pack import Pack

Measured = Criterion | WeightedPart  # whatever says of what it is a share or a count
COUNTS_SESSIONS = frozenset({"sessions", "hours"})


class LogTotal(NamedTuple):
    """Something of the activity log of which a record holds a running total: a component's credits, how often any were
    given for it, or one item's.
    """

    what: Literal["credits", "activities", "item"]
    name: str  # of the component or the item, as compared
    block: int = 0  # of an item


@lru_cache(maxsize=100)
def tracked(pack: Pack, course: str) -> tuple[LogTotal, ...]:
    """Of what a record of this course holds running totals, each once and in the pack's order."""
    return tuple(dict.fromkeys(_tracked(pack, course)))


def place_of(pack: Pack, course: str, what: LogTotal) -> int:
    """Where a record of this course holds the totals of a thing that is tracked."""
    return tracked(pack, course).index(what)


def kinds_of(pack: Pack, of: Measured) -> frozenset[int] | None:
    """Which kinds of event count, by their places in the pack; None: all."""
    return frozenset(place for place, key in enumerate(pack.event_kinds) if key in of.kinds) if of.kinds else None


def _tracked(pack: Pack, course: str) -> Iterator[LogTotal]:
    for criterion in _of_course(pack, course):
        for measured in measured_in(criterion):
            if measured.component is not None:
                what: Literal["credits", "activities"] = "credits" if measured.metric == "component" else "activities"
                yield LogTotal(what, measured.component.casefold())
        for item in criterion.items:
            if item.course == course:
                yield LogTotal("item", item.title.casefold(), item.block)


@lru_cache(maxsize=10)
def counts_sessions(pack: Pack) -> bool:
    """Whether anything counts sessions, and not only asks for one."""
    return any(measured.metric in COUNTS_SESSIONS for c in _all(pack) for measured in measured_in(c))


@lru_cache(maxsize=10)
def counts_hours(pack: Pack) -> bool:
    """Whether anything counts hours of sessions."""
    return any(criterion.metric == "hours" for criterion in _all(pack))


@lru_cache(maxsize=10)
def counts_planned(pack: Pack) -> bool:
    """Whether anything is measured against the planned sessions."""
    return any(measured.of == "planned" for c in _all(pack) for measured in measured_in(c))


@lru_cache(maxsize=10)
def names_items(pack: Pack) -> bool:
    """Whether anything asks for named activities."""
    return any(criterion.items for criterion in _all(pack))


def measured_in(criterion: Criterion) -> Iterator[Measured]:
    """The criterion and, of a weighted one, its parts."""
    yield criterion
    yield from criterion.parts


def _all(pack: Pack) -> Iterator[Criterion]:
    for criteria in [*pack.criteria.values(), *(gate.criteria for gate in pack.gates.values())]:
        yield from criteria.criteria


def _of_course(pack: Pack, course: str) -> Iterator[Criterion]:
    gate = pack.gates.get(pack.courses[course].group)
    for criteria in (*pack.outlines[course].criteria, gate.criteria if gate else None):
        if criteria is not None:
            yield from criteria.criteria


@lru_cache(maxsize=1000)
def component_credits(pack: Pack, course: str, component: str) -> int | None:
    """The credits of a component in a course; None while any of them are to be confirmed (R30)."""
    wanted = component.casefold()
    credits = [
        activity.credits
        for block in pack.blocks.get(course, ())
        for activity in block.activities
        if activity.component.casefold() == wanted
    ]
    known = [amount for amount in credits if amount is not None]
    return sum(known) if len(known) == len(credits) else None
