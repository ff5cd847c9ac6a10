"""Rows of registers and of planned sessions, checked against what is stored of their events.

One event has one date, one type and one credited length. Where it is planned, the plan has the date and type, and moves the register.
Nothing here reads a database: what is stored comes in as plain mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from core.imports.checks.import_context import ImportContext
from core.imports.checks.row_checks import is_offered
from core.imports.identifiers import id_trouble
from core.imports.rows import Findings, Row
from core.spreadsheets.cells import Value
from core.spreadsheets.file_problems import shown


class StoredLine(NamedTuple):
    """Whose line of a register it is, and when they engaged with the contingency."""

    participant_id: str
    contingency_on: date | None


@dataclass(slots=True)
class StoredEvent:
    """An event as its register is stored: its lines by enrolment, and its length.

    `marked`: anybody has a mark; `unsaid`: a line says nothing of the length.
    """

    event_type: str
    event_date: date
    lines: dict[int, StoredLine]
    hours: Decimal | None = None
    marked: bool = False
    unsaid: bool = False


class StoredSession(NamedTuple):
    """A session as it is planned so far."""

    delivery_partner: str
    course: str | None
    cohort: str | None
    event_type: str
    event_date: date
    hours: Decimal | None
    title: str | None


_Claim = tuple[Value | None, Value | None]
_Claims = Mapping[_Claim, list[Row]]


def check_events(
    rows: list[Row],
    stored: Mapping[str, StoredEvent],
    planned: Mapping[str, StoredSession],
    known: ImportContext,
    findings: Findings,
) -> set[str]:
    """Holds every event of a register to one date, type and length; which have one that some of their lines do not say.

    A stored event is moved by a file that carries every stored row of it, one that is planned by its plan alone; otherwise the
    stored day stands (and for a new event that of its first row). `rows` are all good rows of the file.
    """
    claims: dict[str, dict[_Claim, list[Row]]] = {}
    for row in rows:
        claim = (row.values["event_type"], row.values["event_date"])
        claims.setdefault(row.word("event_id"), {}).setdefault(claim, []).append(row)
    unsaid = set()
    for event_id, by_claim in claims.items():
        event = stored.get(event_id)
        _hold_hours(event, _all(by_claim), findings)
        if event_id in planned:
            _hold_to_plan(planned[event_id], by_claim, findings)
            _hold_to_course(planned[event_id], _good(by_claim), known, findings)
        elif event is None:
            for row in _all(by_claim):
                _name_soundly(row, findings)
            _hold_to(next(iter(by_claim)), by_claim, findings)
        else:
            _hold_to_stored(event, by_claim, findings)
        if event is not None:
            _keep_hours(event, _good(by_claim), findings)
        if _is_unsaid(event, _good(by_claim)):
            unsaid.add(event_id)
    return unsaid


_BY_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)  # an event may well be called by its day


def _name_soundly(row: Row, findings: Findings) -> None:
    event_id = row.word("event_id")
    trouble = id_trouble(event_id)
    if trouble is not None and not _BY_DAY.fullmatch(event_id):
        findings.wrong(row, "event_id", trouble)


def _all(by_claim: _Claims) -> list[Row]:
    return [row for rows in by_claim.values() for row in rows]


def _good(by_claim: _Claims) -> list[Row]:
    return [row for row in _all(by_claim) if not row.wrong]


def _refuse_others(held: _Claim, by_claim: _Claims, why: str, findings: Findings) -> None:
    """Notes a problem in all rows that have another date or type."""
    for claim, claimants in by_claim.items():
        if claim != held:
            column = "event_date" if claim[1] != held[1] else "event_type"
            for row in claimants:
                findings.wrong(row, column, why)


def _hold_to(claim: _Claim, by_claim: _Claims, findings: Findings) -> None:
    first = by_claim[claim][0].number
    why = f"Row {first} has this event as {claim[0]} on {claim[1]}: give one event one date and one type."
    _refuse_others(claim, by_claim, why, findings)


def _hold_to_plan(plan: StoredSession, by_claim: _Claims, findings: Findings) -> None:
    held = (plan.event_type, plan.event_date)
    why = f"The event is planned as {held[0]} on {held[1]}: give that, or import a sessions file that moves it."
    _refuse_others(held, by_claim, why, findings)


def _hold_to_course(plan: StoredSession, good: Iterable[Row], known: ImportContext, findings: Findings) -> None:
    """What is planned for one course is of that course: a row about another is odd, and wrong where which is meant was in doubt."""
    for row in good if plan.course is not None else ():
        who = row.word("participant_id")
        takes = known.listed(who, row.enrolment).course
        if takes == plan.course:
            continue
        why = f"The event {shown(row.word('event_id'))} is planned for {plan.course}, and this row is about {takes}"
        if len(known.held_by(who)) > 1:
            findings.wrong(row, "event_id", f"{why}: correct the event or the course, or plan it for every course.")
        else:
            findings.warn(row, f"{why}: please check that it is meant.")


def _hold_to_stored(event: StoredEvent, by_claim: _Claims, findings: Findings) -> None:
    held = (event.event_type, event.event_date)
    moves_to = next((claim for claim in by_claim if claim != held and _moves(event, by_claim[claim], findings)), None)
    if moves_to is not None:
        _hold_to(moves_to, by_claim, findings)
        return
    why = f"The event is stored as {held[0]} on {held[1]}: give that, or change {_rows_of(event)} at once."
    good = {claim: [row for row in claimants if not row.wrong] for claim, claimants in by_claim.items()}
    _refuse_others(held, good, why, findings)


def _rows_of(event: StoredEvent) -> str:
    count = len(event.lines)
    return "its stored row" if count == 1 else f"all {count} stored rows of it"


def _moves(event: StoredEvent, claimants: list[Row], findings: Findings) -> bool:
    """Whether these rows are every stored row of the event, and none would come after its own contingency."""
    if not _has_all(event, claimants):
        return False
    for row in claimants:
        stored, moved_to = event.lines.get(row.about), row.day("event_date")
        on = stored.contingency_on if stored else None
        if row.values.get("contingency_on") is None and on is not None and on < moved_to:
            findings.wrong(row, "event_date", f"The stored contingency_on, {on}, lies before it: give a later one too.")
    return not any(row.wrong for row in claimants)


def _has_all(event: StoredEvent, rows: Iterable[Row]) -> bool:
    return event.lines.keys() <= {row.enrolment for row in rows}


def _hold_hours(event: StoredEvent | None, rows: Sequence[Row], findings: Findings) -> None:
    """Holds the rows of one event to one length, as to its date; a blank says nothing."""
    by_hours: dict[Value, list[Row]] = {}
    for row in rows:
        if (hours := row.values.get("hours")) is not None:
            by_hours.setdefault(hours, []).append(row)
    if not by_hours:
        return
    held: Value | None = None if event is None else event.hours
    if event is not None and held is not None:
        moved = [hours for hours, claimants in by_hours.items() if hours != held and _has_all(event, claimants)]
        held = moved[0] if moved else held
    else:
        held = next(iter(by_hours))
    first = by_hours.get(held, rows)[0].number
    why = f"Row {first} has this event with {held} hours: give one event one length."
    if event is not None and held == event.hours:
        why = _stored_hours(event)
    for hours, claimants in by_hours.items():
        for row in claimants if hours != held else ():
            findings.wrong(row, "hours", why)


def _keep_hours(event: StoredEvent, good: Sequence[Row], findings: Findings) -> None:
    """No part of a stored event gets another length, where other rows of it are wrong."""
    others = [row for row in good if row.values.get("hours") not in (None, event.hours)]
    if event.hours is not None and not _has_all(event, others):
        for row in others:
            findings.wrong(row, "hours", _stored_hours(event))


def _stored_hours(event: StoredEvent) -> str:
    return f"The event is stored with {event.hours} hours: give that, or change {_rows_of(event)} at once."


def _is_unsaid(event: StoredEvent | None, good: Sequence[Row]) -> bool:
    """Whether an event has a length that not all of its lines say."""
    said = [row.values.get("hours") for row in good]
    known = any(said) or (event is not None and event.hours is not None)
    return known and (not all(said) or (event is not None and event.unsaid))


def check_sessions(
    rows: list[Row],
    stored: Mapping[str, StoredEvent],
    planned: Mapping[str, StoredSession],
    known: ImportContext,
    findings: Findings,
) -> None:
    """Refuses planned sessions that would take another Delivery Partner's place, or move a register to where it cannot be."""
    for row in rows:
        event_id = row.word("event_id")
        before, event = planned.get(event_id), stored.get(event_id)
        if before is None and event is None:
            _name_soundly(row, findings)
        if before is not None:
            _check_whose(row, before, known, findings)
            _tell_of_others(row, before, findings)
        if event is not None and not row.wrong:
            _check_move(row, before, event, known, findings)


