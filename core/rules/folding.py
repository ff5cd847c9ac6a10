"""Folds one participant's facts into their progress record: by day, with running totals, and nothing judged.

The same fold makes it from a loaded participant and from the rows that an import has just written (`core.derived.progress_store`).
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate, chain
from typing import Any, NamedTuple

from core.rules.facts import FACTS, NOTHING_DECIDED, Decided, Participant, columns_read, facts_of, fields_read
from core.rules.folding_measures import MeasuredFold, Remembered, Told
from core.rules.programme import NOTHING_PLANNED, Programme
from core.rules.progress import (
    ACCEPTED,
    CONFIRMED,
    COVERED,
    HEAD,
    HOW_BITS,
    KINDS,
    MODERATION,
    NOT_DECLARED,
    RESULTS,
    TRAINING,
    UNKNOWN,
    WAS_THERE,
    Progress,
    millionths,
    unpacked,
)
from reference import measures
from reference.pack import Pack

_ELSE, _UNIT, _TASK, _OWN = range(
    4
)  # what a row of the activity log is: a self-study unit, a task, a self-reported event

Day = date | str | None  # a date, or as a database keeps it: ISO text


LAYOUT = 4  # of a record, and of what is kept beside it: raised with every change, so that all are made anew


class Log(NamedTuple):
    """One participant's activity log in two columns, equally long: it is by far the longest of their facts."""

    completed_on: Sequence[Day] = ()
    told: Sequence[str] = ()  # all else that counts of each row, the cells of `Fold.told` with `WITHIN` between them


TOLD = ("credits", "component", "title", "logged_by")
TOLD_OF_ITEMS = (*TOLD, "block")  # where the pack names activities
WITHIN = "\x1d"  # imports drop control codes


class PersonColumns(NamedTuple):
    """What the fold reads of a participant's own row."""

    training_status: str
    application_status: str | None
    contract_returned_on: Day
    sponsorship_returned_on: Day


LOG = "activities"
FOLDED = {
    kind: columns_read(kept.fact) for kind, kept in FACTS.items() if kind != LOG
}  # what rows of each hold, in order
_Rows = Sequence[tuple[Any, ...]]


class Rows(NamedTuple):
    """One participant's facts as plain rows, the input of the fold.

    `facts` are those of each kind of which there are any, as `FOLDED` has them, with something before them that is not looked
    at. `marked`: of the events on which they are booked, those on whose register anybody has a mark (R9). `planned_hours` are
    the credited lengths of planned events as stored, where the fold counts hours.
    """

    person: PersonColumns
    log: Log = Log()
    facts: Mapping[str, _Rows] = {}
    marked: Container[str] = ()
    planned_hours: Mapping[str, Any] = {}  # of the events that are planned with their hours


