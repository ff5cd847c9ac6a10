"""A database that is replaced, put back or emptied beneath a running process: whatever is remembered of the old one is forgotten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from core.database.database import migrate, open_database, reading
from core.derived import following, progress_store
from core.derived.caseloads import Caseloads
from core.services import enquiries
from core.services.acts import contact
from core.services.acts.recording import Deed
from core.services.everybody import keep_current, sweep
from core.services.imports import import_files
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack
from tests.loading import loading_by_hand

NOW = datetime(2022, 1, 10, 9, tzinfo=UTC)
TODAY = date(2022, 1, 10)
ENROLMENTS = (1, 2, 3)  # as they are numbered, of up to three people
SAM = Actor.console("Sam")
HEADER = "participant_id,full_name,course,cohort,delivery_partner,application_status\n"


def opened(path: Path, pack: Pack, *names: str) -> Installation:
    """An installation of its own, with one import for each of these people."""
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    installation = Installation(engine, pack)
    for number, name in enumerate(names, start=1):
        bring(installation, path.parent, name, number)
    return installation


def bring(installation: Installation, folder: Path, name: str, number: int) -> None:
    file = folder / "people.csv"
    file.write_text(f"{HEADER}p-{number},{name},NPQLTD,1,Northern Hub,accepted\n")
    assert import_files(installation, SAM, [file], now=NOW).written


def known(installation: Installation, *names: str) -> list[str]:
    """Which of these people the running process finds, each by name, with the name that it tells."""
    found = []
    for name in names:
        with suppress(Refusal):
            found.append(enquiries.case_of(installation, SAM, name, as_of=TODAY).standing.name)
    return found


def put_in_place(file: Path, path: Path) -> None:
    """As somebody does who copies a file over: the one before is gone with what lay beside it."""
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    copy = path.with_suffix(".new")
    shutil.copy(file, copy)
    copy.replace(path)


@pytest.fixture
def running(tmp_path: Path, pack: Pack) -> Installation:
    """A process that has answered about Jane and Omar, its file and its worker's memory in use."""
    return opened(tmp_path / "npq.db", pack, "Jane Smith", "Omar Haddad")


def partners_people(cases: Caseloads) -> set[str]:
    with reading(cases.installation.engine) as session:
        return {whole.name for whole in cases.standings(session, ENROLMENTS, TODAY).values()}


@pytest.mark.parametrize("imports", [1, 2, 3], ids=["fewer changes", "as many changes", "more changes"])
def test_another_file_in_its_place(running: Installation, tmp_path: Path, pack: Pack, imports: int) -> None:
    """Whatever its numbers, which may be the very same."""
    cases = Caseloads(running)
    assert known(running, "jane smith", "omar haddad") == ["Jane Smith", "Omar Haddad"]
    assert partners_people(cases) == {"Jane Smith", "Omar Haddad"}
    (tmp_path / "other").mkdir()
    others = ("Ann Li", "Bo Park", "Cy Young")[:imports]
    other = opened(tmp_path / "other" / "npq.db", pack, *others)
    other.engine.dispose()
    put_in_place(tmp_path / "other" / "npq.db", tmp_path / "npq.db")
    assert known(running, "jane smith", "omar haddad", *others) == list(others)
    assert partners_people(cases) == set(others)


