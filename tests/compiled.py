"""What SQLAlchemy has once made of a statement serves all of the tests' databases of one kind.

It keeps that for each engine, and each test has one of its own: a third of all time went into making the same anew. A process
that runs on has one engine, and keeps it likewise.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Mapper
from sqlalchemy.util import LRUCache

MOST = 3000  # statements, of all kinds


class Kept(LRUCache[Any, Any]):
    """By what the dialect is, where SQLAlchemy goes by whose it is."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_any(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_any(key), value)


def _of_any(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    written = getattr(dialect, "_backslash_escapes", None)  # on PostgreSQL, by a setting of the server
    return (dialect.name, dialect.driver, written, *rest)


def share() -> None:
    """From now on, in this process."""
    kept = Kept(MOST)

    def of_engine(connection: Connection) -> None:
        connection.engine._compiled_cache = kept

    def of_mapper(mapper: Mapper[Any], _: type[Any]) -> None:
        mapper._compiled_cache = kept

    event.listen(Engine, "engine_connect", of_engine)
    event.listen(Mapper, "mapper_configured", of_mapper)
