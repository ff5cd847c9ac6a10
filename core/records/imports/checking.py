"""Rows of text become rows of values, each checked by itself, against what is known and against its neighbours.

Nothing here reads a file or a database: what is stored comes in as plain mappings. Problems are noted, never raised, so
that one reading finds them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from core.records.imports import cells
from core.records.imports.cells import NotRight, Value, listed
from core.records.imports.kinds import DEAD_STATES, Column, Kind
from core.records.imports.mapping import NOTHING_MAPPED, ColumnMapping
from core.records.imports.reading import Broken, Record
from core.records.imports.recognising import Layout
from core.records.imports.report import RowProblem, shown
from reference.pack import Activity, Pack

_REMEMBERED = 100_000  # parsed cells kept per column, so that memory does not grow with the file


@dataclass(slots=True)
class Row:
    """One row of a file. `values` has every column of its kind: None is a blank, what could not be read is absent."""

    number: int
    values: dict[str, Value | None]
    cells: list[str]
    wrong: bool = False

    def word(self, name: str) -> str:
        """The text in a column that is known not to be blank."""
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def count(self, name: str) -> int:
        """The whole number in a column that is known not to be blank."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def day(self, name: str) -> date:
        """The date in a column that is known not to be blank."""
        value = self.values[name]
        assert isinstance(value, date)
        return value


@dataclass(slots=True)
class Findings:
    """What is found in one file: its problems, and its warnings with the first row and the number of rows of each."""

    file: str
    layout: Layout
    problems: list[RowProblem] = field(default_factory=list)
    _warnings: dict[str, tuple[int, int]] = field(default_factory=dict)

    def wrong(self, row: Row, column: str | None, message: str) -> None:
        """Notes that a row is wrong, and what would be right."""
        row.wrong = True
        place = self.layout.places.get(column) if column is not None else None
        value = None
        if place is not None:
            value = shown(cells.trimmed(row.cells[place])) if place < len(row.cells) else ""
        self.problems.append(RowProblem(self.file, row.number, column, value, message))

    def wrong_unused(self, row: Row, place: int, message: str) -> None:
        """Notes that a row is wrong in a cell of a column that means nothing here."""
        row.wrong = True
        name = self.layout.header[place] if place < len(self.layout.header) else None
        self.problems.append(RowProblem(self.file, row.number, name or None, shown(row.cells[place]), message))

    def warn(self, row: Row, message: str) -> None:
        """Notes something odd about a row that is taken all the same."""
        first, count = self._warnings.get(message, (row.number, 0))
        self._warnings[message] = (first, count + 1)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line per warning, by its first row."""
        return tuple(
            f"Row {first}: {message}" if count == 1 else f"Row {first} and {count - 1} more: {message}"
            for message, (first, count) in sorted(self._warnings.items(), key=lambda item: item[1][0])
        )


# ---- cells


_Reading = tuple[str, int, dict[str, Value | None], Column, Mapping[str, str]]  # name, place, parsed cells, …, words
_NOT_READ_YET = object()


class RowReader:
    """Reads the cells of one file's rows. Repeated cells are parsed once."""

    def __init__(self, findings: Findings, mapping: ColumnMapping = NOTHING_MAPPED) -> None:
        layout = findings.layout
        self._findings = findings
        self._last = max(layout.places.values(), default=0)
        self._columns: list[_Reading] = [
            (column.name, layout.places[column.name], {}, column, mapping.words.get(column.name, {}))
            for column in layout.kind.columns
            if column.name in layout.places
        ]
        self._absent: dict[str, Value | None] = {
            column.name: None for column in layout.kind.columns if column.name not in layout.places
        }

    def rows(self, header_width: int, records: Iterable[Record]) -> Iterator[Row]:
        """The rows of a file; the wrong ones too, with their problems noted."""
        used = {place for _, place, *_ in self._columns}
        others = [place for place in range(header_width) if place not in used]
        for number, record, broken in records:
            if len(record) <= self._last:
                record = record + [""] * (header_width - len(record))
            values = self._absent.copy()
            row = Row(number, values, record)
            for reading in self._columns:
                name, place, known, _, _ = reading
                value = known.get(record[place], _NOT_READ_YET)
                if value is _NOT_READ_YET or broken:
                    self._read(row, reading, broken)
                else:
                    values[name] = value  # type: ignore[assignment]
            if others or len(record) > header_width:
                self._check_unused(row, others, header_width)
            yield row

    def _read(self, row: Row, reading: _Reading, broken: Broken | None) -> None:
        name, place, known, column, words = reading
        raw = row.cells[place]
        if broken and place in broken:
            self._findings.wrong(row, name, broken[place])
            return
        try:
            value = _value(raw, column, words)
        except NotRight as trouble:
            self._findings.wrong(row, name, trouble.message)
            return
        if value is None and column.key:
            self._findings.wrong(row, name, f"Must not be blank: give {column.right}.")
            return
        if len(known) >= _REMEMBERED:
            known.clear()
        row.values[name] = known[raw] = value

    def _check_unused(self, row: Row, others: list[int], header_width: int) -> None:
        for place in others:
            if trouble := _unreadable(row.cells[place] if place < len(row.cells) else ""):
                self._findings.wrong_unused(row, place, f"In column {place + 1}, which is not used: {trouble}")
        if any(cells.trimmed(cell) for cell in row.cells[header_width:]):
            self._findings.wrong(
                row,
                None,
                f"The row has {len(row.cells)} cells and the header {header_width}: "
                "put quotation marks around a cell that holds the separator.",
            )


