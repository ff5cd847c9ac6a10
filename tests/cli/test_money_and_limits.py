"""A pack with prices and a last day of somebody's own, at the console and in the chat: from the file to what is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Npq
from tests.reference.made import SHIPPED, add, change, copy_of

PEOPLE = """\
participant_id,full_name,course,cohort,delivery_partner,application_status,contract_returned_on,sponsorship_returned_on,senco_start_date
p-1,Jane Doe,NPQLTD,1,Acme,accepted,2021-11-20,2021-11-20,{}
p-2,Ada Okoye,NPQLT,1,Acme,accepted,2021-11-20,,2019-02-10
p-3,Li Na,NPQLTD,1,Acme,accepted,2021-11-20,,2019-02-10
"""
REGISTER = "event_id,event_type,event_date,participant_id,status\ne-1,f2f,2021-11-20,p-1,attended\n"
MORE = """
[[price]]
course = "NPQLTD"
amount = "1,130.00"
source = "contract p. 3"

[[personal_limit]]
course = "NPQLTD"
column = "senco_start_date"
years = 3
warn_before = 90
what = "become SENCO"
source = "contract p. 5"
"""
SAID = "Having become SENCO on 10 February 2019, they have until 10 February 2022 (in 31 days) to complete NPQLTD."


@pytest.fixture
def npq(bare: Npq, surroundings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npq:
    pack = copy_of(SHIPPED, tmp_path)
    add(pack, "pack.toml", MORE)
    for declared in ("started", "retained-1", "completed"):
        change(
            pack, "pack.toml", f'declaration_type = "{declared}"\n', f'declaration_type = "{declared}"\nshare = "1/3"\n'
        )
    monkeypatch.setenv("NPQ_PACK", str(pack))
    monkeypatch.setenv("NPQ_NOW", "2022-01-10T10:00:00+00:00")
    (surroundings / "people.csv").write_text(PEOPLE.format("10/02/2019"), encoding="utf-8")
    (surroundings / "register.csv").write_text(REGISTER, encoding="utf-8")
    assert bare("migrate").code == 0
    assert bare("import", "people.csv", "register.csv").code == 0
    return bare


def test_the_limit_is_told_at_the_console(npq: Npq) -> None:
    assert f"  ! {SAID}" in npq("status", "p-1").out
    output = npq("status", "p-1", "--json").json["outputs"][0]
    assert (output["warnings"], output["warning_codes"]) == ([SAID], ["personal_limit"])
    assert "personal_limit" not in npq("status", "p-2", "--json").out, "its course has no such limit"
    past = npq("status", "p-1", "--as-of", "2022-02-11", "--json").json["outputs"][0]
    assert past["warning_codes"] == ["personal_limit_past"]
    risk = npq("at-risk").out
    assert "Ada Okoye" in risk
    assert risk.count(f"  ! {SAID}") == 1


@pytest.mark.parametrize("cell", ["", "2019-02-10"])
def test_a_later_file_corrects_the_day_and_a_blank_cell_leaves_it(npq: Npq, surroundings: Path, cell: str) -> None:
    (surroundings / "people.csv").write_text(PEOPLE.format("2020-01-01"), encoding="utf-8")
    assert npq("import", "people.csv").code == 0
    assert "personal_limit" not in npq("status", "p-1", "--json").out
    (surroundings / "people.csv").write_text(PEOPLE.format(cell), encoding="utf-8")
    assert npq("import", "people.csv").code == 0
    assert ("personal_limit" in npq("status", "p-1", "--json").out) == bool(cell)


def test_a_day_that_is_none_is_refused(npq: Npq, surroundings: Path) -> None:
    (surroundings / "people.csv").write_text(PEOPLE.format("autumn 2019"), encoding="utf-8")
    ran = npq("import", "people.csv")
    assert ran.code == 1
    assert ran.err.startswith("people.csv, row 2, senco_start_date: ")


def test_a_day_that_is_still_to_come_is_taken(npq: Npq, surroundings: Path) -> None:
    (surroundings / "people.csv").write_text(PEOPLE.format("2022-09-01"), encoding="utf-8")
    ran = npq("import", "people.csv", "--json")
    assert (ran.code, "senco_start_date" in ran.out) == (0, False)


def test_the_invoice_message_says_what_it_comes_to(npq: Npq) -> None:
    assert npq("place", "add", "--platform", "slack", "--id", "C0001", "--partner", "Acme").code == 0
    due = npq("due", "--from", "2022-01-10T00:00:00+00:00", "--to", "2022-01-11T00:00:00+00:00", "--json").json
    [invoice] = [message for message in due["messages"] if message["key"] == "invoice_due"]
    assert "Payable now: 0. Payable once declared: 1 (£376.66). Held up by papers: 0." in invoice["text"]


def test_the_pack_is_shown_with_it(npq: Npq) -> None:
    told = npq("pack", "show").out
    assert "Output 1 1/3, Output 2 1/3, Output 3 1/3" in told
    assert "NPQLTD: £1,130.00 (Output 1 £376.66, Output 2 £376.66, Output 3 £376.68); contract p. 3" in told
    assert (
        "NPQLTD: 3 years from senco_start_date on, having become SENCO; warned of 90 days before; contract p. 5" in told
    )
    shown = json.loads(npq("pack", "show", "--json").out)
    assert [output["share"] for output in shown["outputs"] if output["group"] == "specialist"] == ["1/3"] * 3
    assert shown["prices"] == [
        {
            "course": "NPQLTD",
            "amount": "1130.00",
            "source": "contract p. 3",
            "cohort": None,
            "outputs": {"1": "376.66", "2": "376.66", "3": "376.68"},
        }
    ]
    assert shown["personal_limits"][0]["years"] == 3


def test_a_pack_without_it_shows_nothing_of_it(bare: Npq) -> None:
    told = bare("pack", "show").out
    assert [word for word in ("Prices", "Shares", "Personal dates") if word in told] == []
