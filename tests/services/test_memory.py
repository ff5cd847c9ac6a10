"""What a process remembers between questions is never older than the data, and no more of it is forgotten than need be."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.records import caseload
from core.records.database import reading, writing
from core.services import decisions
from core.services.actors import Actor
from core.services.ahead import work_ahead
from core.services.decisions import Deed
from core.services.office import Office
from tests.records.made import stored_person

TODAY = date(2021, 12, 20)
NOW = datetime(2021, 12, 20, 9, tzinfo=UTC)
SAM = Actor.console("Sam")


@pytest.fixture
def three(office: Office) -> Office:
    """On each database: three people, everybody's standing worked out."""
    with writing(office.engine) as session:
        session.add_all(stored_person(f"p-{number}") for number in range(1, 4))
        caseload.touch(session)
    assert sum(work_ahead(office, TODAY, 2)) == 3
    assert sum(work_ahead(office, TODAY, 2)) == 0, "and known from then on"
    return office


def known(office: Office) -> list[object]:
    """The standings as they are held now."""
    with reading(office.engine) as session:
        held = office.memory.known(session)
        return [held.standing(session, office.pack, f"p-{number}", TODAY) for number in range(1, 4)]


def test_a_decision_forgets_its_participant_alone(three: Office) -> None:
    before = known(three)
    decisions.contact(three, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    assert sum(work_ahead(three, TODAY, 10)) == 1
    after = known(three)
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]


def test_an_import_forgets_everybody(three: Office) -> None:
    with writing(three.engine) as session:
        session.add(stored_person("p-4"))
        caseload.touch(session)
    assert sum(work_ahead(three, TODAY, 10)) == 4


def test_an_import_beside_a_decision_forgets_everybody(three: Office) -> None:
    decisions.contact(three, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    with writing(three.engine) as session:
        caseload.touch(session)
    assert sum(work_ahead(three, TODAY, 10)) == 3


def test_at_midnight_everybody_is_worked_out_anew(three: Office) -> None:
    assert sum(work_ahead(three, date(2021, 12, 21), 10)) == 3
    assert sum(work_ahead(three, TODAY, 10)) == 3, "yesterday is not kept"
