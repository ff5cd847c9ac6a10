"""The engagement report for a Partnership meeting (R45): how each output under way stands, in counts and no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.rules.results import OutputStanding, Stage, Standing

LEFT_OUT: frozenset[Stage] = frozenset({"withdrawn", "not_defined"})


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One group's current output: who has it, how many are evidenced and by what, and where the others stand."""

    course_group: str
    cohort: int  # whose dates apply
    output: int
    people: int
    evidenced: int  # criteria met, waiting to be declared
    by_criterion: tuple[tuple[str, int], ...]  # the pack's key, and how many of the evidenced met it
    stages: tuple[tuple[Stage, int], ...]  # of those who are not evidenced
    extended: int  # people with an extension
    unanswered: int  # people whose last contact stayed unanswered


def engagement_report(standings: Sequence[Standing]) -> tuple[ReportRow, ...]:
    """A row for each course group, cohort and output that is somebody's current one, in order."""
    groups: dict[tuple[str, int, int], list[OutputStanding]] = {}
    for whole in standings:
        current = whole.current
        if current is not None and current.stage not in LEFT_OUT:
            groups.setdefault((whole.course_group, current.cohort, current.output), []).append(current)
    return tuple(_row(*group, outputs) for group, outputs in sorted(groups.items()))


def _row(course_group: str, cohort: int, output: int, outputs: Sequence[OutputStanding]) -> ReportRow:
    evidenced = [each for each in outputs if each.verdict == "met"]
    stages = Counter(each.stage for each in outputs if each.verdict != "met")
    return ReportRow(
        course_group,
        cohort,
        output,
        people=len(outputs),
        evidenced=len(evidenced),
        by_criterion=tuple(Counter(c.criterion for e in evidenced for c in e.criteria if c.verdict == "met").items()),
        stages=tuple(stages.most_common()),
        extended=sum(each.extensions > 0 for each in outputs),
        unanswered=sum(each.unanswered_contacts > 0 for each in outputs),
    )
