"""The pack that nobody chose: whoever is not in it is not lost sight of, least of all by an upgrade."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Npq
from tests.cli.test_processes import free_port, running, stopped, until

SAYS = "NPQ_PACK is not set, and npq, which is used then, does not have "
MEND = "set NPQ_PACK=edt-v18, which was used until now, or NPQ_PACK to your own pack's folder."
TODAY = (
    "participant_id,full_name,course,cohort,delivery_partner\n"
    "n-1,Ann Archer,NPQSENCO,2026b,Acme\n"
    "n-2,Bo Best,npq-leading-primary-mathematics,2025b,Acme\n"
)


@pytest.fixture(autouse=True)
def _unset(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NPQ_PACK")


def test_an_empty_database_begins_with_todays(bare: Npq, surroundings: Path) -> None:
    assert bare("migrate").code == 0
    (surroundings / "participants.csv").write_text(TODAY, encoding="utf-8")
    assert bare("import", "participants.csv").code == 0
    assert bare("status", "n-1", "--json").json["outputs"][0]["stage"] == "not_scheduled"
    assert bare("pack", "show").out.startswith("npq 1.0")


@pytest.mark.parametrize(
    "typed",
    [
        ("status", "p-001"),
        ("at-risk",),
        ("due",),
        ("tick",),
        ("import", "participants.csv"),
        ("extend", "p-001", "--output", "1", "--until", "2022-07-01", "--reason", "other"),
        ("staff", "list"),
        ("outbox",),
        ("worker",),
        ("serve",),
    ],
    ids=lambda typed: typed[0],
)
def test_people_of_the_guidance_and_no_pack_chosen(npq: Npq, surroundings: Path, typed: tuple[str, ...]) -> None:
    (surroundings / "participants.csv").write_text(TODAY, encoding="utf-8")
    before = (surroundings / "npq.db").read_bytes()
    sentence = npq(*typed).sentence
    assert sentence.startswith(SAYS)
    assert "people in " in sentence
    assert "cohort 1" in sentence
    assert sentence.endswith(MEND)
    assert (surroundings / "npq.db").read_bytes() == before


@pytest.mark.parametrize("blank", ["", " ", "\t", '""', "''", '" "', "NPQ_PACK="])
def test_what_says_nothing_chooses_nothing(npq: Npq, monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("NPQ_PACK", blank)
    assert npq("tick").sentence.endswith(MEND)


def test_it_has_a_code_for_scripts(npq: Npq) -> None:
    assert npq("at-risk", "--json").error["code"] == "pack_not_chosen"


def test_one_of_them_is_enough(bare: Npq, surroundings: Path) -> None:
    assert bare("migrate").code == 0
    (surroundings / "participants.csv").write_text(TODAY, encoding="utf-8")
    assert bare("import", "participants.csv").code == 0
    with closing(sqlite3.connect(surroundings / "npq.db")) as database:
        database.execute("UPDATE enrolments SET cohort = '3' WHERE participant_id = 'n-1'")
        database.commit()
    assert bare("status", "n-2").sentence == f"{SAYS}1 person in NPQSENCO cohort 3: {MEND}"


@pytest.mark.parametrize("chosen", ["npq", "edt-v18"])
def test_whichever_is_chosen_is_used(npq: Npq, monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    """Somebody who chooses today's for people of then is believed, and told by doctor."""
    monkeypatch.setenv("NPQ_PACK", chosen)
    assert npq("at-risk", "--json").code == 0
    assert ("is NPQ_PACK set to your own pack?" in npq("doctor").out) == (chosen == "npq")


def test_what_needs_no_pack_goes_on_and_doctor_says_how_to_mend_it(npq: Npq) -> None:
    assert npq("migrate").code == 0
    assert npq("pack", "show").code == 0
    assert npq("pack", "check", "edt-v18").code == 0
    assert MEND in npq("doctor").out


def test_a_web_process_that_began_before_its_database_answers_nothing_by_it(
    npq: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = surroundings / "npq.db"
    aside = stored.rename(surroundings / "later.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{stored}")
    assert npq("migrate").code == 0
    port = free_port()
    with running("serve", folder=surroundings, PORT=str(port)) as process, httpx.Client(timeout=5) as http:

        def asked() -> httpx.Response | None:
            try:
                return http.get(f"http://127.0.0.1:{port}/readyz")
            except httpx.TransportError:
                return None

        assert until(lambda: asked() is not None), (surroundings / "log.txt").read_text(encoding="utf-8")
        with closing(sqlite3.connect(aside)) as full, closing(sqlite3.connect(stored)) as here:
            full.backup(here)
        ready = asked()
        assert ready is not None
        assert ready.status_code == 503
        assert MEND in ready.text
        assert stopped(process) == 0
