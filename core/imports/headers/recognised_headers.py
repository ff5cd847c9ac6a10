"""Which kind of file a header row belongs to, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.imports.headers.mapping_files import NOTHING_MAPPED, ColumnMapping
from core.imports.kinds import KINDS, Kind
from core.spreadsheets.cells import listed, trimmed
from core.spreadsheets.file_problems import FileFault, shown
from core.spreadsheets.headings import bare, may_mean

_MOST_NAMED = 4  # of a header's names
_ID = "participant_id"
_SAID_EVERYWHERE = frozenset(
    {"email", "school", "status", "state", "title", "component", "course", "credits", "output", "result"}
)  # columns of ours that other systems' tables have as well, of whatever they are


class Lacking(FileFault):
    """A header lacks columns of its kind: `what` says which, and the message what would mend it as well."""

    def __init__(self, file: str, what: str, mend: str) -> None:
        super().__init__(file, f"{what} {mend}", row=1)
        self.what = what


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
    """The header (names as `reading.header_name` gives them) read as this kind.

    A name that differs from ours only in its marks ("Event-ID *") is ours, where no other column bears the very name.
    """
    places: dict[str, int] = {}
    ignored: list[str] = []
    twice: list[str] = []
    for index, (name, ours) in enumerate(zip(header, _meant(header, kind, mapping), strict=True)):
        if ours is None:
            if name:
                ignored.append(name)
        elif ours in places:
            twice.append(ours)
        else:
            places[ours] = index
    return Layout(kind, places, tuple(ignored), tuple(twice), header)


def _meant(header: tuple[str, ...], kind: Kind, mapping: ColumnMapping) -> list[str | None]:
    """The column of the kind that each name of a header stands for."""
    renamed = mapping.columns_for(kind.name)
    exactly = [renamed.get(name, name) for name in header]
    loosely = {bare(theirs): ours for theirs, ours in [*zip(kind.by_name, kind.by_name, strict=True), *renamed.items()]}
    meant = [
        ours if ours in kind.by_name else one if (one := loosely.get(bare(name))) not in exactly else None
        for name, ours in zip(header, exactly, strict=True)
    ]
    return [ours if ours in kind.by_name else None for ours in meant]


def recognise(
    file: str,
    header: tuple[str, ...],
    *,
    kind: Kind | None = None,
    hint: Kind | None = None,
    mapping: ColumnMapping = NOTHING_MAPPED,
    hidden: tuple[str, ...] = (),
    titles: tuple[str, ...] = (),
) -> Layout:
    """The layout of a file. With `kind` it has to be that one; `hint` decides where the header alone does not.
    `hidden` names columns that the sheet has and does not show; `titles` are the header's cells as they stand.

    Raises `FileFault` naming the missing columns of the nearest kind, or what the header could be where it says too
    little.
    """
    if kind is None:
        layouts = _possible([lay_out(header, one, mapping) for one in KINDS.values()])
        if mapping is NOTHING_MAPPED and _is_foreign(layouts):
            raise _foreign(file, layouts, titles or header)
        layout = _nearest(file, layouts, hint, mapping.kind, titles or header)
    else:
        layout = lay_out(header, kind, mapping)
    if layout.missing:
        raise _lacking(file, layout, titles or header, mapping, hidden)
    if layout.twice:
        raise FileFault(
            file,
            f"The header row has {listed(layout.twice, 'and')} more than once: keep one column of each name.",
            row=1,
        )
    return layout


def _possible(layouts: list[Layout]) -> list[Layout]:
    """Without those of a kind whose header never has a column that this one has."""
    there = {name for layout in layouts for name in layout.places}
    return [layout for layout in layouts if layout.kind.others.isdisjoint(there)]


def _lacking(
    file: str, layout: Layout, titles: tuple[str, ...], mapping: ColumnMapping, hidden: tuple[str, ...]
) -> FileFault:
    """What a header lacks, what it has instead, and what would mend it."""
    kind, missing = layout.kind.name, layout.missing
    renamed = mapping.columns_for(kind)
    if unseen := [one for one in missing if one in {renamed.get(name, name) for name in hidden}]:
        return FileFault(
            file, f"Excel hides {listed(unseen, 'and')}, which {kind} needs: show the column and save.", row=1
        )
    free = {name: title for name, title in zip(layout.header, titles, strict=True) if name in layout.ignored}
    near = {ours: shown(trimmed(free[name])) for ours in missing if (name := may_mean(ours, free)) is not None}
    has = listed([f"“{theirs}”, which may be {ours}" for ours, theirs in near.items()], "and") or named(titles)
    ours = next(iter(near), missing[0])
    return Lacking(
        file,
        f"The header row lacks {listed(missing, 'and')}, which {kind} needs; it has {has}.",
        f'Add the column or rename one (in a mapping file: [columns] "{near.get(ours, "their name")}" = "{ours}").',
    )


def _is_foreign(layouts: list[Layout]) -> bool:
    """Whether all that is known of a header is what any system's table may have, and nothing is like an id."""
    places = {name for layout in layouts for name in layout.places}
    return bool(places) and places <= _SAID_EVERYWHERE and may_mean(_ID, layouts[0].header) is None


