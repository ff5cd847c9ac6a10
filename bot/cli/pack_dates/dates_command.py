"""`npq pack dates`: a form for the dates that are not known yet, and dates from a file into the pack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.cli.command_output import Answer, answers
from bot.cli.files import show_row_problems
from bot.cli.pack_dates.changed_dates_shown import (
    change_document,
    people_there,
    show_changes,
    show_first_reminders,
)
from bot.cli.pack_dates.dates_target import DatesTarget, printable
from bot.cli.pack_dates.statements_asked import answers_by_key, as_json, read_file, somebody_answers
from bot.cli.packs import pack
from bot.settings import read_settings
from core.rules.calendar import in_words, london_day
from core.services import dates_given
from core.services.dates_given import DatesRead, DatesRefused
from reference.dated_outputs import changes
from reference.loading import folder_of, load_pack
from reference.pack import Pack
from reference.pack_writing import PackMoved

SET_IT = "Set this for the web process, the worker and the console, and start the first two again."


@pack.command("dates")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--blank", type=click.Path(path_type=Path), help="Makes a form (.xlsx or .csv) of what is not known yet.")
@click.option("--cohort", help="With --blank: this cohort only.")
@click.option("--all", "everything", is_flag=True, help="With --blank: what is known already as well.")
@click.option(
    "--to", type=click.Path(path_type=Path), help="Makes a copy of the pack there and puts the dates into that."
)
@click.option("--answer", "given", multiple=True, metavar="KEY=VALUE", help="Which of DfE's statements is a cut-off.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@answers
def pack_dates(
    file: Path | None,
    blank: Path | None,
    to: Path | None,
    given: tuple[str, ...],
    **flags: Any,
) -> Answer:
    """Puts dates from a CSV, an XLSX or DfE's statements (JSON) into the pack; or makes a form for them."""
    settings = read_settings()
    if (file is None) == (blank is None):
        raise click.UsageError("Name a file with dates, or give --blank with a name for the form.")
    if file is not None and (flags["cohort"] is not None or flags["everything"]):
        option = "--all" if flags["cohort"] is None else "--cohort"
        raise click.UsageError(f"{option} is for a form: give it with --blank, or leave it out.")
    used = load_pack(settings.npq_pack)
    if blank is not None:
        return _form(blank, used, flags["cohort"], everything=flags["everything"])
    assert file is not None
    today = london_day(settings.clock.now())
    target = DatesTarget(folder_of(settings.npq_pack), None if to is None else Path(os.path.abspath(to)), used)
    target.require(dry_run=flags["dry_run"])
    try:
        read = read_file(file, used, today, answers_by_key(given))
        if isinstance(read, Answer):
            return read
        return _taken(target, read, f"{printable(file.name)}, {in_words(today)}", today, flags)
    except DatesRefused as refused:
        problems = list(refused.problems)
        error = {"code": refused.code, "message": refused.message, "problems": [asdict(one) for one in problems]}
        return Answer({"error": error}, lambda: show_row_problems(problems, "Nothing was changed."), failed=True)


def _form(blank: Path, used: Pack, cohort: str | None, *, everything: bool) -> Answer:
    rows = dates_given.make_form(blank, used, cohort=cohort, everything=everything)
    said = (
        f"{blank} has {rows} row{'s' * (rows != 1)} to fill in. Then: npq pack dates {blank}"
        if rows
        else "Nothing is missing: every date is known, so no form was made. With --all it lists what is known."
    )
    return Answer({"form": str(blank) if rows else None, "rows": rows}, lambda: click.echo(said))


def _taken(target: DatesTarget, read: DatesRead, source: str, today: date, flags: Mapping[str, Any]) -> Answer:
    """Shows what changes for whom, asks where somebody is there to answer, and writes."""
    try:
        before, after, will_be = target.files(read, source)
    except (OSError, PackMoved) as trouble:
        raise target.why_not(trouble) from None
    found = changes(target.used, will_be)
    people, notes = people_there(today) if found else ({}, [])
    notes = [*read.notes, *notes]
    shown = [change_document(target.used, change, people) for change in found]
    document = {"pack": will_be.label, "changes": shown, "notes": notes, "written": False, "npq_pack": None}
    if not as_json():
        show_changes(target.used, found, shown, notes)
        show_first_reminders(target.used, found, shown, today)
    if not found:
        return Answer(document, lambda: click.echo("Nothing changes: the pack has these dates already."))
    if flags["dry_run"]:
        return Answer(document, lambda: click.echo("A dry run: nothing was written."))
    if somebody_answers() and not flags["yes"] and not _confirmed():
        return Answer(document, lambda: click.echo("Nothing was written."))
    try:
        target.write(before, after)
    except (OSError, PackMoved) as trouble:
        raise target.why_not(trouble) from None
    return _written(document, target)


def _confirmed() -> bool:
    try:
        return click.confirm("Write this?", err=True)
    except click.Abort:
        return False


def _written(document: dict[str, Any], target: DatesTarget) -> Answer:
    written = {**document, "written": True, "npq_pack": None if target.to is None else str(target.to)}

    def show() -> None:
        click.echo(f"Written to {target.to or target.folder}.")
        if target.to is not None:
            click.echo(f"NPQ_PACK={target.to}")
            click.echo(SET_IT)

    return Answer(written, show)
