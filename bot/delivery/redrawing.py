"""Redraws a post in place: asks how its people stand today, draws, announces, edits, and notes what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bot.delivery.pass_time import Since
from bot.delivery.pass_work import PROMPT, STILL_SENT, Work, settles
from bot.delivery.sender import Address, Gone, NotSent, OutcomeUnknown, Refused, Sender, Tag
from core.posts import outbox
from core.posts.outbox import Job, Overtaken, Post, Turn
from core.posts.steps import edit_steps, lane_steps
from core.rules.calendar import london_day


def update(work: Work, sender: Sender, turn: Turn, job: Job) -> None:
    """Redraws a post in place, as its people stand today; after an edit that may still arrive, when that has settled."""
    post, moment = job.post, work.keeper.moment()
    day = london_day(moment.now)
    assert post is not None
    assert post.channel is not None
    assert post.ts is not None
    if (unclear := outbox.edit_settles_in(post, moment.real)) > timedelta(0):
        lane_steps.pause(work.installation, turn, moment, unclear, outbox.LOOKING)
        return
    try:
        reminder = work.naming_everyone(job.message, day)
    except NotSent as not_sent:
        work.try_later(turn, job, not_sent)
        return
    drawn = work.draw(sender, turn, job, post, reminder, job.people)
    if drawn is None:
        return
    announced = Since(work.keeper)
    edit_steps.begin(work.installation, turn, post, work.keeper.moment)
    try:
        _edit(work, sender, turn, job, post, drawn, announced, day)
    except Overtaken:
        edit_steps.overtaken(work.installation, post)
        raise


def _edit(
    work: Work, sender: Sender, turn: Turn, job: Job, post: Post, drawn: Mapping[str, Any], announced: Since, day: date
) -> None:
    """Puts a drawing in a post's place, which has been announced, and records what became of it."""
    assert post.channel is not None
    assert post.ts is not None
    try:
        if announced.seconds() > PROMPT:
            raise NotSent("interrupted", retry_after=0)
        sender.update(Address(post.channel, post.ts), drawn, Tag(post.token), announced.within(STILL_SENT))
    except Gone as gone:
        work.beyond_redrawing(turn, post, gone.reason)
    except OutcomeUnknown as unknown:
        moment = work.keeper.moment()
        edit_steps.unknown(work.installation, post, moment.real, settles(unknown, moment))
        work.try_later(turn, job, unknown)
    except (NotSent, Refused) as error:
        edit_steps.not_edited(work.installation, turn, post)
        if isinstance(error, Refused) and error.concerns == "message":
            work.beyond_redrawing(turn, post, error.reason)
            work.trouble(turn, job, f"{error.reason}: the post could not be redrawn. {error.mend}")
        else:
            work.try_later(turn, job, error)
    else:
        edit_steps.edited(work.installation, turn, post, work.keeper.moment(), sender.pace, judged_on=day)
        work.tally.count("updated")
