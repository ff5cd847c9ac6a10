"""What the message about an invoice says besides: who is not counted, who is not shown, and what to do in which order."""

from __future__ import annotations

from bot.conversation.cards.card import Text, line
from bot.conversation.cards.phrases import counted
from bot.conversation.posts.message_words import by_its_date, is_one, still_concerned
from core.reminders.reminder import Reminder
from reference.pack import Pack


def not_counted(reminder: Reminder) -> str:
    """Of those who met it: whom reviews and reports leave out."""
    withdrawn = sum(person.output.stage == "withdrawn" for person in still_concerned(reminder))
    if not withdrawn:
        return ""
    who = "who is" if is_one(reminder) else f"of whom {counted(withdrawn, 'is', 'are')}"
    return f", {who} withdrawn and not counted in reviews and reports"


def unshown(reminder: Reminder) -> str:
    """Who is counted there and not named here."""
    more = counted(reminder.unshown, "more person is", "more people are")
    if reminder.twice:
        more = counted(reminder.unshown, "more enrolment is", "more enrolments are")
    return f" {more} declared without evidence held here." if reminder.unshown else ""


def invoice_steps(pack: Pack, reminder: Reminder) -> Text:
    """Declared first, then invoiced; papers only where some are not back."""
    outputs = [one.output for person in still_concerned(reminder) for one in person.each]
    held_up = any(not output.payable for output in outputs)
    steps: list[Text] = [line("check the list")]
    if any(output.payable and not output.declared for output in outputs):
        steps.append(line(f"ask {pack.lead_provider} to declare those who are payable once declared"))
    if any(output.payable for output in outputs):
        steps.append(line("send the invoice ", *by_its_date(reminder, "on ")))
    if held_up:
        steps.append(line("ask for the papers that are not back"))
    *before, last = steps
    first = [span for step in before for span in (*step, *line(", "))]
    paid_later = " What comes back later is paid in a later run." if held_up else ""
    return line(*first, "and " if before else "", *last, ".", paid_later)
