"""Every number that a post, a list or a report states is what its own lines show, and the same wherever it is asked for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.cards.card import PersonRow, words_of
from bot.conversation.cards.report_card import figures
from bot.conversation.posts.reminder_posts import reminder_cards
from core.database.database import open_database, reading
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts.content import naming
from core.records import participant_rows as stored
from core.reminders.reminder import Reminder
from core.rules.engagement_counts import engagement_report
from core.rules.facts import (
    Contact,
    Declaration,
    Deferral,
    Extension,
    Participant,
    RemovalVote,
    Resumption,
)
from core.rules.standing import standing
from core.services import enquiries
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.conversation.figures import adds_up, complaints, said_above
from tests.conversation.made import REVIEW, attended, caseload, person, reminders, studied
from tests.conversation.stages import everything, in_two_sessions, with_an_assessment_window
from tests.histories import HISTORIES, live_through

CONSOLE = Actor.console("Sam")
FIRST, LAST = date(2021, 11, 10), date(2022, 7, 31)


def anybody(pack: Pack, chance: random.Random, number: int) -> Participant:
    """Somebody of cohort 1 to whom things have happened, as they come."""
    course = chance.choice(["NPQLTD", "NPQLTD", "NPQSL", "NPQSL", "EHCO"])
    on = REVIEW + timedelta(days=chance.randrange(-20, 30))
    more: dict[str, Any] = {"sponsorship_returned_on": chance.choice([None, date(2021, 11, 1)])}

    def maybe(share: float) -> bool:
        return chance.random() < share

    if maybe(0.3):
        more["activities"] = (studied(on),)
    if course == "NPQSL" and maybe(0.2):
        more |= everything(pack, "NPQSL", date(2021, 12, 5))
    if maybe(0.3):
        more["register"] = (attended(on, chance.choice(["attended", "booked"])),)
    if maybe(0.3):
        more["declarations"] = (Declaration(1, REVIEW + timedelta(days=chance.randrange(0, 40)), None, "payable"),)
    if maybe(0.3):
        more["extensions"] = (Extension(1, date(2022, 1, 14), "workload", date(2021, 12, 20)),)
    if maybe(0.3):
        more["contacts"] = (Contact(REVIEW + timedelta(days=23), "phone", chance.choice(["no-answer", "reached"])),)
    if maybe(0.3):
        agreed = REVIEW + timedelta(days=chance.randrange(-10, 30))
        begins = agreed + timedelta(days=chance.randrange(0, 40))
        more["deferrals"] = (Deferral(begins, begins + timedelta(days=60), "bereavement", agreed, 1),)
        if maybe(0.4):
            more["resumptions"] = (Resumption(begins + timedelta(days=20), chance.choice([None, "1"]), 2),)
    if maybe(0.1):
        more["removal_votes"] = (RemovalVote(date(2022, 1, 6), "delivery_partner", "approve"),)
    if maybe(0.1):
        more["training_status"] = "withdrawn"
    return person(number, course=course, **more)


@pytest.mark.parametrize("seed", range(HISTORIES // 4))
def test_every_figure_of_every_message_is_what_its_lines_show(pack: Pack, seed: int) -> None:
    chance, windows = random.Random(seed), with_an_assessment_window(pack)
    people = [anybody(pack, chance, number) for number in range(24)]
    people.append(person(900, name="Ada Byron", **in_two_sessions()))
    found = reminders(windows, people, FIRST, LAST)
    assert len({reminder.occasion.key for reminder in found}) > 9
    assert [complaint for reminder in found for complaint in complaints(windows, reminder)] == []


def test_so_are_those_of_a_message_of_many_pages(pack: Pack) -> None:
    found = reminders(pack, caseload(160), date(2021, 12, 1), date(2022, 1, 31))
    assert max(len(reminder_cards(pack, reminder)) for reminder in found) > 5
    assert [complaint for reminder in found for complaint in complaints(pack, reminder)] == []


@pytest.mark.parametrize("seed", range(HISTORIES // 6))
def test_so_are_those_of_a_post_that_is_drawn_again_when_things_have_changed(
    sqlite_url: str, pack: Pack, tmp_path: Path, seed: int
) -> None:
    installation = Installation(open_database(sqlite_url), pack)
    live_through(installation, tmp_path, seed, steps=12)
    posted = _messages(installation, date(2021, 11, 20), date(2022, 12, 31))
    live_through(installation, tmp_path, seed + 100, steps=6)
    again = _drawn_again(installation, posted)
    assert [complaint for reminder in (*posted, *again) for complaint in complaints(pack, reminder)] == []
    installation.engine.dispose()


@pytest.mark.parametrize("seed", range(HISTORIES // 6))
def test_reviews_report_and_posts_give_the_same_n_of_m(sqlite_url: str, pack: Pack, tmp_path: Path, seed: int) -> None:
    installation = Installation(open_database(sqlite_url), pack)
    live_through(installation, tmp_path, seed, steps=14)
    for reminder in _messages(installation, date(2021, 11, 20), date(2022, 12, 31)):
        o = reminder.occasion
        if o.output is None:
            continue
        group, said = (o.course_group, o.cohort, o.output), (reminder.evidenced, reminder.concerned)
        partner, tallies = o.delivery_partner, []
        for review in enquiries.reviews(installation, CONSOLE, as_of=reminder.day, partner=partner).coming:
            if (review.course_group, review.cohort, review.output) == group:
                assert (review.met, review.people) == said
                tallies.append(review.tally)
        report = enquiries.engagement_report(installation, CONSOLE, as_of=reminder.day, partner=partner)[partner]
        for row in report.rows:
            if (row.course_group, row.cohort, row.output) == group:
                assert (row.tally.evidenced, row.tally.people) == said
                assert all(row.tally == tally for tally in tallies), "the same people left out"
        assert sum(row.at_now for row in report.rows) + report.through + report.withdrawn == report.people
        assert all(adds_up(value) for label, value in figures(pack, report) if label != "Participants")
    installation.engine.dispose()


ATTENDED = {"register": (attended(date(2021, 12, 1)),), "sponsorship_returned_on": date(2021, 11, 1)}
DEFERRED = Deferral(date(2021, 12, 20), date(2022, 4, 1), "bereavement", date(2021, 12, 20), 1)
FOUR = [
    person(1, name="Wendy", training_status="withdrawn", **ATTENDED),
    person(2, name="Dora", deferrals=(DEFERRED,), **ATTENDED),
    person(3, name="Ann", **ATTENDED),
    person(4, name="Ben", imported=frozenset(), declarations=(Declaration(1, date(2021, 12, 20), None, "payable"),)),
]
INVOICED = [
    # who is there, how the invoice post says who met it, what its lines say
    ("WDAB", "3 people met it, of whom 1 is withdrawn and not counted in reviews and reports. "
     "1 more person is declared without evidence held here.",
     "Ann: Payable once declared. Dora: Payable once declared. On deferral. Wendy: Payable once declared. Withdrawn."),
    ("DA", "2 people met it.", "Ann: Payable once declared. Dora: Payable once declared. On deferral."),
    ("W", "1 person met it, who is withdrawn and not counted in reviews and reports.",
     "Wendy: Payable once declared. Withdrawn."),
]  # fmt: skip


@pytest.mark.parametrize(("who", "said", "lines"), INVOICED)
def test_an_invoice_post_says_who_of_those_who_met_it_is_counted_elsewhere(
    pack: Pack, who: str, said: str, lines: str
) -> None:
    people = [each for each in FOUR if each.name[0] in who]
    found = reminders(pack, people, date(2022, 1, 10), date(2022, 1, 10))
    [card] = [card for each in found if each.occasion.key == "invoice_due" for card in reminder_cards(pack, each)]
    assert said in said_above(card)
    rows = [row for row in card.elements if isinstance(row, PersonRow)]
    assert " ".join(f"{row.name}: {' '.join(map(words_of, row.lines))}" for row in rows) == lines
    assert [complaint for each in found for complaint in complaints(pack, each)] == []


def test_a_report_says_whose_current_output_it_is_and_how_many_of_all_are_evidenced(pack: Pack) -> None:
    """Reading 13: who met it stays evidenced on deferral."""
    report = engagement_report(pack.cohorts, [standing(pack, each, date(2022, 1, 10)) for each in FOUR])
    (_, everybody), (_, first), (_, second) = figures(pack, report)
    assert everybody == "4: 3 at one of the outputs below and 1 withdrawn."
    assert first == (
        "Current output of 2 people. Of all on it, 3 of 3 evidenced (1 declared; by attendance 2); "
        "not counted: 1 withdrawn."
    )
    assert second == (
        "Current output of 1 person. Of all on it, 0 of 2 evidenced; "
        "1 waiting for an earlier output and 1 not due yet; not counted: 1 on deferral and 1 withdrawn."
    )


def test_where_nothing_is_measured_declared_is_said_once(pack: Pack) -> None:
    people = [person(number, course="EHCO") for number in range(3)]
    people.append(person(3, course="EHCO", declarations=(Declaration(1, date(2021, 12, 20), None, "payable"),)))
    report = engagement_report(pack.cohorts, [standing(pack, each, date(2022, 1, 10)) for each in people])
    assert figures(pack, report)[1][1] == (
        "Current output of 3 people. Of all on it, 1 of 4 declared; 3 with nothing measured yet."
    )


def test_one_person_is_spoken_of_as_one(pack: Pack) -> None:
    later = Deferral(date(2022, 1, 20), date(2022, 4, 1), "bereavement", date(2022, 1, 5), 1)
    vote = RemovalVote(date(2022, 1, 6), "delivery_partner", "approve")
    found = reminders(pack, [person(1, deferrals=(later,), removal_votes=(vote,))])
    [post] = [each for each in found if each.occasion.key == "removal_votes_waiting"][:1]
    [card] = reminder_cards(pack, post)
    assert "Removal of 1 person was proposed" in said_above(card)
    assert said_above(card).count("They have a deferral agreed that begins later, named below.") == 1


def _messages(installation: Installation, first: date, last: date) -> list[Reminder]:
    cases, found = Caseloads(installation), []
    with reading(installation.engine) as session:
        for partner in stored.partners(session):
            for occasion in cases.occasions(session, partner, first, last):
                reminder = cases.remind(session, occasion, occasion.due_on)
                if reminder is not None:
                    found.append(reminder)
    return found


def _drawn_again(installation: Installation, posted: Sequence[Reminder]) -> list[Reminder]:
    """Each message on some days after, about the people whom it named first."""
    cases = Caseloads(installation)
    with reading(installation.engine) as session:
        return [
            naming(cases, session, b.occasion, b.enrolments, b.day + timedelta(days=later))
            for later in (0, 1, 40)
            for b in posted
        ]
