"""The rules of criteria read plainly, day after day, from the rulebook's text alone: what the program is compared with.

Nothing here is quick and nothing is shared with the program: every output is judged anew for every day from before the course on,
and each function names the rule or reading that it puts into code. What is asked twice is remembered by output and day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

from core.rules.facts import Assessment, Declaration, Participant, PlannedSession, RegisterEntry
from reference.criteria import CriteriaGroup, Criterion, Item, Node, WeightedPart
from reference.pack import Activity, OutputSpec, Pack

Answer = Literal["met", "not_met", "unknown"]
DAY = timedelta(days=1)
ALL_OF_IT = Fraction(100)
LONGEST = Fraction(24)  # hours that a session may have taken at most, where nothing says how many
LIVE = ("submitted", "eligible", "payable", "paid", "awaiting_clawback")  # reading 17


class Span(NamedTuple):
    """What counts: dated after `after` (None: from the start) and up to `upto`, both whole days."""

    after: date | None
    upto: date
    new_only: bool  # a retention output's, or `since_last`

    def holds(self, day: date | None) -> bool:
        """The head's ladder: after the baseline, on or before the day."""
        return day is not None and day <= self.upto and (self.after is None or day > self.after)


class Amount(NamedTuple):
    """What was done of what was offered; what is open may turn out as done. `done` None: unknown."""

    done: Fraction | None
    offered: Fraction | None = None
    open: Fraction = Fraction(0)


@dataclass(frozen=True)
class Leaf:
    """One criterion's answer."""

    path: str
    key: str
    verdict: Answer
    done: Fraction | None = None
    offered: Fraction | None = None


@dataclass(frozen=True)
class Reading:
    """What is read about one output on one day. `verdict` None: the pack has no criteria."""

    verdict: Answer | None
    leaves: tuple[Leaf, ...]
    baseline: date | None
    cutoff: date | None
    met_on: date | None
    blocked: bool
    declared: bool
    nothing_left: bool  # R53


