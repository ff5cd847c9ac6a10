"""A history is told in the words that were recorded; one from before they were kept, in those that were made of it then."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from core.database.database import migrate, open_database, reading
from core.records import decisions, participant_rows
from tests.loading import loading_by_hand
from tests.records.made import store_numbered
from tests.versions import step

AT = datetime(2022, 1, 10, 9, 30, tzinfo=UTC)
TOLD: list[tuple[dict[str, Any], str]] = [
    ({"kind": "extension", "output": 2, "until": date(2022, 1, 4)}, "Output 2 extended to 4 January 2022"),
    ({"kind": "contact", "channel": "email", "outcome": "reached"}, "Contact tried by e-mail (reached), logged"),
    (
        {"kind": "contact", "channel": "in-person", "outcome": "no-answer"},
        "Contact tried in person (no answer), logged",
    ),
    (
        {"kind": "deferral", "starts_on": date(2022, 2, 1), "until": date(2022, 9, 30)},
        "Deferred from 1 February 2022, agreed return 30 September 2022",
    ),
    ({"kind": "resumption"}, "Back from deferral"),
    ({"kind": "resumption", "cohort": 3}, "Back from deferral, rejoined cohort 3"),
    ({"kind": "removal_vote", "side": "delivery_partner", "decision": "approve"}, "Delivery Partner: removal approved"),
    ({"kind": "removal_vote", "side": "lead_provider", "decision": "reject"}, "Lead provider: removal rejected"),
    ({"kind": "declaration", "output": 1, "until": date(2022, 1, 2)}, "Output 1 declared"),
]


@pytest.mark.parametrize("back_first", [False, True], ids=["once", "there and back"])
def test_what_was_recorded_before_reads_as_it_did(database_url: str, back_first: bool) -> None:
    engine = open_database(database_url)
    step(engine, command.downgrade, "0011")
    with loading_by_hand(engine) as session:
        store_numbered(session.connection(), "p-1")
        for columns, _ in TOLD:
            given = {
                "participant_id": "p-1",
                "decided_on": date(2022, 1, 10),
                "recorded_at": AT,
                "by": "Sam",
                **columns,
            }
            names, places = ", ".join(f'"{name}"' for name in given), ", ".join(f":{name}" for name in given)
            session.execute(text(f"INSERT INTO decision ({names}) VALUES ({places})"), given)
    if back_first:
        step(engine, command.upgrade, "0012")  # by itself: the guard looks at what it wrote as a transaction ends
        step(engine, command.upgrade, "head")
        step(engine, command.downgrade, "0011")
    step(engine, command.upgrade, "0012")
    migrate(engine)
    with reading(engine) as session:
        [enrolment] = participant_rows.enrolments_of(session, ["p-1"]).values()
        assert [recorded.text for recorded in decisions.history(session, enrolment)] == [said for _, said in TOLD]
    engine.dispose()
