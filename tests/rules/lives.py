"""Made-up lives on a course: a few facts and decisions of every kind on any days, under either pack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from core.rules.facts import (
    ActivityDone,
    Assessment,
    Declaration,
    DeclarationReport,
    EngagementReport,
    Participant,
    RegisterEntry,
    RemovalVote,
)
from reference.loading import load_pack
from reference.pack import Pack
from tests.rules.conftest import (
    EVERYTHING,
    assessed,
    back,
    called,
    day,
    declared,
    deferred,
    did,
    extended,
    period,
    person,
    ran,
    session,
    vote,
    watched,
)

PACKS = {"edt-v18": load_pack("edt-v18"), "today": load_pack(str(Path(__file__).parents[1] / "packs" / "today"))}
LONG = 520  # days of a course that are looked at
ANY_DAY = st.one_of(st.integers(-10, 90), st.integers(0, LONG))  # counted from the first day of the course
Value = TypeVar("Value")


class Life:
    """Somebody on a course, and what chance makes of it."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack, self.chance = pack, Random(seed)
        offered = [
            (course, number) for number, cohort in sorted(pack.cohorts.items()) for course in sorted(cohort.courses)
        ]
        self.course, self.cohort = self.pick(*offered)
        self.starts = pack.cohorts[self.cohort].starts_on
        self.outputs = len(pack.outputs_of(self.course))

    def person(self) -> Participant:
        """Their whole record."""
        runs = {run.run_on: run for run in map(self.run, self.some(3))}
        made = {(each.output, each.state): each for each in map(self.declaration, self.some(3))}
        return person(
            self.course,
            self.cohort,
            imported=frozenset(kind for kind in sorted(EVERYTHING) if self.chance.random() < 0.8),
            contract_returned_on=self.maybe(day(self.on())),
            sponsorship_returned_on=self.maybe(day(self.on())),
            application_status=self.pick("accepted", "accepted", "accepted", None, "pending"),
            training_status=self.pick("active", "active", "active", "deferred"),
            activities=tuple(map(self.activity, self.pick(self.some(4), range(0)))),
            declaration_reports=tuple(self.periods()),
            engagement_reports=tuple(runs.values()),
            register=tuple(map(self.entry, self.some(3))),
            videos=tuple(watched(self.on(), self.pick("70", "90"), self.pick(1, 2, 3)) for _ in self.some(2)),
            assessments=tuple(self.tries()),
            declarations=tuple(made.values()),
            extensions=tuple(extended(self.output(), self.on(), self.on()) for _ in self.some(2)),
            contacts=tuple(called(self.on(), self.pick("no-answer", "reached")) for _ in self.some(4)),
            deferrals=tuple(deferred(self.on(), self.on(), self.on()) for _ in self.some(1)),
            resumptions=tuple(back(self.on(), self.maybe(self.pick(*self.pack.cohorts))) for _ in self.some(1)),
            removal_votes=tuple(map(self.vote, self.pick(self.some(3), range(0), range(0)))),
        )

    def tries(self) -> Iterator[Assessment]:
        """None, one, or several, whatever became of each."""
        first = self.maybe(assessed(self.maybe(self.on()), self.maybe(self.on())))
        if first is None:
            return
        yield first
        beside = Random(repr(first))
        days = [first.marked_on, first.moderated_on, day(str(self.starts)), None]
        for number in range(2, beside.choice((1, 2, 3)) + 1):
            on = [one and one + timedelta(days=beside.choice((-3, 0, 20, 90))) for one in beside.sample(days, 3)]
            yield Assessment(*on, beside.choice(("done", "pending")), beside.choice((True, None)),
                             beside.choice(("passed", "failed", None)), number)  # fmt: skip

    def activity(self, _: int) -> ActivityDone:
        """A row of the log."""
        settings = self.pack.settings
        component = self.pick(settings.self_study_component, settings.training_event_component, "Event survey")
        title = self.pick("S 1.1a", "Unit 1.1", settings.human_check_prefix)
        credits, by = self.pick(1, 4, 30, 150), self.pick("auto", "self_report")
        return did(self.on(), credits, title, self.pick(1, 2, 3), component, by)

    def periods(self) -> Iterator[DeclarationReport]:
        """Mostly one after the other from the start; some split their credits, some have a running figure."""
        first = self.starts + timedelta(days=self.pick(-3, 0, 0, 0, 2))
        for _ in self.some(4):
            last = first + timedelta(days=self.pick(10, 20, 40, 100))
            credits = self.pick(0, 5, 27, 90)
            split, running = self.maybe(min(credits, self.pick(0, 0, 6))), self.maybe(self.pick(5, 27, 120, 249))
            yield period(str(first), str(last), credits, split, running)
            first = last + timedelta(days=self.pick(1, 1, 1, 2))

    def run(self, _: int) -> EngagementReport:
        """A row of the Engagement report."""
        return ran(self.on(), self.pick("10", "89.9", "95", "100"), self.maybe(self.pick(5, 20, 40, 170, 250)))

    def entry(self, _: int) -> RegisterEntry:
        """A session; one that was missed may have been covered another way, later."""
        on, covered = self.on(), self.pick(True, False, False)
        return session(
            on,
            self.pick("attended", "completed", "booked", "absent"),
            marked=self.pick(True, False),
            contingency="recording" if covered else None,
            contingency_on=self.maybe(str(day(on) + timedelta(days=self.chance.randrange(60)))) if covered else None,
            confirmed_by=self.maybe("Sam") if covered else None,
        )

    def declaration(self, _: int) -> Declaration:
        """What the lead provider told DfE."""
        return declared(self.output(), self.on(), self.maybe(self.on()), self.pick("submitted", "submitted", "voided"))

    def vote(self, _: int) -> RemovalVote:
        """A decision about their removal."""
        return vote(
            self.on(), self.pick("delivery_partner", "lead_provider"), self.pick("approve", "approve", "reject")
        )

    def on(self) -> str:
        """A day of the course, half of them in its first weeks."""
        return str(self.starts + timedelta(days=self.chance.randrange(1, self.pick(60, LONG))))

    def output(self) -> int:
        """Any of the course's."""
        return self.chance.randrange(1, self.outputs + 1)

    def pick(self, *choices: Any) -> Any:
        """One of them."""
        return self.chance.choice(choices)

    def maybe(self, value: Value) -> Value | None:
        """Every other time."""
        return value if self.chance.random() < 0.5 else None

    def some(self, most: int) -> range:
        """Up to so many."""
        return range(self.chance.randrange(most + 1))
