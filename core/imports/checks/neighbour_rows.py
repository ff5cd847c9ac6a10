"""Rows are checked against their neighbours: those of the same file, and those that are stored.

Nothing here reads a database: what is stored comes in as plain mappings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from core.imports.checks.import_context import ImportContext
from core.imports.kinds import DEAD_STATES, Kind
from core.imports.rows import Findings, Row
from core.records.compared_names import folded
from core.spreadsheets.cells import Value, listed


class StoredTitle(NamedTuple):
    """An activity as it is stored."""

    enrolment_id: int
    block: int
    component: str
    title: str


class Keys:
    """Which keys a file has had, and in which row; one key may stand in a file once, even if the rows are the same.

    A name that folds is the same however it is spelt.
    """

    def __init__(self, kind: Kind) -> None:
        self._names = kind.told_apart_by
        self._called = listed(kind.keys, "and")
        self._rows: dict[Value | None, dict[tuple[Value | None, ...], int]] = {}
        self._parts: dict[tuple[Value | None, ...], tuple[Value | None, ...]] = {}
        self._folds = [kind.by_name[name].folds for name in self._names]

    def check(self, row: Row, findings: Findings) -> None:
        """Notes a problem when the row's key stood in an earlier row."""
        try:
            first, *others = [
                folded(part) if folds and isinstance(part := row.values[name], str) else row.values[name]
                for name, folds in zip(self._names, self._folds, strict=True)
            ]
        except KeyError:
            return
        rest = tuple(others)
        rest = self._parts.setdefault(rest, rest)  # one object for all participants who share it
        earlier = self._rows.setdefault(first, {}).setdefault(rest, row.number)
        if earlier != row.number:
            findings.wrong(row, self._names[0], f"Row {earlier} has the same {self._called}: keep one of the two.")


def unlisted(row: Row, known: ImportContext) -> bool:
    """Whether a good activities row has a title that its block does not list, so that only the file spells it."""
    course = known.listed(row.word("participant_id"), row.enrolment).course
    activities = known.listed_activities.get((course, row.count("block")), ())
    return folded(row.word("title")) not in activities


def spell_as_stored(rows: Iterable[Row], stored: Iterable[StoredTitle]) -> None:
    """Gives activities that the pack does not list the spelling they are stored under: another case is no other title."""
    spelt = _spelt(stored)
    for row in rows:
        activity = StoredTitle(row.about, row.count("block"), row.word("component"), row.word("title"))
        *_, row.values["component"], row.values["title"] = spelt.get(_as_compared(activity), activity)


def spelt_as_stored(columns: Mapping[str, Sequence[Any]], stored: Sequence[StoredTitle]) -> Mapping[str, Sequence[Any]]:
    """The same for whole columns of activities, most of which are spelt so already."""
    exactly, spelt = set(stored), _spelt(stored)
    activities = map(StoredTitle, *(columns[name] for name in StoredTitle._fields))
    respelt = [one if one in exactly else spelt.get(_as_compared(one), one) for one in activities]
    return {**columns, "component": [one[2] for one in respelt], "title": [one[3] for one in respelt]}


def _spelt(stored: Iterable[StoredTitle]) -> Mapping[StoredTitle, StoredTitle]:
    return {_as_compared(activity): activity for activity in stored}


def _as_compared(activity: StoredTitle) -> StoredTitle:
    return activity._replace(component=folded(activity.component), title=folded(activity.title))


def check_periods(rows: list[Row], stored: Mapping[int, list[tuple[date, date]]], findings: Findings) -> None:
    """Refuses periods of one participant's Declaration report that overlap (`stored` by enrolment)."""
    held = {enrolment: list(periods) for enrolment, periods in stored.items()}
    for row in rows:
        start, end = row.day("period_start"), row.day("period_end")
        periods = held.setdefault(row.about, [])
        for other in periods:
            if other != (start, end) and start <= other[1] and other[0] <= end:
                findings.wrong(
                    row,
                    "period_start",
                    f"The period overlaps {other[0]} to {other[1]} of the same participant: "
                    "give periods that do not share a day.",
                )
                break
        else:
            periods.append((start, end))


def check_declarations(
    rows: list[Row], stored: Mapping[int, Mapping[tuple[int, date], str]], findings: Findings
) -> None:
    """Refuses a second live declaration for an output, and warns of one out of sequence (R54).

    `stored` gives, by enrolment, the state of each declaration by output and day. `rows` are all good rows of the
    file.
    """
    states: dict[int, dict[tuple[int, date], str]] = {}
    live: list[tuple[Row, int, int, date]] = []
    for row in rows:
        enrolment, output, day = row.about, row.count("output"), row.day("declared_on")
        held = states.setdefault(enrolment, dict(stored.get(enrolment, {})))
        state = str(row.values.get("state") or held.get((output, day), "submitted"))
        if state in DEAD_STATES:
            held[output, day] = state
        else:
            live.append((row, enrolment, output, day))
    for row, enrolment, output, day in live:
        others = [other for other in _live(states[enrolment], output) if other != day]
        if others:
            findings.wrong(
                row,
                "declared_on",
                f"Output {output} is already declared on {others[0]}: give that one a state such as voided first.",
            )
        else:
            states[enrolment][output, day] = "submitted"
    for row, enrolment, output, day in live:
        if output > 1 and not row.wrong:
            earlier = _live(states[enrolment], output - 1)
            if not earlier:
                findings.warn(row, f"Output {output} is declared and Output {output - 1} is not (outputs go in order).")
            elif earlier[-1] > day:
                findings.warn(row, f"Output {output} is declared before Output {output - 1} (outputs go in order).")


def _live(states: Mapping[tuple[int, date], str], output: int) -> list[date]:
    return sorted(day for (number, day), state in states.items() if number == output and state not in DEAD_STATES)
