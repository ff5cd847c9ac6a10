"""`npq pack dates` as somebody at a terminal meets it: a form, dates from a file, DfE's statements."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bot.cli.pack_dates.faults_by_row import faults_by_row
from core.services import dates_given
from reference.dated_outputs import DatedOutput, OutputDates, known
from reference.loading import PACKS, check_pack, load_pack
from reference.pack_writing import files_of, rows_by_line, with_rows
from reference.problems import PackProblem
from reference.schedule_edits import schedule_with
from tests.cli.conftest import NPQ, Npq, Ran
from tests.reference.undated import undated

SOURCE = "dates.csv, 16 June 2022"  # the rehearsal's day
PEOPLE = """\
participant_id,full_name,course,cohort,delivery_partner
p-1,Jane Smith,NPQLT,2026b,Northern Hub
p-2,Jane Doe,NPQLBC,2026b,Northern Hub
p-3,Omar Haddad,NPQSL,2026b,Northern Hub
p-4,Siân Llwyd,NPQSL,2026a,Northern Hub
p-5,Tom Reed,NPQSL,2026b,Northern Hub
p-6,Ivy Chen,EHCO,2026b,Northern Hub
p-7,Noah Patel,EHCO,2026b,Northern Hub
p-8,Ann Co,EHCO,2026b,Northern Hub
"""
FIRST_FORMAT = Path(__file__).parents[1] / "packs" / "edt-v18-first-format"
Write = Callable[..., Path]


@pytest.fixture
def own(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of one's own, which is in use: of cohort 2026b one review date is known."""
    folder = undated(surroundings / "own", "specialist,2026b,1,,,2026-11-20,,,,33%,as agreed,old paper")
    monkeypatch.setenv("NPQ_PACK", str(folder))
    return folder


@pytest.fixture
def peopled(own: Path, bare: Npq, surroundings: Path, sqlite_template: Path) -> Npq:
    """`npq` over some people, one of whom has withdrawn, and another has no start within the cohort yet."""
    (surroundings / "npq.db").write_bytes(sqlite_template.read_bytes())
    header, *rows = PEOPLE.splitlines()
    more = [*["active,"] * 4, "withdrawn,", "active,November", "active,npq-ehco-december", "active,"]
    people = [f"{header},training_status,schedule", *(f"{row},{rest}" for row, rest in zip(rows, more, strict=True))]
    (surroundings / "people.csv").write_text("\n".join(people), encoding="utf-8")
    ran = bare("import", "people.csv", "--json")
    assert ran.code == 0, ran.err
    return bare


@pytest.fixture
def write(surroundings: Path) -> Write:
    """Writes a CSV in the working directory; `name` may be another."""

    def made(*rows: str, name: str = "dates.csv") -> Path:
        path = surroundings / name
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return made


def schedule(pack: Path) -> list[str]:
    return (pack / "schedule.csv").read_text(encoding="utf-8").splitlines()[1:]


def dates(pack: Path, course: str, output: int = 1, start: str = "") -> OutputDates:
    return known(load_pack(str(pack)), DatedOutput("2026b", course, start, output))


# --- the form --------------------------------------------------------------------------------------------------------


def sheet(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def test_the_form_has_a_row_for_each_course_and_output_with_what_is_known(bare: Npq, own: Path) -> None:
    ran = bare("pack", "dates", "--blank", "dates.xlsx", "--cohort", "2026 b")
    assert (ran.code, ran.out) == (0, "dates.xlsx has 22 rows to fill in. Then: npq pack dates dates.xlsx\n")
    header, first, *_ = rows = sheet(own.parent / "dates.xlsx")
    assert header == (
        "course", "cohort", "start", "output", "declaration", "review_date", "cut_off", "invoice_date", "payment_date"
    )  # fmt: skip
    assert first == ("NPQLT", "2026b", None, 1, "started", datetime(2026, 11, 20), None, None, None)
    assert ("EHCO", "2026b", "december", 3, "retained-2", None, None, None, None) in rows
    page = openpyxl.load_workbook(own.parent / "dates.xlsx").active
    assert page.freeze_panes == "A2"
    assert page["H2"].number_format == "dd/mm/yyyy"  # also where it is still blank
    assert all(page.column_dimensions[letter].width >= 12 for letter in "ABCDEFGHI")


def test_a_form_by_the_name_of_a_csv_is_one_and_reads_back_without_a_change(bare: Npq, own: Path) -> None:
    assert bare("pack", "dates", "--blank", "dates.csv").code == 0
    with (own.parent / "dates.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["cohort"] for row in rows} == {"2026a", "2026b", "2027a"}
    assert rows[0].keys() >= {"course", "cohort", "start", "output", "declaration", "review_date"}
    before = schedule(own)
    ran = bare("pack", "dates", "dates.csv")
    assert (ran.code, ran.out) == (0, "Nothing changes: the pack has these dates already.\n")
    assert schedule(own) == before


def test_a_form_never_takes_the_place_of_a_file(bare: Npq, own: Path, write: Write) -> None:
    path = write("mine", name="dates.xlsx")
    assert "is there already" in bare("pack", "dates", "--blank", "dates.xlsx").sentence
    assert path.read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--blank", "dates.ods"], "unknown_ending"),
        (["--blank", "dates.xlsx", "--cohort", "2031a"], "unknown_cohort"),
        (["--blank", "nowhere/dates.xlsx"], "not_written"),
    ],
)
def test_a_form_that_cannot_be_made_says_why(bare: Npq, own: Path, arguments: list[str], code: str) -> None:
    assert bare("pack", "dates", *arguments, "--json").error["code"] == code


