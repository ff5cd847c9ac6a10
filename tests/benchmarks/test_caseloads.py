"""What the benchmarks measure is what the importer would store, and its verdicts are read a second time in SQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.caseloads import HEADERS
from benchmarks.loading import installation_of, load
from benchmarks.nation import TODAY, Nation
from core.database.database import migrate, reading
from core.records.participant_rows import iterate_participants
from core.rules.standing import standing
from core.services.everybody import sweep
from core.services.imports import import_files
from core.services.staff.actors import Actor

SMALL = Nation(people=300, seed=3, partners=4)


def rows(database: Path, table: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database) as connection:
        return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)


def test_loading_straight_stores_what_the_importer_would(tmp_path: Path) -> None:
    load(SMALL, tmp_path / "straight.db")
    imported = installation_of(tmp_path / "imported.db", SMALL.pack)
    migrate(imported.engine)
    files = list(SMALL.write(tmp_path).values())
    report = import_files(imported, Actor.console("test"), files, now=datetime(2023, 3, 27, tzinfo=UTC))
    assert report.written, report.problems
    for kind in HEADERS:
        assert rows(tmp_path / "straight.db", kind) == rows(tmp_path / "imported.db", kind), kind
        assert rows(tmp_path / "straight.db", kind), f"no {kind}"


def test_the_sweep_says_of_everybody_what_status_says(tmp_path: Path) -> None:
    installation = load(SMALL, tmp_path / "npq.db")
    swept = {at.participant_id: at.position for at in sweep(installation, TODAY)}
    assert len(swept) == SMALL.people
    with reading(installation.engine) as session:
        for participant in iterate_participants(session):
            told = standing(SMALL.pack, participant, TODAY)
            output = next((o for o in told.outputs if o.output == told.current_output), None)
            position = swept[participant.id]
            found = None if position is None else (position.output, position.verdict, position.stage)
            assert found == (None if output is None else (output.output, output.verdict, output.stage)), participant.id


def test_sql_and_polars_come_to_the_same_verdicts(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="make bench installs what the benchmarks compare with")
    from benchmarks import raw, references

    load(SMALL, tmp_path / "npq.db")
    raw.export(tmp_path / "npq.db", SMALL.pack, tmp_path / "raw")
    _, ours = references.ours(tmp_path / "npq.db", SMALL.pack, TODAY)
    for _, theirs in (references.duckdb(tmp_path / "raw", TODAY), references.polars(tmp_path / "raw", TODAY)):
        assert sorted(theirs) == sorted(ours)