def _value(raw: str, column: Column, words: Mapping[str, str]) -> Value | None:
    if trouble := _unreadable(raw):
        raise NotRight(trouble)
    text = cells.trimmed(raw)
    if words:
        text = words.get(text.casefold(), text)
    return column.parse(text) if text else None


def _unreadable(raw: str) -> str | None:
    if len(raw) > cells.LONGEST:
        return (
            f"The cell has {len(raw):,} characters: give at most {cells.LONGEST:,} (is a quotation mark never closed?)."
        )
    if "\0" in raw:
        return "The cell has a NUL byte in it: type the value again."
    return None


# ---- each row against what is known


@dataclass(frozen=True, slots=True)
class Person:
    """What other files need to know of a participant."""

    course: str
    cohort: int
    delivery_partner: str


@dataclass
class Known:
    """What the rows of a call are checked against. `people` grows with every participants row that is taken.

    `partner` restricts the call to one Delivery Partner; with `may_move_in` False nobody stored elsewhere may join it.
    `refused` says where a participant's own row was wrong.
    """

    pack: Pack
    people: dict[str, Person]
    partner: str | None = None
    may_move_in: bool = True
    refused: dict[str, str] = field(default_factory=dict)
    _judged: dict[tuple[str, int, str, str, int], tuple[str, str, str | None]] = field(default_factory=dict)

    @cached_property
    def listed_activities(self) -> Mapping[tuple[str, int], Mapping[str, Activity]]:
        """The pack's activities by course and block, then by title as `_folded` gives it."""
        return {
            (block.course, block.number): {_folded(activity.title): activity for activity in block.activities}
            for blocks in self.pack.blocks.values()
            for block in blocks
        }

    @cached_property
    def components(self) -> Mapping[str, str]:
        """The pack's components as it spells them, by `_folded`."""
        return {
            _folded(activity.component): activity.component
            for activities in self.listed_activities.values()
            for activity in activities.values()
        }

    @cached_property
    def partners(self) -> frozenset[str]:
        """The Delivery Partners of everybody known, once the call's participants are in."""
        return frozenset(person.delivery_partner for person in self.people.values())

    def judge_activity(
        self, course: str, activities: Mapping[str, Activity], block: int, component: str, title: str, credits: int
    ) -> tuple[str, str, str | None]:
        """Component and title as the pack spells them, and what is odd about the activity. Repeated ones are judged once."""
        key = (course, block, component, title, credits)
        judged = self._judged.get(key)
        if judged is None:
            component = self.components.get(_folded(component), component)
            activity = activities.get(_folded(title))
            warning = None
            if activity is None:
                warning = f"Block {block} of {course} does not list “{shown(title)}”."
            elif activity.credits is not None and activity.credits != credits:
                warning = f"“{shown(title)}” is worth {activity.credits} credits in {course}, not {credits}."
            if len(self._judged) >= _REMEMBERED:
                self._judged.clear()
            judged = self._judged[key] = (component, activity.title if activity else title, warning)
        return judged

    def refuse(self, row: Row, findings: Findings) -> None:
        """Remembers where a participant's own row was wrong, so that other files' rows can say so."""
        participant_id = row.values.get("participant_id")
        if isinstance(participant_id, str):
            self.refused.setdefault(participant_id, f"row {row.number} of {findings.file}")

    def person(self, row: Row, findings: Findings) -> Person | None:
        """The participant a row is about; notes a problem where there is none whom this import may touch."""
        participant_id = row.word("participant_id")
        person = self.people.get(participant_id)
        if person is not None and self.partner in (None, person.delivery_partner):
            return person
        if person is None and participant_id in self.refused:
            why = f"This participant's own row is wrong ({self.refused[participant_id]}): mend that one first."
        elif self.partner is None:
            why = "No participant has this id: correct it, or import the participants file too."
        else:
            why = f"No participant of {self.partner} has this id: correct it, or leave the row out."
        findings.wrong(row, "participant_id", why)
        return None


