"""Teams' column of what differs between the platforms, by the keys of `bot.parity`."""

from __future__ import annotations

DIFFERS = {
    "question": "answered in the asker's own chat with the bot; the channel gets one sentence that says so",
    "command": "`status jane` in one's own chat, `@NPQ status jane` elsewhere; the menu of commands is not shown on phones",
    "buttons": "one row with a choice of person, where there are several",
    "form": "stands in place of the card that was pressed, for whoever pressed it alone; Cancel brings the card back",
    "wrong value": "said under its field, with what was filled in kept",
    "names": "not in every Teams client: there, type `status` and the name",
    "lost answer": "can't be looked up: a nudge goes out again, and the older copy folds up when somebody presses on it; a message about a "
    "removal waits for a person",
    "extension": "the message extension NPQ, beside the box where one writes and under a message's three dots",
    "no address": "not possible",
}
