"""Somebody in every stage of the rulebook, and what is needed to draw a card about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, get_args

from bot.conversation.cards.card import (
    Actions,
    Bullets,
    Button,
    Card,
    Element,
    Facts,
    Heading,
    Note,
    Paragraph,
    PersonPicker,
    PersonRow,
    words_of,
)
from core.records.participant_rows import PersonName
from core.rules.facts import (
    Assessment,
    Contact,
    Declaration,
    Deferral,
    EngagementReport,
    Extension,
    Participant,
    RegisterEntry,
    RemovalVote,
    Resumption,
)
from core.rules.results import OutputStanding, Stage, Standing
from core.rules.standing import standing
from core.services.enquiries import Case, HistoryLine
from core.services.staff.actors import ROLES, Actor
from reference.pack import AssessmentWindow, Pack
from tests.conversation.made import PARTNER, person, studied

STAGES: tuple[str, ...] = get_args(Stage)
# A reason of an extension or deferral, by its code or in words, in any shape that a card could give it.
REASONS = (
    "bereavement",
    "sickness",
    "parental",
    "career-break",
    "career break",
    "workload",
    "illness",
    "school-circumstances",
    "school circumstances",
    "technical-access",
    "technical access",
    "event-missed",
    "event missed",
)
NO_ANSWER = tuple(Contact(date(2022, 1, day), "phone", "no-answer") for day in (5, 7, 9))
DECLARED = (Declaration(1, date(2021, 12, 20), None, "payable"),)
AWAY = (Deferral(date(2021, 12, 10), date(2022, 4, 1), "bereavement", date(2021, 12, 9)),)
LONGER = (Extension(1, date(2022, 1, 14), "illness-or-absence", date(2021, 12, 20)),)
PROPOSED = (RemovalVote(date(2022, 1, 10), "delivery_partner", "approve"),)


@dataclass(frozen=True)
class Situation:
    """A participant, the day they are looked at and the output that is looked at."""

    who: Participant
    on: date
    output: int = 1


def everything(pack: Pack, course: str, on: date) -> dict[str, Any]:
    """Every activity of a course, done on one day."""
    return {
        "activities": tuple(
            replace(studied(on, a.title, b.number, a.credits or 0), component=a.component)
            for b in pack.blocks[course]
            for a in b.activities
        )
    }


def in_every_stage(pack: Pack) -> dict[str, Situation]:
    """By stage: somebody who is in it. NPQLTD in cohort 1, Output 1, review 13 December 2021, unless it takes another."""
    done = (studied(date(2021, 12, 1)),)
    whole = everything(pack, "NPQSL", date(2021, 12, 5))
    return {
        "withdrawn": Situation(person(1, training_status="withdrawn"), date(2022, 1, 5)),
        "declared": Situation(person(1, activities=done, declarations=DECLARED), date(2022, 1, 5)),
        "not_defined": Situation(person(1, course="EHCO"), date(2022, 1, 5)),
        "deferred": Situation(person(1, deferrals=AWAY), date(2022, 1, 5)),
        "rescheduling_needed": Situation(
            person(1, deferrals=AWAY, resumptions=(Resumption(date(2022, 1, 3), None, 1),)), date(2022, 1, 5)
        ),
        "ready": Situation(person(1, activities=done), date(2021, 12, 20)),
        "not_scheduled": Situation(person(1, course="NPQLL"), date(2022, 1, 5)),  # cohort 1 does not offer it: no dates
        "removal_pending": Situation(person(1, contacts=NO_ANSWER, removal_votes=PROPOSED), date(2022, 1, 12)),
        "refer_to_lead_provider": Situation(
            person(1, course="NPQSL", declarations=DECLARED, **whole), date(2022, 6, 20), 2
        ),
        "not_due": Situation(person(1), date(2021, 11, 1)),
        "pre_review": Situation(person(1), date(2021, 12, 6)),
        "extended": Situation(person(1, extensions=LONGER), date(2022, 1, 5)),
        "window": Situation(person(1), date(2021, 12, 20)),
        "removal_review": Situation(person(1, contacts=NO_ANSWER), date(2022, 1, 10)),
        "contact": Situation(person(1), date(2022, 1, 5)),
    }


def other_situations(pack: Pack) -> dict[str, Situation]:
    """What else a card may have to say: unknown, TBC, waiting for an earlier output, three extensions, a report that differs."""
    three = tuple(
        Extension(1, date(2022, 1, last), "workload", date(2021, 12, 20 + number))
        for number, last in enumerate((10, 12, 14))
    )
    half = Assessment(date(2023, 1, 10), date(2023, 1, 20), None, "pending", None, None)
    declared = tuple(Declaration(n, date(2021, 12, 20 + n), None, "payable") for n in (1, 2))
    return {
        "nothing was ever imported": Situation(person(1, imported=frozenset()), date(2021, 12, 6)),
        "the credit total is TBC": Situation(
            person(
                1,
                course="NPQLL",
                cohort="3",
                declarations=(
                    Declaration(1, date(2022, 11, 25), None, "paid"),
                    Declaration(2, date(2023, 6, 23), None, "paid"),
                ),
                activities=(studied(date(2022, 11, 1)),),
            ),
            date(2024, 2, 1),
            3,
        ),
        "an earlier output comes first": Situation(person(1), date(2022, 6, 16), 2),
        "three extensions have lapsed": Situation(person(1, extensions=three), date(2022, 1, 20)),
        "two missing papers": Situation(
            person(1, contract_returned_on=None, sponsorship_returned_on=None), date(2021, 12, 6)
        ),
        "an application that was never accepted": Situation(
            person(1, application_status="rejected", activities=(studied(date(2021, 12, 1)),)), date(2021, 12, 6)
        ),
        "completion, all done but moderation": Situation(
            person(
                1,
                declarations=declared,
                assessments=(half,),
                engagement_reports=(EngagementReport(date(2023, 1, 1), 91, None),),  # type: ignore[arg-type]
                **everything(pack, "NPQLTD", date(2022, 12, 1)),
            ),
            date(2023, 2, 1),
            3,
        ),
        "every output declared": Situation(
            person(1, declarations=tuple(Declaration(n, date(2021, 12, 20 + n), None, "paid") for n in (1, 2, 3))),
            date(2023, 6, 1),
            3,
        ),
    }


def looked_at(pack: Pack, situation: Situation) -> tuple[Standing, OutputStanding]:
    whole = standing(pack, situation.who, situation.on)
    return whole, whole.outputs[situation.output - 1]


def case_of(pack: Pack, situation: Situation, history: Sequence[HistoryLine] = (), **person: str | None) -> Case:
    """The case as the services would give it."""
    who = situation.who
    name = PersonName(
        who.id,
        who.name,
        who.email,
        who.trn,
        who.delivery_partner,
        who.course,
        who.cohort,
        person.get("school", "Moorside Primary"),
        person.get("facilitator", "Tom Ashworth"),
    )
    return Case(looked_at(pack, situation)[0], name, len(history), tuple(history))


def everybodys_roles() -> dict[str, Actor]:
    """Somebody of each role who may see the partner's participants."""
    return {role: Actor(f"Sam {role}", role, PARTNER if role != "administrator" else None) for role in ROLES}


