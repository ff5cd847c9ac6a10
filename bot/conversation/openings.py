"""How each kind of reminder opens: what it is, who is concerned, by when, and what to do next. No blame and no threats.

Each text states the true date, whatever day it goes out on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.conversation.cards import Text, bold, day, line, words_of
from bot.conversation.phrases import away, counted
from core.rules.calendar import in_words, working_day_on_or_after, working_day_on_or_before
from core.rules.messages import OPENING, stale_report
from core.rules.reminders import PersonDue, Reminder
from reference.pack import Pack

# Messages whose lines say where each stands; those that ask people to do what is still needed; and stages in which a line
# asks for nothing.
SHOWS_STANDING = frozenset(
    {
        "review_upcoming",
        "window_open",
        "window_progress",
        "three_week_mark",
        "contact_overdue",
        "extension_ending",
        "extension_lapsed",
        "removal_votes_waiting",
        "deferral_ending",
        "stale_data",
    }
)
CHASES = frozenset(
    {
        "review_upcoming",
        "window_open",
        "window_progress",
        "contact_overdue",
        "extension_ending",
        "extension_lapsed",
        "self_report",
        "assessment_window",
    }
)
OF_WINDOW = frozenset({"window_open", "window_progress"})
QUIET = frozenset({"declared", "withdrawn", "deferred", "ready", "not_defined"})


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


def opening(pack: Pack, reminder: Reminder) -> Opening:
    """The words for this kind of message; a kind that a later version adds reads as a plain notice.

    A post may be drawn again when things have changed: it says so where it is about the past, or concerns nobody any more.
    """
    said = _OPENINGS.get(reminder.occasion.key, _plain)(pack, reminder)
    last_day = reminder.occasion.last_day
    if last_day is not None and reminder.day > last_day:
        return replace(
            said,
            what=line(
                "This was a message for the days until ", day(_ended(pack, reminder, last_day)), ", which has passed."
            ),
            next_step=line("go by the newest message, or by Details, which shows where each of them stands today."),
        )
    if reminder.people and not _concerned(reminder):
        said = replace(
            said,
            what=line("Things have changed since this was posted: it is no longer about anybody named below."),
            next_step=line(_left_to_do(reminder)),
        )
    elif away := sum(person.output.deferral_ahead is not None for person in _concerned(reminder)):
        said = _with_deferrals(reminder, said, away)
    return replace(said, what=(*said.what, *line(_unnamed(reminder)))) if reminder.unnamed else said


def _ended(pack: Pack, reminder: Reminder, last_day: date) -> date:
    """When what it was about was over: a holiday may have moved the message itself beyond that."""
    over = _window_ends(pack, reminder) if reminder.occasion.key in OF_WINDOW else reminder.occasion.about
    return min(over, last_day) if last_day == reminder.occasion.due_on else last_day


def _left_to_do(reminder: Reminder) -> str:
    """What those need whom a message is no longer about, as their lines say."""
    stages = {person.output.stage for person in reminder.people}
    if "rescheduling_needed" in stages:
        return "agree which cohort they rejoin, and record it with Record return."
    if reminder.occasion.key in SHOWS_STANDING and any(map(_still_open, reminder.people)):
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
    what = line(f" {_of_them_have(reminder, away)} a deferral agreed that begins later, named below.")
    if away == len(_concerned(reminder)) and reminder.occasion.key in CHASES:
        next_step = line("nobody needs reminding; agree which cohort they rejoin before they return.")
    elif reminder.occasion.key in CHASES:
        next_step = (*said.next_step, *line(" Whoever has a deferral agreed needs no reminding."))
    else:
        next_step = said.next_step
    return replace(said, what=(*said.what, *what), next_step=next_step)


def _unnamed(reminder: Reminder) -> str:
    """Of those whom a post came to concern after its pages were fixed."""
    more = counted(reminder.unnamed, "person is", "people are")
    return f" By now {more} concerned besides, not named in this post: /npq at-risk shows where everybody stands."


def _concerned(reminder: Reminder) -> list[PersonDue]:
    """Those of its people whom it is still about."""
    return [person for person in reminder.people if person.still]


def _output(reminder: Reminder) -> str:
    return f"Output {reminder.occasion.output}"


def _people(reminder: Reminder) -> str:
    return counted(len(_concerned(reminder)), "person", "people")


def _one(reminder: Reminder) -> bool:
    return len(_concerned(reminder)) == 1


def _each(reminder: Reminder) -> str:
    return "them" if _one(reminder) else "each of them"


def _of_them_have(reminder: Reminder, count: int) -> str:
    """ "2 of them have"; of one person "They have"."""
    return "They have" if _one(reminder) else counted(count, "of them has", "of them have")


def _is(reminder: Reminder) -> str:
    """A message that was missed goes out late: what it is about may lie behind us."""
    return "is" if reminder.day <= reminder.occasion.about else "was"


def _by(reminder: Reminder, word: str) -> Text:
    """By (or on) the date it is about; "soon" once that has passed."""
    about = reminder.occasion.about
    return line(word, day(about)) if reminder.day <= about else line("soon")


def _window_ends(pack: Pack, reminder: Reminder) -> date:
    return reminder.occasion.about + timedelta(days=pack.settings.window_days)


def _evidenced(pack: Pack, reminder: Reminder) -> Text:
    """n of m, how many wait for an earlier output, and how many for the lead provider: the others are named."""
    waiting, referred = reminder.waiting_for_earlier, reminder.referred
    later = f" {counted(waiting, 'person waits', 'people wait')} for an earlier output." if waiting else ""
    left = (
        f" For {counted(referred, 'person', 'people')} nothing new is left to do: {pack.lead_provider} is to be asked."
        if referred
        else ""
    )
    return line(bold(f"{reminder.evidenced} of {reminder.concerned} evidenced."), later, left)


def _review_upcoming(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    when = "today" if about == reminder.day else f"on {in_words(about)}"
    verb = "is" if _one(reminder) else "are"
    return Opening(
        f"{_output(reminder)}: review {when}",
        line(
            f"The review of {_output(reminder)} is on ",
            day(about),
            f" ({away(about, reminder.day)}). ",
            *_evidenced(pack, reminder),
            f" {_people(reminder)} {verb} not evidenced yet.",
        ),
        line(
            f"help {_each(reminder)} with what is listed ",
            *_by_then(reminder, about),
            ". If that can't be, agree an extension or a deferral.",
        ),
    )


def _with_later_deadline(reminder: Reminder, ends: date) -> int:
    """How many of the message's people have agreed a deadline beyond a day."""
    return sum((person.output.latest_extension or ends) > ends for person in _concerned(reminder))


