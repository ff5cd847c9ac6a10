"""Papers never stand among the ways to the evidence (R6), and an agreed deferral is told before it begins (R41)."""

from __future__ import annotations

from datetime import date

import pytest

from bot.conversation.cards.card import Card, Paragraph, PersonRow, words_of
from bot.conversation.cards.details_card import details_card
from bot.conversation.cards.list_cards import at_risk_card
from bot.conversation.cards.phrases import stage_words
from bot.conversation.cards.status_card import status_card
from bot.conversation.posts.reminder_posts import reminder_cards
from core.rules.facts import Contact, Deferral, Extension
from core.services.enquiries import AtRisk, AtRiskList
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.conversation.made import REVIEW, person, reminders
from tests.conversation.stages import REASONS, Situation, case_of, looked_at

ADMIN = Actor("Ada", "administrator", None)
ANY_ONE = "Any one of these is enough"
PAPERS = "Still to come back: the signed school contract and the signed sponsorship agreement."
NO_PAPERS = {"contract_returned_on": None, "sponsorship_returned_on": None}
TODAY = date(2021, 12, 6)
AGREED = (Deferral(date(2021, 12, 10), date(2022, 3, 1), "bereavement", date(2021, 12, 3)),)
TOLD = "deferral agreed from 10 December 2021 to 1 March 2022"


def paragraphs(card: Card) -> list[list[str]]:
    return [[words_of(each) for each in e.lines] for e in card.elements if isinstance(e, Paragraph)]


def lines(card: Card) -> list[list[str]]:
    """Of each person's row: what stands beside the name, and each line."""
    rows = [element for element in card.elements if isinstance(element, PersonRow)]
    return [[words_of(row.beside), *map(words_of, row.lines)] for row in rows]


def status_of(pack: Pack, **more: object) -> tuple[Card, Card, Card]:
    """The status, the details and the at-risk card of somebody who has done nothing, a week before their review."""
    situation = Situation(person(1, **more), TODAY)
    whole, output = looked_at(pack, situation)
    case = case_of(pack, situation)
    return (
        status_card(pack, ADMIN, case, output),
        details_card(pack, case),
        at_risk_card(pack, ADMIN, AtRiskList([AtRisk(whole, output)], 0), {}, None, TODAY),
    )


def test_on_the_status_card_papers_are_apart_from_what_is_enough(pack: Pack) -> None:
    status, _, _ = status_of(pack, **NO_PAPERS)
    [ways] = [each for each in paragraphs(status) if f"{ANY_ONE}:" in each]
    assert not [way for way in ways if "come back" in way]
    assert ["Papers", PAPERS] in paragraphs(status)


def test_in_at_risk_papers_have_a_line_of_their_own(pack: Pack) -> None:
    _, _, at_risk = status_of(pack, **NO_PAPERS)
    [row] = lines(at_risk)
    assert PAPERS in row
    [ways] = [each for each in row if each.startswith("Needs any one of")]
    assert "come back" not in ways


def test_on_a_post_papers_have_a_line_of_their_own(pack: Pack) -> None:
    [post] = [r for r in reminders(pack, [person(1, **NO_PAPERS)], TODAY, TODAY) if r.occasion.key == "review_upcoming"]
    [row] = lines(reminder_cards(pack, post)[0])
    assert PAPERS in row
    assert not [each for each in row if "any one of" in each and "come back" in each]


@pytest.mark.parametrize("which", ["status", "details", "at-risk"])
def test_an_agreed_deferral_is_told_before_it_begins(pack: Pack, which: str) -> None:
    cards = dict(zip(("status", "details", "at-risk"), status_of(pack, deferrals=AGREED), strict=True))
    said = str([paragraphs(cards[which]), lines(cards[which])])
    assert TOLD in said
    assert which == "details" or not [word for word in REASONS if word in said.casefold()]


def test_it_is_nothing_that_is_still_needed(pack: Pack) -> None:
    status, _, _ = status_of(pack, deferrals=AGREED)
    [needed] = [each for each in paragraphs(status) if each[0] == "What is still needed"]
    assert not [each for each in needed if "deferral" in each.casefold()]


