"""`npq status`, `npq at-risk`, `npq reviews`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from bot.cli.command_output import AS_OF, Answer, answers, lines, open_context
from bot.cli.json_documents import at_risk_document, reviews_document, status_document
from core.rules.calendar import in_words
from core.rules.results import OutputStanding, Standing
from core.services import enquiries


@click.command()
@click.argument("who")
@click.option("--output", "number", type=int, help="Only this output.")
@click.option("--course", help="Only this course, of somebody who takes several.")
@AS_OF
@answers
def status(who: str, number: int | None, course: str | None, as_of: date | None) -> Answer:
    """Where one participant stands, on each of their courses. WHO is an id, an e-mail, a TRN or a name."""
    context = open_context()
    day = as_of or context.today
    cases = enquiries.status(context.installation, context.actor, who, as_of=day, course=course)
    having = [each for each in cases if number is None or any(one.output == number for one in each.standing.outputs)]
    found = [
        (each.standing, None if number is None else enquiries.output_of(each.standing, number))
        for each in having or cases
    ]
    documents = [status_document(*each) for each in found]
    return Answer(documents[0] if len(found) == 1 else {"enrolments": documents}, lambda: _show_each(found))


@click.command("at-risk")
@click.option("--partner", help="Only this Delivery Partner.")
@click.option("--course", help="Only this course.")
@click.option("--cohort", help="Only this cohort.")
@click.option("--output", "number", type=int, help="Look at this output instead of the current one.")
@AS_OF
@answers
def at_risk(
    partner: str | None, course: str | None, cohort: str | None, number: int | None, as_of: date | None
) -> Answer:
    """Everyone whose current output is not evidenced, worst first."""
    context = open_context()
    day = as_of or context.today
    found = enquiries.at_risk(
        context.installation, context.actor, as_of=day, partner=partner, course=course, cohort=cohort, output=number
    )
    return Answer(at_risk_document(day, found), lambda: _show_at_risk(found, day))


@click.command()
@click.option("--partner", help="Only this Delivery Partner.")
@AS_OF
@answers
def reviews(partner: str | None, as_of: date | None) -> Answer:
    """Coming review, window, invoice and meeting dates."""
    context = open_context()
    day = as_of or context.today
    found = enquiries.reviews(context.installation, context.actor, as_of=day, partner=partner)
    return Answer(reviews_document(day, found), lambda: _show_reviews(found, day))


def _show_each(found: Sequence[tuple[Standing, OutputStanding | None]]) -> None:
    for place, each in enumerate(found):
        if place:
            click.echo()
        _show_status(*each)


def _show_status(standing: Standing, only: OutputStanding | None) -> None:
    from rich.text import Text

    from bot.conversation.cards.card import words_of
    from bot.conversation.cards.criteria_lines import criteria_lines
    from bot.conversation.cards.phrases import gate_line, told_once

    console = lines()
    console.print(
        Text.assemble(
            (standing.name, "bold"),
            f"  {standing.participant_id} · {standing.course}, cohort {standing.cohort} · {standing.delivery_partner}"
            f" · {standing.training_status}",
        )
    )
    console.print(Text(f"As of {in_words(standing.as_of)}, by {standing.pack}", style="dim"))
    shown = (only,) if only is not None else standing.outputs
    told = told_once(shown, standing.current_output)
    for output in shown:
        current = "  (current)" if output.output == standing.current_output else ""
        console.print()
        console.print(Text(f"Output {output.output} · {output.title}{current}", style="bold"))
        console.print(Text("  " + " · ".join(_line(output))))
        for told_of in criteria_lines(output):
            before = f"  {'  ' * told_of.depth}{_SIGNS[told_of.verdict]} "
            found = told_of.criterion
            words = f"{found.label} ({found.rule}): {found.reason}" if found else f"{told_of.opening}:"
            console.print(Text(f"{before}{words}"))
        for step in output.next_steps:
            console.print(Text(f"  → {step}"))
        if (gate := gate_line([output])) is not None:
            console.print(Text(f"  {words_of(gate)}"))
        for warning in told[output.output]:
            console.print(Text(f"  ! {warning}"))


_SIGNS = {"met": "✓", "not_met": "✗", "unknown": "?"}


def _line(output: OutputStanding) -> list[str]:
    parts = [output.verdict.replace("_", " "), f"stage: {output.stage.replace('_', ' ')}"]
    if output.review_date is not None:
        computed = " (computed from the cut-off)" if output.review_computed else ""
        parts.append(f"review {in_words(output.review_date)}{computed}")
    elif output.stage == "not_scheduled":
        parts.append("review date not known yet")
    if output.cut_off is not None and not output.declared:
        parts.append(f"DfE's cut-off {in_words(output.cut_off)}")
    if output.deadline is not None:
        parts.append(f"deadline {in_words(output.deadline)}")
    if output.credits.earned is not None:
        share = f" ({output.credits.percent}%)" if output.credits.percent else ""
        total = output.credits.total if output.credits.total is not None else "TBC"
        parts.append(f"{output.credits.earned} of {total} credits{share}")
    parts.append("payable" if output.payable else "not payable yet")
    return parts


def _show_at_risk(found: enquiries.AtRiskList, day: date) -> None:
    from rich.text import Text

    from bot.conversation.cards.phrases import counted_of, own_limits, without_review_date

    console = lines()
    undated = without_review_date(found.not_scheduled, found.undated_people)
    if not found.people:
        console.print(" ".join(filter(None, (f"Nobody is at risk as of {in_words(day)}.", undated))))
        return
    console.print(Text(f"At risk as of {in_words(day)}, worst first", style="bold"))
    for entry in found.people:
        standing, output = entry.standing, entry.output
        review = f", review {in_words(output.review_date)}" if output.review_date else ""
        console.print()
        console.print(
            Text.assemble(
                (standing.name, "bold"),
                f" ({standing.participant_id}) · {standing.course}, cohort {standing.cohort} · {standing.delivery_partner}",
            )
        )
        console.print(Text(f"  Output {output.output}{review} · {output.stage.replace('_', ' ')}"))
        for step in output.next_steps:
            console.print(Text(f"  → {step}"))
        for words in own_limits(standing):
            console.print(Text(f"  ! {words}"))
    console.print()
    in_all = str(len(found.people))
    if found.persons < len(found.people):
        in_all = counted_of(found.persons, len(found.people))
    console.print(" ".join(filter(None, (f"{in_all} in all.", undated))))


def _show_reviews(found: enquiries.Reviews, day: date) -> None:
    from rich.text import Text

    from bot.conversation.cards.phrases import elsewhere, evidenced_of, money_dates, without_review_date

    console = lines()
    undated = without_review_date(found.not_scheduled, found.undated_people)
    if not found.coming:
        console.print(" ".join(filter(None, (f"No review is coming up as of {in_words(day)}.", undated))))
        return
    console.print(Text(f"Reviews as of {in_words(day)}", style="bold"))
    for review in found.coming:
        whose = f" ({', '.join(review.whose)})" if review.whose else ""
        console.print()
        console.print(
            Text.assemble(
                (f"Output {review.output} · {in_words(review.review_date)}", "bold"),
                f"{' (computed from the cut-off)' if review.computed else ''}"
                f"  {review.delivery_partner} · {review.course_group}{whose}, cohort {review.cohort}"
                f" · {evidenced_of(review.met, review.people, review.twice)}{elsewhere(review.tally)}",
            )
        )
        window = f" · window ends {in_words(review.window_ends)}" if review.window_ends else ""
        dates = f"{window}{money_dates(review.cut_off, review.invoice_date, review.payment_date)}"
        meeting = f" · next meeting {in_words(review.meeting_on)}" if review.meeting_on else ""
        console.print(Text(f"  {dates.removeprefix(' · ')}{meeting if dates else meeting.removeprefix(' · ')}"))
    if undated:
        console.print()
        console.print(undated)