def _later(reminder: Reminder, ends: date) -> str:
    """How many of the message's people have agreed a deadline beyond the window."""
    later = _with_later_deadline(reminder, ends)
    return f" {_of_them_have(reminder, later)} a later agreed deadline, named below." if later else ""


def _by_then(reminder: Reminder, ends: date) -> Text:
    """By when: nobody is held to a day before the deadline agreed with them."""
    later = _with_later_deadline(reminder, ends)
    if not later:
        return line("by ", day(ends))
    if later == len(_concerned(reminder)):
        return line("by the agreed deadline, named below")
    return line("by ", day(ends), ", or by the later agreed deadline named below")


def _window_open(pack: Pack, reminder: Reminder) -> Opening:
    ends = _window_ends(pack, reminder)
    if reminder.day > ends:
        return _window_over(pack, reminder, f"the window closed on {in_words(ends)}")
    return Opening(
        f"{_output(reminder)}: the window is open until {in_words(ends)}",
        line(
            "The review date was ",
            day(reminder.occasion.about),
            ". ",
            *_evidenced(pack, reminder),
            f" {_people(reminder)} can still meet {_output(reminder)} in the window, whose last day is ",
            day(ends),
            f".{_later(reminder, ends)}",
        ),
        line(
            "encourage them to do what is listed ",
            *_by_then(reminder, ends),
            ". A later declaration is paid in a later run. Where something unavoidable stands in the way, "
            "agree an extension or a deferral.",
        ),
    )


def _window_progress(pack: Pack, reminder: Reminder) -> Opening:
    ends = _window_ends(pack, reminder)
    if reminder.day > ends:
        return _window_over(pack, reminder, "how the window went")
    return Opening(
        f"{_output(reminder)}: how the window is going",
        line(
            "The review date was ",
            day(reminder.occasion.about),
            ". ",
            *_evidenced(pack, reminder),
            f" {_people(reminder)} {'has' if _one(reminder) else 'have'} not met it yet. "
            "The last day of the window is ",
            day(ends),
            f" ({away(ends, reminder.day)}).{_later(reminder, ends)}",
        ),
        line(
            f"a short word to {_each(reminder)} ",
            *_by_then(reminder, ends),
            " often helps; agree an extension where they need longer. A later declaration is paid in a later run.",
        ),
    )


