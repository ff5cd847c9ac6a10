"""`npq` as processes: what each writes where, what it loads, an older database, and how serve and worker start and stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from alembic import command

from core.database.database import _alembic, open_database
from core.database.sqlite_file import make
from tests.cli.conftest import NPQ, Npq
from tests.delivery.test_worker import put_first

GRACE = 6.0  # seconds from SIGTERM to the end, by the contract


def test_a_question_answers_with_one_document_and_nothing_else(process: Npq) -> None:
    ran = process("status", "p-001", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("\n") == 1
    assert ran.json["participant"]["name"] == "Jane Smith"


def test_a_mistake_ends_with_1_and_a_plain_sentence(process: Npq) -> None:
    assert "p-001" in process("status", "jane").sentence


def test_status_starts_without_slack_or_a_web_server(surroundings: Path, caseload_file: Path) -> None:
    """A question must not pay for what only `npq serve` needs."""
    (surroundings / "npq.db").write_bytes(caseload_file.read_bytes())
    heavy = (
        *("slack_bolt", "slack_sdk", "uvicorn", "starlette", "fastapi", "aiohttp", "apscheduler", "microsoft_teams"),
        *("alembic", "rich", "rapidfuzz", "holidays"),
    )
    code = (
        "import sys\n"
        "from bot.cli import main\n"
        "main(['status', 'p-001', '--json'], standalone_mode=False)\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=surroundings,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stderr.strip() == "[]"
    assert json.loads(done.stdout)["participant"]["id"] == "p-001"


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system knows no niceness")
@pytest.mark.parametrize(
    ("command", "gives_way"), [("import", True), ("tick", True), ("worker", True), ("status", False)]
)
def test_what_has_time_gives_way_to_those_who_answer_people(command: str, gives_way: bool) -> None:
    code = (
        "import os, sys\n"
        "from bot.cli import main\n"
        "before = os.nice(0)\n"
        "main([sys.argv[1], '--help'], standalone_mode=False)\n"
        "print(before, os.nice(0), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    before, after = done.stderr.split()
    assert after == ("19" if gives_way else before)


# --- a database one version behind -----------------------------------------------------------------------------------

OLD_ROWS = {
    "participants": "('p-1', 'Ann Onymous', 'NPQLTD', 1, 'Hub', NULL, '3100001', NULL, NULL, 'accepted', '2021-11-20', "
    "NULL, 'active')",
    "activities": "('p-1', 1, 'Self-study', 'Diagnostic Assessment for Block 1', 2, '2021-12-01', 'auto')",
    "declarations": "('p-1', 1, '2021-12-20', '2021-12-13', 'payable')",
    "meetings": "('Hub', '2022-06-24')",
    "staff": "(1, 'slack', 'U1', 'Sam', 'coordinator', 'Hub')",
    "place": "(1, 'slack', 'C1', 'Hub', NULL, NULL, 'well', '', NULL)",
    "inbound_event": "('slack', 'Ev1', '2022-06-15 09:00:00', '')",
    "import_log": "(1, '2022-06-15 09:00:00', 'Sam', 1, '[]', 0)",
}


@pytest.fixture
def old_database(surroundings: Path) -> Path:
    """A database of version 0001, with rows in it."""
    path = surroundings / "npq.db"
    make(path)
    engine = open_database(f"sqlite:///{path}")
    config = _alembic()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        for table, values in OLD_ROWS.items():
            database.execute(f"INSERT INTO {table} VALUES {values}")
        database.commit()
    return path


def old_columns(path: Path) -> dict[str, list[str]]:
    """The columns of every table of version 0001, in a database of that version."""
    with closing(sqlite3.connect(path)) as database:
        return {table: _columns(database, table) for table in OLD_ROWS}


def rows(path: Path, columns: Mapping[str, Sequence[str]]) -> dict[str, list[tuple[object, ...]]]:
    """What the tables of version 0001 held, as it is told in a database of any version.

    A cohort, which was a number then, is told in its digits.
    """
    with closing(sqlite3.connect(path)) as database:
        return {
            table: database.execute(
                f"SELECT {', '.join(map(_as_text, names))} FROM {_where(database, table)}"
            ).fetchall()
            for table, names in columns.items()
        }


def _where(database: sqlite3.Connection, table: str) -> str:
    """Where the rows of an old table are now: people have enrolments, of which facts are."""
    names = _columns(database, table)
    if not names:
        return "people JOIN enrolments USING (participant_id)"
    if "enrolment_id" not in names:
        return table
    return f"{table} JOIN (SELECT id AS enrolment_id, participant_id FROM enrolments) USING (enrolment_id)"


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]


def _as_text(name: str) -> str:
    return "CAST(cohort AS VARCHAR)" if name == "cohort" else f'"{name}"'


def test_on_an_older_database_every_command_names_npq_migrate(bare: Npq, old_database: Path) -> None:
    for arguments in (("status", "p-1"), ("at-risk",), ("due",), ("tick",), ("staff", "list")):
        assert "npq migrate" in bare(*arguments, "--json").error["message"]
    for arguments in (("status", "p-1"), ("worker",)):
        assert "npq migrate" in bare(*arguments).sentence
    assert "npq migrate" in bare("doctor", "--json").error["message"]


def test_migrating_an_older_database_loses_no_row(bare: Npq, old_database: Path) -> None:
    columns = old_columns(old_database)
    before = rows(old_database, columns)
    assert all(before.values())
    assert bare("migrate", "--json").code == 0
    assert rows(old_database, columns) == before
    assert bare("status", "p-1", "--json").json["current_output"] == 2
    assert [each["id"] for each in bare("staff", "list", "--json").json["staff"]] == ["U1"]
    assert bare("migrate", "--json").code == 0
    assert rows(old_database, columns) == before


# --- serve and worker ------------------------------------------------------------------------------------------------


@contextmanager
def running(*arguments: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of our own; stopped at the end, if it has not ended by itself."""
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        started = subprocess.Popen(
            [NPQ, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()
            started.wait(timeout=10)


def until(holds: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def stopped(process: subprocess.Popen[str]) -> int:
    """Asks it to end, and gives its exit; it has the contract's time for it."""
    put_first(process)
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=GRACE)


def test_serve_on_an_older_database_says_npq_migrate_and_is_ready_once_migrated(
    bare: Npq, surroundings: Path, old_database: Path
) -> None:
    port = free_port()
    log = surroundings / "log.txt"
    with running("serve", folder=surroundings, PORT=str(port)) as process, httpx.Client(timeout=5) as http:

        def asked(path: str) -> httpx.Response | None:
            try:
                return http.get(f"http://127.0.0.1:{port}{path}")
            except httpx.TransportError:
                return None

        assert until(lambda: process.poll() is not None or asked("/healthz") is not None)
        if process.poll() is not None:
            assert process.returncode == 1
        else:
            alive, ready = asked("/healthz"), asked("/readyz")
            assert alive is not None
            assert alive.status_code == 200
            assert ready is not None
            assert ready.status_code == 503
            assert "npq migrate" in ready.text
            assert bare("migrate").code == 0
            ready = asked("/readyz")
            assert ready is not None
            assert ready.status_code == 503
            assert "npq worker" in ready.text, "it can answer; but messages are due and nobody plans them"
            assert bare("place", "remove", "--platform", "slack", "--id", "C1").code == 0
            assert bare("tick").code == 0
            # after a look that took long it does not look again for twenty times as long
            assert until(lambda: (seen := asked("/readyz")) is not None and seen.status_code == 200)
            assert stopped(process) == 0
    assert "npq migrate" in log.read_text(encoding="utf-8")
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_the_worker_makes_a_pass_at_once_and_ends_when_asked(npq: Npq, surroundings: Path) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C1", "--partner", "Southern Hub")

    def planned() -> bool:
        with closing(sqlite3.connect(surroundings / "npq.db", timeout=5)) as database:
            count: int = database.execute("SELECT count(*) FROM message WHERE state <> 'superseded'").fetchone()[0]
            return count > 0

    with running("worker", folder=surroundings) as process:
        assert until(planned), (surroundings / "log.txt").read_text(encoding="utf-8")
        assert stopped(process) == 0
    assert "Traceback" not in (surroundings / "log.txt").read_text(encoding="utf-8")
