"""A Delivery Partner's name decides who is seen and reminded: one name, however it is spelt, and no second one by a slip."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.database.database import reading
from core.derived.installation import Installation
from core.records import participant_rows
from core.services import enquiries
from core.services.imports import ImportReport, import_files
from core.services.refusals import Refusal
from core.services.staff import staffing
from core.services.staff.actors import Actor
from tests.loading import loading
from tests.records.made import stored_person

NOW = datetime(2022, 6, 1, 9, 0, tzinfo=UTC)
CONSOLE = Actor.console("Sam")
HEADER = "participant_id,full_name,course,cohort,delivery_partner\n"
SPELT_OTHERWISE = [
    "NORTHERN HUB",
    "Northern  Hub",
    "Northern\N{NO-BREAK SPACE}Hub",
    "Northern\N{EN DASH}Hub",
    "north\N{ZERO WIDTH SPACE}ern hub",
]


class Desk:
    """An installation and a folder of files."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self.folder = installation, folder

    def take(self, *partners: str, first: int = 1, actor: Actor = CONSOLE, **options: Any) -> ImportReport:
        """Imports one person for each partner as it is written, numbered on from `first`."""
        rows = [
            f"p-{number},Person {number},NPQLTD,1,{partner}" for number, partner in enumerate(partners, start=first)
        ]
        return self.take_file(HEADER + "\n".join(rows) + "\n", actor=actor, **options)

    def take_file(self, content: str, actor: Actor = CONSOLE, **options: Any) -> ImportReport:
        file = self.folder / "file.csv"
        file.write_text(content, encoding="utf-8")
        return import_files(self.installation, actor, [file], now=NOW, **options)

    def partners(self) -> list[str]:
        with reading(self.installation.engine) as session:
            return participant_rows.partners(session)

    def at_risk(self, partner: str) -> int:
        return len(enquiries.at_risk(self.installation, CONSOLE, as_of=NOW.date(), partner=partner).people)


@pytest.fixture
def desk(installation: Installation, tmp_path: Path) -> Desk:
    folder = tmp_path / "files"
    folder.mkdir()
    return Desk(installation, folder)


@pytest.mark.parametrize("written", SPELT_OTHERWISE)
def test_another_spelling_is_the_same_partner(desk: Desk, written: str) -> None:
    desk.take("Northern Hub", "Northern Hub")
    report = desk.take(written, first=3)
    assert (report.written, report.problems) == (True, ())
    assert not any("new Delivery Partner" in warning for warning in report.files[0].warnings)
    assert desk.partners() == ["Northern Hub"]
    assert desk.at_risk(written) == desk.at_risk("Northern Hub") == 3


def test_in_one_file_the_first_spelling_is_kept(desk: Desk) -> None:
    assert desk.take("Northern Hub", *SPELT_OTHERWISE).problems == ()
    assert desk.partners() == ["Northern Hub"]


@pytest.mark.parametrize("written", ["Nothern Hub", "NorthernHub", "Northern Hubs", "NORTERN HUB"])
def test_a_slip_of_the_pen_makes_no_partner(desk: Desk, written: str) -> None:
    desk.take("Northern Hub")
    report = desk.take(written, "Northern Hub", first=2)
    [problem] = report.problems
    assert (report.written, problem.row, problem.column, problem.value) == (False, 2, "delivery_partner", written)
    assert problem.message == (
        "There is no such Delivery Partner yet, and it is nearly “Northern Hub”: correct it, or say that it is another one "
        f'with --new-partner "{written}".'
    )
    assert desk.take(written, "Northern Hub", first=2, skip_bad_rows=True).files[0].added == 1
    assert desk.partners() == ["Northern Hub"]


@pytest.mark.parametrize("slip_first", [True, False])
def test_of_new_names_that_may_be_one_the_rarer_is_the_slip(desk: Desk, slip_first: bool) -> None:
    right = ["Northern Hub"] * 3
    rows = ["Nothern Hub", *right] if slip_first else [*right, "Nothern Hub"]
    [problem] = desk.take(*rows).problems
    assert (problem.row, problem.value) == (2 if slip_first else 5, "Nothern Hub")
    assert "nearly “Northern Hub”" in problem.message
    assert desk.take(*rows, skip_bad_rows=True).files[0].added == 3
    assert desk.partners() == ["Northern Hub"]
    assert desk.take(*rows, new_partners=["Nothern Hub"]).problems == ()


def test_a_name_that_is_meant_is_taken(desk: Desk) -> None:
    desk.take("Kent Hub")
    report = desk.take("Kant Hub", "KANT  HUB", first=2, new_partners=["kant hub"])
    assert (report.written, report.problems) == (True, ())
    assert desk.partners() == ["Kant Hub", "Kent Hub"]
    assert desk.take("Kant Hub", first=4).problems == (), "it is there now"


