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

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlmodel import Session

import migrations
from core.records.connections import drop_those_that_only_read, give_up_silent_ones, notice_another_file
from core.records.troubles import DatabaseBusy as DatabaseBusy
from core.records.troubles import DatabaseRefused as DatabaseRefused
from core.records.troubles import SchemaNotReady as SchemaNotReady
from core.records.troubles import plain, refuse_network_drive, said_plainly

if TYPE_CHECKING:
    from alembic.config import Config

SchemaState = Literal["missing", "old", "head", "newer"]
BUSY_SECONDS = 5
FEW_PAGES = "cache_size=-256"  # kB a connection instead of 2 MB: answers need few, and the system keeps the rest
CONNECT_SECONDS = 2  # psycopg takes 2 as the least
STANDS_STILL_SECONDS = 20  # in the middle of a transaction: who answers people and is suspended loses its locks then
UNANSWERED_SECONDS = 5  # a connection that nothing comes back on for so long is given up
_MOVED = 1_852_862_838  # the user_version of a SQLite file that was moved away
_WRITES = "npq_writes"  # the execution option that makes SQLite lock before it reads
_CHECKED = "npq_checked"  # and the one by which its writer says that no row needs its participant looked for again


def open_database(url: str, *, patience: int | None = None, silence: float | None = None) -> Engine:
    """An engine for `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgres://…` or `postgresql://…`.

    With `patience`, for a process that answers people: nobody waits longer than so many seconds for another's writing, and a
    connection to a SQLite file keeps few of its pages. With `silence`, for a process that runs on: a connection on which
    PostgreSQL takes longer than so many seconds for one answer is given up. Connects to nothing yet.
    Raises `DatabaseRefused` for an address that can't be used.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "sqlite":
            return _sqlite(parsed, patience)
        if parsed.drivername in ("postgres", "postgresql"):
            return _postgres(parsed, patience, silence)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseRefused(
            "DATABASE_URL can't be read; write sqlite:///npq.db or postgresql://user:password@host/name."
        ) from error
    except ModuleNotFoundError as error:
        raise DatabaseRefused("PostgreSQL needs its driver: install npq-engagement-bot[postgres].") from error
    raise DatabaseRefused("DATABASE_URL must begin with sqlite:/// or postgresql://.")


def _postgres(url: URL, patience: int | None, silence: float | None) -> Engine:
    ours = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": UNANSWERED_SECONDS * 1000}
    given = {name: value for name, value in ours.items() if name not in url.query}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True, connect_args=given
    )
    if patience is not None:

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.execute(f"SET lock_timeout = '{patience}s'")
            connection.execute(f"SET idle_in_transaction_session_timeout = '{STANDS_STILL_SECONDS}s'")
            connection.commit()

    if silence is not None:
        give_up_silent_ones(engine, silence)
    drop_those_that_only_read(engine)
    return engine


def _sqlite(url: URL, patience: int | None) -> Engine:
    if url.database and url.database != ":memory:" and not Path(url.database).parent.is_dir():
        raise DatabaseRefused(
            f"The folder of the database, {Path(url.database).parent}, does not exist; create it first."
        )
    if url.database and url.database != ":memory:":
        refuse_network_drive(Path(url.database))
    waits = BUSY_SECONDS if patience is None else patience
    settings = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={waits * 1000}"]
    if patience is not None:
        settings.append(FEW_PAGES)
    engine = create_engine(url, connect_args={"timeout": waits, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # this module begins transactions itself
        cursor = connection.cursor()
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
    if url.database and url.database != ":memory:":
        notice_another_file(engine, url.database)
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
    if engine.dialect.name != "sqlite" or _no_file_yet(engine.url):
        return False
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
    """Brings the database to the newest migration; changes nothing when it is there. Raises `DatabaseRefused`."""

    if schema_state(engine) == "newer":
        raise SchemaNotReady("This database belongs to a newer version of npq; install that version.")
    with reachable(), engine.execution_options(**{_WRITES: True}).begin() as connection:
        _refuse_moved(connection)
        upgrade(connection)


def upgrade(connection: Connection) -> None:
    """The same within a transaction of the caller's."""
    from alembic import command

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def schema_state(engine: Engine) -> SchemaState:
    """Whether the database has this program's tables: none, an older version's, exactly these, or a newer version's."""
    if _no_file_yet(engine.url):
        return "missing"
    with reachable(), engine.connect() as connection:
        made = inspect(connection).has_table("alembic_version")
        current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if made else None
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


def _no_file_yet(url: URL) -> bool:
    """Whether this is a SQLite file that is yet to be made: looking must not make it."""
    in_a_file = url.drivername == "sqlite" and url.database and url.database != ":memory:"
    return bool(in_a_file) and not Path(url.database or "").exists()


def require_head(engine: Engine) -> None:
    """Raises `SchemaNotReady`, naming `npq migrate`, unless the database is at this program's version."""
    state = schema_state(engine)
    if state == "missing":
        raise SchemaNotReady("The database has no tables yet; run: npq migrate")
    if state == "old":
        raise SchemaNotReady("The database is one or more versions behind; run: npq migrate")
    if state == "newer":
        raise SchemaNotReady("This database belongs to a newer version of npq; install that version.")
    if engine.dialect.name == "sqlite":
        with reachable(), engine.connect() as connection:
            _refuse_moved(connection)


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
