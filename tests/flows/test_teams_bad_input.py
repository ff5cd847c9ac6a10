"""What comes in at /api/messages broken, forged or far too long: a clear answer, never a 500, nobody named, nothing done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import select

from bot.app import serve
from core.database.database import reading
from core.database.tables import Conversation, InboundEvent
from core.services import enquiries
from core.services.refusals import Refusal
from tests.flows.colleagues import Colleague, Shown
from tests.flows.conftest import CONSOLE
from tests.flows.two_platforms import SAM, STRANGER, TEAM, TwoPlatforms

BROKEN = {
    "nothing": b"",
    "no json": b"{'type': 'message'}",
    "half of it": b'{"type": "message", "text": "sta',
    "a list": b'[{"type": "message"}]',
    "a word": b'"message"',
    "a number": b"7",
    "null": b"null",
    "an empty object": b"{}",
    "other characters": '{"type": "message", "text": "Zugriff für Sie"}'.encode("latin-1"),
    "a depth without end": b'{"type":"message","value":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number without end": b'{"type":"message","value":' + b"9" * 100_000 + b"}",
    "not a number": b'{"type":"message","value":NaN}',
}


def test_what_is_no_activity_is_answered_with_400(colleague: Colleague) -> None:
    answers = {name: colleague.sends(body) for name, body in BROKEN.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(BROKEN, 400)
    assert all("error" in answer.json() for answer in answers.values())


ODD: list[dict[str, Any]] = [
    {"type": 5},
    {"type": None},
    {"type": ""},
    {"id": {"a": 1}},
    {"from": "me"},
    {"from": None},
    {"from": {}},
    {"from": {"id": 7}},
    {"conversation": ["x"]},
    {"conversation": None},
    {"conversation": {"id": 5}},
    {"recipient": "the bot"},
    {"recipient": None},
    {"recipient": {}},
    {"text": 5},
    {"text": None},
    {"text": ["status jane"]},
    {"text": {"a": {"b": []}}},
    {"channelData": "x"},
    {"channelData": {"tenant": "x"}},
    {"channelData": None},
    {"conversation": {"id": "a:1", "conversationType": 5, "tenantId": 7}},
    {"conversation": {"id": "a:1", "conversationType": "carrier pigeon"}},
    {"entities": "x"},
    {"entities": [5]},
    {"attachments": {"a": 1}},
    {"timestamp": "yesterday"},
    {"channelId": 7},
    {"locale": {}},
    {"value": "x"},
    {"value": []},
    {"value": 0},
    {"value": {}},
    {"replyToId": 9},
    {"type": "invoke"},
    {"type": "invoke", "name": "adaptiveCard/action"},
    {"type": "invoke", "name": "adaptiveCard/action", "value": "x"},
    {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"type": "Action.Execute", "data": []}}},
    {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": {"type": "Action.Dance", "data": {}}}},
    {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": []}},
    {"type": "invoke", "name": "application/search", "value": {"queryText": 5, "dataset": "npq.people:x"}},
    {"type": "invoke", "name": "application/search", "value": {"queryText": "ja", "dataset": ["x"]}},
    {"type": "invoke", "name": "composeExtension/query", "value": {"parameters": "x"}},
    {"type": "invoke", "name": "composeExtension/query", "value": {"parameters": [5]}},
    {"type": "invoke", "name": "composeExtension/query", "value": {}},
    {"type": "invoke", "name": "composeExtension/fetchTask", "value": {}},
    {"type": "invoke", "name": "composeExtension/fetchTask", "value": {"commandContext": "message", "messagePayload": 5}},
    {"type": "invoke", "name": "composeExtension/submitAction", "value": {"commandContext": "message", "data": 5}},
    {"type": "invoke", "name": "composeExtension/submitAction", "value": {"commandContext": "message", "data": None}},
    {"type": "invoke", "name": "task/fetch", "value": {"data": {"npq": "x"}}},
    {"type": "invoke", "name": "something/new", "value": {"x": 1}},
    {"type": "invoke", "name": 5},
    {"type": "event", "name": "x"},
    {"type": "installationUpdate"},
    {"type": "installationUpdate", "action": "dance"},
    {"type": "conversationUpdate", "membersAdded": "x"},
    {"type": "handshake"},
]  # fmt: skip


def test_wrong_types_and_nested_nonsense_are_never_a_fault_of_ours(both: TwoPlatforms, colleague: Colleague) -> None:
    """Some are refused, some are answered as best can be; none breaks anything."""
    answers = {}
    for odd in ODD:
        given = {name: each for name, each in {**colleague.message("help"), **odd}.items() if each is not None}
        answers[json.dumps(odd)] = colleague.sends(given).status_code
    assert {odd: status for odd, status in answers.items() if status not in (200, 400, 501)} == {}
    assert [odd for odd, status in answers.items() if status == 501] == [
        '{"type": "invoke", "name": "something/new", "value": {"x": 1}}'
    ]
    assert "Jane Smith" in colleague.says("status jane smith").words


PRESSED: list[Any] = [
    {},
    {"npq": 5},
    {"npq": None},
    {"npq": ""},
    {"npq": "not json"},
    {"npq": "[]"},
    {"npq": '{"v":5}'},
    {"npq": '{"v":"npq.v1.status.show"}'},
    {"npq": '{"v":"npq.v1.status.show","p":{"a":1},"o":"x","r":1e400}'},
    {"npq": '{"v":"npq.v1.status.show","p":"p-404"}'},
    {"npq": '{"v":"npq.v1.status.show","p":"p-001","o":99}'},
    {"npq": '{"v":"npq.v1.people.find"}'},
    {"npq": '{"v":"npq.v1.people.find"}', "npq_found": "x"},
    {"npq": '{"v":"npq.v1.people.find"}', "npq_found": {"a": 1}},
    {"npq": '{"v":"npq.v1.extension.open"}', "npq_person": "x"},
    {"npq": '{"v":"npq.v1.extension.open"}', "npq_person": "[1]"},
    {"npq": '{"v":"npq.v1.extension.open"}', "npq_person": '[{"a":1},"x",[]]'},
    {"npq": '{"v":"npq.v1.extension.open"}', "npq_person": "[" * 50_000},
    {"npq": '{"v":"npq.v1.extension.submit"}'},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-001","o":2}', "until": ["2022-07-29"], "reason": {"a": 1}},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-001","o":2}', "until": "9" * 9_999, "reason": "workload"},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-001","o":2}', "until": "0001-01-01", "reason": "workload"},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-001","o":2}', "until": "2022-07-29", "reason": "made-up"},
    {"npq": '{"v":"npq.v1.return.submit","p":"p-001","o":2}', "on": "2022-06-16", "cohort": "-1"},
    {"npq": '{"v":"npq.v1.removal.submit","p":"p-001","o":2}', "side": "both", "decision": "approve"},
    {"npq": '{"v":"npq.v1.outbox.cancel","m":99}'},
    {"npq": '{"v":"npq.v1.command.say","w":"\\ud800"}'},
    {"npq": "x" * 100_000},
    {"npq_post": "not ours"},
    {"npq_post": 5},
    {"npq_post": "x", "npq": 7},
    {"some other app": {"x": [1, 2]}},
]


@pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])
def test_a_press_that_makes_no_sense_is_answered_and_changes_nothing(
    both: TwoPlatforms, colleague: Colleague, submit: bool
) -> None:
    for data in PRESSED:
        given = colleague.activity(type="message", value=data, replyToId="1")
        if not submit:
            action = {"type": "Action.Execute", "verb": "x", "data": data}
            given = colleague.invoke("adaptiveCard/action", {"action": action}, reply_to="1")
        before = len(colleague.hears())
        answer = colleague.sends(given)
        assert answer.status_code == 200, (data, answer.text)
        heard = [each.words for each in colleague.hears(before)]
        assert heard or (not submit and answer.json()["value"]), f"nothing is said to {data}"
        assert "fault" not in str([*heard, answer.text]), (data, heard, answer.text)
    assert enquiries.case(both.installation, CONSOLE, "p-001", as_of=both.now.date()).history == ()


@pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])
def test_a_button_that_this_version_does_not_know_is_answered(colleague: Colleague, submit: bool) -> None:
    verb = "npq.v0.escalate"
    action = {"type": "Action.Execute", "title": "Escalate", "verb": verb, "data": {"npq": json.dumps({"v": verb})}}
    old = Shown(colleague.says("help").on, "1", {"type": "", "items": [{"type": "ActionSet", "actions": [action]}]})
    assert "earlier version of the bot" in colleague.is_told(old, "Escalate", submit=submit)


def test_the_same_press_twice_is_one_act(both: TwoPlatforms, colleague: Colleague) -> None:
    form = colleague.presses(colleague.says("status jane smith"), "Log contact")
    colleague.presses(form, "Log contact", twice=True, how="Phone", outcome="No answer")
    assert len(enquiries.case(both.installation, CONSOLE, "p-001", as_of=both.now.date()).history) == 1


def test_120_kb_of_text_are_looked_at_within_reason(colleague: Colleague) -> None:
    answer = colleague.says("status " + "jane " * 24_000)
    assert len(answer.words) < 5_000
    assert colleague.says("<at" * 40_000).words
    assert "What I can do" in colleague.says("<at>" * 40_000).words


def test_half_a_character_is_answered(colleague: Colleague) -> None:
    """Somebody's client cut an emoji in two."""
    assert "don't know" in colleague.says("jane \ud83d").words
    assert "Jane Smith" in colleague.says("status jane smith").words


