"""Nobody is made twice by an id in another spelling, or out of an id that a spreadsheet has spoilt; and TRNs are TRNs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.database.tables import EnrolmentRow, PeopleRow, columns_of
from core.derived.installation import Installation
from core.imports import identifiers
from core.services.imports import ImportReport, import_files
from core.services.staff.actors import Actor
from tests.loading import loading
from tests.records.made import stored_person

NOW = datetime(2023, 6, 1, 9, tzinfo=UTC)
CONSOLE = Actor.console("Sam")
NORA = Actor("Nora", "coordinator", partner="North Hub")
HEADER = "participant_id,full_name,course,cohort,delivery_partner,email,trn\n"
UUID = "8f14e45f-ceea-467f-9b2a-3c6b1d2e4f5a"
STORED = f"""{HEADER}p-001,Siobhan OBrien,NPQLTD,3,North Hub,s.obrien@school.example,0012345
00246,Zed Zero,NPQLTD,3,North Hub,zed@school.example,2345678
{UUID},Aled Pryce,NPQLTD,3,North Hub,aled@school.example,5678901
22101166201234567,Long Number,NPQLTD,3,South Hub,long@school.example,7777777
s-001,Sue South,NPQLTD,3,South Hub,office@south.example,1111111
"""
CUT = "Excel has cut this number: format the column as text and export it again."


class Desk:
    """Files in, and what is said of them and stored."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self._folder = folder

    def take(self, *files: str, actor: Actor = CONSOLE, **options: Any) -> ImportReport:
        paths = []
        for number, content in enumerate(files):
            paths.append(self._folder / f"{number}.csv")
            paths[-1].write_text(content, encoding="utf-8")
        return import_files(self.installation, actor, paths, now=NOW, **options)

    def said(self, *files: str, **options: Any) -> list[tuple[int | None, str | None, str]]:
        return [(one.row, one.column, one.message) for one in self.take(*files, **options).problems]

    def people(self) -> dict[str, tuple[str | None, str | None]]:
        """TRN and e-mail by id."""
        table = columns_of("participants")
        with self.installation.engine.connect() as connection:
            rows = connection.execute(select(table.participant_id, table.trn, table.email))
            return {row[0]: (row[1], row[2]) for row in rows}

    def was_stored_once(self, participant_id: str, /, **values: str) -> None:
        """What an older version took."""
        table = columns_of(PeopleRow)
        with loading(self.installation) as session:
            session.execute(update(PeopleRow).where(table.participant_id == participant_id).values(**values))

    def had_once(self, participant_id: str, instead: str) -> None:
        """An id that an older version took."""
        with loading(self.installation) as session:
            person = session.get_one(PeopleRow, participant_id)
            session.add(PeopleRow(**person.model_dump() | {"participant_id": instead}))
            session.flush()
            whose = columns_of(EnrolmentRow).participant_id
            session.execute(update(EnrolmentRow).where(whose == participant_id).values(participant_id=instead))
            session.delete(person)


@pytest.fixture
def desk(installation: Installation, tmp_path: Path) -> Desk:
    folder = tmp_path / "files"
    folder.mkdir()
    here = Desk(installation, folder)
    assert here.take(STORED).written
    return here


def row(
    participant_id: str, *, partner: str = "North Hub", course: str = "NPQLTD", email: str = "", trn: str = ""
) -> str:
    return f"{participant_id},Somebody New,{course},3,{partner},{email},{trn}\n"


def nearly(whose: str) -> str:
    return (
        f"This id is nearly that of {whose}: give {whose} if they are one person; "
        "if they are two, import with --same-ids-meant."
    )


def shares(whose: str, what: str) -> str:
    return (
        f"{whose}, also on NPQLTD, has this {what} already: correct one of the two; "
        "if both are right, import with --same-ids-meant."
    )


# ---- ids