class PlainReading:
    """One participant's record under one pack."""

    def __init__(self, pack: Pack, who: Participant) -> None:
        self.pack, self.who = pack, who
        self.outputs: dict[int, OutputSpec] = {o.number: o for o in pack.outputs_of(who.course)}
        self.total = pack.totals[who.course]
        self._judged: dict[tuple[int, date], tuple[Answer | None, tuple[Leaf, ...]]] = {}
        self._met_on: dict[tuple[int, date], date | None] = {}
        self._met_when_declared: dict[tuple[int, date], date | None] = {}

    def read(self, number: int, day: date) -> Reading:
        """Everything about one output as of the end of one day."""
        verdict, leaves = self.judged(number, day)
        return Reading(
            verdict,
            leaves,
            None if self.blocked(number, day) else self.baseline(number, day),
            self.cutoff(number, day),
            self.met_on(number, day),
            self.blocked(number, day),
            self.declaration(number, day) is not None,
            self.nothing_left(number, day),
        )

    # --- the ladder (R19, R54, readings 1 to 3, 25, 36) ------------------------------------------------------------------

    def declaration(self, number: int, day: date) -> Declaration | None:
        """Reading 17: the live one with the latest date, once its day has come (reading 7)."""
        live = [d for d in self.who.declarations if d.output == number and d.state in LIVE and d.declared_on <= day]
        return max(live, key=lambda d: d.declared_on, default=None)

    def blocked(self, number: int, day: date) -> bool:
        """Reading 2: the output before is neither declared nor met."""
        before = number - 1
        return before >= 1 and self.declaration(before, day) is None and self.judged(before, day)[0] != "met"

    def baseline(self, number: int, day: date) -> date | None:
        """The head's ladder: before everything, then the cut-off of the output before."""
        return None if number == 1 else self.cutoff(number - 1, day)

    def cutoff(self, number: int, day: date) -> date | None:
        """The head's ladder with readings 1, 25 and 36; None while the output is neither declared nor met."""
        declared, review = self.declaration(number, day), self.review_date(number, day)
        if declared is None:
            met_on = self.met_on(number, day)
            return None if met_on is None else max(met_on, review or met_on)
        if declared.evidence_cutoff is not None:
            return declared.evidence_cutoff
        met_on = self._met_on_as_of_declaring(number, declared)
        if review is None:
            return declared.declared_on if met_on is None else met_on
        return review if met_on is None else max(review, met_on)

    def _met_on_as_of_declaring(self, number: int, declared: Declaration) -> date | None:
        """Reading 25: as of the day on which it was declared, by the evidence up to then (27: whatever the application)."""
        if (number, declared.declared_on) not in self._met_when_declared:
            first, day = None, declared.declared_on
            while self._by_criteria(number, day, None)[0] == "met":
                first, day = day, day - DAY
            self._met_when_declared[number, declared.declared_on] = first
        return self._met_when_declared[number, declared.declared_on]

    def met_on(self, number: int, day: date) -> date | None:
        """Reading 3: the first day of the latest unbroken spell in which the verdict holds, asked on every day of it."""
        if (number, day) not in self._met_on:
            first = None
            while self.judged(number, day if first is None else first - DAY)[0] == "met":
                first = day if first is None else first - DAY
                if (number, first - DAY) in self._met_on:
                    first = self._met_on[number, first - DAY] or first
                    break
            self._met_on[number, day] = first
        return self._met_on[number, day]

    # --- dates (readings 14, 29, 36) ---------------------------------------------------------------------------------------

    def cohort(self, day: date) -> tuple[str, str]:
        """The cohort on a day, and the start within it: the newest resumption's that names one, otherwise the file's."""
        moves = [r for r in self.who.resumptions if r.resumed_on <= day and r.cohort is not None]
        if not moves:
            return self.who.cohort, self.who.schedule or ""
        newest = max(moves, key=lambda r: (r.resumed_on, r.order))
        assert newest.cohort is not None
        return newest.cohort, newest.schedule or self.who.schedule or ""

    def review_date(self, number: int, day: date) -> date | None:
        """Reading 14: of the cohort in which the output was declared, otherwise of that on the day."""
        declared = self.declaration(number, day)
        cohort, schedule = self.cohort(declared.declared_on if declared else day)
        starts = self.pack.starts_of(self.who.course, cohort)
        start = self.pack.start_named(self.who.course, cohort, schedule)
        name = "" if len(starts) <= 1 else start.name.casefold() if start else schedule.casefold()
        row = self.pack.dates[self.who.course].get((cohort, name, number))
        return row.review if row else None

    # --- an output's verdict (R8, R21, R26, readings 1, 2, 11, 27, 30) ----------------------------------------------------

    def judged(self, number: int, day: date) -> tuple[Answer | None, tuple[Leaf, ...]]:
        """The verdict by the criteria on a day, with that of each leaf."""
        if (number, day) not in self._judged:
            self._judged[number, day] = self._judge(number, day)
        return self._judged[number, day]

    def _judge(self, number: int, day: date) -> tuple[Answer | None, tuple[Leaf, ...]]:
        declared = self.declaration(number, day)
        verdict, leaves = self._by_criteria(number, day, declared)
        accepted = self.who.application_status in (None, "", "accepted")
        if verdict is not None and declared is None and not accepted:  # readings 11 and 27
            verdict = "not_met"
        return verdict, leaves

    def _by_criteria(
        self, number: int, day: date, declared: Declaration | None
    ) -> tuple[Answer | None, tuple[Leaf, ...]]:
        criteria = self.pack.criteria_for(self.who.course, number)
        if criteria is None:
            return None, ()
        blocked = self.blocked(number, day)
        upto = day
        if declared is not None:  # reading 1
            cutoff = self.cutoff(number, day)
            assert cutoff is not None
            upto = min(day, cutoff)
        baseline = None if blocked else self.baseline(number, day)
        leaves: list[Leaf] = []
        new = Span(baseline, upto, new_only=number > 1)  # of the first output everything is new
        verdict = self._node(criteria.tree, "", number, new, blocked, leaves)
        return ("not_met" if blocked else verdict), tuple(leaves)  # reading 2

    def _node(self, node: Node, path: str, number: int, new: Span, blocked: bool, leaves: list[Leaf]) -> Answer:
        """Reading 30. `new` is the span of what is new since the last output point."""
        if isinstance(node, CriteriaGroup):
            before = f"{path}." if path else ""
            below = [
                self._node(one, f"{before}{node.combine}.{place}", number, new, blocked, leaves)
                for place, one in enumerate(node.nodes)
            ]
            return combined(node, below)
        only_new = self.outputs[number].kind == "retention" or node.since_last
        if only_new and blocked:  # reading 2: "Output n−1 comes first"
            leaves.append(Leaf(path, node.key, "not_met"))
            return "not_met"
        cumulative = node.shape == "completion_share" or not only_new
        span = Span(None, new.upto, False) if cumulative else new
        verdict, amount = self._leaf(node, span)
        leaves.append(Leaf(path, node.key, verdict, amount.done, amount.offered))
        return verdict

    def _leaf(self, leaf: Criterion, span: Span) -> tuple[Answer, Amount]:
        nothing = Amount(None)
        match leaf.shape:
            case "attendance":
                return self.attendance(span), nothing
            case "self_study":
                return self.self_study(leaf.min_credits or 0, span), nothing
            case "video":
                return self.video(leaf.min_percent or Decimal(0), leaf.block, span), nothing
            case "progress":
                ways = {
                    "percent_complete": (self.progress_by_percent,),
                    "either": (self.progress, self.progress_by_percent),
                }
                told = [way(span) for way in ways.get(leaf.metric or "", (self.progress,))]
                return next((answer for answer in ("met", "not_met") if answer in told), "unknown"), nothing
            case "engagement_metric":  # R24: progress or attendance
                return best([self.progress(span), self.attendance(span)]), nothing
            case "assessment_tracked":
                return self.assessment_tracked(span), nothing
            case "assessment_copies":
                return self.assessment_copies(span), nothing
            case "share" | "completion_share":
                amount = self.share(leaf, span)
                return enough(*bounds(amount), Fraction(leaf.min_share or 0) / ALL_OF_IT), amount
            case "weighted":
                return self.weighted(leaf, span)
            case "count":
                return self.count(leaf, span)
            case "items":
                return self.items(leaf, span)

    # --- sessions (R9, R11 to R14, R23, readings 8, 24, 31) -----------------------------------------------------------------

    def imported(self, kind: str, own: object) -> bool:
        """Reading 5: some row of the kind is stored for anybody of their partner, course and cohort, or for them."""
        return kind in self.who.imported or bool(own)

    def attendance(self, span: Span) -> Answer:
        """R9, R23: a session attended; a booked one on whose register nobody has a mark is unknown."""
        register = self.who.register
        if any(attended(e) and span.holds(governing_day(e)) for e in register):
            return "met"
        if any(e.status == "booked" and not e.event_marked and span.holds(e.event_date) for e in register):
            return "unknown"
        return "not_met" if self.imported("register", self.who.register) else "unknown"

    def register_of(self, kinds: Sequence[str]) -> list[RegisterEntry]:
        """Their sessions of these kinds; none named: of all."""
        return [e for e in self.who.register if not kinds or e.event_type in kinds]

    def sessions(self, kinds: Sequence[str], of: int | str | None, span: Span) -> Amount:
        """Reading 31: those attended of those offered."""
        if not self.imported("register", self.who.register):
            return Amount(None)
        register = self.register_of(kinds)
        there = [e for e in register if attended(e) and span.holds(governing_day(e))]
        missed = [e for e in register if e not in there and not_attended_by(e, span)]
        still_open = [e for e in missed if e.status == "booked"]
        offered = len(there) + len(missed)
        if of == "planned":
            offered = len(self.planned(kinds, span))
        elif of is not None:
            offered = int(of)
        return Amount(Fraction(len(there)), Fraction(offered), Fraction(len(still_open)))

    def planned(self, kinds: Sequence[str], span: Span) -> list[PlannedSession]:
        """Reading 31: those of every cohort or of theirs on the day, coming ones included; in a span, those after its start."""
        mine, _ = self.cohort(span.upto)
        theirs = [p for p in self.who.planned if p.cohort in (None, "", mine)]
        new = [p for p in theirs if span.after is None or p.event_date > span.after]
        return [p for p in new if not kinds or p.event_type in kinds]

    def hours(self, entry: RegisterEntry) -> tuple[Fraction, Fraction]:
        """Reading 33: at least and at most so many: the register's, the planned session's, the kind's; else open."""
        kind = self.pack.event_kinds.get(entry.event_type)
        for given in (entry.hours, entry.planned_hours, kind.hours if kind else None):
            if given is not None:
                return Fraction(given), Fraction(given)
        return Fraction(0), LONGEST

    # --- credits (the head, readings 5, 6, 26, 29; R22, R28) ----------------------------------------------------------------

    def credits(self, day: date) -> int | None:
        """Credits as of a day, by the first source that has a row of theirs; None: unknown."""
        who = self.who
        if who.activities:
            return sum(a.credits for a in who.activities if a.completed_on <= day)
        if who.declaration_reports or who.engagement_reports:
            figure = self.running_figure(day)
            return self.by_periods(day) if figure is None else figure
        kinds = ("activities", "declaration_report", "engagement_report")
        return 0 if any(kind in who.imported for kind in kinds) else None

    def running_figure(self, day: date) -> int | None:
        """Reading 6: the newest cumulative figure; of one day, the Declaration report's."""
        found = [(r.run_on, 0, r.cumulative_credits) for r in self.who.engagement_reports if r.run_on <= day]
        found += [(r.period_end, 1, r.cumulative_credits) for r in self.who.declaration_reports if r.period_end <= day]
        return max(((on, which, figure) for on, which, figure in found if figure is not None), default=(None,) * 3)[2]

    def by_periods(self, day: date) -> int | None:
        """Reading 6: contiguous periods from the start; from a gap on, unknown."""
        periods = sorted(self.who.declaration_reports, key=lambda r: r.period_start)
        begins = self.pack.first_day(self.who.course, self.who.cohort, self.who.schedule or "")
        if not periods or begins is None or periods[0].period_start > begins.replace(day=1):
            return None
        ended = [r for r in periods if r.period_end <= day]
        whole = all(a.period_end + DAY == b.period_start for a, b in pairwise(ended))
        return sum(r.credits for r in ended) if whole else None

    def new_credits(self, span: Span) -> int | None:
        """Credits within a span: so many more than at the baseline."""
        now, before = self.credits(span.upto), self.credits_before(span)
        return None if now is None or before is None else now - before

    def credits_before(self, span: Span) -> int | None:
        """At the baseline: 0 from the start; reading 25: as of the day, where the baseline is later."""
        return 0 if span.after is None else self.credits(min(span.after, span.upto))

    def progress(self, span: Span) -> Answer:
        """R22, readings 5 and 26: a higher score, or any row with credits in the span; lower than before: unknown."""
        who = self.who
        if any(span.holds(r.period_end) and r.credits > 0 for r in who.declaration_reports):
            return "met"
        if any(span.holds(a.completed_on) and a.credits > 0 for a in who.activities):
            return "met"
        more = self.new_credits(span)
        if more is None or more < 0:
            return "unknown"
        return "met" if more > 0 else "not_met"

    def progress_by_percent(self, span: Span) -> Answer:
        """Reading 31: any figure in the span above that at the baseline; from the start, any above 0."""
        reports = self.who.engagement_reports
        if not reports:
            return "not_met" if "engagement_report" in self.who.imported else "unknown"
        known = [r for r in reports if r.run_on <= span.upto]
        before = [r for r in known if span.after is not None and r.run_on <= span.after]
        if not known or (span.after is not None and not before):
            return "unknown"
        level = max(before, key=lambda r: r.run_on).percent_complete if before else Decimal(0)
        return "met" if any(span.holds(r.run_on) and r.percent_complete > level for r in known) else "not_met"

    # --- self-study and videos (R16, R17, R25, readings 10 and 26) -----------------------------------------------------------

    def self_study(self, need: int, span: Span) -> Answer:
        """R16: so many self-study credits, from the log or the Declaration report."""
        who, settings = self.who, self.pack.settings
        if not who.activities:
            return self._self_study_by_reports(need, span)
        rows = [
            a for a in who.activities if a.component == settings.self_study_component and span.holds(a.completed_on)
        ]
        tasks = [a for a in rows if self._is_task(a.title)]
        proper, unsure = (sum(a.credits for a in some) for some in ([a for a in rows if a not in tasks], tasks))
        if proper >= need:
            return "met"
        return "unknown" if unsure and (not proper or proper + unsure >= need) else "not_met"  # reading 10

    def _is_task(self, title: str) -> bool:
        prefix = self.pack.settings.human_check_prefix.casefold()
        return bool(prefix) and title.casefold().startswith(prefix)

    def _self_study_by_reports(self, need: int, span: Span) -> Answer:
        """R16, readings 10 and 26: what the split says; a total only where Block 1 gives fewer credits otherwise."""
        who = self.who
        if not who.declaration_reports and not who.engagement_reports:
            kinds = ("activities", "declaration_report", "engagement_report")
            return "not_met" if any(kind in who.imported for kind in kinds) else "unknown"
        rows = [r for r in who.declaration_reports if span.holds(r.period_end)]
        split = [r for r in rows if r.self_study_credits is not None]
        done = sum(r.self_study_credits or 0 for r in split)
        if done >= need:
            return "met"
        figure, whole = self.running_figure(span.upto), self.by_periods(span.upto) is not None
        if figure is not None and span.after is not None:
            before = self.credits_before(span)
            figure = None if before is None else figure - before
            whole = whole and before is not None
        if rows and whole and len(split) == len(rows):
            return "not_met"
        unsplit = sum(r.credits for r in rows if r not in split)
        if figure is not None:
            unsplit = max(0, figure - sum(r.credits for r in split))
        others = self._other_credits_of_the_first_block()
        if others is not None and unsplit >= others + need:
            return "met"
        if figure is not None:
            explained = figure <= (sum(r.credits for r in rows) if span.after and len(split) == len(rows) else 0)
            return "not_met" if explained or (not split and figure < need) else "unknown"
        return "not_met" if whole and unsplit < need and not any(r.credits for r in split) else "unknown"

    def _other_credits_of_the_first_block(self) -> int | None:
        """R16: credits of Block 1 that are no self-study, and those of its tasks; None: not all known."""
        study = self.pack.settings.self_study_component
        first = next((b for b in self.pack.blocks.get(self.who.course, ()) if b.number == 1), None)
        if first is None or first.credits is None:
            return None
        own = [a.credits or 0 for a in first.activities if a.component == study and not self._is_task(a.title)]
        return first.credits - sum(own)

    def video(self, percent: Decimal, block: int | None, span: Span) -> Answer:
        """R17, R25: a block's video first watched so far within the span."""
        views = [v for v in self.who.videos if v.percent_viewed >= percent and block in (None, v.block)]
        crossed = [min(v.viewed_on for v in views if v.block == one) for one in {v.block for v in views}]
        if any(span.holds(day) for day in crossed):
            return "met"
        return "not_met" if self.imported("videos", self.who.videos) else "unknown"

    # --- the assessment (R26, R27, readings 9 and 23) --------------------------------------------------------------------------

    def try_that_counts(self, on: date) -> Assessment | None:
        """Reading 38: one that was passed stands, otherwise the newest; a try is there from its first day, a pass from its last."""
        tries = sorted(self.who.assessments, key=lambda one: one.try_)
        days = {one.try_: [d for d in (one.submitted_on, one.marked_on, one.moderated_on) if d] for one in tries}
        passed = [one for one in tries if one.result == "passed" and all(day <= on for day in days[one.try_])]
        there = [one for one in tries if not days[one.try_] or any(day <= on for day in days[one.try_])]
        return [*passed[:1], *reversed(there), *tries, None][0]

    def assessment_tracked(self, span: Span) -> Answer:
        """Readings 9 and 23: first that applies: met, not_met, unknown."""
        held = self.try_that_counts(span.upto)
        if held is None:
            return "unknown"
        marked, moderated, outside = held.marked_on, held.moderated_on, held.external_moderation
        if marked and moderated and max(marked, moderated) <= span.upto and outside in ("done", "not_sampled"):
            return "met" if span.holds(max(marked, moderated)) else "not_met"
        late = any(day is not None and day > span.upto for day in (marked, moderated))
        return "not_met" if outside == "pending" or late else "unknown"

    def assessment_copies(self, span: Span) -> Answer:
        """Readings 9 and 23."""
        held = self.try_that_counts(span.upto)
        if held is None:
            return "unknown"
        days = [day for day in (held.marked_on, held.moderated_on) if day is not None]
        if held.copies_held is False or any(day > span.upto for day in days):
            return "not_met"
        if held.copies_held and held.result and held.moderated_on:
            return "met" if span.holds(max(days)) else "not_met"
        return "unknown"

    # --- shares (R28, R29, reading 31) ------------------------------------------------------------------------------------------

    def share(self, of: Criterion | WeightedPart, span: Span) -> Amount:
        """Reading 31: done and offered."""
        match of.metric:
            case "credits":
                return self.share_of_credits(span)
            case "percent_complete":
                return self.share_of_percent(span)
            case "sessions":
                return self.sessions(of.kinds, of.of, span)
            case "component":
                return self.share_of_component(of.component or "", span)
            case _:
                raise AssertionError(of)

    def share_of_credits(self, span: Span) -> Amount:
        """R28, R30: of the course's total; a total to be confirmed, or a score that fell, is unknown (R22)."""
        more = self.new_credits(span)
        offered = None if self.total is None else Fraction(self.total)
        return Amount(None if more is None or more < 0 else Fraction(more), offered)

    def share_of_percent(self, span: Span) -> Amount:
        """Reading 31: the newest report's figure; it proves nothing new."""
        reports = self.who.engagement_reports
        if span.new_only:
            return Amount(Fraction(0), ALL_OF_IT)
        if not reports:
            return Amount(Fraction(0) if "engagement_report" in self.who.imported else None, ALL_OF_IT)
        known = [r for r in reports if span.holds(r.run_on)]
        newest = max(known, key=lambda r: r.run_on, default=None)
        return Amount(None if newest is None else Fraction(newest.percent_complete), ALL_OF_IT)

    def share_of_component(self, component: str, span: Span) -> Amount:
        """Reading 31: its credits in the log of those that the course has."""
        listed = [a for a in self.listed() if same(a.component, component)]
        known = all(a.credits is not None for a in listed)
        offered = Fraction(sum(a.credits or 0 for a in listed)) if known else None
        if not self.imported("activities", self.who.activities):
            return Amount(None, offered)
        done = sum(
            a.credits for a in self.who.activities if same(a.component, component) and span.holds(a.completed_on)
        )
        return Amount(Fraction(done), offered)

    def listed(self) -> list[Activity]:
        """The activities that the pack lists for their course."""
        return [a for block in self.pack.blocks.get(self.who.course, ()) for a in block.activities]

    # --- weighted, counts and items (readings 32 and 33) ---------------------------------------------------------------------

    def weighted(self, leaf: Criterion, span: Span) -> tuple[Answer, Amount]:
        """Reading 32: the weight of each part times its share, which is 1 at most."""
        low = high = Fraction(0)
        for part in leaf.parts:
            least, most = bounds(self.share(part, span))
            low += Fraction(part.weight) * min(Fraction(1), least)
            high += Fraction(part.weight) * min(Fraction(1), most)
        return enough(low, high, Fraction(leaf.min_share or 0)), Amount(low, ALL_OF_IT)

    def count(self, leaf: Criterion, span: Span) -> tuple[Answer, Amount]:
        """Reading 33: at least so many sessions, hours of them, or activities with credits."""
        need = Fraction(leaf.n or 0)
        if leaf.metric == "activities":
            rows = [a for a in self.who.activities if leaf.component is None or same(a.component, leaf.component)]
            done = Fraction(sum(1 for a in rows if a.credits > 0 and span.holds(a.completed_on)))
            known = self.imported("activities", self.who.activities)
            return (enough(done, done, need), Amount(done)) if known else ("unknown", Amount(None))
        if not self.imported("register", self.who.register):
            return "unknown", Amount(None)
        register = self.register_of(leaf.kinds)
        there = [e for e in register if attended(e) and span.holds(governing_day(e))]
        still_open = [e for e in register if e.status == "booked" and not_attended_by(e, span)]
        if leaf.metric == "sessions":
            low = Fraction(len(there))
            return enough(low, low + len(still_open), need), Amount(low, None, Fraction(len(still_open)))
        low = sum((self.hours(e)[0] for e in there), Fraction(0))
        high = sum((self.hours(e)[1] for e in [*there, *still_open]), Fraction(0))
        return enough(low, high, need), Amount(low, None, high - low)

    def items(self, leaf: Criterion, span: Span) -> tuple[Answer, Amount]:
        """Reading 33: each has a row with credits."""
        wanted = self.items_wanted(leaf)
        if not self.imported("activities", self.who.activities):
            return "unknown", Amount(None, Fraction(len(wanted)))
        done = sum(1 for item in wanted if self.is_done(item, span))
        return ("met" if done == len(wanted) else "not_met"), Amount(Fraction(done), Fraction(len(wanted)))

    def items_wanted(self, leaf: Criterion) -> list[Item]:
        """Those named for their course, and every activity of it whose title begins so."""
        wanted = [item for item in leaf.items if item.course == self.who.course]
        if leaf.title_begins is not None:
            begins = leaf.title_begins.casefold()
            wanted += [Item(a.course, a.block, a.title) for a in self.listed() if a.title.casefold().startswith(begins)]
        return list(dict.fromkeys(wanted))

    def is_done(self, item: Item, span: Span) -> bool:
        """A row of the log with credits, for the item by its title as used or as printed (R51)."""
        titles = {item.title.casefold()}
        for a in self.listed():
            if a.block == item.block and item.title.casefold() in (a.title.casefold(), a.title_printed.casefold()):
                titles |= {a.title.casefold(), a.title_printed.casefold()} - {""}
        return any(
            a.block == item.block and a.title.casefold() in titles and a.credits > 0 and span.holds(a.completed_on)
            for a in self.who.activities
        )

    # --- nothing left to do (R53, readings 12 and 30) --------------------------------------------------------------------------

    def nothing_left(self, number: int, day: date) -> bool:
        """R53: every credit was there by the baseline, no session is to come, and credits could meet the output."""
        criteria = self.pack.criteria_for(self.who.course, number)
        if criteria is None or self.outputs[number].kind != "retention" or self.blocked(number, day):
            return False
        baseline = self.baseline(number, day)
        if baseline is None or day <= baseline or self.total is None:
            return False
        had = self.credits(baseline)
        to_come = any(governing_day(e) > day for e in self.who.register)
        return (
            had is not None
            and had >= self.total
            and not to_come
            and any(credits_can_meet(leaf) for leaf in criteria.criteria)
        )


