"""Files as people save them: what comes out of them, by the row numbers of a spreadsheet, and what is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.kinds import KINDS
from core.spreadsheets.file_problems import FileFault
from core.spreadsheets.reading import Record, Table, open_table

NAMES = {name for kind in KINDS.values() for name in kind.by_name}
Save = Callable[[bytes | str], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(content: bytes | str, name: str = "a file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def opened(path: Path) -> Table:
    return open_table(path, known_names=NAMES, sheet_names=set(KINDS))


def records(path: Path) -> list[Record]:
    return [record for page in opened(path).pages() for record in page.records()]


def rows(path: Path) -> list[tuple[int, list[str]]]:
    return [(number, cells) for number, cells, _ in records(path)]


def refusal(path: Path) -> str:
    with pytest.raises(FileFault) as refused:
        records(path)
    assert refused.value.file == str(path)
    return refused.value.message


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_as_any_program_writes_it(save: Save, mark: bytes, end: str, separator: str) -> None:
    lines = ["Participant ID,MEETING ON,note", "p-1,2021-12-13,ä", "", '"p-2",2022-01-03,""']
    path = save(mark + end.join(line.replace(",", separator) for line in lines).encode())
    assert opened(path).header == ("participant_id", "meeting_on", "note")
    assert rows(path) == [(2, ["p-1", "2021-12-13", "ä"]), (4, ["p-2", "2022-01-03", ""])]


def test_a_comma_in_a_name_is_no_reason_for_another_separator(save: Save) -> None:
    assert rows(save('participant_id,full_name\np-1,"Doe; Jane; Dr"\n')) == [(2, ["p-1", "Doe; Jane; Dr"])]


def test_a_cell_of_several_lines_is_one_row(save: Save) -> None:
    path = save('participant_id,title\np-1,"two\r\nlines, and ""quotes"""\n,\n   \np-2,x\n')
    assert rows(path) == [(2, ["p-1", 'two\r\nlines, and "quotes"']), (5, ["p-2", "x"])]


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=8))
def test_rows_are_numbered_as_a_spreadsheet_numbers_them(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["participant_id", "title"], *table])
    path = tmp_path_factory.mktemp("rows") / "x.csv"
    try:
        path.write_bytes(written.getvalue().encode())
    except UnicodeEncodeError:
        return
    wanted = [
        (number, row)
        for number, row in enumerate(table, start=2)
        if any(cell.strip(" \u200b\ufeff\u2060\xa0\t\r\n") for cell in row)
    ]
    found = dict(rows(path))
    for number, row in wanted:
        assert found.get(number, row) == row
    assert set(found) <= {number for number, _ in enumerate(table, start=2)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "It is empty: it needs a header row that names the columns."),
        (b"\xef\xbb\xbf", "It is empty: it needs a header row that names the columns."),
        (b"\n\n , \n", "It is empty: it needs a header row that names the columns."),
        (
            "participant_id,title\n".encode("utf-16"),
            "It is UTF-16 text, and only UTF-8 can be read: save it again as “CSV UTF-8”.",
        ),
        (
            "participant_id,title\n".encode("utf-16-le"),
            "It is UTF-16 text, and only UTF-8 can be read: save it again as “CSV UTF-8”.",
        ),
        (
            "participant_id,title\np-1,x\np-2,café\n".encode("latin-1"),
            "Row 3 is not UTF-8 text (Excel's plain “CSV” writes Windows-1252): save it again as “CSV UTF-8”.",
        ),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
            "It is a picture, not a table: export the table itself as XLSX or as “CSV UTF-8”.",
        ),
        (b"%PDF-1.7\n...", "It is a PDF, not a table: export the table itself as XLSX or as “CSV UTF-8”."),
        (bytes(range(256)) * 40, "It is neither a CSV nor an XLSX file: save it as XLSX or as “CSV UTF-8”."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "It is in the old Excel format (.xls) or another Office format: save it as XLSX or as “CSV UTF-8”.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "It is protected by a password: save a copy without one.",
        ),
        (
            b"PK\x03\x04 and no more",
            "It is damaged or no Excel workbook: open it in Excel and save it as XLSX or as “CSV UTF-8”.",
        ),
        (
            b'participant_id,title\np-1,"never closed\np-2,x\n',
            "In row 2, a quotation mark opens a cell and none closes it: close it, or double one that is meant as text.",
        ),
        (
            b'participant_id,title\np-1,x\np-2,"a "quoted" word"\n',
            "In row 3, a quotation mark stands inside a quoted cell: double each one that is meant as text.",
        ),
    ],
)
def test_a_whole_file_that_cannot_be_read(save: Save, content: bytes, message: str) -> None:
    assert refusal(save(content)) == message