@pytest.mark.parametrize(
    ("participant_id", "whose"),
    [
        ("P-001", "p-001"),
        ("p001", "p-001"),
        ("p\N{EN DASH}001", "p-001"),
        ("246", "00246"),
        ("00246.0", "00246"),
        (UUID.upper(), UUID),
        (f"{{{UUID}}}", UUID),
        (UUID.replace("-", ""), UUID),
    ],
)
def test_a_new_id_that_is_nearly_a_stored_one_is_named_until_it_is_meant(
    desk: Desk, participant_id: str, whose: str
) -> None:
    file = HEADER + row("n-1") + row(participant_id)
    assert desk.said(file) == [(3, "participant_id", nearly(whose))]
    assert "n-1" not in desk.people()
    assert desk.take(file, same_ids_meant=True).files[0].added == 2
    assert desk.said(file) == [], "stored ids are taken as they are"


def too_long(length: str) -> str:
    return f"An id of {length} characters is too long: give the id as it was issued, 255 characters at most."


@pytest.mark.parametrize(("length", "message"), [(255, None), (256, too_long("256")), (1_000, too_long("1,000"))])
@pytest.mark.parametrize("letter", ["7", "x", "é"])
def test_a_new_id_has_255_characters_at_most(desk: Desk, letter: str, length: int, message: str | None) -> None:
    file = HEADER + row(letter * length)
    assert desk.said(file) == ([] if message is None else [(2, "participant_id", message)])


def test_a_longer_id_that_is_stored_stays_in_use(desk: Desk) -> None:
    long = "p" + "1" * 999
    desk.had_once("p-001", long)
    assert desk.said(HEADER + row(long)) == []
    assert desk.said("participant_id,output,declared_on,state\n" + f"{long},1,2023-05-01,submitted\n") == []


@pytest.mark.parametrize(
    ("participant_id", "message"),
    [
        ("2.21012E+16", CUT),
        ("2.21012e+16", CUT),
        ("1E-05", CUT),
        ('"2,21012E+16"', CUT),
        ("#p-009", "The # in front is no part of an id (Brightspace puts it there): give p-009."),
        (
            "'22101166201234571",
            "The quotation mark in front is no part of an id (spreadsheets mark text with it): give 22101166201234571.",
        ),
        (
            "\N{LEFT SINGLE QUOTATION MARK}p-009\N{RIGHT SINGLE QUOTATION MARK}",
            "The quotation mark in front is no part of an id (spreadsheets mark text with it): give p-009.",
        ),
        (
            '"=""0099"""',
            "The quotation mark in front is no part of an id (spreadsheets mark text with it): give 0099.",
        ),
        ("'", "The quotation mark in front is no part of an id (spreadsheets mark text with it): give the id alone."),
    ],
)
def test_an_id_that_a_spreadsheet_has_spoilt_makes_nobody(desk: Desk, participant_id: str, message: str) -> None:
    file = HEADER + row("n-1") + row(participant_id)
    assert desk.said(file, same_ids_meant=True) == [(3, "participant_id", message)]
    assert desk.take(file, skip_bad_rows=True).files[0].added == 1


@pytest.mark.parametrize(
    "participant_id", ["22101166201234568", "73928e05", "1e5", "=SUM(A1)", "o'brien-1", "p-002", "-5", "A#1", "x" * 255]
)
def test_a_sound_id_is_taken(desk: Desk, participant_id: str) -> None:
    assert desk.said(HEADER + row(participant_id)) == []
    assert participant_id in desk.people()


@pytest.mark.parametrize("spoilt", ["#p-001", "2.21012E+16", "'5", "P-001"])
def test_a_stored_id_is_taken_however_it_looks(desk: Desk, spoilt: str) -> None:
    with loading(desk.installation) as session:
        session.add(stored_person(spoilt, full_name="Of an older version"))
    assert desk.said(HEADER + row(spoilt)) == []
    assert desk.said(f"participant_id,run_on,percent_complete\n{spoilt},2023-05-01,5\n") == []


