"""Where a pack contradicts itself (R46, R48-R51): each check says where and what would be right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from reference.pack import (
    Activity,
    AssessmentWindow,
    Block,
    Cohort,
    Course,
    CriteriaSet,
    Criterion,
    OutputSpec,
    PackSettings,
    Paper,
    Saying,
    ScheduleRow,
)
from reference.problems import PackProblem

HUNDRED = Decimal(100)
ENGLAND = ("GB", "ENG")  # the holidays of the pack that is shipped: there
MOST = 1_000  # days or times that a setting may name
KIND_OF = {"started": "started", "retained": "retention", "completed": "completion"}
_SHARE = re.compile(r"(?:100|[1-9]?[0-9](?:\.[0-9]+)?)%")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Entries(NamedTuple):
    """The typed entries of one pack that have to agree with each other."""

    courses: Sequence[Course]
    outputs: Sequence[OutputSpec]
    cohorts: Sequence[Cohort]
    criteria: Sequence[CriteriaSet]
    papers: Sequence[Paper]
    schedule: Sequence[ScheduleRow]
    blocks: Sequence[Block]
    activities: Sequence[Activity]
    windows: Sequence[AssessmentWindow]
    sayings: Sequence[Saying]
    settings: PackSettings


def contradictions(given: Entries) -> list[PackProblem]:
    """Every contradiction between the entries of one pack."""
    courses, outputs, criteria = given.courses, given.outputs, given.criteria
    return [
        *_repeats("pack.toml: course", (c.code for c in courses)),
        *_repeats("pack.toml: course", (c.identifier for c in courses)),
        *_repeats("pack.toml: cohort", (c.key for c in given.cohorts)),
        *_repeats("pack.toml: criteria", ((c.group, c.output) for c in criteria)),
        *_repeats(
            "schedule.csv", ((r.group, r.cohort, r.output, r.course or "", r.start or "") for r in given.schedule)
        ),
        *_repeats("blocks.csv", ((b.course, b.number) for b in given.blocks)),
        *_repeats("activities.csv", ((a.course, a.block, a.title) for a in given.activities)),
        *_repeats("pack.toml: assessment_window", ((w.group, w.cohort) for w in given.windows)),
        *_repeats("pack.toml: saying", (saying.key for saying in given.sayings)),
        *_outputs(courses, outputs, criteria),
        *_cohorts(courses, given.cohorts),
        *(found for each in criteria for found in _criteria(each, _blocks_of(courses, given.blocks, each.group))),
        *_schedule(courses, outputs, given.cohorts, criteria, given.schedule),
        *_credits(courses, given.blocks, given.activities),
        *_windows(given.schedule, given.windows),
        *_settings(given.settings, given.cohorts),
        *_components(given.settings, given.activities),
        *_holidays(given.settings),
        *_dated_without_criteria(outputs, criteria, given.schedule),
        *_unexplained(outputs, criteria, given.sayings),
    ]


def _dated_without_criteria(
    outputs: Sequence[OutputSpec], criteria: Sequence[CriteriaSet], schedule: Sequence[ScheduleRow]
) -> Iterator[PackProblem]:
    """An output with a review date would silently never be met or missed."""
    defined = {(entry.group, entry.output) for entry in criteria}
    dated = {(row.group, row.output) for row in schedule}
    for output in outputs:
        if (output.group, output.number) in dated and (output.group, output.number) not in defined:
            yield PackProblem(
                f"pack.toml: output {output.group} {output.number}",
                f"it has review dates, but no [[criteria]] names the group “{output.group}” and the kind {output.kind}",
            )


def _unexplained(
    outputs: Sequence[OutputSpec], criteria: Sequence[CriteriaSet], sayings: Sequence[Saying]
) -> Iterator[PackProblem]:
    """R3: where nothing is defined, people are told so in the guidance's own words."""
    defined = {(entry.group, entry.output) for entry in criteria}
    without = sorted({output.group for output in outputs if (output.group, output.number) not in defined})
    if without and not any(saying.key == "not_defined" for saying in sayings):
        yield PackProblem(
            "pack.toml: saying",
            f"“not_defined” is needed: what people are told of {', '.join(without)}, without criteria",
        )


def _blocks_of(courses: Sequence[Course], blocks: Sequence[Block], group: str) -> set[int]:
    codes = {course.code for course in courses if course.group == group}
    return {block.number for block in blocks if block.course in codes}


