"""What dates from a file change, and for whom: as a document, and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import click

from bot.cli.command_output import lines, open_context
from core.rules.calendar import in_words
from core.services import dates_given
from core.services.dates_given import Enrolment
from core.services.installation import DATABASE_FAILS
from core.services.staff.actors import Actor
from reference.dated_outputs import DateChange
from reference.pack import Pack
from reference.schedule import DATE_NAMES

NARROW = 70  # characters below which a table would cut its dates
WIDE = 200  # characters of a table where no terminal says how many it has


def people_there(today: date) -> tuple[Mapping[Enrolment, int] | None, list[str]]:
    """How many participants there are by course and cohort; without a database nobody knows, and that is said."""
    try:
        context = open_context()
        return dates_given.people_by_enrolment(context.installation, Actor.console(), today), []
    except DATABASE_FAILS:
        return None, ["For how many people this is can't be said: the database can't be asked (npq doctor says why)."]


def change_document(used: Pack, change: DateChange, people: Mapping[Enrolment, int] | None) -> dict[str, Any]:
    counted = None if people is None else dates_given.people_concerned(used, change, people)
    return {
        "course_group": change.course_group,
        "course": change.course,
        "cohort": change.cohort,
        "start": change.start,
        "output": change.output,
        "date": change.which,
        "before": None if change.before is None else change.before.isoformat(),
        "after": None if change.after is None else change.after.isoformat(),
        "computed": change.computed,
        "participants": counted,
    }


def show_changes(
    used: Pack, found: Sequence[DateChange], shown: Sequence[Mapping[str, Any]], notes: Sequence[str]
) -> None:
    from rich import box
    from rich.table import Table

    for note in notes:
        click.echo(f"Please note: {note}", err=True)
    if not found:
        return
    console = lines()
    if not console.is_terminal:
        console.width = WIDE
    rows = [_row(used, change, told) for change, told in zip(found, shown, strict=True)]
    if console.width < NARROW:
        for who, cohort, output, which, before, after, people in rows:
            console.print(f"{who}, {cohort}, Output {output}: {which} {before} -> {after} ({people} people)")
        return
    table = Table(box=box.SIMPLE)
    for heading in ("Who", "Cohort", "Output", "Date", "Before", "After", "People"):
        whole = heading in ("Before", "After")
        table.add_column(heading, no_wrap=whole, overflow="fold", justify="right" if heading == "People" else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _row(used: Pack, change: DateChange, told: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        change.course or used.group_name(change.course_group),
        change.cohort + (f", {change.start}" if change.start else ""),
        str(change.output),
        DATE_NAMES[change.which] + (" (computed)" if change.computed else ""),
        change.before.isoformat() if change.before else "not known",
        change.after.isoformat() if change.after else "not known",
        "?" if told["participants"] is None else f"{told['participants']:,}",
    )


def show_first_reminders(
    used: Pack, found: Sequence[DateChange], shown: Sequence[Mapping[str, Any]], today: date
) -> None:
    """From when people are reminded of a review date that was not known before and is still to come."""
    for change, told in zip(found, shown, strict=True):
        if change.which != "review" or change.before is not None or change.after is None or not told["participants"]:
            continue
        if change.after < today:
            continue
        days = max(used.settings_of(change.course_group).review_leads)
        count, since = told["participants"], change.after - timedelta(days=days)
        named = (change.course or used.group_name(change.course_group), change.cohort, change.start)
        who = f"{count:,} {'person of' if count == 1 else 'people of'} {', '.join(filter(None, named))}"
        when = f"from {in_words(since)} on" if since > today else "from the next morning on"
        gets = "gets" if count == 1 else "get"
        click.echo(f"{who}, {gets} reminders of Output {change.output} {when}, where it is not met by then.")
