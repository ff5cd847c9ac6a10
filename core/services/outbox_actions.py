"""What staff can do about messages on their way: see them, send them again, cancel them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from core.database import audit
from core.database.database import reading, writing
from core.derived.installation import Installation
from core.posts import outbox, outbox_overview
from core.posts.outbox import STATES, Lane
from core.posts.outbox_overview import Delivery
from core.records import handled_events
from core.rules.calendar import LONDON
from core.services.enquiries import known_partner
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, require, sees

__all__ = ["CURRENT", "STATES", "Delivery", "Event", "OutboxChange", "cancel", "is_copy", "listing", "message", "retry"]

CURRENT = ("planned", "waiting", "sending", "unknown", "held", "failed")  # what is listed unless all are asked for


@dataclass(frozen=True, slots=True)
class Event:
    """The press or command that asks for a change: delivered twice it changes nothing the second time."""

    platform: str
    event_id: str


@dataclass(frozen=True, slots=True)
class OutboxChange:
    """What became of a message, in one sentence, and how it stands now."""

    said: str
    delivery: Delivery


def is_copy(installation: Installation, tag: str, channel: str, ts: str) -> bool:
    """Whether what stands at an address is a second copy of a post that is kept up to date elsewhere.

    It comes about where nobody could look whether the first one had arrived.
    """
    with reading(installation.engine) as session:
        found = outbox.tagged(session, tag)
        if found is None or found[0].channel is None or found[0].ts is None:
            return False
        return found[0].channel == channel and found[0].ts != ts


def listing(
    installation: Installation,
    actor: Actor,
    *,
    now: datetime,
    states: Sequence[str] = (),
    partner: str | None = None,
    everything: bool = False,
) -> list[Delivery]:
    """Messages that the actor may see, by due time: those under way, held or lately failed, unless more is asked for."""
    require(actor, "outbox")
    for state in states:
        if state not in STATES:
            raise Refusal("unknown_state", f"There is no state “{state}”; choose one of {', '.join(STATES)}.")
    with reading(installation.engine) as session:
        chosen = known_partner(actor, session, partner)
        wanted = tuple(states) or (STATES if everything else CURRENT)
        found = outbox_overview.listed(session, states=wanted, partner=chosen)
    if states or everything:
        return found
    lately = now - timedelta(days=installation.pack.settings.catch_up_days)
    return [d for d in found if d.state != "failed" or (d.reason != outbox.CANCELLED and d.due_at >= lately)]


def message(installation: Installation, actor: Actor, message_id: int) -> Delivery:
    """One message. One that is not there and one that the actor may not see are refused alike."""
    require(actor, "outbox")
    with reading(installation.engine) as session:
        return _message(session, actor, message_id)


def retry(
    installation: Installation,
    actor: Actor,
    message_id: int,
    *,
    now: datetime,
    may_repeat: bool = False,
    event: Event | None = None,
) -> OutboxChange:
    """Has a message go out with the next pass, or once the platform takes posts again: one that waits, failed, was cancelled, or
    is held.

    A held one may be in the channel already, so it takes `may_repeat`: somebody has looked, or does not mind.
    """

    def act(session: Session, found: Delivery, lane: Lane) -> str:
        if found.state == "held" and not may_repeat:
            raise Refusal(
                "may_repeat",
                f"Message {found.id} may be in {found.channel} already; look there first, then send it again with "
                f"npq outbox retry {found.id} --may-repeat, or leave it with npq outbox cancel {found.id}.",
            )
        if (reason := _why_no_retry(found)) is not None:
            raise Refusal("not_retryable", reason)
        if _waits_for_its_platform(found):
            raise Refusal("platform_wait", f"Message {found.id} goes out by itself {goes_out(found)}.")
        outbox_overview.end_wait(lane)
        outbox_overview.try_place(session, found)
        outbox_overview.send_again(session, found.id)
        return f"Message {found.id} goes out {goes_out(found)}, if it is still due then."

    return _change(installation, actor, message_id, "message_retry", act, now, event)


def cancel(
    installation: Installation, actor: Actor, message_id: int, *, now: datetime, event: Event | None = None
) -> OutboxChange:
    """Keeps a message from going out, or the rest of one: it has then failed, for the reason `cancelled`."""

    def act(session: Session, found: Delivery, lane: Lane) -> str:
        if (reason := _why_no_cancel(found)) is not None:
            raise Refusal("not_cancellable", reason)
        outbox_overview.cancel(session, found.id, outbox.CANCELLED)
        rest = "The rest of message" if found.pages_sent else "Message"
        return f"{rest} {found.id} does not go out. Retry brings it back."

    return _change(installation, actor, message_id, "message_cancel", act, now, event)


def goes_out(delivery: Delivery) -> str:
    """When what is to go out of a message does: "with the next pass", or once its platform takes posts again."""
    if delivery.waits_until is None:
        return "with the next pass"
    at = (delivery.waits_until + timedelta(seconds=59)).astimezone(LONDON)
    return f"when {delivery.platform.capitalize()} takes posts again, about {at:%H:%M}"


def retryable(delivery: Delivery) -> bool:
    """Whether `retry` would do something (for a held one, with `may_repeat`)."""
    return _why_no_retry(delivery) is None and not _waits_for_its_platform(delivery)


def cancellable(delivery: Delivery) -> bool:
    """Whether `cancel` would do something."""
    return _why_no_cancel(delivery) is None


def _change(
    installation: Installation,
    actor: Actor,
    message_id: int,
    act: str,
    do: Callable[[Session, Delivery, Lane], str],
    now: datetime,
    event: Event | None,
) -> OutboxChange:
    require(actor, "outbox")
    with writing(installation.engine) as session:
        found = _message(session, actor, message_id)
        lane = outbox_overview.take_lane(session, found)
        found = _message(session, actor, message_id)  # as it stands now that no sender can change it
        if event is not None and not handled_events.first_time(session, event.platform, event.event_id, now):
            return OutboxChange(handled_events.earlier_answer(session, event.platform, event.event_id) or "", found)
        said = do(session, found, lane)
        if event is not None:
            handled_events.remember_answer(session, event.platform, event.event_id, said)
        audit.append(
            session,
            at=now,
            actor=actor.name,
            actor_id=actor.staff_id,
            act=act,
            participant_id=None,
            detail={"message": found.id, "was": found.state, "reason": found.reason},
        )
        session.flush()
        session.expire_all()
        return OutboxChange(said, _message(session, actor, message_id))


def _message(session: Session, actor: Actor, message_id: int) -> Delivery:
    found = outbox_overview.listed(session, states=STATES, message_id=message_id)
    if not found or not sees(actor, found[0].delivery_partner):
        raise Refusal("unknown_message", f"There is no message {message_id}; npq outbox --all lists them.")
    return found[0]


def _waits_for_its_platform(found: Delivery) -> bool:
    return found.state == "waiting" and found.waits_until is not None


def _why_no_retry(found: Delivery) -> str | None:
    match found.state:
        case "unknown" if found.place_trouble:
            return f"Message {found.id} may be posted already, and I can't look: {found.place_trouble}"
        case "sending" | "unknown" if found.on_its_way:
            return f"Message {found.id} is on its way just now; please look again in a minute."
        case "planned" | "sending" if not found.held_up:
            rest = "The rest of message" if found.pages_sent else "Message"
            return f"{rest} {found.id} goes out by itself {goes_out(found)}; there is nothing to try again."
        case "sent":
            return f"Message {found.id} has gone out; there is nothing to try again."
        case "superseded":
            return (
                f"Message {found.id} is not wanted any more; if its date or channel changes, it is planned by itself."
            )
        case "failed" if found.reason == outbox.TOO_LATE:
            return f"Message {found.id} is too old to be sent now."
    return None


def _why_no_cancel(found: Delivery) -> str | None:
    match found.state:
        case "unknown" if found.place_trouble:
            return f"Message {found.id} may be posted already, and I can't look: {found.place_trouble}"
        case "sending" | "unknown" if found.on_its_way:
            return f"Message {found.id} is on its way just now; please look again in a minute."
        case "sent":
            return f"Message {found.id} has gone out, so it can't be cancelled; delete the post in the channel if it is wrong."
        case "superseded" | "failed":
            return f"Message {found.id} does not go out anyway."
    return None
