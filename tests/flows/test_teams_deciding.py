"""From a card in Teams to a recorded decision: forms in the card, what is refused, and posts redrawn on both platforms."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.services import enquiries
from tests.fakes.slack import words as slack_words
from tests.fakes.teams_cards import card_complaints, filled, inputs, labels
from tests.flows.colleagues import Colleague, Shown
from tests.flows.conftest import CONSOLE, DECLARED, PEOPLE
from tests.flows.people import shown as slack_shown
from tests.flows.two_platforms import ADA, LEE, SAM, STRANGER, TEAM, VERA, TwoPlatforms

EVERYWHERE = pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])


@pytest.fixture
def post(both: TwoPlatforms) -> Shown:
    """The reminder of 16 June about the specialists' review on the 23rd, as it stands in the Teams channel."""
    both.posts_go_to("C0TEAM")
    both.teams_posts_go_to(TEAM)
    assert both.tick().troubles == ()
    return both.in_teams("Jane Smith")[0]


def decided(house: TwoPlatforms, who: str = "p-001") -> list[str]:
    today = house.now.date()
    return [line.text for line in enquiries.case(house.installation, CONSOLE, who, as_of=today).history]


def test_the_post_names_who_is_meant_says_the_true_date_and_that_it_is_a_rehearsal(post: Shown) -> None:
    for said in ("23 June 2022", "Jane Smith", "Jane Doe", "Rehearsal", "Whom is it about?"):
        assert said in post.words
    assert "Zoe" not in post.words
    assert labels(post.card or {}) == ["Extend", "Defer", "Log contact", "Details"]


@EVERYWHERE
def test_extend_from_the_post_is_seen_on_both_platforms(
    both: TwoPlatforms, colleague: Colleague, post: Shown, submit: bool
) -> None:
    form = colleague.presses(post, "Extend", whom="Jane Smith", submit=submit)
    assert "Jane Smith" in form.words
    assert "Whom is it about?" in both.in_teams("Jane Smith")[0].words, "the form is for whoever pressed"

    wrong = colleague.presses(form, "Extend", new="2022-06-20", reason="Workload", submit=submit)
    assert "later" in wrong.words
    assert filled(wrong.card or {}) == {"until": "2022-06-20", "reason": "workload"}
    assert decided(both) == []

    done = colleague.presses(wrong, "Extend", new="2022-07-29", submit=submit)
    assert "extended to 29 July 2022" in done.words
    assert len(decided(both)) == 1
    assert both.teams.wait_until(lambda: "29 July 2022" in both.in_teams("Jane Smith")[0].words)
    assert len(both.in_teams("Jane Smith")) == 1, "redrawn in place, not posted again"
    assert both.slack.wait_until(lambda: "29 July 2022" in slack_words(both.posts("Jane Smith")[0]))
    assert len(both.posts("Jane Smith")) == 1
    assert "workload" not in both.in_teams("Jane Smith")[0].words.casefold(), "the reason is not for the channel"


def test_a_decision_in_slack_is_seen_in_teams(both: TwoPlatforms, post: Shown) -> None:
    sam = both.person("U0COORD")
    form = sam.opens(both.posts("Jane Smith")[0], "Extend", near="Jane Smith")
    assert "29 July 2022" in slack_shown(sam.submits(form, new="2022-07-29", reason="Workload"))
    assert both.teams.wait_until(lambda: "29 July 2022" in both.in_teams("Jane Smith")[0].words)
    assert len(both.in_teams("Jane Smith")) == 1


def test_defer_from_the_post(both: TwoPlatforms, colleague: Colleague, post: Shown) -> None:
    form = colleague.presses(post, "Defer", whom="Jane Smith")
    done = colleague.presses(form, "Defer", first="2022-06-16", agreed="2023-01-09", reason="Parental leave")
    assert "9 January 2023" in done.words
    assert len(decided(both)) == 1


def test_contact_from_the_post(both: TwoPlatforms, colleague: Colleague, post: Shown) -> None:
    form = colleague.presses(post, "Log contact", whom="Jane Doe")
    done = colleague.presses(form, "Log contact", how="Phone", outcome="No answer")
    assert "Jane Doe" in done.words
    assert len(decided(both, "p-002")) == 1


@EVERYWHERE
def test_the_whole_life_of_somebody_from_the_status_card(
    both: TwoPlatforms, colleague: Colleague, submit: bool
) -> None:
    form = colleague.presses(colleague.says("status jane smith"), "Extend", submit=submit)
    colleague.presses(form, "Extend", new="2022-07-29", reason="Workload", submit=submit)
    form = colleague.presses(colleague.says("status jane smith"), "Log contact", submit=submit)
    colleague.presses(form, "Log contact", how="E-mail", outcome="Reached them", submit=submit)
    form = colleague.presses(colleague.says("status jane smith"), "Defer", submit=submit)
    colleague.presses(form, "Defer", first="2022-06-16", agreed="2023-01-09", reason="Parental leave", submit=submit)
    away = colleague.says("status jane smith")
    assert "Record return" in labels(away.card or {})
    form = colleague.presses(away, "Record return", submit=submit)
    done = colleague.presses(form, "Record", cohort="Cohort 2 (February 2022)", submit=submit)
    assert "Jane Smith" in done.words
    assert len(decided(both)) == 4


