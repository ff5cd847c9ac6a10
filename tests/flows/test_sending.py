"""What becomes of one call to a platform: each way in which it can go well or badly, told apart, in Slack and in Teams alike."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from bot.delivery.sender import Gone, NotSent, OutcomeUnknown, Refused, Tag
from core.derived.installation import Installation
from tests.fakes.listening import answered_by, drips
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.flows.lines import TAG, Line, to_slack, to_teams
from tests.flows.two_platforms import TEAM

LineTo = Callable[..., Line]


@pytest.fixture(params=["slack", "teams"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def line(platform: str, slack: FakeSlack, teams: FakeTeams, small_installation: Installation) -> Line:
    return to_slack(slack) if platform == "slack" else to_teams(teams, small_installation, TEAM)


@pytest.fixture
def hurried(
    platform: str, slack: FakeSlack, teams: FakeTeams, small_installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> LineTo:
    """A line on which each call has half a second, to another address where one is given."""

    def to(address: str = "") -> Line:
        if platform == "slack":
            return to_slack(slack, within=0.5, api_url=f"{address}/api/" if address else "")
        monkeypatch.setattr("bot.teams.send.TIME_LIMIT", 0.5)
        return to_teams(teams, small_installation, TEAM, service_url=address)

    return to


def test_a_post_stands_there_and_is_redrawn_in_place(line: Line) -> None:
    address = line.post()
    assert line.said() == ["Hello"]
    line.redraw(address)
    assert line.said() == ["Goodbye"]
    assert line.stands()


def test_what_is_connected_too_late_is_not_sent(line: Line) -> None:
    """It is asked once connected: before that nothing has been sent, after it nobody could take it back."""
    address, asked = line.post(), list[int]()
    calls = len(line.fake.calls)

    def too_late() -> bool:
        asked.append(len(line.fake.calls))
        return False

    with pytest.raises(NotSent, match="interrupted"):
        line.post(Tag("another"), too_late)
    with pytest.raises(NotSent, match="interrupted"):
        line.redraw(address, too_late)
    assert asked == [calls, calls]
    assert len(line.fake.calls) == calls
    assert line.said() == ["Hello"]
    line.redraw(address, lambda: True)
    assert line.said() == ["Goodbye"]


def test_a_place_that_is_not_there_is_refused(line: Line) -> None:
    nowhere = {
        "slack": [("C404", "channel_not_found", "place")],
        "teams": [
            ("19:nowhere@thread.tacv2", "ConversationNotFound", "place"),
            ("00000000-0000-0000-0000-00000000c404", "BadArgument", "message"),
        ],
    }
    for place, reason, concerns in nowhere[line.platform]:
        with pytest.raises(Refused) as refused:
            line.sender.post(place, line.hello, TAG)
        assert (refused.value.reason, refused.value.concerns) == (reason, concerns)


PLACES: dict[str, list[tuple[dict[str, bool], str, str]]] = {
    "slack": [
        ({"archived": True}, "is_archived", "."),
        ({"bot_in": False}, "not_in_channel", "."),
    ],
    "teams": [
        ({"bot_in": False}, "BotNotInConversationRoster", "Add the NPQ app"),
        ({"bot_in": True, "blocked": True}, "MessageWritesBlocked", "unblock"),
    ],
}


def test_a_place_that_takes_nothing_is_refused_with_how_to_mend_it(line: Line) -> None:
    for state, reason, mend in PLACES[line.platform]:
        if isinstance(line.fake, FakeSlack):
            line.fake.channel(line.place, **state)
        else:
            for name, value in state.items():
                setattr(line.fake.conversations[line.place], name, value)
        with pytest.raises(Refused) as refused:
            line.post()
        assert (refused.value.reason, refused.value.concerns) == (reason, "place")
        assert mend in refused.value.mend
        assert refused.value.mend.endswith(".")


def test_a_message_that_is_not_taken_counts_against_the_message(line: Line) -> None:
    for status in (400, 413):
        if line.platform == "slack":
            header = {"type": "header", "text": {"type": "plain_text", "text": "y" * 151}}
            line.hello, reason = {"text": "x", "blocks": [header]}, "invalid_blocks"
        else:
            line.goes_wrong("status", status, code="MessageSizeTooBig")
            reason = "MessageSizeTooBig"
        with pytest.raises(Refused) as refused:
            line.post()
        assert (refused.value.reason, refused.value.concerns) == (reason, "message")


def test_too_fast_is_told_to_wait_as_long_as_it_says(line: Line) -> None:
    """In Teams these are the statuses that Microsoft says to ask again after."""
    for number, status in enumerate({"slack": [429], "teams": [412, 429, 502, 504]}[line.platform], start=1):
        line.goes_wrong("status", status, retry_after=30)
        with pytest.raises(NotSent) as not_sent:
            line.post()
        assert not_sent.value.retry_after == 30
        assert line.tried() == number, "a sender tries once"


def test_too_fast_in_one_place_is_told_to_wait(line: Line) -> None:
    if isinstance(line.fake, FakeSlack):
        line.fake.one_a_second = True
    else:
        line.fake.rates = True
    for _ in range({"slack": 1, "teams": 7}[line.platform]):
        line.post()
    with pytest.raises(NotSent) as not_sent:
        line.post(Tag("too soon"))
    assert not_sent.value.retry_after == 1


WAITED = {
    "0": 1.0,
    "-5": 1.0,
    "30": 30.0,
    "86400": 3600.0,
    "99999999999999": 3600.0,
    "inf": 3600.0,
    "nan": None,
    "Wed, 21 Oct 2015 07:28:00 GMT": None,
}


def test_what_is_asked_for_is_waited_within_reason(line: Line) -> None:
    """A wait of nothing would ask it again without end; one without end would never post again."""
    for asked, waited in WAITED.items():
        line.goes_wrong("raw", http(b"slow", "429 Too Many Requests", more=f"Retry-After: {asked}\r\n"))
        with pytest.raises(NotSent) as not_sent:
            line.post()
        assert not_sent.value.retry_after == waited, asked


def test_a_server_error_is_unknown(line: Line) -> None:
    for status in {"slack": [500, 502, 503], "teams": [500, 503]}[line.platform]:
        line.goes_wrong("status", status)
        with pytest.raises(OutcomeUnknown):
            line.post()


@pytest.mark.parametrize("kind", ["hang_up_before", "hang_up_after"])
def test_a_dropped_connection_is_tried_once_and_its_outcome_is_unknown(line: Line, kind: str) -> None:
    line.goes_wrong(kind)
    with pytest.raises(OutcomeUnknown):
        line.post()
    assert line.tried() == 1
    assert line.stands() == (kind == "hang_up_after")


@pytest.mark.parametrize("kind", ["late", "late_after"])
def test_an_answer_that_comes_too_late_is_unknown(hurried: LineTo, kind: str) -> None:
    line = hurried()
    line.goes_wrong(kind, 0.8)
    with pytest.raises(OutcomeUnknown) as unknown:
        line.post()
    assert unknown.value.reason == "timeout"


def test_an_answer_that_drips_is_given_up_in_time(hurried: LineTo) -> None:
    """Somebody else may send in the channel when a call takes longer, and no pass ends before its calls do."""
    with answered_by(drips) as address:
        line = hurried(address)
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown) as unknown:
            line.post()
        assert time.monotonic() - began < 2.3
    assert unknown.value.reason == "timeout"


def test_nobody_listening_means_not_sent(hurried: LineTo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        line = hurried(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(NotSent) as not_sent:
            line.post()
    assert not_sent.value.retry_after is None


def test_a_post_that_was_deleted_is_gone(line: Line) -> None:
    address = line.post()
    if isinstance(line.fake, FakeSlack):
        line.fake.channels[line.place].messages.clear()
    else:
        line.fake.conversations[line.place].activities.clear()
    with pytest.raises(Gone):
        line.redraw(address)


def test_a_redrawing_that_is_refused_for_an_unknown_reason_says_nothing_of_the_place(line: Line) -> None:
    address = line.post()
    if isinstance(line.fake, FakeSlack):
        line.fake.trouble(line.redrawing, "error", "update_failed")
    else:
        line.fake.trouble(line.redrawing, "status", 403, code="SomethingNew")
    with pytest.raises(NotSent):
        line.redraw(address)
    if isinstance(line.fake, FakeSlack):
        line.fake.channels[line.place].members.clear()
    else:
        line.fake.conversations[line.place].bot_in = False
    with pytest.raises(Refused):
        line.redraw(address)


def http(body: bytes, status: str = "200 OK", kind: str = "application/json", length: int = 0, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n{more}\r\n"
    return head.encode() + body


NO_ANSWERS = {
    "a page instead": http(b"<html>Please log in</html>", kind="text/html"),
    "a page in another character set": http("<html>Zugriff für Sie</html>".encode("latin-1"), kind="text/html"),
    "half of it": http(b'{"ok": true, "chan'),
    "half of it, then silence": http(b'{"ok": true, "chan', length=900),
    "no object": http(b'"ok"'),
    "a list": http(b'[{"ok": true}]'),
    "nothing": http(b""),
    "no address": http(b'{"ok": true}'),
    "no http": b"\x00\x01 garbage\r\n\r\n",
    "see elsewhere": http(b"", "307 Temporary Redirect", more="Location: /login\r\n"),
}
OF_ONE: dict[str, dict[str, bytes]] = {
    "slack": {
        "an error in another character set": http("<html>für</html>".encode("latin-1"), "502 Bad Gateway", "text/html"),
        "a proxy's page: not found": http(b"<html>Not found</html>", "404 Not Found", "text/html"),
        "a proxy wants to know who asks": http(
            b"<html>Log in</html>", "407 Proxy Authentication Required", "text/html"
        ),
        "a proxy gave up": http(b"", "408 Request Timeout"),
        "log in elsewhere": http(b"", "302 Found", more="Location: /login\r\n"),
    },
    "teams": {
        "half of it, created": http(b'{"id": "1', "201 Created", length=90),
        "no object, created": http(b'"ok"', "201 Created"),
        "an address that is none": http(b'{"id": 1}', "201 Created"),
        "nothing, accepted": http(b"", "202 Accepted"),
    },
}


def test_what_is_no_answer_leaves_the_outcome_unknown(line: Line) -> None:
    for name, said in {**NO_ANSWERS, **OF_ONE[line.platform]}.items():
        line.goes_wrong("raw_after", said)
        with pytest.raises(OutcomeUnknown):
            line.post(Tag(name))
        assert line.stands(Tag(name)), name


def test_a_token_that_is_refused_is_the_operators_to_mend(line: Line) -> None:
    if isinstance(line.fake, FakeSlack):
        line.fake.revoked, setting, reason = True, "SLACK_BOT_TOKEN", "token_revoked"
    else:
        line.goes_wrong("status", 401, times=9)
        setting, reason = "TEAMS_CLIENT_SECRET", "http_401"
    with pytest.raises(Refused) as refused:
        line.post()
    assert (refused.value.reason, refused.value.concerns) == (reason, "place")
    assert setting in refused.value.mend
    assert line.said() == []
    assert line.tried() == {"slack": 1, "teams": 2}[line.platform], "in Teams it is renewed once"
