"""What a pack says of deferrals: read as it stands, every fault told once with its line, and shown by `npq pack show`."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from reference.loading import check_pack, load_pack
from reference.pack import EVERY_DEFERRAL, DeferralPolicy, NotBetween, Pack
from tests.reference.made import SHIPPED, add, copy_of
from tests.reference.test_packs_page import PAGE

WHOLE = """
[deferral]
reasons = ["other", "bereavement"]
reason_needed = false
longest_months = 12
last_return = 2024-07-31
how_many = 2
into = "next"
confirmed_by_lead_provider = true
source = "handbook p. 12"

[[deferral.not_between]]
declaration = "started"
last_day = 0

[[deferral.not_between]]
declaration = "completed"
first_day = -60
last_day = 1
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_of(SHIPPED, tmp_path)


def test_the_whole_table(copy: Path) -> None:
    add(copy, "pack.toml", WHOLE)
    policy = load_pack(str(copy)).deferral
    assert policy == DeferralPolicy(
        "handbook p. 12",
        frozenset({"bereavement", "other"}),
        reason_needed=False,
        longest_months=12,
        last_return=date(2024, 7, 31),
        how_many=2,
        into="next",
        confirmed_by_lead_provider=True,
        not_between=(NotBetween("started", None, 0), NotBetween("completed", -60, 1)),
    )
    assert policy.offered == ("bereavement", "other")


def test_a_pack_that_says_nothing_offers_every_deferral(pack: Pack) -> None:
    assert pack.deferral is EVERY_DEFERRAL
    assert len(pack.deferral.offered) == 5
    assert pack.deferral.reason_needed
    assert not pack.deferral.confirmed_by_lead_provider


def test_the_example_of_the_page_is_one(copy: Path) -> None:
    [example] = re.findall(r"```toml\n(\[deferral\].*?)```", PAGE, re.DOTALL)
    add(copy, "pack.toml", f"\n{example}")
    assert check_pack(str(copy)) == []


TABLE = '[deferral]\nsource = "p"\n'
SPAN = f"{TABLE}[[deferral.not_between]]\ndeclaration = "
FAULTS = [
    # what the table says, the line that is named, and what is said of it
    ('[deferral]\nhow_many = 1', "[deferral]", "“source” is missing"),
    (f'{TABLE}reasons = []', "reasons =", "name at least one of bereavement"),
    (f'{TABLE}reasons = ["bereavment"]', "reasons =", "is “bereavement” meant?"),
    (f'{TABLE}reasons = ["other", "other"]', "reasons =", "other is there twice"),
    (f'{TABLE}reason_needed = "no"', "reason_needed", "give true or false"),
    (f'{TABLE}longest_days = 0', "longest_days", "must be 1 or more, and 1,000 at most (given: 0)"),
    (f'{TABLE}how_many = "two"', "how_many", "give a whole number"),
    (f'{TABLE}longest_days = 365\nlongest_months = 12', "longest_months", "give longest_days or longest_months, not both"),
    (f'{TABLE}last_return = 2024-07-31\nlast_return_months = 12', "last_return_months", "not both"),
    (f'{TABLE}last_return = 2021-11-01', "last_return", "not after the first cohort's first day, 2021-11-01"),
    (f'{TABLE}into = "nearest"', "into", "give one of 'next' or 'any'"),
    (f'{TABLE}longest = 12', "longest =", "is “longest_days” meant?"),
    (f'{SPAN}"started"', "[[deferral.not_between]]", "give first_day, last_day or both"),
    (f'{SPAN}"started"\nfirst_day = 3\nlast_day = 2', "last_day = 2",
     "must not be before first_day, 3"),
    (f'{SPAN}"begun"\nlast_day = 2', 'declaration = "begun"', "give one of 'started'"),
    (f'{SPAN}"started"\nlast_day = 2000', "last_day = 2000", "from -1,000 to 1,000"),
    (f'{TABLE}not_between = 3', "not_between", "write each of these spans under [[deferral.not_between]]"),
    ('[[deferral]]\nsource = "p"', "[[deferral]]", "write a table [deferral]"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "line", "told"), FAULTS)
def test_every_fault_is_told_once_with_its_line(copy: Path, says: str, line: str, told: str) -> None:
    add(copy, "pack.toml", f"\n{says}\n")
    [problem] = check_pack(str(copy))
    assert told in problem.message
    assert problem.line is not None
    assert (copy / "pack.toml").read_text(encoding="utf-8").splitlines()[problem.line - 1].startswith(line)


def test_pack_show(copy: Path) -> None:
    add(copy, "pack.toml", WHOLE)
    run = CliRunner(env={"NPQ_PACK": str(copy)})
    said = run.invoke(main, ["pack", "show"]).stdout
    for part in (
        "Deferrals (handbook p. 12)",
        "reasons: bereavement, other; none need be given",
        "none begins until the review date of the output declared as started",
        "none begins from 60 days before the review date until 1 day after the review date of the output declared as completed",
        "longest: 12 months",
        "last return: 2024-07-31",
        "how many: 2",
        "cohort to rejoin: the next to start",
        "the lead provider confirms: yes",
    ):
        assert part in said
    document = json.loads(run.invoke(main, ["pack", "show", "--json"]).stdout)["deferral"]
    assert document["reasons"] == ["bereavement", "other"]
    assert document["not_between"][1] == {"declaration": "completed", "first_day": -60, "last_day": 1}
    shipped = CliRunner(env={"NPQ_PACK": "edt-v18"}).invoke(main, ["pack", "show", "--json"]).stdout
    assert json.loads(shipped)["deferral"] is None
