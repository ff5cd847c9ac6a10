"""The one entry for every platform: a request comes in, one reply goes out. See `requests` for both.

Nothing is decided here: services check permission and rules, cards say the outcome. Someone absent and someone whom the
asker may not see are answered with the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.conversation import submitted_forms
from bot.conversation.acts import ACTS, Act, FormRequest, act_of, opened_again
from bot.conversation.cards import fitting
from bot.conversation.cards.card import Card, Choice
from bot.conversation.cards.details_card import details_card
from bot.conversation.cards.help_cards import (
    OLD_CONTROL,
    courtesy_card,
    file_card,
    help_card,
    not_narrowed_card,
    not_understood_card,
    one_at_a_time_card,
    refusal_card,
    unknown_words_card,
)
from bot.conversation.cards.list_cards import (
    WhoMeant,
    asked_for_somebody_card,
    at_risk_card,
    courses_card,
    nobody_found_card,
    people_card,
    reviews_card,
    shown_output,
)
from bot.conversation.cards.outbox_cards import outbox_card, repeat_card, said_of
from bot.conversation.cards.phrases import enrolled, joined
from bot.conversation.cards.report_card import report_cards
from bot.conversation.cards.status_card import status_card
from bot.conversation.forms import form_for
from bot.conversation.grammar import Courtesy, NotUnderstood, TypedCommand, parse, state_asked_for
from bot.conversation.list_filters import Narrowed, as_cohort, asked_apart, narrow, perhaps_meant
from bot.conversation.offered_acts import may_be_about, refuse_useless, useless
from bot.conversation.requests import (
    Choices,
    Command,
    Lookup,
    OpenForm,
    OpenPanel,
    Press,
    Private,
    Reply,
    Request,
    Submit,
)
from bot.conversation.verbs import (
    AT_RISK,
    DETAILS,
    OUTBOX,
    OUTBOX_CANCEL,
    OUTBOX_REPEAT,
    OUTBOX_RETRY,
    REVIEWS,
    SAY,
    STATUS,
    Call,
    encode,
)
from core.rules.calendar import in_words, london_day
from core.rules.results import OutputStanding
from core.services import enquiries, outbox_actions
from core.services.enquiries import Case
from core.services.installation import Installation
from core.services.refusals import Refusal
from core.services.staff.actors import Actor, recognise, require
from reference.pack import Pack

OPTION_VALUE = 150  # characters that every platform's menus take as an option's value
OPTION_LABEL = 75
MOST_OPTIONS = 20
MOST_ALIKE = 3
WHICH_COURSE = "Which course is it about?"
CHECK = "Please check that this is what you mean."  # to whoever may not see which other course it was about

ABOUT = {"status": (STATUS, "Status")} | {act.word: (act.opens, act.label) for act in ACTS}
CHANGES = frozenset({OUTBOX_RETRY, OUTBOX_REPEAT, OUTBOX_CANCEL})  # what a press does at once, without a form


def answer(installation: Installation, request: Request, *, now: datetime) -> Reply:
    """What to reply. `now` is aware; its London day is today. Every refusal is one private sentence."""
    today = london_day(now)
    if isinstance(request, Submit) or (isinstance(request, Press) and request.call.verb in CHANGES):
        return _answer(installation, request, today, now)
    with installation.looking():
        return _answer(installation, request, today, now)


def card_about(installation: Installation, actor: Actor, case: Case, number: int | None = None) -> Card:
    """What `status WHO` shows: of the output with this number in full, else of the current one."""
    return status_card(installation.pack, actor, case, _output(case, number))


def takes_no_time(installation: Installation, request: Request) -> bool:
    """Whether a reply takes about a millisecond and waits for nobody: a question about one person, answered from at hand."""
    if not isinstance(request, Command) or not installation.at_hand:
        return False
    asked = parse(installation.pack, request.text)
    return not isinstance(asked, TypedCommand) or asked.word == "help" or asked.word in ABOUT


def _answer(installation: Installation, request: Request, today: date, now: datetime) -> Reply:
    try:
        origin = request.origin
        actor = origin.actor or recognise(installation, origin.platform, origin.platform_id, origin.alias)
        match request:
            case Command() if request.file and not request.text.strip():
                return Private((file_card(),))
            case Command():
                return _command(installation, actor, request.text, today, now)
            case Press():
                return _press(installation, actor, request, today, now)
            case Submit():
                return _submit(installation, actor, request, today, now)
            case Lookup():
                return _lookup(installation, actor, request.text, request.verb)
    except Refusal as refusal:
        return Choices(()) if isinstance(request, Lookup) else Private((refusal_card(refusal),))


def _command(installation: Installation, actor: Actor, text: str, today: date, now: datetime) -> Reply:
    asked = parse(installation.pack, text)
    if isinstance(asked, Courtesy):
        return Private((courtesy_card(asked),))
    if isinstance(asked, NotUnderstood):
        return Private((not_understood_card(_perhaps_somebody(installation, actor, asked)),))
    if asked.word == "help":
        return Private((help_card(installation.pack),))
    if asked.word in ABOUT:
        return _about_somebody(installation, actor, asked, today)
    return _listed(installation, actor, asked, today, now)


def _perhaps_somebody(installation: Installation, actor: Actor, asked: NotUnderstood) -> NotUnderstood:
    """Where no word of ours is meant but somebody is called what was typed: `status` and their name."""
    if asked.suggestion is None and enquiries.is_somebody(installation, actor, asked.text):
        return replace(asked, suggestion=f"status {asked.text}")
    return asked


def _listed(installation: Installation, actor: Actor, asked: TypedCommand, today: date, now: datetime) -> Reply:
    """A list, or the figures, narrowed as was asked; or what in that was not understood."""
    word, words = asked.word, asked.narrowed_by
    if word == "outbox":
        require(actor, "outbox")
    filters = state_asked_for(words) if word == "outbox" else {}
    if words and not filters:
        narrowed = _narrowed(installation, actor, word, words)
        if isinstance(narrowed, Card):
            return Private((narrowed,))
        filters = narrowed
    if word == "at-risk":
        return Private((_at_risk(installation, actor, filters, 1, today),))
    if word == "reviews":
        return Private((_reviews(installation, actor, filters, 1, today),))
    if word == "outbox":
        return Private((_outbox(installation, actor, filters, 1, now),))
    report = enquiries.engagement_report(installation, actor, as_of=today, partner=filters.get("partner"))
    return Private(report_cards(installation.pack, report, today))


def _narrowed(installation: Installation, actor: Actor, word: str, words: str) -> dict[str, str] | Card:
    """What a list is narrowed to; or what is said where it can't be."""
    partners = enquiries.partners_seen(installation, actor)
    found = narrow(installation.pack, words, partners)
    if word == "outbox" and (state := state_asked_for(found.unknown)):
        return {**found.filters, **state}
    if found.unknown and (asked := asked_apart(installation.pack, found, partners)):
        found = Narrowed(found.filters)
        if len(asked) > 1 and (word == "at-risk" or found.filters.keys() == {"partner"}):
            return one_at_a_time_card(word, asked)
    is_somebody = enquiries.is_somebody(installation, actor, found.unknown)
    found = found if is_somebody else as_cohort(found)
    if found.unknown:
        near = perhaps_meant(installation.pack, words, found, lambda typed: enquiries.like(typed, partners))
        return unknown_words_card(installation.pack, word, found, near, found.unknown if is_somebody else "")
    if word != "at-risk" and found.filters.keys() - {"partner"}:
        return not_narrowed_card(word, found.filters)
    return found.filters


