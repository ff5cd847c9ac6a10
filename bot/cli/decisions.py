"""`npq extend`, `contact`, `defer`, `resume`, `remove`, `declare`: what staff decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from bot.cli.answering import BY, DAY, Answer, Desk, answers, open_desk
from bot.cli.documents import status_document
from core.services import decisions, enquiries
from core.services.acts import Deed, Outcome
from core.services.decisions import CHANNELS, OUTCOMES, SIDES, VOTES

ON = click.option("--on", type=DAY, help="The decision's own day; default: today in London, never the future.")


@click.command()
@click.argument("who")
@click.option("--output", "number", type=int, required=True, help="The output whose deadline is extended.")
@click.option("--until", type=DAY, required=True, help="The new deadline.")
@click.option("--reason", required=True, help=f"One of {', '.join(decisions.EXTENSION_REASONS)}.")
@ON
@BY
@answers
def extend(who: str, number: int, until: date, reason: str, on: date | None, by: str | None) -> Answer:
    """Agrees a later deadline."""
    return _decide(
        who, on, by, lambda desk, pid, deed: decisions.extend(
            desk.office, desk.actor, pid, deed, output=number, until=until, reason=reason
        )
    )  # fmt: skip


@click.command()
@click.argument("who")
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True)
@ON
@BY
@answers
def contact(who: str, channel: str, outcome: str, on: date | None, by: str | None) -> Answer:
    """Logs a contact attempt."""
    return _decide(
        who, on, by, lambda desk, pid, deed: decisions.contact(
            desk.office, desk.actor, pid, deed, channel=channel, outcome=outcome
        )
    )  # fmt: skip


@click.command()
@click.argument("who")
@click.option("--from", "starts_on", type=DAY, required=True, help="The first day of the deferral.")
@click.option("--until", type=DAY, required=True, help="The agreed return.")
@click.option("--reason", required=True, help=f"One of {', '.join(decisions.DEFERRAL_REASONS)}.")
@ON
@BY
@answers
def defer(who: str, starts_on: date, until: date, reason: str, on: date | None, by: str | None) -> Answer:
    """Puts on deferral."""
    return _decide(
        who, on, by, lambda desk, pid, deed: decisions.defer(
            desk.office, desk.actor, pid, deed, starts_on=starts_on, until=until, reason=reason
        )
    )  # fmt: skip


@click.command()
@click.argument("who")
@click.option("--cohort", type=int, help="The cohort they rejoin; needed where they are back already.")
@ON
@BY
@answers
def resume(who: str, cohort: int | None, on: date | None, by: str | None) -> Answer:
    """Brings back from deferral."""
    return _decide(
        who, on, by, lambda desk, pid, deed: decisions.resume(desk.office, desk.actor, pid, deed, cohort=cohort)
    )  # fmt: skip


@click.command()
@click.argument("who")
@click.option("--side", type=click.Choice(SIDES), required=True)
@click.option("--decision", type=click.Choice(VOTES), required=True)
@ON
@BY
@answers
def remove(who: str, side: str, decision: str, on: date | None, by: str | None) -> Answer:
    """Proposes or votes on removal; it takes both sides."""
    return _decide(
        who, on, by, lambda desk, pid, deed: decisions.remove(
            desk.office, desk.actor, pid, deed, side=side, decision=decision
        )
    )  # fmt: skip


@click.command()
@click.argument("who")
@click.option("--output", "number", type=int, required=True)
@click.option("--on", type=DAY, required=True, help="The day of the declaration.")
@click.option("--cutoff", type=DAY, help="The last day of evidence it used.")
@BY
@answers
def declare(who: str, number: int, on: date, cutoff: date | None, by: str | None) -> Answer:
    """Records what the lead provider declared."""
    return _decide(
        who, on, by, lambda desk, pid, deed: decisions.declare(
            desk.office, desk.actor, pid, deed, output=number, cutoff=cutoff
        )
    )  # fmt: skip


def _decide(who: str, on: date | None, by: str | None, act: Callable[[Desk, str, Deed], Outcome]) -> Answer:
    desk = open_desk(by)
    participant_id = enquiries.identify(desk.office, desk.actor, who)
    outcome = act(desk, participant_id, Deed(on or desk.today, desk.now, by))
    document = {
        "recorded": outcome.said,
        "warnings": list(outcome.warnings),
        "status": status_document(outcome.standing, None),
    }
    return Answer(document, lambda: _show(outcome))


def _show(outcome: Outcome) -> None:
    click.echo(outcome.said)
    for warning in outcome.warnings:
        click.echo(f"Please note: {warning}")