RowCheck = Callable[[Row, Known, Findings], None]


def _check_participant(row: Row, known: Known, findings: Findings) -> None:
    values, pack = row.values, known.pack
    course = pack.course_named(row.word("course"))
    cohort = row.count("cohort")
    if course is None:
        findings.wrong(row, "course", f"No such course: give {listed(sorted(pack.courses))}, or DfE's identifier.")
    if cohort not in pack.cohorts:
        findings.wrong(
            row, "cohort", f"No such cohort: give {listed([str(number) for number in sorted(pack.cohorts)])}."
        )
    if course is not None and cohort in pack.cohorts:
        values["course"] = course.code
        if course.code not in pack.cohorts[cohort].courses:
            offered = [str(one.number) for one in pack.cohorts.values() if course.code in one.courses]
            where = f"it is in {listed(offered, 'and')}" if offered else "nor in any other"
            findings.wrong(
                row, "cohort", f"{course.code} is not offered in cohort {cohort}; {where}: correct one of them."
            )
    partner = row.word("delivery_partner")
    participant_id = row.word("participant_id")
    if known.partner is not None:
        stored = known.people.get(participant_id)
        if partner != known.partner:
            findings.wrong(row, "delivery_partner", f"Only rows of {known.partner} are taken here: leave this one out.")
        elif stored is not None and stored.delivery_partner != partner and not known.may_move_in:
            findings.wrong(
                row,
                "participant_id",
                f"This id cannot be used for {partner}: ask your administrator to import the row.",
            )
    if course is not None and not row.wrong:
        known.people[participant_id] = Person(course.code, cohort, partner)


def _check_block(row: Row, person: Person, known: Known, findings: Findings) -> Mapping[str, Activity] | None:
    activities = known.listed_activities.get((person.course, row.count("block")))
    if activities is None:
        numbers = [str(block.number) for block in known.pack.blocks.get(person.course, ())]
        right = f"give {listed(numbers)}" if numbers else "leave the row out"
        findings.wrong(row, "block", f"{person.course} has no such block: {right}.")
    return activities


def _check_activity(row: Row, known: Known, findings: Findings) -> None:
    person = known.person(row, findings)
    if person is None:
        return
    activities = _check_block(row, person, known, findings)
    if activities is None:
        return
    component, title, credits = row.word("component"), row.word("title"), row.count("credits")
    judged = known.judge_activity(person.course, activities, row.count("block"), component, title, credits)
    row.values["component"], row.values["title"], warning = judged
    if warning is not None:
        findings.warn(row, warning)


def _check_video(row: Row, known: Known, findings: Findings) -> None:
    person = known.person(row, findings)
    if person is not None:
        _check_block(row, person, known, findings)


def _check_somebody(row: Row, known: Known, findings: Findings) -> None:
    known.person(row, findings)


def _check_report(row: Row, known: Known, findings: Findings) -> None:
    known.person(row, findings)
    start, end = row.day("period_start"), row.day("period_end")
    if end < start:
        findings.wrong(row, "period_end", f"The period ends before it starts: give a day from {start} on.")


def _check_register(row: Row, known: Known, findings: Findings) -> None:
    known.person(row, findings)
    event_date, contingency_on = row.day("event_date"), row.values.get("contingency_on")
    if isinstance(contingency_on, date) and contingency_on < event_date:
        findings.wrong(row, "contingency_on", f"It lies before the event: give a day from {event_date} on.")


