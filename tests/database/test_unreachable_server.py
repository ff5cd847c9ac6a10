"""Which failure it was that kept us out of PostgreSQL: each its own sentence, none with the password."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from core.database.database import open_database, schema_state
from core.database.database_faults import DatabaseRefused
from core.database.unreachable_server import Door, why
from tests.fakes import postgres

PASSWORD = "pw@1/#:?%41 é"
LINES = """\
local all by_name peer
host all by_password 127.0.0.1/32 scram-sha-256
host all kept_out 127.0.0.1/32 reject
hostssl all encrypted 127.0.0.1/32 trust
hostnossl all encrypted 127.0.0.1/32 reject
"""


@pytest.fixture(scope="module")
def server() -> Iterator[URL]:
    """A server that does not let everybody in."""
    with postgres.server() as url:
        with psycopg.connect(url, autocommit=True) as administrator:
            for role in ("by_name", "by_password", "kept_out", "encrypted", "limited", "outsider", "no_login"):
                administrator.execute(f"CREATE ROLE {role} {'NOLOGIN' if role == 'no_login' else 'LOGIN'}")
            administrator.execute(f"ALTER ROLE by_password PASSWORD '{PASSWORD}'")
            administrator.execute("ALTER ROLE limited CONNECTION LIMIT 0")
            administrator.execute("CREATE DATABASE closed")
            administrator.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
            ((rules,),) = administrator.execute("SHOW hba_file").fetchall()
            Path(rules).write_text(LINES + Path(rules).read_text(encoding="utf-8"), encoding="utf-8")
            administrator.execute("SELECT pg_reload_conf()")
        yield make_url(url)


def refusal(url: URL | str) -> str:
    """The sentence; it never holds the password."""
    address = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    engine = open_database(address)
    with pytest.raises(DatabaseRefused) as refused:
        schema_state(engine)
    engine.dispose()
    assert "secret-word" not in str(refused.value)
    assert PASSWORD not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"username": "by_password", "password": "secret-word"},
            "does not take this password for the user “by_password”",
        ),
        ({"username": "by_password", "password": "secret-word"}, "@ is written %40"),
        ({"username": "by_password"}, "asks for a password and DATABASE_URL has none"),
        ({"username": "nobody", "password": "secret-word"}, "has no user “nobody” who may log in"),
        ({"username": "no_login"}, "has no user “no_login” who may log in"),
        ({"username": "kept_out", "password": "secret-word"}, "does not let the user “kept_out” from this machine"),
        ({"username": "encrypted"}, "write ?sslmode=require at the end"),
        ({"username": "limited"}, "takes no more connections: please try again in a minute"),
        ({"username": "outsider", "database": "closed"}, "The user “outsider” may not use the database “closed”"),
        ({"database": "elsewhere"}, "There is no database “elsewhere” on the server at 127.0.0.1"),
        ({"database": "elsewhere"}, "createdb -E UTF8 -T template0"),
        ({"query": {"sslmode": "require"}}, "does not encrypt, as sslmode in DATABASE_URL asks"),
        ({"query": {"sslmode": "often"}}, "can't be used (invalid sslmode value"),
        ({"query": {"pgbouncer": "true"}}, 'can\'t be used (invalid connection option "pgbouncer")'),
        ({"query": {"options": "-c nonsense=1"}}, 'it says: unrecognized configuration parameter "nonsense"'),
        ({"port": 1, "password": "secret-word"}, "Nothing takes connections at 127.0.0.1, port 1"),
        ({"host": "db.invalid", "password": "secret-word"}, "This machine knows no host “db.invalid”"),
        ({"host": "db..invalid"}, "This machine knows no host “db..invalid”"),
        ({"host": None, "query": {"host": "/nowhere"}}, "No PostgreSQL listens on this machine's socket"),
    ],
)
def test_each_failure_is_its_own_sentence(server: URL, changed: dict[str, object], says: str) -> None:
    said = refusal(server.set(**changed))  # type: ignore[arg-type]
    assert says in said
    assert ("try again in a minute" in said) == ("more connections" in said)


def test_on_the_socket_a_user_is_the_system_s(server: URL) -> None:
    with psycopg.connect(server.render_as_string(hide_password=False)) as administrator:
        ((folder,),) = administrator.execute("SHOW unix_socket_directories").fetchall()
    said = refusal(server.set(host=None, username="by_name", query={"host": folder}))
    assert "under the system user's own name only" in said


def test_a_password_of_all_the_odd_marks_is_taken_once_encoded(server: URL) -> None:
    encoded = "pw%401%2F%23%3A%3F%2541%20%C3%A9"
    engine = open_database(f"postgresql://by_password:{encoded}@127.0.0.1:{server.port}/postgres")
    assert schema_state(engine) == "missing"
    engine.dispose()


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """Something that listens and is no PostgreSQL: it says this, or takes all and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    other, _ = listener.accept()
                except OSError:
                    return
                with other:
                    other.recv(100)
                    if answer is None:
                        stop.wait(10)
                    else:
                        other.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is no PostgreSQL server"),
        (b"", "does not answer: please try again in a minute"),
        (None, "does not answer: please try again in a minute"),
    ],
)
def test_what_else_may_listen_there(answer: bytes | None, says: str) -> None:
    with listening(answer) as port:
        assert says in refusal(f"postgresql://npq:secret-word@127.0.0.1:{port}/npq")


