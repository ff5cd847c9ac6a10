"""What a process remembers between questions is never older than the data, and no more of it is forgotten than need be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.platforms import IDS
from core.changes import changing
from core.database.database import reading
from core.database.tables import EngagementReportRow
from core.derived import finished_answers
from core.derived.installation import Installation
from core.records import staff
from core.services import finishing_answers
from core.services.acts import contact
from core.services.acts.recording import Deed
from core.services.enquiries import Case
from core.services.staff import staffing
from core.services.staff.actors import Actor
from tests.loading import loading, loading_rows
from tests.records.made import enrolled, stored_person

TODAY = date(2021, 12, 20)
NOW = datetime(2021, 12, 20, 9, tzinfo=UTC)
SAM = Actor.console("Sam")


def ahead(installation: Installation, day: date = TODAY, at_once: int = 10) -> int:
    """How many people are worked out before anybody asks."""
    return sum(finishing_answers.finish(installation, day, "slack", at_once, drawn))


def drawn(actor: Actor, case: Case) -> bytes:
    """An answer of some platform."""
    return f"{actor.role}: {case.standing.as_of} {case.standing!r} {case.revision}".encode()


def kept(installation: Installation, user: str, who: str, day: date = TODAY) -> str | None:
    """What is kept for somebody who asks, without the long way."""
    answer = finishing_answers.find(installation, "slack", user, "", who, day)
    return None if answer is None else answer.decode()


@pytest.fixture
def three(installation: Installation) -> Installation:
    """On each database: three people, everybody's standing worked out."""
    with loading(installation) as session:
        session.add_all(stored_person(f"p-{number}") for number in range(1, 4))
        for user, role, partner in (("U1", "coordinator", None), ("U2", "viewer", None), ("U3", "viewer", "Elsewhere")):
            staff.add(session, platform="slack", platform_id=user, name=user, role=role, partner=partner)
    assert ahead(installation, TODAY, 2) == 3
    assert ahead(installation, TODAY, 2) == 0, "and known from then on"
    return installation


def known(installation: Installation) -> list[object]:
    """The standings as they are held now."""
    with reading(installation.engine) as session:
        held = installation.people_index.known(session)
        return [held.standing(session, installation.pack, enrolled(f"p-{number}"), TODAY) for number in range(1, 4)]


def test_a_decision_forgets_its_participant_alone(three: Installation) -> None:
    before = known(three)
    contact.log_contact(three, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    assert ahead(three, TODAY, 10) == 1
    after = known(three)
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]


def test_an_import_forgets_those_whom_it_concerns(three: Installation) -> None:
    with changing(three, now=NOW) as change:
        change.session.add(stored_person("p-4"))
        change.imported([enrolled("p-2"), enrolled("p-4")], registers=False)
    assert ahead(three, TODAY, 10) == 2


def test_the_first_file_of_its_kind_concerns_the_whole_group(three: Installation) -> None:
    """Reading 5: from now on nobody of the group has an unknown self-study for want of a report."""
    with changing(three, now=NOW) as change:
        change.session.add(EngagementReportRow(enrolment_id=enrolled("p-2"), run_on=TODAY, percent_complete=Decimal(5)))
        change.imported([enrolled("p-2")], registers=False)
    assert ahead(three, TODAY, 10) == 3


def test_without_records_an_import_beside_a_decision_forgets_everybody(three: Installation) -> None:
    contact.log_contact(three, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    with loading_rows(three.engine):
        pass
    assert ahead(three, TODAY, 10) == 3


def test_at_midnight_everybody_is_worked_out_anew(three: Installation) -> None:
    assert ahead(three, date(2021, 12, 21), 10) == 3
    assert ahead(three, TODAY, 10) == 3, "yesterday is not kept"


def test_a_finished_answer_is_the_askers_own_role_and_for_those_who_may_see_alone(three: Installation) -> None:
    assert (kept(three, "U1", "p-1") or "").startswith("coordinator: 2021-12-20")
    assert (kept(three, "U2", "p-1") or "").startswith("viewer: 2021-12-20")
    assert kept(three, "U3", "p-1") is None, "of another Delivery Partner"
    assert kept(three, "U9", "p-1") is None, "not on the list"
    assert kept(three, "U1", "p-9") is None
    assert kept(three, "U1", "p-1", date(2021, 12, 21)) is None, "of another day"


def test_no_answer_is_kept_past_a_decision_an_import_or_a_change_of_staff(three: Installation) -> None:
    """Each by an installation of its own, which is what another process has."""
    other = Installation(three.engine, three.pack, platforms=IDS)
    contact.log_contact(other, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    assert kept(three, "U1", "p-2") is None
    assert ahead(three) == 1
    assert (kept(three, "U1", "p-2") or "").endswith(" 1"), "with the decision in it"
    staffing.add_staff(other, SAM, platform="slack", platform_id="U1", name="U1", role="viewer", partner=None, now=NOW)
    assert (kept(three, "U1", "p-2") or "").startswith("viewer:")
    staffing.remove_staff(other, SAM, platform="slack", platform_id="U1", now=NOW)
    assert kept(three, "U1", "p-2") is None
    with changing(other, now=NOW) as change:
        change.imported([enrolled("p-1")], registers=False)
    assert kept(three, "U2", "p-1") is None
    assert ahead(three) == 1
    assert kept(three, "U2", "p-1") is not None


def test_a_role_that_somebody_has_for_the_first_time_gets_its_answers_and_one_that_is_gone_costs_nothing(
    three: Installation,
) -> None:
    staffing.add_staff(
        three, SAM, platform="slack", platform_id="U4", name="U4", role="facilitator", partner=None, now=NOW
    )
    assert kept(three, "U4", "p-1") is None
    assert ahead(three) == 3
    assert (kept(three, "U4", "p-1") or "").startswith("facilitator:")
    assert (kept(three, "U1", "p-1") or "").startswith("coordinator:")
    staffing.remove_staff(three, SAM, platform="slack", platform_id="U1", now=NOW)
    assert ahead(three) == 0
    assert (kept(three, "U4", "p-1") or "").startswith("facilitator:")


def test_answers_that_are_the_same_are_kept_once_and_each_view_finds_its_own() -> None:
    views = [finished_answers.View("slack", TODAY, role) for role in ("viewer", "coordinator", "administrator")]
    kept_here = finished_answers.FinishedAnswers(views)
    kept_here.keep(1, [b"for all to see", b"with buttons", b"with buttons"])
    kept_here.keep(2, [b"", b"", "für alle".encode()])
    assert [kept_here.find(1, view) for view in views] == [b"for all to see", b"with buttons", b"with buttons"]
    assert [kept_here.find(2, view) for view in views] == [b"", b"", "für alle".encode()]
    assert kept_here.find(3, views[0]) is None
    assert kept_here.find(1, finished_answers.View("teams", TODAY, "viewer")) is None
    assert kept_here.without({1}).find(1, views[0]) is None
    assert kept_here.without({1}).find(2, views[2]) == "für alle".encode()


def test_when_there_is_no_more_room_nothing_is_worked_out_in_vain(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished_answers, "MOST_KEPT", 2)
    with loading_rows(installation.engine) as session:
        session.add_all(stored_person(f"p-{number}") for number in range(1, 4))
        staff.add(session, platform="slack", platform_id="U1", name="U1", role="viewer", partner=None)
    assert ahead(installation) == 2
    assert ahead(installation) == 0
    assert kept(installation, "U1", "p-2") is not None
    assert kept(installation, "U1", "p-3") is None
