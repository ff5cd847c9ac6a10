"""Every command's `--json` document, field by field, and its exit, as the public contract has them."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.cli import main
from core.database.database import open_database, writing
from core.database.tables import Place, Staff
from core.rules.results import Stage, Verdict
from reference.loading import PACKS
from reference.pack import Pack
from tests.cli.conftest import FILES, Npq
from tests.fakes.slack import FakeSlack

STATUS = {"as_of", "participant", "outputs", "current_output"}
PARTICIPANT = {"id", "name", "course", "course_identifier", "cohort", "delivery_partner", "training_status"}
OUTPUT = {
    "output", "kind", "declaration_type", "review_date", "window_ends", "deadline", "verdict", "met_on", "payable",
    "papers_missing", "declared", "stage", "baseline", "criteria", "credits", "warnings", "next_steps", "extensions",
    "unanswered_contacts", "cut_off", "in_time", "tree", "warning_codes", "gate",
}  # fmt: skip
CRITERION = {"criterion", "verdict", "reason", "rule", "path", "done", "offered"}
CREDITS = {"earned", "at_baseline", "total", "needed", "percent"}
CRITERIA = {
    "attendance", "self_study", "video", "progress", "engagement_metric", "assessment_tracked", "credits_90",
    "assessment_copies",
}  # fmt: skip
AT_RISK = {
    "id", "name", "delivery_partner", "course", "cohort", "output", "review_date", "verdict", "stage", "reasons",
    "next_steps",
}  # fmt: skip
DUE = {
    "key", "due_at", "about", "delivery_partner", "course_group", "cohort", "output", "destination", "participants",
    "text",
}  # fmt: skip
WORST_FIRST = [
    "removal_pending", "removal_review", "contact", "extended", "window", "refer_to_lead_provider", "pre_review",
]  # fmt: skip
NEVER_AT_RISK = {"declared", "withdrawn", "deferred", "rescheduling_needed", "not_defined", "not_scheduled", "not_due"}
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")

# The contract's own table of commands.
NAMED = (
    "demo", "migrate", "import", "status", "at-risk", "reviews", "due", "tick", "extend", "contact", "defer", "resume",
    "remove", "declare", "staff", "place", "pack", "serve", "worker", "doctor",
)  # fmt: skip


def test_every_command_of_the_contract_is_there(bare: Npq) -> None:
    told = bare("--help")
    assert told.code == 0
    for name in NAMED:
        assert re.search(rf"^  {name} ", told.out, re.MULTILINE), name
        assert bare(name, "--help").code == 0
    assert main.name == "main"


# --- status ----------------------------------------------------------------------------------------------------------


def output(document: dict[str, Any], number: int) -> dict[str, Any]:
    (found,) = [each for each in document["outputs"] if each["output"] == number]
    assert isinstance(found, dict)
    return found


def test_status_has_exactly_the_contracts_fields_with_values_of_its_kinds(npq: Npq) -> None:
    for number in range(1, 11):
        ran = npq("status", f"p-{number:03d}", "--json")
        assert (ran.code, ran.err) == (0, "")
        assert ran.json["participant"]["id"] == f"p-{number:03d}"
        check_fields(ran.json)
        check_values(ran.json)


def test_status_has_no_further_field(npq: Npq) -> None:
    assert set(npq("status", "p-001", "--json").json) == STATUS


def check_fields(found: dict[str, Any]) -> None:
    assert set(found) >= STATUS
    assert set(found["participant"]) == PARTICIPANT
    assert [each["output"] for each in found["outputs"]] == list(range(1, len(found["outputs"]) + 1))
    for each in found["outputs"]:
        assert set(each) == OUTPUT
        assert set(each["credits"]) == CREDITS
        assert all(set(criterion) == CRITERION for criterion in each["criteria"])


def check_values(found: dict[str, Any]) -> None:
    assert found["as_of"] == "2022-06-16"
    assert found["current_output"] in (None, *range(1, 5))
    assert found["participant"]["training_status"] in ("active", "deferred", "withdrawn")
    for each in found["outputs"]:
        assert each["kind"] in ("started", "retention", "completion")
        assert each["declaration_type"] in ("started", "retained-1", "retained-2", "completed")
        assert each["verdict"] in get_args(Verdict)
        assert each["stage"] in get_args(Stage)
        for name in ("review_date", "window_ends", "deadline", "met_on", "baseline", "cut_off"):
            assert each[name] is None or ISO.fullmatch(each[name])
        assert type(each["payable"]) is type(each["declared"]) is bool
        assert each["in_time"] in (None, True, False)
        assert each["papers_missing"] == [
            paper for paper in ("school_contract", "sponsorship_agreement") if paper in each["papers_missing"]
        ]
        assert type(each["extensions"]) is type(each["unanswered_contacts"]) is int
        for name in ("earned", "at_baseline", "total", "needed"):
            assert each["credits"][name] is None or type(each["credits"][name]) is int
        percent = each["credits"]["percent"]
        assert percent is None or re.fullmatch(r"\d+\.\d", percent)
        assert all(isinstance(words, str) for name in ("warnings", "next_steps") for words in each[name])
        assert len(each["warning_codes"]) == len(each["warnings"])
        assert all(re.fullmatch(r"[a-z_]+", code) for code in each["warning_codes"])
        for criterion in each["criteria"]:
            assert criterion["criterion"] in CRITERIA
            assert criterion["verdict"] in ("met", "not_met", "unknown")
            assert re.fullmatch(r"R\d+", criterion["rule"])
            assert criterion["reason"].strip()
            where: Any = each["tree"]
            for step in criterion["path"].split("."):
                where = where[int(step) if step.isdigit() else step]
            assert where == {"criterion": criterion["criterion"], "verdict": criterion["verdict"]}
            assert all(criterion[name] is None or isinstance(criterion[name], str) for name in ("done", "offered"))


def test_the_contracts_own_example(npq: Npq) -> None:
    found = npq("status", "p-001", "--as-of", "2022-06-01", "--json").json
    assert found["as_of"] == "2022-06-01"
    assert found["participant"] == {
        "id": "p-001",
        "name": "Jane Smith",
        "course": "NPQSL",
        "course_identifier": "npq-senior-leadership",
        "cohort": "1",
        "delivery_partner": "Northern Hub",
        "training_status": "active",
    }
    assert found["current_output"] == 2
    second = output(found, 2)
    assert {
        name: second[name] for name in OUTPUT - {"criteria", "tree", "warnings", "warning_codes", "next_steps"}
    } == {
        "output": 2,
        "kind": "retention",
        "declaration_type": "retained-1",
        "review_date": "2022-06-23",
        "window_ends": "2022-07-14",
        "deadline": "2022-07-14",
        "verdict": "not_met",
        "met_on": None,
        "payable": False,
        "papers_missing": ["sponsorship_agreement"],
        "declared": False,
        "stage": "pre_review",
        "baseline": "2021-12-13",
        "credits": {"earned": 61, "at_baseline": 61, "total": 249, "needed": None, "percent": "24.4"},
        "extensions": 0,
        "unanswered_contacts": 0,
        "cut_off": None,
        "gate": None,
        "in_time": None,
    }
    assert [criterion["criterion"] for criterion in second["criteria"]] == [
        "progress",
        "attendance",
        "engagement_metric",
        "video",
    ]
    assert {criterion["rule"] for criterion in second["criteria"]} == {"R22", "R23", "R24", "R25"}
    assert second["next_steps"]


def test_output_1_has_no_baseline_and_starts_from_no_credits(npq: Npq) -> None:
    first = output(npq("status", "p-001", "--json").json, 1)
    assert first["baseline"] is None
    assert first["credits"]["at_baseline"] == 0
    assert first["declared"] is True
    assert first["stage"] == "declared"


def test_only_completion_needs_a_number_of_credits_and_it_is_the_smallest(npq: Npq) -> None:
    found = npq("status", "p-005", "--json").json
    assert [each["credits"]["needed"] for each in found["outputs"]] == [None, None, 167]
    last = output(found, 3)["credits"]
    assert (last["earned"], last["total"], last["percent"]) == (166, 185, "89.7")


def test_while_the_total_is_tbc_percent_needed_and_total_are_null(npq: Npq) -> None:
    for each in npq("status", "p-006", "--json").json["outputs"]:
        assert (each["credits"]["percent"], each["credits"]["needed"], each["credits"]["total"]) == (None, None, None)


def test_for_ehco_credits_are_an_object_of_nulls_and_nothing_is_defined(npq: Npq) -> None:
    found = npq("status", "p-003", "--json").json
    assert [each["kind"] for each in found["outputs"]] == ["started", "retention", "completion"]
    for each in found["outputs"]:
        assert each["credits"] == dict.fromkeys(CREDITS)
        assert each["criteria"] == []
        assert (each["verdict"], each["stage"], each["review_date"]) == ("not_defined", "not_defined", None)


def test_both_papers_are_listed_in_the_contracts_order(npq: Npq) -> None:
    assert output(npq("status", "p-004", "--json").json, 1)["papers_missing"] == [
        "school_contract",
        "sponsorship_agreement",
    ]


def test_met_is_not_yet_payable_without_the_papers(npq: Npq) -> None:
    first = output(npq("status", "p-004", "--json").json, 1)
    assert (first["verdict"], first["met_on"], first["payable"]) == ("met", "2021-12-01", False)


def test_current_output_is_null_when_all_are_declared(npq: Npq) -> None:
    assert npq("status", "p-007", "--json").json["current_output"] is None


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_output_n_gives_only_that_one(npq: Npq, number: int) -> None:
    found = npq("status", "p-001", "--output", str(number), "--json").json
    assert [each["output"] for each in found["outputs"]] == [number]
    assert found["current_output"] == 2


@pytest.mark.parametrize(
    "who", ["p-001", "jane.smith@example.org", "JANE.SMITH@example.org", "3100001", "Jane Smith", "jane smith", "smith"]
)
def test_who_is_an_id_an_email_a_trn_or_a_name(npq: Npq, who: str) -> None:
    assert npq("status", who, "--json").json["participant"]["id"] == "p-001"


def test_a_name_is_found_without_its_accents(npq: Npq) -> None:
    assert npq("status", "lukasz zolkiewski", "--json").json["participant"]["name"] == "Łukasz Żółkiewski"
    assert npq("status", "sian llwyd-wyn", "--json").json["participant"]["id"] == "p-006"


def test_as_of_is_the_end_of_that_day(npq: Npq) -> None:
    before = npq("status", "p-001", "--as-of", "2021-12-19", "--json").json
    after = npq("status", "p-001", "--as-of", "2021-12-20", "--json").json
    assert (before["current_output"], after["current_output"]) == (1, 2)


def test_names_are_written_as_they_are(npq: Npq) -> None:
    ran = npq("status", "p-005", "--json")
    assert "Ann <!channel> & Co" in ran.out
    assert "Żółkiewski" in npq("status", "p-003", "--json").out


# --- at-risk and reviews ---------------------------------------------------------------------------------------------


def test_at_risk_has_exactly_the_contracts_fields(npq: Npq) -> None:
    found = npq("at-risk", "--json").json
    assert set(found) == {"as_of", "participants", "count", "not_scheduled"}
    assert found["as_of"] == "2022-06-16"
    assert found["count"] == len(found["participants"]) > 0
    for each in found["participants"]:
        assert set(each) == AT_RISK
        assert each["verdict"] in ("not_met", "unknown")
        assert each["stage"] not in NEVER_AT_RISK
        assert isinstance(each["reasons"], list)
        assert isinstance(each["next_steps"], list)
        assert ISO.fullmatch(each["review_date"])
    assert found["not_scheduled"] == 0


def test_at_risk_lists_who_it_should_worst_first(npq: Npq) -> None:
    found = npq("at-risk", "--json").json["participants"]
    assert [each["id"] for each in found] == ["p-009", "p-002", "p-001", "p-010"]
    order = [(WORST_FIRST.index(each["stage"]), each["review_date"], each["name"].casefold()) for each in found]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (("--partner", "Southern Hub"), ["p-010"]),
        (("--partner", "southern hub"), ["p-010"]),
        (("--course", "NPQSL"), ["p-001", "p-010"]),
        (("--course", "npq-senior-leadership"), ["p-001", "p-010"]),
        (("--cohort", "3"), []),
        (("--cohort", "1", "--course", "npqltd"), ["p-002"]),
        (("--as-of", "2021-10-01"), []),
    ],
)
def test_at_risk_takes_filters(npq: Npq, filters: tuple[str, ...], ids: list[str]) -> None:
    found = npq("at-risk", *filters, "--json").json
    assert [each["id"] for each in found["participants"]] == ids
    assert found["count"] == len(ids)


def test_at_risk_looks_at_another_output_when_asked(npq: Npq) -> None:
    found = npq("at-risk", "--output", "2", "--json").json["participants"]
    assert {each["output"] for each in found} == {2}
    assert "p-002" in {each["id"] for each in found}


def test_reviews_give_every_date(npq: Npq) -> None:
    found = npq("reviews", "--json").json
    assert found["as_of"] == "2022-06-16"
    assert found["reviews"]
    for each in found["reviews"]:
        assert {"delivery_partner", "course_group", "cohort", "output", "review_date", "window_ends", "invoice_date",
                "payment_date", "meeting_on", "review_computed", "cut_off", "whose"} <= set(each)  # fmt: skip
        dates = [each[name] for name in ("review_date", "window_ends")]
        assert all(ISO.fullmatch(day) for day in dates)
        assert dates == sorted(dates)
        assert (each["review_computed"], each["cut_off"], each["whose"]) == (False, None, [])
    assert found["not_scheduled"] == 0
    northern = npq("reviews", "--partner", "Northern Hub", "--json").json["reviews"]
    assert {each["delivery_partner"] for each in northern} == {"Northern Hub"}
    assert {each["meeting_on"] for each in northern} == {"2022-06-24"}


# --- due and tick ----------------------------------------------------------------------------------------------------


def test_due_has_exactly_the_contracts_fields(npq: Npq) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    found = npq("due", "--json").json
    assert set(found) == {"messages"}
    assert found["messages"]
    for each in found["messages"]:
        assert set(each) == DUE, "sent_at only where it was sent"
        moment = datetime.fromisoformat(each["due_at"])
        assert moment.utcoffset() is not None
        assert each["due_at"].endswith("T09:00:00+01:00"), "09:00 in London, in summer"
        assert ISO.fullmatch(each["about"])
        assert each["text"].strip()
        if each["delivery_partner"] == "Northern Hub":
            assert each["destination"] == {"platform": "slack", "id": "C0TEAM"}
        else:
            assert each["destination"] is None
    times = [each["due_at"] for each in found["messages"]]
    assert times == sorted(times)


def test_due_says_who_is_meant_when_and_in_which_words(npq: Npq) -> None:
    found = npq("due", "--from", "2022-06-16", "--to", "2022-06-16", "--json").json["messages"]
    (upcoming,) = [m for m in found if m["key"] == "review_upcoming" and m["delivery_partner"] == "Northern Hub"
                   and m["course_group"] == "leadership"]  # fmt: skip
    assert upcoming["due_at"] == "2022-06-16T09:00:00+01:00"
    assert upcoming["about"] == "2022-06-23"
    assert (upcoming["cohort"], upcoming["output"]) == ("1", 2)
    assert upcoming["participants"] == ["p-001"]
    assert "Jane Smith" in upcoming["text"]
    assert "23 June 2022" in upcoming["text"]
    assert "rehearsal" in upcoming["text"].casefold()


def test_a_meeting_pack_has_no_group_and_nobody_in_particular(npq: Npq) -> None:
    found = npq("due", "--from", "2022-06-17", "--to", "2022-06-17", "--json").json["messages"]
    (pack_message,) = [m for m in found if m["key"] == "meeting_pack"]
    assert (pack_message["course_group"], pack_message["cohort"], pack_message["output"]) == (None, None, None)
    assert pack_message["participants"] == []
    assert pack_message["about"] == "2022-06-24"


DAYS = [
    # from, to, how many days of June have a message then (all are due at 09:00 London time)
    (("--from", "2022-06-16", "--to", "2022-06-16"), {"2022-06-16"}),
    (("--from", "2022-06-16T09:00:00+01:00", "--to", "2022-06-16T09:00:00+01:00"), {"2022-06-16"}),
    (("--from", "2022-06-16T08:00:00+00:00", "--to", "2022-06-16T08:00:00+00:00"), {"2022-06-16"}),
    (("--from", "2022-06-16T09:00:01+01:00", "--to", "2022-06-16T23:59:59+01:00"), set()),
    (("--from", "2022-06-16", "--to", "2022-06-17"), {"2022-06-16", "2022-06-17"}),
    (("--from", "2022-06-17", "--to", "2022-06-16"), set()),
]


@pytest.mark.parametrize(("options", "days"), DAYS)
def test_from_and_to_are_whole_london_days_or_instants(npq: Npq, options: tuple[str, ...], days: set[str]) -> None:
    found = npq("due", *options, "--json").json["messages"]
    assert {each["due_at"][:10] for each in found} == days


def test_due_is_from_now_to_seven_days_on(npq: Npq, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = npq("due", "--from", "2022-06-16", "--to", "2022-06-23T09:00:00+01:00", "--json").json["messages"]
    assert npq("due", "--json").json["messages"] == whole
    monkeypatch.setenv("NPQ_NOW", "2022-06-16T09:00:01+01:00")
    later = npq("due", "--json").json["messages"]
    assert "2022-06-16" not in {each["due_at"][:10] for each in later}


def test_due_begins_with_what_goes_out_at_once(npq: Npq, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a first start the weeks before are caught up with: what is listed for now is what a tick then sends."""
    monkeypatch.setenv("NPQ_NOW", "2022-06-19T12:00:00+01:00")  # a Sunday
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    now = [m for m in npq("due", "--json").json["messages"] if m["due_at"] <= "2022-06-19T12"]
    assert now
    assert npq("due").out.startswith(f"Now: {len(now)}, by the next pass\n")
    assert npq("tick", "--json").json["sent"] == len(now)
    assert sorted(post["text"] for post in slack.said("C0TEAM")) == sorted(m["text"] for m in now)
    after = npq("due").out
    assert after.startswith("Now: nothing\nTo come until 26 June 2022: ")


