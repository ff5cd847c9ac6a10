"""`npq due` and `npq tick`: what would go out, and one pass of sending it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

import click
from rich.console import Console
from rich.text import Text

from bot.cli.command_output import MOMENT, Answer, CommandContext, answers, lines, open_context
from bot.cli.json_documents import due_document
from core.posts.due import DueMessage
from core.rules.calendar import LONDON, in_words, london_day, posting_time, start_of
from core.services import enquiries
from core.services.planned_messages import messages_ahead, messages_due

LOOK_AHEAD = timedelta(days=7)


@click.command()
@click.option("--from", "first", type=MOMENT, help="A date (whole London day) or a time; default: now.")
@click.option(
    "--to", "last", type=MOMENT, help="A date (whole London day, included) or a time; default: seven days on."
)
@answers
def due(first: date | datetime | None, last: date | datetime | None) -> Answer:
    """Which messages go out at once and which in the days to come, where, with what text. Sends nothing."""

    from bot.conversation.posts.reminder_posts import reminder_text

    context = open_context()
    begin = context.now if first is None else first if isinstance(first, datetime) else start_of(first)
    if last is None:
        end = begin + LOOK_AHEAD
    else:
        end = last if isinstance(last, datetime) else start_of(last + timedelta(days=1)) - timedelta(microseconds=1)
    found = (
        messages_ahead(context.installation, begin, end)
        if first is None
        else messages_due(context.installation, begin, end)
    )
    rehearsal = context.settings.clock.rehearsal
    texts = [reminder_text(context.installation.pack, m.reminder, rehearsal=rehearsal) for m in found]
    several_courses = enquiries.anybody_takes_several(context.installation)
    document = due_document(found, texts, several_courses=several_courses)
    return Answer(document, lambda: _show(found, texts, context.now if first is None else None, end))


@click.command()
@click.option(
    "--at", "moment", type=MOMENT, help="The moment to work at: a time, or a date (its posting hour). Default: now."
)
@answers
def tick(moment: date | datetime | None) -> Answer:
    """Plans and delivers what is due, once; what the worker does on its own."""
    from bot.delivery.one_pass import tick as one_pass
    from bot.senders import senders

    context = open_context()
    at = _instant(context, moment)
    report = one_pass(
        context.installation,
        senders(context.settings, context.installation),
        at,
        rehearsal=context.settings.clock.rehearsal,
    )
    for trouble in report.troubles:
        click.echo(trouble, err=True)
    said = f"Planned {report.planned}, sent {report.sent}, updated {report.updated}, waiting {report.waiting}."
    return Answer({**asdict(report), "troubles": list(report.troubles)}, lambda: click.echo(said))


def _instant(context: CommandContext, moment: date | datetime | None) -> datetime:
    if moment is None:
        return context.now
    return moment if isinstance(moment, datetime) else posting_time(context.installation.pack, moment)


def _show(found: list[DueMessage], texts: list[str], now: datetime | None, last: datetime) -> None:
    """`now`: where what goes out at once is told apart from what is to come."""
    console = lines()
    if not found:
        console.print("Nothing is due.")
        return
    told = list(zip(found, texts, strict=True))
    if now is None:
        _list(console, told)
        return
    at_once = [each for each in told if _goes_out(each[0], now)]
    to_come = [each for each in told if not _goes_out(each[0], now)]
    console.print(Text(f"Now: {len(at_once)}, by the next pass" if at_once else "Now: nothing", style="bold underline"))
    _list(console, at_once)
    console.print(Text(f"To come until {in_words(london_day(last))}: {len(to_come)}", style="bold underline"))
    _list(console, to_come)


def _goes_out(message: DueMessage, now: datetime) -> bool:
    """Whether the next pass sends it."""
    return message.due_at <= now and message.sent_at is None and message.place is not None


def _list(console: Console, told: list[tuple[DueMessage, str]]) -> None:
    for message, text in told:
        place = f"{message.place.platform} {message.place.platform_id}" if message.place else "no channel is bound yet"
        sent = f" · sent {message.sent_at.astimezone(LONDON):%d %B %Y %H:%M}" if message.sent_at else ""
        key = message.reminder.occasion.key
        console.print(Text(f"{message.due_at:%a %d %B %Y %H:%M}  {key}  → {place}{sent}", style="bold"))
        console.print(Text(f"  {text}"))
