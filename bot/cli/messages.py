"""`npq due` and `npq tick`: what would go out, and one pass of sending it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

import click
from rich.text import Text

from bot.cli.answering import MOMENT, Answer, Desk, answers, lines, open_desk
from bot.cli.documents import due_document
from core.rules.calendar import LONDON, posting_time, start_of
from core.services.due import DueMessage, messages_due

LOOK_AHEAD = timedelta(days=7)


@click.command()
@click.option("--from", "first", type=MOMENT, help="A date (whole London day) or a time; default: now.")
@click.option(
    "--to", "last", type=MOMENT, help="A date (whole London day, included) or a time; default: seven days on."
)
@answers
def due(first: date | datetime | None, last: date | datetime | None) -> Answer:
    """Which messages would go out, where, with what text. Sends nothing."""

    from bot.conversation.reminders import reminder_text

    desk = open_desk()
    begin = desk.now if first is None else first if isinstance(first, datetime) else start_of(first)
    if last is None:
        end = begin + LOOK_AHEAD
    else:
        end = last if isinstance(last, datetime) else start_of(last + timedelta(days=1)) - timedelta(microseconds=1)
    found = messages_due(desk.office, begin, end)
    rehearsal = desk.settings.clock.rehearsal
    texts = [reminder_text(desk.office.pack, m.reminder, rehearsal=rehearsal) for m in found]
    return Answer(due_document(found, texts), lambda: _show(found, texts))


@click.command()
@click.option(
    "--at", "moment", type=MOMENT, help="The moment to work at: a time, or a date (its posting hour). Default: now."
)
@answers
def tick(moment: date | datetime | None) -> Answer:
    """Plans and delivers what is due, once; what the worker does on its own."""
    from bot.delivery.delivering import tick as one_pass
    from bot.senders import senders

    desk = open_desk()
    at = _instant(desk, moment)
    report = one_pass(desk.office, senders(desk.settings, desk.office), at, rehearsal=desk.settings.clock.rehearsal)
    for trouble in report.troubles:
        click.echo(trouble, err=True)
    said = f"Planned {report.planned}, sent {report.sent}, updated {report.updated}, waiting {report.waiting}."
    return Answer({**asdict(report), "troubles": list(report.troubles)}, lambda: click.echo(said))


def _instant(desk: Desk, moment: date | datetime | None) -> datetime:
    if moment is None:
        return desk.now
    return moment if isinstance(moment, datetime) else posting_time(desk.office.pack, moment)


def _show(found: list[DueMessage], texts: list[str]) -> None:
    console = lines()
    if not found:
        console.print("Nothing is due.")
        return
    for message, text in zip(found, texts, strict=True):
        place = f"{message.place.platform} {message.place.platform_id}" if message.place else "no channel is bound yet"
        sent = f" · sent {message.sent_at.astimezone(LONDON):%d %B %Y %H:%M}" if message.sent_at else ""
        key = message.reminder.occasion.key
        console.print(Text(f"{message.due_at:%a %d %B %Y %H:%M}  {key}  → {place}{sent}", style="bold"))
        console.print(Text(f"  {text}"))
