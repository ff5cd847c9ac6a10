"""Which dates moved between two packs, and how it is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.rules.changed_dates_wording import lines_about
from reference.changed_dates import ChangedDate, Dated, changed_dates
from reference.loading import load_pack
from reference.pack import Pack
from tests.reference.made import SHIPPED, add, change, copy_of

COHORT = """[[cohort]]
key = "5"
name = "October 2026"
starts_on = 2026-10-01
courses = ["EHCO", "NPQLT"]
source = "letter"

[settings]"""
WINDOW = """[[assessment_window]]
group = "specialist"
cohort = "1"
opens = 2023-01-09
closes = {}
source = "letter"

[settings]"""
ROWS = "".join(
    f"specialist,5,{output},{year}-11-26,{year}-12-18,{year + 1}-01-18,33.3%,,,letter\n"
    for output, year in ((1, 2026), (2, 2027), (3, 2028))
)


def test_a_pack_does_not_differ_from_itself(pack: Pack) -> None:
    assert changed_dates(pack, load_pack("edt-v18")) == []
    assert lines_about([]) == []


def test_a_moved_date_is_told_with_what_it_was(pack: Pack, tmp_path: Path) -> None:
    edited = copy_of(SHIPPED, tmp_path)
    change(edited, "schedule.csv", "specialist,1,2,2022-06-23,2022-07-15", "specialist,1,2,2022-06-30,2022-07-18")
    found = changed_dates(pack, load_pack(str(edited)))
    output = Dated("1", "specialist", 2)
    assert found == [
        ChangedDate(output, "review", date(2022, 6, 23), date(2022, 6, 30)),
        ChangedDate(output, "invoice", date(2022, 7, 15), date(2022, 7, 18)),
    ]
    assert lines_about(found) == [
        "specialist, cohort 1, output 2: review 23 June 2022 -> 30 June 2022, invoice 15 July 2022 -> 18 July 2022"
    ]


def test_a_cohort_that_comes_or_goes_is_told_with_all_its_dates(pack: Pack, tmp_path: Path) -> None:
    edited = copy_of(SHIPPED, tmp_path)
    change(edited, "pack.toml", "[settings]", COHORT)
    add(edited, "schedule.csv", ROWS)
    more = load_pack(str(edited))
    come = lines_about(changed_dates(pack, more))
    assert come[:2] == [
        "cohort 5: starts none -> 1 October 2026",
        "specialist, cohort 5, output 1: review none -> 26 November 2026, invoice none -> 18 December 2026, "
        "payment none -> 18 January 2027",
    ]
    assert len(come) == 4
    assert lines_about(changed_dates(more, pack))[0] == "cohort 5: starts 1 October 2026 -> none"


def test_an_assessment_window_is_told_too(tmp_path: Path) -> None:
    edited = copy_of(SHIPPED, tmp_path)
    change(edited, "pack.toml", "[settings]", WINDOW.format("2023-02-10"))
    before = load_pack(str(edited))
    change(edited, "pack.toml", "2023-02-10", "2023-02-13")
    assert lines_about(changed_dates(before, load_pack(str(edited)))) == [
        "specialist, cohort 1, assessment window: closes 10 February 2023 -> 13 February 2023"
    ]


def test_dates_of_one_course_or_one_start_alone_say_so() -> None:
    moved = [
        ChangedDate(Dated("6", "leadership", 2, "NPQH"), "review", date(2026, 11, 24), date(2026, 12, 1)),
        ChangedDate(Dated("6", "leadership", 2, None, "spring"), "review", date(2026, 11, 24), None),
    ]
    assert lines_about(moved) == [
        "leadership, cohort 6, NPQH, output 2: review 24 November 2026 -> 1 December 2026",
        "leadership, cohort 6, start spring, output 2: review 24 November 2026 -> none",
    ]
