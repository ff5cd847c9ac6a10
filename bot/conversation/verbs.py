"""The verbs behind buttons, menus and forms: stable names with a version, and the one decoder for all of them.

A button's value, a menu option's value and a form's private state are all the same short JSON text, made by `encode` and
read by `decode_action` (buttons, overflow and select options) or `decode_form` (a form that is sent). Whatever was ever
posted stays readable here: a verb that this version does not know decodes to `UNKNOWN`, and the entry answers it clearly.
An act's two verbs follow from its stem (`bot.conversation.acts`), which never changes; one whose act this version lacks is
answered by the entry in the same words.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

STATUS = "npq.v1.status.show"
DETAILS = "npq.v1.details.open"
AT_RISK = "npq.v1.at-risk.page"
REVIEWS = "npq.v1.reviews.page"
OUTBOX = "npq.v1.outbox.page"
OUTBOX_RETRY = "npq.v1.outbox.retry"
OUTBOX_REPEAT = "npq.v1.outbox.repeat"  # a held message is sent although it may be posted already
OUTBOX_CANCEL = "npq.v1.outbox.cancel"
FIND = "npq.v1.people.find"  # a type-ahead menu; what is chosen carries its own verb
MENU = "npq.v1.menu"  # a menu of several verbs; what is chosen carries its own
SAY = "npq.v1.command.say"  # as if `words` had been typed after /npq

UNKNOWN = ""

_OTHERS = frozenset(
    {STATUS, DETAILS, AT_RISK, REVIEWS, OUTBOX, OUTBOX_RETRY, OUTBOX_REPEAT, OUTBOX_CANCEL, FIND, MENU, SAY}
)
_OF_AN_ACT = re.compile(r"npq\.v1\.[a-z][a-z-]{1,40}\.(open|submit)")

ANY_COURSE = ""  # it is still to be asked which of somebody's courses is meant

LONGEST = 3000  # characters of an encoded call that are looked at


@dataclass(frozen=True, slots=True)
class Call:
    """What pressing or sending something asks for. `revision`: the participant's when it was drawn."""

    verb: str
    participant: str | None = None
    output: int | None = None
    revision: int | None = None
    page: int | None = None
    words: str | None = None
    filters: dict[str, str] = field(
        default_factory=dict
    )  # at-risk: course, cohort, partner, output; outbox: state, all
    message: int | None = None  # of the outbox
    # which of the participant's it is about; None: of before anybody could take several, or all that are under way
    course: str | None = None

    def __hash__(self) -> int:
        return hash(encode(self))


def opening(stem: str) -> str:
    """The verb that opens an act's form."""
    return f"npq.v1.{stem}.open"


def sending(stem: str) -> str:
    """The verb that sends an act's form."""
    return f"npq.v1.{stem}.submit"


def is_known(verb: str) -> bool:
    """Whether a verb is one of ours, of an act or of something else."""
    return verb in _OTHERS or _OF_AN_ACT.fullmatch(verb) is not None


def is_form(verb: str) -> bool:
    """Whether a verb sends a form."""
    found = _OF_AN_ACT.fullmatch(verb)
    return found is not None and found[1] == "submit"


def encode(call: Call) -> str:
    """The call as short JSON: ids and numbers, nobody's name."""
    given: dict[str, Any] = {
        "v": call.verb,
        "p": call.participant,
        "o": call.output,
        "r": call.revision,
        "n": call.page,
        "w": call.words,
        "f": call.filters or None,
        "m": call.message,
        "c": call.course,
    }
    return json.dumps({k: v for k, v in given.items() if v is not None}, ensure_ascii=False, separators=(",", ":"))


def decode_action(action_id: str, value: str | None) -> Call:
    """What a pressed button or a chosen option asks for.

    `value` is the button's `value` or the selected option's `value`; `action_id` only matters when that says no verb.
    Never raises: what this version does not understand comes back with the verb `UNKNOWN`.
    """
    call = _read(value or "")
    if call is not None:
        return call
    verb = action_id.partition(":")[0]
    return Call(verb) if is_known(verb) and not value else Call(UNKNOWN)


def decode_form(callback_id: str, private_metadata: str | None) -> Call:
    """What a form that is sent asks for: its `private_metadata`, as `encode` made it. Never raises, as above."""
    call = _read(private_metadata or "")
    return call if call is not None and call.verb == callback_id else Call(UNKNOWN)


def _read(text: str) -> Call | None:
    if not text or len(text) > LONGEST:
        return None
    try:
        given = json.loads(text)
        json.dumps(given, ensure_ascii=False).encode()  # half a character is none
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict) or not isinstance(given.get("v"), str):
        return None
    if not is_known(given["v"]):
        return Call(UNKNOWN)
    filters = given.get("f")
    return Call(
        verb=given["v"],
        participant=_text(given.get("p")),
        output=_number(given.get("o")),
        revision=_number(given.get("r")),
        page=_number(given.get("n")),
        words=_text(given.get("w")),
        filters={str(k): str(v) for k, v in filters.items()} if isinstance(filters, dict) else {},
        message=_number(given.get("m")),
        course=_text(given.get("c")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else None