def _window_over(pack: Pack, reminder: Reminder, title: str) -> Opening:
    """A holiday moved a window's message beyond its last day, or the pack counts so: from then on they are contacted (R40)."""
    ends, yesterday = _window_ends(pack, reminder), reminder.day - timedelta(days=1)
    later = _with_later_deadline(reminder, yesterday)
    if later == len(_concerned(reminder)):
        next_step = f"help {_each(reminder)} with what is listed by the agreed deadline, named below."
    else:
        whom = "those without a later deadline" if later else _each(reminder)
        others = " The others have until the agreed deadline, named below." if later else ""
        next_step = (
            f"get in touch with {whom}, ask whether anything makes it hard to engage, and offer support, "
            f"a deferral included.{others}"
        )
    return Opening(
        f"{_output(reminder)}: {title}",
        line(
            "The review date was ",
            day(reminder.occasion.about),
            ". ",
            *_evidenced(pack, reminder),
            f" {_people(reminder)} {'has' if _one(reminder) else 'have'} not met it yet. "
            "The last day of the window was ",
            day(ends),
            f" ({away(ends, reminder.day)}).{_later(reminder, yesterday)}",
        ),
        line(f"{next_step} A later declaration is paid in a later run."),
    )


def _three_week_mark(pack: Pack, reminder: Reminder) -> Opening:
    ends = _window_ends(pack, reminder)
    closing = [
        p.output for p in _concerned(reminder) if p.output.stage == "window" and p.output.window_ends == reminder.day
    ]
    turning = sum(not output.left_to_lead_provider and output.deferral_ahead is None for output in closing)
    all_turn = turning == len(closing)
    met = sum(person.output.verdict == "met" for person in _concerned(reminder))
    whose = "Their window closes" if _one(reminder) else f"For {len(closing)} of them the window closes"
    tomorrow = (
        f" {whose} today, {in_words(ends)}: "
        f"from tomorrow {'they are' if all_turn else '1 is' if turning == 1 else f'{turning} are'} to be contacted."
        if turning
        else ""
    )
    return Opening(
        f"{_output(reminder)}: list for the Partnership meeting",
        line(
            "The review date was ",
            day(reminder.occasion.about),
            f", {away(reminder.occasion.about, reminder.day)}. {_people(reminder)} "
            f"{'has' if _one(reminder) else 'have'} no declaration yet.{tomorrow}",
        ),
        line(
            *(
                (
                    f"contact {_whom(reminder, all_turn)}, from ",
                    day(ends + timedelta(days=1)),
                    " on; ",
                )
                if turning
                else ()
            ),
            *((f"ask {pack.lead_provider} to declare those who have met it; ",) if met else ()),
            f"offer support{' to the others' if met else ''}, and bring what was tried to the Partnership meeting "
            f"with {pack.lead_provider}."
            if met < len(_concerned(reminder))
            else "nothing more is needed from them.",
        ),
    )


def _whom(reminder: Reminder, all_turn: bool) -> str:
    """Those who turn to contact tomorrow."""
    if _one(reminder):
        return "them"
    return "those whose window closes" if all_turn else "those whose line says so"


def _next_time(pack: Pack, reminder: Reminder, every: int) -> date:
    """By when to act before the message comes again: a day on which people work, and none that has passed."""
    before = working_day_on_or_before(pack, reminder.day + timedelta(days=every))
    return before if before >= reminder.day else working_day_on_or_after(pack, reminder.day)


def _contact_overdue(pack: Pack, reminder: Reminder) -> Opening:
    return Opening(
        f"{_output(reminder)}: please get in touch",
        line(
            "The review date was ",
            day(reminder.occasion.about),
            f". {_people(reminder)} {'is' if _one(reminder) else 'are'} past the deadline, "
            "and no contact has been logged since.",
        ),
        line(
            "get in touch by ",
            day(_next_time(pack, reminder, pack.settings.contact_overdue_every)),
            ", ask whether anything makes it hard to engage, and offer support, a deferral included. "
            "Then press Log contact.",
        ),
    )


