"""Which messages are due, where they go, and what they say: derived from the data each time, never from a timer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from core.records import caseload, decisions, outbox, places
from core.records.database import reading, writing
from core.records.outbox import Entry, Message, PlanMark
from core.records.places import Place
from core.rules.calendar import days, london_day, posting_time
from core.rules.reminders import Occasion, PersonDue, Reminder, count, members
from core.services.caseloads import Caseloads
from core.services.office import Office
from core.services.sweep import keep_current

# Why a message is not to go out after all.
NEWER = "newer"  # a newer one of its series is due
TOO_LATE = "too_late"  # older than the pack's catch-up, or no longer true
NOBODY_CONCERNED = "nobody_concerned"
NO_LONGER_DUE = "no_longer_due"  # its date has moved, or its partner has no channel any more
ELSEWHERE = "elsewhere"  # another channel gets it now
CANCELLED = "cancelled"  # by somebody of the staff: the message has failed for that reason

_STORED = tuple(field.name for field in fields(Occasion))
MISSED_LOOKED_FOR = 60  # days: what was missed longer ago is not even written down


@dataclass(frozen=True, slots=True)
class Destination:
    """One channel of one platform."""

    platform: str
    platform_id: str


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message that goes out, or went out (`sent_at`), with its people. `place` None: no channel is bound."""

    reminder: Reminder
    due_at: datetime  # London time
    place: Destination | None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a plan changed: messages newly planned (or wanted again), and such as are not to go out after all."""

    planned: int = 0
    superseded: int = 0


def due(office: Office, first: datetime, last: datetime) -> list[DueMessage]:
    """Every message that is due from one instant to another, both included, by due time; each judged on its own day.

    What went out already is among them with its `sent_at`, also where its occasion has moved since.
    """
    found: list[DueMessage] = []
    keep_current(office)
    cases = Caseloads(office)
    with reading(office.engine) as session:
        bound = places.list_all(session)
        places_of = _by_partner(bound)
        for partner in caseload.partners(session):
            on_these_days = cases.occasions(session, partner, london_day(first), london_day(last))
            inside = [o for o in on_these_days if first <= posting_time(office.pack, o.due_on) <= last]
            rows = _by_identity(outbox.messages_of(session, [o.identity for o in inside]))
            for occasion in inside:
                reminder = cases.remind(session, occasion, occasion.due_on)
                if reminder is not None:
                    known = rows.get(occasion.identity, [])
                    found += _to_go_out(office, reminder, destinations(places_of.get(partner, ()), occasion), known)
        found += [_went_out(office, cases, session, message) for message in outbox.sent_between(session, first, last)]
    return sorted(found, key=lambda m: (m.due_at, m.reminder.occasion.identity, _address(m.place)))


def is_planned(office: Office, now: datetime) -> bool:
    """Whether planning would find nothing new: neither the data nor the places nor the day have changed since."""
    with reading(office.engine) as session:
        before = outbox.mark(session)
        if before is None:
            return False
        bound = places.in_service(session, now)
        return before.seen == _seen(office, session, bound, _days_to_plan(office, now, before))


def plan(
    office: Office, now: datetime, cases: Caseloads | None = None, turn: outbox.PlanTurn | None = None
) -> PlanReport:
    """Writes down what is due at a moment and has a place, and supersedes what is not wanted any more.

    Run twice, or by two at once, it writes nothing the second time. While neither the data nor the places nor the day
    have changed it reads a few rows and is done. With a `turn` that somebody else has taken over meanwhile it writes
    nothing and raises `Overtaken`.
    """
    cases = cases or Caseloads(office)
    keep_current(office)
    with reading(office.engine) as session:
        bound = places.in_service(session, now)
        before = outbox.mark(session)
        days_asked = _days_to_plan(office, now, before)
        seen = _seen(office, session, bound, days_asked)
        if before is not None and before.seen == seen:
            return PlanReport()
        reasons, pending = _derive(cases, session, bound, london_day(now), days_asked)
        rows = _by_identity(outbox.messages_of(session, [due.occasion.identity for due in pending]))
        settled = {due.occasion.identity for due in pending if due.settled(rows.get(due.occasion.identity, ()))}
        pending = [due for due in pending if due.occasion.identity not in settled]
        gone_out = outbox.newest_gone_out(session, {due.occasion.series for due in pending})
        for due in pending:
            reasons[due.occasion.identity] = _why_not(cases, session, due, gone_out, london_day(now))
    wanted: dict[tuple[str, str, str], tuple[Occasion, Place]] = {}
    missed: list[Mapping[str, Any]] = []
    chosen_for = {due.occasion.identity: due.chosen for due in pending}
    for occasion, chosen, _ in pending:
        reason = reasons[occasion.identity]
        if reason is None:
            for place in _still_to_serve(chosen, rows.get(occasion.identity, [])):
                wanted[occasion.identity, place.platform, place.platform_id] = occasion, place
        elif reason in (NEWER, TOO_LATE) and occasion.identity not in rows:
            missed += [_row(office, occasion, place, now, reason) for place in chosen]
    with writing(office.engine) as session:
        if turn is not None:
            outbox.hold_plan(session, turn)
        outbox.add_messages(session, missed)
        superseded = len(missed)
        for message in outbox.unsent(session):
            if _key(message) not in wanted and message.identity not in settled:  # unless brought back just now
                reason = reasons.get(message.identity, NO_LONGER_DUE) or ELSEWHERE
                superseded += outbox.supersede(session, message.id or 0, reason)
        # asked anew: what has begun to go out to another channel meanwhile does not go out here as well
        known = outbox.messages_of(session, list({identity for identity, _, _ in wanted}))
        untouched = {message.id for message in outbox.unsent(session)}
        begun = frozenset(m.id for m in known if m.state in outbox.UNSENT and m.id not in untouched)
        rows = _by_identity(known)
        wanted = {
            key: told
            for key, told in wanted.items()
            if not _served_elsewhere(key[1:], rows.get(key[0], []), chosen_for[key[0]], begun)
        }
        there = {_key(entry) for entry in known}
        planned = outbox.add_messages(
            session, [_row(office, *told, now) for key, told in wanted.items() if key not in there]
        )
        for entry in known:
            if entry.state == "superseded" and _key(entry) in wanted:
                planned += outbox.plan_again(session, entry.id)
        for message in outbox.stuck_half_way(session, days_asked.catch_up_from):
            outbox.give_up(session, message.id or 0, TOO_LATE)
        outbox.set_mark(session, seen, now)
    return PlanReport(planned, superseded)


def reminder_of(office: Office, message: Message, day: date, cases: Caseloads | None = None) -> Reminder | None:
    """What a message says on the day it goes out, by what is stored now; None when it concerns nobody any more."""
    with reading(office.engine) as session:
        return (cases or Caseloads(office)).remind(session, occasion_of(message), day)


def reminder_naming(
    office: Office, message: Message, people: Sequence[str], day: date, cases: Caseloads | None = None
) -> Reminder:
    """What a message says on a day of exactly these people, in this order, whether it still concerns them or not.

    For a page that was fixed before: to be sent later, or to be redrawn. Who is no longer in the caseload is left out.
    """
    with reading(office.engine) as session:
        return _naming(cases or Caseloads(office), session, occasion_of(message), people, day)


@dataclass(frozen=True, slots=True)
class Newest:
    """What a page's buttons and rows need to know of its people, by participant id."""

    revisions: Mapping[str, int]
    decided: Mapping[str, str]  # what was recorded since the post went out, and by whom


