"""One pass: plan what is due, then empty the outbox, lane by lane, page by page.

Every step follows one order: claim the lane, ask the rules again, draw, write down that it is being sent, send once, write
down what became of it. Whatever dies in between leaves a row that says how far it got; the next pass looks before it sends
again. What is certainly not sent is tried again; what was refused for good waits for somebody to mend it.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from bot.conversation import reminders as cards
from bot.conversation.outbox import REASONS
from bot.delivery.notifying import tell_owners
from bot.delivery.pages import page_card
from bot.delivery.planner import plan_alone
from bot.delivery.report import Tally, TickReport
from bot.delivery.rounds import NextPass, Rounds
from bot.delivery.sender import Address, CannotLook, Gone, NotSent, OutcomeUnknown, Refused, Sender, Tag
from bot.delivery.timekeeping import Since, Timekeeper, pass_time
from bot.faults import note
from core.derived.caseloads import Caseloads
from core.derived.following import State
from core.posts import deliveries, outbox, places, planning, telling
from core.posts.outbox import Job, Lane, Message, Moment, Overtaken, Post, Slot, Turn
from core.records.database import DatabaseBusy, DatabaseRefused, reading, writing
from core.rules.calendar import london_day
from core.rules.reminders import Reminder
from core.services.office import Office

log = logging.getLogger(__name__)

FIRST_BACKOFF = timedelta(seconds=15)
LONGEST_BACKOFF = timedelta(minutes=15)
UNWELL = places.TRY_AGAIN  # a place that refused is tried again after this
PROMPT = 3.0  # seconds after which a post that was announced is no longer begun: the lease might run out meanwhile
UNTIL_NOTED = 60.0  # for so long it is tried to write down where a post stands: others' locks are gone sooner
STILL_SENT = 11.0  # and after which, connected at last, it is not sent: it has to arrive before others look for it


def tick(
    office: Office,
    senders: Mapping[str, Sender],
    now: datetime,
    *,
    rehearsal: bool = False,
    timekeeper: Timekeeper | None = None,
    limit: float | None = None,
    cases: Caseloads | None = None,
) -> TickReport:
    """Plans and delivers what is due at `now`, once; paces itself until everything that can go out has.

    `senders` by platform; without one, that platform's messages wait. `rehearsal` puts the word into every post. `limit`:
    real seconds after which the pass leaves the rest to the next one. `cases` are kept between passes by who has many.
    """
    cases = cases or Caseloads(office)
    keeper = timekeeper or pass_time(office.engine, now, frozen=rehearsal)
    work = _Pass(office, senders, cases, keeper, rehearsal)
    planned = plan_alone(office, now, cases, work.owner, keeper, patient=limit is None)
    work.tally.count("superseded", planned.superseded)
    Rounds(office, senders, keeper, work.step, limit).run()
    work.tally.troubles += tell_owners(office, senders, keeper.moment(), rehearsal=rehearsal)
    return work.report(planned.planned)


def update_posts(
    office: Office,
    senders: Mapping[str, Sender],
    now: datetime,
    *,
    rehearsal: bool = False,
    timekeeper: Timekeeper | None = None,
    limit: float | None = 20.0,
) -> TickReport:
    """Redraws the posts whose people have changed, and sends nothing new; for right after a decision."""
    keeper = timekeeper or pass_time(office.engine, now, frozen=rehearsal)
    work = _Pass(office, senders, Caseloads(office), keeper, rehearsal, redraw_only=True)
    Rounds(office, senders, keeper, work.step, limit, redraw_only=True).run()
    return work.report(0)


class _Page(NamedTuple):
    """A page that is to be sent, with what it tells."""

    post: Post
    reminder: Reminder
    people: tuple[str, ...]  # those on it, in order
    seen: int  # of the changes it is marked for, those that its drawing shows


@dataclass
class _Pass:
    """One pass's steps. Several threads take them at once, each in a lane of its own: they judge and draw one by one."""

    office: Office
    senders: Mapping[str, Sender]
    cases: Caseloads
    keeper: Timekeeper
    rehearsal: bool
    redraw_only: bool = False
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.asked_at = self.keeper.moment().now
        self._judging = threading.Lock()  # what is kept of the caseload is one thread's at a time

    def report(self, planned: int) -> TickReport:
        with reading(self.office.engine) as session:
            waiting = outbox.under_way(session)
        return self.tally.report(planned, waiting, self.senders)

    # one step in a lane

    def step(self, lane: Lane) -> bool:
        """Claims a lane and does the next thing in it; False when somebody else has it or there is nothing to do."""
        sender = self.senders[lane.platform]
        slot: Slot | None = None
        with writing(self.office.engine) as session:
            moment = self.keeper.moment()
            turn = outbox.claim(session, lane.platform, lane.channel, self.owner, moment)
            if turn is None:
                return False
            job = outbox.next_job(session, turn, redraw_only=self.redraw_only)
            if job is not None and job.kind == "send":
                slot = outbox.take_slot(session, turn, sender.pace, moment)
            if job is None or (job.kind == "send" and slot is None):
                outbox.release(session, turn)
                return False
            session.expunge_all()
        try:
            match job.kind:
                case "look":
                    self._look(sender, turn, job)
                case "update":
                    self._update(sender, turn, job)
                case "send":
                    assert slot is not None
                    self._send(sender, turn, job, slot)
        except Overtaken:
            log.info("overtaken in a lane, message %s", job.message.id)
        except DatabaseBusy:
            if self.office.engine.dialect.name == "sqlite":
                raise  # one writes at a time there: no other lane would get on
            raise NextPass from None
        except (DatabaseRefused, NextPass):
            raise
        except Exception as error:
            # one channel's fault stops no other; its lease runs out, and then it is tried again
            self._trouble(turn, job, f"fault {note(error)}: this is a fault of the bot; please report it.")
            return False
        return True

    def _look(self, sender: Sender, turn: Turn, job: Job) -> None:
        """Finds out whether a post of unknown outcome went out."""
        post = job.post
        assert post is not None
        moment = self.keeper.moment()
        since = post.attempted_at or moment.real
        settled_at = post.settled_at or since
        address: Address | None
        try:
            address = sender.find(turn.channel, Tag(post.token), since)
        except CannotLook as cannot:
            if telling.occasion_of(job.message).may_repeat:
                address = None
            else:
                self._hold(turn, job, post, cannot.reason)
                return
        except (NotSent, Refused, OutcomeUnknown) as error:
            if not isinstance(error, Refused) or planning.goes_to(self.office, job.message, self.asked_at):
                with writing(self.office.engine) as session:
                    outbox.not_sent(session, turn, post, "unknown", error.reason)
                self._try_later(turn, job, error)
                return
            # nobody will mend a channel that gets no posts any more
            if not telling.occasion_of(job.message).may_repeat:
                self._hold(turn, job, post, error.reason)
                return
            address = None
        left = settled_at - self.keeper.moment().real
        with writing(self.office.engine) as session:
            if address is not None:
                outbox.sent(session, turn, post, moment, channel=address.channel, ts=address.ts)
                # nobody knows which try it is, and how things stood when it was drawn
                outbox.mark_post_stale(session, post)
                outbox.release(session, turn, healthy=True)
                self.tally.count("sent")
            elif left > timedelta(0):
                if left > outbox.LEASE:  # the clock was set back since: no longer than any post takes from now on
                    left = outbox.LEASE
                    outbox.settles_at(session, turn, post, moment.real + left)
                retry_at = moment.now + left
                outbox.not_sent(session, turn, post, "unknown", "may_still_arrive", retry_at=retry_at)
                outbox.pause(session, turn, moment, left, outbox.LOOKING, real_only=True)
            else:
                outbox.not_sent(session, turn, post, "waiting", "not_found", retry_at=moment.now)
                outbox.release(session, turn)

    def _hold(self, turn: Turn, job: Job, post: Post, reason: str) -> None:
        """Leaves to somebody what may be posted already and must not be posted twice."""
        with writing(self.office.engine) as session:
            outbox.not_sent(session, turn, post, "held", reason)
            outbox.release(session, turn)
        self.tally.count("held")
        self._trouble(turn, job, f"{reason}: it may or may not have been posted, and I can't look; held.")

    def _send(self, sender: Sender, turn: Turn, job: Job, slot: Slot) -> None:
        """Sends the next page of a message, opening it out first when nothing of it has gone out yet.

        Raises `NextPass` where somebody decides or imports just now.
        """
        day = london_day(self.keeper.moment().now)
        page = self._further_page(turn, job, slot, day) if job.post else self._first_page(sender, turn, job, slot, day)
        if page is None:
            return
        drawn = self._draw(sender, turn, job, page.post, page.reminder, page.people)
        if drawn is None:
            return
        announced = Since(self.keeper)
        with writing(self.office.engine) as session:
            outbox.begin(session, turn, page.post, self.keeper.moment(), judged_on=day, seen=page.seen)
        self._post(sender, turn, job, slot, page.post, drawn, announced)

    def _first_page(self, sender: Sender, turn: Turn, job: Job, slot: Slot, day: date) -> _Page | None:
        """The first page of a message, which is opened out; None when it is not to go out any more, which is recorded."""
        judged = telling.state_now(self.office)
        with self._judging:
            reminder = telling.reminder_of(self.office, job.message, day, self.cases)
        if reminder is None or not planning.goes_to(self.office, job.message, self.asked_at):
            self._supersede(sender, turn, job.message, slot, nobody=reminder is None)
            return None
        pages = cards.page_people(self.office.pack, reminder)
        try:
            post = self._open_out(turn, job.message, pages, judged)
        except DatabaseBusy:
            with writing(self.office.engine) as session:
                outbox.settle_slot(session, slot, sender.pace, None)
                outbox.release(session, turn)
            raise NextPass from None
        return _Page(post, reminder, tuple(pages[0]), seen=0)

    def _further_page(self, turn: Turn, job: Job, slot: Slot, day: date) -> _Page | None:
        """A page that was fixed before; None where it has to wait for the right pack, which is recorded."""
        post = job.post
        assert post is not None
        try:
            reminder = self._naming_everyone(job.message, day)
        except NotSent as not_sent:
            self._try_later(turn, job, not_sent, post, slot)
            return None
        return _Page(post, reminder, job.people, seen=post.needs_update)

    def _post(
        self, sender: Sender, turn: Turn, job: Job, slot: Slot, post: Post, drawn: Mapping[str, Any], announced: Since
    ) -> None:
        """Sends a drawing, which has been announced, and records what became of it."""
        try:
            if announced.seconds() > PROMPT:
                raise NotSent("interrupted", retry_after=0)
            address = sender.post(turn.channel, drawn, Tag(post.token), announced.within(STILL_SENT))
        except OutcomeUnknown as unknown:
            self._note_unknown(sender, turn, post, unknown, slot)
        except Refused as refused:
            if refused.concerns == "place":
                self._try_later(turn, job, refused, post, slot)
            else:
                self._note_refused(sender, turn, job, post, refused, slot)
        except NotSent as not_sent:
            self._try_later(turn, job, not_sent, post, slot)
        else:
            self._note_sent(sender, turn, post, address, slot)
            self.tally.count("sent")

    def _note_unknown(self, sender: Sender, turn: Turn, post: Post, unknown: OutcomeUnknown, slot: Slot) -> None:
        """Records until when a post may still arrive: it is looked for after."""
        moment = self.keeper.moment()
        settled_at = moment.real + min(timedelta(seconds=unknown.may_arrive_for), outbox.LEASE)
        with writing(self.office.engine) as session:
            outbox.not_sent(session, turn, post, "unknown", unknown.reason)
            outbox.settles_at(session, turn, post, settled_at)
            outbox.settle_slot(session, slot, sender.pace, settled_at)
            outbox.release(session, turn, paced=_paced(sender, moment))
        log.warning("outcome unknown (%s), message %s page %s", unknown.reason, post.message_id, post.page)

    def _note_refused(self, sender: Sender, turn: Turn, job: Job, post: Post, refused: Refused, slot: Slot) -> None:
        """Records that a message was not accepted, for good."""
        moment = self.keeper.moment()
        with writing(self.office.engine) as session:
            outbox.not_sent(session, turn, post, "failed", refused.reason)
            deliveries.count_refusal(session, turn.platform, refused.reason)
            outbox.settle_slot(session, slot, sender.pace, moment.real)
            outbox.release(session, turn, paced=_paced(sender, moment))
        self.tally.count("failed")
        self._trouble(turn, job, f"{refused.reason}: this message was not accepted. {refused.mend}")

    def _note_sent(self, sender: Sender, turn: Turn, post: Post, address: Address, slot: Slot) -> None:
        """Records where a post stands. While somebody else holds its row it goes on: nobody else knows, and Teams tells nobody."""
        since = Since(self.keeper)
        while True:
            moment = self.keeper.moment()
            try:
                with writing(self.office.engine) as session:
                    outbox.sent(session, turn, post, moment, channel=address.channel, ts=address.ts)
                    outbox.settle_slot(session, slot, sender.pace, moment.real)
                    outbox.release(session, turn, paced=_paced(sender, moment), healthy=True)
                    places.mark_well(session, turn.platform, turn.channel, tried_at=moment.now)
                return
            except DatabaseBusy:
                if since.seconds() > UNTIL_NOTED:
                    raise
                with writing(self.office.engine) as session:
                    outbox.renew(session, turn, self.keeper.moment())

    def _supersede(self, sender: Sender, turn: Turn, message: Message, slot: Slot, *, nobody: bool) -> None:
        """Records that a message is not to go out, since it concerns `nobody` any more, or goes to another channel now."""
        with writing(self.office.engine) as session:
            outbox.hold(session, turn)
            gone = outbox.supersede(session, message.id or 0, outbox.NOBODY_CONCERNED if nobody else outbox.ELSEWHERE)
            outbox.plan_anew(session)  # somebody may have planned meanwhile, and found it still there
            outbox.settle_slot(session, slot, sender.pace, None)
            outbox.release(session, turn)
        self.tally.count("superseded", int(gone))

    def _open_out(self, turn: Turn, message: Message, pages: Sequence[Sequence[str]], judged: State) -> Post:
        """Fixes a message's pages while nobody decides: what was decided before marks them, what comes after sees them.

        Raises `DatabaseBusy` where a decision or an import under way does not end shortly.
        """
        with writing(self.office.engine) as session:
            changed = telling.state_held(session) != judged
            post = outbox.open_out(session, turn, message, pages, out_of_date=changed)
            session.expunge_all()
        return post

    def _update(self, sender: Sender, turn: Turn, job: Job) -> None:
        """Redraws a post in place, as its people stand today; after an edit that may still arrive, when that has settled."""
        post, moment = job.post, self.keeper.moment()
        day = london_day(moment.now)
        assert post is not None
        assert post.channel is not None
        assert post.ts is not None
        if (unclear := outbox.edit_settles_in(post, moment.real)) > timedelta(0):
            with writing(self.office.engine) as session:
                outbox.pause(session, turn, moment, unclear, outbox.LOOKING, real_only=True)
            return
        try:
            reminder = self._naming_everyone(job.message, day)
        except NotSent as not_sent:
            self._try_later(turn, job, not_sent)
            return
        drawn = self._draw(sender, turn, job, post, reminder, job.people)
        if drawn is None:
            return
        announced = Since(self.keeper)
        with writing(self.office.engine) as session:
            outbox.begin_edit(session, turn, post, self.keeper.moment())
        try:
            self._edit(sender, turn, job, post, drawn, announced, day)
        except Overtaken:
            with writing(self.office.engine) as session:
                outbox.mark_post_stale(session, post)  # somebody else's newer drawing may be what this has overwritten
            raise

    def _edit(
        self, sender: Sender, turn: Turn, job: Job, post: Post, drawn: Mapping[str, Any], announced: Since, day: date
    ) -> None:
        """Puts a drawing in a post's place, which has been announced, and records what became of it."""
        assert post.channel is not None
        assert post.ts is not None
        try:
            if announced.seconds() > PROMPT:
                raise NotSent("interrupted", retry_after=0)
            sender.update(Address(post.channel, post.ts), drawn, Tag(post.token), announced.within(STILL_SENT))
        except Gone as gone:
            self._beyond_redrawing(turn, post, gone.reason)
        except OutcomeUnknown as unknown:
            moment = self.keeper.moment()
            settles = moment.real + min(timedelta(seconds=unknown.may_arrive_for), outbox.LEASE)
            with writing(self.office.engine) as session:
                outbox.edit_unknown(session, post, moment.real, settles)
            self._try_later(turn, job, unknown)
        except (NotSent, Refused) as error:
            with writing(self.office.engine) as session:
                outbox.not_edited(session, turn, post)
            if isinstance(error, Refused) and error.concerns == "message":
                self._beyond_redrawing(turn, post, error.reason)
                self._trouble(turn, job, f"{error.reason}: the post could not be redrawn. {error.mend}")
            else:
                self._try_later(turn, job, error)
        else:
            moment = self.keeper.moment()
            with writing(self.office.engine) as session:
                outbox.edited(session, turn, post, moment, judged_on=day)
                outbox.release(session, turn, paced=_paced(sender, moment), healthy=True)
            self.tally.count("updated")

    def _naming_everyone(self, message: Message, day: date) -> Reminder:
        """A message whose pages are fixed, with the people of all of them: each page tells of as many as the first did.

        Raises `NotSent` where the pack lacks what it tells of: it waits for the right one.
        """
        with reading(self.office.engine) as session:
            everyone = outbox.people_of(session, message)
        try:
            with self._judging:
                return telling.reminder_naming(self.office, message, everyone, day, self.cases)
        except telling.OutsidePackError:
            raise NotSent(outbox.NOT_IN_PACK) from None

    def _draw(
        self, sender: Sender, turn: Turn, job: Job, post: Post, reminder: Reminder, people: tuple[str, ...]
    ) -> Mapping[str, Any] | None:
        """The page as the platform takes it; None when it cannot be drawn, which is recorded."""
        try:
            card = page_card(self.office, reminder, post, people, rehearsal=self.rehearsal)
            return sender.draw(card)
        except (DatabaseRefused, SQLAlchemyError):  # a database that fails spoils no message
            raise
        except Exception as error:
            # the error's own text might hold a name
            log.error("could not draw message %s page %s: %s", job.message.id, post.page, type(error).__name__)
            if job.kind == "update":
                self._beyond_redrawing(turn, post, "could_not_draw")
            else:
                with writing(self.office.engine) as session:
                    outbox.not_sent(session, turn, post, "failed", "could_not_draw")
                    outbox.release(session, turn)
                self.tally.count("failed")
            self._trouble(turn, job, "could_not_draw: this is a fault of the bot; please report it.")
            return None

    # what becomes of it otherwise

    def _try_later(
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
        moment = self.keeper.moment()
        unwell = isinstance(error, Refused)
        asked = error.retry_after if isinstance(error, NotSent) else None
        with writing(self.office.engine) as session:
            if unwell:
                wait = UNWELL - (moment.now - self.asked_at)  # an hour after this pass, however long it took
            elif asked is not None:
                wait = timedelta(seconds=asked)
            else:
                wait = min(FIRST_BACKOFF * 2 ** min(outbox.failures(session, turn), 10), LONGEST_BACKOFF)
            if post is not None:
                retry_at = moment.now + wait
                outbox.not_sent(session, turn, post, "waiting", error.reason, retry_at=retry_at)
            if slot is not None:
                outbox.settle_slot(session, slot, self.senders[turn.platform].pace, moment.real)
            outbox.pause(session, turn, moment, wait, error.reason, real_only=asked is not None)
            if not isinstance(error, OutcomeUnknown):
                deliveries.count_refusal(session, turn.platform, error.reason)
            if isinstance(error, Refused):
                places.mark_unwell(
                    session, turn.platform, turn.channel, reason=error.reason, trouble=error.mend, tried_at=moment.now
                )
        if isinstance(error, Refused):
            self._trouble(turn, job, f"{error.reason}: {error.mend} It is tried again in an hour.")
        else:
            why = f"{REASONS[error.reason]}; " if error.reason in REASONS else ""
            self._trouble(turn, job, f"{error.reason}: {why}tried again in {max(1, round(wait.total_seconds()))} s.")

    def _beyond_redrawing(self, turn: Turn, post: Post, reason: str) -> None:
        with writing(self.office.engine) as session:
            outbox.beyond_redrawing(session, turn, post, reason)
            outbox.release(session, turn)
        log.info("post %s can no longer be redrawn (%s)", post.id, reason)

    def _trouble(self, turn: Turn, job: Job, what: str) -> None:
        page = f" page {job.post.page}" if job.post is not None else ""
        self.tally.troubles.append(f"{turn.platform} {turn.channel}, message {job.message.id}{page}: {what}")
        log.warning("%s %s, message %s: %s", turn.platform, turn.channel, job.message.id, what.partition(":")[0])


def _paced(sender: Sender, moment: Moment) -> tuple[datetime, datetime]:
    """The span of the real clock in which a channel takes no further post."""
    return moment.real, moment.real + sender.pace.between
