"""Everything known about one participant: criteria with reasons and rules, credits, and what was decided so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.conversation.acts import reason_words
from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Bullets,
    Card,
    Divider,
    Element,
    Facts,
    Heading,
    Note,
    Paragraph,
    Text,
    bold,
    line,
)
from bot.conversation.cards.criteria_lines import CriteriaLine, criteria_lines
from bot.conversation.cards.phrases import (
    NOT_KNOWN_YET,
    SIGNS,
    both_words,
    cohort_name,
    gate_line,
    output_title,
    papers,
    review_dated,
    sentence,
    sign,
    to_check,
    told_once,
)
from bot.conversation.cards.status_card import credits_words, payable_words
from core.rules.calendar import in_words
from core.rules.payments import pounds
from core.rules.results import OutputStanding, Standing
from core.services.enquiries import Case, HistoryLine
from reference.pack import Pack

MOST_HISTORY = 20
LONGEST_REASON = 300  # characters


def details_card(pack: Pack, case: Case) -> Card:
    """The whole case, privately: the reasons of extensions and deferrals too."""
    standing = case.standing
    elements: list[Element] = [
        Paragraph((line(bold(fitting.shown(standing.name))), line(_who(pack, case)))),
        *_enrolment(standing),
        Divider(),
    ]
    ordered = sorted(standing.outputs, key=lambda o: (o.output != standing.current_output, o.output))
    told = told_once(standing.outputs, standing.current_output)
    for output in ordered:
        elements += _output(pack, output, standing, told[output.output])
        elements.append(Divider())
    elements.append(Heading("What was recorded"))
    elements += _history(case.history)
    elements.append(Note(line(f"As of {in_words(standing.as_of)}. Rests on policy pack {standing.pack}.")))
    return Card("Details", tuple(elements))


def _who(pack: Pack, case: Case) -> str:
    person, standing = case.person, case.standing
    parts = [
        standing.course,
        cohort_name(pack, standing.cohort),
        standing.delivery_partner,
        person.school or "",
        f"facilitator {person.facilitator}" if person.facilitator else "",
        f"id {standing.participant_id}",
    ]
    return " · ".join(fitting.shown(part) for part in parts if part)


def _enrolment(standing: Standing) -> Iterator[Element]:
    if standing.training_status == "withdrawn":
        yield Paragraph((line(bold("Withdrawn from the course.")),))
    elif standing.training_status == "deferred":
        back = f", agreed return {in_words(standing.deferred_until)}" if standing.deferred_until else ""
        yield Paragraph((line(bold("On deferral"), f"{back}."),))
    if standing.removal_proposed_on is not None:
        yield Paragraph((line(bold("Removal proposed"), f" on {in_words(standing.removal_proposed_on)}."),))


def _output(pack: Pack, output: OutputStanding, standing: Standing, warnings: Sequence[str]) -> Iterator[Element]:
    current = " · current" if output.output == standing.current_output else ""
    yield Paragraph((line(bold(output_title(output)), current), (*line(f"{sign(output)} "), *both_words(output))))
    yield Facts(tuple(_facts(pack, output, standing)))
    if output.blocked_by is not None and len({c.reason for c in output.criteria}) == 1:
        rules = ", ".join(c.rule for c in output.criteria)
        yield Paragraph((line(f"{SIGNS['not_met']} {sentence(output.criteria[0].reason)} [{rules}]"),))
    elif output.criteria:
        yield Paragraph(tuple(map(_criterion, criteria_lines(output))))
    if gate := gate_line([output]):
        yield Paragraph((gate,))
    yield from to_check(warnings)


def _criterion(told: CriteriaLine) -> Text:
    before = f"{_INDENT * told.depth}{SIGNS[told.verdict]} "
    if told.criterion is None:
        return line(before, f"{told.opening}:")
    return line(before, bold(f"{told.criterion.label}: "), f"{told.criterion.reason} [{told.criterion.rule}]")


_INDENT = "\u2003"  # kept by every platform, where blanks are not


def _facts(pack: Pack, output: OutputStanding, standing: Standing) -> Iterator[tuple[str, Text]]:
    if output.review_date is not None:
        yield "Review date", review_dated(output, output.review_date, standing.as_of)
    elif output.verdict != "not_defined":
        yield "Review date", line(NOT_KNOWN_YET)
    if output.cut_off is not None:
        yield "DfE's cut-off", line(in_words(output.cut_off))
    if output.deadline is not None:
        yield "Deadline", line(in_words(output.deadline))
    if output.invoice_date is not None:
        yield "Invoice date", line(in_words(output.invoice_date))
    yield "Payable", line(payable_words(output))
    if output.worth is not None:
        yield "Worth", line(pounds(output.worth))
    if output.papers_missing:
        yield "Papers", line(f"not back: {papers(pack, output.papers_missing)}")
    if (credits := credits_words(output)) is not None:
        at = output.credits.at_baseline if output.output > 1 else None
        yield "Credits", line(f"{credits}; {at} at the last output point" if at is not None else credits)
    if output.baseline is not None:
        yield "Evidence counts after", line(in_words(output.baseline))
    if output.extensions:
        yield "Extensions", line(str(output.extensions))


def _recorded(line_: HistoryLine) -> str:
    reason = f" ({fitting.shown(reason_words(line_.reason), LONGEST_REASON)})" if line_.reason else ""
    return f"{in_words(line_.on)}: {line_.text}{reason} by {fitting.shown(line_.by, 60)}"


def _history(history: tuple[HistoryLine, ...]) -> Iterator[Element]:
    if not history:
        yield Paragraph((line("Nothing yet."),))
        return
    newest = list(reversed(history))[:MOST_HISTORY]
    yield Bullets(tuple(line(_recorded(h)) for h in newest))
    if len(history) > len(newest):
        yield Note(line(f"And {len(history) - len(newest)} earlier ones."))
