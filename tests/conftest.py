"""Databases for tests: the real SQLite and the real PostgreSQL, each test its own."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import certifi
import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from bot.platforms import IDS
from bot.settings import setting_descriptions
from core.database.database import migrate, open_database
from core.derived.installation import Installation
from reference.loading import load_pack
from reference.pack import Pack
from tests import compiled, guard
from tests.fakes import postgres

SERVER_SETTING = "NPQ_TEST_DATABASE_URL"  # a PostgreSQL server to use instead of a throw-away one
TEMPLATE = "npq_template"

for _setting in setting_descriptions():  # whoever runs the tests may have set the real thing up
    os.environ.pop(_setting, None)
GUIDANCE = "edt-v18"  # what most tests are about: the pack that is used where none is chosen has none of its dates
os.environ["NPQ_PACK"] = GUIDANCE

guard.watch_connections()
compiled.share()

settings.register_profile("untimed", deadline=None)  # speed is for the benchmarks: a busy machine is no fault
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Files are made in memory, where there is room for them: a disk takes milliseconds over each of many transactions."""
    if config.option.basetemp is None and _may_be_used(postgres.MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(postgres.MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait longest begin first, beside the others: nobody is left alone with them at the end."""
    items.sort(key=lambda item: "torture" not in item.path.parts)


def pytest_collection_finish() -> None:
    """What has been loaded by now stays, and need not be looked through again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nobody_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that runs within the tests' own process would slow down all that follow."""
    monkeypatch.setattr("bot.giving_way.give_way", lambda: None)


@pytest.fixture(autouse=True)
def _by_the_door() -> Iterator[None]:
    """Facts and decisions change through one door, in tests too."""
    with guard.watching():
        yield


@pytest.fixture(scope="session", autouse=True)
def _few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One certificate authority alone: clients read the whole list each time, and nobody here speaks https."""
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----")
    found = tmp_path_factory.mktemp("authorities") / "authority.pem"
    found.write_text(first + end + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(found))
        yield


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(GUIDANCE)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server with one migrated database to copy from."""
    if given := os.environ.get(SERVER_SETTING):
        _make_template(given)
        yield given
        return
    with postgres.server() as url:
        _make_template(url)
        yield url


@pytest.fixture(scope="session")
def _administration(postgres_server: str) -> Iterator[Connection]:
    """One connection by which every test's database is made and dropped."""
    with _administrator(postgres_server) as connection:
        yield connection


@pytest.fixture
def postgres_url(postgres_server: str, _administration: Connection) -> Iterator[str]:
    """A PostgreSQL database of one's own, migrated."""
    name = f"npq_{uuid4().hex}"
    _administration.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}_{os.getpid()}"')
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    _administration.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "npq.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A SQLite file of one's own, migrated."""
    path = tmp_path / "npq.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, migrated and empty."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Each kind of database in turn."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def installation(engine: Engine, pack: Pack) -> Installation:
    """An installation over each kind of database in turn."""
    return Installation(engine, pack, platforms=IDS)


def _may_be_used(place: Path) -> bool:
    """Whether there is room for databases, and programs may be run, which some systems forbid there."""
    if not os.access(place, os.W_OK):
        return False
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize >= postgres.ROOM and not found.f_flag & os.ST_NOEXEC


def _make_template(server: str) -> None:
    name = f"{TEMPLATE}_{os.getpid()}"
    _administer(server, f'DROP DATABASE IF EXISTS "{name}"')
    _administer(server, f'CREATE DATABASE "{name}"')
    opened = open_database(make_url(server).set(database=name).render_as_string(hide_password=False))
    migrate(opened)
    with opened.begin() as connection:
        guard.watch_server(connection)
    opened.dispose()


def _administer(server: str, statement: str) -> None:
    with _administrator(server) as connection:
        connection.exec_driver_sql(statement)


@contextmanager
def _administrator(server: str) -> Iterator[Connection]:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
