"""Dates in files: judged by the whole file, never of what is still to come, and with a word where they lie outside the course."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.database.database import open_database
from core.derived.installation import Installation
from core.imports.kinds import KINDS
from core.services.acts import deferral, resumption
from core.services.acts.recording import Deed
from core.services.imports import ImportRefused, import_files
from reference.pack import Pack
from tests.services.test_imports import CONSOLE, NOW, Desk

PEOPLE = """participant_id,full_name,course,cohort,delivery_partner,contract_returned_on
p-1,Jane Doe,NPQLTD,1,Acme,2021-10-01
p-2,Ada Byron,NPQLTD,1,Acme,
p-3,Eve Moss,NPQLTD,2,Acme,
"""
REGISTER = "event_id,event_type,event_date,participant_id,status,marked_on\n"
TODAY = "2022-06-01"
HEADERS = {name: ",".join(kind.by_name) for name, kind in KINDS.items()}
UNIT = "1,Self-study,Diagnostic Assessment for Block 1,2"


@pytest.fixture
def desk(installation: Installation, tmp_path: Path) -> Desk:
    known = Desk(installation, tmp_path)
    known.take(PEOPLE)
    return known


def refused(desk: Desk, *contents: str | bytes, **options: Any) -> tuple[int | None, str | None, str | None, str]:
    """The one thing that is said of files that are refused whole; nothing of them is stored."""
    before = desk.stored("import_log")
    with pytest.raises(ImportRefused) as found:
        desk.take(*contents, **options)
    assert desk.stored("import_log") == before
    (problem,) = found.value.problems
    return problem.row, problem.column, problem.value, problem.message


# ---- the whole file

AMERICAN = (
    f"{REGISTER}e-1,f2f,01/06/2022,p-1,attended,\ne-2,f2f,01/25/2022,p-2,attended,\ne-3,f2f,04/13/2022,p-3,attended,\n"
)
BELIEVED_NOWHERE = (
    3,
    "event_date",
    "01/25/2022",
    "Its dates seem to have the month first, as 01/25/2022 in row 3 and 04/13/2022 in row 4 show, and we would read "
    "01/06/2022 the wrong way round: give all dates of the file as 2021-12-13.",
)


VIDEOS = "participant_id,block,percent_viewed,viewed_on\n"
WOULD_LIE_AHEAD = [  # today is 1 June 2022
    (f"{VIDEOS}p-1,1,95,05/12/2022\np-2,1,95,03/04/2022\n", (2, "viewed_on", "05/12/2022")),
    (
        f"{REGISTER}e-1,f2f,05/12/2022,p-1,attended,\ne-2,f2f,03/04/2022,p-2,attended,\n",
        (2, "event_date", "05/12/2022"),
    ),
]


@pytest.mark.parametrize(("content", "place"), WOULD_LIE_AHEAD, ids=["videos", "register"])
@pytest.mark.parametrize("options", [{}, {"skip_bad_rows": True}, {"dry_run": True}])
def test_a_day_that_has_passed_only_with_its_month_first_takes_the_belief_from_all(
    desk: Desk, content: str, place: tuple[int, str, str], options: dict[str, Any]
) -> None:
    row, column, text = place
    assert refused(desk, content, **options) == (
        row,
        column,
        text,
        f"Its dates seem to have the month first, as {text} in row 2 shows, as it would lie after today, and we would read "
        "03/04/2022 the wrong way round: give all dates of the file as 2021-12-13.",
    )


@pytest.mark.parametrize(
    "rows",
    [
        "p-1,1,95,05/12/2022\np-2,1,95,13/04/2022\np-3,1,95,03/04/2022\n",  # one has its day first: the rest has too
        "p-1,1,95,05/12/2032\np-2,1,95,03/04/2022\n",  # a slip in the year: ahead whichever comes first
        "p-1,1,95,2022-12-05\np-2,1,95,03/04/2022\n",
    ],
)
def test_a_day_ahead_that_shows_nothing_is_a_wrong_row(desk: Desk, rows: str) -> None:
    [(row, column, *_)] = desk.problems(VIDEOS + rows)
    assert (row, column) == (2, "viewed_on")


def test_days_ahead_of_what_is_booked_show_nothing(desk: Desk) -> None:
    rows = f"{REGISTER}e-1,f2f,05/07/2022,p-1,booked,\ne-2,f2f,03/04/2022,p-2,attended,\n"
    assert desk.problems(rows) == []


@pytest.mark.parametrize("options", [{}, {"skip_bad_rows": True}, {"dry_run": True}], ids=str)
def test_one_date_with_the_month_first_takes_the_belief_from_all(desk: Desk, options: dict[str, Any]) -> None:
    assert refused(desk, AMERICAN, **options) == BELIEVED_NOWHERE


def test_it_is_one_sentence_however_many_rows_show_it(desk: Desk) -> None:
    rows = "".join(f"p-1,1,Self-study,Unit {n},1,0{1 + n % 5}/{13 + n % 15}/2022,\n" for n in range(3_000))
    _, _, _, said = refused(
        desk, f"{HEADERS['activities']}\n{rows}p-1,1,Self-study,Last,1,02/03/2022,\n", skip_bad_rows=True
    )
    assert "in row 4 and 2,997 more show" in said


def test_another_column_of_the_same_file_is_believed_no_more(desk: Desk) -> None:
    row, column, value, said = refused(desk, f"{REGISTER}e-1,f2f,01/06/2022,p-1,attended,01/25/2022\n")
    assert (row, column, value) == (2, "marked_on", "01/25/2022")
    assert "read 01/06/2022 the wrong way round" in said


def test_it_is_found_after_pages_that_were_written_already(desk: Desk) -> None:
    """Rows go in page by page; what shows the order of the whole may stand in the last."""
    rows = "".join(f"p-1,1,Self-study,Unit {n},1,0{1 + n % 5}/0{1 + n % 4}/2022,\n" for n in range(21_000))
    assert (
        refused(desk, f"{HEADERS['activities']}\n{rows}p-1,1,Self-study,Last,1,05/25/2022,\n", skip_bad_rows=True)[0]
        == 21_002
    )


@pytest.mark.parametrize("options", [{}, {"skip_bad_rows": True}], ids=str)
def test_a_workbook_in_which_excel_read_the_others_is_not_believed(desk: Desk, options: dict[str, Any]) -> None:
    """A British Excel makes 6 January of 01/06/2022, a real date, and leaves 01/25/2022 as text."""
    book, stream = openpyxl.Workbook(), BytesIO()
    for cells in (
        ("event_id", "event_type", "event_date", "participant_id", "status"),
        ("e-1", "f2f", date(2022, 1, 6), "p-1", "attended"),
        ("e-2", "f2f", "01/25/2022", "p-2", "attended"),
    ):
        book.active.append(cells)
    book.save(stream)
    _, _, _, said = refused(desk, stream.getvalue(), **options)
    assert "and Excel may have read 2022-01-06 the wrong way round" in said


def test_each_file_is_judged_by_itself(desk: Desk) -> None:
    """Files of one call come from different programs; a whole file at fault stops all of them, as ever."""
    british = f"{HEADERS['videos']}\np-1,1,90,03/02/2022\n"
    assert refused(desk, british, AMERICAN, skip_bad_rows=True) == BELIEVED_NOWHERE
    assert desk.take(british).written
    assert desk.rows("videos")[0]["viewed_on"] == date(2022, 2, 3)


@pytest.mark.parametrize(
    ("wrong", "beside"),
    [
        ("31/02/2022", "01/06/2022"),  # no day either way
        ("32/01/2022", "01/06/2022"),
        ("01/25/2022", "2022-01-06"),  # the others are certain by themselves
        ("01/25/2022", "25/01/2022"),
        ("01/25/2022", "05/05/2022"),
        ("01/25/2022", "6 Jan 2022"),
    ],
)
def test_a_date_that_is_wrong_by_itself_is_a_row_and_no_more(desk: Desk, wrong: str, beside: str) -> None:
    content = f"{REGISTER}e-1,f2f,{beside},p-1,attended,\ne-2,f2f,{wrong},p-2,attended,\n"
    report = desk.take(content, skip_bad_rows=True)
    assert [(p.row, p.column, p.value) for p in report.problems] == [(3, "event_date", wrong)]
    assert [row["event_id"] for row in desk.rows("register")] == ["e-1"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.sets(st.dates(date(2022, 1, 1), date(2022, 5, 31)), min_size=1, max_size=12))
def test_of_an_american_file_no_day_is_stored_that_is_another(
    sqlite_url: str, tmp_path: Path, pack: Pack, days: set[date]
) -> None:
    assume(any(day.day > 12 for day in days))
    desk = Desk(Installation(open_database(sqlite_url), pack), tmp_path)
    desk.take(PEOPLE)
    with suppress(ImportRefused):
        desk.take(REGISTER + "".join(f"{day},f2f,{day:%m/%d/%Y},p-1,booked,\n" for day in days), skip_bad_rows=True)
    assert all(row["event_id"] == str(row["event_date"]) for row in desk.rows("register"))


# ---- what has been done was not done after today


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("participants", "p-1,Jane Doe,NPQLTD,1,Acme,,,,,,2022-06-02,,", "contract_returned_on"),
        ("participants", "p-1,Jane Doe,NPQLTD,1,Acme,,,,,,,02/06/2022,", "sponsorship_returned_on"),
        ("activities", f"p-1,{UNIT},2062-01-31,", "completed_on"),
        ("declaration_report", "p-1,2022-05-01,2022-06-30,4,,", "period_end"),
        ("engagement_report", "p-1,2022-06-02,10,", "run_on"),
        ("videos", "p-1,1,90,2022-07-01", "viewed_on"),
        ("assessments", "p-1,1,2022-06-02,,,,,", "submitted_on"),
        ("assessments", "p-1,1,,2022-06-02,,,,", "marked_on"),
        ("assessments", "p-1,1,,,2022-06-02,,,", "moderated_on"),
        ("declarations", "p-1,1,2022-06-02,,", "declared_on"),
        ("declarations", "p-1,1,2022-06-01,2022-06-02,", "evidence_cutoff"),
        ("register", "e-1,f2f,2022-05-30,p-1,booked,2022-06-02,,,", "marked_on"),
    ],
)
def test_what_has_been_done_was_not_done_after_today(desk: Desk, kind: str, row: str, column: str) -> None:
    report = desk.take(f"{HEADERS[kind]}\n{row}\n", skip_bad_rows=True)
    assert [(p.row, p.column) for p in report.problems] == [(2, column)]
    assert report.problems[0].message == f"It lies after today, {TODAY}: give the day on which it was done."
    mended = re.sub(r"2062-01-31|2022-06-02|2022-06-30|2022-07-01|02/06/2022", TODAY, row)
    assert desk.take(f"{HEADERS[kind]}\n{mended}\n").written


@pytest.mark.parametrize("status", ["attended", "completed", "absent"])
def test_nobody_has_been_at_an_event_that_is_still_to_come(desk: Desk, status: str) -> None:
    (problem,) = desk.take(f"{REGISTER}e-1,f2f,2022-06-02,p-1,{status},\n", skip_bad_rows=True).problems
    assert (problem.row, problem.column, problem.value) == (2, "event_date", "2022-06-02")
    assert problem.message == (
        f"It lies after today, {TODAY}: give the day on which it took place, or the status booked."
    )


def test_a_stored_declaration_of_a_day_to_come_can_be_voided(desk: Desk) -> None:
    """What an older version took."""
    later = datetime.fromisoformat("2022-08-01T09:00:00+00:00")
    import_files(desk.installation, CONSOLE, [desk.file(f"{HEADERS['declarations']}\np-1,1,2022-07-01,,\n")], now=later)
    assert desk.problems(f"{HEADERS['declarations']}\np-1,1,2022-07-01,,paid\n")
    assert desk.take(f"{HEADERS['declarations']}\np-1,1,2022-07-01,,voided\n").files[0].changed == 1


def test_what_is_booked_and_meetings_may_lie_ahead(desk: Desk) -> None:
    report = desk.take(
        f"{HEADERS['register']}\ne-1,f2f,2022-06-20,p-1,booked,,mop up,2022-06-27,\n",
        f"{HEADERS['meetings']}\nAcme,2022-06-16\n",
    )
    assert report.written
    assert [file.warnings for file in report.files] == [(), ()]


def test_today_is_londons(desk: Desk) -> None:
    """Half past eleven at night by UTC is the next day in London in summer."""
    late = datetime.fromisoformat("2022-06-01T23:30:00+00:00")
    path = desk.file(f"{HEADERS['videos']}\np-1,1,90,2022-06-02\n")
    assert import_files(desk.installation, CONSOLE, [path], now=late).written


# ---- outside the course


@pytest.mark.parametrize(
    ("kind", "rows", "warnings"),
    [
        (
            "activities",
            f"p-1,{UNIT},2016-01-31,\np-2,{UNIT},2021-10-31,\n",
            ("Row 2 and 1 more: completed_on lies before cohort 1 began (1 November 2021).",),
        ),
        ("videos", "p-1,1,90,2016-01-31\n", ("Row 2: viewed_on lies before cohort 1 began (1 November 2021).",)),
        ("engagement_report", "p-3,2021-12-31,10,\n", ("Row 2: run_on lies before cohort 2 began (1 February 2022).",)),
        ("declarations", "p-1,1,2016-12-08,,\n", ("Row 2: declared_on lies before cohort 1 began (1 November 2021).",)),
        (
            "register",
            "e-1,f2f,2062-01-31,p-1,booked,,,,\n",
            ("Row 2: event_date lies after the last date of NPQLTD in cohort 1 (24 April 2023).",),
        ),
        (
            "participants",
            "p-1,Jane Doe,NPQLTD,1,Acme,,,,,,2016-10-01,,\n",
            ("Row 2: contract_returned_on lies before cohort 1 began (1 November 2021).",),
        ),
        (
            "participants",
            "p-1,Jane Doe,NPQLTD,1,Acme,,,,,,2021-06-01,,\n",
            (),
        ),  # papers come back before a course begins
        (
            "meetings",
            "Acme,2062-06-16\n",
            ("Row 2: meeting_on lies after the last date of every course (19 February 2025).",),
        ),
        ("videos", "p-1,1,90,2021-11-01\n", ()),
    ],
)
def test_a_date_outside_the_course_is_taken_with_a_warning(
    desk: Desk, kind: str, rows: str, warnings: tuple[str, ...]
) -> None:
    report = desk.take(f"{HEADERS[kind]}\n{rows}")
    assert report.written
    assert report.files[0].warnings == warnings


def test_who_came_back_into_a_later_cohort_may_do_things_after_the_end_of_the_first(desk: Desk) -> None:
    ends = f"{HEADERS['register']}\ne-1,f2f,2023-06-01,p-1,booked,,,,\n"
    assert len(desk.take(ends, dry_run=True).files[0].warnings) == 1
    deed = Deed(date(2022, 5, 1), NOW)
    deferral.defer(
        desk.installation, CONSOLE, "p-1", deed, starts_on=date(2022, 5, 1), until=date(2022, 9, 1), reason="other"
    )
    resumption.resume(desk.installation, CONSOLE, "p-1", Deed(date(2022, 5, 20), NOW), cohort="2")
    assert desk.take(ends).files[0].warnings == ()
