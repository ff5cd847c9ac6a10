"""A kind of message is one entry among the rules and one in the conversation: nothing else names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from bot.conversation import messages as words
from bot.conversation.posts.message_words import MessageWords
from core.reminders import messages as rules
from core.reminders.reminder import Reminder
from tests.house.test_rooms import HOUSE, modules

TABLES = ("core/reminders/messages.py", "bot/conversation/messages.py")
KEYS = tuple(kind.key for kind in rules.MESSAGES)

# Words that are something else as well, where they are: the whole constant, and what it means there.
SOMETHING_ELSE = {
    ("bot/cli/json_documents.py", "papers_missing"): "a field of the JSON document about an output",
    ("core/imports/kinds.py", "self_report"): "how an activity was logged, in the files",
    ("core/rules/facts.py", "self_report"): "how an activity was logged",
    ("core/rules/advice.py", "inactive"): "the code of a warning",
    ("core/rules/folding.py", "self_report"): "how an activity was logged",
}


def constants() -> Iterator[tuple[str, int, str]]:
    """Every string in the bot and in core: where it stands, and what it says."""
    for room in ("bot", "core"):
        for path, tree in modules(room):
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield str(path.relative_to(HOUSE)), node.lineno, node.value


def test_no_kind_is_named_elsewhere() -> None:
    found = [
        f"{where}:{line}: {text!r}"
        for where, line, text in constants()
        if where not in TABLES
        and not set(KEYS).isdisjoint(re.findall(r"\w+", text))
        and (where, text) not in SOMETHING_ELSE
    ]
    assert found == []


def test_what_is_something_else_is_still_there() -> None:
    there = {(where, text) for where, _, text in constants()}
    assert set(SOMETHING_ELSE) - there == set()


def test_every_kind_is_in_both_tables_in_one_order() -> None:
    assert tuple(kind.key for kind in words.MESSAGES) == KEYS
    assert len(set(KEYS)) == len(KEYS) == len(rules.KINDS)


@pytest.mark.parametrize("kind", words.MESSAGES, ids=lambda kind: kind.key)
def test_every_kind_has_an_example_of_its_own(kind: MessageWords) -> None:
    assert isinstance(kind.example, Reminder)
    assert kind.example.occasion.key == kind.key
    names = rules.KINDS[kind.key].concerns is not None and rules.KINDS[kind.key].lists
    assert bool(kind.example.people) == names
