"""Of which of their courses a file's rows are, of somebody who takes several and where no column says it: nothing is guessed.

Nothing here reads a database: what is stored comes in as plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.imports.rows import Row


def courses_of(
    rows: Sequence[Row], taken: Sequence[str], stored: Mapping[int, str], listed: Mapping[int, frozenset[str]]
) -> dict[int, str]:
    """The course of each row about one person, by the row's number; left out are those of which nobody can tell.

    `taken` are their courses. `stored` gives the course under which a row's key is stored, `listed` the courses that list what a row
    names: where it is in neither, any may be meant. Rows that are stored stay where they are; the others must all be listed in
    exactly one.
    """
    found = {row.number: stored[row.number] for row in rows if row.number in stored}
    others = [row for row in rows if row.number not in found]
    fitting = frozenset(taken).intersection(*(listed.get(row.number, frozenset(taken)) for row in others))
    if len(fitting) == 1:
        found.update(dict.fromkeys((row.number for row in others), *fitting))
    return found
