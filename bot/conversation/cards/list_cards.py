"""Lists of people and of dates, in pages: who was found, who is at risk, which reviews are coming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from bot.conversation.acts import act_of
from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Actions,
    Button,
    Card,
    Divider,
    Element,
    Note,
    Paragraph,
    PersonPicker,
    PersonRow,
    Text,
    bold,
    line,
)
from bot.conversation.cards.phrases import (
    WARNING,
    away,
    both_words,
    cohort_name,
    counted,
    counted_of,
    elsewhere,
    enrolled,
    joined,
    money_dates,
    needed_once,
    needs,
    own_limits,
    papers_needed,
    sign,
    without_review_date,
)
from bot.conversation.offered_acts import buttons_for, may_be_about
from bot.conversation.verbs import ANY_COURSE, AT_RISK, DETAILS, REVIEWS, STATUS, Call
from core.rules.calendar import in_words
from core.rules.results import OutputStanding, Standing
from core.services.enquiries import AtRisk, AtRiskList, Case, PersonName, Review, Reviews
from core.services.refusals import Refusal
from core.services.staff.actors import Actor
from reference.pack import Pack

MOST_FOUND = 10
REVIEWS_PAGE = 8
FIND = "Find somebody by name"


class WhoMeant(NamedTuple):
    """What was asked about somebody of whom it is still to be said who it is."""

    word: str
    verb: str
    label: str
    output: int | None = None
    course: str | None = None  # as it was typed


Taken = Mapping[str, Sequence[str]]  # each person's courses, as far as the asker may see


def people_card(pack: Pack, people: Sequence[PersonName], taken: Taken, typed: str, meant: WhoMeant) -> Card:
    """Several people fit what was typed: the first few with a button each, and a menu to look further."""
    rows = [_choice(pack, person, taken[person.id], meant) for person in people[:MOST_FOUND]]
    first = f"Here are the first {len(rows)}. " if len(people) > len(rows) else ""
    return Card(
        f"{counted(len(people), 'person fits', 'people fit')} “{fitting.shown(typed, 60)}”",
        (Paragraph((line(f"{first}Whom do you mean?"),)), *rows, PersonPicker(FIND, meant.verb)),
    )


def courses_card(pack: Pack, cases: Sequence[Case], asked: Call, said: str) -> Card:
    """Somebody's courses, each with where they stand on it, what is needed next, and a button that says which it is."""
    places = [_where(pack, case) for case in cases]
    shared = len(set(places)) == 1
    told: dict[str, str] = {}
    rows = [_course_row(pack, case, asked, "" if shared else at, told) for case, at in zip(cases, places, strict=True)]
    where = (Note(line(f"{places[0][:1].upper()}{places[0][1:]}")),) if shared else ()
    first = (Paragraph((line(said),)),) if said else ()
    note = Note(line(f"As of {in_words(cases[0].standing.as_of)}. Only you can see this."))
    return Card(fitting.shown(cases[0].standing.name), (*where, *first, *rows, note), _courses_in_words(cases, said))


def _where(pack: Pack, case: Case) -> str:
    return f"{cohort_name(pack, case.standing.cohort)} · {fitting.shown(case.standing.delivery_partner, 60)}"


def _courses_in_words(cases: Sequence[Case], said: str) -> str:
    """The card as a line of text: what a notification says."""
    courses = joined([enrolled(case.standing.course, case.standing.cohort) for case in cases])
    return " ".join(filter(None, (f"{fitting.shown(cases[0].standing.name)}: {courses}.", said)))


def _course_row(pack: Pack, case: Case, asked: Call, where: str, told: dict[str, str]) -> PersonRow:
    """One course; `told` holds what was said to be needed on those before, with the course."""
    standing, act = case.standing, act_of(asked.verb)
    label = act.label if act else "Details" if asked.verb == DETAILS else "Status"
    output = shown_output(standing, asked.output)
    course = pack.courses.get(standing.course)
    lines = [line(where)] if where else []
    ahead = output.stage in ("pre_review", "not_due") and output.review_date is not None
    review = f" (review {in_words(output.review_date)})" if ahead and output.review_date else ""
    lines.append((*line(f"Output {output.output}{review}: {sign(output)} "), *both_words(output)))
    if act is None and (said := needed_once(needs(output, first_only=True), standing.course, told)):
        lines.append(line(fitting.shown(said, 240)))
    call = Call(asked.verb, standing.participant_id, output.output, case.revision, course=standing.course)
    button = Button(
        f"{label}: {standing.course}", call, spoken=f"{label}: {standing.course}, {fitting.shown(standing.name, 40)}"
    )
    return PersonRow(
        standing.participant_id,
        f"{course.name} ({course.code})" if course else standing.course,
        tuple(lines),
        (button,),
    )


