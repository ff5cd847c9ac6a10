"""Which messages are to go out, and where to: derived from the data each time, never from a timer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from sqlmodel import Session

from core.database.database import reading, writing
from core.derived import following
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import outbox, places
from core.posts.content import occasion_of, stored_occasion
from core.posts.destinations import by_identity, by_partner, destinations, served_elsewhere, still_to_serve
from core.posts.outbox import Entry, Message, PlanMark
from core.posts.places import Place
from core.reminders.occasions import Occasion
from core.reminders.reminder import is_for_owners
from core.rules.calendar import days, london_day, posting_time

NOT_GONE = (*outbox.UNSENT, "superseded")  # states of what goes out when it is wanted
MISSED_LOOKED_FOR = 60  # days: what was missed longer ago is not even written down
JUDGEMENT = 2  # raised where a new version judges otherwise what is due: what the old one planned is looked at again


# A message's key (its identity, platform and channel), with its occasion and its place.
_Wanted: TypeAlias = dict[tuple[str, str, str], tuple[Occasion, Place]]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a plan changed: messages newly planned (or wanted again), and such as are not to go out after all."""

    planned: int = 0
    superseded: int = 0


def is_planned(installation: Installation, now: datetime) -> bool:
    """Whether planning would find nothing new: neither the data nor the places nor the day have changed since."""
    with reading(installation.engine) as session:
        before = outbox.mark(session)
        if before is None:
            return False
        bound = places.in_service(session, now)
        return before.seen == _seen(installation, session, bound, _days_to_plan(installation, now, before))


def plan(
    installation: Installation, now: datetime, cases: Caseloads | None = None, turn: outbox.PlanTurn | None = None
) -> PlanReport:
    """Writes down what is due at a moment and has a place, and supersedes what is not wanted any more.

    Run twice, or by two at once, it writes nothing the second time. While neither the data nor the places nor the day
    have changed it reads a few rows and is done. With a `turn` that somebody else has taken over meanwhile it writes
    nothing and raises `Overtaken`.
    """
    cases = cases or Caseloads(installation)
    with reading(installation.engine) as session:
        bound = places.in_service(session, now)
        before = outbox.mark(session)
        days_asked = _days_to_plan(installation, now, before)
        seen = _seen(installation, session, bound, days_asked)
        if before is not None and before.seen == seen:
            return PlanReport()
        last_seen = before.seen if before is not None else None
        judged = _judged(cases, session, bound, now, days_asked)
    wanted, missed = _wanted(judged), _missed(installation, judged, now)
    with writing(installation.engine) as session:
        if turn is not None:
            outbox.hold_plan(session, turn)
        outbox.add_messages(session, missed)
        superseded = len(missed) + _supersede_unwanted(session, judged, wanted)
        known = outbox.messages_of(session, list({identity for identity, _, _ in wanted}))  # asked anew
        wanted = _begun_nowhere_else(wanted, judged, known, _told_as_now(session, wanted))
        planned = _add_or_bring_back(installation, session, wanted, known, now)
        for message in outbox.stuck_half_way(session, days_asked.catch_up_from):
            outbox.give_up(session, message.id or 0, outbox.TOO_LATE)
        outbox.set_mark(session, seen, now, before=last_seen)
    return PlanReport(planned, superseded)


def going_out(cases: Caseloads, session: Session, now: datetime) -> list[tuple[Occasion, Place]]:
    """What the next pass sends and where to, by the same judgement as a plan's; writes nothing."""
    bound = places.in_service(session, now)
    days_asked = _days_to_plan(cases.installation, now, outbox.mark(session))
    judged = _judged(cases, session, bound, now, days_asked)
    gone = {_key(entry) for some in judged.rows.values() for entry in some if entry.state not in NOT_GONE}
    return [told for key, told in _wanted(judged).items() if key not in gone]


def goes_to(installation: Installation, message: Message, now: datetime) -> bool:
    """Whether the channel that a message was planned for still gets it."""
    occasion = occasion_of(message)
    with reading(installation.engine) as session:
        chosen = destinations(places.in_service(session, now), occasion)
    return (message.platform, message.channel) in {(place.platform, place.platform_id) for place in chosen}


def newest(derived: Iterable[Occasion]) -> set[str]:
    """The identities of the occasions for which no newer one of their series is due (of one day there is one)."""
    latest: dict[str, date] = {}
    kept = list(derived)
    for occasion in kept:
        latest[occasion.series] = max(occasion.due_on, latest.get(occasion.series, occasion.due_on))
    return {occasion.identity for occasion in kept if occasion.due_on == latest[occasion.series]}


