"""Reads the tree of one [[criteria]] or [[gate]]: the groups within it, its leaves, and what these name: items and weighted parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from reference.checks.given_entries import Asking
from reference.criteria import Combine, CriteriaGroup, Criterion, Item, Node, WeightedPart
from reference.entries.typed_entries import Wording
from reference.pack_files import meant
from reference.problems import PackPlace

Entry = TypeVar("Entry")
Thing = TypeVar("Thing")
DEEPEST = 20  # groups within one another
_OF_A_LEAF = ("key", "shape", "rule", "label", "owner")
_BELOW = ("part", "items")  # of a leaf: entries of their own


class ReadEntry(Protocol):
    """Makes an entry of what is given for it, notes its place, and tells what is wrong with it; then None."""

    def __call__(
        self, kind: type[Entry], table: str, given: object, at: PackPlace, wording: Wording | None = None, /
    ) -> Entry | None: ...


@dataclass(frozen=True, slots=True)
class _Group:
    """A criterion's entry that combines those below it."""

    combine: Combine
    n: int | None = None
    source: str = ""


class TreeReader:
    """Reads the trees of a pack's criteria or gates: one `table`. `placed` notes where something stands that no entry makes."""

    def __init__(
        self,
        table: str,
        entry: ReadEntry,
        placed: Callable[[object, PackPlace], None],
        wrong: Callable[[PackPlace, str], None],
        wording: Wording,
    ) -> None:
        self._table = table
        self._entry = entry
        self._placed = placed
        self._wrong = wrong
        hints = {key: f"a group has no “{key}”; leave it out" for key in _OF_A_LEAF}
        self._of_group = wording.also(hints, {})._replace(beside=("criterion",))
        hints = {
            "criterion": "a criterion with a shape has none below it; a group of criteria has “combine” instead",
            "parts": f"write each part under [[{self._table}.criterion.part]]",
        }
        self._of_leaf = wording.also(hints, {"parts": "part"})._replace(beside=_BELOW)
        self.partly: set[int] = set()  # groups and leaves, by identity, of which something below is faulty
        self.written: dict[int, frozenset[str]] = {}  # the keys that a leaf or part gives, by its identity

    def nodes(self, written: Mapping[str, Any], at: PackPlace, depth: int = 1) -> tuple[Sequence[Node], bool]:
        """What stands below an entry of the table or a group, and whether that is all of it: nothing is faulty."""
        given, header = written.get("criterion"), f"[[{self._table}{'.criterion' * depth}]]"
        if depth > DEEPEST:
            self._wrong(at, f"groups are nested too deeply here; {DEEPEST} within one another are taken")
            return (), False
        if given is None and any(meant(str(key), ("criterion",)) for key in written):
            return (), False  # it is misspelt, which is told
        if not isinstance(given, list) or not given:
            says = "no criterion is given" if depth == 1 else "this group has nothing below it"
            self._wrong(at.of("criterion"), f"{says}: write each under {header}")
            return (), False
        made = [self._node(each, at.of("criterion", n), depth) for n, each in enumerate(given)]
        sound = [node for node in made if node is not None]
        return sound, len(sound) == len(made)

    def tree(self, entry: Asking, nodes: Sequence[Node], at: PackPlace, *, whole: bool) -> CriteriaGroup:
        """The tree of an entry whose nodes were read."""
        return self._group(_Group(entry.combine, entry.n, entry.source), nodes, at, whole=whole)

    def _group(self, said: _Group, nodes: Sequence[Node], at: PackPlace, *, whole: bool) -> CriteriaGroup:
        group = CriteriaGroup(said.combine, tuple(nodes), said.n, said.source)
        self._placed(group, at)
        self.partly |= set() if whole else {id(group)}
        return group

    def _node(self, given: object, at: PackPlace, depth: int) -> Node | None:
        if not isinstance(given, Mapping):
            return self._entry(Criterion, "criterion", given, at)
        if "combine" in given and "shape" in given:
            says = "write “combine” for a group of criteria, or “shape” for one criterion, and leave the other out"
            self._wrong(at.of("shape"), says)
            return None
        if "combine" not in given and ("shape" in given or "criterion" not in given):
            return self._leaf(given, at)
        nodes, whole = self.nodes(given, at, depth + 1)
        rest = {key: value for key, value in given.items() if key != "criterion"}
        said = self._entry(_Group, "criterion", rest, at, self._of_group)
        return None if said is None else self._group(said, nodes, at, whole=whole)

    def _leaf(self, given: Mapping[str, Any], at: PackPlace) -> Criterion | None:
        rest = {key: value for key, value in given.items() if key not in _BELOW}
        says = f"write each part under [[{self._table}.criterion.part]]"
        parts, whole_parts = self._below(WeightedPart, "part", given, at, says)
        says = 'write a list: items = [{ course = "NPQLT", block = 1, title = "Unit 1" }]'
        items, whole_items = self._below(Item, "items", given, at, says)
        read = self._entry(Criterion, "criterion", rest, at, self._of_leaf)
        if read is None:
            return None
        criterion = replace(read, parts=parts, items=items)
        self._placed(criterion, at)
        self.written[id(criterion)] = frozenset(given)
        self.partly |= set() if whole_parts and whole_items else {id(criterion)}
        return criterion

    def _below(
        self, kind: type[Thing], key: str, given: Mapping[str, Any], at: PackPlace, says: str
    ) -> tuple[tuple[Thing, ...], bool]:
        """The items or parts of a leaf, and whether all of them are sound."""
        listed = given.get(key, [])
        if not isinstance(listed, list):
            self._wrong(at.of(key), says)
            return (), False
        made = [(each, self._entry(kind, key, each, at.of(key, n))) for n, each in enumerate(listed)]
        sound = [(each, thing) for each, thing in made if thing is not None]
        self.written.update((id(thing), frozenset(each)) for each, thing in sound)
        return tuple(thing for _, thing in sound), len(sound) == len(made)
