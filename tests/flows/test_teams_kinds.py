"""Every kind of activity that Teams sends: one answer where somebody waits for one, else a line in the log; never a fault of theirs."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.flows.colleagues import Colleague
from tests.flows.two_platforms import TEAM, TwoPlatforms

QUOTE = '<quoted messageId="1655"/>'
REPLY = '<blockquote itemtype="http://schema.skype.com/Reply" itemid="1655"><p itemprop="preview">At risk: 4</p></blockquote>'
PICTURE = {"contentType": "image/png", "contentUrl": "https://example.org/jane.png", "name": "jane.png"}


def page(words: str) -> dict[str, Any]:
    return {"contentType": "text/html", "content": words}


@pytest.mark.parametrize(
    "more",
    [
        {"text": f"{QUOTE}status jane smith", "entities": [{"type": "quotedReply", "quotedReply": {"messageId": "1655"}}]},
        {"text": f"{QUOTE} status jane smith", "entities": [{"type": "quotedReply"}]},
        {"text": "NPQ\nAt risk: 4\nstatus jane smith", "attachments": [page(f"{REPLY}<p>status jane smith</p>")]},
        {"text": "status jane smith", "attachments": [{"contentType": "messageReference", "content": '{"messageId": "1"}'}]},
        {"text": "", "attachments": [page("<p>status <b>jane</b>&nbsp;smith</p>")]},
        {"text": None, "attachments": [page("<p>status jane smith</p>")]},
        {"text": "status jane smith", "attachments": [PICTURE]},
        {"text": "status jane smith", "textFormat": "something new", "importance": "x", "attachmentLayout": "y"},
        {"text": "status jane smith", "channelData": {"source": 5, "eventType": "new", "team": 7}},
    ],
)  # fmt: skip
def test_words_are_answered_in_whatever_form_they_come(colleague: Colleague, more: dict[str, Any]) -> None:
    assert colleague.sends(colleague.activity(type="message", **more)).status_code == 200
    assert [each.words.splitlines()[0] for each in colleague.hears()] == ["Jane Smith"]


@pytest.mark.parametrize("before", ["", QUOTE])
@pytest.mark.parametrize("mark", [",", ":", " –", "\N{NO-BREAK SPACE}"])
def test_a_mention_in_a_channel_is_understood(both: TwoPlatforms, colleague: Colleague, before: str, mark: str) -> None:
    asked = colleague.message("status jane smith", to=TEAM)
    asked["text"] = f"{before}<at>NPQ</at>{mark} status jane smith"
    assert colleague.sends(asked).status_code == 200
    assert "Jane Smith" in colleague.hears()[-1].words
    assert len(both.in_teams()) == 1


@pytest.mark.parametrize(
    "attached",
    [
        [PICTURE],
        [PICTURE, page('<p><img src="https://example.org/jane.png" alt="image"></p>')],
        [{"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "jane.xlsx", "content": {}}],
        [page('<p><img src="https://example.org/jane.gif" alt="Jane (GIF Image)"></p>')],
    ],
)
@pytest.mark.parametrize("text", ["", None, " "])
def test_a_file_alone_is_told_that_it_cannot_be_read(colleague: Colleague, attached: Any, text: str | None) -> None:
    assert colleague.sends(colleague.activity(type="message", text=text, attachments=attached)).status_code == 200
    (told,) = colleague.hears()
    assert "A file can't be read in the chat" in told.words
    assert "npq import FILE" in told.words
    assert "/npq" not in told.words


def test_a_message_with_reactions_can_be_logged_as_a_contact(colleague: Colleague) -> None:
    """Nobody reads what else Teams says of a message."""
    message = {
        "id": "1",
        "createdDateTime": "2022-06-14T22:30:00Z",
        "importance": "new",
        "reactions": [{"reactionType": "👍", "createdDateTime": "x", "user": {}}],
        "attachments": [{"id": "1", "contentType": "messageReference"}],
        "from": {"user": {"userIdentityType": "new"}},
    }
    opened = {"commandId": "logContact", "commandContext": "message", "messagePayload": message}
    assert "Whom was this message about?" in colleague.dialog("composeExtension/fetchTask", opened).words


LEFT_ALONE: list[tuple[dict[str, Any], str]] = [
    ({"type": "installationUpdate", "action": "add-upgrade"}, "installationUpdate/add-upgrade"),
    ({"type": "installationUpdate", "action": "remove"}, "installationUpdate/remove"),
    ({"type": "installationUpdate", "action": "remove-upgrade"}, "installationUpdate/remove-upgrade"),
    ({"type": "installationUpdate"}, "installationUpdate"),
    ({"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}]}, "conversationUpdate"),
    ({"type": "conversationUpdate", "membersRemoved": [{"id": "28:x"}]}, "conversationUpdate"),
    ({"type": "conversationUpdate", "channelData": {"eventType": "teamRenamed", "team": {"name": "Jane"}}}, "conversationUpdate"),
    ({"type": "conversationUpdate", "channelData": {"eventType": "something new"}}, "conversationUpdate"),
    ({"type": "messageReaction", "reactionsAdded": [{"type": "👍"}], "replyToId": "1"}, "messageReaction"),
    ({"type": "messageUpdate", "text": "status jane", "channelData": {"eventType": "editMessage"}}, "messageUpdate"),
    ({"type": "messageDelete", "channelData": {"eventType": "softDeleteMessage"}}, "messageDelete"),
    ({"type": "typing"}, "typing"),
    ({"type": "event", "name": "application/vnd.microsoft.meetingStart", "value": {}}, "meetingStart"),
    ({"type": "event", "name": "application/vnd.microsoft.readReceipt", "value": {"lastReadMessageId": "1"}}, "readReceipt"),
    ({"type": "event", "name": "jane smith's own"}, "something without a proper name"),
    ({"type": "endOfConversation", "code": "x"}, "endOfConversation"),
    ({"type": "handoff"}, "handoff"),
    ({"type": "command", "name": "x"}, "command"),
    ({"type": "trace"}, "trace"),
    ({"type": "somethingNew"}, "somethingNew"),
    ({"type": "invoke", "name": "signin/verifyState", "value": {"state": "1"}}, "signin/verifyState"),
    ({"type": "invoke", "name": "signin/tokenExchange", "value": {"id": "1", "token": "x"}}, "signin/tokenExchange"),
    ({"type": "invoke", "name": "signin/failure", "value": {"code": "x"}}, "signin/failure"),
    ({"type": "invoke", "name": "fileConsent/invoke", "value": {"action": "accept"}}, "fileConsent/invoke"),
    ({"type": "invoke", "name": "message/submitAction", "value": {"actionName": "feedback"}}, "message/submitAction"),
    ({"type": "invoke", "name": "actionableMessage/executeAction", "value": {}}, "actionableMessage/executeAction"),
    ({"type": "invoke", "name": "handoff/action", "value": {}}, "handoff/action"),
    ({"type": "message", "text": "status jane", "from": {"id": "28:other", "name": "Other bot"}}, "message/fromBot"),
    ({"type": "message", "text": "status jane", "from": {"id": "29:x", "role": "bot"}}, "message/fromBot"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "kind"), LEFT_ALONE, ids=lambda given: str(given)[:70])
def test_the_rest_is_taken_with_a_line_in_the_log_and_nothing_else(
    both: TwoPlatforms, colleague: Colleague, caplog: pytest.LogCaptureFixture, more: dict[str, Any], kind: str
) -> None:
    with caplog.at_level(logging.INFO):
        answer = colleague.sends(colleague.activity(**{**more, "id": "1655"}))
    assert (answer.status_code, answer.text) == (200, "")
    assert [each for each in caplog.messages if kind in each and "'1655'" in each]
    assert "jane" not in caplog.text.casefold()
    assert both.teams.called("post") == []


ASKED: list[tuple[str, str]] = [
    ("task/fetch", "task"),
    ("task/submit", "task"),
    ("message/fetchTask", "task"),
    ("config/fetch", "config"),
    ("config/submit", "config"),
    ("composeExtension/queryLink", "composeExtension"),
    ("composeExtension/anonymousQueryLink", "composeExtension"),
    ("composeExtension/selectItem", "composeExtension"),
    ("composeExtension/querySettingUrl", "composeExtension"),
    ("composeExtension/somethingNew", "composeExtension"),
]


@pytest.mark.parametrize(("name", "form"), ASKED)
def test_who_asks_for_what_is_not_ours_is_told_so_where_they_wait(
    colleague: Colleague, caplog: pytest.LogCaptureFixture, name: str, form: str
) -> None:
    with caplog.at_level(logging.INFO):
        answer = colleague.sends(colleague.invoke(name, {"data": {"x": 1}, "url": "https://example.org"}))
    assert answer.status_code == 200
    told = answer.json()[form]
    assert told["type"] == "message"
    assert "something I no longer know" in str(told)
    assert name in caplog.text


@pytest.mark.parametrize("name", ["something/new", "tab/fetch", "tab/submit", "htmlwidget/calltool", "nothing"])
def test_an_invoke_that_no_bot_of_ours_was_made_for_is_said_to_be_not_implemented(
    colleague: Colleague, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    with caplog.at_level(logging.INFO):
        assert colleague.sends(colleague.invoke(name, {})).status_code == 501
    assert name in caplog.text


def test_an_activity_that_is_left_alone_is_checked_like_any_other(colleague: Colleague) -> None:
    given = colleague.activity(type="installationUpdate", action="remove")
    assert colleague.sends(given, token="").status_code == 401
    nameless = colleague.activity(type="invoke", value={})
    assert colleague.sends(nameless).status_code == 400


# answers that Teams puts off


@pytest.mark.parametrize("place", [None, TEAM])
def test_an_answer_that_teams_puts_off_comes_when_teams_takes_it(
    both: TwoPlatforms, colleague: Colleague, place: str | None
) -> None:
    colleague.says("help")
    before = len(both.teams.called("post"))
    both.teams.trouble("post", "status", 429, retry_after=1)
    assert "Jane Smith" in colleague.says("status jane smith", to=place).words
    first, second = both.teams.called("post")[before : before + 2]
    assert 0.9 < second.at - first.at < 30
    assert len(colleague.hears()) == 2


def test_a_message_is_acknowledged_before_teams_sends_it_again(
    both: TwoPlatforms, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague.says("help")
    monkeypatch.setattr("bot.teams.receive.ANSWER_WITHIN", 0.2)
    both.teams.trouble("post", "status", 429, retry_after=1)
    given = colleague.message("status jane smith")
    assert [colleague.sends(given).status_code for _ in range(2)] == [200, 200]
    assert len(colleague.hears()) == 1, "it is on its way"
    assert both.teams.wait_until(lambda: len(colleague.hears()) == 2)
    both.ends()
    assert len(colleague.hears()) == 2


def test_what_teams_puts_off_for_longer_than_anybody_waits_is_said_in_the_log(
    both: TwoPlatforms, colleague: Colleague, caplog: pytest.LogCaptureFixture
) -> None:
    both.teams.trouble("post", "status", 429, retry_after=3600)
    assert colleague.sends(colleague.message("status jane smith")).status_code == 200
    assert "an answer was not taken (Teams answered 429)" in caplog.text
    assert "jane" not in caplog.text.casefold()


@pytest.mark.parametrize(("kind", "value"), [("status_after", 500), ("hang_up_after", None)])
def test_what_may_have_arrived_is_not_said_twice(
    both: TwoPlatforms, colleague: Colleague, caplog: pytest.LogCaptureFixture, kind: Any, value: Any
) -> None:
    colleague.says("help")
    both.teams.trouble("post", kind, value)
    colleague.sends(colleague.message("status jane smith", to=TEAM))
    assert len(colleague.hears()) == 2
    assert "an answer was not taken" in caplog.text
