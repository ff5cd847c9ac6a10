"""The reminder posts: one card for each page of a due message ("When messages are due").

A post is seen by its whole channel: no reason of an extension or a deferral is ever on it. A page can be drawn again later
from the ids of its people, as they stand then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Button,
    Card,
    Divider,
    Element,
    Facts,
    Note,
    Paragraph,
    PersonRow,
    Text,
    bold,
    line,
)
from bot.conversation.cards.phrases import (
    both_words,
    cohort_name,
    counted,
    deferral_words,
    needed_once,
    needs,
    papers_needed,
    sign,
    why,
    without_review_date,
)
from bot.conversation.cards.report_card import figures
from bot.conversation.messages import CONFIRM_DEFERRAL, RECORD_RETURN, words_for
from bot.conversation.offered_acts import person_buttons, useless
from bot.conversation.posts.message_words import MessageWords, Opening
from bot.conversation.posts.post_openings import opening
from bot.conversation.verbs import ANY_COURSE, DETAILS, Call
from core.reminders.reminder import PersonDue, Reminder
from core.rules.calendar import in_words
from reference.pack import Pack

LONGEST_NEED = 420  # characters said of what one person needs
MOVED_A_PAGE = 2_000  # characters of the names of those who met it meanwhile
LEVELS = 3  # 0: why and what is needed; 1: why in a few words; 2: what is needed only


def page_people(pack: Pack, reminder: Reminder) -> tuple[tuple[str, ...], ...]:
    """Who stands on which page: everybody exactly once. A message about nobody in particular has one page."""
    if not reminder.people:
        return ((),)
    frame = fitting.characters(_card(pack, reminder, _Page((), 1, 99, rehearsal=True)))
    fewest = len(fitting.chunks([fitting.shown(name) for name in reminder.moved], MOVED_A_PAGE))
    pages = fitting.packed(
        reminder.people,
        weigh=lambda person: fitting.weight_of(_row(pack, reminder, person, 0, "", None)),
        name=lambda person: fitting.shown(person.name),
        room=fitting.CHARACTERS_AT_FIRST - frame,
    )
    found = [tuple(person.participant_id for person in page) for page in pages]
    return (*found, *[()] * (fewest - len(found)))


def card_for_page(
    pack: Pack,
    reminder: Reminder,
    people: Sequence[str],
    *,
    page: int,
    pages: int,
    rehearsal: bool,
    decided: Mapping[str, str] | None = None,
    revisions: Mapping[str, int] | None = None,
) -> Card:
    """One page with these people, as they stand in `reminder`; also for drawing it again after a decision.

    `decided`: by participant id, what was recorded since it was posted ("Output 1 extended to 14 January 2022 by Sam").
    `revisions`: by participant id, so that a late press is told what changed since.
    """
    by_id = {person.participant_id: person for person in reminder.people}
    shown = tuple(by_id[i] for i in people if i in by_id)
    wanted = _Page(shown, page, pages, rehearsal, decided or {}, revisions or {})
    for level in range(LEVELS):
        card = _card(pack, reminder, wanted, level)
        if fitting.characters(card) <= fitting.CHARACTERS_A_PAGE:
            break
    return card


def reminder_cards(
    pack: Pack, reminder: Reminder, *, rehearsal: bool = False, revisions: Mapping[str, int] | None = None
) -> tuple[Card, ...]:
    """Every page of a message, as it goes out."""
    every = page_people(pack, reminder)
    return tuple(
        card_for_page(pack, reminder, ids, page=number, pages=len(every), rehearsal=rehearsal, revisions=revisions)
        for number, ids in enumerate(every, start=1)
    )


def reminder_text(pack: Pack, reminder: Reminder, *, rehearsal: bool = False) -> str:
    """The whole message as plain text, one paragraph for each of its posts: what each post's notification says."""
    return "\n\n".join(card.summary for card in reminder_cards(pack, reminder, rehearsal=rehearsal))


class _Page(NamedTuple):
    """One page of a message: whom it names, which of how many it is, and what is known of its people besides."""

    people: Sequence[PersonDue]
    number: int
    of: int
    rehearsal: bool
    decided: Mapping[str, str] = {}
    revisions: Mapping[str, int] = {}

    @property
    def numbered(self) -> str:
        """ " (2 of 3)"; "" for the only one."""
        return f" ({self.number} of {self.of})" if self.of > 1 else ""


