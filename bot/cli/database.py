"""`npq database`: takes the database to PostgreSQL, saves it and brings it back."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.command_output import Answer, answers
from bot.cli.files import _progress
from bot.settings import read_settings
from core.database.database import in_words, open_database


@click.group()
def database() -> None:
    """The database itself: move it to PostgreSQL, back it up, restore it."""


@database.command()
@click.argument("to_url")
@answers
def move(to_url: str) -> Answer:
    """Takes everything from the SQLite file to an empty PostgreSQL database."""
    from core.upkeep import to_postgres

    source, target = open_database(read_settings().database_url), open_database(to_url, called="TO_URL")
    with _progress() as tell:
        moved = to_postgres.move(source, target, tell)
    total = sum(moved.rows.values())

    def show() -> None:
        if moved.before:
            click.echo(f"An earlier move brought all {total:,} rows to {moved.home}; they were compared, one by one.")
        else:
            click.echo(
                f"Moved {total:,} rows of {len(moved.rows)} tables to {moved.home}; counts and audit trail agree."
            )
        click.echo("Now set DATABASE_URL to the new address and start the processes again; the old file is closed.")

    return Answer(
        {
            "moved": True,
            "before": moved.before,
            "home": moved.home,
            "rows": moved.rows,
            "total": total,
            "audit": "whole",
        },
        show,
    )


@database.command()
@answers
def reopen() -> Answer:
    """Lets a SQLite file be used again that was moved away."""
    from core.upkeep import to_postgres

    reopened = to_postgres.reopen(open_database(read_settings().database_url))
    said = "The file may be used again." if reopened else "This database was not closed; nothing was changed."
    return Answer({"reopened": reopened}, lambda: click.echo(said))


@database.command()
@click.argument("file", type=click.Path(path_type=Path))
@answers
def backup(file: Path) -> Answer:
    """Copies the SQLite database into a new file, also while the bot runs."""
    from core.upkeep import backup

    saved = backup.backup(open_database(read_settings().database_url), file)
    said = f"Saved to {file}: whole, {saved.audit_entries:,} audit entries."
    return Answer({"file": str(file), "audit_entries": saved.audit_entries}, lambda: click.echo(said))


@database.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--over-newer", is_flag=True, help="Also where the database in place holds more than the backup.")
@answers
def restore(file: Path, over_newer: bool) -> Answer:
    """Puts a backup in the place of the SQLite database; stop the bot first."""
    from core.upkeep import backup

    engine = open_database(read_settings().database_url)
    saved = backup.restore(engine, file, over_newer=over_newer)
    whole = f"Restored {in_words(engine.url)} from {file}: whole, {saved.audit_entries:,} audit entries."
    said = f"{whole} Run npq migrate, then start the bot."
    return Answer({"file": str(file), "audit_entries": saved.audit_entries}, lambda: click.echo(said))
