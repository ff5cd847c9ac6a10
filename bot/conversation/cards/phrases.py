"""The few words and signs that several cards share: verdicts, stages, dates, papers. A sign never stands without its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.conversation.cards.card import Element, Note, Paragraph, StyledText, Text, bold, line
from core.rules.advice import LIMIT_NEAR, LIMIT_PAST, deferral_agreed, deferral_asked
from core.rules.calendar import in_words
from core.rules.output_tally import Tally
from core.rules.results import CriterionResult, OutputStanding, Stage, Standing
from core.rules.still_needed import ANY_ONE, opened_out
from reference.pack import Pack

SIGNS = {"met": "✔", "not_met": "○", "unknown": "?", "not_defined": "–", "exempt": "–"}
VERDICTS = {
    "met": "Met",
    "not_met": "Not met yet",
    "unknown": "Can't tell yet",
    "not_defined": "No criteria yet",
    "exempt": "Exempt while on deferral",
}
WARNING = "⚠"
NOT_KNOWN_YET = "not known yet"


def sign(output: OutputStanding) -> str:
    """The sign beside a name or an output; `verdict_words` says the same in words."""
    if output.stage in ("withdrawn", "deferred", "rescheduling_needed"):
        return "–"
    return "✔" if output.declared else SIGNS[output.verdict]


def verdict_words(output: OutputStanding) -> str:
    """The verdict in words, with the day since when it is met."""
    if output.verdict == "met" and output.met_on is not None:
        return f"Met on {in_words(output.met_on)}"
    if output.verdict == "unknown" and any(c.code == "total_tbc" for c in output.criteria):
        return "Can't tell yet (credit total TBC)"
    return VERDICTS[output.verdict]


def stage_words(output: OutputStanding) -> str:
    """Where an output stands on its way, in a few words with the true date that matters."""
    window = f" until {in_words(output.window_ends)}" if output.window_ends else ""
    declared = f" on {in_words(output.declared_on)}" if output.declared_on else ""
    deadline = f" to {in_words(output.latest_extension)}" if output.latest_extension else ""
    later = f", deadline extended{deadline}" if deadline else ""
    return {
        "withdrawn": "withdrawn from the course",
        "declared": f"declared{declared}",
        "not_defined": "nothing is measured yet",
        "deferred": "on deferral",
        "rescheduling_needed": "back from deferral, cohort to rejoin needed",
        "ready": "waiting for the declaration",
        "not_scheduled": "no review date yet",
        "removal_pending": f"removal proposed, a decision is waiting{later}",
        "refer_to_lead_provider": "nothing new is left to do: ask the lead provider",
        "not_due": f"not due yet{later}",
        "pre_review": f"review coming up{later}",
        "extended": f"extended{deadline}",
        "window": f"in the window{window}",
        "removal_review": "removal may be considered",
        "contact": _past_the_deadline(output),
    }[output.stage]


def _past_the_deadline(output: OutputStanding) -> str:
    """Whether they are still to be got hold of (R40, R41)."""
    past, until = f"past the {'deadline' if output.deadline else 'review date'}", output.in_time_until
    if output.deferral_ahead is not None:
        return past
    if output.reached_on is not None and until is not None and output.reached_on > until:
        return f"{past}, reached on {in_words(output.reached_on)}"
    return f"{past}: please get in touch"


def both_words(output: OutputStanding) -> Text:
    """Verdict and stage on one line, the verdict in bold; what is agreed for later as well."""
    ahead = deferral_words(output)
    return (*_both(output), *line(f" · {ahead}")) if ahead else _both(output)


def _both(output: OutputStanding) -> Text:
    if output.stage == "withdrawn":
        return line(bold("Withdrawn from the course"))
    if output.stage == "not_defined":
        return line(bold("No criteria or dates yet"))
    if output.stage == "deferred":
        return line(bold("On deferral"), ", exempt from this review" if output.verdict == "exempt" else "")
    if output.declared:
        return line(bold("Declared"), f" on {in_words(output.declared_on)}" if output.declared_on else "")
    return line(bold(verdict_words(output)), " · ", stage_words(output))


def deferral_words(output: OutputStanding) -> str:
    """A deferral that is agreed and has not begun, or is asked for and not confirmed; "" without one."""
    said = []
    if output.deferral_ahead is not None:
        begins, until = output.deferral_ahead
        said.append(f"deferral agreed from {in_words(begins)} to {in_words(until)}")
    if output.deferral_asked is not None:
        begins, until = output.deferral_asked
        said.append(f"deferral asked for from {in_words(begins)} to {in_words(until)}, waiting to be confirmed")
    return "; ".join(said)


def away(on: date, today: date) -> str:
    """How far a day is: "today", "in 7 days", "3 days ago"."""
    days = (on - today).days
    if days == 0:
        return "today"
    if abs(days) == 1:
        return "tomorrow" if days > 0 else "yesterday"
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def dated(on: date, today: date) -> Text:
    """A true date and how far it is."""
    return line(StyledText(in_words(on)), f" ({away(on, today)})")


def review_dated(output: OutputStanding, on: date, today: date) -> Text:
    """A review date, how far it is, and that nobody gave it where it is computed."""
    return (*dated(on, today), *line(", computed from DfE's cut-off" if output.review_computed else ""))


def papers(pack: Pack, missing: tuple[str, ...]) -> str:
    """ "signed school contract and signed sponsorship agreement"."""
    return " and ".join(pack.paper_names[paper] for paper in missing)


def all_back(pack: Pack) -> str:
    """That every paper that the pack wants has come back."""
    return "both back" if len(pack.papers) == 2 else "back"


def money_dates(cut_off: date | None, invoice: date | None, payment: date | None) -> str:
    """ " · DfE's cut-off …, invoice … · payment on or after …": those that are known."""
    told = (("DfE's cut-off", cut_off), ("invoice", invoice), ("payment on or after", payment))
    return "".join(f" · {what} {in_words(day)}" for what, day in told if day is not None)


def without_review_date(enrolments: int, people: int | None = None) -> str:
    """How many there are of whom nothing can be said by a date; "" for nobody (reading 36)."""
    if not enrolments:
        return ""
    people = enrolments if people is None else people
    courses = f" on {enrolments} of their courses" if people < enrolments else ""
    return f"{counted(people, 'person has', 'people have')} no review date yet{courses}."


def counted_of(people: int, enrolments: int) -> str:
    """ "3 people"; "3 people, 4 enrolments" where somebody is counted with more courses than one."""
    said = counted(people, "person", "people")
    return said if people == enrolments else f"{said}, {counted(enrolments, 'enrolment')}"


def evidenced_of(evidenced: int, counted_in_all: int, twice: bool) -> str:
    """ "2 of 6 evidenced"; "2 of 6 enrolments evidenced" where anybody is on it `twice`."""
    return f"{evidenced} of {counted_in_all} {'enrolments ' if twice else ''}evidenced"


def enrolled(course: str, cohort: str) -> str:
    """ "NPQLTD, cohort 1"."""
    return f"{course}, cohort {cohort}"


def output_title(output: OutputStanding) -> str:
    """ "Output 2: Retention Point"."""
    return f"Output {output.output}: {output.title}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """ "1 person", "3 people"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def joined(words: list[str] | tuple[str, ...]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


NOT_COUNTED: dict[Stage, str] = {
    "deferred": "on deferral",
    "rescheduling_needed": "back from deferral with a cohort to agree",
    "withdrawn": "withdrawn",
}


def elsewhere(tally: Tally) -> str:
    """What follows "2 of 6 evidenced": ", 1 waits for an earlier output; not counted: 1 on deferral"."""
    waiting = f", {counted(tally.waiting, 'waits', 'wait')} for an earlier output" if tally.waiting else ""
    left_out = not_counted(tally)
    return f"{waiting}{f'; {left_out}' if left_out else ''}"


def not_counted(tally: Tally) -> str:
    """Who is on an output and not among those whom its figures count; "" for nobody."""
    found = tally.not_counted
    left_out = joined([f"{found[stage]} {words}" for stage, words in NOT_COUNTED.items() if stage in found])
    return f"not counted: {left_out}" if left_out else ""


def why(output: OutputStanding, *, short: bool = False) -> str:
    """Why an output is not met yet: which kinds of evidence are missing, and (unless short) what else was found."""
    if output.blocked_by is not None:
        return f"Output {output.blocked_by} comes first."
    open_ones = _open_ones(output)
    if not open_ones:
        return ""
    nothing = [c for c in open_ones if short or (c.verdict == "not_met" and c.reason.startswith("No "))]
    found = [sentence(c.reason) for c in open_ones if c not in nothing]
    kinds = [evidence_name(c.criterion, c.label) for c in nothing]
    missing = [f"Nothing yet for {joined(kinds)}."] if kinds else []
    return " ".join(dict.fromkeys(missing + found))


def _open_ones(output: OutputStanding) -> list[CriterionResult]:
    """The metric says again what progress and attendance say, so it is left out beside them (R24)."""
    found = [c for c in output.open_criteria if c.owner == "participant"]
    others = [c for c in found if c.criterion != "engagement_metric"]
    return others or found


_EVIDENCE = {
    "attendance": "attendance",
    "video": "video",
    "self_study": "self-study",
    "module": "an online module",
    "progress": "new progress",
    "engagement_metric": "the engagement metric",
    "credits_90": "credits",
    "engagement_90": "90% of the course",
    "assessment_tracked": "the tracked assessment",
    "assessment_copies": "copies of the assessment",
}


def evidence_name(criterion: str, label: str) -> str:
    """A criterion in a word or two; one that only its pack knows by its label."""
    return _EVIDENCE.get(criterion, f"“{label}”")


def sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith((".", "!", "?", "”")) else f"{text}."


def cohort_name(pack: Pack, cohort: str) -> str:
    """ "cohort 1 (November 2021)"."""
    known = pack.cohorts.get(cohort)
    return f"cohort {cohort} ({known.name})" if known and known.name else f"cohort {cohort}"


def needs(output: OutputStanding, *, first_only: bool = False) -> str:
    """What is still needed, on one line; where that is nothing, what staff do instead. The stage's words stand beside it.

    Papers are no evidence: `papers_needed` says them apart.
    """
    theirs = [step for step in _to_do(output) if step not in output.staff_steps]
    said = theirs or _to_do(output)
    words = " ".join(said[:1] if first_only else said)
    if not theirs or output.blocked_by is not None:
        return words
    return f"Needs any one of{words.removeprefix(ANY_ONE)}" if words.startswith(ANY_ONE) else f"Needs: {words}"


def needed_once(said: str, course: str, told: dict[str, str]) -> str:
    """What is needed on one of somebody's courses; in a word where that was `told` of another one of theirs."""
    before = told.setdefault(said, course)
    return said if before == course or not said.startswith("Needs") else f"Needs the same as {before}."


def _to_do(output: OutputStanding) -> list[str]:
    """The next steps without papers, and without a deferral agreed or asked for, which stands beside the stage."""
    told = {*output.paper_steps, *([deferral_agreed(output.deferral_ahead)] if output.deferral_ahead else [])}
    waiting = deferral_asked(output.deferral_asked) if output.deferral_asked else None
    return [step for step in output.next_steps if step not in told and not (waiting and step.startswith(waiting))]


def papers_needed(output: OutputStanding) -> str:
    """Which papers are still to come back, whatever the evidence; "" for none."""
    return " ".join(output.paper_steps)


def steps_listed(output: OutputStanding) -> list[Text]:
    """What is still needed but papers, a bullet each; "any one of these" opens out into its ways."""
    found: list[Text] = []
    for step in _to_do(output):
        if (choice := opened_out(step)) is not None:
            found.append(line(f"{choice[0]}:"))
            found += [line(f"• {way}") for way in choice[1]]
        else:
            found.append(line(f"• {step}"))
    return found


def gate_line(outputs: Sequence[OutputStanding]) -> Text | None:
    """Whether the assessment may be sat, with what is still needed; None where the pack has no gate, or it is all over."""
    output = next((o for o in outputs if o.gate is not None), None)
    if output is None or output.gate is None or output.declared or output.stage == "withdrawn":
        return None
    gate = output.gate
    if gate.passed:
        return None
    needed = " ".join(gate.still_needed or gate.reasons)
    said = {"met": "yes.", "not_met": f"not yet. {needed}", "unknown": f"not known yet. {needed}"}[gate.verdict]
    return line(bold(f"{gate.title}: "), said)


def told_once(shown: Sequence[OutputStanding], current: int | None) -> dict[int, tuple[str, ...]]:
    """The warnings of each output: what several give of a person's data is told once, of the current output if it can be."""
    where: dict[str, int] = {}
    for output in sorted(shown, key=lambda each: each.output != current):
        for warning in output.data_warnings:
            where.setdefault(warning, output.output)
    return {o.output: tuple(w for w in o.warnings if where.get(w, o.output) == o.output) for o in shown}


def to_check(warnings: Sequence[str]) -> list[Element]:
    """The warnings under a heading of their own, apart from what is still needed; nothing without any."""
    listed = [line(f"{WARNING} ", warning) for warning in warnings]
    return [Paragraph((line(bold("Please check")), *listed))] if listed else []


def own_limits(standing: Standing) -> list[str]:
    """Until when somebody has to complete the course, counted from a day of their own, where that is near or past."""
    now = standing.current
    if now is None:
        return []
    told = zip(now.warning_codes, now.warnings, strict=True)
    return [words for code, words in told if code in (LIMIT_NEAR, LIMIT_PAST)]


def rehearsed(day: date) -> Note:
    """What stands first on each answer in a rehearsal: which day the clock stands at."""
    return Note(line(bold(f"Rehearsal: the clock is set to {in_words(day)}.")))
