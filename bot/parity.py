"""Where Slack and Teams differ, in one table. Everything else is the same on both: words, cards, rules, who may do what."""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """Something that one platform can't do, or does in another way; `why` says what stands in the way."""

    what: str
    slack: str
    teams: str
    why: str


DIFFERENCES = (
    Difference(
        "a question asked in a channel",
        "answered there, where only the asker sees it",
        "answered in the asker's own chat with the bot; the channel gets one sentence that says so",
        "Teams' messages for one person in a channel are a preview, and gone after a day",
    ),
    Difference(
        "a command",
        "`/npq status jane`",
        "`status jane` in one's own chat, `@NPQ status jane` elsewhere; the menu of commands is not shown on phones",
        "slash commands are a preview in Teams",
    ),
    Difference(
        "a post's buttons",
        "beside each name",
        "one row with a choice of person, where there are several",
        "a card in Teams holds few buttons, and 24 KB",
    ),
    Difference(
        "a form",
        "opens as a dialog",
        "stands in place of the card that was pressed, for whoever pressed it alone; Cancel brings the card back",
        "dialogs do not work in every Teams client",
    ),
    Difference(
        "a wrong value",
        "said by Slack at its field",
        "said under its field, with what was filled in kept",
        "Teams has no errors from the bot at fields",
    ),
    Difference(
        "names offered while typing",
        "everywhere",
        "not in every Teams client: there, type `status` and the name",
        "some Teams clients lack it",
    ),
    Difference(
        "whether a post arrived whose answer was lost",
        "looked up in the channel; it goes out once",
        "can't be looked up: a nudge goes out again, and the older copy folds up when somebody presses on it; a message about a "
        "removal waits for a person",
        "reading a team's messages needs a permission that each team's owner would have to give",
    ),
    Difference(
        "putting a person into a message, logging a contact from a message",
        "not offered",
        "the message extension NPQ, beside the box where one writes and under a message's three dots",
        "it came with Teams",
    ),
    Difference(
        "without a public address",
        "Socket Mode",
        "not possible",
        "Microsoft calls the bot",
    ),
)


def differences_table() -> str:
    """The table as Markdown."""
    rows = [f"| {each.what} | {each.slack} | {each.teams} | {each.why} |" for each in DIFFERENCES]
    return "\n".join(("| what | Slack | Teams | because |", "|---|---|---|---|", *rows))