def _check_declaration(row: Row, known: Known, findings: Findings) -> None:
    person = known.person(row, findings)
    if person is None:
        return
    numbers = (
        [one.number for one in known.pack.outputs_of(person.course)] if person.course in known.pack.courses else []
    )
    if row.values["output"] not in numbers:
        right = listed([str(number) for number in numbers])
        findings.wrong(row, "output", f"{person.course} has no such output: give {right}.")


def _check_meeting(row: Row, known: Known, findings: Findings) -> None:
    partner = row.word("delivery_partner")
    if known.partner not in (None, partner):
        findings.wrong(row, "delivery_partner", f"Only rows of {known.partner} are taken here: leave this one out.")
    elif partner not in known.partners:
        findings.warn(row, f"No participant is with {shown(partner)}.")


ROW_CHECKS: Mapping[str, RowCheck] = {
    "participants": _check_participant,
    "activities": _check_activity,
    "declaration_report": _check_report,
    "engagement_report": _check_somebody,
    "register": _check_register,
    "videos": _check_video,
    "assessments": _check_somebody,
    "declarations": _check_declaration,
    "meetings": _check_meeting,
}


def _folded(words: str) -> str:
    straight = words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("\N{LEFT SINGLE QUOTATION MARK}", "'")
    return " ".join(straight.replace("\N{EN DASH}", "-").split()).casefold()


def lacking(row: Row, kind: Kind) -> list[str]:
    """The required columns that are blank in a row (its key aside)."""
    values = row.values
    return [name for name in kind.required if name in values and values[name] is None]


class Keys:
    """Which keys a file has had, and in which row; one key may stand in a file once, even if the rows are the same.

    A title or component in another case is the same title or component.
    """

    def __init__(self, kind: Kind) -> None:
        self._names = kind.keys
        self._rows: dict[Value | None, dict[tuple[Value | None, ...], int]] = {}
        self._parts: dict[tuple[Value | None, ...], tuple[Value | None, ...]] = {}
        self._folds = kind.name == "activities"

    def check(self, row: Row, findings: Findings) -> None:
        """Notes a problem when the row's key stood in an earlier row."""
        try:
            first, *others = [row.values[name] for name in self._names]
        except KeyError:
            return
        rest = self._part(tuple(others))
        earlier = self._rows.setdefault(first, {}).setdefault(rest, row.number)
        if earlier != row.number:
            what = listed(self._names, "and")
            findings.wrong(row, self._names[0], f"Row {earlier} has the same {what}: keep one of the two.")

    def _part(self, others: tuple[Value | None, ...]) -> tuple[Value | None, ...]:
        """The rest of a key, one object for all participants who share it."""
        part = self._parts.get(others)
        if part is None:
            part = tuple(_folded(one) if self._folds and isinstance(one, str) else one for one in others)
            part = self._parts[others] = self._parts.setdefault(part, part)
        return part


# ---- rows against their neighbours


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as its register is stored: per participant when the contingency was engaged with."""

    event_type: str
    event_date: date
    contingencies: dict[str, date | None]


def unlisted(row: Row, known: Known) -> bool:
    """Whether a good activities row has a title that its block does not list, so that only the file spells it."""
    listed_ones = known.listed_activities[known.people[row.word("participant_id")].course, row.count("block")]
    return _folded(row.word("title")) not in listed_ones


def spell_as_stored(rows: Iterable[Row], stored: Iterable[tuple[str, int, str, str]]) -> None:
    """Gives activities that the pack does not list the spelling they are stored under: another case is no other title."""
    spelt = {
        (participant_id, block, _folded(component), _folded(title)): (component, title)
        for participant_id, block, component, title in stored
    }
    for row in rows:
        component, title = row.word("component"), row.word("title")
        key = (row.word("participant_id"), row.count("block"), _folded(component), _folded(title))
        row.values["component"], row.values["title"] = spelt.get(key, (component, title))


def check_periods(rows: list[Row], stored: Mapping[str, list[tuple[date, date]]], findings: Findings) -> None:
    """Refuses periods of one participant's Declaration report that overlap (`stored` by participant)."""
    held = {participant_id: list(periods) for participant_id, periods in stored.items()}
    for row in rows:
        start, end = row.day("period_start"), row.day("period_end")
        periods = held.setdefault(row.word("participant_id"), [])
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


