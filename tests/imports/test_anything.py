"""Whatever is in a file, it is taken or refused in words: nothing else ever comes out, and nothing half done."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.database.database import migrate, open_database
from core.derived.installation import Installation
from core.imports.checks.stored_rows import table_of
from core.imports.kinds import KINDS, Kind
from core.services.imports import ImportRefused, ImportReport, import_files
from core.services.staff.actors import Actor
from reference.pack import Pack

NOW = datetime(2022, 6, 1, tzinfo=UTC)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DATES = ("2021-12-13", "31/02/2022", "13/12/2021")
NUMBERS = ("1", "2", "3", "15.5", "-1", "1001", "90", "100.1")
NAMES = ("p-1", "p-2", "NPQLTD", "NPQLL", "Acme", "f2f", "attended", "yes", "auto", "paid")
ODD = ("", " ", "\xa0", "=1+1", "\0", '"', "x" * 10_001)
words = st.one_of(
    st.sampled_from((*DATES, *NUMBERS, *NAMES, *ODD)),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12),
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Iterator[Installation]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('anything') / 'npq.db'}")
    migrate(engine)
    yield Installation(engine, pack)
    engine.dispose()


def taken(installation: Installation, path: Path) -> ImportReport | None:
    """What comes of a file; None when it is refused as a whole."""
    before, said = stored(installation), ""
    try:
        report: ImportReport | None = import_files(installation, Actor.console(), [path], now=NOW)
    except ImportRefused as refused:
        report, said = None, refused.message
    if report is None:
        assert said.startswith(str(path))
        assert "\n" not in said
        assert stored(installation) == before
        return None
    assert report.written == (report.problems == ())
    if not report.written:
        assert stored(installation) == before
    for problem in report.problems:
        assert problem.row is not None
        assert problem.row > 1
        assert problem.message.endswith(".")
    for file in report.files:
        assert file.rows >= file.added + file.changed + file.unchanged + file.skipped
        assert file.skipped == len({problem.row for problem in report.problems})
    return report


def stored(installation: Installation) -> list[int]:
    with installation.engine.connect() as connection:
        kinds = map(table_of, KINDS.values())
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in kinds]


@contextmanager
def known_people(installation: Installation, folder: Path) -> Iterator[None]:
    path = folder / "people.csv"
    path.write_text(
        "participant_id,full_name,course,cohort,delivery_partner\np-1,Jane,NPQLTD,1,Acme\np-2,Ada,NPQH,1,Acme\n"
    )
    import_files(installation, Actor.console(), [path], now=NOW)
    yield


@quick
@given(content=st.binary(max_size=300))
def test_any_bytes(installation: Installation, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    taken(installation, path)


@quick
@given(kind=st.sampled_from(list(KINDS.values())), cells=st.data())
def test_any_cells_under_a_proper_header(
    installation: Installation, tmp_path: Path, kind: Kind, cells: st.DataObject
) -> None:
    with known_people(installation, tmp_path):
        header = [column.name for column in kind.columns]
        table = cells.draw(st.lists(st.lists(words, min_size=len(header), max_size=len(header)), max_size=5))
        written = io.StringIO(newline="")
        csv.writer(written).writerows([header, *table])
        path = tmp_path / "cells.csv"
        path.write_bytes(written.getvalue().encode())
        report = taken(installation, path)
        if report is not None and report.written:
            again = taken(installation, path)
            assert again is not None
            assert [(file.added, file.changed) for file in again.files] == [(0, 0)]


@quick
@given(where=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_any_damage_to_a_workbook(installation: Installation, tmp_path: Path, where: int, byte: int, cut: bool) -> None:
    book = openpyxl.Workbook()
    book.active.append(["delivery_partner", "meeting_on"])
    book.active.append(["Acme", datetime(2022, 1, 1)])
    saved = io.BytesIO()
    book.save(saved)
    content = bytearray(saved.getvalue())
    place = where % len(content)
    content[place] = byte
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(bytes(content[:place] if cut else content))
    taken(installation, path)
