"""What `npq doctor` says where web process, worker and console use different packs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from core.database.database import open_database
from core.derived.installation import Installation
from core.services import packs_in_use
from core.services.packs_in_use import Process
from reference.loading import load_pack
from reference.pack_folder import place_of
from tests.cli.conftest import Npq
from tests.cli.test_doctor_teams import checks
from tests.cli.test_processes import free_port, running, stopped, until
from tests.reference.made import SHIPPED, change, copy_of

NOTED = datetime(2022, 6, 15, 8, 30, tzinfo=UTC)


@pytest.fixture
def folder(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack folder of one's own, which NPQ_PACK names."""
    made = copy_of(SHIPPED, surroundings)
    monkeypatch.setenv("NPQ_PACK", str(made))
    return made


def uses(surroundings: Path, process: Process, pack: str) -> None:
    """A process has taken this pack."""
    engine = open_database(f"sqlite:///{surroundings}/npq.db")
    assert packs_in_use.note(Installation(engine, load_pack(pack)), process, place_of(pack), at=NOTED)
    engine.dispose()


def compared(npq: Npq) -> tuple[bool, str]:
    return checks(npq("doctor", "--json"))["Packs in use"]


def test_where_all_use_one_it_is_named(npq: Npq, surroundings: Path) -> None:
    label = load_pack("edt-v18").label
    assert compared(npq) == (
        True,
        f"console uses {label}; web and worker have not been started with this database yet.",
    )
    uses(surroundings, "worker", "edt-v18")
    assert compared(npq) == (
        True,
        f"worker and console use {label}; web has not been started with this database yet.",
    )
    uses(surroundings, "web", "edt-v18")
    assert compared(npq) == (True, f"web, worker and console use {label}.")


def test_a_web_process_that_was_not_restarted_after_an_edit_is_named(
    npq: Npq, surroundings: Path, folder: Path
) -> None:
    before = load_pack(str(folder)).label
    uses(surroundings, "web", str(folder))
    change(folder, "schedule.csv", "specialist,1,2,2022-06-23", "specialist,1,2,2022-06-30")
    uses(surroundings, "worker", str(folder))
    assert compared(npq) == (
        False,
        f"web uses {before} since 2022-06-15 09:30, the console {load_pack(str(folder)).label}, both from {folder}: "
        "it keeps the pack it began with; restart npq serve.",
    )
    uses(surroundings, "web", str(folder))
    assert compared(npq)[0]


def test_a_worker_that_has_not_taken_an_edit_is_named(npq: Npq, surroundings: Path, folder: Path) -> None:
    uses(surroundings, "worker", str(folder))
    change(folder, "schedule.csv", "specialist,1,2,2022-06-23", "specialist,1,2,2022-06-30")
    well, says = compared(npq)
    assert not well
    assert "a few seconds after the last change, or says in its log why not; restart npq worker." in says


def test_whoever_has_another_setting_is_told_which(npq: Npq, surroundings: Path, folder: Path) -> None:
    change(folder, "pack.toml", 'name = "edt-v18"', 'name = "ours"')
    uses(surroundings, "web", str(folder))
    uses(surroundings, "worker", "edt-v18")
    well, says = compared(npq)
    assert not well
    assert says == (
        f"worker uses {load_pack('edt-v18').label} from edt-v18 since 2022-06-15 09:30, the console "
        f"{load_pack(str(folder)).label} from {folder}: set NPQ_PACK the same for both, and restart npq worker."
    )


def test_a_pack_that_has_faults_is_not_compared(npq: Npq, surroundings: Path, folder: Path) -> None:
    uses(surroundings, "web", str(folder))
    (folder / "schedule.csv").unlink()
    found = checks(npq("doctor", "--json"))
    assert not found["Policy pack"][0]
    assert "Packs in use" not in found


def test_web_process_and_worker_note_what_they_use(npq: Npq, surroundings: Path, folder: Path) -> None:
    port = free_port()

    def both_noted() -> bool:
        return compared(npq)[1].startswith("web, worker and console use ")

    def alive() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    with running("serve", folder=surroundings, PORT=str(port)) as web:
        assert until(alive)
        with running("worker", folder=surroundings) as worker:
            assert until(both_noted)
            assert (stopped(web), stopped(worker)) == (0, 0)
    assert "Traceback" not in (surroundings / "log.txt").read_text(encoding="utf-8")
