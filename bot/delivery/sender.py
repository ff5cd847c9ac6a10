"""What delivery asks of a platform, and the ways in which that can come to nothing.

A sender tries once: no retries of its own, no waiting for a rate limit, at most `TIME_LIMIT` seconds a call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from core.posts.outbox import Pace

TIME_LIMIT = 10.0  # seconds
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 3600.0  # seconds: whatever a platform asks for, and whatever stands in its way


@dataclass(frozen=True, slots=True)
class Address:
    """Where a post stands, as the platform answered. Updates go there."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Tag:
    """What a post carries so that it can be found again: ids only, everybody in the workspace can read it."""

    token: str
    kind: str = "npq_reminder"


class NotSent(Exception):
    """Certainly nothing was posted; another try may work. `retry_after`: real seconds that the platform asked for."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Refused(Exception):
    """Certainly nothing was posted, and the same call will not work until somebody mends something.

    `reason` is the platform's code ("not_in_channel"). `concerns` "place": nothing can be posted there (not in the
    channel, archived, token revoked, scope missing); "message": this message was not accepted (blocks, length).
    `mend`: one sentence for people that says what to do.
    """

    def __init__(self, reason: str, concerns: Literal["place", "message"], mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.concerns = concerns
        self.mend = mend


class OutcomeUnknown(Exception):
    """The call may have been carried out. `may_arrive_for`: real seconds for which it could still take effect."""

    def __init__(self, reason: str, may_arrive_for: float = 15.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_arrive_for = may_arrive_for


class Gone(Exception):
    """The post to be updated no longer exists or can no longer be changed. `reason` is the platform's code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CannotLook(Exception):
    """Posts of this place cannot be read back, now or later (no permission): an unknown outcome stays unknown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def asked_to_wait(retry_after: str | None) -> float | None:
    """Seconds that a platform asks to wait in its `Retry-After`, within reason: at none it would be asked without end."""
    try:
        seconds = float(retry_after or "nan")
    except ValueError:
        return None
    return None if math.isnan(seconds) else min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


InTime: TypeAlias = Callable[[], bool]


def always() -> bool:
    """For a call that nobody else would make a little later."""
    return True


class TooLate(Exception):
    """A call whose time was over once it was connected: none of its bytes were sent."""


class Sender(Protocol):
    """One platform. `message` is what that platform's `render` made of a card. Called by several threads at once.

    `in_time` is asked once connected, before the first byte of the request: past it the call is `NotSent`, since by the time
    it would arrive somebody else may have looked for it in vain, and sent it again.
    """

    @property
    def pace(self) -> Pace:
        """How fast the platform takes posts."""

    def draw(self, card: Any) -> Mapping[str, Any]:
        """A neutral card as this platform's message."""

    def post(self, channel: str, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> Address:
        """Posts once. Raises NotSent, Refused or OutcomeUnknown."""

    def update(self, address: Address, message: Mapping[str, Any], tag: Tag, in_time: InTime = always) -> None:
        """Redraws a post in place. Raises NotSent, Refused, OutcomeUnknown (trying again is harmless) or Gone."""

    def find(self, channel: str, tag: Tag, since: datetime) -> Address | None:
        """The post with this tag among those posted since an instant of the real clock; None when it is not there.

        Raises NotSent (ask again later), Refused (place) or CannotLook.
        """