def _about_somebody(installation: Installation, actor: Actor, asked: TypedCommand, today: date) -> Reply:
    verb, label = ABOUT[asked.word]
    if not asked.who:
        require(actor, "see")
        return Private((asked_for_somebody_card(asked.word, verb),))
    meant = WhoMeant(asked.word, verb, label, asked.output)
    try:
        cases = enquiries.status(installation, actor, asked.who, as_of=today)
    except Refusal as refusal:
        if refusal.code == "unknown_participant" and asked.on_course is not None:
            return _on_course(installation, actor, meant, asked.on_course, today)
        return Private((_who_is_it(installation, actor, meant, asked.who, refusal),))
    return _about_one_of(installation, actor, Call(verb, cases[0].person.id, asked.output), cases, today)


def _on_course(
    installation: Installation, actor: Actor, meant: WhoMeant, asked: tuple[str, str, int | None], today: date
) -> Reply:
    """What was asked about somebody on the course that was typed after their name."""
    who, course, output = asked
    meant = meant._replace(course=course, output=output)
    try:
        [case] = enquiries.status(installation, actor, who, as_of=today, course=course)
    except Refusal as refusal:
        return Private((_who_is_it(installation, actor, meant, who, refusal),))
    call = Call(meant.verb, case.person.id, output, course=course)
    return _about(installation, actor, call, case, today, one_course=True)


def _who_is_it(installation: Installation, actor: Actor, meant: WhoMeant, typed: str, refusal: Refusal) -> Card:
    """Whom may be meant, where that is not just one person; raises where it is about something else."""
    if refusal.code == "ambiguous_participant":
        people = enquiries.people_named(installation, actor, refusal.matches)
        people.sort(key=lambda person: (person.name.casefold(), person.id))
        taken = enquiries.courses_taken(installation, actor, [person.id for person in people])
        if meant.course is not None:
            people = [person for person in people if meant.course in taken[person.id]] or people
        return people_card(installation.pack, people, taken, typed, meant)
    alike = enquiries.suggest(installation, actor, typed, MOST_ALIKE) if refusal.code == "unknown_participant" else []
    if not alike:
        raise refusal
    taken = enquiries.courses_taken(installation, actor, [person.id for person in alike])
    return nobody_found_card(installation.pack, alike, taken, refusal, meant)