@dataclass(frozen=True, slots=True)
class _Days:
    """Which occasions a plan looks at, by the day they are due."""

    missed_from: date  # due since the last plan, though too old to be sent
    catch_up_from: date
    last: date


def _days_to_plan(installation: Installation, now: datetime, before: PlanMark | None) -> _Days:
    today = london_day(now)
    last = today if now >= posting_time(installation.pack, today) else today - days(1)
    catch_up_from = today - days(installation.pack.settings.catch_up_days)
    missed_from = catch_up_from
    if before is not None:
        since = min(catch_up_from, london_day(before.planned_at))
        missed_from = max(since, today - days(MISSED_LOOKED_FOR))
    return _Days(missed_from, catch_up_from, last)


def _seen(installation: Installation, session: Session, bound: Sequence[Place], days_asked: _Days) -> str:
    """Everything that a plan rests on, as one text."""
    where = [(p.platform, p.platform_id, p.delivery_partner, p.course_group, p.cohort, p.owner) for p in bound]
    state = following.now(session)
    asked = (days_asked.catch_up_from, days_asked.last)
    return repr((JUDGEMENT, tuple(state), installation.pack.hash, *asked, sorted(where, key=repr)))


class _Judged(NamedTuple):
    """What a plan finds, before it writes."""

    reasons: dict[str, str | None]  # by identity: why an occasion's message does not go out; None where it does
    pending: list[_Due]  # on which something is to be decided
    settled: set[str]  # identities of the others
    rows: Mapping[str, list[Entry]]  # what the outbox holds of them
    beside: Mapping[str, list[Entry]]  # what went out in their place, by the identity of those on which to decide


def _judged(cases: Caseloads, session: Session, bound: Sequence[Place], now: datetime, asked: _Days) -> _Judged:
    """Everything that is due by a moment and has a place, with whether it goes out."""
    today = london_day(now)
    reasons, found = _derive(cases, session, bound, today, asked)
    rows = by_identity(outbox.messages_of(session, [due.occasion.identity for due in found]))
    settled = {due.occasion.identity for due in found if due.settled(rows.get(due.occasion.identity, ()))}
    pending = [due for due in found if due.occasion.identity not in settled]
    gone_out = outbox.newest_gone_out(session, {due.occasion.series for due in pending})
    for due in pending:
        reasons[due.occasion.identity] = _why_not(cases, session, due, gone_out, today)
    that_day = {(o.series, o.due_on): o.identity for o, *_ in pending if gone_out.get((o.series, o.about)) == o.due_on}
    beside = by_identity(outbox.gone_out_beside(session, that_day))
    return _Judged(reasons, pending, settled, rows, beside)


def _wanted(judged: _Judged) -> _Wanted:
    """The messages that are to be in the outbox, each with its occasion and its place."""
    wanted: _Wanted = {}
    for occasion, chosen, _ in judged.pending:
        if judged.reasons[occasion.identity] is None:
            beside = judged.beside.get(occasion.identity, [])
            had = {(entry.platform, entry.channel) for entry in beside}
            for place in still_to_serve(chosen, [*judged.rows.get(occasion.identity, []), *beside]):
                if (place.platform, place.platform_id) not in had:
                    wanted[occasion.identity, place.platform, place.platform_id] = (occasion, place)
    return wanted


def _missed(installation: Installation, judged: _Judged, now: datetime) -> list[Mapping[str, Any]]:
    """The rows of what comes too late to go out, and was never written down."""
    missed: list[Mapping[str, Any]] = []
    for occasion, chosen, _ in judged.pending:
        reason = judged.reasons[occasion.identity]
        if reason in (outbox.NEWER, outbox.TOO_LATE) and occasion.identity not in judged.rows:
            missed += [_row(installation, occasion, place, now, reason) for place in chosen]
    return missed


def _supersede_unwanted(session: Session, judged: _Judged, wanted: _Wanted) -> int:
    """Takes back what waits and is not to go out any more; how many those were."""
    superseded = 0
    for message in outbox.unsent(session):
        if _key(message) not in wanted and message.identity not in judged.settled:  # unless brought back just now
            reason = judged.reasons.get(message.identity, outbox.NO_LONGER_DUE) or outbox.ELSEWHERE
            superseded += outbox.supersede(session, message.id or 0, reason)
    return superseded


def _told_as_now(session: Session, wanted: _Wanted) -> set[int | None]:
    """Has what waits and is wanted tell what its occasion says now; gives the ids of all that waits."""
    waiting = outbox.unsent(session)
    for message in waiting:
        if _key(message) in wanted:  # an earlier version, or another pack, may have written it down otherwise
            message.occasion = stored_occasion(wanted[_key(message)][0])
    return {message.id for message in waiting}


