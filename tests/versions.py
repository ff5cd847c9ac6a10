"""Databases as earlier versions of the program left them."""

from __future__ import annotations

from collections.abc import Callable

from alembic.config import Config
from sqlalchemy import Engine

from core.database.database import _CHECKED, _alembic
from tests import guard


def step(engine: Engine, way: Callable[[Config, str], None], version: str) -> None:
    """Takes the database up or down (alembic's `command.upgrade`, `command.downgrade`), as `migrate` does: in one transaction."""
    config = _alembic()
    with engine.execution_options(**{_CHECKED: True}).begin() as connection, guard.let_through(connection):
        config.attributes["connection"] = connection
        way(config, version)
