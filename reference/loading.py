"""Loads a policy pack from its folder and refuses one that contradicts itself, saying where.

A pack is a folder with `pack.toml`, `schedule.csv`, `blocks.csv` and `activities.csv`; `docs/packs.md` explains every entry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from reference.checks.given_entries import Asking, BlockRow, GivenEntries
from reference.consistency import contradictions
from reference.criteria import CriteriaSet, Gate
from reference.entries import old_format
from reference.entries.pack_entries import PackEntries, label_of, read_entries
from reference.named_items import with_items_listed
from reference.pack import EVERY_DEFERRAL, Activity, AssessmentWindow, Block, Pack
from reference.pack_files import PackFiles
from reference.problems import Fault, PackError, PackPlace, PackProblem
from reference.schedule import dates_of, each_that_differs, in_order

PACKS = Path(__file__).parent / "packs"

Entry = TypeVar("Entry")


def load_pack(name_or_path: str) -> Pack:
    """The pack of this name (`"edt-v18"`) or in this folder. Raises `PackError` with every problem found."""
    pack, problems = _read(folder_of(name_or_path))
    if pack is None:
        raise PackError(problems)
    return pack


def check_pack(name_or_path: str) -> list[PackProblem]:
    """Everything that is wrong with a pack; empty when it can be used."""
    try:
        return _read(folder_of(name_or_path))[1]
    except PackError as error:
        return list(error.problems)


def what_to_bring_up_to_date(name_or_path: str) -> list[PackProblem]:
    """What to write, and where, so that a pack of the first format is one of today's; empty for one that is.

    The pack is sound; otherwise raises `PackError`.
    """
    load_pack(name_or_path)
    files = PackFiles(folder_of(name_or_path))
    top = files.toml("pack.toml") or {}
    if not old_format.is_old(top):
        return []
    said = [Fault(PackPlace("pack.toml", path), message) for path, message in old_format.what_to_change(top)]
    found = files.problems(lambda _: "", said)
    return sorted(found, key=lambda change: change.line or len(files.lines("pack.toml")) + 1)


def folder_of(name_or_path: str) -> Path:
    """The folder of the pack of this name, or this folder itself. Raises `PackError` where there is none."""
    shipped = {path.name: path for path in PACKS.iterdir() if path.is_dir()}
    folder = shipped.get(name_or_path, Path(name_or_path))
    if not name_or_path or not os.path.isdir(folder):  # never raises, whatever the name
        known = ", ".join(sorted(shipped))
        said = f"there is no such pack: give a folder, or the name of a pack that is shipped ({known})"
        raise PackError([PackProblem(name_or_path or "NPQ_PACK", said)])
    return folder


def _read(folder: Path) -> tuple[Pack | None, list[PackProblem]]:
    files = PackFiles(folder)
    said = read_entries(files)
    files.faults += contradictions(said.given)
    if files.faults:
        return None, files.problems(lambda place: label_of(said.top, place))
    return _pack(said, files.digest()), []


def _pack(said: PackEntries, digest: str) -> Pack:
    """The pack, each of its entries found by what it is asked for."""
    head, settings, given = said.head, said.settings, said.given
    assert head is not None
    assert settings is not None, "nothing is wrong with either"
    cohorts = in_order(given.cohorts)
    before = settings.review_days_before_cut_off
    criteria = {(each.group, each.output): each for each in _criteria(said)}
    dates = dates_of(given.courses, cohorts, given.schedule, before, criteria)
    return Pack(
        name=head.name,
        version=head.version,
        title=head.title,
        lead_provider=head.lead_provider,
        hash=digest,
        courses={course.code: course for course in given.courses},
        cohorts={cohort.key: cohort for cohort in cohorts},
        group_names=given.group_names,
        outputs=_grouped(given.outputs, lambda o: o.group, lambda o: o.number),
        criteria=criteria,
        gates={gate.criteria.group: gate for gate in _gates(said)},
        event_kinds={kind.key: kind for kind in given.event_kinds},
        papers=tuple(given.papers),
        prices=tuple(given.prices),
        personal_limits=tuple(given.personal_limits),
        given_dates=tuple(given.schedule),
        dates=dates,
        schedule=each_that_differs(dates),
        blocks=_grouped(_blocks(given.blocks, given.activities), lambda b: b.course, lambda b: b.number),
        totals={course.code: course.total for course in given.courses},
        assessment_windows=_windows(given.windows),
        settings=settings,
        errata=tuple(said.errata),
        sayings={saying.key: saying for saying in given.sayings},
        external_documents=tuple(said.external),
        setting_sources=said.setting_sources,
        escalations=tuple(given.escalations),
        deferral=given.deferral or EVERY_DEFERRAL,
    )


def _criteria(said: PackEntries) -> Iterable[CriteriaSet]:
    """One set for each output that an entry names by its group and its declaration."""
    for entry in said.given.criteria:
        yield from _sets_of(said.given, entry)


def _gates(said: PackEntries) -> Iterable[Gate]:
    for entry in said.given.gates:
        yield from (Gate(entry.title, criteria) for criteria in _sets_of(said.given, entry))


def _sets_of(given: GivenEntries, entry: Asking) -> Iterable[CriteriaSet]:
    for output in given.outputs_for(entry):
        courses = {course.code for course in given.courses if course.group == output.group}
        tree = with_items_listed(given.trees[id(entry)], courses, given.activities)
        yield CriteriaSet(output.group, output.number, tree, entry.source)


def _windows(given: Iterable[AssessmentWindow]) -> Mapping[tuple[str, str], tuple[AssessmentWindow, ...]]:
    """By group and cohort, those of a whole group before those of a course, each as they open."""
    found: dict[tuple[str, str], tuple[AssessmentWindow, ...]] = {}
    for window in sorted(given, key=lambda w: (w.course or "", w.opens)):
        found[window.group, window.cohort] = (*found.get((window.group, window.cohort), ()), window)
    return found


def _blocks(rows: Sequence[BlockRow], activities: Sequence[Activity]) -> Iterable[Block]:
    """Blocks with their activities."""
    held: dict[tuple[str, int], list[Activity]] = {}
    for activity in activities:
        held.setdefault((activity.course, activity.block), []).append(activity)
    for row in rows:
        yield Block(row.course, row.block, row.credits, tuple(held.get((row.course, row.block), ())), row.source)


def _grouped(
    entries: Iterable[Entry], key: Callable[[Entry], str], order: Callable[[Entry], int]
) -> Mapping[str, tuple[Entry, ...]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return {name: tuple(sorted(members, key=order)) for name, members in groups.items()}
