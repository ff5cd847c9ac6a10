"""What people paste, without what came along with it at its ends: blanks, line ends, marks that nobody sees, quotation marks."""

from __future__ import annotations

import unicodedata

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


def without_unseen(text: str) -> str:
    """The text without marks that nobody sees, for what can hold none anywhere: an id, a token."""
    return "".join(character for character in text if unicodedata.category(character) != _UNSEEN)


def _came_along(character: str) -> bool:
    return character in QUOTATION_MARKS or unicodedata.category(character) in _BLANKS
