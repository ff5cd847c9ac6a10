"""Made-up caseloads for cards: people in every stage, with names as they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from core.reminders.reminder import Reminder
from core.rules.facts import (
    ActivityDone,
    Contact,
    Declaration,
    Deferral,
    Extension,
    Participant,
    RegisterEntry,
    RemovalVote,
)
from core.rules.folding import progress_of
from core.rules.progress import KINDS
from reference.pack import Pack
from tests.reminding import occasions, remind

REVIEW = date(2021, 12, 13)  # NPQLTD, cohort 1, Output 1
PARTNER = "North Star Teaching School Hub"
EVERYTHING = frozenset(KINDS)
NAMES = (
    "Jane Example",
    "Siân Llwyd-Ŵyn",
    "Łukasz Żółkiewski",
    "محمد عبد الله",
    "<!channel> & <b>Bob</b>",
    "Alexandrina Wilhelmina Featherstonehaugh-Cholmondeley-Smythe",
    "O*Neill _Max_ ~x~ `y` :tada:",
    "Grace Okafor",
    "Li Na",
    "Tom Reed",
    "Priya Natarajan",
    "Ann-Marie D'Souza",
    "Owen Hughes",
    "Zoë Kravitz-Jones",
    "Bartholomew Finch",
    "Ivy Chen",
    "Noah Patel",
    "Ruth Adeyemi",
)


def person(number: int = 0, **more: Any) -> Participant:
    """A participant who has done nothing yet; the number chooses a name."""
    given: dict[str, Any] = {
        "id": f"p-{number:03d}",
        "name": NAMES[number % len(NAMES)] + (f" {number}" if number >= len(NAMES) else ""),
        "course": "NPQLTD",
        "cohort": "1",
        "delivery_partner": PARTNER,
        "application_status": "accepted",
        "contract_returned_on": date(2021, 11, 1),
        "sponsorship_returned_on": date(2021, 11, 1) if number % 5 else None,
        "imported": EVERYTHING,
    }
    return Participant(**(given | more))


def studied(on: date, title: str = "S 1.1a", block: int = 1, credits: int = 3) -> ActivityDone:
    return ActivityDone(block, "Self-study", title, credits, on, "auto")


def attended(on: date, status: str = "attended") -> RegisterEntry:
    return RegisterEntry(f"e-{on}", "f2f", on, status, event_marked=True)


def caseload(count: int = 18) -> list[Participant]:
    """Some evidenced, some extended, deferred, contacted or proposed for removal, the others yet to begin."""
    people = []
    for number in range(count):
        more: dict[str, Any] = {}
        match number % 9:
            case 2:
                more["activities"] = (studied(date(2021, 12, 1)),)
            case 3:
                more["activities"] = (ActivityDone(1, "Training event", "F2F 1", 15, date(2021, 12, 2), "self_report"),)
            case 4:
                more["register"] = (attended(date(2021, 12, 9), "booked"),)
            case 5:
                more["extensions"] = (Extension(1, date(2022, 1, 14), "workload", date(2021, 12, 20)),)
            case 6:
                more["contacts"] = tuple(
                    Contact(REVIEW + timedelta(days=d), "phone", "no-answer") for d in (23, 24, 25)
                )
            case 7:
                more["declarations"] = (Declaration(1, date(2021, 12, 12), None, "submitted"),)
            case 8:
                more["deferrals"] = (
                    Deferral(date(2021, 12, 30), date(2022, 4, 1), "parental-leave", date(2021, 12, 30)),
                )
                more["removal_votes"] = (RemovalVote(date(2022, 1, 6), "delivery_partner", "approve"),)
        people.append(person(number, **more))
    return people


def reminders(
    pack: Pack,
    people: Sequence[Participant],
    first: date = date(2021, 11, 10),
    last: date = date(2022, 3, 31),
    meetings: Sequence[date] = (date(2021, 12, 8),),
) -> list[Reminder]:
    """Every message due to the partner within those days, as judged on its day."""
    found, records = [], [progress_of(pack, person) for person in people]
    for occasion in occasions(pack, people, meetings, PARTNER, first, last):
        reminder = remind(pack, people, occasion, occasion.due_on, records=records)
        if reminder is not None:
            found.append(reminder)
    return found
