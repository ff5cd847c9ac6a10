"""What people write in Teams, as the words of a command."""

from __future__ import annotations

from typing import Any

import pytest

from bot.teams.decode import typed

BOT = {"id": "28:bot", "name": "NPQ"}


def mention(name: str, who: str) -> dict[str, Any]:
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": who, "name": name}}


@pytest.mark.parametrize(
    ("text", "entities", "words"),
    [
        ("status jane", [], "status jane"),
        ("<at>NPQ</at> status jane", [mention("NPQ", "28:bot")], "status jane"),
        ("<at>NPQ</at>&nbsp;status jane\n", [mention("NPQ", "28:bot")], "status jane"),
        ("status jane <at>NPQ</at>", [mention("NPQ", "28:bot")], "status jane"),
        ("<at>NPQ</at> status <at>Jane Smith</at>", [mention("NPQ", "28:bot"), mention("Jane Smith", "29:j")], "status Jane Smith"),
        ('<at id="0">Test Bot</at> reviews', [], "reviews"),
        ("status O&apos;Neill &amp; Co", [], "status O'Neill & Co"),
        ("\u00a0status\u00a0jane\u00a0", [], "status jane"),
        ("", [], ""),
        ("<at>", ["nonsense", {"mentioned": 5, "text": []}], ""),
    ],
)  # fmt: skip
def test_the_words_beside_the_mention(text: str, entities: list[Any], words: str) -> None:
    assert typed({"text": text, "entities": entities, "recipient": BOT}) == words
