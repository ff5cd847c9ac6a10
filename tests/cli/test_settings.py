"""Settings as people paste them: cleaned where that is certain, else refused by name, and what doctor says of their form."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.pasted_settings import meant
from bot.settings import Settings, read_settings
from core.services.refusals import Refusal
from tests.cli.conftest import Npq
from tests.cli.test_doctor_teams import SignIn, checks, sign_in, well_otherwise
from tests.fakes.slack import FakeSlack
from tests.teams.test_package import CLIENT

__all__ = ["sign_in"]

GOOD = "0123456789abcdef0123456789abcdef"

CAME_ALONG = [
    "{}\r",
    "{}\n",
    "{}\r\n",
    " {}\t",
    "{}\u00a0",
    "\ufeff{}",
    "{}\u200b",
    '"{}"',
    "'{}'",
    "“{}”",
    "‘{}’",
    "«{}»",
    "`{}`",
    '"{}',
    "{}'",
    "{}”",
    '"{}"\r\n',
    "{}\\n",
    "{} # from the overview",
    "{}\t#2",
    '"{}" # from the overview',
    "{name}={}",
    "export {name}={}",
    'export {name}="{}"',
    "export {name} = '{}' # ours\n",
    "{name}: {}",
    "$env:{name} = '{}'",
    "set {name}={}",
]
VALUES = [
    ("SLACK_SIGNING_SECRET", GOOD),
    ("SLACK_BOT_TOKEN", "xoxb-1-2-abc"),
    ("SLACK_APP_TOKEN", "xapp-1-A1-2-abc"),
    ("TEAMS_CLIENT_ID", CLIENT),
    ("TEAMS_CLIENT_SECRET", "abC8Q~x.y_z-1"),
    ("TEAMS_TENANT_ID", CLIENT),
    ("SLACK_API_URL", "http://localhost:3000/api/"),
    ("DATABASE_URL", "sqlite:////srv/my files/npq.db"),
    ("DATABASE_URL", "postgresql://npq:pa'ss@db.example.org/npq?options=-c search_path=x"),
    ("NPQ_PACK", "edt-v18"),
    ("NPQ_PACK", "/srv/my packs/today"),
    ("PORT", "3000"),
    ("NPQ_NOW", "2022-06-16T09:00:00+01:00"),
    ("NPQ_METRICS", "1"),
]
AS_THEY_ARE = [
    ("DATABASE_URL", "sqlite:////srv/files #2/npq.db"),
    ("DATABASE_URL", "sqlite:////srv/a # b/npq.db"),
    ("DATABASE_URL", "sqlite:////srv/npq.db #2.db"),
    ("DATABASE_URL", "postgresql://npq:a#b c@db/npq"),
    ("NPQ_PACK", "/srv/packs #2/today"),
    ("TEAMS_CLIENT_SECRET", "]#J?:@/=k"),
]
REFUSED = [
    # setting, value, what is odd
    ("SLACK_SIGNING_SECRET", f"{GOOD} {GOOD}", "a blank"),
    ("SLACK_SIGNING_SECRET", f"{GOOD}\n{GOOD}", "a line break"),
    ("SLACK_SIGNING_SECRET", f"{GOOD}#ours", "“#”"),
    ("SLACK_BOT_TOKEN", f"xoxb–{GOOD}", "“–”"),
    ("SLACK_BOT_TOKEN", f"Bearer xoxb-{GOOD}", "a blank"),
    ("SLACK_APP_TOKEN", f'xapp-"{GOOD}', "a quotation mark"),
    ("SLACK_APP_TOKEN", f"SLACK_BOT_TOKEN=xoxb-{GOOD}", "another setting"),
    ("TEAMS_CLIENT_SECRET", f"{GOOD}\u00a0{GOOD}", "a blank"),
    ("TEAMS_TENANT_ID", f"{GOOD}\n{GOOD}", "a line break"),
    ("TEAMS_CLIENT_ID", f"xoxb-{GOOD}", "a token of Slack's"),
    ("SLACK_API_URL", f"xoxb-{GOOD}", "a token of Slack's"),
    ("SLACK_API_URL", "https://sla ck.com/api/", "no blank"),
    ("DATABASE_URL", f"postgresql://npq:{GOOD}@db .example.org/npq", "a blank in the name of its host"),
    ("DATABASE_URL", f"postgresql://npq:{GOOD}@db/n\npq", "a line break"),
    ("DATABASE_URL", "sqlite:////srv/npq # ours", "“ # ”"),
    ("DATABASE_URL", '""', "nothing but"),
    ("DATABASE_URL", " ", "nothing but"),
]


def kept(name: str) -> str:
    """A setting as it was read, in plain text."""
    value = getattr(read_settings(), name.lower())
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


@pytest.mark.parametrize("pasted", CAME_ALONG)
@pytest.mark.parametrize(("name", "value"), VALUES)
def test_what_came_along_is_left_out(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, pasted: str
) -> None:
    if pasted == "{}\t#2" and name == "NPQ_PACK":
        pytest.skip("may be a folder's name")
    monkeypatch.setenv(name, value)
    right = kept(name)
    monkeypatch.setenv(name, pasted.replace("{name}", name).replace("{}", value))
    assert kept(name) == right


@pytest.mark.parametrize(("name", "value"), AS_THEY_ARE)
def test_what_may_be_meant_stays(surroundings: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert kept(name) == value


@pytest.mark.parametrize(("name", "value", "odd"), REFUSED)
def test_what_cannot_work_is_refused_by_name_and_not_shown(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, odd: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refusal) as refused:
        read_settings()
    assert refused.value.message.startswith(f"A setting in the environment is wrong: {name}: ")
    assert odd in refused.value.message
    assert GOOD not in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("value", ["", " ", '""', "# not yet"])
def test_a_setting_with_nothing_in_it_is_not_set(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", value)
    assert read_settings().slack_signing_secret is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(Settings.model_fields)), st.text(alphabet=" \n\"'#=ab{}“\u200b\\n:/", max_size=40))
def test_a_cleaned_value_stays_as_it_is(name: str, pasted: str) -> None:
    try:
        found = meant(name, pasted, Settings.model_fields)
    except ValueError:
        return
    assert not found or meant(name, found, Settings.model_fields) == found


def test_the_secret_of_a_pasted_file_line_answers_slack(
    npq: Npq, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    well_otherwise(npq, "slack")
    monkeypatch.setenv("SLACK_BOT_TOKEN", f'"{slack.token}"')
    monkeypatch.setenv("SLACK_SIGNING_SECRET", f"export SLACK_SIGNING_SECRET='{slack.signing_secret}' # ours\r\n")
    ran = npq("doctor", "--json")
    assert ran.code == 0, ran.out
    assert checks(ran)["Slack signing secret"][0]


def test_a_pasted_database_address_makes_no_second_file(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (f"sqlite:///{surroundings}/npq.db\r", f"sqlite:///{surroundings}/npq.db # here"):
        monkeypatch.setenv("DATABASE_URL", address)
        assert bare("migrate").code == 0
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in surroundings.iterdir()} == {"npq.db"}


# --- by form: doctor ---------------------------------------------------------------------------------------------------

OTHER_SLACK = [
    # setting, value, what doctor says
    ("SLACK_SIGNING_SECRET", "xoxb-1-2-abc", "a bot token: it belongs in SLACK_BOT_TOKEN"),
    ("SLACK_SIGNING_SECRET", "Jhj5dZrVaK7ZwHHjRyZWjbDl", "the old Verification Token"),
    ("SLACK_SIGNING_SECRET", "123456789012.345678901234", "the app's Client ID"),
    ("SLACK_SIGNING_SECRET", GOOD[:-1], "a part of one only"),
    ("SLACK_SIGNING_SECRET", GOOD + GOOD, "more than one"),
    ("SLACK_SIGNING_SECRET", GOOD.upper(), "capitals"),
    ("SLACK_SIGNING_SECRET", "${SLACK_SIGNING_SECRET}", "a placeholder that nobody has filled in"),
    ("SLACK_BOT_TOKEN", "xapp-1-A1-2-abc", "an app-level token: it belongs in SLACK_APP_TOKEN"),
    ("SLACK_BOT_TOKEN", "xoxp-1-2-abc", "a user token"),
    ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc", "a token that runs out within hours"),
    ("SLACK_APP_TOKEN", "xoxb-1-2-abc", "a bot token: it belongs in SLACK_BOT_TOKEN"),
]


@pytest.mark.parametrize(("name", "value", "says"), OTHER_SLACK)
def test_doctor_names_what_is_another_of_slacks(
    npq: Npq, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    well_otherwise(npq, "slack")
    monkeypatch.setenv(name, value)
    ran = npq("doctor", "--json")
    assert ran.code == 1
    well, said = checks(ran)["Slack settings"]
    assert not well
    assert said.startswith(f"{name} holds ")
    assert says in said
    assert value not in ran.out + ran.err
    assert "Install the app again" not in said
    assert "Slack token" not in checks(ran) or name != "SLACK_BOT_TOKEN"


def test_a_test_servers_own_secret_is_only_noted(npq: Npq, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    well_otherwise(npq, "slack")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "test-signing-secret")
    ran = npq("doctor", "--json")
    assert ran.code == 0, ran.out
    assert checks(ran)["Slack settings"][1].startswith("please note: SLACK_SIGNING_SECRET holds something else")


OTHER_TEAMS = [
    ("TEAMS_TENANT_ID", "northern-hub.onmicrosoft.com", "a domain name"),
    ("TEAMS_TENANT_ID", "common", "no organisation"),
    ("TEAMS_TENANT_ID", CLIENT, "hold the same"),
    ("TEAMS_TENANT_ID", "$TENANT", "a placeholder"),
]


@pytest.mark.parametrize(("name", "value", "says"), OTHER_TEAMS)
def test_doctor_names_what_is_another_of_microsofts(
    npq: Npq, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    well_otherwise(npq)
    monkeypatch.setenv(name, value)
    ran = npq("doctor", "--json")
    assert ran.code == 1
    assert says in checks(ran)["Teams settings"][1]
    assert sign_in.asked == [], "Microsoft would only say so in other words"


def test_doctor_knows_the_secret_id_from_the_secret(npq: Npq, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    well_otherwise(npq)
    sign_in.refuses("invalid_client", 401)
    monkeypatch.setenv("TEAMS_CLIENT_SECRET", CLIENT.upper())
    well, says = checks(npq("doctor", "--json"))["Teams token"]
    assert not well
    assert "what looks like the Secret ID (invalid_client)" in says


def test_a_secret_in_the_place_of_the_client_id_is_not_shown(
    npq: Npq, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_ID", "abC8Q~xyz.secret-of-forty-characters_1234")
    ran = npq("doctor", "--json")
    assert "TEAMS_CLIENT_ID: what it holds is not an application (client) id" in checks(ran)["Teams"][1]
    assert "abC8Q" not in ran.out + ran.err


@pytest.mark.parametrize(
    "address",
    [
        'sqlite:///npq "old"',
        "sqlite:////srv/Sam's 'pack'/npq.db 'old'",
        'postgresql://u@h/db?options=-c search_path="NPQ"',
        "postgresql://u:a%20%23b #c@h/db",
    ],
)
def test_marks_that_belong_to_an_address_stay(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    assert read_settings().database_url == address


def test_what_is_there_is_what_is_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, there in (("DATABASE_URL", tmp_path / "npq.db #1"), ("NPQ_PACK", tmp_path / "my pack # 2")):
        there.touch()
        value = f"sqlite:///{there}" if name == "DATABASE_URL" else str(there)
        monkeypatch.setenv(name, value)
        assert getattr(read_settings(), name.lower()) == value


@pytest.mark.parametrize("address", ["http://localhost:abc/", "http://localhost:99999/", "https://", "https://?"])
def test_an_address_without_a_host_or_with_no_port_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("SLACK_API_URL", "TEAMS_LOGIN_URL"):
        with monkeypatch.context() as set_so:
            set_so.setenv(name, address)
            with pytest.raises(Refusal, match=f"{name}: .*is not a web address"):
                read_settings()
