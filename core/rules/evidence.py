"""What counts as evidence, and how many credits there were on a day ("The ladder", readings 4-10 and 23-26).

`Evidence` sorts one participant's facts once, so that any day can be asked about cheaply: the ladder asks about many.
A fact counts for a span of days `(after, until]`; `after` None is before everything.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from core.rules.facts import ActivityDone, DeclarationReport, EngagementReport, Participant, RegisterEntry
from reference.pack import Pack

ATTENDED = frozenset({"attended", "completed"})  # R13: equivalent
EVENT_TYPES = frozenset({"f2f", "live_webinar"})
REPORTS = frozenset({"declaration_report", "engagement_report"})
CREDIT_FILES = REPORTS | {"activities"}


class Days:
    """Days on which something happened, with a running total."""

    __slots__ = ("days", "totals")

    def __init__(self, dated: Iterable[tuple[date, int]]) -> None:
        self.days: list[date] = []
        self.totals: list[int] = [0]
        for day, amount in sorted(dated):
            self.days.append(day)
            self.totals.append(self.totals[-1] + amount)

    def until(self, day: date) -> int:
        """The total up to and including a day."""
        return self.totals[bisect_right(self.days, day)]

    def first_within(self, after: date | None, until: date) -> date | None:
        """The first of the days in `(after, until]`, None when there is none."""
        place = 0 if after is None else bisect_right(self.days, after)
        return self.days[place] if place < len(self.days) and self.days[place] <= until else None

    def sum_within(self, after: date | None, until: date) -> int:
        """The total over `(after, until]`."""
        return max(0, self.until(until) - (0 if after is None else self.until(after)))


class Evidence:
    """One participant's facts, ready to be asked about any day."""

    def __init__(self, pack: Pack, participant: Participant) -> None:
        self.pack = pack
        self.participant = participant
        self.imported = participant.imported

    # --- credits ---------------------------------------------------------------------------------------------

    def credits_on(self, day: date) -> int | None:
        """Credits at the end of a day by the first source that has a row; None when unknown (readings 5, 6)."""
        if self.participant.activities:
            return self._activity_credits.until(day)
        if self.participant.declaration_reports or self.participant.engagement_reports:
            return self.reported_credits_on(day)
        return 0 if self.imported & CREDIT_FILES else None

    def reported_credits_on(self, day: date) -> int | None:
        """Reading 6: the newest cumulative figure up to that day, else contiguous Declaration periods, else None."""
        place = bisect_right(self._cumulative_days, day)
        if place:
            return self._cumulative_figures[place - 1]
        return self._total_of_periods(day)

    def credits_within(self, after: date | None, until: date) -> int | None:
        """Credits earned over `(after, until]`, never below 0; None when either figure is unknown."""
        now, before = self.credits_on(until), 0 if after is None else self.credits_on(after)
        return None if now is None or before is None else max(0, now - before)

    @cached_property
    def only_grows(self) -> bool:
        """Whether no figure ever falls, so that a criterion once met stays met (reports can be corrected downwards)."""
        if not _never_falls([run.percent_complete for run in self._runs]):
            return False
        return bool(self.participant.activities) or _never_falls([self.reported_credits_on(day) for day in self.days])

    def proves_progress(self, after: date | None, until: date) -> date | None:
        """Reading 26: the first row with credits > 0 dated in `(after, until]`, gaps or not."""
        return self._rows_with_credits.first_within(after, until)

    @cached_property
    def _activity_credits(self) -> Days:
        return Days((a.completed_on, a.credits) for a in self.participant.activities)

    @cached_property
    def _rows_with_credits(self) -> Days:
        rows = [(a.completed_on, a.credits) for a in self.participant.activities if a.credits > 0]
        return Days(rows + [(r.period_end, r.credits) for r in self.participant.declaration_reports if r.credits > 0])

    @cached_property
    def _cumulative(self) -> list[tuple[date, int]]:
        """Cumulative figures by day; on one day the Declaration report's stands (reading 6)."""
        figures: dict[date, int] = {}
        for run in self.participant.engagement_reports:
            if run.cumulative_credits is not None:
                figures[run.run_on] = run.cumulative_credits
        for row in self.participant.declaration_reports:
            if row.cumulative_credits is not None:
                figures[row.period_end] = row.cumulative_credits
        return sorted(figures.items())

    @cached_property
    def _cumulative_days(self) -> list[date]:
        return [day for day, _ in self._cumulative]

    @cached_property
    def _cumulative_figures(self) -> list[int]:
        return [figure for _, figure in self._cumulative]

    @cached_property
    def periods(self) -> list[DeclarationReport]:
        """The Declaration periods in order."""
        return sorted(self.participant.declaration_reports, key=lambda r: r.period_start)

    @cached_property
    def _runs(self) -> list[EngagementReport]:
        return sorted(self.participant.engagement_reports, key=lambda run: run.run_on)

    def percent_on(self, day: date) -> Decimal | None:
        """The newest Engagement report's percentage up to a day, None without one (R29)."""
        past = [run for run in self._runs if run.run_on <= day]
        return past[-1].percent_complete if past else None

    def contiguous_until(self, day: date) -> bool:
        """Whether every Declaration period up to that day is there, from the cohort's start month on (R35)."""
        if not self.periods or self.periods[0].period_start > self._cohort_start:
            return False
        past = [period for period in self.periods if period.period_end <= day]
        return all(b.period_start == a.period_end + timedelta(days=1) for a, b in itertools.pairwise(past))

    def _total_of_periods(self, day: date) -> int | None:
        if not self.contiguous_until(day):
            return None
        return sum(period.credits for period in self.periods if period.period_end <= day)

    @cached_property
    def _cohort_start(self) -> date:
        return self.pack.cohorts[self.participant.cohort].starts_on

    # --- self-study (R16) ------------------------------------------------------------------------------------

    @cached_property
    def self_study_units(self) -> Days:
        """Self-study credits of the activity log, Micro Implementation Tasks left out."""
        return Days((a.completed_on, a.credits) for a in self._self_study_rows if not self._needs_human(a.title))

    @cached_property
    def self_study_tasks(self) -> Days:
        """Micro Implementation Tasks of the activity log: as the only self-study credit they need a person (R16)."""
        return Days((a.completed_on, a.credits) for a in self._self_study_rows if self._needs_human(a.title))

    @cached_property
    def _self_study_rows(self) -> list[ActivityDone]:
        wanted = self.pack.settings.self_study_component.casefold()
        return [a for a in self.participant.activities if a.component.casefold() == wanted and a.credits > 0]

    def _needs_human(self, title: str) -> bool:
        return title.casefold().startswith(self.pack.settings.human_check_prefix.casefold())

    @cached_property
    def most_without_self_study(self) -> int | None:
        """R16, reading 10: the most credits Block 1 gives without a self-study unit; None while Block 1 is TBC."""
        blocks = self.pack.blocks.get(self.participant.course, ())
        if not blocks or blocks[0].credits is None:
            return None
        wanted = self.pack.settings.self_study_component
        units = [a for a in blocks[0].activities if a.component == wanted and not self._needs_human(a.title)]
        return blocks[0].credits - sum(a.credits or 0 for a in units)

    # --- registers (R9-R14) ----------------------------------------------------------------------------------

    @staticmethod
    def day_of(entry: RegisterEntry) -> date:
        """R13, readings 8 and 24: the day the contingency was engaged with, else the session's own day."""
        if entry.contingency is not None and entry.contingency_on is not None:
            return entry.contingency_on
        return entry.event_date

    @cached_property
    def attended(self) -> list[tuple[date, RegisterEntry]]:
        """Attended or completed sessions with the day that governs them, in order."""
        entries = [e for e in self.participant.register if e.status in ATTENDED and e.event_type in EVENT_TYPES]
        return sorted(((self.day_of(e), e) for e in entries), key=lambda pair: (pair[0], pair[1].event_id))

    @cached_property
    def unmarked_days(self) -> Days:
        """Sessions they were booked on whose register nobody has marked yet (R9)."""
        return Days((e.event_date, 1) for e in self.participant.register if e.status == "booked" and not e.event_marked)

    # --- videos (R17, R25) -----------------------------------------------------------------------------------

    def video_crossings(self, min_percent: Decimal, block: int | None) -> list[tuple[date, int]]:
        """The day on which each block's video first reached the threshold, with the block, in order."""
        crossed: dict[int, date] = {}
        for view in self.participant.videos:
            if view.percent >= min_percent and (block is None or view.block == block):
                crossed[view.block] = min(view.viewed_on, crossed.get(view.block, view.viewed_on))
        return sorted((day, number) for number, day in crossed.items())

    # --- days ------------------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> list[date]:
        """Every day on which a verdict could change because of evidence, in order."""
        p = self.participant
        found = {a.completed_on for a in p.activities}
        found |= {r.period_end for r in p.declaration_reports} | {r.run_on for r in p.engagement_reports}
        found |= {day for day, _ in self.attended} | {e.event_date for e in p.register}
        found |= {v.viewed_on for v in p.videos}
        if p.assessment is not None:
            found |= {d for d in (p.assessment.marked_on, p.assessment.moderated_on) if d is not None}
        return sorted(found)

    def before_cohort(self, until: date) -> bool:
        """Reading 4: whether some of the evidence is dated before the cohort's start month."""
        return bool(self.days) and self.days[0] < self._cohort_start and self.days[0] <= until


def _never_falls(figures: Sequence[Decimal | int | None]) -> bool:
    """True when each figure is known from some point on and none is below the one before it."""
    known = list(itertools.dropwhile(lambda figure: figure is None, figures))
    if any(figure is None for figure in known):
        return False
    return all(a <= b for a, b in itertools.pairwise(f for f in known if f is not None))
