"""Names in a header row as they are meant: what was written otherwise but can mean one thing only, and what may be mistyped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

NEAR = 80  # of 100: how alike a name must be to be thought of
_SHORTEST_PART = 5  # letters: less says too little to know a longer name by

_A_PATTERN = r"d{1,2}[/._-]m{1,3}[/._-]y{2,4}|y{4}[/._-]m{2}[/._-]d{2}"
_BESIDE = re.compile(rf"_*[(\[](?:{_A_PATTERN}|%|required|mandatory|optional)[)\]]")  # says how to fill a column in
_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_MARKS = re.compile(r"[\s_*:.,;?!#'’\"“”‐-―-]+")
_SEPARATOR = re.compile(r"[^\w \"'()-]")
_IN_WORDS = {"\t": "tabs", ";": "semicolons", ",": "commas"}


def bare(name: str) -> str:
    """A name (as `reading.header_name` gives it) without what changes nothing: dashes, blanks, stars, colons, "(dd/mm/yyyy)"."""
    return _MARKS.sub("", _BESIDE.sub("", name)) or name


def may_mean(ours: str, theirs: Iterable[str]) -> str | None:
    """Which of their names may be ours, mistyped or with more or less to it; None where none is like it."""
    from rapidfuzz import fuzz  # here: only a header that does not fit needs it

    wanted = bare(ours)
    scores = {}
    for name in theirs:
        given = bare(_IN_BRACKETS.sub("", name))
        scores[name] = max(fuzz.ratio(wanted, given), NEAR if _is_part(wanted, given) else 0)
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= NEAR else None


def _is_part(one: str, other: str) -> bool:
    """Whether one of two names stands in the other: "participant" for participant_id, "Credits earned" for credits."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _SHORTEST_PART and shorter in longer


def parted_by(cell: str, known: Collection[str]) -> str | None:
    """What stands between the names of a whole header in one cell, in words; None where it is none. `known` are bare names."""
    for mark in dict.fromkeys(_SEPARATOR.findall(cell)):
        if sum(bare(part.strip().casefold()) in known for part in cell.split(mark)) > 1:
            return _IN_WORDS.get(mark, f"“{mark}”" if mark.isprintable() else "a mark that nobody sees")
    return None