def buttons_of(*elements: Element) -> Iterator[Button]:
    """Every button on a card, in order."""
    for element in elements:
        if isinstance(element, PersonRow | Actions):
            yield from element.buttons


def said(card: Card) -> str:
    """Every word of a card that a reader sees, labels included, without styles."""
    return "\n".join((card.title, *(line for element in card.elements for line in _lines(element))))


def _lines(element: Element) -> Iterator[str]:
    match element:
        case Heading():
            yield element.words
        case Paragraph():
            yield from map(words_of, element.lines)
        case Bullets():
            yield from map(words_of, element.items)
        case Facts():
            yield from (f"{label}: {words_of(value)}" for label, value in element.rows)
        case Note():
            yield words_of(element.text)
        case PersonRow():
            yield from (element.name, words_of(element.beside), *map(words_of, element.lines))
            yield from (button.label for button in element.buttons)
        case Actions():
            yield from (button.label for button in element.buttons)
        case PersonPicker():
            yield element.label
        case _:
            return


def remembering() -> Callable[[Pack, Participant, date], Standing]:
    """`standing`, worked out once for each person and day."""
    known: dict[tuple[str, date], Standing] = {}

    def look(pack: Pack, who: Participant, on: date) -> Standing:
        if (who.id, on) not in known:
            known[who.id, on] = standing(pack, who, on)
        return known[who.id, on]

    return look


def with_an_assessment_window(pack: Pack) -> Pack:
    """The pack with what R32 leaves to the operator."""
    window = AssessmentWindow("specialist", "1", date(2022, 1, 5), date(2022, 2, 16), "made up")
    return replace(pack, assessment_windows={("specialist", "1"): (window,)})


def in_two_sessions() -> dict[str, Any]:
    """Attended twice, and neither self-reported (R33); with a report that grows old."""
    return {
        "register": tuple(
            RegisterEntry(f"e-{on}", "f2f", on, "attended", event_marked=True)
            for on in (date(2021, 11, 20), date(2021, 11, 27))
        ),
        "engagement_reports": (EngagementReport(date(2021, 11, 12), 12, None),),  # type: ignore[arg-type]
    }
