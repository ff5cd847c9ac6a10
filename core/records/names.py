"""Names as they are compared: of people, Delivery Partners, schools, titles. One way for files, for what is typed and for what is kept.

Folding only finds which stored name is meant; what is stored, joined on and permitted by is always the stored name itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from core.records.letters import cleaned

SHORTEST_MISTYPED = 3  # letters: a shorter word that differs is another word

_UNSEEN = frozenset({"Mn", "Me", "Cf"})  # Unicode's categories
_APART = frozenset({"Pd", "Cc", "Zs", "Zl", "Zp"})
_ALIKE = str.maketrans(
    dict.fromkeys("‘’‛ʼʹ´`′＇", "'") | {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "\N{MINUS SIGN}": "-"},
)


def folded(name: str) -> str:
    """A name as compared: no case, no accents, no marks that nobody sees, one kind of apostrophe, and dashes as spaces.

    Letters that were damaged on the way are compared as they were meant.
    """
    if name.isascii():
        return " ".join(name.replace("`", "'").replace("-", " ").casefold().split())
    apart = unicodedata.normalize("NFKD", cleaned(name).casefold().translate(_ALIKE)).translate(_ALIKE)
    return " ".join("".join(map(_seen, apart)).casefold().split())


def _seen(character: str) -> str:
    """A character as far as it is compared: nothing of what only changes or hides others, and a space for a dash."""
    kind = unicodedata.category(character)
    return "" if kind in _UNSEEN else " " if kind in _APART else character


def alike(typed: str, names: Iterable[str]) -> list[str]:
    """Which of the names somebody may mean: the very one alone, else all that fold alike; mostly one, or none."""
    every = list(names)
    wanted = typed.strip()
    if wanted in every:
        return [wanted]
    key = folded(wanted)
    return [name for name in every if folded(name) == key]


def nearly(one: str, other: str) -> bool:
    """Whether two names that fold differently may still be one, mistyped: a letter in a word, or only points and spaces.

    Names that differ in a digit or in a whole word are two.
    """
    ours, theirs = _words(one), _words(other)
    if _digits(one) != _digits(other):
        return False
    if "".join(ours) == "".join(theirs):
        return True
    return len(ours) == len(theirs) and all(map(_mistyped, ours, theirs))


def _words(name: str) -> list[str]:
    bare = "".join(c for c in folded(name).replace("&", " and ") if c.isalnum() or c == " ")
    return bare.split()


def _digits(name: str) -> list[str]:
    return [character for character in name if character.isdecimal()]


def _mistyped(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA  # here: few questions need it, and each `npq status` would wait for it

    return one == other or (
        min(len(one), len(other)) >= SHORTEST_MISTYPED and OSA.distance(one, other, score_cutoff=1) <= 1
    )
