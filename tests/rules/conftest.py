"""Made-up participants, written the way a programme manager would describe them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.rules.facts import (
    ActivityDone,
    Assessment,
    Contact,
    Declaration,
    DeclarationReport,
    Deferral,
    EngagementReport,
    Extension,
    Participant,
    RegisterEntry,
    RemovalVote,
    Resumption,
    VideoView,
)
from core.rules.progress import KINDS

EVERYTHING = frozenset(KINDS)


def day(text: str) -> date:
    return date.fromisoformat(text)


def maybe(text: str | None) -> date | None:
    return None if text is None else day(text)


def person(course: str = "NPQLTD", cohort: str = "1", **more: object) -> Participant:
    """A participant about whom every kind of file has been imported and who has done nothing yet."""
    given: dict[str, object] = {
        "id": "p-001",
        "name": "Jane Example",
        "course": course,
        "cohort": cohort,
        "delivery_partner": "North Star",
        "application_status": "accepted",
        "contract_returned_on": day("2021-11-01"),
        "sponsorship_returned_on": day("2021-11-01"),
        "imported": EVERYTHING,
    }
    return Participant(**(given | more))  # type: ignore[arg-type]


def did(on: str, credits: int = 3, title: str = "S 1.1a", block: int = 1, component: str = "Self-study",
        logged_by: str = "auto") -> ActivityDone:  # fmt: skip
    return ActivityDone(block, component, title, credits, day(on), logged_by)  # type: ignore[arg-type]


def session(on: str, status: str = "attended", *, kind: str = "f2f", marked: bool = True, contingency: str | None = None,
            contingency_on: str | None = None, confirmed_by: str | None = None) -> RegisterEntry:  # fmt: skip
    return RegisterEntry(
        f"event-{on}",
        kind,
        day(on),
        status,
        None,
        contingency,
        maybe(contingency_on),
        confirmed_by,
        event_marked=marked,
    )


def watched(on: str, percent: str, block: int = 1) -> VideoView:
    return VideoView(block, Decimal(percent), day(on))


def declared(output: int, on: str, cutoff: str | None = None, state: str = "submitted") -> Declaration:
    return Declaration(output, day(on), maybe(cutoff), state)


def extended(output: int, until: str, on: str) -> Extension:
    return Extension(output, day(until), "workload", day(on))


def called(on: str, outcome: str = "no-answer") -> Contact:
    return Contact(day(on), "phone", outcome)


def deferred(starts: str, until: str, on: str | None = None) -> Deferral:
    return Deferral(day(starts), day(until), "parental-leave", day(on or starts))


def back(on: str, cohort: str | None = None) -> Resumption:
    return Resumption(day(on), cohort)


def vote(on: str, side: str, decision: str = "approve") -> RemovalVote:
    return RemovalVote(day(on), side, decision)


def period(
    start: str, end: str, credits: int, self_study: int | None = None, total: int | None = None
) -> DeclarationReport:
    return DeclarationReport(day(start), day(end), credits, self_study, total)


def ran(on: str, percent: str, total: int | None = None) -> EngagementReport:
    return EngagementReport(day(on), Decimal(percent), total)


def assessed(marked: str | None = "2023-02-01", moderated: str | None = "2023-02-10", outside: str | None = "done",
             copies: bool | None = True, result: str | None = "passed") -> Assessment:  # fmt: skip
    return Assessment(None, maybe(marked), maybe(moderated), outside, copies, result)