def _extension_ending(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"{_output(reminder)}: extended deadline on {in_words(about)}",
        line(
            f"The agreed deadline for {_output(reminder)} is ",
            day(about),
            f" ({away(about, reminder.day)}). {_people(reminder)} {'has' if _one(reminder) else 'have'} not met it yet.",
        ),
        line("remind them of what is listed by ", day(about), ", or agree a later deadline in good time."),
    )


def _extension_lapsed(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"{_output(reminder)}: extended deadline has passed",
        line(
            f"The agreed deadline for {_output(reminder)} was ",
            day(about),
            f" ({away(about, reminder.day)}). {_people(reminder)} {'has' if _one(reminder) else 'have'} not met it yet.",
        ),
        line(
            "get in touch this week, ask how they can be supported, and agree a later deadline or a deferral if that helps."
        ),
    )


def _removal_votes_waiting(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        "Removal proposed: a decision is waiting",
        line(
            f"Removal of {_people(reminder)} was proposed on ",
            day(about),
            f". It is a joint decision of the Delivery Partner and {pack.lead_provider}: nobody is removed by one side alone.",
        ),
        line(
            "the side named below decides, if possible by ",
            day(_next_time(pack, reminder, pack.settings.removal_votes_every)),
            ". It can be rejected as well as approved. Details shows what has been tried.",
        ),
    )


def _invoice_due(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"{_output(reminder)}: invoice {'today' if about == reminder.day else f'on {in_words(about)}'}",
        line(
            f"The invoice date for {_output(reminder)} {_is(reminder)} ",
            day(about),
            f" ({away(about, reminder.day)}). {_people(reminder)} met it{_not_counted(reminder)}.{_unshown(reminder)}",
        ),
        _invoice_steps(pack, reminder),
    )


def _not_counted(reminder: Reminder) -> str:
    """Of those who met it: whom reviews and reports leave out."""
    withdrawn = sum(person.output.stage == "withdrawn" for person in _concerned(reminder))
    if not withdrawn:
        return ""
    who = "who is" if _one(reminder) else f"of whom {counted(withdrawn, 'is', 'are')}"
    return f", {who} withdrawn and not counted in reviews and reports"


def _unshown(reminder: Reminder) -> str:
    """Who is counted there and not named here."""
    more = counted(reminder.unshown, "more person is", "more people are")
    return f" {more} declared without evidence held here." if reminder.unshown else ""


def _invoice_steps(pack: Pack, reminder: Reminder) -> Text:
    """Declared first, then invoiced; papers only where some are not back."""
    outputs = [person.output for person in _concerned(reminder)]
    held_up = any(not output.payable for output in outputs)
    steps: list[Text] = [line("check the list")]
    if any(output.payable and not output.declared for output in outputs):
        steps.append(line(f"ask {pack.lead_provider} to declare those who are payable once declared"))
    if any(output.payable for output in outputs):
        steps.append(line("send the invoice ", *_by(reminder, "on ")))
    if held_up:
        steps.append(line("ask for the papers that are not back"))
    *before, last = steps
    first = [span for step in before for span in (*step, *line(", "))]
    return line(*first, "and " if before else "", *last, ".", *_paid_later(held_up))


def _paid_later(held_up: bool) -> tuple[str, ...]:
    return (" What comes back later is paid in a later run.",) if held_up else ()


def _papers_missing(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"{_output(reminder)}: papers still to come back",
        line(
            f"Before {_output(reminder)} can be paid, the signed school contract and the signed sponsorship agreement need to be "
            f"back. For {_people(reminder)} something is missing. The review {_is(reminder)} on ",
            day(about),
            f" ({away(about, reminder.day)}).",
        ),
        line(
            "ask the school for the signed paper, if possible ",
            *_by(reminder, "by "),
            ". Engagement is not affected by this.",
        ),
    )


def _self_report(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"{_output(reminder)}: self-reports still missing",
        line(
            f"{_people(reminder)} attended more sessions than they have self-reported, so credits are missing. The review is on ",
            day(about),
            f" ({away(about, reminder.day)}).",
        ),
        line("remind them to fill in their self-report on the Online Learning Platform by ", day(about), "."),
    )


