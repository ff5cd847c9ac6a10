"""The audit trail: each entry vouches for the one before, and the database lets nobody change one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import audit
from core.database.database import open_database, reading, writing
from tests.records.made import NOW


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Engine]:
    """SQLite alone, where the kind of database makes no difference."""
    opened = open_database(sqlite_url)
    yield opened
    opened.dispose()


def tell(engine: Engine, *acts: str, at: datetime = NOW, **detail: Any) -> None:
    for act in acts:
        with writing(engine) as session:
            audit.append(session, at=at, actor="Sam", actor_id=1, act=act, participant_id="p-1", detail=detail)


def verdict(engine: Engine) -> str | None:
    with reading(engine) as session:
        return audit.verify(session)


def unguarded(engine: Engine, statement: str) -> None:
    """Somebody who owns the database takes its guard away and changes what was written."""
    with engine.begin() as connection:
        for said in ("DROP TRIGGER audit_never_update", "DROP TRIGGER audit_never_delete", statement):
            connection.execute(text(said))


def test_an_empty_trail_is_whole(engine: Engine) -> None:
    assert verdict(engine) is None


def test_entries_hold_on_to_the_ones_before(engine: Engine) -> None:
    tell(engine, "extend", "contact", "defer", output=1, until="2022-01-28")
    with reading(engine) as session:
        newest_first = audit.entries(session)
    assert [entry.act for entry in newest_first] == ["defer", "contact", "extend"]
    assert [entry.previous for entry in newest_first] == [
        newest_first[1].hash,
        newest_first[2].hash,
        audit.BEGINNING,
    ]
    assert len({entry.hash for entry in newest_first}) == 3
    assert verdict(engine) is None


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"name": "Zoë “Ł” 😀", "b": None, "a": [1, 2, {"z": True, "y": "€"}]},
        {"until": "2022-01-28", "cohort": "2"},
    ],
    ids=["nothing", "everything", "plain"],
)
def test_whatever_the_detail_it_verifies(engine: Engine, detail: dict[str, Any]) -> None:
    tell(engine, "extend", **detail)
    assert verdict(engine) is None
    with reading(engine) as session:
        assert audit.entries(session)[0].detail == detail


@pytest.mark.parametrize(
    "at",
    [
        NOW.replace(microsecond=123456),
        NOW.astimezone(ZoneInfo("Europe/London")),
        NOW.astimezone(timezone(timedelta(hours=-5))),
    ],
    ids=["to-the-microsecond", "in-London", "in-New-York"],
)
def test_an_instant_verifies_in_whatever_zone_it_was_given(engine: Engine, at: datetime) -> None:
    tell(engine, "extend", at=at)
    assert verdict(engine) is None
    with reading(engine) as session:
        assert audit.entries(session)[0].at == at


def test_entries_about_one_participant_and_not_more_than_asked_for(engine: Engine) -> None:
    tell(engine, "extend", "contact")
    with writing(engine) as session:
        audit.append(session, at=NOW, actor="Ada", actor_id=None, act="import", participant_id=None, detail={})
    with reading(engine) as session:
        assert [entry.act for entry in audit.entries(session, "p-1")] == ["contact", "extend"]
        assert [entry.act for entry in audit.entries(session, limit=1)] == ["import"]
        assert audit.entries(session, "p-2") == []


def test_an_act_that_is_taken_back_leaves_no_entry(engine: Engine) -> None:
    tell(engine, "extend")
    with writing(engine) as session:
        audit.append(session, at=NOW, actor="Sam", actor_id=1, act="defer", participant_id="p-1", detail={})
        session.rollback()
    tell(engine, "contact")
    with reading(engine) as session:
        assert [entry.act for entry in audit.entries(session)] == ["contact", "extend"]
    assert verdict(engine) is None


def test_the_database_refuses_any_change(engine: Engine) -> None:
    tell(engine, "extend", "contact", "defer")
    for statement in (
        "UPDATE audit SET actor = 'Eve'",
        "UPDATE audit SET at = at WHERE id = 2",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 3",
    ):
        with pytest.raises(DBAPIError, match="only ever added to"), engine.begin() as connection:
            connection.execute(text(statement))
    with reading(engine) as session:
        assert len(audit.entries(session)) == 3
    assert verdict(engine) is None


def test_emptying_the_table_is_refused_too(postgres_url: str) -> None:
    """SQLite has no TRUNCATE; there it is DELETE."""
    engine = open_database(postgres_url)
    tell(engine, "extend")
    with pytest.raises(DBAPIError, match="only ever added to"), engine.begin() as connection:
        connection.execute(text("TRUNCATE audit"))
    engine.dispose()


def test_an_entry_that_is_inserted_over_another_is_refused_or_found(small: Engine) -> None:
    """SQLite's INSERT OR REPLACE removes the old row without asking a delete trigger; the chain tells all the same."""
    tell(small, "extend", "contact")
    replacing = (
        "INSERT OR REPLACE INTO audit SELECT id, at, 'Eve', actor_id, act, participant_id, detail, previous, hash "
        "FROM audit WHERE id = 1"
    )
    try:
        with small.begin() as connection:
            connection.execute(text(replacing))
    except DBAPIError:
        assert verdict(small) is None
    else:
        assert verdict(small) == "Audit entry 1 is not as it was written."


TAMPERED = [
    ("the first one's author", "UPDATE audit SET actor = 'Eve' WHERE id = 1", 1),
    ("whose act it was", "UPDATE audit SET actor_id = 9 WHERE id = 2", 2),
    ("what was done", "UPDATE audit SET act = 'contact' WHERE id = 2", 2),
    ("to whom", "UPDATE audit SET participant_id = 'p-2' WHERE id = 3", 3),
    ("when", "UPDATE audit SET at = '2022-01-01 00:00:00' WHERE id = 1", 1),
    ("a detail", "UPDATE audit SET detail = '{\"output\": 2}' WHERE id = 2", 2),
    ("its hash", "UPDATE audit SET hash = previous WHERE id = 2", 2),
    ("an entry is gone from the middle", "DELETE FROM audit WHERE id = 2", 3),
    ("the first is gone", "DELETE FROM audit WHERE id = 1", 2),
]


@pytest.mark.parametrize(("what", "statement", "named"), TAMPERED, ids=[row[0].replace(" ", "-") for row in TAMPERED])
def test_what_is_changed_behind_the_guard_is_found(small: Engine, what: str, statement: str, named: int) -> None:
    tell(small, "extend", "extend", "extend", output=1)
    unguarded(small, statement)
    assert verdict(small) == f"Audit entry {named} is not as it was written."