def newest_about(office: Office, people: Sequence[str], since: datetime | None) -> Newest:
    """Each one's revision, and the last thing decided since an instant; `since` None: the post is yet to go out."""
    decided: dict[str, str] = {}
    with reading(office.engine) as session:
        revisions = {person: caseload.participant_revision(session, person) for person in people}
        for person in people if since is not None else ():
            later = [d for d in decisions.history(session, person) if since is not None and d.recorded_at >= since]
            if later:
                decided[person] = f"{later[-1].text} by {later[-1].by}"
    return Newest(revisions, decided)


def revision_now(office: Office) -> int:
    """What a judgement made from now on rests on, at least."""
    with reading(office.engine) as session:
        return caseload.revision(session)


def changed_since(session: Session, judged: int) -> bool:
    """Whether anything about anybody was recorded since: what was judged may be out of date."""
    return caseload.revision(session) != judged


def occasion_of(message: Message) -> Occasion:
    """The occasion that a message was planned for."""
    stored = dict(message.occasion)
    for name in ("due_on", "about", "last_day"):
        stored[name] = date.fromisoformat(stored[name]) if stored[name] else None
    return Occasion(**stored)


def destinations(bound: Iterable[Place], occasion: Occasion) -> list[Place]:
    """The places that get an occasion's message: on each platform the most specific binding, every channel of it."""
    best: dict[str, tuple[tuple[bool, bool], list[Place]]] = {}
    for place in bound:
        if (
            place.delivery_partner != occasion.delivery_partner
            or place.course_group not in (None, occasion.course_group)
            or place.cohort not in (None, occasion.cohort)
        ):
            continue
        rank = (place.course_group is not None, place.cohort is not None)
        top, there = best.get(place.platform, (rank, []))
        if rank > top:
            there = []
        if rank >= top:
            best[place.platform] = (rank, [*there, place])
    return [place for _, there in best.values() for place in there]