@pytest.mark.parametrize("changes", [0, 1, 2, 3])
def test_an_older_copy_put_back_and_gone_on_from(running: Installation, tmp_path: Path, changes: int) -> None:
    """Its next changes raise the number to the very one that is remembered, and beyond."""
    cases, saved = Caseloads(running), tmp_path / "saved.db"
    running.engine.dispose()
    shutil.copy(tmp_path / "npq.db", saved)
    for name in ("Lost Person", "Lost Again"):
        bring(running, tmp_path, name, 1)
    assert known(running, "lost again", "omar") == ["Lost Again", "Omar Haddad"]
    assert partners_people(cases) == {"Lost Again", "Omar Haddad"}
    running.engine.dispose()
    put_in_place(saved, tmp_path / "npq.db")
    for number in range(changes):
        contact.log_contact(running, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
        assert known(running, "jane", "lost", "omar") == ["Jane Smith", "Omar Haddad"], f"after {number + 1} changes"
    assert known(running, "lost again", "lost person", "jane smith", "omar") == ["Jane Smith", "Omar Haddad"]
    assert partners_people(cases) == {"Jane Smith", "Omar Haddad"}
    assert enquiries.case_of(running, SAM, "omar", as_of=TODAY).revision == changes


def test_an_emptied_one(running: Installation, tmp_path: Path, pack: Pack) -> None:
    assert known(running, "jane smith") == ["Jane Smith"]
    (tmp_path / "other").mkdir()
    opened(tmp_path / "other" / "npq.db", pack).engine.dispose()
    put_in_place(tmp_path / "other" / "npq.db", tmp_path / "npq.db")
    assert known(running, "jane smith", "omar haddad") == []


def test_whoever_still_sees_the_state_before_takes_nothing_from_the_next(running: Installation) -> None:
    """A session that began before a change, beside others that began after it."""

    def asked(session: object) -> int:
        return running.people_index.known(session).decided("p-1")  # type: ignore[arg-type]

    with reading(running.engine) as before:
        assert asked(before) == 0
        remembered = running.people_index.known(before)

        def elsewhere() -> None:
            contact.log_contact(running, SAM, "p-1", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
            with reading(running.engine) as after:
                assert asked(after) == 1

        in_a_thread(elsewhere)
        assert asked(before) == 0
        assert running.people_index.known(before).state == remembered.state
    with reading(running.engine) as after:
        assert asked(after) == 1


def in_a_thread(work: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(30)


def test_what_is_known_outlives_a_look_at_the_state_before(running: Installation) -> None:
    """Somebody who began to read before a change, and asks after others have, costs nobody what is remembered."""
    with reading(running.engine) as before:
        assert following.now(before).number == 2  # from now on it sees this state

        def elsewhere() -> None:
            contact.log_contact(running, SAM, "p-1", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
            assert known(running, "omar haddad") == ["Omar Haddad"]

        in_a_thread(elsewhere)
        assert running.people_index.known(before).decided("p-1") == 0
    with reading(running.engine) as after:
        held = running.people_index.known(after)
        assert held.has_directory, "made once"
        directory = held.directory(after)
    contact.log_contact(running, SAM, "p-2", Deed(TODAY, NOW), channel="phone", outcome="no-answer")
    with reading(running.engine) as later:
        assert running.people_index.known(later).directory(later) is directory


def test_records_that_another_version_made_meanwhile_are_not_read(running: Installation) -> None:
    """An old worker beside a new one: between two looks of a sweep it makes everybody's records anew, in its own way."""
    before = [one._asdict() for one in sweep(running, TODAY)]
    assert len(before) == 2
    with reading(running.engine) as session:
        stale = list(progress_store.iterate(session, running.fold))
    assert len(stale) == 2
    with loading_by_hand(running.engine) as session:
        session.execute(text("UPDATE progress_basis SET basis = 'of another version'"))
        session.execute(text("UPDATE progress SET course = 'EHCO', cohort = 3"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.services.everybody.keep_current", lambda installation: None)  # it has just been done
        assert [one._asdict() for one in sweep(running, TODAY)] == before


def test_a_group_that_nobody_is_in_any_more_goes_with_the_next_making(running: Installation) -> None:
    keep_current(running)
    with loading_by_hand(running.engine) as session:
        session.execute(text("INSERT INTO imported_kinds VALUES ('Nobody', 'NPQLTD', 1, 1)"))
        session.execute(text("UPDATE progress_basis SET basis = 'of another version'"))
    keep_current(running)
    with reading(running.engine) as session:
        assert {group.delivery_partner for group in progress_store.imported(session)} == {"Northern Hub"}
