"""The raw rows of a caseload as Parquet, and what the pack says as small tables: what the references start from."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from reference.pack import Pack

# Each table's columns that a verdict rests on, with their types: written out, as the references take nothing from the program.
COLUMNS = {
    "participants": "participant_id VARCHAR, course VARCHAR, cohort VARCHAR, delivery_partner VARCHAR, "
    "application_status VARCHAR, training_status VARCHAR",
    "activities": "participant_id VARCHAR, component VARCHAR, title VARCHAR, credits INTEGER, completed_on DATE",
    "declaration_report": "participant_id VARCHAR, period_start DATE, period_end DATE, credits INTEGER, "
    "self_study_credits INTEGER, cumulative_credits INTEGER",
    "engagement_report": "participant_id VARCHAR, run_on DATE, cumulative_credits INTEGER",
    "register": "participant_id VARCHAR, event_id VARCHAR, event_type VARCHAR, event_date DATE, status VARCHAR, "
    "contingency VARCHAR, contingency_on DATE",
    "videos": "participant_id VARCHAR, block INTEGER, viewed_on DATE, percent_viewed DECIMAL(18,10)",
    "assessments": "participant_id VARCHAR, marked_on DATE, moderated_on DATE, external_moderation VARCHAR, "
    "copies_held BOOLEAN, result VARCHAR",
    "declarations": "participant_id VARCHAR, output INTEGER, declared_on DATE, evidence_cutoff DATE, state VARCHAR",
    "decision": "id INTEGER, participant_id VARCHAR, kind VARCHAR, decided_on DATE, starts_on DATE, cohort VARCHAR",
}
PACK_COLUMNS = {
    "pack_course": "course VARCHAR, total INTEGER, most_without INTEGER",
    "pack_cohort": "cohort VARCHAR, starts_on DATE",
    "pack_output": "course VARCHAR, output INTEGER, kind VARCHAR, defined BOOLEAN",
    "pack_review": "course VARCHAR, cohort VARCHAR, output INTEGER, review DATE",
}


def export(database: Path, pack: Pack, folder: Path) -> None:
    """Writes one Parquet file per table into the folder: not part of what is timed."""
    folder.mkdir(parents=True, exist_ok=True)
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    target = duckdb.connect()
    for table, columns in COLUMNS.items():
        names = ", ".join(column.split()[0] for column in columns.split(", "))
        _parquet(target, folder, table, columns, source.execute(f"SELECT {names} FROM {_with_whose(table)}"))
    for table, rows in _pack_rows(pack).items():
        _parquet(target, folder, table, PACK_COLUMNS[table], rows)
    source.close()


def _with_whose(table: str) -> str:
    """A table with whose each row is."""
    if table == "participants":
        return "enrolments JOIN people USING (participant_id)"
    return f"{table} JOIN (SELECT id AS enrolment_id, participant_id FROM enrolments) USING (enrolment_id)"


def _parquet(target: Any, folder: Path, table: str, columns: str, rows: Iterable[Any]) -> None:
    through = folder / f"{table}.csv"
    with through.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    target.execute(f"CREATE TABLE {table} ({columns})")
    target.execute(f"COPY {table} FROM '{through}' (HEADER false, NULLSTR '')")
    target.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
    target.execute(f"DROP TABLE {table}")
    through.unlink()


def _pack_rows(pack: Pack) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "pack_course": [(code, pack.totals[code], most_without_self_study(pack, code)) for code in pack.courses],
        "pack_cohort": [(number, cohort.starts_on) for number, cohort in pack.cohorts.items()],
        "pack_output": [
            (code, output.number, output.kind, pack.criteria_for(code, output.number) is not None)
            for code in pack.courses
            for output in pack.outputs_of(code)
        ],
        "pack_review": [
            (code, cohort, output.number, row.review)
            for code in pack.courses
            for cohort in pack.cohorts
            for output in pack.outputs_of(code)
            if (row := pack.outlines[code].dates.get((cohort, "", output.number))) is not None
        ],
    }


def most_without_self_study(pack: Pack, course: str) -> int | None:
    """R16, reading 10: the most credits Block 1 gives without a self-study unit; None while it is to be confirmed."""
    blocks = pack.blocks.get(course, ())
    if not blocks or blocks[0].credits is None:
        return None
    settings = pack.settings
    units = (
        row.credits or 0
        for row in blocks[0].activities
        if row.component == settings.self_study_component and not row.title.startswith(settings.human_check_prefix)
    )
    return blocks[0].credits - sum(units)
