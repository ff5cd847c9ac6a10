"""A country's caseload on one day: 200 Delivery Partners, seven courses and EHCO in four cohorts, some way along.

    python -m benchmarks.nation FOLDER [--people 1000] [--seed 7]

Nothing is dated after `TODAY` but sessions that are still to come. Some people are keen, some lag, some sleep; some Delivery Partners
never uploaded a register or the videos; who has no activity log has reports, with gaps and corrections. On `TODAY` every
verdict and every stage occurs. What was declared from a report has that report's last day as its cut-off; of the rest half.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Literal

from benchmarks.caseloads import COURSES, FAMILY, GIVEN, LATER, Caseload, Cells

TODAY = date(2023, 3, 27)  # cohort 4's first window is open, cohort 2's leadership review is near
Pace = Literal["keen", "lagging", "asleep"]
_PACES: tuple[Pace, ...] = ("keen", "lagging", "asleep")
_SHARE_OF_ACTIVITIES = {"keen": 1.22, "lagging": 1.05, "asleep": 0.4}
_SHARE_OF_TIME = {"keen": 1.0, "lagging": 0.7, "asleep": 0.15}
_DECLARED = {"keen": 0.95, "lagging": 0.75, "asleep": 0.25}
_IN_A_SESSION = 25
_TURNS = 6  # sessions of a group, four months from one to the next
_COHORTS = 4


@dataclass(frozen=True)
class Person:
    """What a participant is like."""

    number: int
    course: str
    cohort: str
    pace: Pace
    has_log: bool
    idle: bool  # has done nothing at all
    starts: date

    @property
    def elapsed(self) -> int:
        """Days since their cohort's start month began."""
        return (TODAY - self.starts).days


@dataclass(frozen=True)
class Event:
    """A session of a group."""

    name: str
    held: date
    kind: str
    unmarked: bool
    is_long: bool  # longer than those of its kind are


