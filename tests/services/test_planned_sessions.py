"""Planned sessions, and registers that refer to them: what is taken, what is refused with which words, and what moves along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from core.derived.installation import Installation
from core.services.staff.actors import Actor
from reference.pack import EventKind, Pack
from tests.imports.made import package, row
from tests.services.test_imports import Desk

PEOPLE = """participant_id,full_name,course,cohort,delivery_partner
p-1,Jane Doe,NPQLTD,1,Acme
p-2,Ada Byron,NPQSL,1,Acme
p-3,Eve Moss,NPQLTD,2,Beacon
"""
HEADER = "event_id,delivery_partner,course,cohort,event_type,event_date,starts_at,minutes,hours,title"
REGISTER = "event_id,event_type,event_date,participant_id,status,contingency,contingency_on,hours"
FULL = ("e-1", "Acme", "NPQLTD", "1", "f2f", "2022-05-10", "09:30", "90", "1.5", "Conference")
TODAY = date(2022, 6, 1)
Problem = tuple[int | None, str | None, str | None, str]


@pytest.fixture
def desk(installation: Installation, tmp_path: Path) -> Desk:
    known = Desk(installation, tmp_path)
    known.take(PEOPLE)
    return known


def plan(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def register(*rows: str) -> str:
    return "\n".join((REGISTER, *rows)) + "\n"


def planned(**cells: str) -> str:
    """A row of a whole session, some of whose cells are others."""
    return ",".join({**dict(zip(HEADER.split(","), FULL, strict=True)), **cells}.values())


def lines(desk: Desk, event: str = "e-1") -> dict[str, tuple[str, date, Decimal | None]]:
    """The stored lines of an event by participant: type, day and length."""
    rows = desk.rows("register")
    return {
        one["participant_id"]: (one["event_type"], one["event_date"], one["hours"])
        for one in rows
        if one["event_id"] == event
    }


# ---- what is taken


def test_a_session_is_stored_as_it_is_given(desk: Desk) -> None:
    report = desk.take(plan(",".join(FULL), "e-2,ACME,,,Live Webinar,01/07/2022,,,,"))
    assert report.problems == ()
    [file] = report.files
    assert (file.kind, file.added, file.warnings) == ("sessions", 2, ())
    assert desk.rows("sessions") == [
        {
            "event_id": "e-1",
            "delivery_partner": "Acme",
            "course": "NPQLTD",
            "cohort": "1",
            "event_type": "f2f",
            "event_date": date(2022, 5, 10),
            "starts_at": "09:30",
            "minutes": 90,
            "hours": Decimal("1.5"),
            "title": "Conference",
        },
        {
            "event_id": "e-2",
            "delivery_partner": "Acme",
            "course": None,
            "cohort": None,
            "event_type": "live_webinar",
            "event_date": date(2022, 7, 1),
            "starts_at": None,
            "minutes": None,
            "hours": None,
            "title": None,
        },
    ]


def test_the_same_file_again_changes_nothing_and_a_blank_leaves_what_is_stored(desk: Desk) -> None:
    desk.take(plan(",".join(FULL)))
    before = desk.stored("import_log")
    assert desk.take(plan(",".join(FULL))).files[0].unchanged == 1
    assert desk.take(plan("e-1,,,,,,,,,")).files[0].unchanged == 1
    assert desk.stored("import_log") == before
    assert desk.take(plan("e-1,,,,,,10:00,,2,")).files[0].changed == 1
    [stored] = desk.rows("sessions")
    assert (stored["starts_at"], stored["hours"], stored["title"]) == ("10:00", Decimal(2), "Conference")


@pytest.mark.parametrize(
    ("written", "starts_at"),
    [("09:30", "09:30"), ("9:30", "09:30"), ("09:30:00", "09:30"), ("9:30 AM", "09:30"), ("1:05 pm", "13:05"),
     ("12:00 am", "00:00"), ("12:15pm", "12:15"), ("23:59", "23:59")],
)  # fmt: skip
def test_times_of_day(desk: Desk, written: str, starts_at: str) -> None:
    assert desk.problems(plan(planned(starts_at=written))) == []
    assert desk.rows("sessions")[0]["starts_at"] == starts_at


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("1.5", "1.5"),
        ("1.50", "1.5"),
        ("24", "24"),
        ("0.25", "0.25"),
        ("10.333333333333333333", "10.333333333333333333"),
    ],
)
def test_hours_are_exact(desk: Desk, written: str, hours: str) -> None:
    people = register(f"e-1,f2f,2022-05-10,p-1,attended,,,{written}")
    assert desk.problems(plan(planned(hours=written)), people) == []
    assert [desk.rows(kind)[0]["hours"] for kind in ("sessions", "register")] == [Decimal(hours)] * 2


def test_a_sheet_as_excel_has_it(desk: Desk) -> None:
    """A real day, a real time of day and a real number."""
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(["e-1", "Acme", "NPQLTD", 1, "f2f", date(2022, 5, 10), time(9, 30), 90, 1.5, "Conference"])
    saved = BytesIO()
    book.save(saved)
    path = desk.folder / "plan.xlsx"
    path.write_bytes(saved.getvalue())
    report = desk.take(path)
    assert report.problems == ()
    [stored] = desk.rows("sessions")
    assert (stored["cohort"], stored["event_date"], stored["starts_at"]) == ("1", date(2022, 5, 10), "09:30")
    assert (stored["minutes"], stored["hours"]) == (90, Decimal("1.5"))


@pytest.mark.parametrize(
    ("code", "value", "column", "problem"),
    [
        ("hh:mm", "0.395833333333333", "starts_at", None),
        ("h:mm AM/PM", "0.395833333333333", "starts_at", None),
        ("0.0", "0.395833333333333", "starts_at", "Not a time of day here: give a time of day such as 09:30."),
        ("dd/mm/yyyy", "44600", "starts_at", "Not a time of day here: give a time of day such as 09:30."),
        ("[h]:mm", "1.5", "starts_at", "Not a time of day here: give a time of day such as 09:30."),
        ("hh:mm", "0.0625", "hours", "Not a number of hours: give a number of hours over 0, up to 24, such as 1.5."),
        ("hh:mm", "0.0625", "event_date", "The cell shows a time and no day: give the day."),
        ("hh:mm", "0.0625", "minutes", "The cell shows a time and no day: give the day."),
    ],
)
def test_times_in_a_sheet(desk: Desk, code: str, value: str, column: str, problem: str | None) -> None:
    names = HEADER.split(",")
    cells = [
        f'<c r="{chr(65 + n)}2" s="1"><v>{value}</v></c>' if name == column else FULL[n] for n, name in enumerate(names)
    ]
    path = desk.folder / "plan.xlsx"
    path.write_bytes(package({"Plan": row(1, *names) + row(2, *cells)}, formats=[code]))
    found = [(one.column, one.message) for one in desk.take(path).problems]
    assert found == ([] if problem is None else [(column, problem)])
    if problem is None:
        assert desk.rows("sessions")[0]["starts_at"] == "09:30"


def test_a_partner_without_participants_is_taken_with_a_warning(desk: Desk) -> None:
    report = desk.take(plan(planned(delivery_partner="Elsewhere")))
    assert report.written
    assert report.files[0].warnings == ("Row 2: No participant is with Elsewhere.",)


def test_days_when_no_course_goes_on_are_taken_with_a_warning(desk: Desk) -> None:
    report = desk.take(plan(planned(event_date="2020-05-10"), planned(event_id="e-2", event_date="2030-05-10")))
    assert report.written
    assert [warning.split(" (")[0] for warning in report.files[0].warnings] == [
        "Row 2: event_date lies before any cohort began",
        "Row 3: event_date lies after the last date of every course",
    ]


# ---- what is refused

HOURS = "give a number of hours over 0, up to 24, such as 1.5."
MINUTES = "give a whole number of minutes from 1 to 1440."
TIME = "Not a time of day here: give a time of day such as 09:30."
WRONG = [
    ("hours", "-1", f"It cannot be negative: {HOURS}"),
    ("hours", "0", f"Out of range: {HOURS}"),
    ("hours", "0.0", f"Out of range: {HOURS}"),
    ("hours", "25", f"Out of range: {HOURS}"),
    ("hours", "24.01", f"Out of range: {HOURS}"),
    ("hours", "1;5", f"Not a number of hours: {HOURS}"),
    ("hours", "1h30", f"Not a number of hours: {HOURS}"),
    ("hours", "1:30", f"Not a number of hours: {HOURS}"),
    ("hours", "1.5 hours", "Please give it in digits alone, with a point before a fraction: 1.5."),
    ("minutes", "0", f"Out of range: {MINUTES}"),
    ("minutes", "1441", f"Out of range: {MINUTES}"),
    ("minutes", "90.5", f"Fractions do not exist here: {MINUTES}"),
    ("minutes", "-90", f"It cannot be negative: {MINUTES}"),
    ("starts_at", "24:00", TIME),
    ("starts_at", "09:60", TIME),
    ("starts_at", "13:00 pm", TIME),
    ("starts_at", "9", TIME),
    ("starts_at", "09:30:15", TIME),
    ("event_type", "party", "Not one of the words for this column: give f2f or live_webinar."),
    ("event_type", "", "Must not be blank: give a kind of event of the policy pack."),
    ("event_date", "soon", "Not a date here: give a date such as 2021-12-13 or 13/12/2021."),
    ("event_date", "", "Must not be blank: give a date such as 2021-12-13 or 13/12/2021."),
    ("delivery_partner", "TBC", "No Delivery Partner's name: give the name under which it is known."),
    ("event_id", "2.21012E+16", "Excel has cut this number: format the column as text and export it again."),
    ("cohort", "9", "The policy pack edt-v18 has no cohort 9: give 1, 2, 3 or 4. If yours is another provider's or a newer "
     "one, set NPQ_PACK to its pack, or add the cohort: docs/packs.md."),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "said"), WRONG, ids=[f"{column} {cell}" for column, cell, _ in WRONG])
def test_a_wrong_cell_is_named_with_what_would_be_right(desk: Desk, column: str, cell: str, said: str) -> None:
    before = desk.stored("import_log")
    assert desk.problems(plan(planned(**{column: cell}))) == [(2, column, cell, said)]
    assert desk.stored("import_log") == before


@pytest.mark.parametrize("cell", ["-1", "0", "25"])
def test_a_register_says_the_same_of_hours(desk: Desk, cell: str) -> None:
    [(_, column, value, said)] = desk.problems(register(f"e-1,f2f,2022-05-10,p-1,attended,,,{cell}"))
    assert (column, value) == ("hours", cell)
    assert said.endswith(HOURS)


def test_a_course_that_the_cohort_does_not_offer(desk: Desk) -> None:
    refused = "NPQLL is not offered in cohort 2; it is in 3 and 4: correct one of them."
    assert desk.problems(plan(planned(course="NPQLL", cohort="2"))) == [(2, "cohort", "2", refused)]
    assert desk.problems(plan(planned(course="NPQLL", cohort=""))) == []
    assert desk.problems(plan("e-1,,,2,,,,,,")) == [(2, "cohort", "2", refused)], "of the stored course"


def test_one_event_is_planned_once(desk: Desk) -> None:
    again = plan(planned(), planned(event_date="2022-05-11"))
    assert desk.problems(again) == [(3, "event_id", "e-1", "Row 2 has the same event_id: keep one of the two.")]


# ---- kinds of event

SEMINARS = {
    "seminar": EventKind("seminar", "online seminar", "Source", Decimal("1.5")),
    "conference": EventKind("conference", "conference day", "Source"),
}


@pytest.mark.parametrize("written", ["seminar", "SEMINAR", "Online  Seminar", "online-seminar"])
def test_kinds_of_event_are_the_packs_by_key_or_name(desk: Desk, pack: Pack, written: str) -> None:
    theirs = Desk(desk.installation.on(replace(pack, event_kinds=SEMINARS)), desk.folder)
    people = register(f"e-1,{written},2022-05-10,p-1,attended,,,")
    assert theirs.problems(plan(planned(event_type=written)), people) == []
    assert [theirs.rows(kind)[0]["event_type"] for kind in ("sessions", "register")] == ["seminar"] * 2


def test_a_kind_that_the_pack_lacks(desk: Desk, pack: Pack) -> None:
    theirs = Desk(desk.installation.on(replace(pack, event_kinds=SEMINARS)), desk.folder)
    said = "Not one of the words for this column: give seminar or conference."
    assert theirs.problems(plan(planned()), register("e-2,f2f,2022-05-10,p-1,attended,,,")) == [
        (2, "event_type", "f2f", said),
        (2, "event_type", "f2f", said),
    ]


# ---- whose they are


def test_only_one_partners_sessions_are_taken_where_that_is_asked_for(desk: Desk) -> None:
    report = desk.take(
        plan(planned(), planned(event_id="e-2", delivery_partner="Beacon")), partner="acme", skip_bad_rows=True
    )
    assert [(one.row, one.message) for one in report.problems] == [
        (3, "Only rows of Acme are taken here: leave this one out.")
    ]
    assert [one["delivery_partner"] for one in desk.rows("sessions")] == ["Acme"]


def test_nobody_takes_another_partners_session_or_moves_its_people(desk: Desk) -> None:
    fay = Actor("Fay", "coordinator", "Acme")
    desk.take(plan(planned(delivery_partner="Beacon")), register("e-2,f2f,2022-05-10,p-3,attended,,,"))
    assert desk.problems(plan(planned()), actor=fay) == [
        (2, "event_id", "e-1", "This id cannot be used for Acme: ask your administrator to import the row.")
    ]
    moving = plan(planned(event_id="e-2", event_date="2022-05-11"))
    others = "People of another Delivery Partner are on its register, which would move"
    assert desk.problems(moving, actor=fay) == [
        (2, "event_id", "e-2", f"{others}: ask your administrator to import the row.")
    ]
    assert desk.problems(moving, partner="Acme") == [
        (2, "event_id", "e-2", f"{others}: import the file without --partner.")
    ]
    assert desk.problems(plan(planned(event_id="e-2")), actor=fay) == [
        (
            2,
            "event_id",
            "e-2",
            f"{others.removesuffix(', which would move')}, whose hours would change: ask your administrator to import the row.",
        )
    ]
    assert desk.problems(plan(planned(event_id="e-2", hours="")), actor=fay) == [], "as the register has it"
    assert desk.problems(moving) == []


# ---- registers refer to them


@pytest.mark.parametrize("together", [True, False], ids=["in one call", "one after the other"])
def test_a_register_has_the_planned_day_and_type(desk: Desk, together: bool) -> None:
    wrong = register("e-1,f2f,2022-05-11,p-1,attended,,,", "e-1,live webinar,2022-05-10,p-2,attended,,,")
    said = "The event is planned as f2f on 2022-05-10: give that, or import a sessions file that moves it."
    if not together:
        assert desk.problems(plan(planned())) == []
    found = desk.problems(wrong, plan(planned())) if together else desk.problems(wrong)
    assert found == [(2, "event_date", "2022-05-11", said), (3, "event_type", "live webinar", said)]
    right = register("e-1,f2f,2022-05-10,p-1,attended,,,", "e-1,F2F,10/05/2022,p-2,absent,,,")
    assert desk.problems(right, plan(planned())) == []


def test_a_register_alone_moves_no_planned_event(desk: Desk) -> None:
    """Though it carries every stored row of it."""
    desk.take(plan(planned()), register("e-1,f2f,2022-05-10,p-1,attended,,,"))
    assert [one[:3] for one in desk.problems(register("e-1,f2f,2022-05-12,p-1,attended,,,"))] == [
        (2, "event_date", "2022-05-12")
    ]


def test_a_plan_alone_moves_the_day_and_the_type(desk: Desk) -> None:
    desk.take(
        plan(planned()),
        register(
            "e-1,f2f,2022-05-10,p-1,attended,,,2",
            "e-1,f2f,2022-05-10,p-3,booked,,,",
            "e-2,f2f,2022-05-10,p-1,attended,,,",
        ),
    )
    report = desk.take(plan("e-1,,,,live_webinar,2022-05-12,,,,"))
    assert report.written
    assert lines(desk) == {
        "p-1": ("live_webinar", date(2022, 5, 12), Decimal(2)),
        "p-3": ("live_webinar", date(2022, 5, 12), Decimal(2)),
    }
    assert lines(desk, "e-2") == {"p-1": ("f2f", date(2022, 5, 10), None)}


def test_a_first_plan_moves_what_registers_said_before(desk: Desk) -> None:
    desk.take(register("e-1,f2f,2022-05-09,p-1,attended,,,"))
    assert desk.problems(plan(planned())) == []
    assert lines(desk) == {"p-1": ("f2f", date(2022, 5, 10), None)}


def test_one_call_moves_an_event_and_marks_it_there(desk: Desk) -> None:
    desk.take(plan(planned(event_date="2022-06-10")), register("e-1,f2f,2022-06-10,p-1,booked,,,"))
    assert desk.problems(register("e-1,f2f,2022-05-30,p-1,attended,,,"), plan(planned(event_date="2022-05-30"))) == []
    assert lines(desk) == {"p-1": ("f2f", date(2022, 5, 30), None)}


def test_a_dry_run_and_a_refused_call_move_nothing(desk: Desk) -> None:
    desk.take(plan(planned()), register("e-1,f2f,2022-05-10,p-1,attended,,,"))
    before = desk.stored("import_log")
    moving = plan(planned(event_date="2022-05-12"))
    assert desk.problems(moving, dry_run=True) == []
    assert desk.problems(moving, register("e-9,f2f,2022-05-10,p-0,attended,,,")) != []
    assert desk.stored("import_log") == before


MARKED = (
    "It lies after today, 2022-06-01, and its stored register says who was there: give the day on which it took place, or "
    "correct the register first."
)
CONTINGENCY = "A stored contingency_on of its register, 2022-05-20, lies before it: give an earlier day, or correct the register first."


@pytest.mark.parametrize(
    ("line", "day", "said"),
    [
        ("booked,,,", "2022-06-02", None),
        ("attended,,,", "2022-06-01", None),
        ("attended,,,", "2022-06-02", MARKED),
        ("completed,,,", "2022-06-02", MARKED),
        ("absent,,,", "2022-06-02", MARKED),
        ("absent,recording,2022-05-20,", "2022-05-20", None),
        ("absent,recording,2022-05-20,", "2022-05-21", CONTINGENCY),
        ("booked,recording,2022-05-20,", "2022-06-02", CONTINGENCY),
    ],
)
def test_a_plan_gainsays_no_register(desk: Desk, line: str, day: str, said: str | None) -> None:
    desk.take(plan(planned()), register(f"e-1,f2f,2022-05-10,p-1,{line}", "e-1,f2f,2022-05-10,p-2,booked,,,"))
    found = desk.problems(plan(planned(event_date=day)))
    assert found == ([] if said is None else [(2, "event_date", day, said)])
    assert lines(desk)["p-2"][1] == date.fromisoformat(day if said is None else "2022-05-10")


# ---- one event has one length

LENGTHS: list[tuple[str, list[str], list[Problem]]] = [
    ("one length", ["e-1,f2f,2022-05-10,p-1,attended,,,2", "e-1,f2f,2022-05-10,p-3,attended,,,2.0"], []),
    (
        "two in one file",
        ["e-9,f2f,2022-05-10,p-1,attended,,,1.5", "e-9,f2f,2022-05-10,p-2,attended,,,2"],
        [(3, "hours", "2", "Row 2 has this event with 1.5 hours: give one event one length.")],
    ),
    (
        "another than is stored",
        ["e-1,f2f,2022-05-10,p-1,attended,,,3"],
        [(2, "hours", "3", "The event is stored with 2 hours: give that, or change all 2 stored rows of it at once.")],
    ),
    ("all stored rows at once", ["e-1,f2f,2022-05-10,p-1,attended,,,3", "e-1,f2f,2022-05-10,p-2,attended,,,3"], []),
    (
        "a blank among them says nothing",
        ["e-1,f2f,2022-05-10,p-1,attended,,,3", "e-1,f2f,2022-05-10,p-2,attended,,,"],
        [(2, "hours", "3", "The event is stored with 2 hours: give that, or change all 2 stored rows of it at once.")],
    ),
]


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in LENGTHS], ids=[case[0] for case in LENGTHS])
def test_an_event_has_one_credited_length(desk: Desk, rows: list[str], expected: list[Problem]) -> None:
    desk.take(register("e-1,f2f,2022-05-10,p-1,attended,,,2", "e-1,f2f,2022-05-10,p-2,attended,,,"))
    assert desk.problems(register(*rows)) == expected


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        (["e-1,f2f,2022-05-11,p-1,attended,,,3", "e-1,f2f,2022-05-11,p-2,attended,,,2"], {2, 3}),
        (["e-1,f2f,2022-05-11,p-1,attended,,,3", "e-1,f2f,2022-05-10,p-2,attended,,,3"], {2, 3}),
        (["e-1,f2f,2022-05-11,p-1,attended,,,3", "e-1,f2f,2022-05-11,p-2,attended,,,3"], set()),
    ],
    ids=["another day and two lengths", "another length and two days", "another of both"],
)
def test_skipped_rows_leave_no_half_event_with_another_day_or_length(
    desk: Desk, rows: list[str], wrong: set[int]
) -> None:
    desk.take(register("e-1,f2f,2022-05-10,p-1,attended,,,2", "e-1,f2f,2022-05-10,p-2,attended,,,"))
    report = desk.take(register(*rows), skip_bad_rows=True)
    assert {problem.row for problem in report.problems} == wrong
    assert len(set(lines(desk).values())) == 1


def test_a_blank_length_is_that_of_the_others(desk: Desk) -> None:
    """In whichever row and file it stands, also in one that lacks the column."""
    desk.take(register("e-1,f2f,2022-05-10,p-1,attended,,,"))
    assert lines(desk) == {"p-1": ("f2f", date(2022, 5, 10), None)}
    desk.take(register("e-1,f2f,2022-05-10,p-2,attended,,,1.5"))
    desk.take("event_id,event_type,event_date,participant_id,status\ne-1,f2f,2022-05-10,p-3,booked\n")
    assert {who: line[2] for who, line in lines(desk).items()} == dict.fromkeys(("p-1", "p-2", "p-3"), Decimal("1.5"))


# ---- courses without blocks


def test_any_block_and_title_is_right_where_the_pack_lists_none(desk: Desk, pack: Pack) -> None:
    none = replace(pack, blocks={**pack.blocks, "NPQLTD": ()})
    theirs = Desk(desk.installation.on(none), desk.folder)
    report = theirs.take(
        "participant_id,block,component,title,credits,completed_on\np-1,17,SELF-study,Our own,2,2022-01-01\n",
        "participant_id,block,percent_viewed,viewed_on\np-1,17,95,2022-01-01\n",
    )
    assert (report.problems, [file.warnings for file in report.files]) == ((), [(), ()])
    again = "participant_id,block,component,title,credits,completed_on\np-1,17,Self-study,OUR OWN,3,2022-01-01\n"
    assert [(file.added, file.changed) for file in theirs.take(again).files] == [(0, 1)], (
        "another case is no other title"
    )
    assert [(one["component"], one["title"], one["credits"]) for one in theirs.rows("activities")] == [
        ("Self-study", "Our own", 3)
    ]


def test_a_session_that_becomes_other_peoples_is_told_of(desk: Desk) -> None:
    desk.take(plan(planned()))
    [file] = desk.take(plan(planned(delivery_partner="Beacon", cohort="2"))).files
    assert file.warnings == ("Row 2: e-1 was planned for Acme, NPQLTD, 1 so far: please check that it is meant.",)
    [file] = desk.take(plan(planned(delivery_partner="Beacon", cohort="", title="Another title"))).files
    assert file.warnings == ()  # a blank leaves what is stored
