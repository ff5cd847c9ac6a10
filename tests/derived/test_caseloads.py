"""What a planner keeps from pass to pass is what it would find if it looked at everybody again."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from core.database.database import migrate, open_database, reading
from core.derived import progress_store
from core.derived.caseloads import Caseloads
from core.derived.installation import Installation
from core.records import participant_rows
from core.reminders.occasions import Occasion, occasions
from core.reminders.reminder import concerned, members
from reference.loading import load_pack
from tests.histories import HISTORIES, living_through

CATCH_UP = timedelta(days=28)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database to begin each history with."""
    made = tmp_path_factory.mktemp("caseloads")
    engine = open_database(f"sqlite:///{made / 'empty.db'}")
    migrate(engine)
    engine.dispose()
    return made


def anew(installation: Installation, session: Session, partner: str, first: date, last: date) -> list[Occasion]:
    return occasions(
        installation.pack,
        progress_store.load(session, installation.fold, partner=partner),
        participant_rows.meetings(session).get(partner, ()),
        partner,
        first,
        last,
    )


def anybody(installation: Installation, session: Session, occasion: Occasion, day: date) -> bool:
    everybody = progress_store.load(session, installation.fold, partner=occasion.delivery_partner)
    found = members(installation.pack, everybody, occasion, day)
    return any(concerned(installation.pack, occasion, day, member) is not None for member in found)


@settings(
    max_examples=max(HISTORIES // 3, 5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**9))
def test_what_is_kept_is_what_everybody_looked_at_again_would_give(folder: Path, seed: int) -> None:
    """Files and decisions in any order, and days that go on, stand still and go back, each asked about for all partners."""
    database = folder / f"{seed}.db"
    database.write_bytes((folder / "empty.db").read_bytes())
    installation = Installation(open_database(f"sqlite:///{database}"), load_pack("edt-v18"))
    kept, chance = Caseloads(installation), random.Random(seed)
    today = date(2021, 11, 1) + timedelta(days=chance.randrange(700))
    for _ in living_through(installation, folder, seed, steps=12):
        today += timedelta(days=chance.choice([0, 0, 1, 1, 3, 9, -2]))
        first = today - CATCH_UP
        with reading(installation.engine) as session:
            for partner in participant_rows.partners(session):
                found = kept.occasions(session, partner, first, today)
                assert [o.identity for o in found] == [
                    o.identity for o in anew(installation, session, partner, first, today)
                ]
                for occasion in found:
                    for day in (occasion.due_on, today):
                        told = kept.concerns_anybody(session, occasion, day)
                        assert told == anybody(installation, session, occasion, day), (occasion, day)
    installation.engine.dispose()
    database.unlink()
