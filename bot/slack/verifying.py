"""Whether a request is Slack's own, and whether what it holds can be read: decided before anything is looked up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from slack_sdk.signature import SignatureVerifier

OLDEST = 300  # seconds


class Signatures:
    """Checks signatures with the app's signing secret, by the real clock."""

    def __init__(self, secret: str) -> None:
        self._verifier = SignatureVerifier(secret)

    def why_refused(self, body: bytes, headers: Mapping[str, str]) -> str | None:
        """Why a request is not taken, for the log; None when it is Slack's own and at most five minutes old."""
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12 and signature.isascii()):
            return "it is not signed; it does not come from Slack"
        age = time.time() - int(stamp)
        if abs(age) > OLDEST:
            return f"it is {age:.0f} seconds old by this machine's clock; check the clock"
        try:
            fits = self._verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            return "its body is no text; Slack sends none such"
        return None if fits else "its signature does not fit SLACK_SIGNING_SECRET"


def check_shape(body: Any) -> None:
    """Raises `TypeError` when a part that is read as an object or a list is something else."""
    _object(body)
    for part in ("user", "team", "channel", "message", "container"):
        place = _object(body.get(part) or {})
        if not isinstance(place.get("id", ""), str):
            raise TypeError(part)
    kind = body.get("type")
    if kind == "event_callback":
        event = _object(body.get("event"))
        _words(event, "type")
    elif kind == "block_actions":
        actions = body.get("actions")
        if not isinstance(actions, list) or not actions:
            raise TypeError("actions")
        for action in actions:
            _words(_object(action), "action_id")
    elif kind == "block_suggestion":
        _words(body, "action_id")
    elif kind in ("view_submission", "view_closed"):
        view = _object(body.get("view"))
        _words(view, "type")
        if not isinstance(view.get("callback_id") or "", str):
            raise TypeError("callback_id")
        values = _object(_object(view.get("state") or {}).get("values") or {})
        for field in values.values():
            for element in _object(field).values():
                _object(element)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _words(given: dict[str, Any], name: str) -> None:
    if not isinstance(given.get(name), str):
        raise TypeError(name)
