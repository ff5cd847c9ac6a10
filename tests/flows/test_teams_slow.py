"""When something is slow (the Connector, Microsoft's sign-in, the database, others who came first) Teams gets its receipt in time all
the same, and whoever asked their answer once, later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from core.database.database import writing
from core.services import enquiries
from tests.flows.colleagues import Colleague
from tests.flows.conftest import CONSOLE
from tests.flows.two_platforms import ADA, CHAT, SAM, TEAM, VERA, TwoPlatforms

WITHIN = 0.1  # seconds, of nine in earnest
AT_MOST = 3.0  # seconds, of fifteen: with all that a busy machine adds


def sent(who: Colleague, given: dict[str, Any]) -> httpx.Response:
    """What an activity is answered: in time, and with no fault."""
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as hurried:
        hurried.setattr("bot.teams.receive.ANSWER_WITHIN", WITHIN)
        answer = who.sends(given)
    assert time.monotonic() - began < AT_MOST
    assert answer.status_code == 200
    return answer


@pytest.fixture
def slow() -> Iterator[threading.Event]:
    """What something slow waits for."""
    goes_on = threading.Event()
    yield goes_on
    goes_on.set()


def comes_once(both: TwoPlatforms, *counts: Callable[[], int]) -> None:
    """Each comes, and when the web process has finished all that was under way it has come once."""
    for count in counts:
        assert both.teams.wait_until(lambda count=count: count() == 1, 15)  # type: ignore[misc]
    both.ends()
    assert [count() for count in counts] == [1 for _ in counts]


def told(who: Colleague, *words: str, before: int = 0) -> Callable[[], int]:
    return lambda: sum(all(each in heard.words for each in words) for heard in who.hears(before))


@pytest.mark.parametrize("what", ["open", "post"])
@pytest.mark.parametrize("place", [None, TEAM, CHAT])
def test_a_message_is_acknowledged_before_the_connector_has_taken_the_answer(
    both: TwoPlatforms, colleague: Colleague, slow: threading.Event, what: str, place: str | None
) -> None:
    both.teams.trouble(what, "late", slow, times=2)
    asked = colleague.message("status jane smith", to=place)
    for _ in range(2):
        assert not sent(colleague, asked).text
    slow.set()
    counts = [told(colleague, "Jane Smith")]
    if place is not None:
        counts.append(lambda: len(both.in_teams("I've answered you in our private chat", place=place)))
    comes_once(both, *counts)


@pytest.mark.parametrize("place", [None, TEAM])
def test_an_installation_is_acknowledged(
    both: TwoPlatforms, colleague: Colleague, slow: threading.Event, place: str | None
) -> None:
    both.teams.trouble("post", "late", slow)
    given = colleague.activity(place, type="installationUpdate", action="add")
    for _ in range(2):
        assert not sent(colleague, given).text
    slow.set()
    if place is None:
        comes_once(both, told(colleague, "What I can do"))
    else:
        comes_once(both, lambda: len(both.in_teams("npq place add")))


@pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])
@pytest.mark.parametrize("what", ["open", "post", "update"])
def test_a_press_is_answered_in_time(
    both: TwoPlatforms, colleague: Colleague, slow: threading.Event, what: str, submit: bool
) -> None:
    answer = colleague.says("status jane smith")
    before = len(colleague.hears())
    both.teams.trouble(what, "late", slow)
    sent(colleague, colleague.press(answer, "Details", submit=submit))
    slow.set()
    comes_once(both, told(colleague, "Details", "Rests on policy pack", before=before))


@pytest.mark.parametrize("submit", [False, True], ids=["execute", "submit"])
def test_a_form_that_is_sent_is_recorded_once_and_told_once(
    both: TwoPlatforms, colleague: Colleague, slow: threading.Event, submit: bool
) -> None:
    form = colleague.presses(colleague.says("status jane smith"), "Log contact")
    pressed = colleague.press(form, "Log contact", submit=submit, how="Phone", outcome="No answer")
    if submit:
        both.teams.trouble("update", "late", slow)
    with held(both):
        sent(colleague, pressed)
    slow.set()
    if submit:
        comes_once(both, lambda: sum("Recorded" in each.words for each in colleague.hears()))
    else:
        comes_once(both, told(colleague, "Recorded"))
    assert len(enquiries.case(both.installation, CONSOLE, "p-001", as_of=both.now.date()).history) == 1


@contextmanager
def held(both: TwoPlatforms) -> Iterator[None]:
    """While entered, somebody else holds the database."""
    with writing(both.installation.engine) as session:
        if both.installation.engine.dialect.name == "postgresql":
            session.execute(text("LOCK TABLE conversation, inbound_event, staff IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_slow_database_keeps_no_receipt_back(either: TwoPlatforms) -> None:
    people = [either.colleague(who) for who in (SAM, VERA, ADA)]
    with held(either):
        for who in people:
            for place in (None, TEAM, CHAT):
                assert not sent(who, who.message("at-risk", to=place)).text
        assert all(not who.hears() for who in people)
    for who in people:
        assert either.teams.wait_until(lambda who=who: told(who, "At risk")() == 3, 15)  # type: ignore[misc]
    either.ends()
    assert [told(who, "At risk")() for who in people] == [3, 3, 3]


@pytest.mark.parametrize("what", ["open", "post"])
def test_many_at_once_are_all_acknowledged_and_answered(
    both: TwoPlatforms, slow: threading.Event, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    people = [both.colleague(who) for who in (SAM, VERA, ADA)]
    both.teams.trouble(what, "late", slow, times=3)
    asked = [(who, who.message("status jane smith", to=place)) for who in people for place in (TEAM, None, CHAT, TEAM)]
    together = threading.Barrier(len(asked))

    def ask(who: Colleague, given: dict[str, Any]) -> float:
        together.wait()
        began = time.monotonic()
        with Colleague(who.teams, who.bot, who.member) as one:
            assert one.sends(given).status_code == 200
        return time.monotonic() - began

    with monkeypatch.context() as hurried, ThreadPoolExecutor(len(asked)) as pool:
        hurried.setattr("bot.teams.receive.ANSWER_WITHIN", WITHIN)
        assert max(pool.map(ask, *zip(*asked, strict=True))) < AT_MOST
    slow.set()
    for who in people:
        assert both.teams.wait_until(lambda who=who: told(who, "Jane Smith")() == 4, 30)  # type: ignore[misc]
    both.ends()
    assert [told(who, "Jane Smith")() for who in people] == [4, 4, 4]


@pytest.mark.parametrize("place", [None, TEAM])
def test_a_token_that_is_taken_back_and_a_slow_sign_in(
    both: TwoPlatforms, colleague: Colleague, slow: threading.Event, place: str | None
) -> None:
    colleague.says("help")
    both.teams.login.revoke()
    both.teams.trouble("token", "late", slow)
    sent(colleague, colleague.message("status jane smith", to=place))
    slow.set()
    comes_once(both, told(colleague, "Jane Smith"))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_sign_in_that_fails_for_a_while_loses_no_answer(
    both: TwoPlatforms, colleague: Colleague, status: int
) -> None:
    both.teams.trouble("token", "status", status, times=2)
    sent(colleague, colleague.message("status jane smith"))
    comes_once(both, told(colleague, "Jane Smith"))


@pytest.mark.parametrize("kind", ["hang_up_before", "hang_up_after"])
def test_a_chat_is_asked_for_again_where_nobody_knows_whether_it_was_opened(
    both: TwoPlatforms, colleague: Colleague, kind: Any
) -> None:
    both.teams.trouble("open", kind, times=2)
    sent(colleague, colleague.message("status jane smith", to=TEAM))
    comes_once(both, told(colleague, "Jane Smith"))
    assert sum(chat.kind == "personal" for chat in both.teams.conversations.values()) == 1


ASKED: list[tuple[str, dict[str, Any], str]] = [
    ("application/search", {"queryText": "ja", "dataset": "npq.people:npq.v1.status.show"}, "value"),
    ("composeExtension/query", {"parameters": [{"name": "who", "value": "jane"}]}, "composeExtension"),
    ("composeExtension/fetchTask", {"commandContext": "message", "messagePayload": {}}, "task"),
    ("composeExtension/submitAction", {"data": {"npq": '{"v":"npq.v1.contact.open","p":"p-001"}'}}, "task"),
]


@pytest.mark.parametrize(("name", "value", "form"), ASKED)
def test_who_waits_for_an_answer_in_their_client_gets_one(
    either: TwoPlatforms, name: str, value: dict[str, Any], form: str
) -> None:
    sam = either.colleague(SAM)
    with held(either):
        answer = sent(sam, sam.invoke(name, value)).json()
    assert form in answer
    if "I'll say in our own chat what came of it." in str(answer):
        comes_once(either, told(sam, "Log a contact"))


def test_a_late_press_on_a_post_is_told_where_its_form_comes(both: TwoPlatforms, colleague: Colleague) -> None:
    answer = colleague.says("status jane smith")
    pressed = colleague.press(answer, "Log contact")
    there = {key: value for key, value in colleague.activity(TEAM).items() if key in ("conversation", "channelData")}
    with held(both):
        told = sent(colleague, {**pressed, **there}).json()["value"]
    assert "What comes of it will be in our private chat" in told
    comes_once(both, lambda: sum("How" in each.words for each in colleague.hears(1)))