def test_bad_bytes_far_down_are_found_by_their_row(save: Save) -> None:
    lines = [f"p-{number},x".encode() for number in range(2, 30_000)]
    lines[20_000] = b"p-x,\xff"
    assert refusal(save(b"participant_id,title\n" + b"\n".join(lines))).startswith("Row 20002 is not UTF-8")


def test_folders_and_missing_files(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "It is a folder: name the files in it, e.g. with *.csv."
    assert refusal(tmp_path / "none.csv") == "There is no such file: check its name and folder."
    assert "cannot be opened" in refusal(Path("x" * 5_000))
    assert "cannot be opened" in refusal(Path("a\0b")) or "no such file" in refusal(Path("a\0b"))


def test_a_header_without_rows_is_fine(save: Save) -> None:
    assert rows(save("participant_id,title")) == []


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table:
            sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_a_workbook_under_any_name(save: Save) -> None:
    moment = datetime(2022, 1, 3, 10, 30)
    path = save(
        workbook(
            Sheet1=[
                ["Participant ID", "Credits", "on", "percent", "held"],
                [101, 15.0, date(2021, 12, 13), 89.7, True],
                [None, None, None],
                ["p-2", 15.5, moment, 0.125, "=1+1"],
            ]
        )
    )
    assert opened(path).header == ("participant_id", "credits", "on", "percent", "held")
    assert opened(path).total == 3
    assert rows(path) == [
        (2, ["101", "15", "2021-12-13", "89.7", "TRUE"]),
        (4, ["p-2", "15.5", "2022-01-03", "0.125", ""]),
    ]


def test_a_csv_that_calls_itself_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_text("participant_id,title\np-1,x\n")
    assert rows(path) == [(2, ["p-1", "x"])]


def test_the_first_sheet_unless_one_is_named_like_a_kind(save: Save) -> None:
    notes: list[list[object]] = [["about"], ["this"]]
    table: list[list[object]] = [["participant_id"], ["p-1"]]
    assert opened(save(workbook(Notes=notes, Data=table))).header == ("about",)
    found = opened(save(workbook(Notes=notes, Videos=table)))
    assert found.header == ("participant_id",)
    assert found.sheet == "Videos"
    assert found.warnings == ("Only the sheet “Videos” was read, not Notes.",)


def test_a_table_that_does_not_start_in_the_corner(save: Save) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C3"], sheet["D3"], sheet["C6"], sheet["D6"] = "participant_id", "credits", "p-1", "#REF!"
    sheet["D6"].data_type = "e"
    saved = io.BytesIO()
    book.save(saved)
    [(number, cells, broken)] = records(save(saved.getvalue()))
    assert (number, cells) == (6, ["p-1", ""])
    assert broken == {1: "The cell holds the spreadsheet error #REF!: mend its formula or type the value."}


def test_a_stray_cell_far_away_does_not_take_the_machine_down(save: Save) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "participant_id", "x"
    saved = io.BytesIO()
    book.save(saved)
    assert refusal(save(saved.getvalue())) == (
        "Its sheet “Sheet” spans 1,048,576 rows and 16,384 columns: delete the stray cells far from the table, or save it as CSV."
    )


def test_other_archives_and_broken_workbooks(save: Save) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(save(packed.getvalue())).startswith("It is a Word document, not a table: ")
    good = workbook(Sheet1=[["participant_id"], ["p-1"]])
    assert "damaged" in refusal(save(good[: len(good) // 2]))
    assert (
        refusal(save(workbook(Sheet1=[])))
        == "Its sheet “Sheet1” is empty: it needs a header row that names the columns."
    )