def shown_output(standing: Standing, number: int | None) -> OutputStanding:
    """The output that a course is shown with: the one asked for where it has that, else the current one, else the last."""
    current = standing.current or standing.outputs[-1]
    return next((each for each in standing.outputs if each.output == number), current)


def nobody_found_card(pack: Pack, alike: Sequence[PersonName], taken: Taken, refusal: Refusal, meant: WhoMeant) -> Card:
    """Nobody fits what was typed: who has a similar name, with a button each, and a menu to look further."""
    said = Paragraph((line(fitting.shown(refusal.message, fitting.LONGEST_TEXT)),))
    rows = [_choice(pack, person, taken[person.id], meant) for person in alike]
    title = f"Did you mean {fitting.shown(alike[0].name, 60)}?" if len(alike) == 1 else "Did you mean one of these?"
    return Card(
        title, (said, *rows, PersonPicker(FIND, meant.verb)), fitting.shown(refusal.message, fitting.LONGEST_TEXT)
    )


def _choice(pack: Pack, person: PersonName, taken: Sequence[str], meant: WhoMeant) -> PersonRow:
    """Somebody with what was asked of them; where their group's rules have no such act, with their status."""
    verb, label = meant.verb, meant.label
    if not any(may_be_about(pack, verb, course) for course in taken):
        verb, label = STATUS, "Status"
    course = meant.course if meant.course in taken else ANY_COURSE if len(taken) > 1 else None
    name = fitting.shown(person.name)
    call = Call(verb, person.id, meant.output, course=course)
    button = Button(label, call, spoken=f"{label}: {fitting.shown(person.name, 50)}")
    return PersonRow(person.id, name, (line(_placed(person, taken)),), (button,))


def asked_for_somebody_card(word: str, verb: str) -> Card:
    """A command that needs a name, without one."""
    return Card(
        "Whom do you mean?",
        (
            Paragraph((line("Please add a name, an id, an e-mail or a TRN: ", bold(f"/npq {word} Jane Example")),)),
            PersonPicker(FIND, verb),
        ),
    )


def _placed(person: PersonName, taken: Sequence[str]) -> str:
    enrolment = (enrolled(person.course, person.cohort), person.delivery_partner)
    parts = (*(enrolment if len(taken) < 2 else (joined(list(taken)),)), person.school or "", person.id)
    return " · ".join(fitting.shown(part, 80) for part in parts if part)


def at_risk_card(
    pack: Pack, actor: Actor, found: AtRiskList, filters: dict[str, str], number: int | None, today: date
) -> Card:
    """A page of those whose output is not evidenced, worst first."""
    narrowed = _narrowed(filters)
    undated = (
        [Paragraph((line(without_review_date(found.not_scheduled, found.undated_people)),))]
        if found.not_scheduled
        else []
    )
    if not found.people:
        nobody = (
            f"Nobody{f' in {narrowed}' if narrowed else ''} is at risk: whoever is not evidenced is away, withdrawn, not due yet "
            "or on a course without criteria."
        )
        return Card(
            "Nobody is at risk", (Paragraph((line(nobody),)), *undated, Note(line(f"As of {in_words(today)}.")))
        )
    chosen, page, pages = fitting.page_numbered(found.people, number)
    elements: list[Element] = [
        Note(line(f"{narrowed or 'Everyone you can see'} · worst first · page {page} of {pages}")),
        *(_at_risk_row(pack, actor, each) for each in chosen),
        *turning(AT_RISK, page, pages, filters),
        *undated,
        Note(
            line(f"As of {in_words(today)}. Only you can see this. For each of them there is Status, Details and more.")
        ),
    ]
    return Card(f"At risk: {counted_of(found.persons, len(found.people))}", tuple(elements))