def test_in_winter_messages_are_due_at_nine_greenwich_time(npq: Npq) -> None:
    found = npq("due", "--from", "2021-11-15", "--to", "2021-12-13", "--json").json["messages"]
    assert found
    assert all(each["due_at"].endswith("T09:00:00+00:00") for each in found)


def test_due_sends_nothing(npq: Npq, slack: FakeSlack) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    npq("due", "--json")
    assert slack.calls == []


def test_tick_sends_what_is_due_once_and_due_then_says_when(npq: Npq, slack: FakeSlack) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Southern Hub")
    ran = npq("tick", "--json")
    assert ran.code == 0
    assert {"planned", "sent", "troubles"} <= set(ran.json)
    assert ran.json["sent"] == len(slack.said("C0TEAM")) > 0
    again = npq("tick", "--json").json
    assert (again["planned"], again["sent"]) == (0, 0)
    assert len(slack.said("C0TEAM")) == ran.json["sent"]

    found = npq("due", "--from", "2022-06-16", "--to", "2022-06-16", "--json").json["messages"]
    sent = [each for each in found if each["destination"] is not None]
    assert sent
    for each in sent:
        assert set(each) == DUE | {"sent_at"}
        assert datetime.fromisoformat(each["sent_at"]).utcoffset() == datetime.fromisoformat(each["due_at"]).utcoffset()


