"""What DATABASE_URL names: read and checked, and said again in words that never hold its password."""

from __future__ import annotations

import os
import re
from pathlib import Path
from unicodedata import category
from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.database.database_faults import DatabaseRefused

SETTING = "DATABASE_URL"
ENCODED = "@ is written %40, : %3A, / %2F, # %23, ? %3F, % %25 and a blank %20"
_SERVERS = ("postgres", "postgresql")
_RIGHT = "write sqlite:////srv/npq/npq.db or postgresql://user:password@host/name."
_LAST_PORT = 65_535
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control codes, line breaks, marks without width, bytes that are no UTF-8
_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|.*\\", re.DOTALL)


def read_address(text: str, called: str = SETTING) -> URL:
    """The address that a setting or argument `called` so holds. Raises `DatabaseRefused`; what stood there is not repeated."""
    text = text.strip()
    if any(category(letter) in _INVISIBLE for letter in text):
        raise DatabaseRefused(f"{called} holds a line break or another mark that no address has; write it anew.")
    kind, colon, rest = text.partition(":")
    if kind == "sqlite" and colon:
        return _of_file(rest, called)
    if kind in _SERVERS and rest.startswith("//"):
        return _of_server(text, called)
    if "://" not in text:
        raise DatabaseRefused(f"{called} can't be read; {_RIGHT}")
    raise DatabaseRefused(f"{called} must begin with sqlite:/// or postgresql://.")


def _of_file(rest: str, called: str) -> URL:
    path = rest.removeprefix("///")
    if rest in ("//", "///") or ":memory:" in rest:
        raise DatabaseRefused(f"{called} names no file, so all would be forgotten with each command; {_RIGHT}")
    if path == rest:
        raise DatabaseRefused(
            f"{called} has too few slashes: after sqlite: come three and a path from the working directory "
            "(sqlite:///npq.db), or four and a path from the root (sqlite:////srv/npq/npq.db)."
        )
    if "?" in path or path.startswith("file:"):
        raise DatabaseRefused(f"{called} holds more than the path of a file; {_RIGHT}")
    if os.name != "nt" and _OF_WINDOWS.match(path):
        raise DatabaseRefused(f"{called} holds a path as Windows writes it, and this is another system; {_RIGHT}")
    return URL.create("sqlite", database=path)


def _of_server(text: str, called: str) -> URL:
    if text.count("@") > 1:
        raise DatabaseRefused(f"{called} has one @ too many: in a user's name or password {ENCODED}.")
    if any(map(str.isspace, text.rpartition("@")[0])):
        raise DatabaseRefused(f"{called} has a blank in the user's name or password: {ENCODED}; {_RIGHT}")
    try:
        url = make_url(text)
        if not 0 < (url.port or 1) <= _LAST_PORT:  # it may be meant as a password: it is not repeated
            raise ValueError
    except (ArgumentError, ValueError) as error:
        raise DatabaseRefused(f"{called} can't be read: in a user's name or password {ENCODED}; {_RIGHT}") from error
    return url.set(host=unquote(url.host or "") or None, database=unquote(url.database or "") or None)


def file_of(url: URL) -> Path:
    """The whole path of the file that a SQLite address names."""
    return Path(os.path.abspath(url.database or ""))


def in_words(url: URL) -> str:
    """Which database it is, for people: the file's whole path, or the database's name and its server."""
    if url.drivername == "sqlite":
        return f"the SQLite file {file_of(url)}"
    return f"the PostgreSQL database “{url.database or url.username or 'of the user'}” on {_host(url)}"


def _host(url: URL) -> str:
    given = url.host or url.query.get("host") or "this machine"
    host = given if isinstance(given, str) else ", ".join(given)
    return f"{host}, port {url.port}" if url.port else host