def test_where_nothing_is_missing_no_form_is_made(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [
        f"specialist,2027a,{number},,,{year}-01-10,{year}-02-10,{year}-02-20,{year}-03-10,,,x"
        for number, year in enumerate((2028, 2029, 2030), 1)
    ] + [
        f"leadership,2027a,{number},,,{year}-01-10,{year}-02-10,{year}-02-20,{year}-03-10,,,x"
        for number, year in enumerate((2028, 2029, 2030, 2031), 1)
    ]
    monkeypatch.setenv("NPQ_PACK", str(undated(surroundings / "full", *full)))
    ran = bare("pack", "dates", "--blank", "dates.xlsx", "--cohort", "2027a")
    assert ran.code == 0
    assert ran.out.startswith("Nothing is missing")
    assert not (surroundings / "dates.xlsx").exists()
    assert bare("pack", "dates", "--blank", "dates.xlsx", "--cohort", "2027a", "--all", "--json").json["rows"] == 7


def test_a_computed_review_date_stays_blank_so_that_it_follows_its_cut_off(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = undated(surroundings / "own", "leadership,2026b,1,,,,2026-12-25,,,,,x", review_days_before_cut_off="28")
    monkeypatch.setenv("NPQ_PACK", str(folder))
    assert dates(folder, "NPQSL").review == date(2026, 11, 27)
    assert bare("pack", "dates", "--blank", "dates.xlsx", "--cohort", "2026b").code == 0
    found = next(row for row in sheet(surroundings / "dates.xlsx") if row[0] == "NPQSL")
    assert found[5:7] == (None, datetime(2026, 12, 25))


def test_where_nothing_is_reviewed_the_form_says_so_and_takes_no_review_date(bare: Npq, own: Path) -> None:
    """The row is there for the other dates, and is not once these are known."""
    head = own / "pack.toml"
    text = head.read_text(encoding="utf-8").replace('"retained-2", "completed"]', '"retained-2"]', 1)
    saying = '[[saying]]\nkey = "not_defined"\ntext = "Nobody has said yet."\nsource = "house"\n'
    head.write_text(text + saying, encoding="utf-8")
    with (own / "schedule.csv").open("a", encoding="utf-8") as stream:
        stream.write("specialist,2027a,3,,,,2028-02-10,2028-02-20,2028-03-10,,,x\n")
    assert bare("pack", "dates", "--blank", "dates.csv").code == 0
    form = own.parent / "dates.csv"
    lines = form.read_text(encoding="utf-8-sig").splitlines()
    row = lines.index("NPQSL,2026b,,4,completed,not reviewed,,,")
    assert [line for line in lines if line.startswith("NPQLT,2027a")] == [
        "NPQLT,2027a,,1,started,,,,", "NPQLT,2027a,,2,retained-1,,,,"
    ]  # fmt: skip
    assert bare("pack", "dates", "dates.csv").out.startswith("Nothing changes")
    form.write_text(
        "\n".join([*lines[:row], lines[row].replace("not reviewed", "2028-03-01"), *lines[row + 1 :]]), "utf-8"
    )
    (problem,) = bare("pack", "dates", "dates.csv", "--json").error["problems"]
    assert (problem["row"], problem["column"]) == (row + 1, "review_date")
    assert "no criteria for output 4 of NPQSL" in problem["message"]


def test_what_is_for_a_form_alone_is_wrong_usage_with_a_file(bare: Npq, own: Path, write: Write) -> None:
    write("course,cohort,output,review", "NPQSL,2026b,1,2026-12-07")
    before = schedule(own)
    for options in (["--cohort", "2026b"], ["--all"]):
        ran = bare("pack", "dates", "dates.csv", *options)
        assert ran.code == 2
        assert f"{options[0]} is for a form: give it with --blank, or leave it out." in ran.err
    assert schedule(own) == before


# --- dates from a file -----------------------------------------------------------------------------------------------


def test_a_filled_in_form_goes_into_the_pack(bare: Npq, own: Path) -> None:
    path = own.parent / "dates.xlsx"
    assert bare("pack", "dates", "--blank", "dates.xlsx", "--cohort", "2026b").code == 0
    book = openpyxl.load_workbook(path)
    for row in book.active.iter_rows(min_row=2):
        if row[0].value in ("NPQSL", "NPQEL") and row[3].value == 1:
            row[5].value = "07/12/2026"  # as somebody types it into a cell of text
            row[6].value = date(2026, 12, 25)
    book.save(path)
    ran = bare("pack", "dates", "dates.xlsx", "--json")
    assert (ran.code, ran.json["written"], ran.json["npq_pack"]) == (0, True, None)
    assert [(c["course_group"], c["course"], c["date"], c["before"], c["after"]) for c in ran.json["changes"]] == [
        ("leadership", None, "review", None, "2026-12-07"),
        ("leadership", None, "cut_off", None, "2026-12-25"),
    ]
    assert schedule(own) == [
        "specialist,2026b,1,,,2026-11-20,,,,33%,as agreed,old paper",
        'leadership,2026b,1,,,2026-12-07,2026-12-25,,,,,"dates.xlsx, 16 June 2022"',
    ]
    assert dates(own, "NPQEL") == OutputDates(date(2026, 12, 7), date(2026, 12, 25))
    assert check_pack(str(own)) == []


SPELT = {
    "our names": ("course,cohort,output,review_date", "NPQSL,2026b,1,2026-12-07"),
    "spaces and capitals": ("Course,Cohort,Output,Review Date", "npqsl,2026 B,1,07/12/2026"),
    "a declaration for the output": ("course,cohort,declaration,review", "NPQSL,2026b,started,7/12/2026"),
    "DfE's identifier": ("course,cohort,declaration,review", "npq-npqsl,2026b,Started,7 December 2026"),
    "DfE's schedule": (
        "course,cohort,schedule,output,review date",
        "NPQSL,2026b,npq-leadership-autumn,1,07/12/2026",
    ),
    "semicolons": ("course;cohort;output;review_date", "NPQSL;2026b;1;07/12/2026"),
    "a group beside the course": ("course,group,cohort,output,review", "NPQSL,leadership,2026b,1,2026-12-07"),
}


@pytest.mark.parametrize("how", SPELT)
def test_a_row_may_be_spelt_in_many_ways(bare: Npq, own: Path, write: Write, how: str) -> None:
    write(*SPELT[how])
    ran = bare("pack", "dates", "dates.csv", "--json")
    assert ran.code == 0, ran.err
    assert dates(own, "NPQSL").review == date(2026, 12, 7)
    assert dates(own, "NPQEL").review is None


def test_a_years_number_means_its_one_cohort(bare: Npq, own: Path, write: Write) -> None:
    write("group,cohort,output,review", "specialist,2027,1,2027-05-01")
    assert bare("pack", "dates", "dates.csv").code == 0
    assert known(load_pack(str(own)), DatedOutput("2027a", "NPQLT", "", 1)).review == date(2027, 5, 1)
    write("group,cohort,output,review", "specialist,2026,1,2027-05-01")
    (problem,) = bare("pack", "dates", "dates.csv", "--json").error["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (2, "cohort", "2026")
    assert "it has 2026a, 2026b and 2027a" in problem["message"]


def test_a_start_has_dates_of_its_own(bare: Npq, own: Path, write: Write) -> None:
    write("course,cohort,start,output,review", "EHCO,2026b,December,1,2027-01-15", "EHCO,2026b,november,1,2026-12-15")
    assert bare("pack", "dates", "dates.csv").code == 0
    assert dates(own, "EHCO", start="november").review == date(2026, 12, 15)
    assert dates(own, "EHCO", start="december").review == date(2027, 1, 15)


def test_a_blank_leaves_what_is_there_and_an_empty_column_is_said(bare: Npq, own: Path, write: Write) -> None:
    write("group,cohort,output,review_date,cut_off,invoice_date", "specialist,2026b,1,,2026-12-25,")
    ran = bare("pack", "dates", "dates.csv")
    assert ran.code == 0
    assert "invoice_date is empty: nothing changes there." in ran.err
    assert dates(own, "NPQLT") == OutputDates(date(2026, 11, 20), date(2026, 12, 25))
    assert schedule(own) == [f'specialist,2026b,1,,,2026-11-20,2026-12-25,,,33%,as agreed,"old paper; {SOURCE}"']


HEADER = "course,group,cohort,start,output,declaration,review_date,cut_off,invoice_date,payment_date"
REFUSED = {
    "a course that the pack lacks": (["NPQXX,,2026b,,1,,2026-12-07,,,"], 2, "course", "it has NPQLT, NPQLBC"),
    "a group that the pack lacks": ([",heads,2026b,,1,,2026-12-07,,,"], 2, "group", "it has specialist, leadership"),
    "no course at all": ([",,2026b,,1,,2026-12-07,,,"], 2, "course", "Must not be blank"),
    "a course of another group": (["NPQSL,ehco,2026b,,1,,2026-12-07,,,"], 2, "group", "of the group leadership"),
    "a cohort that the pack lacks": (["NPQSL,,2031a,,1,,2026-12-07,,,"], 2, "cohort", "2026a, 2026b and 2027a"),
    "a course not offered there": (["NPQSENCO,,2026b,,1,,2026-12-07,,,"], 2, "course", "does not offer NPQSENCO"),
    "a group not offered there": ([",ehco,2026a,,1,,2026-12-07,,,"], 2, "group", "2026a does not offer ehco"),
    "an output that is not there": (["NPQLT,,2026b,,4,,2026-12-07,,,"], 2, "output", "it has 1, 2 and 3"),
    "a declaration that is not there": (
        ["NPQLT,,2026b,,,retained-2,2026-12-07,,,"], 2, "declaration", "started, retained-1 and completed",
    ),
    "an output and a declaration that differ": (
        ["NPQLT,,2026b,,1,retained-1,2026-12-07,,,"], 2, "declaration", "Output 1 is declared as started",
    ),
    "a start that is not there": (["EHCO,,2026b,may,1,,2026-12-07,,,"], 2, "start", "november and december"),
    "a start where there are none": (["NPQLT,,2026b,may,1,,2026-12-07,,,"], 2, "start", "leave it blank"),
    "two rows for one output": (
        ["NPQSL,,2026b,,1,,2026-12-07,,,", "NPQSL,,2026b,,,started,,2026-12-25,,"], 3, None, "Row 2 is about NPQSL",
    ),
    "a group and a course of it": (
        [",leadership,2026b,,1,,2026-12-07,,,", "npq-npqel,,2026b,,1,,,2026-12-25,,"], 3, None, "Row 2 is about NPQEL",
    ),
    "a cohort and one of its starts": (
        ["EHCO,,2026b,,1,,2026-12-07,,,", "EHCO,,2026b,december,1,,2026-12-09,,,"], 3, None, "EHCO, 2026b, december",
    ),
    "a date before the cohort starts": (
        ["NPQSL,,2026b,,1,,2026-10-07,,,"], 2, "review_date", "before 2026b starts, on 1 November 2026",
    ),
    "a date before the start within the cohort": (
        ["EHCO,,2026b,december,1,,2026-11-07,,,"], 2, "review_date",
        "It lies before the december start of 2026b, on 1 December 2026",
    ),
    "a date before one of the starts of a group": (
        ["EHCO,,2026b,,1,,2026-11-07,,,"], 2, "review_date",
        "It lies before the december start of 2026b, on 1 December 2026",
    ),
    "a declaration in place of an output": (
        ["NPQLT,,2026b,,Started,,2026-12-07,,,"], 2, "output", "put it in the column declaration",
    ),
    "an output in place of a declaration": (
        ["NPQLT,,2026b,,,2,2026-12-07,,,"], 2, "declaration", "put it in the column output",
    ),
    "a month that comes first": (["NPQSL,,2026b,,1,,12/25/2026,,,"], 2, "review_date", "25/12/2026 or 2026-12-25"),
    "a day that does not exist": (["NPQSL,,2026b,,1,,31/11/2026,,,"], 2, "review_date", "There is no such day"),
    "a word in place of a date": (["NPQSL,,2026b,,1,,TBC,,,"], 2, "review_date", "leave the cell blank"),
    "a year mistyped": (["NPQSL,,2026b,,1,,2926-12-07,,,"], 2, "review_date", "cannot be meant"),
    "a review after the cut-off": (["NPQSL,,2026b,,1,,2026-12-26,2026-12-25,,"], 2, "cut_off", "on or before"),
    "a cut-off after the payment": (["NPQSL,,2026b,,1,,,2027-01-26,,2027-01-25"], 2, "payment_date", "on or before"),
    "a review after the invoice": (["NPQSL,,2026b,,1,,2026-12-26,,2026-12-25,"], 2, "invoice_date", "on or before"),
    "an invoice after the payment": (["NPQSL,,2026b,,1,,,,2027-01-26,2027-01-25"], 2, "payment_date", "on or before"),
    "a cut-off before the review that is known": (
        ["NPQLT,,2026b,,1,,,2026-11-19,,"], 2, "cut_off", "The review date, 20 November 2026",
    ),
    "a review before the one of the output before": (
        ["NPQLT,,2026b,,2,,2026-11-20,,,"], 2, "review_date", "review date of output 1, 20 November 2026",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_wrong_is_told_with_its_row_and_what_would_be_right(
    bare: Npq, own: Path, write: Write, why: str
) -> None:
    rows, row, column, said = REFUSED[why]
    write(HEADER, *rows)
    before = schedule(own)
    ran = bare("pack", "dates", "dates.csv", "--json")
    assert ran.error["code"] == "dates_refused"
    (problem,) = ran.error["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("dates.csv", row, column)
    assert said in problem["message"]
    assert schedule(own) == before


def test_all_faults_are_told_at_once_and_nothing_is_written(bare: Npq, own: Path, write: Write) -> None:
    write(
        HEADER,
        "NPQXX,,2031a,,1,,12/25/2026,,,",
        "NPQSL,,2026b,,1,,2026-12-26,2026-12-25,,",
        "NPQEL,,2026b,,1,,2026-10-01,TBC,,",
        "NPQLT,,2026b,,2,,2027-03-01,,,",
    )
    before = schedule(own)
    ran = bare("pack", "dates", "dates.csv")
    assert (ran.code, ran.out) == (1, "")
    told = ran.err.splitlines()
    assert [line.split(": ")[0] for line in told[:-1]] == [
        "dates.csv, row 2, cohort",
        "dates.csv, row 2, course",
        "dates.csv, row 2, review_date",
        "dates.csv, row 3, cut_off",
        "dates.csv, row 4, cut_off",
        "dates.csv, row 4, review_date",
    ]
    assert told[-1] == "Nothing was changed."
    assert schedule(own) == before


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["name,colour", "x,blue"], "no column that is known here"),
        (["course,cohort,review_date", "NPQSL,2026b,2026-12-07"], "it needs course (or group), cohort, output"),
        (["course,cohort,output", "NPQSL,2026b,1"], "and one of review_date, cut_off"),
        (["course,cohort,output,review,review_date", "NPQSL,2026b,1,,"], "review_date more than once"),
        (["course,cohort,output,reveiw_date,cut_off", "NPQSL,2026b,1,,2026-12-07"], "(is review_date meant?)"),
        (["course,cohort,output,review_day", "NPQSL,2026b,1,2026-12-07"], "“review_day” (is review_date meant?)"),
        (["course,cohort,outputs,cut_of", "NPQSL,2026b,1,2026-12-07"], "(is output meant?) and “cut_of” (is cut_off"),
        (["course,cohort,output,review_date", "NPQSL,2026b,1,"], "It has no date: fill in at least one"),
        (["course,cohort,output,review_date"], "It has no date"),
        ([""], "It is empty"),
    ],
)
def test_a_file_that_says_nothing_is_refused(
    bare: Npq, own: Path, write: Write, rows: Sequence[str], said: str
) -> None:
    write(*rows)
    (problem,) = bare("pack", "dates", "dates.csv", "--json").error["problems"]
    assert said in problem["message"]


def test_a_column_that_is_none_of_ours_is_ignored_and_said(bare: Npq, own: Path, write: Write) -> None:
    write("course,cohort,output,review_date,reviewer,cohort_id,comment", "NPQSL,2026b,1,2026-12-07,Ann,5,x")
    ran = bare("pack", "dates", "dates.csv")
    assert ran.code == 0
    assert "3 further columns ignored: reviewer, cohort_id, comment." in ran.err


def test_a_month_that_comes_first_is_one_sentence(bare: Npq, own: Path, write: Write) -> None:
    write("course,cohort,output,review_date", "NPQLT,2026b,1,12/25/2026", "NPQSL,2026b,1,07/12/2026")
    (problem,) = bare("pack", "dates", "dates.csv", "--json").error["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (2, "review_date", "12/25/2026")
    assert "as 12/25/2026 in row 2 shows" in problem["message"]


def test_every_start_that_a_date_lies_before_is_named(bare: Npq, own: Path, write: Write) -> None:
    write("course,cohort,output,review_date", "EHCO,2026b,1,2026-10-07")
    november, december = bare("pack", "dates", "dates.csv").err.splitlines()[:2]
    assert "before the november start of 2026b, on 1 November 2026" in november
    assert "before the december start of 2026b, on 1 December 2026" in december


def test_what_the_checked_pack_has_wrong_is_told_at_the_rows_it_comes_from(own: Path, write: Write) -> None:
    write("course,cohort,output,review_date", "NPQSL,2026b,1,2026-12-07", "NPQEL,2026b,1,2026-12-07")
    used = load_pack(str(own))
    read = dates_given.dates_in_file(own.parent / "dates.csv", used, date(2026, 11, 30))
    rows = schedule_with(used, read.given, SOURCE)
    by_line = rows_by_line(with_rows(files_of(own, used), used, rows), rows)
    wrong = [
        PackProblem("schedule.csv", "one thing is wrong (the other date is in line 2)", 3),
        PackProblem("pack.toml", "another thing is (the first is in schedule.csv, line 3)", 50, "output leadership 1"),
    ]
    found = faults_by_row(used, read, by_line, wrong)
    assert [(Path(one.file).name, one.row) for one in found] == [("dates.csv", 2), ("dates.csv", 3)] * 2
    sound, more = "With this row the pack would not be sound", "; mend the row, or leave it out."
    assert found[0].message == f"{sound}: one thing is wrong{more}"
    assert found[2].message == f"{sound}: output leadership 1: another thing is{more}"
    assert faults_by_row(used, read, by_line, [PackProblem("schedule.csv", "it was so before", 2)]) == []


def test_a_date_that_only_the_pack_knows_to_be_wrong_is_not_written(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    """Where dates may not fall on one day, that is so for what the pack has as well."""
    folder = undated(surroundings / "own", "leadership,2026b,1,,,2026-12-07,,,,,,x", dates_differ="true")
    monkeypatch.setenv("NPQ_PACK", str(folder))
    write("course,cohort,output,cut_off", "NPQSL,2026b,1,2026-12-07")
    (problem,) = bare("pack", "dates", "dates.csv", "--json").error["problems"]
    assert "must be before the cut-off" in problem["message"]


# --- what changes for whom -------------------------------------------------------------------------------------------


def test_what_changes_for_whom_is_shown_before_it_is_written(peopled: Npq, own: Path, write: Write) -> None:
    write(
        "group,cohort,output,review,cut_off",
        "specialist,2026b,1,2026-11-27,2026-12-25",
        "leadership,2026b,1,2026-12-07,",
    )
    before = schedule(own)
    ran = peopled("pack", "dates", "dates.csv", "--dry-run", "--json")
    assert (ran.json["written"], schedule(own)) == (False, before)
    assert [{k: v for k, v in one.items() if k != "computed"} for one in ran.json["changes"]] == [
        {
            "course_group": group, "course": None, "cohort": "2026b", "start": None, "output": 1, "date": which,
            "before": was, "after": will_be, "participants": people,
        }
        for group, which, was, will_be, people in (
            ("specialist", "review", "2026-11-20", "2026-11-27", 2),
            ("specialist", "cut_off", None, "2026-12-25", 2),
            ("leadership", "review", None, "2026-12-07", 1),
        )
    ]  # fmt: skip
    told = peopled("pack", "dates", "dates.csv")
    assert "2026-11-20" in told.out
    assert "2026-11-27" in told.out
    assert "1 person of leadership, 2026b, gets reminders of Output 1 from 9 November 2026 on" in told.out
    assert told.out.splitlines()[-1] == f"Written to {own}."
    assert dates(own, "NPQSL").review == date(2026, 12, 7)


def test_a_start_is_for_those_whose_start_it_is(peopled: Npq, own: Path, write: Write) -> None:
    rows = ("EHCO,2026b,december,1,2027-01-15", "EHCO,2026b,,2,2027-06-15")
    write("course,cohort,start,output,review", *rows)
    changes = peopled("pack", "dates", "dates.csv", "--json").json["changes"]
    assert [(one["start"], one["output"], one["participants"]) for one in changes] == [
        ("november", 2, 1),
        ("december", 1, 1),
        ("december", 2, 1),
    ]


def test_a_first_reminder_names_the_start_and_no_day_that_has_passed(
    peopled: Npq, own: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPQ_NOW", "2026-11-30T10:00:00+00:00")
    rows = ("NPQSL,2026b,,1,2026-11-29", "EHCO,2026b,december,1,2026-12-07", "EHCO,2026b,december,2,2027-12-07")
    write("course,cohort,start,output,review", *rows)
    told = peopled("pack", "dates", "dates.csv", "--dry-run").out
    assert "1 person of ehco, 2026b, december, gets reminders of Output 1 from the next morning on" in told
    assert "1 person of ehco, 2026b, december, gets reminders of Output 2 from 9 November 2027 on" in told
    assert "leadership, 2026b, gets" not in told  # its review date is past
    assert "NPQSL, 2026b, gets" not in told


def test_whoever_came_back_into_another_cohort_counts_there(peopled: Npq, own: Path, write: Write) -> None:
    assert peopled("defer", "p-4", "--from", "2022-03-01", "--until", "2022-07-01", "--reason", "other").code == 0
    ran = peopled("resume", "p-4", "--cohort", "2026b")
    assert ran.code == 0, ran.err
    write("course,cohort,output,review", "NPQSL,2026b,1,2026-12-07")
    (change,) = peopled("pack", "dates", "dates.csv", "--json").json["changes"]
    assert change["participants"] == 2


def test_without_a_database_the_dates_are_written_all_the_same(bare: Npq, own: Path, write: Write) -> None:
    write("group,cohort,output,review", "leadership,2026b,1,2026-12-07")
    ran = bare("pack", "dates", "dates.csv", "--json")
    assert ran.json["written"]
    assert [one["participants"] for one in ran.json["changes"]] == [None]
    assert any("npq doctor" in note for note in ran.json["notes"])


def test_an_import_ends_with_the_cohorts_that_have_no_review_dates(
    peopled: Npq, own: Path, write: Write, surroundings: Path
) -> None:
    whose = ("2026a", "leadership, 2026b (1 person)", "ehco, 2026b (3 people)")
    hints = [f"no review dates for {one}: npq pack dates --blank dates.xlsx" for one in whose]
    ran = peopled("import", "people.csv", "--json")
    assert (ran.code, ran.json["hints"]) == (0, hints)
    assert peopled("import", "people.csv").err.splitlines()[-3:] == hints
    assert peopled("import", "people.csv", "--dry-run", "--json").json["hints"] == []
    write("group,cohort,output,review", "leadership,2026b,1,2026-12-07", "ehco,2026b,1,2026-12-07")
    assert peopled("pack", "dates", "dates.csv").code == 0
    assert peopled("import", "people.csv", "--json").json["hints"] == hints[:1]


def test_whoever_only_lacks_a_start_does_not_lack_review_dates(peopled: Npq, own: Path, write: Write) -> None:
    def of_ehco() -> list[str]:
        hints: list[str] = peopled("import", "people.csv", "--json").json["hints"]
        return [hint.removesuffix(": npq pack dates --blank dates.xlsx") for hint in hints if "ehco" in hint]

    header = "group,cohort,start,output,review"
    write(header, "ehco,2026b,november,1,2026-12-07")
    assert peopled("pack", "dates", "dates.csv").code == 0
    assert of_ehco() == ["no review dates for ehco, 2026b, december (1 person)"]
    write(header, "ehco,2026b,december,1,2026-12-09")
    assert peopled("pack", "dates", "dates.csv").code == 0
    assert of_ehco() == []


# --- where it is written ---------------------------------------------------------------------------------------------

E18 = ("group,cohort,output,cut_off", "specialist,4,1,2023-03-20")


def test_a_shipped_pack_is_only_copied(bare: Npq, surroundings: Path, write: Write) -> None:
    write(*E18)
    shipped = {path.name: path.read_bytes() for path in (PACKS / "edt-v18").iterdir() if path.is_file()}
    ran = bare("pack", "dates", "dates.csv", "--json")
    assert ran.error["code"] == "shipped_pack"
    assert "--to FOLDER" in ran.error["message"]
    assert bare("pack", "dates", "dates.csv", "--dry-run").code == 0
    ran = bare("pack", "dates", "dates.csv", "--to", "our packs/ours")
    assert ran.code == 0, ran.err
    made = surroundings / "our packs" / "ours"
    assert f"NPQ_PACK={made}" in ran.out.splitlines()
    assert "web process, the worker and the console" in ran.out
    pack = load_pack(str(made))
    assert pack.name == "ours"
    assert known(pack, DatedOutput("4", "NPQLTD", "", 1)).cut_off == date(2023, 3, 20)
    assert {path.name: path.read_bytes() for path in (PACKS / "edt-v18").iterdir() if path.is_file()} == shipped
    assert sorted(path.name for path in made.parent.iterdir()) == ["ours"]  # nothing is left over


@pytest.mark.parametrize(
    ("to", "code"),
    [("taken", "folder_not_empty"), ("edt-v18", "same_name"), (str(PACKS / "ours"), "shipped_pack")],
)
def test_a_copy_goes_where_nothing_is(bare: Npq, surroundings: Path, write: Write, to: str, code: str) -> None:
    write(*E18)
    (surroundings / "taken").mkdir()
    (surroundings / "taken" / "mine").touch()
    assert bare("pack", "dates", "dates.csv", "--to", to, "--json").error["code"] == code
    assert not (PACKS / "ours").exists()


def test_a_copy_of_ones_own_pack_leaves_that_alone(bare: Npq, own: Path, write: Write) -> None:
    before = schedule(own)
    write("group,cohort,output,review", "leadership,2026b,1,2026-12-07")
    (own.parent / "next").mkdir()  # empty
    ran = bare("pack", "dates", "dates.csv", "--to", "next", "--json")
    assert ran.json["npq_pack"] == str(own.parent / "next")
    assert schedule(own) == before
    assert dates(own.parent / "next", "NPQSL").review == date(2026, 12, 7)


def test_a_folder_that_cannot_be_written_is_one_sentence(
    bare: Npq, own: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("group,cohort,output,review", "leadership,2026b,1,2026-12-07")
    before = schedule(own)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reference.pack_writing.os.replace", full)
    ran = bare("pack", "dates", "dates.csv", "--json")
    assert ran.error["code"] == "not_written"
    assert "No space left on device" in ran.error["message"]
    assert schedule(own) == before
    assert sorted(path.name for path in own.iterdir()) == sorted(
        ["pack.toml", "schedule.csv", "blocks.csv", "activities.csv"]
    )


def test_a_pack_that_is_edited_meanwhile_is_left_alone(
    bare: Npq, own: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("group,cohort,output,review", "leadership,2026b,1,2026-12-07")
    more = "specialist,2026b,2,,,2027-03-01,,,,,,by hand\n"

    def edited(*_: object) -> tuple[dict[tuple[str, str], int], list[str]]:
        with (own / "schedule.csv").open("a", encoding="utf-8") as stream:
            stream.write(more)
        return {}, []

    monkeypatch.setattr("bot.cli.pack_dates.dates_command.people_there", edited)
    assert bare("pack", "dates", "dates.csv", "--json").error["code"] == "pack_changed"
    assert (own / "schedule.csv").read_text(encoding="utf-8").endswith(more)


def test_a_pack_of_the_first_format_gets_the_columns_that_it_needs(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    folder = surroundings / "old"
    shutil.copytree(FIRST_FORMAT, folder)
    monkeypatch.setenv("NPQ_PACK", str(folder))
    write("course,cohort,output,review", "NPQLTD,4,1,2023-03-10")
    ran = bare("pack", "dates", "dates.csv")
    assert ran.code == 0, ran.err
    text = (folder / "schedule.csv").read_text(encoding="utf-8").splitlines()
    assert text[0] == "group,cohort,output,course,review,invoice,payment,price_share,payment_printed,note,source"
    assert f'specialist,4,1,NPQLTD,2023-03-10,,,,,,"{SOURCE}"' in text
    assert load_pack(str(folder)).schedule["specialist", "4", 1][0].review == date(2023, 3, 9)


# --- DfE's statements ------------------------------------------------------------------------------------------------


def statement(month: str, year: str, cut_off: str | None, payment: str | None, cohort: str = "2026") -> dict[str, Any]:
    """As DfE's API answers it."""
    attributes = {
        "month": month, "year": year, "cohort": cohort, "cut_off_date": cut_off, "payment_date": payment, "paid": False,
        "created_at": "2026-05-31T02:22:32.000Z", "updated_at": "2026-05-31T02:22:32.000Z",
    }  # fmt: skip
    return {"id": "d0b4a32e-a272-489e-b30a-cb17131457fc", "type": "statement", "attributes": attributes}


STATEMENTS = [
    statement("January", "2027", "2026-12-25", "2027-01-25"),
    statement("June", "2027", "2027-05-25", "2027-06-25"),
    statement("July", "2026", "2026-06-25", "2026-07-25"),  # before 2026b begins
    statement("March", "2028", None, None),
    statement("May", "2022", "2022-04-30", "2022-05-25", cohort="2021"),
]


@pytest.fixture
def statements(surroundings: Path) -> str:
    (surroundings / "statements.json").write_text(json.dumps({"data": STATEMENTS}), encoding="utf-8")
    return "statements.json"


@pytest.fixture
def one_cohort(own: Path) -> Path:
    """Only three outputs of one cohort of 2026 have no cut-off yet."""
    with (own / "schedule.csv").open("a", encoding="utf-8") as stream:
        for group, count in (("specialist", 3), ("leadership", 4), ("ehco", 4)):
            for cohort, year in (("2026a", 2026), ("2026b", 2027)):
                for number in range(1, count + 1):
                    offered = (group, cohort) not in (("ehco", "2026a"), ("specialist", "2026b"))
                    if offered:
                        stream.write(f"{group},{cohort},{number},,,,{year + number}-06-01,,,,,x\n")
    return own


def test_what_the_statements_mean_is_asked_and_never_guessed(bare: Npq, one_cohort: Path, statements: str) -> None:
    before = schedule(one_cohort)
    ran = bare("pack", "dates", statements, "--json")
    assert ran.error["code"] == "question_open"
    assert [(one["key"], one["choices"]) for one in ran.error["questions"]] == [
        (f"2026b/specialist/{number}", ["2027-01", "2027-06", "none"]) for number in (1, 2, 3)
    ]
    assert ran.error["questions"][1]["question"] == (
        "Which statement is the cut-off of Output 2 (retained-1) of specialist, 2026b?"
    )
    assert "--answer KEY=VALUE" in bare("pack", "dates", statements).sentence
    assert schedule(one_cohort) == before


def test_with_every_answer_they_go_into_the_pack(bare: Npq, one_cohort: Path, statements: str) -> None:
    answers = [f"--answer=2026b/specialist/{n}={month}" for n, month in ((1, "2027-01"), (2, "2027-06"), (3, "none"))]
    ran = bare("pack", "dates", statements, *answers[:2], "--json")
    assert [one["key"] for one in ran.error["questions"]] == ["2026b/specialist/3"]
    ran = bare("pack", "dates", statements, *answers)
    assert ran.code == 0, ran.err
    assert "Not known yet: the cut-off of 2026b/specialist/3." in ran.err
    assert dates(one_cohort, "NPQLT") == OutputDates(date(2026, 11, 20), date(2026, 12, 25), payment=date(2027, 1, 25))
    assert dates(one_cohort, "NPQLBC", 2) == OutputDates(None, date(2027, 5, 25), payment=date(2027, 6, 25))
    assert dates(one_cohort, "NPQLT", 3) == OutputDates()


def test_starts_are_asked_about_one_by_one(bare: Npq, own: Path, statements: str) -> None:
    asked = bare("pack", "dates", statements, "--json").error["questions"]
    assert {one["key"] for one in asked} >= {"2026b/ehco/november/1", "2026b/ehco/december/1", "2026a/leadership/4"}
    assert not [one for one in asked if one["key"].startswith("2027a")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("2026b/specialist/9=2027-01", "Nothing is asked as “2026b/specialist/9”"),
        ("2026b/specialist/1=2026-07", "give 2027-01, 2027-06 or none"),
        ("2026b/specialist/1=soon", "is no answer"),
    ],
)
def test_an_answer_to_nothing_is_refused(bare: Npq, one_cohort: Path, statements: str, answer: str, said: str) -> None:
    error = bare("pack", "dates", statements, "--answer", answer, "--json").error
    assert error["code"] == "unknown_answer"
    assert said in error["message"]


def test_answers_that_pass_each_other_are_refused(bare: Npq, one_cohort: Path, statements: str) -> None:
    """Its review date is known to be after the cut-off that was answered."""
    schedule_file = one_cohort / "schedule.csv"
    text = schedule_file.read_text(encoding="utf-8").replace("2026-11-20", "2026-12-28")
    schedule_file.write_text(text, encoding="utf-8")
    answers = [f"--answer=2026b/specialist/{n}={month}" for n, month in ((1, "2027-01"), (2, "none"), (3, "none"))]
    (problem,) = bare("pack", "dates", statements, *answers, "--json").error["problems"]
    assert (problem["column"], problem["value"]) == ("2026b/specialist/1", "2027-01")
    assert "The review date, 28 December 2026, must be on or before the cut-off" in problem["message"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "not whole"),
        ("{}", "no “data” with statements"),
        ('{"data": []}', "no statement with a cut-off date"),
        ('{"data": [{"id": "x", "type": "participant", "attributes": {}}]}', "It is no statement"),
        ('{"data": [5]}', "It is no statement"),
        (json.dumps([statement("Juneuary", "2027", "2026-12-25", None)]), "the month as a word"),
        (json.dumps([statement("June", "27", "2026-12-25", None)]), "the year with four digits"),
        (json.dumps([statement("June", "2027", "25 soon", None)]), "a date such as 2026-12-25"),
        (json.dumps([statement("June", "2027", "2027-05-25", None, cohort="2019")]), "the cohorts of 2019"),
        (
            json.dumps([statement("June", "2027", "2027-05-25", None), statement("June", "2027", "2027-05-26", None)]),
            "two statements of 2027-06",
        ),
    ],
)
def test_a_json_that_is_no_list_of_statements_says_so(
    bare: Npq, own: Path, surroundings: Path, document: str, said: str
) -> None:
    (surroundings / "x.json").write_text(document, encoding="utf-8")
    error = bare("pack", "dates", "x.json", "--json").error
    assert error["code"] == "dates_refused"
    assert said in error["problems"][0]["message"]


# --- at a terminal ---------------------------------------------------------------------------------------------------


def at_a_terminal(folder: Path, typed: str, *arguments: str) -> Ran:
    """Runs `npq pack dates …` in a terminal in which this is typed."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [NPQ, "pack", "dates", *arguments],
            cwd=folder,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        ) as process:
            os.write(ours, typed.encode())
            out, _ = process.communicate(timeout=120)
            os.set_blocking(ours, False)
            return Ran(process.returncode, out, os.read(ours, 1_000_000).decode())
    finally:
        os.close(ours)
        os.close(theirs)


def test_at_a_terminal_it_asks_before_it_writes(bare: Npq, own: Path, write: Write) -> None:
    write("group,cohort,output,review", "leadership,2026b,1,2026-12-07")
    before = schedule(own)
    ran = at_a_terminal(own.parent, "n\n", "dates.csv")
    assert (ran.code, schedule(own)) == (0, before)
    assert "Write this?" in ran.err
    assert ran.out.splitlines()[-1] == "Nothing was written."
    assert "Write this?" not in at_a_terminal(own.parent, "", "dates.csv", "--yes").err
    assert dates(own, "NPQSL").review == date(2026, 12, 7)


@pytest.mark.parametrize("columns", [30, 60, 70, 80, 120])
def test_no_date_is_cut_however_narrow_the_window(
    bare: Npq, own: Path, write: Write, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    write("course,cohort,start,output,review", "EHCO,2026b,december,1,2026-12-07", "NPQLT,2026b,,1,2026-11-21")
    ran = bare("pack", "dates", "dates.csv", "--dry-run")
    assert ran.code == 0
    for day in ("2026-12-07", "2026-11-20", "2026-11-21"):
        assert day in ran.out
    assert "…" not in ran.out


def test_at_a_terminal_the_statements_are_asked_about(bare: Npq, one_cohort: Path, statements: str) -> None:
    ran = at_a_terminal(one_cohort.parent, "1\n2\n3\ny\n", statements)
    assert ran.code == 0, ran.err
    assert "Which statement is the cut-off of Output 1 (started) of specialist, 2026b?" in ran.err
    assert "January 2027: cut-off 25 December 2026, paid on 25 January 2027" in ran.err
    assert "not known yet" in ran.err
    assert dates(one_cohort, "NPQLT", 2).cut_off == date(2027, 5, 25)
    assert dates(one_cohort, "NPQLT", 3).cut_off is None