def test_a_huge_body_is_refused_unread(both: TwoPlatforms, colleague: Colleague) -> None:
    answer = colleague.sends(b"[" + b"1," * 1_100_000 + b"1]")
    assert answer.status_code == 413
    assert colleague.hears() == []


def test_a_form_forged_by_somebody_unlinked_changes_nothing(both: TwoPlatforms, colleague: Colleague) -> None:
    form = colleague.presses(colleague.says("status jane smith"), "Extend")
    stan = both.colleague(STRANGER)
    stolen = Shown(TEAM, form.id, form.card)
    assert "npq staff add" in stan.presses(stolen, "Extend", new="2022-07-29", reason="Workload").words
    assert enquiries.case(both.installation, CONSOLE, "p-001", as_of=both.now.date()).history == ()


def test_without_its_settings_teams_is_answered_with_what_is_missing(both: TwoPlatforms) -> None:
    bare = both.settings.model_copy(update={"teams_client_secret": None})
    house = TwoPlatforms(both.slack, bare, both.folder, both.stack, teams=both.teams)
    sam = Colleague(both.teams, house.address, next(iter(both.teams.people.values())))
    with sam:
        answer = sam.sends(sam.message("help"))
    assert answer.status_code == 503
    assert "TEAMS_CLIENT_SECRET" in answer.json()["error"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "example.org", ""])
