"""Forms sent: the values are read, the act is done by its service, and the answer is told on the form or in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from bot.conversation.acts import OWN_DAY, Act, FormRequest, act_of
from bot.conversation.cards.card import (
    Actions,
    Bullets,
    Button,
    Card,
    DateField,
    Element,
    Form,
    Note,
    Paragraph,
    TextField,
    bold,
    line,
)
from bot.conversation.cards.help_cards import OLD_CONTROL
from bot.conversation.cards.phrases import WARNING, both_words, output_title, sign
from bot.conversation.form_values import Filled
from bot.conversation.forms import as_sent, form_for
from bot.conversation.offered_acts import refuse_useless
from bot.conversation.requests import Done, FieldErrors, OpenForm, Reply, Submit
from bot.conversation.verbs import ANY_COURSE, STATUS, Call
from core.rules.calendar import in_words
from core.services import enquiries
from core.services.acts.recording import Deed, EventRef, Outcome
from core.services.enquiries import Case
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff.actors import Actor

IN_DOUBT = "confirm_date"
ABOUT_THE_DECISION = frozenset({"changed_meanwhile"})
ABOUT_THE_ASKER = frozenset({"not_permitted", "not_linked", "unknown_participant"})


def submit(installation: Installation, actor: Actor, request: Submit, today: date, now: datetime) -> Reply:
    """Does what a form asks for. A value that is refused comes back on its field; what changed meanwhile, as a new form."""
    call = request.call
    act = act_of(call.verb)
    if act is None or call.verb != act.sends or call.participant is None:
        raise OLD_CONTROL
    values = Filled(request.values)
    given = {field.name: values.of(field) for field in act.fields_in(installation.pack)}
    if values.wrong:
        return FieldErrors(values.wrong)
    if act.of_output:
        given["output"] = call.output or 0
    given.pop(OWN_DAY, None)
    deed = Deed(
        on=values.days.get(OWN_DAY, today),
        now=now,
        expected_revision=call.revision,
        event=_event(request),
        meant=values.meant,
        course=call.course or None,
    )
    try:
        outcome = act.do(installation, actor, call.participant, deed, **given)
    except Refusal as refusal:
        return _refused(installation, actor, act, call, refusal, values, today)
    return Done(_done_card(outcome, call.output), outcome.participant_id)


def _event(request: Submit) -> EventRef | None:
    origin = request.origin
    return EventRef(origin.platform, origin.event_id) if origin.event_id else None


def _refused(
    installation: Installation, actor: Actor, act: Act, call: Call, refusal: Refusal, values: Filled, today: date
) -> Reply:
    if refusal.code in ABOUT_THE_ASKER or call.participant is None:
        raise refusal
    if refusal.code in ABOUT_THE_DECISION:
        written = {field.name: values.words.get(field.name, "") for field in act.fields if isinstance(field, TextField)}
        form = _form_again(installation, actor, act, call, today, refusal.message)
        return OpenForm(as_sent(form, {}, written, {}))  # dates and choices are to be thought of afresh
    if refusal.code == IN_DOUBT and refusal.field in values.days:
        form = replace(_form_again(installation, actor, act, call, today), call=call)
        return OpenForm(as_sent(form, values.days, values.words, _doubts(values, refusal.field, refusal.message)))
    names = [field.name for field in act.fields]
    return FieldErrors({refusal.field if refusal.field in names and refusal.field else names[0]: refusal.message})


def _form_again(installation: Installation, actor: Actor, act: Act, call: Call, today: date, notice: str = "") -> Form:
    """The form that was sent, as it is drawn now. Raises `Refusal` where it is of no use any more."""
    case = _case(installation, actor, act, call, today)
    output = enquiries.output_of(case.standing, call.output or 1)
    asking = FormRequest(installation.pack, actor, case, output, today, one_course=call.course is not None)
    refuse_useless(act, asking)
    return form_for(act, asking, notice)


def _case(installation: Installation, actor: Actor, act: Act, call: Call, today: date) -> Case:
    """Whom a form is about; of those courses that it is about one that has its output."""
    who = call.participant or ""
    if call.course is None and act.every_course:
        for case in enquiries.cases(installation, actor, who, as_of=today):
            if case.standing.is_live and (call.output or 1) <= len(case.standing.outputs):
                return case
    return enquiries.case(installation, actor, who, as_of=today, course=call.course)


def with_answers(form: Form, given: Mapping[str, str | None]) -> Form:
    """A form that comes back for another reason, with the days that were given, however they were written, and with the questions that
    were answered.
    """
    values = Filled(given)
    for each in form.fields:
        if isinstance(each, DateField):
            values.day(each)
    return as_sent(form, values.days, values.words, _confirmed(values))


def _doubts(values: Filled, field: str, why: str) -> dict[str, str]:
    """The date that is doubted now, and those of which was said before that they are meant."""
    return {**_confirmed(values), field: why}


def _confirmed(values: Filled) -> dict[str, str]:
    meant = values.meant
    return {name: f"{in_words(day)} is an unusual date." for name, day in values.days.items() if meant.get(name) == day}


def _done_card(outcome: Outcome, number: int | None) -> Card:
    """What was recorded, what to mind, and where it leaves them."""
    standing = outcome.today
    elements: list[Element] = [Paragraph((line("✔ ", bold(outcome.said)),))]
    if outcome.warnings:
        elements.append(Bullets(tuple(line(f"{WARNING} ", warning) for warning in outcome.warnings)))
    if len(outcome.courses) > 1:  # none of these stands for the others
        status = Call(STATUS, standing.participant_id, course=ANY_COURSE)
    else:
        output = next((o for o in standing.outputs if o.output == number), None) or standing.current
        if output is not None:
            elements.append(Paragraph((line(output_title(output)), (*line(f"{sign(output)} "), *both_words(output)))))
        status = Call(STATUS, standing.participant_id, number, course=standing.course)
    elements.append(Actions((Button("Status", status),)))
    elements.append(Note(line("Posts that name them are brought up to date.")))
    return Card("Recorded", tuple(elements), outcome.said)
