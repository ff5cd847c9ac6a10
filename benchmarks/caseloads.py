"""Made-up caseloads of any size, the same for the same seed: all nine kinds of file, streamed to CSV.

    python -m benchmarks.caseloads FOLDER [--people 1000] [--activities 30] [--seed 7]

Everything is valid under the built-in pack. Each participant is drawn by itself, so that a longer caseload begins like a
shorter one and memory stays flat. Half of them attended, most do their self-study, some lag: every verdict occurs.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path

from core.imports.kinds import KINDS
from reference.loading import load_pack
from reference.pack import Pack

Cells = list[str | int | date]
# The kinds of file that are made up, each by the method of its name: what is measured does not change with a kind that is added.
MADE_UP = (
    "participants",
    "activities",
    "declaration_report",
    "engagement_report",
    "register",
    "videos",
    "assessments",
    "declarations",
    "meetings",
)
WITH_PLANS = (*MADE_UP, "sessions")
HEADERS: Mapping[str, tuple[str, ...]] = {
    name: tuple(column.name for column in KINDS[name].columns if column.stored) for name in WITH_PLANS
}
COURSES = ("NPQLT", "NPQLTD", "NPQLBC", "NPQSL", "NPQH")  # those whose every block the pack lists
LATER = 3  # activities that each participant has yet to log, for files of another night
AT_AN_EVENT = 25
GIVEN = ("Amara", "Ben", "Chloe", "Dev", "Ewa", "Farid", "Grace", "Hugh", "Isla", "Jane", "Kofi", "Leila", "Mo", "Nia")
FAMILY = ("Abara", "Bello", "Carter", "Desai", "Evans", "Flynn", "Grant", "Iqbal", "Jones", "Khan", "Lewis", "Mensah")


@dataclass(frozen=True)
class Caseload:
    """A made-up caseload: `people` participants with `activities_each` activities (at most about 60)."""

    people: int
    activities_each: int = 30
    seed: int = 7
    partners: int = 20

    @cached_property
    def pack(self) -> Pack:
        """The built-in pack, which everything here is valid under."""
        return load_pack("edt-v18")

    def write(self, folder: Path, kinds: Sequence[str] = MADE_UP) -> dict[str, Path]:
        """Writes one CSV per kind into the folder; kind -> file."""
        return {kind: write_csv(folder / f"{kind}.csv", HEADERS[kind], getattr(self, kind)()) for kind in kinds}

    def write_nightly(self, path: Path, rows: int, *, new: float = 0.02) -> Path:
        """An activities file of another night: `rows` rows of which the share `new` is not in the caseload yet.

        Whole participants, spread evenly over the caseload; the new rows are spread over them.
        """
        wanted_new = round(rows * new)
        if wanted_new > self.people * LATER:
            raise ValueError("the caseload is too small for so many new rows")
        known = rows - wanted_new
        people = max(-(-known // self.activities_each), min(wanted_new, self.people))
        step = max(self.people // people, 1)

        def some() -> Iterator[Cells]:
            left_known, left_new = known, wanted_new
            for turn, number in enumerate(range(0, self.people, step)):
                logged, later = self._activities_of(number)
                turns_left = max(people - turn, 1)
                yield from logged[: left_known if turns_left == 1 else min(-(-left_known // turns_left), len(logged))]
                left_known -= min(-(-left_known // turns_left), len(logged))
                now_new = min(-(-left_new // turns_left), LATER)
                yield from later[:now_new]
                left_new -= now_new
                if left_known <= 0 and left_new <= 0:
                    return

        return write_csv(path, HEADERS["activities"], islice(some(), rows))

    def participant_id(self, number: int) -> str:
        """The id of the nth participant, from 0."""
        return f"p-{number:07d}"

    def participants(self) -> Iterator[Cells]:
        """One row per participant."""
        for number in range(self.people):
            chance, course, cohort = self._drawn(number)
            ident = self.participant_id(number)
            starts = self._begins(cohort)
            yield [
                ident,
                f"{chance.choice(GIVEN)} {chance.choice(FAMILY)} {number}",
                course,
                cohort,
                self._partner(number),
                f"{ident}@example.org",
                f"{number:07d}",
                f"School {number % 4000}",
                f"Facilitator {number % 300}",
                "accepted" if chance.random() < 0.97 else "pending",
                starts + timedelta(days=chance.randrange(60)) if chance.random() < 0.9 else "",
                starts + timedelta(days=chance.randrange(60)) if chance.random() < 0.9 else "",
                chance.choices(("active", "deferred", "withdrawn"), (95, 3, 2))[0],
            ]

    def activities(self) -> Iterator[Cells]:
        """The activity log, participant by participant."""
        for number in range(self.people):
            yield from self._activities_of(number)[0]

    def declaration_report(self) -> Iterator[Cells]:
        """Two periods for every fourth participant."""
        for number in range(0, self.people, 4):
            chance, _, cohort = self._drawn(number, "declaration_report")
            start = self._begins(cohort)
            so_far = 0
            for _ in range(2):
                end = start + timedelta(days=59)
                credits = chance.randrange(60)
                so_far += credits
                yield [self.participant_id(number), start, end, credits, credits // 2, so_far]
                start = end + timedelta(days=1)

    def engagement_report(self) -> Iterator[Cells]:
        """Two runs for every other participant."""
        for number in range(0, self.people, 2):
            chance, _, cohort = self._drawn(number, "engagement_report")
            start = self._begins(cohort)
            percent = chance.randrange(1000)
            for run in (1, 2):
                shown = f"{percent * run // 20}.{chance.randrange(10)}"
                yield [self.participant_id(number), start + timedelta(days=90 * run), shown, chance.randrange(200)]

    def register(self) -> Iterator[Cells]:
        """One event for every 25 participants; half attended, and some of the others did something instead."""
        for number in range(self.people):
            chance, _, _ = self._drawn(number, "register")
            event = number // AT_AN_EVENT
            held = date(2021, 11, 20) + timedelta(days=event % 200)
            status = chance.choices(("attended", "completed", "booked", "absent"), (50, 10, 15, 25))[0]
            instead = status == "absent" and chance.random() < 0.4
            yield [
                f"e-{event:06d}",
                ("f2f", "live_webinar")[event % 2],
                held,
                self.participant_id(number),
                status,
                held + timedelta(days=1),
                chance.choice(("recording", "mop_up", "slides_with_notes")) if instead else "",
                held + timedelta(days=chance.randrange(20)) if instead else "",
                "Fay" if instead else "",
            ]

    def videos(self) -> Iterator[Cells]:
        """Up to three views for each participant."""
        for number in range(self.people):
            chance, _, cohort = self._drawn(number, "videos")
            start = self._begins(cohort)
            for block in range(1, chance.randrange(4) + 1):
                seen = start + timedelta(days=chance.randrange(60) + 80 * block)
                yield [self.participant_id(number), block, f"{chance.randrange(100)}.{chance.randrange(10)}", seen]

    def assessments(self) -> Iterator[Cells]:
        """Every fifth participant's."""
        for number in range(0, self.people, 5):
            chance, _, cohort = self._drawn(number, "assessments")
            handed_in = self._begins(cohort) + timedelta(days=450 + chance.randrange(30))
            marked = chance.random() < 0.6
            yield [
                self.participant_id(number),
                1,
                handed_in,
                handed_in + timedelta(days=20) if marked else "",
                handed_in + timedelta(days=30) if marked and chance.random() < 0.7 else "",
                chance.choice(("done", "not_sampled", "pending")),
                chance.choice(("yes", "no")),
                chance.choice(("passed", "passed", "failed")) if marked else "",
            ]

    def declarations(self) -> Iterator[Cells]:
        """Output 1 for two in three participants, and Output 2 for some of them."""
        for number in range(self.people):
            chance, course, cohort = self._drawn(number, "declarations")
            group = self.pack.courses[course].group
            for output in range(1, chance.choices((0, 1, 2), (33, 50, 17))[0] + 1):
                for row in self.pack.schedule.get((group, cohort, output), ()):
                    assert row.review is not None
                    state = chance.choice(("submitted", "eligible", "payable", "paid"))
                    yield [self.participant_id(number), output, row.review, row.review, state]

    def meetings(self) -> Iterator[Cells]:
        """Twelve months of Partnership meetings."""
        for partner in range(self.partners):
            for month in range(1, 13):
                yield [self._partner(partner), date(2022, month, 15)]

    def _partner(self, number: int) -> str:
        return f"Partner {number % self.partners + 1}"

    def _begins(self, cohort: str) -> date:
        begins = self.pack.cohorts[cohort].starts_on
        assert begins is not None
        return begins

    def _drawn(self, number: int, what: str = "") -> tuple[random.Random, str, str]:
        """Chance for one participant's rows of one kind, and their course and cohort."""
        who = random.Random(f"{self.seed} {number}")
        course, cohort = who.choice(COURSES), str(who.randint(1, 4))
        return (random.Random(f"{self.seed} {number} {what}") if what else who), course, cohort

    def _activities_of(self, number: int) -> tuple[list[Cells], list[Cells]]:
        """What a participant has logged, and what they will log later."""
        chance, course, cohort = self._drawn(number, "activities")
        listed = self._listed[course]
        ident, starts = self.participant_id(number), self._begins(cohort)
        chosen = chance.sample(listed, min(self.activities_each + LATER, len(listed)))
        days = chance.choices(range(420), k=len(chosen))
        rows: list[Cells] = [
            [ident, block, component, title, credits, starts + timedelta(days=day), logged_by]
            for (block, component, title, credits, logged_by), day in zip(chosen, days, strict=True)
        ]
        return rows[:-LATER], rows[-LATER:]

    @cached_property
    def _listed(self) -> Mapping[str, list[tuple[int, str, str, int, str]]]:
        """The activities of each course, once per key."""
        return {
            course: list(
                {
                    (activity.block, activity.component.casefold(), activity.title.casefold()): (
                        activity.block,
                        activity.component,
                        activity.title,
                        activity.credits if activity.credits is not None else 1,
                        activity.logged,
                    )
                    for block in self.pack.blocks[course]
                    for activity in block.activities
                }.values()
            )
            for course in COURSES
        }


def write_csv(path: Path, header: Sequence[str], rows: Iterator[Cells]) -> Path:
    """Streams rows into a CSV file; of the last columns nothing need be made up."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(row if len(row) == len(header) else [*row, *[""] * (len(header) - len(row))] for row in rows)
    return path


def main() -> None:
    """Writes a caseload's nine files into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--activities", type=int, default=30, help="per participant")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    Caseload(chosen.people, chosen.activities, chosen.seed).write(chosen.folder)


if __name__ == "__main__":
    main()