def test_without_tokens_it_refuses_to_start_where_others_reach_it(both: TwoPlatforms, host: str) -> None:
    open_to_all = both.settings.model_copy(update={"teams_unauthenticated": True})
    with pytest.raises(Refusal) as refused:
        serve(open_to_all, host=host)
    assert refused.value.code == "unauthenticated"
    assert "--host 127.0.0.1" in refused.value.message


# ids and addresses in no possible form

LONG = "1" * 70_000
NO_TEXT: list[Any] = [7, None, [], {}, True]
IMPOSSIBLE = [
    "a:\x01",
    "a:\x00",
    "a:\x7f",
    "a: b",
    " ",
    "\t",
    "",
    "a:\n1",
    "a:" + LONG,
    "a:\ud83d",
    "a:é",
    "a:\u200b",
    *NO_TEXT,
]
ELSEWHERE: list[tuple[str, Any]] = [
    *(("conversation.id", each) for each in [*IMPOSSIBLE, ";messageid=1"]),
    *(("from.id", each) for each in IMPOSSIBLE),
    *(("from.aadObjectId", each) for each in IMPOSSIBLE if each not in ("", None)),
    *(("recipient.id", each) for each in IMPOSSIBLE if each not in ("", None)),
    *(("id", each) for each in IMPOSSIBLE if each not in ("", None)),
    *(("replyToId", each) for each in IMPOSSIBLE if each not in ("", None)),
    *(("conversation.tenantId", each) for each in ("a\x00", LONG, 7, "a b")),
    *(("channelData.tenant.id", each) for each in ("a\x00", LONG, 7, "a b")),
    *(("serviceUrl", each) for each in ("", None, 7, "http://", "https:// ", "http://[", "http://x:99999/", "ftp://x/")),
    *(("serviceUrl", each) for each in ("http://x/\x00", "http://x/" + LONG, "http://x/?a=", "http://x/#", "http://é/")),
]  # fmt: skip