class Fold:
    """Folds rows into records by a pack's words for self-study, micro tasks and training events."""

    def __init__(self, pack: Pack) -> None:
        settings = pack.settings
        self._study = settings.self_study_component.casefold()
        self._event = settings.training_event_component.casefold()
        self._task = settings.human_check_prefix.casefold()
        self._kinds = {key: place << HOW_BITS for place, key in enumerate(pack.event_kinds)}
        self.told = TOLD_OF_ITEMS if measures.names_items(pack) else TOLD
        self.counts_hours = measures.counts_hours(pack)
        self.counts_planned = measures.counts_planned(pack)
        self._read = Remembered(self._read_anew)
        self._blocks = {code: {one.number for one in blocks} for code, blocks in pack.blocks.items() if blocks}
        self._days = Remembered(_ordinal)
        self._shares = Remembered(millionths)
        self._measured = MeasuredFold(pack, self._days.__getitem__, self._told_of)

    @property
    def basis(self) -> str:
        """What a record rests on beyond the facts: records of another basis are folded again."""
        blocks = ",".join(f"{code} {max(numbers)}" for code, numbers in sorted(self._blocks.items()))
        return f"{LAYOUT}|{self._study}|{self._event}|{self._task}|{blocks}|{self._measured.basis}"

    def record(self, course: str, rows: Rows) -> bytes:
        """The record of these rows of somebody on this course."""
        facts, log = rows.facts, rows.log
        logged_on = list(map(self._days.__getitem__, log.completed_on))
        sections = (
            self._person(rows),
            self._declared(facts.get("declarations", ())),
            *self._logged(logged_on, log.told),
            *self._register(facts.get("register", ()), rows.marked),
            self._videos(facts.get("videos", ()), self._blocks.get(course)),
            self._periods(facts.get("declaration_report", ())),
            self._runs(facts.get("engagement_report", ())),
            self._tracked(facts.get("assessments", ())),
        )
        numbers = list(accumulate(map(len, sections), initial=HEAD))
        numbers += chain.from_iterable(sections)
        behind = self._measured.sections(course, facts.get("register", ()), rows.planned_hours, logged_on, log.told)
        if behind:
            numbers += accumulate(map(len, behind), initial=len(numbers) + len(behind) + 1)
            numbers += chain.from_iterable(behind)
        return array("i", numbers).tobytes()

    def _person(self, rows: Rows) -> list[int]:
        training, application, contract, sponsorship = rows.person
        accepted = not application or application.casefold() == ACCEPTED
        has_log = bool(rows.log.completed_on)
        kinds = sum(
            1 << number for number, kind in enumerate(KINDS) if (has_log if kind == LOG else rows.facts.get(kind))
        )
        returned = self._days[contract], self._days[sponsorship]
        return [TRAINING.index(training), int(accepted), *returned, int(has_log), kinds]

    def _declared(self, rows: _Rows) -> list[int]:
        if not rows:
            return []
        days = self._days
        live = [(days[on], output, days[cutoff]) for _, output, on, cutoff, state in rows if state not in NOT_DECLARED]
        return _by_column(sorted(live, reverse=True), 3)

    def _logged(self, days: Sequence[int], told: Sequence[str]) -> tuple[list[int], ...]:
        """The activity log by day: all credits, those of self-study units, of tasks, and self-reported events."""
        if not days:
            return [], [], [], []
        rows = map(self._read.__getitem__, told)
        every: dict[int, int] = {}  # by day: the total after the last of its rows
        units: dict[int, int] = {}
        tasks: dict[int, int] = {}
        own: list[tuple[int, int]] = []
        total = in_units = in_tasks = 0
        for day, (sort, amount) in sorted(zip(days, rows, strict=True)):
            every[day] = total = total + amount
            if sort == _OWN:
                own.append((day, amount))
            elif sort == _UNIT and amount:
                units[day] = in_units = in_units + amount
            elif sort == _TASK and amount:
                tasks[day] = in_tasks = in_tasks + amount
        return [*every, *every.values()], [*units, *units.values()], [*tasks, *tasks.values()], _running(own)

    def _register(self, rows: _Rows, events_marked: Container[str]) -> tuple[list[int], ...]:
        """Attended sessions with how, unmarked ones, every session with the day that governs it, and those made up for."""
        if not rows:
            return [], [], [], []
        attended: list[tuple[int, str, int]] = []
        unmarked: list[tuple[int, int]] = []
        sessions: list[tuple[int, int]] = []
        made_up: list[tuple[int, int]] = []
        for _, event_id, event_type, event_date, status, _, contingency, contingency_on, confirmed_by, _ in rows:
            on = self._days[event_date]
            engaged = self._days[contingency_on] if contingency is not None else 0
            sessions.append((on, engaged or on))
            if contingency is not None:
                made_up.append((engaged or on, 1))
            if status in WAS_THERE and event_type in self._kinds:
                how = self._kinds[event_type]
                if contingency is not None:
                    how |= COVERED | (CONFIRMED if engaged and confirmed_by is not None else 0)
                attended.append((engaged or on, event_id, how))
            elif status == "booked" and event_id not in events_marked:
                unmarked.append((on, 1))
        days_attended = [(day, how) for day, _, how in sorted(attended)]
        return (
            _by_column(days_attended, 2),
            _running(sorted(unmarked)),
            _by_column(sorted(sessions), 2),
            _running(sorted(made_up)),
        )

    def _videos(self, rows: _Rows, blocks: Container[int] | None) -> list[int]:
        """Those of the course's blocks: who moved from another course may have watched further ones."""
        if not rows:
            return []
        days, shares = self._days, self._shares
        return _by_column(
            sorted(
                (days[on], block, shares[percent])
                for _, block, percent, on in rows
                if blocks is None or block in blocks
            ),
            3,
        )

    def _periods(self, rows: _Rows) -> list[int]:
        if not rows:
            return []
        days = self._days
        periods = [
            (days[start], days[end], credits, _known(study), _known(total))
            for _, start, end, credits, study, total in rows
        ]
        return _by_column(sorted(periods), 5)

    def _runs(self, rows: _Rows) -> list[int]:
        if not rows:
            return []
        days, shares = self._days, self._shares
        return _by_column(sorted((days[on], shares[percent], _known(total)) for _, on, percent, total in rows), 3)

    def _tracked(self, rows: _Rows) -> list[int]:
        if not rows:
            return []
        days = self._days
        tries = [
            (
                number,
                days[submitted],
                days[marked],
                days[moderated],
                MODERATION.index(external),
                UNKNOWN if copies is None else int(copies),
                RESULTS.index(result),
            )
            for _, submitted, marked, moderated, external, copies, result, number in rows
        ]
        return _by_column(sorted(tries), 7)

    def _read_anew(self, told: str) -> tuple[int, int]:
        """What sort of row it is, and its credits."""
        credits, name, title, _ = self._told_of(told)
        logged_by = told.rsplit(WITHIN, len(self.told) - len(TOLD) + 1)[1]
        if name == self._study:
            sort = _TASK if title.startswith(self._task) else _UNIT
        else:
            sort = _OWN if name == self._event and logged_by == "self_report" else _ELSE
        return sort, credits

    def _told_of(self, told: str) -> Told:
        """What a row of the activity log tells: credits, component and title as compared, and, where it does, its block."""
        credits, component, rest = told.split(WITHIN, 2)
        title, *others = rest.rsplit(WITHIN, len(self.told) - 3)
        block = int(others[1]) if len(others) > 1 else 0
        return int(credits), component.casefold(), title.casefold(), block


