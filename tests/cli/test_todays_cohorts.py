"""Cohorts of 2025 and 2026 at the console: keys as people write them, starts within a cohort, dates that are not known yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Npq

PACK = Path(__file__).parents[1] / "packs" / "northern-2026"
HEADER = "participant_id,full_name,course,cohort,delivery_partner,schedule,application_status\n"
PEOPLE = HEADER + (
    "p-1,Jane Doe,NPQSENCO,2026b,Acme,,accepted\n"
    "p-2,Ada Okoye,npq-headship,2026 B,Acme,,accepted\n"
    "p-3,Li Na,EHCO,2026b,Acme,November,accepted\n"
    "p-4,Tom Reed,EHCO,2026b,Acme,,accepted\n"
    "p-5,Kim Lee,NPQLT,2025,Acme,,accepted\n"
    "p-6,Bo Berg,NPQLBC,2025b,Acme,npq-specialist-autumn,accepted\n"
)


@pytest.fixture
def npq(bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> Npq:
    monkeypatch.setenv("NPQ_PACK", str(PACK))
    monkeypatch.setenv("NPQ_NOW", "2026-11-30T10:00:00+00:00")
    (surroundings / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert bare("migrate").code == 0
    assert bare("import", "people.csv").code == 0
    return bare


def test_a_cohort_is_text_however_it_was_written(npq: Npq) -> None:
    cohorts = {who: npq("status", who, "--json").json["participant"]["cohort"] for who in ("p-1", "p-2", "p-5")}
    assert cohorts == {"p-1": "2026b", "p-2": "2026b", "p-5": "2025b"}
    for written in ("2025b", "2025 B", "2025"):
        found = npq("at-risk", "--cohort", written, "--json").json
        assert [(each["id"], each["cohort"]) for each in found["participants"]] == [("p-6", "2025b"), ("p-5", "2025b")]


def test_a_cohort_that_the_pack_lacks(npq: Npq, surroundings: Path) -> None:
    ran = npq("at-risk", "--cohort", "2027a")
    assert (ran.code, ran.err) == (1, "There is no cohort 2027a; the cohorts are 2025b, 2026b.\n")
    rows = [
        "p-7,X,EHCO,2026b,Acme,march,",
        "p-8,Y,NPQH,2027a,Acme,,",
        "p-9,Z,NPQEL,2025b,Acme,,",
        "p-10,W,NPQH,2024,Acme,,",
    ]
    (surroundings / "bad.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    refused = npq("import", "bad.csv")
    assert refused.code == 1
    told = refused.err.splitlines()
    assert told[0].startswith(
        "bad.csv, row 2, schedule: EHCO has no such start in cohort 2026b: give november, npq-ehco-november, december or "
        "npq-ehco-december, or leave the cell blank."
    )
    assert told[1].startswith(
        "bad.csv, row 3, cohort: The policy pack northern-2026 has no cohort 2027a: give 2025b or 2026b."
    )
    assert told[2].startswith(
        "bad.csv, row 4, cohort: NPQEL is not offered in cohort 2025b; it is in 2026b: correct one"
    )
    assert told[3].startswith(
        "bad.csv, row 5, cohort: The policy pack northern-2026 has no cohort 2024: give 2025b or 2026b."
    )


def test_starts_beside_papers_and_beside_rows_that_are_wrong(npq: Npq, surroundings: Path) -> None:
    header = HEADER.replace("application_status", "contract_returned_on,sponsorship_returned_on")
    rows = ["p-3,Li Na,EHCO,2026b,Acme,december,2026-11-20,", "p-1,Jane Doe,NPQSENCO,2026b,Acme,,,2026-11-20"]
    (surroundings / "papers.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    assert npq("import", "papers.csv").code == 0
    assert npq("status", "p-3", "--json").json["outputs"][0]["review_date"] == "2027-02-04"
    rows.append("p-4,Tom Reed,EHCO,2026b,Acme,march,2016-01-01,")
    (surroundings / "papers.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    refused = npq("import", "papers.csv")
    assert refused.code == 1
    assert "row 4, schedule: EHCO has no such start in cohort 2026b" in refused.err


def test_whose_dates_are_not_known_is_said_at_the_end(npq: Npq) -> None:
    at_risk = npq("at-risk")
    assert at_risk.out.endswith("2 in all. 3 people have no review date yet.\n")
    assert "Jane Doe" not in at_risk.out
    assert npq("at-risk", "--json").json["not_scheduled"] == 3
    assert npq("at-risk", "--cohort", "2025b", "--json").json["not_scheduled"] == 0
    assert npq("reviews").out.endswith("3 people have no review date yet.\n")
    assert npq("reviews", "--json").json["not_scheduled"] == 3


def test_a_status_still_says_what_each_needs(npq: Npq) -> None:
    first: dict[str, Any] = npq("status", "p-1", "--json").json["outputs"][0]
    assert (first["stage"], first["review_date"], first["cut_off"], first["in_time"]) == (
        "not_scheduled",
        None,
        None,
        None,
    )
    assert any("attend" in step for step in first["next_steps"])
    assert "review date not known yet" in npq("status", "p-1").out


def test_a_start_within_the_cohort_has_dates_of_its_own(npq: Npq) -> None:
    known = npq("status", "p-3", "--output", "1")
    assert "review 14 January 2027" in known.out
    assert "DfE's cut-off 29 January 2027" in known.out
    unsure = npq("status", "p-4", "--json").json["outputs"][0]
    assert unsure["stage"] == "not_scheduled"
    assert any("several starts in cohort 2026b (november and december)" in each for each in unsure["warnings"])
    [review] = [each for each in npq("reviews", "--json").json["reviews"] if each["course_group"] == "ehco"]
    assert (review["review_date"], review["whose"], review["people"]) == ("2027-01-14", ["EHCO november"], 1)


def test_a_computed_review_date_is_shown_as_such(npq: Npq) -> None:
    everything = npq("pack", "show").out
    assert "review 2026-11-20 (28 days before the cut-off)" in everything


def test_who_comes_back_says_which_start(npq: Npq) -> None:
    away = ("--from", "2026-11-16", "--until", "2027-03-01", "--reason", "other", "--on", "2026-11-16", "--by", "Sam")
    assert npq("defer", "p-4", *away).code == 0
    wrong = npq("resume", "p-4", "--cohort", "2026b", "--schedule", "march")
    assert (wrong.code, wrong.err) == (
        1,
        "Cohort 2026b has no start “march” for EHCO; it has november and december.\n",
    )
    back = npq("resume", "p-4", "--cohort", "2026 b", "--schedule", "December")
    assert back.code == 0
    assert "in cohort 2026b (december)" in back.out
    assert npq("status", "p-4", "--json").json["outputs"][0]["review_date"] == "2027-02-04"


def test_once_a_month_the_owner_of_a_place_is_told(npq: Npq) -> None:
    npq("staff", "add", "--platform", "slack", "--id", "U0ADA0001", "--name", "Ada", "--role", "coordinator")
    npq("place", "add", "--platform", "slack", "--id", "C0ACME001", "--partner", "Acme", "--owner", "U0ADA0001")
    due = npq("due", "--from", "2026-12-01", "--to", "2026-12-04", "--json").json["messages"]
    told = [(m["key"], m["about"], m["cohort"], m["output"], m["participants"], m["destination"]["id"]) for m in due]
    assert told == [
        ("dates_missing", "2026-12-01", "2026b", None, ["p-4"], "U0ADA0001"),
        ("dates_missing", "2026-12-01", "2026b", None, ["p-2"], "U0ADA0001"),
        ("dates_missing", "2026-12-01", "2026b", None, ["p-1"], "U0ADA0001"),
        ("contact_overdue", "2025-12-04", "2025b", 1, ["p-6", "p-5"], "C0ACME001"),
    ]
    npq("place", "add", "--platform", "slack", "--id", "C0OTHER01", "--partner", "Acme", "--cohort", "2026 b")
    due = npq("due", "--from", "2026-12-01", "--to", "2026-12-01", "--json").json["messages"]
    assert {m["destination"]["id"] for m in due} == {"C0OTHER01"}, "without an owner, to the place"


def test_one_start_has_one_name_however_the_file_writes_it(npq: Npq, surroundings: Path) -> None:
    rows = ["p-3,Li Na,EHCO,2026b,Acme,NPQ-EHCO-November,accepted", "p-7,Jo Ba,EHCO,2026b,Acme,november,accepted"]
    (surroundings / "more.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    assert npq("import", "more.csv").code == 0
    [review] = [each for each in npq("reviews", "--json").json["reviews"] if each["course_group"] == "ehco"]
    assert (review["whose"], review["people"]) == (["EHCO november"], 2)


def test_a_blank_cohort_is_asked_for(npq: Npq) -> None:
    assert npq("at-risk", "--cohort", " ").err == "Please name a cohort; the cohorts are 2025b, 2026b.\n"


def test_what_is_never_reviewed_is_shown_as_such(npq: Npq) -> None:
    everything = npq("pack", "show").out
    assert "Coaching for new heads, cohort 2026b, Output 4: not reviewed (no criteria)" in everything