def _foreign(file: str, layouts: list[Layout], titles: tuple[str, ...]) -> FileFault:
    known = {place for layout in layouts for place in layout.places.values()}
    names = listed([f"“{shown(trimmed(titles[place]))}”" for place in sorted(known)], "and")
    return FileFault(
        file,
        f"It seems to be another system's export: of its columns only {names} {'is' if len(known) == 1 else 'are'} known, which "
        "can't say who did what when (see “Other systems' files” in docs/files.md; a mapping file can translate names).",
        row=1,
    )


def named(titles: tuple[str, ...]) -> str:
    """The first few names of a header, as they stand."""
    given = [f"“{shown(text)}”" for title in titles if (text := trimmed(title))]
    further = len(given) - _MOST_NAMED
    return listed([*given[:_MOST_NAMED], f"{further} more"] if further > 0 else given, "and")


def _nearest(
    file: str, layouts: list[Layout], hint: Kind | None, stated: Kind | None, titles: tuple[str, ...]
) -> Layout:
    if fitting := [layout for layout in layouts if layout.fits]:
        best = [layout for layout in fitting if _score(layout) == max(map(_score, fitting))]
        if len(best) == 1:
            return best[0]
    elif stated is not None:
        return next(layout for layout in layouts if layout.kind is stated)
    else:
        best = [layout for layout in layouts if _nearness(layout) == max(map(_nearness, layouts))]
        if len(best) == 1 and not _has_only_id(best[0]):
            return best[0]
    for layout in layouts:
        if hint is not None and layout.kind.name == hint.name and (layout.missing or not _has_only_id(layout)):
            return layout
    if not any(layout.places for layout in layouts):
        raise FileFault(
            file,
            f"None of its columns is known: its first row has {named(titles)}, and must name the columns of "
            f"{listed(tuple(KINDS))} (docs/files.md has them; a mapping file can translate other names).",
            row=1,
        )
    if all(map(_has_only_id, layouts)):
        raise FileFault(
            file,
            f"Of its columns only {_ID} is known, which most kinds of file have: name the others as docs/files.md does, or "
            "translate them with a mapping file.",
            row=1,
        )
    raise FileFault(
        file,
        f"Its header row could be that of {listed([layout.kind.name for layout in best])}: say which with --kind.",
        row=1,
    )


def _has_only_id(layout: Layout) -> bool:
    return layout.places.keys() <= {_ID}


def _score(layout: Layout) -> int:
    return len(layout.places)


def _nearness(layout: Layout) -> tuple[int, int, bool]:
    """Of what could be either, somebody's rows are the more likely ones."""
    return len(layout.places), -len(layout.missing), layout.kind.is_personal
