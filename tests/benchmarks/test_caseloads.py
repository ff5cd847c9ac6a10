"""What the benchmarks measure is what the importer would store, and its verdicts are read a second time in SQL."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from benchmarks.caseloads import HEADERS, WITH_PLANS
from benchmarks.loading import installation_of, load
from benchmarks.nation import TODAY, Nation
from benchmarks.shapes import pack_of_every_shape
from core.database.database import migrate, reading
from core.imports.kinds import PARTICIPANTS
from core.records.participant_rows import iterate_participants
from core.rules.standing import standing
from core.services.everybody import sweep
from core.services.imports import import_files
from core.services.staff.actors import Actor
from reference.criteria import Combine, CriteriaGroup, Metric, Shape
from reference.loading import load_pack

SMALL = Nation(people=300, seed=3, partners=4)


def rows(database: Path, table: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database) as connection:
        return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)


def test_loading_straight_stores_what_the_importer_would(tmp_path: Path) -> None:
    load(SMALL, tmp_path / "straight.db", WITH_PLANS)
    imported = installation_of(tmp_path / "imported.db", SMALL.pack)
    migrate(imported.engine)
    files = list(SMALL.write(tmp_path, WITH_PLANS).values())
    report = import_files(imported, Actor.console("test"), files, now=datetime(2023, 3, 27, tzinfo=UTC))
    assert report.written, report.problems
    for table in ("people", "enrolments", *(kind for kind in HEADERS if kind != PARTICIPANTS)):
        assert rows(tmp_path / "straight.db", table) == rows(tmp_path / "imported.db", table), table
        assert rows(tmp_path / "straight.db", table), f"no {table}"


@pytest.mark.parametrize("shapes", ["edt-v18", "every shape"])
def test_the_sweep_says_of_everybody_what_status_says(shapes: str, tmp_path: Path) -> None:
    load(SMALL, tmp_path / "npq.db", WITH_PLANS).engine.dispose()
    pack = SMALL.pack if shapes == "edt-v18" else load_pack(str(pack_of_every_shape(tmp_path / "pack")))
    installation = installation_of(tmp_path / "npq.db", pack)
    swept = {at.participant_id: at.position for at in sweep(installation, TODAY)}
    assert len(swept) == SMALL.people
    with reading(installation.engine) as session:
        for participant in iterate_participants(session):
            told = standing(pack, participant, TODAY)
            output = next((o for o in told.outputs if o.output == told.current_output), None)
            position = swept[participant.id]
            found = None if position is None else (position.output, position.verdict, position.stage)
            assert found == (None if output is None else (output.output, output.verdict, output.stage)), participant.id


def test_the_pack_of_every_shape_has_them_all_and_every_verdict_is_common_under_it(tmp_path: Path) -> None:
    pack = load_pack(str(pack_of_every_shape(tmp_path / "pack")))
    groups = [group for criteria in pack.criteria.values() for group in groups_within(criteria.tree)]
    leaves = [leaf for criteria in pack.criteria.values() for leaf in criteria.criteria]
    measured = {(each.shape, each.metric) for each in leaves} | {
        (leaf.shape, part.metric) for leaf in leaves for part in leaf.parts
    }
    assert {group.combine for group in groups} == set(get_args(Combine))
    assert {leaf.shape for leaf in leaves} == set(get_args(Shape))
    assert {metric for _, metric in measured} - {None} == set(get_args(Metric))
    load(SMALL, tmp_path / "npq.db", WITH_PLANS).engine.dispose()
    swept = sweep(installation_of(tmp_path / "npq.db", pack), TODAY)
    verdicts = Counter(at.position.verdict for at in swept if at.position is not None)
    for verdict in ("met", "not_met", "unknown"):
        assert verdicts[verdict] > SMALL.people / 5, verdicts


def groups_within(group: CriteriaGroup) -> Iterator[CriteriaGroup]:
    yield group
    for node in group.nodes:
        if isinstance(node, CriteriaGroup):
            yield from groups_within(node)


def test_sql_and_polars_come_to_the_same_verdicts(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="make bench installs what the benchmarks compare with")
    from benchmarks import raw, references

    load(SMALL, tmp_path / "npq.db")
    raw.export(tmp_path / "npq.db", SMALL.pack, tmp_path / "raw")
    _, ours = references.ours(tmp_path / "npq.db", SMALL.pack, TODAY)
    for _, theirs in (references.duckdb(tmp_path / "raw", TODAY), references.polars(tmp_path / "raw", TODAY)):
        assert sorted(theirs) == sorted(ours)
