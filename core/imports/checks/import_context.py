"""What the rows of a call are checked against: the pack, who takes which course, and how names are meant.

Nothing here reads a file or a database: what is stored comes in as plain mappings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from core.imports import identifiers
from core.imports.checks.partner_names import PartnerNames
from core.imports.checks.same_person import Doubles, Held, HeldColumns
from core.imports.rows import Findings, Row
from core.records.compared_names import folded
from core.records.identity_keys import trn_key
from core.spreadsheets.cells import listed
from core.spreadsheets.file_problems import shown
from reference.pack import Activity, Pack, bare

_REMEMBERED = 100_000
ANOTHER_PACK = "If yours is another provider's or a newer one, set NPQ_PACK to its pack, or"


class ListedPerson(NamedTuple):
    """What other files need to know of a participant; one object for all who share it."""

    course: str
    cohort: str
    delivery_partner: str


SEVERAL = ListedPerson("", "", "")  # stands for whoever takes several courses: which one a row is about, it says itself


class TakenCourse(NamedTuple):
    """One of somebody's enrolments."""

    id: int
    listed: ListedPerson


@dataclass
class ImportContext:
    """What the rows of a call are checked against. `people` grows with every participants row that is taken, and with it
    `enrolments`, the ids of theirs; `new_enrolments` gives so many further ones. Of those who take several courses `several` has
    each by its course, and the others have `SEVERAL`. `listed_by_file` has, for each participants file so far, the courses of each;
    `named_too` those of rows that are wrong, or of files that are still to come.

    `partner` restricts the call to one Delivery Partner; with `may_move_in` False nobody stored elsewhere may join it.
    `partner_names` tells which one a row means, however it is spelt. `refused` says where a participant's own row was wrong.
    `held` gives everybody's TRN and e-mail as stored; with `same_ids_meant` an id that is nearly another's is a new one, and a TRN
    or e-mail of another is right.
    `moved` are those who came back into another cohort. `unsaid_hours` grows with every event whose length not all its lines say.
    """

    pack: Pack
    people: dict[str, ListedPerson]
    today: date
    partner: str | None = None
    may_move_in: bool = True
    partner_names: PartnerNames = field(default_factory=PartnerNames)
    refused: dict[str, str] = field(default_factory=dict)
    held: Callable[[], Iterable[HeldColumns]] = tuple
    same_ids_meant: bool = False
    moved: frozenset[str] = frozenset()
    unsaid_hours: set[str] = field(default_factory=set)
    enrolments: dict[str, int] = field(default_factory=dict)
    several: dict[str, dict[str, TakenCourse]] = field(default_factory=dict)
    listed_by_file: list[dict[Any, tuple[Any, ...]]] = field(default_factory=list)
    named_too: dict[str, frozenset[Any]] = field(default_factory=dict)
    new_enrolments: Callable[[int], Iterable[int]] = range
    _alike: dict[ListedPerson, ListedPerson] = field(default_factory=dict)
    _known_listed: dict[str, frozenset[Any]] = field(default_factory=dict)
    _judged: dict[tuple[str, int, str, str, int], tuple[str, str, str | None]] = field(default_factory=dict)

    def take(self, participant_ids: Iterable[str], people: Iterable[ListedPerson]) -> None:
        """Remembers participants whose own rows are good: whoever takes several courses has that of the row already."""
        alike, several = self._alike, self.several
        for participant_id, person in zip(participant_ids, people, strict=True):
            listed = alike.setdefault(person, person)
            if several and participant_id in several:
                courses = several[participant_id]
                courses[listed.course] = TakenCourse(courses[listed.course].id, listed)
            else:
                self.people[participant_id] = listed

    def enrolled(self, participant_ids: Sequence[Any], courses: Sequence[Any]) -> list[int]:
        """The ids of the enrolments of good participants rows, each of them new where there is none."""
        enrolments, several = self.enrolments, self.several
        if new := [who for who in dict.fromkeys(participant_ids) if who not in enrolments]:
            enrolments.update(zip(new, self.new_enrolments(len(new)), strict=True))
        found = map(enrolments.__getitem__, participant_ids)
        if not several:
            return list(found)
        rows = zip(participant_ids, courses, found, strict=True)
        return [several[who][course].id if who in several else one for who, course, one in rows]

    def tell(self, row: Row) -> None:
        """Says in a row of facts of which enrolment it is, where that can be told from it alone."""
        who, written = row.values.get("participant_id"), row.values.get("course")
        held = self.held_by(who) if isinstance(who, str) else {}
        mine = {course: one for course, one in held.items() if self.may_touch(one.listed)}
        found: TakenCourse | None = None
        if isinstance(written, str):
            course = self.pack.course_named(written)
            found = mine.get(course.code) if course is not None else None
        elif len(mine) == 1:
            [found] = mine.values()
        if found is not None:
            row.enrolment = found.id
            row.values["course"] = found.listed.course if len(held) > 1 else None

    def listed(self, participant_id: str, enrolment: int | None) -> ListedPerson:
        """As what a participant is listed in one of their enrolments."""
        return next(one.listed for one in self.held_by(participant_id).values() if one.id == enrolment)

    def enrol(self, participant_id: str, enrolment: int | None, listed: ListedPerson) -> int:
        """Remembers an enrolment whose row is good, a new one where it has no id yet; its id."""
        listed = self._alike.setdefault(listed, listed)
        held = self.held_by(participant_id)
        if enrolment is None:
            [enrolment] = self.new_enrolments(1)
        held = {course: one for course, one in held.items() if one.id != enrolment}  # of a course that was corrected
        held[listed.course] = TakenCourse(enrolment, listed)
        if len(held) == 1:
            self.people[participant_id], self.enrolments[participant_id] = listed, enrolment
            self.several.pop(participant_id, None)
        else:
            self.people[participant_id], self.several[participant_id] = SEVERAL, held
        return enrolment

    def held_by(self, participant_id: str) -> dict[str, TakenCourse]:
        """Somebody's enrolments by course."""
        listed = self.people.get(participant_id)
        if listed is None:
            return {}
        if listed is SEVERAL:
            return self.several[participant_id]
        return {listed.course: TakenCourse(self.enrolments[participant_id], listed)}

    def listed_courses(self, participant_id: str) -> set[Any]:
        """The courses for which the participants files so far have a row that is taken: exports of two courses may be two files."""
        return {course for file in self.listed_by_file for course in file.get(participant_id, ())}

    def judge_beside(self, participant_id: str, courses: Iterable[Any]) -> None:
        """Remembers that a row was judged as if the call's files named only these courses."""
        before = self._known_listed.get(participant_id)
        self._known_listed[participant_id] = frozenset(courses) if before is None else before.intersection(courses)

    def named_later(self) -> dict[str, frozenset[Any]]:
        """Of those whose rows were judged too early all the courses that the call's files name."""
        found = {}
        for who, before in self._known_listed.items():
            courses = self.named_too.get(who, frozenset()) | self.listed_courses(who)
            if not courses <= before:
                found[who] = courses
        return found

    def may_touch(self, person: ListedPerson) -> bool:
        """Whether this call may change rows of such a participant."""
        return self.partner in (None, person.delivery_partner)

    @cached_property
    def doubles(self) -> Doubles:
        """Who may be somebody else who is known."""
        return Doubles(self.people.keys(), self.held)

    def doubtful(self, rows: HeldColumns) -> set[int]:
        """The places of good participants rows about which there may be something to say; all others are remembered."""
        people, doubles = self.people, self.doubles
        odd = {place for place, trn in enumerate(rows.trns) if trn is not None and trn_key(trn) != trn}
        odd.update(n for n, who in enumerate(rows.ids) if who not in people and identifiers.id_trouble(who) is not None)
        if self.same_ids_meant or (not odd and doubles.take_all(rows)):
            return odd
        for place, row in enumerate(map(Held, *rows)):
            if place in odd or doubles.others(row):
                odd.add(place)
            else:
                doubles.take(row)
        return odd

    def may_name(self, participant_id: str) -> bool:
        """Whether whoever imports may know that there is such a participant."""
        held = self.held_by(participant_id).values()
        return self.may_move_in or any(one.listed.delivery_partner == self.partner for one in held)

    def used_elsewhere(self, called: str = "id") -> str:
        """What is said where another Delivery Partner has what a row names: not whose it is."""
        return f"This {called} cannot be used for {self.partner}: ask your administrator to import the row."

    @cached_property
    def listed_activities(self) -> Mapping[tuple[str, int], Mapping[str, Activity]]:
        """The pack's activities by course and block, then by title as `folded` gives it; a corrected one also as printed (R51)."""
        return {
            (block.course, block.number): {
                **{folded(one.title_printed): one for one in block.activities if one.title_printed},
                **{folded(one.title): one for one in block.activities},
            }
            for blocks in self.pack.blocks.values()
            for block in blocks
        }

    @cached_property
    def components(self) -> Mapping[str, str]:
        """The pack's components as it spells them, by `folded`."""
        return {
            folded(activity.component): activity.component
            for activities in self.listed_activities.values()
            for activity in activities.values()
        }

    @cached_property
    def partners(self) -> frozenset[str]:
        """The Delivery Partners of everybody known, once the call's participants are in."""
        return frozenset(self._partner_of_each())

    def preferable_partners(self) -> frozenset[str]:
        """Of new Delivery Partners that may be one: those that most rows name; none where no name is in doubt."""
        doubted = self.partner_names.doubted
        if not doubted:
            return frozenset()
        return self.partner_names.preferable(Counter(name for name in self._partner_of_each() if name in doubted))

    def _partner_of_each(self) -> Iterator[str]:
        """The Delivery Partner of each enrolment."""
        yield from (person.delivery_partner for person in self.people.values() if person is not SEVERAL)
        yield from (one.listed.delivery_partner for held in self.several.values() for one in held.values())

    def added_partners(self) -> list[str]:
        """The Delivery Partners that the participants taken so far are the first of, where there were others before."""
        return self.partner_names.added(person.delivery_partner for person in self._alike)

    def takes_any_block(self, course: str) -> bool:
        """Whether the pack lists no blocks for a course: then any block and title is one of its."""
        return course in self.pack.courses and not self.pack.blocks.get(course)

    @cached_property
    def event_kinds(self) -> Mapping[str, str]:
        """The keys of the pack's kinds of event by what may stand for each: the key or the name, as they are and as compared."""
        kinds = self.pack.event_kinds.values()
        names, keys = ({bare(kind.name): kind.key for kind in kinds}, {bare(kind.key): kind.key for kind in kinds})
        return {**names, **keys, **{kind.key: kind.key for kind in kinds}}

    def judge_activity(
        self, course: str, activities: Mapping[str, Activity], block: int, component: str, title: str, credits: int
    ) -> tuple[str, str, str | None]:
        """Component and title as the pack spells them, and what is odd about the activity. Repeated ones are judged once."""
        key = (course, block, component, title, credits)
        judged = self._judged.get(key)
        if judged is None:
            component = self.components.get(folded(component), component)
            activity = activities.get(folded(title))
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
            self.named_too[participant_id] = self.named_too.get(participant_id, frozenset()) | {
                row.values.get("course")
            }

    def person(self, row: Row, findings: Findings) -> ListedPerson | None:
        """The participant a row is about; notes a problem where there is none whom this import may touch."""
        if row.enrolment is not None:
            return self.listed(row.word("participant_id"), row.enrolment)
        participant_id = row.word("participant_id")
        held = {course: one for course, one in self.held_by(participant_id).items() if self.may_touch(one.listed)}
        if held:
            self._ask_for_course(row, held, findings)
            return None
        if participant_id not in self.people and participant_id in self.refused:
            why = f"This participant's own row is wrong ({self.refused[participant_id]}): mend that one first."
        else:
            why = self._unknown(participant_id)
        findings.wrong(row, "participant_id", why)
        return None

    def ask_for_course(self, row: Row, findings: Findings) -> None:
        """Notes that a participants row of somebody who takes several names none."""
        who = row.values.get("participant_id")
        held = self.held_by(who) if isinstance(who, str) else {}
        if len(held) > 1 and all(self.may_touch(one.listed) for one in held.values()):
            self._ask_for_course(row, held, findings)

    def _ask_for_course(self, row: Row, held: Mapping[str, TakenCourse], findings: Findings) -> None:
        """Notes which courses a row can be about that names another, or none."""
        who, takes, written = shown(row.word("participant_id")), listed(sorted(held), "and"), row.values.get("course")
        if not isinstance(written, str):
            findings.wrong(
                row, "participant_id", f"{who} takes {takes}: say in a column “course” which one this row is about."
            )
        elif (course := self.pack.course_named(written)) is None:
            findings.wrong(row, "course", no_course(written, self.pack))
        else:
            where = "" if self.partner is None else f" with {self.partner}"
            findings.wrong(
                row, "course", f"{who} is not on {course.code}{where} but on {takes}: correct it, or leave the row out."
            )

    def _unknown(self, participant_id: str) -> str:
        if trouble := identifiers.id_trouble(participant_id):
            return trouble
        nobody = f"No participant{'' if self.partner is None else f' of {self.partner}'} has this id"
        near = self.doubles.near(participant_id)
        if near is not None and any(self.may_touch(one.listed) for one in self.held_by(near).values()):
            return f"{nobody}: did you mean {near}?"
        otherwise = "import the participants file too" if self.partner is None else "leave the row out"
        return f"{nobody}: correct it, or {otherwise}."


def no_course(given: str, pack: Pack) -> str:
    """What is said where a pack has no course of this name."""
    return (
        f"The policy pack {pack.name} has no course “{shown(given)}”: give {listed(sorted(pack.courses))}, or DfE's identifier. "
        f"{ANOTHER_PACK} add the course: docs/packs.md."
    )