def check_events(rows: list[Row], stored: Mapping[str, StoredEvent], findings: Findings) -> None:
    """Holds every event to one date and type.

    A stored event is moved by a file that carries every stored row of it; otherwise the stored day stands (and for a
    new event that of its first row). `rows` are all good rows of the file.
    """
    claims: dict[str, dict[tuple[Value | None, Value | None], list[Row]]] = {}
    for row in rows:
        claim = (row.values["event_type"], row.values["event_date"])
        claims.setdefault(row.word("event_id"), {}).setdefault(claim, []).append(row)
    for event_id, by_claim in claims.items():
        event = stored.get(event_id)
        if event is None:
            _hold_to(next(iter(by_claim)), by_claim, findings)
            continue
        held = (event.event_type, event.event_date)
        moves_to = next(
            (claim for claim in by_claim if claim != held and _moves(event, by_claim[claim], findings)), None
        )
        if moves_to is None:
            _hold_to_stored(held, event, by_claim, findings)
        else:
            _hold_to(moves_to, by_claim, findings)


def _hold_to(
    claim: tuple[Value | None, Value | None],
    by_claim: Mapping[tuple[Value | None, Value | None], list[Row]],
    findings: Findings,
) -> None:
    for other, claimants in by_claim.items():
        if other != claim:
            column = "event_date" if other[1] != claim[1] else "event_type"
            for row in claimants:
                findings.wrong(
                    row,
                    column,
                    f"Row {by_claim[claim][0].number} has this event as {claim[0]} on {claim[1]}: "
                    "give one event one date and one type.",
                )


def _hold_to_stored(
    held: tuple[str, date],
    event: StoredEvent,
    by_claim: Mapping[tuple[Value | None, Value | None], list[Row]],
    findings: Findings,
) -> None:
    count = len(event.contingencies)
    rows_of_it = "its stored row" if count == 1 else f"all {count} stored rows of it"
    for claim, claimants in by_claim.items():
        if claim != held:
            column = "event_date" if claim[1] != held[1] else "event_type"
            for row in (one for one in claimants if not one.wrong):
                findings.wrong(
                    row,
                    column,
                    f"The event is stored as {held[0]} on {held[1]}: give that, or change {rows_of_it} at once.",
                )


def _moves(event: StoredEvent, claimants: list[Row], findings: Findings) -> bool:
    """Whether these rows are every stored row of the event, and none would come after its own contingency."""
    if not event.contingencies.keys() <= {row.word("participant_id") for row in claimants}:
        return False
    for row in claimants:
        stored, moved_to = event.contingencies.get(row.word("participant_id")), row.day("event_date")
        if row.values.get("contingency_on") is None and stored is not None and stored < moved_to:
            findings.wrong(
                row, "event_date", f"The stored contingency_on, {stored}, lies before it: give a later one too."
            )
    return not any(row.wrong for row in claimants)


def check_declarations(
    rows: list[Row], stored: Mapping[str, Mapping[tuple[int, date], str]], findings: Findings
) -> None:
    """Refuses a second live declaration for an output, and warns of one out of sequence (R54).

    `stored` gives, by participant, the state of each declaration by output and day. `rows` are all good rows of the
    file.
    """
    states: dict[str, dict[tuple[int, date], str]] = {}
    live: list[tuple[Row, str, int, date]] = []
    for row in rows:
        participant_id, output, day = row.word("participant_id"), row.count("output"), row.day("declared_on")
        held = states.setdefault(participant_id, dict(stored.get(participant_id, {})))
        state = str(row.values.get("state") or held.get((output, day), "submitted"))
        if state in DEAD_STATES:
            held[output, day] = state
        else:
            live.append((row, participant_id, output, day))
    for row, participant_id, output, day in live:
        others = [other for other in _live(states[participant_id], output) if other != day]
        if others:
            findings.wrong(
                row,
                "declared_on",
                f"Output {output} is already declared on {others[0]}: give that one a state such as voided first.",
            )
        else:
            states[participant_id][output, day] = "submitted"
    for row, participant_id, output, day in live:
        if output > 1 and not row.wrong:
            earlier = _live(states[participant_id], output - 1)
            if not earlier:
                findings.warn(row, f"Output {output} is declared and Output {output - 1} is not (outputs go in order).")
            elif earlier[-1] > day:
                findings.warn(row, f"Output {output} is declared before Output {output - 1} (outputs go in order).")


def _live(states: Mapping[tuple[int, date], str], output: int) -> list[date]:
    return sorted(day for (number, day), state in states.items() if number == output and state not in DEAD_STATES)
