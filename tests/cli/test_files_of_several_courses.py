"""Files about somebody on several courses: each course has its own facts, also where their keys are alike."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Npq
from tests.cli.test_several_courses import BESIDE, COACHED, HEAD, HEADER, courses, write

PEOPLE = HEADER + HEAD + COACHED + BESIDE
ON = "participant_id,course,"


@pytest.fixture
def both(npq: Npq, surroundings: Path) -> Npq:
    """Nia (h-1) takes NPQH and EHCO, Max (h-2) NPQSL alone."""
    npq("import", write(surroundings, "both.csv", PEOPLE), "--json")
    return npq


def stored(folder: Path, kind: str, column: str) -> list[tuple[str, str]]:
    found = sqlite3.connect(folder / "npq.db").execute(
        f"SELECT course, {column} FROM {kind} JOIN enrolments ON enrolments.id = enrolment_id "
        "WHERE participant_id = 'h-1' ORDER BY 1, 2"
    )
    return found.fetchall()


ALIKE = [
    # kind, header, a row of each course: all but the course is the same key
    ("engagement_report", ON + "run_on,percent_complete\n", "h-1,{},2021-12-01,{}\n"),
    ("declaration_report", ON + "period_start,period_end,credits\n", "h-1,{},2021-12-01,2021-12-05,{}\n"),
    ("declarations", ON + "output,declared_on,evidence_cutoff\n", "h-1,{},1,2021-12-06,2021-12-0{}\n"),
    ("assessments", ON + "try,result,submitted_on\n", "h-1,{},1,passed,2021-12-0{}\n"),
    ("register", ON + "event_id,event_type,event_date,marked_on,status\n", "h-1,{},e-9,f2f,2021-12-01,2021-12-0{},attended\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "header", "row"), ALIKE)
def test_each_course_has_its_own_row_and_keeps_it_the_next_night(
    both: Npq, surroundings: Path, kind: str, header: str, row: str
) -> None:
    text = header + row.format("NPQH", 5) + row.format("npq-early-headship-coaching-offer", 3)
    first = both("import", write(surroundings, "first.csv", text), "--json").json
    assert [(file["added"], file["skipped"]) for file in first["files"]] == [(2, 0)]
    again = both("import", write(surroundings, "again.csv", text.replace("2021-12-03", "2021-12-04")), "--json").json
    changed = "2021-12-03" in text
    assert [(file["changed"], file["unchanged"]) for file in again["files"]] == [(int(changed), 2 - int(changed))]


@pytest.mark.parametrize(("kind", "header", "row"), ALIKE)
def test_a_key_twice_on_one_course_is_refused_however_the_course_is_told(
    both: Npq, surroundings: Path, kind: str, header: str, row: str
) -> None:
    both("import", write(surroundings, "first.csv", header + row.format("NPQH", 5)))
    text = header + row.format("NPQH", 5) + row.format("", 5)  # what is stored stays where it is: on NPQH
    problems = both("import", write(surroundings, "twice.csv", text), "--json").json["problems"]
    assert [(one["row"], one["message"].split(":")[-1]) for one in problems] == [(3, " keep one of the two.")]


def test_a_second_live_declaration_is_one_of_the_same_course(both: Npq, surroundings: Path) -> None:
    text = ON + "output,declared_on\nh-1,NPQH,1,2021-12-01\nh-1,EHCO,1,2021-12-02\nh-1,EHCO,1,2021-12-03\n"
    problems = both("import", write(surroundings, "declared.csv", text), "--json").json["problems"]
    assert [(one["row"], one["message"][:43]) for one in problems] == [
        (4, "Output 1 is already declared on 2021-12-02:")
    ]


def test_an_event_moves_with_all_its_lines_on_both_courses(both: Npq, surroundings: Path) -> None:
    header = "event_id,event_type,event_date,participant_id,course,status\n"
    lines = "e-9,f2f,{0},h-1,NPQH,attended\n", "e-9,f2f,{0},h-1,EHCO,attended\n"
    both("import", write(surroundings, "first.csv", header + "".join(lines).format("2021-12-01")))
    half = both("import", write(surroundings, "half.csv", header + lines[0].format("2021-12-02")), "--json").json
    assert "all 2 stored rows" in half["problems"][0]["message"]
    both("import", write(surroundings, "whole.csv", header + "".join(lines).format("2021-12-02")), "--json")
    assert stored(surroundings, "register", "event_date") == [("EHCO", "2021-12-02"), ("NPQH", "2021-12-02")]


PLAN = "event_id,delivery_partner,event_type,event_date,course,title\n"
PLANNED = [
    # the plan's course and title; who is on its register and with which course; what becomes of the row
    ("NPQH,Day 1", "h-1,", "NPQH"),
    (",NPQH day 1", "h-1,", "NPQH"),
    (",NPQH and EHCO day 1", "h-1,", "say in a column “course” which one"),
    ("NPQSL,Day 1", "h-1,NPQH", "The event e-9 is planned for NPQSL, and this row is about NPQH: correct"),
    ("NPQH,Day 1", "h-2,", "The event e-9 is planned for NPQH, and this row is about NPQSL: please check"),
]


@pytest.mark.parametrize(("plan", "who", "outcome"), PLANNED)
def test_a_register_is_of_the_course_that_its_session_is_planned_for(
    both: Npq, surroundings: Path, plan: str, who: str, outcome: str
) -> None:
    sessions = PLAN + f"e-9,Northern Hub,f2f,2021-12-01,{plan}\n"
    register = f"event_id,event_type,event_date,participant_id,course,status\ne-9,f2f,2021-12-01,{who},attended\n"
    both("import", write(surroundings, "sessions.csv", sessions))
    ran = both("import", write(surroundings, "register.csv", register), "--json")
    if " " in outcome:
        assert outcome in str(ran.json)
        assert ran.code == (0 if "please" in outcome else 1)
    else:
        assert stored(surroundings, "register", "status") == [(outcome, "attended")]


def test_nightly_files_change_one_enrolment_and_leave_the_other(both: Npq, surroundings: Path) -> None:
    moved = PEOPLE.replace("Southern Hub", "Western Hub")
    ran = both("import", write(surroundings, "night.csv", moved), "--json").json
    assert [(file["changed"], file["unchanged"]) for file in ran["files"]] == [(1, 2)]
    documents = both("status", "h-1", "--json").json["enrolments"]
    assert [one["participant"]["delivery_partner"] for one in documents] == ["Northern Hub", "Western Hub"]


def test_a_blank_cell_of_a_further_course_leaves_what_is_known_of_the_person(both: Npq, surroundings: Path) -> None:
    further = HEADER + HEAD + COACHED + "h-1,,NPQSL,1,Northern Hub,,accepted,active\n"
    assert both("import", write(surroundings, "further.csv", further)).code == 0
    assert courses(both, "h-1") == [("NPQH", "1"), ("EHCO", "1"), ("NPQSL", "1")]
    documents = both("status", "h-1", "--json").json["enrolments"]
    assert {one["participant"]["name"] for one in documents} == {"Nia Bevan"}
    scant = HEADER + HEAD.replace(",1,", ",,") + COACHED
    assert both("import", write(surroundings, "scant.csv", scant)).code == 0
    assert courses(both, "h-1")[0] == ("NPQH", "1")


def test_a_trn_is_its_holders_on_each_of_their_courses(npq: Npq, surroundings: Path) -> None:
    header = "participant_id,full_name,trn,course,cohort,delivery_partner,application_status,training_status\n"
    nia = "".join(
        f"h-1,Nia Bevan,1234567,{course},1,Northern Hub,accepted,active\n" for course in ("NPQH", "EHCO", "NPQSL")
    )
    max_ = "h-2,Max Roe,1234567,NPQH,1,Northern Hub,accepted,active\n"
    npq("import", write(surroundings, "first.csv", header + nia))
    ran = npq("import", write(surroundings, "second.csv", header + nia + max_), "--json").json
    assert [one["column"] for one in ran["problems"]] == ["trn"]


def test_a_return_begins_in_the_new_cohort_and_keeps_what_was_declared(both: Npq, surroundings: Path) -> None:
    both("import", write(surroundings, "declared.csv", "participant_id,output,declared_on\nh-2,1,2021-12-20\n"))
    gone = BESIDE.replace(",active", ",withdrawn")
    both("import", write(surroundings, "gone.csv", HEADER + gone))
    ran = both("import", write(surroundings, "still.csv", HEADER + gone.replace(",1,", ",3,")), "--json").json
    assert "is withdrawn, from cohort 1" in ran["problems"][0]["message"]
    without = (HEADER + BESIDE.replace(",1,", ",3,")).replace(",training_status", "").replace(",active", "")
    ran = both("import", write(surroundings, "back.csv", without), "--json").json
    assert "h-2 returns to NPQSL, in cohort 3." in str(ran["files"][0]["warnings"])
    for name in ("back.csv", "late.csv"):  # the next night, and a late row of the older cohort: nothing goes to and fro
        write(surroundings, "late.csv", HEADER + BESIDE)
        assert both("import", name).code == 0
        found = both("status", "h-2", "--json").json
        assert (found["participant"]["cohort"], found["participant"]["training_status"]) == ("3", "active")
        assert [one["review_date"] for one in found["outputs"][:2]] == ["2021-12-13", "2023-06-22"]


def test_exports_of_two_courses_in_one_call_are_both_taken(npq: Npq, surroundings: Path) -> None:
    files = write(surroundings, "head.csv", HEADER + HEAD), write(surroundings, "coached.csv", HEADER + COACHED)
    assert npq("import", *files).code == 0
    assert courses(npq, "h-1") == [("NPQH", "1"), ("EHCO", "1")]


def test_a_move_tells_what_does_not_go_with_it(both: Npq, surroundings: Path) -> None:
    sessions = PLAN + "e-9,Northern Hub,f2f,2021-12-01,NPQLT,Day 1\n"
    register = "event_id,event_type,event_date,participant_id,status\ne-9,f2f,2021-12-01,h-3,attended\n"
    videos = "participant_id,block,percent_viewed,viewed_on\nh-3,5,95,2021-12-02\n"
    third = HEADER + BESIDE.replace("h-2", "h-3").replace("NPQSL", "NPQLT")
    names = ("third.csv", third), ("sessions.csv", sessions), ("register.csv", register), ("videos.csv", videos)
    assert both("import", *(write(surroundings, *one) for one in names)).code == 0
    moved = both("move", "h-3", "--to", "NPQSL", "--json").json
    assert moved["warnings"] == [
        "1 of 1 video views is not of NPQSL: kept, and counted for nothing there.",
        "1 session of theirs is planned for NPQLT: please check that it counts for NPQSL.",
    ]


def test_status_of_an_output_is_that_of_the_courses_that_have_it(both: Npq) -> None:
    found = both("status", "h-1", "--output", "4", "--json").json
    assert found["participant"]["course"] == "NPQH"
    assert both("status", "h-1", "--output", "9", "--json").error["code"] == "no_such_output"


def test_a_refusal_names_the_course_that_was_taken_to_be_meant(both: Npq, surroundings: Path) -> None:
    both("import", write(surroundings, "gone.csv", HEADER + (HEAD + COACHED).replace(",active", ",withdrawn")))
    error = both("extend", "h-1", "--output", "1", "--until", "2022-07-01", "--reason", "workload", "--json").error
    assert "None of their courses is under way: this is about" in error["message"]


def test_a_partners_own_file_takes_nobody_from_another(both: Npq, surroundings: Path) -> None:
    text = HEADER + BESIDE.replace("NPQSL", "NPQH").replace("Northern", "Southern")
    ran = both("import", "--partner", "Southern Hub", write(surroundings, "own.csv", text), "--json").json
    assert "with another Delivery Partner" in ran["problems"][0]["message"]
    assert courses(both, "h-2") == [("NPQSL", "1")]
