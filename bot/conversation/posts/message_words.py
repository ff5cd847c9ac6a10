"""How the words of a kind of message are given, and the phrases that several kinds share.

Each text states the true date, whatever day it goes out on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from bot.conversation.acts import Act
from bot.conversation.cards.card import Text, bold, day, line, words_of
from bot.conversation.cards.phrases import away, counted, evidenced_of
from core.reminders.reminder import PersonDue, Reminder
from core.rules.calendar import in_words, working_day_on_or_after, working_day_on_or_before
from reference.pack import Pack, PackSettings


@dataclass(frozen=True, slots=True)
class Opening:
    """A message's title, its first sentences and what to do next."""

    title: str
    what: Text
    next_step: Text

    @property
    def what_plain(self) -> str:
        """The first sentences without styles."""
        return words_of(self.what)

    @property
    def next_plain(self) -> str:
        """What to do next, without styles."""
        return words_of(self.next_step)


class LeadButton(NamedTuple):
    """What a message asks for first, before what is offered beside every name."""

    label: str
    act: Act


def its_date(pack: Pack, reminder: Reminder) -> date:
    """The true date that it is about."""
    return reminder.occasion.about


@dataclass(frozen=True)
class MessageWords:
    """How one kind of message reads."""

    key: str  # as in `core.reminders.messages`
    opening: Callable[[Pack, Reminder], Opening]
    example: Reminder  # of made-up people: drawn for every platform by the tests
    shows: Literal["note", "standing", "needs", "nobody"] = (
        "note"  # of each: where they stand, and what they still need
    )
    chases: bool = False  # asks people to do what is still needed
    lead: LeadButton | None = None
    over: Callable[[Pack, Reminder], date] = its_date  # the last day of what it is about

    @property
    def shows_standing(self) -> bool:
        """Whether its lines say where each stands."""
        return self.shows in ("standing", "needs")


# --- who ---------------------------------------------------------------------------------------------------------------


def still_concerned(reminder: Reminder) -> list[PersonDue]:
    """Those of its people whom it is still about."""
    return [person for person in reminder.people if person.still]


def is_one(reminder: Reminder) -> bool:
    """Whether it is about one person alone."""
    return len(still_concerned(reminder)) == 1


def people(reminder: Reminder) -> str:
    """ "3 people"."""
    return counted(len(still_concerned(reminder)), "person", "people")


def people_have(reminder: Reminder) -> str:
    """ "3 people have"."""
    return f"{people(reminder)} {'has' if is_one(reminder) else 'have'}"


def people_are(reminder: Reminder) -> str:
    """ "3 people are"."""
    return f"{people(reminder)} {'is' if is_one(reminder) else 'are'}"


def each_of_them(reminder: Reminder) -> str:
    """ "each of them"; of one person "them"."""
    return "them" if is_one(reminder) else "each of them"


def of_them_have(reminder: Reminder, count: int) -> str:
    """ "2 of them have"; of one person "They have"."""
    return "They have" if is_one(reminder) else counted(count, "of them has", "of them have")


# --- about what --------------------------------------------------------------------------------------------------------


def output_of(reminder: Reminder) -> str:
    """ "Output 2"."""
    return f"Output {reminder.occasion.output}"


def how_far(reminder: Reminder, on: date) -> str:
    """ "(in 7 days)"."""
    return f"({away(on, reminder.day)})"


def today_or_on(reminder: Reminder) -> str:
    """When it is what the message is about, in a title: "on 13 December 2021"."""
    return "today" if reminder.occasion.about == reminder.day else f"on {in_words(reminder.occasion.about)}"


def is_or_was(reminder: Reminder) -> str:
    """A message that was missed goes out late: what it is about may lie behind us."""
    return "is" if reminder.day <= reminder.occasion.about else "was"


def window_ends(pack: Pack, reminder: Reminder) -> date:
    """The last day of the window after the review date that it is about; where there is none, that date."""
    return reminder.occasion.about + timedelta(days=rules_of(pack, reminder).window_days)


def rules_of(pack: Pack, reminder: Reminder) -> PackSettings:
    """The settings of the group that it is about (reading 34)."""
    return pack.settings_of(reminder.occasion.course_group)


def longer_or_away(pack: Pack, reminder: Reminder) -> str:
    """What may be agreed with them: "an extension or a deferral"."""
    return "an extension or a deferral" if rules_of(pack, reminder).extensions else "a deferral"


