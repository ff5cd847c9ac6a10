"""Where in Teams the bot can write: one row for each conversation, whoever notes it first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlmodel import Session, select

from core.database.database import _alembic, migrate, open_database, reading, writing
from core.records import teams_conversations
from core.records.teams_conversations import Conversation

NOW = datetime(2022, 6, 16, 8, 30, tzinfo=UTC)


def seen(id: str, **more: Any) -> Conversation:
    given: dict[str, Any] = {"kind": "personal", "service_url": "https://one", "person": "aad-1", "person_here": "29:1"}
    return Conversation(id=id, seen_at=NOW, **(given | more))


def test_the_newest_word_on_a_conversation_counts(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with ThreadPoolExecutor(8) as pool:  # as several web processes hear of it at once

        def note(number: int) -> None:
            with writing(engine) as session:
                teams_conversations.note(session, seen("a:1", service_url=f"https://{number}"))

        list(pool.map(note, range(8)))
    with writing(engine) as session:
        teams_conversations.note(session, seen("a:1", service_url="https://moved"))
        teams_conversations.note(session, seen("19:x", kind="channel", person=None, person_here=None))
    with reading(engine) as session:
        found = teams_conversations.find(session, "a:1")
        assert found is not None
        assert (found.service_url, found.seen_at) == ("https://moved", NOW)
        by_either = [teams_conversations.with_person(session, who) for who in ("aad-1", "29:1", "19:x")]
        assert [one and one.id for one in by_either] == ["a:1", "a:1", None]
        assert teams_conversations.shared(session) == ["19:x"]
    with writing(engine) as session:
        teams_conversations.note(session, seen("a:2"))
    with reading(engine) as session:
        assert teams_conversations.find(session, "a:1") is None, "a person has one chat with the bot"
    engine.dispose()


FORGOTTEN = [
    ("19:leads@thread.v2", {}),
    ("19:0f1e_2d3c@unq.gbl.spaces", {}),
    ("19%3Aleads@thread.v2", {}),
    ("8:orgid:0f1e2d3c", {}),
    ("a:1 2", {}),
    ("a:é", {}),
    ("", {}),
    ("a:" + "1" * 2_000, {}),
    ("19:a\tb@thread.tacv2", {"kind": "channel", "person": None, "person_here": None}),
    ("a:who", {"person": "a\nb", "person_here": "29:9"}),
    ("a:where", {"service_url": "nowhere", "person_here": "29:8"}),
]
KEPT = [
    ("a:1-_x", {}),
    ("personal-chat-id", {"person_here": "user-id-0"}),
    ("0f1e2d3c|livechat", {"person_here": "local"}),
    ("19:northern@thread.tacv2", {"kind": "channel", "person": None, "person_here": None}),
    ("19:leads@thread.skype", {"kind": "groupChat", "person": None, "person_here": None}),
]


def test_what_was_remembered_wrongly_before_is_forgotten(database_url: str) -> None:
    """What 0010 does: an older version took any chat for somebody's own, and any id for one."""
    engine, config = open_database(database_url), _alembic()
    odd = [*FORGOTTEN, *([] if engine.dialect.name == "postgresql" else [("a:\0", {})])]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
    with Session(engine) as session:
        session.add_all(seen(id, **more) for id, more in (*odd, *KEPT))
        session.commit()
    migrate(engine)
    with reading(engine) as session:
        assert set(session.execute(select(Conversation.id)).scalars()) == {id for id, _ in KEPT}
    engine.dispose()
