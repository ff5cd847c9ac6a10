"""`npq defer` and `npq resume` by a pack that limits deferrals: the codes that scripts go by, and the lead provider's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Npq
from tests.reference.made import SHIPPED, add, copy_of

LIMITS = """
[deferral]
reasons = ["bereavement", "parental-leave"]
reason_needed = false
longest_days = 200
last_return = 2023-02-28
how_many = 1
into = "next"
source = "handbook p. 12"

[[deferral.not_between]]
declaration = "started"
last_day = 0

[[deferral.not_between]]
declaration = "completed"
first_day = -60
"""
CONFIRMED = '\n[deferral]\nconfirmed_by_lead_provider = true\nsource = "handbook p. 12"\n'


def by(table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on another pack is used."""
    pack = copy_of(SHIPPED, tmp_path)
    add(pack, "pack.toml", table)
    monkeypatch.setenv("NPQ_PACK", str(pack))


@pytest.fixture
def limited(npq: Npq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npq:
    by(LIMITS, tmp_path, monkeypatch)
    return npq


@pytest.fixture
def confirmed(npq: Npq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npq:
    by(CONFIRMED, tmp_path, monkeypatch)
    return npq


REFUSED = [
    (("--from", "2022-06-20", "--until", "2022-09-01", "--reason", "career-break"), "reason_not_offered", "bereavement, parental-leave"),
    (("--from", "2021-12-13", "--until", "2022-03-01"), "too_early", "14 December 2021 or a later day"),
    (("--from", "2022-12-26", "--until", "2023-02-01"), "too_late", "25 December 2022 or an earlier day"),
    (("--from", "2022-06-20", "--until", "2023-01-07"), "too_long", "6 January 2023 or earlier"),
    (("--from", "2022-12-01", "--until", "2023-03-01"), "return_too_late", "28 February 2023"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "code", "way_out"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_the_pack_does_not_allow(limited: Npq, options: tuple[str, ...], code: str, way_out: str) -> None:
    error = limited("defer", "p-002", *options, "--json").error
    assert error["code"] == code
    assert way_out in error["message"]
    assert way_out in limited("defer", "p-002", *options).sentence
    assert limited("status", "p-002", "--json").json["participant"]["training_status"] == "active"


def test_one_deferral_without_a_reason_and_into_the_next_cohort(limited: Npq) -> None:
    told = limited("defer", "p-002", "--from", "2022-06-16", "--until", "2023-01-02", "--json")
    assert told.json["status"]["participant"]["training_status"] == "deferred"
    again = limited("defer", "p-002", "--from", "2022-06-16", "--until", "2022-10-01", "--json")
    assert again.error["code"] == "too_many"
    error = limited("resume", "p-002", "--cohort", "2", "--json").error
    assert error["code"] == "cohort_not_offered"
    assert "please choose 3" in error["message"]
    assert limited("resume", "p-002", "--cohort", "3", "--json").json["status"]["participant"]["cohort"] == "3"


def test_without_a_policy_a_reason_is_wanted_and_the_days_too(npq: Npq) -> None:
    days = ("--from", "2022-06-16", "--until", "2022-09-01")
    for options, missing in (
        (days, "--reason"),
        (("--until", "2022-09-01"), "--from"),
        (("--from", "2022-06-16"), "--until"),
    ):
        ran = npq("defer", "p-002", *options, "--json")
        assert (ran.code, ran.out) == (2, "")
        assert f"Missing option '{missing}'" in ran.err


def test_asked_for_then_confirmed(confirmed: Npq) -> None:
    asked = confirmed(
        "defer", "p-002", "--from", "2022-06-16", "--until", "2022-12-01", "--reason", "other", "--json"
    ).json
    assert asked["status"]["participant"]["training_status"] == "active"
    [output] = [each for each in asked["status"]["outputs"] if each["output"] == 1]
    assert output["stage"] == "contact"
    assert output["next_steps"][0].startswith("A deferral is asked for from 16 June 2022 to 1 December 2022: ")
    assert "has yet to confirm it" in confirmed("status", "p-002").out
    assert "p-002" in [each["id"] for each in confirmed("at-risk", "--json").json["participants"]]
    told = confirmed("defer", "p-002", "--confirm", "--by", "Lee", "--json").json
    assert "confirmed" in told["recorded"]
    assert told["status"]["participant"]["training_status"] == "deferred"
    assert "p-002" not in [each["id"] for each in confirmed("at-risk", "--json").json["participants"]]
    for answer in ("--confirm", "--decline"):
        assert confirmed("defer", "p-002", answer, "--json").error["code"] == "already_confirmed"


def test_asked_for_then_declined(confirmed: Npq) -> None:
    confirmed("defer", "p-002", "--from", "2022-06-16", "--until", "2022-12-01", "--reason", "other")
    told = confirmed("defer", "p-002", "--decline", "--json").json
    assert told["status"]["participant"]["training_status"] == "active"
    assert "A deferral is asked for" not in str(told)
    assert confirmed("defer", "p-002", "--confirm", "--json").error["code"] == "already_declined"
    assert confirmed("defer", "p-005", "--confirm", "--json").error["code"] == "no_open_request"


def test_an_answer_takes_no_days(confirmed: Npq) -> None:
    for options in (
        ("--confirm", "--decline"),
        ("--confirm", "--reason", "other"),
        ("--decline", "--from", "2022-06-16"),
    ):
        ran = confirmed("defer", "p-002", *options, "--json")
        assert (ran.code, ran.out) == (2, "")
        assert "--confirm or --decline alone" in ran.err