def _card(pack: Pack, reminder: Reminder, page: _Page, level: int = 0) -> Card:
    said = opening(pack, reminder)
    facts = tuple(
        (label, fitting.shown(value, 600)) for label, value in (*reminder.facts, *figures(pack, reminder.report))
    )
    elements = [*_head(pack, reminder, page, said, facts)]
    if page.people:
        elements.append(Divider())
    for person in page.people:
        who = person.participant_id
        elements.append(_row(pack, reminder, person, level, page.decided.get(who, ""), page.revisions.get(who)))
    if page.number == page.of and (undated := _undated(reminder)):
        elements.append(Paragraph((line(undated),)))
    if page.of > 1:
        elements.append(Note(line(f"Post {page.number} of {page.of} of this message.")))
    return Card(f"{said.title}{page.numbered}", tuple(elements), _summary(pack, reminder, said, page, facts))


def _undated(reminder: Reminder) -> str:
    """How many of the group have no review date yet, where that is not what the message is about."""
    if not reminder.not_scheduled or words_for(reminder.occasion.key).shows == "nobody":
        return ""
    if reminder.twice:
        return f"{counted(reminder.not_scheduled, 'enrolment has', 'enrolments have')} no review date yet."
    return without_review_date(reminder.not_scheduled)


def _head(
    pack: Pack, reminder: Reminder, page: _Page, said: Opening, facts: Sequence[tuple[str, str]]
) -> Iterator[Element]:
    """What a page says before it names anybody."""
    if page.rehearsal:
        yield Note(line(bold(_rehearsal(reminder))))
    yield Note(line(_group(pack, reminder)))
    yield Paragraph((said.what,))
    if page.number == 1 and facts:
        yield Facts(tuple((label, line(value)) for label, value in facts))
    if (moved := _moved(reminder, page.number, page.of)) is not None:
        yield Paragraph((line(bold("Evidenced since the review date: "), moved),))
    yield Paragraph(((*line(bold("What to do next: ")), *said.next_step),))


def _moved(reminder: Reminder, page: int, pages: int) -> str | None:
    """The names on one page of those who met it since the review date; what there is more of by now goes on the last."""
    pieces = fitting.chunks([fitting.shown(name) for name in reminder.moved], MOVED_A_PAGE)
    last = page == pages
    names = [name for piece in pieces[page - 1 : None if last else page] for name in piece]
    return fitting.named(names, MOVED_A_PAGE) if names else None


def _group(pack: Pack, reminder: Reminder) -> str:
    occasion = reminder.occasion
    parts = [fitting.shown(occasion.delivery_partner)]
    if occasion.course_group is not None:
        parts.append(pack.group_name(occasion.course_group))
    if occasion.course is not None:
        parts.append(occasion.course)
    if occasion.cohort is not None:
        parts.append(cohort_name(pack, occasion.cohort))
    if (output := reminder.output) is not None and occasion.course_group is not None:
        title = next((o.title for o in pack.outputs[occasion.course_group] if o.number == output), "")
        parts.append(f"Output {output}: {title}" if title else f"Output {output}")
    return " · ".join(parts)


def _rehearsal(reminder: Reminder) -> str:
    return f"Rehearsal, for practice only: as things stand on {in_words(reminder.day)}."


