"""Made-up records that reach the corners of measures (readings 30 to 33), and made-up criteria to judge them by.

Everything follows from a seed: the same seed gives the same record, whatever else runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from core.rules.facts import (
    FACTS,
    ActivityDone,
    Assessment,
    Declaration,
    DeclarationReport,
    EngagementReport,
    Participant,
    PlannedSession,
    RegisterEntry,
    Resumption,
    VideoView,
)
from reference.criteria import CriteriaGroup, CriteriaSet, Criterion, Item, Node, WeightedPart
from reference.loading import load_pack
from reference.pack import OutputSpec, Pack

MEASURES = load_pack(str(Path(__file__).parents[1] / "packs" / "measures-2026"))
LONG = 640  # days from the first that a record may speak of
HOURS = ("0.25", "0.75", "1.5", "2.25", "6", "7.1", "24")
SHARES = ("5", "12.5", "33.3", "50", "60", "66.7", "80", "90", "100")


class MeasuredLife:
    """Somebody on a course, and what chance makes of it."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack, self.chance = pack, Random(seed)
        offered = sorted((course, key) for key, cohort in pack.cohorts.items() for course in cohort.courses)
        self.course, self.cohort = self.chance.choice(offered)
        self.starts = pack.first_day(self.course, self.cohort) or date(2025, 10, 1)
        self.outputs = [output.number for output in pack.outputs_of(self.course)]
        self.keen = self.chance.choice((0.2, 0.5, 0.8, 0.97))  # how much of what there is they do

    def person(self) -> Participant:
        """Their whole record. What they have rows of is imported for them; of the other kinds, some are (reading 5)."""
        who = Participant(
            id="p-001",
            name="Jane Example",
            course=self.course,
            cohort=self.cohort,
            delivery_partner="North Star",
            application_status=self.pick("accepted", "accepted", "accepted", "accepted", None, "pending"),
            planned=tuple(self.planned()),
            activities=tuple(self.activities()) if self.is_so(0.7) else (),
            declaration_reports=tuple(self.periods()) if self.is_so(0.3) else (),
            engagement_reports=tuple(self.runs()) if self.is_so(0.6) else (),
            register=tuple(self.register()) if self.is_so(0.85) else (),
            videos=tuple(self.views()) if self.is_so(0.5) else (),
            assessments=tuple(self.tries()) if self.is_so(0.6) else (),
            declarations=tuple(self.declarations()),
            resumptions=tuple(self.moves()),
        )
        own = {kind for kind, kept in FACTS.items() if getattr(who, kept.field)}
        return replace(who, imported=frozenset(own | {kind for kind in sorted(FACTS) if self.is_so(0.6)}))

    # --- sessions ---------------------------------------------------------------------------------------------------------

    def register(self) -> Iterator[RegisterEntry]:
        """Attended, missed, made up later, booked and never marked, and still to come."""
        for number in range(self.chance.randrange(1, 13)):
            on, there = self.day(), self.is_so(self.keen)
            status = (
                self.pick("attended", "attended", "completed") if there else self.pick("absent", "booked", "booked")
            )
            covered = self.is_so(0.3)
            yield RegisterEntry(
                f"e-{number}",
                self.pick(*self.pack.event_kinds),
                on,
                status,
                None,
                self.pick("recording", "mop_up") if covered else None,
                self.maybe(on + timedelta(days=self.pick(0, 1, 20, 150, 300))) if covered else None,
                self.maybe("Sam") if covered else None,
                self.maybe(Decimal(self.pick(*HOURS))),
                event_marked=status != "booked" or self.is_so(0.4),
                planned_hours=self.maybe(Decimal(self.pick(*HOURS))),
            )

    def planned(self) -> Iterator[PlannedSession]:
        """For their cohort, for every one and for others."""
        cohorts = (self.cohort, self.cohort, None, *self.pack.cohorts)
        for _ in range(self.pick(0, 1, 3, 6, 10)):
            yield PlannedSession(self.pick(*self.pack.event_kinds), self.day(), self.pick(*cohorts))

    # --- activities, reports, videos, the assessment --------------------------------------------------------------------------

    @cached_property
    def listed(self) -> list[tuple[int, str, str, int]]:
        """What there is to do on the course; where the pack lists nothing, whatever anybody calls it."""
        rows = [
            (a.block, a.component, a.title, a.credits if a.credits is not None else 3)
            for block in self.pack.blocks.get(self.course, ())
            for a in block.activities
        ]
        free = [(n, part, f"{part} {n}", n) for n in (1, 2, 3) for part in ("Online module", "Quiz", "Evaluation")]
        return rows or free

    def activities(self) -> Iterator[ActivityDone]:
        """Some of what there is, in any case, some of it with fewer credits or none, and things that no block has."""
        prefix = self.pack.settings.human_check_prefix
        others = [(1, self.pack.settings.self_study_component, f"{prefix} one", 2), (9, "Quiz", "Quiz of old", 1)]
        for block, component, title, credits in [*self.listed, *others]:
            if self.is_so(self.keen if (block, component, title, credits) in self.listed else 0.15):
                written = self.pick(title, title, title, title.upper(), title.lower())
                worth = self.pick(credits, credits, credits, credits, 0, 1, credits + 40)
                yield ActivityDone(block, component, written, worth, self.day(), self.pick("auto", "self_report"))

    def periods(self) -> Iterator[DeclarationReport]:
        """One after the other from the start; some with a gap, a split, a running figure."""
        first, so_far = self.starts.replace(day=1) + timedelta(days=self.pick(0, 0, 0, 0, 2)), 0
        split, running = self.is_so(0.4), self.is_so(0.4)
        for _ in range(self.chance.randrange(1, 7)):
            last = first + timedelta(days=self.pick(13, 27, 60, 120))
            credits = self.pick(0, 0, 1, 9, 30)
            so_far += credits
            study = self.chance.randrange(credits + 1) if split and self.is_so(0.9) else None
            yield DeclarationReport(first, last, credits, study, so_far if running and self.is_so(0.7) else None)
            first = last + timedelta(days=self.pick(1, 1, 1, 1, 1, 1, 4))

    def runs(self) -> Iterator[EngagementReport]:
        """Percentages that mostly rise; some fall. Some have a running figure of credits, which may fall as well."""
        percent, figure, running = Decimal(0), 0, self.is_so(0.5)
        total = self.pack.totals[self.course] or 50
        for on in sorted({self.day() for _ in range(self.chance.randrange(1, 8))}):
            if self.is_so(0.85):
                percent = min(Decimal(100), percent + Decimal(self.pick("0", "0.5", "4.9", "12.5", "33.3", "60")))
                figure = min(total, figure + self.pick(0, 1, total // 8, total // 2))
            else:
                percent, figure = max(Decimal(0), percent - Decimal("3.5")), max(0, figure - self.pick(1, total // 5))
            yield EngagementReport(on, percent, figure if running and self.is_so(0.7) else None)

    def views(self) -> Iterator[VideoView]:
        """How far films were watched."""
        for on in sorted({self.day() for _ in range(self.chance.randrange(1, 5))}):
            yield VideoView(self.pick(1, 2), Decimal(self.pick("30", "64.9", "65", "70", "90", "100")), on)

    def tries(self) -> Iterator[Assessment]:
        """The lead provider's records, some of each blank: of the first try, and of further ones, drawn beside all else."""
        first = self.assessment()
        yield first
        beside = MeasuredLife(self.pack, 0)
        beside.course, beside.cohort, beside.starts = self.course, self.cohort, self.starts
        beside.chance = Random(repr(first))
        for number in range(2, beside.pick(1, 1, 2, 3) + 1):
            yield replace(beside.assessment(), submitted_on=beside.maybe(beside.day()), try_=number)

    def assessment(self) -> Assessment:
        """The lead provider's record of a try, some of it blank."""
        return Assessment(
            None,
            self.maybe(self.day()),
            self.maybe(self.day()),
            self.pick("done", "done", "not_sampled", "pending", None),
            self.pick(True, True, False, None),
            self.pick("passed", "failed", None),
        )

    # --- what was decided -----------------------------------------------------------------------------------------------------

    def declarations(self) -> Iterator[Declaration]:
        """Of the first few outputs, in order; now and then of another one, or one that was voided."""
        so_far = self.starts + timedelta(days=self.pick(20, 60))
        for number in self.outputs[: self.pick(0, 0, 1, 2, 3, 4)]:
            so_far += timedelta(days=self.chance.randrange(5, 220))
            if self.is_so(0.85):
                cutoff = so_far - timedelta(days=self.pick(0, 1, 30)) if self.is_so(0.5) else None
                state = self.pick("submitted", "paid", "awaiting_clawback", "submitted", "voided")
                yield Declaration(number, so_far, cutoff, state)

    def moves(self) -> Iterator[Resumption]:
        """Some go to another cohort."""
        if self.is_so(0.25):
            yield Resumption(self.day(), self.pick(None, *self.pack.cohorts))

    # --- chance ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def points(self) -> list[date]:
        """Review dates and the days around them, on which so much turns."""
        reviews = [row.review for row in self.pack.given_dates if row.review and row.cohort == self.cohort]
        return sorted({review + timedelta(days=by) for review in reviews for by in (-1, 0, 1)})

    def day(self) -> date:
        """Any day of the course; one in five at a review."""
        if self.points and self.is_so(0.2):
            return self.chance.choice(self.points)
        return self.starts + timedelta(days=self.chance.randrange(-5, self.pick(90, LONG)))

    def pick(self, *choices: Any) -> Any:
        """One of them."""
        return self.chance.choice(choices)

    def maybe(self, value: Any) -> Any:
        """Every other time."""
        return value if self.is_so(0.5) else None

    def is_so(self, how_often: float) -> bool:
        """So often of 1."""
        return self.chance.random() < how_often


class MadeUpCriteria:
    """A pack's criteria made anew by chance: every shape and metric, in trees up to three deep, with any numbers."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack, self.chance = pack, Random(seed)

    def made(self) -> Pack:
        """The pack with other criteria for every output."""
        criteria = {
            (group, output.number): CriteriaSet(group, output.number, self.tree(group, output), "made up")
            for group, outputs in self.pack.outputs.items()
            for output in outputs
        }
        return replace(self.pack, criteria=criteria, hash=f"{self.pack.hash}-{self.chance.random()}")

    def tree(self, group: str, output: OutputSpec, depth: int = 1) -> CriteriaGroup:
        """A group of one to three nodes."""
        self._group, self._output, self._keys = group, output, 0 if depth == 1 else self._keys
        nodes = tuple(self.node(group, output, depth) for _ in range(self.pick(1, 2, 2, 3)))
        combine = self.pick("any", "all", "at_least")
        return CriteriaGroup(
            combine, nodes, self.chance.randrange(1, len(nodes) + 1) if combine == "at_least" else None
        )

    def node(self, group: str, output: OutputSpec, depth: int) -> Node:
        """A criterion, or a group within."""
        return self.tree(group, output, depth + 1) if depth < 3 and self.chance.random() < 0.25 else self.leaf()

    def leaf(self) -> Criterion:
        """A criterion of any shape."""
        self._keys += 1
        makers = (self.share, self.share, self.count, self.count, self.weighted, self.items, self.old)
        given = self.pick(*makers)()
        cumulative = given["shape"] in ("completion_share", "assessment_tracked", "assessment_copies")
        given["since_last"] = not cumulative and self._output.kind != "retention" and self.chance.random() < 0.3
        return Criterion(f"c{self._keys}", rule="-", label="-", source="made up", **given)

    def share(self) -> dict[str, Any]:
        """Readings 28 and 31."""
        return {"shape": "share", "min_share": Decimal(self.pick(*SHARES)), **self.measured()}

    def measured(self) -> dict[str, Any]:
        """What a share is of."""
        metrics = ["credits", "percent_complete", "sessions", "sessions", *(["component"] if self.components() else [])]
        metric = self.pick(*metrics)
        if metric == "component":
            return {"metric": metric, "component": self.pick(*self.components())}
        if metric != "sessions":
            return {"metric": metric}
        known = (1, 3, 6, "planned") if self._output.kind == "completion" else (None, None, 1, 3, 6)
        return {"metric": metric, "kinds": self.kinds(), "of": self.pick(*known)}

    def weighted(self) -> dict[str, Any]:
        """Reading 32."""
        weights = self.pick(("50", "30", "20"), ("45.5", "54.5"), ("33.3", "33.3", "33.4"), ("10", "90"))
        parts = tuple(WeightedPart(Decimal(weight), **self.measured()) for weight in weights)
        return {"shape": "weighted", "min_share": Decimal(self.pick(*SHARES)), "parts": parts}

    def count(self) -> dict[str, Any]:
        """Reading 33."""
        metric = self.pick("sessions", "hours", "activities")
        if metric == "activities":
            named = self.components() or ["Quiz"]
            return {
                "shape": "count",
                "metric": metric,
                "n": Decimal(self.pick(1, 2, 4)),
                "component": self.pick(*named),
            }
        most = ("1", "2", "5") if metric == "sessions" else ("0.5", "4.75", "10.5", "21", "50")
        return {"shape": "count", "metric": metric, "n": Decimal(self.pick(*most)), "kinds": self.kinds()}

    def items(self) -> dict[str, Any]:
        """Reading 33; one of each course of the group, or all that begin so."""
        listed = {course: self.listed(course) for course in self.courses()}
        if not all(listed.values()):
            return self.count()
        begins = self.pick("Evaluation", "quiz", "Module 1", "Coaching")
        if self.chance.random() < 0.5 and all(
            any(a.title.casefold().startswith(begins.casefold()) for a in rows) for rows in listed.values()
        ):
            begun = [a for rows in listed.values() for a in rows if a.title.casefold().startswith(begins.casefold())]
            named = tuple(Item(a.course, a.block, a.title) for a in begun)  # as the loader of packs writes them out
            return {"shape": "items", "title_begins": begins, "items": named}
        named = [a for rows in listed.values() for a in self.chance.sample(rows, self.pick(1, 2, 3))]
        return {"shape": "items", "items": tuple(Item(a.course, a.block, a.title) for a in named)}

    def old(self) -> dict[str, Any]:
        """The shapes that there were."""
        shape = self.pick(
            "attendance", "self_study", "video", "progress", "progress", "engagement_metric", "completion_share",
            *(("assessment_tracked", "assessment_copies") if self._output.kind != "retention" else ()),
        )  # fmt: skip
        match shape:
            case "self_study":
                return {"shape": shape, "min_credits": 1}
            case "video":
                return {"shape": shape, "min_percent": Decimal(self.pick("65", "90")), "block": self.pick(None, 1)}
            case "progress":
                return {"shape": shape, "metric": self.pick(None, "credits", "percent_complete", "percent_complete")}
            case "completion_share":
                metric = self.pick("credits", "percent_complete")
                return {"shape": shape, "metric": metric, "min_share": Decimal(self.pick(*SHARES))}
        return {"shape": shape}

    def courses(self) -> list[str]:
        """Those of the group at hand."""
        return [course.code for course in self.pack.courses.values() if course.group == self._group]

    def listed(self, course: str) -> list[Any]:
        """The activities of a course."""
        return [a for block in self.pack.blocks.get(course, ()) for a in block.activities]

    def components(self) -> list[str]:
        """Those that every course of the group has."""
        return sorted(set.intersection(*({a.component for a in self.listed(course)} for course in self.courses())))

    def kinds(self) -> tuple[str, ...]:
        """Of event; none: all."""
        return tuple(self.chance.sample(sorted(self.pack.event_kinds), self.pick(0, 0, 1, 2)))

    def pick(self, *choices: Any) -> Any:
        """One of them."""
        return self.chance.choice(choices)
