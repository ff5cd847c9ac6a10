"""Whether courses, groups, outputs and papers agree (R1-R3, R6)."""

from __future__ import annotations

from collections.abc import Iterator

from reference.checks.given_entries import DFES_ORDER, GivenEntries, listed, repeated
from reference.pack import Course, OutputSpec, bare
from reference.problems import Fault, PackPlace


def course_faults(given: GivenEntries) -> Iterator[Fault]:
    """Courses, the names of their groups, their outputs, and the papers that are wanted."""
    yield from _courses(given)
    yield from _group_names(given)
    yield from _outputs(given)
    papers = given.papers
    yield from repeated(papers, lambda p: p.key, lambda p: given.at(p, "key"), lambda p: f"the paper {p.key}")
    yield from repeated(papers, lambda p: p.column, lambda p: given.at(p, "column"), lambda p: f"the column {p.column}")


def _courses(given: GivenEntries) -> Iterator[Fault]:
    first: dict[str, tuple[Course, PackPlace]] = {}
    for course in given.courses:
        for key in ("code", "identifier"):
            name, at = getattr(course, key), given.at(course, key)
            other = first.setdefault(bare(name), (course, at))
            if other[0] is course:
                continue
            groups = f", once in the group {other[0].group} and once in {course.group}"
            twice = f"{name} is given twice{groups if other[0].group != course.group else ''}"
            yield Fault(at, f"{twice}; each course is given once, in one group", "the first is", other[1])
            break
        if given.names.lacks_group(course.group):
            says = f"no output is given for the group “{course.group}”; there are {listed(given.names.groups)}"
            yield Fault(given.at(course, "group"), says)
        if course.total is not None and course.total < 1:
            yield Fault(given.at(course, "total"), f"the total must be 1 or more, or “TBC” (given: {course.total})")


def _group_names(given: GivenEntries) -> Iterator[Fault]:
    used = {*given.names.groups, *given.names.courses.values()}
    named: dict[str, str] = {}
    for group, name in given.group_names.items():
        at = PackPlace("pack.toml", ("group_names", group))
        if {"course", "output"} <= given.names.complete and group not in used:
            yield Fault(at, f"there is no group “{group}”, so nothing uses its name; there are {listed(sorted(used))}")
        for said in {bare(name), bare(group)}:
            if named.setdefault(said, group) != group:
                yield Fault(at, f"“{name}” is what the group “{named[said]}” is called; give each a name of its own")


def _outputs(given: GivenEntries) -> Iterator[Fault]:
    used = set(given.names.courses.values())
    faulty = [str(entry.get("group")).strip() for entry in given.names.faulty.get("output", ())]
    for group in given.names.groups:
        theirs = [output for output in given.outputs if output.group == group]
        if theirs and "course" in given.names.complete and group not in used:
            yield Fault(
                given.at(theirs[0], "group"), f"no course is in the group “{group}”, so nothing uses its outputs"
            )
        if group not in faulty:
            yield from _in_order(given, theirs)


def _in_order(given: GivenEntries, theirs: list[OutputSpec]) -> Iterator[Fault]:
    """Numbered from 1 on, and declared in DfE's order, each type once."""
    numbers = [output.number for output in theirs]
    for right, output in enumerate(theirs, start=1):
        if output.number != right:
            says = (
                f"the outputs of a group must be numbered from 1 in order, not {listed(numbers)}: this one is {right}"
            )
            yield Fault(given.at(output, "number"), says)
            break
    earlier = -1
    for output in theirs:
        place = DFES_ORDER.index(output.declaration_type)
        if place <= earlier:
            says = f"declaration types come in DfE's order, each once: {listed(DFES_ORDER)}"
            yield Fault(given.at(output, "declaration_type"), f"{output.declaration_type} can't come here; {says}")
            break
        earlier = place