# What cannot be had from a throw-away server: the words of libpq, of poolers, and of servers that speak other languages.
AT = 'connection failed: connection to server at "10.0.0.7", port 5432 failed: '


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (f"{AT}FATAL:  the database system is starting up", "just starting or stopping: please try again"),
        (f"{AT}FATAL:  the database system is shutting down", "just starting or stopping: please try again"),
        (f"{AT}FATAL:  the database system is not yet accepting connections\nDETAIL:  …", "just starting or stopping"),
        (f"{AT}FATAL:  sorry, too many clients already", "no more connections: please try again"),
        (f"{AT}FATAL:  remaining connection slots are reserved for roles with …", "no more connections"),
        (f"{AT}FATAL:  no such database: npq", "There is no database “npq”"),
        (f"{AT}FATAL:  SASL authentication failed", "does not take this password"),
        (f"{AT}FATAL:  no more connections allowed (max_client_conn)", "no more connections"),
        (f"{AT}FATAL:  SSL required", "encrypted connections only"),
        (f"{AT}ERROR:  connection is insecure (try using `sslmode=require`)", "encrypted connections only"),
        (
            f'{AT}FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "npq", database "npq", no encryption',
            "pg_hba.conf",
        ),
        (f"{AT}SSL error: certificate verify failed", "compare its certificate"),
        (f'{AT}server certificate for "a" does not match host name "b"', "compare its certificate"),
        (f'{AT}root certificate file "/x" does not exist', "compare its certificate"),
        (f"{AT}Connection timed out\n\tIs the server running …", "does not answer: please try again in a minute"),
        (f"{AT}No route to host", "does not answer: please try again in a minute"),
        (f"{AT}server closed the connection unexpectedly", "does not answer: please try again in a minute"),
        ("connection timeout expired", "does not answer: please try again in a minute"),
        (f"{AT}FATAL:  Passwort-Authentifizierung für Benutzer »npq« fehlgeschlagen", "it says: Passwort-Auth"),
        (f"{AT}ВАЖНО:  пользователь «npq» не прошёл проверку подлинности", "it says: ВАЖНО: пользователь «npq»"),
        (
            'connection failed: connection to server at "::1", port 5432 failed: Connection refused\nMultiple connection '
            f"attempts failed. All failures were:\n- host: 'db': {AT}FATAL:  database \"npq\" does not exist",
            "There is no database “npq”",
        ),
    ],
)
def test_the_words_of_others(words: str, says: str) -> None:
    door = Door("DATABASE_URL", "10.0.0.7", "5432", "npq", "npq")
    said = str(why(psycopg.OperationalError(words), door))
    assert says in said
    assert "\n" not in said


def test_no_locale_changes_the_words_that_are_looked_for() -> None:
    """libpq's are translated where a process asks for it; Python does not."""
    asked = (
        "from core.database.database import open_database as o, schema_state as s; s(o('postgresql://127.0.0.1:1/npq'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Nothing takes connections at 127.0.0.1, port 1" in done.stderr
