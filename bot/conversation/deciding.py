"""Forms sent: the values are read, the act is done by its service, and the answer is told on the form or in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.conversation import fit
from bot.conversation.cards import Actions, Bullets, Button, Card, DateField, Element, Form, Note, Paragraph, bold, line
from bot.conversation.forms import (
    MEANT,
    as_sent,
    contact_form,
    deferral_form,
    extension_form,
    removal_form,
    return_form,
)
from bot.conversation.helping import OLD_CONTROL
from bot.conversation.offering import refuse_useless
from bot.conversation.phrases import WARNING, both_words, output_title, sign
from bot.conversation.requests import Done, FieldErrors, OpenForm, Reply, Submit
from bot.conversation.verbs import (
    CONTACT_OPEN,
    CONTACT_SUBMIT,
    DEFERRAL_OPEN,
    DEFERRAL_SUBMIT,
    EXTENSION_OPEN,
    EXTENSION_SUBMIT,
    LONGEST,
    REMOVAL_OPEN,
    REMOVAL_SUBMIT,
    RETURN_OPEN,
    RETURN_SUBMIT,
    STATUS,
    Call,
    encode,
)
from core.rules.calendar import in_words
from core.rules.results import OutputStanding
from core.services import decisions, enquiries
from core.services.actors import Actor
from core.services.acts import Deed, EventRef, Outcome
from core.services.enquiries import Case
from core.services.office import Office
from core.services.refusals import Refusal
from reference.pack import Pack

OPENED_BY = {
    EXTENSION_SUBMIT: EXTENSION_OPEN,
    DEFERRAL_SUBMIT: DEFERRAL_OPEN,
    CONTACT_SUBMIT: CONTACT_OPEN,
    RETURN_SUBMIT: RETURN_OPEN,
    REMOVAL_SUBMIT: REMOVAL_OPEN,
}
FIELDS = {
    EXTENSION_SUBMIT: ("until", "reason"),
    DEFERRAL_SUBMIT: ("starts_on", "until", "reason"),
    CONTACT_SUBMIT: ("channel", "outcome", "on"),
    RETURN_SUBMIT: ("on", "cohort"),
    REMOVAL_SUBMIT: ("side", "decision"),
}
TYPED = 60  # characters of what was typed that are said again where it can't be read
IN_DOUBT = "confirm_date"
ABOUT_THE_DECISION = frozenset({"changed_meanwhile"})
ABOUT_THE_ASKER = frozenset({"not_permitted", "not_linked", "unknown_participant"})


class _Values:
    """What was filled in; `wrong` gathers what is missing or no date, by field, and `days` the dates that were read."""

    def __init__(self, given: Mapping[str, str | None]) -> None:
        self._given = given
        self.wrong: dict[str, str] = {}
        self.days: dict[str, date] = {}

    @property
    def words(self) -> dict[str, str]:
        """All that was filled in, as it was typed or chosen."""
        return {name: text for name, text in self._given.items() if text}

    @property
    def meant(self) -> dict[str, date]:
        """The dates of which was said that they are meant, by the field that they stand in."""
        said = {name.removesuffix(MEANT): _day(text) for name, text in self.words.items() if name.endswith(MEANT)}
        return {name: day for name, day in said.items() if day is not None}

    def day(self, name: str) -> date:
        text = (self._given.get(name) or "").strip()
        if (day := _day(text)) is not None:
            self.days[name] = day
            return day
        asked = "Please give a day such as 14/01/2022."
        self.wrong[name] = (
            f"I can't read “{fit.shown(text, TYPED)}” as a day. {asked}" if text else "Please choose a day."
        )
        return date.min

    def choice(self, name: str) -> str:
        text = (self._given.get(name) or "").strip()
        if not text:
            self.wrong[name] = "Please choose one."
        return text

    def number(self, name: str) -> int | None:
        text = (self._given.get(name) or "").strip()
        if text and not (text.isdecimal() and len(text) < 6):
            self.wrong[name] = "Please choose one of the list."
            return None
        return int(text) if text else None


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def submit(office: Office, actor: Actor, request: Submit, today: date, now: datetime) -> Reply:
    """Does what a form asks for. A value that is refused comes back on its field; what changed meanwhile, as a new form."""
    call = request.call
    if call.verb not in OPENED_BY or call.participant is None:
        raise OLD_CONTROL
    values = _Values(request.values)
    origin = request.origin
    event = EventRef(origin.platform, origin.event_id) if origin.event_id else None

    def deed(on: date) -> Deed:
        return Deed(on=on, now=now, expected_revision=call.revision, event=event, meant=values.meant)

    act = _prepared(office, actor, call, values, today, deed)
    if values.wrong:
        return FieldErrors(values.wrong)
    try:
        outcome = act()
    except Refusal as refusal:
        return _refused(office, actor, call, refusal, values, today)
    return Done(_done_card(outcome, call.output), outcome.participant_id)


def _prepared(
    office: Office, actor: Actor, call: Call, values: _Values, today: date, deed: Callable[[date], Deed]
) -> Callable[[], Outcome]:
    """The act with its values read, not yet done."""
    who = call.participant or ""
    if call.verb == EXTENSION_SUBMIT:
        until, reason = values.day("until"), values.choice("reason")
        output = call.output or 0
        return lambda: decisions.extend(office, actor, who, deed(today), output=output, until=until, reason=reason)
    if call.verb == DEFERRAL_SUBMIT:
        starts_on, until, reason = values.day("starts_on"), values.day("until"), values.choice("reason")
        return lambda: decisions.defer(office, actor, who, deed(today), starts_on=starts_on, until=until, reason=reason)
    if call.verb == CONTACT_SUBMIT:
        channel, outcome, on = values.choice("channel"), values.choice("outcome"), values.day("on")
        return lambda: decisions.contact(office, actor, who, deed(on), channel=channel, outcome=outcome)
    if call.verb == RETURN_SUBMIT:
        on, cohort = values.day("on"), values.number("cohort")
        return lambda: decisions.resume(office, actor, who, deed(on), cohort=cohort)
    side, decision = values.choice("side"), values.choice("decision")
    return lambda: decisions.remove(office, actor, who, deed(today), side=side, decision=decision)


def _refused(office: Office, actor: Actor, call: Call, refusal: Refusal, values: _Values, today: date) -> Reply:
    if refusal.code in ABOUT_THE_ASKER or call.participant is None:
        raise refusal
    if refusal.code in ABOUT_THE_DECISION:
        return OpenForm(_form_again(office, actor, call, call.participant, today, refusal.message))
    if refusal.code == IN_DOUBT and refusal.field in values.days:
        form = replace(_form_again(office, actor, call, call.participant, today), call=call)
        return OpenForm(as_sent(form, values.days, values.words, _doubts(values, refusal.field, refusal.message)))
    names = FIELDS[call.verb]
    return FieldErrors({refusal.field if refusal.field in names and refusal.field else names[0]: refusal.message})


def _form_again(office: Office, actor: Actor, call: Call, who: str, today: date, notice: str = "") -> Form:
    """The form that was sent, as it is drawn now. Raises `Refusal` where it is of no use any more."""
    case = enquiries.case(office, actor, who, as_of=today)
    output = enquiries.output_of(case.standing, call.output or 1)
    refuse_useless(office.pack, OPENED_BY[call.verb], case, output)
    return form_for(office.pack, actor, OPENED_BY[call.verb], case, output, today, notice)


def with_answers(form: Form, given: Mapping[str, str | None]) -> Form:
    """A form that comes back for another reason, with the days that were given, however they were written, and with the questions that
    were answered.
    """
    values = _Values(given)
    for each in form.fields:
        if isinstance(each, DateField):
            values.day(each.name)
    return as_sent(form, values.days, values.words, _confirmed(values))


def _doubts(values: _Values, field: str, why: str) -> dict[str, str]:
    """The date that is doubted now, and those of which was said before that they are meant."""
    return {**_confirmed(values), field: why}


def _confirmed(values: _Values) -> dict[str, str]:
    meant = values.meant
    return {name: f"{in_words(day)} is an unusual date." for name, day in values.days.items() if meant.get(name) == day}


def form_for(
    pack: Pack, actor: Actor, verb: str, case: Case, output: OutputStanding, today: date, notice: str = ""
) -> Form:
    """The form behind an opening verb; `notice` stands first on it. Refuses where it could not be read again (`long_id`)."""
    form = _form_for(pack, actor, verb, case, output, today, notice)
    if len(encode(form.call)) > LONGEST:
        raise Refusal(
            "long_id",
            f"The participant id of {fit.shown(case.standing.name)} is too long for a form in the chat, so nothing has been "
            "recorded. Whoever runs this bot can record it with the npq command.",
        )
    return form


def _form_for(
    pack: Pack, actor: Actor, verb: str, case: Case, output: OutputStanding, today: date, notice: str
) -> Form:
    if verb == EXTENSION_OPEN:
        return extension_form(case, output, today, notice)
    if verb == DEFERRAL_OPEN:
        return deferral_form(pack, case, output, today, notice)
    if verb == CONTACT_OPEN:
        return contact_form(case, output, today, notice)
    if verb == RETURN_OPEN:
        return return_form(pack, case, output, today, notice)
    return removal_form(pack, actor, case, output, notice)


def _done_card(outcome: Outcome, number: int | None) -> Card:
    """What was recorded, what to mind, and where it leaves them."""
    standing = outcome.today
    elements: list[Element] = [Paragraph((line("✔ ", bold(outcome.said)),))]
    if outcome.warnings:
        elements.append(Bullets(tuple(line(f"{WARNING} ", warning) for warning in outcome.warnings)))
    output = next((o for o in standing.outputs if o.output == number), None) or standing.current
    if output is not None:
        elements.append(Paragraph((line(output_title(output)), (*line(f"{sign(output)} "), *both_words(output)))))
    elements.append(Actions((Button("Status", Call(STATUS, standing.participant_id, number)),)))
    elements.append(Note(line("Posts that name them are brought up to date.")))
    return Card("Recorded", tuple(elements), outcome.said)