def test_tick_at_a_moment_plans_for_that_moment(npq: Npq, slack: FakeSlack) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Southern Hub")
    ran = npq("tick", "--at", "2022-06-24T09:00:00+01:00", "--json")
    assert ran.code == 0
    assert any("23 June 2022" in str(post) for post in slack.said("C0TEAM"))


def test_tick_exits_0_and_says_one_line_when_slack_refuses_a_post(npq: Npq, slack: FakeSlack) -> None:
    slack.channel("C0AWAY", bot_in=False)
    npq("place", "add", "--platform", "slack", "--id", "C0AWAY", "--partner", "Southern Hub")
    ran = npq("tick", "--json")
    assert ran.code == 0
    assert ran.json["sent"] == 0
    assert ran.err.strip()
    assert all("C0AWAY" in line or "invite" in line.casefold() for line in ran.err.splitlines())


def test_tick_without_slack_keeps_what_is_due_waiting(npq: Npq) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    ran = npq("tick", "--json")
    assert ran.code == 0
    assert ran.json["sent"] == 0
    assert "slack" in ran.err.casefold()


# --- what staff decide -----------------------------------------------------------------------------------------------

DECISIONS = [
    ("extend", "p-002", "--output", "1", "--until", "2022-07-29", "--reason", "workload"),
    ("contact", "p-002", "--channel", "phone", "--outcome", "no-answer"),
    ("contact", "p-002", "--channel", "in-person", "--outcome", "reached"),
    ("defer", "p-002", "--from", "2022-06-16", "--until", "2023-01-09", "--reason", "parental-leave"),
    ("remove", "p-002", "--side", "delivery_partner", "--decision", "approve"),
    ("declare", "p-004", "--output", "1", "--on", "2022-06-15", "--cutoff", "2022-06-14"),
]


