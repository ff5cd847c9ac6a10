"""What spreadsheets and forms leave in place of a value makes nobody, names nothing and overwrites no right name."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from core.database.tables import columns_of
from core.derived.installation import Installation
from core.services.imports import ImportReport, import_files
from core.services.staff.actors import Actor
from core.spreadsheets.cells import LOST_LETTER
from core.spreadsheets.spoilt_cells import MADE_A_DATE
from tests.loading import loading
from tests.records.made import stored_person

NOW = datetime(2023, 6, 1, 9, tzinfo=UTC)
COLUMNS = [
    "participant_id",
    "full_name",
    "course",
    "cohort",
    "delivery_partner",
    "school",
    "facilitator",
    "contract_returned_on",
]
SOUND = {
    "participant_id": "n-1",
    "full_name": "Łucja Wiśniewska",
    "course": "NPQLTD",
    "cohort": "3",
    "delivery_partner": "Łódź Hub",
}
REGISTER = ["event_id", "event_type", "event_date", "participant_id", "status", "contingency", "confirmed_by"]
ERRORS = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#n/a", "Err:502"]


class Desk:
    """Files in, and what is said of them and stored."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self._folder = installation, folder

    def take(self, header: list[str], *rows: list[Any], sheet: bool = False) -> ImportReport:
        path = self._folder / "file"
        if sheet:
            book = openpyxl.Workbook()
            for row in [header, *rows]:
                book.active.append(row)
            book.save(path)
        else:
            written = io.StringIO(newline="")
            csv.writer(written).writerows([header, *rows])
            path.write_text(written.getvalue(), encoding="utf-8")
        return import_files(self.installation, Actor.console("Sam"), [path], now=NOW)

    def said(self, *, sheet: bool = False, **given: Any) -> list[tuple[str | None, str]]:
        """What is said of one participants row."""
        report = self.take(COLUMNS, [(SOUND | given).get(name, "") for name in COLUMNS], sheet=sheet)
        return [(one.column, one.message) for one in report.problems]

    def people(self) -> dict[str, tuple[str, str]]:
        table = columns_of("participants")
        with self.installation.engine.connect() as connection:
            rows = connection.execute(select(table.participant_id, table.full_name, table.delivery_partner))
            return {row[0]: (row[1], row[2]) for row in rows}


@pytest.fixture
def desk(installation: Installation, tmp_path: Path) -> Desk:
    here = Desk(installation, tmp_path)
    assert here.said() == []
    return here


# ---- letters that were lost


@pytest.mark.parametrize("name", ["?ucja Wi?niewska", "Pawe?", "?od?", "O?Brien", "M??ller", "Jane D?"])
@pytest.mark.parametrize("column", ["full_name", "delivery_partner", "school", "facilitator"])
def test_a_question_mark_in_place_of_a_letter(desk: Desk, column: str, name: str) -> None:
    assert desk.said(**{column: name}) == [(column, LOST_LETTER)]
    assert desk.people() == {"n-1": ("Łucja Wiśniewska", "Łódź Hub")}


def test_nor_in_who_confirmed_it(desk: Desk) -> None:
    report = desk.take(REGISTER, ["EV-1", "f2f", "2023-05-10", "n-1", "absent", "other", "Pawe?"])
    assert [(one.column, one.message) for one in report.problems] == [("confirmed_by", LOST_LETTER)]


def test_other_question_marks_are_taken(desk: Desk) -> None:
    assert desk.said(full_name="Jane Doe (?)", school="Hill ? School") == []


def test_the_letters_of_web_pages_are_put_right_and_told(desk: Desk) -> None:
    given = SOUND | {"full_name": "Ren&eacute;e O&#39;Brien", "delivery_partner": "Kent &amp; Medway Hub"}
    report = desk.take(COLUMNS, [given.get(name, "") for name in COLUMNS])
    assert report.problems == ()
    assert desk.people() == {"n-1": ("Renée O'Brien", "Kent & Medway Hub")}
    assert sum("web page" in warning for warning in report.files[0].warnings) == 2


# ---- errors of a spreadsheet


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    "column", ["participant_id", "full_name", "course", "cohort", "school", "contract_returned_on"]
)
def test_an_error_is_no_value_in_any_column(desk: Desk, column: str, error: str) -> None:
    message = f"The cell holds the spreadsheet error {error}: mend its formula or type the value."
    assert desk.said(**{column: error}) == [(column, message)]


def test_a_cell_that_was_too_narrow_to_be_shown(desk: Desk) -> None:
    [(column, message)] = desk.said(contract_returned_on="########")
    assert (column, "widen the column" in message) == ("contract_returned_on", True)


# ---- ids, names and partners that Excel made dates


