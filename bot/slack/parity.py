"""Slack's column of what differs between the platforms, by the keys of `bot.parity`."""

from __future__ import annotations

DIFFERS = {
    "question": "answered there, where only the asker sees it",
    "command": "`/npq status jane`",
    "buttons": "beside each name",
    "form": "opens as a dialog",
    "wrong value": "said by Slack at its field",
    "names": "everywhere",
    "lost answer": "looked up in the channel; it goes out once",
    "extension": "not offered",
    "no address": "Socket Mode",
}
