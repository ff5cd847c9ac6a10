"""Which kind of file a header row belongs to, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.records.imports.cells import listed
from core.records.imports.kinds import KINDS, Kind
from core.records.imports.mapping import NOTHING_MAPPED, ColumnMapping
from core.records.imports.report import FileFault


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a kind's columns stand in a file: name -> index; and the header's names that mean nothing for this kind."""

    kind: Kind
    places: Mapping[str, int]
    ignored: tuple[str, ...]
    twice: tuple[str, ...]
    header: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that the header lacks."""
        return tuple(name for name in self.kind.required if name not in self.places)

    @property
    def fits(self) -> bool:
        """Whether a header like this says by itself that it is of this kind."""
        return not self.missing and (not self.kind.own or not self.kind.own.isdisjoint(self.places))


def lay_out(header: tuple[str, ...], kind: Kind, mapping: ColumnMapping = NOTHING_MAPPED) -> Layout:
    """The header (names as `reading.header_name` gives them) read as this kind."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    twice: list[str] = []
    renamed = mapping.columns_for(kind.name)
    for index, name in enumerate(header):
        ours = renamed.get(name, name)
        if ours not in kind.by_name:
            if name:
                ignored.append(name)
        elif ours in places:
            twice.append(ours)
        else:
            places[ours] = index
    return Layout(kind, places, tuple(ignored), tuple(twice), header)


def recognise(
    file: str,
    header: tuple[str, ...],
    *,
    kind: Kind | None = None,
    hint: Kind | None = None,
    mapping: ColumnMapping = NOTHING_MAPPED,
    hidden: tuple[str, ...] = (),
) -> Layout:
    """The layout of a file. With `kind` it has to be that one; `hint` decides where the header alone does not.
    `hidden` names columns that the sheet has and does not show.

    Raises `FileFault` naming the missing columns of the nearest kind, or what the header could be where it says too
    little.
    """
    if kind is None:
        layout = _nearest(file, [lay_out(header, one, mapping) for one in KINDS.values()], hint)
    else:
        layout = lay_out(header, kind, mapping)
    if layout.missing:
        renamed = mapping.columns_for(layout.kind.name)
        if unseen := [one for one in layout.missing if one in {renamed.get(name, name) for name in hidden}]:
            message = f"Excel hides {listed(unseen, 'and')}, which {layout.kind.name} needs: show the column and save."
            raise FileFault(file, message, row=1)
        raise FileFault(
            file,
            f"The header row lacks {listed(layout.missing, 'and')}, which {layout.kind.name} needs: "
            "add the column or rename one (a mapping file can do it).",
            row=1,
        )
    if layout.twice:
        raise FileFault(
            file,
            f"The header row has {listed(layout.twice, 'and')} more than once: keep one column of each name.",
            row=1,
        )
    return layout


def _nearest(file: str, layouts: list[Layout], hint: Kind | None) -> Layout:
    if fitting := [layout for layout in layouts if layout.fits]:
        best = [layout for layout in fitting if _score(layout) == max(map(_score, fitting))]
        if len(best) == 1:
            return best[0]
    else:
        best = [layout for layout in layouts if _nearness(layout) == max(map(_nearness, layouts))]
        if len(best) == 1 and not best[0].places.keys() <= {"participant_id"}:
            return best[0]
    for layout in layouts:
        if hint is not None and layout.kind.name == hint.name:
            return layout
    if not any(layout.places for layout in layouts):
        raise FileFault(
            file,
            f"None of its columns is known: the header row must name those of {listed(tuple(KINDS))} "
            "(a mapping file can translate other names).",
            row=1,
        )
    raise FileFault(
        file,
        f"Its header row could be that of {listed([layout.kind.name for layout in best])}: say which with --kind.",
        row=1,
    )


def _score(layout: Layout) -> int:
    return len(layout.places)


def _nearness(layout: Layout) -> tuple[int, int]:
    return len(layout.places), -len(layout.missing)
