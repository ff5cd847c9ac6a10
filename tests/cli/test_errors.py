"""What a command says when it can't: 1 for what the user can mend, in one sentence; 2 for wrong usage; never a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bot.cli import main
from core.database import database
from tests.cli.conftest import Npq

# Every command that needs the database, with enough arguments to get that far.
ASKING = [
    ("status", "p-001"),
    ("at-risk",),
    ("reviews",),
    ("due",),
    ("tick",),
    ("extend", "p-001", "--output", "2", "--until", "2022-07-29", "--reason", "workload"),
    ("contact", "p-001", "--channel", "phone", "--outcome", "reached"),
    ("defer", "p-001", "--from", "2022-06-16", "--until", "2023-01-09", "--reason", "other"),
    ("resume", "p-001"),
    ("remove", "p-001", "--side", "lead_provider", "--decision", "approve"),
    ("declare", "p-001", "--output", "2", "--on", "2022-06-15"),
    ("import", "people.csv"),
    ("staff", "list"),
    ("staff", "add", "--platform", "slack", "--id", "U1", "--name", "Sam", "--role", "viewer"),
    ("staff", "remove", "--platform", "slack", "--id", "U1"),
    ("place", "list"),
    ("place", "add", "--platform", "slack", "--id", "C1", "--partner", "Northern Hub"),
    ("place", "remove", "--platform", "slack", "--id", "C1"),
]


# --- whom is meant ---------------------------------------------------------------------------------------------------


def test_a_name_that_fits_several_lists_their_ids_and_guesses_nothing(npq: Npq) -> None:
    error = npq("status", "jane", "--json").error
    assert error["code"] == "ambiguous_participant"
    assert error["matches"] == ["p-001", "p-002"]
    assert set(error) == {"code", "message", "matches"}
    sentence = npq("status", "jane").sentence
    assert "p-001" in sentence
    assert "p-002" in sentence


@pytest.mark.parametrize("who", ["p-999", "Nobody At All", "", " ", "nobody@example.org", "9999999", "%", "<!here>"])
def test_nobody_is_said_in_one_sentence(npq: Npq, who: str) -> None:
    error = npq("status", who, "--json").error
    assert error["code"] == "unknown_participant"
    assert set(error) == {"code", "message"}


def test_a_name_that_is_nearly_right_is_hinted_at_and_not_taken(npq: Npq) -> None:
    error = npq("status", "Omar Hadad", "--json").error
    assert error["code"] == "unknown_participant"
    assert "Omar Haddad" in error["message"]
    assert npq("status", "Omar Hadad").sentence == error["message"]


@pytest.mark.parametrize(
    ("who", "number"), [("p-002", "4"), ("p-001", "5"), ("p-003", "4"), ("p-001", "0"), ("p-001", "-1")]
)
def test_an_output_that_the_course_does_not_have(npq: Npq, who: str, number: str) -> None:
    ran = npq("status", who, "--output", number, "--json")
    assert ran.error["code"] == "no_such_output"


@pytest.mark.parametrize(
    "filters",
    [("--course", "NPQXX"), ("--cohort", "9"), ("--cohort", "two"), ("--partner", "Nobody")],
    ids=lambda filters: filters[0],
)
def test_a_filter_that_names_nothing_is_refused_and_says_what_there_is(npq: Npq, filters: tuple[str, ...]) -> None:
    error = npq("at-risk", *filters, "--json").error
    assert any(known in error["message"] for known in ("NPQLTD", "1, 2, 3, 4", "Northern Hub"))
    assert npq("at-risk", *filters).sentence == error["message"]


def test_what_is_wrong_in_many_rows_alike_is_told_once_with_the_pack_it_is_about(npq: Npq, tmp_path: Path) -> None:
    header = "participant_id,full_name,course,cohort,delivery_partner"
    rows = [f"x-{n},N {n},NPQLTD,{5 if n < 30 else 2024},Northern Hub" for n in range(31)]
    (tmp_path / "p.csv").write_text("\n".join([header, *rows, "Total: 31 rows"]) + "\n")
    told = npq("import", str(tmp_path / "p.csv")).err.splitlines()
    assert len(told) == 4
    assert (
        "p.csv, 30 rows (2, 3, 4, 5, 6 …), cohort: The policy pack edt-v18 has no cohort 5: give 1, 2, 3 or 4."
        in told[0]
    )
    assert "NPQ_PACK" in told[0]
    assert "row 32, cohort: 2024 is a year, as DfE names cohorts: give its key, which is 1, 2, 3 or 4" in told[1]
    assert "row 33: The row has only “Total: 31 rows”" in told[2]
    assert told[3].startswith("32 cells or rows are wrong, so nothing was imported")
    assert len(npq("import", str(tmp_path / "p.csv"), "--json").json["problems"]) == 32


# --- wrong usage -----------------------------------------------------------------------------------------------------

DATE_OPTIONS = [
    ("status", "p-001", "--as-of"),
    ("at-risk", "--as-of"),
    ("reviews", "--as-of"),
    ("due", "--from"),
    ("due", "--to"),
    ("tick", "--at"),
    ("extend", "p-002", "--output", "1", "--reason", "workload", "--until"),
    ("extend", "p-002", "--output", "1", "--reason", "workload", "--until", "2022-07-29", "--on"),
    ("contact", "p-002", "--channel", "phone", "--outcome", "reached", "--on"),
    ("defer", "p-002", "--until", "2023-01-09", "--reason", "other", "--from"),
    ("defer", "p-002", "--from", "2022-06-16", "--reason", "other", "--until"),
    ("defer", "p-002", "--from", "2022-06-16", "--until", "2023-01-09", "--reason", "other", "--on"),
    ("resume", "p-002", "--on"),
    ("remove", "p-002", "--side", "lead_provider", "--decision", "approve", "--on"),
    ("declare", "p-002", "--output", "1", "--on"),
    ("declare", "p-002", "--output", "1", "--on", "2022-06-15", "--cutoff"),
]


@pytest.mark.parametrize("command", DATE_OPTIONS, ids=lambda command: f"{command[0]} {command[-1]}")
@pytest.mark.parametrize("given", ["soon", "2022-02-30", "2022-13-01", "", "2022-06-16T25:00"])
def test_a_date_option_that_is_no_date_exits_2(bare: Npq, command: tuple[str, ...], given: str) -> None:
    ran = bare(*command, given, "--json")
    assert ran.code == 2
    assert ran.out == ""
    assert command[-1] in ran.err


USAGE = [
    ("no-such-command",),
    ("status",),
    ("status", "p-001", "p-002"),
    ("status", "p-001", "--output", "two"),
    ("status", "p-001", "--no-such-option"),
    ("import",),
    ("extend", "p-001"),
    ("extend", "p-001", "--output", "1", "--until", "2022-07-29"),
    ("contact", "p-001", "--channel", "pigeon", "--outcome", "reached"),
    ("contact", "p-001", "--channel", "phone", "--outcome", "maybe"),
    ("remove", "p-001", "--side", "school", "--decision", "approve"),
    ("remove", "p-001", "--side", "lead_provider", "--decision", "perhaps"),
    ("declare", "p-001", "--output", "1"),
    ("staff", "add", "--platform", "irc", "--id", "U1", "--name", "Sam", "--role", "viewer"),
    ("staff", "add", "--platform", "slack", "--id", "U1", "--name", "Sam", "--role", "king"),
    ("staff", "add", "--platform", "slack", "--name", "Sam", "--role", "viewer"),
    ("staff", "paint"),
    ("place", "add", "--platform", "slack", "--id", "C1"),
    ("pack", "check"),
    ("demo", "--script", "no-such-file.txt"),
]


@pytest.mark.parametrize("command", USAGE, ids=" ".join)
def test_wrong_usage_exits_2(bare: Npq, command: tuple[str, ...]) -> None:
    ran = bare(*command)
    assert ran.code == 2
    assert ran.out == ""
    assert "Usage:" in ran.err


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ASKING, ids=lambda command: " ".join(command[:2]))
def test_without_a_database_every_command_names_npq_migrate(bare: Npq, command: tuple[str, ...]) -> None:
    ran = bare(*command, "--json")
    assert "npq migrate" in ran.error["message"]
    assert len(ran.err.splitlines()) <= 1


def test_without_a_database_people_read_one_sentence(bare: Npq) -> None:
    assert "npq migrate" in bare("status", "p-001").sentence


BROKEN = [
    ("mysql://user:sesame@localhost/npq", "DATABASE_URL"),
    ("nonsense", "DATABASE_URL"),
    ("sqlite:////no/such/folder/npq.db", "/no/such/folder"),
    ("postgresql://user:sesame@127.0.0.1:1/npq", "DATABASE_URL"),
]


@pytest.mark.parametrize(("url", "named"), BROKEN)
def test_a_database_that_cannot_be_used_is_one_sentence_without_its_password(
    bare: Npq, monkeypatch: pytest.MonkeyPatch, url: str, named: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    for command in (("status", "p-001"), ("migrate",)):
        ran = bare(*command, "--json")
        assert named in ran.error["message"]
        assert "sesame" not in ran.out + ran.err
    assert bare("status", "p-001").sentence


def test_a_file_that_is_no_database_is_one_sentence(bare: Npq, surroundings: Path) -> None:
    (surroundings / "npq.db").write_text("this is a letter to the school, not a database\n" * 40)
    for command in (("status", "p-001"), ("migrate",), ("at-risk",)):
        assert bare(*command, "--json").error["message"]
        assert bare(*command).sentence


def test_a_database_that_somebody_else_writes_is_said_in_one_sentence(
    npq: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    command = ("contact", "p-001", "--channel", "phone", "--outcome", "reached")
    with closing(sqlite3.connect(surroundings / "npq.db", isolation_level=None)) as importing:
        importing.execute("BEGIN IMMEDIATE")
        error = npq(*command, "--json").error
        assert error["code"] == "database_busy"
        assert "try again in a minute" in error["message"]
        assert npq(*command).sentence == error["message"]
        assert npq("status", "p-001", "--json").code == 0, "a question does not wait"
    assert npq(*command).code == 0


def test_a_terminal_that_cannot_show_a_name_gets_no_traceback(npq: Npq) -> None:
    """Łukasz Żółkiewski on a terminal that is not set to UTF-8."""
    for options in ((), ("--json",)):
        result = CliRunner(charset="latin-1").invoke(main, ["status", "p-003", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.exit_code in (0, 1)
        assert result.output


# --- settings --------------------------------------------------------------------------------------------------------


def test_no_setting_at_all_means_a_file_in_the_working_directory_and_todays_date(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("NPQ_NOW")
    assert bare("migrate").code == 0
    assert (surroundings / "npq.db").is_file()
    before = datetime.now(ZoneInfo("Europe/London")).date()
    as_of = date.fromisoformat(bare("at-risk", "--json").json["as_of"])
    assert before <= as_of <= datetime.now(ZoneInfo("Europe/London")).date()


def test_settings_that_are_blank_are_as_good_as_unset(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NPQ_NOW", "PORT", "SLACK_BOT_TOKEN", "SLACK_API_URL"):
        monkeypatch.setenv(name, "")
    assert npq("at-risk", "--json").code == 0


def test_a_relative_database_is_in_the_working_directory(
    bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///of-my-own.db")
    assert bare("migrate").code == 0
    assert (surroundings / "of-my-own.db").is_file()


WRONG = [
    ("NPQ_NOW", "soon"),
    ("NPQ_NOW", "2022-06-16T09:00:00"),
    ("NPQ_NOW", "2022-06-16"),
    ("NPQ_NOW", "2022-02-30T09:00:00+00:00"),
    ("PORT", "http"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("SLACK_API_URL", "ftp://example.org"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_with_what_would_be_right(
    npq: Npq, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    error = npq("at-risk", "--json").error
    assert name in error["message"]
    assert npq("at-risk").sentence == error["message"]


def test_a_pack_that_does_not_exist_is_one_sentence(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPQ_PACK", "no-such-pack")
    assert "no-such-pack" in npq("status", "p-001", "--json").error["message"]
    assert npq("status", "p-001").sentence


CLOCKS = [
    # NPQ_NOW, and today in London
    ("2022-06-16T09:00:00+01:00", "2022-06-16"),
    ("2022-06-15T23:30:00+00:00", "2022-06-16"),  # half past midnight in London, in summer
    ("2022-06-15T22:59:59+00:00", "2022-06-15"),
    ("2022-06-16T00:30:00+09:00", "2022-06-15"),
    ("2021-12-13T23:59:59+00:00", "2021-12-13"),
    ("2022-03-27T00:30:00Z", "2022-03-27"),  # the night the clocks go forward
    ("2022-10-30T01:30:00+01:00", "2022-10-30"),
]


@pytest.mark.parametrize(("now", "today"), CLOCKS)
def test_npq_now_says_which_day_it_is_in_london(
    npq: Npq, monkeypatch: pytest.MonkeyPatch, now: str, today: str
) -> None:
    monkeypatch.setenv("NPQ_NOW", now)
    assert npq("at-risk", "--json").json["as_of"] == today


def test_npq_now_decides_what_is_the_future(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("contact", "p-001", "--channel", "phone", "--outcome", "reached", "--on", "2022-06-17", "--json")
    assert npq(*command).code == 1
    monkeypatch.setenv("NPQ_NOW", "2022-06-17T00:00:00+01:00")
    assert npq(*command).code == 0


def test_without_a_frozen_clock_nothing_says_rehearsal(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    days = ("--from", "2022-06-16", "--to", "2022-06-16", "--json")
    frozen = npq("due", *days).json["messages"]
    assert all("rehearsal" in each["text"].casefold() for each in frozen)
    monkeypatch.delenv("NPQ_NOW")
    real = npq("due", *days).json["messages"]
    assert real
    assert not any("rehearsal" in each["text"].casefold() for each in real)
