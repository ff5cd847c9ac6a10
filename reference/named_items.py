"""Which activities of the blocks an `items` criterion names: by course, block and title, or by how titles begin (reading 33)."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from reference.criteria import CriteriaGroup, Criterion, Item
from reference.pack import Activity

_UNSEEN = frozenset({"Mn", "Me", "Cf"})  # Unicode's categories: marks on letters, and what nobody sees
_APART = frozenset({"Pd", "Cc", "Zs", "Zl", "Zp"})  # dashes and spaces
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ´`′", "'"))


def folded(title: str) -> str:
    """A title as compared: no case, no accents, one kind of apostrophe, dashes as spaces, spaces once."""
    letters = unicodedata.normalize("NFKD", title.translate(_APOSTROPHES)).casefold()
    kept = ((c, unicodedata.category(c)) for c in letters)
    return " ".join("".join(" " if kind in _APART else c for c, kind in kept if kind not in _UNSEEN).split())


def titles_of(activity: Activity) -> list[str]:
    """What reports may call an activity: its title, and the printed one that this corrects (R51)."""
    return [activity.title, activity.title_printed] if activity.title_printed else [activity.title]


def activity_named(title: str, activities: Iterable[Activity]) -> Activity | None:
    """The activity with this title, spelt as freely as reports do; None where there is none."""
    known = {folded(name): activity for activity in activities for name in reversed(titles_of(activity))}
    return known.get(folded(title))


def begun_so(beginning: str, activities: Iterable[Activity]) -> Iterator[Activity]:
    """The activities of which a title begins so."""
    start = folded(beginning)
    whole_word = beginning != beginning.rstrip()  # "S " begins no "Survey"
    for activity in activities:
        if any(f"{folded(title)} ".startswith(f"{start} " if whole_word else start) for title in titles_of(activity)):
            yield activity


def with_items_listed(group: CriteriaGroup, courses: Collection[str], activities: Sequence[Activity]) -> CriteriaGroup:
    """The tree with each item of these courses as the blocks spell it, and one for each activity whose title begins so."""
    nodes = (
        with_items_listed(node, courses, activities)
        if isinstance(node, CriteriaGroup)
        else replace(node, items=tuple(dict.fromkeys(_listed(node, courses, activities))))
        if node.shape == "items"
        else node
        for node in group.nodes
    )
    return replace(group, nodes=tuple(nodes))


def _listed(criterion: Criterion, courses: Collection[str], activities: Sequence[Activity]) -> Iterator[Item]:
    for item in (item for item in criterion.items if item.course in courses):
        held = (a for a in activities if (a.course, a.block) == (item.course, item.block))
        found = activity_named(item.title, held)
        yield item if found is None else _item(found)
    if criterion.title_begins is not None:
        of_them = (a for a in activities if a.course in courses)
        yield from map(_item, begun_so(criterion.title_begins, of_them))


def _item(activity: Activity) -> Item:
    return Item(activity.course, activity.block, activity.title)
