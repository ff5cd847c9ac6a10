"""What people paste, without what came along with it at its ends: blanks, line ends, marks that nobody sees, quotation marks."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

QUOTATION_MARKS = frozenset("\"'`´“”„‟‘’‚‛«»‹›″′＂＇<>")
_UNSEEN = "Cf"  # Unicode's category: zero-width marks, byte order marks, soft hyphens
_BLANKS = frozenset({_UNSEEN, "Cc", "Zs", "Zl", "Zp"})


def bare(text: str) -> str:
    """The text without blanks, control characters, unseen and quotation marks around it, be it only one of a pair."""
    start, end = 0, len(text)
    while start < end and _came_along(text[start]):
        start += 1
    while start < end and _came_along(text[end - 1]):
        end -= 1
    return text[start:end]


def bare_path(text: str) -> str:
    """As `bare`, of what may hold quotation marks itself: one at its end alone goes only where none opens before it."""
    while True:
        text = _without_blanks(text)
        first, last = text[:1] in QUOTATION_MARKS, text[-1:] in QUOTATION_MARKS
        if not first and (not last or _opens_one(text[:-1])):
            return text
        text = text[first : len(text) - last]


def _opens_one(text: str) -> bool:
    """Whether a quotation mark stands there that is no apostrophe within a word."""
    return any(one in QUOTATION_MARKS and not before.isalnum() for before, one in pairwise(text))


def _without_blanks(text: str) -> str:
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start]) in _BLANKS:
        start += 1
    while start < end and unicodedata.category(text[end - 1]) in _BLANKS:
        end -= 1
    return text[start:end]


def without_unseen(text: str) -> str:
    """The text without marks that nobody sees, for what can hold none anywhere: an id, a token."""
    return "".join(character for character in text if unicodedata.category(character) != _UNSEEN)


def _came_along(character: str) -> bool:
    return character in QUOTATION_MARKS or unicodedata.category(character) in _BLANKS
