"""The progress record: kept in the transaction that changes the facts, and the same as one made anew from the raw rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.database.database import migrate, open_database, reading, writing
from core.derived import following, progress_store
from core.derived.installation import Installation
from core.records import participant_rows
from core.rules.folding import progress_of
from core.rules.ladder import Ladder
from core.rules.output_position import current_output, position
from core.rules.progress import Progress
from core.rules.standing import standing
from core.services.everybody import sweep
from reference.loading import load_pack
from reference.pack import Pack
from tests.guard import OF_FILES
from tests.histories import HISTORIES, NOW, PEOPLE, live_through
from tests.loading import loading


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Path]]:
    """One database for many histories, emptied between them; SQLite, for speed."""
    folder = tmp_path_factory.mktemp("progress")
    engine = open_database(f"sqlite:///{folder / 'npq.db'}")
    migrate(engine)
    yield Installation(engine, load_pack("edt-v18")), folder
    engine.dispose()


def stored(installation: Installation) -> dict[str, tuple[object, ...]]:
    """Every record as it is kept, but for when it was written."""
    with reading(installation.engine) as session:
        found = session.execute(
            text(
                "SELECT participant_id, enrolment_id, delivery_partner, course, cohort, kinds, facts FROM progress ORDER BY 1"
            )
        )
        return {row[0]: tuple(bytes(v) if isinstance(v, memoryview) else v for v in row[1:]) for row in found}


def made_anew(installation: Installation) -> dict[str, tuple[object, ...]]:
    """Every record as a rebuild from the raw rows gives it; nothing of it is kept."""
    with reading(installation.engine) as session:
        progress_store.rebuild(session, installation.fold, following.now(session))
        found = session.execute(
            text(
                "SELECT participant_id, enrolment_id, delivery_partner, course, cohort, kinds, facts FROM progress ORDER BY 1"
            )
        ).all()
        session.rollback()
        return {row[0]: tuple(bytes(v) if isinstance(v, memoryview) else v for v in row[1:]) for row in found}


def empty(installation: Installation) -> None:
    with loading(installation) as session:
        for table in ("decision", "participant_revision", "progress", *reversed(OF_FILES)):  # people last
            session.execute(text(f"DELETE FROM {table}"))


@settings(max_examples=HISTORIES * 2 // 3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
@example(seed=147)  # with a file of which every row is wrong
def test_whatever_happened_the_record_is_what_the_raw_rows_say(house: tuple[Installation, Path], seed: int) -> None:
    installation, folder = house
    empty(installation)
    live_through(installation, folder, seed)
    kept = stored(installation)
    assert len(kept) == PEOPLE
    assert kept == made_anew(installation)


@settings(
    max_examples=max(HISTORIES // 3, 5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**9), days=st.lists(st.integers(0, 800), min_size=2, max_size=4))
def test_a_sweep_says_what_the_whole_standing_says(
    house: tuple[Installation, Path], seed: int, days: list[int]
) -> None:
    """On any day, past ones too: the verdict and stage of the current output, and of every other."""
    installation, folder = house
    empty(installation)
    live_through(installation, folder, seed)
    with reading(installation.engine) as session:
        people = {person.id: person for person in participant_rows.iterate_participants(session)}
        records = {record.id: record for record in progress_store.iterate(session, installation.fold)}
    for offset in days:
        day = date(2021, 10, 1) + timedelta(days=offset)
        swept = {one.participant_id: one for one in sweep(installation, day)}
        for who, person in people.items():
            whole = standing(installation.pack, person, day)
            assert swept[who].current_output == whole.current_output
            assert positions(installation.pack, records[who], day) == [
                (o.verdict, o.stage, o.deadline) for o in whole.outputs
            ]


def positions(pack: Pack, record: Progress, day: date) -> list[tuple[object, ...]]:
    ladder = Ladder(pack, record)
    current = current_output(ladder, day)
    found = [position(ladder, output.number, day, current) for output in ladder.outputs]
    return [(at.verdict, at.stage, at.deadline) for at in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_each_database_a_record_is_the_loaded_participants_own(
    installation: Installation, tmp_path: Path, seed: int
) -> None:
    installation = Installation(installation.engine, load_pack("edt-v18"))
    live_through(installation, tmp_path, seed, steps=14)
    assert stored(installation) == made_anew(installation)
    with reading(installation.engine) as session:
        records = {record.id: record for record in progress_store.iterate(session, installation.fold)}
        for person in participant_rows.iterate_participants(session):
            loaded = progress_of(installation.pack, person)
            assert bytes(records[person.id].facts) == bytes(loaded.facts)
            assert records[person.id].imported == loaded.imported
            assert records[person.id].decided == loaded.decided


def test_another_packs_words_make_every_record_anew(installation: Installation, tmp_path: Path) -> None:
    """Self-study goes by another name there: what was folded by the old name is not used."""
    installation = Installation(installation.engine, load_pack("edt-v18"))
    live_through(installation, tmp_path, 4)
    with writing(installation.engine) as session:
        session.execute(text("UPDATE progress_basis SET basis = 'of another pack'"))
        session.execute(text("UPDATE progress SET course = 'EHCO'"))
    assert len(list(sweep(installation, NOW.date()))) == PEOPLE
    with reading(installation.engine) as session:
        assert progress_store.is_current(session, installation.fold)
    assert stored(installation) == made_anew(installation)


@pytest.mark.parametrize("mark", ["\x1f", "\x1e", "\x1d"])
def test_words_with_what_joins_them_are_told_apart(installation: Installation, tmp_path: Path, mark: str) -> None:
    """No import lets such a control code in, but a database may hold one."""
    installation = Installation(installation.engine, load_pack("edt-v18"))
    live_through(installation, tmp_path, 5, steps=14)
    with loading(installation) as session:
        assert session.execute(text("SELECT count(*) FROM activities")).scalar_one()
        session.execute(text("UPDATE activities SET title = :mark || title"), {"mark": mark})
    with reading(installation.engine) as session:
        records = {record.id: record for record in progress_store.iterate(session, installation.fold)}
        for person in participant_rows.iterate_participants(session):
            assert bytes(records[person.id].facts) == bytes(progress_of(installation.pack, person).facts)


def test_packs_that_are_alike_are_not_compared_for_each_participant(
    house: tuple[Installation, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two were loaded in one process: whole ones take milliseconds to compare."""
    installation, folder = house
    empty(installation)
    live_through(installation, folder, seed=1)
    first = list(sweep(installation, NOW.date()))

    def compared(*_: object) -> bool:
        raise AssertionError("a pack was compared")

    again = Installation(installation.engine, load_pack("edt-v18"))
    monkeypatch.setattr(Pack, "__eq__", compared)
    assert list(sweep(again, NOW.date())) == first
