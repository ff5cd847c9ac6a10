"""Whether the blocks list what an `items` criterion names, and for each course something is named (reading 33)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reference.checks.given_entries import Asking, GivenEntries, listed, meant_by
from reference.criteria import Criterion, Item
from reference.named_items import activity_named, begun_so, folded, titles_of
from reference.pack import Activity
from reference.problems import Fault, PackPlace


def named_item_faults(given: GivenEntries) -> Iterator[Fault]:
    """The items of criteria, and what titles begin with."""
    for entry in given.asking:
        for criterion in given.leaves_of(entry):
            if criterion.shape == "items":
                yield from _named(given, entry, criterion)


def _named(given: GivenEntries, entry: Asking, criterion: Criterion) -> Iterator[Fault]:
    written = given.written[id(criterion)]
    if not written & {"items", "title_begins"}:
        says = "“items” or “title_begins” is needed for the shape items: which activities must be done"
        yield Fault(given.at(criterion, "items"), says)
        return
    if "items" in written and not criterion.items and id(criterion) not in given.partly:
        yield Fault(given.at(criterion, "items"), "“items” names none; name at least one")
        return
    codes = [course.code for course in given.courses if course.group in entry.groups]
    faults = [fault for item in criterion.items for fault in _item(given, item, codes)]
    yield from faults
    yield from _twice(given, criterion.items)
    sure = not faults and id(criterion) not in given.partly and _all_read(given)
    if "title_begins" in written:
        if _all_read(given):
            yield from _beginning(given, criterion, codes)
    elif sure and (without := [code for code in codes if all(item.course != code for item in criterion.items)]):
        says = f"no item is named for {listed(without)}, where this could never be met"
        yield Fault(given.at(criterion, "items"), f"{says}; name one for each, or give that group criteria of its own")


def _all_read(given: GivenEntries) -> bool:
    """Whether it is certain what the blocks list, and for which courses."""
    names, tables = given.names, ("course", "blocks.csv", "activities.csv")
    return all(table in names.complete and not names.faulty.get(table) for table in tables)


def _item(given: GivenEntries, item: Item, codes: Sequence[str]) -> Iterator[Fault]:
    if not _all_read(given):
        return
    theirs = [activity for activity in given.activities if activity.course == item.course]
    numbers = [block.block for block in given.blocks if block.course == item.course]
    if item.course not in codes:
        likely = "" if item.course in given.names.courses else meant_by(item.course, codes)
        says = f"“{item.course}” is none of the courses that this is for; {likely}"
        yield Fault(given.at(item, "course"), f"{says}there are {listed(codes)}")
    elif item.block not in numbers:
        yield Fault(given.at(item, "block"), f"{item.course} has no Block {item.block}; there are {listed(numbers)}")
    elif activity_named(item.title, held := [a for a in theirs if a.block == item.block]) is None:
        says = f"{item.course} Block {item.block} lists no activity “{item.title}”"
        yield Fault(given.at(item, "title"), f"{says}; {_instead(item.title, held, theirs)}")


def _instead(title: str, held: Sequence[Activity], theirs: Sequence[Activity]) -> str:
    """What is probably meant by a title that its block does not list."""
    elsewhere = activity_named(title, theirs)
    if elsewhere is not None:
        return f"it is in Block {elsewhere.block}"
    every = [name for activity in held for name in titles_of(activity)]
    return meant_by(title, every).strip() or "give a title as activities.csv has it"


def _twice(given: GivenEntries, items: Sequence[Item]) -> Iterator[Fault]:
    first: dict[tuple[str, int, str], PackPlace] = {}
    for item in items:
        held = [a for a in given.activities if (a.course, a.block) == (item.course, item.block)]
        found = activity_named(item.title, held)
        title = found.title if found else folded(item.title)
        at = given.at(item, "title")
        other = first.setdefault((item.course, item.block, title), at)
        if other != at:
            says = f"“{item.title}” of {item.course} Block {item.block} is given twice; leave one of them out"
            yield Fault(at, says, "the first is", other)


def _beginning(given: GivenEntries, criterion: Criterion, codes: Sequence[str]) -> Iterator[Fault]:
    beginning, at = criterion.title_begins or "", given.at(criterion, "title_begins")
    if not folded(beginning):
        yield Fault(at, "“title_begins”: it is blank; give words")
        return
    fits = {activity.course for activity in begun_so(beginning, given.activities)}
    if without := [code for code in codes if code not in fits]:
        yield Fault(at, f"no activity of {listed(without)} has a title that begins with “{beginning}”")
