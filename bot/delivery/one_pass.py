"""One pass: plan what is due, then empty the outbox, lane by lane, page by page.

Every step follows one order: claim the lane, ask the rules again, draw, write down that it is being sent, send once, write
down what became of it. Whatever dies in between leaves a row that says how far it got; the next pass looks before it sends
again. What is certainly not sent is tried again; what was refused for good waits for somebody to mend it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from bot.conversation.posts import reminder_posts as cards
from bot.delivery import redrawing
from bot.delivery.lane_rounds import NextPass, Rounds
from bot.delivery.owner_notifying import tell_owners
from bot.delivery.pass_time import Since, Timekeeper, pass_time
from bot.delivery.pass_work import PROMPT, STILL_SENT, Work, settles
from bot.delivery.planning_alone import plan_alone
from bot.delivery.sender import Address, CannotLook, NotSent, OutcomeUnknown, Refused, Sender, Tag
from bot.delivery.tick_report import TickReport
from bot.faults import note
from core.posts import content, outbox, planning
from core.posts.content import Caseloads
from core.posts.outbox import Job, Lane, Overtaken, Post, Slot, Turn
from core.posts.steps import lane_steps, page_steps
from core.reminders.reminder import Reminder
from core.rules.calendar import london_day
from core.services.installation import DatabaseBusy, DatabaseRefused, Installation

log = logging.getLogger(__name__)

UNTIL_NOTED = 60.0  # for so long it is tried to write down where a post stands: others' locks are gone sooner


def tick(
    installation: Installation,
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
    cases = cases or Caseloads(installation)
    keeper = timekeeper or pass_time(installation, now, frozen=rehearsal)
    work = Work(installation, senders, cases, keeper, rehearsal)
    planned = plan_alone(installation, now, cases, work.owner, keeper, patient=limit is None)
    work.tally.count("superseded", planned.superseded)
    Rounds(installation, senders, keeper, partial(_step, work), limit).run()
    work.tally.troubles += tell_owners(installation, senders, keeper.moment(), rehearsal=rehearsal)
    return work.report(planned.planned)


def update_posts(
    installation: Installation,
    senders: Mapping[str, Sender],
    now: datetime,
    *,
    rehearsal: bool = False,
    timekeeper: Timekeeper | None = None,
    limit: float | None = 20.0,
) -> TickReport:
    """Redraws the posts whose people have changed, and sends nothing new; for right after a decision."""
    keeper = timekeeper or pass_time(installation, now, frozen=rehearsal)
    work = Work(installation, senders, Caseloads(installation), keeper, rehearsal, redraw_only=True)
    Rounds(installation, senders, keeper, partial(_step, work), limit, redraw_only=True).run()
    return work.report(0)


class _Page(NamedTuple):
    """A page that is to be sent, with what it tells."""

    post: Post
    reminder: Reminder
    people: tuple[str, ...]  # those on it, in order
    seen: int  # of the changes it is marked for, those that its drawing shows


def _step(work: Work, lane: Lane) -> bool:
    """Claims a lane and does the next thing in it; False when somebody else has it or there is nothing to do."""
    sender, moment = work.senders[lane.platform], work.keeper.moment
    claimed = lane_steps.claim(work.installation, lane, work.owner, sender.pace, moment, redraw_only=work.redraw_only)
    if claimed is None:
        return False
    turn, job, slot = claimed
    try:
        match job.kind:
            case "look":
                _look(work, sender, turn, job)
            case "update":
                redrawing.update(work, sender, turn, job)
            case "send":
                assert slot is not None
                _send(work, sender, turn, job, slot)
    except Overtaken:
        log.info("overtaken in a lane, message %s", job.message.id)
    except DatabaseBusy:
        if work.installation.engine.dialect.name == "sqlite":
            raise  # one writes at a time there: no other lane would get on
        raise NextPass from None
    except (DatabaseRefused, NextPass):
        raise
    except Exception as error:
        # one channel's fault stops no other; its lease runs out, and then it is tried again
        work.trouble(turn, job, f"fault {note(error)}: this is a fault of the bot; please report it.")
        return False
    return True


# a post of unknown outcome


def _look(work: Work, sender: Sender, turn: Turn, job: Job) -> None:
    """Finds out whether a post of unknown outcome went out."""
    post = job.post
    assert post is not None
    moment = work.keeper.moment()
    since = post.attempted_at or moment.real
    settled_at = post.settled_at or since
    address: Address | None
    try:
        address = sender.find(turn.channel, Tag(post.token), since)
    except CannotLook as cannot:
        if not content.occasion_of(job.message).may_repeat:
            _hold(work, turn, job, post, cannot.reason)
            return
        address = None
    except (NotSent, Refused, OutcomeUnknown) as error:
        if not isinstance(error, Refused) or planning.goes_to(work.installation, job.message, work.asked_at):
            page_steps.not_looked(work.installation, turn, post, error.reason)
            work.try_later(turn, job, error)
            return
        # nobody will mend a channel that gets no posts any more
        if not content.occasion_of(job.message).may_repeat:
            _hold(work, turn, job, post, error.reason)
            return
        address = None
    left = settled_at - work.keeper.moment().real
    if address is not None:
        page_steps.found(work.installation, turn, post, moment, channel=address.channel, ts=address.ts)
        work.tally.count("sent")
    elif left > timedelta(0):
        page_steps.may_still_arrive(work.installation, turn, post, moment, left)
    else:
        page_steps.not_found(work.installation, turn, post, moment)


def _hold(work: Work, turn: Turn, job: Job, post: Post, reason: str) -> None:
    """Leaves to somebody what may be posted already and must not be posted twice."""
    page_steps.held(work.installation, turn, post, reason)
    work.tally.count("held")
    work.trouble(turn, job, f"{reason}: it may or may not have been posted, and I can't look; held.")


# the next page of a message


def _send(work: Work, sender: Sender, turn: Turn, job: Job, slot: Slot) -> None:
    """Sends the next page of a message, opening it out first when nothing of it has gone out yet.

    Raises `NextPass` where somebody decides or imports just now.
    """
    day = london_day(work.keeper.moment().now)
    page = _further_page(work, turn, job, slot, day) if job.post else _first_page(work, sender, turn, job, slot, day)
    if page is None:
        return
    drawn = work.draw(sender, turn, job, page.post, page.reminder, page.people)
    if drawn is None:
        return
    announced = Since(work.keeper)
    page_steps.begin(work.installation, turn, page.post, work.keeper.moment, judged_on=day, seen=page.seen)
    _post(work, sender, turn, job, slot, page.post, drawn, announced)


def _first_page(work: Work, sender: Sender, turn: Turn, job: Job, slot: Slot, day: date) -> _Page | None:
    """The first page of a message, which is opened out; None when it is not to go out any more, which is recorded."""
    judged = content.state_now(work.installation)
    with work.judging:
        reminder = content.reminder_of(work.installation, job.message, day, work.cases)
    if reminder is None or not planning.goes_to(work.installation, job.message, work.asked_at):
        reason = outbox.NOBODY_CONCERNED if reminder is None else outbox.ELSEWHERE
        gone = page_steps.superseded(work.installation, turn, job.message, slot, sender.pace, reason)
        work.tally.count("superseded", int(gone))
        return None
    laid_out = cards.page_people(work.installation.pack, reminder)
    try:
        post = page_steps.open_pages(work.installation, turn, job.message, laid_out, reminder.enrolments, judged)
    except DatabaseBusy:
        lane_steps.give_back(work.installation, turn, slot, sender.pace)
        raise NextPass from None
    return _Page(post, reminder, tuple(laid_out[0]), seen=0)


def _further_page(work: Work, turn: Turn, job: Job, slot: Slot, day: date) -> _Page | None:
    """A page that was fixed before; None where it has to wait for the right pack, which is recorded."""
    post = job.post
    assert post is not None
    try:
        reminder = work.naming_everyone(job.message, day)
    except NotSent as not_sent:
        work.try_later(turn, job, not_sent, post, slot)
        return None
    return _Page(post, reminder, job.people, seen=post.needs_update)


def _post(
    work: Work, sender: Sender, turn: Turn, job: Job, slot: Slot, post: Post, drawn: Mapping[str, Any], announced: Since
) -> None:
    """Sends a drawing, which has been announced, and records what became of it."""
    try:
        if announced.seconds() > PROMPT:
            raise NotSent("interrupted", retry_after=0)
        address = sender.post(turn.channel, drawn, Tag(post.token), announced.within(STILL_SENT))
    except OutcomeUnknown as unknown:
        moment = work.keeper.moment()
        page_steps.unknown(
            work.installation, turn, post, moment, slot, sender.pace, unknown.reason, settles(unknown, moment)
        )
        log.warning("outcome unknown (%s), message %s page %s", unknown.reason, post.message_id, post.page)
    except Refused as refused:
        if refused.concerns == "place":
            work.try_later(turn, job, refused, post, slot)
            return
        page_steps.refused(work.installation, turn, post, work.keeper.moment(), slot, sender.pace, refused.reason)
        work.tally.count("failed")
        work.trouble(turn, job, f"{refused.reason}: this message was not accepted. {refused.mend}")
    except NotSent as not_sent:
        work.try_later(turn, job, not_sent, post, slot)
    else:
        _note_sent(work, sender, turn, post, address, slot)
        work.tally.count("sent")


def _note_sent(work: Work, sender: Sender, turn: Turn, post: Post, address: Address, slot: Slot) -> None:
    """Records where a post stands. While somebody else holds its row it goes on: nobody else knows, and Teams tells nobody."""
    since = Since(work.keeper)
    while True:
        try:
            moment = work.keeper.moment()
            page_steps.sent(
                work.installation, turn, post, moment, slot, sender.pace, channel=address.channel, ts=address.ts
            )
            return
        except DatabaseBusy:
            if since.seconds() > UNTIL_NOTED:
                raise
            lane_steps.keep(work.installation, turn, work.keeper.moment)
