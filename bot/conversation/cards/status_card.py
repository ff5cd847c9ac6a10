"""Where one participant stands, at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.conversation.cards import fitting
from bot.conversation.cards.card import (
    Actions,
    Button,
    Card,
    Divider,
    Element,
    Facts,
    Note,
    Paragraph,
    Text,
    bold,
    line,
)
from bot.conversation.cards.phrases import (
    NOT_KNOWN_YET,
    all_back,
    both_words,
    cohort_name,
    dated,
    gate_line,
    joined,
    output_title,
    papers,
    papers_needed,
    review_dated,
    sign,
    stage_words,
    steps_listed,
    to_check,
    verdict_words,
)
from bot.conversation.offered_acts import buttons_for
from bot.conversation.verbs import ANY_COURSE, STATUS, Call
from core.rules.calendar import in_words
from core.rules.results import OutputStanding, Standing
from core.rules.stages import AWAY
from core.services.enquiries import Case
from core.services.staff.actors import Actor
from reference.pack import Pack


def status_card(pack: Pack, actor: Actor, case: Case, output: OutputStanding) -> Card:
    """The status of one participant, with `output` in full and the others in a line each."""
    standing = case.standing
    today = standing.as_of
    elements: list[Element] = [
        Note(line(_who(pack, case))),
        *([Note(line(f"Also on {joined(further)}."))] if (further := _other_courses(case)) else []),
        Paragraph((line(bold(output_title(output))), (*line(f"{sign(output)} "), *both_words(output)))),
        Facts(tuple(_facts(pack, output, today))),
    ]
    if steps := steps_listed(output):
        elements.append(Paragraph((line(bold("What is still needed")), *steps)))
    if output.paper_steps:
        elements.append(Paragraph((line(bold("Papers")), line(papers_needed(output)))))
    if gate := gate_line(standing.outputs):
        elements.append(Paragraph((gate,)))
    elements += to_check(output.warnings)
    others = [o for o in standing.outputs if o.output != output.output]
    if others:
        elements.append(Divider())
        elements.append(Paragraph(tuple(_in_short(o) for o in others)))
    elements.append(Actions((*buttons_for(pack, actor, standing, output, case.revision), *_way_back(case))))
    elements.append(Note(line(f"As of {in_words(today)}. Only you can see this.")))
    return Card(fitting.shown(standing.name), tuple(elements), _summary(standing, output))


def _who(pack: Pack, case: Case) -> str:
    standing = case.standing
    course = pack.courses.get(standing.course)
    parts = [
        f"{course.name} ({course.code})" if course else standing.course,
        cohort_name(pack, standing.cohort),
        standing.delivery_partner,
        case.person.school or "",
        f"facilitator {case.person.facilitator}" if case.person.facilitator else "",
    ]
    return " · ".join(fitting.shown(part) for part in parts if part)


def _other_courses(case: Case) -> list[str]:
    return [course for course in case.courses if course != case.standing.course]


def _way_back(case: Case) -> tuple[Button, ...]:
    """To all courses of somebody who takes several."""
    call = Call(STATUS, case.standing.participant_id, course=ANY_COURSE)
    name = fitting.shown(case.standing.name, 40)
    return (Button("All courses", call, spoken=f"All courses of {name}"),) if _other_courses(case) else ()


def _facts(pack: Pack, output: OutputStanding, today: date) -> Iterator[tuple[str, Text]]:
    if output.review_date is not None:
        yield "Review date", review_dated(output, output.review_date, today)
    elif output.verdict == "met" and not output.declared:  # of all others the stage says so
        yield "Review date", line(NOT_KNOWN_YET)
    if output.window_ends is not None and not output.declared:
        yield "Window ends", dated(output.window_ends, today)
    if output.deadline is not None and output.deadline != output.window_ends and not output.declared:
        yield "Agreed deadline", dated(output.deadline, today)
    if output.cut_off is not None and not output.declared:
        yield "DfE's cut-off", dated(output.cut_off, today)
    if (credits := credits_words(output)) is not None:
        yield "Credits", line(credits)
    if pack.papers:
        yield (
            "Papers",
            line(f"not back: {papers(pack, output.papers_missing)}" if output.papers_missing else all_back(pack)),
        )
    yield "Payable", line(payable_words(output))
    if output.extensions:
        yield "Extensions", line(str(output.extensions))
    if output.unanswered_contacts:
        yield "Unanswered contacts in a row", line(str(output.unanswered_contacts))


def credits_words(output: OutputStanding) -> str | None:
    """ "61 of 249 (24.4%)", and what completion takes. None where credits say nothing."""
    credits = output.credits
    if credits.earned is None and credits.total is None:
        return "not known, total to be confirmed" if credits.asked else None
    earned = "not known" if credits.earned is None else str(credits.earned)
    of_total = f" of {credits.total}" if credits.total is not None else " (total to be confirmed)"
    percent = f" ({credits.percent}%)" if credits.percent is not None else ""
    needed = f", {credits.needed} needed" if credits.needed is not None else ""
    return f"{earned}{of_total}{percent}{needed}"


def payable_words(output: OutputStanding) -> str:
    """Whether the output can be paid, and what stands in the way."""
    if output.payable:
        return "yes" if output.declared else "yes, once declared"
    return "not until the papers are back" if output.verdict == "met" else "not yet"


def _in_short(output: OutputStanding) -> Text:
    over = output.declared or output.stage == "withdrawn"
    review = f" · review {in_words(output.review_date)}" if output.review_date and not over else ""
    stage = stage_words(output)
    if output.blocked_by is not None and not over:
        said = f"Output {output.blocked_by} comes first"
    elif over or output.stage in ("not_due", "not_defined") or output.stage in AWAY:
        said = f"{stage[:1].upper()}{stage[1:]}"
    else:
        said = f"{verdict_words(output)}, {stage}"
    return line(f"{sign(output)} Output {output.output} ({output.title}): {said}{review}")


def _summary(standing: Standing, output: OutputStanding) -> str:
    when = f" Review date: {in_words(output.review_date)}." if output.review_date else ""
    steps = f" {' '.join(output.next_steps)}" if output.next_steps else ""
    return (
        f"{fitting.shown(standing.name)} ({standing.course}, cohort {standing.cohort}), Output {output.output}: "
        f"{verdict_words(output)}, {stage_words(output)}.{when}{steps}"
    )