def test_two_ids_of_one_file_that_are_nearly_alike(desk: Desk) -> None:
    file = HEADER + row("n-7") + row("N-7")
    assert desk.said(file) == [(3, "participant_id", nearly("n-7"))]
    filler = "".join(row(f"m-{number}") for number in range(1_200))  # on another page, or in another file
    assert desk.said(HEADER + row("n-7") + filler + row("N-7")) == [(1_203, "participant_id", nearly("n-7"))]
    assert desk.said(HEADER + row("n-7"), HEADER + filler + row("N-7")) == [(1_202, "participant_id", nearly("n-7"))]


def test_elsewhere_an_unknown_id_gets_the_one_that_is_meant(desk: Desk) -> None:
    rows = "".join(f"EV-1,f2f,2023-05-10,{who},attended\n" for who in ("P-001", "246", "#p-001", "2.21E+16", "zz"))
    nobody = "No participant has this id"
    assert desk.said("event_id,event_type,event_date,participant_id,status\n" + rows) == [
        (2, "participant_id", f"{nobody}: did you mean p-001?"),
        (3, "participant_id", f"{nobody}: did you mean 00246?"),
        (4, "participant_id", "The # in front is no part of an id (Brightspace puts it there): give p-001."),
        (5, "participant_id", CUT),
        (6, "participant_id", f"{nobody}: correct it, or import the participants file too."),
    ]


def test_an_event_has_a_sound_id_too(desk: Desk) -> None:
    file = "event_id,event_type,event_date,participant_id,status\n1E+05,f2f,2023-05-10,p-001,attended\n"
    assert desk.said(file) == [(2, "event_id", CUT)]


# ---- TRNs and e-mails of somebody else


def test_a_trn_or_e_mail_that_another_of_the_course_has_is_named(desk: Desk) -> None:
    file = HEADER + "".join(
        (
            row("n-1", trn="12345"),
            row("n-2", email="mailto:ZED@school.example"),
            row("n-3", trn="3333333", email="office@hill.example"),
            row("n-4", trn="33 33 333"),
            row("n-5", email="Office@Hill.example"),
            row("n-6", trn="0012345", course="NPQSL"),
            row("P-001", trn="0012345", email="s.obrien@school.example"),
        )
    )
    assert desk.said(file) == [
        (2, "trn", shares("p-001", "TRN")),
        (3, "email", shares("00246", "e-mail address")),
        (5, "trn", shares("n-3", "TRN")),
        (6, "email", shares("n-3", "e-mail address")),
        (8, "participant_id", nearly("p-001")),
    ]
    assert desk.take(file, skip_bad_rows=True).files[0].added == 2
    assert desk.take(file, same_ids_meant=True).files[0].added == 5
    assert desk.said(file) == [], "who share what is stored go on sharing it"
    assert desk.people()["n-2"] == (None, "ZED@school.example")


def test_somebody_stored_who_gets_the_trn_of_another(desk: Desk) -> None:
    assert desk.said(HEADER + row("00246", trn="0012345")) == [(2, "trn", shares("p-001", "TRN"))]
    moved_on = HEADER + row("p-001", trn="4444444") + row("00246", trn="0012345")
    assert desk.said(moved_on) == [], "it is nobody else's any more"
    assert desk.people()["00246"][0] == "0012345"


def test_a_word_in_place_of_an_e_mail_is_nobodys(desk: Desk) -> None:
    assert desk.said(HEADER + row("n-1", email="unknown") + row("n-2", email="unknown")) == []


# ---- what a TRN may be


