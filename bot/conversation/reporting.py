"""The engagement report in words: on the post before a Partnership meeting, and as the private answer to `/npq report`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.conversation import fit
from bot.conversation.cards import Bullets, Card, Element, Heading, Note, Paragraph, bold, line
from bot.conversation.phrases import counted, evidence_name, joined
from core.rules.calendar import in_words
from core.rules.report import ReportRow
from core.rules.results import Stage
from reference.pack import Pack

MOST_CARDS = 5  # private messages that one answer may take
ROWS_TOGETHER = 6
COUNTED_STAGES: Mapping[Stage, str] = {
    "not_due": "not due yet",
    "pre_review": "with the review coming up",
    "window": "in the window",
    "extended": "with an agreed later deadline",
    "contact": "past the deadline, to be contacted",
    "removal_review": "whose removal may be considered",
    "removal_pending": "with a removal proposal waiting",
    "refer_to_lead_provider": "to refer to the lead provider",
    "deferred": "on deferral",
    "rescheduling_needed": "back from deferral, with a cohort to agree",
}


def figures(pack: Pack, rows: Sequence[ReportRow]) -> tuple[tuple[str, str], ...]:
    """Each row with its label, in words."""
    return tuple(
        (f"{pack.group_name(row.course_group)}, cohort {row.cohort}, Output {row.output}", _said(row)) for row in rows
    )


def _said(row: ReportRow) -> str:
    by = joined([f"{evidence_name(key)} {count}" for key, count in row.by_criterion])
    others = joined([f"{count} {COUNTED_STAGES.get(stage, stage)}" for stage, count in row.stages])
    tried = joined(
        [
            *([f"{counted(row.extended, 'person', 'people')} extended"] if row.extended else []),
            *([f"{counted(row.unanswered, 'person has', 'people have')} not answered"] if row.unanswered else []),
        ]
    )
    sentences = (
        f"{row.evidenced} of {row.people} evidenced{f' (by {by})' if by else ''}",
        others,
        f"interventions: {tried}" if tried else "",
    )
    return "; ".join(part for part in sentences if part) + "."


def report_cards(pack: Pack, found: Mapping[str, Sequence[ReportRow]], today: date) -> tuple[Card, ...]:
    """The figures for a Partnership meeting, for each Delivery Partner; in several messages where there are many."""
    parts: list[list[Element]] = [[]]
    for partner, rows in found.items():
        items = [line(bold(f"{label}: "), fit.shown(value, 500)) for label, value in figures(pack, rows)]
        for number, chunk in enumerate(fit.pages(items, ROWS_TOGETHER)):
            heading: list[Element] = [] if number else [Heading(fit.shown(partner))]
            listed = Bullets(chunk) if chunk else Paragraph((line("Nothing is under way."),))
            if len(parts[-1]) > 40 or sum(map(fit.weight_of, (*parts[-1], listed))) > fit.CHARACTERS_AT_FIRST:
                parts.append([])
            parts[-1] += [*heading, listed]
    if not found:
        parts[0].append(Paragraph((line("Nobody you can see is on a course yet: import participants first."),)))
    shown = parts[:MOST_CARDS]
    if len(parts) > len(shown):
        shown[-1].append(Paragraph((line("There is more: name a partner, as in ", bold("/npq report North Star")),)))
    counted_once = "Everybody counts once, at the output that they are at now."
    shown[-1].append(Note(line(f"Engagement report as of {in_words(today)}. {counted_once} Only you can see this.")))
    numbered = [f" ({n} of {len(shown)})" if len(shown) > 1 else "" for n in range(1, len(shown) + 1)]
    return tuple(Card(f"Engagement report{n}", tuple(e)) for n, e in zip(numbered, shown, strict=True))
