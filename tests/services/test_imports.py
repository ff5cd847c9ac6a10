"""Files as programme managers have them, taken in whole or not at all."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from core.database import audit, tables
from core.database.database import migrate, open_database, reading, writing
from core.derived import following, progress_store
from core.derived.installation import Installation
from core.imports.checks.stored_rows import table_of
from core.imports.kinds import KINDS
from core.records import participant_rows
from core.rules.folding import progress_of
from core.services.imports import ImportRefused, ImportReport, import_files
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from core.spreadsheets.shown_by_excel import UNCALCULATED
from reference.pack import Pack
from tests.loading import loading_rows

NOW = datetime(2022, 6, 1, 9, 0, tzinfo=UTC)
CONSOLE = Actor.console("Sam")

PARTICIPANTS = (
    ",".join(KINDS["participants"].by_name)
    + """
p-1,Jane Doe,NPQLTD,1,Acme,jane@example.org,0012345,Hill School,Fay,Accepted,2021-11-01,02/11/2021,active
p-2,=SUM(A1),npq-senior-leadership,2,Acme,,,,,,,,
p-3,Ada Byron,EHCO,1,Beacon,,,,,,,,Withdrawn
"""
)
ACTIVITIES = """participant_id,block,component,title,credits,completed_on,logged_by
p-1,1,Self-study,Diagnostic Assessment for Block 1,2,2021-11-20,
p-1,1,training EVENT,npqltd f2f training session,15,21/11/2021,self_report
p-2,1,Self-study,Something of our own,3,2022-02-20,auto
"""
REPORT = """participant_id,period_start,period_end,credits,self_study_credits,cumulative_credits
p-1,2021-11-01,2021-12-13,26,11,26
p-1,2021-12-14,2022-06-01,4,,30
"""
ENGAGEMENT = """participant_id,run_on,percent_complete,cumulative_credits
p-1,2022-06-01,89.70,30
p-2,2022-06-01,0,
"""
REGISTER = """event_id,event_type,event_date,participant_id,status,marked_on,contingency,contingency_on,confirmed_by
e-1,f2f,2021-11-21,p-1,attended,2021-11-22,,,
e-1,F2F,2021-11-21,p-2,Completed,,Mop up,2021-11-30,Fay
e-2,live webinar,2021-12-01,p-1,booked,,,,
"""
VIDEOS = """participant_id,block,percent_viewed,viewed_on
p-1,1,89.9,2021-12-01
p-1,1,90,2021-12-02
"""
ASSESSMENTS = """participant_id,submitted_on,marked_on,moderated_on,external_moderation,copies_held,result
p-1,2022-01-10,2022-01-20,2022-02-01,not sampled,YES,passed
"""
DECLARATIONS = """participant_id,output,declared_on,evidence_cutoff,state
p-1,1,2021-12-13,2021-12-13,
p-2,1,2022-03-09,,Paid
"""
MEETINGS = """delivery_partner,meeting_on
Acme,2022-06-16
Beacon,16/06/2022
"""
EVERYTHING: Mapping[str, str] = {
    "activities": ACTIVITIES,
    "participants": PARTICIPANTS,
    "declaration_report": REPORT,
    "engagement_report": ENGAGEMENT,
    "register": REGISTER,
    "videos": VIDEOS,
    "assessments": ASSESSMENTS,
    "declarations": DECLARATIONS,
    "meetings": MEETINGS,
}


class Desk:
    """An installation, a folder to put files in, and what one would look at afterwards."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.folder = folder
        self._count = 0

    def file(self, content: str | bytes, name: str = "") -> Path:
        self._count += 1
        path = self.folder / (name or f"file{self._count}.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(self, *contents: str | bytes | Path, actor: Actor = CONSOLE, **options: Any) -> ImportReport:
        paths = [content if isinstance(content, Path) else self.file(content) for content in contents]
        return import_files(self.installation, actor, paths, now=NOW, **options)

    def problems(self, *contents: str | bytes, **options: Any) -> list[tuple[int | None, str | None, str | None, str]]:
        report = self.take(*contents, **options)
        return [(problem.row, problem.column, problem.value, problem.message) for problem in report.problems]

    def stored(self, *leaving_out: str) -> dict[str, list[tuple[Any, ...]]]:
        with self.installation.engine.connect() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in SQLModel.metadata.sorted_tables
                if table.name not in leaving_out
            }

    def rows(self, kind: str) -> list[dict[str, Any]]:
        table = table_of(KINDS[kind])
        with self.installation.engine.connect() as connection:
            order = [table.c[name] for name in KINDS[kind].keys]
            return [dict(row) for row in connection.execute(select(table).order_by(*order)).mappings()]

    def revision(self) -> int:
        with reading(self.installation.engine) as session:
            return following.now(session).number

    def log(self) -> list[tuple[bool, int]]:
        with reading(self.installation.engine) as session:
            return [(line.written, line.problems) for line in session.scalars(select(tables.ImportLog)).all()]


@pytest.fixture
def desk(installation: Installation, tmp_path: Path) -> Desk:
    folder = tmp_path / "files"
    folder.mkdir()
    return Desk(installation, folder)


@pytest.fixture
def full(desk: Desk) -> Desk:
    report = desk.take(*EVERYTHING.values())
    assert report.problems == ()
    return desk


# ---- what is taken


def test_after_an_import_rows_of_nobody_are_refused_again(full: Desk) -> None:
    """An import looks for each row's participant by itself; whoever writes next is checked by the database."""
    stray = text(
        "INSERT INTO videos (enrolment_id, block, viewed_on, percent_viewed) VALUES (999, 1, '2022-01-01', 90)"
    )
    for _ in range(3):  # whichever connection of the pool it is
        with pytest.raises(IntegrityError), loading_rows(full.installation.engine) as session:
            session.execute(stray)


