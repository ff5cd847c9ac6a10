"""What becomes of one call to Teams: each way in which it can go well or badly, told apart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.conversation.cards.card import Card, Paragraph, line
from bot.delivery.sender import Address, CannotLook, Gone, NotSent, OutcomeUnknown, Refused, Tag
from bot.platforms import IDS
from bot.teams.connector.tokens import BotToken
from bot.teams.send import TeamsSender
from core.database.database import open_database
from core.derived.installation import Installation
from reference.pack import Pack
from tests.fakes.listening import answered_by, drips
from tests.fakes.teams import FakeTeams
from tests.fakes.teams_cards import words
from tests.flows.two_platforms import CHAT, SAM, TEAM, populated

TAG = Tag("post-1")
HELLO = Card("Hello", (Paragraph((line("Hello & <b>welcome</b> *here*"),)),))


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    with FakeTeams() as running:
        populated(running)
        yield running


@pytest.fixture
def small_installation(sqlite_url: str, pack: Pack) -> Iterator[Installation]:
    engine = open_database(sqlite_url)
    yield Installation(engine, pack, platforms=IDS)
    engine.dispose()


@pytest.fixture
def sender(teams: FakeTeams, small_installation: Installation) -> TeamsSender:
    return sender_to(teams, small_installation)


def sender_to(teams: FakeTeams, installation: Installation, *, secret: str = "", login_url: str = "") -> TeamsSender:
    login = teams.login
    token = BotToken(login.client_id, secret or login.secret, login.tenant, login_url or teams.login_url)
    return TeamsSender(
        installation,
        client_id=login.client_id,
        tenant=login.tenant,
        token=token,
        service_url=teams.service_url.rstrip("/"),
    )


def post(sender: TeamsSender, place: str = TEAM) -> Address:
    return sender.post(place, sender.draw(HELLO), TAG)


def test_a_post_stands_in_the_channel_and_is_redrawn_in_place(teams: FakeTeams, sender: TeamsSender) -> None:
    address = post(sender)
    assert [words(each) for each in teams.said(TEAM)] == ["Hello\nHello & <b>welcome</b> *here*"]
    sender.update(address, sender.draw(Card("Extended", HELLO.elements)), TAG)
    assert [words(each).splitlines()[0] for each in teams.said(TEAM)] == ["Extended"]
    assert len(teams.called("token")) == 1, "one token serves until it is nearly over"


def test_what_is_connected_too_late_is_not_sent(teams: FakeTeams, sender: TeamsSender) -> None:
    """It is asked once connected: before that nothing has been sent, after it nobody could take it back."""
    address = post(sender)
    with pytest.raises(NotSent, match="interrupted"):
        sender.post(TEAM, sender.draw(HELLO), TAG, lambda: False)
    with pytest.raises(NotSent, match="interrupted"):
        sender.update(address, sender.draw(Card("Goodbye", HELLO.elements)), TAG, lambda: False)
    assert [words(each).splitlines()[0] for each in teams.said(TEAM)] == ["Hello"]
    sender.update(address, sender.draw(Card("Goodbye", HELLO.elements)), TAG, lambda: True)
    assert [words(each).splitlines()[0] for each in teams.said(TEAM)] == ["Goodbye"]


def test_a_notification_says_what_it_is_about(teams: FakeTeams, sender: TeamsSender) -> None:
    post(sender)
    assert "Hello" in teams.said(TEAM)[0]["summary"]


def test_nothing_can_be_looked_for(sender: TeamsSender) -> None:
    with pytest.raises(CannotLook):
        sender.find(TEAM, TAG, None)  # type: ignore[arg-type]


def test_a_token_that_was_refused_is_renewed(teams: FakeTeams, sender: TeamsSender) -> None:
    post(sender)
    teams.login.revoke()
    post(sender)
    assert len(teams.said(TEAM)) == 2
    assert len(teams.called("token")) == 2


def test_a_token_that_is_refused_over_and_over_is_the_operators_to_mend(teams: FakeTeams, sender: TeamsSender) -> None:
    teams.trouble("post", "status", 401, times=9)
    with pytest.raises(Refused) as refused:
        post(sender)
    assert (refused.value.reason, refused.value.concerns) == ("http_401", "place")
    assert "TEAMS_CLIENT_SECRET" in refused.value.mend
    assert len(teams.called("post")) == 2


def test_a_token_is_renewed_before_it_runs_out(teams: FakeTeams, sender: TeamsSender) -> None:
    teams.login.lasts = 0
    post_twice = [pytest.raises(Refused), pytest.raises(Refused)]
    for each in post_twice:
        with each:
            post(sender)
    assert len(teams.called("token")) == 4, "a token that is over at once is never used again"


def test_several_at_once_ask_for_one_token(teams: FakeTeams, sender: TeamsSender) -> None:
    teams.trouble("token", "late", 0.2)
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda place: post(sender, place), [TEAM, CHAT, TEAM, CHAT]))
    assert len(teams.called("token")) == 1


def test_a_wrong_secret_is_said_plainly(teams: FakeTeams, small_installation: Installation) -> None:
    with pytest.raises(Refused) as refused:
        post(sender_to(teams, small_installation, secret="expired"))
    assert (refused.value.reason, refused.value.concerns) == ("invalid_client", "place")
    assert "TEAMS_CLIENT_SECRET" in refused.value.mend
    assert teams.called("post") == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("status", 503),
        ("status", 429),
        ("hang_up_before", None),
        ("raw", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
    ],
)
def test_no_token_just_now_means_not_sent(teams: FakeTeams, sender: TeamsSender, kind: Any, value: Any) -> None:
    teams.trouble("token", kind, value)
    with pytest.raises(NotSent):
        post(sender)
    assert teams.called("post") == []
    post(sender)


def test_nobody_listening_means_not_sent(teams: FakeTeams, small_installation: Installation) -> None:
    with pytest.raises(NotSent):
        post(sender_to(teams, small_installation, login_url="http://127.0.0.1:9"))
    sender = sender_to(teams, small_installation)
    post(sender)
    teams.move()
    with pytest.raises(NotSent) as not_sent:
        post(sender)
    assert not_sent.value.reason == "cannot_reach_teams"


@pytest.mark.parametrize("status", [412, 429, 502, 504])
def test_what_microsoft_says_to_ask_again_is_not_sent(teams: FakeTeams, sender: TeamsSender, status: int) -> None:
    teams.trouble("post", "status", status, retry_after=7)
    with pytest.raises(NotSent) as not_sent:
        post(sender)
    assert not_sent.value.retry_after == 7
    assert len(teams.called("post")) == 1, "a sender tries once"


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("0", 1.0),
        ("-5", 1.0),
        ("30", 30.0),
        ("86400", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("Wed, 21 Oct 2015", None),
    ],
)
def test_what_teams_asks_for_is_waited_within_reason(
    teams: FakeTeams, sender: TeamsSender, asked: str, waited: float | None
) -> None:
    teams.trouble("post", "raw", f"HTTP/1.1 429 Slow\r\nRetry-After: {asked}\r\nContent-Length: 0\r\n\r\n".encode())
    with pytest.raises(NotSent) as not_sent:
        post(sender)
    assert not_sent.value.retry_after == waited


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_is_unknown(teams: FakeTeams, sender: TeamsSender, status: int) -> None:
    teams.trouble("post", "status", status)
    with pytest.raises(OutcomeUnknown):
        post(sender)


@pytest.mark.parametrize("kind", ["hang_up_before", "hang_up_after"])
def test_a_dropped_connection_is_tried_once_and_its_outcome_is_unknown(
    teams: FakeTeams, sender: TeamsSender, kind: Any
) -> None:
    teams.trouble("post", kind)
    with pytest.raises(OutcomeUnknown):
        post(sender)
    assert len(teams.called("post")) == 1
    assert len(teams.said(TEAM)) == (kind == "hang_up_after")


@pytest.mark.parametrize("kind", ["late", "late_after"])
def test_an_answer_that_comes_too_late_is_unknown(
    teams: FakeTeams, small_installation: Installation, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    monkeypatch.setattr("bot.teams.send.TIME_LIMIT", 0.6)
    teams.trouble("post", kind, 0.9)
    with pytest.raises(OutcomeUnknown) as unknown:
        post(sender_to(teams, small_installation))
    assert unknown.value.reason == "timeout"


def test_an_answer_that_drips_is_given_up_in_time(
    small_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may send in the channel when a call takes longer, and no pass ends before its calls do."""
    monkeypatch.setattr("bot.teams.send.TIME_LIMIT", 1.0)
    with answered_by(drips) as address:
        sender = TeamsSender(small_installation, client_id="bot", tenant="", token=None, service_url=address)
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown) as unknown:
            post(sender)
        assert time.monotonic() - began < 2.8
    assert unknown.value.reason == "timeout"


