"""Each connection to PostgreSQL is made here, and speaks as our code expects, whatever its role, database or surroundings are set to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from core.database.database_faults import DatabaseRefused
from core.database.pool_guards import giving_up_after
from core.database.unreachable_server import Door, why, wrong_encoding

if TYPE_CHECKING:
    import psycopg

CLIENT_ENCODING = "utf8"
ISOLATION = "READ COMMITTED"  # said in each BEGIN, so that it holds behind a pgbouncer that pools transactions as well
_SERVER_ENCODING = "UTF8"
# How days, instants and literals are written. Such a pgbouncer keeps just these for each of its clients.
_EXPECTED = {"datestyle": "ISO, MDY", "timezone": "UTC", "standard_conforming_strings": "on"}
_KEPT_FOR_SURE = (  # what was sent must not be forgotten by a server that crashes: it would be posted again
    "set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), false)"
)


def speak_as_expected(engine: Engine, called: str, limits: Mapping[str, str], silence: float | None) -> None:
    """Makes the engine's connections. `limits`: further settings, as PostgreSQL names them. `silence`: as `giving_up_after`.

    Raises `DatabaseRefused` when there is no connection to be had, saying why, or when the database can't keep every letter.
    """
    import psycopg

    kind = psycopg.Connection if silence is None else giving_up_after(silence)
    settings = [f"set_config('{name}', '{value}', false)" for name, value in {**_EXPECTED, **limits}.items()]
    greeting = f"SELECT current_setting('server_encoding'), pg_backend_pid(), {', '.join([*settings, _KEPT_FOR_SURE])}"

    @event.listens_for(engine, "do_connect")
    def connect(_: Any, __: Any, arguments: Any, named: Any) -> Any:
        door = Door.named(called, named)
        try:
            connection = kind.connect(*arguments, autocommit=True, **named)
            encoding = _greet(connection, greeting)
        except (psycopg.Error, UnicodeError) as error:
            raise why(error, door) from error
        except (TypeError, ValueError) as error:
            raise DatabaseRefused(
                f"{called} has an option that can't be used: look at what stands behind its “?”."
            ) from error
        if encoding != _SERVER_ENCODING:
            connection.close()
            raise wrong_encoding(encoding, door)
        return connection


def _greet(connection: psycopg.Connection[Any], greeting: str) -> str:
    """Settles everything in one way there and back; the encoding of the database."""
    try:
        row = connection.execute(greeting.encode()).fetchone()
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise
    assert row is not None
    encoding, process, *_ = row
    if process != connection.info.backend_pid:  # a pooler stands between, and gives others what was prepared for us
        connection.prepare_threshold = None
    return str(encoding)
