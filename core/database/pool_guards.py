"""Keeps a pool's connections good: none that went silent, that may only read, or whose file was replaced beneath it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from core.database.database_faults import DatabaseRefused
from core.database.sqlite_file import require_file

if TYPE_CHECKING:
    import psycopg


def giving_up_after(seconds: float) -> type[psycopg.Connection[Any]]:
    """PostgreSQL's connections, but one on which no answer comes for so long is closed, as if the server had let go of us.

    The system notices where nobody takes what we send; it does not where it was taken and a proxy, say, then hangs.
    """
    import psycopg

    class Watched(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            began = time.monotonic()
            try:
                return super().wait(gen, interval, seconds if timeout is None else timeout)
            except psycopg.OperationalError as error:
                if error.sqlstate is None and time.monotonic() - began >= seconds:
                    self.pgconn.finish()
                raise

    return Watched


def drop_those_that_only_read(engine: Engine) -> None:
    """One that was opened while nothing might be written stays so: once one says that, all are opened anew."""

    @event.listens_for(engine, "handle_error")
    def look(context: Any) -> None:
        cause = context.original_exception
        of_sqlite = (getattr(cause, "sqlite_errorname", None) or "").startswith("SQLITE_READONLY")
        if of_sqlite or getattr(cause, "sqlstate", None) == "25006":
            context.is_disconnect = True
            engine.dispose()  # SQLite's share what they know of the file: all of them have to go


def make_no_file(engine: Engine, file: Path) -> None:
    """On SQLite: whoever connects to a file that is not there is told so, and none is made by the way."""

    @event.listens_for(engine, "do_connect")
    def connect(_: Any, __: Any, arguments: Any, named: Any) -> None:
        require_file(file)
        arguments[0] = f"{file.as_uri()}?mode=rw"
        named["uri"] = True


def notice_another_file(engine: Engine, file: Path) -> None:
    """On SQLite: whoever goes on in a file that was moved or replaced writes what nobody will find."""

    def there() -> tuple[int, int] | None:
        try:
            found = os.stat(file)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @event.listens_for(engine, "connect")
    def opened(_: Any, record: Any) -> None:
        record.info["file"] = there()

    @event.listens_for(engine, "checkout")
    def taken(_: Any, record: Any, __: Any) -> None:
        if record.info["file"] == (now := there()):
            return
        if now is None:
            raise DatabaseRefused(f"The database file {file} is gone: put it back, or restore a backup.")
        raise DisconnectionError("another file")