def put(given: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {**given, first: put(given.get(first) or {}, rest, value) if rest else value}


@pytest.mark.parametrize("kind", ["message", "press", "installation"])
def test_an_id_in_no_possible_form_is_no_fault_of_ours_and_is_not_remembered(
    either: TwoPlatforms, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    sam = either.colleague(SAM)
    answer = sam.says("status jane smith")
    given = {
        "message": sam.message("status jane smith"),
        "press": sam.press(answer, "Details"),
        "installation": sam.activity(type="installationUpdate", action="add"),
    }[kind]
    heard, stored = len(sam.hears()), remembered(either)
    statuses = {}
    for path, value in ELSEWHERE:
        caplog.clear()
        wrong = put(given, path, value)
        if path == "serviceUrl":
            wrong["serviceUrl"] = value
        statuses[path, str(value)[:20]] = sam.sends(wrong).status_code
        lines = [each for each in caplog.records if each.name.startswith("bot.")]
        assert [each.getMessage() for each in lines] == [
            f"a request to /api/messages was no activity ({path} has no possible form)"
        ]
        assert lines[0].exc_info is None
    assert {each for each in statuses.items() if each[1] != 400} == set()
    assert remembered(either) == stored
    assert len(sam.hears()) == heard
    assert "Jane Smith" in sam.says("status jane smith", to=TEAM).words
    assert len(either.in_teams(place=TEAM)) == 1


def remembered(both: TwoPlatforms) -> list[Any]:
    with reading(both.installation.engine) as session:
        events = session.execute(select(InboundEvent.event_id)).all()
        return [*events, *session.execute(select(Conversation.id, Conversation.kind, Conversation.service_url)).all()]


@pytest.mark.parametrize(
    "text", ["status \x00jane", "status jane\x00 smith", "\x00", "at-risk \x00", "x\x00y", "extend jane\x00"]
)
def test_a_nul_in_what_is_typed_is_answered(either: TwoPlatforms, text: str) -> None:
    """PostgreSQL takes none."""
    sam = either.colleague(SAM)
    assert "fault" not in sam.says(text).words
    assert "Jane Smith" in sam.says("status jane smith").words


@pytest.mark.parametrize("name", ["Sam\x00", "S" * 70_000, "\ud83d", 7, None, {"a": 1}])
def test_a_name_is_never_in_the_way(either: TwoPlatforms, name: Any) -> None:
    sam = either.colleague(SAM)
    asked = put(put(sam.message("status jane smith", to=TEAM), "from.name", name), "conversation.name", name)
    assert sam.sends(asked).status_code == 200
    assert "Jane Smith" in sam.hears()[-1].words


NULS: list[dict[str, Any]] = [
    {"npq": '{"v":"npq.v1.status.show","p":"p-0\\u000001"}'},
    {"npq": '{"v":"npq.v1.details.open","p":"\\u0000"}'},
    {"npq": '{"v":"npq.v1.people.find"}', "npq_found": "jane\x00"},
    {"npq": '{"v":"npq.v1.extension.open"}', "npq_person": '["p-\\u0000",2,1]'},
    {"npq": '{"v":"npq.v1.at-risk.page","f":{"partner":"a\\u0000"}}'},
    {"npq": '{"v":"npq.v1.at-risk.page","f":{"course":"a\\u0000"}}'},
    {"npq": '{"v":"npq.v1.reviews.page","f":{"partner":"a\\u0000"}}'},
    {"npq": '{"v":"npq.v1.outbox.page","f":{"partner":"a\\u0000","state":"a\\u0000"}}'},
    {"npq": '{"v":"npq.v1.command.say","w":"status a\\u0000"}'},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-001","o":2}', "until": "2022-07-29\x00", "reason": "workload\x00"},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-001","o":2}', "until": "2022-07-29", "reason": "x\x00"},
    {"npq": '{"v":"npq.v1.extension.submit","p":"p-\\u0000","o":2}', "until": "2022-07-29", "reason": "workload"},
    {"npq_post": "x\x00"},
    {"npq_post": "x" * 70_000},
    {"npq_post": "x" * 70_000, "npq": '{"v":"npq.v1.extension.open","p":"p-001","o":2}'},
]


@pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])
def test_a_nul_in_what_is_pressed_is_answered(either: TwoPlatforms, submit: bool) -> None:
    sam = either.colleague(SAM)
    sam.says("help")
    for data in NULS:
        given = sam.activity(type="message", value=data, replyToId="1")
        if not submit:
            action = {"type": "Action.Execute", "verb": "x", "data": data}
            given = sam.invoke("adaptiveCard/action", {"action": action}, reply_to="1")
        before = len(sam.hears())
        answer = sam.sends(given)
        assert answer.status_code == 200, (data, answer.text)
        heard = [each.words for each in sam.hears(before)]
        assert heard or (not submit and answer.json()["value"]), f"nothing is said to {data}"
        assert "fault" not in str([*heard, answer.text]), (data, heard, answer.text)
        assert len(answer.content) < 28_000
