"""Deciding in Teams as it goes there alone: forms in place of the card, what is sent twice, and several at once."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.services import enquiries
from tests.fakes.teams_cards import card_complaints, filled, inputs, labels
from tests.flows.colleagues import Colleague, Shown
from tests.flows.conftest import CONSOLE
from tests.flows.two_platforms import ADA, LEE, TEAM, TwoPlatforms

EVERYWHERE = pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])


@pytest.fixture
def post(posted: TwoPlatforms) -> Shown:
    """The reminder of 16 June about the specialists' review on the 23rd, as it stands in the Teams channel."""
    return posted.in_teams("Jane Smith")[0]


def decided(house: TwoPlatforms, who: str = "p-001") -> list[str]:
    today = house.now.date()
    return [line.text for line in enquiries.case(house.installation, CONSOLE, who, as_of=today).history]


def test_one_row_of_buttons_stands_for_everybody_on_the_post(post: Shown) -> None:
    assert "Whom is it about?" in post.words
    assert labels(post.card or {}) == ["Extend", "Defer", "Log contact", "Details"]


@EVERYWHERE
def test_a_form_in_place_of_the_post_can_be_left(colleague: Colleague, post: Shown, submit: bool) -> None:
    form = colleague.presses(post, "Extend", whom="Jane Smith", submit=submit)
    again = colleague.presses(form, "Cancel", submit=submit)
    assert again.words == post.words
    form = colleague.presses(again, "Defer", whom="Jane Doe", submit=submit)
    assert "Jane Doe" in form.words, "its buttons work as before"


@EVERYWHERE
def test_a_form_in_place_of_a_status_can_be_left(colleague: Colleague, submit: bool) -> None:
    status = colleague.says("status jane smith")
    form = colleague.presses(status, "Defer", submit=submit)
    again = colleague.presses(form, "Cancel", submit=submit)
    assert again.words == status.words
    assert again.id == status.id
    assert len(colleague.hears()) == 1


def test_everything_wrong_with_a_form_is_said_at_its_field(both: TwoPlatforms, colleague: Colleague) -> None:
    form = colleague.presses(colleague.says("status jane smith"), "Defer")
    assert form.card is not None
    given = colleague.press(form, "Defer", first="16/06/2022", agreed="tomorrow", reason="Other")
    assert given["value"]["action"]["data"].pop("reason")
    answer = colleague.sends(given).json()["value"]
    assert card_complaints(answer) == []
    lines = Shown(form.on, form.id, answer).words.splitlines()
    assert lines[lines.index("Agreed return") + 1 :][0].startswith(
        "⚠ I can't read “tomorrow” as a day. Please give a day"
    )
    assert "⚠ Please choose one." in lines
    assert decided(both) == []


def test_several_who_send_the_same_form_in_the_same_moment(
    both: TwoPlatforms, colleague: Colleague, post: Shown
) -> None:
    hands = [colleague, both.colleague(ADA), both.colleague(LEE)]
    forms = [each.presses(post, "Log contact", whom="Jane Smith") for each in hands]
    sent = [
        each.press(form, "Log contact", how="Phone", outcome="No answer")
        for each, form in zip(hands, forms, strict=True)
    ]
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda given: given[0].sends(given[1]).json(), zip(hands, sent, strict=True)))
    assert len(decided(both)) == 1
    said = [Shown(post.on, post.id, answer["value"]).words for answer in answers]
    assert sum("Recorded" in each.splitlines()[0] for each in said) == 1
    assert sum("Last recorded" in each or "⚠" in each for each in said) == 2, said


@EVERYWHERE
def test_the_same_form_sent_twice_has_one_effect(
    both: TwoPlatforms, colleague: Colleague, post: Shown, submit: bool
) -> None:
    """A double click sends two activities; a lost answer sends the same one again."""
    form = colleague.presses(post, "Extend", whom="Jane Smith", submit=submit)
    first = colleague.press(form, "Extend", new="2022-07-29", reason="Workload", submit=submit)
    second = colleague.press(form, "Extend", new="2022-07-29", reason="Workload", submit=submit)
    answers = [colleague.sends(each).text for each in (first, first, second)]
    if not submit:
        assert "29 July 2022" in answers[0]
        assert answers[0] == answers[1] == answers[2]
    assert len(decided(both)) == 1


def test_details_come_in_their_own_chat(colleague: Colleague, post: Shown) -> None:
    assert colleague.presses(post, "Details", whom="Jane Smith").on != TEAM


def test_what_was_filled_in_is_kept_where_something_is_wrong(colleague: Colleague, post: Shown) -> None:
    form = colleague.presses(post, "Extend", whom="Jane Smith")
    wrong = colleague.presses(form, "Extend", new="2022-06-20", reason="Workload")
    assert filled(wrong.card or {}) == {"until": "2022-06-20", "reason": "workload"}


def test_the_form_asks_for_a_person_first(colleague: Colleague, post: Shown) -> None:
    with pytest.raises(AssertionError, match="asks for “Whom is it about"):
        colleague.press(post, "Extend")
    assert inputs(post.card or {})


def test_what_takes_longer_than_teams_waits_is_done_all_the_same(
    both: TwoPlatforms, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else holds the database: a client would say that the app cannot be reached, and be pressed again."""
    form = colleague.presses(colleague.says("status jane smith"), "Log contact")
    monkeypatch.setattr("bot.teams.receive.ANSWER_WITHIN", 0.2)
    with contextlib.closing(sqlite3.connect(both.folder / "npq.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = colleague.is_told(form, "Log contact", how="Phone", outcome="No answer")
        other.execute("ROLLBACK")
    assert "This takes longer than usual" in told
    assert both.teams.wait_until(lambda: len(decided(both)) == 1)
    again = colleague.is_told(form, "Log contact", how="Phone", outcome="No answer")
    assert "longer than usual" in again or "Recorded" in again
    assert len(decided(both)) == 1