@pytest.mark.parametrize("command", DECISIONS, ids=[f"{row[0]} {row[-1]}" for row in DECISIONS])
def test_a_decision_is_recorded_and_its_outcome_told(npq: Npq, command: tuple[str, ...]) -> None:
    ran = npq(*command, "--by", "Sam Coordinator", "--json")
    assert ran.code == 0, ran
    assert ran.err == ""
    assert "error" not in ran.json


def test_a_decision_is_told_to_people_in_a_sentence(npq: Npq) -> None:
    ran = npq("contact", "jane smith", "--channel", "email", "--outcome", "reached", "--on", "2022-06-15")
    assert (ran.code, ran.err) == (0, "")
    assert "Jane Smith" in ran.out
    assert "15 June 2022" in ran.out


def test_an_extension_changes_deadline_and_stage(npq: Npq) -> None:
    npq("extend", "p-002", "--output", "1", "--until", "2022-07-29", "--reason", "workload")
    first = output(npq("status", "p-002", "--json").json, 1)
    assert (first["deadline"], first["stage"], first["extensions"]) == ("2022-07-29", "extended", 1)
    assert first["window_ends"] == "2022-01-03"
    yesterday = output(npq("status", "p-002", "--as-of", "2022-06-15", "--json").json, 1)
    assert (yesterday["stage"], yesterday["extensions"]) == ("contact", 0)


def test_a_date_outside_the_course_is_recorded_with_a_warning(npq: Npq) -> None:
    said = "30 June 2036 lies after the last date of"
    asked = ("extend", "p-002", "--output", "1", "--reason", "workload", "--until")
    found = npq(*asked, "2036-06-30", "--json").json
    assert any(said in warning for warning in found["warnings"])
    ran = npq("contact", "p-002", "--channel", "phone", "--outcome", "reached", "--on", "2016-06-15")
    assert ran.code == 0
    assert "Please note: 15 June 2016 lies before cohort 1 began (1 November 2021)." in ran.out


def test_three_unanswered_contacts_lead_to_removal_which_takes_both_sides(npq: Npq) -> None:
    for day in ("2022-06-13", "2022-06-14", "2022-06-15"):
        assert npq("contact", "p-002", "--channel", "phone", "--outcome", "no-answer", "--on", day).code == 0
    found = npq("status", "p-002", "--json").json
    assert output(found, 1)["stage"] == "removal_review"
    assert [each["unanswered_contacts"] for each in found["outputs"]] == [3, 3, 3]
    approve = ("--decision", "approve")
    assert npq("remove", "p-002", "--side", "delivery_partner", *approve, "--by", "Sam").code == 0
    assert output(npq("status", "p-002", "--json").json, 1)["stage"] == "removal_pending"
    again = npq("remove", "p-002", "--side", "delivery_partner", *approve, "--by", "Sam", "--json")
    assert again.error["code"] == "already_approved"
    assert npq("remove", "p-002", "--side", "lead_provider", *approve, "--by", "Lee").code == 0
    found = npq("status", "p-002", "--json").json
    assert found["participant"]["training_status"] == "withdrawn"
    assert {each["stage"] for each in found["outputs"]} == {"withdrawn"}


