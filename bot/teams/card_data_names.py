"""What buttons and inputs carry besides a card's words: the names by which they are read again when somebody presses."""

from __future__ import annotations

from typing import Any

CALL = "npq"  # under which an action carries its encoded call
PERSON = "npq_person"  # the input that says whom a row of buttons is about
POST = "npq_post"  # the tag of the reminder that a button stands on
FOUND = "npq_found"  # the input that a name is typed into
NOBODY = "-"  # its value while nobody is chosen
PEOPLE = "npq.people"  # the dataset of that input
BACK = "npq.v1.back.show"  # the verb of the button that leaves a form which stands in place of something else
HERE = "npq_here"  # set where the answer is to stand in place of the card that was pressed


def stamped(given: Any, mark: str, name: str = POST) -> Any:
    """A copy in which every button also carries a mark: by default, which post it stands on."""
    if isinstance(given, list):
        return [stamped(each, mark, name) for each in given]
    if not isinstance(given, dict):
        return given
    copy = {key: stamped(value, mark, name) for key, value in given.items()}
    if CALL in copy:
        copy[name] = mark
    return copy


def for_dialog(given: Any) -> Any:
    """A copy for a dialog, which knows Action.Submit alone."""
    if isinstance(given, list):
        return [for_dialog(each) for each in given]
    if not isinstance(given, dict):
        return given
    if given.get("type") == "Action.Execute":
        return given["fallback"]
    return {key: for_dialog(value) for key, value in given.items()}
