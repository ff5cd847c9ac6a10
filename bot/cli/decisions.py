"""`npq extend`, `contact`, `defer`, `resume`, `remove`, `declare`: what staff decide, a command for each act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from bot.cli.command_output import BY, DAY, Answer, answers, open_context
from bot.cli.json_documents import status_document
from bot.settings import read_settings
from core.services import enquiries
from core.services.acts import contact as contacts
from core.services.acts import (
    course_move,
    declaration,
    deferral,
    deferral_answer,
    extension,
    removal,
    resumption,
)
from core.services.acts.recording import Deed, Outcome
from reference.loading import load_pack

COURSE = click.option("--course", help="Which course it is about, of somebody who takes several.")
ON = click.option("--on", type=DAY, help="The decision's own day; default: today in London, never the future.")


@click.command()
@click.argument("who")
@click.option("--output", type=int, required=True, help="The output whose deadline is extended.")
@click.option("--until", type=DAY, required=True, help="The new deadline.")
@click.option("--reason", required=True, help=f"One of {', '.join(extension.REASONS)}.")
@COURSE
@ON
@BY
@answers
def extend(who: str, course: str | None, on: date | None, by: str | None, **values: Any) -> Answer:
    """Agrees a later deadline."""
    return _decide(extension.extend, who, course, on, by, values)


@click.command()
@click.argument("who")
@click.option("--channel", type=click.Choice(contacts.CHANNELS), required=True)
@click.option("--outcome", type=click.Choice(contacts.OUTCOMES), required=True)
@COURSE
@ON
@BY
@answers
def contact(who: str, course: str | None, on: date | None, by: str | None, **values: Any) -> Answer:
    """Logs a contact attempt."""
    return _decide(contacts.log_contact, who, course, on, by, values)


@click.command()
@click.argument("who")
@click.option("--from", "starts_on", type=DAY, help="The first day of the deferral.")
@click.option("--until", type=DAY, help="The agreed return.")
@click.option("--reason", help=f"One of {', '.join(deferral.REASONS)}; some packs need none.")
@click.option("--confirm", is_flag=True, help="The lead provider confirms the deferral that was asked for.")
@click.option("--decline", is_flag=True, help="The lead provider declines it.")
@COURSE
@ON
@BY
@answers
def defer(
    who: str, course: str | None, on: date | None, by: str | None, *, confirm: bool, decline: bool, **values: Any
) -> Answer:
    """Puts on deferral; or, where the lead provider confirms, asks for it and answers that."""
    if not (confirm or decline):
        _needed({"--from": values["starts_on"], "--until": values["until"]})
        if values["reason"] is None and _reason_needed():
            _needed({"--reason": None})
        return _decide(deferral.defer, who, course, on, by, values)
    if (confirm and decline) or any(value is not None for value in values.values()):
        raise click.UsageError("Give --confirm or --decline alone: they are about the deferral that was asked for.")
    return _decide(
        deferral_answer.answer_deferral, who, course, on, by, {"answer": "confirm" if confirm else "decline"}
    )


@click.command()
@click.argument("who")
@click.option("--cohort", help="The cohort they rejoin; needed where they are back already.")
@click.option("--schedule", help="The start within that cohort, where it has several for their course.")
@COURSE
@ON
@BY
@answers
def resume(who: str, course: str | None, on: date | None, by: str | None, **values: Any) -> Answer:
    """Brings back from deferral."""
    return _decide(resumption.resume, who, course, on, by, values)


@click.command()
@click.argument("who")
@click.option("--side", type=click.Choice(removal.SIDES), required=True)
@click.option("--decision", type=click.Choice(removal.VOTES), required=True)
@COURSE
@ON
@BY
@answers
def remove(who: str, course: str | None, on: date | None, by: str | None, **values: Any) -> Answer:
    """Proposes or votes on removal; it takes both sides."""
    return _decide(removal.remove, who, course, on, by, values)


@click.command()
@click.argument("who")
@click.option("--output", type=int, required=True)
@click.option("--on", type=DAY, required=True, help="The day of the declaration.")
@click.option("--cutoff", type=DAY, help="The last day of evidence it used.")
@COURSE
@BY
@answers
def declare(who: str, course: str | None, on: date, by: str | None, **values: Any) -> Answer:
    """Records what the lead provider declared."""
    return _decide(declaration.declare, who, course, on, by, values)


@click.command()
@click.argument("who")
@click.option("--to", required=True, help="The course that they take instead.")
@COURSE
@ON
@BY
@answers
def move(who: str, course: str | None, on: date | None, by: str | None, **values: Any) -> Answer:
    """Moves from one course to another."""
    return _decide(course_move.move, who, course, on, by, values)


ACTS = (
    extend,
    contact,
    defer,
    resume,
    remove,
    move,
    declare,
)
COMMANDS = {each.name or "": each for each in ACTS}


def _needed(given: dict[str, Any]) -> None:
    """Wrong usage where one of these options is left out."""
    for name, value in given.items():
        if value is None:
            raise click.UsageError(f"Missing option '{name}'.")


def _reason_needed() -> bool:
    return load_pack(read_settings().npq_pack).deferral.reason_needed


def _decide(
    act: Callable[..., Outcome],
    who: str,
    course: str | None,
    on: date | None,
    by: str | None,
    values: dict[str, Any],
) -> Answer:
    """Does an act with its own values, the options that are left."""
    context = open_context(by)
    participant_id = enquiries.identify(context.installation, context.actor, who)
    deed = Deed(on or context.today, context.now, by, course=course)
    outcome = act(context.installation, context.actor, participant_id, deed, **values)
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