@pytest.mark.parametrize("written", ["Northern Hub 2", "The Northern Hub", "Southern Hub", "Northern Trust"])
def test_another_digit_or_word_is_another_partner(desk: Desk, written: str) -> None:
    desk.take("Northern Hub")
    report = desk.take(written, first=2)
    assert report.problems == ()
    assert report.files[0].warnings == (f"“{written}” is a new Delivery Partner: npq place add binds its channel.",)
    assert desk.partners() == sorted(["Northern Hub", written])


def test_the_very_name_is_meant_where_both_are_stored(desk: Desk) -> None:
    with_two_names(desk)
    assert desk.at_risk("Northern Hub") == 2
    assert desk.at_risk("NORTHERN HUB") == 1
    with pytest.raises(Refusal) as refused:
        desk.at_risk("northern hub")
    assert refused.value.message == (
        "Both “NORTHERN HUB” and “Northern Hub” are stored: type one of them exactly, or ask your administrator to merge them "
        "(npq partner merge)."
    )
    [problem] = desk.take("northern hub", first=4).problems
    assert problem.message.startswith(
        "Both “NORTHERN HUB” and “Northern Hub” are stored: give one of them as it stands"
    )


def test_staff_and_channels_are_bound_to_the_stored_name(desk: Desk) -> None:
    desk.take("Northern Hub")
    added = staffing.add_staff(
        desk.installation,
        CONSOLE,
        platform="slack",
        platform_id="U0MIA",
        name="Mia",
        role="coordinator",
        partner="NORTHERN  hub",
        now=NOW,
    )
    assert added.partner == "Northern Hub"


def test_only_one_partners_rows_however_it_is_spelt(desk: Desk) -> None:
    desk.take("Northern Hub")
    report = desk.take("NORTHERN HUB", "Southern Hub", first=2, partner="northern hub")
    [problem] = report.problems
    assert (problem.row, problem.message) == (3, "Only rows of Northern Hub are taken here: leave this one out.")


def test_a_slip_in_the_partner_asked_for_is_refused(desk: Desk) -> None:
    desk.take("Northern Hub")
    with pytest.raises(Refusal, match="it is nearly “Northern Hub”"):
        desk.take("Nothern Hub", first=2, partner="Nothern Hub")
    assert desk.partners() == ["Northern Hub"]


def test_a_partners_own_coordinator_reads_of_no_other(desk: Desk) -> None:
    desk.take("Northern Hub", "Southern Hub")
    own = Actor("Mia", "coordinator", "Northern Hub", "slack", "U0MIA", 1)
    [problem] = desk.take("Nothern Hub", first=3, actor=own).problems
    assert (
        problem.message
        == "It is nearly Northern Hub, whose rows alone are taken here: correct it, or leave the row out."
    )
    for written in ("Southern Hubs", "SOUTHERN HUB", "Elsewhere"):
        [problem] = desk.take(written, first=3, actor=own).problems
        assert problem.message == "Only rows of Northern Hub are taken here: leave this one out."
    assert desk.take("NORTHERN HUB", first=3, actor=own, partner="northern hub").problems == ()


def test_meetings_are_those_of_the_stored_partner(desk: Desk) -> None:
    desk.take("Northern Hub")
    report = desk.take_file("delivery_partner,meeting_on\nNORTHERN  HUB,2022-06-16\n")
    assert (report.problems, report.files[0].warnings) == ((), ())
    assert desk.partners() == ["Northern Hub"]
    [problem] = desk.take_file("delivery_partner,meeting_on\nNothern Hub,2022-06-16\n").problems
    assert "nearly “Northern Hub”" in problem.message


def test_one_meeting_in_two_spellings_is_a_key_twice(desk: Desk) -> None:
    desk.take("Northern Hub")
    rows = "delivery_partner,meeting_on\nNorthern Hub,2022-06-16\nNORTHERN HUB,2022-06-16\n"
    [problem] = desk.take_file(rows).problems
    assert (problem.row, problem.message) == (
        3,
        "Row 2 has the same delivery_partner and meeting_on: keep one of the two.",
    )


def with_two_names(desk: Desk) -> None:
    """As an earlier version stored them: two people of Northern Hub, and one of NORTHERN HUB."""
    with loading(desk.installation) as session:
        session.add_all(
            stored_person(f"p-{number}", delivery_partner=partner)
            for number, partner in enumerate(("Northern Hub", "Northern Hub", "NORTHERN HUB"), start=1)
        )
