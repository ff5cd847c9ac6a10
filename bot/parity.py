"""Where the platforms differ, in one table. Everything else is the same on all: words, cards, rules, who may do what.

What each does stands in its own folder, by the key of the row.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.platforms import CHATS


class Difference(NamedTuple):
    """Something that one platform can't do, or does in another way; `why` says what stands in the way."""

    key: str
    what: str
    why: str


DIFFERENCES = (
    Difference(
        "question",
        "a question asked in a channel",
        "Teams' messages for one person in a channel are a preview, and gone after a day",
    ),
    Difference("command", "a command", "slash commands are a preview in Teams"),
    Difference("buttons", "a post's buttons", "a card in Teams holds few buttons, and 24 KB"),
    Difference("form", "a form", "dialogs do not work in every Teams client"),
    Difference("wrong value", "a wrong value", "Teams has no errors from the bot at fields"),
    Difference("names", "names offered while typing", "some Teams clients lack it"),
    Difference(
        "lost answer",
        "whether a post arrived whose answer was lost",
        "reading a team's messages needs a permission that each team's owner would have to give",
    ),
    Difference("extension", "putting a person into a message, logging a contact from a message", "it came with Teams"),
    Difference("no address", "without a public address", "Microsoft calls the bot"),
)


def differences_table() -> str:
    """The table as Markdown."""
    columns = [(platform.title, differs) for platform in CHATS if (differs := platform.load().differs) is not None]
    head = " | ".join(("what", *(title for title, _ in columns), "because"))
    rows = [" | ".join((each.what, *(differs[each.key] for _, differs in columns), each.why)) for each in DIFFERENCES]
    return "\n".join((f"| {head} |", f"|{'---|' * (len(columns) + 2)}", *(f"| {row} |" for row in rows)))
