"""The entries of one pack that have to agree with each other, and where each of them stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from reference.criteria import Combine, CriteriaGroup, Criterion, leaves_of
from reference.pack import (
    Activity,
    AssessmentWindow,
    Cohort,
    Course,
    DeclarationType,
    DeferralPolicy,
    Escalation,
    EventKind,
    NotBetween,
    OutputSpec,
    Paper,
    PersonalLimit,
    Price,
    Saying,
    ScheduleRow,
)
from reference.pack_files import meant
from reference.problems import Fault, PackPlace

DFES_ORDER: tuple[str, ...] = get_args(DeclarationType)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class CriteriaEntry:
    """One [[criteria]] of the file: what some outputs of some groups take."""

    groups: tuple[str, ...]
    declarations: tuple[DeclarationType, ...]
    combine: Combine
    source: str
    n: int | None = None  # of `at_least`


@dataclass(frozen=True, slots=True)
class GateEntry:
    """One [[gate]] of the file: what it takes before the assessment of some groups may be sat."""

    groups: tuple[str, ...]
    combine: Combine
    source: str
    title: str = "May sit the assessment"
    n: int | None = None  # of `at_least`

    @property
    def declarations(self) -> tuple[DeclarationType, ...]:
        """It stands beside the output of completion, and is measured as that is."""
        return ("completed",)


Asking = CriteriaEntry | GateEntry  # whatever has a tree of criteria


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One row of blocks.csv."""

    course: str
    block: int
    credits: int | None
    source: str


@dataclass(slots=True)
class Names:
    """What the files name, in faulty entries as well: so that one fault is not told again wherever its entry is named.

    A name that can't be read leaves its table out of `complete`; nothing is unknown then.
    """

    courses: dict[str, str] = field(default_factory=dict)  # code: group
    offered: dict[str, frozenset[str] | None] = field(default_factory=dict)  # cohort's key: codes; None: can't be read
    outputs: set[tuple[str, int]] = field(default_factory=set)  # group, number
    complete: set[str] = field(default_factory=set)  # tables
    faulty: dict[str, list[Mapping[str, Any]]] = field(
        default_factory=dict
    )  # by table: entries that are not as they should

    @property
    def groups(self) -> list[str]:
        """The groups that have outputs."""
        return sorted({group for group, _ in self.outputs})

    def in_sequence(self, group: str) -> bool:
        """Whether a group's outputs are numbered from 1 without a gap."""
        numbers = {number for named, number in self.outputs if named == group}
        return numbers == set(range(1, len(numbers) + 1))

    def lacks_course(self, code: str) -> bool:
        """Whether certainly no course has this code."""
        return "course" in self.complete and code not in self.courses

    def lacks_cohort(self, key: str) -> bool:
        """Whether certainly no cohort has this key."""
        return "cohort" in self.complete and key not in self.offered

    def lacks_group(self, group: str) -> bool:
        """Whether certainly no output is given for this group."""
        return "output" in self.complete and group not in self.groups

    def lacks_output(self, group: str, number: int) -> bool:
        """Whether certainly the group has no output with this number."""
        return "output" in self.complete and (group, number) not in self.outputs

    def offers_none(self, cohort: str, group: str) -> bool:
        """Whether certainly the cohort, which is known and offers some course, offers none of this group."""
        offered = self.offered.get(cohort)
        if "course" not in self.complete or not offered or not offered <= self.courses.keys():
            return False
        return all(self.courses[code] != group for code in offered)

    def offers_not(self, cohort: str, code: str) -> bool:
        """Whether certainly the cohort, which is known and offers some course, does not offer this one."""
        offered = self.offered.get(cohort)
        return bool(offered) and code not in (offered or ())


