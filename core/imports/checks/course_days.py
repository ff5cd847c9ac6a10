"""Days outside the course that a row is about: each is taken, with a warning (reading 4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.imports.checks.import_context import ImportContext, ListedPerson
from core.imports.kinds import WHO, Kind
from core.imports.rows import Findings, Row
from core.rules.course_span import CourseSpan, span_of

_REMEMBERED = 10_000


class Spans(dict["ListedPerson | None", "CourseSpan | None"]):
    """Between which days somebody's course takes place; None where that is not known."""

    def __init__(self, known: ImportContext) -> None:
        super().__init__()
        self._pack = known.pack

    def __missing__(self, person: ListedPerson | None) -> CourseSpan | None:
        span = None
        if person is not None:
            course, cohort, _ = person
            span = span_of(self._pack, course, cohort) if self._pack.knows(course, cohort) else None
        self[person] = span
        return span


class Untimely(dict[tuple["CourseSpan | None", Any], "str | None"]):
    """What is odd about a value of a dated column in a span; None where it lies within, or is no day."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._papers = kind.name == "participants"

    def __missing__(self, key: tuple[CourseSpan | None, Any]) -> str | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        span, day = key
        answer = self[key] = None if span is None or not isinstance(day, date) else self._judged(span, day)
        return answer

    def _judged(self, span: CourseSpan, day: date) -> str | None:
        if day < (span.papers_from if self._papers else span.evidence_from):
            return span.before_words
        return span.beyond_words if span.is_beyond(day) else None


class Timing:
    """Warns of the days of one file's rows. Who has moved to a later cohort may do things after the end of their first."""

    def __init__(self, kind: Kind, known: ImportContext) -> None:
        self._columns = kind.dated if kind.is_personal else ()  # nobody's row has no course
        self._known = known
        self._spans = Spans(known)
        self._untimely = Untimely(kind)

    def check(self, row: Row, findings: Findings) -> None:
        """Notes a warning for each day of a good row that lies outside the course."""
        if not self._columns:
            return
        who = row.word(WHO)
        span = self._spans[self._known.listed(who, row.enrolment)]
        if span is None:
            return
        for name in self._columns:
            odd = self._untimely[span, row.values.get(name)]
            if odd is not None and not (who in self._known.moved and span.is_beyond(row.day(name))):
                findings.warn(row, f"{name} lies {odd}.")
