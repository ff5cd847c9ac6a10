"""Names as they are compared: of people, Delivery Partners, schools, titles. One way for files, for what is typed and for what is kept.

Folding only finds which stored name is meant; what is stored, joined on and permitted by is always the stored name itself.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from core.records.damaged_text import cleaned, is_plain

SHORTEST_MISTYPED = 3  # letters: a shorter word that differs is another word, and so are two words of just so many
MOST_CHANGED = 2  # letters that are left out of a long word, or change places in it
LONG_WORD = 6  # letters

_UNSEEN = frozenset({"Mn", "Me", "Cf"})  # Unicode's categories
_APART = frozenset({"Pd", "Cc", "Zs", "Zl", "Zp"})
_ALIKE = str.maketrans(
    dict.fromkeys("‘’‛ʼʹ´`′＇", "'") | {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "\N{MINUS SIGN}": "-"},
)


def folded(name: str) -> str:
    """A name as compared: no case, no accents, no marks that nobody sees, one kind of apostrophe, and dashes as spaces.

    Letters that were damaged on the way are compared as they were meant.
    """
    if is_plain(name):
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
    """Whether two names that fold differently may still be one, mistyped: by a letter or two in a word, by points, spaces or order.

    Names that differ in a digit or in a whole word are two.
    """
    return words_of(one).nearly(words_of(other))


class Words(NamedTuple):
    """A name as it is compared with those that it may be, mistyped."""

    digits: str
    words: tuple[str, ...]
    joined: str

    def nearly(self, other: Words) -> bool:
        """Whether the two may be one."""
        if self.digits != other.digits:
            return False
        if self.joined == other.joined or sorted(self.words) == sorted(other.words):
            return True
        return len(self.words) == len(other.words) and all(map(_mistyped, self.words, other.words))


def words_of(name: str) -> Words:
    """A name's words without points and the like, its digits apart."""
    bare = "".join(c for c in folded(name).replace("&", " and ") if c.isalnum() or c == " ")
    return Words("".join(filter(str.isdecimal, bare)), tuple(bare.split()), bare.replace(" ", ""))


def _mistyped(one: str, other: str) -> bool:
    """Whether a word may be another one mistyped: by one letter, or by two where no letter of the one is foreign to the other."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(longer) <= SHORTEST_MISTYPED:
        return False
    from rapidfuzz.distance import OSA  # here: few questions need it, and each `npq status` would wait for it

    changed = OSA.distance(shorter, longer, score_cutoff=MOST_CHANGED)
    if changed <= 1:
        return len(shorter) >= SHORTEST_MISTYPED
    return changed <= MOST_CHANGED and len(longer) >= LONG_WORD and not Counter(shorter) - Counter(longer)