def test_the_two_sides_are_two_people(npq: Npq) -> None:
    approve = ("--decision", "approve", "--by", "Sam")
    npq("remove", "p-002", "--side", "delivery_partner", *approve)
    assert npq("remove", "p-002", "--side", "lead_provider", *approve, "--json").code == 1


def test_a_deferral_lasts_until_a_return_is_recorded(npq: Npq) -> None:
    npq(
        "defer",
        "p-001",
        "--from",
        "2022-06-10",
        "--until",
        "2022-06-14",
        "--reason",
        "bereavement",
        "--on",
        "2022-06-10",
    )
    found = npq("status", "p-001", "--json").json
    assert (found["participant"]["training_status"], output(found, 2)["stage"]) == ("deferred", "deferred")
    assert npq("resume", "p-001").code == 0
    assert output(npq("status", "p-001", "--json").json, 2)["stage"] == "rescheduling_needed"
    assert npq("resume", "p-001", "--cohort", "2").code == 0
    found = npq("status", "p-001", "--json").json
    assert found["participant"]["cohort"] == "2"
    assert output(found, 1)["review_date"] == "2021-12-13", "declared before: it keeps the dates of its cohort"
    assert output(found, 2)["review_date"] == "2022-09-23"


def test_a_declaration_is_recorded_with_its_cutoff(npq: Npq) -> None:
    npq("declare", "p-004", "--output", "1", "--on", "2022-06-15", "--cutoff", "2022-06-14")
    found = npq("status", "p-004", "--json").json
    assert found["current_output"] == 2
    assert output(found, 1)["declared"] is True
    assert output(found, 2)["baseline"] == "2022-06-14"


