"""What `npq doctor` says about Microsoft Teams, against a sign-in of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.cli.conftest import Npq, Ran
from tests.fakes.slack import FakeSlack
from tests.teams.test_package import CLIENT

TENANT = "99999999-8888-4777-8666-555555555555"
SECRET = "kept-to-itself~8Q"
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "the-token"}


@dataclass
class SignIn:
    """Microsoft's token endpoint: what it answers can be chosen, what it was asked is kept."""

    status: int = 200
    answer: dict[str, Any] = field(default_factory=lambda: dict(TOKEN))
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def refuses(self, error: str, status: int = 400) -> None:
        self.status, self.answer = status, {"error": error, "error_description": "AADSTS000000: …"}


@pytest.fixture
def sign_in(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignIn]:
    """Teams is set up, and its sign-in is here."""
    kept = SignIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept.asked.append((self.path, parse_qs(sent)))
            body = json.dumps(kept.answer).encode()
            self.send_response(kept.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not among the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        set_up(monkeypatch, f"http://127.0.0.1:{server.server_port}")
        yield kept
        server.shutdown()


def set_up(monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_ID", CLIENT)
    monkeypatch.setenv("TEAMS_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("TEAMS_TENANT_ID", TENANT)
    monkeypatch.setenv("TEAMS_LOGIN_URL", login)


def well_otherwise(npq: Npq, platform: str = "teams") -> None:
    """A channel and somebody who may use the bot: then doctor has nothing else to say."""
    channel, person = ("19:abc@thread.tacv2", TENANT) if platform == "teams" else ("C0TEAM", "U1")
    npq("place", "add", "--platform", platform, "--id", channel, "--partner", "Northern Hub")
    npq("staff", "add", "--platform", platform, "--id", person, "--name", "Sam", "--role", "coordinator")


def checks(ran: Ran) -> dict[str, tuple[bool, str]]:
    return {check["check"]: (check["well"], check["says"]) for check in ran.json["checks"]}


def test_all_is_well_with_teams_alone(npq: Npq, sign_in: SignIn) -> None:
    well_otherwise(npq)
    ran = npq("doctor", "--json")
    assert ran.code == 0, ran.out
    found = checks(ran)
    assert found["Teams token"][0]
    assert found["Slack"] == (True, "not in use.")
    ((path, form),) = sign_in.asked
    assert path == f"/{TENANT}/oauth2/v2.0/token"
    assert form["client_id"] == [CLIENT]
    assert form["scope"] == ["https://api.botframework.com/.default"]
    assert SECRET not in ran.out
    assert "the-token" not in ran.out


def test_all_is_well_with_slack_alone(npq: Npq, slack: FakeSlack) -> None:
    well_otherwise(npq, "slack")
    ran = npq("doctor", "--json")
    assert ran.code == 0, ran.out
    assert checks(ran)["Teams"] == (True, "not in use.")


def test_both_may_be_in_use(npq: Npq, slack: FakeSlack, sign_in: SignIn) -> None:
    well_otherwise(npq)
    found = checks(npq("doctor", "--json"))
    assert found["Teams token"][0]
    assert found["Slack token"][0]


def test_with_neither_set_up_doctor_says_so_for_both(npq: Npq) -> None:
    well_otherwise(npq)
    found = checks(npq("doctor", "--json"))
    assert not found["Slack"][0]
    assert "SLACK_BOT_TOKEN" in found["Slack"][1]
    assert not found["Teams"][0]
    assert "TEAMS_CLIENT_ID and TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID" in found["Teams"][1]
    assert "Slack or Teams alone is enough" in found["Teams"][1]


def test_what_is_begun_is_to_be_finished(npq: Npq, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    well_otherwise(npq, "slack")
    monkeypatch.setenv("TEAMS_CLIENT_ID", CLIENT)
    ran = npq("doctor", "--json")
    assert ran.code == 1
    assert checks(ran)["Teams"] == (False, "not set up: set TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID.")


@pytest.mark.parametrize(
    ("platform", "other"), [("teams", "slack"), ("slack", "teams")], ids=["teams is missing", "slack is missing"]
)
def test_a_channel_on_a_platform_that_is_not_set_up_is_pointed_out(
    npq: Npq, platform: str, other: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("slack" if other == "slack" else "sign_in")
    well_otherwise(npq, platform)
    ran = npq("doctor", "--json")
    assert ran.code == 1
    well, says = checks(ran)[platform.capitalize()]
    assert not well
    assert says.startswith("not set up, but 1 of the bound channels")
    assert f"{platform.upper()}_" in says


@pytest.mark.parametrize(
    ("error", "status", "mend"),
    [
        ("invalid_client", 401, "TEAMS_CLIENT_SECRET"),
        ("unauthorized_client", 400, "TEAMS_CLIENT_ID and TEAMS_TENANT_ID"),
        ("invalid_request", 400, "TEAMS_CLIENT_ID and TEAMS_TENANT_ID"),
        ("invalid_tenant", 400, "TEAMS_CLIENT_ID and TEAMS_TENANT_ID"),
        ("temporarily_unavailable", 503, "try again in a few minutes"),
    ],
)
def test_doctor_says_how_to_mend_that_microsoft_gives_no_token(
    npq: Npq, sign_in: SignIn, error: str, status: int, mend: str
) -> None:
    sign_in.refuses(error, status)
    well_otherwise(npq)
    ran = npq("doctor", "--json")
    assert ran.code == 1
    well, says = checks(ran)["Teams token"]
    assert not well
    assert error in says
    assert mend in says
    assert SECRET not in ran.out + ran.err


def test_doctor_says_when_microsoft_cannot_be_reached(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch, "http://127.0.0.1:1")
    well_otherwise(npq)
    ran = npq("doctor")
    assert ran.code == 1
    assert "✗ Teams token: Microsoft's sign-in cannot be reached" in ran.out
    assert "TEAMS_LOGIN_URL" in ran.out


def test_messages_taken_without_tokens_are_warned_of(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_UNAUTHENTICATED", "1")
    well_otherwise(npq)
    ran = npq("doctor")
    assert ran.code == 0, ran.out
    assert "✓ Teams: please note: TEAMS_UNAUTHENTICATED takes anybody at their word" in ran.out


def test_doctor_knows_what_a_client_id_looks_like(npq: Npq, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    well_otherwise(npq)
    monkeypatch.setenv("TEAMS_CLIENT_ID", "NPQ engagement bot")
    well, says = checks(npq("doctor", "--json"))["Teams"]
    assert not well
    assert "“NPQ engagement bot” is not an application (client) id" in says


def test_doctor_notes_people_on_a_platform_that_is_not_in_use(npq: Npq, slack: FakeSlack) -> None:
    well_otherwise(npq, "slack")
    added = npq("staff", "add", "--platform", "teams", "--id", TENANT, "--name", "Lee", "--role", "viewer")
    assert "Please note: Teams is not set up here yet (without TEAMS_CLIENT_ID and " in added.out
    ran = npq("doctor", "--json")
    assert ran.code == 0, ran.out
    assert checks(ran)["Teams"] == (True, "not in use; please note: 1 of the people on the staff list is there.")
