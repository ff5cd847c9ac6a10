"""The `npq` command as somebody at a terminal meets it, over a caseload of ten people."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.settings import Settings
from core.database.database import open_database
from core.derived.installation import Installation
from core.services import imports
from core.services.staff.actors import Actor
from reference.loading import load_pack
from reference.pack import Pack
from tests.conftest import GUIDANCE
from tests.fakes.slack import FakeSlack, workspace

NOW = "2022-06-16T09:00:00+01:00"  # a Thursday, a week before the Output 2 reviews of 23 June 2022
NPQ = Path(sys.executable).parent / "npq"
FILES = {
    # p-001 is the participant of the contract's example: 61 of 249 credits, a week and more before the review.
    "participants": """\
participant_id,full_name,course,cohort,delivery_partner,email,trn,application_status,contract_returned_on,\
sponsorship_returned_on,training_status
p-001,Jane Smith,NPQSL,1,Northern Hub,jane.smith@example.org,3100001,accepted,2021-11-20,,active
p-002,Jane Doe,NPQLTD,1,Northern Hub,jane.doe@example.org,3100002,accepted,2021-11-20,2021-11-20,active
p-003,Łukasz Żółkiewski,EHCO,1,Southern Hub,,,accepted,2021-11-20,2021-11-20,active
p-004,Omar Haddad,NPQLT,1,Northern Hub,,,accepted,,,active
p-005,Ann <!channel> & Co,NPQLTD,1,Northern Hub,,,accepted,2021-11-20,2021-11-20,active
p-006,Siân Llwyd-Ŵyn,NPQLL,3,Southern Hub,,,accepted,2021-11-20,2021-11-20,active
p-007,Grace Okafor,NPQLTD,1,Northern Hub,,,accepted,2021-11-20,2021-11-20,active
p-008,Tom Reed,NPQLTD,1,Northern Hub,,,accepted,2021-11-20,2021-11-20,withdrawn
p-009,Ivy Chen,NPQLBC,1,Northern Hub,,,accepted,2021-11-20,2021-11-20,active
p-010,Noah Patel,NPQSL,1,Southern Hub,,,accepted,2021-11-20,2021-11-20,active
""",
    "declaration_report": """\
participant_id,period_start,period_end,credits,self_study_credits,cumulative_credits
p-001,2021-11-01,2021-12-13,61,40,61
p-005,2021-11-01,2022-05-31,166,120,166
p-010,2021-11-01,2021-12-13,30,20,30
""",
    "activities": """\
participant_id,block,component,title,credits,completed_on
p-004,1,Self-study,Diagnostic Assessment for Block 1,2,2021-12-01
""",
    "register": """\
event_id,event_type,event_date,participant_id,status,marked_on
e-1,f2f,2021-11-20,p-001,attended,2021-11-21
""",
    "videos": """\
participant_id,block,percent_viewed,viewed_on
p-001,1,50,2021-11-21
""",
    "declarations": """\
participant_id,output,declared_on,evidence_cutoff,state
p-001,1,2021-12-20,2021-12-13,payable
p-005,1,2021-12-20,2021-12-13,paid
p-005,2,2022-06-10,2022-06-09,submitted
p-007,1,2021-12-20,2021-12-13,paid
p-007,2,2022-05-01,2022-04-30,paid
p-007,3,2022-06-01,2022-05-31,paid
p-010,1,2021-12-20,2021-12-13,payable
""",
    "meetings": "delivery_partner,meeting_on\nNorthern Hub,2022-06-24\n",
}


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document on standard output, where nothing else stands."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The `error` of a command that exits with 1, as the contract shapes it."""
        assert self.code == 1, (self.code, self.out, self.err)
        error: dict[str, Any] = self.json["error"]
        assert isinstance(error["code"], str)
        assert error["code"].replace("_", "").isalpha()
        assert isinstance(error["message"], str)
        assert error["message"].strip()
        return error

    @property
    def sentence(self) -> str:
        """What a person reads when something is to be mended: one line on standard error, none on standard output."""
        assert self.code == 1, (self.code, self.out, self.err)
        assert self.out == ""
        (line,) = self.err.splitlines()
        return line


Npq = Callable[..., Ran]


@pytest.fixture(scope="session")
def caseload_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pack: Pack) -> Path:
    """A SQLite file with the caseload, to copy from."""
    folder = tmp_path_factory.mktemp("cli")
    stored = folder / "npq.db"
    stored.write_bytes(sqlite_template.read_bytes())
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    engine = open_database(f"sqlite:///{stored}")
    paths = [folder / f"{name}.csv" for name in FILES]
    report = imports.import_files(
        Installation(engine, pack), Actor.console(), paths, now=datetime(2022, 6, 16, tzinfo=UTC)
    )
    assert report.written, report.problems
    engine.dispose()
    return stored


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of one's own, the rehearsal's clock, the guidance's pack and no other setting; gives the directory."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NPQ_NOW", NOW)
    monkeypatch.setenv("NPQ_PACK", GUIDANCE)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/npq.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bare(surroundings: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> Npq:
    """Runs `npq …` in this process, without a database. The guidance's pack has been read already; any other is read."""
    monkeypatch.setattr("bot.open_installation.load_pack", lambda name: pack if name == GUIDANCE else load_pack(name))

    def run(*arguments: str) -> Ran:
        result = CliRunner().invoke(main, arguments)
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def npq(bare: Npq, surroundings: Path, caseload_file: Path) -> Npq:
    """Runs `npq …` in this process, over a caseload of its own."""
    (surroundings / "npq.db").write_bytes(caseload_file.read_bytes())
    return bare


@pytest.fixture
def process(surroundings: Path, caseload_file: Path) -> Npq:
    """Runs `npq …` as a process, over a caseload of its own."""
    (surroundings / "npq.db").write_bytes(caseload_file.read_bytes())

    def run(*arguments: str) -> Ran:
        done = subprocess.run(
            [NPQ, *arguments],
            cwd=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch, surroundings: Path) -> Iterator[FakeSlack]:
    """A workspace with one channel, which takes posts at any pace, and the settings that lead there."""
    monkeypatch.setattr("bot.slack.send.POSTS_APART", 0.001)  # a real second is waited for in the tests of pace
    with workspace("C0TEAM") as running:
        monkeypatch.setenv("SLACK_BOT_TOKEN", running.token)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", running.signing_secret)
        monkeypatch.setenv("SLACK_API_URL", running.api_url)
        yield running