REFUSED = [
    # what is asked, and the code of the refusal where the contract or the rulebook names it
    (("extend", "p-002", "--output", "1", "--until", "2022-01-03", "--reason", "workload"), None),
    (("extend", "p-002", "--output", "1", "--until", "2022-06-16", "--reason", "workload"), None),
    (("extend", "p-002", "--output", "1", "--until", "2022-07-29", "--reason", "boredom"), None),
    (("extend", "p-001", "--output", "1", "--until", "2022-07-29", "--reason", "workload"), None),
    (("extend", "p-004", "--output", "1", "--until", "2022-07-29", "--reason", "workload"), None),
    (("extend", "p-008", "--output", "1", "--until", "2022-07-29", "--reason", "workload"), None),
    (("extend", "p-003", "--output", "1", "--until", "2022-07-29", "--reason", "workload"), None),
    (("extend", "p-002", "--output", "4", "--until", "2022-07-29", "--reason", "workload"), "no_such_output"),
    (("extend", "p-002", "--output", "1", "--until", "2022-07-29", "--reason", "workload", "--on", "2022-06-17"), None),
    (("contact", "p-002", "--channel", "phone", "--outcome", "reached", "--on", "2022-06-17"), None),
    (("defer", "p-002", "--from", "2022-06-16", "--until", "2022-06-16", "--reason", "bereavement"), None),
    (("defer", "p-002", "--from", "2022-06-16", "--until", "2023-01-09", "--reason", "holiday"), None),
    (("defer", "p-008", "--from", "2022-06-16", "--until", "2023-01-09", "--reason", "other"), None),
    (("resume", "p-002"), None),
    (("resume", "p-002", "--cohort", "9"), None),
    (("remove", "p-002", "--side", "delivery_partner", "--decision", "reject"), None),
    (("remove", "p-004", "--side", "delivery_partner", "--decision", "approve"), None),
    (("remove", "p-008", "--side", "delivery_partner", "--decision", "approve"), None),
    (("declare", "p-004", "--output", "1", "--on", "2022-06-17"), None),
    (("declare", "p-004", "--output", "1", "--on", "2022-06-15", "--cutoff", "2022-06-16"), None),
    (("declare", "p-001", "--output", "1", "--on", "2022-06-15"), None),
    (("declare", "p-004", "--output", "7", "--on", "2022-06-15"), "no_such_output"),
    (("contact", "p-999", "--channel", "phone", "--outcome", "reached"), "unknown_participant"),
    (("contact", "jane", "--channel", "phone", "--outcome", "reached"), "ambiguous_participant"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_what_a_rule_refuses_exits_1_and_changes_nothing(
    npq: Npq, surroundings: Path, command: tuple[str, ...], code: str | None
) -> None:
    before = recorded(surroundings)
    ran = npq(*command, "--json")
    assert ran.error["code"] == (code or ran.error["code"])
    assert set(ran.error) == {"code", "message"} | ({"matches"} if code == "ambiguous_participant" else set())
    assert recorded(surroundings) == before


@pytest.mark.parametrize("command", [REFUSED[0][0], REFUSED[9][0], REFUSED[-1][0]], ids=lambda command: command[0])
def test_what_a_rule_refuses_is_one_sentence_for_people(npq: Npq, command: tuple[str, ...]) -> None:
    assert npq(*command).sentence == npq(*command, "--json").error["message"]


def recorded(folder: Path) -> list[int]:
    """How many decisions, declarations and entries of the audit trail there are."""
    with closing(sqlite3.connect(folder / "npq.db")) as database:
        counts = [f"SELECT count(*) FROM {table}" for table in ("decision", "declarations", "audit")]
        return [database.execute(count).fetchone()[0] for count in counts]


# --- who and where ---------------------------------------------------------------------------------------------------


def test_staff_are_added_listed_changed_and_removed(npq: Npq) -> None:
    add = ("staff", "add", "--platform", "slack", "--id", "U012ABC", "--name", "Sam Ward")
    assert npq("staff", "list", "--json").json == {"staff": []}
    assert npq(*add, "--role", "coordinator", "--partner", "northern hub", "--json").code == 0
    (sam,) = npq("staff", "list", "--json").json["staff"]
    assert sam == {
        "platform": "slack",
        "id": "U012ABC",
        "name": "Sam Ward",
        "role": "coordinator",
        "partner": "Northern Hub",
    }
    kept = npq(*add, "--role", "viewer")
    assert "as viewer for Northern Hub. That was so before and is kept" in kept.out
    (sam,) = npq("staff", "list", "--json").json["staff"]
    assert (sam["role"], sam["partner"]) == ("viewer", "Northern Hub"), "nobody sees more by being added again"
    assert "Sam Ward" in npq("staff", "list").out
    assert npq("staff", "remove", "--platform", "slack", "--id", "U012ABC", "--json").code == 0
    assert npq("staff", "list", "--json").json == {"staff": []}
    assert npq("staff", "remove", "--platform", "slack", "--id", "U012ABC", "--json").error["code"]


def test_every_role_can_be_given_on_every_platform(npq: Npq) -> None:
    roles = ("viewer", "facilitator", "coordinator", "lead_provider", "administrator")
    someone = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    for platform, one, role in [("slack", f"U{n}", role) for n, role in enumerate(roles)] + [
        ("teams", someone, "viewer")
    ]:
        ran = npq("staff", "add", "--platform", platform, "--id", one, "--name", "Sam", "--role", role)
        assert ran.code == 0
        assert f"as {role.replace('_', ' ')} for everybody's participants." in ran.out
    assert len(npq("staff", "list", "--json").json["staff"]) == 6


def test_places_are_added_listed_and_removed(npq: Npq) -> None:
    add = ("place", "add", "--platform", "slack", "--partner", "Northern Hub")
    assert npq(*add, "--id", "C1", "--json").code == 0
    assert npq(*add, "--id", "C2", "--course-group", "leadership", "--cohort", "1", "--json").code == 0
    found = npq("place", "list", "--json").json["places"]
    assert [(p["platform"], p["id"], p["partner"], p["course_group"], p["cohort"]) for p in found] == [
        ("slack", "C1", "Northern Hub", None, None),
        ("slack", "C2", "Northern Hub", "leadership", "1"),
    ]
    due = npq("due", "--from", "2022-06-16", "--to", "2022-06-21", "--json").json["messages"]
    ways = {
        (m["course_group"], (m["destination"] or {}).get("id")) for m in due if m["delivery_partner"] == "Northern Hub"
    }
    assert ways == {("leadership", "C2"), ("specialist", "C1"), (None, "C1")}, "the most specific place gets it"
    assert npq("place", "remove", "--platform", "slack", "--id", "C2", "--json").code == 0
    assert [p["id"] for p in npq("place", "list", "--json").json["places"]] == ["C1"]
    assert npq("place", "remove", "--platform", "slack", "--id", "C2", "--json").error["code"]
    assert "Northern Hub" in npq("place", "list").out


@pytest.mark.parametrize(
    "command",
    [
        (
            "staff",
            "add",
            "--platform",
            "slack",
            "--id",
            "U1",
            "--name",
            "Sam",
            "--role",
            "viewer",
            "--partner",
            "Nobody",
        ),
        ("staff", "add", "--platform", "slack", "--id", " ", "--name", "Sam", "--role", "viewer"),
        ("place", "add", "--platform", "slack", "--id", "C1", "--partner", "Nobody"),
        ("place", "add", "--platform", "slack", "--id", "C1", "--partner", "Northern Hub", "--course-group", "primary"),
        ("place", "add", "--platform", "slack", "--id", "C1", "--partner", "Northern Hub", "--cohort", "9"),
        ("place", "add", "--platform", "slack", "--id", " ", "--partner", "Northern Hub"),
    ],
    ids=" ".join,
)
def test_what_is_unknown_about_staff_and_places_is_refused(npq: Npq, command: tuple[str, ...]) -> None:
    assert npq(*command, "--json").error["message"]
    assert npq(command[0], "list", "--json").json in ({"staff": []}, {"places": []})


# --- files and packs -------------------------------------------------------------------------------------------------


def written(folder: Path) -> list[str]:
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.csv") for name in FILES]


def test_import_reads_all_files_of_one_call_and_twice_changes_nothing(bare: Npq, surroundings: Path) -> None:
    bare("migrate")
    paths = written(surroundings)
    first = bare("import", *paths, "--json")
    assert first.code == 0
    assert [file["kind"] for file in first.json["files"]] == list(FILES)
    assert [file["rows"] for file in first.json["files"]] == [
        len(list(csv.reader(t.splitlines()))) - 1 for t in FILES.values()
    ]
    again = bare("import", *paths, "--json").json
    assert [(file["added"], file["changed"]) for file in again["files"]] == [(0, 0)] * len(FILES)
    assert bare("status", "p-001", "--json").code == 0
    assert "participants" in bare("import", paths[0]).out


def test_a_dry_run_reports_and_writes_nothing(bare: Npq, surroundings: Path) -> None:
    bare("migrate")
    ran = bare("import", *written(surroundings), "--dry-run", "--json")
    assert ran.code == 0
    assert ran.json["files"][0]["rows"] == 10
    assert bare("status", "p-001", "--json").error["code"] == "unknown_participant"


def test_a_wrong_row_changes_nothing_and_is_named_with_file_row_column_and_value(bare: Npq, surroundings: Path) -> None:
    bare("migrate")
    path = surroundings / "people.csv"
    path.write_text(FILES["participants"].replace("NPQLBC", "NPQXX"), encoding="utf-8")
    ran = bare("import", str(path), "--json")
    assert ran.error["code"]
    (problem,) = ran.json["problems"]
    assert (Path(problem["file"]).name, problem["row"], problem["column"], problem["value"]) == (
        "people.csv",
        10,
        "course",
        "NPQXX",
    )
    assert "NPQLBC" in problem["message"], "says what would be right"
    assert bare("status", "p-001", "--json").error["code"] == "unknown_participant"
    plain = bare("import", str(path))
    assert plain.code == 1
    assert "row 10" in plain.err
    skipped = bare("import", str(path), "--skip-bad-rows", "--json")
    assert skipped.code == 0
    assert skipped.json["files"][0]["added"] == 9


@pytest.mark.parametrize("options", [(), ("--skip-bad-rows",)])
def test_dates_with_the_month_first_are_refused_whole(npq: Npq, surroundings: Path, options: tuple[str, ...]) -> None:
    path = surroundings / "american.csv"
    header = "event_id,event_type,event_date,participant_id,status"
    path.write_text(
        f"{header}\nx-1,f2f,01/06/2022,p-001,attended\nx-2,f2f,05/25/2022,p-001,attended\n", encoding="utf-8"
    )
    ran = npq("import", str(path), *options, "--json")
    assert ran.code == 1
    (problem,) = ran.json["error"]["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (3, "event_date", "05/25/2022")
    assert "05/25/2022 in row 3" in npq("import", str(path), *options).err


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00\xd8", b"a,b\n1,2\n", b"participant_id\0\n"])
def test_a_file_that_cannot_be_read_is_refused_in_words(bare: Npq, surroundings: Path, content: bytes | None) -> None:
    bare("migrate")
    path = surroundings / "file.csv"
    if content is not None:
        path.write_bytes(content)
    ran = bare("import", str(path), "--json")
    assert "file.csv" in ran.error["message"]
    assert bare("import", str(surroundings), "--json").code == 1, "a directory"


def test_import_takes_kind_partner_and_mapping(bare: Npq, surroundings: Path) -> None:
    bare("migrate")
    (participants, *_) = written(surroundings)
    assert bare("import", participants, "--kind", "activities", "--json").code == 1
    assert bare("import", participants, "--kind", "homework", "--json").code == 1
    assert bare("import", participants, "--partner", "Northern Hub", "--json").code == 1, "others' rows are in it"
    assert bare("import", participants, "--mapping", "nothing.toml", "--json").code == 1
    assert bare("import", participants, "--kind", "participants", "--json").code == 0


def test_a_name_cannot_paint_on_the_terminal(bare: Npq, surroundings: Path) -> None:
    """What stands in a file is shown, never obeyed: a terminal's control sequences are refused at import or not printed."""
    bare("migrate")
    path = surroundings / "people.csv"
    path.write_text(FILES["participants"].replace("Omar Haddad", "\x1b[2J\x1b[31mOmar"), encoding="utf-8")
    if bare("import", str(path)).code == 0:
        assert "\x1b" not in bare("status", "p-004").out
        assert "\x1b" not in bare("at-risk").out


def test_into_a_pipe_lines_stay_whole(npq: Npq, surroundings: Path) -> None:
    """Whoever searches the output finds a sentence in one line; a terminal wraps between words."""
    line = next(line for line in npq("status", "p-001").out.splitlines() if "stage:" in line)
    assert len(line) > 80
    people = surroundings / "a-rather-long-name-for-a-file-of-people.csv"
    people.write_text(FILES["participants"], encoding="utf-8")
    assert npq("import", str(people)).out.splitlines()[0].endswith("0 new, 0 changed, 10 unchanged")


def test_pack_check_and_show(bare: Npq, surroundings: Path, pack: Pack) -> None:
    checked = bare("pack", "check", "edt-v18", "--json")
    assert checked.code == 0
    assert checked.json["version"] == pack.version
    assert "18.0" in bare("pack", "check", "edt-v18").out
    shown = bare("pack", "show", "--json").json
    assert (shown["name"], shown["hash"]) == (pack.name, pack.hash)
    assert len(shown["schedule"]) == 28
    assert all(row["source"] for name in ("schedule", "courses", "outputs", "criteria") for row in shown[name])
    assert "2022-06-23" in bare("pack", "show").out


def test_a_pack_may_say_anything_in_brackets(bare: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in a pack is shown as it is, markup or not."""
    copy = Path(shutil.copytree(PACKS / "edt-v18", surroundings / "pack"))
    told = copy / "pack.toml"
    text = told.read_text(encoding="utf-8")
    assert 'title = "' in text
    told.write_text(text.replace('title = "', 'title = "[draft] note [/x] ', 1), encoding="utf-8")
    monkeypatch.setenv("NPQ_PACK", str(copy))
    shown = bare("pack", "show")
    assert shown.code == 0, shown.err
    assert "[draft] note [/x]" in shown.out


def test_a_pack_that_is_none_or_wrong_is_refused(bare: Npq, surroundings: Path) -> None:
    for path in ("no-such-pack", str(surroundings)):
        ran = bare("pack", "check", path, "--json")
        assert ran.error["message"]
        assert bare("pack", "check", path).code == 1


def test_doctor_says_how_to_mend_each_thing(npq: Npq) -> None:
    ran = npq("doctor", "--json")
    assert "npq staff add" in ran.error["message"]
    assert "npq place add" in ran.error["message"]
    assert "SLACK_BOT_TOKEN" in ran.error["message"]
    plain = npq("doctor")
    assert plain.code == 1
    assert "rehearsal" in plain.out


def test_doctor_exits_0_when_all_is_well(npq: Npq, slack: FakeSlack) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    npq("staff", "add", "--platform", "slack", "--id", "U1", "--name", "Sam", "--role", "coordinator")
    ran = npq("doctor", "--json")
    assert ran.code == 0, ran.out


def test_doctor_says_when_the_pack_in_use_does_not_know_a_cohort(
    npq: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NPQ_PACK was set for one process and forgotten for another: people must not vanish without a word."""
    pack = surroundings / "three-cohorts"
    shutil.copytree(PACKS / "edt-v18", pack)
    toml = (pack / "pack.toml").read_text(encoding="utf-8")
    first = toml.index('[[cohort]]\nkey = "1"\n')
    second = toml.index('[[cohort]]\nkey = "2"\n')
    toml = (toml[:first] + toml[second:]).replace('value = ["1", "2"]', 'value = ["2"]')
    (pack / "pack.toml").write_text(toml, encoding="utf-8")
    rows = (pack / "schedule.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if row.split(",")[1] != "1"]
    (pack / "schedule.csv").write_text("".join(kept), encoding="utf-8")
    monkeypatch.setenv("NPQ_PACK", str(pack))
    ran = npq("doctor")
    assert ran.code == 1
    assert "cohort 1" in ran.out
    assert "NPQ_PACK" in ran.out


def test_doctor_points_out_forgotten_declarations_and_channels(bare: Npq, surroundings: Path) -> None:
    """Neither is wrong by itself, so both are notes."""
    assert bare("migrate").code == 0
    people = surroundings / "people.csv"
    header = "participant_id,full_name,course,cohort,delivery_partner"
    people.write_text(f"{header}\np-1,Jo,NPQLTD,1,Northern Hub\np-2,Al,NPQLTD,1,Southern Hub\n", encoding="utf-8")
    assert bare("import", str(people)).code == 0
    assert bare("place", "add", "--platform", "slack", "--id", "C1", "--partner", "Northern Hub").code == 0
    said = bare("doctor").out
    assert "✓ Declarations: please note: none yet" in said
    assert "✓ Channels: please note: none for Southern Hub" in said


def test_a_person_who_may_be_another_is_imported_when_meant_and_then_named_by_doctor(
    bare: Npq, surroundings: Path
) -> None:
    assert bare("migrate").code == 0
    people = surroundings / "people.csv"
    header = "participant_id,full_name,course,cohort,delivery_partner,trn"
    rows = ("p-1,Jo,NPQLTD,1,Northern Hub,", "P-1,Jo,NPQLTD,1,Northern Hub,", "p-2,Al,NPQLTD,1,Northern Hub,1234567")
    people.write_text("\n".join((header, *rows, "p-3,Alan,NPQLTD,1,Northern Hub,12 34 567\n")), encoding="utf-8")
    refused = bare("import", str(people), "--json")
    assert refused.code == 1
    assert refused.json["error"]["code"] == "rows_refused"
    assert [(one["row"], one["column"], one["value"]) for one in refused.json["problems"]] == [
        (3, "participant_id", "P-1"),
        (5, "trn", "12 34 567"),
    ]
    assert all("--same-ids-meant" in one["message"] for one in refused.json["problems"])
    assert bare("import", str(people), "--same-ids-meant").code == 0
    said = bare("doctor").out
    assert "✓ Ids: please note: 1 id is nearly another's (P-1 and p-1); where two are one person" in said
    assert "✓ TRNs and e-mails: please note: on the same course these share one: p-2 and p-3; where two" in said
    assert "TRNs: " not in said, "all are seven digits"
    assert not re.search("(?m)^✗ (Ids|TRNs)", said)


def test_doctor_counts_what_is_said_to_be_done_after_today(
    npq: Npq, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = surroundings / "watched.csv"
    path.write_text("participant_id,block,percent_viewed,viewed_on\np-001,1,95,2022-06-17\n", encoding="utf-8")
    assert npq("import", str(path)).code == 1
    with monkeypatch.context() as later:
        later.setenv("NPQ_NOW", "2022-06-20T09:00:00+01:00")
        assert npq("import", str(path)).code == 0
        assert "done after today" not in npq("doctor").out
    said = "✓ Dates: please note: some rows say that something was done after today: 1 in videos"
    assert said in npq("doctor").out


def test_doctor_names_what_was_bound_by_no_id(npq: Npq, slack: FakeSlack, surroundings: Path) -> None:
    npq("place", "add", "--platform", "slack", "--id", "C0TEAM", "--partner", "Northern Hub")
    npq("staff", "add", "--platform", "slack", "--id", "U1", "--name", "Sam", "--role", "coordinator")
    engine = open_database(f"sqlite:///{surroundings}/npq.db")
    with writing(engine) as session:
        for one in ("#north npq", "c0team"):
            session.add(Place(platform="slack", platform_id=one, delivery_partner="Northern Hub"))
        session.add(Staff(platform="slack", platform_id="sam.green", name="Sam", role="viewer"))
    engine.dispose()
    said = npq("doctor").out
    assert "✗ Channel #north npq: “#north npq” is not a Slack channel's id, which looks like C012ABCDE" in said
    assert "npq place remove --platform slack --id '#north npq', and npq place add with the right id." in said
    assert "✗ Channel c0team: “c0team” is C0TEAM, which stands there too: every reminder may come twice; " in said
    assert "✗ Staff sam.green: “sam.green” is not a Slack member's id" in said
    for one in ("#north npq", "c0team"):
        assert npq("place", "remove", "--platform", "slack", "--id", one).code == 0
    assert npq("staff", "remove", "--platform", "slack", "--id", "sam.green").code == 0
    assert npq("doctor").code == 0


def test_doctor_names_a_token_that_slack_refuses(npq: Npq, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong-and-secret")
    ran = npq("doctor", "--json")
    assert ran.code == 1
    assert "token" in ran.out.casefold()
    assert "xoxb-wrong-and-secret" not in ran.out + ran.err


def test_migrate_makes_the_database_and_may_be_run_again(bare: Npq, surroundings: Path) -> None:
    assert bare("migrate", "--json").code == 0
    assert (surroundings / "npq.db").is_file()
    assert bare("migrate", "--json").code == 0
    assert bare("migrate").out.strip()
    assert bare("at-risk", "--json").json == {
        "as_of": date(2022, 6, 16).isoformat(),
        "participants": [],
        "count": 0,
        "not_scheduled": 0,
    }


@pytest.mark.parametrize(
    ("narrowed", "said"),
    [
        (("--output", "7"), "There is no output 7; the courses have outputs 1 to 4."),
        (("--output", "4", "--course", "NPQLTD"), "There is no output 4; NPQLTD has outputs 1 to 3."),
    ],
)
def test_nobody_is_at_risk_of_an_output_that_no_course_has(npq: Npq, narrowed: tuple[str, ...], said: str) -> None:
    error = npq("at-risk", *narrowed, "--json").error
    assert (error["code"], error["message"]) == ("no_such_output", said)
    assert npq("at-risk", "--output", "4").code == 0
