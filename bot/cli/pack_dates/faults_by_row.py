"""What would be wrong with a pack that has the dates of a file, told by the rows of that file: no other was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.services.dates_given import DatesRead, RowProblem
from reference.dated_outputs import DatedOutput
from reference.pack import Pack, ScheduleRow
from reference.pack_writing import SCHEDULE
from reference.problems import PackProblem

_BESIDE = re.compile(r" \([^()]*\bline (\d+)\)$")  # where else in the schedule something stands that has to do with it


def faults_by_row(
    used: Pack, read: DatesRead, rows_by_line: Mapping[int, ScheduleRow], problems: Sequence[PackProblem]
) -> list[RowProblem]:
    """The problems of the pack that would be, each at every row of the file that its line of the schedule comes from.

    Empty where one of them comes from none of them.
    """
    found: list[RowProblem] = []
    for problem in problems:
        places = list(_places(used, read, rows_by_line, problem))
        if not places:
            return []
        of = f"{problem.entry}: " if problem.entry else ""
        says = _BESIDE.sub("", problem.message) if _in_schedule(problem) else problem.message
        message = f"With this row the pack would not be sound: {of}{says}; mend the row, or leave it out."
        found += [one for place in places if (one := replace(place, message=message)) not in found]
    return found


def _places(
    used: Pack, read: DatesRead, rows_by_line: Mapping[int, ScheduleRow], problem: PackProblem
) -> Iterator[RowProblem]:
    lines = [problem.line] if problem.file == SCHEDULE and problem.line is not None else []
    if _in_schedule(problem) and (beside := _BESIDE.search(problem.message)):
        lines.append(int(beside[1]))
    for row in (rows_by_line[line] for line in lines if line in rows_by_line):
        said = [place for dated, place in read.said_at.items() if _is_of(used, row, dated)]
        if said:
            yield from dict.fromkeys(said)
            return


def _in_schedule(problem: PackProblem) -> bool:
    """Whether the line that a problem names at its end is one of the schedule."""
    return problem.file == SCHEDULE or f"{SCHEDULE}, line " in problem.message


def _is_of(used: Pack, row: ScheduleRow, dated: DatedOutput) -> bool:
    return (
        (row.group, row.cohort, row.output) == (used.courses[dated.course].group, dated.cohort, dated.output)
        and row.course in (None, dated.course)
        and (not dated.start or row.start in (None, dated.start))
    )