def test_a_trn_is_stored_as_seven_digits(desk: Desk) -> None:
    written = ("RP99/54321", "12 34 567", "3456789.0", "TRN 0054321", "451606")
    report = desk.take(HEADER + "".join(row(f"n-{number}", trn=trn) for number, trn in enumerate(written)))
    assert report.problems == ()
    stored = [desk.people()[f"n-{number}"][0] for number in range(5)]
    assert stored == ["9954321", "1234567", "3456789", "0054321", "0451606"]
    assert report.files[0].warnings == (
        "Row 6: The TRN lacks zeros in front, which spreadsheets drop: it is taken with them.",
    )


@pytest.mark.parametrize("trn", ["TBC", "N/A", "999999999", "123", "01/02/2023", "'1234567"])
def test_what_is_no_trn_is_refused_with_what_would_be_right(desk: Desk, trn: str) -> None:
    assert desk.said(HEADER + row("n-1", trn=trn)) == [(2, "trn", identifiers.NO_TRN)]
    assert "leave the cell blank" in identifiers.NO_TRN


def test_a_trn_that_excel_has_cut(desk: Desk) -> None:
    assert desk.said(HEADER + row("n-1", trn="1.23E+06")) == [(2, "trn", CUT)]


def test_what_an_older_version_took_for_a_trn_may_stay_and_be_put_right(desk: Desk) -> None:
    desk.was_stored_once("p-001", trn="TBC")
    desk.was_stored_once("00246", trn="TBC")
    again = HEADER + row("p-001", email="s.obrien@school.example", trn="TBC")
    assert desk.said(again) == []
    assert desk.take(again).files[0].unchanged == 1
    assert desk.said(HEADER + row("p-001", trn="N/A")) == [(2, "trn", identifiers.NO_TRN)]
    assert desk.said(HEADER + row("p-001", trn="0012345") + row("00246")) == []
    assert (desk.people()["p-001"][0], desk.people()["00246"][0]) == ("0012345", "TBC")


# ---- who may know


def test_who_sees_one_delivery_partner_learns_nothing_of_anothers_people(desk: Desk) -> None:
    asked = HEADER + row("S-001") + row("n-1", trn="1111111") + row("n-2", email="office@south.example")
    told = [
        (number, column, f"This {what} cannot be used for North Hub: ask your administrator to import the row.")
        for number, column, what in (
            (2, "participant_id", "id"),
            (3, "trn", "TRN"),
            (4, "email", "e-mail address"),
        )
    ]
    assert desk.said(asked, actor=NORA) == told
    assert desk.said(asked, actor=NORA, same_ids_meant=True) == told, "that is for the administrator to say"
    assert desk.said(HEADER + row("P-001"), actor=NORA) == [(2, "participant_id", nearly("p-001"))]
    assert desk.take(HEADER + row("P-001"), actor=NORA, same_ids_meant=True).files[0].added == 1


def test_a_row_for_anothers_participant_says_nothing_of_what_is_stored(desk: Desk) -> None:
    desk.was_stored_once("s-001", trn="TBC")
    said = [desk.said(HEADER + row("s-001", trn=trn), actor=NORA) for trn in ("TBC", "N/A", "1111112", "")]
    assert said[0] == said[1] == said[2] == said[3]


def test_who_sees_one_delivery_partner_gets_no_hint_of_anothers_ids(desk: Desk) -> None:
    rows = "participant_id,run_on,percent_complete\nS-001,2023-05-01,5\nP-001,2023-05-01,5\n"
    nobody = "No participant of North Hub has this id"
    expected = [
        (2, "participant_id", f"{nobody}: correct it, or leave the row out."),
        (3, "participant_id", f"{nobody}: did you mean p-001?"),
    ]
    assert desk.said(rows, actor=NORA) == expected
    assert desk.said(rows, partner="North Hub") == expected


# ---- what it costs


def test_without_a_participants_file_nobodys_trn_or_e_mail_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.imports.stored_marks", lambda session: pytest.fail("nobody needs them"))
    file = "participant_id,run_on,percent_complete\np-001,2023-05-01,5\nP-001,2023-05-01,5\n"
    assert len(desk.said(file)) == 1