def combined(group: CriteriaGroup, below: Sequence[Answer]) -> Answer:
    """Reading 30."""
    met, unknown = below.count("met"), below.count("unknown")
    need = {"any": 1, "all": len(below)}.get(group.combine, group.n or 0)
    if met >= need:
        return "met"
    return "not_met" if met + unknown < need else "unknown"


def best(answers: Iterable[Answer]) -> Answer:
    """Any of them: met beats unknown beats not met (R8)."""
    found = list(answers)
    return "met" if "met" in found else "unknown" if "unknown" in found else "not_met"


def enough(low: Fraction, high: Fraction, need: Fraction) -> Answer:
    """Readings 31 to 33: met if enough with the lowest, not met if too few with the highest, otherwise unknown."""
    return "met" if low >= need else "not_met" if high < need else "unknown"


def bounds(amount: Amount) -> tuple[Fraction, Fraction]:
    """Between which shares it lies; an unknown one between 0 and all."""
    if amount.done is None or not amount.offered:
        return Fraction(0), Fraction(1)
    return amount.done / amount.offered, (amount.done + amount.open) / amount.offered


def attended(entry: RegisterEntry) -> bool:
    """Reading 8."""
    return entry.status in ("attended", "completed")


def governing_day(entry: RegisterEntry) -> date:
    """Readings 8 and 24: the session's own day; of a contingency, the day on which it was made up."""
    return entry.contingency_on if entry.contingency and entry.contingency_on else entry.event_date


def not_attended_by(entry: RegisterEntry, span: Span) -> bool:
    """Reading 31: a session of the span that is past, and not attended (yet)."""
    there = attended(entry) and governing_day(entry) <= span.upto
    return not there and span.holds(entry.event_date) and entry.event_date < span.upto


def same(one: str, other: str) -> bool:
    """Names as compared: in any case."""
    return one.casefold() == other.casefold()


def credits_can_meet(leaf: Criterion) -> bool:
    """Reading 30: a leaf whose evidence is credits."""
    metrics = {leaf.metric, *(part.metric for part in leaf.parts)}
    by_credits = leaf.shape in ("share", "completion_share", "weighted") and metrics & {"credits", "component"}
    progress = leaf.shape == "progress" and leaf.metric in (None, "credits")
    activities = leaf.shape == "items" or (leaf.shape == "count" and leaf.metric == "activities")
    return bool(progress or by_credits or activities or leaf.shape in ("engagement_metric", "self_study"))
