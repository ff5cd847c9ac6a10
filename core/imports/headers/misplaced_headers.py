"""Why a header that does not fit may not be one: the true one stands further down, is missing, or is another product's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.imports.headers import other_products
from core.imports.headers.mapping_files import NOTHING_MAPPED, ColumnMapping
from core.imports.headers.recognised_headers import Lacking, Layout, lay_out, named
from core.imports.kinds import KINDS, Kind
from core.spreadsheets.cells import listed
from core.spreadsheets.file_problems import FileFault
from core.spreadsheets.headings import bare, parted_by
from core.spreadsheets.reading import header_name

_A_VALUE = re.compile(r"[^\W\d_]{0,6}[-_/]?\d+(?:[-/.:]\w+)*|[^\s@]+@[^\s@]+")  # an id, a number, a day, an e-mail
MEANT_AS_ONE = 3  # known columns: a row with so many is meant as a header, also when one is missing
Numbered = tuple[int, list[str]]


def meant_as_header(layouts: Iterable[Layout]) -> bool:
    """Whether a row, laid out as each kind, is the header of one, complete or nearly so."""
    return any(layout.fits or len(layout.places) >= MEANT_AS_ONE for layout in layouts)


def explained(fault: FileFault, top: Sequence[Numbered], kinds: Sequence[Kind], mapping: ColumnMapping) -> str:
    """What to say of a file whose first row with anything in it is no header of ours; `fault` says what that row lacks."""
    if not top:
        return fault.message
    first, *below = top
    elsewhere = _in_one_cell(first) or _lower(below, first, kinds, mapping)
    if elsewhere is not None:
        return elsewhere
    product = other_products.said_of(row for _, row in top)
    if product is None:
        return _headless(first, below, mapping) or fault.message
    if mapping is NOTHING_MAPPED:
        return product
    lacks = fault.what if isinstance(fault, Lacking) else fault.message  # what would mend it, the product's advice says
    return f"{lacks} {product}"


def _headless(first: Numbered, below: Sequence[Numbered], mapping: ColumnMapping) -> str | None:
    """Where the first row looks like the rows below it, and not like names: that there seems to be no header."""
    filled = [place for place, cell in enumerate(first[1]) if cell.strip()]
    if len(filled) < 2 or any(_laid_out(first[1], kind, mapping).places for kind in KINDS.values()):
        return None
    rows = [first[1], *(row for _, row in below)]
    if not all(_A_VALUE.fullmatch(row[filled[0]].strip()) for row in rows if len(row) > filled[0]):
        return None
    return (
        f"The header row seems to be missing: the first row has {named(tuple(first[1]))}, as the rows below a header have. Add "
        "a first row that names the columns (docs/files.md)."
    )


def _in_one_cell(first: Numbered) -> str | None:
    cells = [cell for cell in first[1] if cell.strip()]
    known = {bare(name) for kind in KINDS.values() for name in kind.by_name}
    if len(cells) != 1 or (mark := parted_by(cells[0], known)) is None:
        return None
    return (
        f"All its columns stand in one cell, parted by {mark}: export it again as XLSX or as “CSV UTF-8”, without quotation "
        "marks around whole rows."
    )


def _lower(below: Sequence[Numbered], first: Numbered, kinds: Sequence[Kind], mapping: ColumnMapping) -> str | None:
    laid_out = [(number, [_laid_out(row, kind, mapping) for kind in kinds]) for number, row in below]
    at_first = max(len(_laid_out(first[1], kind, mapping).places) for kind in kinds)
    found = [
        (len(best.places), -number, best)
        for number, layouts in laid_out
        if meant_as_header(layouts) and len((best := max(layouts, key=_likely)).places) > at_first
    ]
    if not found:
        return None
    _, negative, layout = max(found, key=lambda one: one[:2])
    names = list(layout.places)
    return (
        f"The header must be the first row, and seems to be in row {-negative}, which has {listed(names, 'and')} as "
        f"{layout.kind.name} has: delete the rows above it."
    )


def _laid_out(row: list[str], kind: Kind, mapping: ColumnMapping) -> Layout:
    return lay_out(tuple(map(header_name, row)), kind, mapping)


def _likely(layout: Layout) -> tuple[bool, int]:
    return layout.fits, len(layout.places)
