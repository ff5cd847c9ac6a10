"""What is to be posted and what was: one message per occasion and place, one post per page of it.

A message is at any time in exactly one state. Everything for one channel goes through its `Lane`: whoever holds the
lane's lease sends there, one page after the other, so that pages keep their order and the platform's pace holds across
processes. The lease's `fence` rises with every claim; what an overtaken holder still wants to write is refused.

Two clocks are kept apart. A rehearsal or `npq tick --at` moves the tick's clock; what a platform asks for
(`Retry-After`, its pace) goes by the real one. A wait or lease is over as soon as either clock has left the span it was
made for, so that a clock that is set back never blocks anything.
"""

from core.records.outbox.lanes import Overtaken, Turn, claim, failures, hold, pause, ready_in, release, renew
from core.records.outbox.messages import (
    Entry,
    add_messages,
    give_up,
    messages_of,
    newest_gone_out,
    people_of,
    plan_again,
    roll_up,
    sent_between,
    stuck_half_way,
    supersede,
    under_way,
    unsent,
)
from core.records.outbox.moments import LEASE, Moment
from core.records.outbox.pace import Pace, Slot, free_slots, settle_slot, slot_free_in, take_slot
from core.records.outbox.planning import (
    PlanTurn,
    claim_plan,
    hold_plan,
    mark,
    plan_anew,
    release_plan,
    renew_plan,
    set_mark,
)
from core.records.outbox.posts import (
    begin,
    beyond_redrawing,
    mark_post_stale,
    mark_stale,
    not_sent,
    open_out,
    redrawn,
    sent,
    settles_at,
)
from core.records.outbox.reasons import CANCELLED, ELSEWHERE, NEWER, NO_LONGER_DUE, NOBODY_CONCERNED, TOO_LATE
from core.records.outbox.tables import (
    STATES,
    UNDER_WAY,
    UNSENT,
    Lane,
    Message,
    PlanMark,
    Planner,
    Post,
    PostPerson,
    PostSlot,
    State,
)
from core.records.outbox.work import Job, lanes_with_work, next_job, tagged

__all__ = [
    "CANCELLED",
    "ELSEWHERE",
    "LEASE",
    "NEWER",
    "NOBODY_CONCERNED",
    "NO_LONGER_DUE",
    "STATES",
    "TOO_LATE",
    "UNDER_WAY",
    "UNSENT",
    "Entry",
    "Job",
    "Lane",
    "Message",
    "Moment",
    "Overtaken",
    "Pace",
    "PlanMark",
    "PlanTurn",
    "Planner",
    "Post",
    "PostPerson",
    "PostSlot",
    "Slot",
    "State",
    "Turn",
    "add_messages",
    "begin",
    "beyond_redrawing",
    "claim",
    "claim_plan",
    "failures",
    "free_slots",
    "give_up",
    "hold",
    "hold_plan",
    "lanes_with_work",
    "mark",
    "mark_post_stale",
    "mark_stale",
    "messages_of",
    "newest_gone_out",
    "next_job",
    "not_sent",
    "open_out",
    "pause",
    "people_of",
    "plan_again",
    "plan_anew",
    "ready_in",
    "redrawn",
    "release",
    "release_plan",
    "renew",
    "renew_plan",
    "roll_up",
    "sent",
    "sent_between",
    "set_mark",
    "settle_slot",
    "settles_at",
    "slot_free_in",
    "stuck_half_way",
    "supersede",
    "tagged",
    "take_slot",
    "under_way",
    "unsent",
]
