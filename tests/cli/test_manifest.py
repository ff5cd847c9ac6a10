"""`npq manifest teams`: the app package as somebody at a terminal gets it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.teams.setup import package
from tests.cli.conftest import Npq
from tests.teams.test_package import CLIENT, wrong


@pytest.fixture(autouse=True)
def _client_id(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_ID", CLIENT)


def inside(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as written:
        assert written.testzip() is None
        assert sorted(written.namelist()) == ["color.png", "manifest.json", "outline.png"]
        found = json.loads(written.read("manifest.json"))
        for name in found["icons"].values():
            assert written.read(name).startswith(b"\x89PNG")
    assert isinstance(found, dict)
    return found


def test_the_package_lies_where_one_stands_and_is_what_teams_takes(bare: Npq, surroundings: Path) -> None:
    ran = bare("manifest", "teams")
    assert (ran.code, ran.err) == (0, "")
    assert "npq-teams.zip" in ran.out
    found = inside(surroundings / "npq-teams.zip")
    assert wrong(found) == []
    assert found["id"] == CLIENT
    assert [path.name for path in surroundings.iterdir()] == ["npq-teams.zip"], "nothing half-written lies about"


def test_json_says_which_file_and_what_is_in_it(process: Npq, surroundings: Path) -> None:
    ran = process("manifest", "teams", "-o", "app.zip", "--url", "https://npq.school.org/", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["file"] == "app.zip"
    assert ran.json["manifest"] == inside(surroundings / "app.zip")
    assert ran.json["manifest"]["developer"]["websiteUrl"] == "https://npq.school.org"
    assert ran.json["manifest"]["validDomains"] == ["npq.school.org"]


def test_the_same_settings_make_the_same_package_and_others_replace_it(bare: Npq, surroundings: Path) -> None:
    file = surroundings / "npq-teams.zip"
    bare("manifest", "teams")
    first = file.read_bytes()
    assert bare("manifest", "teams").code == 0
    assert file.read_bytes() == first
    assert bare("manifest", "teams", "--url", "https://npq.school.org").code == 0
    assert inside(file)["validDomains"] == ["npq.school.org"]


@pytest.mark.parametrize("client_id", ["", "my-app"])
def test_without_an_app_registration_there_is_none(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch, client_id: str
) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_ID", client_id)
    assert bare("manifest", "teams", "--json").error["code"] == "bad_setting"
    assert "TEAMS_CLIENT_ID" in bare("manifest", "teams").sentence
    assert list(surroundings.iterdir()) == []


def test_an_address_that_teams_cannot_reach_is_wrong_usage(bare: Npq, surroundings: Path) -> None:
    assert bare("manifest", "teams", "--url", "http://npq.school.org").code == 2
    assert list(surroundings.iterdir()) == []


@pytest.mark.parametrize("file", ["missing/npq.zip", "npq.db/npq.zip", ".", "npq.db", "a" * 300])
def test_where_nothing_can_be_written_one_sentence_says_so(npq: Npq, surroundings: Path, file: str) -> None:
    before = (surroundings / "npq.db").read_bytes()
    assert npq("manifest", "teams", "-o", file, "--json").error["code"] == "not_written"
    assert file in npq("manifest", "teams", "-o", file).sentence
    assert (surroundings / "npq.db").read_bytes() == before
    assert [path.name for path in surroundings.iterdir()] == ["npq.db"]


def test_an_earlier_package_stays_whole_when_a_new_one_cannot_be_finished(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare("manifest", "teams")

    def disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(package.os, "replace", disk_full)
    assert "No space left" in bare("manifest", "teams", "--url", "https://npq.school.org").sentence
    assert inside(surroundings / "npq-teams.zip")["validDomains"] == []
    assert [path.name for path in surroundings.iterdir()] == ["npq-teams.zip"]