def _check_whose(row: Row, before: StoredSession, known: ImportContext, findings: Findings) -> None:
    """A session stays within what may be imported, and its course is offered in its cohort: a blank one is the stored one."""
    if before.delivery_partner != row.values["delivery_partner"] and not known.may_move_in:
        findings.wrong(
            row,
            "event_id",
            known.used_elsewhere(),
        )
        return
    pack = known.pack
    course, cohort = (str(row.values.get(name) or getattr(before, name)) for name in ("course", "cohort"))
    if course in pack.courses and cohort in pack.cohorts:
        is_offered(row, pack.courses[course], pack.cohorts[cohort], pack, findings)


def _tell_of_others(row: Row, before: StoredSession, findings: Findings) -> None:
    """A session that becomes other people's is taken, but not without a word: their shares change."""
    whose = ("delivery_partner", "course", "cohort")
    held, given = ([str(of(name) or "") for name in whose] for of in (partial(getattr, before), row.values.get))
    if not row.wrong and any(new and new != old for new, old in zip(given, held, strict=True)):
        words = ", ".join(shown(word) for word in held if word)
        findings.warn(
            row, f"{shown(row.word('event_id'))} was planned for {words} so far: please check that it is meant."
        )


def _check_move(
    row: Row, before: StoredSession | None, event: StoredEvent, known: ImportContext, findings: Findings
) -> None:
    """The register of a planned session moves along: it is this import's, and says nothing that the new day gainsays."""
    day, event_type = row.day("event_date"), row.values["event_type"]
    contingencies = [line.contingency_on for line in event.lines.values() if line.contingency_on is not None]
    others = not all(known.may_touch(known.listed(line.participant_id, one)) for one, line in event.lines.items())
    moves = (event_type, day) != (event.event_type, event.event_date)
    longer = row.values.get("hours") not in (None, before.hours if before else None)
    if others and (moves or longer):
        how = "import the file without --partner" if known.may_move_in else "ask your administrator to import the row"
        would = "which would move" if moves else "whose hours would change"
        findings.wrong(row, "event_id", f"People of another Delivery Partner are on its register, {would}: {how}.")
    elif event.marked and day > known.today:
        findings.wrong(
            row,
            "event_date",
            f"It lies after today, {known.today}, and its stored register says who was there: give the day on which it took "
            "place, or correct the register first.",
        )
    elif contingencies and min(contingencies) < day:
        findings.wrong(
            row,
            "event_date",
            f"A stored contingency_on of its register, {min(contingencies)}, lies before it: give an earlier day, or "
            "correct the register first.",
        )
