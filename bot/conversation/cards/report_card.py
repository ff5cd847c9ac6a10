"""The engagement report in words: on the post before a Partnership meeting, and as the private answer to `/npq report`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.conversation.cards import fitting
from bot.conversation.cards.card import Bullets, Card, Element, Heading, Note, Paragraph, bold, line
from bot.conversation.cards.phrases import counted, counted_of, evidence_name, joined, not_counted
from core.rules.calendar import in_words
from core.rules.engagement_counts import Report, ReportRow
from core.rules.results import Stage
from reference.pack import Pack

MOST_CARDS = 5  # private messages that one answer may take
ROWS_TOGETHER = 6
COUNTED_STAGES: Mapping[Stage, str] = {
    "not_scheduled": "without a review date yet",
    "not_due": "not due yet",
    "pre_review": "with the review coming up",
    "window": "in the window",
    "extended": "with an agreed later deadline",
    "contact": "past the deadline, to be contacted",
    "removal_review": "whose removal may be considered",
    "removal_pending": "with a removal proposal waiting",
    "refer_to_lead_provider": "to refer to the lead provider",
    "not_defined": "with nothing measured yet",
}


WITHOUT_WINDOW: Mapping[Stage, str] = {"contact": "past the review date, to be contacted"}


def figures(pack: Pack, report: Report | None) -> tuple[tuple[str, str], ...]:
    """Everybody, then each row with its label, in words: who is at an output adds up to everybody."""
    if report is None:
        return ()
    one, many = ("enrolment", "enrolments") if report.persons != report.people else ("person", "people")
    rows = tuple(
        (f"{pack.group_name(row.course_group)}, cohort {row.cohort}, Output {row.output}", _said(pack, row, one, many))
        for row in report.rows
    )
    return (("Participants", _everybody(report)), *rows)


def _everybody(report: Report) -> str:
    at_one = sum(row.at_now for row in report.rows)
    parts = [
        f"{at_one} at one of the outputs below" if at_one else "",
        f"{report.through} with every output declared" if report.through else "",
        f"{report.withdrawn} withdrawn" if report.withdrawn else "",
    ]
    whole = str(report.people)
    if report.persons != report.people:
        whole = counted_of(report.persons, report.people)
    return f"{whole}: {joined([part for part in parts if part])}." if report.people else "none."


def _said(pack: Pack, row: ReportRow, one: str, many: str) -> str:
    """A row in words; of `many` people, or enrolments where somebody is counted with more courses than one."""
    on_it = row.tally
    stages = COUNTED_STAGES if pack.settings_of(row.course_group).window else {**COUNTED_STAGES, **WITHOUT_WINDOW}
    by = joined([f"{evidence_name(key, label)} {count}" for key, label, count in row.by_criterion])
    measured = "declared" if "not_defined" in on_it.at_it and not on_it.awaiting else "evidenced"
    declared = f"{on_it.declared} declared" if on_it.declared and measured != "declared" else ""
    how = "; ".join(part for part in (declared, f"by {by}" if by else "") if part)
    waiting = [f"{on_it.waiting} waiting for an earlier output"] if on_it.waiting else []
    others = joined([*waiting, *(f"{count} {stages.get(stage, stage)}" for stage, count in on_it.at_it.items())])
    tried = joined(
        [
            *([f"{counted(row.extended, one, many)} extended"] if row.extended else []),
            *([_unanswered(row.unanswered, one)] if row.unanswered else []),
        ]
    )
    sentences = (
        f"{on_it.evidenced} of {on_it.people} {measured}{f' ({how})' if how else ''}",
        others,
        not_counted(on_it),
        f"interventions: {tried}" if tried else "",
    )
    return f"Current output of {counted(row.at_now, one, many)}. Of all on it, {'; '.join(filter(None, sentences))}."


def _unanswered(count: int, one: str) -> str:
    if one == "person":
        return f"{counted(count, 'person has', 'people have')} not answered"
    return f"no answer on {counted(count, one)}"


def report_cards(pack: Pack, found: Mapping[str, Report], today: date) -> tuple[Card, ...]:
    """The figures for a Partnership meeting, for each Delivery Partner; in several messages where there are many."""
    parts: list[list[Element]] = [[]]
    for partner, report in found.items():
        items = [line(bold(f"{label}: "), fitting.shown(value, 500)) for label, value in figures(pack, report)]
        for number, chunk in enumerate(fitting.pages(items, ROWS_TOGETHER)):
            heading: list[Element] = [] if number else [Heading(fitting.shown(partner))]
            listed = Bullets(chunk)
            if len(parts[-1]) > 40 or sum(map(fitting.weight_of, (*parts[-1], listed))) > fitting.CHARACTERS_AT_FIRST:
                parts.append([])
            parts[-1] += [*heading, listed]
    if not found:
        parts[0].append(Paragraph((line("Nobody you can see is on a course yet: import participants first."),)))
    shown = parts[:MOST_CARDS]
    if len(parts) > len(shown):
        shown[-1].append(Paragraph((line("There is more: name a partner, as in ", bold("/npq report North Star")),)))
    twice = any(report.persons != report.people for report in found.values())
    whose = "Each enrolment" if twice else "Everybody"
    counted_once = f"{whose} has one current output; “n of m” counts all who are on an output, as the posts do."
    shown[-1].append(Note(line(f"Engagement report as of {in_words(today)}. {counted_once} Only you can see this.")))
    numbered = [f" ({n} of {len(shown)})" if len(shown) > 1 else "" for n in range(1, len(shown) + 1)]
    return tuple(Card(f"Engagement report{n}", tuple(e)) for n, e in zip(numbered, shown, strict=True))
