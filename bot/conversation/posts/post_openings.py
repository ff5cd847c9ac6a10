"""How a reminder opens: its kind's words, and what is said besides where a deferral is agreed or things have changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.conversation.cards.card import day, line
from bot.conversation.cards.phrases import counted
from bot.conversation.messages import words_for
from bot.conversation.posts.message_words import Opening, of_them_have, still_concerned
from core.reminders.reminder import PersonDue, Reminder
from reference.pack import Pack

# Stages in which a line asks for nothing.
QUIET = frozenset({"declared", "withdrawn", "deferred", "ready", "not_defined"})


def opening(pack: Pack, reminder: Reminder) -> Opening:
    """The words for this kind of message; a kind that a later version adds reads as a plain notice.

    A post may be drawn again when things have changed: it says so where it is about the past, or concerns nobody any more.
    """
    said = words_for(reminder.occasion.key).opening(pack, reminder)
    last_day = reminder.occasion.last_day
    if last_day is not None and reminder.day > last_day:
        return replace(
            said,
            what=line(
                "This was a message for the days until ", day(_ended(pack, reminder, last_day)), ", which has passed."
            ),
            next_step=line("go by the newest message, or by Details, which shows where each of them stands today."),
        )
    if reminder.people and not still_concerned(reminder):
        said = replace(
            said,
            what=line("Things have changed since this was posted: it is no longer about anybody named below."),
            next_step=line(_left_to_do(reminder)),
        )
    elif away := sum(person.output.deferral_ahead is not None for person in still_concerned(reminder)):
        said = _with_deferrals(reminder, said, away)
    return replace(said, what=(*said.what, *line(_unnamed(reminder)))) if reminder.unnamed else said


def _ended(pack: Pack, reminder: Reminder, last_day: date) -> date:
    """When what it was about was over: a holiday may have moved the message itself beyond that."""
    over = words_for(reminder.occasion.key).over(pack, reminder)
    return min(over, last_day) if last_day == reminder.occasion.due_on else last_day


def _left_to_do(reminder: Reminder) -> str:
    """What those need whom a message is no longer about, as their lines say."""
    stages = {person.output.stage for person in reminder.people}
    if "rescheduling_needed" in stages:
        return "agree which cohort they rejoin, and record it with Record return."
    if words_for(reminder.occasion.key).shows_standing and any(map(_still_open, reminder.people)):
        return "go by what stands beside each name."
    return "nothing more is needed here."


def _still_open(person: PersonDue) -> bool:
    """Whether their line asks for something."""
    output = person.output
    if output.stage == "contact":
        return output.deferral_ahead is None and not (output.reached_on and not output.unanswered_contacts)
    return output.stage not in QUIET


def _with_deferrals(reminder: Reminder, said: Opening, away: int) -> Opening:
    """Nobody is chased as if no deferral were agreed, though it has yet to begin (R41)."""
    chases = words_for(reminder.occasion.key).chases
    what = line(f" {of_them_have(reminder, away)} a deferral agreed that begins later, named below.")
    if away == len(still_concerned(reminder)) and chases:
        next_step = line("nobody needs reminding; agree which cohort they rejoin before they return.")
    elif chases:
        next_step = (*said.next_step, *line(" Whoever has a deferral agreed needs no reminding."))
    else:
        next_step = said.next_step
    return replace(said, what=(*said.what, *what), next_step=next_step)


def _unnamed(reminder: Reminder) -> str:
    """Of those whom a post came to concern after its pages were fixed."""
    more = counted(reminder.unnamed, "person is", "people are")
    return f" By now {more} concerned besides, not named in this post: /npq at-risk shows where everybody stands."