def _narrowed(filters: dict[str, str]) -> str:
    parts = [
        filters.get("course", "").upper(),
        f"cohort {filters['cohort']}" if "cohort" in filters else "",
        f"Output {filters['output']}" if "output" in filters else "",
        fitting.shown(filters.get("partner", ""), 80),
    ]
    return ", ".join(part for part in parts if part)


def _at_risk_row(pack: Pack, actor: Actor, each: AtRisk) -> PersonRow:
    standing, output = each.standing, each.output
    review = f" · review {in_words(output.review_date)}" if output.review_date else ""
    partner = f" · {fitting.shown(standing.delivery_partner, 60)}" if actor.partner is None else ""
    lines = [
        line(f"{enrolled(standing.course, standing.cohort)} · Output {output.output}{review}{partner}"),
    ]
    if said := needs(output, first_only=True):
        lines.append(line(fitting.shown(said, 240)))
    if output.paper_steps:
        lines.append(line(papers_needed(output)))
    lines += [line(f"{WARNING} ", fitting.shown(words, 240)) for words in own_limits(standing)]
    status = Button("Status", Call(STATUS, standing.participant_id, output.output, course=standing.course))
    acts = buttons_for(pack, actor, standing, output, None)[-4:]
    name = fitting.shown(standing.name)
    return PersonRow(
        standing.participant_id,
        name,
        tuple(lines),
        (status, *acts),
        as_menu=True,
        mark=sign(output),
        beside=both_words(output),
    )


def reviews_card(pack: Pack, found: Reviews, filters: dict[str, str], number: int | None, today: date) -> Card:
    """Coming and running reviews with their windows, invoice and meeting dates."""
    undated = (
        [Paragraph((line(without_review_date(found.not_scheduled, found.undated_people)),))]
        if found.not_scheduled
        else []
    )
    if not found.coming:
        nothing = Paragraph((line("No review lies ahead for anybody you can see."),))
        return Card("No reviews are coming", (nothing, *undated))
    chosen, page, pages = fitting.page_numbered(found.coming, number, REVIEWS_PAGE)
    elements: list[Element] = []
    for review in chosen:
        elements += [Paragraph(tuple(_review_lines(pack, review, today))), Divider()]
    numbered = f" Page {page} of {pages}." if pages > 1 else ""
    elements += turning(REVIEWS, page, pages, filters)
    elements += undated
    elements.append(Note(line(f"As of {in_words(today)}.{numbered} Dates can change with DfE's payment schedule.")))
    return Card("Review, invoice and meeting dates", tuple(elements))


def _review_dates(review: Review) -> str:
    """The dates that follow a review: "window to … · invoice …"; those that there are."""
    window = f" · window to {in_words(review.window_ends)}" if review.window_ends else ""
    return f"{window}{money_dates(review.cut_off, review.invoice_date, review.payment_date)}".removeprefix(" · ")


def _review_lines(pack: Pack, review: Review, today: date) -> list[Text]:
    whose = f" ({', '.join(review.whose)})" if review.whose else ""
    group = f"{pack.group_name(review.course_group)}{whose}, cohort {review.cohort}"
    computed = ", computed from DfE's cut-off" if review.computed else ""
    found = [
        line(bold(f"{group} · Output {review.output}"), f" ({review.title}) · {fitting.shown(review.delivery_partner, 80)}"),
        line("Review ", bold(in_words(review.review_date)), f" ({away(review.review_date, today)}{computed}) · ",
             bold(f"{review.met} of {review.people}{' enrolments' if review.twice else ''}"), f" evidenced{elsewhere(review.tally)}"),
    ]  # fmt: skip
    if dates := _review_dates(review):
        found.append(line(f"{dates[0].upper()}{dates[1:]}"))
    if review.meeting_on is not None:
        found.append(line(f"Partnership meeting {in_words(review.meeting_on)} ({away(review.meeting_on, today)})"))
    return found


def turning(verb: str, page: int, pages: int, filters: dict[str, str]) -> list[Element]:
    """Buttons to the page before and the page after, where there are such."""
    buttons = []
    if page > 1:
        buttons.append(Button("◀ Previous", Call(verb, page=page - 1, filters=filters), spoken="Previous page"))
    if page < pages:
        buttons.append(Button("Next ▶", Call(verb, page=page + 1, filters=filters), spoken="Next page"))
    return [Actions(tuple(buttons))] if buttons else []