def _repeats(where: str, keys: Iterable[Hashable]) -> Iterator[PackProblem]:
    """Keys given twice; words in another case are the same words."""
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for key in keys:
        words = ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)
        shown.setdefault(words.casefold(), words)
        counts[words.casefold()] += 1
    for folded, count in counts.items():
        if count > 1:
            yield PackProblem(where, f"{shown[folded]} is given {count} times; once is right")


def _outputs(
    courses: Sequence[Course], outputs: Sequence[OutputSpec], criteria: Sequence[CriteriaSet]
) -> Iterator[PackProblem]:
    groups = {output.group for output in outputs}
    for course in courses:
        if course.group not in groups:
            yield PackProblem(f"pack.toml: course {course.code}", f"no output is given for the group “{course.group}”")
    for group in sorted(groups):
        numbers = [output.number for output in outputs if output.group == group]
        if numbers != list(range(1, len(numbers) + 1)):
            yield PackProblem(f"pack.toml: output {group}", f"outputs must be numbered from 1 in order, not {numbers}")
        yield from _repeats(
            f"pack.toml: output {group}", (output.declaration_type for output in outputs if output.group == group)
        )
    for output in outputs:
        if KIND_OF[output.declaration_type.partition("-")[0]] != output.kind:
            yield PackProblem(
                f"pack.toml: output {output.group} {output.number}",
                f"its kind {output.kind} does not go with its declaration_type {output.declaration_type}",
            )


def _cohorts(courses: Sequence[Course], cohorts: Sequence[Cohort]) -> Iterator[PackProblem]:
    codes = {course.code for course in courses}
    for cohort in cohorts:
        where = f"pack.toml: cohort {cohort.key}"
        if unknown := sorted(cohort.courses - codes):
            yield PackProblem(where, f"unknown course {', '.join(unknown)}")


def _criteria(entry: CriteriaSet, blocks: set[int]) -> Iterator[PackProblem]:
    where = f"pack.toml: criteria {entry.group} {entry.output}"
    if not entry.criteria:
        yield PackProblem(where, "no criterion is given")
    yield from _repeats(where, (criterion.key for criterion in entry.criteria))
    for criterion in entry.criteria:
        yield from _criterion(f"{where}: {criterion.key}", criterion)
        if criterion.block is not None and blocks and criterion.block not in blocks:
            yield PackProblem(f"{where}: {criterion.key}", f"no course of this group has a Block {criterion.block}")


def _criterion(where: str, criterion: Criterion) -> Iterator[PackProblem]:
    if criterion.shape == "video":
        yield from _percentage(where, "min_percent", criterion.min_percent)
    elif criterion.shape == "completion_share":
        yield from _percentage(where, "min_share", criterion.min_share)
        if criterion.metric is None:
            yield PackProblem(where, "“metric” is needed: credits or percent_complete")
    elif criterion.shape == "self_study" and (criterion.min_credits is None or criterion.min_credits < 1):
        yield PackProblem(where, "“min_credits” is needed: a whole number from 1 on")


def _percentage(where: str, name: str, value: Decimal | None) -> Iterator[PackProblem]:
    if value is None or not 0 < value <= HUNDRED:
        yield PackProblem(where, f"“{name}” is needed: a percentage over 0 and up to 100")


def _schedule(
    courses: Sequence[Course],
    outputs: Sequence[OutputSpec],
    cohorts: Sequence[Cohort],
    criteria: Sequence[CriteriaSet],
    schedule: Sequence[ScheduleRow],
) -> Iterator[PackProblem]:
    known = {(output.group, output.number) for output in outputs}
    keys = {cohort.key: cohort for cohort in cohorts}
    for row in schedule:
        where = f"schedule.csv: {row.group}, cohort {row.cohort}, output {row.output}"
        if (row.group, row.output) not in known:
            yield PackProblem(where, "the group has no such output")
        if row.cohort not in keys:
            yield PackProblem(where, "there is no such cohort")