def rows_of(person: Participant, told: Sequence[str]) -> Rows:
    """A loaded participant's facts as the fold takes them; `told`: see `Fold`."""
    return Rows(
        PersonColumns(*_values(person, PersonColumns._fields)),
        Log(
            [activity.completed_on for activity in person.activities],
            [WITHIN.join(map(str, _values(activity, told))) for activity in person.activities],
        ),
        {
            kind: [(None, *_values(fact, fields_read(FACTS[kind].fact))) for fact in facts_of(person, kind)]
            for kind in FOLDED
        },
        {entry.event_id for entry in person.register if entry.event_marked},
        {entry.event_id: entry.planned_hours for entry in person.register if entry.planned_hours is not None},
    )


def _values(of: Any, names: Sequence[str]) -> Iterator[Any]:
    return (getattr(of, name) for name in names)


def progress_of(pack: Pack, person: Participant) -> Progress:
    """The record of a loaded participant."""
    decided = Decided(**{part: getattr(person, part) for part in Decided._fields})
    if decided == NOTHING_DECIDED:
        decided = NOTHING_DECIDED  # the very one: it is looked for
    fold = Fold(pack)
    facts = unpacked(fold.record(person.course, rows_of(person, fold.told)))
    return Progress(
        person.id,
        person.delivery_partner,
        person.course,
        person.cohort,
        facts,
        person.imported,
        decided,
        as_compared(person.schedule),
        Programme(person.planned) if person.planned else NOTHING_PLANNED,
        person.enrolment_id,
    )


def as_compared(schedule: str | None) -> str:
    """A participant's start within their cohort as the pack's are compared with it; "" where none is named."""
    return (schedule or "").strip().casefold()


def _ordinal(day: Day) -> int:
    if day is None:
        return 0
    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()


def _known(figure: int | None) -> int:
    return UNKNOWN if figure is None else figure


def _running(dated: Sequence[tuple[int, int]]) -> list[int]:
    """Days, then the running total after each."""
    return [day for day, _ in dated] + list(accumulate(amount for _, amount in dated))


def _by_column(rows: Sequence[Sequence[int]], width: int) -> list[int]:
    return [row[number] for number in range(width) for row in rows]