def evidenced(pack: Pack, reminder: Reminder) -> Text:
    """n of m, how many wait for an earlier output, and how many for the lead provider: the others are named."""
    waiting, referred = reminder.waiting_for_earlier, reminder.referred
    one, many = ("enrolment", "enrolments") if reminder.twice else ("person", "people")
    later = f" {counted(waiting, f'{one} waits', f'{many} wait')} for an earlier output." if waiting else ""
    left = (
        f" For {counted(referred, one, many)} nothing new is left to do: {pack.lead_provider} is to be asked."
        if referred
        else ""
    )
    return line(bold(f"{evidenced_of(reminder.evidenced, reminder.concerned, reminder.twice)}."), later, left)


def reviewed(pack: Pack, reminder: Reminder) -> Text:
    """When the review was, and how many are evidenced."""
    return line("The review date was ", day(reminder.occasion.about), ". ", *evidenced(pack, reminder))


def not_met_by_deadline(reminder: Reminder, verb: str) -> Text:
    """When the agreed deadline is, or was."""
    on = reminder.occasion.about
    return line(
        f"The agreed deadline for {output_of(reminder)} {verb} ",
        day(on),
        f" {how_far(reminder, on)}. {people_have(reminder)} not met it yet.",
    )


# --- by when -----------------------------------------------------------------------------------------------------------


def by_its_date(reminder: Reminder, word: str) -> Text:
    """By (or on) the date it is about; "soon" once that has passed."""
    on = reminder.occasion.about
    return line(word, day(on)) if reminder.day <= on else line("soon")


def with_later_deadline(reminder: Reminder, ends: date) -> int:
    """How many of the message's people have agreed a deadline beyond a day."""
    return sum((person.output.latest_extension or ends) > ends for person in still_concerned(reminder))


def later_deadlines(reminder: Reminder, ends: date) -> str:
    """How many of the message's people have agreed a deadline beyond the window."""
    later = with_later_deadline(reminder, ends)
    return f" {of_them_have(reminder, later)} a later agreed deadline, named below." if later else ""


def by_then(reminder: Reminder, ends: date) -> Text:
    """By when: nobody is held to a day before the deadline agreed with them."""
    later = with_later_deadline(reminder, ends)
    if not later:
        return line("by ", day(ends))
    if later == len(still_concerned(reminder)):
        return line("by the agreed deadline, named below")
    return line("by ", day(ends), ", or by the later agreed deadline named below")


def before_next_time(pack: Pack, reminder: Reminder, every: int) -> date:
    """By when to act before the message comes again: a day on which people work, and none that has passed."""
    before = working_day_on_or_before(pack, reminder.day + timedelta(days=every))
    return before if before >= reminder.day else working_day_on_or_after(pack, reminder.day)


# --- a window of which several kinds tell ----------------------------------------------------------------------------------


def without_window(pack: Pack, reminder: Reminder) -> Opening:
    """A message of a window that stands there since before the pack had none: it is about nobody any more."""
    return Opening(
        f"{output_of(reminder)}: review {today_or_on(reminder)}",
        reviewed(pack, reminder),
        line("nothing, this is done."),
    )


def window_over(pack: Pack, reminder: Reminder, title: str) -> Opening:
    """A holiday moved a window's message beyond its last day, or the pack counts so: from then on they are contacted (R40)."""
    yesterday = reminder.day - timedelta(days=1)
    later = with_later_deadline(reminder, yesterday)
    if later == len(still_concerned(reminder)):
        next_step = f"help {each_of_them(reminder)} with what is listed by the agreed deadline, named below."
    else:
        whom = "those without a later deadline" if later else each_of_them(reminder)
        others = " The others have until the agreed deadline, named below." if later else ""
        next_step = (
            f"get in touch with {whom}, ask whether anything makes it hard to engage, and offer support, "
            f"a deferral included.{others}"
        )
    return Opening(
        f"{output_of(reminder)}: {title}",
        not_met_in_window(pack, reminder, "was", yesterday),
        line(f"{next_step} A later declaration is paid in a later run."),
    )


def not_met_in_window(pack: Pack, reminder: Reminder, verb: str, beyond: date) -> Text:
    """How many have not met it, the window's last day, and who has until a day `beyond` another."""
    ends = window_ends(pack, reminder)
    return line(
        *reviewed(pack, reminder),
        f" {people_have(reminder)} not met it yet. The last day of the window {verb} ",
        day(ends),
        f" {how_far(reminder, ends)}.{later_deadlines(reminder, beyond)}",
    )
