"""One person on several courses, as scripts meet it: files, `status`, decisions, lists and messages."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Npq

HEADER = "participant_id,full_name,course,cohort,delivery_partner,email,application_status,training_status\n"
HEAD = "h-1,Nia Bevan,NPQH,1,Northern Hub,nia@example.org,accepted,active\n"
COACHED = "h-1,Nia Bevan,EHCO,1,Southern Hub,,accepted,active\n"
BESIDE = "h-2,Max Roe,NPQSL,1,Northern Hub,,accepted,active\n"
TODAY = ("--as-of", "2022-06-16")


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.fixture
def both(npq: Npq, surroundings: Path) -> Npq:
    """Nia takes NPQH with one Delivery Partner and EHCO with another."""
    found = npq("import", write(surroundings, "both.csv", HEADER + HEAD + COACHED + BESIDE), "--json")
    assert [file["added"] for file in found.json["files"]] == [3]
    return npq


def courses(npq: Npq, who: str) -> list[tuple[str, str]]:
    found = npq("status", who, "--json").json
    documents = found.get("enrolments", [found])
    return [(one["participant"]["course"], one["participant"]["cohort"]) for one in documents]


def test_status_tells_of_each_course_and_of_one(both: Npq) -> None:
    assert courses(both, "h-1") == [("NPQH", "1"), ("EHCO", "1")]
    assert courses(both, "nia bevan") == [("NPQH", "1"), ("EHCO", "1")]
    one = both("status", "h-1", "--course", "npq-early-headship-coaching-offer", "--json").json
    assert one["participant"]["course"] == "EHCO"
    assert both("status", "h-2", "--json").json["participant"]["course"] == "NPQSL"
    error = both("status", "h-1", "--course", "NPQLT", "--json").error
    assert (error["code"], error["matches"]) == ("not_on_course", ["EHCO", "NPQH"])
    text = both("status", "h-1").out
    assert text.index("NPQH, cohort 1 · Northern Hub") < text.index("EHCO, cohort 1 · Southern Hub")


def test_a_decision_says_which_course_and_leaves_the_other(both: Npq) -> None:
    deferral = ("--from", "2022-06-16", "--until", "2022-12-01", "--reason", "other")
    error = both("defer", "h-1", *deferral, "--json").error
    assert (error["code"], error["matches"]) == ("several_courses", ["EHCO", "NPQH"])
    assert error["message"].endswith("please say which course is meant. (Add --course and one of these.)")
    done = both("defer", "h-1", *deferral, "--course", "EHCO", "--json").json
    assert (done["status"]["participant"]["course"], done["status"]["participant"]["training_status"]) == (
        "EHCO",
        "deferred",
    )
    states = {
        one["participant"]["course"]: one["participant"]["training_status"]
        for one in both("status", "h-1", "--json").json["enrolments"]
    }
    assert states == {"NPQH": "active", "EHCO": "deferred"}


def test_a_contact_counts_on_all_that_are_under_way_or_on_the_one_named(both: Npq, surroundings: Path) -> None:
    def unanswered() -> dict[str, int]:
        found = sqlite3.connect(surroundings / "npq.db").execute(
            "SELECT course, count(decision.id) FROM enrolments LEFT JOIN decision ON enrolment_id = enrolments.id "
            "WHERE participant_id = 'h-1' GROUP BY course"
        )
        return dict(found)

    both("contact", "h-1", "--channel", "phone", "--outcome", "no-answer")
    assert unanswered() == {"NPQH": 1, "EHCO": 1}
    both("contact", "h-1", "--channel", "phone", "--outcome", "no-answer", "--course", "NPQH")
    assert unanswered() == {"NPQH": 2, "EHCO": 1}


def test_where_none_is_under_way_the_last_is_meant_and_named(both: Npq, surroundings: Path) -> None:
    gone = (HEAD + COACHED).replace(",active", ",withdrawn")
    both("import", write(surroundings, "gone.csv", HEADER + gone))
    ran = both("contact", "h-1", "--channel", "phone", "--outcome", "reached", "--json").json
    assert "None of their courses is under way: this is about" in ran["warnings"][0]


def test_lists_have_an_entry_for_each_course(both: Npq, surroundings: Path) -> None:
    both("import", write(surroundings, "more.csv", HEADER + BESIDE + BESIDE.replace("NPQSL", "NPQLT")))
    found = both("at-risk", *TODAY, "--json").json["participants"]
    assert [one["course"] for one in found if one["id"] == "h-2"] == ["NPQLT", "NPQSL"]
    messages = both("due", "--from", "2021-12-01", "--to", "2021-12-14", "--json").json["messages"]
    told = [(one["course_group"], each) for one in messages for each in one["enrolments"] if each["id"] == "h-2"]
    assert {(group, each["course"]) for group, each in told} == {("leadership", "NPQSL"), ("specialist", "NPQLT")}
    assert all({each["id"] for each in one["enrolments"]} == set(one["participants"]) for one in messages)


FILES = [
    # header and row about Nia, who takes both; the course it is taken for, or a part of what is asked
    ("declarations", "participant_id,course,output,declared_on\nh-1,EHCO,1,2021-12-20\n", "EHCO"),
    ("declarations", "participant_id,output,declared_on\nh-1,4,2021-12-20\n", "NPQH"),  # EHCO has three outputs
    ("declarations", "participant_id,output,declared_on\nh-1,1,2021-12-20\n", "which one this row is about"),
    ("declarations", "participant_id,course,output,declared_on\nh-1,NPQLT,1,2021-12-20\n", "h-1 is not on NPQLT but on EHCO and NPQH"),
    ("videos", "participant_id,block,percent_viewed,viewed_on\nh-1,1,90,2021-12-01\n", "NPQH"),  # EHCO lists no blocks
    ("register", "event_id,event_type,event_date,participant_id,status,course\ne-9,f2f,2021-12-01,h-1,attended,NPQH\n", "NPQH"),
    ("register", "event_id,event_type,event_date,participant_id,status\ne-9,f2f,2021-12-01,h-1,attended\n", "which one this row"),
    ("register", "event_id,event_type,event_date,participant_id,status,course\ne-9,f2f,2021-12-01,h-1,attended,NPQSL\n", "not on NPQSL"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "course"), FILES)
def test_rows_of_other_files_are_of_one_course(
    both: Npq, surroundings: Path, kind: str, text: str, course: str
) -> None:
    ran = both("import", write(surroundings, "more.csv", text), "--json")
    if " " in course:
        assert course in ran.error["message"] + str(ran.json)
        return
    assert ran.code == 0, ran.out
    found = sqlite3.connect(surroundings / "npq.db").execute(
        f"SELECT course FROM {kind} JOIN enrolments ON enrolments.id = enrolment_id WHERE participant_id = 'h-1'"
    )
    assert found.fetchall() == [(course,)]


def test_a_row_that_is_stored_stays_where_it_is(both: Npq, surroundings: Path) -> None:
    text = "event_id,event_type,event_date,participant_id,status{more}\ne-9,f2f,2021-12-01,h-1,{status}\n"
    both("import", write(surroundings, "one.csv", text.format(more=",course", status="booked,EHCO")))
    ran = both("import", write(surroundings, "two.csv", text.format(more="", status="attended")), "--json").json
    assert (ran["files"][0]["changed"], ran["files"][0]["added"]) == (1, 0)


LATER = [
    # what the participants file says next, what they take then or a part of what is said
    (HEAD, [("NPQH", "1"), ("EHCO", "1")]),
    (HEAD.replace(",1,", ",2,"), [("NPQH", "2"), ("EHCO", "1")]),
    (HEAD + COACHED.replace("Nia Bevan", "Nia Beavan"), "another full_name"),
    (COACHED + HEAD + HEAD.replace("NPQH", "NPQSL"), [("NPQH", "1"), ("EHCO", "1"), ("NPQSL", "1")]),
    (HEAD + HEAD, "the same participant_id"),
    (HEAD.replace("NPQH", ""), "h-1 takes EHCO and NPQH: say"),
    (HEAD + COACHED.replace(",1,", ",,"), [("NPQH", "1"), ("EHCO", "1")]),
]


@pytest.mark.parametrize(("rows", "outcome"), LATER)
def test_a_later_participants_file(
    both: Npq, surroundings: Path, rows: str, outcome: list[tuple[str, str]] | str
) -> None:
    ran = both("import", write(surroundings, "later.csv", HEADER + rows), "--json")
    if isinstance(outcome, str):
        assert outcome in str(ran.json)
        assert courses(both, "h-1") == [("NPQH", "1"), ("EHCO", "1")]
    else:
        assert ran.code == 0, ran.out
        assert courses(both, "h-1") == outcome


def test_another_course_where_nothing_is_recorded_is_a_correction_else_it_is_asked(
    npq: Npq, surroundings: Path
) -> None:
    npq("import", write(surroundings, "one.csv", HEADER + BESIDE))
    ran = npq("import", write(surroundings, "two.csv", HEADER + BESIDE.replace("NPQSL", "NPQH")), "--json").json
    assert "h-2 is on NPQH and no longer on NPQSL" in str(ran["files"][0]["warnings"])
    assert courses(npq, "h-2") == [("NPQH", "1")]
    npq("contact", "h-2", "--channel", "phone", "--outcome", "reached")
    error = npq("import", write(surroundings, "three.csv", HEADER + BESIDE), "--json")
    assert "npq move" in str(error.json)
    assert courses(npq, "h-2") == [("NPQH", "1")]


PAPERS = "participant_id,full_name,course,cohort,delivery_partner,contract_returned_on\n"
BEFORE, AS_WELL, THIRD = (f"h-3,Ian Orr,{course},1,Northern Hub,\n" for course in ("NPQH", "NPQSL", "NPQLT"))


@pytest.mark.parametrize("files", [(AS_WELL, BEFORE), (BEFORE, AS_WELL), (AS_WELL + BEFORE,)])
@pytest.mark.parametrize("recorded", [True, False])
def test_files_of_one_call_are_one_whatever_their_order(
    npq: Npq, surroundings: Path, files: tuple[str, ...], recorded: bool
) -> None:
    first = write(surroundings, "first.csv", PAPERS + BEFORE.replace("Hub,", "Hub,2021-12-01"))
    videos = "participant_id,block,percent_viewed,viewed_on\nh-3,1,90,2021-12-01\n"
    npq("import", first, *([write(surroundings, "videos.csv", videos)] if recorded else []))
    found = npq("import", *(write(surroundings, f"{n}.csv", PAPERS + text) for n, text in enumerate(files)), "--json")
    assert [sum(file[name] for file in found.json["files"]) for name in ("added", "changed")] == [1, 0]
    lacking = {
        one["participant"]["course"]: "school_contract" in one["outputs"][0]["papers_missing"]
        for one in npq("status", "h-3", "--json").json["enrolments"]
    }
    assert lacking == {"NPQH": False, "NPQSL": True}


def test_two_new_courses_in_two_files_of_a_call_are_not_guessed_from(npq: Npq, surroundings: Path) -> None:
    npq("import", write(surroundings, "first.csv", PAPERS + BEFORE))
    two = [write(surroundings, f"{n}.csv", PAPERS + text) for n, text in enumerate((AS_WELL, THIRD))]
    found = npq("import", *two, "--skip-bad-rows", "--json").json
    assert [problem["column"] for problem in found["problems"]] == ["course", "course"]
    assert courses(npq, "h-3") == [("NPQH", "1")]


@pytest.mark.parametrize("wrong", [BEFORE.replace("Hub,", "Hub,2021-13-45"), BEFORE.replace("Hub,", "Hub,soon")])
def test_a_wrong_row_is_a_row_for_its_course_too(npq: Npq, surroundings: Path, wrong: str) -> None:
    npq("import", write(surroundings, "first.csv", PAPERS + BEFORE))
    both = write(surroundings, "both.csv", PAPERS + AS_WELL + wrong)
    assert [problem["row"] for problem in npq("import", both, "--skip-bad-rows", "--json").json["problems"]] == [3]
    assert sorted(courses(npq, "h-3")) == [("NPQH", "1"), ("NPQSL", "1")]


def test_a_row_whose_course_cannot_be_read_leaves_open_which_course_another_replaces(
    npq: Npq, surroundings: Path
) -> None:
    npq("import", write(surroundings, "first.csv", PAPERS + BEFORE))
    both = write(surroundings, "both.csv", PAPERS + AS_WELL + BEFORE.replace("NPQH", "NPQHH"))
    assert [problem["row"] for problem in npq("import", both, "--skip-bad-rows", "--json").json["problems"]] == [2, 3]
    assert courses(npq, "h-3") == [("NPQH", "1")]


def test_from_one_course_to_another(both: Npq) -> None:
    error = both("move", "h-1", "--course", "NPQH", "--to", "EHCO", "--json").error
    assert error["code"] == "already_on_course"
    done = both("move", "h-2", "--to", "NPQH", "--json").json
    assert done["status"]["participant"]["course"] == "NPQH"
    assert courses(both, "h-2") == [("NPQH", "1")]
    declared = both("declare", "h-2", "--output", "1", "--on", "2022-06-01", "--json")
    assert declared.code == 0
    refused = both("move", "h-2", "--to", "NPQSL", "--json").error
    assert refused["code"] == "declared"
    assert "is declared for " in refused["message"]
    assert "(" not in refused["message"].partition(", and")[0]  # the course is said once
