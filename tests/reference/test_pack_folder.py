"""When an edited pack folder is taken: quiet, whole, and never by half."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from reference.loading import load_pack
from reference.pack_folder import QUIET, PackFolder, place_of
from reference.problems import PackError
from tests.reference.made import SHIPPED, change, copy_of

REVIEW = ("specialist,1,2,2022-06-23", "specialist,1,2,2022-06-30")


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    return copy_of(SHIPPED, tmp_path)


@pytest.fixture
def watched(edited: Path) -> PackFolder:
    return PackFolder(str(edited), load_pack(str(edited)))


def later(folder: Path, seconds: float = QUIET) -> float:
    """So many seconds after the last change of any of its files."""
    return max(max(file.stat().st_mtime, file.stat().st_ctime) for file in folder.iterdir()) + seconds


def test_a_folder_that_nobody_edits_gives_nothing(watched: PackFolder, edited: Path) -> None:
    for seconds in (0, 5, 3600):
        assert watched.edited(later(edited, seconds)) is None


def test_an_edit_is_taken_once_as_soon_as_the_folder_is_quiet(watched: PackFolder, edited: Path) -> None:
    change(edited, "schedule.csv", *REVIEW)
    assert watched.edited(later(edited, QUIET / 2)) is None
    taken = watched.edited(later(edited, QUIET + 0.01))
    assert taken == load_pack(str(edited))
    assert watched.edited(later(edited, 10)) is None


def test_a_file_that_is_written_as_it_was_is_no_edit(watched: PackFolder, edited: Path) -> None:
    (edited / "pack.toml").write_bytes((SHIPPED / "pack.toml").read_bytes())
    assert watched.edited(later(edited, 10)) is None


def test_an_edit_that_keeps_time_and_size_is_seen(watched: PackFolder, edited: Path) -> None:
    """As `cp -p` and `rsync -t` leave it: the old time, and here as many letters as before."""
    assert watched.edited(later(edited, 10)) is None
    before = (edited / "schedule.csv").stat()
    change(edited, "schedule.csv", *REVIEW)
    os.utime(edited / "schedule.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (edited / "schedule.csv").stat().st_size == before.st_size
    assert watched.edited(later(edited, QUIET / 2)) is None, "it came just now, whatever its time says"
    assert watched.edited(later(edited, 10)) is not None


def test_a_folder_with_faults_is_said_once_and_taken_when_it_is_mended(watched: PackFolder, edited: Path) -> None:
    whole = (edited / "schedule.csv").read_text(encoding="utf-8").replace(*REVIEW)
    (edited / "schedule.csv").write_text(whole[: len(whole) // 2], encoding="utf-8")
    with pytest.raises(PackError, match=r"schedule\.csv"):
        watched.edited(later(edited, 10))
    assert watched.edited(later(edited, 20)) is None, "said already"
    (edited / "schedule.csv").write_text(whole.replace("2022-06-30", "2022-06-31"), encoding="utf-8")
    with pytest.raises(PackError, match="review"):
        watched.edited(later(edited, 10))
    (edited / "schedule.csv").write_text(whole, encoding="utf-8")
    assert watched.edited(later(edited, 10)) is not None


@pytest.mark.parametrize("gone", ["schedule.csv", "the folder"])
def test_what_is_missing_is_waited_for(watched: PackFolder, edited: Path, gone: str) -> None:
    away = edited.parent / "away"
    missing = edited if gone == "the folder" else edited / gone
    now = later(edited, 10)
    shutil.move(missing, away)
    assert watched.edited(now) is None, "somebody may be about to put it there"
    with pytest.raises(PackError, match=r"missing|no such pack"):
        watched.edited(now + QUIET)
    assert watched.edited(now + 10) is None
    shutil.move(away, missing)
    assert watched.edited(now + 20) is None, "it is as it was"
    change(edited, "schedule.csv", *REVIEW)
    assert watched.edited(later(edited, 10)) is not None


def test_a_file_from_a_machine_whose_clock_is_ahead_is_taken_when_it_stays_as_it_is(
    watched: PackFolder, edited: Path
) -> None:
    change(edited, "schedule.csv", *REVIEW)
    now = later(edited, 0.5)
    os.utime(edited / "schedule.csv", (now + 3600, now + 3600))
    assert watched.edited(now) is None
    assert watched.edited(now + QUIET) is not None


def test_a_folder_that_is_put_in_the_place_of_another_is_taken(tmp_path: Path) -> None:
    """Each version in a folder of its own, and a link to the one in use."""
    first, second, link = tmp_path / "first", tmp_path / "second", tmp_path / "ours"
    for version in (first, second):
        shutil.copytree(SHIPPED, version)
    change(second, "schedule.csv", *REVIEW)
    link.symlink_to(first)
    watched = PackFolder(str(link), load_pack(str(link)))
    assert watched.edited(later(second, 10)) is None
    link.unlink()
    link.symlink_to(second)
    taken = watched.edited(later(second, 10))
    assert taken is not None
    assert taken.hash == load_pack(str(second)).hash


def test_a_pack_has_one_name_however_it_is_typed(edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(edited.parent)
    assert place_of("pack") == place_of("./pack/") == place_of(str(edited)) == str(edited)
    assert place_of("edt-v18") == "edt-v18"
    assert place_of("gone") == str(edited.parent / "gone")