def test_files_of_every_kind_in_one_call(desk: Desk) -> None:
    report = desk.take(*EVERYTHING.values())
    assert report.problems == ()
    assert report.written
    assert [file.kind for file in report.files] == list(EVERYTHING)
    assert [file.added for file in report.files] == [file.rows for file in report.files] == [3, 3, 2, 2, 3, 2, 1, 2, 2]
    assert desk.revision() == 1
    assert desk.log() == [(True, 0)]
    jane, formula, ada = desk.rows("participants")
    assert jane["application_status"] == "accepted"
    assert (jane["trn"], jane["sponsorship_returned_on"]) == ("0012345", date(2021, 11, 2))
    assert (formula["full_name"], formula["course"], formula["training_status"]) == ("=SUM(A1)", "NPQSL", "active")
    assert (ada["training_status"], ada["email"]) == ("withdrawn", None)
    assert [(row["component"], row["title"], row["logged_by"]) for row in desk.rows("activities")] == [
        ("Self-study", "Diagnostic Assessment for Block 1", "auto"),
        ("Training event", "NPQLTD F2F Training Session", "self_report"),
        ("Self-study", "Something of our own", "auto"),
    ]
    assert [row["percent_viewed"] for row in desk.rows("videos")] == [Decimal("89.9"), Decimal(90)]
    assert [row["state"] for row in desk.rows("declarations")] == ["submitted", "paid"]
    assert desk.rows("register")[1]["contingency"] == "mop_up"
    assert desk.rows("assessments")[0]["copies_held"] is True
    assert report.files[0].warnings == ("Row 4: Block 1 of NPQSL does not list “Something of our own”.",)


def test_a_corrected_title_is_taken_as_printed_too(desk: Desk) -> None:
    """R51: NPQH Block 3 prints the face-to-face survey's title after the live webinar: one activity, by either name."""
    people = PARTICIPANTS.splitlines()[0] + "\np-9,Hana Head,NPQH,1,Acme,,,,,,,,\n"
    header = ACTIVITIES.splitlines()[0]
    for title in ("F2F Training Sessions Survey", "Live Webinars Survey"):
        report = desk.take(people, f"{header}\np-9,3,Event survey,{title},1,2022-05-20,\n")
        assert report.files[1].warnings == ()
    [row] = desk.rows("activities")
    assert (row["title"], row["credits"]) == ("Live Webinars Survey", 1)


def test_a_delivery_partner_may_be_typed_in_any_case(full: Desk) -> None:
    report = full.take(ACTIVITIES, partner="ACME")
    assert report.problems == ()
    assert report.written


def test_the_same_files_again_change_nothing(full: Desk) -> None:
    before = full.stored("import_log")
    report = full.take(*EVERYTHING.values())
    assert [(file.added, file.changed) for file in report.files] == [(0, 0)] * 9
    assert [file.unchanged for file in report.files] == [file.rows for file in report.files]
    assert full.stored("import_log") == before
    assert full.log() == [(True, 0), (True, 0)]


def test_the_audit_trail_has_counts_and_no_names(full: Desk) -> None:
    with reading(full.installation.engine) as session:
        [entry] = audit.entries(session)
        assert audit.verify(session) is None
    assert (entry.act, entry.actor) == ("import", "Sam")
    assert entry.detail["files"][1] == {
        "kind": "participants",
        "rows": 3,
        "added": 3,
        "changed": 0,
        "unchanged": 0,
        "skipped": 0,
    }
    assert "Jane" not in str(entry.detail)


def test_a_later_row_replaces_and_a_blank_leaves_what_is_stored(full: Desk) -> None:
    report = full.take(
        "participant_id,full_name,course,cohort,delivery_partner,email,school\n"
        "p-1,Jane Doe-Smith,,,Beacon,,Vale School\n"
        "p-3,,,,,ada@example.org,\n"
    )
    assert report.problems == ()
    assert report.files[0].changed == 2
    jane, _, ada = full.rows("participants")
    assert (jane["full_name"], jane["course"], jane["delivery_partner"]) == ("Jane Doe-Smith", "NPQLTD", "Beacon")
    assert (jane["email"], jane["school"]) == ("jane@example.org", "Vale School")
    assert (ada["full_name"], ada["email"], ada["training_status"]) == ("Ada Byron", "ada@example.org", "withdrawn")
    full.take(
        "participant_id,block,component,title,credits,completed_on\np-1,1,Training event,NPQLTD F2F Training Session,15,2021-11-21\n"
    )
    assert full.rows("activities")[1]["logged_by"] == "self_report"
    assert full.revision() == 2


def test_what_the_rules_then_read(full: Desk) -> None:
    with reading(full.installation.engine) as session:
        enrolments = participant_rows.enrolments_of(session, ["p-1"]).values()
        [jane] = participant_rows.load_participants(session, ids=list(enrolments))
    assert sum(activity.credits for activity in jane.activities) == 17
    assert {"activities", "register", "videos"} <= jane.imported
    assert jane.declarations[0].state == "submitted"


def test_a_workbook_with_real_dates_and_numbers(desk: Desk) -> None:
    book = openpyxl.Workbook()
    people = book.active
    people.append(["Participant ID", "Full Name", "Course", "Cohort", "Delivery Partner", "Contract Returned On"])
    people.append([101, " Jane\N{NO-BREAK SPACE}", "NPQLTD", 1.0, "Acme", date(2021, 11, 1)])
    book.save(desk.folder / "people.csv")
    log = openpyxl.Workbook()
    log.create_sheet("activities")
    log["activities"].append(["participant_id", "block", "component", "title", "credits", "completed_on"])
    log["activities"].append([101, 1, "Self-study", "Case Studies", 3, date(2021, 11, 20)])
    log["activities"].append([101, 1, "Self-study", "Half", 15.5, "31/02/2022"])
    log.save(desk.folder / "log.xlsx")
    report = desk.take(desk.folder / "people.csv", desk.folder / "log.xlsx", skip_bad_rows=True)
    assert [(problem.row, problem.column, problem.value) for problem in report.problems] == [
        (3, "credits", "15.5"),
        (3, "completed_on", "31/02/2022"),
    ]
    assert desk.rows("participants")[0] | {"contract_returned_on": date(2021, 11, 1)} == desk.rows("participants")[0]
    assert desk.rows("participants")[0]["participant_id"] == "101"
    assert desk.rows("participants")[0]["full_name"] == "Jane"
    assert desk.rows("activities")[0]["credits"] == 3


