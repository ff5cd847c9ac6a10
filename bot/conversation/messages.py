"""The words of every kind of message: what it is, who is concerned, by when, and what to do next. No blame and no threats.

A kind is one entry in `core.reminders.messages`, which says when it is due and whom it concerns, and one in `MESSAGES` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from bot.conversation.acts import CONFIRM, REMOVE, RETURN
from bot.conversation.cards.card import Text, bold, day, line
from bot.conversation.cards.phrases import away, counted, counted_of, joined
from bot.conversation.posts.invoice_words import invoice_steps, not_counted, unshown
from bot.conversation.posts.message_examples import (
    BEFORE,
    EXTENDED,
    EXTENDED_TO,
    IN_WINDOW,
    INVOICE,
    JANE,
    OWEN,
    REPORT,
    REVIEW,
    WINDOW_ENDS,
    made_up,
    somebody,
)
from bot.conversation.posts.message_words import (
    LeadButton,
    MessageWords,
    Opening,
    before_next_time,
    by_its_date,
    by_then,
    each_of_them,
    evidenced,
    how_far,
    is_one,
    is_or_was,
    later_deadlines,
    longer_or_away,
    not_met_by_deadline,
    not_met_in_window,
    output_of,
    people,
    people_are,
    people_have,
    reviewed,
    rules_of,
    still_concerned,
    today_or_on,
    window_ends,
    window_over,
    without_window,
)
from core.reminders.messages import OPENING, stale_report
from core.reminders.reminder import Reminder
from core.rules.calendar import days, in_words
from core.rules.results import OutputStanding
from reference.pack import Pack

DECIDE = LeadButton("Decide", REMOVE)
RECORD_RETURN = LeadButton("Record return", RETURN)
CONFIRM_DEFERRAL = LeadButton("Confirm deferral", CONFIRM)


# --- before the review -------------------------------------------------------------------------------------------------


def _review_upcoming(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"{output_of(reminder)}: review {today_or_on(reminder)}",
        line(
            f"The review of {output_of(reminder)} is on ",
            day(on),
            f" {how_far(reminder, on)}. ",
            *evidenced(pack, reminder),
            f" {people_are(reminder)} not evidenced yet.",
        ),
        line(
            f"help {each_of_them(reminder)} with what is listed ",
            *by_then(reminder, on),
            f". If that can't be, agree {longer_or_away(pack, reminder)}.",
        ),
    )


def _papers_missing(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"{output_of(reminder)}: papers still to come back",
        line(
            f"Before {output_of(reminder)} can be paid, {_the_papers(pack)} to be back. For {people(reminder)} something is "
            f"missing. The review {is_or_was(reminder)} on ",
            day(on),
            f" {how_far(reminder, on)}.",
        ),
        line(
            "ask the school for the signed paper, if possible ",
            *by_its_date(reminder, "by "),
            ". Engagement is not affected by this.",
        ),
    )


def _the_papers(pack: Pack) -> str:
    """ "the signed school contract and the signed sponsorship agreement need"."""
    named = joined([f"the {paper.name}" for paper in pack.papers])
    return f"{named} {'needs' if len(pack.papers) == 1 else 'need'}"


def _dates_missing(pack: Pack, reminder: Reminder) -> Opening:
    count, unknown = reminder.not_scheduled, reminder.start_unknown
    if not count:
        done = line("Everybody has a review date by now.")
        return Opening("Review dates: none is missing any more", done, line("nothing, this is done."))
    whose = counted(count, "person", "people")
    if reminder.twice and (people := len({who for who, _ in reminder.unlisted})):
        whose = counted_of(people, count)
    of_them = (
        "it" if count == unknown == 1 else f"for {unknown} of them it" if unknown < count else "for all of them it"
    )
    why = (
        f" {of_them[:1].upper()}{of_them[1:]} is not known which start within the cohort is theirs." if unknown else ""
    )
    return Opening(
        f"Review dates are missing for {whose}",
        line(
            f"No review date is known yet for the current output of {whose}, so nobody can be "
            f"reminded before it.{why} What each still needs is in their status."
        ),
        _bring_dates(put_in=unknown < count, fill_in=unknown > 0),
    )


def _bring_dates(*, put_in: bool, fill_in: bool) -> Text:
    """Where the dates come from: the pack, and the participants file where it does not say which start is theirs."""
    pack_dates = line(
        "put the dates into the policy pack, or pass this to whoever runs the bot: ",
        bold("npq pack dates --blank dates.xlsx"),
        " makes a form to fill in, ",
        bold("npq pack dates dates.xlsx"),
        " reads it.",
    )
    start = line(
        "say in the column ", bold("schedule"), " of the participants file which start is theirs, and import it."
    )
    if not fill_in:
        return pack_dates
    return (*pack_dates, *line(" And "), *start) if put_in else start


def _inactive(pack: Pack, reminder: Reminder) -> Opening:
    since, every = reminder.occasion.about, rules_of(pack, reminder).contact_overdue_every
    title = f"No new evidence since {in_words(since)}"
    if not still_concerned(reminder):
        return Opening(title, line("That is over for everybody named here."), line("nothing, this is done."))
    return Opening(
        title,
        line(
            f"Nothing new of {people(reminder)} is held here since ",
            day(since),
            f" {how_far(reminder, since)}: no session, no credits, no video, no rise in a report.",
        ),
        line(
            "if there are newer reports, import them first. Otherwise get in touch by ",
            day(before_next_time(pack, reminder, every)),
            ", ask whether anything makes it hard to engage, and offer support, a deferral included. Then press Log contact.",
        ),
    )


def _self_report(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"{output_of(reminder)}: self-reports still missing",
        line(
            f"{people(reminder)} attended more sessions than they have self-reported, so credits are missing. The review is on ",
            day(on),
            f" {how_far(reminder, on)}.",
        ),
        line("remind them to fill in their self-report on the Online Learning Platform by ", day(on), "."),
    )


def _stale_data(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    held, kind = stale_report(reminder.occasion.detail)
    old = f"The newest report held, the {kind} report of {in_words(held)}, is {counted((reminder.day - held).days, 'day')} old."
    return Opening(
        f"{output_of(reminder)}: the reports are getting old",
        line(
            f"{old} The review {is_or_was(reminder)} on ",
            day(on),
            f" {how_far(reminder, on)}, and what is known about {people(reminder)} may be out of date.",
        ),
        line("download the reports again and import them ", *by_its_date(reminder, "before "), "."),
    )


# --- the window, and after it ------------------------------------------------------------------------------------------


def _window_open(pack: Pack, reminder: Reminder) -> Opening:
    if not rules_of(pack, reminder).window:
        return without_window(pack, reminder)
    ends = window_ends(pack, reminder)
    if reminder.day > ends:
        return window_over(pack, reminder, f"the window closed on {in_words(ends)}")
    return Opening(
        f"{output_of(reminder)}: the window is open until {in_words(ends)}",
        line(
            *reviewed(pack, reminder),
            f" {people(reminder)} can still meet {output_of(reminder)} in the window, whose last day is ",
            day(ends),
            f".{later_deadlines(reminder, ends)}",
        ),
        line(
            "encourage them to do what is listed ",
            *by_then(reminder, ends),
            ". A later declaration is paid in a later run. Where something unavoidable stands in the way, "
            f"agree {longer_or_away(pack, reminder)}.",
        ),
    )


def _window_progress(pack: Pack, reminder: Reminder) -> Opening:
    rules = rules_of(pack, reminder)
    if not rules.window:
        return without_window(pack, reminder)
    ends, longer = (
        window_ends(pack, reminder),
        "; agree an extension where they need longer" if rules.extensions else "",
    )
    if reminder.day > ends:
        return window_over(pack, reminder, "how the window went")
    return Opening(
        f"{output_of(reminder)}: how the window is going",
        not_met_in_window(pack, reminder, "is", ends),
        line(
            f"a short word to {each_of_them(reminder)} ",
            *by_then(reminder, ends),
            f" often helps{longer}. A later declaration is paid in a later run.",
        ),
    )


def _three_week_mark(pack: Pack, reminder: Reminder) -> Opening:
    if not rules_of(pack, reminder).window:
        return without_window(pack, reminder)
    on, ends = reminder.occasion.about, window_ends(pack, reminder)
    named = [[one.output for one in person.each] for person in still_concerned(reminder)]
    closing = [found for theirs in named if (found := [each for each in theirs if _closes_today(reminder, each)])]
    turning = sum(
        any(not each.left_to_lead_provider and each.deferral_ahead is None for each in theirs) for theirs in closing
    )
    all_turn = turning == len(closing)
    met = sum(all(each.verdict == "met" for each in theirs) for theirs in named)
    declarable = any(each.verdict == "met" for theirs in named for each in theirs)
    whose = "Their window closes" if is_one(reminder) else f"For {len(closing)} of them the window closes"
    tomorrow = (
        f" {whose} today, {in_words(ends)}: "
        f"from tomorrow {'they are' if all_turn else '1 is' if turning == 1 else f'{turning} are'} to be contacted."
        if turning
        else ""
    )
    contact = (f"contact {_who_turns(reminder, all_turn)}, from ", day(ends + timedelta(days=1)), " on; ")
    return Opening(
        f"{output_of(reminder)}: list for the Partnership meeting",
        line(
            "The review date was ",
            day(on),
            f", {away(on, reminder.day)}. {people_have(reminder)} no declaration yet.{tomorrow}",
        ),
        line(
            *(contact if turning else ()),
            *((f"ask {pack.lead_provider} to declare those who have met it; ",) if declarable else ()),
            f"offer support{' to the others' if declarable else ''}, and bring what was tried to the Partnership meeting "
            f"with {pack.lead_provider}."
            if met < len(named)
            else "nothing more is needed from them.",
        ),
    )


def _closes_today(reminder: Reminder, output: OutputStanding) -> bool:
    return output.stage == "window" and output.window_ends == reminder.day


def _who_turns(reminder: Reminder, all_turn: bool) -> str:
    """Those who turn to contact tomorrow."""
    if is_one(reminder):
        return "them"
    return "those whose window closes" if all_turn else "those whose line says so"


def _contact_overdue(pack: Pack, reminder: Reminder) -> Opening:
    rules = rules_of(pack, reminder)
    past = f"{people_are(reminder)} past the deadline" if rules.window else f"{people_have(reminder)} not met it yet"
    return Opening(
        f"{output_of(reminder)}: please get in touch",
        line(
            "The review date was ",
            day(reminder.occasion.about),
            f". {past}, and no contact has been logged since.",
        ),
        line(
            "get in touch by ",
            day(before_next_time(pack, reminder, rules.contact_overdue_every)),
            ", ask whether anything makes it hard to engage, and offer support, a deferral included. "
            "Then press Log contact.",
        ),
    )


# --- what was decided --------------------------------------------------------------------------------------------------


def _extension_ending(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"{output_of(reminder)}: extended deadline on {in_words(on)}",
        not_met_by_deadline(reminder, "is"),
        line("remind them of what is listed by ", day(on), ", or agree a later deadline in good time."),
    )


def _extension_lapsed(pack: Pack, reminder: Reminder) -> Opening:
    return Opening(
        f"{output_of(reminder)}: extended deadline has passed",
        not_met_by_deadline(reminder, "was"),
        line(
            "get in touch this week, ask how they can be supported, and agree a later deadline or a deferral if that helps."
        ),
    )


def _removal_votes_waiting(pack: Pack, reminder: Reminder) -> Opening:
    return Opening(
        "Removal proposed: a decision is waiting",
        line(
            f"Removal of {people(reminder)} was proposed on ",
            day(reminder.occasion.about),
            f". It is a joint decision of the Delivery Partner and {pack.lead_provider}: nobody is removed by one side alone.",
        ),
        line(
            "the side named below decides, if possible by ",
            day(before_next_time(pack, reminder, pack.settings.removal_votes_every)),
            ". It can be rejected as well as approved. Details shows what has been tried.",
        ),
    )


def _deferral_ending(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"Back from deferral on {in_words(on)}",
        line(
            f"The agreed return of {people(reminder)} {is_or_was(reminder)} ",
            day(on),
            f" {how_far(reminder, on)}.",
        ),
        line(
            "agree with them ",
            *by_its_date(reminder, "by "),
            " which cohort they rejoin, and record it with Record return.",
        ),
    )


# --- invoice, assessment, meeting --------------------------------------------------------------------------------------


def _invoice_due(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"{output_of(reminder)}: invoice {today_or_on(reminder)}",
        line(
            f"The invoice date for {output_of(reminder)} {is_or_was(reminder)} ",
            day(on),
            f" {how_far(reminder, on)}. {people(reminder)} met it{not_counted(reminder)}.{unshown(reminder)}",
        ),
        invoice_steps(pack, reminder),
    )


def _assessment_window(pack: Pack, reminder: Reminder) -> Opening:
    """Before it opens where a short window's closing is announced then; after it where a holiday moved the message so."""
    closes, opens = reminder.occasion.about, _assessment_opens(pack, reminder)
    course = reminder.occasion.course
    window = f"The window for the summative assessment{f' of {course}' if course else ''}"
    next_step = line("encourage them to submit by ", day(closes), ".")
    told: Text
    if reminder.day > closes:
        title, told = f"closed on {in_words(closes)}", line(f"{window} closed on ")
        next_step = line(f"ask {pack.lead_provider} how they can still submit.")
    elif opens is not None and reminder.day < opens:
        title = f"from {in_words(opens)} until {in_words(closes)}"
        told = line(f"{window} opens on ", day(opens), f" {how_far(reminder, opens)} and closes on ")
    elif reminder.occasion.detail == OPENING:
        title, told = f"open until {in_words(closes)}", line(f"{window} has opened. It closes on ")
    else:
        title, told = f"still open until {in_words(closes)}", line(f"{window} is open. It closes on ")
    left = f" {how_far(reminder, closes)}. {people_have(reminder)} not submitted yet."
    return Opening(
        f"Assessment window{f', {course}' if course else ''}: {title}", line(*told, day(closes), left), next_step
    )


