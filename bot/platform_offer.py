"""What a platform's own module offers the house: plain functions and data, under the name `OFFER`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import click

    from bot.clock import Clock
    from bot.conversation.cards.card import Card
    from bot.delivery.sender import Sender
    from bot.doctor_findings import DoctorFinding
    from bot.settings import Settings
    from bot.web.request_limits import Endpoint
    from core.services.installation import Installation
    from core.services.staff.actors import Actor


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a platform that hears is connected with."""

    installation: Installation
    clock: Clock
    not_ready: Callable[[], str | None]  # why nothing can be answered just now
    redraw_posts: Callable[[], None]  # called after a decision
    post_now: Callable[[Actor, str], Card | None]  # a reminder by its tag as it stands now, to whom may see it


@dataclass(frozen=True, slots=True)
class Hearing:
    """A platform that hears. `http` takes its requests; while `running` is entered it can answer them.

    `drawn`: a card as the platform takes it.
    """

    http: Endpoint
    running: Callable[[], AbstractAsyncContextManager[None]]
    drawn: Callable[[Card], bytes]


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is of a platform; None and nothing is what it hasn't got.

    `hear` is asked when no setting is missing, `sender` when any is set: None where that does not do for sending.
    """

    hear: Callable[[Settings, Wiring], Hearing] | None = None
    sender: Callable[[Settings, Installation], Sender | None] | None = None
    only_here: Callable[[Settings], str] | None = None  # why this machine alone may reach it; "" where everybody may
    waits: Callable[[Settings, bool], str] | None = None  # why its posts wait; told whether others send
    checks: Callable[[Settings], Iterator[DoctorFinding]] | None = None  # of `npq doctor`, beyond what is missing
    manifest: Callable[[], click.Command] | None = None  # of `npq manifest`
    invite: str = ""  # what is to be done in a channel before it can be posted there
    differs: Mapping[str, str] | None = None  # its column of `bot.parity`, by the row's key
    demo: Callable[[Path | None], None] | None = None  # plays the made-up caseload, or a script of it


def not_set_up(title: str, missing: tuple[str, ...]) -> str:
    """One sentence that names the settings which a platform needs."""
    return f"{title} is not set up: set {' and '.join(missing)} in the environment and start again."