def newest(derived: Iterable[Occasion]) -> set[str]:
    """The identities of the occasions for which no newer one of their series is due (those of one day go out apart)."""
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


def _days_to_plan(office: Office, now: datetime, before: PlanMark | None) -> _Days:
    today = london_day(now)
    last = today if now >= posting_time(office.pack, today) else today - days(1)
    catch_up_from = today - days(office.pack.settings.catch_up_days)
    missed_from = catch_up_from
    if before is not None:
        since = min(catch_up_from, london_day(before.planned_at))
        missed_from = max(since, today - days(MISSED_LOOKED_FOR))
    return _Days(missed_from, catch_up_from, last)


def _seen(office: Office, session: Session, bound: Sequence[Place], days_asked: _Days) -> str:
    """Everything that a plan rests on, as one text."""
    where = [(p.platform, p.platform_id, p.delivery_partner, p.course_group, p.cohort) for p in bound]
    revision = caseload.revision(session)
    return repr((revision, office.pack.hash, days_asked.catch_up_from, days_asked.last, sorted(where, key=repr)))


class _Due(NamedTuple):
    """An occasion that concerned somebody on its own day, with the places that get it."""

    occasion: Occasion
    chosen: Sequence[Place]
    overtaken: str | None  # why it does not go out, by the days alone: `NEWER`, `TOO_LATE`

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
    for partner, places_there in sorted(_by_partner(bound).items()):
        derived = cases.occasions(session, partner, asked.missed_from, asked.last)
        current = newest(derived)
        chosen_for: dict[tuple[str | None, int | None], list[Place]] = {}
        for occasion in derived:
            group = (occasion.course_group, occasion.cohort)
            if group not in chosen_for:
                chosen_for[group] = destinations(places_there, occasion)
            if not chosen_for[group]:
                continue
            if not cases.concerns_anybody(session, occasion, occasion.due_on):
                nobody[occasion.identity] = NOBODY_CONCERNED
                continue
            too_late = occasion.due_on < asked.catch_up_from
            too_late = too_late or (occasion.last_day is not None and today > occasion.last_day)
            overtaken = NEWER if occasion.identity not in current else TOO_LATE if too_late else None
            found.append(_Due(occasion, chosen_for[group], overtaken))
    return nobody, found


def _why_not(
    cases: Caseloads, session: Session, due: _Due, gone_out: Mapping[tuple[str, date], date], today: date
) -> str | None:
    """Why an occasion's message is not to go out; None when it is."""
    occasion = due.occasion
    if occasion.due_on < gone_out.get((occasion.series, occasion.about), occasion.due_on):
        return NEWER  # a clock that was set back brings nothing older after what has gone out already
    if occasion.due_on != today and not cases.concerns_anybody(session, occasion, today):
        return NOBODY_CONCERNED
    return due.overtaken


