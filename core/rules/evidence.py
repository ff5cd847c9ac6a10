"""What counts as evidence, and how many credits there were on a day ("The ladder", readings 4-10 and 23-26).

`Evidence` asks one participant's progress record about any day, cheaply: the ladder asks about many. Days are ordinals here
(see `core.rules.progress`); a fact counts for a span of days `(after, until]`, where `after` 0 is before everything.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property, lru_cache

from core.rules import enrolment
from core.rules.facts import RegisterEntry
from core.rules.findings import Judged, Span
from core.rules.progress import ATTENDED, CREDITS, MADE_UP_FOR, SESSIONS, CountedSession, Period, Progress, Run
from reference.pack import Pack

CREDIT_FILES = frozenset({"activities", "declaration_report", "engagement_report"})

Judge = Callable[["Evidence", Span], Judged]  # a verdict on the evidence of a span


class Evidence:
    """One participant's facts, ready to be asked about any day."""

    def __init__(self, pack: Pack, progress: Progress) -> None:
        self.pack = pack
        self.progress = progress
        self.imported = progress.imported
        self.has_log = progress.has_log

    # --- credits ---------------------------------------------------------------------------------------------

    def credits_on(self, day: int) -> int | None:
        """Credits at the end of a day by the first source that has a row; None when unknown (readings 5, 6)."""
        if self.has_log:
            return self.progress.until(CREDITS, day)
        if self.progress.has_reports:
            return self.reported_credits_on(day)
        return 0 if self.imported & CREDIT_FILES else None

    def reported_credits_on(self, day: int) -> int | None:
        """Reading 6: the newest cumulative figure up to that day, else contiguous Declaration periods, else None."""
        days, figures = self._cumulative
        place = bisect_right(days, day)
        return figures[place - 1] if place else self.total_of_periods(day)

    def credits_within(self, after: int, until: int) -> int | None:
        """Credits earned over `(after, until]`, never below 0; None when either figure is unknown."""
        now, before = self.credits_on(until), self.credits_on(after) if after else 0
        return None if now is None or before is None else max(0, now - before)

    @property
    def only_grows(self) -> bool:
        """Whether no figure ever falls, so that a criterion once met stays met: reports can be corrected downwards, and a
        further try at the assessment begins anew.
        """
        return (not self.progress.has_reports or self._reports_only_grow) and not self.progress.has_tried_again

    @cached_property
    def _reports_only_grow(self) -> bool:
        if not _never_falls([run.percent for run in self.runs]):
            return False
        if self.has_log:
            return True
        if self._total_takes_back:
            return False
        return not self._split_takes_back and _never_falls([self.reported_credits_on(day) for day in self.days])

    @property
    def _total_takes_back(self) -> bool:
        """Whether a running figure may come after periods that proved something while no total was known, and undo it."""
        alone = any(p.credits > 0 and self.reported_credits_on(p.end) is None for p in self.periods)
        return alone and bool(self._cumulative[0])

    @property
    def _split_takes_back(self) -> bool:
        """Whether a period that splits its credits may come after R16's arithmetic was met by a total, and undo it."""
        split = [period.self_study >= 0 for period in self.periods]
        return any(split) and (not all(split) or bool(self._cumulative[0]))

    def proves_progress(self, after: int, until: int) -> int:
        """Reading 26: the first day in `(after, until]` of a reported row with credits > 0, gaps or not; 0 without one.

        The activity log proves it by its total.
        """
        if not self.progress.has_periods:
            return 0
        return min((p.end for p in self.periods if p.credits > 0 and after < p.end <= until), default=0)

    @cached_property
    def _cumulative(self) -> tuple[list[int], list[int]]:
        """Cumulative figures by day; on one day the Declaration report's stands (reading 6)."""
        figures = {run.on: run.cumulative for run in self.runs if run.cumulative >= 0}
        figures |= {period.end: period.cumulative for period in self.periods if period.cumulative >= 0}
        ordered = sorted(figures.items())
        return [day for day, _ in ordered], [figure for _, figure in ordered]

    @cached_property
    def periods(self) -> list[Period]:
        """The Declaration periods in order."""
        return self.progress.periods()

    @cached_property
    def runs(self) -> list[Run]:
        """The Engagement report's runs in order."""
        return self.progress.runs()

    def percent_on(self, day: int) -> int | None:
        """The newest Engagement report's percentage up to a day in millionths, None without one (R29)."""
        if not self.progress.has_runs:
            return None
        past = [run for run in self.runs if run.on <= day]
        return past[-1].percent if past else None

    def percent_known(self, day: int) -> int | None:
        """The same, and 0 where the report was imported for their group without them (reading 5)."""
        found = self.percent_on(day)
        nothing_done = not self.progress.has_runs and "engagement_report" in self.imported
        return 0 if found is None and nothing_done else found

    def contiguous_until(self, day: int) -> bool:
        """Whether every Declaration period up to that day is there, from the cohort's start month on (R35).

        So it is before the first one ends too, where that starts in time: the one thing in which reading 6 looks ahead.
        """
        begins = self._cohort_start
        if not self.periods or begins is None or self.periods[0].start > begins:
            return False
        past = [period for period in self.periods if period.end <= day]
        return all(b.start == a.end + 1 for a, b in itertools.pairwise(past))

    def total_of_periods(self, day: int) -> int | None:
        """Reading 6: what contiguous Declaration periods add up to by the end of a day, None when some are missing."""
        if not self.contiguous_until(day):
            return None
        return sum(period.credits for period in self.periods if period.end <= day)

    @cached_property
    def _cohort_start(self) -> int | None:
        """The first of the month in which the file's cohort, or their start within it, begins; None: not known."""
        person = self.progress
        begins = self.pack.first_day(person.course, person.cohort, person.schedule)
        return begins.replace(day=1).toordinal() if begins else None

    # --- self-study (R16) ------------------------------------------------------------------------------------

    @cached_property
    def most_without_self_study(self) -> int | None:
        """R16, reading 10: the most credits Block 1 gives without a self-study unit; None while Block 1 is TBC."""
        settings = self.pack.settings
        blocks = self.pack.blocks.get(self.progress.course, ())
        if not blocks or blocks[0].credits is None:
            return None
        task = settings.human_check_prefix.casefold()
        units = [
            a
            for a in blocks[0].activities
            if a.component == settings.self_study_component and not a.title.casefold().startswith(task)
        ]
        return blocks[0].credits - sum(a.credits or 0 for a in units)

    # --- registers (R9-R14) ----------------------------------------------------------------------------------

    @staticmethod
    def day_of(entry: RegisterEntry) -> date:
        """R13, readings 8 and 24: the day the contingency was engaged with, else the session's own day."""
        if entry.contingency is not None and entry.contingency_on is not None:
            return entry.contingency_on
        return entry.event_date

    def session_after(self, day: int) -> bool:
        """Whether a session of theirs is still to come after a day, by the day that governs it."""
        return any(governs > day for governs in self.progress.figures(SESSIONS))

    @cached_property
    def counted(self) -> Sequence[CountedSession]:
        """Every session on whose register they stand, where the pack counts sessions (reading 31)."""
        return self.progress.counted()

    @cached_property
    def kind_names(self) -> tuple[str, ...]:
        """What people call the pack's kinds of event."""
        return _names(self.pack)

    def planned(self, kinds: frozenset[str], span: Span) -> int:
        """How many sessions are planned for their cohort at the end of a span, from its begin on, coming ones included."""
        person = self.progress
        back = person.decided.resumptions
        cohort = enrolment.cohort_on(person, date.fromordinal(span.until)) if back else person.cohort
        return person.programme.offered(cohort, kinds, span.after)

    # --- what else of the activity log the trees name (readings 31 and 33) -------------------------------------------

    def tracked_within(self, place: int, span: Span) -> int:
        """The total of what is tracked in this place over a span."""
        if not self.has_log:
            return 0
        person, (after, until) = self.progress, span
        section = person.measured(place)
        total = person.until(section, until)
        return max(0, total - person.until(section, after)) if after else total

    @property
    def log_is_known(self) -> bool:
        """Whether the activity log was imported for them or their group (reading 5); reports alone say nothing of it."""
        return self.has_log or "activities" in self.imported

    # --- videos (R17, R25) -----------------------------------------------------------------------------------

    def newly_crossed(self, least: int, block: int | None, span: Span) -> bool:
        """Whether any block's video first reached the threshold (millionths) within a span."""
        after, until = span
        before = set()
        for on, number, percent in self.progress.views():
            if on > until:
                break
            if percent >= least and (block is None or number == block):
                if on <= after:
                    before.add(number)
                elif number not in before:
                    return True
        return False

    def video_crossings(self, least: int, block: int | None) -> list[tuple[int, int]]:
        """The day on which each block's video first reached the threshold (millionths), with the block, in order."""
        crossed: dict[int, int] = {}
        for on, number, percent in self.progress.views():
            if percent >= least and (block is None or number == block):
                crossed.setdefault(number, on)
        return sorted((day, number) for number, day in crossed.items())

    # --- days ------------------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> Sequence[int]:
        """Every day on which a verdict could change because of evidence, in order."""
        found = {day for section in (CREDITS, ATTENDED, SESSIONS) for day in self.progress.days(section)}
        found.update(on for on, _, _ in self.progress.views())
        found.update(period.end for period in self.periods)
        found.update(run.on for run in self.runs)
        for tracked in self.progress.tries():
            found.update(day for day in (tracked.marked, tracked.moderated) if day)
            if self.progress.has_tried_again and tracked.submitted:
                found.add(tracked.submitted)  # from then on it may be the one that counts
        return sorted(found)

    @cached_property
    def offers(self) -> frozenset[int]:
        """The days from which a session counts as offered though nobody was there: a share of the sessions falls on them."""
        return frozenset(own + 1 for own, governs, _, state, _ in self.counted if state > MADE_UP_FOR or governs > own)

    def before_cohort(self, until: int) -> bool:
        """Reading 4: whether some of the evidence is dated before the cohort's start month."""
        begins = self._cohort_start
        return begins is not None and bool(self.days) and self.days[0] < begins and self.days[0] <= until


@lru_cache(maxsize=100)
def _names(pack: Pack) -> tuple[str, ...]:
    return tuple(kind.name for kind in pack.event_kinds.values())


def _never_falls(figures: Sequence[int | None]) -> bool:
    """True when each figure is known from some point on and none is below the one before it."""
    known = list(itertools.dropwhile(lambda figure: figure is None, figures))
    if any(figure is None for figure in known):
        return False
    return all(a <= b for a, b in itertools.pairwise(f for f in known if f is not None))
