"""What is late: messages that should have gone out a working hour ago and have not, also such as nobody has planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from core.database.database import reading
from core.derived.installation import Installation
from core.posts import outbox_overview, planning
from core.posts.due import DueMessage, messages_due
from core.posts.outbox_overview import UNDELIVERED, Delivery
from core.rules.calendar import LONDON, in_words, late_from

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Health:
    """How delivery stands at a moment. `late`: written down and not delivered; `unplanned`: not even written down."""

    oldest: Delivery | None  # the longest due of those that have not gone out
    late: tuple[Delivery, ...]
    unplanned: tuple[DueMessage, ...]
    last_planned: datetime | None
    last_sent: datetime | None
    late_since: datetime | None  # when the longest late was due

    @property
    def well(self) -> bool:
        """Whether nothing is late."""
        return not self.late and not self.unplanned


def health(installation: Installation, now: datetime) -> Health:
    """What is undelivered and what is late at a moment of the world. Reads a few rows, unless nothing was planned lately."""
    with reading(installation.engine) as session:
        undelivered = outbox_overview.listed(session, states=UNDELIVERED, due_by=now)
        late = tuple(d for d in undelivered if _late(installation, d.due_at, d.bound_at, now))
        unplanned = _unplanned(installation, session, now)
        oldest = undelivered[0] if undelivered else None
        planned, sent = outbox_overview.last_planned(session), outbox_overview.last_sent(session)
    due = [delivery.due_at for delivery in late[:1]] + [message.due_at for message in unplanned[:1]]
    return Health(oldest, late, unplanned, planned, sent, min(due, default=None))


def _late(installation: Installation, due_at: datetime, bound_at: datetime | None, now: datetime) -> bool:
    """While no channel was bound it was not late: the hour begins when one is."""
    begins = max(due_at, bound_at) if bound_at is not None and bound_at <= now else due_at
    return now > late_from(installation.pack, begins)


def _unplanned(installation: Installation, session: Session, now: datetime) -> tuple[DueMessage, ...]:
    """What became due since the last plan and is late already: nobody plans. While plans are recent it is not looked for."""
    if planning.is_planned(installation, now):
        return ()
    last = outbox_overview.last_planned(session)
    begin = now - timedelta(days=installation.pack.settings.catch_up_days)
    if last is not None and last <= now:
        if now <= late_from(installation.pack, last):
            return ()
        begin = max(begin, last)
    return tuple(
        message
        for message in messages_due(installation, begin, now)
        if message.place is not None
        and message.sent_at is None
        and _late(installation, message.due_at, _bound(session, message), now)
    )


def _bound(session: Session, message: DueMessage) -> datetime | None:
    assert message.place is not None
    partner = message.reminder.occasion.delivery_partner
    return outbox_overview.bound_since(session, message.place.platform, message.place.platform_id, partner)


def late_words(found: Health) -> str:
    """Which messages are late, why, and how to mend it: one sentence for each cause; "" when nothing is late."""
    said: list[str] = []
    if found.unplanned:
        said.append(
            f"{_many(len(found.unplanned))} due and not even planned, the first since {_moment(found.unplanned[0].due_at)} "
            "for " + found.unplanned[0].reminder.occasion.delivery_partner + ": start npq worker, or run npq tick."
        )
    causes: dict[str, list[Delivery]] = {}
    for delivery in found.late:
        causes.setdefault(_mend(delivery), []).append(delivery)
    for mend, together in causes.items():
        said.append(
            f"{_many(len(together))} late ({_numbers(together)}), the first since {_moment(together[0].due_at)} "
            f"for {together[0].delivery_partner}: {mend}"
        )
    return " ".join(said)


def _many(count: int) -> str:
    return f"{count} message{' is' if count == 1 else 's are'}"


def _numbers(late: Sequence[Delivery]) -> str:
    named = ", ".join(str(delivery.id) for delivery in late[:MOST_NAMED])
    return f"{named} and {len(late) - MOST_NAMED} more" if len(late) > MOST_NAMED else named


def _moment(at: datetime) -> str:
    london = at.astimezone(LONDON)
    return f"{london:%H:%M} on {in_words(london.date())}"


def _mend(delivery: Delivery) -> str:
    where = f"{delivery.platform} channel {delivery.channel}"
    if delivery.state == "held":
        return (
            f"it may be in {where} already; look there, then npq outbox retry {delivery.id} --may-repeat, "
            f"or npq outbox cancel {delivery.id}."
        )
    if delivery.place_trouble:
        return f"{where} takes no posts. {delivery.place_trouble}"
    if delivery.reason:
        return f"{where} did not take it ({delivery.reason}); npq outbox shows it, npq tick tries again and says why."
    return "is npq worker running? npq tick makes one pass and says what stands in the way."
