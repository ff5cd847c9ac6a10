"""What trials need, and how many of them there are: a few in the normal suite, as many as are asked for otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference.pack import Pack
from tests.fakes import postgres
from tests.torture.nursery import Nursery
from tests.torture.scene import Databases, Stage

TRIALS = "NPQ_TORTURE_TRIALS"  # kill trials on each kind of database; set: the long version of every test
SEED = "NPQ_TORTURE_SEED"
LONG = bool(os.environ.get(TRIALS))
KINDS = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def seed() -> int:
    """What every trial's chances begin with; another one each time unless it is set."""
    given = os.environ.get(SEED)
    return int(given) if given else int.from_bytes(os.urandom(3), "big")


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where processes are forked."""
    with Nursery() as running:
        yield running


@pytest.fixture(scope="session")
def torture_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server whose plug may be pulled."""
    with postgres.running() as running:
        yield running


@pytest.fixture(scope="session")
def stage(
    nursery: Nursery, torture_server: postgres.Server, pack: Pack, tmp_path_factory: pytest.TempPathFactory
) -> Stage:
    """Where scenes are set."""
    folder: Path = tmp_path_factory.mktemp("torture")
    databases = Databases(folder, torture_server.url, pack)
    databases.prepare("sqlite", "postgres")
    return Stage(databases, nursery, folder)


def trials(few: int, many: int | None = None) -> int:
    """How many trials to make: few in the normal suite; as many as are asked for, or `many`, in the long version."""
    if not LONG:
        return few
    return int(os.environ[TRIALS]) if many is None else many
