"""The forms behind the buttons, each with the participant's context, the current dates and what will be checked.

Field names are the names that the services' refusals use, so that a refusal stands on its own field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.conversation import fit
from bot.conversation.cards import (
    Choice,
    ChoiceField,
    DateField,
    Element,
    Field,
    Form,
    Note,
    Paragraph,
    Text,
    bold,
    line,
)
from bot.conversation.phrases import WARNING, both_words, counted, dated, enrolled, output_title, sign
from bot.conversation.verbs import (
    CONTACT_SUBMIT,
    DEFERRAL_SUBMIT,
    EXTENSION_SUBMIT,
    REMOVAL_SUBMIT,
    RETURN_SUBMIT,
    Call,
)
from core.rules.calendar import in_words
from core.rules.enrolment import SIDES
from core.rules.results import OutputStanding
from core.services.actors import Actor, may
from core.services.decisions import CHANNELS, DEFERRAL_REASONS, EXTENSION_REASONS, VOTE_PERMISSIONS
from core.services.enquiries import Case
from reference.pack import Pack

REASONS = {
    "workload": "Workload",
    "illness-or-absence": "Illness or absence",
    "school-circumstances": "School circumstances",
    "technical-access": "Technical access",
    "event-missed": "Event missed",
    "bereavement": "Bereavement",
    "long-term-sickness": "Long-term sickness",
    "parental-leave": "Parental leave",
    "career-break": "Career break",
    "other": "Other",
}
WAYS = {"phone": "Phone", "email": "E-mail", "text": "Text message", "in-person": "In person"}
MEANT = "_meant"  # ends the name of the field in which a doubtful date is confirmed
NOT_MEANT = Choice("no", "No: I have corrected it above")
PRIVATE_REASON = "Shown only under Details, to people who may see this participant; never in a channel."


def extension_form(case: Case, output: OutputStanding, today: date, notice: str = "") -> Form:
    """R39: agrees a later deadline for one output."""
    after = max(output.deadline or today, today)
    earliest = after + timedelta(days=1)
    context = _context(case, output, notice)
    if output.deadline is not None:
        current: Text = line("Current deadline: ", bold(in_words(output.deadline)))
        context.append(Paragraph((current,)))
    if output.extensions:
        context.append(Note(line(f"Extensions so far for this output: {output.extensions}.")))
    fields: tuple[Field, ...] = (
        DateField("until", "New deadline", earliest, f"The earliest possible day is {in_words(earliest)}."),
        _choice("reason", "Reason", EXTENSION_REASONS, REASONS, PRIVATE_REASON),
    )
    return Form("Extend the deadline", _call(EXTENSION_SUBMIT, case, output), tuple(context), fields, "Extend")


def deferral_form(pack: Pack, case: Case, output: OutputStanding, today: date, notice: str = "") -> Form:
    """R41: records a deferral; says beforehand when DfE will refuse it, and the way out."""
    context = _context(case, output, notice)
    if not any(each.declared for each in case.standing.outputs):
        context.append(
            Paragraph(
                (
                    line(f"{WARNING} ", bold("No declaration yet.")),
                    line(
                        "DfE will refuse a deferral while nothing has been declared for them. The way out: ask "
                        f"{pack.lead_provider} to move them to a later cohort or schedule. You can still record it here."
                    ),
                )
            )
        )
    notice_days = pack.settings.deferral_ending_before
    fields: tuple[Field, ...] = (
        DateField("starts_on", "First day of the deferral", today),
        DateField(
            "until",
            "Agreed return",
            None,
            f"Later than the first day. {counted(notice_days, 'day')} before it I'll ask which cohort they rejoin.",
        ),
        _choice("reason", "Reason (DfE's categories)", DEFERRAL_REASONS, REASONS, PRIVATE_REASON),
    )
    return Form("Record a deferral", _call(DEFERRAL_SUBMIT, case, output), tuple(context), fields, "Defer")


def contact_form(case: Case, output: OutputStanding, today: date, notice: str = "") -> Form:
    """R40, R42: logs a contact attempt."""
    context = _context(case, output, notice)
    if output.unanswered_contacts:
        context.append(Note(line(f"Unanswered so far, in a row: {output.unanswered_contacts}.")))
    outcomes = (Choice("reached", "Reached them"), Choice("no-answer", "No answer"))
    fields: tuple[Field, ...] = (
        _choice("channel", "How", CHANNELS, WAYS),
        ChoiceField("outcome", "Outcome", outcomes),
        DateField("on", "When", today, "Today or an earlier day."),
    )
    return Form("Log a contact", _call(CONTACT_SUBMIT, case, output), tuple(context), fields, "Log contact")


def return_form(pack: Pack, case: Case, output: OutputStanding, today: date, notice: str = "") -> Form:
    """R37: back from deferral, into a cohort once it is agreed; who is back already is waiting for just that."""
    offered = [c for c in pack.cohorts.values() if case.standing.course in c.courses]
    cohorts = tuple(Choice(str(c.number), f"Cohort {c.number} ({c.name})") for c in offered)
    back = case.standing.rescheduling_needed
    until = "Until it is recorded, their review dates are not known."
    hint = until if back else f"You can leave it open. {until}"
    fields: tuple[Field, ...] = (DateField("on", "Back since", today, "Today or an earlier day."),)
    if cohorts:
        fields += (ChoiceField("cohort", "Cohort to rejoin", cohorts, None, hint, required=back),)
    context = tuple(_context(case, output, notice))
    return Form("Record a return", _call(RETURN_SUBMIT, case, output), context, fields, "Record")


def removal_form(pack: Pack, actor: Actor, case: Case, output: OutputStanding, notice: str = "") -> Form:
    """R43: one side's decision on removal; nobody is removed by one side alone."""
    names = {**SIDES, "lead_provider": pack.lead_provider}
    sides = tuple(
        Choice(side, fit.shown(f"{names[side][:1].upper()}{names[side][1:]}", 75))
        for side, act in VOTE_PERMISSIONS.items()
        if may(actor, act)
    )
    context = _context(case, output, notice)
    standing = case.standing
    if standing.removal_proposed_on is not None:
        approved = " and ".join(names[side] for side in standing.removal_sides_approved)
        context.append(
            Paragraph(
                (line("Proposed on ", bold(in_words(standing.removal_proposed_on)), f", approved by {approved}."),)
            )
        )
    context.append(
        Note(line(f"A joint decision with {pack.lead_provider}: they stay on the course until both sides approve."))
    )
    decisions = (Choice("approve", "Approve removal"), Choice("reject", "Reject: they stay on the course"))
    fields: tuple[Field, ...] = (
        ChoiceField("side", "On behalf of", sides, sides[0].value if sides else None),
        ChoiceField("decision", "Decision", decisions),
    )
    return Form("Decide on removal", _call(REMOVAL_SUBMIT, case, output), tuple(context), fields, "Decide")


