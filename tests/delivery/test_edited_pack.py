"""A worker whose pack folder is edited between two passes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.clock import Clock
from bot.delivery.sender import Sender
from bot.delivery.worker import Worker
from bot.platforms import IDS
from core.database.database import reading
from core.derived.installation import Installation
from core.services import packs_in_use
from reference.loading import load_pack
from reference.pack_folder import PackFolder
from tests.delivery.conftest import NOW, Outpost, day, london
from tests.reference.made import SHIPPED, change, copy_of

MOVED = ("specialist,1,2,2022-06-23", "specialist,1,2,2022-06-30")
NEVER = 10**9  # seconds


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack folder of one's own, which is quiet as soon as it was written."""
    monkeypatch.setattr("reference.pack_folder.QUIET", 0)
    return copy_of(SHIPPED, tmp_path)


@pytest.fixture
def started(
    outpost: Outpost, folder: Path, caplog: pytest.LogCaptureFixture
) -> Callable[[datetime, dict[str, Sender]], Worker]:
    """Starts a worker by that folder, at a moment that stays. On each kind of database."""
    caplog.set_level(logging.INFO, logger="bot.delivery")
    outpost.people("Hub A", "Jane Doe", "Omar Haddad")
    outpost.bind("C1", "Hub A")

    def start(now: datetime, senders: dict[str, Sender]) -> Worker:
        pack = load_pack(str(folder))
        installation = Installation(outpost.installation.engine, pack, platforms=IDS)
        return Worker(installation, senders, Clock(now), PackFolder(str(folder), pack))

    return start


def dates(outpost: Outpost, state: str) -> list[tuple[str, str]]:
    """The review dates that messages tell of, and the days on which they were due."""
    return [(message.about.isoformat(), message.due_on.isoformat()) for message in outpost.messages(state)]


def used(outpost: Outpost) -> str:
    """The hash of the pack that the worker has noted."""
    with reading(outpost.installation.engine) as session:
        return packs_in_use.noted(session)["worker"].hash


def test_an_edit_is_taken_by_the_next_pass_and_what_is_unsent_is_planned_anew(
    outpost: Outpost,
    folder: Path,
    started: Callable[[datetime, dict[str, Sender]], Worker],
    caplog: pytest.LogCaptureFixture,
) -> None:
    started(london("2022-06-09T09:30"), outpost.senders).one_pass()
    assert dates(outpost, "sent") == [("2022-06-23", "2022-06-09")]
    [said] = outpost.said()

    senders: dict[str, Sender] = {}
    worker = started(NOW, senders)
    worker.one_pass()
    assert dates(outpost, "planned") == [("2022-06-23", "2022-06-16")]
    before = load_pack(str(folder))
    assert used(outpost) == before.hash

    change(folder, "schedule.csv", *MOVED)
    caplog.clear()
    worker.one_pass()
    assert dates(outpost, "planned") == [("2022-06-30", "2022-06-16")]
    assert dates(outpost, "sent") == [("2022-06-23", "2022-06-09")], "what was sent stays sent"
    after = load_pack(str(folder))
    assert used(outpost) == after.hash
    assert caplog.messages[:2] == [
        f"the pack has changed: {before.label} -> {after.label}",
        "specialist, cohort 1, output 2: review 23 June 2022 -> 30 June 2022",
    ]
    assert not [word for word in ("Jane", "Omar") if word in caplog.text]

    senders.update(outpost.senders)
    worker.one_pass()
    first, second = outpost.said()
    assert first == said, "it stands as it was sent"
    assert "30 June 2022" in second
    assert "23 June 2022" not in second
    assert outpost.tries() == 2


def test_what_is_half_written_is_not_taken_and_said_once(
    outpost: Outpost,
    folder: Path,
    started: Callable[[datetime, dict[str, Sender]], Worker],
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = started(NOW, {})
    worker.one_pass()
    before = load_pack(str(folder))
    unmoved = (folder / "schedule.csv").read_text(encoding="utf-8")
    change(folder, "schedule.csv", *MOVED)
    whole = (folder / "schedule.csv").read_text(encoding="utf-8")
    (folder / "schedule.csv").write_text(whole[: len(whole) // 2], encoding="utf-8")
    caplog.clear()
    for _ in range(3):
        assert worker.one_pass() is not None
    [line] = caplog.messages
    assert line.startswith(f"{before.label} stays in use: the folder has changed and is not taken (schedule.csv")
    assert line.endswith(f"run npq pack check {folder}")
    assert dates(outpost, "planned") == [("2022-06-23", "2022-06-16")]
    assert used(outpost) == before.hash

    caplog.clear()
    (folder / "schedule.csv").write_text(unmoved, encoding="utf-8")
    worker.one_pass()
    worker.one_pass()
    assert caplog.messages == [f"the folder holds the pack in use again: {before.label}"]

    (folder / "schedule.csv").write_text(whole, encoding="utf-8")
    worker.one_pass()
    assert dates(outpost, "planned") == [("2022-06-30", "2022-06-16")]
    assert used(outpost) == load_pack(str(folder)).hash


def test_a_folder_that_was_written_just_now_is_left_to_a_later_pass(
    outpost: Outpost,
    folder: Path,
    started: Callable[[datetime, dict[str, Sender]], Worker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = started(NOW, {})
    worker.one_pass()
    change(folder, "schedule.csv", *MOVED)
    monkeypatch.setattr("reference.pack_folder.QUIET", NEVER)
    worker.one_pass()
    assert dates(outpost, "planned") == [("2022-06-23", "2022-06-16")]
    monkeypatch.setattr("reference.pack_folder.QUIET", 0)
    worker.one_pass()
    assert dates(outpost, "planned") == [("2022-06-30", "2022-06-16")]


def test_other_words_in_the_pack_make_every_record_anew(
    outpost: Outpost, folder: Path, started: Callable[[datetime, dict[str, Sender]], Worker]
) -> None:
    worker = started(NOW, {})
    worker.one_pass()
    change(folder, "pack.toml", 'value = "Micro Implementation Tasks"', 'value = "Small Tasks"')
    worker.one_pass()
    with reading(outpost.installation.engine) as session:
        basis = session.execute(text("SELECT basis FROM progress_basis")).scalar_one()
    assert "small tasks" in basis
    assert dates(outpost, "planned") == [("2022-06-23", "2022-06-16")], "no date has changed"


def test_of_many_dates_only_the_first_are_told(
    folder: Path,
    started: Callable[[datetime, dict[str, Sender]], Worker],
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = started(NOW, {})
    worker.one_pass()
    rows = (folder / "schedule.csv").read_text(encoding="utf-8").splitlines()
    for row in rows[1:]:
        review = row.split(",")[3]
        change(folder, "schedule.csv", row, row.replace(review, str(day(review) + timedelta(days=1)), 1))
    caplog.clear()
    worker.one_pass()
    told = [line for line in caplog.messages if ": review " in line]
    assert len(told) == 20
    assert f"and {len(rows) - 1 - 20} more" in caplog.messages


def test_a_worker_that_cannot_note_its_pack_works_and_notes_it_later(
    outpost: Outpost, started: Callable[[datetime, dict[str, Sender]], Worker]
) -> None:
    worker = started(NOW, outpost.senders)
    with outpost.installation.engine.begin() as connection:
        connection.execute(text("ALTER TABLE pack_in_use RENAME TO elsewhere"))
    report = worker.one_pass()
    assert report is not None
    assert report.sent == 1
    with outpost.installation.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO pack_in_use"))
    worker.one_pass()
    assert used(outpost)
