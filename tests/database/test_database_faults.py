"""Imports that are killed or find the disk full half-way, and files that SQLite cannot work with: real processes."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from bot.cli import main
from core.database import database_faults
from core.database.database import open_database, reading, writing
from core.database.tables import ProgressRow, columns_of
from core.derived.installation import Installation
from core.records import participant_rows
from core.services import imports
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.database.test_to_postgres import contents
from tests.loading import loading
from tests.records.made import NOW

ROOT = Path(__file__).parents[2]
NPQ = Path(sys.executable).parent / "npq"
PEOPLE = 40
HEADER = "participant_id,full_name,course,cohort,delivery_partner,application_status,contract_returned_on,sponsorship_returned_on"


def files(folder: Path, night: int) -> list[Path]:
    """A caseload as of some night: each has more activities, and register lines that are judged beside each other's."""
    people = [f"p-{n},Person {n},NPQLTD,1,Hub {n % 3},accepted,2021-11-20,2021-11-20" for n in range(PEOPLE + night)]
    register = [
        f"e-{n % 4},f2f,2021-11-20,p-{n},{'attended' if (n + night) % 2 else 'booked'},2021-11-21"
        for n in range(PEOPLE + night)
    ]
    watched = [f"p-{n},1,{(30 * night + n) % 100},2021-12-0{night}" for n in range(PEOPLE + night)]
    texts = {
        "participants": [HEADER, *people],
        "register": ["event_id,event_type,event_date,participant_id,status,marked_on", *register],
        "videos": ["participant_id,block,percent_viewed,viewed_on", *watched],
    }
    paths = []
    for kind, lines in texts.items():
        (path := folder / f"{kind}-{night}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
        paths.append(path)
    return paths


def npq(*arguments: object, url: str, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """`npq …` as a process."""
    done = subprocess.run(
        [str(NPQ), *map(str, arguments)],
        env={**os.environ, "DATABASE_URL": url, "NPQ_NOW": "2022-06-16T09:00:00+01:00", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=before,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from core.database import audit
from core.database.database import open_database
from core.services import imports
from core.services.staff.actors import Actor
from core.derived.installation import Installation
from reference.loading import load_pack

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

at, url, *paths = sys.argv[1:]
if at == "records written":
    audit.append = die  # comes after the progress records and before the commit
told = 0
def tell(*_):
    global told
    told += 1
    if str(told) == at:
        die()

installation = Installation(open_database(url), load_pack("edt-v18"))
imports.import_files(installation, Actor.console(), [Path(p) for p in paths], now=datetime.now(UTC), progress=tell)
"""


def records(engine: Engine) -> dict[str, bytes]:
    columns = columns_of(ProgressRow)
    with engine.connect() as connection:
        found = connection.execute(select(columns.participant_id, columns.facts))
        return {row.participant_id: bytes(row.facts) for row in found}


@pytest.mark.parametrize("at", ["4", "records written"])
def test_an_import_killed_half_way_has_changed_nothing(database_url: str, tmp_path: Path, pack: Pack, at: str) -> None:
    installation = Installation(engine := open_database(database_url), pack)
    assert imports.import_files(installation, Actor.console(), files(tmp_path, 1), now=NOW).written
    before = contents(engine)
    second = files(tmp_path, 2)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, at, database_url, *second],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert contents(engine) == before
    assert imports.import_files(installation, Actor.console(), second, now=NOW).written
    kept = records(engine)
    assert len(kept) == PEOPLE + 2
    with loading(installation):  # makes them anew
        pass
    assert records(engine) == kept
    engine.dispose()


def test_a_full_disk_changes_nothing_and_is_said(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_database(sqlite_url)
    assert npq("import", *files(tmp_path, 1), url=sqlite_url).returncode == 0
    before = contents(engine)
    engine.dispose()
    many = tmp_path / "many.csv"
    lines = [f"p-{n},1,{n % 100},2021-{1 + m // 28:02}-{1 + m % 28:02}" for n in range(PEOPLE) for m in range(300)]
    many.write_text("\n".join(["participant_id,block,percent_viewed,viewed_on", *lines, ""]), encoding="utf-8")
    room = (tmp_path / "npq.db").stat().st_size + 20_000

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    full = npq("import", many, url=sqlite_url, before=little_room)
    assert full.returncode == 1
    (said,) = full.stderr.splitlines()
    assert "disk of the database is full" in said
    assert "nothing was changed" in said
    assert contents(engine) == before
    assert npq("import", many, url=sqlite_url).returncode == 0
    engine.dispose()


# --- files that SQLite cannot work with ------------------------------------------------------------------------------

COMMANDS = [("status", "p-1"), ("import", "people.csv"), ("migrate",), ("worker",), ("at-risk",)]


def sentence(*arguments: str) -> str:
    """The one line on standard error of a command that says what is to be mended."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, (result.stdout, result.stderr)
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database's file, not there yet, with DATABASE_URL naming it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/npq.db")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(HEADER + "\np-1,Ann,NPQLTD,1,Hub,accepted,,\n", encoding="utf-8")
    return tmp_path / "npq.db"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_file_that_is_no_database(named: Path, command: tuple[str, ...]) -> None:
    named.write_text("a letter to the school\n" * 200, encoding="utf-8")
    assert "no SQLite database" in sentence(*command)
    assert named.read_text(encoding="utf-8").startswith("a letter")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "9p", "fuse.sshfs"])
def test_a_network_drive_is_refused(named: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/vda / ext4 rw 0 0\nserver:/share {tmp_path} {kind} rw 0 0\n/dev/vdb {tmp_path}/own ext4 rw 0 0\n"
    )
    monkeypatch.setattr(database_faults, "MOUNTS", mounts)
    for command in (*COMMANDS, ("serve",)):
        said = sentence(*command)
        assert f"network drive ({kind})" in said
        assert "PostgreSQL" in said
    assert not named.exists()
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/own/npq.db")
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0


def test_a_containers_own_disk_is_a_disk(named: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (mounts := tmp_path / "mounts").write_text("none / 9p rw,trans=fd 0 0\n")
    monkeypatch.setattr(database_faults, "MOUNTS", mounts)
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0


def as_anybody() -> None:
    """Takes from root what lets it write where it may not."""
    if os.geteuid() == 0:
        drop_from_bounding_set, override, read_search = 24, 1, 2
        for capability in (override, read_search):
            assert ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0) == 0


@pytest.mark.parametrize("closed", ["file", "folder", "both", "log"])
@pytest.mark.skipif(sys.platform != "linux", reason="takes rights from root as Linux does")
def test_what_may_not_be_written_is_said(sqlite_template: Path, tmp_path: Path, closed: str) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (file := folder / "npq.db").write_bytes(sqlite_template.read_bytes())
    (people := tmp_path / "people.csv").write_text(HEADER + "\np-1,Ann,NPQLTD,1,Hub,accepted,,\n", encoding="utf-8")
    url = f"sqlite:///{file}"
    if closed == "log":
        using = open_database(url)
        with reading(using) as session:
            participant_rows.people(session)  # makes the log, which stays while somebody has the file open
        for beside in folder.glob("npq.db-*"):
            beside.chmod(0o000)
    if closed in ("file", "both"):
        file.chmod(0o444)
    if closed in ("folder", "both"):
        folder.chmod(0o555)
    try:
        done = npq("import", people, url=url, before=as_anybody)
        assert done.returncode == 1, done
        (said,) = done.stderr.splitlines()
        assert "must be allowed to" in said
        assert "-wal and -shm" in said
    finally:
        folder.chmod(0o755)
        file.chmod(0o644)


@pytest.mark.parametrize(
    ("state", "said"),
    [("57014", "statement_timeout"), ("40P01", "try again in a minute"), ("40001", "try again in a minute")],
)
def test_what_a_server_breaks_off_is_said(postgres_url: str, state: str, said: str) -> None:
    """It took longer than the administrator lets anything take, or somebody else was first."""
    engine = open_database(postgres_url)
    with pytest.raises(database_faults.DatabaseRefused, match=said), writing(engine) as session:
        session.connection().exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
    engine.dispose()
