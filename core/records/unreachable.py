"""Why a PostgreSQL server did not let us in, each as one sentence that says how to mend it.

While a connection is made libpq keeps the server's code to itself, so this goes by the words: those of libpq and psycopg, which no
locale changes within Python, and the server's own. Of a server that speaks another language its own words are handed on.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.records.addresses import ENCODED
from core.records.troubles import DatabaseGone, DatabaseRefused, plain


@dataclass(frozen=True, slots=True)
class Door:
    """Where we wanted in, as whom; `called` is the setting or argument that says so."""

    called: str
    host: str
    server: str
    user: str
    database: str

    @classmethod
    def named(cls, called: str, given: Mapping[str, Any]) -> Door:
        """By what psycopg is given."""
        host, port = given.get("host"), given.get("port")
        server = f"{host}, port {port}" if port else str(host)
        user = str(given.get("user") or "")
        return cls(
            called, str(host), server if host else "this machine's socket", user, str(given.get("dbname") or user)
        )


# The first whose words are in the message: a server's before libpq's own, as of several tries one may have come further.
_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("Peer authentication failed", "Ident authentication failed"),
        "On this machine's socket the database server lets each in under the system user's own name only: write "
        "postgresql://{user}:password@localhost/{database}, or change its pg_hba.conf.",
    ),
    (
        ("no password supplied", "empty password"),
        "The database server at {server} asks for a password and {called} has none: write "
        "postgresql://{user}:password@{host}/{database}.",
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
        "max_connections, or run fewer processes.",
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


def why(error: Exception, door: Door) -> DatabaseRefused:
    """The sentence for an error while connecting."""
    text = str(error)
    names = {name: getattr(door, name) for name in Door.__slots__}
    for words, sentence in _SENTENCES:
        if any(word.format(**names) in text for word in words):
            return DatabaseRefused(sentence.format(create=_create(door.database), **names))
    if "FATAL:" in text or "ERROR:" in text:
        return DatabaseRefused(f"The database server at {door.server} lets nobody in; it says: {_words(text)}")
    if type(error).__name__ == "ProgrammingError" or "invalid" in text:  # psycopg's and libpq's, of what they are given
        return DatabaseRefused(
            f"{door.called} holds something that can't be used ({_words(text)}): mend it, or leave it out."
        )
    return plain(error) or DatabaseGone()


def wrong_encoding(encoding: str, door: Door) -> DatabaseRefused:
    """The sentence for a database in which not every letter can be kept."""
    return DatabaseRefused(
        f"The database “{door.database}” on the server at {door.server} keeps text as {encoding}, in which not every name can be "
        f"written: make another with {_create(door.database + '_utf8')} and let {door.called} name that one."
    )


def _create(database: str) -> str:
    """The command that makes a database; the C locale fits any encoding, and nothing of ours is sorted by another."""
    return f"createdb -E UTF8 -T template0 -l C {shlex.quote(database)}"


def _words(text: str) -> str:
    """What was said in the end, on one line: the server's own words where it spoke."""
    for severity in ("FATAL:", "ERROR:"):
        text = text.rpartition(severity)[2]
    return " ".join(text.split())
