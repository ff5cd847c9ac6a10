"""Which database it is: only `npq migrate` begins a file; all others say which is missing, whole path and all, and why."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Npq
from tests.database.test_database_faults import as_anybody
from tests.database.test_database_faults import npq as run

NEEDING_ONE = (
    ("status", "p-001"),
    ("at-risk",),
    ("reviews",),
    ("due",),
    ("tick",),
    ("import", "people.csv"),
    ("extend", "p-001", "--output", "2", "--until", "2022-07-29", "--reason", "workload"),
    ("staff", "list"),
    ("place", "list"),
    ("outbox",),
    ("partner", "merge", "A", "B"),
    ("worker",),
    ("database", "backup", "saved.db"),
    ("database", "reopen"),
    ("database", "move", "postgresql://u@127.0.0.1:1/npq"),
)


@pytest.mark.parametrize("address", ["", "sqlite:///npq.db", "sqlite:///../{name}/npq.db", "sqlite:///{folder}/npq.db"])
def test_nobody_else_makes_a_file(bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address.format(folder=surroundings, name=surroundings.name))
    (surroundings / "people.csv").write_text("participant_id\np-1\n", encoding="utf-8")
    for command in NEEDING_ONE:
        assert f"There is no database file {surroundings}/npq.db" in (said := bare(*command).sentence), command
        assert "npq migrate" in said
        assert "DATABASE_URL" in said
    (database, *_) = [check for check in bare("doctor", "--json").json["checks"] if check["check"] == "Database"]
    assert f"There is no database file {surroundings}/npq.db" in database["says"]
    assert [file.name for file in surroundings.iterdir()] == ["people.csv"]


def test_migrate_makes_it_and_doctor_says_which_and_how_many_are_in_it(npq: Npq, surroundings: Path) -> None:
    assert f"the SQLite file {surroundings}/npq.db, with 10 participants" in npq("doctor").out
    (surroundings / "npq.db").unlink()
    assert f"{surroundings}/npq.db" in npq("migrate").out
    assert f"the SQLite file {surroundings}/npq.db, with 0 participants" in npq("doctor").out


def a_file_of_0_bytes(place: Path) -> None:
    place.touch()


def a_link_to_nothing(place: Path) -> None:
    place.symlink_to(place.with_name("moved-away.db"))


def a_link_to_itself(place: Path) -> None:
    place.symlink_to(place)


def a_folder(place: Path) -> None:
    place.mkdir()


def a_pipe(place: Path) -> None:
    os.mkfifo(place)


def unchanging(place: Path) -> tuple[int, ...]:
    """What stays of a file that is at most read."""
    found = place.lstat()
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns


def no_tables(place: Path) -> None:
    with closing(sqlite3.connect(place)) as other:
        other.execute("VACUUM")


@pytest.mark.parametrize(
    ("what", "says", "migrate"),
    [
        (a_file_of_0_bytes, "has 0 bytes", 0),
        (no_tables, "no tables yet in the SQLite file", 0),
        (a_link_to_nothing, "moved-away.db, which is not there", 1),
        (a_link_to_itself, "can't be reached", 1),
        (a_folder, "is a folder", 1),
        (a_pipe, "is no file that a database could be in", 1),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_stands_in_its_place_is_said(bare: Npq, surroundings: Path, what: object, says: str, migrate: int) -> None:
    what(place := surroundings / "npq.db")  # type: ignore[operator]
    before = unchanging(place)
    for command in (("status", "p-001"), ("tick",), ("database", "reopen"), ("database", "backup", "saved.db")):
        if what is no_tables and command[0] == "database":
            continue  # a database it is
        assert says in (said := bare(*command).sentence), command
        assert str(place) in said
    assert unchanging(place) == before, "it was not touched"
    assert not place.with_name("moved-away.db").exists()
    assert bare("migrate").code == migrate
    assert bare("status", "p-001", "--json").error["code"] == ("database_refused" if migrate else "unknown_participant")


@pytest.mark.parametrize(("path", "says"), [("away/npq.db", "does not exist"), ("my%20data/npq.db", "without %20")])
def test_a_folder_that_is_not_there(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch, path: str, says: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    for command in (("migrate",), ("status", "p-001"), ("serve",), ("worker",)):
        assert says in (said := bare(*command).sentence)
        assert str((surroundings / path).parent) in said
    assert list(surroundings.iterdir()) == []


def test_a_file_without_rights_is_named(tmp_path: Path, sqlite_template: Path) -> None:
    (place := tmp_path / "npq.db").write_bytes(sqlite_template.read_bytes())
    place.chmod(0o000)
    for command in (("status", "p-001"), ("migrate",)):
        done = run(*command, url=f"sqlite:///{place}", before=as_anybody)
        assert done.returncode == 1
        assert f"The database file {place} may not be read and written" in done.stderr


def test_a_restore_says_where_to(npq: Npq, surroundings: Path) -> None:
    assert npq("database", "backup", "saved.db").code == 0
    (surroundings / "npq.db").unlink()
    assert f"the SQLite file {surroundings}/npq.db" in npq("database", "restore", "saved.db").out
    assert npq("status", "p-001").code == 0
