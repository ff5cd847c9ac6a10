"""Messages on their way, for those who may change them: a list in pages, one message, and what became of a press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation.cards import fitting
from bot.conversation.cards.card import Actions, Button, Card, Element, Note, Paragraph, PersonRow, bold, line
from bot.conversation.cards.list_cards import turning
from bot.conversation.cards.phrases import counted
from bot.conversation.verbs import OUTBOX, OUTBOX_CANCEL, OUTBOX_REPEAT, OUTBOX_RETRY, Call
from core.rules.calendar import LONDON, in_words
from core.services.outbox_actions import Delivery, OutboxChange, cancellable, goes_out, retryable

PAGE = 6  # messages a page

STATES = {
    "waiting": "Waits",
    "sending": "Is being sent",
    "unknown": "May be posted: being looked for",
    "sent": "Sent",
    "superseded": "Not wanted any more",
    "held": "Held: may be posted already",
    "failed": "Failed",
}
REASONS = {
    "newer": "a newer message of its kind is due",
    "too_late": "it became too old to be sent",
    "nobody_concerned": "it concerns nobody any more",
    "no_longer_due": "its date has moved, or no channel is bound",
    "elsewhere": "another channel gets it",
    "cancelled": "cancelled by staff",
    "could_not_draw": "a fault of the bot, please report it",
    "ratelimited": "the platform has asked to wait",
    "http_429": "the platform has asked to wait",
    "not_found": "it did not arrive, and is sent again if it is still due",
    "not_in_pack": "the pack in use (NPQ_PACK) lacks a course, cohort or output that it tells of",
    "may_still_arrive": "it may still arrive",
    "cannot_reach_slack": "Slack could not be reached",
    "cannot_reach_teams": "Teams could not be reached",
    "cannot_trust_teams": "what answered for Teams could not prove that it is Teams",
    "connection_lost": "the connection broke off",
    "timeout": "no answer came in time",
    "out_of_time": "there was no time left to send it",
    "interrupted": "the bot was held up just before it sent it",
    "unreadable_answer": "the answer could not be read",
    "no_address": "the answer did not say where the post is",
    "bad_request": "it could not be put into a request",
    "bad_address": "the service's address cannot be used",
}
SIGNS = {"sent": "✔", "failed": "✖", "held": "⚠", "unknown": "?", "superseded": "–"}


def what(delivery: Delivery) -> str:
    """What a message is about, in a few words."""
    return f"{delivery.key.replace('_', ' ').capitalize()}: {in_words(delivery.about)}"


def state(delivery: Delivery) -> str:
    """Where it is on its way, in a few words."""
    if delivery.state == "planned" and delivery.place_trouble:
        return "Waits for its channel"
    if delivery.state == "planned":
        return f"Goes out {goes_out(delivery)}"
    if delivery.state == "sending" and not delivery.on_its_way:
        return f"Partly sent; the rest goes out {goes_out(delivery)}"
    return STATES[delivery.state]


def why(delivery: Delivery) -> str:
    """Why it is where it is, in plain words; "" where the state says it all."""
    said = REASONS.get(delivery.reason, f"the platform answered “{delivery.reason}”" if delivery.reason else "")
    if delivery.place_trouble and delivery.state in ("planned", "waiting", "unknown"):
        said = f"{said + '; ' if said else ''}the channel takes no posts. {delivery.place_trouble}"
    if delivery.state == "held":
        said = f"{said + '; ' if said else ''}look in the channel before you send it again"
    return said


def when(delivery: Delivery) -> str:
    """When it was due, and sent or to be tried again, in London."""
    return f"due {_moment(delivery.due_at)}" + (
        f", sent {_moment(delivery.sent_at)}"
        if delivery.state == "sent" and delivery.sent_at
        else f", goes out {goes_out(delivery)}"
        if delivery.state == "waiting" and delivery.waits_until
        else f", to be tried again {_moment(delivery.retry_at)}"
        if delivery.state == "waiting" and delivery.retry_at
        else ""
    )


def pages(delivery: Delivery) -> str:
    """How much of it has gone out."""
    if not delivery.pages:
        return "pages not laid out yet"
    return f"{delivery.pages_sent} of {counted(delivery.pages, 'page')} posted"


def where(delivery: Delivery) -> str:
    """The channel, and for which it stands in."""
    instead = f" (in place of {delivery.instead_of})" if delivery.instead_of else ""
    return f"{delivery.platform} {delivery.channel}{instead}"


def outbox_card(found: Sequence[Delivery], filters: dict[str, str], number: int | None, said: str = "") -> Card:
    """A page of messages, the longest due first. `said`: what became of a press."""
    told: list[Element] = [Paragraph((line(said),))] if said else []
    which = ", ".join(filter(None, (filters.get("state", ""), filters.get("partner", "")))) or (
        "everything" if "all" in filters else "under way, held or failed"
    )
    if not found:
        nothing = Paragraph((line(f"No messages to show ({fitting.shown(which, 80)})."),))
        return Card(
            "Outbox: nothing waits", (*told, nothing, Note(line("/npq outbox all lists what was sent as well.")))
        )
    chosen, page, of = fitting.page_numbered(found, number, PAGE)
    elements: list[Element] = [
        *told,
        Note(line(f"{fitting.shown(which[0].upper() + which[1:], 80)} · longest due first · page {page} of {of}")),
        *(_row(each, filters, page) for each in chosen),
        *turning(OUTBOX, page, of, filters),
        Note(line("Only you can see this. /npq outbox all lists what was sent as well.")),
    ]
    return Card(f"Outbox: {counted(len(found), 'message')}", tuple(elements))


def _row(each: Delivery, filters: dict[str, str], page: int) -> PersonRow:
    call = Call(OUTBOX, page=page, filters=filters, message=each.id)
    buttons = []
    if retryable(each):
        buttons.append(Button("Retry", replace(call, verb=OUTBOX_RETRY), spoken=f"Retry message {each.id}"))
    if cancellable(each):
        buttons.append(Button("Cancel", replace(call, verb=OUTBOX_CANCEL), spoken=f"Cancel message {each.id}"))
    reason = why(each)
    lines = [
        line(f"{fitting.shown(each.delivery_partner, 60)} · {when(each)}"),
        line(f"{where(each)} · {pages(each)} · message {each.id}"),
    ]
    if reason:
        lines.insert(0, line(fitting.shown(reason[0].upper() + reason[1:], 400)))
    beside = line(bold(state(each)))
    return PersonRow(
        f"m{each.id}", what(each), tuple(lines), tuple(buttons), mark=SIGNS.get(each.state, "○"), beside=beside
    )


def repeat_card(held: Delivery, call: Call) -> Card:
    """Asks whether a message that may be in the channel already is to be posted all the same."""
    return Card(
        "It may be posted already",
        (
            Paragraph(
                (
                    line(bold(what(held)), f" · {held.delivery_partner}"),
                    line(f"I can’t tell whether it arrived in {where(held)}. Please look there first."),
                )
            ),
            Actions(
                (
                    Button("Send it again", replace(call, verb=OUTBOX_REPEAT), "danger"),
                    Button("Cancel it", replace(call, verb=OUTBOX_CANCEL)),
                    Button("Back", replace(call, verb=OUTBOX)),
                )
            ),
        ),
    )


def said_of(change: OutboxChange) -> str:
    """What became of a press."""
    return f"✔ {change.said}"


def _moment(at: datetime) -> str:
    london = at.astimezone(LONDON)
    return f"{in_words(london.date())} {london:%H:%M}"
