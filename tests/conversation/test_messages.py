"""Each kind's example as Slack and Teams draw it: within what they take, and with nothing left out to get there."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.conversation.messages import MESSAGES, words_for
from bot.conversation.posts.message_words import MessageWords
from bot.conversation.posts.post_openings import opening
from bot.conversation.posts.reminder_posts import reminder_cards
from bot.slack import limits as slack_limits
from bot.slack import render as slack
from bot.teams import limits as teams_limits
from bot.teams import render as teams
from core.reminders.messages import KINDS
from reference.pack import Pack
from tests.fakes.slack_blocks import message_complaints, texts_of
from tests.fakes.teams_cards import actions, card_complaints, card_of, labels, words

EVERY = [*MESSAGES, words_for("of_a_later_version")]
UNSEEN = "\N{ZERO WIDTH SPACE}"


@pytest.fixture(params=EVERY, ids=lambda kind: kind.key or "of a later version")
def kind(request: pytest.FixtureRequest) -> MessageWords:
    return request.param  # type: ignore[no-any-return]


def parts(given: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a message."""
    if isinstance(given, dict):
        yield given
    for each in given.values() if isinstance(given, dict) else given if isinstance(given, list) else ():
        yield from parts(each)


def wanted(pack: Pack, kind: MessageWords) -> list[str]:
    """What a reader must see of an example."""
    said = opening(pack, kind.example)
    people = [words for person in kind.example.people for words in (person.name, person.note)]
    facts = [words for fact in kind.example.facts for words in fact]
    return [*filter(None, people), *facts, *kind.example.moved, said.title, said.what_plain, said.next_plain]


@pytest.mark.parametrize("rehearsal", [False, True], ids=["real", "rehearsal"])
def test_slack_takes_the_example(pack: Pack, kind: MessageWords, rehearsal: bool) -> None:
    (card,) = reminder_cards(pack, kind.example, rehearsal=rehearsal)
    message = slack.message(card)
    assert message_complaints(message) == []
    longest = {
        "header": slack_limits.HEADER_TEXT,
        "section": slack_limits.SECTION_TEXT,
        "button": slack_limits.BUTTON_TEXT,
    }
    for part in parts(message):
        if part.get("type") in longest and "text" in part:
            assert len(part["text"]["text"]) <= longest[part["type"]]
        if part.get("type") == "button":
            assert len(part["value"]) <= slack_limits.BUTTON_VALUE
            assert len(part["accessibility_label"]) <= slack_limits.SPOKEN_LABEL
        if part.get("type") == "actions":
            assert len(part["elements"]) <= slack_limits.ACTIONS
    assert len(message["text"]) <= slack_limits.MESSAGE_TEXT
    shown = html.unescape("\n".join(texts_of(message["blocks"]))).replace(UNSEEN, "").replace("*", "")
    assert [said for said in wanted(pack, kind) if said not in shown] == []


@pytest.mark.parametrize("rehearsal", [False, True], ids=["real", "rehearsal"])
def test_teams_takes_the_example(pack: Pack, kind: MessageWords, rehearsal: bool) -> None:
    (card,) = reminder_cards(pack, kind.example, rehearsal=rehearsal)
    (message,) = teams.messages(card)
    shown = card_of(message)
    assert card_complaints(shown) == []
    assert len(json.dumps(shown, ensure_ascii=False).encode()) <= teams_limits.CARD_BYTES
    assert all(len(label) <= teams_limits.ACTION_TITLE for label in labels(shown))
    told = map(teams.as_typed_here, wanted(pack, kind))
    assert [said for said in told if said not in words(shown).replace(UNSEEN, "")] == []


def test_the_example_offers_what_the_kind_asks_for_first(pack: Pack, kind: MessageWords) -> None:
    (card,) = reminder_cards(pack, kind.example)
    drawn = slack.message(card)
    offered = [part["text"]["text"] for part in parts(drawn) if part.get("type") == "button"]
    others = ["Extend", "Defer", "Log contact", "Details"]
    lead = [kind.lead.label] if kind.lead is not None else []
    assert offered == [*lead, *others] * len(kind.example.people)
    assert bool(actions(card_of(teams.messages(card)[0]))) == bool(offered)


def test_the_example_goes_out_as_its_rule_has_it(kind: MessageWords) -> None:
    """Its people are those of a fresh post, and it is not late already."""
    occasion = kind.example.occasion
    assert kind.example.day == occasion.due_on
    assert occasion.last_day is None or occasion.due_on <= occasion.last_day
    assert all(person.still for person in kind.example.people)
    rule = KINDS.get(kind.key)
    if rule is not None and rule.facts is not None:
        assert kind.example.facts == rule.facts(occasion.detail, [person.output for person in kind.example.people])
