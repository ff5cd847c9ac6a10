"""The file that a SQLite address names: what may stand in the way of using it, and who makes it."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Literal

from core.database.database_faults import DatabaseRefused, SchemaNotReady, plain

_RIGHTS = (
    "whoever runs npq must be allowed to read and write the database's file, the folder it is in and the -wal and -shm "
    "files beside it."
)


def look(file: Path) -> Literal["missing", "empty", "there"]:
    """Whether there is such a file. Raises `DatabaseRefused` for what can't be one; makes and opens nothing."""
    require_folder(file)
    try:
        found = file.lstat()
        if stat.S_ISLNK(found.st_mode):
            found = _behind_link(file)
    except FileNotFoundError:
        _refuse_encoded(file)
        return "missing"
    except OSError as error:
        raise DatabaseRefused(f"The database file {file} can't be reached ({error.strerror}): {_RIGHTS}") from error
    if stat.S_ISDIR(found.st_mode):
        raise DatabaseRefused(f"{file} is a folder: let DATABASE_URL name a file in it, such as {file / 'npq.db'}.")
    if not stat.S_ISREG(found.st_mode):
        raise DatabaseRefused(f"{file} is no file that a database could be in: let DATABASE_URL name another.")
    if not os.access(file, os.R_OK | os.W_OK):
        raise DatabaseRefused(f"The database file {file} may not be read and written: {_RIGHTS}")
    return "there" if found.st_size else "empty"


def require_folder(file: Path) -> None:
    """Raises `DatabaseRefused` unless the folder is there."""
    if not os.path.isdir(file.parent):
        _refuse_encoded(file)
        raise DatabaseRefused(
            f"The folder of the database, {file.parent}, does not exist: mend DATABASE_URL, or create it and run npq migrate."
        )


def require_file(file: Path) -> None:
    """Raises `SchemaNotReady` unless something is in the file already: nobody makes one by the way."""
    found = look(file)
    if found != "there":
        raise nothing_in(file, found)


def nothing_in(file: Path, found: str) -> SchemaNotReady:
    """The sentence for a file that is missing or empty."""
    if found == "empty":
        return SchemaNotReady(
            f"The database file {file} has 0 bytes, so nothing is in it (is it what was left of a copy?): restore a backup, "
            "or run npq migrate to begin a new database there."
        )
    return SchemaNotReady(
        f"There is no database file {file}: if you have one, let DATABASE_URL name it; run npq migrate to begin a new one "
        "there."
    )


def make(file: Path) -> None:
    """A database without tables, where there is none yet."""
    if look(file) == "there":
        return
    try:
        with closing(sqlite3.connect(file)) as beginning:
            beginning.execute("PRAGMA journal_mode=WAL")  # writes the file's head
    except sqlite3.Error as error:
        raise plain(error) or DatabaseRefused(f"The database file {file} can't be made ({error}): {_RIGHTS}") from error


def _behind_link(file: Path) -> os.stat_result:
    try:
        return file.stat()
    except FileNotFoundError as error:
        raise DatabaseRefused(
            f"{file} is a link to {os.readlink(file)}, which is not there: put that file back, or let DATABASE_URL name the "
            "file itself."
        ) from error


def _refuse_encoded(file: Path) -> None:
    """A path in a SQLite address is taken as it stands; it is not there, so perhaps it was not meant so."""
    if encoded := re.search(r"%[0-9A-Fa-f]{2}", str(file)):
        raise DatabaseRefused(
            f"There is no {file}: in DATABASE_URL the path of a SQLite file is written as it is, blanks and all, without "
            f"{encoded[0]}."
        )
