"""The engagement report for a Partnership meeting (R45): how each output under way stands, in counts and no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.rules.output_tally import Tally, is_evidenced, tally
from core.rules.results import OutputStanding, Standing

Group = tuple[str, str, int]  # course group, cohort whose dates apply, output


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One output that is somebody's current one: everybody on it, counted as the posts about it count them."""

    course_group: str
    cohort: str  # whose dates apply
    output: int
    at_now: int  # whose current output it is; each participant counts at one output only
    tally: Tally
    by_criterion: tuple[tuple[str, str, int], ...]  # the pack's key and label, and how many of the evidenced met it
    extended: int  # of those at it now: people with an extension
    unanswered: int  # of those at it now: people whose last contact stayed unanswered


@dataclass(frozen=True, slots=True)
class Report:
    """Every participant is at one of the rows' outputs, or withdrawn, or through."""

    people: int  # counted once for each course
    rows: tuple[ReportRow, ...]
    through: int  # every output declared
    withdrawn: int
    persons: int  # counted once


def engagement_report(cohorts: Iterable[str], standings: Sequence[Standing]) -> Report:
    """A row for each course group, cohort and output that is somebody's current one; cohorts in the order given."""
    through = [whole for whole in standings if whole.current is None]
    withdrawn = [whole for whole in standings if whole.current is not None and whole.current.stage == "withdrawn"]
    at_now = Counter(
        _group(whole, whole.current)
        for whole in standings
        if whole.current is not None and whole.current.stage != "withdrawn"
    )
    ranks = {cohort: rank for rank, cohort in enumerate(cohorts)}

    def in_order(group: Group) -> tuple[str, int, str, int]:
        return (group[0], ranks.get(group[1], len(ranks)), group[1], group[2])

    members: dict[Group, list[tuple[Standing, OutputStanding]]] = {group: [] for group in sorted(at_now, key=in_order)}
    for whole in standings:
        for output in whole.outputs:
            if (group := _group(whole, output)) in members:
                members[group].append((whole, output))
    rows = tuple(_row(*group, at_now[group], on_it) for group, on_it in members.items())
    persons = len({whole.participant_id for whole in standings})
    return Report(len(standings), rows, len(through), len(withdrawn), persons)


def _group(whole: Standing, output: OutputStanding) -> Group:
    return (whole.course_group, output.cohort, output.output)


def _row(
    course_group: str, cohort: str, output: int, at_now: int, on_it: Sequence[tuple[Standing, OutputStanding]]
) -> ReportRow:
    counted = tally((each, whole.current_output) for whole, each in on_it)
    evidenced = [each for _, each in on_it if is_evidenced(each)]
    met = Counter((c.criterion, c.label) for each in evidenced for c in each.criteria if c.verdict == "met")
    current = [each for whole, each in on_it if whole.current_output == output and each.stage != "withdrawn"]
    return ReportRow(
        course_group,
        cohort,
        output,
        at_now,
        counted,
        by_criterion=tuple((*criterion, count) for criterion, count in met.items()),
        extended=sum(each.extensions > 0 for each in current),
        unanswered=sum(each.unanswered_contacts > 0 for each in current),
    )