def _by_partner(bound: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in bound:
        found.setdefault(place.delivery_partner, []).append(place)
    return found


def _still_to_serve(chosen: Iterable[Place], rows: Sequence[Entry]) -> list[Place]:
    """Leaves out a platform on which the message went out to a channel that was bound before."""
    chosen = list(chosen)
    return [place for place in chosen if not _served_elsewhere((place.platform, place.platform_id), rows, chosen)]


def _served_elsewhere(
    at: tuple[str, str], rows: Sequence[Entry], chosen: Sequence[Place], begun: frozenset[int | None] = frozenset()
) -> bool:
    """Whether a channel of the same platform that does not get this message any more has had it, wholly or in part, may
    have, or had it cancelled. `begun`: those that wait half-way.
    """
    now_bound = {(place.platform, place.platform_id) for place in chosen}
    return any(
        row.platform == at[0]
        and (row.platform, row.channel) not in now_bound
        and (
            row.state in ("sending", "unknown", "sent", "held")
            or row.sent_at is not None
            or row.id in begun
            or (row.state == "failed" and row.reason == CANCELLED)
        )
        for row in rows
    )


def _row(
    office: Office, occasion: Occasion, place: Place, now: datetime, superseded: str | None = None
) -> Mapping[str, Any]:
    """A new message's columns."""
    stored = {name: getattr(occasion, name) for name in _STORED}
    for name in ("due_on", "about", "last_day"):
        stored[name] = stored[name].isoformat() if stored[name] else None
    return {
        "identity": occasion.identity,
        "series": occasion.series,
        "key": occasion.key,
        "about": occasion.about,
        "due_on": occasion.due_on,
        "due_at": posting_time(office.pack, occasion.due_on),
        "delivery_partner": occasion.delivery_partner,
        "occasion": stored,
        "platform": place.platform,
        "channel": place.platform_id,
        "place_id": place.id,
        "state": "superseded" if superseded else "planned",
        "reason": superseded or "",
        "planned_at": now,
    }


def _key(message: Message | Entry) -> tuple[str, str, str]:
    return (message.identity, message.platform, message.channel)


def _by_identity(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.identity, []).append(entry)
    return found


def _to_go_out(office: Office, reminder: Reminder, chosen: Sequence[Place], rows: Sequence[Entry]) -> list[DueMessage]:
    """One for each place that has not had it and will; one without a place when nothing is bound."""
    due_at = posting_time(office.pack, reminder.occasion.due_on)
    if not chosen:
        return [] if any(row.state == "sent" for row in rows) else [DueMessage(reminder, due_at, None)]
    done = {
        (row.platform, row.channel)
        for row in rows
        if row.state == "sent" or (row.state == "superseded" and row.reason in (NEWER, TOO_LATE))
    }
    return [
        DueMessage(reminder, due_at, Destination(place.platform, place.platform_id))
        for place in _still_to_serve(chosen, rows)
        if (place.platform, place.platform_id) not in done
    ]


def _went_out(office: Office, cases: Caseloads, session: Session, message: Message) -> DueMessage:
    occasion = occasion_of(message)
    named = outbox.people_of(session, message)
    day = london_day(message.sent_at) if message.sent_at else message.due_on
    reminder = _naming(cases, session, occasion, named, day)
    place = Destination(message.platform, message.channel)
    return DueMessage(reminder, posting_time(office.pack, occasion.due_on), place, message.sent_at)


def _naming(cases: Caseloads, session: Session, occasion: Occasion, people: Sequence[str], day: date) -> Reminder:
    pack, partner = cases.office.pack, occasion.delivery_partner
    reminder = cases.remind(session, occasion, day)
    if reminder is None:
        everyone = list(members(pack, cases.people(session, occasion), occasion, day))
        reminder = Reminder(occasion, day, (), *count(everyone, occasion))
    named = {person.participant_id: person for person in reminder.people}
    missing = [i for i in people if i not in named]
    for i, whole in cases.standings(session, missing, day).items():
        output = next((o for o in whole.outputs if o.output == occasion.output), None)
        if output is not None and whole.course_group == occasion.course_group and whole.delivery_partner == partner:
            named[i] = PersonDue(i, whole.name, output, whole)
    return replace(reminder, people=tuple(named[i] for i in people if i in named))


def _address(place: Destination | None) -> tuple[str, str]:
    return (place.platform, place.platform_id) if place else ("", "")