def _about_one_of(
    installation: Installation, actor: Actor, call: Call, cases: Sequence[Case], today: date, said: str = ""
) -> Reply:
    """What was asked about somebody, where it is not said which of their courses is meant: all of them, or a choice of them."""
    if call.output is not None:  # of a course that has it
        cases = [case for case in cases if call.output <= len(case.standing.outputs)] or cases
    if len(cases) == 1 and not said:
        return _about(installation, actor, call, cases[0], today)
    act = act_of(call.verb)
    if act is None:
        return Private((courses_card(installation.pack, cases, call, said),))
    live = [case for case in cases if case.standing.is_live]
    if live and not said and (len(live) == 1 or act.every_course):
        return _about(installation, actor, call, live[0], today)
    offered = _of_use(installation.pack, act, call, live or cases)
    asked = said if said == CHECK else f"{said} {WHICH_COURSE}".strip()
    return Private((courses_card(installation.pack, offered, call, asked),))


def _of_use(pack: Pack, act: Act, call: Call, cases: Sequence[Case]) -> Sequence[Case]:
    """The courses on which an act would not be refused whatever one filled in. Where it would on all, for one reason, that is told."""
    reasons = [useless(pack, act, case.standing, shown_output(case.standing, call.output).output) for case in cases]
    of_use = [case for case, reason in zip(cases, reasons, strict=True) if reason is None]
    if not of_use and reasons[0] is not None and len({reason.message for reason in reasons if reason}) == 1:
        raise reasons[0]
    return of_use or cases


def _of_before(
    installation: Installation, actor: Actor, call: Call, cases: Sequence[Case], today: date
) -> Case | Reply:
    """What a button or form means that was drawn before anybody could take several courses: the one that they had then.

    Where that is over it says so, and the choice of the others opens.
    """
    first = enquiries.first_of(installation, cases)
    if first is not None and first.standing.is_live:
        return first
    said = f"This was about {first.standing.course}, which is over." if first else CHECK
    return _about_one_of(installation, actor, replace(call, output=None), cases, today, said)  # of that course


def _press(installation: Installation, actor: Actor, request: Press, today: date, now: datetime) -> Reply:
    call = request.call
    if call.verb == SAY and call.words is not None:
        return _command(installation, actor, call.words, today, now)
    if call.verb == AT_RISK:
        return Private((_at_risk(installation, actor, call.filters, call.page, today),), replaces=True)
    if call.verb == REVIEWS:
        return Private((_reviews(installation, actor, call.filters, call.page, today),), replaces=True)
    if call.verb == OUTBOX:
        return Private((_outbox(installation, actor, call.filters, call.page, now),), replaces=True)
    if call.verb in CHANGES and call.message is not None:
        return Private((_changed(installation, actor, request, call.message, now),), replaces=True)
    act = act_of(call.verb)
    is_about_somebody = call.verb in (STATUS, DETAILS) or (act is not None and call.verb == act.opens)
    if call.participant is None or not is_about_somebody:
        raise OLD_CONTROL
    several = enquiries.takes_several(installation, call.participant)
    if call.course and several:
        case = enquiries.case(installation, actor, call.participant, as_of=today, course=call.course)
        return _about(installation, actor, call, case, today)
    cases = enquiries.cases(installation, actor, call.participant, as_of=today)
    if several and call.course is None and call.output is not None:
        meant = _of_before(installation, actor, call, cases, today)
        return _about(installation, actor, call, meant, today) if isinstance(meant, Case) else meant
    return _about_one_of(installation, actor, call, cases, today)


def _submit(installation: Installation, actor: Actor, request: Submit, today: date, now: datetime) -> Reply:
    """A form sent; one that does not say which of somebody's courses it is about means what a button of its time means."""
    call = request.call
    act = act_of(call.verb)
    if act is None or call.participant is None or (call.course is None and act.every_course):
        return submitted_forms.submit(installation, actor, request, today, now)
    if not enquiries.takes_several(
        installation, call.participant
    ):  # the one they have, whichever course that is by now
        return submitted_forms.submit(
            installation, actor, replace(request, call=replace(call, course=None)), today, now
        )
    if call.course is None:
        cases = enquiries.cases(installation, actor, call.participant, as_of=today)
        meant = _of_before(installation, actor, opened_again(call), cases, today)
        if not isinstance(meant, Case):
            return meant
        request = replace(request, call=replace(call, course=meant.standing.course))
    return submitted_forms.submit(installation, actor, request, today, now)


