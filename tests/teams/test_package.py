"""The Teams app package: its manifest by Microsoft's own schema, its icons by their own headers."""

from __future__ import annotations

import json
import re
import struct
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft7Validator

from bot.conversation.cards.help_cards import COMMANDS
from bot.conversation.grammar import WORDS
from bot.slack.setup.manifest import EXAMPLE
from bot.teams import limits
from bot.teams.setup import package
from core.services.refusals import Refusal

CLIENT = "11111111-2222-4333-8444-555555555555"
SCHEMA = json.loads((Path(__file__).parent / "manifest" / "MicrosoftTeams.schema.json").read_text(encoding="utf-8-sig"))


def wrong(manifest: dict[str, Any]) -> list[str]:
    """What is wrong with it: by the draft that the schema names, and by the one whose `const` it uses."""
    validators = (Draft4Validator(SCHEMA), Draft7Validator(SCHEMA))
    return [f"{error.json_path}: {error.message}" for each in validators for error in each.iter_errors(manifest)]


@pytest.mark.parametrize("address", [None, "https://npq.school.org", "https://school.org:8443/npq"])
def test_the_manifest_is_what_microsofts_schema_takes(address: str | None) -> None:
    assert wrong(package.manifest(CLIENT, address)) == []


def test_the_schema_is_of_the_version_that_the_manifest_names_and_finds_faults() -> None:
    made = package.manifest(CLIENT)
    assert SCHEMA["properties"]["manifestVersion"]["const"] == made["manifestVersion"]
    assert wrong({**made, "manifestVersion": "1.0"})
    assert wrong({**made, "accentColor": "blue"})
    assert wrong({name: value for name, value in made.items() if name != "icons"})
    made["bots"][0]["commandLists"][0]["commands"] *= 2
    assert wrong(made), "more commands than a list takes"


def test_the_bot_is_there_for_one_person_a_team_and_a_group_chat() -> None:
    made = package.manifest(CLIENT)
    assert made["id"] == CLIENT
    (bot,) = made["bots"]
    assert (bot["botId"], bot["supportsFiles"]) == (CLIENT, False)
    assert set(bot["scopes"]) == {"personal", "team", "groupChat"}
    assert "authorization" not in made, "no permission is asked for"
    assert re.fullmatch(r"\d+\.\d+\.\d+", made["version"])


def test_the_command_menu_has_every_word_of_the_help() -> None:
    (menu,) = package.manifest(CLIENT)["bots"][0]["commandLists"]
    titles = [command["title"] for command in menu["commands"]]
    assert titles == [example.partition(" ")[0] for example, _ in COMMANDS]
    assert set(titles) == set(WORDS)
    assert len(titles) <= limits.COMMANDS
    for command in menu["commands"]:
        assert len(command["title"]) <= limits.COMMAND_TITLE
        assert len(command["description"]) <= limits.COMMAND_DESCRIPTION
        assert not command["description"].endswith("…"), "the help's own words fit"


def test_the_message_extension_searches_people_and_makes_a_message_a_contact() -> None:
    (extension,) = package.manifest(CLIENT)["composeExtensions"]
    people, contact = extension["commands"]
    assert (people["id"], people["type"], people["initialRun"]) == ("people", "query", False)
    assert [parameter["name"] for parameter in people["parameters"]] == ["name"]
    assert (contact["id"], contact["type"], contact["fetchTask"]) == ("logContact", "action", True)
    assert contact["context"] == ["message"]


def test_the_address_is_where_people_are_sent_and_its_domain_is_trusted() -> None:
    made = package.manifest(CLIENT, package.base_address("https://school.org:8443/npq/api/messages"))
    assert {made["developer"][name] for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl")} == {
        "https://school.org:8443/npq"
    }
    assert made["validDomains"] == ["school.org:8443"]
    assert package.manifest(CLIENT)["validDomains"] == [], "an example is nobody's domain"


def test_what_stands_elsewhere_too_is_the_same() -> None:
    """Platforms do not know each other."""
    assert package.EXAMPLE == EXAMPLE


@pytest.mark.parametrize(
    "address",
    ["http://npq.school.org", "npq.school.org", "https://", "https://a b.org", "https://me@school.org", "https://x.org:y",
     "https://x.org/?a=b", "https://x.org/#a", "https://[::1", ""],
)  # fmt: skip
def test_what_is_no_https_address_is_none(address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — whichever way it is wrong
        package.base_address(address)


@pytest.mark.parametrize("client_id", [None, "", "my-app", f"{CLIENT}0", CLIENT.replace("-", "")])
def test_without_an_id_of_an_app_registration_there_is_no_manifest(client_id: str | None) -> None:
    with pytest.raises(Refusal, match="TEAMS_CLIENT_ID") as refused:
        package.manifest(client_id)
    assert refused.value.code == "bad_setting"


@pytest.mark.parametrize(("name", "size"), [("color.png", 192), ("outline.png", 32)])
def test_the_icons_have_the_sizes_that_teams_asks_for(name: str, size: int) -> None:
    content = files("bot.teams.setup").joinpath("icons", name).read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, _, kind = struct.unpack(">IIBB", content[16:26])
    assert (width, height) == (size, size)
    assert (kind == 6) == (name == "outline.png"), "the outline alone is seen through"