def _assessment_window(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    if reminder.day > about:
        return _assessment_window_over(pack, reminder)
    if (opens := _assessment_opens(pack, reminder)) is not None and reminder.day < opens:
        return _assessment_window_ahead(reminder, opens)
    opened = "open" if reminder.occasion.detail == OPENING else "still open"
    return Opening(
        f"Assessment window: {opened} until {in_words(about)}",
        line(
            f"The window for the summative assessment {'has opened' if opened == 'open' else 'is open'}. It closes on ",
            day(about),
            f" ({away(about, reminder.day)}). {_people(reminder)} {'has' if _one(reminder) else 'have'} "
            "not submitted yet.",
        ),
        line("encourage them to submit by ", day(about), "."),
    )


def _assessment_opens(pack: Pack, reminder: Reminder) -> date | None:
    group, cohort = reminder.occasion.course_group, reminder.occasion.cohort
    window = pack.assessment_windows.get((group, cohort)) if group is not None and cohort is not None else None
    return window.opens if window is not None else None


def _assessment_window_ahead(reminder: Reminder, opens: date) -> Opening:
    """A short window's closing is announced before it has opened."""
    about = reminder.occasion.about
    return Opening(
        f"Assessment window: from {in_words(opens)} until {in_words(about)}",
        line(
            "The window for the summative assessment opens on ",
            day(opens),
            f" ({away(opens, reminder.day)}) and closes on ",
            day(about),
            f" ({away(about, reminder.day)}). {_people(reminder)} {'has' if _one(reminder) else 'have'} "
            "not submitted yet.",
        ),
        line("encourage them to submit by ", day(about), "."),
    )


def _assessment_window_over(pack: Pack, reminder: Reminder) -> Opening:
    """A holiday moved the message beyond the window's last day."""
    about = reminder.occasion.about
    return Opening(
        f"Assessment window: closed on {in_words(about)}",
        line(
            "The window for the summative assessment closed on ",
            day(about),
            f" ({away(about, reminder.day)}). {_people(reminder)} {'has' if _one(reminder) else 'have'} "
            "not submitted yet.",
        ),
        line(f"ask {pack.lead_provider} how they can still submit."),
    )


def _meeting_pack(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"Partnership meeting on {in_words(about)}",
        line(
            f"The Partnership meeting with {pack.lead_provider} is on ",
            day(about),
            f" ({away(about, reminder.day)}). It looks at {counted(reminder.concerned, 'participant')}.",
        ),
        line(
            "by ",
            day(about),
            " please update your delivery plan and look through the engagement report above. "
            "To have it again, as it stands that day, type /npq report.",
        ),
    )


def _deferral_ending(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    return Opening(
        f"Back from deferral on {in_words(about)}",
        line(
            f"The agreed return of {_people(reminder)} {_is(reminder)} ", day(about), f" ({away(about, reminder.day)})."
        ),
        line("agree with them ", *_by(reminder, "by "), " which cohort they rejoin, and record it with Record return."),
    )


def _stale_data(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    held, kind = stale_report(reminder.occasion.detail)
    old = f"The newest report held, the {kind} report of {in_words(held)}, is {counted((reminder.day - held).days, 'day')} old."
    return Opening(
        f"{_output(reminder)}: the reports are getting old",
        line(f"{old} The review {_is(reminder)} on ", day(about), f" ({away(about, reminder.day)}), and what is known about "
             f"{_people(reminder)} may be out of date."),
        line("download the reports again and import them ", *_by(reminder, "before "), "."),
    )  # fmt: skip


def _plain(pack: Pack, reminder: Reminder) -> Opening:
    about = reminder.occasion.about
    title = reminder.occasion.key.replace("_", " ").capitalize()
    return Opening(
        title,
        line(f"{title}: ", day(about), f". {_people(reminder)}."),
        line(f"please look at {_each(reminder)} ", *_by(reminder, "by "), "."),
    )


_OPENINGS = {
    "review_upcoming": _review_upcoming,
    "window_open": _window_open,
    "window_progress": _window_progress,
    "three_week_mark": _three_week_mark,
    "contact_overdue": _contact_overdue,
    "extension_ending": _extension_ending,
    "extension_lapsed": _extension_lapsed,
    "removal_votes_waiting": _removal_votes_waiting,
    "invoice_due": _invoice_due,
    "papers_missing": _papers_missing,
    "self_report": _self_report,
    "assessment_window": _assessment_window,
    "meeting_pack": _meeting_pack,
    "deferral_ending": _deferral_ending,
    "stale_data": _stale_data,
}