def test_removal_takes_both_sides(both: TwoPlatforms) -> None:
    """Three contacts went unanswered after the window had closed: removal can be proposed."""
    late = both.at("2022-08-01T09:30:00+01:00")
    sam, lee = late.colleague(SAM), late.colleague(LEE)
    for day in ("2022-07-27", "2022-07-28", "2022-07-29"):
        form = sam.presses(sam.says("status p-001"), "Log contact")
        sam.presses(form, "Log contact", how="Phone", outcome="No answer", when=day)
    form = sam.presses(sam.says("status p-001"), "Removal")
    assert "Approve removal" in str(form.card)
    sam.presses(form, "Decide", decision="Approve removal")
    assert len(decided(late)) == 4
    form = lee.presses(lee.says("status p-001"), "Removal")
    assert "Proposed on 1 August 2022, approved by the Delivery Partner" in form.words
    assert "Jane Smith" in lee.presses(form, "Decide", decision="Approve removal").words
    assert len(decided(late)) == 5
    assert "withdrawn" in sam.says("status p-001").words.casefold()


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


def test_an_old_button_says_who_extended_already(both: TwoPlatforms, colleague: Colleague, post: Shown) -> None:
    form = colleague.presses(post, "Extend", whom="Jane Smith")
    colleague.presses(form, "Extend", new="2022-07-29", reason="Workload")
    told = both.colleague(ADA).presses(post, "Extend", whom="Jane Smith").words
    assert "extended to 29 July 2022 by Sam Coordinator" in told


def test_two_who_decide_at_once_the_second_is_shown_what_the_first_did(
    both: TwoPlatforms, colleague: Colleague, post: Shown
) -> None:
    ada = both.colleague(ADA)
    sams, adas = (each.presses(post, "Extend", whom="Jane Smith") for each in (colleague, ada))
    colleague.presses(sams, "Extend", new="2022-07-29", reason="Workload")
    told = ada.presses(adas, "Extend", new="2022-08-05", reason="Other")
    assert "29 July 2022" in told.words
    assert "Sam Coordinator" in told.words
    assert len(decided(both)) == 1
    done = ada.presses(told, "Extend", new="2022-08-05", reason="Other")
    assert "5 August 2022" in done.words
    assert len(decided(both)) == 2


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


def test_a_viewer_and_a_stranger_who_press_are_told_privately(both: TwoPlatforms, post: Shown) -> None:
    told = both.colleague(VERA).presses(post, "Extend", whom="Jane Smith")
    assert "viewer" in told.words
    told = both.colleague(STRANGER).presses(post, "Extend", whom="Jane Smith")
    assert "npq staff add" in told.words
    assert len(both.in_teams()) == len(both.posts()), "nothing was said in the channel"


def test_a_role_taken_away_while_the_form_was_open_counts(
    both: TwoPlatforms, colleague: Colleague, post: Shown
) -> None:
    form = colleague.presses(post, "Extend", whom="Jane Smith")
    both.link_in_teams(SAM, "Sam Coordinator", "viewer", "Northern Hub")
    assert "viewer" in colleague.presses(form, "Extend", new="2022-07-29", reason="Workload").words
    assert decided(both) == []


def test_details_come_privately_and_the_post_stays(both: TwoPlatforms, colleague: Colleague, post: Shown) -> None:
    told = colleague.presses(post, "Details", whom="Jane Smith")
    assert told.on != TEAM
    assert "Jane Smith" in told.words
    assert both.in_teams("Jane Smith")[0].words == post.words


def test_a_decision_counts_also_when_the_post_cannot_be_redrawn_just_now(
    both: TwoPlatforms, colleague: Colleague, post: Shown
) -> None:
    both.teams.trouble("update", "status", 502)
    form = colleague.presses(post, "Extend", whom="Jane Smith")
    colleague.presses(form, "Extend", new="2022-07-29", reason="Workload")
    assert len(decided(both)) == 1
    assert both.slack.wait_until(lambda: "29 July 2022" in slack_words(both.posts("Jane Smith")[0]))


def test_the_form_asks_for_a_person_first(colleague: Colleague, post: Shown) -> None:
    with pytest.raises(AssertionError, match="asks for “Whom is it about"):
        colleague.press(post, "Extend")
    assert inputs(post.card or {})


def test_a_longer_caseload_than_one_card_takes_loses_nobody(both: TwoPlatforms, colleague: Colleague) -> None:
    header, declared = PEOPLE.splitlines()[0], DECLARED.splitlines()[0]
    rows = [
        f"m-{n:03d},Person {n:03d} Longname-Longersurname,NPQLTD,1,Northern Hub,,accepted,2021-11-20,"
        for n in range(32)
    ]
    done = [f"m-{n:03d},1,2021-12-20,2021-12-13,payable" for n in range(32)]
    both.load("\n".join([header, *rows, ""]), "\n".join([declared, *done, ""]))
    both.teams_posts_go_to(TEAM)
    both.tick()
    pages = both.in_teams("Person ")
    assert {n for n in range(32) for page in pages if f"Person {n:03d} " in page.words} == set(range(32))
    last = next(page for page in pages if "Person 031 " in page.words)
    assert "Person 031 " in colleague.presses(last, "Extend", whom="Person 031 Longname-Longersurname").words


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


def test_a_contact_that_the_same_person_sends_again_was_recorded_already(both: TwoPlatforms) -> None:
    sam = both.colleague(SAM)
    forms = [sam.presses(sam.says("status jane smith"), "Log contact") for _ in range(3)]
    assert "Recorded" in sam.presses(forms[0], "Log contact", how="Phone", outcome="No answer").words
    again = sam.presses(forms[1], "Log contact", how="Phone", outcome="No answer")
    assert "That was recorded already. Jane Smith: Contact tried by phone" in again.words
    assert "in the meantime" not in again.words
    assert len(enquiries.case(both.installation, CONSOLE, "p-001", as_of=both.now.date()).history) == 1
    another = sam.presses(forms[2], "Log contact", how="Phone", outcome="Reached them")
    assert "in the meantime" in another.words
