"""The forms behind the acts' buttons, each with the participant's context, the current dates and what will be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from bot.conversation.acts import OWN_DAY, Act, FormRequest
from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Choice,
    ChoiceField,
    CohortField,
    DateField,
    Element,
    Field,
    Form,
    Note,
    Paragraph,
    Text,
    TextField,
    bold,
    line,
)
from bot.conversation.cards.phrases import WARNING, both_words, dated, enrolled, output_title, sign
from bot.conversation.verbs import LONGEST, Call, encode
from core.rules.calendar import in_words
from core.rules.deferral_policy import cohorts_to_rejoin
from core.services.refusals import Refusal
from reference.pack import Cohort, Pack

MEANT = "_meant"  # ends the name of the field in which a doubtful date is confirmed
NOT_MEANT = Choice("no", "No: I have corrected it above")


def form_for(act: Act, asking: FormRequest, notice: str = "") -> Form:
    """The form of an act; `notice` stands first on it. Refuses where it could not be read again (`long_id`)."""
    standing, output = asking.case.standing, asking.output
    of_all = act.every_course and bool(asking.on_all)
    course = None if of_all else standing.course
    call = Call(act.sends, standing.participant_id, output.output, asking.case.revision, course=course)
    if len(encode(call)) > LONGEST:
        raise Refusal(
            "long_id",
            f"The participant id of {fitting.shown(standing.name)} is too long for a form in the chat, so nothing has been "
            "recorded. Whoever runs this bot can record it with the npq command.",
        )
    context = (*_context(asking, notice, of_all=of_all), *act.said(asking))
    return Form(act.title, call, context, tuple(_fields(act, asking)), act.submit)


def _fields(act: Act, asking: FormRequest) -> Iterator[Field]:
    """The act's fields, filled in for somebody; without a cohort to choose where their course takes place in none."""
    filled = act.filled(asking)
    for field in act.fields_in(asking.pack):
        more = dict(filled.get(field.name, {}))
        if isinstance(field, CohortField):
            cohorts = _to_rejoin(asking)
            if not cohorts:
                continue
            course = asking.case.standing.course
            more["choices"] = tuple(each for c in cohorts for each in _choices(asking.pack, course, c))
        elif field.name == OWN_DAY:
            more["initial"] = asking.today
        yield replace(field, **more)


def _to_rejoin(asking: FormRequest) -> list[Cohort]:
    """The cohorts that can be rejoined on any day of which the return may be."""
    standing = asking.case.standing
    if standing.back_since is not None:
        return cohorts_to_rejoin(asking.pack, standing.course, standing.back_since, standing.back_since)
    earliest = min(standing.may_return_from or asking.today, asking.today)
    return cohorts_to_rejoin(asking.pack, standing.course, earliest, asking.today)


def _choices(pack: Pack, course: str, cohort: Cohort) -> Iterator[Choice]:
    """A cohort to rejoin, or each of the course's starts within it where there are several."""
    starts = pack.starts_of(course, cohort.key)
    if len(starts) < 2:
        yield Choice(cohort.key, f"Cohort {cohort.key} ({cohort.name})")
        return
    for start in starts:
        yield Choice(f"{cohort.key}/{start.name}", f"Cohort {cohort.key} ({cohort.name}), {start.name}")


def as_sent(form: Form, days: Mapping[str, date], words: Mapping[str, str], doubts: Mapping[str, str]) -> Form:
    """A form again with what was filled in, and below each date that is in doubt the question whether it is meant.

    `days` and `words` are what was filled in, `doubts` says by field why a date is doubted; all by the fields' names.
    """
    fields: list[Field] = []
    for each in form.fields:
        if isinstance(each, ChoiceField | TextField):
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


def _context(asking: FormRequest, notice: str, *, of_all: bool) -> Iterator[Element]:
    """Who it is about, where they stand, and what was recorded last; `notice` first. `of_all`: where they stand on no one course."""
    standing, history = asking.case.standing, asking.case.history
    if notice:
        yield Paragraph((line(f"{WARNING} ", notice),))
    if of_all:
        yield Paragraph((line(bold(fitting.shown(standing.name))),))
        return
    yield Paragraph(tuple(_who(asking)))
    if history and not notice:
        last = history[-1]
        yield Note(line(f"Last recorded: {last.text} by {fitting.shown(last.by, 60)} on {in_words(last.on)}."))
    elif standing.deferred_until is not None:
        yield Note(line(f"On deferral, agreed return {in_words(standing.deferred_until)}."))


def _who(asking: FormRequest) -> Iterator[Text]:
    standing, output = asking.case.standing, asking.output
    yield line(
        bold(fitting.shown(standing.name)),
        f" · {enrolled(standing.course, standing.cohort)} · {fitting.shown(standing.delivery_partner)}",
    )
    yield (*line(f"{sign(output)} {output_title(output)}: "), *both_words(output))
    if output.review_date is not None:
        yield (*line("Review date: "), *dated(output.review_date, standing.as_of))
