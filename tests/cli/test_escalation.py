"""What is switched off for a group after a missed review, as the commands and their documents show it (reading 34)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Npq
from tests.reference.made import SHIPPED, add, copy_of

OFF = (
    '\n[[escalation]]\ngroups = ["leadership"]\nwindow = false\nextensions = false\nremoval = false\nsource = "house"\n'
)
LATER = "2022-06-24"  # the day after the leadership group's second review


@pytest.fixture
def leaders(npq: Npq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npq:
    """The caseload, by a pack that has none of it for the leadership group; p-001 and p-010 are on NPQSL."""
    pack = copy_of(SHIPPED, tmp_path)
    add(pack, "pack.toml", OFF)
    monkeypatch.setenv("NPQ_PACK", str(pack))
    monkeypatch.setenv("NPQ_NOW", f"{LATER}T09:00:00+01:00")
    return npq


def test_status_has_neither_a_windows_end_nor_a_deadline(leaders: Npq) -> None:
    for who, number, stage, known in (("p-010", 2, "contact", False), ("p-002", 1, "contact", True)):
        output = leaders("status", who, "--output", str(number), "--json").json["outputs"][0]
        assert output["stage"] == stage
        assert (output["window_ends"] is not None, output["deadline"] is not None) == (known, known)
    told = leaders("status", "p-010").out
    assert "deadline" not in told
    assert "window" not in told


def test_reviews_have_no_windows_end(leaders: Npq) -> None:
    found = {each["course_group"]: each["window_ends"] for each in leaders("reviews", "--json").json["reviews"]
             if each["output"] == 2 and each["cohort"] == "1"}  # fmt: skip
    assert found == {"leadership": None, "specialist": "2022-07-14"}
    lines = leaders("reviews").out.splitlines()
    below = [lines[n + 1].strip() for n, line in enumerate(lines) if "leadership" in line]
    assert below
    assert all(line.startswith("invoice ") for line in below)
    assert any(line.strip().startswith("window ends 14 July 2022 · invoice ") for line in lines)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("extend", "p-010", "--output", "2", "--until", "2022-08-01", "--reason", "workload"), "extensions_off",
         "no extension is given on Leadership NPQs"),
        (("remove", "p-010", "--side", "lead_provider", "--decision", "approve"), "removal_off",
         "nobody is removed from Leadership NPQs"),
        (("remove", "p-010", "--side", "lead_provider", "--decision", "reject"), "removal_off", "support or a deferral"),
    ],
)  # fmt: skip
def test_the_acts_are_refused(leaders: Npq, command: tuple[str, ...], code: str, said: str) -> None:
    ran = leaders(*command, "--json")
    assert ran.code == 1
    assert ran.json["error"]["code"] == code
    assert said in ran.json["error"]["message"]
