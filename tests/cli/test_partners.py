"""Two names for one Delivery Partner: what doctor says, and what an administrator does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Npq

HEADER = "participant_id,full_name,course,cohort,delivery_partner\n"


@pytest.fixture
def nearly(npq: Npq, surroundings: Path) -> Npq:
    """Somebody is with Nothern Hub, said to be another one than Northern Hub; only Northern Hub has a channel."""
    (surroundings / "more.csv").write_text(HEADER + "p-101,Ada Byron,NPQLTD,1,Nothern Hub\n")
    assert npq("import", "more.csv").code == 1
    assert npq("import", "more.csv", "--new-partner", "Nothern Hub").code == 0
    npq("place", "add", "--platform", "slack", "--id", "C0NORTH", "--partner", "Northern Hub")
    return npq


def test_doctor_names_them_and_the_way_out(nearly: Npq) -> None:
    [check] = [check for check in nearly("doctor", "--json").json["checks"] if check["check"] == "Delivery Partners"]
    assert not check["well"], "the posts about somebody of Nothern Hub go nowhere"
    assert check["says"].startswith("“Northern Hub” and “Nothern Hub” are nearly one name")
    nearly("place", "add", "--platform", "slack", "--id", "C0OTHER", "--partner", "Nothern Hub")
    [check] = [check for check in nearly("doctor", "--json").json["checks"] if check["check"] == "Delivery Partners"]
    assert check["well"], "two that are both looked after may be two"


def test_merging_them(nearly: Npq) -> None:
    would = nearly("partner", "merge", "nothern hub", "Northern Hub", "--dry-run")
    assert would.code == 0
    assert "would now belong to “Northern Hub”" in would.out
    assert "A dry run: nothing was written." in would.out
    done = nearly("partner", "merge", "nothern hub", "Northern Hub", "--json")
    assert (done.code, done.json["dry_run"], done.json["merged"]["participants"]) == (0, False, 1)
    assert nearly("status", "p-101", "--json").json["participant"]["delivery_partner"] == "Northern Hub"
    assert not [check for check in nearly("doctor", "--json").json["checks"] if check["check"] == "Delivery Partners"]
    again = nearly("partner", "merge", "nothern hub", "Northern Hub", "--json")
    assert again.error["code"] == "unknown_partner"
