"""What the steps of one pass share: what a page says, how it is drawn, and what becomes of it when it has to wait."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.conversation.cards.outbox_cards import REASONS
from bot.delivery.page_card import page_card
from bot.delivery.pass_time import Timekeeper
from bot.delivery.sender import NotSent, OutcomeUnknown, Refused, Sender
from bot.delivery.tick_report import TickReport, TickTally
from core.posts import content, outbox, places
from core.posts.content import Caseloads
from core.posts.outbox import Job, Message, Moment, Post, Slot, Turn
from core.posts.steps import edit_steps, lane_steps, page_steps
from core.posts.steps.lane_steps import Hindrance
from core.reminders.reminder import Reminder
from core.services.installation import DATABASE_FAILS, Installation

log = logging.getLogger(__name__)

PROMPT = 3.0  # seconds after which a post that was announced is no longer begun: the lease might run out meanwhile
STILL_SENT = 11.0  # and after which, connected at last, it is not sent: it has to arrive before others look for it


@dataclass
class Work:
    """One pass's work. Several threads are at it, each in a lane of its own: they judge one by one."""

    installation: Installation
    senders: Mapping[str, Sender]
    cases: Caseloads
    keeper: Timekeeper
    rehearsal: bool
    redraw_only: bool = False
    tally: TickTally = field(default_factory=TickTally)

    def __post_init__(self) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.asked_at = self.keeper.moment().now
        self.judging = threading.Lock()  # what is kept of the caseload is one thread's at a time

    def report(self, planned: int) -> TickReport:
        """What the pass did, of which the planner says how many messages are new."""
        return self.tally.report(planned, lane_steps.under_way(self.installation), self.senders)

    def naming_everyone(self, message: Message, day: date) -> Reminder:
        """A message whose pages are fixed, with the people of all of them: each page tells of as many as the first did.

        Raises `NotSent` where the pack lacks what it tells of: it waits for the right one.
        """
        try:
            with self.judging:
                return content.reminder_naming(self.installation, message, day, self.cases)
        except content.OutsidePackError:
            raise NotSent(outbox.NOT_IN_PACK) from None

    def draw(
        self, sender: Sender, turn: Turn, job: Job, post: Post, reminder: Reminder, people: tuple[str, ...]
    ) -> Mapping[str, Any] | None:
        """The page as the platform takes it; None when it cannot be drawn, which is recorded."""
        try:
            card = page_card(self.installation, reminder, post, people, rehearsal=self.rehearsal)
            return sender.draw(card)
        except DATABASE_FAILS:  # which spoils no message
            raise
        except Exception as error:
            # the error's own text might hold a name
            log.error("could not draw message %s page %s: %s", job.message.id, post.page, type(error).__name__)
            if job.kind == "update":
                self.beyond_redrawing(turn, post, "could_not_draw")
            else:
                page_steps.failed(self.installation, turn, post, "could_not_draw")
                self.tally.count("failed")
            self.trouble(turn, job, "could_not_draw: this is a fault of the bot; please report it.")
            return None

    def try_later(
        self,
        turn: Turn,
        job: Job,
        error: NotSent | Refused | OutcomeUnknown,
        post: Post | None = None,
        slot: Slot | None = None,
    ) -> None:
        """Lets the lane wait: as long as the platform asked, an hour for a place that is unwell, else a little longer
        each time. `post`: the one that was certainly not sent, for which `slot` was taken.
        """
        moment, pace = self.keeper.moment(), self.senders[turn.platform].pace
        match error:
            case Refused():
                an_hour = places.TRY_AGAIN - (moment.now - self.asked_at)  # after this pass, however long it took
                hindrance = Hindrance(error.reason, an_hour, mend=error.mend)
            case NotSent(retry_after=float() | int() as asked):
                hindrance = Hindrance(error.reason, timedelta(seconds=asked), asked=True)
            case _:
                hindrance = Hindrance(error.reason, refused=not isinstance(error, OutcomeUnknown))
        wait = lane_steps.try_later(self.installation, turn, moment, hindrance, pace, post=post, slot=slot)
        if isinstance(error, Refused):
            self.trouble(turn, job, f"{error.reason}: {error.mend} It is tried again in an hour.")
        else:
            why = f"{REASONS[error.reason]}; " if error.reason in REASONS else ""
            self.trouble(turn, job, f"{error.reason}: {why}tried again in {max(1, round(wait.total_seconds()))} s.")

    def beyond_redrawing(self, turn: Turn, post: Post, reason: str) -> None:
        """Leaves a post as it is, for good."""
        edit_steps.beyond_redrawing(self.installation, turn, post, reason)
        log.info("post %s can no longer be redrawn (%s)", post.id, reason)

    def trouble(self, turn: Turn, job: Job, what: str) -> None:
        """Notes in one line what somebody should know."""
        page = f" page {job.post.page}" if job.post is not None else ""
        self.tally.troubles.append(f"{turn.platform} {turn.channel}, message {job.message.id}{page}: {what}")
        log.warning("%s %s, message %s: %s", turn.platform, turn.channel, job.message.id, what.partition(":")[0])


def settles(unknown: OutcomeUnknown, moment: Moment) -> datetime:
    """Until when, by the real clock, what was sent may still take effect."""
    return moment.real + min(timedelta(seconds=unknown.may_arrive_for), outbox.LEASE)