@pytest.mark.parametrize(
    "spoilt", ["12-Mar", "3-Apr-22", "Mar-22", "Sept-03", "12/03/2022", "12/03/22", "2022-03-12", "12/03/2022 00:00"]
)
def test_a_new_id_that_excel_made_a_date(desk: Desk, spoilt: str) -> None:
    assert desk.said(participant_id=spoilt) == [("participant_id", MADE_A_DATE)]
    report = desk.take(REGISTER, [spoilt, "f2f", "2023-05-10", "n-1", "attended", "", ""])
    by_its_day = spoilt == "2022-03-12"  # an event may well be called so
    assert [(one.column, one.message) for one in report.problems] == [("event_id", MADE_A_DATE)][by_its_day:]
    assert desk.said(delivery_partner=spoilt) == [("delivery_partner", MADE_A_DATE)]


@pytest.mark.parametrize("column", ["participant_id", "full_name", "delivery_partner", "school", "facilitator"])
def test_a_date_cell_in_a_column_that_is_none(desk: Desk, column: str) -> None:
    assert desk.said(sheet=True, **{column: date(2022, 3, 12)}) == [(column, MADE_A_DATE)]
    assert desk.said(sheet=True, **{column: datetime(2022, 3, 12, 9, 30)}) == [(column, MADE_A_DATE)]


# ---- what stands for no value


@pytest.mark.parametrize(
    "spoilt",
    [
        *(
            "1,024.00",
            "2,210",
            "3.5",
            "1024.50",
            "£12.00",
            "2.21012E16",
            "2,21012E16",
            "N/A",
            "n/a",
            "TBC",
            "tbd",
            "-",
            "?",
        ),
        *("--", "nan", "NaN", "<NA>", "null", "None", "TRUE", "False", "unknown", "to be confirmed", "(blank)", "..."),
    ],
)
def test_a_new_id_that_is_none(desk: Desk, spoilt: str) -> None:
    [(column, message)] = desk.said(participant_id=spoilt)
    assert (column, message.endswith(".")) == ("participant_id", True)
    report = desk.take(REGISTER, [spoilt, "f2f", "2023-05-10", "n-1", "attended", "", ""])
    assert [one.column for one in report.problems] == ["event_id"]
    assert list(desk.people()) == ["n-1"]


def test_true_and_false_in_a_sheet_are_no_ids(desk: Desk) -> None:
    assert [column for column, _ in desk.said(sheet=True, participant_id=True)] == ["participant_id"]


@pytest.mark.parametrize(
    "sound", ["73928e05", "1e5", "p-3.5", "mar-22", "MAR-22", "45-Mar", "12/34567", "1.2.3", "2022", "1,2", "NA-1", "x"]
)
def test_an_id_that_only_looks_a_little_like_it(desk: Desk, sound: str) -> None:
    assert desk.said(participant_id=sound) == []


@pytest.mark.parametrize("spoilt", ["12-Mar", "12/03/2022", "2022-03-12", "1,024.00", "N/A", "3.5", "-"])
def test_what_is_stored_stays(desk: Desk, spoilt: str) -> None:
    with loading(desk.installation) as session:
        session.add(stored_person(spoilt, full_name="Of an older version"))
    assert desk.said(participant_id=spoilt) == []
    report = desk.take(["participant_id", "run_on", "percent_complete"], [spoilt, "2023-05-01", "5"])
    assert report.problems == ()


@pytest.mark.parametrize("spoilt", ["TBC", "N/A", "?", "-", "none", "To be confirmed", "12", "12.5", "TRUE", "…"])
def test_no_delivery_partner(desk: Desk, spoilt: str) -> None:
    [(column, _)] = desk.said(delivery_partner=spoilt)
    assert column == "delivery_partner"
    report = desk.take(["delivery_partner", "meeting_on"], [spoilt, "2023-05-10"])
    assert [one.column for one in report.problems] == ["delivery_partner"]


@pytest.mark.parametrize("name", ["-", "12", "???? ??????", "?", "07700 900123", "..."])
@pytest.mark.parametrize("column", ["full_name", "facilitator"])
def test_nobodys_name(desk: Desk, column: str, name: str) -> None:
    [(found, message)] = desk.said(**{column: name})
    assert (found, "letter" in message) == (column, True)


@pytest.mark.parametrize("name", ["Null", "None", "TRUE", "李小龙", "שרה", "สมชาย", "Ng 2", "Nan", "X Æ A-12"])
def test_somebodys_name(desk: Desk, name: str) -> None:
    assert desk.said(full_name=name) == []
    assert desk.people()["n-1"][0] == name


@pytest.mark.parametrize("partner", ["Hub 12", "NA Trust", "中部", "N/A Schools Trust", "None Such Hub"])
def test_a_delivery_partner(desk: Desk, partner: str) -> None:
    assert desk.said(delivery_partner=partner) == []
