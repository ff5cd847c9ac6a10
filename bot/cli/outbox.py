"""`npq outbox`: the messages on their way, and why each is where it is; retry and cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.text import Text

from bot.cli.command_output import BY, Answer, answers, lines, open_context
from core.rules.calendar import LONDON
from core.services import outbox_actions
from core.services.outbox_actions import Delivery, OutboxChange


@click.group(invoke_without_command=True)
@click.option(
    "--state", type=click.Choice(outbox_actions.STATES), multiple=True, help="Only these; may be given repeatedly."
)
@click.option("--partner", help="Only this Delivery Partner's.")
@click.option("--all", "everything", is_flag=True, help="Also what was sent, superseded or cancelled.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def outbox(
    context: click.Context, state: tuple[str, ...], partner: str | None, everything: bool, as_json: bool
) -> None:
    """Which messages are on their way, held or failed, and why. Sends nothing."""
    if context.invoked_subcommand is None:
        context.invoke(_listing, as_json=as_json, state=state, partner=partner, everything=everything)
    elif state or partner is not None or everything or as_json:
        raise click.UsageError(
            f"Options of the list go without {context.invoked_subcommand}; its own come after its name."
        )


@click.command()
@answers
def _listing(state: tuple[str, ...], partner: str | None, everything: bool) -> Answer:
    context = open_context()
    found = outbox_actions.listing(
        context.installation, context.actor, now=context.now, states=state, partner=partner, everything=everything
    )
    document = {"messages": [delivery_document(each) for each in found], "count": len(found)}
    return Answer(document, lambda: _show(found))


@outbox.command("retry")
@click.argument("message_id", metavar="ID", type=int)
@click.option("--may-repeat", is_flag=True, help="Send a held message although it may be in the channel already.")
@BY
@answers
def outbox_retry(message_id: int, may_repeat: bool, by: str | None) -> Answer:
    """Has a message go out after all, and says when: one that waits, failed, was cancelled, or is held."""
    context = open_context(by)
    return _changed(
        outbox_actions.retry(context.installation, context.actor, message_id, now=context.now, may_repeat=may_repeat)
    )


@outbox.command("cancel")
@click.argument("message_id", metavar="ID", type=int)
@BY
@answers
def outbox_cancel(message_id: int, by: str | None) -> Answer:
    """Keeps a message from going out, or the rest of one; retry brings it back."""
    context = open_context(by)
    return _changed(outbox_actions.cancel(context.installation, context.actor, message_id, now=context.now))


def _changed(change: OutboxChange) -> Answer:
    return Answer({"said": change.said, "message": delivery_document(change.delivery)}, lambda: click.echo(change.said))


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """One message of `npq outbox --json`."""
    from bot.conversation.cards.outbox_cards import why

    return {
        "id": delivery.id,
        "state": delivery.state,
        "reason": delivery.reason or None,
        "why": why(delivery) or None,
        "key": delivery.key,
        "about": delivery.about.isoformat(),
        "due_at": _london(delivery.due_at),
        "delivery_partner": delivery.delivery_partner,
        "destination": {"platform": delivery.platform, "id": delivery.channel},
        "instead_of": delivery.instead_of or None,
        "pages": delivery.pages,
        "pages_sent": delivery.pages_sent,
        "retry_at": _london(delivery.retry_at),
        "sent_at": _london(delivery.sent_at),
    }


def _london(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(LONDON).isoformat()


def _show(found: list[Delivery]) -> None:
    from bot.conversation.cards.outbox_cards import pages, state, what, when, where, why

    console = lines()
    if not found:
        console.print("No message is on its way, held or failed; npq due shows what comes next.")
        return
    for each in found:
        console.print(Text(f"{each.id}  {state(each)} ({each.state}) · {what(each)}", style="bold"))
        console.print(Text(f"    {each.delivery_partner} → {where(each)} · {when(each)} · {pages(each)}"))
        if reason := why(each):
            console.print(Text(f"    {reason[0].upper()}{reason[1:]}"))
