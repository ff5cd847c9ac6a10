"""`npq import`: files that are read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.cli.command_output import Answer, CommandContext, answers, lines, open_context
from core.services import dates_given, imports
from core.services.dates_given import LackingReviews
from core.services.imports import ImportRefused, ImportReport, RowProblem

MOST_SHOWN = 50
ROWS_SHOWN = 5
Tell = Callable[[str, int, int | None], None]


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", help="What the files are; default: recognised from their header.")
@click.option("--partner", help="Only this Delivery Partner's rows may be in them.")
@click.option(
    "--new-partner",
    "new_partners",
    multiple=True,
    help="This is a Delivery Partner of its own, though nearly spelt like one.",
)
@click.option("--mapping", type=click.Path(path_type=Path), help="How another system's columns and words become ours.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--skip-bad-rows", is_flag=True, help="Take the good rows and list the others.")
@click.option(
    "--same-ids-meant", is_flag=True, help="Ids nearly alike are two people; shared TRNs and e-mails are right."
)
@answers
def import_(
    files: tuple[Path, ...],
    kind: str | None,
    partner: str | None,
    new_partners: tuple[str, ...],
    mapping: Path | None,
    dry_run: bool,
    skip_bad_rows: bool,
    same_ids_meant: bool,
) -> Answer:
    """Reads CSV or XLSX files: all of them or, where a row is wrong, none."""
    context = open_context()
    try:
        with _progress() as tell:
            report = imports.import_files(
                context.installation,
                context.actor,
                files,
                kind=kind,
                partner=partner,
                new_partners=new_partners,
                mapping=mapping,
                dry_run=dry_run,
                skip_bad_rows=skip_bad_rows,
                same_ids_meant=same_ids_meant,
                now=context.now,
                progress=tell,
            )
    except ImportRefused as refused:
        problems = list(refused.problems)
        error = {"code": refused.code, "message": refused.message, "problems": [asdict(p) for p in problems]}
        return Answer({"error": error}, lambda: show_row_problems(problems, "Nothing was imported."), failed=True)
    failed = bool(report.problems) and not skip_bad_rows
    hints = _undated_cohorts(context) if report.written else []
    document = {**_document(report, dry_run, failed), "hints": hints}
    return Answer(document, lambda: _show(report, dry_run, failed, hints), failed=failed)


def _undated_cohorts(context: CommandContext) -> list[str]:
    """What to do about people without review dates: until those are known, none of them is reminded of anything."""
    found = dates_given.without_reviews(context.installation, context.actor, context.today)
    return [f"no review dates for {_whose(one)}: npq pack dates --blank dates.xlsx" for one in found]


def _whose(lacking: LackingReviews) -> str:
    if lacking.who is None:
        return lacking.cohort
    named = ", ".join(filter(None, (lacking.who, lacking.cohort, lacking.start)))
    return f"{named} ({lacking.people:,} {'person' if lacking.people == 1 else 'people'})"


@contextmanager
def _progress() -> Iterator[Tell | None]:
    """A bar per file on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield tell


def _document(report: ImportReport, dry_run: bool, failed: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "written": report.written,
        "dry_run": dry_run,
        "files": [asdict(file) for file in report.files],
        "problems": [asdict(problem) for problem in report.problems],
    }
    if failed:
        document["error"] = {"code": "rows_refused", "message": _refused(report)}
    return document


def _refused(report: ImportReport) -> str:
    count = len(report.problems)
    return (
        f"{count} {'cell or row is' if count == 1 else 'cells or rows are'} wrong, so nothing was imported: correct the "
        "file and import it again, or use --skip-bad-rows to take the good rows."
    )


def _show(report: ImportReport, dry_run: bool, failed: bool, hints: list[str]) -> None:
    console = lines()
    for file in report.files:
        counts = f"{file.added} new, {file.changed} changed, {file.unchanged} unchanged"
        skipped = f", {file.skipped} skipped" if file.skipped else ""
        console.print(Text(f"{file.path}: {file.kind}, {_counted(file.rows)}: {counts}{skipped}"))
        if file.ignored_columns:
            further = len(file.ignored_columns)
            console.print(
                Text(f"  {further} further column{'s' * (further != 1)} ignored: {', '.join(file.ignored_columns)}")
            )
        for warning in file.warnings[:MOST_SHOWN]:
            console.print(Text(f"  Please note: {warning}"))
        if len(file.warnings) > MOST_SHOWN:
            console.print(f"  … and {len(file.warnings) - MOST_SHOWN} more; --json lists all.")
    if report.problems:
        show_row_problems(list(report.problems), _refused(report) if failed else _skipped(dry_run))
    if dry_run:
        console.print("A dry run: nothing was written.")
    for hint in hints:
        click.echo(hint, err=True)


def _counted(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _skipped(dry_run: bool) -> str:
    return "The good rows would be taken; these would not." if dry_run else "The good rows were taken; these were not."


def show_row_problems(problems: list[RowProblem], said: str) -> None:
    """What is wrong in the rows of files, alike ones together, and what became of it all."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    alike = _told_once(problems)
    for some in alike[:MOST_SHOWN]:
        problem = some[0]
        place = imports.where(problem) + _rows(some)
        place += f", {problem.column}" if problem.column else ""
        value = f" (it says “{problem.value}”)" if problem.value else ""
        console.print(Text(f"{place}: {problem.message}{value}"))
    if further := sum(map(len, alike[MOST_SHOWN:])):
        console.print(f"… and {further} more; --json lists all.")
    console.print(Text(said))


def _told_once(problems: list[RowProblem]) -> list[list[RowProblem]]:
    """The problems, those together that differ in their row only, in the order of the first of each."""
    alike: dict[RowProblem, list[RowProblem]] = {}
    for problem in problems:
        alike.setdefault(replace(problem, row=None), []).append(problem)
    return list(alike.values())


def _rows(alike: list[RowProblem]) -> str:
    """Where the same thing is wrong: its row, or the first of so many."""
    numbers = [problem.row for problem in alike if problem.row]
    if len(numbers) < 2:
        return f", row {numbers[0]}" if numbers else ""
    shown = ", ".join(map(str, numbers[:ROWS_SHOWN]))
    return f", {len(numbers):,} rows ({shown}{' …' if len(numbers) > ROWS_SHOWN else ''})"
