"""The ladder of outputs (R19, R54, "The ladder", readings 1-4, 11, 13, 14, 25): what counts for each, from when to when.

Everything is a function of an output's number and a day, "as it stood at the end of that day"; answers are remembered, since
finding the first day of a spell asks about many days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import lru_cache

from core.rules import enrolment
from core.rules.criteria_trees import ReadyTree, ready_trees
from core.rules.evidence import Evidence
from core.rules.facts import Declaration
from core.rules.findings import Judged, Span
from core.rules.progress import Progress
from reference.pack import OutputSpec, Pack, ScheduleRow


class Ladder:
    """One participant's outputs, evaluated in order."""

    def __init__(self, pack: Pack, progress: Progress) -> None:
        self.pack = pack
        self.progress = progress
        self.evidence = Evidence(pack, progress)
        self._outline = pack.outlines[progress.course]
        self.outputs = self._outline.outputs
        self.group = self._outline.group
        self.settings = self._outline.settings  # their group's
        self._ready = ready_trees(pack)[progress.course]
        self._live = progress.declarations()
        self._may_name_start = bool(progress.schedule or progress.decided.resumptions)
        self._held: dict[tuple[int, date], Judged | None] = {}
        self._cutoffs: dict[tuple[int, date], date] = {}
        self._open_cutoffs: dict[tuple[int, date], date | None] = {}
        self._spells: dict[tuple[int, date, bool], date | None] = {}

    def spec(self, number: int) -> OutputSpec:
        """The output with this number; numbers run from 1 without a gap."""
        return self.outputs[number - 1]

    def tree(self, number: int) -> ReadyTree | None:
        """What the pack asks for this output; None: not defined (R3)."""
        return self._ready.trees[number - 1]

    @property
    def gate(self) -> ReadyTree | None:
        """What it takes before the assessment may be sat; None: nothing (reading 38)."""
        return self._ready.gate

    @property
    def asks_for_credits(self) -> bool:
        """Whether credits say anything of the course: the pack has some, or a criterion asks for them."""
        course = self.progress.course
        listed = self.pack.totals[course] is not None or bool(self.pack.blocks.get(course))
        return listed or any(tree is not None and tree.by_credits for tree in (*self._ready.trees, self.gate))

    def declaration(self, number: int, day: date) -> Declaration | None:
        """Reading 17: the live declaration with the latest date, made on or before a day."""
        for declaration in self._live:
            if declaration.output == number and declaration.declared_on <= day:
                return declaration
        return None

    def declared_by(self, day: date) -> Collection[int]:
        """The outputs that are declared on a day."""
        return [declaration.output for declaration in self._live if declaration.declared_on <= day]

    def dates(self, number: int, day: date) -> ScheduleRow | None:
        """Reading 14: a declared output keeps the dates of the cohort it was declared in, all others take the newest's."""
        return self.dates_in(number, self.cohort(number, day))

    def dates_in(self, number: int, cohort: str) -> ScheduleRow | None:
        """An output's dates in a cohort; None where the pack gives none (R3, R49), or it is not known which are theirs.

        That is so where their group has several starts within the cohort and nothing says which is theirs (reading 36).
        """
        dates = self._outline.dates
        theirs = self.schedule(cohort) if self._may_name_start else ""
        found = dates.get((cohort, theirs, number))
        return dates.get((cohort, "", number)) if found is None and theirs else found

    def schedule(self, cohort: str) -> str:
        """Which start within a cohort is theirs: as the return into it says, else the file of its own cohort; "" for none."""
        person = self.progress
        if person.decided.resumptions:
            into = [back for back in person.resumptions if back.cohort == cohort and back.schedule]
            if into:
                return (into[-1].schedule or "").casefold()
        return person.schedule if cohort == person.cohort else ""

    def cohort(self, number: int, day: date) -> str:
        """The cohort whose dates an output has on a day (reading 14)."""
        if not self.progress.decided.resumptions:
            return self.progress.cohort
        declaration = self.declaration(number, day)
        return enrolment.cohort_on(self.progress, declaration.declared_on if declaration else day)

    def start_is_known(self, cohort: str) -> bool:
        """Whether it is known which start within a cohort is theirs: there is one alone, or something says which."""
        return len(self.pack.starts_of(self.progress.course, cohort)) < 2 or bool(self.start_named(cohort))

    def start_named(self, cohort: str) -> str:
        """Which of several starts within a cohort is theirs, as people write it; "" where there is one, or nobody knows."""
        course = self.progress.course
        theirs = self.pack.start_named(course, cohort, self.schedule(cohort))
        return theirs.name if theirs and len(self.pack.starts_of(course, cohort)) > 1 else ""

    def accepted(self, number: int, day: date) -> bool:
        """R7, reading 11: an undeclared output waits for the application to be accepted; blank counts as accepted."""
        return self.progress.accepted or self.declaration(number, day) is not None

    def blocked_by(self, number: int, day: date) -> int | None:
        """R54: the output before, while it is neither declared nor met."""
        if number == 1:
            return None
        before = number - 1
        return None if self.declaration(before, day) or self.verdict(before, day) == "met" else before

    def baseline(self, number: int, day: date) -> date | None:
        """The day after which evidence is new; None for the first output and for a blocked one."""
        return None if number == 1 else self.cutoff(number - 1, day)

    def cutoff(self, number: int, day: date) -> date | None:
        """Readings 1 and 25: up to when an output used evidence; None while it is neither declared nor met."""
        declaration = self.declaration(number, day)
        if declaration is None:
            return self._open_cutoff(number, day)
        if declaration.evidence_cutoff is not None:
            return declaration.evidence_cutoff
        return self._implied_cutoff(number, declaration.declared_on)

    def _open_cutoff(self, number: int, day: date) -> date | None:
        """Reading 25: as it would be were the output declared on a day; None while it is not met."""
        key = (number, day)
        if key not in self._open_cutoffs:
            row = self.dates(number, day)
            review = row.review if row else None
            met = self.verdict(number, day) == "met"
            if not met or review is None:
                self._open_cutoffs[key] = self.met_on(number, day) if met else None
            elif review >= day:
                self._open_cutoffs[key] = review  # the spell cannot have begun later
            else:
                self._open_cutoffs[key] = self._search(number, day, as_declared=False, since=review)
        return self._open_cutoffs[key]

    def _implied_cutoff(self, number: int, declared_on: date) -> date:
        """Reading 1: the later of the review date and the first day of the spell in which the output was met."""
        key = (number, declared_on)
        if key not in self._cutoffs:
            row = self.dates(number, declared_on)
            review = row.review if row else None
            if review is not None and review >= declared_on:
                self._cutoffs[key] = review  # the spell cannot have begun later
            else:
                met_on = self._search(number, declared_on, as_declared=True, since=review)
                self._cutoffs[key] = met_on or review or declared_on
        return self._cutoffs[key]

    def counted_until(self, number: int, day: date) -> date:
        """The last day whose evidence counts: a declared output counts up to its cut-off (reading 1)."""
        if self.declaration(number, day) is None:
            return day
        cutoff = self.cutoff(number, day)
        return day if cutoff is None else min(day, cutoff)

    def span(self, number: int, day: date) -> Span:
        """The days whose evidence counts for an output that is not blocked."""
        return span(self.baseline(number, day), self.counted_until(number, day))

    def verdict(self, number: int, day: date) -> Judged | None:
        """Met, not met or unknown by the criteria, the ladder and R7; None where the pack defines no criteria."""
        key = (number, day)
        if key in self._held:
            return self._held[key]
        held = self._held[key] = self._verdict(number, day)
        return held

    def met_on(self, number: int, day: date) -> date | None:
        """Reading 3: the first day of the unbroken spell, up to `day`, in which the verdict is met."""
        return self._first_day_of_spell(number, day, as_declared=False)

    def _verdict(self, number: int, day: date) -> Judged | None:
        tree = self.tree(number)
        if tree is None:
            return None
        if not self.accepted(number, day):
            return "not_met"
        baseline = self.baseline(number, day)
        if baseline is None and number > 1:
            return "not_met"
        return tree.judge(self.evidence, span(baseline, self.counted_until(number, day)))

    def _as_declared(self, number: int, day: date) -> Judged | None:
        """The verdict on a day had the declaration been made that very day: neither its cut-off nor R7 applies yet."""
        tree, baseline = self.tree(number), self.baseline(number, day)
        if tree is None or (baseline is None and number > 1):
            return None
        return tree.judge(self.evidence, span(baseline, day))

    def _first_day_of_spell(self, number: int, day: date, *, as_declared: bool) -> date | None:
        key = (number, day, as_declared)
        if key not in self._spells:
            self._spells[key] = self._search(number, day, as_declared=as_declared)
        return self._spells[key]

    def _search(self, number: int, day: date, *, as_declared: bool, since: date | None = None) -> date | None:
        """The first day of the met spell that reaches a day, None when it is not met then; no earlier than `since`."""
        holds = self._as_declared if as_declared else self.verdict
        below = number if as_declared else number + 1
        only_grows = self.evidence.only_grows
        offers = self.evidence.offers if self._ready.can_fall[number - 1] else ()
        steady = since is not None and only_grows and not self._turned_within(below, offers, since, day)
        if since is not None and steady and holds(number, since) == "met":
            return since  # nothing can have changed it in between
        if holds(number, day) != "met":
            return None

        def held(ordinal: int) -> bool:
            return holds(number, date.fromordinal(ordinal)) == "met"

        breaks = {*self._decision_days(below), *offers}
        turns = {*self.evidence.days, *breaks} if since is None else {*self.evidence.days, *breaks, since.toordinal()}
        earliest, latest = 0 if since is None else since.toordinal(), day.toordinal()
        days = sorted(each for each in turns if earliest <= each <= latest)
        first, upper = day.toordinal(), len(days)
        for lower in reversed([0, *(place for place, each in enumerate(days) if each in breaks and place)]):
            spell = _spell_within(days[lower:upper], held, only_grows=only_grows)
            first = first if spell is None else spell
            if since is not None and first <= since.toordinal():
                return since
            if upper > lower and spell != days[lower]:
                break
            upper = lower
        return date.fromordinal(first)

    def _turned_within(self, below: int, offers: Collection[int], after: date, until: date) -> bool:
        """Whether any of the days of `_decision_days`, or any of these `offers`, is in `(after, until]`."""
        if offers and any(after.toordinal() < offered <= until.toordinal() for offered in offers):
            return True
        for declaration in self._live:
            if declaration.output < below and after < declaration.declared_on <= until:
                return True
        back = self.progress.decided.resumptions
        return bool(back) and any(after < resumption.resumed_on <= until for resumption in back)

    def _decision_days(self, below: int) -> set[int]:
        """The days on which a decision changes what counts for an output: declarations of those below, another cohort.

        Between two of them only evidence does, and for a share of the sessions offered that there are more.
        """
        declared = {d.declared_on.toordinal() for d in self._live if d.output < below}
        return declared | {resumption.resumed_on.toordinal() for resumption in self.progress.resumptions}


def _spell_within(days: Sequence[int], held: Callable[[int], bool], *, only_grows: bool) -> int | None:
    """The first day of the met spell that reaches the end of a stretch without a turn in the decisions."""
    if only_grows:
        place = bisect_left(days, True, key=held)
        return days[place] if place < len(days) else None
    first = None
    for day in reversed(days):
        if not held(day):
            break
        first = day
    return first


@lru_cache(maxsize=10_000)
def span(after: date | None, until: date) -> Span:
    """The days after a baseline (None: before everything) up to and including a day."""
    return Span(after.toordinal() if after else 0, until.toordinal())