@dataclass(frozen=True, slots=True)
class GivenEntries:
    """The sound entries of one pack. `settings` holds those settings that are sound, with defaults."""

    courses: Sequence[Course]
    known_courses: Sequence[
        Course
    ]  # as `courses`, and faulty ones whose code and group are sound: of these no more is asked
    group_names: Mapping[str, str]
    outputs: Sequence[OutputSpec]
    cohorts: Sequence[Cohort]
    known_cohorts: Sequence[Cohort]  # as `cohorts`, and faulty ones whose key and courses are sound
    criteria: Sequence[CriteriaEntry]
    gates: Sequence[GateEntry]
    trees: Mapping[int, CriteriaGroup]  # by the identity of their entry in `criteria` or `gates`
    partly: Set[int]  # groups and leaves of these, by identity, below which something is faulty
    written: Mapping[int, Set[str]]  # the keys that a leaf, part or item of these gives, by its identity
    event_kinds: Sequence[EventKind]
    papers: Sequence[Paper]
    prices: Sequence[Price]
    personal_limits: Sequence[PersonalLimit]
    schedule: Sequence[ScheduleRow]
    blocks: Sequence[BlockRow]
    activities: Sequence[Activity]
    windows: Sequence[AssessmentWindow]
    escalations: Sequence[Escalation]
    sayings: Sequence[Saying]
    settings: Mapping[str, Any]
    deferral: DeferralPolicy | None  # None: there is none, or it is faulty
    not_between: Sequence[tuple[int, NotBetween]]  # its spans that are sound, each with its place among them
    names: Names
    places: Mapping[int, PackPlace]  # by an entry's identity: two may be alike

    def at(self, entry: object, *keys: str | int) -> PackPlace:
        """Where an entry of these stands, or a key of it."""
        return self.places[id(entry)].of(*keys)

    @property
    def asking(self) -> Sequence[Asking]:
        """The criteria and the gates."""
        return [*self.criteria, *self.gates]

    def leaves_of(self, entry: Asking) -> list[Criterion]:
        """The criteria of an entry, wherever in its tree."""
        return [criterion for _, criterion in leaves_of(self.trees[id(entry)])]

    def criteria_are_clear(self) -> bool:
        """Whether it is certain for which outputs there are criteria."""
        if "criteria" not in self.names.complete or self.names.faulty.get("criteria"):
            return False
        if any(
            self.names.lacks_group(group) or entry.groups.count(group) > 1
            for entry in self.criteria
            for group in entry.groups
        ):
            return False
        named = [id(output) for entry in self.criteria for output in self.outputs_for(entry)]
        return len(named) == len(set(named)) and all(map(self._names_outputs, self.criteria))

    def _names_outputs(self, entry: CriteriaEntry) -> bool:
        """Whether each group and each declaration that criteria name is one of an output: otherwise another is meant."""
        outputs = self.outputs_for(entry)
        groups, declared = {o.group for o in outputs}, {o.declaration_type for o in outputs}
        return groups >= set(entry.groups) and declared >= set(entry.declarations)

    def with_criteria(self) -> set[tuple[str, int]]:
        """The outputs that have criteria, by group and number: only these are reviewed."""
        return {(output.group, output.number) for entry in self.criteria for output in self.outputs_for(entry)}

    def declared_in_order(self, group: str) -> bool:
        """Whether a group's declaration types are in DfE's order, each once; otherwise one of them is not as it is meant."""
        places = [DFES_ORDER.index(output.declaration_type) for output in self.outputs if output.group == group]
        return places == sorted(set(places))

    def outputs_for(self, entry: Asking) -> list[OutputSpec]:
        """The outputs that an entry's criteria are for, in order."""
        return [o for o in self.outputs if o.group in entry.groups and o.declaration_type in entry.declarations]


def repeated(
    entries: Iterable[Thing],
    key: Callable[[Thing], Hashable],
    at: Callable[[Thing], PackPlace],
    called: Callable[[Thing], str],
) -> Iterator[Fault]:
    """What is given again, as `key` compares it; letters' case does not count."""
    first: dict[Hashable, Thing] = {}
    for entry in entries:
        name = key(entry)
        name = name.casefold() if isinstance(name, str) else name
        other = first.setdefault(name, entry)
        if other is not entry:
            yield Fault(at(entry), f"{called(entry)} is given twice; leave one of them out", "the first is", at(other))


def alone(entries: Iterable[Thing], key: Callable[[Thing], Hashable]) -> list[Thing]:
    """Those entries that no other is alike by this key: of what is given twice it is not certain which is meant."""
    entries = list(entries)
    counts = Counter(map(key, entries))
    return [entry for entry in entries if counts[key(entry)] == 1]


def meant_by(name: str, known: Iterable[str]) -> str:
    """The one of these names that is probably meant, as the beginning of what is said; "" where it is none."""
    spelt = {one.casefold(): one for one in known}
    return "".join(f"is “{spelt[likely]}” meant? " for likely in meant(name, list(spelt)))


def listed(names: Iterable[object]) -> str:
    """Names in a sentence."""
    return ", ".join(map(str, names)) or "none"
