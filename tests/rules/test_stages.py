"""The escalation ladder, day by day (R36-R44, R53 and the stage list)."""

from __future__ import annotations

import pytest

from core.rules.facts import Participant
from core.rules.results import OutputStanding
from core.rules.stages import unanswered_contacts
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.conftest import back, called, day, declared, deferred, did, extended, person, vote


def look(pack: Pack, who: Participant, on: str, number: int = 1) -> OutputStanding:
    return standing(pack, who, day(on)).outputs[number - 1]


NOTHING_DONE = [
    # NPQLTD, cohort 1, output 1, review 13 December 2021
    ("2021-11-14", "not_due"),
    ("2021-11-15", "pre_review"),
    ("2021-12-13", "pre_review"),
    ("2021-12-14", "window"),
    ("2022-01-03", "window"),
    ("2022-01-04", "contact"),
]


@pytest.mark.parametrize(("on", "stage"), NOTHING_DONE)
def test_nothing_done(pack: Pack, on: str, stage: str) -> None:
    output = look(pack, person(), on)
    assert output.stage == stage
    assert (output.review_date, output.window_ends, output.deadline) == (
        day("2021-12-13"),
        day("2022-01-03"),
        day("2022-01-03"),
    )


@pytest.mark.parametrize(
    ("on", "stage"),
    [("2021-12-10", "pre_review"), ("2021-12-20", "extended"), ("2022-01-14", "extended"), ("2022-01-15", "contact")],
)
def test_with_an_extension(pack: Pack, on: str, stage: str) -> None:
    output = look(pack, person(extensions=(extended(1, "2022-01-14", "2021-12-01"),)), on)
    assert output.stage == stage
    assert output.deadline == day("2022-01-14")
    assert output.extensions == 1


def test_an_extension_counts_from_its_own_day(pack: Pack) -> None:
    who = person(extensions=(extended(1, "2022-01-14", "2022-01-05"),))
    assert look(pack, who, "2022-01-04").stage == "contact"
    assert look(pack, who, "2022-01-05").stage == "extended"


CONTACTS = [
    ("three days without an answer", (called("2022-01-05"), called("2022-01-07"), called("2022-01-10")), 3, "removal_review"),
    ("three attempts on one day count once", (called("2022-01-05"),) * 3, 1, "contact"),
    ("an answer starts afresh",
     (called("2022-01-05"), called("2022-01-07"), called("2022-01-08", "reached"), called("2022-01-10")), 1, "contact"),
    ("a day with any answer is answered",
     (called("2022-01-05"), called("2022-01-07"), called("2022-01-10"), called("2022-01-10", "reached")), 0, "contact"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "contacts", "count", "stage"), CONTACTS, ids=[row[0] for row in CONTACTS])
def test_contacts(pack: Pack, what: str, contacts: tuple, count: int, stage: str) -> None:
    who = person(contacts=contacts)
    output = look(pack, who, "2022-01-11")
    assert (output.unanswered_contacts, output.stage) == (count, stage)
    assert unanswered_contacts(contacts, day("2022-01-11")) == count


def test_three_lapsed_extensions_lead_to_removal_review(pack: Pack) -> None:
    granted = (
        extended(1, "2022-01-10", "2022-01-03"),
        extended(1, "2022-01-20", "2022-01-10"),
        extended(1, "2022-01-31", "2022-01-20"),
    )
    assert look(pack, person(extensions=granted), "2022-01-31").stage == "extended"
    assert look(pack, person(extensions=granted), "2022-02-01").stage == "removal_review"


def test_met_waits_for_the_lead_provider(pack: Pack) -> None:
    who = person(activities=(did("2021-12-01"),))
    assert look(pack, who, "2022-02-01").stage == "ready"
    assert look(pack, who, "2022-02-01").verdict == "met"


def test_declared_stands_above_everything_but_withdrawal(pack: Pack) -> None:
    who = person(declarations=(declared(1, "2021-12-14"),), deferrals=(deferred("2022-01-01", "2022-06-01"),))
    assert look(pack, who, "2022-02-01").stage == "declared"
    assert look(pack, who, "2022-02-01", 2).stage == "deferred"


