"""Files that are not ours: each is called what it is, at once, with what to do instead."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from core.imports.headers.mapping_files import NOTHING_MAPPED, ColumnMapping
from core.imports.kinds import Kind, kind_named
from core.imports.taking_in import open_sources
from core.spreadsheets.file_problems import FileFault

Save = Callable[[bytes | str], Path]
REGISTER = "event_id,event_type,event_date,participant_id,status"
A_ROW = "EV-1,f2f,10/05/2023,p-1,attended"


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(content: bytes | str) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def fault(path: Path, kind: Kind | None = None, mapping: ColumnMapping = NOTHING_MAPPED) -> FileFault:
    sources, faults = open_sources([path], kind=kind, mapping=mapping)
    assert not sources
    return faults[0]


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return packed.getvalue()


PAGE = "<!DOCTYPE html><html><head><title>{}</title></head><body>{}</body></html>"
NOT_TABLES = [
    (PAGE.format("Oops", "<p>Not found</p>"), "It is a web page, not a table (were you logged out when you downloaded it?)"),
    ("\ufeff\n\n<html><body>Hello</body></html>", "It is a web page, not a table"),
    (PAGE.format("Sign in", "<form></form>"), "It is a log-in page, not a table: sign in"),
    (PAGE.format("Hub", "<form><input type='password'><table></table></form>"), "It is a log-in page"),
    (PAGE.format("x", "<table><tr><td>1</td></tr></table>").encode("utf-16"), "It is a web page with a table in it"),
    ("<table><tr><th>participant_id</th></tr></table>", "It is a web page with a table in it"),
    ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "It is an Excel 2003 XML sheet"),
    ('<?xml version="1.0"?><rss></rss>', "It is XML"),
    (json.dumps([{"participant_id": "p-1"}], indent=1), "It is JSON"),
    (json.dumps({"data": []}), "It is JSON"),
    (b"%PDF-1.7\n", "It is a PDF"),
    (b"{\\rtf1\\ansi", "It is a text document (RTF)"),
    (b"\xff\xd8\xff\xe0" + bytes(40), "It is a picture"),
    (b"\0\0\0\x18ftypheic" + bytes(40), "It is a picture"),
    (b"\x1f\x8b\x08" + bytes(40), "It is a packed archive: unpack it"),
    ("Return-Path: <a@b.example>\r\nReceived: from x\r\n by y\r\nSubject: July\r\n\r\nHi", "It is an e-mail"),
    ("From: a@b.example\nDate: today\nMIME-Version: 1.0\n\nHi", "It is an e-mail"),
    (archive("register.csv", "people.csv"), "It is a packed archive: unpack it, and import the files in it (people.csv, register.csv)."),
    (archive("mimetype", "content.xml", "META-INF/manifest.xml"), "It is an OpenDocument file"),
    (archive("Index/Document.iwa"), "It is a document of Apple Numbers"),
    (archive("xl/workbook.bin"), "It is a binary Excel workbook"),
    (archive("word/document.xml"), "It is a Word document"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), NOT_TABLES)
def test_what_is_no_table(save: Save, content: bytes | str, said: str) -> None:
    assert fault(save(content)).message.startswith(said)


@pytest.mark.parametrize("first", ["Subject: NPQ", "Date: 10/06/2023", "[draft]", "{x}", "<b>"])
def test_a_title_that_looks_like_something_else(save: Save, first: str) -> None:
    said = fault(save(f"{first}\nFrom: Fay\n\n{REGISTER}\n{A_ROW}\n")).message
    assert said.startswith(
        "The header must be the first row, and seems to be in row 4, which has event_id, event_type,"
    )


TEAMS = (
    "1. Summary\nMeeting title\tSeminar 2\nStart time\t10/05/23, 16:00:02\n\n2. Participants\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\nO’Brien\t10/05/23\n"
)
OLDER_TEAMS = "Full Name\tUser Action\tTimestamp\nJo\tJoined\t10/05/2023, 16:00:05\n"
ZOOM = (
    "Topic,ID,Host\nSeminar,812,Dana\n\nName (original name),Email,Join time,Leave time\nJo,,10/05/2023 04:00:05 PM,\n"
)
COMPLETION = ',"Email address","S 1.1 How pupils learn","2026-10-19"\n"Jo","jo@x.example","Completed","2026-10-14"\n'
ATTENDANCE = (
    "Course\tNPQLT\nGroup\tAll\n\nLast name\tFirst name\tID number\tTaken sessions\tPoints\tPercentage\n"
    "Doe\tJo\tp-1\t1\t2 / 2\t100.0\n"
)
CANVAS = "Student;ID;SIS User ID;Section;Final Score\n    Points Possible;;;;(read only)\nDoe, Jo;9;p-1;A;88,50\n"
BRIGHTSPACE = "OrgDefinedId,Username,Quiz <Numeric MaxPoints:10>,End-of-Line Indicator\n#p-1,#jo,9,#\n"
BLACKBOARD = '"Last Name"\t"Username"\t"Quiz [Total Pts: 10 Score] |92376"\n"Doe"\t"jo"\t"9"\n'
APPLICATIONS = (
    "id,participant_id,full_name,course_identifier,status,cohort\n1,2,Jo,npq-senior-leadership,accepted,2022\n"
)
STATEMENT = "Participant ID,TRN,Course Identifier,Declaration ID,Declaration Type,Declaration Date\n1,2,x,3,started,y\n"
PRODUCTS = [
    (TEAMS, "It is a Teams attendance list: it is no evidence by itself (R10). Mark the event's register from it"),
    (OLDER_TEAMS, "It is a Teams attendance list: "),
    (ZOOM, "It is a Zoom report: it is no evidence by itself (R10)."),
    (COMPLETION, "It is a Moodle activity completion report: it has a column for each activity"),
    (ATTENDANCE, "It is a Moodle attendance report: it has a column for each session"),
    (CANVAS, "It is a Canvas gradebook: its marks say nothing of credits"),
    (BRIGHTSPACE, "It is a Brightspace grade export: its marks say nothing of credits"),
    (BLACKBOARD, "It is a Blackboard grade export: its marks say nothing of credits"),
    (APPLICATIONS, "It is DfE's list of applications: it names no Delivery Partner"),
    (STATEMENT, "It is DfE's statement of declarations: it can be read with a mapping file"),
]


@pytest.mark.parametrize(("content", "said"), PRODUCTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_another_products_table_is_named_at_once(save: Save, content: str, said: str, encoding: str) -> None:
    assert fault(save(content.encode(encoding))).message.startswith(said)


def test_the_same_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in ATTENDANCE.splitlines():
        book.active.append(line.split("\t"))
    book.save(tmp_path / "a.xlsx")
    found = fault(tmp_path / "a.xlsx")
    assert found.message.startswith("It is a Moodle attendance report: ")
    assert found.sheet == "Sheet"


def test_with_a_mapping_what_is_missing_is_said_as_well(save: Save) -> None:
    mapping = ColumnMapping(kind_named("engagement_report"), {"sis_user_id": "participant_id"})
    said = fault(save(CANVAS), mapping=mapping).message
    assert said.startswith(
        "The header row lacks run_on and percent_complete, which engagement_report needs; it has “Student”"
    )
    assert "It is a Canvas gradebook: " in said
    assert "rename" not in said  # the gradebook's advice is another
    assert fault(save(BLACKBOARD.encode("utf-16")), mapping=mapping).message.startswith("It is UTF-16 text")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_lines_above_the_header(save: Save, separator: str) -> None:
    header, row = (line.replace(",", separator) for line in (REGISTER, A_ROW))
    found = fault(save(f"Report of 10 June\nProduced by Fay\n\n{header}\n{row}\n"))
    assert (found.row, found.message) == (
        1,
        "The header must be the first row, and seems to be in row 4, which has event_id, event_type, event_date, participant_id "
        "and status as register has: delete the rows above it.",
    )


@pytest.mark.parametrize("title", ["Title", "Status", "Register of June"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_title_filled_up_with_separators(save: Save, title: str, separator: str) -> None:
    header, row = (line.replace(",", separator) for line in (REGISTER, A_ROW))
    said = fault(save(f"{title}{separator * 4}\n{header}\n{row}\n")).message
    assert said.startswith("The header must be the first row, and seems to be in row 2, which has event_id,")


@pytest.mark.parametrize(
    "rows",
    [
        "p-001,Jane,NPQLT,1,North Hub\np-002,Joe,NPQLT,1,North Hub\n",
        "1001;Jane;NPQLT\n1002;Joe;NPQLT\n",
        "jane@x.example,NPQLT,1\n",
        "10/05/2023,p-001,attended\n11/05/2023,p-001,attended\n",
    ],
)
def test_no_header_row_at_all(save: Save, rows: str) -> None:
    said = fault(save(rows)).message
    assert said.startswith("The header row seems to be missing: the first row has “")
    assert "Add a first row that names the columns" in said


@pytest.mark.parametrize("rows", ["Q1,Q2\nagree,no\n", "Learner,2021\nJane,3\n", "Name,Mark\nJane,2\n"])
def test_a_header_of_other_names_is_not_called_missing(save: Save, rows: str) -> None:
    assert fault(save(rows)).message.startswith("None of its columns is known")


def test_lines_above_the_header_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Read me"])
    sheet = book.create_sheet("June")
    for line in (["Register of June"], [], REGISTER.split(","), A_ROW.split(",")):
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    found = fault(tmp_path / "a.xlsx")
    assert found.sheet == "June"
    assert "seems to be in row 3" in found.message


@pytest.mark.parametrize("mark", [",", ";", "^", "~"])
def test_a_table_in_one_column(save: Save, mark: str) -> None:
    lines = (f'"{line.replace(",", mark)}"' for line in (REGISTER, A_ROW))
    said = fault(save("\n".join(lines))).message
    assert said.startswith("All its columns stand in one cell, parted by ")


def test_blank_rows_above_the_header_are_fine(save: Save) -> None:
    sources, faults = open_sources([save(f"\n,,\n{REGISTER}\n{A_ROW}\n")], kind=None, mapping=NOTHING_MAPPED)
    assert not faults
    assert sources[0].layout.kind.name == "register"
