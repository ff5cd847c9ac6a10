"""What stands in the way of using a database, each as one sentence that says how to mend it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

MOUNTS = Path("/proc/mounts")
NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs")


class DatabaseRefused(Exception):
    """A database that can't be used as it is; says in one sentence how to mend it."""


class SchemaNotReady(DatabaseRefused):
    """A database without tables, or at another version than this program."""


class DatabaseBusy(DatabaseRefused):
    """Somebody else is writing for longer than this process may wait; nothing was recorded."""

    def __init__(self) -> None:
        super().__init__(
            "Something is being written just now (an import, perhaps); nothing was recorded – please try again in a minute."
        )


class DatabaseGone(DatabaseRefused):
    """The server does not answer, or let go of us; what was being written may or may not have been kept."""

    def __init__(self) -> None:
        super().__init__(
            "The database can't be used, since it does not answer: please try again in a minute; if it stays, check that "
            "it is running and that DATABASE_URL names it."
        )


_FULL = "The disk of the database is full or can't be written, so nothing was changed: free some space there, then try again."
_READ_ONLY = (
    "The database may only be read: whoever runs npq must be allowed to write the database's file, the folder it is in "
    "and the -wal and -shm files beside it."
)
_CANNOT_OPEN = (
    "The database can't be opened: whoever runs npq must be allowed to read and write its file, the folder it is in and "
    "the -wal and -shm files beside it."
)
_NO_DATABASE = (
    "DATABASE_URL names a file that is no SQLite database, or a damaged one; name another, or restore a backup."
)
_NOT_ALLOWED = (
    "The database does not let the user in DATABASE_URL do that: make them its owner (ALTER DATABASE … OWNER TO …)."
)
_DISK = "The disk of the database can't be read or written as it should: check it, then try again."
_SERVER = (
    "The database server is in trouble of its own, its memory or its disk perhaps: look into its log, then try again."
)
_TOO_MANY = "The database takes no more connections: raise its max_connections, or run fewer processes."

_TOO_SHORT = "The database broke the connection off, since {} is set too short for the user in DATABASE_URL: raise it, then try again."

_OF_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR_WRITE": _FULL,
    "SQLITE_IOERR_SHMSIZE": _FULL,
    "SQLITE_IOERR": _DISK,
    "SQLITE_NOMEM": "There is no memory left for the database: free some on this machine, then try again.",
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": _CANNOT_OPEN,
    "SQLITE_NOTADB": _NO_DATABASE,
    "SQLITE_CORRUPT": _NO_DATABASE,
}
_OF_POSTGRESQL = {
    "53100": _FULL,
    "53300": _TOO_MANY,
    "25006": "The database may only be read: DATABASE_URL must name the server that takes writes, and neither its user nor the "
    "database may be set to default_transaction_read_only.",
    "42501": _NOT_ALLOWED,
    "3F000": "There is no schema for the tables: make the one that the search_path of the user in DATABASE_URL names, or RESET it.",
    "25P03": _TOO_SHORT.format("idle_in_transaction_session_timeout"),
    "25P04": _TOO_SHORT.format("transaction_timeout"),
    "57P05": _TOO_SHORT.format("idle_session_timeout"),
    "57014": "The database broke off what took longer than its statement_timeout allows, and nothing was changed: raise that for "
    "the user in DATABASE_URL.",
}
_OTHERS_FIRST = ("55P03", "40P01", "40001")  # a lock not to be had, a deadlock, a transaction that others overtook
_IN_TROUBLE = ("53", "54", "58", "XX")  # classes: resources, limits, the system below, damage
_GONE = ("57P01", "57P02", "57P03")


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turns what a person can mend, or wait for, from a driver's error into a sentence; other errors stay as they are."""
    try:
        yield
    except Exception as error:
        if (said := plain(error)) is not None:
            raise said from error
        raise


def plain(error: Exception) -> DatabaseRefused | None:
    """The sentence for a driver's error, SQLAlchemy's wrapping or not; None where nobody outside the program can help."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    name: str | None = getattr(cause, "sqlite_errorname", None)
    if name is not None:
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
            return DatabaseBusy()
        fitting = (said for known, said in _OF_SQLITE.items() if name == known or name.startswith(f"{known}_"))
        said = next(fitting, None)
        return None if said is None else DatabaseRefused(said)
    if not type(cause).__module__.startswith("psycopg"):
        return None
    state: str | None = getattr(cause, "sqlstate", None)
    if state in _OTHERS_FIRST:
        return DatabaseBusy()
    if state in _OF_POSTGRESQL:
        return DatabaseRefused(_OF_POSTGRESQL[state])
    if (state or "").startswith(_IN_TROUBLE):
        return DatabaseRefused(_SERVER)
    if lost or state in _GONE or (state or "").startswith("08") or (state is None and _is_operational(cause)):
        return DatabaseGone()
    return None


def _is_operational(cause: Exception) -> bool:
    """Without a state it was not the server that spoke: there is no connection."""
    return type(cause).__name__ in ("OperationalError", "ConnectionTimeout")


def refuse_network_drive(file: Path) -> None:
    """SQLite's write-ahead log needs memory that its processes share, which no drive on a network has."""
    if (kind := _file_system(file)) is not None:
        raise DatabaseRefused(
            f"{file} is on a network drive ({kind}), where SQLite can lose what it was given: keep it on a disk of this "
            "machine, or use PostgreSQL."
        )


def _file_system(file: Path) -> str | None:
    """The kind of network drive that a file is on; None for a disk, or where the system does not say."""
    try:
        mounted = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    inside, found = Path(os.path.realpath(file)), (0, "")
    for line in mounted:
        source, at, kind, *_ = [*line.split(" "), "", "", ""]
        if kind == "9p" and source == "none":
            kind = "a container's own disk"  # gVisor shows these so
        place = Path(at.replace("\\040", " "))
        if inside.is_relative_to(place) and len(place.parts) >= found[0]:
            found = (len(place.parts), kind)
    return found[1] if found[1] in NETWORK else None