DEFERRALS = [
    # deferral, resumption, on → verdict, stage of output 1 (review 13 December 2021)
    (deferred("2021-12-13", "2022-06-01"), None, "2021-12-13", "exempt", "deferred"),
    (deferred("2021-12-14", "2022-06-01"), None, "2021-12-20", "not_met", "deferred"),
    (deferred("2021-12-01", "2022-06-01"), None, "2021-12-05", "not_met", "deferred"),
    (deferred("2021-12-01", "2022-06-01", "2021-12-20"), None, "2021-12-14", "not_met", "window"),
    (deferred("2021-12-01", "2022-06-01", "2021-12-20"), None, "2021-12-20", "exempt", "deferred"),
    (deferred("2021-12-01", "2021-12-20"), None, "2022-01-20", "exempt", "deferred"),
    (deferred("2021-12-01", "2022-06-01"), back("2021-12-20"), "2021-12-19", "exempt", "deferred"),
    (deferred("2021-12-01", "2022-06-01"), back("2021-12-20"), "2021-12-20", "not_met", "rescheduling_needed"),
    (deferred("2021-12-01", "2022-06-01"), back("2021-12-20", "1"), "2021-12-20", "not_met", "window"),
    (deferred("2021-12-01", "2022-06-01"), back("2021-12-20", "2"), "2021-12-20", "not_met", "not_due"),
]


@pytest.mark.parametrize(("away", "returned", "on", "verdict", "stage"), DEFERRALS)
def test_deferral(pack: Pack, away: object, returned: object, on: str, verdict: str, stage: str) -> None:
    who = person(deferrals=(away,), resumptions=(returned,) if returned else ())
    output = look(pack, who, on)
    assert (output.verdict, output.stage) == (verdict, stage)


def test_met_stays_met_on_deferral(pack: Pack) -> None:
    who = person(activities=(did("2021-12-01"),), deferrals=(deferred("2021-12-05", "2022-06-01"),))
    output = look(pack, who, "2021-12-20")
    assert (output.verdict, output.stage) == ("met", "deferred")


def test_deferred_in_the_file_until_a_return_is_recorded(pack: Pack) -> None:
    who = person(training_status="deferred")
    assert standing(pack, who, day("2021-12-20")).training_status == "deferred"
    assert look(pack, who, "2021-12-20").verdict == "exempt"
    returned = person(training_status="deferred", resumptions=(back("2021-12-22", "1"),))
    assert standing(pack, returned, day("2021-12-22")).training_status == "active"
    assert look(pack, returned, "2021-12-22").stage == "window"


def test_withdrawn_shows_on_every_output(pack: Pack) -> None:
    whole = standing(
        pack, person(training_status="withdrawn", declarations=(declared(1, "2021-12-14"),)), day("2022-02-01")
    )
    assert [o.stage for o in whole.outputs] == ["withdrawn"] * 3


VOTES = [
    ((vote("2022-01-10", "delivery_partner"),), "2022-01-09", "contact"),
    ((vote("2022-01-10", "delivery_partner"),), "2022-01-10", "removal_pending"),
    ((vote("2022-01-10", "delivery_partner"), vote("2022-01-12", "lead_provider")), "2022-01-12", "withdrawn"),
    ((vote("2022-01-10", "delivery_partner"), vote("2022-01-12", "lead_provider")), "2022-01-11", "removal_pending"),
    ((vote("2022-01-10", "delivery_partner"), vote("2022-01-12", "lead_provider", "reject")), "2022-01-12", "contact"),
]


@pytest.mark.parametrize(("votes", "on", "stage"), VOTES)
def test_removal_takes_two_sides(pack: Pack, votes: tuple, on: str, stage: str) -> None:
    assert look(pack, person(removal_votes=votes), on).stage == stage


def test_a_proposal_shows_on_the_current_output_only(pack: Pack) -> None:
    who = person(declarations=(declared(1, "2021-12-14"),), removal_votes=(vote("2022-07-20", "delivery_partner"),))
    stages = [o.stage for o in standing(pack, who, day("2022-07-21")).outputs]
    assert stages == ["declared", "removal_pending", "not_due"]


def test_the_clock_change_moves_no_day(pack: Pack) -> None:
    """The window of a review on 9 March 2022 spans the change to summer time and still has 21 days."""
    who = person(cohort="2")
    assert look(pack, who, "2022-03-30").stage == "window"
    assert look(pack, who, "2022-03-31").stage == "contact"