def _about(
    installation: Installation, actor: Actor, call: Call, case: Case, today: date, *, one_course: bool = False
) -> Reply:
    """What was asked about one participant."""
    if call.verb == DETAILS:
        return OpenPanel(details_card(installation.pack, case))
    if call.verb == STATUS:
        return Private((card_about(installation, actor, case, call.output),))
    act = act_of(call.verb)
    assert act is not None, "what is asked about somebody is their status, their details or an act"
    output = _output(case, call.output)
    asking = FormRequest(installation.pack, actor, case, output, today, one_course=one_course)
    return _open_form(installation, act, call, asking)


def _output(case: Case, number: int | None) -> OutputStanding:
    """The output asked for, else the current one, else the last."""
    if number is not None:
        return enquiries.output_of(case.standing, number)
    return case.standing.current or case.standing.outputs[-1]


def _open_form(installation: Installation, act: Act, call: Call, asking: FormRequest) -> Reply:
    if not act.may_be_done_by(asking.actor):
        require(asking.actor, act.permissions[0])
    refuse_useless(act, asking)
    return OpenForm(form_for(act, asking, _since(installation, call, asking)))


def _since(installation: Installation, call: Call, asking: FormRequest) -> str:
    """What a late press is told: what was recorded after the button was drawn."""
    if call.revision is None or call.revision == asking.case.revision:
        return ""
    last = enquiries.recorded_since(installation, asking.actor, asking.case)
    if last is None:
        return ""
    course = f"{last.course}: " if last.course else ""
    return f"Already recorded since then: {course}{last.text} by {fitting.shown(last.by, 60)} on {in_words(last.on)}."


def _at_risk(installation: Installation, actor: Actor, filters: dict[str, str], page: int | None, today: date) -> Card:
    def number(name: str) -> int | None:
        text = filters.get(name, "")
        return int(text) if text.isdecimal() else None

    found = enquiries.at_risk(
        installation,
        actor,
        as_of=today,
        partner=filters.get("partner"),
        course=filters.get("course"),
        cohort=filters.get("cohort"),
        output=number("output"),
    )
    return at_risk_card(installation.pack, actor, found, filters, page, today)


def _reviews(installation: Installation, actor: Actor, filters: dict[str, str], page: int | None, today: date) -> Card:
    found = enquiries.reviews(installation, actor, as_of=today, partner=filters.get("partner"))
    return reviews_card(installation.pack, found, filters, page, today)


def _outbox(
    installation: Installation, actor: Actor, filters: dict[str, str], page: int | None, now: datetime, said: str = ""
) -> Card:
    state = filters.get("state")
    found = outbox_actions.listing(
        installation,
        actor,
        now=now,
        states=(state,) if state else (),
        partner=filters.get("partner"),
        everything="all" in filters,
    )
    return outbox_card(found, filters, page, said)


def _changed(installation: Installation, actor: Actor, request: Press, message_id: int, now: datetime) -> Card:
    """A message retried or cancelled, and the list again; a held one is asked about first."""
    call, origin = request.call, request.origin
    event = outbox_actions.Event(origin.platform, origin.event_id) if origin.event_id else None
    try:
        if call.verb == OUTBOX_CANCEL:
            change = outbox_actions.cancel(installation, actor, message_id, now=now, event=event)
        else:
            repeat = call.verb == OUTBOX_REPEAT
            change = outbox_actions.retry(installation, actor, message_id, now=now, may_repeat=repeat, event=event)
    except Refusal as refusal:
        if refusal.code == "may_repeat":
            return repeat_card(outbox_actions.message(installation, actor, message_id), call)
        if refusal.code == "not_permitted":
            raise
        return _outbox(installation, actor, call.filters, call.page, now, refusal.message)
    return _outbox(installation, actor, call.filters, call.page, now, said_of(change))


def _lookup(installation: Installation, actor: Actor, text: str, verb: str) -> Reply:
    people = enquiries.suggest(installation, actor, text, MOST_OPTIONS)
    taken = enquiries.courses_taken(installation, actor, [person.id for person in people])
    options = []
    for person in people:
        value, courses = encode(Call(verb, person.id)), taken[person.id]
        if len(value) <= OPTION_VALUE and any(may_be_about(installation.pack, verb, course) for course in courses):
            what = enrolled(person.course, person.cohort) if len(courses) == 1 else joined(courses)
            label = f"{fitting.shown(person.name, 45)} · {what}"
            options.append(Choice(value, fitting.shown(label, OPTION_LABEL)))
    return Choices(tuple(options))