def test_percentages_kept_as_shares_are_pointed_out(full: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(["participant_id", "block", "percent_viewed", "viewed_on"])
    book.active.append(["p-1", 2, 0.897, date(2022, 1, 1)])
    book.save(full.folder / "videos.xlsx")
    assert full.take(full.folder / "videos.xlsx").files[0].warnings == (
        "Every percent_viewed is at most 1 percent: if 0.897 should be 89.7, format the cells as percentages.",
    )


def test_percentages_are_read_as_a_sheet_shows_them(full: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(["participant_id", "block", "percent_viewed", "viewed_on"])
    for day, share, shown in [(1, 0.95, "0%"), (2, 0.8996, "0%"), (3, 89.5, "0.0")]:
        book.active.append(["p-1", 2, share, date(2022, 1, day)])
        book.active.cell(day + 1, 3).number_format = shown
    book.save(full.folder / "videos.xlsx")
    report = full.take(full.folder / "videos.xlsx")
    assert report.files[0].warnings == ()
    assert [row["percent_viewed"] for row in full.rows("videos")][-3:] == [
        Decimal("95"),
        Decimal("89.96"),
        Decimal("89.5"),
    ]


def test_a_sheet_of_formulas_that_nobody_calculated_takes_nothing(full: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Sheet"
    book.active.append(["participant_id", "output", "declared_on"])
    book.active.append([f"=Raw!{column}2" for column in "ABC"])
    book.create_sheet("Raw").append(["p-1", 2, date(2022, 6, 1)])
    book.save(full.folder / "declarations.xlsx")
    before = full.stored("import_log")
    report = full.take(full.folder / "declarations.xlsx")
    assert [(one.sheet, one.row, one.column, one.message) for one in report.problems] == [
        ("Sheet", 2, column, UNCALCULATED) for column in ("participant_id", "output", "declared_on")
    ]
    assert report.files[0].rows == 1
    assert full.stored("import_log") == before


def test_a_formula_in_an_optional_column_is_no_blank_and_in_an_unused_one_no_matter(full: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(["participant_id", "run_on", "percent_complete", "cumulative_credits", "our note"])
    book.active.append(["p-1", date(2022, 5, 31), 50, 30, "=1+1"])
    book.active.append(["p-2", date(2022, 5, 31), 50, "=40+2", "x"])
    book.save(full.folder / "report.xlsx")
    report = full.take(full.folder / "report.xlsx", skip_bad_rows=True)
    assert [(one.row, one.column) for one in report.problems] == [(3, "cumulative_credits")]
    assert report.files[0].added == 1


def test_damaged_names_are_put_right_and_told_or_refused(desk: Desk) -> None:
    people = [
        "p-1,SiobhÃ¡n Oâ€™Brien,NPQLTD,1,Acme",
        "p-2,Am\u200bina Khan\u200e,NPQLTD,1,Acme",
        "p-3,ChloÃ© Dupré,NPQLTD,1,Acme",
        "p-4,ZoÃ«,NPQLTD,1,Acme",
        "p-5,Siobh\ufffdn,NPQLTD,1,Acme",
        "p-6,SÃO Conceição,NPQLTD,1,Acme",
    ]
    report = desk.take(f"{HEADERS['participants']}\n" + "\n".join(people) + "\n", skip_bad_rows=True)
    assert [(one.row, one.column, one.message) for one in report.problems] == [
        (
            row,
            "full_name",
            f"The letters “{letters}” were damaged on the way: "
            "type them again, or export the file again as “CSV UTF-8” or XLSX.",
        )
        for row, letters in [(4, "ChloÃ©"), (6, "Siobh\ufffdn")]
    ]
    assert report.files[0].warnings == (
        "Row 2 and 1 more: In full_name, letters that were damaged on the way (UTF-8 read as another encoding) were put right.",
        "Row 3: In full_name, marks that nobody sees were left out.",
    )
    assert [row["full_name"] for row in desk.rows("participants")] == [
        "Siobhán O’Brien",
        "Amina Khan",
        "Zoë",
        "SÃO Conceição",
    ]


def test_a_meeting_of_nobody_is_taken_with_a_warning(full: Desk) -> None:
    report = full.take("delivery_partner,meeting_on\nFourth Hub,2022-07-01\n")
    assert report.files[0].added == 1
    assert report.files[0].warnings == ("Row 2: No participant is with Fourth Hub.",)


def test_progress_is_told(desk: Desk) -> None:
    told: list[tuple[str, int, int | None]] = []
    desk.take(desk.file(PARTICIPANTS, "people.csv"), progress=lambda *line: told.append(line))
    assert told[-1] == ("people.csv", 3, 3)


def test_a_header_without_rows(desk: Desk) -> None:
    report = desk.take("delivery_partner,meeting_on\n")
    assert report.written
    assert report.files[0].rows == 0
    assert desk.revision() == 0


def test_a_mapping_translates(full: Desk) -> None:
    mapping = full.file(
        '[columns]\nLearner = "participant_id"\nSession = "event_id"\n[words.status]\nPresent = "attended"\n', "m.toml"
    )
    report = full.take(
        "Learner,Session,event type,event date,status\np-1,e-2,live_webinar,2021-12-01,PRESENT\n", mapping=mapping
    )
    assert report.files[0].changed == 1
    assert full.rows("register")[2]["status"] == "attended"


# ---- what is refused: kind of file, its rows, and (row, column, value, what would be right)

WRONG: list[tuple[str, str, list[tuple[int, str | None, str | None, str]]]] = [
    (
        "participants",
        "p-9,Jo,NPQXX,1,Acme\np-8,Jo,NPQLL,2,Acme\np-7,Jo,NPQH,9,Acme\np-6,Jo,NPQH,first,Acme\np-5,,NPQH,1,\n,Jo,NPQH,1,Acme\n",
        [
            (
                2,
                "course",
                "NPQXX",
                "The policy pack edt-v18 has no course “NPQXX”: give EHCO, NPQEYL, NPQH, NPQLBC, NPQLL, NPQLT, NPQLTD or NPQSL, or "
                "DfE's identifier. If yours is another provider's or a newer one, set NPQ_PACK to its pack, or add the course: "
                "docs/packs.md.",
            ),
            (3, "cohort", "2", "NPQLL is not offered in cohort 2; it is in 3 and 4: correct one of them."),
            (
                4,
                "cohort",
                "9",
                "The policy pack edt-v18 has no cohort 9: give 1, 2, 3 or 4. If yours is another provider's or a newer one, set "
                "NPQ_PACK to its pack, or add the cohort: docs/packs.md.",
            ),
            (
                5,
                "cohort",
                "first",
                "The policy pack edt-v18 has no cohort first: give 1, 2, 3 or 4. If yours is another provider's or a newer one, "
                "set NPQ_PACK to its pack, or add the cohort: docs/packs.md.",
            ),
            (6, "full_name", "", "Must not be blank: give the participant's name."),
            (6, "delivery_partner", "", "Must not be blank: give the Delivery Partner's name."),
            (7, "participant_id", "", "Must not be blank: give the participant's id."),
        ],
    ),
    (
        "participants",
        "p-9,Jo,NPQH,1,Acme\np-9,Jo,NPQH,1,Acme\n\np-8,Jo,NPQH,1,Acme,one cell too many\n",
        [
            (3, "participant_id", "p-9", "Row 2 has the same participant_id: keep one of the two."),
            (
                5,
                None,
                None,
                "The row has 6 cells and the header 5: put quotation marks around a cell that holds the separator.",
            ),
        ],
    ),
    (
        "activities",
        "p-0,1,Self-study,X,1,2022-01-01\np-1,6,Self-study,X,1,2022-01-01\np-2,5,Self-study,X,1,2022-01-01\n"
        "p-1,1,Self-study,X,101,2022-01-01\np-1,1,Self-study,Y,-1,2022-01-01\np-1,1,Self-study,Z,1.5,2022-01-01\n"
        "p-1,1,Self-study,V,1,2022-02-30\np-1,1,Self-study,v,1,2022-02-20\np-1,1,Self-study,,1,\n",
        [
            (
                2,
                "participant_id",
                "p-0",
                "No participant has this id: correct it, or import the participants file too.",
            ),
            (3, "block", "6", "NPQLTD has no such block: give 1, 2, 3, 4 or 5."),
            (4, "block", "5", "NPQSL has no such block: give 1, 2, 3 or 4."),
            (5, "credits", "101", "Out of range: give a whole number of credits from 0 to 100."),
            (6, "credits", "-1", "It cannot be negative: give a whole number of credits from 0 to 100."),
            (7, "credits", "1.5", "Fractions do not exist here: give a whole number of credits from 0 to 100."),
            (
                8,
                "completed_on",
                "2022-02-30",
                "There is no such day: give a date such as 2021-12-13 or 13/12/2021 (day before month).",
            ),
            (
                9,
                "participant_id",
                "p-1",
                "Row 8 has the same participant_id, block, component and title: keep one of the two.",
            ),
            (10, "title", "", "Must not be blank: give the activity's title."),
        ],
    ),
    (
        "declaration_report",
        "p-1,2022-06-02,2022-06-01,1\np-1,2022-06-01,2022-06-01,1\np-2,2022-01-01,2022-01-31,1\np-2,2022-01-31,2022-02-28,1\n"
        "p-2,2022-03-01,2022-03-31,1001\n",
        [
            (2, "period_end", "2022-06-01", "The period ends before it starts: give a day from 2022-06-02 on."),
            (
                3,
                "period_start",
                "2022-06-01",
                "The period overlaps 2021-12-14 to 2022-06-01 of the same participant: give periods that do not share a day.",
            ),
            (
                5,
                "period_start",
                "2022-01-31",
                "The period overlaps 2022-01-01 to 2022-01-31 of the same participant: give periods that do not share a day.",
            ),
            (6, "credits", "1001", "Out of range: give a whole number of credits from 0 to 1000."),
        ],
    ),
    (
        "engagement_report",
        "p-1,2022-05-01,100.1\np-2,2022-05-01,ninety\np-3,2022-05-01,-5\np-3,1/5/22,5\n",
        [
            (2, "percent_complete", "100.1", "More than 100 percent: give a percentage from 0 to 100 such as 89.7."),
            (3, "percent_complete", "ninety", "Not a percentage: give a percentage from 0 to 100 such as 89.7."),
            (4, "percent_complete", "-5", "It cannot be negative: give a percentage from 0 to 100 such as 89.7."),
            (
                5,
                "run_on",
                "1/5/22",
                "Its year has two digits only: give a date such as 2021-12-13 or 13/12/2021, with all four.",
            ),
        ],
    ),
    (
        "register",
        "e-9,party,2022-01-01,p-1,attended\ne-8,f2f,2022-01-01,p-1,there\ne-7,f2f,2022-01-01,p-1,attended\n"
        "e-7,f2f,2022-01-02,p-2,attended\ne-7,live_webinar,2022-01-01,p-3,attended\ne-1,f2f,2021-11-22,p-1,attended\n"
        "e-2,f2f,2021-12-01,p-2,booked\n",
        [
            (2, "event_type", "party", "Not one of the words for this column: give f2f or live_webinar."),
            (3, "status", "there", "Not one of the words for this column: give booked, attended, completed or absent."),
            (
                5,
                "event_date",
                "2022-01-02",
                "Row 4 has this event as f2f on 2022-01-01: give one event one date and one type.",
            ),
            (
                6,
                "event_type",
                "live_webinar",
                "Row 4 has this event as f2f on 2022-01-01: give one event one date and one type.",
            ),
            (
                7,
                "event_date",
                "2021-11-22",
                "The event is stored as f2f on 2021-11-21: give that, or change all 2 stored rows of it at once.",
            ),
            (
                8,
                "event_type",
                "f2f",
                "The event is stored as live_webinar on 2021-12-01: give that, or change its stored row at once.",
            ),
        ],
    ),
    (
        "videos",
        "p-1,7,50,2022-01-01\np-1,1,101,2022-01-01\np-1,1,50,2022-01-01\np-1,01,51,01/01/2022\n",
        [
            (2, "block", "7", "NPQLTD has no such block: give 1, 2, 3, 4 or 5."),
            (3, "percent_viewed", "101", "More than 100 percent: give a percentage from 0 to 100 such as 89.7."),
            (
                4,
                "participant_id",
                "p-1",
                "Row 3 has the same participant_id, block and viewed_on: keep one of the two.",
            ),
            (
                5,
                "participant_id",
                "p-1",
                "Row 3 has the same participant_id, block and viewed_on: keep one of the two.",
            ),
        ],
    ),
    (
        "assessments",
        "p-1,maybe\np-0,yes\n",
        [
            (2, "copies_held", "maybe", "Not one of the words for this column: give yes or no."),
            (
                3,
                "participant_id",
                "p-0",
                "No participant has this id: correct it, or import the participants file too.",
            ),
        ],
    ),
    (
        "declarations",
        "p-1,4,2022-05-01,\np-1,1,2022-01-01,paid\np-2,2,2022-05-23,\np-2,2,2022-05-24,eligible\np-2,3,2022-01-01,sent\n",
        [
            (2, "output", "4", "NPQLTD has no such output: give 1, 2 or 3."),
            (
                3,
                "declared_on",
                "2022-01-01",
                "Output 1 is already declared on 2021-12-13: give that one a state such as voided first.",
            ),
            (
                5,
                "declared_on",
                "2022-05-24",
                "Output 2 is already declared on 2022-05-23: give that one a state such as voided first.",
            ),
            (
                6,
                "state",
                "sent",
                "Not one of the words for this column: "
                "give submitted, eligible, payable, paid, awaiting_clawback, voided, ineligible or clawed_back.",
            ),
        ],
    ),
    (
        "meetings",
        "Acme,soon\nAcme,2022-07-01\nAcme,2022-07-01\n",
        [
            (2, "meeting_on", "soon", "Not a date here: give a date such as 2021-12-13 or 13/12/2021."),
            (4, "delivery_partner", "Acme", "Row 3 has the same delivery_partner and meeting_on: keep one of the two."),
        ],
    ),
]
HEADERS = {
    "participants": "participant_id,full_name,course,cohort,delivery_partner",
    "activities": "participant_id,block,component,title,credits,completed_on",
    "declaration_report": "participant_id,period_start,period_end,credits",
    "engagement_report": "participant_id,run_on,percent_complete",
    "register": "event_id,event_type,event_date,participant_id,status",
    "videos": "participant_id,block,percent_viewed,viewed_on",
    "assessments": "participant_id,copies_held",
    "declarations": "participant_id,output,declared_on,state",
    "meetings": "delivery_partner,meeting_on",
}


@pytest.mark.parametrize(("kind", "rows", "expected"), WRONG, ids=[case[0] for case in WRONG])
def test_wrong_rows_are_named_and_change_nothing_but_the_log(
    full: Desk, kind: str, rows: str, expected: list[tuple[int, str | None, str | None, str]]
) -> None:
    before, lines = full.stored("import_log"), len(full.log())
    assert full.problems(f"{HEADERS[kind]}\n{rows}") == expected
    assert full.stored("import_log") == before
    assert full.log()[lines:] == [(False, len(expected))]
    for report in (full.take(f"{HEADERS[kind]}\n{rows}"), full.take(f"{HEADERS[kind]}\n{rows}", dry_run=True)):
        assert not report.written
        assert [(file.added, file.changed, file.unchanged) for file in report.files] == [(0, 0, 0)]
        assert report.files[0].skipped == len({row for row, *_ in expected})


def test_cells_that_are_too_long_or_hold_nul(desk: Desk) -> None:
    long = "x" * 10_001
    found = desk.problems(
        f"{HEADERS['meetings']},note\nA\0cme,2022-01-01,\nAcme,2022-01-01,{long}\n{long[1:]},2022-01-01\n"
    )
    assert found == [
        (2, "delivery_partner", "A␀cme", "The cell has a NUL byte in it: type the value again."),
        (
            3,
            "note",
            f"{'x' * 80}… (10,001 characters)",
            "In column 3, which is not used: The cell has 10,001 characters: give at most 10,000 (is a quotation mark never closed?).",
        ),
    ]


def test_row_numbers_are_the_spreadsheets(full: Desk) -> None:
    content = (
        HEADERS["activities"]
        + '\n\np-1,1,Self-study,"two\nlines",1,2022-01-01\n\n,,,,,\np-1,1,Self-study,X,soon,2022-01-01\n'
    )
    assert [(row, column) for row, column, _, _ in full.problems(content)] == [(6, "credits")]


def test_a_participants_own_wrong_row_is_named_in_other_files(desk: Desk) -> None:
    people = desk.file(f"{HEADERS['participants']}\np-1,Jo,NPQLL,2,Acme\n", "people.csv")
    report = desk.take(f"{HEADERS['assessments']}\np-1,yes\n", people)
    assert [problem.message for problem in report.problems] == [
        f"This participant's own row is wrong (row 2 of {people}): mend that one first.",
        "NPQLL is not offered in cohort 2; it is in 3 and 4: correct one of them.",
    ]


def test_the_good_rows_alone_on_request(full: Desk) -> None:
    report = full.take(
        f"{HEADERS['videos']}\np-1,2,95,2022-05-01\np-0,2,95,2022-05-01\np-1,2,96,soon\n", skip_bad_rows=True
    )
    assert report.written
    assert [problem.row for problem in report.problems] == [3, 4]
    file = report.files[0]
    assert (file.rows, file.added, file.skipped) == (3, 1, 2)
    assert full.log()[-1] == (True, 2)
    assert len(full.rows("videos")) == 3


@pytest.mark.parametrize("kind", EVERYTHING)
def test_the_header_again_in_the_middle(desk: Desk, kind: str) -> None:
    """As two exports put into one have it; in any case, with blanks for underscores."""
    if kind != "participants":
        desk.take(PARTICIPANTS)
    header = EVERYTHING[kind].split("\n")[0]
    row = EVERYTHING[kind].count("\n") + 1
    assert desk.problems(f"{EVERYTHING[kind]}{header.upper().replace('_', ' ')}\n") == [
        (row, None, None, "This is the header again: delete the row.")
    ]


@pytest.mark.parametrize("skip_bad_rows", [True, False])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_whole_file_at_fault_stops_everything(desk: Desk, dry_run: bool, skip_bad_rows: bool) -> None:
    bad, folder = desk.file(b"delivery_partner,meeting_on\nCaf\xe9,2022-01-01\n", "bad.csv"), desk.folder
    with pytest.raises(ImportRefused) as refused:
        desk.take(PARTICIPANTS, bad, folder, dry_run=dry_run, skip_bad_rows=skip_bad_rows)
    assert refused.value.code == "file_refused"
    assert refused.value.message == (
        f"{bad}: Row 2 is not UTF-8 text (Excel's plain “CSV” writes Windows-1252): save it again as “CSV UTF-8”. "
        f"{folder}: It is a folder: name the files in it, e.g. with *.csv."
    )
    assert [(problem.file, problem.row) for problem in refused.value.problems] == [(str(bad), 2), (str(folder), None)]
    assert desk.rows("participants") == []
    assert desk.log() == ([] if dry_run else [(False, 2)])


def test_a_dry_run_says_the_same_and_leaves_every_byte(desk: Desk) -> None:
    first = desk.take(*EVERYTHING.values(), dry_run=True)
    assert not first.written
    assert [file.added for file in first.files] == [3, 3, 2, 2, 3, 2, 1, 2, 2]
    assert all(not rows for name, rows in desk.stored("caseload_revision", "audit").items())
    assert desk.revision() == 0
    again = desk.take(*EVERYTHING.values())
    assert [file.added for file in again.files] == [file.added for file in first.files]


def test_a_dry_run_does_not_touch_the_database_file(tmp_path: Path, pack: Pack) -> None:
    database = tmp_path / "npq.db"
    engine = open_database(f"sqlite:///{database}")
    migrate(engine)
    desk = Desk(Installation(engine, pack), tmp_path)
    desk.take(PARTICIPANTS)
    engine.dispose()
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    desk.take(*EVERYTHING.values(), dry_run=True)
    desk.take(f"{HEADERS['videos']}\np-0,2,95,2022-05-01\n", dry_run=True)
    engine.dispose()
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before


# ---- Python's looking for objects that hold each other


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_rests_during_an_import_and_is_as_it_was_afterwards(desk: Desk, was_on: bool) -> None:
    seen: list[bool] = []

    def see(*_: object) -> None:
        seen.append(gc.isenabled())

    def die(*_: object) -> None:
        raise RuntimeError("half way")

    try:
        if not was_on:
            gc.disable()
        assert desk.take(PARTICIPANTS, progress=see).written
        assert set(seen) == {False}
        assert gc.isenabled() is was_on
        assert desk.problems(PARTICIPANTS.replace("p-2", ""))
        assert gc.isenabled() is was_on
        with pytest.raises(RuntimeError):
            desk.take(PARTICIPANTS, progress=die)
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


# ---- events, periods, declarations against what is stored


def test_an_event_moves_with_all_its_rows(full: Desk) -> None:
    report = full.take(
        f"{HEADERS['register']}\ne-1,f2f,2021-11-23,p-1,attended\ne-1,f2f,2021-11-23,p-2,completed\ne-1,f2f,2021-11-23,p-3,absent\n"
    )
    assert report.problems == ()
    assert {row["event_date"] for row in full.rows("register") if row["event_id"] == "e-1"} == {date(2021, 11, 23)}


def test_an_event_does_not_move_past_a_stored_contingency(full: Desk) -> None:
    found = full.problems(f"{HEADERS['register']}\ne-1,f2f,2021-12-23,p-1,attended\ne-1,f2f,2021-12-23,p-2,completed\n")
    assert [(row, column) for row, column, _, _ in found] == [(2, "event_date"), (3, "event_date")]
    assert found[1][3] == "The stored contingency_on, 2021-11-30, lies before it: give a later one too."


def test_a_skipped_row_does_not_let_half_an_event_move(full: Desk) -> None:
    content = f"{HEADERS['register']}\ne-1,f2f,2021-11-23,p-1,attended\ne-1,f2f,2021-11-23,p-2,gone\n"
    report = full.take(content, skip_bad_rows=True)
    assert [problem.row for problem in report.problems] == [2, 3]
    assert {row["event_date"] for row in full.rows("register") if row["event_id"] == "e-1"} == {date(2021, 11, 21)}


def test_a_contingency_lies_on_or_after_its_event(full: Desk) -> None:
    header = f"{HEADERS['register']},contingency,contingency_on"
    assert full.problems(f"{header}\ne-5,f2f,2022-01-10,p-1,attended,recording,2022-01-09\n") == [
        (2, "contingency_on", "2022-01-09", "It lies before the event: give a day from 2022-01-10 on.")
    ]
    assert full.problems(f"{header}\ne-5,f2f,2022-01-10,p-1,attended,recording,2022-01-10\n") == []


def test_a_voided_declaration_makes_room(full: Desk) -> None:
    assert full.problems(f"{HEADERS['declarations']}\np-1,1,2022-01-05,paid\np-1,1,2021-12-13,voided\n") == []
    found = full.problems(f"{HEADERS['declarations']}\np-1,1,2021-12-13,submitted\n")
    assert [(row, column) for row, column, _, _ in found] == [(2, "declared_on")]


def test_declarations_out_of_sequence_are_taken_with_a_warning(full: Desk) -> None:
    report = full.take(f"{HEADERS['declarations']}\np-1,3,2022-02-24,\np-1,2,2021-12-01,\n")
    assert report.written
    assert report.files[0].warnings == ("Row 3: Output 2 is declared before Output 1 (outputs go in order).",)
    report = full.take(f"{HEADERS['declarations']}\np-2,3,2022-02-24,\n")
    assert report.files[0].warnings == ("Row 2: Output 3 is declared and Output 2 is not (outputs go in order).",)


def test_credits_that_differ_from_the_pack_are_taken_with_a_warning(full: Desk) -> None:
    report = full.take(f"{HEADERS['activities']}\np-1,2,Self-study,Diagnostic Assessment for Block 2,9,2022-01-01\n")
    assert report.written
    assert report.files[0].warnings == (
        "Row 2: “Diagnostic Assessment for Block 2” is worth 2 credits in NPQLTD, not 9.",
    )


# ---- who, and whose rows


def test_only_one_partners_rows_on_request(full: Desk) -> None:
    assert [found[:3] for found in full.problems(PARTICIPANTS, partner="Acme")] == [(4, "delivery_partner", "Beacon")]
    assert full.problems(ASSESSMENTS, partner="Acme") == []
    message = "No participant of Beacon has this id: correct it, or leave the row out."
    assert full.problems(ASSESSMENTS, partner="Beacon") == [(2, "participant_id", "p-1", message)]
    assert full.problems(f"{HEADERS['assessments']}\np-0,yes\n", partner="Beacon") == [
        (2, "participant_id", "p-0", message)
    ]
    assert [found[:3] for found in full.problems(MEETINGS, partner="Acme")] == [(3, "delivery_partner", "Beacon")]


def test_a_coordinator_imports_for_their_partner_only(full: Desk) -> None:
    fay = Actor("Fay", "coordinator", partner="Beacon")
    assert [
        found[1] for found in full.problems(f"{HEADERS['participants']}\np-1,Jane,NPQLTD,1,Beacon\n", actor=fay)
    ] == ["participant_id"]
    assert full.problems(f"{HEADERS['participants']}\np-4,Jo,NPQLTD,1,Beacon\n", actor=fay) == []
    with pytest.raises(Refusal, match="You can import files of Beacon only"):
        full.take(PARTICIPANTS, actor=fay, partner="Acme")


@pytest.mark.parametrize("role", ["viewer", "facilitator"])
def test_others_may_not_import(desk: Desk, role: str) -> None:
    with pytest.raises(Refusal) as refused:
        desk.take(PARTICIPANTS, actor=Actor("Vi", role))
    assert refused.value.code == "not_permitted"
    assert desk.log() == []


def test_words_that_name_no_kind(desk: Desk) -> None:
    with pytest.raises(Refusal, match="There is no kind of file “people”: give participants, activities"):
        desk.take(PARTICIPANTS, kind="people")
    with pytest.raises(Refusal, match="Name at least one"):
        desk.take()
    assert desk.take(PARTICIPANTS, kind="Participants").written
    with pytest.raises(ImportRefused, match="may hold kind"):
        desk.take(PARTICIPANTS, mapping=desk.file("x = 1", "m.toml"))


def test_a_failing_import_leaves_nothing_half_done(full: Desk) -> None:
    """Thousands of good rows before one wrong one: they were written in the transaction and are gone with it."""
    before = full.stored("import_log")
    rows = "".join(f"p-1,{block},97.5,{date(2022, 1, 1 + day)}\n" for block in range(2, 6) for day in range(28))
    many = "".join(f"Acme,{date.fromordinal(date(2022, 1, 1).toordinal() + day)}\n" for day in range(12_000))
    assert len(full.problems(f"{HEADERS['videos']}\n{rows}", f"{HEADERS['meetings']}\n{many}Acme,never\n")) == 1
    assert full.stored("import_log") == before


def test_two_connections_see_all_or_nothing(full: Desk) -> None:
    with writing(full.installation.engine) as session:
        session.execute(text("SELECT 1"))
    assert full.take(PARTICIPANTS).files[0].unchanged == 3


@pytest.mark.parametrize(
    ("kind", "row"), [("activities", "p-1,1,Self-study,Our own,5,2022-01-01"), ("participants", "p-9,Jo,NPQSL,2,Acme")]
)
def test_two_imports_at_once_come_one_after_the_other(full: Desk, kind: str, row: str) -> None:
    """The second finds what the first has written, though that was not committed yet when the second began."""
    file = full.file(f"{HEADERS[kind]}\n{row}\n")
    second: list[ImportReport] = []
    other = threading.Thread(target=lambda: second.append(full.take(file)))

    def once_written(*_: object) -> None:
        if other.ident is None:
            other.start()
            other.join(timeout=0.5)

    first = full.take(file, progress=once_written)
    other.join()
    assert (first.files[0].added, second[0].files[0].added, second[0].files[0].unchanged) == (1, 0, 1)


def test_a_person_counts_once_whatever_of_them_is_new_or_changed(desk: Desk) -> None:
    """Who they are and what they take are stored apart; a file in which some rows lack a cell is written bit by bit."""
    header = HEADERS["participants"]
    people = {who: f"Jo,NPQSL,2,Acme,{who}@example.org" for who in ("a-1", "a-2", "a-3", "a-4", "a-5", "a-6")}

    def file(rows: Mapping[str, str]) -> str:
        return f"{header},email\n" + "".join(f"{who},{row}\n" for who, row in rows.items())

    first, *_ = desk.take(file(people)).files
    assert (first.added, first.changed, first.unchanged) == (6, 0, 0)
    later = people | {
        "a-1": "Joe,NPQSL,2,Acme,a-1@example.org",
        "a-2": "Jo,NPQSL,3,Acme,a-2@example.org",
        "a-3": "Joe,,3,Acme,",
        "a-4": "Jo,,2,Acme,",
        "b-1": "New,NPQSL,2,Acme,",
        "b-2": "New,,2,Acme,",
    }
    [again] = desk.take(file(later), skip_bad_rows=True).files
    assert (again.added, again.changed, again.unchanged, again.skipped) == (1, 3, 3, 1)
    assert {row["participant_id"]: (row["full_name"], row["cohort"]) for row in desk.rows("participants")} == {
        "a-1": ("Joe", "2"),
        "a-2": ("Jo", "3"),
        "a-3": ("Joe", "3"),
        "a-4": ("Jo", "2"),
        "a-5": ("Jo", "2"),
        "a-6": ("Jo", "2"),
        "b-1": ("New", "2"),
    }


def test_what_was_taken_back_leaves_nobody_enrolled_as_somebody_else(desk: Desk) -> None:
    """A dry run, a refused call and one that has to begin anew: facts that come later are of whom they name."""
    people = f"{HEADERS['participants']}\n" + "".join(f"p-{number},Jo,NPQSL,2,Acme\n" for number in (3, 1, 2))
    facts = f"{HEADERS['videos']}\n" + "".join(f"p-{number},1,{number},2022-01-01\n" for number in (1, 2, 3))
    assert desk.take(people, facts, dry_run=True).problems == ()
    assert desk.problems(people, f"{facts}p-9,1,9,2022-01-01\n")
    assert desk.problems(f"{people}p-3,Jo,NPQSL,2,Acme\n")
    assert desk.take(f"{people}p-3,Jo,NPQSL,2,Acme\n", facts, skip_bad_rows=True).files[0].added == 3
    assert {row["participant_id"]: row["percent_viewed"] for row in desk.rows("videos")} == {
        "p-1": 1,
        "p-2": 2,
        "p-3": 3,
    }
    assert [file.unchanged for file in desk.take(people, facts).files] == [3, 3]


def test_new_rows_of_some_who_have_rows_and_of_some_who_have_none(desk: Desk) -> None:
    """In one file, which leaves a column to its default; progress records are kept for each."""
    people = "".join(f"p-{number},Jo,NPQSL,2,Acme\n" for number in (1, 2, 3))
    desk.take(f"participant_id,full_name,course,cohort,delivery_partner\n{people}")
    header = "participant_id,block,component,title,credits,completed_on"
    mine = [f"p-1,1,Self-study,Our {title},5,2022-01-01" for title in ("A", "B")]
    assert desk.take("\n".join((header, *mine))).files[0].added == 2
    others = [f"p-{number},1,Self-study,Our {title},5,2022-01-01" for number in (2, 3) for title in ("A", "B")]
    changed, new = mine[0].replace(",5,", ",6,"), "p-1,1,Self-study,Our C,5,2022-01-01"
    report = desk.take("\n".join((header, changed, others[0], mine[1], *others[1:], new)))
    assert (report.files[0].added, report.files[0].changed, report.files[0].unchanged) == (5, 1, 1)
    rows = desk.rows("activities")
    assert [(row["participant_id"], row["title"], row["credits"]) for row in rows] == [
        ("p-1", "Our A", 6),
        ("p-1", "Our B", 5),
        ("p-1", "Our C", 5),
        *((f"p-{number}", f"Our {title}", 5) for number in (2, 3) for title in ("A", "B")),
    ]
    assert {row["logged_by"] for row in rows} == {"auto"}
    with reading(desk.installation.engine) as session:
        records = {
            record.id: bytes(record.facts)
            for record in progress_store.load(session, desk.installation.fold, partner="Acme")
        }
        for person in participant_rows.iterate_participants(session):
            assert records[person.id] == bytes(progress_of(desk.installation.pack, person).facts)


def test_a_title_in_another_case_is_no_second_activity(full: Desk) -> None:
    """Also where the pack does not list it: the spelling it is stored under stays."""
    first = f"{HEADERS['activities']}\np-1,1,Self-study,Our own,5,2022-01-01\n"
    again = f"{HEADERS['activities']}\np-1,1,self-STUDY,OUR OWN,6,2022-01-01\n"
    assert full.take(first).files[0].added == 1
    later = full.take(again).files[0]
    assert (later.added, later.changed) == (0, 1)
