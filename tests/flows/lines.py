"""A line to each platform: its fake, a sender to it, and how the same thing is called there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.conversation.cards.card import Card, Paragraph, line
from bot.delivery.sender import Address, InTime, Sender, Tag, always
from bot.slack.http_call import OneCallClient
from bot.slack.send import SlackSender, web_client
from bot.teams.connector.tokens import BotToken
from bot.teams.send import TeamsSender
from core.derived.installation import Installation
from tests.fakes.slack import FakeSlack
from tests.fakes.slack import words as slack_words
from tests.fakes.teams import FakeTeams
from tests.fakes.teams_cards import words as teams_words

TAG = Tag("post-1")
CARD = Card("Hello", (Paragraph((line("Hello & <b>welcome</b> *here*"),)),))


def in_blocks(word: str) -> dict[str, Any]:
    """A message as Slack takes it."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"{word} &amp; *welcome*"}}
    return {"text": word, "blocks": [section]}


@dataclass
class Line:
    """`posting`, `redrawing`: what the calls are called there."""

    fake: FakeSlack | FakeTeams
    sender: Sender
    place: str
    posting: str
    redrawing: str
    hello: Any
    goodbye: Any

    @property
    def platform(self) -> str:
        return "slack" if isinstance(self.fake, FakeSlack) else "teams"

    def post(self, tag: Tag = TAG, in_time: InTime = always) -> Address:
        """Says hello."""
        return self.sender.post(self.place, self.hello, tag, in_time)

    def redraw(self, address: Address, in_time: InTime = always) -> None:
        """Makes a goodbye of it."""
        self.sender.update(address, self.goodbye, TAG, in_time)

    def goes_wrong(self, kind: Any, value: Any = None, **more: Any) -> None:
        """With the next post."""
        self.fake.trouble(self.posting, kind, value, **more)

    def said(self) -> list[str]:
        """The first words of each post that stands there."""
        read = slack_words if isinstance(self.fake, FakeSlack) else teams_words
        return [read(each).split()[0] for each in self.fake.said(self.place)]

    def tried(self) -> int:
        """How often it was posted there, with whatever outcome."""
        return len(self.fake.called(self.posting))

    def stands(self, tag: Tag = TAG) -> bool:
        """Whether the post is there, as far as the platform tells."""
        if self.platform == "slack":
            return self.sender.find(self.place, tag, datetime.now(UTC)) is not None
        return bool(self.said())


def to_slack(slack: FakeSlack, place: str = "C0TEAM", *, within: float = 0, api_url: str = "") -> Line:
    """A line; one on which each call has so many seconds."""
    api_url = api_url or slack.api_url
    client = (
        OneCallClient(token=slack.token, base_url=api_url, timeout=within, retry_handlers=[])
        if within
        else web_client(slack.token, api_url)
    )
    hello, goodbye = in_blocks("Hello"), in_blocks("Goodbye")
    return Line(slack, SlackSender(client), place, "chat.postMessage", "chat.update", hello, goodbye)


def to_teams(
    teams: FakeTeams,
    installation: Installation,
    place: str,
    *,
    secret: str = "",
    login_url: str = "",
    service_url: str = "",
) -> Line:
    login = teams.login
    token = BotToken(login.client_id, secret or login.secret, login.tenant, login_url or teams.login_url)
    sender = TeamsSender(
        installation,
        client_id=login.client_id,
        tenant=login.tenant,
        token=token,
        service_url=service_url or teams.service_url.rstrip("/"),
    )
    goodbye = sender.draw(Card("Goodbye", CARD.elements))
    return Line(teams, sender, place, "post", "update", sender.draw(CARD), goodbye)