def _assessment_opens(pack: Pack, reminder: Reminder) -> date | None:
    occasion = reminder.occasion
    held = pack.assessment_windows.get((occasion.course_group or "", occasion.cohort or ""), ())
    theirs = (w.opens for w in held if (w.course, w.closes) == (occasion.course, occasion.about))
    return next(theirs, None)


def _meeting_pack(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    return Opening(
        f"Partnership meeting on {in_words(on)}",
        line(
            f"The Partnership meeting with {pack.lead_provider} is on ",
            day(on),
            f" {how_far(reminder, on)}. It looks at {_participants(reminder)}.",
        ),
        line(
            "by ",
            day(on),
            " please update your delivery plan and look through the engagement report above. "
            "To have it again, as it stands that day, type /npq report.",
        ),
    )


def _participants(reminder: Reminder) -> str:
    """ "3 participants", with their enrolments where these are more."""
    people = reminder.report.persons if reminder.report else reminder.concerned
    said = counted(people, "participant")
    return said if people == reminder.concerned else f"{said}, {counted(reminder.concerned, 'enrolment')}"


def _plain(pack: Pack, reminder: Reminder) -> Opening:
    on = reminder.occasion.about
    title = reminder.occasion.key.replace("_", " ").capitalize()
    return Opening(
        title,
        line(f"{title}: ", day(on), f". {people(reminder)}."),
        line(f"please look at {each_of_them(reminder)} ", *by_its_date(reminder, "by "), "."),
    )


# --- the table ---------------------------------------------------------------------------------------------------------

MESSAGES = (
    MessageWords(
        "review_upcoming",
        _review_upcoming,
        made_up("review_upcoming", BEFORE, REVIEW, JANE, OWEN, last_day=REVIEW),
        shows="needs",
        chases=True,
    ),
    MessageWords(
        "window_open",
        _window_open,
        made_up("window_open", REVIEW + days(1), REVIEW, IN_WINDOW, EXTENDED, last_day=WINDOW_ENDS),
        shows="needs",
        chases=True,
        over=window_ends,
    ),
    MessageWords(
        "window_progress",
        _window_progress,
        made_up("window_progress", REVIEW + days(7), REVIEW, IN_WINDOW, last_day=WINDOW_ENDS, moved=("Ivy Chen",)),
        shows="needs",
        chases=True,
        over=window_ends,
    ),
    MessageWords(
        "three_week_mark",
        _three_week_mark,
        made_up(
            "three_week_mark",
            WINDOW_ENDS,
            REVIEW,
            somebody("Grace Okafor", "ready", "Met, awaiting declaration."),
            somebody("Jane Example", "window", "The window closes today; from tomorrow they are to be contacted."),
        ),
        shows="needs",
    ),
    MessageWords(
        "contact_overdue",
        _contact_overdue,
        made_up(
            "contact_overdue",
            REVIEW + days(22),
            REVIEW,
            somebody("Jane Example", "contact", "No contact logged since 3 January 2022."),
        ),
        shows="needs",
        chases=True,
    ),
    MessageWords(
        "extension_ending",
        _extension_ending,
        made_up("extension_ending", EXTENDED_TO - days(3), EXTENDED_TO, EXTENDED, last_day=EXTENDED_TO),
        shows="needs",
        chases=True,
    ),
    MessageWords(
        "extension_lapsed",
        _extension_lapsed,
        made_up("extension_lapsed", EXTENDED_TO + days(3), EXTENDED_TO, somebody("Tom Reed", "contact", extensions=1)),
        shows="needs",
        chases=True,
    ),
    MessageWords(
        "removal_votes_waiting",
        _removal_votes_waiting,
        made_up(
            "removal_votes_waiting",
            REVIEW + days(37),
            REVIEW + days(35),
            somebody("Jane Example", "removal_pending", "Waiting for the lead provider to decide."),
        ),
        shows="standing",
        lead=DECIDE,
    ),
    MessageWords(
        "invoice_due",
        _invoice_due,
        made_up(
            "invoice_due",
            INVOICE,
            INVOICE,
            somebody("Grace Okafor", "ready", "Payable once declared.", payable=True),
            somebody("Li Na", "declared", "Held up: signed sponsorship agreement not back.", declared=True),
            facts=(("Payable", "1, once declared"), ("Held up by papers", "1")),
        ),
    ),
    MessageWords(
        "papers_missing",
        _papers_missing,
        made_up(
            "papers_missing",
            BEFORE,
            REVIEW,
            somebody("Jane Example", "pre_review", "Not back yet: signed school contract."),
        ),
    ),
    MessageWords(
        "self_report",
        _self_report,
        made_up(
            "self_report",
            BEFORE,
            REVIEW,
            somebody("Jane Example", "pre_review", "2 attended on the register, 0 self-reported."),
            last_day=REVIEW,
        ),
        chases=True,
    ),
    MessageWords(
        "assessment_window",
        _assessment_window,
        made_up(
            "assessment_window",
            REVIEW - days(42),
            REVIEW,
            somebody("Jane Example", "pre_review", "Not submitted yet."),
            detail=OPENING,
            last_day=REVIEW,
        ),
        chases=True,
    ),
    MessageWords(
        "meeting_pack",
        _meeting_pack,
        made_up("meeting_pack", BEFORE, REVIEW, last_day=REVIEW, report=REPORT),
    ),
    MessageWords(
        "deferral_ending",
        _deferral_ending,
        made_up(
            "deferral_ending",
            BEFORE,
            REVIEW,
            somebody("Jane Example", "deferred", "Agree the cohort to rejoin."),
        ),
        shows="standing",
        lead=RECORD_RETURN,
    ),
    MessageWords(
        "dates_missing",
        _dates_missing,
        made_up("dates_missing", BEFORE, BEFORE.replace(day=1), undated=12),
        shows="nobody",
    ),
    MessageWords(
        "inactive",
        _inactive,
        made_up(
            "inactive",
            BEFORE,
            BEFORE - days(91),
            somebody("Jane Example", "not_scheduled"),
            somebody("Owen Hughes", "not_scheduled", "No evidence since the start."),
        ),
        shows="needs",
        chases=True,
    ),
    MessageWords(
        "stale_data",
        _stale_data,
        made_up(
            "stale_data",
            BEFORE,
            REVIEW,
            JANE,
            detail="2021-11-12 Engagement",
            last_day=REVIEW,
            facts=(("Newest report", "Engagement report of 12 November 2021"),),
        ),
        shows="standing",
    ),
)
_PLAIN = MessageWords("", _plain, made_up("half_term_note", BEFORE, REVIEW, JANE))
_WORDS: Mapping[str, MessageWords] = {kind.key: kind for kind in MESSAGES}


def words_for(key: str) -> MessageWords:
    """The entry of a kind; of one that a later version adds, a plain notice."""
    return _WORDS.get(key, _PLAIN)
