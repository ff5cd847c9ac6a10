"""What a criterion measures, in words: "at least 60% of sessions (seminar, conference day)"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from reference.criteria import Combine, CriteriaGroup, Criterion, Shape, WeightedPart
from reference.pack import EventKind

Kinds: TypeAlias = Mapping[str, EventKind]
_COMBINED: Mapping[Combine, str] = {"any": "any of", "all": "all of"}


def combined(group: CriteriaGroup) -> str:
    """How many of those below a group are enough: "at least 2 of"."""
    return _COMBINED.get(group.combine, f"at least {group.n} of")


def measure_of(criterion: Criterion, kinds: Kinds) -> str:
    """What a criterion measures, and from what on it is met."""
    said = _MEASURES[criterion.shape](criterion, kinds)
    return f"{said}, new since the last output point" if criterion.since_last else said


def part_of(part: WeightedPart, kinds: Kinds) -> str:
    """What a part of a weighted criterion weighs and measures."""
    label = f"{part.label}: " if part.label else ""
    return f"{number(part.weight)} of 100: {label}{_whole(part, kinds)}"


def number(value: Decimal) -> str:
    """A number as people write it: 33.3, 50."""
    return f"{value.normalize():f}"


def share_in_words(share: Fraction) -> str:
    """An exact share: "20%", and "1/3" where no percentage is."""
    percent = share * 100
    exact = Decimal(percent.numerator) / Decimal(percent.denominator)
    return f"{number(exact)}%" if Fraction(exact) == percent else str(share)


def hours(value: Decimal) -> str:
    """A length: "1.5 hours"."""
    return f"{number(value)} {'hour' if value == 1 else 'hours'}"


def _whole(said: Criterion | WeightedPart, kinds: Kinds) -> str:
    """What something is a share of."""
    match said.metric:
        case "credits":
            return "the course's credits"
        case "percent_complete":
            return "the course's content"
        case "component":
            return f"the credits of {said.component}"
    given = "those planned" if said.of == "planned" else f"{said.of} offered"
    offered = "those on the registers" if said.of is None else given
    return f"{_of_kinds('sessions', said.kinds, kinds)}, of {offered}"


def _of_kinds(what: str, named: Iterable[str], kinds: Kinds) -> str:
    names = ", ".join(kinds[key].name for key in named)
    return f"{what} ({names})" if names else what


def _share(criterion: Criterion, kinds: Kinds) -> str:
    return f"at least {number(criterion.min_share or Decimal())}% of {_whole(criterion, kinds)}"


def _count(criterion: Criterion, kinds: Kinds) -> str:
    n = criterion.n or Decimal()
    match criterion.metric:
        case "hours":
            return f"at least {hours(n)} of {_of_kinds('sessions', criterion.kinds, kinds)} attended"
        case "activities":
            what = "activity" if n == 1 else "activities"
            return f"at least {number(n)} {what} of {criterion.component} with credits"
    what = _of_kinds("session" if n == 1 else "sessions", criterion.kinds, kinds)
    return f"at least {number(n)} {what} attended"


def _items(criterion: Criterion, kinds: Kinds) -> str:
    if criterion.title_begins is not None:
        begun = f"every activity whose title begins with “{criterion.title_begins}”"
        return f"{begun}: {len(criterion.items)} over all its courses"
    return "; ".join(f"{item.course} Block {item.block} “{item.title}”" for item in criterion.items)


def _video(criterion: Criterion, kinds: Kinds) -> str:
    whose = "any block's" if criterion.block is None else f"the Block {criterion.block}"
    return f"at least {number(criterion.min_percent or Decimal())}% of {whose} video introduction"


def _self_study(criterion: Criterion, kinds: Kinds) -> str:
    least = criterion.min_credits
    return f"at least {least} {'credit' if least == 1 else 'credits'} of self-study"


def _progress(criterion: Criterion, kinds: Kinds) -> str:
    return {
        "percent_complete": "a higher percentage complete",
        "either": "more credits, or a higher percentage complete",
    }.get(criterion.metric or "", "more credits")


_MEASURES: Mapping[Shape, Callable[[Criterion, Kinds], str]] = {
    "attendance": lambda criterion, kinds: "a session attended",
    "self_study": _self_study,
    "video": _video,
    "progress": _progress,
    "engagement_metric": lambda criterion, kinds: "more credits, or a session attended",
    "assessment_tracked": lambda criterion, kinds: "the lead provider's record of the assessment",
    "completion_share": _share,
    "assessment_copies": lambda criterion, kinds: "the lead provider's copies and result",
    "share": _share,
    "weighted": lambda criterion, kinds: f"at least {number(criterion.min_share or Decimal())}% of what is weighted",
    "count": _count,
    "items": _items,
}