def test_a_sign_in_that_drips_is_given_up_in_time(
    teams: FakeTeams, small_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.teams.connector.tokens.ASK_WITHIN", 1.0)
    with answered_by(drips) as address:
        began = time.monotonic()
        with pytest.raises(NotSent) as not_sent:
            post(sender_to(teams, small_installation, login_url=address))
        assert time.monotonic() - began < 2.8
    assert not_sent.value.reason == "cannot_reach_microsoft"
    assert teams.called("post") == []


def test_nothing_is_begun_any_more_when_sign_in_took_all_the_time(
    teams: FakeTeams, small_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever posts after its lease has run out posts what another worker posts too."""
    monkeypatch.setattr("bot.teams.send.TIME_LIMIT", 0.6)
    teams.trouble("token", "late", 0.6)
    sender = sender_to(teams, small_installation)
    with pytest.raises(NotSent) as not_sent:
        post(sender)
    assert not_sent.value.reason == "out_of_time"
    assert teams.called("post") == []
    post(sender)
    assert len(teams.said(TEAM)) == 1


NO_ANSWERS = {
    "a page instead": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<p>Hi</p>",
    "half of it": b'HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{"id": "1',
    "no object": b'HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n"ok"',
    "an address that is none": b'HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{"id": 1}',
    "nothing": b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    "no http": b"\x00\x01 garbage\r\n\r\n",
    "see elsewhere": b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_what_is_no_answer_of_teams_leaves_the_outcome_unknown(
    teams: FakeTeams, sender: TeamsSender, answer: bytes
) -> None:
    teams.trouble("post", "raw_after", answer)
    with pytest.raises(OutcomeUnknown):
        post(sender)


@pytest.mark.parametrize(
    ("bot_in", "blocked", "reason", "mend"),
    [(False, False, "BotNotInConversationRoster", "Add the NPQ app"), (True, True, "MessageWritesBlocked", "unblock")],
)
def test_a_place_that_takes_nothing_is_refused_with_how_to_mend_it(
    teams: FakeTeams, sender: TeamsSender, bot_in: bool, blocked: bool, reason: str, mend: str
) -> None:
    teams.conversations[TEAM].bot_in, teams.conversations[TEAM].blocked = bot_in, blocked
    with pytest.raises(Refused) as refused:
        post(sender)
    assert (refused.value.reason, refused.value.concerns) == (reason, "place")
    assert mend in refused.value.mend


@pytest.mark.parametrize("place", ["19:nowhere@thread.tacv2", "00000000-0000-0000-0000-00000000c404"])
def test_a_place_that_is_not_there_is_refused(sender: TeamsSender, place: str) -> None:
    with pytest.raises(Refused):
        post(sender, place)


@pytest.mark.parametrize("status", [400, 413])
def test_a_message_that_teams_does_not_take_counts_against_the_message(
    teams: FakeTeams, sender: TeamsSender, status: int
) -> None:
    teams.trouble("post", "status", status, code="MessageSizeTooBig")
    with pytest.raises(Refused) as refused:
        post(sender)
    assert (refused.value.reason, refused.value.concerns) == ("MessageSizeTooBig", "message")


def test_too_fast_in_one_conversation_is_told_to_wait(teams: FakeTeams, sender: TeamsSender) -> None:
    teams.rates = True
    for _ in range(7):
        post(sender)
    with pytest.raises(NotSent) as not_sent:
        post(sender)
    assert not_sent.value.retry_after == 1
    post(sender, CHAT)


def test_a_post_that_was_deleted_is_gone(teams: FakeTeams, sender: TeamsSender) -> None:
    address = post(sender)
    teams.conversations[TEAM].activities.clear()
    with pytest.raises(Gone):
        sender.update(address, sender.draw(HELLO), TAG)


def test_a_redrawing_that_is_refused_for_an_unknown_reason_says_nothing_of_the_place(
    teams: FakeTeams, sender: TeamsSender
) -> None:
    address = post(sender)
    teams.trouble("update", "status", 403, code="SomethingNew")
    with pytest.raises(NotSent):
        sender.update(address, sender.draw(HELLO), TAG)
    teams.conversations[TEAM].bot_in = False
    with pytest.raises(Refused):
        sender.update(address, sender.draw(HELLO), TAG)


# a person: their own chat with the bot


def test_a_person_is_written_to_in_a_chat_that_is_opened_once(teams: FakeTeams, sender: TeamsSender) -> None:
    first, second = post(sender, SAM), post(sender, SAM)
    assert first.channel == second.channel != SAM
    assert len(teams.called("open")) == 1
    sender.update(first, sender.draw(HELLO), TAG)


@pytest.mark.parametrize(("kind", "value"), [("status", 500), ("hang_up_after", None), ("status_after", 429)])
def test_a_chat_that_may_have_been_opened_is_asked_for_again(
    teams: FakeTeams, sender: TeamsSender, kind: Any, value: Any
) -> None:
    """The same chat comes of asking twice, so nothing is unknown about it."""
    teams.trouble("open", kind, value)
    with pytest.raises(NotSent):
        post(sender, SAM)
    post(sender, SAM)
    assert sum(chat.kind == "personal" for chat in teams.conversations.values()) == 1


def test_a_chat_that_is_gone_is_opened_anew(teams: FakeTeams, sender: TeamsSender) -> None:
    old = post(sender, SAM).channel
    del teams.conversations[old]
    with pytest.raises(NotSent):
        post(sender, SAM)
    assert post(sender, SAM).channel != old


def test_who_does_not_have_the_app_is_said_to_need_it(teams: FakeTeams, sender: TeamsSender) -> None:
    teams.installed.discard(SAM)
    with pytest.raises(Refused) as refused:
        post(sender, SAM)
    assert refused.value.reason == "BotNotInConversationRoster"