def _begun_nowhere_else(
    wanted: _Wanted, judged: _Judged, known: Sequence[Entry], untouched: set[int | None]
) -> _Wanted:
    """Without what has begun to go out to another channel meanwhile: that does not go out here as well."""
    begun = frozenset(entry.id for entry in known if entry.state in outbox.UNSENT and entry.id not in untouched)
    rows, chosen_for = by_identity(known), {due.occasion.identity: due.chosen for due in judged.pending}
    return {
        key: told
        for key, told in wanted.items()
        if not served_elsewhere(key[1:], rows.get(key[0], []), chosen_for[key[0]], begun)
    }


def _add_or_bring_back(
    installation: Installation, session: Session, wanted: _Wanted, known: Sequence[Entry], now: datetime
) -> int:
    """Writes down what is wanted and is not there, or was taken back; how many those were."""
    there = {_key(entry) for entry in known}
    planned = outbox.add_messages(
        session, [_row(installation, *told, now) for key, told in wanted.items() if key not in there]
    )
    for entry in known:
        if entry.state == "superseded" and _key(entry) in wanted:
            planned += outbox.plan_again(session, entry.id, stored_occasion(wanted[_key(entry)][0]))
    return planned


class _Due(NamedTuple):
    """An occasion that concerned somebody on its own day, with the places that get it."""

    occasion: Occasion
    chosen: Sequence[Place]
    overtaken: str | None  # why it does not go out, by the days alone: `outbox.NEWER`, `outbox.TOO_LATE`

    def settled(self, rows: Sequence[Entry]) -> bool:
        """Whether nothing that is true now could change what the outbox holds of it."""
        if any(row.state in outbox.UNSENT for row in rows):
            return False
        if self.overtaken is not None:
            return bool(rows)
        served = {(row.platform, row.channel) for row in rows if row.state != "superseded"}
        return all((place.platform, place.platform_id) in served for place in self.chosen)


def _derive(
    cases: Caseloads, session: Session, bound: Sequence[Place], today: date, asked: _Days
) -> tuple[dict[str, str | None], list[_Due]]:
    """What is due and has a place: those that concerned nobody on their own day by identity, and all others."""
    nobody: dict[str, str | None] = {}
    found: list[_Due] = []
    for partner, places_there in sorted(by_partner(bound).items()):
        derived = cases.occasions(session, partner, asked.missed_from, asked.last)
        current = newest(derived)
        chosen_for: dict[tuple[str | None, str | None, bool], list[Place]] = {}
        for occasion in derived:
            group = (occasion.course_group, occasion.cohort, is_for_owners(occasion))
            if group not in chosen_for:
                chosen_for[group] = destinations(places_there, occasion)
            if not chosen_for[group]:
                continue
            if not cases.concerns_anybody(session, occasion, occasion.due_on):
                nobody[occasion.identity] = outbox.NOBODY_CONCERNED
                continue
            too_late = occasion.due_on < asked.catch_up_from
            too_late = too_late or (occasion.last_day is not None and today > occasion.last_day)
            overtaken = outbox.NEWER if occasion.identity not in current else outbox.TOO_LATE if too_late else None
            found.append(_Due(occasion, chosen_for[group], overtaken))
    return nobody, found


def _why_not(
    cases: Caseloads, session: Session, due: _Due, gone_out: Mapping[tuple[str, date], date], today: date
) -> str | None:
    """Why an occasion's message is not to go out; None when it is."""
    occasion = due.occasion
    if occasion.due_on < gone_out.get((occasion.series, occasion.about), occasion.due_on):
        return outbox.NEWER  # a clock that was set back brings nothing older after what has gone out already
    if occasion.due_on != today and not cases.concerns_anybody(session, occasion, today):
        return outbox.NOBODY_CONCERNED
    return due.overtaken


def _row(
    installation: Installation, occasion: Occasion, place: Place, now: datetime, superseded: str | None = None
) -> Mapping[str, Any]:
    """A new message's columns."""
    return {
        "identity": occasion.identity,
        "series": occasion.series,
        "key": occasion.key,
        "about": occasion.about,
        "due_on": occasion.due_on,
        "due_at": posting_time(installation.pack, occasion.due_on),
        "delivery_partner": occasion.delivery_partner,
        "occasion": stored_occasion(occasion),
        "platform": place.platform,
        "channel": place.platform_id,
        "place_id": place.id,
        "state": "superseded" if superseded else "planned",
        "reason": superseded or "",
        "planned_at": now,
    }


def _key(message: Message | Entry) -> tuple[str, str, str]:
    return (message.identity, message.platform, message.channel)
