"""Opens the database, brings it to the newest migration, and hands out transactions.

SQLite is embedded: write-ahead log, one writer at a time who locks before reading. PostgreSQL when that is outgrown.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy import Engine as Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

import migrations
from core.database.database_faults import DatabaseBusy as DatabaseBusy
from core.database.database_faults import DatabaseRefused as DatabaseRefused
from core.database.database_faults import SchemaNotReady as SchemaNotReady
from core.database.database_faults import plain, refuse_network_drive, said_plainly
from core.database.database_urls import SETTING, file_of, read_address
from core.database.database_urls import in_words as in_words
from core.database.pool_guards import drop_those_that_only_read, make_no_file, notice_another_file
from core.database.postgres_connections import CLIENT_ENCODING, ISOLATION, speak_as_expected
from core.database.sqlite_file import look, make, nothing_in, require_file, require_folder

if TYPE_CHECKING:
    from alembic.config import Config

SchemaState = Literal["missing", "old", "head", "newer"]
BUSY_SECONDS = 5
FEW_PAGES = "cache_size=-256"  # kB a connection instead of 2 MB: answers need few, and the system keeps the rest
CONNECT_SECONDS = 2  # psycopg takes 2 as the least
STANDS_STILL_SECONDS = 20  # in the middle of a transaction: who answers people and is suspended loses its locks then
UNANSWERED_SECONDS = 5  # a connection that nothing comes back on for so long is given up
_VERSIONS = "alembic_version"  # the table that tells a database's version
_MOVED = 1_852_862_838  # the user_version of a SQLite file that was moved away
_WRITES = "npq_writes"  # the execution option that makes SQLite lock before it reads
_CHECKED = "npq_checked"  # and the one by which its writer says that no row needs its participant looked for again


def open_database(
    url: str, *, patience: int | None = None, silence: float | None = None, called: str = SETTING
) -> Engine:
    """An engine for `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgres://…` or `postgresql://…`.

    With `patience`, for a process that answers people: nobody waits longer than so many seconds for another's writing, and a
    connection to a SQLite file keeps few of its pages. With `silence`, for a process that runs on: a connection on which
    PostgreSQL takes longer than so many seconds for one answer is given up. `called` is the setting or argument that holds the
    address. Connects to nothing yet, and never makes a file. Raises `DatabaseRefused` for an address that can't be used.
    """
    address = read_address(url, called)
    if address.drivername == "sqlite":
        return _sqlite(address, patience)
    try:
        return _postgres(address, called, patience, silence)
    except ModuleNotFoundError as error:
        raise DatabaseRefused("PostgreSQL needs its driver: install npq-engagement-bot[postgres].") from error


def _postgres(url: URL, called: str, patience: int | None, silence: float | None) -> Engine:
    ours = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": UNANSWERED_SECONDS * 1000}
    given: dict[str, Any] = {name: value for name, value in ours.items() if name not in url.query}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level=ISOLATION,
        connect_args={**given, "client_encoding": CLIENT_ENCODING},
    )
    limits = {}
    if patience is not None:
        limits["lock_timeout"] = f"{patience}s"
        limits["idle_in_transaction_session_timeout"] = f"{STANDS_STILL_SECONDS}s"
    speak_as_expected(engine, called, limits, silence)
    drop_those_that_only_read(engine)
    return engine


def _sqlite(url: URL, patience: int | None) -> Engine:
    file = file_of(url)
    require_folder(file)
    refuse_network_drive(file)
    waits = BUSY_SECONDS if patience is None else patience
    settings = ["synchronous=FULL", "foreign_keys=ON", f"busy_timeout={waits * 1000}"]
    if patience is not None:
        settings.append(FEW_PAGES)
    engine = create_engine(url, connect_args={"timeout": waits, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # this module begins transactions itself
        cursor = connection.cursor()
        tables = {name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if _VERSIONS in tables:
            cursor.execute("PRAGMA journal_mode=WAL")  # stays with the file: never with another program's
        for setting in settings:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        checked = options.get(_CHECKED, False)
        if connection.info.get(_CHECKED, False) != checked:  # can be said between transactions only
            connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if checked else 'ON'}")
            connection.info[_CHECKED] = checked
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES, False) else "BEGIN")

    drop_those_that_only_read(engine)
    make_no_file(engine, file)
    notice_another_file(engine, file)
    return engine


_open = threading.local()  # the session that this thread reads in, if any


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session to read in: one snapshot on SQLite; nothing is kept of what it might write. Raises as `writing` does.

    Within another of the same thread and engine it is that one: who asks several things sees one state.
    """
    outer: Session | None = getattr(_open, "session", None)
    if outer is not None and outer.bind is engine:
        yield outer
        return
    with said_plainly(), Session(engine) as session:
        _open.session = session
        try:
            yield session
        finally:
            _open.session = outer


@contextmanager
def writing(engine: Engine, *, checked: bool = False) -> Iterator[Session]:
    """A session to change things in: one transaction, committed at the end, rolled back on any error.

    On SQLite it takes the write lock before it reads, so that read-then-write is safe. Raises `DatabaseBusy` when somebody
    else writes for too long, `DatabaseRefused` for what else a person can mend.

    `checked` is for who writes many rows, removes none, and has looked for the participant of each in this transaction:
    SQLite then does not look for them once more. Nobody else can remove one meanwhile, as the write lock is held.
    """
    writer = engine.execution_options(**{_WRITES: True, _CHECKED: checked})
    with said_plainly(), Session(writer, expire_on_commit=False) as session, session.begin():
        _refuse_moved(session.connection())  # begins now: whoever waits for the lock waits here
        yield session