def as_sent(form: Form, days: Mapping[str, date], words: Mapping[str, str], doubts: Mapping[str, str]) -> Form:
    """A form again with what was filled in, and below each date that is in doubt the question whether it is meant.

    `days` and `words` are what was filled in, `doubts` says by field why a date is doubted; all by the fields' names.
    """
    fields: list[Field] = []
    for each in form.fields:
        if isinstance(each, ChoiceField):
            fields.append(replace(each, initial=words.get(each.name) or each.initial))
            continue
        day = days.get(each.name, each.initial)
        fields.append(replace(each, initial=day))
        if day is not None and each.name in doubts:
            fields.append(_is_it_meant(each, day, doubts[each.name], words))
    return replace(form, fields=tuple(fields))


def _is_it_meant(asked: DateField, day: date, why: str, words: Mapping[str, str]) -> ChoiceField:
    """Nothing is recorded of a doubtful date until somebody chooses it here: the choice is of this very day."""
    name = asked.name + MEANT
    yes = Choice(day.isoformat(), f"Yes, I mean {in_words(day)}")
    chosen = yes.value if words.get(name) == yes.value else NOT_MEANT.value
    return ChoiceField(name, f"{WARNING} {why} Is it meant?", (NOT_MEANT, yes), chosen)


def _context(case: Case, output: OutputStanding, notice: str) -> list[Element]:
    """Who it is about, where they stand, and what was recorded last; `notice` first."""
    standing = case.standing
    found: list[Element] = [Paragraph((line(f"{WARNING} ", notice),))] if notice else []
    found.append(Paragraph(tuple(_who(case, output))))
    if case.history and not notice:
        last = case.history[-1]
        found.append(Note(line(f"Last recorded: {last.text} by {fit.shown(last.by, 60)} on {in_words(last.on)}.")))
    elif standing.deferred_until is not None:
        found.append(Note(line(f"On deferral, agreed return {in_words(standing.deferred_until)}.")))
    return found


def _who(case: Case, output: OutputStanding) -> Iterator[Text]:
    standing = case.standing
    yield line(
        bold(fit.shown(standing.name)),
        f" · {enrolled(standing.course, standing.cohort)} · {fit.shown(standing.delivery_partner)}",
    )
    yield (*line(f"{sign(output)} {output_title(output)}: "), *both_words(output))
    if output.review_date is not None:
        yield (*line("Review date: "), *dated(output.review_date, standing.as_of))


def _choice(name: str, label: str, values: tuple[str, ...], labels: dict[str, str], hint: str = "") -> ChoiceField:
    choices = tuple(Choice(value, labels.get(value, value.replace("-", " ").capitalize())) for value in values)
    return ChoiceField(name, label, choices, None, hint)


def _call(verb: str, case: Case, output: OutputStanding) -> Call:
    return Call(verb, case.standing.participant_id, output.output, case.revision)
