"""What becomes of a call to Teams as it is there alone: the bot's token, and a person's own chat."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.delivery.sender import Address, CannotLook, NotSent, Refused
from core.derived.installation import Installation
from tests.fakes.listening import answered_by, drips
from tests.fakes.teams import FakeTeams
from tests.fakes.teams_cards import words
from tests.flows.lines import TAG, Line, to_teams
from tests.flows.two_platforms import CHAT, SAM, TEAM


@pytest.fixture
def line(teams: FakeTeams, small_installation: Installation) -> Line:
    return to_teams(teams, small_installation, TEAM)


def post(line: Line, place: str) -> Address:
    return line.sender.post(place, line.hello, TAG)


def test_a_post_shows_what_it_holds_and_a_notification_says_what_it_is_about(teams: FakeTeams, line: Line) -> None:
    line.post()
    (said,) = teams.said(TEAM)
    assert words(said) == "Hello\nHello & <b>welcome</b> *here*"
    assert "Hello" in said["summary"]


def test_nothing_can_be_looked_for(line: Line) -> None:
    with pytest.raises(CannotLook):
        line.sender.find(TEAM, TAG, None)  # type: ignore[arg-type]


# the bot's token


def test_one_token_serves_until_it_is_nearly_over_or_is_refused(teams: FakeTeams, line: Line) -> None:
    line.redraw(line.post())
    assert len(teams.called("token")) == 1
    teams.login.revoke()
    line.post()
    assert len(teams.said(TEAM)) == 2
    assert len(teams.called("token")) == 2


def test_a_token_is_renewed_before_it_runs_out(teams: FakeTeams, line: Line) -> None:
    teams.login.lasts = 0
    for _ in range(2):
        with pytest.raises(Refused):
            line.post()
    assert len(teams.called("token")) == 4, "a token that is over at once is never used again"


def test_several_at_once_ask_for_one_token(teams: FakeTeams, line: Line) -> None:
    teams.trouble("token", "late", 0.2)
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda place: post(line, place), [TEAM, CHAT, TEAM, CHAT]))
    assert len(teams.called("token")) == 1


def test_a_wrong_secret_is_said_plainly(teams: FakeTeams, small_installation: Installation) -> None:
    with pytest.raises(Refused) as refused:
        to_teams(teams, small_installation, TEAM, secret="expired").post()
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
def test_no_token_just_now_means_not_sent(teams: FakeTeams, line: Line, kind: Any, value: Any) -> None:
    teams.trouble("token", kind, value)
    with pytest.raises(NotSent):
        line.post()
    assert teams.called("post") == []
    line.post()


def test_nobody_at_the_sign_in_or_at_an_address_of_before_means_not_sent(
    teams: FakeTeams, small_installation: Installation
) -> None:
    with pytest.raises(NotSent):
        to_teams(teams, small_installation, TEAM, login_url="http://127.0.0.1:9").post()
    line = to_teams(teams, small_installation, TEAM)
    line.post()
    teams.move()
    with pytest.raises(NotSent) as not_sent:
        line.post()
    assert not_sent.value.reason == "cannot_reach_teams"


def test_a_sign_in_that_drips_is_given_up_in_time(
    teams: FakeTeams, small_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.teams.connector.tokens.ASK_WITHIN", 0.5)
    with answered_by(drips) as address:
        began = time.monotonic()
        with pytest.raises(NotSent) as not_sent:
            to_teams(teams, small_installation, TEAM, login_url=address).post()
        assert time.monotonic() - began < 2.3
    assert not_sent.value.reason == "cannot_reach_microsoft"
    assert teams.called("post") == []


def test_nothing_is_begun_any_more_when_sign_in_took_all_the_time(
    teams: FakeTeams, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever posts after its lease has run out posts what another worker posts too."""
    monkeypatch.setattr("bot.teams.send.TIME_LIMIT", 0.6)
    teams.trouble("token", "late", 0.6)
    with pytest.raises(NotSent) as not_sent:
        line.post()
    assert not_sent.value.reason == "out_of_time"
    assert teams.called("post") == []
    line.post()
    assert len(teams.said(TEAM)) == 1


def test_too_fast_in_one_conversation_holds_no_other_up(teams: FakeTeams, line: Line) -> None:
    teams.rates = True
    for _ in range(7):
        line.post()
    with pytest.raises(NotSent):
        line.post()
    post(line, CHAT)


# a person: their own chat with the bot


def test_a_person_is_written_to_in_a_chat_that_is_opened_once(teams: FakeTeams, line: Line) -> None:
    first, second = post(line, SAM), post(line, SAM)
    assert first.channel == second.channel != SAM
    assert len(teams.called("open")) == 1
    line.redraw(first)


@pytest.mark.parametrize(("kind", "value"), [("status", 500), ("hang_up_after", None), ("status_after", 429)])
def test_a_chat_that_may_have_been_opened_is_asked_for_again(
    teams: FakeTeams, line: Line, kind: Any, value: Any
) -> None:
    """The same chat comes of asking twice, so nothing is unknown about it."""
    teams.trouble("open", kind, value)
    with pytest.raises(NotSent):
        post(line, SAM)
    post(line, SAM)
    assert sum(chat.kind == "personal" for chat in teams.conversations.values()) == 1


def test_a_chat_that_is_gone_is_opened_anew(teams: FakeTeams, line: Line) -> None:
    old = post(line, SAM).channel
    del teams.conversations[old]
    with pytest.raises(NotSent):
        post(line, SAM)
    assert post(line, SAM).channel != old


def test_who_does_not_have_the_app_is_said_to_need_it(teams: FakeTeams, line: Line) -> None:
    teams.installed.discard(SAM)
    with pytest.raises(Refused) as refused:
        post(line, SAM)
    assert refused.value.reason == "BotNotInConversationRoster"
