"""Every message that is due in a span of time, and what went out in it: what `npq due` and a health check ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core.database.database import reading
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.posts import outbox, places, planning
from core.posts.content import naming, occasion_of
from core.posts.destinations import Destination, by_identity, by_partner, destinations, still_to_serve
from core.posts.outbox import Entry, Message
from core.posts.places import Place
from core.records import participant_rows
from core.reminders.reminder import Reminder
from core.rules.calendar import london_day, posting_time


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message that goes out, or went out (`sent_at`), with its people. `place` None: no channel is bound."""

    reminder: Reminder
    due_at: datetime  # London time
    place: Destination | None
    sent_at: datetime | None = None


def messages_ahead(installation: Installation, now: datetime, last: datetime) -> list[DueMessage]:
    """What the next pass sends at once, also such as was due before and missed, and what is due until an instant."""
    cases = Caseloads(installation)
    at_once = _at_once(installation, cases, now)
    to_come = [
        message
        for message in messages_due(installation, now, last, cases)
        if message.due_at > now or message.sent_at is not None or message.place is None
    ]
    return _in_order(at_once + to_come)


def _at_once(installation: Installation, cases: Caseloads, now: datetime) -> list[DueMessage]:
    """As it reads today, since that is when it goes out."""
    found = []
    with reading(installation.engine) as session:
        for occasion, place in planning.going_out(cases, session, now):
            reminder = cases.remind(session, occasion, london_day(now))
            if reminder is not None:
                at = posting_time(installation.pack, occasion.due_on)
                found.append(DueMessage(reminder, at, Destination(place.platform, place.platform_id)))
    return found


def messages_due(
    installation: Installation, first: datetime, last: datetime, cases: Caseloads | None = None
) -> list[DueMessage]:
    """Every message that is due from one instant to another, both included, by due time; each judged on its own day.

    What went out already is among them with its `sent_at`, also where its occasion has moved since.
    """
    found: list[DueMessage] = []
    cases = cases or Caseloads(installation)
    with reading(installation.engine) as session:
        went_out = outbox.sent_between(session, first, last)
        sent: dict[tuple[str, date], list[Entry]] = {}
        for message in went_out:
            sent.setdefault((message.series, message.due_on), []).append(outbox.entry_of(message))
        bound = places.list_all(session)
        places_of = by_partner(bound)
        for partner in participant_rows.partners(session):
            on_these_days = cases.occasions(session, partner, london_day(first), london_day(last))
            inside = [o for o in on_these_days if first <= posting_time(installation.pack, o.due_on) <= last]
            rows = by_identity(outbox.messages_of(session, [o.identity for o in inside]))
            for occasion in inside:
                reminder = cases.remind(session, occasion, occasion.due_on)
                if reminder is not None:
                    that_day = sent.get((occasion.series, occasion.due_on), [])  # maybe under another identity
                    known = [*rows.get(occasion.identity, []), *that_day]
                    found += _to_go_out(
                        installation, reminder, destinations(places_of.get(partner, ()), occasion), known
                    )
        found += [_went_out(installation, cases, session, message) for message in went_out]
    return _in_order(found)


def _in_order(found: list[DueMessage]) -> list[DueMessage]:
    return sorted(found, key=lambda m: (m.due_at, m.reminder.occasion.identity, _address(m.place)))


def _to_go_out(
    installation: Installation, reminder: Reminder, chosen: Sequence[Place], rows: Sequence[Entry]
) -> list[DueMessage]:
    """One for each place that has not had it and will; one without a place when nothing is bound."""
    due_at = posting_time(installation.pack, reminder.occasion.due_on)
    if not chosen:
        return [] if any(row.state == "sent" for row in rows) else [DueMessage(reminder, due_at, None)]
    done = {
        (row.platform, row.channel)
        for row in rows
        if row.state == "sent" or (row.state == "superseded" and row.reason in (outbox.NEWER, outbox.TOO_LATE))
    }
    return [
        DueMessage(reminder, due_at, Destination(place.platform, place.platform_id))
        for place in still_to_serve(chosen, rows)
        if (place.platform, place.platform_id) not in done
    ]


def _went_out(installation: Installation, cases: Caseloads, session: Session, message: Message) -> DueMessage:
    occasion = occasion_of(message)
    named = outbox.people_of(session, message)
    day = london_day(message.sent_at) if message.sent_at else message.due_on
    reminder = naming(cases, session, occasion, named, day)
    place = Destination(message.platform, message.channel)
    return DueMessage(reminder, posting_time(installation.pack, occasion.due_on), place, message.sent_at)


def _address(place: Destination | None) -> tuple[str, str]:
    return (place.platform, place.platform_id) if place else ("", "")
