"""Rows that are judged beside others of their file: the same comes of them in drawers as held at once."""

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.database.database import open_database, reading
from core.derived.installation import Installation
from core.imports.checks import duplicate_keys, held_rows
from core.services.imports import ImportRefused, import_files
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.histories import HISTORIES, NOW

PEOPLE = [f"p-{number}" for number in range(6)]
STATES = ["", "submitted", "voided", "paid"]


def files(folder: Path, chance: random.Random) -> list[Path]:
    """Registers that disagree with themselves and with what is stored, and declarations given twice and voided."""
    found = [folder / "participants.csv"]
    lines = ["participant_id,full_name,course,cohort,delivery_partner"]
    found[0].write_text("\n".join([*lines, *(f"{who},Name {who},NPQLTD,1,Beacon" for who in PEOPLE)]))
    for number in range(4):
        register, declarations = folder / f"{number}-register.csv", folder / f"{number}-declarations.csv"
        lines = ["event_id,event_type,event_date,participant_id,status"]
        for _ in range(chance.randrange(1, 30)):
            event = chance.randrange(4)
            on = date(2021, 12, 1) + timedelta(days=event * 9 + chance.choice([0, 0, 0, 0, 1]))
            kind = chance.choice(["f2f", "f2f", "f2f", "live_webinar"])
            lines.append(
                f"e-{event},{kind},{on},{chance.choice(PEOPLE)},{chance.choice(['booked', 'attended', 'seen'])}"
            )
        register.write_text("\n".join(lines))
        lines = ["participant_id,output,declared_on,state"]
        for _ in range(chance.randrange(1, 30)):
            on = date(2022, 1, 1) + timedelta(days=chance.randrange(6))
            lines.append(f"{chance.choice(PEOPLE)},{chance.randrange(1, 4)},{on},{chance.choice(STATES)}")
        declarations.write_text("\n".join(lines))
        found += [register, declarations]
    return found


def came_of(empty: Path, pack: Pack, folder: Path, given: list[Path]) -> list[object]:
    database = folder / "npq.db"
    shutil.copy(empty, database)
    installation = Installation(open_database(f"sqlite:///{database}"), pack)
    told: list[object] = [
        import_files(installation, Actor.console("Sam"), [file], skip_bad_rows=True, now=NOW) for file in given
    ]
    with reading(installation.engine) as session:
        told += [
            sorted(session.execute(text(f"SELECT * FROM {table}")).all(), key=repr)
            for table in ("register", "declarations")
        ]
    installation.engine.dispose()
    return told


@settings(max_examples=HISTORIES // 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_in_drawers_as_at_once(sqlite_template: Path, pack: Pack, seed: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicate_keys, "_DRAWERS", 1)  # keys that come twice are not what this is about
        patch.setattr(duplicate_keys, "_BOUNDS", [])
        given = files(Path(name), random.Random(seed))
        at_once = came_of(sqlite_template, pack, Path(name), given)
        patch.setattr(held_rows, "IN_MEMORY", 3)
        patch.setattr(held_rows, "_DRAWERS", 3)  # so that a drawer holds rows of several
        assert came_of(sqlite_template, pack, Path(name), given) == at_once


def test_no_room_for_the_drawers_is_said_and_changes_nothing(
    sqlite_url: str, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, register, _ = files(tmp_path, random.Random(1))[:3]
    installation = Installation(open_database(sqlite_url), pack)
    monkeypatch.setattr(held_rows, "IN_MEMORY", 3)

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(ImportRefused) as refused:
        import_files(installation, Actor.console("Sam"), [people, register], skip_bad_rows=True, now=NOW)
    assert [problem.message for problem in refused.value.problems] == [
        f"There is no room in {tempfile.gettempdir()} to look through so many rows, so nothing was changed: "
        "free some space there, then try again."
    ]
    with reading(installation.engine) as session:
        assert session.execute(text("SELECT count(*) FROM people")).scalar() == 0
    installation.engine.dispose()


def test_no_room_for_the_hashes_of_many_keys_is_said_too(
    sqlite_url: str, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = files(tmp_path, random.Random(1))[0]
    installation = Installation(open_database(sqlite_url), pack)
    monkeypatch.setattr(duplicate_keys, "_IN_MEMORY", 1)

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(ImportRefused, match="There is no room in") as refused:
        import_files(installation, Actor.console("Sam"), [people], now=NOW)
    assert [problem.file for problem in refused.value.problems] == [str(people)]
    installation.engine.dispose()