def _credits(
    courses: Sequence[Course], blocks: Sequence[Block], activities: Sequence[Activity]
) -> Iterator[PackProblem]:
    codes = {course.code for course in courses}
    held = {(block.course, block.number) for block in blocks}
    for key in sorted({(a.course, a.block) for a in activities} - held):
        yield PackProblem("activities.csv", f"{key[0]} Block {key[1]} is not in blocks.csv")
    for block in blocks:
        where = f"blocks.csv: {block.course} Block {block.number}"
        if block.number < 1:
            yield PackProblem(where, "blocks are numbered from 1")
        if block.course not in codes:
            yield PackProblem(where, f"unknown course {block.course}")
        rows = [activity.credits for activity in block.activities]
        known = sum(credits for credits in rows if credits is not None)
        if block.credits is None:
            if rows and None not in rows:
                yield PackProblem(where, f"the total is TBC although every activity has credits ({known} in all)")
        elif None in rows:
            yield PackProblem(where, f"an activity is TBC, so the total can't be {block.credits}; it must be TBC")
        elif rows and known != block.credits:
            yield PackProblem(where, f"its activities sum to {known}, not to the {block.credits} given")
    for course in courses:
        totals = [block.credits for block in blocks if block.course == course.code]
        where = f"pack.toml: course {course.code}"
        if course.total is not None and None in totals:
            yield PackProblem(where, f"a block is TBC, so the total can't be {course.total}; it must be TBC")
        elif course.total is not None and totals and sum(t for t in totals if t is not None) != course.total:
            yield PackProblem(
                where, f"its blocks sum to {sum(t for t in totals if t is not None)}, not to {course.total}"
            )
        elif course.total is None and totals and None not in totals:
            yield PackProblem(where, "the total is TBC although every block has credits")


def _windows(schedule: Sequence[ScheduleRow], windows: Sequence[AssessmentWindow]) -> Iterator[PackProblem]:
    dated = {(row.group, row.cohort) for row in schedule}
    for window in windows:
        where = f"pack.toml: assessment_window {window.group}, cohort {window.cohort}"
        if (window.group, window.cohort) not in dated:
            yield PackProblem(where, "the schedule has no such group and cohort")
        if window.closes <= window.opens:
            yield PackProblem(where, "it must close after it opens")


def _settings(settings: PackSettings, cohorts: Sequence[Cohort]) -> Iterator[PackProblem]:
    where = "pack.toml: settings"
    for name in ("post_at", "working_from", "working_until"):
        if not _TIME_OF_DAY.fullmatch(given := getattr(settings, name)):
            yield PackProblem(f"{where}.{name}", f"“{given}” is not a time of day such as 09:00")
    if settings.working_until <= settings.working_from:
        yield PackProblem(f"{where}.working_until", f"must be after working_from, {settings.working_from}")
    if not settings.review_leads:
        yield PackProblem(f"{where}.review_leads", "give at least one number of days")
    if unknown := sorted(settings.self_report_cohorts - {cohort.key for cohort in cohorts}):
        yield PackProblem(f"{where}.self_report_cohorts", f"unknown cohort {', '.join(map(str, unknown))}")
    for name, value in asdict(settings).items():
        counts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(count, int) and not 1 <= count <= MOST for count in counts):
            yield PackProblem(f"{where}.{name}", f"must be 1 or more, and {MOST:,} at most")


def _components(settings: PackSettings, activities: Sequence[Activity]) -> Iterator[PackProblem]:
    """A misspelt component would silently change what counts as self-study or as a training event."""
    known = {activity.component for activity in activities}
    named = {
        "self_study_component": {settings.self_study_component},
        "training_event_component": {settings.training_event_component},
        "auto_logged_components": set(settings.auto_logged_components),
    }
    for name, components in named.items():
        if known and (unknown := sorted(components - known)):
            yield PackProblem(
                f"pack.toml: settings.{name}",
                f"no activity has the component {', '.join(unknown)}; there are {', '.join(sorted(known))}",
            )


def _holidays(settings: PackSettings) -> Iterator[PackProblem]:
    if (settings.holidays_country, settings.holidays_region) == ENGLAND:
        return  # to look it up loads every country of the world: a tenth of a second at each start
    import holidays

    where, supported = "pack.toml: settings", holidays.list_supported_countries()
    if settings.holidays_country not in supported:
        yield PackProblem(
            f"{where}.holidays_country", f"“{settings.holidays_country}” is not known; give a code such as GB"
        )
    elif settings.holidays_region not in supported[settings.holidays_country]:
        known = ", ".join(supported[settings.holidays_country])
        yield PackProblem(f"{where}.holidays_region", f"“{settings.holidays_region}” is not known; give one of {known}")