def _row(
    pack: Pack, reminder: Reminder, person: PersonDue, level: int, decided: str, revision: int | None
) -> PersonRow:
    output, kind = person.output, words_for(reminder.occasion.key)
    beside: Text = line(person.standing.course)
    if reminder.output is None:
        beside = (*beside, *line(f" · Output {output.output}"))
    if kind.shows_standing:
        beside = (*beside, *line(" · "), *both_words(output))
    lines: list[Text] = []
    told: dict[str, str] = {}
    if person.note:
        lines.append(line(person.note))
    if not person.still:
        lines.append(line("No longer counted above."))
    if not kind.shows_standing and (deferral := deferral_words(output)):
        lines.append(line(f"{deferral[0].upper()}{deferral[1:]}."))
    if decided:
        lines.append(line("✎ ", fitting.shown(decided, 200)))
    if (
        kind.shows == "needs"
        and output.verdict in ("not_met", "unknown")
        and output.stage not in ("deferred", "withdrawn")
    ):
        reason = why(output, short=level == 1) if level < 2 else ""
        if reason:
            lines.append(line(fitting.shown(reason, LONGEST_NEED)))
        if said := needed_once(needs(output), person.standing.course, told):
            lines.append(line(fitting.shown(said, LONGEST_NEED)))
        if output.paper_steps:
            lines.append(line(papers_needed(output)))
    lines += [each for other in person.also for each in _on_another_course(reminder, other, told)]
    name = fitting.shown(person.name)
    return PersonRow(
        person.participant_id,
        name,
        tuple(lines),
        _buttons(pack, kind, person, name, revision),
        mark=sign(output) if kind.shows_standing else "",
        beside=beside,
    )


def _on_another_course(reminder: Reminder, person: PersonDue, told: dict[str, str]) -> Iterator[Text]:
    """What is said of somebody's second course in the same message; `told`: what was said to be needed on those before."""
    output, kind = person.output, words_for(reminder.occasion.key)
    said = line(bold(person.standing.course))
    if kind.shows_standing:
        said = (*said, *line(" · "), *both_words(output))
    yield said
    if person.note:
        yield line(person.note)
    asks = kind.shows == "needs" and output.verdict in ("not_met", "unknown")
    if asks and output.stage not in ("deferred", "withdrawn"):
        if needed := needed_once(needs(output), person.standing.course, told):
            yield line(fitting.shown(needed, LONGEST_NEED))
        if output.paper_steps:
            yield line(papers_needed(output))


def _buttons(pack: Pack, kind: MessageWords, person: PersonDue, name: str, revision: int | None) -> tuple[Button, ...]:
    """Extend, Defer, Log contact and Details for each; one more where another decision is asked for and can be made."""
    number = person.output.output
    if person.also:
        return _which_course(pack, kind, person, name, revision)
    buttons = person_buttons(pack, person, revision)
    lead = RECORD_RETURN if person.output.stage == "rescheduling_needed" else kind.lead
    if lead is None and person.output.deferral_asked is not None:
        lead = CONFIRM_DEFERRAL
    if lead is None:
        return buttons
    label, act = lead
    if useless(pack, act, person.standing, number) is not None:
        return buttons
    call = Call(act.opens, person.participant_id, number, revision, course=person.standing.course)
    return (Button(label, call, spoken=f"{label} for {fitting.shown(name, 40)}"), *buttons)


def _which_course(
    pack: Pack, kind: MessageWords, person: PersonDue, name: str, revision: int | None
) -> tuple[Button, ...]:
    """The buttons of any of somebody's courses, each once: what is pressed asks which course is meant."""
    found: dict[str, Button] = {}
    for one in person.each:
        for button in _buttons(pack, kind, one, name, revision):
            found.setdefault(button.call.verb, replace(button, call=replace(button.call, course=ANY_COURSE)))
    details = found.pop(DETAILS)
    return (*found.values(), details)


def _who(reminder: Reminder, people: Sequence[PersonDue]) -> str:
    """Of several pages each says how many of the message's people it names."""
    everybody = len(reminder.people)
    return "Who" if len(people) == everybody else f"Who ({len(people)} of {counted(everybody, 'person', 'people')})"


def _summary(pack: Pack, reminder: Reminder, said: Opening, page: _Page, facts: Sequence[tuple[str, str]]) -> str:
    names = "; ".join(fitting.shown(person.name) for person in page.people)
    parts = (
        _rehearsal(reminder) if page.rehearsal else "",
        f"{said.title}{page.numbered}. {_group(pack, reminder)}.",
        said.what_plain,
        " ".join(f"{label}: {fitting.shown(value, 300).removesuffix('.')}." for label, value in facts),
        f"Evidenced since the review date: {fitting.named(reminder.moved, 400)}." if reminder.moved else "",
        f"{_who(reminder, page.people)}: {names}." if names else "",
        f"What to do next: {said.next_plain}",
        _undated(reminder) if page.number == page.of else "",
    )
    return " ".join(part for part in parts if part)
