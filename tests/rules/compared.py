"""The program's answers about a life beside those of the plain reading, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from core.rules.facts import FACTS, Participant, facts_of
from core.rules.results import OutputStanding
from core.rules.standing import standing
from reference.pack import Pack
from tests.rules.plain_reading import PlainReading, Reading


def stored(who: Participant) -> Participant:
    """As a record would have it: of each kind of file with a row of theirs some row is stored (reading 5), and one line
    stands for one event."""
    own = {kind for kind in FACTS if facts_of(who, kind)}
    register = tuple(replace(entry, event_id=f"e-{number}") for number, entry in enumerate(who.register))
    return replace(who, imported=who.imported | own, register=register)


def days_of_change(who: Participant) -> list[date]:
    """Each day that any fact or decision names."""
    found = set()
    for facts in (
        who.activities, who.declaration_reports, who.engagement_reports, who.register, who.videos, who.declarations,
        who.deferrals, who.resumptions, who.assessments,
    ):  # fmt: skip
        for fact in facts:
            names = getattr(fact, "_fields", None) or fact.__match_args__
            found |= {value for value in (getattr(fact, name) for name in names) if isinstance(value, date)}
    return sorted(found)


def sampled(pack: Pack, who: Participant, seed: int, most: int) -> list[date]:
    """Days of change with those before and after, days of review, and any others: at most so many."""
    chance = Random(seed)
    starts = pack.cohorts[who.cohort].starts_on or date(2026, 1, 1)
    days = [day + timedelta(days=by) for day in days_of_change(who) for by in (-1, 0, 1)]
    reviews = [row.review for row in pack.dates[who.course].values() if row.review and row.cohort == who.cohort]
    days += [day + timedelta(days=by) for day in reviews for by in (0, 1)]
    days += [starts + timedelta(days=chance.randrange(-10, 700)) for _ in range(4)]
    return sorted(chance.sample(sorted(set(days)), min(most, len(set(days)))))


def differences(pack: Pack, who: Participant, days: list[date]) -> Iterator[str]:
    """A line for each answer that the two give otherwise."""
    plain = PlainReading(pack, who)
    for day in days:
        for output in standing(pack, who, day).outputs:
            for what, program, rulebook in _answers(output, plain.read(output.output, day)):
                if program != rulebook:
                    yield f"output {output.output} on {day}: {what}: program {program}, rulebook {rulebook}"


def _answers(output: OutputStanding, plain: Reading) -> Iterator[tuple[str, object, object]]:
    """What both say of one output on one day. An exempt output's verdict hides that of its criteria (reading 13)."""
    verdict: str = plain.verdict or "not_defined"
    if output.verdict == "exempt":
        yield "verdict", verdict in ("not_met", "unknown"), True
    else:
        yield "verdict", output.verdict, verdict
    yield "declared", output.declared, plain.declared
    if plain.verdict is not None:
        yield "blocked", output.blocked_by is not None, plain.blocked
        yield "baseline", output.baseline, plain.baseline
    yield "met_on", output.met_on, plain.met_on
    for leaf, ours in zip(output.criteria, plain.leaves, strict=True):
        yield f"{leaf.criterion}", leaf.verdict, ours.verdict
        if leaf.path:
            yield f"{leaf.criterion}'s path", leaf.path, ours.path
        if leaf.done is not None:
            yield f"{leaf.criterion}'s done", Fraction(leaf.done), ours.done
        if leaf.offered is not None:
            yield f"{leaf.criterion}'s offered", Fraction(leaf.offered), ours.offered
    if output.stage in AFTER_NOTHING_LEFT:
        yield "nothing left (R53)", output.stage == "refer_to_lead_provider", plain.nothing_left


# The stages among which R53's stands in "The stage", line 7: no earlier line holds.
AFTER_NOTHING_LEFT = (
    "refer_to_lead_provider",
    "not_due",
    "pre_review",
    "extended",
    "window",
    "removal_review",
    "contact",
)
