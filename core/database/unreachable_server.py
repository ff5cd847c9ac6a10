"""Why a PostgreSQL server did not let us in, each as one sentence that says how to mend it.

While a connection is made libpq keeps the server's code to itself, so this goes by the words: those of libpq and psycopg, which no
locale changes within Python, and the server's. The words of a server that speaks another language are handed on as they are.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.database.database_faults import DatabaseGone, DatabaseRefused, plain
from core.database.database_urls import ENCODED


@dataclass(frozen=True, slots=True)
class Door:
    """Where we wanted in, as whom; `called` is the setting or argument that says so."""

    called: str
    host: str
    port: str
    user: str
    database: str

    @classmethod
    def named(cls, called: str, given: Mapping[str, Any]) -> Door:
        """By what psycopg is given; "" for what it is not."""
        host, port, user, database = (str(given.get(name) or "") for name in ("host", "port", "user", "dbname"))
        return cls(called, host, port, user, database or user)

    @property
    def server(self) -> str:
        """The server, for people."""
        if not self.host:
            return "this machine's socket"
        return f"{self.host}, port {self.port}" if self.port else self.host

    def create(self, database: str) -> str:
        """The command that makes a database; the C locale fits any encoding, and nothing of ours is sorted by another."""
        options = (("-h", self.host), ("-p", self.port), ("-O", self.user))
        given = [f"{option} {shlex.quote(value)}" for option, value in options if value]
        return " ".join(["createdb -E UTF8 -T template0 -l C", *given, shlex.quote(database)])


# The first whose words are in the message: a server's before libpq's own, as of several tries one may have come further.
_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("Peer authentication failed", "Ident authentication failed"),
        "On this machine's socket the database server lets each in under the system user's own name only: write "
        "postgresql://{user}:password@localhost/{database}, or change its pg_hba.conf.",
    ),
    (
        ("no password supplied", "empty password"),
        "The database server at {server} asks for a password and {called} has none: write it behind the user's name, "
        "postgresql://{user}:password@….",
    ),
    (
        ("authentication failed",),
        "The database server at {server} does not take this password for the user “{user}”: compare both with what the "
        f"server has; in {{called}} a password's {ENCODED}.",
    ),
    (
        ("sslmode=require", "SSL required", "SSL connection is required"),
        "The database server at {server} takes encrypted connections only: write ?sslmode=require at the end of {called}.",
    ),
    (
        ("pg_hba.conf",),
        "The pg_hba.conf of the database server at {server} does not let the user “{user}” from this machine into the database "
        "“{database}”: add a line for it there or, where only encrypted connections are let in, write ?sslmode=require at "
        "the end of {called}.",
    ),
    (
        ("is starting up", "is shutting down", "in recovery mode", "not yet accepting connections"),
        "The database server at {server} is just starting or stopping: please try again in a minute.",
    ),
    (
        ("too many clients", "too many connections", "connection slots", "no more connections allowed"),
        "The database server at {server} takes no more connections: please try again in a minute; if it stays, raise its "
        "max_connections or the user's own limit, or run fewer processes.",
    ),
    (
        ("permission denied for database",),
        "The user “{user}” may not use the database “{database}”: let its owner give them CONNECT, or mend {called}.",
    ),
    (
        ('database "{database}" does not exist', "no such database"),  # the latter are a pgbouncer's words
        "There is no database “{database}” on the server at {server}: mend the name in {called}, or make it with {create}.",
    ),
    (
        ('role "{user}" does not exist', "no such user", "not permitted to log in"),
        "The database server at {server} has no user “{user}” who may log in: mend the name in {called}, or make it with "
        "createuser -P {user}.",
    ),
    (
        ("does not support SSL", "does not support GSS"),
        "The database server at {server} does not encrypt, as sslmode in {called} asks: turn ssl on there, or leave sslmode "
        "out.",
    ),
    (
        ("root certificate", "certificate verify failed", "does not match host name", "SSL error", "SSL SYSCALL"),
        "The encryption that sslmode in {called} asks for did not come about with the database server at {server}: compare its "
        "certificate with host, sslmode and sslrootcert.",
    ),
    (
        ("failed to resolve host", "could not translate host name", "'idna' codec"),
        "This machine knows no host “{host}”: mend the host in {called} (in a user's name or password "
        f"{ENCODED}), or this machine's name service.",
    ),
    (
        ("response to SSL negotiation", "expected authentication request"),
        "What answers at {server} is no PostgreSQL server: mend host and port in {called}.",
    ),
    (
        ("timeout expired", "timed out", "No route to host", "etwork is unreachable"),
        "The database server at {server} does not answer: please try again in a minute; if it stays, check the network and its "
        "firewalls, or mend host and port in {called}.",
    ),
    (
        ("Connection refused",),
        "Nothing takes connections at {server}: start PostgreSQL there, or mend host and port in {called}.",
    ),
    (
        ("on socket",),
        "No PostgreSQL listens on this machine's socket: start it, or name its host in {called}: "
        "postgresql://user:password@host/name.",
    ),
)
_NOT_TAKEN = "connection is bad: "  # psycopg's words where libpq does not take what it is given
_SPOKE = " failed: "  # libpq's before what the server said or, if it said nothing, what became of the connection
_LOST = ("closed the connection", "receive data", "send data", "reset by peer")


def why(error: Exception, door: Door) -> DatabaseRefused:
    """The sentence for an error while connecting."""
    text = str(error)
    names = {**asdict(door), "server": door.server, "create": door.create(door.database)}
    for words, sentence in _SENTENCES:
        if any(word.format(**names) in text for word in words):
            return DatabaseRefused(sentence.format(**names))
    if isinstance(error, ValueError) or _NOT_TAKEN in text or type(error).__name__ == "ProgrammingError":
        said = _words(text, _NOT_TAKEN)
        return DatabaseRefused(f"{door.called} holds something that can't be used ({said}): mend it, or leave it out.")
    if getattr(error, "sqlstate", None) is None and _SPOKE in text and not any(lost in text for lost in _LOST):
        said = _words(text, _SPOKE, "FATAL:")
        return DatabaseRefused(f"The database server at {door.server} does not let us in; it says: {said}")
    return plain(error) or DatabaseGone()


def wrong_encoding(encoding: str, door: Door) -> DatabaseRefused:
    """The sentence for a database in which not every letter can be kept."""
    return DatabaseRefused(
        f"The database “{door.database}” on the server at {door.server} keeps text as {encoding}, in which not every name can be "
        f"written: make another with {door.create(door.database + '_utf8')} and let {door.called} name that one."
    )


def _words(text: str, *before: str) -> str:
    """What stands behind these, on one line."""
    for begins in before:
        text = text.rpartition(begins)[2]
    return " ".join(text.split())