def server_time(engine: Engine) -> datetime | None:
    """What the database server's clock shows; None with SQLite, which is on the machine that asks."""
    if engine.dialect.name == "sqlite":
        return None
    with said_plainly(), engine.connect() as connection:
        shown: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return shown


@contextmanager
def exclusively(engine: Engine) -> Iterator[Connection]:
    """A connection that holds SQLite's write lock: others may read, nobody else may write, until it ends."""
    with said_plainly(), engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def close_for_good(connection: Connection, home: str) -> None:
    """Marks a SQLite file as moved; every process refuses to use it from the next write or start on."""
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS moved_to (home TEXT NOT NULL)")
    connection.exec_driver_sql("DELETE FROM moved_to")
    connection.execute(text("INSERT INTO moved_to VALUES (:home)"), {"home": home})
    connection.exec_driver_sql(f"PRAGMA user_version = {_MOVED}")  # in the file's head: cheap to look at in each write


def open_again(engine: Engine) -> bool:
    """Takes back `close_for_good`; says whether there was something to take back."""
    if engine.dialect.name != "sqlite":
        return False
    require_file(file_of(engine.url))
    with exclusively(engine) as connection:
        closed = connection.exec_driver_sql("PRAGMA user_version").scalar() == _MOVED
        if closed:
            connection.exec_driver_sql("PRAGMA user_version = 0")
            connection.exec_driver_sql("DROP TABLE moved_to")
    return closed


def _refuse_moved(connection: Connection) -> None:
    if connection.dialect.name != "sqlite" or connection.exec_driver_sql("PRAGMA user_version").scalar() != _MOVED:
        return
    home = connection.exec_driver_sql("SELECT home FROM moved_to").scalar()
    raise DatabaseRefused(
        f"This database was moved to PostgreSQL ({home}): set DATABASE_URL to its address there, "
        "or run npq database reopen to use the old file again."
    )


def migrate(engine: Engine) -> None:
    """Brings the database to the newest migration; changes nothing when it is there. Makes a SQLite file that is not there yet.

    Raises `DatabaseRefused`.
    """
    if schema_state(engine) == "newer":
        raise SchemaNotReady("This database belongs to a newer version of npq; install that version.")
    if engine.dialect.name == "sqlite":
        make(file_of(engine.url))
    # a table that others refer to is made anew by SQLite: the old one could not be dropped while it looks for their rows
    with reachable(), engine.execution_options(**{_WRITES: True, _CHECKED: True}).begin() as connection:
        _refuse_moved(connection)
        upgrade(connection)
    if engine.dialect.name == "sqlite":
        engine.dispose()  # from now on the file is ours, and opened as such


def upgrade(connection: Connection) -> None:
    """The same within a transaction of the caller's."""
    from alembic import command

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def schema_state(engine: Engine) -> SchemaState:
    """Whether the database has this program's tables: none, an older version's, exactly these, or a newer version's.

    Raises `DatabaseRefused` where nothing can be looked at, or where they are another program's.
    """
    if engine.dialect.name == "sqlite" and look(file_of(engine.url)) != "there":
        return "missing"
    with reachable(), engine.connect() as connection:
        there = inspect(connection)
        made = there.has_table(_VERSIONS)
        current = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSIONS}").scalar() if made else None
        ours = current is None or there.has_table("participant_revision")
        if engine.dialect.name == "sqlite" and not made:  # on a server another program's may stand beside ours
            ours = not there.get_table_names()
    if not ours:
        raise DatabaseRefused(f"Another program works with {in_words(engine.url)}: give npq one of its own.")
    if current is None:
        return "missing"
    known = _versions()
    if current not in known:
        return "newer"
    return "head" if current == max(known) else "old"


def _versions() -> set[str]:
    """The migrations that there are, by the numbers that their files begin with: each follows the one below it."""
    folder = Path(migrations.__file__).parent / "versions"
    return {file.name.partition("_")[0] for file in folder.glob("[0-9]*_*.py")}


def require_head(engine: Engine) -> None:
    """Raises `SchemaNotReady`, naming `npq migrate`, unless the database is at this program's version."""
    state = schema_state(engine)
    if state == "missing":
        raise _nothing_yet(engine.url)
    if state == "old":
        raise SchemaNotReady(f"The database is one or more versions behind ({in_words(engine.url)}); run: npq migrate")
    if state == "newer":
        raise SchemaNotReady("This database belongs to a newer version of npq; install that version.")
    if engine.dialect.name == "sqlite":
        with reachable(), engine.connect() as connection:
            _refuse_moved(connection)


def _nothing_yet(url: URL) -> SchemaNotReady:
    if url.drivername == "sqlite" and (found := look(file_of(url))) != "there":
        return nothing_in(file_of(url), found)
    return SchemaNotReady(
        f"There are no tables yet in {in_words(url)}: let DATABASE_URL name another if you have one; to begin a new database "
        "there, run: npq migrate"
    )


@contextmanager
def reachable() -> Iterator[None]:
    """Turns a database that can't be reached into one sentence, without its address (it may hold a password)."""
    try:
        yield
    except DBAPIError as error:
        if (said := plain(error)) is not None:
            raise said from error
        cause = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else "no reason given"
        raise DatabaseRefused(
            f"The database can't be used: {cause}. Check DATABASE_URL and that it is running."
        ) from error


def _alembic() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