@dataclass(frozen=True)
class Nation(Caseload):
    """A caseload as `Caseload`, as it would stand on `TODAY`; about `activities_each` activities a participant."""

    people: int = 100_000
    partners: int = 200

    def person(self, number: int) -> Person:
        """The nth participant, from 0."""
        chance = random.Random(f"{self.seed} {number} person")
        cohort = str(chance.randint(1, _COHORTS))
        course = chance.choice(COURSES)
        if (rare := chance.random()) < 0.02:
            course = "EHCO"
        elif rare < 0.08 and int(cohort) > 2:
            course = chance.choice(("NPQLL", "NPQEYL"))
        pace = chance.choices(_PACES, (55, 30, 15))[0]
        starts = self.pack.cohorts[cohort].starts_on
        assert starts is not None
        has_log, idle = chance.random() < 0.92 and course != "EHCO", chance.random() < 0.04
        return Person(number, course, cohort, pace, has_log, idle, starts)

    def everybody(self, kind: str) -> Iterator[tuple[random.Random, Person]]:
        """Each participant with chance for their rows of one kind."""
        for number in range(self.people):
            yield random.Random(f"{self.seed} {number} {kind}"), self.person(number)

    def participants(self) -> Iterator[Cells]:
        """One row per participant."""
        for chance, who in self.everybody("participants"):
            ident = self.participant_id(who.number)
            yield [
                ident,
                f"{chance.choice(GIVEN)} {chance.choice(FAMILY)} {who.number}",
                who.course,
                who.cohort,
                self._partner(who.number),
                f"{ident}@example.org",
                f"{who.number:07d}",
                f"School {who.number % 20_000}",
                f"Facilitator {who.number % 900}",
                chance.choices(("accepted", "pending", ""), (96, 2, 2))[0],
                self._came_back(chance, who),
                self._came_back(chance, who),
                chance.choices(("active", "deferred", "withdrawn"), (96, 2, 2))[0],
            ]

    def declaration_report(self) -> Iterator[Cells]:
        """Periods of two months for those without a log: some with a gap, without the split or without cumulative figures."""
        for chance, who in self.everybody("declaration_report"):
            if who.has_log or who.idle or who.course == "EHCO" or chance.random() < 0.25:
                continue
            start, so_far = who.starts, 0
            gap, split, cumulative = (chance.random() < share for share in (0.1, 0.7, 0.6))
            while (end := start + timedelta(days=59)) <= TODAY:
                busy = (end - who.starts).days <= max(60, who.elapsed * _SHARE_OF_TIME[who.pace])
                credits = chance.randrange(45) if busy else 0
                so_far += credits
                if not (gap and chance.random() < 0.3):
                    last = end + timedelta(days=60) > TODAY
                    told = max(0, so_far - (3 if last and chance.random() < 0.05 else 0))  # corrected downwards
                    yield [
                        self.participant_id(who.number),
                        start,
                        end,
                        credits,
                        (credits // 2 if split else ""),
                        (told if cumulative else ""),
                    ]
                start = end + timedelta(days=1)

    def engagement_report(self) -> Iterator[Cells]:
        """A run each quarter for half of those without a log; one for some of the others."""
        for chance, who in self.everybody("engagement_report"):
            if who.idle or who.course == "EHCO" or chance.random() < (0.85 if who.has_log else 0.5):
                continue
            percent, credits = 0, 0
            for days in range(45, who.elapsed + 1, 90):
                percent, credits = min(999, percent + chance.randrange(250)), credits + chance.randrange(40)
                figure = credits if chance.random() < 0.7 else ""
                yield [
                    self.participant_id(who.number),
                    who.starts + timedelta(days=days),
                    f"{percent // 10}.{percent % 10}",
                    figure,
                ]

    def register(self) -> Iterator[Cells]:
        """The sessions of each partner's groups; some are unmarked, some still to come."""
        for chance, who in self.everybody("register"):
            partner = who.number % self.partners
            if _has_no_register(partner) or who.course == "EHCO":
                continue
            group = who.number // self.partners // _IN_A_SESSION
            for turn in range(_TURNS):
                event = self._event(partner, who.cohort, group, turn)
                if event.held > TODAY + timedelta(days=40):
                    break
                if chance.random() < 0.25:
                    continue  # not booked on this one
                comes = 0 if who.idle else {"keen": 75, "lagging": 40, "asleep": 5}[who.pace]
                status = chance.choices(
                    ("attended", "completed", "booked", "absent"), (comes, 0 if who.idle else 5, 3, 60 - comes // 2)
                )[0]
                status = "booked" if event.unmarked else status
                instead = status in ("absent", "completed") and chance.random() < 0.3
                later = min(event.held + timedelta(days=chance.randrange(20)), TODAY)
                yield [
                    event.name,
                    event.kind,
                    event.held,
                    self.participant_id(who.number),
                    status,
                    min(event.held + timedelta(days=2), TODAY) if status != "booked" else "",
                    chance.choice(("recording", "mop_up", "slides_with_notes")) if instead else "",
                    later if instead else "",
                    "Fay" if instead and chance.random() < 0.8 else "",
                    "2.5" if event.is_long and partner % 4 == 1 else "",
                ]

    def sessions(self) -> Iterator[Cells]:
        """What each partner with registers plans for a cohort, whatever the course: the sessions of its first group."""
        for partner, cohort, turn in product(range(self.partners), map(str, range(1, _COHORTS + 1)), range(_TURNS)):
            if not _has_no_register(partner):
                event = self._event(partner, cohort, 0, turn)
                hours = "2.5" if event.is_long and partner % 4 == 2 else ""
                place = [event.name, self._partner(partner), "", cohort]
                yield [*place, event.kind, event.held, "16:00", 150, hours, f"Session {turn + 1}"]

    def videos(self) -> Iterator[Cells]:
        """The videos of a block or two, seen in one or two goes."""
        for chance, who in self.everybody("videos"):
            if who.number % self.partners % 10 == 1 or who.idle or who.course == "EHCO" or chance.random() < 0.2:
                continue  # this Delivery Partner never uploaded the videos
            reach = max(10, round(who.elapsed * _SHARE_OF_TIME[who.pace]))
            for block in range(1, chance.randrange(3) + 2):
                if block > len(self.pack.blocks.get(who.course, ())):
                    break
                first = chance.randrange(reach)
                tenths = chance.choice((1000, 900, 899, chance.randrange(1000)))
                yield self._view(who, block, first, tenths)
                if tenths < 900 and first + 5 < who.elapsed and chance.random() < 0.4:
                    yield self._view(who, block, chance.randrange(first + 1, who.elapsed), 1000)

    def assessments(self) -> Iterator[Cells]:
        """Of those of the two first cohorts who handed in."""
        for chance, who in self.everybody("assessments"):
            if int(who.cohort) > 2 or who.course == "EHCO" or chance.random() < 0.35:
                continue
            handed_in = TODAY - timedelta(days=70 + chance.randrange(40))
            marked = handed_in + timedelta(days=20) if chance.random() < 0.85 else ""
            moderated = handed_in + timedelta(days=45) if marked and chance.random() < 0.9 else ""
            yield [
                self.participant_id(who.number),
                1,
                handed_in,
                marked,
                moderated,
                chance.choices(("done", "not_sampled", "pending", ""), (30, 50, 15, 5))[0],
                chance.choices(("yes", "no", ""), (85, 10, 5))[0],
                chance.choice(("passed", "passed", "failed")) if marked else "",
            ]

    def declarations(self) -> Iterator[Cells]:
        """In order, until the first that was not made; a few are void, a few later outputs were declared out of order."""
        for number in range(self.people):
            for output, declared_on, cutoff, state in self._declared(self.person(number)):
                yield [self.participant_id(number), output, declared_on, cutoff, state]

    def decisions(self) -> Iterator[dict[str, Any]]:
        """What staff decided: extensions, contacts, deferrals, returns and votes on removal, as the table holds them."""
        for chance, who in self.everybody("decisions"):
            output = 1 + sum(1 for row in self._declared(who) if row[3] in _LIVE)
            if (drawn := chance.random()) < 0.04:
                for turn in range(chance.randint(1, 3)):
                    on = TODAY - timedelta(days=40 - 14 * turn)
                    yield self._decided(
                        who, "extension", on, output=output, until=on + timedelta(days=20), reason="workload"
                    )
            elif drawn < 0.10:
                outcome = "no-answer" if chance.random() < 0.6 else "reached"
                for turn in range(chance.randint(1, 4)):
                    on = TODAY - timedelta(days=30 - 5 * turn)
                    yield self._decided(who, "contact", on, channel="phone", outcome=outcome)
            elif drawn < 0.12:
                on = TODAY - timedelta(days=chance.randrange(20, 140))
                yield self._decided(who, "deferral", on, starts_on=on, until=TODAY, reason="parental-leave")
                if chance.random() < 0.5:
                    back = min(on + timedelta(days=chance.randrange(15, 90)), TODAY)
                    moved = str(int(who.cohort) + 1) if int(who.cohort) < 4 and chance.random() < 0.6 else None
                    yield self._decided(who, "resumption", back, cohort=moved)
            elif drawn < 0.13:
                on = TODAY - timedelta(days=chance.randrange(30))
                yield self._decided(who, "removal_vote", on, side="delivery_partner", decision="approve")
                if chance.random() < 0.3:
                    yield self._decided(who, "removal_vote", TODAY, side="lead_provider", decision="approve")

    def _declared(self, who: Person) -> Iterator[tuple[int, date, date | str, str]]:
        chance = random.Random(f"{self.seed} {who.number} declarations")
        group = self.pack.courses[who.course].group
        for output in self.pack.outputs_of(who.course):
            review = next((row.review for row in self.pack.schedule.get((group, who.cohort, output.number), ())), None)
            if (
                review is None
                or review > TODAY - timedelta(days=5)
                or chance.random() > _DECLARED[who.pace]
                or who.idle
            ):
                return
            declared_on = min(review + timedelta(days=chance.randrange(-2, 60)), TODAY)
            cutoff: date | str = ""
            if not who.has_log or chance.random() < 0.5:
                cutoff = min(review - timedelta(days=chance.choice((0, 0, 7))), declared_on)
            state = chance.choices(("submitted", "eligible", "payable", "paid", "voided"), (20, 20, 20, 38, 2))[0]
            yield output.number, declared_on, cutoff, state
            if state == "voided":
                return

    def _decided(self, who: Person, kind: str, on: date, **columns: Any) -> dict[str, Any]:
        at = datetime.combine(on, time(10), UTC)
        ident = self.participant_id(who.number)
        return {
            "participant_id": ident,
            "kind": kind,
            "told": f"A made-up {kind}",
            "decided_on": on,
            "recorded_at": at,
            "by": "Sam",
            **columns,
        }

    def _event(self, partner: int, cohort: str, group: int, turn: int) -> Event:
        """A session that a partner has for a group of a cohort."""
        chance = random.Random(f"{self.seed} {partner} {cohort} {group} {turn}")
        starts = self.pack.cohorts[cohort].starts_on
        assert starts is not None
        held = starts + timedelta(days=20 + 120 * turn + chance.randrange(25))
        unmarked = held >= TODAY or chance.random() < 0.08
        kind = chance.choice(("f2f", "live_webinar"))
        return Event(f"e-{partner:03d}-{cohort}-{group}-{turn}", held, kind, unmarked, chance.random() < 0.5)

    def _view(self, who: Person, block: int, days: int, tenths: int) -> Cells:
        seen = f"{tenths // 10}.{tenths % 10}"
        return [self.participant_id(who.number), block, seen, who.starts + timedelta(days=days)]

    def _came_back(self, chance: random.Random, who: Person) -> date | str:
        return who.starts + timedelta(days=chance.randrange(min(60, who.elapsed))) if chance.random() < 0.9 else ""

    def _activities_of(self, number: int) -> tuple[list[Cells], list[Cells]]:
        chance, who = random.Random(f"{self.seed} {number} activities"), self.person(number)
        listed = self._listed.get(who.course, [])
        if not who.has_log or who.idle or not listed:
            return [], []
        everything = who.pace == "keen" and int(who.cohort) < 3 and chance.random() < 0.3
        share = 1.03 * _SHARE_OF_ACTIVITIES[who.pace]
        wanted = len(listed) if everything else round(self.activities_each * share * chance.uniform(0.8, 1.2)) + LATER
        chosen = chance.sample(listed, min(wanted, len(listed)))
        reach = max(10, round(who.elapsed * _SHARE_OF_TIME[who.pace]))
        days = [-10 if chance.random() < 0.003 else chance.randrange(reach) for _ in chosen]
        ident = self.participant_id(number)
        rows: list[Cells] = [
            [ident, block, component, title, credits, who.starts + timedelta(days=day), logged_by]
            for (block, component, title, credits, logged_by), day in zip(chosen, days, strict=True)
        ]
        if everything:
            return rows, []
        later: list[Cells] = [[*row[:5], TODAY, row[6]] for row in rows[-LATER:]]
        return rows[:-LATER], later

    @cached_property
    def _listed(self) -> dict[str, list[tuple[int, str, str, int, str]]]:
        """The activities of each course, once per key; courses that are not fully listed have those that are."""
        return {
            course: list(
                {
                    (block.number, row.component.casefold(), row.title.casefold()): (
                        block.number,
                        row.component,
                        row.title,
                        row.credits if row.credits is not None else 1,
                        row.logged,
                    )
                    for block in blocks
                    for row in block.activities
                }.values()
            )
            for course, blocks in self.pack.blocks.items()
        }


def _has_no_register(partner: int) -> bool:
    """Every tenth Delivery Partner never uploaded one."""
    return partner % 10 == 0


_LIVE = ("submitted", "eligible", "payable", "paid")


def main() -> None:
    """Writes the nine files into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for kind, path in Nation(people=chosen.people, seed=chosen.seed).write(chosen.folder).items():
        print(f"{kind}: {path}")


if __name__ == "__main__":
    main()