def test_it_is_among_the_next_steps_and_changes_neither_verdict_nor_stage(pack: Pack) -> None:
    _, without = looked_at(pack, Situation(person(1), TODAY))
    _, output = looked_at(pack, Situation(person(1, deferrals=AGREED), TODAY))
    assert (output.verdict, output.stage) == (without.verdict, without.stage)
    assert output.next_steps == ("A deferral is agreed from 10 December 2021 to 1 March 2022.", *without.next_steps)


@pytest.mark.parametrize(
    ("day", "told"),
    [(date(2021, 12, 2), False), (date(2021, 12, 3), True), (date(2021, 12, 9), True), (date(2021, 12, 10), False)],
    ids=["before it is agreed", "agreed", "the day before it begins", "on deferral"],
)
def test_from_the_day_it_is_agreed_until_it_begins(pack: Pack, day: date, told: bool) -> None:
    _, output = looked_at(pack, Situation(person(1, deferrals=AGREED), day))
    assert (output.deferral_ahead is not None) is told


def test_whoever_has_one_agreed_is_not_to_be_contacted(pack: Pack) -> None:
    later = (Deferral(date(2022, 1, 10), date(2022, 3, 1), "bereavement", date(2022, 1, 4)),)
    _, output = looked_at(pack, Situation(person(1, deferrals=later), date(2022, 1, 5)))
    assert output.stage == "contact"
    assert not [step for step in output.next_steps if step.startswith("Contact them")]


@pytest.mark.parametrize(
    ("key", "on", "next_step"),
    [
        (
            "review_upcoming",
            date(2021, 12, 6),
            "nobody needs reminding; agree which cohort they rejoin before they return.",
        ),
        ("papers_missing", date(2021, 11, 29), "ask the school for the signed paper, if possible by 13 December 2021."),
    ],
)
def test_a_post_does_not_chase_them(pack: Pack, key: str, on: date, next_step: str) -> None:
    agreed = (Deferral(date(2021, 12, 10), date(2022, 3, 1), "bereavement", date(2021, 11, 20)),)
    [post] = [r for r in reminders(pack, [person(1, deferrals=agreed, **NO_PAPERS)], on, on) if r.occasion.key == key]
    [card] = reminder_cards(pack, post)
    assert "They have a deferral agreed that begins later, named below." in card.summary
    assert next_step in card.summary
    assert TOLD.casefold() in " ".join(lines(card)[0]).casefold()


def test_the_post_before_the_window_ends_holds_nobody_to_an_earlier_day_than_was_agreed(pack: Pack) -> None:
    """The newcomer's: "by 30 November" to somebody whose agreed deadline is 1 December."""
    longer = person(1, extensions=(Extension(1, date(2022, 1, 4), "workload", date(2021, 12, 15)),))
    for people, wanted in (
        ([longer], "by the agreed deadline, named below"),
        ([longer, person(2)], "by 3 January 2022, or by the later agreed deadline named below"),
        ([person(2)], "by 3 January 2022 often"),
    ):
        found = reminders(pack, people, date(2021, 12, 20), date(2021, 12, 20))
        [post] = [r for r in found if r.occasion.key == "window_progress"]
        assert wanted in reminder_cards(pack, post)[0].summary


def test_whom_a_contact_reached_is_past_the_deadline_and_not_to_be_got_hold_of(pack: Pack) -> None:
    called = [
        Contact(REVIEW.replace(month=1, year=2022, day=day), "phone", outcome)
        for day, outcome in ((5, "no-answer"), (6, "reached"), (7, "no-answer"))
    ]
    for until, words in (
        (1, "past the deadline: please get in touch"),
        (2, "past the deadline, reached on 6 January 2022"),
        (3, "past the deadline: please get in touch"),
    ):
        _, output = looked_at(pack, Situation(person(1, contacts=tuple(called[:until])), date(2022, 1, 8)))
        assert stage_words(output) == words
