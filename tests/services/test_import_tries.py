"""Tries at the assessment come by a file: in any order, each once, and without the column everybody's first (reading 38)."""

from __future__ import annotations

import pytest

from tests.services.test_imports import Desk, desk, full

__all__ = ["desk", "full"]
HEADER = "participant_id,try,marked_on,result"


def stored(desk: Desk) -> list[tuple[object, ...]]:
    found = [
        (row["participant_id"], row["try"], str(row["marked_on"]), row["result"]) for row in desk.rows("assessments")
    ]
    return sorted(row for row in found if row[0] == "p-2")


def test_they_may_come_out_of_order(full: Desk) -> None:
    assert full.take(f"{HEADER}\np-2,2,2022-01-20,passed\np-2,,2022-01-10,failed\n").problems == ()
    assert full.take(f"{HEADER}\np-2,4,2022-01-30,\np-2,3,,failed\n").problems == ()
    assert stored(full) == [
        ("p-2", 1, "2022-01-10", "failed"),
        ("p-2", 2, "2022-01-20", "passed"),
        ("p-2", 3, "None", "failed"),
        ("p-2", 4, "2022-01-30", None),
    ]


ODD = [
    ("p-2,1,2022-01-20,failed\np-2,2,2022-01-10,", ["p-2"]),  # the second lies before the first
    ("p-2,1,2022-01-10,failed\np-2,3,2022-01-20,", ["p-2"]),  # nobody says what became of the second
    ("p-2,2,2022-01-20,passed", ["p-2"]),
    ("p-2,1,2022-01-20,failed\np-2,2,2022-01-20,", []),
    ("p-2,1,,failed\np-2,2,2022-01-20,", []),
]


@pytest.mark.parametrize(("rows", "told"), ODD)
def test_whose_tries_do_not_follow_each_other_is_told(full: Desk, rows: str, told: list[str]) -> None:
    report = full.take(f"{HEADER}\n{rows}\n")
    assert report.problems == ()
    warned = [warning for file in report.files for warning in file.warnings if "out of order" in warning]
    assert [warning.partition(" are ")[0] for warning in warned] == [f"The tries of {who}" for who in told]


def test_without_the_column_it_is_the_first(full: Desk) -> None:
    assert full.take("participant_id,marked_on,result\np-2,2022-01-10,failed\n").problems == ()
    assert full.take(f"{HEADER}\np-2,2,2022-01-20,\n").problems == ()
    [file] = full.take("participant_id,result,copies_held\np-2,passed,yes\n").files
    assert (file.added, file.changed) == (0, 1)
    assert stored(full) == [("p-2", 1, "2022-01-10", "passed"), ("p-2", 2, "2022-01-20", None)]
    [file] = full.take(f"{HEADER}\np-2,2,,failed\np-2,1,2022-01-10,\n").files
    assert (file.added, file.changed, file.unchanged) == (0, 1, 1)
    assert stored(full) == [("p-2", 1, "2022-01-10", "passed"), ("p-2", 2, "2022-01-20", "failed")]


@pytest.mark.parametrize("wrong", ["0", "-1", "1.5", "first", "100"])
def test_a_try_is_a_whole_number_from_1(full: Desk, wrong: str) -> None:
    before = stored(full)
    [problem] = full.problems(f"{HEADER}\np-2,{wrong},2022-01-20,passed\n")
    assert problem[:2] == (2, "try")
    assert "give a whole number from 1 to 99" in str(problem)
    assert stored(full) == before


@pytest.mark.parametrize("rows", ["p-2,2,,failed\np-2,2,,failed", "p-2,1,,failed\np-2,,,passed"])
def test_the_same_try_twice_is_refused(full: Desk, rows: str) -> None:
    [problem] = full.problems(f"{HEADER}\n{rows}\n")
    assert "Row 2 has the same participant_id and try: keep one of the two." in str(problem)
    [problem] = full.problems("participant_id,result,copies_held\np-2,failed,yes\np-2,passed,yes\n")
    assert "Row 2 has the same participant_id and try" in str(problem)
