"""PostgreSQL as administrators set it up: whatever its roles, databases and surroundings say, the bot works alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from core.database.database import open_database, schema_state
from core.database.database_faults import DatabaseRefused
from tests.cli.conftest import FILES, Npq
from tests.fakes.slack import FakeSlack, words

ODD = {
    "British dates": {"datestyle": "'SQL, DMY'", "timezone": "'Asia/Kolkata'", "bytea_output": "'escape'"},
    "German dates": {"datestyle": "'German'", "timezone": "'America/St_Johns'", "intervalstyle": "'sql_standard'"},
    "dates in words": {"datestyle": "'Postgres, MDY'", "timezone": "'<+1345>-13:45'", "extra_float_digits": "-15"},
    "strict and old": {
        "default_transaction_isolation": "'serializable'",
        "standard_conforming_strings": "off",
        "client_encoding": "'LATIN1'",
        "synchronous_commit": "off",
        "default_transaction_deferrable": "on",
        "search_path": "'npqs_own'",
    },
}


@pytest.fixture
def server(postgres_url: str, monkeypatch: pytest.MonkeyPatch, surroundings: Path) -> psycopg.Connection[object]:
    """A connection to an empty database, which DATABASE_URL names; it lies in a schema of its own."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    connection = psycopg.connect(postgres_url, autocommit=True)
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE SCHEMA npqs_own")
    return connection


@pytest.mark.parametrize("odd", ODD)
def test_the_main_things_work_whatever_the_server_is_set_to(
    server: psycopg.Connection[object], bare: Npq, slack: FakeSlack, surroundings: Path, odd: str
) -> None:
    with server:
        for setting, value in ODD[odd].items():
            server.execute(f'ALTER DATABASE "{server.info.dbname}" SET {setting} = {value}')
    files = FILES | {"participants": FILES["participants"].replace("Ivy Chen", "Ivy Ŵyn-Żak")}
    for name, rows in files.items():
        (surroundings / f"{name}.csv").write_text(rows, encoding="utf-8")
    assert bare("migrate").code == 0
    paths = [f"{name}.csv" for name in files]
    assert bare("import", *paths).code == 0
    again = bare("import", *paths, "--json").json["files"]
    assert {(file["added"], file["changed"]) for file in again} == {(0, 0)}, "a day reads as it was written"
    bare(
        "place",
        "add",
        "--platform",
        "slack",
        "--id",
        "C0TEAM",
        "--partner",
        "Northern Hub",
        "--course-group",
        "specialist",
    )
    assert bare("due").code == 0
    assert bare("tick").code == 0
    assert any("Ivy Ŵyn-Żak" in words(post) for post in slack.said("C0TEAM"))
    extended = ("extend", "p-001", "--output", "2", "--until", "2022-07-29", "--reason", "workload")
    assert bare(*extended).code == 0
    assert bare("status", "p-001", "--output", "2", "--json").json["outputs"][0]["deadline"] == "2022-07-29"
    checks = {check["check"]: check for check in bare("doctor", "--json").json["checks"]}
    assert checks["Database"]["well"]
    assert checks["Audit trail"]["well"]
    assert checks["Delivery"]["well"]


def test_what_is_fixed_holds_against_the_surroundings_too(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c datestyle=German -c default_transaction_isolation=serializable")
    monkeypatch.setenv("PGTZ", "Asia/Kolkata")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    for patience in (None, 2):
        engine = open_database(f"{postgres_url}?client_encoding=WIN1252", patience=patience)
        with engine.connect() as connection:
            found = [
                connection.execute(text(f"SHOW {name}")).scalar()
                for name in ("datestyle", "timezone", "client_encoding", "transaction_isolation", "lock_timeout")
            ]
        assert found == ["ISO, MDY", "UTC", "UTF8", "read committed", "2s" if patience else "0"]
        engine.dispose()


def test_a_schema_that_is_not_there_is_said(server: psycopg.Connection[object], bare: Npq) -> None:
    with server:
        server.execute(f'ALTER DATABASE "{server.info.dbname}" SET search_path = nowhere')
    assert "search_path" in bare("migrate").sentence


def test_a_database_of_another_program_is_left_alone(server: psycopg.Connection[object], bare: Npq) -> None:
    with server:
        server.execute("CREATE TABLE alembic_version (version_num text)")
        server.execute("INSERT INTO alembic_version VALUES ('ae1027a6acf')")
    for command in ("migrate", "status"):
        assert "Another program works with" in bare(command, *(["p-001"] if command == "status" else [])).sentence


# --- a database that is not UTF-8 ------------------------------------------------------------------------------------


@pytest.fixture(params=["SQL_ASCII", "LATIN1", "WIN1252", "EUC_JP"])
def narrow(request: pytest.FixtureRequest, postgres_server: str) -> Iterator[str]:
    """The address of a database that can't keep every letter."""
    name = f"npq_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        kept = f"ENCODING '{request.param}' LC_COLLATE 'C' LC_CTYPE 'C'"
        server.execute(f'CREATE DATABASE "{name}" {kept} TEMPLATE template0')
        yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_database_that_is_not_utf8_is_refused_with_the_command_that_makes_one(
    narrow: str, npq: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (surroundings / "people.csv").write_text(FILES["participants"], encoding="utf-8")
    said = {npq("database", "move", narrow).sentence.replace("TO_URL", "DATABASE_URL")}
    assert npq("status", "p-001").code == 0, "the old file was not closed"
    monkeypatch.setenv("DATABASE_URL", narrow)
    commands = (("migrate",), ("import", "people.csv"), ("status", "p-001"), ("due",), ("tick",), ("worker",))
    said |= {npq(*command).sentence for command in commands}
    said |= {check["says"] for check in npq("doctor", "--json").json["checks"] if check["check"] == "Database"}
    (sentence,) = said
    assert "createdb -E UTF8 -T template0" in sentence
    with psycopg.connect(narrow) as server:
        assert server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_the_command_in_the_sentence_makes_one_that_is_taken(narrow: str) -> None:
    """As SQL, since not every machine has createdb."""
    with pytest.raises(DatabaseRefused, match="keeps text as") as refused:
        schema_state(open_database(narrow))
    words_of_it = str(refused.value).split()
    name = words_of_it[words_of_it.index("and", words_of_it.index("createdb")) - 1]
    with psycopg.connect(narrow, autocommit=True) as server:
        server.execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0")
        try:
            engine = open_database(make_url(narrow).set(database=name).render_as_string(hide_password=False))
            assert schema_state(engine) == "missing"
            engine.dispose()
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
